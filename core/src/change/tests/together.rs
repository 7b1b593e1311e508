//! What becomes of two people's words.

use super::village::{Device, village};
use super::{answers, chain, choices, narrative, text};
use crate::form::{Answer, Answers};

#[test]
fn two_answers_given_at_once_are_both_kept_with_who_and_when() {
    let (_, [mut anna, mut boris, mut chloe]) = village(&answers());
    anna.put("name", text("Anna's"), 100);
    boris.put("name", text("Boris's"), 50);
    chloe.hear(&[anna.sent.clone(), boris.sent.clone()].concat());
    let content = chloe.content();
    let [conflict] = &content.conflicts[..] else { panic!("one conflict") };
    assert_eq!(conflict.field, "name");
    let told: Vec<_> =
        conflict.values.iter().map(|value| (value.answer.clone().unwrap(), value.by)).collect();
    assert_eq!(told, vec![(text("Boris's"), boris.by(50)), (text("Anna's"), anna.by(100))]);
    assert_eq!(content.answers["name"], text("Boris's"));

    chloe.put("name", text("Boris's"), 200);
    anna.hear(&[boris.sent.clone(), chloe.sent.clone()].concat());
    boris.hear(&[anna.sent.clone(), chloe.sent.clone()].concat());
    for device in [&anna, &boris, &chloe] {
        assert_eq!(device.content().conflicts, vec![]);
        assert_eq!(device.content().answers["name"], text("Boris's"));
    }
    let last = super::super::history(&anna.document, Some("name")).unwrap().pop().unwrap();
    assert_eq!((last.by, last.answer), (chloe.by(200), Some(text("Boris's"))));
}

#[test]
fn emptying_and_answering_at_once_is_a_conflict() {
    let (_, [mut anna, mut boris, _]) = village(&answers());
    anna.edit(&[("age".to_owned(), None)].into(), 2);
    boris.put("age", Answer::Integer(40), 2);
    anna.hear(&boris.sent);
    let [conflict] = &anna.content().conflicts[..] else { panic!("one conflict") };
    let told: Vec<_> = conflict.values.iter().map(|value| value.answer.clone()).collect();
    assert_eq!(told, vec![Some(Answer::Integer(40)), None]);
}

#[test]
fn the_same_answer_given_twice_is_no_conflict() {
    let (_, [mut anna, mut boris, _]) = village(&answers());
    anna.put("age", Answer::Integer(40), 2);
    boris.put("age", Answer::Integer(40), 3);
    anna.hear(&boris.sent);
    assert_eq!(anna.content().conflicts, vec![]);
    assert_eq!(anna.content().answers["age"], Answer::Integer(40));
}

#[test]
fn adding_a_choice_wins_over_taking_it_back() {
    let (_, [mut anna, mut boris, mut chloe]) = village(&answers());
    anna.put("needs", choices(&["legal"]), 2);
    boris.put("needs", choices(&["legal", "health", "food"]), 3);
    chloe.put("needs", choices(&["shelter"]), 4);
    chloe.put("needs", choices(&["shelter", "health"]), 5);
    let all = [anna.sent.clone(), boris.sent.clone(), chloe.sent.clone()].concat();
    for device in [&mut anna, &mut boris, &mut chloe] {
        device.hear(&all);
        let content = device.content();
        assert_eq!(content.answers["needs"], choices(&["shelter", "health", "food"]));
        assert_eq!(content.conflicts, vec![]);
    }
    anna.put("needs", choices(&["food"]), 6);
    assert_eq!(anna.content().answers["needs"], choices(&["food"]));
}

#[test]
fn two_people_write_into_one_narrative() {
    let story = Answers::from([("story".to_owned(), narrative("She crossed at night."))]);
    let (_, [mut anna, mut boris, _]) = village(&story);
    anna.put("story", narrative("In May she crossed at night."), 2);
    boris.put("story", narrative("She crossed at night. Two others followed."), 2);
    anna.hear(&boris.sent);
    boris.hear(&anna.sent);
    let Answer::Narrative(told) = &anna.content().answers["story"] else { panic!("a narrative") };
    assert!(told.contains("In May") && told.ends_with("Two others followed."), "{told}");
    assert_eq!(anna.content(), boris.content());
    assert_eq!(anna.content().conflicts, vec![]);
}

#[test]
fn a_narrative_rewritten_from_end_to_end_does_not_take_long() {
    let long = |letters: &str| narrative(&letters.repeat(10_000 / letters.len()));
    let story = Answers::from([("story".to_owned(), long("abcdefghij"))]);
    let (_, [mut anna, mut boris, _]) = village(&story);
    let started = std::time::Instant::now();
    anna.put("story", long("qrstuvwxyz"), 2);
    boris.hear(&anna.sent);
    assert!(started.elapsed().as_secs() < 20);
    assert_eq!(boris.content().answers["story"], long("qrstuvwxyz"));
}

#[test]
fn a_document_that_a_hundred_devices_wrote_at_once_can_be_edited() {
    let (_, [mut anna, mut boris, chloe]) = village(&answers());
    let mut sent = Vec::new();
    for number in 10..110 {
        let mut device = Device { chain: chain(number), ..chloe.clone() };
        device.put("age", Answer::Integer(100 + i64::from(number)), 2);
        sent.extend(device.sent);
    }
    anna.put("name", text("Anna's"), 2);
    anna.hear(&sent);
    assert_eq!(anna.content().heads.len(), 101);
    let mut rounds = 0;
    while anna.content().heads.len() > 1 {
        anna.put("age", Answer::Integer(1_000 + rounds), 3);
        rounds += 1;
        assert!(rounds < 4);
    }
    assert_eq!(anna.content().conflicts, vec![]);
    boris.hear(&[sent, anna.sent.clone()].concat());
    assert_eq!(boris.content(), anna.content());
}

#[test]
fn two_people_correct_a_long_narrative_in_several_places() {
    let page: String = (0..600).map(|number| format!("word{number} ")).collect();
    let story = Answers::from([("story".to_owned(), narrative(&page))]);
    let (_, [mut anna, mut boris, _]) = village(&story);
    let corrected = |text: &str, numbers: [u32; 3]| {
        numbers.iter().fold(text.to_owned(), |text, number| {
            text.replace(&format!("word{number} "), &format!("corrected{number} "))
        })
    };
    anna.put("story", narrative(&corrected(&page, [3, 250, 590])), 2);
    boris.put("story", narrative(&corrected(&page, [7, 260, 580])), 2);
    anna.hear(&boris.sent);
    let both = corrected(&corrected(&page, [3, 250, 590]), [7, 260, 580]);
    assert_eq!(anna.content().answers["story"], narrative(&both));
}
