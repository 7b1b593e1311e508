//! The product's own reader takes both forms without a word, and finds in them what the tables say.

use cairn_core::form::{Form, Kind, Merge, TaskRole};

use super::desk::read;
use super::parts::part;
use super::tables::{FORMS, Tables};

#[test]
fn both_forms_are_read_without_a_warning() {
    for form in FORMS {
        let reading = read(form);
        assert!(reading.warnings.is_empty(), "{form}: {:#?}", reading.warnings);
        assert_eq!(reading.form.id, form);
    }
}

/// A column that the reader did not understand would be noticed here.
#[test]
fn what_the_tables_say_is_in_the_form() {
    for name in FORMS {
        let (form, tables) = (read(name).form, Tables::read(name));
        let mut compared = 0;
        for (row, around) in tables.nested().into_iter().filter(|(row, _)| !row.is_bracket()) {
            let question = form.question(row.name()).unwrap_or_else(|| panic!("{name}: {}", row.name()));
            assert_eq!(question.part.name(), part(row, &around), "{name}: {}", row.name());
            if question.kind.is_asked() {
                assert_eq!(question.merge().name(), row.get("cairn::merge"), "{name}: {}", row.name());
                let level = question.sensitivity().level().to_string();
                assert_eq!(level, row.get("cairn::sensitivity"), "{name}: {}", row.name());
                let task = question.task.map(TaskRole::name).unwrap_or_default();
                assert_eq!(task, row.get("cairn::task"), "{name}: {}", row.name());
                compared += 1;
            }
            let repeats = around.iter().filter(|group| group.kind() == "begin_repeat").count();
            assert_eq!(form.repeats_of(question).len(), repeats, "{name}: {}", row.name());
            assert_eq!(question.label.len(), if row.get("label::English (en)").is_empty() { 0 } else { 6 });
        }
        assert!(compared > 120, "{compared}");
    }
}

#[test]
fn the_rows_of_what_is_to_be_done_are_tasks() {
    let victim = read("victim-support").form;
    let tasks: Vec<_> = victim.tasks().collect();
    let names: Vec<_> = tasks.iter().map(|task| (task.what.name.as_str(), task.done.name.as_str())).collect();
    assert_eq!(names, [("task_what", "task_done")]);
    assert!(tasks[0].due.is_some() && tasks[0].who.is_some());
    assert_eq!(read("border-observation").form.tasks().count(), 0);
}

#[test]
fn narratives_are_long_and_danger_is_worst() {
    let kind = |form: &Form, name: &str| form.question(name).expect("a question").kind.clone();
    let victim = read("victim-support").form;
    assert_eq!(kind(&victim, "ep_narrative"), Kind::Narrative);
    assert_eq!(kind(&victim, "case_note"), Kind::Text);
    assert_eq!(victim.question("risk_level").expect("a question").merge(), Merge::Worst);
}

/// They must travel like any form: whole, and in one segment.
#[test]
fn both_forms_can_travel() {
    for form in FORMS {
        let form = read(form).form;
        let octets = form.encode();
        assert_eq!(Form::decode(&octets).expect("what was written"), form);
        assert!(octets.len() < cairn_core::form::limits::FORM / 4 * 3, "{}: {}", form.id, octets.len());
        println!("{}: {} questions, {} octets", form.id, form.questions.len(), octets.len());
    }
}
