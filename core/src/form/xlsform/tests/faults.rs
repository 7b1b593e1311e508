use super::*;

fn name(name: &str) -> Problem {
    Problem::NameBad { name: name.to_owned() }
}

#[test]
fn everything_wrong_in_a_survey_is_listed_with_its_place() {
    let found = faults(survey(&[
        &["type", "name", "label"],
        &["text", "a", "A"],
        &["osm", "picture", "Picture"],
        &["texxt", "b", "B"],
        &["text", "a", "Again"],
        &["text", "1st", "First"],
        &["text", "a/b", "Path"],
        &["text", "", "Nameless"],
        &["", "typeless", "Typeless"],
        &["select_one", "c", "C"],
        &["select_multiple nowhere", "d", "D"],
        &["calculate", "e"],
        &["end_group"],
        &["begin_group", "open", "Open"],
        &["begin_repeat", "again", "Again"],
        &["text", "inside", "Inside"],
        &["end_repeat"],
    ]));
    let owned = str::to_owned;
    assert_eq!(
        found,
        [
            at("survey", 3, "type", Problem::TypeUnsupported { kind: owned("osm"), name: owned("picture") }),
            at("survey", 4, "type", Problem::TypeUnknown { kind: owned("texxt"), name: owned("b") }),
            at("survey", 5, "name", Problem::NameTwice { name: owned("a"), first: 2 }),
            at("survey", 6, "name", name("1st")),
            at("survey", 7, "name", name("a/b")),
            at("survey", 8, "", Problem::NameMissing),
            at("survey", 9, "", Problem::TypeMissing),
            at("survey", 10, "type", Problem::ListMissing),
            at("survey", 11, "type", Problem::ListUnknown { list: owned("nowhere") }),
            at("survey", 12, "", Problem::CalculationMissing),
            at("survey", 13, "type", Problem::GroupNotBegun),
            at("survey", 14, "", Problem::GroupNotEnded { name: owned("open") }),
        ]
    );
}

#[test]
fn everything_wrong_in_the_choices_is_listed_with_its_place() {
    let survey: Rows<'_> = &[&["type", "name", "label"], &["select_one l", "q", "Q"]];
    let choices: Rows<'_> = &[
        &["list_name", "name", "label"],
        &["l", "a", "A"],
        &["l", "a b", "Two words"],
        &["l", "a/b", "Path"],
        &["l", "a", "Again"],
        &["l", "", "Nameless"],
        &["", "x", "Listless"],
        &["two words", "y", "Y"],
    ];
    let bad = |name: &str| Problem::ChoiceNameBad { name: name.to_owned() };
    assert_eq!(
        faults(read(&workbook(&[("survey", survey), ("choices", choices)]), "x")),
        [
            at("choices", 3, "name", bad("a b")),
            at("choices", 4, "name", bad("a/b")),
            at("choices", 5, "name", Problem::ChoiceTwice { name: "a".into(), first: 2 }),
            at("choices", 6, "", Problem::NameMissing),
            at("choices", 7, "", Problem::ChoiceListMissing),
            at("choices", 8, "list_name", bad("two words")),
        ]
    );
}

