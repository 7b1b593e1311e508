//! First changes and edits.

use automerge::{
    Automerge, Change, ObjType, ROOT, ReadDoc,
    transaction::{CommitOptions, Transactable},
};
use proptest::prelude::*;

use super::super::{
    About, ChangeError, Stamp, edit, first, history,
    layout::{self, Shape},
    read, rest,
};
use super::{answers, chain, choices, interview, narrative, record, text};
use crate::form::{Answer, Answers, Form, limits};

/// What the ordinary way makes: puts and splices in a transaction.
fn ordinary(form: &Form, about: &About<'_>, answers: &Answers, by: &Stamp) -> Change {
    let mut document = Automerge::new().with_actor(layout::actor(by.chain));
    let mut transaction = document.transaction();
    transaction.put(ROOT, "~form", form.id.as_str()).unwrap();
    transaction.put(ROOT, "~version", form.version.as_str()).unwrap();
    transaction.put(ROOT, "~record", about.record.0.to_vec()).unwrap();
    transaction.put(ROOT, "~part", about.part).unwrap();
    for question in &form.questions {
        let name = question.name.as_str();
        match answers.get(name) {
            Some(Answer::Text(text)) => transaction.put(ROOT, name, text.as_str()).unwrap(),
            Some(Answer::Integer(number)) => transaction.put(ROOT, name, *number).unwrap(),
            Some(Answer::Decimal(number)) => transaction.put(ROOT, name, *number).unwrap(),
            Some(Answer::Choices(chosen)) if chosen.is_empty() => transaction.put(ROOT, name, true).unwrap(),
            Some(Answer::Choices(chosen)) => {
                for choice in form.choices(question) {
                    if chosen.contains(choice.name) {
                        transaction.put(ROOT, format!("{name}/{}", choice.name), true).unwrap();
                    }
                }
            }
            // Other ways of merging have tests of their own.
            Some(
                Answer::Narrative(_) | Answer::Missing(_) | Answer::Log(_) | Answer::File(_) | Answer::Row,
            )
            | None => {}
        }
        if Shape::of(&question.kind) == Shape::Narrative {
            let object = transaction.put_object(ROOT, name, ObjType::Text).unwrap();
            if let Some(Answer::Narrative(text)) = answers.get(name) {
                transaction.splice_text(&object, 0, 0, text).unwrap();
            }
        }
    }
    let (hash, _) = transaction.commit_with(CommitOptions::default().with_time(by.time));
    document.get_change_by_hash(&hash.unwrap()).unwrap()
}

fn about() -> About<'static> {
    About { record: record(9), part: "case" }
}

fn by(number: u8, time: i64) -> Stamp {
    Stamp { chain: chain(number), time }
}

fn same_as_ordinary(form: &Form, answers: &Answers, by: &Stamp) {
    let built = first(form, &about(), answers, by).unwrap();
    let ordinary = ordinary(form, &about(), answers, by);
    assert_eq!(built.change, ordinary.raw_bytes());
    assert_eq!(built.hash, ordinary.hash().0);
}

fn any_answer(question: &crate::form::Question, form: &Form) -> BoxedStrategy<Answer> {
    let letters =
        prop_oneof!["[a-z ]{0,40}", "\\PC{0,20}", "[а-яё ]{0,30}", "[ء-ي ]{0,30}", "[🧭🏽👩‍👧\u{301}a]{0,9}"];
    match Shape::of(&question.kind) {
        Shape::Integer => any::<i64>().prop_map(Answer::Integer).boxed(),
        Shape::Decimal => proptest::num::f64::NORMAL.prop_map(Answer::Decimal).boxed(),
        Shape::Narrative => letters.prop_map(Answer::Narrative).boxed(),
        Shape::Choices => {
            let names: Vec<String> =
                form.choices(question).iter().map(|choice| choice.name.to_owned()).collect();
            proptest::sample::subsequence(names.clone(), 0..=names.len())
                .prop_map(|chosen| Answer::Choices(chosen.into_iter().collect()))
                .boxed()
        }
        _ => letters.prop_map(Answer::Text).boxed(),
    }
}

