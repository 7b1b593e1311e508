//! A person's typing, played back.

use super::*;
use cairn_core::form::Answer;
use serde_json::json;

fn form() -> Form {
    let form = json!({
        "id": "f", "version": "1", "title": {"": "F"}, "default_language": "",
        "groups": [],
        "questions": [
            {"name": "name", "kind": "text", "label": {"": "Name"}, "required": true},
            {"name": "age", "kind": "integer", "label": {"": "Age"}},
            {"name": "sex", "kind": {"select_one": "sex"}, "label": {"": "Sex"}},
            {"name": "needs", "kind": {"select_multiple": "needs"}, "label": {"": "Needs"}},
            {"name": "story", "kind": "narrative", "label": {"": "Story"}},
        ],
        "lists": {
            "sex": [{"name": "f", "label": {"": "Female"}}, {"name": "m", "label": {"": "Male"}}],
            "needs": [{"name": "10", "label": {"": "Food"}}, {"name": "20", "label": {"": "Legal help"}}],
        },
    });
    serde_json::from_value(form).unwrap()
}

fn typed(lines: &str) -> Result<Answers, Trouble> {
    ask(&form(), "", Answers::new(), &mut lines.as_bytes())
}

#[test]
fn every_kind_of_answer_can_be_typed() {
    let answers = typed("Amina\n31\n1\n10 20\nfirst\nsecond\n\n\n").unwrap();
    assert_eq!(answers["name"], Answer::Text("Amina".to_owned()));
    assert_eq!(answers["age"], Answer::Integer(31));
    assert_eq!(answers["sex"], Answer::Text("f".to_owned()));
    assert_eq!(answers["needs"], Answer::Choices(["10".to_owned(), "20".to_owned()].into()));
    assert_eq!(answers["story"], Answer::Narrative("first\nsecond".to_owned()));
}

#[test]
fn a_required_answer_cannot_be_skipped_and_others_can() {
    let answers = typed("\n-\nAmina\n\n\n\n\n\n").unwrap();
    assert_eq!(answers.len(), 1);
}

#[test]
fn a_wrong_answer_is_asked_again_and_going_back_keeps_the_rest() {
    let answers = typed("Amina\nmany\n31\n<\n32\nmale\n1\n\n\n\n").unwrap();
    assert_eq!(answers["age"], Answer::Integer(32));
    assert_eq!(answers["sex"], Answer::Text("m".to_owned()), "by label");
    assert!(!answers.contains_key("needs"), "1 is the number of a line and the name of no choice");
}

#[test]
fn a_part_of_a_label_is_enough_when_it_fits_one_choice() {
    let answers = typed("Amina\n\nfem\nlegal\n\n\n").unwrap();
    assert_eq!(answers["sex"], Answer::Text("f".to_owned()));
    assert_eq!(answers["needs"], Answer::Choices(["20".to_owned()].into()));
}

#[test]
fn signs_can_be_answers_too_and_a_dash_empties() {
    let answers = typed("\\-\n31\n<\n-\n\n\n\n\n").unwrap();
    assert_eq!(answers["name"], Answer::Text("-".to_owned()));
    assert!(!answers.contains_key("age"));
}

#[test]
fn the_end_of_the_input_saves_nothing() {
    assert!(matches!(typed("Amina\n31\n"), Err(Trouble::Cancelled)));
    assert!(matches!(typed("Amina\n\n\n\n\n"), Err(Trouble::Cancelled)), "not even at the last question");
}

/// What a form asks depends on what was answered, and its checks speak in its own words.
fn conditional() -> Form {
    let form = json!({
        "id": "f", "version": "1", "title": {"": "F"}, "default_language": "",
        "groups": [],
        "questions": [
            {"name": "age", "kind": "integer", "label": {"": "Age"},
             "logic": {"constraint": ". < 120", "constraint_message": {"": "Below 120, not ${age}"}}},
            {"name": "school", "kind": "text", "label": {"": "School"}, "logic": {"relevant": "${age} < 18"}},
            {"name": "work", "kind": "text", "label": {"": "Work"},
             "logic": {"relevant": "${age} > 17", "required_when": "${age} < 60"}},
            {"name": "next", "kind": "integer", "label": {"": "Next"}, "logic": {"calculation": "${age} + 1"}},
            {"name": "land", "kind": "text", "label": {"": "Land"}, "logic": {"default": {"literal": "tj"}}},
        ],
        "lists": {},
    });
    serde_json::from_value(form).unwrap()
}

#[test]
fn only_what_applies_is_asked_and_a_check_asks_again() {
    let typed = |lines: &str| ask(&conditional(), "", Answers::new(), &mut lines.as_bytes());
    let text = |text: &str| Answer::Text(text.to_owned());
    let answers = typed("300\n30\n\ndriver\n\n\n").unwrap();
    assert_eq!(answers["age"], Answer::Integer(30));
    assert_eq!((&answers["work"], &answers["land"]), (&text("driver"), &text("tj")));
    assert!(!answers.contains_key("school") && !answers.contains_key("next"));
    let answers = typed("12\nfirst\nkg\n\n").unwrap();
    assert_eq!((&answers["school"], &answers["land"]), (&text("first"), &text("kg")));
    // Back over what is not asked.
    let answers = typed("12\nfirst\n<\nsecond\n<\n<\n70\n\n\n\n").unwrap();
    assert_eq!(answers["age"], Answer::Integer(70));
}