#[test]
fn missing_sheets_and_columns_are_named() {
    let nothing = workbook(&[("notes", &[&["x"]])]);
    assert_eq!(faults(read(&nothing, "x")), [at("survey", 0, "", Problem::SheetMissing)]);
    assert_eq!(faults(survey(&[])), [at("survey", 0, "", Problem::Empty)]);
    assert_eq!(faults(survey(&[&["type", "name"]])), [at("survey", 0, "", Problem::Empty)]);
    let headless = faults(survey(&[&["kind", "label"], &["text", "A"]]));
    assert_eq!(
        headless,
        [
            at("survey", 1, "", Problem::ColumnMissing { column: "type" }),
            at("survey", 1, "", Problem::ColumnMissing { column: "name" })
        ]
    );
    let twice = faults(survey(&[&["type", "name", "label", "Label"], &["text", "a", "A", "B"]]));
    assert_eq!(twice, [at("survey", 1, "Label", Problem::ColumnTwice)]);
    let sheets: &[(&str, Rows<'_>)] =
        &[("survey", &[&["type", "name"], &["hidden", "a"]]), ("choices", &[&["list"], &["l"]])];
    assert_eq!(
        faults(read(&workbook(sheets), "x")),
        [
            at("choices", 1, "", Problem::ColumnMissing { column: "list_name" }),
            at("choices", 1, "", Problem::ColumnMissing { column: "name" })
        ]
    );
}

#[test]
fn groups_lie_sixteen_deep_and_no_deeper() {
    let nested = |depth: usize| {
        let names: Vec<String> = (0..depth).map(|number| format!("g{number}")).collect();
        let mut rows = vec![vec!["type", "name", "label"]];
        rows.extend(names.iter().map(|name| vec!["begin_group", name.as_str(), "G"]));
        rows.push(vec!["text", "q", "Q"]);
        rows.extend(names.iter().map(|_| vec!["end_group"]));
        let rows: Vec<&[&str]> = rows.iter().map(Vec::as_slice).collect();
        survey(&rows)
    };
    assert_eq!(nested(16).unwrap().form.groups.len(), 16);
    assert_eq!(faults(nested(17)), [at("survey", 18, "", Problem::TooDeep { limit: 16 })]);
}

#[test]
fn sibling_groups_cannot_share_a_name_but_cousins_can() {
    let cousins = survey(&[
        &["type", "name", "label"],
        &["begin_group", "a"],
        &["begin_group", "x"],
        &["text", "q1", "Q"],
        &["end_group"],
        &["end_group"],
        &["begin_group", "b"],
        &["begin_group", "x"],
        &["text", "q2", "Q"],
        &["end_group"],
        &["end_group"],
    ]);
    assert_eq!(cousins.unwrap().form.groups.len(), 4);
    let siblings = survey(&[
        &["type", "name"],
        &["begin_group", "x"],
        &["end_group"],
        &["begin_group", "x"],
        &["end_group"],
        &["hidden", "q"],
    ]);
    let twice = Problem::NameTwice { name: "x".into(), first: 2 };
    assert_eq!(faults(siblings), [at("survey", 4, "name", twice)]);
}

#[test]
fn a_cell_longer_than_a_spreadsheet_allows_is_refused() {
    let file = workbook(&[("survey", &[&["type", "name", "label"], &["text", "q", "LONG"]])]);
    let file = altered(&file, "xl/sharedStrings.xml", |xml| {
        String::from_utf8(xml).unwrap().replace("LONG", &"é".repeat(32_768)).into_bytes()
    });
    assert_eq!(faults(read(&file, "x")), [at("survey", 2, "label", Problem::CellTooLong { limit: 32_767 })]);
}

#[test]
fn findings_say_where_and_what_to_write() {
    let error = survey(&[&["type", "name", "label"], &["osm", "p", "P"]]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "one thing in this form must be corrected:\n- survey, row 2, column type: the type `osm` is not \
         supported yet (question `p`); use another type from docs/FORMS.md, or remove the row until Cairn \
         supports it"
    );
}

#[test]
fn a_form_too_large_to_travel_is_refused_here_and_not_on_the_phone() {
    let labels: Vec<String> = (0..60).map(|_| "x".repeat(20_000)).collect();
    let names: Vec<String> = (0..60).map(|number| format!("c{number}")).collect();
    let file = |image: &str| {
        let mut rows = vec![vec!["list_name", "name", "label", "image"]];
        let texts = names.iter().zip(&labels);
        rows.extend(texts.map(|(name, label)| vec!["l", name.as_str(), label.as_str(), image]));
        let rows: Vec<&[&str]> = rows.iter().map(Vec::as_slice).collect();
        workbook(&[("survey", &[&["type", "name"], &["hidden", "q"]]), ("choices", &rows)])
    };
    assert!(
        read(&file(""), "x").unwrap().form.apart.contains_key("l"),
        "control: without pictures it travels apart"
    );
    let found = faults(read(&file("a.png"), "x"));
    assert!(
        matches!(found[0].3, Problem::FormTooLarge { octets, limit: limits::FORM } if octets > limits::FORM)
    );
}

#[test]
fn more_questions_than_a_form_can_hold_are_refused_here_too() {
    let names: Vec<String> = (0..=limits::QUESTIONS).map(|number| format!("q{number}")).collect();
    let mut rows = vec![vec!["type", "name"]];
    rows.extend(names.iter().map(|name| vec!["hidden", name.as_str()]));
    let rows: Vec<&[&str]> = rows.iter().map(Vec::as_slice).collect();
    let fault = crate::form::Unsound::TooMany { what: "questions", limit: limits::QUESTIONS };
    assert_eq!(faults(survey(&rows)), [at("survey", 0, "", Problem::Unsound { fault })]);
}
