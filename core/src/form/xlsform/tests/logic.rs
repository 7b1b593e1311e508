use super::*;
use crate::form::expression::ExpressionError;
use crate::form::{Merge, Preset, Sensitivity, TaskFault, TaskRole};

/// Where an expression is wrong, and what is said of it.
fn wrong(read: Result<Reading, XlsformError>) -> Vec<(Option<u32>, String, ExpressionError)> {
    let found = faults(read).into_iter();
    let told = found.map(|(_, row, column, problem)| match problem {
        Problem::Expression { error } => (row, column.unwrap_or_default(), error),
        other => panic!("{other:?}"),
    });
    told.collect()
}

#[test]
fn logic_of_every_kind_is_read() {
    let reading = survey(&[
        &[
            "type",
            "name",
            "label",
            "relevant",
            "constraint",
            "constraint_message::French (fr)",
            "required",
            "required_message",
            "read only",
            "default",
            "calculation",
            "trigger",
        ],
        &["integer", "age", "Age", "", ". < 130", "Trop vieux", "yes", "Please", "", "18"],
        &["begin_group", "adult", "Adult", "${age} > 17"],
        &["date", "since", "Since", "", "", "", "${age} > 30", "", "", "today()"],
        &["text", "seen", "Seen", "", "", "", "", "", "yes", "", "now()", "${age}, ${since}"],
        &["end_group"],
        &["calculate", "double", "", "", "", "", "", "", "", "", "${age} * 2"],
    ])
    .unwrap();
    assert_eq!(reading.warnings, []);
    let form = reading.form;
    assert_eq!(form.encode()[0], 3);
    assert_eq!(form.groups[0].relevant.as_deref(), Some("${age} > 17"));
    let age = form.question("age").unwrap();
    assert!(age.required);
    assert_eq!(age.logic.constraint.as_deref(), Some(". < 130"));
    assert_eq!(age.logic.constraint_message["French (fr)"], "Trop vieux");
    assert_eq!(age.logic.required_message[""], "Please");
    assert_eq!(age.logic.default, Some(Preset::Literal("18".into())));
    let since = form.question("since").unwrap();
    assert!(!since.required);
    assert_eq!(since.logic.required_when.as_deref(), Some("${age} > 30"));
    assert_eq!(since.logic.default, Some(Preset::Expression("today()".into())));
    let seen = form.question("seen").unwrap();
    assert_eq!(seen.logic.readonly.as_deref(), Some("true()"));
    assert_eq!(seen.logic.trigger, ["age", "since"]);
    assert_eq!(form.question("double").unwrap().logic.calculation.as_deref(), Some("${age} * 2"));
}

#[test]
fn repeats_counts_and_names_of_records_are_read() {
    let survey: Rows<'_> = &[
        &["type", "name", "label", "repeat_count", "appearance"],
        &["integer", "many", "How many"],
        &["begin_repeat", "child", "Child", "${many}", "field-list"],
        &["text", "called", "Called"],
        &["begin repeat", "illness", "Illness"],
        &["text", "which", "Which"],
        &["end repeat"],
        &["end_repeat"],
    ];
    let settings: Rows<'_> = &[&["version", "instance_name"], &["1", "concat('with ', ${many})"]];
    let form = read(&workbook(&[("survey", survey), ("settings", settings)]), "x").unwrap().form;
    assert_eq!(form.instance_name.as_deref(), Some("concat('with ', ${many})"));
    assert_eq!(form.groups[0].repeat.as_ref().unwrap().count.as_deref(), Some("${many}"));
    assert_eq!(form.groups[0].appearance, "field-list");
    assert_eq!(form.groups[1].repeat.as_ref().unwrap().count, None);
    assert_eq!(form.repeats_of(form.question("which").unwrap()), [0, 1]);
    assert!(form.question("called").unwrap().is_repeated(&form));
    assert!(!form.question("many").unwrap().is_repeated(&form));
}

#[test]
fn every_wrong_expression_is_named_with_its_cell_and_what_to_write() {
    let found = wrong(survey(&[
        &["type", "name", "label", "relevant", "constraint", "required", "calculation"],
        &["text", "a", "A", "${bb} = 'x'", "regex(., '(?=x)y')"],
        &["calculate", "b", "", "", "", "", "if(${a}, 1)"],
        &["text", "c", "C", "selcted(${a}, 'x')", "", "${a} =="],
        &["begin_group", "g", "G", "${a} = "],
        &["text", "d", "D"],
        &["end_group"],
    ]));
    let cells: Vec<_> = found.iter().map(|(row, column, _)| (row.unwrap(), column.as_str())).collect();
    // What cannot be read at all is told first; names are looked up once everything can be read.
    assert_eq!(cells, [(3, "calculation"), (4, "relevant"), (4, "required"), (5, "relevant")]);
    assert!(found[1].2.instead.contains("selected()"), "{:?}", found[1]);
    let found = wrong(survey(&[
        &["type", "name", "label", "relevant", "constraint"],
        &["text", "a", "A", "${bb} = 'x'", "regex(., '(?=x)y')"],
        &["text", "b", "B", "a = 'x'"],
    ]));
    let cells: Vec<_> = found.iter().map(|(row, column, _)| (row.unwrap(), column.as_str())).collect();
    assert_eq!(cells, [(2, "relevant"), (2, "constraint"), (3, "relevant")]);
    assert!(found[0].2.instead.contains("${b}") && found[2].2.instead.contains("${a}"));
}

