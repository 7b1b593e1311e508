//! Devices that write at the same time.

use std::collections::BTreeMap;
use std::sync::Arc;

use cairn_wire::id::ChainId;
use proptest::prelude::*;

use super::super::{
    About, Admission, Arrival, Content, Stamp, Written, admit, edit, first, read, rest, settle,
    standing::View,
};
use super::{answers, chain, choices, interview, narrative, record, text};
use crate::form::{Answer, Answers, Form};

type Edits = BTreeMap<String, Option<Answer>>;
type Sent = (ChainId, Vec<u8>);

fn forms(id: &str, version: &str) -> Option<Arc<Form>> {
    (id == "interview" && version == "3").then(|| Arc::new(interview()))
}

fn take(document: Option<&[u8]>, sent: &[Sent]) -> Admission {
    let arrivals: Vec<_> = sent.iter().map(|(chain, change)| Arrival { chain: *chain, change }).collect();
    admit(document, &arrivals, &forms).unwrap()
}

/// A device: its chain, its copy of the one document, and all it has written.
#[derive(Clone)]
struct Device {
    chain: ChainId,
    document: Vec<u8>,
    sent: Vec<Sent>,
}

impl Device {
    fn by(&self, time: i64) -> Stamp {
        Stamp { chain: self.chain, time }
    }

    fn keep(&mut self, written: Option<Written>) {
        if let Some(written) = written {
            self.sent.push((self.chain, written.change));
            self.document = written.document;
        }
    }

    fn edit(&mut self, edits: &Edits, time: i64) {
        self.keep(edit(&self.document, &interview(), edits, &self.by(time)).unwrap());
    }

    fn put(&mut self, field: &str, answer: Answer, time: i64) {
        self.edit(&[(field.to_owned(), Some(answer))].into(), time);
    }

    fn hear(&mut self, others: &[Sent]) {
        let admission = take(Some(&self.document), others);
        assert_eq!(admission.refused, vec![]);
        if let Some(document) = admission.document {
            assert_eq!(admission.content.unwrap(), read(&document).unwrap());
            self.document = document;
        }
    }

    fn content(&self) -> Content {
        read(&self.document).unwrap()
    }
}

/// Three devices that have the same document, which the first of them began.
fn village(answers: &Answers) -> (Sent, [Device; 3]) {
    let by = Stamp { chain: chain(1), time: 1 };
    let begun = first(&interview(), &About { record: record(9), part: "case" }, answers, &by).unwrap();
    let device = |number| Device { chain: chain(number), document: begun.document.clone(), sent: Vec::new() };
    ((chain(1), begun.change.clone()), [device(1), device(2), device(3)])
}

fn any_edits() -> impl Strategy<Value = Edits> {
    let word = prop_oneof!["[abc]{0,3}", "[дождь ]{0,8}", "[🧭a\u{301}]{0,4}"];
    let one = prop_oneof![
        proptest::option::of(word.clone().prop_map(Answer::Text)).prop_map(|answer| ("name", answer)),
        proptest::option::of((0..3i64).prop_map(Answer::Integer)).prop_map(|answer| ("age", answer)),
        proptest::option::of((0..3i8).prop_map(|number| Answer::Decimal(number.into())))
            .prop_map(|a| ("weight", a)),
        proptest::option::of(proptest::sample::subsequence(
            vec!["shelter", "health", "legal", "food"],
            0..=4
        ))
        .prop_map(|chosen| ("needs", chosen.map(|chosen| choices(&chosen)))),
        proptest::option::of(word.prop_map(Answer::Narrative)).prop_map(|answer| ("story", answer)),
    ];
    proptest::collection::vec(one, 1..4)
        .prop_map(|edits| edits.into_iter().map(|(field, answer)| (field.to_owned(), answer)).collect())
}

/// Who edits what, and whether they hear everybody before.
fn any_course() -> impl Strategy<Value = Vec<(usize, Edits, bool)>> {
    proptest::collection::vec((0..3usize, any_edits(), proptest::bool::weighted(0.3)), 1..9)
}

