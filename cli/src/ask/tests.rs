//! A person's typing, played back.

use super::*;
use cairn_core::form::expression::Moment;
use cairn_core::form::session::Surroundings;
use cairn_core::form::{Choice, Group, Logic, Prepared, Repeat, Translations};

fn text(text: &str) -> Translations {
    Translations::from([(String::new(), text.to_owned())])
}

fn question(name: &str, label: &str, kind: Kind) -> Question {
    Question { label: text(label), ..Question::new(name, kind) }
}

fn form() -> Form {
    let mut form = Form::new("f", "1");
    form.questions = vec![
        Question { required: true, ..question("name", "Name", Kind::Text) },
        question("age", "Age", Kind::Integer),
        question("sex", "Sex", Kind::SelectOne("sex".to_owned())),
        question("needs", "Needs", Kind::SelectMultiple("needs".to_owned())),
        question("story", "Story", Kind::Narrative),
    ];
    form.lists.insert("sex".to_owned(), vec![Choice::new("f", "Female"), Choice::new("m", "Male")]);
    form.lists.insert("needs".to_owned(), vec![Choice::new("10", "Food"), Choice::new("20", "Legal help")]);
    form
}

/// What the answers are in the end, how asking ended, and what was kept after each answer.
struct Played {
    answers: Answers,
    ended: Result<(), Trouble>,
    kept: Vec<Answers>,
}

fn play(form: &Form, lines: &str) -> Played {
    let prepared = Prepared::new(form).unwrap();
    let around = Surroundings::new(form, &prepared, "", Moment::new(0, 0), 7);
    let mut session = Session::open(form, &prepared, &around, Answers::new(), false);
    let mut kept = Vec::new();
    let mut keep = |answers: &Answers| {
        kept.push(answers.clone());
        Ok(())
    };
    let unseen = BTreeSet::new();
    let mut input = lines.as_bytes();
    let interview = Interview {
        form,
        session: &mut session,
        unseen: &unseen,
        language: "",
        keep: &mut keep,
        input: &mut input,
    };
    let ended = interview.hold();
    Played { answers: session.answers().clone(), ended, kept }
}

fn typed(lines: &str) -> Result<Answers, Trouble> {
    let played = play(&form(), lines);
    played.ended.map(|()| played.answers)
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
fn each_answer_is_kept_when_it_is_given_also_if_the_end_never_comes() {
    let played = play(&form(), "Amina\n31\n");
    assert!(matches!(played.ended, Err(Trouble::Cancelled)));
    let counts: Vec<usize> = played.kept.iter().map(Answers::len).collect();
    assert_eq!(counts, [0, 1, 2]);
    let played = play(&form(), "Amina\n\n\n\n\n");
    assert!(matches!(played.ended, Err(Trouble::Cancelled)), "not finished by itself, even at the end");
}

/// A form with conditions, a check, a list that depends on an answer, and rows.
fn clever() -> Form {
    let mut form = form();
    let logic = |relevant: &str| Logic { relevant: Some(relevant.to_owned()), ..Logic::default() };
    form.questions = vec![
        question("sex", "Sex", Kind::SelectOne("sex".to_owned())),
        Question {
            logic: logic("${sex} = 'f'"),
            required: true,
            ..question("months", "Months with child", Kind::Integer)
        },
        Question {
            logic: Logic {
                constraint: Some(". < 130".to_owned()),
                constraint_message: text("Nobody is so old."),
                ..Logic::default()
            },
            ..question("age", "Age", Kind::Integer)
        },
        Question {
            logic: Logic { choice_filter: Some("name != '10' or ${age} > 5".to_owned()), ..Logic::default() },
            ..question("needs", "Needs", Kind::SelectMultiple("needs".to_owned()))
        },
        Question { group: Some(0), ..question("child", "Name of the child", Kind::Text) },
        Question { group: Some(0), ..question("born", "Born", Kind::Date) },
    ];
    let children = Group { label: text("Child"), repeat: Some(Repeat::default()), ..Group::new("children") };
    form.groups = vec![children];
    form
}

#[test]
fn only_what_is_relevant_is_asked() {
    let played = play(&clever(), "male\n40\n\n\n\n");
    assert!(played.ended.is_ok());
    assert_eq!(played.answers.len(), 2);
    let played = play(&clever(), "female\n\n7\n40\n\n\n\n");
    assert!(played.ended.is_ok());
    assert_eq!(played.answers["months"], Answer::Integer(7), "and then it is required");
}

#[test]
fn what_does_not_pass_a_check_is_asked_again_and_kept_until_the_end() {
    let played = play(&clever(), "male\n200\n\n");
    assert!(matches!(played.ended, Err(Trouble::Cancelled)));
    assert_eq!(played.answers["age"], Answer::Integer(200), "a draft may hold it");
    let played = play(&clever(), "male\n200\n\n\n\n\n30\n\n\n\n");
    assert!(played.ended.is_ok(), "the end leads back to what is wrong");
    assert_eq!(played.answers["age"], Answer::Integer(30));
}

#[test]
fn a_choice_that_is_not_offered_cannot_be_made_by_a_part_of_its_label() {
    let played = play(&clever(), "male\n3\nfoo\n\n\n\n");
    assert!(!played.answers.contains_key("needs"));
    let played = play(&clever(), "male\n30\nfoo\n\n\n");
    assert!(played.answers.contains_key("needs"), "control");
}

#[test]
fn rows_are_added_one_after_the_other_and_taken_away_by_number() {
    let lines = "male\n40\n\n+\nAnna\n1990-01-01\n+\nBoris\n\n+\nChloe\n\n-2\n\n\n";
    let played = play(&clever(), lines);
    assert!(played.ended.is_ok());
    let names: Vec<&Answer> = played
        .answers
        .iter()
        .filter(|(key, _)| key.starts_with("child#"))
        .map(|(_, answer)| answer)
        .collect();
    assert_eq!(names, [&Answer::Text("Anna".to_owned()), &Answer::Text("Chloe".to_owned())]);
    assert_eq!(played.answers.values().filter(|answer| **answer == Answer::Row).count(), 2);
}
