use super::*;
use crate::form::{Kind, Part};

#[test]
fn every_supported_type_is_read() {
    let list = || "l".to_owned();
    let rows: &[(&str, &str, Kind)] = &[
        ("text", "", Kind::Text),
        ("text", "multiline", Kind::Narrative),
        ("text", "w1 multiline", Kind::Narrative),
        ("string", "", Kind::Text),
        ("integer", "", Kind::Integer),
        ("int", "", Kind::Integer),
        ("decimal", "", Kind::Decimal),
        ("date", "", Kind::Date),
        ("time", "", Kind::Time),
        ("dateTime", "", Kind::DateTime),
        ("select_one l", "minimal", Kind::SelectOne(list())),
        ("select one  l", "", Kind::SelectOne(list())),
        ("select1 l", "", Kind::SelectOne(list())),
        ("select_multiple l", "", Kind::SelectMultiple(list())),
        ("select all that apply from l", "", Kind::SelectMultiple(list())),
        ("geopoint", "", Kind::Geopoint),
        ("acknowledge", "", Kind::Acknowledge),
        ("trigger", "", Kind::Acknowledge),
        ("barcode", "", Kind::Barcode),
        ("note", "", Kind::Note),
        ("hidden", "", Kind::Hidden),
        ("start", "", Kind::Start),
        ("end", "", Kind::End),
        ("today", "", Kind::Today),
        ("range", "", Kind::Range),
        ("rank l", "", Kind::Rank(list())),
        ("geotrace", "", Kind::Geotrace),
        ("geoshape", "", Kind::Geoshape),
        ("image", "signature", Kind::Image),
        ("photo", "", Kind::Image),
        ("audio", "", Kind::Audio),
        ("video", "", Kind::Video),
        ("file", "", Kind::File),
    ];
    let names: Vec<String> = (0..rows.len()).map(|number| format!("q{number}")).collect();
    let mut sheet = vec![vec!["type", "name", "label", "appearance"]];
    for ((kind, appearance, _), name) in rows.iter().zip(&names) {
        sheet.push(vec![*kind, name.as_str(), "Label", *appearance]);
    }
    let sheet: Vec<&[&str]> = sheet.iter().map(Vec::as_slice).collect();
    let choices: Rows<'_> = &[&["list_name", "name", "label"], &["l", "1", "One"]];
    let file = workbook(&[("survey", &sheet), ("choices", choices), ("settings", &[&["version"], &["1"]])]);
    let Reading { form, warnings } = read(&file, "types").unwrap();
    assert_eq!(warnings, []);
    for ((kind, appearance, expected), question) in rows.iter().zip(&form.questions) {
        assert_eq!(&question.kind, expected, "{kind}");
        assert_eq!(&question.appearance, appearance, "{kind}");
    }
    assert_eq!(form.questions.len(), rows.len());
}

#[test]
fn what_a_question_shows_and_asks_besides_is_read() {
    let survey: Rows<'_> = &[
        &[
            "type",
            "name",
            "label::English (en)",
            "guidance_hint::English (en)",
            "media::image::English (en)",
            "audio",
            "big-image",
            "parameters",
        ],
        &[
            "range",
            "pain",
            "Pain",
            "Show the card",
            "faces.png",
            "pain.mp3",
            "large.png",
            "start=0;end=5 step=0.5",
        ],
        &["select_one l or_other", "town", "Town"],
        &["rank l", "order", "Order"],
    ];
    let choices: Rows<'_> = &[
        &["list_name", "name", "label::English (en)", "image", "land", "Big Size"],
        &["l", "a", "A", "a.png", "tj"],
        &["l", "b", "B", "", "kg"],
    ];
    let file = workbook(&[("survey", survey), ("choices", choices), ("settings", &[&["version"], &["1"]])]);
    let Reading { form, warnings } = read(&file, "x").unwrap();
    assert_eq!(
        places(warnings),
        [at("survey", 3, "type", Problem::OtherUntranslated { list: "l".into() })],
        "an empty column is no loss"
    );
    let pain = form.question("pain").unwrap();
    assert_eq!(pain.guidance_hint["English (en)"], "Show the card");
    assert_eq!(pain.media.image["English (en)"], "faces.png");
    assert_eq!((pain.media.audio[""].as_str(), pain.media.big_image[""].as_str()), ("pain.mp3", "large.png"));
    assert_eq!(pain.range().map(|range| (range.start, range.end, range.step)), Some((0.0, 5.0, 0.5)));
    let l = &form.lists["l"];
    assert_eq!(l.iter().map(|choice| choice.name.as_str()).collect::<Vec<_>>(), ["a", "b", "other"]);
    assert_eq!(l[1].columns["land"], "kg");
    assert_eq!(l[0].media.image[""], "a.png");
    let other = form.question("town_other").unwrap();
    assert_eq!(other.logic.relevant.as_deref(), Some("selected(${town}, 'other')"));
    let filtered = faults(read(
        &workbook(&[
            (
                "survey",
                &[
                    &["type", "name", "label", "choice_filter"],
                    &["select_one l or other", "t", "T", "land = 'tj'"],
                ],
            ),
            ("choices", choices),
        ]),
        "x",
    ));
    assert_eq!(filtered, [at("survey", 2, "choice_filter", Problem::OtherFiltered)]);
    for (parameters, problem) in [
        ("start", Problem::ParametersBad { text: "start".into() }),
        ("start=5 end=1 step=0", Problem::RangeBad),
    ] {
        let rows: Rows<'_> = &[&["type", "name", "label", "parameters"], &["range", "r", "R", parameters]];
        assert_eq!(faults(super::survey(rows)), [at("survey", 2, "parameters", problem)]);
    }
}

