//! That there is no answer is not an answer, and not nothing.

use automerge::{ROOT, ScalarValue, transaction::Transactable};

use super::super::{Breach, history, read};
use super::foreign::{breach, foreign, refusal};
use super::village::{village, village_of};
use super::{answers, care, choices, interview, narrative, text};
use crate::form::{Answer, Answers, Missing};

fn missing(why: Missing) -> Answer {
    Answer::Missing(why)
}

#[test]
fn every_question_a_person_is_asked_may_say_why_there_is_no_answer() {
    for form in [interview(), care()] {
        let asked =
            form.questions.iter().filter(|question| question.kind.is_asked() && question.group.is_none());
        let fields: Vec<String> = asked.map(|question| question.name.clone()).collect();
        for why in Missing::ALL {
            let said: Answers = fields.iter().map(|field| (field.clone(), missing(why))).collect();
            let (begun, [mut anna, mut boris, _]) = village_of(form.clone(), &said);
            assert_eq!(anna.content().answers, said);
            assert_eq!(super::village::take(None, &[begun]).content.unwrap().answers, said);
            // Said later, it is the same.
            let (_, [mut other, ..]) = village_of(form.clone(), &Answers::new());
            let edits = said.iter().map(|(field, answer)| (field.clone(), Some(answer.clone()))).collect();
            other.edit(&edits, 2);
            assert_eq!(other.content().answers, said);
            boris.put("needs", choices(&["food"]), 3);
            boris.put("story", narrative("She came."), 3);
            anna.hear(&boris.sent);
            assert_eq!(anna.content().answers["needs"], choices(&["food"]));
            assert_eq!(anna.content().answers["story"], narrative("She came."));
            assert_eq!(anna.content().conflicts, vec![]);
        }
    }
}

#[test]
fn what_was_declined_differs_from_what_was_emptied_and_from_what_was_never_answered() {
    let (_, [mut anna, ..]) = village(&answers());
    for field in ["age", "name", "needs", "story", "language"] {
        anna.put(field, missing(Missing::Declined), 2);
        assert_eq!(anna.content().answers[field], missing(Missing::Declined), "{field}");
        anna.edit(&[(field.to_owned(), None)].into(), 3);
        assert_eq!(anna.content().answers.get(field), None, "{field}");
        let told: Vec<_> =
            history(&anna.document, Some(field)).unwrap().into_iter().map(|one| one.answer).collect();
        assert_eq!(told[1..], [Some(missing(Missing::Declined)), None], "{field}");
    }
    assert_eq!(anna.content().answers.get("woken"), None);
}

#[test]
fn who_was_told_and_who_was_not_are_a_conflict() {
    for (field, told) in
        [("age", Answer::Integer(40)), ("needs", choices(&["shelter"])), ("story", narrative("She came."))]
    {
        let (_, [mut anna, mut boris, _]) = village(&Answers::new());
        anna.put(field, missing(Missing::Unknown), 2);
        boris.put(field, told.clone(), 2);
        anna.hear(&boris.sent);
        let [conflict] = &anna.content().conflicts[..] else { panic!("one conflict on {field}") };
        let said: Vec<_> = conflict.values.iter().filter_map(|value| value.answer.clone()).collect();
        assert!(
            said.contains(&told) && said.contains(&missing(Missing::Unknown)) && said.len() == 2,
            "{field}"
        );
        anna.put(field, told.clone(), 3);
        assert_eq!(anna.content().conflicts, vec![], "{field}");
        assert_eq!(anna.content().answers[field], told);
    }
}

#[test]
fn a_document_that_says_so_rests_where_older_programs_do_not_look() {
    let (_, [mut anna, mut boris, _]) = village(&answers());
    assert_eq!(anna.document[0], 1, "what older programs read stays as it was");
    anna.put("age", missing(Missing::Declined), 2);
    assert_eq!(anna.document[0], 2);
    boris.put("age", Answer::Integer(40), 2);
    boris.hear(&anna.sent);
    assert_eq!(boris.document[0], 2, "also where it only stands beside an answer");
    boris.put("age", Answer::Integer(40), 3);
    assert_eq!(boris.document[0], 1);
    let said = Answers::from([("age".to_owned(), missing(Missing::Unknown))]);
    let (begun, [device, ..]) = village(&said);
    assert_eq!((device.document[0], super::village::take(None, &[begun]).document.unwrap()[0]), (2, 2));
    assert_eq!(read(&device.document).unwrap().answers, said);
}

#[test]
fn nothing_else_passes_for_it() {
    let cases: [(&str, ScalarValue); 7] = [
        ("age", ScalarValue::Uint(0)),
        ("age", ScalarValue::Uint(4)),
        ("needs", ScalarValue::Uint(1)),
        ("needs?", ScalarValue::Uint(9)),
        ("needs?", "declined".into()),
        ("start", ScalarValue::Uint(2)),
        ("sum", ScalarValue::Uint(2)),
    ];
    for (key, value) in cases {
        let change = foreign(|transaction| transaction.put(ROOT, key, value).unwrap());
        assert_eq!(breach(refusal(2, &change)), Breach::WrongKind, "{key}");
    }
    let apart = foreign(|transaction| transaction.put(ROOT, "age?", ScalarValue::Uint(2)).unwrap());
    assert_eq!(breach(refusal(2, &apart)), Breach::WrongKind);
    let fine = foreign(|transaction| transaction.put(ROOT, "story?", ScalarValue::Uint(2)).unwrap());
    assert_eq!(
        super::village::take(Some(&super::foreign::begin(1).document), &[(super::chain(2), fine)]).refused,
        vec![]
    );
    let _ = text("");
}