pub(crate) fn any_answers() -> BoxedStrategy<Answers> {
    let form = interview();
    let asked = form.questions.iter().filter(|question| Shape::of(&question.kind) != Shape::Nothing);
    let each: Vec<_> = asked
        .map(|question| {
            proptest::option::of(any_answer(question, &form)).prop_map({
                let name = question.name.clone();
                move |answer| answer.map(|answer| (name.clone(), answer))
            })
        })
        .collect();
    each.prop_map(|answers| answers.into_iter().flatten().collect()).boxed()
}

proptest! {
    #[test]
    fn a_first_change_is_what_the_ordinary_way_makes(answers in any_answers(), time in any::<i64>(), number: u8) {
        same_as_ordinary(&interview(), &answers, &by(number, time));
    }

    #[test]
    fn what_is_first_written_is_read_again(answers in any_answers(), other in any_answers()) {
        let written = first(&interview(), &about(), &answers, &by(1, 5)).unwrap();
        let content = read(&written.document).unwrap();
        let told = |answers: &Answers| {
            let mut answers = answers.clone();
            answers.retain(|_, answer| *answer != narrative(""));
            answers
        };
        prop_assert_eq!(&content.answers, &told(&answers));
        // Both ways of reading agree.
        let document = rest::load(&written.document).unwrap();
        prop_assert_eq!(super::super::read::content(&document).unwrap(), content);
        // An edit says exactly what it says.
        let names = answers.keys().chain(other.keys()).cloned();
        let edits = names.map(|name| { let answer = other.get(&name).cloned(); (name, answer) }).collect();
        if let Some(edited) = edit(&written.document, &interview(), &edits, &by(2, 6)).unwrap() {
            prop_assert_eq!(read(&edited.document).unwrap().answers, told(&other));
            prop_assert_eq!(edit(&edited.document, &interview(), &edits, &by(3, 7)).unwrap(), None);
        }
    }
}

#[test]
fn a_first_change_is_what_the_ordinary_way_makes_for_every_kind_alone() {
    let form = interview();
    same_as_ordinary(&form, &Answers::new(), &by(1, 0));
    same_as_ordinary(&form, &answers(), &by(1, 1_700_000_000));
    for (field, answer) in answers() {
        same_as_ordinary(&form, &Answers::from([(field, answer)]), &by(1, -1));
    }
}

#[test]
fn a_first_change_with_long_texts_is_what_the_ordinary_way_makes() {
    let long = |length: usize| Answers::from([("story".to_owned(), narrative(&"дождь ".repeat(length / 6)))]);
    for length in [60, 1_200, 59_998] {
        same_as_ordinary(&interview(), &long(length), &by(1, 0));
    }
    let short = Answers::from([("name".to_owned(), text(&"x".repeat(limits::TEXT)))]);
    same_as_ordinary(&interview(), &short, &by(1, 0));
}

#[test]
fn answers_that_do_not_fit_are_refused() {
    let fails = |field: &str, answer| {
        let answers = Answers::from([(field.to_owned(), answer)]);
        first(&interview(), &about(), &answers, &by(1, 0)).unwrap_err()
    };
    assert_eq!(fails("shoe", text("44")), ChangeError::Unasked { field: "shoe".to_owned() });
    assert!(matches!(fails("intro", text("")), ChangeError::Unfit { .. }));
    assert!(matches!(fails("age", text("31")), ChangeError::Unfit { .. }));
    assert!(matches!(fails("name", narrative("n")), ChangeError::Unfit { .. }));
    assert!(matches!(fails("weight", Answer::Decimal(f64::NAN)), ChangeError::Unfit { .. }));
    assert_eq!(fails("needs", choices(&["gold"])), ChangeError::Unoffered { field: "needs".to_owned() });
    let long = "я".repeat(limits::NARRATIVE + 1);
    assert!(matches!(fails("story", narrative(&long)), ChangeError::TooLong { .. }));
    assert!(matches!(fails("name", text(&long)), ChangeError::TooLong { .. }));
}

