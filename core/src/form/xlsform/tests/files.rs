use super::*;
use crate::form::Kind;

const TOWNS: &str = "name,label,label::Русский (ru),land\nkhj,Khujand,Худжанд,tj\nosh,\"Osh, city\",Ош,kg\n";

fn file(name: &str) -> Option<Vec<u8>> {
    let text = match name {
        "towns.csv" => TOWNS,
        "codes.csv" => "code,title\n1,One\n2,Two\n",
        "prices.csv" => "\u{FEFF}item,price\nbread,3\n",
        "twice.csv" => "name,label\na,A\na,B\n",
        "headless.csv" => ",\n1,2\n",
        "quote.csv" => "name,label\na,\"A\n",
        _ => return None,
    };
    Some(text.as_bytes().to_vec())
}

fn survey_with_files(rows: Rows<'_>) -> Result<Reading, XlsformError> {
    read_with(&workbook(&[("survey", rows), ("settings", &[&["version"], &["1"]])]), "form", &file)
}

#[test]
fn lists_and_tables_come_from_files_beside_the_form() {
    let Reading { form, warnings } = survey_with_files(&[
        &["type", "name", "label", "choice_filter", "parameters", "calculation"],
        &["text", "land", "Land"],
        &["select_one_from_file towns.csv", "town", "Town", "land = ${land}"],
        &["select multiple from file codes.csv", "codes", "Codes", "", "value=code label=title"],
        &["calculate", "price", "", "", "", "pulldata('prices', 'price', 'item', 'bread')"],
    ])
    .unwrap();
    assert_eq!(warnings, []);
    assert_eq!(form.question("town").unwrap().kind, Kind::SelectOne("towns".into()));
    let towns = &form.lists["towns"];
    assert_eq!(
        (towns[1].label[""].as_str(), towns[0].label["Русский (ru)"].as_str()),
        ("Osh, city", "Худжанд")
    );
    assert_eq!(towns[0].columns["land"], "tj");
    let codes = &form.lists["codes"];
    assert_eq!((codes[1].name.as_str(), codes[1].label[""].as_str()), ("2", "Two"));
    assert_eq!(codes[1].columns["title"], "Two", "filters may name the file's own columns");
    assert_eq!(form.tables["prices"].cell(0, "price"), Some("3"));
    assert_eq!(Form::decode(&form.encode()), Ok(form));
}

#[test]
fn a_file_that_is_missing_or_no_table_is_named_where_it_is_needed() {
    let missing = |file: &str| Problem::FileMissing { file: file.into() };
    let row = |kind: &str| -> Vec<(String, Option<u32>, Option<String>, Problem)> {
        faults(survey_with_files(&[&["type", "name", "label"], &[kind, "q", "Q"]]))
    };
    let named = |problem| [at("survey", 2, "type", problem)];
    assert_eq!(row("select_one_from_file gone.csv"), named(missing("gone.csv")));
    assert_eq!(row("select_one_from_file a.geojson"), named(Problem::FileKind { file: "a.geojson".into() }));
    assert_eq!(
        row("select_one_from_file ../../etc/passwd.csv"),
        named(Problem::FileKind { file: "../../etc/passwd.csv".into() })
    );
    let twice = Problem::FileTwice { file: "twice.csv".into(), name: "a".into() };
    assert_eq!(row("select_one_from_file twice.csv"), named(twice));
    let headless = Problem::FileHeadings { file: "headless.csv".into() };
    assert_eq!(row("select_one_from_file headless.csv"), named(headless));
    let column = Problem::FileColumn { file: "codes.csv".into(), column: "name".into() };
    assert_eq!(row("select_one_from_file codes.csv"), named(column));
    assert!(matches!(row("select_one_from_file quote.csv")[0].3, Problem::FileBad { .. }));
    let table = faults(survey_with_files(&[
        &["type", "name", "calculation"],
        &["calculate", "q", "pulldata('gone', 'a', 'b', 'c')"],
    ]));
    assert_eq!(table, [at("survey", 0, "", missing("gone.csv"))]);
}

