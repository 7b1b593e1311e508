//! Filling a record in through the calls of another language, against a real server's workspace.

use crate::scene::{Scene, code, record, text};
use cairn_ffi::{AnswerValue, CairnError, NoAnswer, QuestionKind, Step};

/// The names of each screen's questions; `+` for where rows are added.
fn names(steps: &[Step]) -> Vec<String> {
    let names = |step: &Step| step.questions.iter().map(|one| one.name.clone()).collect::<Vec<_>>().join(" ");
    steps
        .iter()
        .map(|step| step.more.as_ref().map_or_else(|| names(step), |more| format!("+{}", more.repeat)))
        .collect()
}

#[test]
fn a_record_is_filled_screen_by_screen_and_survives_locking() {
    let scene = Scene::new();
    let office = scene.office();
    let filling = office.begin("visit", None, "ru").unwrap();
    let steps = filling.steps().unwrap();
    assert_eq!(names(&steps), ["name", "age", "sex", "needs story", "+children"]);
    let [name, age, sex, page, more] = steps.as_slice() else { panic!() };
    assert_eq!((name.questions[0].label.as_str(), name.questions[0].required), ("Имя", true));
    assert_eq!(name.questions[0].fault.as_ref().unwrap().rule, "required");
    assert_eq!((age.questions[0].kind, &age.questions[0].fault), (QuestionKind::Integer, &None));
    let labels: Vec<_> = sex.questions[0].choices.iter().map(|choice| choice.label.as_str()).collect();
    assert_eq!(labels, ["Женский", "Мужской"]);
    assert_eq!((page.heading.as_str(), page.questions.len()), ("Нужды", 2));
    assert_eq!(more.more.as_ref().unwrap().label, "Ребёнок");

    let changed = filling.answer("sex", text("f")).unwrap();
    assert_eq!(
        (changed.relevant.as_slice(), changed.required.as_slice()),
        (&["months".to_owned()][..], &["months".to_owned()][..])
    );
    assert!(changed.steps_changed);
    let changed = filling.answer("age", text("200")).unwrap();
    assert_eq!(
        (changed.wrong[0].rule.as_str(), changed.wrong[0].text.as_str()),
        ("constraint", "Nobody is so old.")
    );
    assert_eq!(changed.computed[0].said, "400");
    let CairnError::Failed { code: refused, faults, .. } = filling.answer("age", text("many")).unwrap_err();
    assert_eq!((refused.as_str(), faults[0].rule.as_str()), ("invalid", "not_integer"));

    let number = filling.number();
    office.lock().unwrap();
    assert_eq!(code(filling.steps()), "locked");
    assert_eq!(code(filling.answer("name", text("x"))), "locked");
    let office = scene.open("office");
    assert_eq!(office.drafts("ru").unwrap()[0].draft, number);
    let filling = office.resume(number, "ru").unwrap();
    let steps = filling.steps().unwrap();
    assert_eq!(names(&steps), ["name", "age", "sex", "months", "needs story", "+children"]);
    assert_eq!(steps[1].questions[0].said, "200", "what the form does not like may stay until the end");

    let CairnError::Failed { faults, .. } = filling.finish(false).unwrap_err();
    let broken: Vec<_> = faults.iter().map(|one| (one.key.as_str(), one.rule.as_str())).collect();
    assert_eq!(broken, [("name", "required"), ("age", "constraint"), ("months", "required")]);
    assert!(faults[1].by_form);
    let listed = filling.faults().unwrap();
    assert_eq!(listed.len(), 3);

    filling.answer("name", text("Sample")).unwrap();
    let changed = filling.answer("age", Some(AnswerValue::Integer { number: 31 })).unwrap();
    assert!(changed.right.contains(&"age".to_owned()) && changed.wrong.is_empty());
    filling.answer("months", Some(AnswerValue::Missing { why: NoAnswer::Declined })).unwrap();
    let needs = vec!["legal".to_owned(), "food".to_owned()];
    filling.answer("needs", Some(AnswerValue::Choices { names: needs })).unwrap();
    let added = filling.add_row("children", Vec::new()).unwrap();
    filling.answer(&format!("child#{}", added.row), text("Anna")).unwrap();
    let second = filling.add_row("children", Vec::new()).unwrap();
    let step = filling.steps().unwrap().into_iter().rev().nth(1).unwrap();
    assert_eq!(
        (step.row_number, step.repeat.as_deref(), &step.rows),
        (Some(2), Some("children"), &vec![second.row])
    );
    filling.remove_row("children", step.rows).unwrap();
    let id = filling.finish(false).unwrap();
    assert_eq!(code(filling.steps()), "not_found", "the draft is gone");

    let page = office.record(&id, "ru").unwrap();
    let said: Vec<_> = page.lines.iter().map(|line| (line.label.as_str(), line.said.as_str())).collect();
    assert_eq!(said[..3], [("Имя", "Sample"), ("Возраст", "31"), ("Пол", "Женский")]);
    assert!(said.contains(&("Нужды", "Еда; Юрист")) && said.contains(&("Имя ребёнка", "Anna")));
    assert_eq!(page.lines.iter().filter(|line| !line.rows.is_empty()).count(), 1, "one row was taken away");
}

