//! A small form and purely synthetic answers.

use std::collections::BTreeMap;

use cairn_core::form::{
    Answer, Answers, Choice, Form, Group, Kind, Merge, Part, Question, Repeat, TaskRole, Translations,
};

use crate::dice::Dice;

fn label(text: &str) -> Translations {
    Translations::from([(String::new(), text.to_owned())])
}

fn question(name: &str, kind: Kind) -> Question {
    Question { label: label(name), required: name == "name", ..Question::new(name, kind) }
}

/// A form with one question of each kind that merges in its own way.
pub fn form() -> Form {
    let list = |names: &[&str]| -> Vec<Choice> { names.iter().map(|name| Choice::new(name, name)).collect() };
    Form {
        title: label("Sample"),
        questions: vec![
            question("name", Kind::Text),
            question("age", Kind::Integer),
            question("sex", Kind::SelectOne("sex".to_owned())),
            question("needs", Kind::SelectMultiple("needs".to_owned())),
            question("day", Kind::Date),
            question("story", Kind::Narrative),
        ],
        lists: BTreeMap::from([
            ("sex".to_owned(), list(&["female", "male", "other", "unknown"])),
            ("needs".to_owned(), list(&["legal", "shelter", "food", "medical"])),
        ]),
        ..Form::new("sample", "1")
    }
}

/// The same, sealed to the office when it is finished.
pub fn sealed() -> Form {
    Form { id: "sealed".to_owned(), sealed: true, ..form() }
}

/// The same with questions that belong to other parts of a record.
pub fn parted() -> Form {
    let of = |name: &str, kind, part| Question { part, ..question(name, kind) };
    let mut form = Form { id: "parted".to_owned(), ..form() };
    form.questions.extend([
        of("diagnosis", Kind::Text, Part::Health),
        of("weight", Kind::Integer, Part::Health),
        of("course", Kind::Narrative, Part::Health),
        of("court", Kind::Text, Part::Legal),
        of("recruiter", Kind::Text, Part::Intel),
    ]);
    form
}

/// The same as [`form`], with a log and with rows.
pub fn lived() -> Form {
    let mut form = form();
    form.groups.push(Group { repeat: Some(Repeat::default()), ..Group::new("people") });
    form.questions.push(Question { merge: Some(Merge::Log), ..question("calls", Kind::Text) });
    form.questions.push(Question { group: Some(0), ..question("who", Kind::Text) });
    form
}

/// The same with rows of what is to be done, in the part that is named.
pub fn tasks(part: Part) -> Form {
    let role =
        |name: &str, kind, role| Question { task: Some(role), group: Some(0), part, ..question(name, kind) };
    let mut form = Form { id: "tasks".to_owned(), ..form() };
    form.groups.push(Group { repeat: Some(Repeat::default()), ..Group::new("to_do") });
    form.lists.insert("yes_no".to_owned(), vec![Choice::new("yes", "Yes"), Choice::new("no", "No")]);
    form.questions.extend([
        role("what", Kind::Text, TaskRole::What),
        role("due", Kind::Date, TaskRole::Due),
        role("by", Kind::Text, TaskRole::Who),
        role("done", Kind::SelectOne("yes_no".to_owned()), TaskRole::Done),
    ]);
    form
}

/// A form whose answers come together in every way, with a repeat that asks in two parts.
pub fn merging() -> Form {
    let of = |name: &str, kind, merge| Question { merge, part: Part::Health, ..question(name, kind) };
    let inside = |question: Question| Question { group: Some(0), ..question };
    let list = |names: &[&str]| -> Vec<Choice> { names.iter().map(|name| Choice::new(name, name)).collect() };
    Form {
        title: label("Merging"),
        groups: vec![Group { repeat: Some(Repeat::default()), ..Group::new("people") }],
        questions: vec![
            question("name", Kind::Text),
            of("danger", Kind::SelectOne("danger".to_owned()), Some(Merge::Worst)),
            of("visits", Kind::Integer, Some(Merge::Counter)),
            of("calls", Kind::Text, Some(Merge::Log)),
            of("code", Kind::Text, Some(Merge::Immutable)),
            inside(Question { required: false, ..question("who", Kind::Text) }),
            inside(of("injury", Kind::Text, None)),
        ],
        lists: BTreeMap::from([("danger".to_owned(), list(&["none", "low", "high"]))]),
        ..Form::new("merging", "1")
    }
}

/// Answers to [`form`], with `name` as the name.
pub fn answers(name: &str, dice: &mut Dice) -> Answers {
    let sexes = ["female", "male", "other", "unknown"];
    let needs = ["legal", "shelter", "food", "medical"];
    let chosen = needs.iter().filter(|_| dice.once_in(2)).map(|need| (*need).to_owned()).collect();
    Answers::from([
        ("name".to_owned(), Answer::Text(name.to_owned())),
        ("age".to_owned(), Answer::Integer(dice.below(90) as i64)),
        ("sex".to_owned(), Answer::Text((*dice.pick(&sexes)).to_owned())),
        ("needs".to_owned(), Answer::Choices(chosen)),
        ("day".to_owned(), Answer::Text(format!("2026-0{}-1{}", 1 + dice.below(9), dice.below(10)))),
        ("story".to_owned(), Answer::Narrative(format!("Synthetic story {} of {name}.", dice.below(1000)))),
    ])
}

/// One answer, as an edit.
pub fn edit(field: &str, answer: Answer) -> BTreeMap<String, Option<Answer>> {
    BTreeMap::from([(field.to_owned(), Some(answer))])
}

/// Text.
pub fn text(text: &str) -> Answer {
    Answer::Text(text.to_owned())
}

/// An answer on one line, as programs in the tests tell it to each other.
pub fn plain(answer: &Answer) -> String {
    match answer {
        Answer::Text(text) | Answer::Narrative(text) => text.clone(),
        Answer::Integer(number) => number.to_string(),
        other => format!("{other:?}"),
    }
}