/// All changes, causes before effects, and the devices that wrote them.
fn play(course: &[(usize, Edits, bool)]) -> (Vec<Sent>, [Device; 3]) {
    let (begun, mut devices) = village(&answers());
    let mut all = vec![begun];
    for (time, (who, edits, hears)) in (2..).zip(course) {
        if *hears {
            devices[*who].hear(&all);
        }
        let before = devices[*who].sent.len();
        devices[*who].edit(edits, time);
        all.extend(devices[*who].sent[before..].to_vec());
    }
    (all, devices)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn all_devices_come_to_say_the_same(course in any_course()) {
        let (all, mut devices) = play(&course);
        for device in &mut devices {
            device.hear(&all);
        }
        prop_assert_eq!(devices[0].content(), devices[1].content());
        prop_assert_eq!(devices[0].content(), devices[2].content());
        // Hearing it all again changes nothing.
        let again = take(Some(&devices[0].document), &all);
        prop_assert_eq!((again.document, again.accepted.len()), (None, all.len()));
    }

    #[test]
    fn each_field_alone_says_what_all_together_say(course in any_course()) {
        let (all, mut devices) = play(&course);
        devices[0].hear(&all);
        let document = rest::load(&devices[0].document).unwrap();
        for (field, standing) in View::fields(&document) {
            prop_assert_eq!(View::now(&document).field(&field), standing, "{}", field);
        }
    }

    #[test]
    fn neither_order_nor_batches_matter(
        (course, order, cut) in (any_course(), any::<prop::sample::Index>(), any::<prop::sample::Index>())
    ) {
        let (all, mut devices) = play(&course);
        devices[0].hear(&all);
        // Some other order, in two batches; what comes before its past is kept and tried again.
        let mut shuffled = all.clone();
        let turn = order.index(all.len());
        shuffled.rotate_left(turn);
        shuffled.reverse();
        let (front, back) = shuffled.split_at(cut.index(all.len()));
        let early = take(None, front);
        let mut rest: Vec<Sent> = early.refused.iter().map(|(place, refusal)| {
            assert!(refusal.may_pass_later(), "{refusal}");
            front[*place].clone()
        }).collect();
        rest.extend(back.to_vec());
        let late = take(early.document.as_deref(), &rest);
        prop_assert_eq!(&late.refused, &vec![]);
        let document = late.document.or(early.document).unwrap();
        prop_assert_eq!(read(&document).unwrap(), devices[0].content());
        // One by one, causes first.
        let mut slow: Option<Vec<u8>> = None;
        for sent in &all {
            let admission = take(slow.as_deref(), std::slice::from_ref(sent));
            prop_assert_eq!(&admission.refused, &vec![]);
            slow = admission.document.or(slow);
        }
        prop_assert_eq!(read(&slow.unwrap()).unwrap(), devices[0].content());
    }

    #[test]
    fn settling_every_conflict_leaves_none_anywhere(course in any_course(), which in any::<prop::sample::Index>()) {
        let (all, mut devices) = play(&course);
        devices[0].hear(&all);
        let conflicts = devices[0].content().conflicts;
        for conflict in &conflicts {
            prop_assert!(conflict.values.len() > 1);
            let chosen = conflict.values[which.index(conflict.values.len())].answer.clone();
            let by = devices[0].by(99);
            let settled = settle(&devices[0].document, &interview(), &conflict.field, chosen.clone(), &by).unwrap();
            prop_assert!(settled.is_some(), "settling {} changes something", conflict.field);
            devices[0].keep(settled);
            prop_assert_eq!(devices[0].content().answers.remove(&conflict.field), chosen);
        }
        prop_assert_eq!(devices[0].content().conflicts, vec![]);
        let sent = devices[0].sent.clone();
        devices[1].hear(&[all, sent].concat());
        prop_assert_eq!(devices[1].content(), devices[0].content());
    }
}

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