#[test]
fn a_record_is_changed_by_the_same_screens_and_what_was_changed_can_be_put_back() {
    let scene = Scene::new();
    let office = scene.office();
    let id = record(&office, "Sample");
    let filling = office.edit(&id, "en").unwrap();
    assert_eq!(filling.about().unwrap().record, Some(id.clone()));
    filling.answer("age", text("40")).unwrap();
    assert_eq!(office.edit(&id, "en").unwrap().number(), filling.number(), "one draft for each record");
    filling.finish(false).unwrap();
    let past = office.timeline(&id, Some("age".to_owned()), "en").unwrap();
    let told: Vec<_> = past.iter().map(|one| (one.before.as_deref(), one.said.as_deref())).collect();
    assert_eq!(told, [(None, Some("31")), (Some("31"), Some("40"))]);
    assert!(office.undo(&id, "age", false).unwrap());
    let age = office.record(&id, "en").unwrap().lines.into_iter().find(|line| line.key == "age").unwrap();
    assert_eq!(age.said, "31");
    let discarded = office.edit(&id, "en").unwrap();
    discarded.answer("age", text("50")).unwrap();
    discarded.discard().unwrap();
    assert!(office.drafts("en").unwrap().is_empty());
}

#[test]
fn the_forms_that_come_with_cairn_are_shown_in_their_languages() {
    let scene = Scene::new();
    let office = scene.office();
    for name in cairn_ffi::built_in_forms() {
        office.add_built_in_form(&name).unwrap();
        assert!(!office.add_built_in_form(&name).unwrap().is_new);
        let filling = office.begin(&name, None, "tg").unwrap();
        let steps = filling.steps().unwrap();
        let questions: Vec<_> = steps.iter().flat_map(|step| &step.questions).collect();
        assert!(questions.len() > 5, "{name}");
        for question in questions {
            assert!(!question.label.is_empty() && question.kind != QuestionKind::Other, "{}", question.name);
            assert!(!question.label.contains("${"), "{}", question.name);
        }
        filling.discard().unwrap();
    }
    let lines = office.forms("en").unwrap();
    assert_eq!(lines.len(), 3);
    assert!(lines.iter().all(|line| line.is_newest && line.questions > 3));
    let visit = lines.iter().find(|line| line.form == "visit").unwrap();
    assert_eq!(visit.languages, ["English (en)", "Русский (ru)"]);
    assert_eq!(code(office.add_built_in_form("no")), "not_found");
    assert_eq!(code(office.add_form("/nowhere")), "bad_file");
}

#[test]
fn a_long_list_comes_without_its_choices_and_is_searched() {
    let scene = Scene::new();
    let office = scene.office();
    let folder = scene.path("long");
    std::fs::create_dir(&folder).unwrap();
    let survey = "type,name,label\nselect_one places,place,Place\n";
    let lines = (0..400).map(|number| format!("places,p{number},Sample Place {number}\n"));
    let choices = format!("list_name,name,label\n{}", lines.collect::<String>());
    for (name, text) in [("survey.csv", survey), ("choices.csv", &choices)] {
        std::fs::write(folder.join(name), text).unwrap();
    }
    let added = office.add_form(&folder.display().to_string()).unwrap();
    let filling = office.begin(&added.form, None, "en").unwrap();
    let question = filling.steps().unwrap().remove(0).questions.remove(0);
    assert_eq!((question.choices.len(), question.choice_count), (0, 400));
    let found = filling.choices("place", "place 39", 500).unwrap();
    let names: Vec<_> = found.iter().map(|choice| choice.name.as_str()).collect();
    assert_eq!((names[0], names.len()), ("p39", 11), "it, and 390 to 399");
    assert_eq!(filling.choices("place", "", 5).unwrap().len(), 5);
    filling.answer("place", text(names[0])).unwrap();
    assert_eq!(filling.steps().unwrap()[0].questions[0].said, "Sample Place 39");
}

#[test]
fn what_the_steps_of_a_form_say_stays_small_beside_its_lists() {
    let scene = Scene::new();
    let office = scene.office();
    let form = office.add_built_in_form("victim-support").unwrap().form;
    let filling = office.begin(&form, None, "en").unwrap();
    let questions: Vec<_> = filling.steps().unwrap().into_iter().flat_map(|step| step.questions).collect();
    let sent: usize = questions.iter().map(|question| question.choices.len()).sum();
    let offered: u64 = questions.iter().map(|question| question.choice_count).sum();
    // What is not sent is there all the same, and is found by asking for it.
    assert!(
        sent > 20 && 2 * (sent as u64) < offered,
        "{sent} of {offered} choices cross the border each time"
    );
    let countries = questions.iter().find(|question| question.choice_count == 250).unwrap();
    assert_eq!(filling.choices(&countries.key, "", countries.choice_count).unwrap().len(), 250);
}
