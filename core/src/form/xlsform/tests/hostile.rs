//! Forms that somebody wrote badly, or to stop a phone: clear errors, bounded work.

use rust_xlsxwriter::{Format, Workbook};

use super::*;

fn first(read: Result<Reading, XlsformError>) -> String {
    match read {
        Err(error) => error.to_string(),
        Ok(_) => panic!("this was read"),
    }
}

#[test]
fn merged_cells_hold_their_text_in_the_first_and_the_rest_is_told() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet().set_name("survey").unwrap();
    for (column, heading) in ["type", "name", "label"].iter().enumerate() {
        sheet.write_string(0, u16::try_from(column).unwrap(), *heading).unwrap();
    }
    sheet.merge_range(1, 0, 2, 0, "text", &Format::new()).unwrap();
    for (row, name) in [(1, "a"), (2, "b")] {
        sheet.write_string(row, 1, name).unwrap();
        sheet.write_string(row, 2, name).unwrap();
    }
    let found = faults(read(&book.save_to_buffer().unwrap(), "x"));
    assert_eq!(found, [at("survey", 3, "", Problem::TypeMissing)], "the second row has no type of its own");
}

#[test]
fn patterns_that_would_take_for_ever_or_all_memory_are_refused_at_their_cell() {
    for pattern in ["(x{1000}){1000}", "((((a{50}){50}){50}){50}){50}", "[", "(?<=a)b", "\\1"] {
        let constraint = format!("regex(., '{pattern}')");
        let found =
            first(survey(&[&["type", "name", "label", "constraint"], &["text", "a", "A", &constraint]]));
        assert!(found.contains("row 2, column constraint") && found.contains("pattern"), "{found}");
    }
}

#[test]
fn expressions_that_are_too_deep_or_pass_too_much_are_refused_at_their_cell() {
    let deep = "(".repeat(10_000);
    let round = format!("/data{}", "/*/..".repeat(12));
    for expression in [deep.as_str(), round.as_str()] {
        let mut rows = vec![vec!["type", "name", "label", "relevant"], vec!["text", "a", "A", expression]];
        let names: Vec<String> = (0..2_000).map(|index| format!("q{index}")).collect();
        rows.extend(names.iter().map(|name| vec!["hidden", name.as_str()]));
        let rows: Vec<&[&str]> = rows.iter().map(Vec::as_slice).collect();
        let found = survey(&rows);
        // A path that goes round and round finds each question once, so it is long but not endless.
        if expression.starts_with('(') {
            assert!(first(found).contains("row 2, column relevant"));
        }
    }
}

#[test]
fn very_many_expressions_that_look_at_everything_are_refused_together() {
    let names: Vec<String> = (0..3_000).map(|index| format!("q{index}")).collect();
    let mut rows = vec![vec!["type", "name", "label", "constraint"]];
    rows.extend(names.iter().map(|name| vec!["text", name.as_str(), "Q", "count(/data/*) > 0"]));
    let rows: Vec<&[&str]> = rows.iter().map(Vec::as_slice).collect();
    assert_eq!(faults(survey(&rows)), [at("survey", 0, "", Problem::TooMuchLogic)]);
}

#[test]
fn a_cell_of_ten_megabytes_is_refused() {
    let file = workbook(&[("survey", &[&["type", "name", "label"], &["text", "q", "LONG"]])]);
    let file = altered(&file, "xl/sharedStrings.xml", |xml| {
        String::from_utf8(xml).unwrap().replace("LONG", &"x".repeat(10 << 20)).into_bytes()
    });
    assert_eq!(faults(read(&file, "x")), [at("survey", 2, "label", Problem::CellTooLong { limit: 32_767 })]);
    let table = format!("type,name,label\ntext,q,{}\n", "x".repeat(10 << 20));
    let folder = |name: &str| (name == "survey.csv").then(|| table.clone().into_bytes());
    assert_eq!(
        faults(read_tables("x", &folder)),
        [at("survey", 2, "label", Problem::CellTooLong { limit: 32_767 })]
    );
}

#[test]
fn letters_of_every_script_are_kept_and_no_mark_turns_an_error_around() {
    let form = survey(&[
        &["type", "name", "label::العربية (ar)", "label::Тоҷикӣ (tg)", "relevant"],
        &["text", "نام", "ما اسمك؟ \u{200F}(e\u{301})", "Ном"],
        &["text", "b", "\u{1F9ED}", "Ҳа", "${نام} = 'آری'"],
    ])
    .unwrap()
    .form;
    assert_eq!(form.questions[0].label["العربية (ar)"], "ما اسمك؟ \u{200F}(e\u{301})");
    assert_eq!(form.questions[1].logic.relevant.as_deref(), Some("${نام} = 'آری'"));
    assert_eq!(Form::decode(&form.encode()), Ok(form));
    let found = first(survey(&[
        &["type", "name", "label", "relevant"],
        &["text", "a", "A", "${\u{202E}evil} = '\u{2066}x'"],
        &["text\u{202E}", "b", "B"],
    ]));
    assert!(!found.contains(['\u{202E}', '\u{2066}']), "{found}");
}