#[test]
fn lists_of_the_old_external_sheet_are_lists() {
    let survey: Rows<'_> = &[
        &["type", "name", "label", "choice_filter"],
        &["text", "land", "Land"],
        &["select_one_external towns", "town", "Town", "land=${land}"],
    ];
    let external: Rows<'_> = &[&["list_name", "name", "label", "land"], &["towns", "khj", "Khujand", "tj"]];
    let file = workbook(&[("survey", survey), ("external_choices", external)]);
    assert_eq!(read(&file, "x").unwrap().form.lists["towns"][0].columns["land"], "tj");
    let control = workbook(&[("survey", survey)]);
    assert_eq!(
        faults(read(&control, "x")),
        [at("survey", 3, "type", Problem::ListUnknown { list: "towns".into() })]
    );
}

#[test]
fn a_form_kept_as_text_tables_is_the_same_form() {
    let survey: Rows<'_> = &[
        &["type", "name", "label::English (en)", "label::العربية (ar)", "relevant"],
        &["select_one yn", "ok", "All right?", "هل أنت بخير؟"],
        &["text", "why", "Why, \"really\"?", "لماذا؟", "${ok} = 'n'"],
    ];
    let choices: Rows<'_> =
        &[&["list_name", "name", "label::English (en)"], &["yn", "y", "Yes"], &["yn", "n", "No"]];
    let settings: Rows<'_> = &[&["form_id", "version"], &["check", "7"]];
    let csv = |rows: Rows<'_>| {
        let line = |row: &&[&str]| {
            let cells: Vec<String> =
                row.iter().map(|cell| format!("\"{}\"", cell.replace('"', "\"\""))).collect();
            cells.join(",") + "\r\n"
        };
        rows.iter().map(line).collect::<String>().into_bytes()
    };
    let folder = |name: &str| match name {
        "survey.csv" => Some(csv(survey)),
        "choices.csv" => Some(csv(choices)),
        "settings.csv" => Some(csv(settings)),
        _ => None,
    };
    let tables = read_tables("folder", &folder).unwrap();
    let sheets =
        read(&workbook(&[("survey", survey), ("choices", choices), ("settings", settings)]), "x").unwrap();
    assert_eq!(tables, sheets);
    assert_eq!(faults(read_tables("x", &|_| None)), [at("survey", 0, "", Problem::SheetMissing)]);
    let torn = read_tables("x", &|name| (name == "survey.csv").then(|| b"type,name\ntext,\xFF\n".to_vec()));
    assert!(matches!(torn, Err(XlsformError::Table { line: 2, .. })), "{torn:?}");
}

#[test]
fn a_form_says_in_its_settings_that_its_records_are_sealed() {
    let survey: Rows<'_> = &[&["type", "name", "label"], &["text", "seen", "Seen"]];
    let sealed = |word: &str| {
        let settings: Rows<'_> = &[&["version", "sealed"], &["1", word]];
        read(&workbook(&[("survey", survey), ("settings", settings)]), "x")
    };
    for (word, expected) in [("yes", true), ("no", false), ("", false)] {
        assert_eq!(sealed(word).unwrap().form.sealed, expected, "{word}");
    }
    assert_eq!(faults(sealed("perhaps")), [at("settings", 2, "sealed", Problem::SealedBad)]);
    let parted: Rows<'_> = &[&["type", "name", "label", "cairn::part"], &["text", "seen", "Seen", "health"]];
    let settings: Rows<'_> = &[&["version", "sealed"], &["1", "yes"]];
    let parts = read(&workbook(&[("survey", parted), ("settings", settings)]), "x");
    let fault = crate::form::Unsound::SealedPart { question: "seen".to_owned() };
    assert_eq!(faults(parts), [at("survey", 0, "", Problem::Unsound { fault })]);
}