#[test]
fn questions_that_wait_for_each_other_are_named() {
    let circle = faults(survey(&[
        &["type", "name", "calculation"],
        &["calculate", "a", "${b} + 1"],
        &["calculate", "b", "${a} + 1"],
    ]));
    let [(_, None, None, Problem::Circle { names })] = circle.as_slice() else { panic!("{circle:?}") };
    assert!(names.contains("a") && names.contains("b"), "{names}");
}

#[test]
fn logic_where_it_means_nothing_is_named() {
    let found = faults(survey(&[
        &[
            "type",
            "name",
            "label",
            "choice_filter",
            "trigger",
            "repeat_count",
            "calculation",
            "default",
            "save_to",
        ],
        &["text", "a", "A", "x = 1", "${a}", "3"],
        &["begin_group", "g", "G", "", "", "2", "1 + 1"],
        &["integer", "b", "B", "", "", "", "", "many"],
        &["calculate", "c", "", "", "a", "", "1"],
        &["text", "d", "D", "", "", "", "", "", "prop"],
        &["end_group"],
    ]));
    let bad = |text: &str| Problem::TriggerBad { text: text.to_owned() };
    assert_eq!(
        found,
        [
            at("survey", 2, "choice_filter", Problem::FilterMisplaced),
            at("survey", 2, "trigger", Problem::TriggerMisplaced),
            at("survey", 2, "repeat_count", Problem::CountMisplaced),
            at("survey", 3, "repeat_count", Problem::CountMisplaced),
            at("survey", 3, "calculation", Problem::LogicOnGroup),
            at("survey", 5, "trigger", bad("a")),
            at("survey", 6, "save_to", Problem::LogicUnsupported),
        ]
    );
    let default = faults(survey(&[&["type", "name", "label", "default"], &["integer", "b", "B", "many"]]));
    let problem = Problem::DefaultBad { rule: crate::form::Rule::NotInteger };
    assert_eq!(default, [at("survey", 2, "default", problem)]);
}

#[test]
fn how_answers_merge_and_how_dangerous_they_are_is_read() {
    let survey: Rows<'_> = &[
        &["type", "name", "label", "cairn::merge", "cairn::sensitivity"],
        &["select_one level", "risk", "Risk", "max", "4"],
        &["integer", "count", "Count", "CTR", "0"],
        &["text", "note", "Note", "log"],
        &["text", "code", "Code", "imm"],
        &["select_multiple level", "signs", "Signs", "set"],
    ];
    let choices: Rows<'_> =
        &[&["list_name", "name", "label"], &["level", "low", "Low"], &["level", "high", "High"]];
    let form = read(&workbook(&[("survey", survey), ("choices", choices)]), "x").unwrap().form;
    let said: Vec<_> = form.questions.iter().map(|question| question.merge).collect();
    assert_eq!(
        said,
        [Some(Merge::Worst), Some(Merge::Counter), Some(Merge::Log), Some(Merge::Immutable), None]
    );
    assert_eq!(form.questions[0].sensitivity, Some(Sensitivity::LIFE_SAFETY));
    assert_eq!(form.questions[2].sensitivity, None);
    let found = faults(super::survey(&[
        &["type", "name", "label", "cairn::merge", "cairn::sensitivity"],
        &["text", "a", "A", "ctr", "5"],
        &["integer", "b", "B", "txt"],
        &["text", "c", "C", "lww"],
    ]));
    assert_eq!(
        found,
        [
            at("survey", 2, "cairn::merge", Problem::MergeMisfit { merge: "ctr" }),
            at("survey", 2, "cairn::sensitivity", Problem::SensitivityBad),
            at("survey", 3, "cairn::merge", Problem::MergeMisfit { merge: "txt" }),
            at("survey", 4, "cairn::merge", Problem::MergeUnknown { merge: "lww".into() }),
        ]
    );
}

#[test]
fn curly_quotes_that_a_spreadsheet_put_in_are_straight_ones() {
    let form = survey(&[
        &["type", "name", "label", "relevant"],
        &["text", "a", "A"],
        &["text", "b", "B", "${a} = ‘x’ or ${a} = “y”"],
    ]);
    assert_eq!(form.unwrap().form.questions[1].logic.relevant.as_deref(), Some("${a} = 'x' or ${a} = \"y\""));
}

