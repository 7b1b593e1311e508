use super::*;

#[test]
fn logic_that_is_not_supported_is_never_left_out_in_silence() {
    for column in [
        "relevant",
        "Relevance",
        "bind::relevant",
        "constraint",
        "choice_filter",
        "repeat_count",
        "default",
        "readonly",
        "read_only",
        "trigger",
        "cairn::sensitivity",
        "save_to",
    ] {
        let rows: Rows<'_> =
            &[&["type", "name", "label", column], &["text", "a", "A"], &["text", "b", "B", "x"]];
        assert_eq!(faults(survey(rows)), [at("survey", 3, column, Problem::LogicUnsupported)], "{column}");
        let empty = survey(&[&["type", "name", "label", column], &["text", "a", "A"]]).unwrap();
        assert_eq!(empty.warnings, [], "{column}");
    }
    let on_group = survey(&[
        &["type", "name", "label", "relevant"],
        &["begin_group", "g", "G", "${a} = 1"],
        &["text", "a", "A"],
        &["end_group"],
    ]);
    assert_eq!(faults(on_group), [at("survey", 2, "relevant", Problem::LogicUnsupported)]);
}

#[test]
fn expressions_where_only_constants_can_stand_are_named() {
    let found = faults(survey(&[
        &["type", "name", "label", "required", "calculation", "cairn::merge"],
        &["text", "a", "A", "${b} = 'x'"],
        &["calculate", "b", "", "", "${a} + 1"],
        &["text", "c", "C", "", "'abc'"],
        &["integer", "d", "D", "", "", "ctr"],
        &["integer", "e", "E", "", "", "txt"],
    ]));
    let merge = |merge: &str| Problem::MergeUnsupported { merge: merge.to_owned() };
    assert_eq!(
        found,
        [
            at("survey", 2, "required", Problem::RequiredUnsupported),
            at("survey", 3, "calculation", Problem::CalculationUnsupported),
            at("survey", 4, "calculation", Problem::CalculationMisplaced),
            at("survey", 5, "cairn::merge", merge("ctr")),
            at("survey", 6, "cairn::merge", merge("txt")),
        ]
    );
}

#[test]
fn what_only_changes_the_looks_is_a_warning() {
    let survey: Rows<'_> = &[
        &[
            "type",
            "name",
            "label",
            "media::image",
            "constraint_message",
            "parameters",
            "unused",
            "required",
            "appearance",
        ],
        &["text", "a", "Dear ${b}", "a.png", "No.", "rows=3"],
        &["text", "b"],
        &["note", "", "Read this", "", "", "", "", "yes"],
        &["begin_group", "g", "", "", "", "", "", "", "field-list"],
        &["end_group"],
        &["", "", "", "a remark"],
    ];
    let settings: Rows<'_> = &[&["default_language", "style"], &["Klingon (tlh)", "pages"], &["", "more"]];
    let file = workbook(&[("survey", survey), ("settings", settings)]);
    let Reading { form, warnings } = read(&file, "a file").unwrap();
    assert_eq!((form.id.as_str(), form.version.as_str()), ("a file", "1"));
    assert_eq!(form.questions[2].name, "generated_note_name_4");
    assert!(!form.questions[2].required);
    assert_eq!(
        places(warnings),
        [
            at("survey", 1, "media::image", Problem::ColumnIgnored),
            at("survey", 1, "constraint_message", Problem::ColumnIgnored),
            at("survey", 1, "parameters", Problem::ColumnIgnored),
            at("survey", 2, "label", Problem::LabelReference),
            at("survey", 3, "", Problem::LabelMissing { name: "b".into() }),
            at("survey", 4, "required", Problem::RequiredIgnored),
            at("survey", 5, "appearance", Problem::AppearanceIgnored),
            at("survey", 7, "", Problem::RowIgnored),
            at("settings", 0, "", Problem::LanguageUnknown { language: "Klingon (tlh)".into() }),
            at("settings", 1, "style", Problem::ColumnIgnored),
            at("settings", 2, "", Problem::VersionMissing { used: "1" }),
            at("settings", 3, "", Problem::SettingsTwice),
        ]
    );
}

#[test]
fn disabled_rows_are_left_out_and_named() {
    let reading = survey(&[
        &["type", "name", "label", "disabled", "relevant"],
        &["photo", "a", "A", "yes", "x"],
        &["text", "b", "B"],
    ])
    .unwrap();
    assert_eq!(reading.form.questions.len(), 1);
    assert_eq!(places(reading.warnings), [at("survey", 2, "", Problem::RowDisabled)]);
}

#[test]
fn settings_that_cannot_be_names_are_refused() {
    let survey: Rows<'_> = &[&["type", "name"], &["hidden", "q"]];
    let long = "x".repeat(257);
    let settings: Rows<'_> = &[&["form_id", "version"], &["two\nlines", &long]];
    let found = faults(read(&workbook(&[("survey", survey), ("settings", settings)]), "x"));
    assert_eq!(found.len(), 2);
    assert_eq!(found[0], at("settings", 2, "form_id", Problem::IdBad { id: "two lines".into() }));
    for nameless in ["", "  ", "a\u{0}b"] {
        let file = workbook(&[("survey", survey)]);
        assert_eq!(read(&file, nameless).unwrap().form.id, "form");
    }
}