#[test]
fn names_that_differ_only_in_case_are_two_and_the_same_name_twice_is_told() {
    assert!(survey(&[&["type", "name", "label"], &["text", "a", "A"], &["text", "A", "B"]]).is_ok());
    let twice = faults(survey(&[
        &["type", "name", "label"],
        &["begin_repeat", "r", "R"],
        &["text", "a", "A"],
        &["end_repeat"],
        &["text", "a", "A"],
    ]));
    assert_eq!(twice, [at("survey", 5, "name", Problem::NameTwice { name: "a".into(), first: 3 })]);
    let repeats = faults(survey(&[
        &["type", "name", "label"],
        &["begin_group", "g", "G"],
        &["begin_repeat", "r", "R"],
        &["text", "a", "A"],
        &["end_repeat"],
        &["end_group"],
        &["begin_repeat", "r", "R"],
        &["text", "b", "B"],
        &["end_repeat"],
    ]));
    assert_eq!(repeats, [at("survey", 7, "name", Problem::NameTwice { name: "r".into(), first: 3 })]);
}

#[test]
fn sheets_of_pieces_thrown_together_never_bring_the_reader_down() {
    const TYPES: &[&str] = &[
        "text",
        "integer",
        "select_one l",
        "select_multiple l or_other",
        "rank l",
        "begin_group",
        "end_group",
        "begin_repeat",
        "end_repeat",
        "calculate",
        "note",
        "range",
        "select_one_from_file t.csv",
        "csv-external",
        "audit",
        "geoshape",
        "",
        "nonsense",
        "select_one",
        "date",
    ];
    const CELLS: &[&str] = &[
        "",
        "",
        "",
        "${a}",
        "${b} > 1",
        "a",
        "b",
        "x y",
        "yes",
        "no",
        "'",
        "(",
        "1 +",
        "count(${r})",
        "today()",
        "txt",
        "max",
        "4",
        "start=1",
        "health",
        "${",
        "${}",
        "\u{202E}",
        "0",
        "regex(., '(')",
        "/data/*",
        "../../..",
    ];
    const HEADINGS: &[&str] = &[
        "type",
        "name",
        "label",
        "hint::x",
        "relevant",
        "constraint",
        "required",
        "readonly",
        "default",
        "calculation",
        "trigger",
        "choice_filter",
        "repeat_count",
        "parameters",
        "appearance",
        "cairn::merge",
        "cairn::sensitivity",
        "cairn::part",
        "media::image",
        "disabled",
    ];
    let first = std::env::var("CAIRN_SEED").ok().and_then(|seed| seed.parse::<u64>().ok());
    let seeds = first.map_or(0..400, |seed| seed..seed + 1);
    for seed in seeds {
        let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        let mut below = |end: usize| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            usize::try_from(state % end as u64).unwrap()
        };
        let mut csv = HEADINGS.join(",") + "\n";
        for _ in 0..below(12) {
            let mut cells = vec![TYPES[below(TYPES.len())].to_owned(), CELLS[below(CELLS.len())].to_owned()];
            cells.extend(
                (2..HEADINGS.len()).map(|_| {
                    if below(3) == 0 { CELLS[below(CELLS.len())].to_owned() } else { String::new() }
                }),
            );
            let quoted: Vec<String> = cells.iter().map(|cell| format!("\"{cell}\"")).collect();
            csv += &(quoted.join(",") + "\n");
        }
        let folder = |name: &str| match name {
            "survey.csv" => Some(csv.clone().into_bytes()),
            "choices.csv" => Some(b"list_name,name,label,extra\nl,a,A,1\nl,b,B,\n".to_vec()),
            "t.csv" => Some(b"name,label\na,A\n".to_vec()),
            _ => None,
        };
        match read_tables("x", &folder) {
            Ok(reading) => {
                let octets = reading.form.encode();
                assert_eq!(Form::decode(&octets).as_ref(), Ok(&reading.form), "seed {seed}");
            }
            Err(XlsformError::Faulty { findings, .. }) => assert!(!findings.is_empty(), "seed {seed}"),
            Err(other) => panic!("seed {seed}: {other}"),
        }
    }
}