#[test]
fn names_in_texts_are_those_of_questions() {
    let found = faults(survey(&[
        &["type", "name", "label", "hint", "constraint_message"],
        &["text", "a", "A", "", "Not ${b}"],
        &["text", "b", "Dear ${a}", "or ${c}"],
    ]));
    let unknown = Problem::ReferenceUnknown { name: "c".into() };
    assert_eq!(found, [at("survey", 3, "hint", unknown)]);
}

#[test]
fn what_only_changes_the_looks_is_a_warning() {
    let survey: Rows<'_> = &[
        &["type", "name", "label", "hxl", "instance::x", "oc_itemgroup", "unused", "required", "appearance"],
        &["text", "a", "Dear ${b}", "#name", "string", "g"],
        &["text", "b"],
        &["note", "", "Read this", "", "", "", "", "yes"],
        &["begin_group", "g", "", "", "", "", "", "", "field-list"],
        &["end_group"],
        &["", "", "", "a remark"],
        &["deviceid", "device"],
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
            at("survey", 1, "hxl", Problem::ColumnIgnored),
            at("survey", 1, "instance::x", Problem::ColumnIgnored),
            at("survey", 1, "oc_itemgroup", Problem::ColumnIgnored),
            at("survey", 3, "", Problem::LabelMissing { name: "b".into() }),
            at("survey", 4, "required", Problem::RequiredIgnored),
            at("survey", 7, "", Problem::RowIgnored),
            at("survey", 8, "type", Problem::NeverTold),
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
        &["osm", "a", "A", "yes", "x"],
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

const TASK: &[&str] = &["type", "name", "label", "appearance", "cairn::task"];

#[test]
fn rows_that_are_tasks_are_read() {
    let rows: Rows<'_> = &[
        TASK,
        &["begin_repeat", "tasks", "To do"],
        &["text", "what", "What", "", "what"],
        &["date", "until", "Until", "", " Due "],
        &["acknowledge", "done", "Done", "", "done"],
        &["end_repeat"],
    ];
    let form = survey(rows).unwrap().form;
    let roles: Vec<_> = form.questions.iter().map(|question| question.task).collect();
    assert_eq!(roles, [Some(TaskRole::What), Some(TaskRole::Due), Some(TaskRole::Done)]);
    assert_eq!(form.tasks().count(), 1);
}

#[test]
fn what_makes_no_task_is_told_at_its_cell() {
    let rows: Rows<'_> = &[
        TASK,
        &["begin_repeat", "tasks", "To do", "", "what"],
        &["text", "what", "What", "", "what"],
        &["text", "until", "Until", "", "when"],
        &["end_repeat"],
    ];
    let at = |row, problem| at("survey", row, "cairn::task", problem);
    assert_eq!(
        faults(survey(rows)),
        [at(2, Problem::LogicOnGroup), at(4, Problem::TaskUnknown { role: "when".into() })]
    );
    let rows: Rows<'_> = &[
        TASK,
        &["begin_repeat", "tasks", "To do"],
        &["text", "what", "What", "", "what"],
        &["text", "more", "More", "", "what"],
        &["text", "until", "Until", "", "due"],
        &["text", "who", "Who", "multiline", "who"],
        &["end_repeat"],
    ];
    let bad = |row, fault| at(row, Problem::TaskBad { fault });
    let found = faults(survey(rows));
    assert_eq!(
        found,
        [
            bad(3, TaskFault::Missing { role: TaskRole::Done }),
            bad(4, TaskFault::Twice { role: TaskRole::What }),
            bad(5, TaskFault::Misfit { role: TaskRole::Due }),
            bad(6, TaskFault::Misfit { role: TaskRole::Who }),
        ]
    );
}

#[test]
fn a_task_that_could_not_be_ticked_off_is_told_at_its_cell() {
    let header: &[&str] = &["type", "name", "label", "cairn::task", "cairn::merge", "calculation"];
    let found = |kind: &str, merge: &str, calculation: &str| {
        let done: &[&str] = &[kind, "done", "Done", "done", merge, calculation];
        let rows: &[&[&str]] = &[
            header,
            &["begin_repeat", "tasks", "To do"],
            &["text", "what", "What", "what"],
            done,
            &["end_repeat"],
        ];
        let choices: Rows<'_> =
            &[&["list_name", "name", "label"], &["yn", "yes", "Yes"], &["yn", "no", "No"]];
        match read(&workbook(&[("survey", rows), ("choices", choices)]), "form") {
            Ok(reading) if reading.form.tasks().count() == 1 => Vec::new(),
            refused => faults(refused),
        }
    };
    let misfit = at(
        "survey",
        4,
        "cairn::task",
        Problem::TaskBad { fault: TaskFault::Misfit { role: TaskRole::Done } },
    );
    for kind in ["select_one yn", "acknowledge"] {
        for merge in ["", "mv", "max"] {
            assert_eq!(found(kind, merge, ""), [], "control: {kind} {merge}");
        }
        assert_eq!(found(kind, "imm", ""), std::slice::from_ref(&misfit), "{kind}");
        assert_eq!(found(kind, "", "'yes'"), std::slice::from_ref(&misfit), "{kind}");
    }
}