#[test]
fn constants_required_hints_and_groups_are_read() {
    let reading = survey(&[
        &["Type", "NAME", "Label", "hint", "required", "calculation"],
        &["begin_group", "person", "Person"],
        &["begin group", "name"],
        &["text", "first", "First name", "As in the passport", "yes"],
        &["text", "last", "Last name", "", "true()"],
        &["end group"],
        &["date", "born", "Born", "", "no"],
        &["end_group", "person"],
        &["calculate", "edition", "", "", "", "'2'"],
        &["calculate", "weight", "", "", "", "1.50"],
    ])
    .unwrap();
    assert_eq!(reading.warnings, []);
    let form = reading.form;
    let groups: Vec<_> = form.groups.iter().map(|group| (group.name.as_str(), group.parent)).collect();
    assert_eq!(groups, [("person", None), ("name", Some(0))]);
    assert_eq!(form.groups[0].label[""], "Person");
    let lie: Vec<_> = form.questions.iter().map(|question| (question.group, question.required)).collect();
    assert_eq!(lie, [(Some(1), true), (Some(1), true), (Some(0), false), (None, false), (None, false)]);
    assert_eq!(form.questions[0].hint[""], "As in the passport");
    assert_eq!(form.question("edition").unwrap().constant.as_deref(), Some("2"));
    assert_eq!(form.question("weight").unwrap().constant.as_deref(), Some("1.50"));
}

#[test]
fn every_language_is_kept() {
    let survey: Rows<'_> = &[
        &["type", "name", "label::English (en)", "label::Тоҷикӣ (tg)", "hint::English (en)"],
        &["select_one yn", "ok", "All right?", "Хуб аст?", "Tick"],
    ];
    let choices: Rows<'_> = &[
        &["list name", "value", "label::English (en)", "label::Тоҷикӣ (tg)"],
        &["yn", "y", "Yes", "Ҳа"],
        &["yn", "n", "No", "Не"],
    ];
    let settings: Rows<'_> = &[
        &["form_title", "form_title::Тоҷикӣ (tg)", "form_id", "version", "default_language"],
        &["Health", "Саломатӣ", "health", "3", "English (en)"],
    ];
    let file =
        workbook(&[("Survey", survey), (" CHOICES", choices), ("notes", &[&["x"]]), ("settings", settings)]);
    let Reading { form, warnings } = read(&file, "file").unwrap();
    assert_eq!(warnings, []);
    assert_eq!((form.id.as_str(), form.version.as_str(), form.title.len()), ("health", "3", 2));
    let ok = form.question("ok").unwrap();
    assert_eq!((form.label(ok, "tg"), form.label(ok, "ru")), ("Хуб аст?", "All right?"));
    assert_eq!(form.choice_label(ok, "n", "tg"), "Не");
}

#[test]
fn a_narrative_can_be_asked_for_by_its_merge() {
    let reading = survey(&[
        &["type", "name", "label", "appearance", "cairn::merge"],
        &["text", "story", "Story", "", "txt"],
        &["text", "remark", "Remark", "multiline", "mv"],
        &["date", "day", "Day", "", "mv"],
    ]);
    let kinds: Vec<_> = reading.unwrap().form.questions.into_iter().map(|question| question.kind).collect();
    assert_eq!(kinds, [Kind::Narrative, Kind::Text, Kind::Date]);
}

#[test]
fn a_row_names_its_part_or_has_that_of_the_group_around_it() {
    let reading = survey(&[
        &["type", "name", "label", "cairn::part"],
        &["text", "town", "Town"],
        &["begin_group", "body", "Body", "Health"],
        &["text", "pain", "Pain"],
        &["begin_group", "inner", "Inner"],
        &["text", "drug", "Drug"],
        &["text", "court", "Court", "legal"],
        &["end_group"],
        &["end_group"],
        &["text", "room", "Room", "shelter"],
    ]);
    let parts: Vec<_> = reading.unwrap().form.questions.iter().map(|question| question.part).collect();
    assert_eq!(parts, [Part::Case, Part::Health, Part::Health, Part::Legal, Part::Shelter]);
    let wrong = survey(&[&["type", "name", "label", "cairn::part"], &["text", "town", "Town", "gold"]]);
    let unknown = Problem::PartUnknown { part: "gold".into() };
    assert_eq!(faults(wrong), [at("survey", 2, "cairn::part", unknown)]);
}
