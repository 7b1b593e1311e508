//! A small form and purely synthetic answers.

use std::collections::BTreeMap;

use cairn_core::form::{Answer, Answers, Choice, Form, Kind, Part, Question, Translations};

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
