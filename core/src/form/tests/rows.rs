use serde_json::{Value, json};

use super::*;
use crate::form::field::{field, next_row_id, row};
use crate::form::rows::{every_row, rows};

fn repeats() -> Form {
    let repeat = |name: &str, parent| Group { parent, repeat: Some(Repeat::default()), ..Group::new(name) };
    let inside = |group, question: Question| Question { group: Some(group), ..question };
    let health = Question { part: Part::Health, ..Question::new("injury", Kind::Text) };
    Form {
        groups: vec![
            repeat("people", None),
            Group { parent: Some(0), ..Group::new("more") },
            repeat("papers", Some(1)),
        ],
        questions: vec![
            Question::new("name", Kind::Text),
            inside(0, Question { required: true, ..Question::new("who", Kind::Text) }),
            inside(1, Question::new("age", Kind::Integer)),
            inside(1, health),
            inside(2, Question::new("paper", Kind::Text)),
        ],
        ..Form::new("repeats", "1")
    }
}

fn read(form: &Form, value: &Value, before: &Answers) -> (Answers, Vec<String>, Vec<(String, Rule)>) {
    let object = serde_json::from_value(value.clone()).unwrap();
    let mut next = 0;
    let (edits, faults) = form.answers_from_json(&object, before, &mut || {
        next += 1 << 16;
        next
    });
    let gone = edits.iter().filter(|(_, edit)| edit.is_none()).map(|(key, _)| key.clone()).collect();
    let given = edits.into_iter().filter_map(|(key, edit)| Some((key, edit?))).collect();
    (given, gone, faults.into_iter().map(|fault| (fault.field, fault.rule)).collect())
}

#[test]
fn rows_come_from_json_and_go_back_to_it() {
    let form = repeats();
    let given = json!({ "name": "Mira", "people": [
        { "who": "her brother", "age": {"missing": "unknown"}, "papers": [{ "paper": "passport" }, {}] },
        { "who": "a friend" },
    ] });
    let (answers, gone, faults) = read(&form, &given, &Answers::new());
    assert_eq!((gone.len(), faults), (0, vec![]));
    assert_eq!(form.check(&answers), []);
    let [first, second] = rows(&answers, "people", &[])[..] else { panic!("two rows") };
    assert_eq!(answers[&field("who", &[second])], text("a friend"));
    assert_eq!(rows(&answers, "papers", &[first]).len(), 2, "a row in which nothing is said is a row");
    assert_eq!(every_row(&answers, &["people", "papers"]).len(), 2);
    let written = Value::Object(answers_to_json(Some(&form), &answers));
    assert_eq!(written["people"][0]["papers"][0]["paper"], "passport");
    assert_eq!(written["people"][1]["~row"], second);
    // Read back, it is the same rows; nothing is added.
    assert_eq!(read(&form, &written, &answers).0, answers);
    // What is new comes after what is there; what is taken away is named; what is not listed stays.
    let more = json!({ "people": [{ "~row": first, "~removed": true }, { "who": "a child" }] });
    let (added, gone, _) = read(&form, &more, &answers);
    assert_eq!(gone, [row("people", &[first])]);
    let [new] = rows(&added, "people", &[])[..] else { panic!("one row") };
    assert!(new > second);
}

#[test]
fn what_is_no_row_is_a_fault() {
    let form = repeats();
    for (given, fault) in [
        (json!({ "people": ["her brother"] }), ("people", Rule::NotRow)),
        (json!({ "people": [{ "~row": "1" }] }), ("people", Rule::NotRow)),
        (json!({ "people": [{ "~row": 1 }] }), ("people", Rule::NotRow)),
        (json!({ "who": "her brother" }), ("who", Rule::UnknownField)),
        (json!({ "papers": [{ "paper": "passport" }] }), ("papers", Rule::UnknownField)),
        (json!({ "people": vec![json!({}); 1_001] }), ("people", Rule::TooManyRows)),
    ] {
        let (answers, _, faults) = read(&form, &given, &Answers::new());
        assert_eq!(faults, [(fault.0.to_owned(), fault.1)], "{given}");
        assert_eq!(answers, Answers::new());
    }
}

#[test]
fn a_required_question_is_required_in_each_row_that_is_there() {
    let form = repeats();
    let (one, two) = (next_row_id(None, 1 << 16), next_row_id(None, 2 << 16));
    let answers = Answers::from([
        (field("who", &[&one]), text("x")),
        (field("age", &[&two]), text("many")),
        (field("who", &["nowhere"]), text("x")),
    ]);
    let answers = form.with_rows(answers);
    let faults: Vec<_> = form.check(&answers).into_iter().map(|fault| (fault.field, fault.rule)).collect();
    let wrong = [
        (field("who", &[&two]), Rule::Required),
        (field("age", &[&two]), Rule::NotInteger),
        (row("people", &["nowhere"]), Rule::UnknownField),
    ];
    for fault in wrong {
        assert!(faults.contains(&fault), "{fault:?} in {faults:?}");
    }
    assert_eq!(form.check(&Answers::new()), [], "no row, nothing required");
}

#[test]
fn each_part_says_what_rows_it_speaks_of() {
    let form = repeats();
    let (one, two) = (next_row_id(None, 1 << 16), next_row_id(None, 2 << 16));
    let answers = form.with_rows(Answers::from([
        (field("injury", &[&one]), text("a burn")),
        (row("people", &[&two]), Answer::Row),
    ]));
    let health: Vec<_> = form.of_part(Part::Health, &answers).into_keys().collect();
    assert_eq!(health, [row("people", &[&one]), field("injury", &[&one])]);
    let case: Vec<_> = form.of_part(Part::Case, &answers).into_keys().collect();
    assert_eq!(case, [row("people", &[&two])], "of a row that says nothing the first part speaks");
}

#[test]
fn no_two_repeats_and_no_question_and_repeat_have_one_name() {
    let form = repeats();
    assert_eq!(form.is_sound(), Ok(()));
    let mut twice = repeats();
    twice.groups[2].name = "people".to_owned();
    assert_eq!(twice.is_sound(), Err(Unsound::Twice { what: "repeat", name: "people".to_owned() }));
    let mut both = repeats();
    both.questions[0].name = "people".to_owned();
    assert_eq!(both.is_sound(), Err(Unsound::Twice { what: "question", name: "people".to_owned() }));
}