#[test]
fn an_edit_of_one_field_is_small() {
    let written = first(&interview(), &about(), &answers(), &by(1, 0)).unwrap();
    let edits = [("age".to_owned(), Some(Answer::Integer(32)))].into();
    let edited = edit(&written.document, &interview(), &edits, &by(1, 60)).unwrap().unwrap();
    assert!(edited.change.len() < 130, "{} octets", edited.change.len());
    let content = read(&edited.document).unwrap();
    assert_eq!((content.heads, content.changes), (vec![edited.hash], 2));
    assert_eq!((content.begun, content.latest), (by(1, 0), by(1, 60)));
}

#[test]
fn answered_with_none_differs_from_not_answered() {
    let written = first(&interview(), &about(), &Answers::new(), &by(1, 0)).unwrap();
    let put = |document: &[u8], answer: Option<Answer>| {
        edit(document, &interview(), &[("needs".to_owned(), answer)].into(), &by(1, 1))
            .unwrap()
            .unwrap()
            .document
    };
    let needs = |document: &[u8]| read(document).unwrap().answers.get("needs").cloned();
    let none = put(&written.document, Some(choices(&[])));
    assert_eq!(needs(&none), Some(choices(&[])));
    let two = put(&none, Some(choices(&["food", "legal"])));
    assert_eq!(needs(&two), Some(choices(&["food", "legal"])));
    let emptied = put(&two, None);
    assert_eq!(needs(&emptied), None);
    assert_eq!(needs(&put(&emptied, Some(choices(&["food"])))), Some(choices(&["food"])));
}

#[test]
fn history_tells_who_gave_which_answer_when() {
    let written = first(&interview(), &about(), &answers(), &by(1, 100)).unwrap();
    let edits =
        [("age".to_owned(), Some(Answer::Integer(32))), ("story".to_owned(), Some(narrative("She stayed.")))];
    let second = edit(&written.document, &interview(), &edits.into(), &by(2, 200)).unwrap().unwrap();
    let third = edit(&second.document, &interview(), &[("age".to_owned(), None)].into(), &by(1, 300))
        .unwrap()
        .unwrap();
    let told: Vec<_> = history(&third.document, Some("age"))
        .unwrap()
        .into_iter()
        .map(|past| (past.by, past.change, past.before, past.answer))
        .collect();
    let (old, new) = (Some(Answer::Integer(31)), Some(Answer::Integer(32)));
    assert_eq!(
        told,
        vec![
            (by(1, 100), written.hash, None, old.clone()),
            (by(2, 200), second.hash, old, new.clone()),
            (by(1, 300), third.hash, new, None),
        ]
    );
    let all = history(&third.document, None).unwrap();
    assert_eq!(all.len(), answers().len() + 3);
    let story = all.iter().rfind(|past| past.field == "story").unwrap();
    assert_eq!((&story.before, &story.answer), (&answers().remove("story"), &Some(narrative("She stayed."))));
}

#[test]
fn another_edition_of_the_form_may_not_write() {
    let written = first(&interview(), &about(), &answers(), &by(1, 0)).unwrap();
    let newer = Form { version: "4".to_owned(), ..interview() };
    let edits = [("age".to_owned(), None)].into();
    let refused = edit(&written.document, &newer, &edits, &by(1, 1)).unwrap_err();
    assert_eq!(refused, ChangeError::OtherForm { form: "interview".to_owned(), version: "3".to_owned() });
}

#[test]
fn damaged_and_newer_documents_are_named_as_such() {
    let written = first(&interview(), &about(), &answers(), &by(1, 0)).unwrap();
    let edits = [("age".to_owned(), None)].into();
    let edited = edit(&written.document, &interview(), &edits, &by(1, 1)).unwrap().unwrap();
    for document in [written.document, edited.document] {
        assert_eq!(read(&document[..document.len() - 1]), Err(ChangeError::Damaged));
        assert_eq!(history(&document[..document.len() - 1], None), Err(ChangeError::Damaged));
        let newer = [&[5], &document[1..]].concat();
        assert_eq!(read(&newer), Err(ChangeError::TooNew { layout: 5 }));
    }
    assert_eq!(read(&[]), Err(ChangeError::Damaged));
    assert_eq!(read(&[1]), Err(ChangeError::Damaged));
}
