//! Documents that are moved on to later editions of their form, by some and not by others.

use std::{collections::BTreeSet, sync::Arc};

use automerge::{ROOT, transaction::Transactable};
use proptest::prelude::*;

use super::super::{
    About, Admission, Arrival, Breach, ChangeError, Lower, Refusal, Under, admit, edit, edit_under, hash,
    history, read, synthetic::Dice, take_back,
};
use super::foreign::{breach, foreign_to};
use super::village::{Device, Edits, Sent, village_of};
use super::{care, chain, choices, narrative, question, record, text};
use crate::form::{Answer, Answers, Choice, Form, Kind};

/// The second edition of [`care`]: no name and no food any more; a telephone, money, and a danger between others;
/// what was a count of pain is a long text.
pub(super) fn second() -> Form {
    let mut form = Form { version: "2".to_owned(), ..care() };
    form.questions.retain(|question| question.name != "name");
    form.questions.push(question("phone", Kind::Text));
    let pain = form.questions.iter_mut().find(|question| question.name == "pain").unwrap();
    *pain = question("pain", Kind::Narrative);
    let needs = form.lists.get_mut("needs").unwrap();
    needs.retain(|choice| choice.name != "food");
    needs.push(Choice::unlabelled("money"));
    form.lists.get_mut("danger").unwrap().insert(2, Choice::unlabelled("medium"));
    form
}

/// The tenth only adds to the second.
fn tenth() -> Form {
    let mut form = Form { version: "10".to_owned(), ..second() };
    form.questions.push(question("mail", Kind::Text));
    form
}

pub(super) fn forms(id: &str, version: &str) -> Option<Arc<Form>> {
    let known = [care(), second(), tenth()].into_iter();
    known.into_iter().find(|form| form.id == id && form.version == version).map(Arc::new)
}

fn only_first(id: &str, version: &str) -> Option<Arc<Form>> {
    forms(id, version).filter(|form| form.version == "1")
}

fn hear_with(
    device: &mut Device,
    others: &[Sent],
    forms: &dyn Fn(&str, &str) -> Option<Arc<Form>>,
) -> Admission {
    let arrivals: Vec<_> = others.iter().map(|(chain, change)| Arrival { chain: *chain, change }).collect();
    let admission = admit(Some(&device.document), &arrivals, forms).unwrap();
    if let Some(document) = &admission.document {
        assert_eq!(admission.content, Some(read(document).unwrap()));
        device.document.clone_from(document);
    }
    admission
}

fn hear(device: &mut Device, others: &[Sent]) {
    assert_eq!(hear_with(device, others, &forms).refused, vec![]);
}

/// An edit under an edition, which moves the document on if it has an earlier one.
fn write(device: &mut Device, version: &str, edits: &Edits, time: i64) -> Result<bool, ChangeError> {
    let under = Under { forms: &forms, version, always: false };
    let written = edit_under(&device.document, &under, edits, &device.by(time), Lower::Refused)?;
    let changed = written.is_some();
    device.keep(written);
    Ok(changed)
}

fn put(device: &mut Device, version: &str, field: &str, answer: Answer) -> Result<bool, ChangeError> {
    write(device, version, &[(field.to_owned(), Some(answer))].into(), 9)
}

/// Moves the document on, and does nothing else.
fn go(device: &mut Device, version: &str) {
    let under = Under { forms: &forms, version, always: true };
    let written = edit_under(&device.document, &under, &Edits::new(), &device.by(8), Lower::Refused);
    device.keep(written.unwrap());
}

fn begun(answers: &[(&str, Answer)]) -> [Device; 3] {
    let answers = answers.iter().map(|(field, answer)| ((*field).to_owned(), answer.clone())).collect();
    village_of(care(), &answers).1
}

fn refused(document: &[u8], write: impl FnOnce(&mut automerge::transaction::Transaction<'_>)) -> Refusal {
    let change = foreign_to(document, write);
    let admission = admit(Some(document), &[Arrival { chain: chain(2), change: &change }], &forms).unwrap();
    admission.refused.into_iter().next().expect("it was let in").1
}

#[test]
fn a_record_that_moved_on_is_asked_what_the_later_edition_asks() {
    let [mut anna, mut boris, _] = begun(&[("name", text("Mira")), ("needs", choices(&["food", "legal"]))]);
    assert_eq!(anna.document[0], 1);
    assert!(matches!(
        edit(&anna.document, &second(), &Edits::new(), &anna.by(2)),
        Err(ChangeError::OtherForm { .. })
    ));
    assert!(put(&mut anna, "2", "phone", text("17")).unwrap());
    assert_eq!(anna.sent.len(), 1, "moving and answering are one change");
    assert_eq!(anna.document[0], 3, "who does not know editions must update");
    let content = anna.content();
    assert_eq!(
        (content.version.as_str(), content.editions.as_slice()),
        ("2", &["1".to_owned(), "2".into()][..])
    );
    assert_eq!(
        (&content.answers["phone"], &content.answers["name"]),
        (&text("17"), &text("Mira")),
        "nothing is lost"
    );
    hear(&mut boris, &anna.sent);
    assert_eq!(boris.content(), anna.content());
    let unasked = ChangeError::Unasked { field: "name".to_owned() };
    assert_eq!(put(&mut boris, "2", "name", text("Nina")), Err(unasked));
    assert!(put(&mut boris, "2", "needs", choices(&["money"])).unwrap());
    assert_eq!(boris.content().answers["needs"], choices(&["food", "money"]), "what is gone stays chosen");
    // Nobody goes back, and what is not known is not gone to.
    for version in ["1", "3"] {
        assert!(matches!(put(&mut boris, version, "code", text("A")), Err(ChangeError::OtherForm { .. })));
    }
    assert!(
        !put(&mut boris, "10", "phone", text("17")).unwrap(),
        "nothing else changes, so it does not move"
    );
    go(&mut boris, "10");
    go(&mut boris, "10");
    assert_eq!((boris.content().version.as_str(), boris.sent.len()), ("10", 2));
    hear(&mut anna, &boris.sent);
    assert_eq!(anna.content(), boris.content());
}

#[test]
fn who_does_not_know_the_edition_keeps_the_change_waiting() {
    let [mut anna, mut boris, mut chloe] = begun(&[]);
    put(&mut anna, "2", "phone", text("17")).unwrap();
    let unknown = Refusal::UnknownForm { form: "care".to_owned(), version: "2".to_owned() };
    let admission = hear_with(&mut boris, &anna.sent, &only_first);
    assert_eq!(admission.refused, [(0, unknown.clone())]);
    assert!(unknown.may_pass_later());
    // Somebody else's change under the first edition gets in all the same.
    put(&mut chloe, "1", "name", text("Mira")).unwrap();
    assert_eq!(hear_with(&mut boris, &chloe.sent, &only_first).refused, []);
    hear(&mut boris, &anna.sent);
    assert_eq!(boris.content().answers.len(), 2);
}

#[test]
fn a_move_is_said_once_later_and_alone() {
    let [mut anna, mut boris, _] = begun(&[("name", text("Mira"))]);
    let fresh = boris.document.clone();
    let broken = |document: &[u8], key: &str, value: bool| {
        breach(refused(document, |transaction| transaction.put(ROOT, key, value).unwrap()))
    };
    assert_eq!(broken(&fresh, "~to#2", false), Breach::Reserved, "nobody takes it back");
    assert_eq!(broken(&fresh, "~to#1", true), Breach::NotLater);
    assert_eq!(broken(&fresh, "~to#0", true), Breach::NotLater);
    assert_eq!(broken(&fresh, "~to", true), Breach::Reserved);
    let unknown = refused(&fresh, |transaction| transaction.put(ROOT, "~to#7", true).unwrap());
    assert!(unknown.may_pass_later(), "{unknown}");
    let twice = refused(&fresh, |transaction| {
        transaction.put(ROOT, "~to#2", true).unwrap();
        transaction.put(ROOT, "~to#10", true).unwrap();
    });
    assert_eq!(breach(twice), Breach::Twice);
    let long = format!("~to#{}", "9".repeat(300));
    assert_eq!(broken(&fresh, &long, true), Breach::Reserved);
    // In the same change the later edition counts already.
    let both = refused(&fresh, |transaction| {
        transaction.put(ROOT, "~to#2", true).unwrap();
        transaction.put(ROOT, "name", "Nina").unwrap();
    });
    assert_eq!(breach(both), Breach::Unasked);

    go(&mut anna, "10");
    assert_eq!(broken(&anna.document, "~to#2", true), Breach::NotLater);
    assert_eq!(broken(&anna.document, "~to#10", false), Breach::Reserved);
    let deleted = refused(&anna.document, |transaction| transaction.delete(ROOT, "~to#10").unwrap());
    assert_eq!(breach(deleted), Breach::Reserved);
    assert_eq!(
        breach(refused(&anna.document, |transaction| transaction.put(ROOT, "name", "Nina").unwrap())),
        Breach::Unasked
    );
    // Control: the same by who has not heard of the move.
    put(&mut boris, "1", "name", text("Nina")).unwrap();
    hear(&mut anna, &boris.sent);
    assert_eq!(anna.content().answers["name"], text("Nina"));
    assert_eq!(anna.content().version, "10");
}

#[test]
fn two_who_move_at_once_meet_in_the_later_edition() {
    let [mut anna, mut boris, mut chloe] = begun(&[]);
    put(&mut anna, "2", "phone", text("17")).unwrap();
    put(&mut boris, "10", "mail", text("m")).unwrap();
    put(&mut chloe, "2", "phone", text("18")).unwrap();
    let all = [anna.sent.clone(), boris.sent.clone(), chloe.sent.clone()].concat();
    for device in [&mut anna, &mut boris, &mut chloe] {
        hear(device, &all);
    }
    assert_eq!(anna.content(), boris.content());
    assert_eq!(anna.content(), chloe.content());
    assert_eq!(anna.content().version, "10");
    assert_eq!(anna.content().conflicts[0].field, "phone");
    put(&mut chloe, "10", "phone", text("18")).unwrap();
    hear(&mut anna, &chloe.sent);
    assert_eq!(anna.content().conflicts, []);
}

#[test]
fn a_question_that_became_another_one_keeps_its_answer_and_takes_no_other() {
    let [mut anna, mut boris, _] = begun(&[("pain", Answer::Decimal(7.5))]);
    let otherwise = ChangeError::AskedOtherwise { field: "pain".to_owned() };
    assert_eq!(put(&mut anna, "2", "pain", narrative("It hurts.")), Err(otherwise));
    go(&mut anna, "2");
    // A foreign program that puts a text there anyway would replace what others cannot read any more.
    let object = refused(&anna.document, |transaction| {
        drop(transaction.put_object(ROOT, "pain", automerge::ObjType::Text).unwrap());
    });
    assert_eq!(breach(object), Breach::Unasked);
    put(&mut boris, "1", "pain", Answer::Decimal(9.0)).unwrap();
    hear(&mut anna, &boris.sent);
    assert_eq!(anna.content().answers["pain"], Answer::Decimal(9.0));
}

#[test]
fn a_danger_is_as_bad_as_the_later_edition_has_it() {
    let [mut anna, _, _] = begun(&[("danger", text("high"))]);
    go(&mut anna, "2");
    // It was in the third place, where `medium` is now.
    let lowers = ChangeError::Lowers { field: "danger".to_owned() };
    assert_eq!(put(&mut anna, "2", "danger", text("medium")), Err(lowers));
    let silent = refused(&anna.document, |transaction| transaction.put(ROOT, "danger^", "2 medium").unwrap());
    assert_eq!(breach(silent), Breach::Lowered);
    assert!(put(&mut anna, "2", "danger", text("deadly")).unwrap(), "control: raising it");
}

#[test]
fn what_is_said_again_is_said_under_the_edition_it_was_said_under() {
    let [_, mut boris, _] = begun(&[("code", text("T"))]);
    put(&mut boris, "1", "name", text("Mira")).unwrap();
    put(&mut boris, "2", "phone", text("17")).unwrap();
    go(&mut boris, "10");
    let unsent: BTreeSet<_> = boris.sent.iter().filter_map(|(_, change)| hash(change)).collect();
    let back = take_back(&boris.document, &unsent).unwrap().unwrap();
    let about = About { record: record(9), part: "case" };
    let again = back.say(&forms, &about, chain(7)).unwrap();
    assert_eq!(again.changes.len(), 3);
    let (content, before) = (read(&again.document).unwrap(), boris.content());
    assert_eq!((content.answers, content.editions), (before.answers, before.editions));
    let sent: Vec<Sent> = again.changes.into_iter().map(|change| (chain(7), change)).collect();
    let [mut anna, ..] = begun(&[("code", text("T"))]);
    hear(&mut anna, &sent);
    assert_eq!(anna.content().version, "10");
}

#[test]
fn an_edit_that_cannot_name_all_who_wrote_moves_on_again_if_it_must() {
    let [mut anna, mut boris, chloe] = begun(&[]);
    let mut sent = Vec::new();
    for number in 10..110 {
        let mut device = Device { chain: chain(number), ..chloe.clone() };
        device.put("threats", Answer::Integer(i64::from(number)), 2);
        sent.extend(device.sent);
    }
    let mut mover = Device { chain: chain(200), ..chloe.clone() };
    go(&mut mover, "2");
    sent.extend(mover.sent);
    hear(&mut anna, &sent);
    for round in 0..4 {
        put(&mut anna, "2", "phone", text(&format!("{round}"))).unwrap();
    }
    hear(&mut boris, &[sent, anna.sent.clone()].concat());
    assert_eq!(boris.content(), anna.content());
}

/// One device writes under some edition, moves on, or hears of another.
#[derive(Debug, Clone)]
enum Act {
    Write(usize, &'static str, &'static str, Answer),
    Move(usize, &'static str),
    Hear(usize, usize),
}

fn any_act() -> impl Strategy<Value = Act> {
    let version = || prop::sample::select(vec!["1", "2", "10"]);
    let danger = prop::sample::select(vec!["none", "low", "medium", "high"]).prop_map(text);
    let needs = prop::sample::subsequence(vec!["shelter", "food", "money"], 0..3);
    let write = prop_oneof![
        "[ab]".prop_map(|word| ("name", text(&word))),
        "[ab]".prop_map(|word| ("phone", text(&word))),
        "[ab]".prop_map(|word| ("mail", text(&word))),
        "[ab]{1,3}".prop_map(|word| ("story", narrative(&word))),
        "[ab]{1,3}".prop_map(|word| ("pain", narrative(&word))),
        danger.prop_map(|danger| ("danger", danger)),
        needs.prop_map(|needs| ("needs", choices(&needs))),
    ];
    prop_oneof![
        5 => (0usize..3, version(), write)
            .prop_map(|(who, version, (field, answer))| Act::Write(who, version, field, answer)),
        1 => (0usize..3, version()).prop_map(|(who, version)| Act::Move(who, version)),
        2 => (0usize..3, 0usize..3).prop_map(|(who, whom)| Act::Hear(who, whom)),
    ]
}

/// What three devices do; gives all that was sent, and the devices.
fn lived(acts: &[Act]) -> (Sent, [Device; 3]) {
    let (begun, mut devices) = village_of(care(), &Answers::new());
    for (act, time) in acts.iter().zip(2..) {
        match act {
            Act::Write(who, version, field, answer) => {
                let edits = [((*field).to_owned(), Some(answer.clone()))].into();
                match write(&mut devices[*who], version, &edits, time) {
                    Ok(_)
                    | Err(
                        ChangeError::Unasked { .. }
                        | ChangeError::Unoffered { .. }
                        | ChangeError::Unfit { .. }
                        | ChangeError::Lowers { .. }
                        | ChangeError::AskedOtherwise { .. }
                        | ChangeError::OtherForm { .. },
                    ) => {}
                    Err(other) => panic!("{other}"),
                }
            }
            Act::Move(who, version) if *version != "1" => {
                let device = &mut devices[*who];
                if crate::form::edition::compare(version, &device.content().version).is_gt() {
                    go(device, version);
                }
            }
            Act::Move(..) => {}
            Act::Hear(who, whom) => {
                let sent = devices[*whom].sent.clone();
                let admission = hear_with(&mut devices[*who], &sent, &forms);
                assert!(admission.refused.iter().all(|(_, refusal)| refusal.may_pass_later()));
            }
        }
    }
    (begun, devices)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn whoever_moved_when_all_say_the_same_and_nothing_is_lost(
        acts in prop::collection::vec(any_act(), 1..14),
        seed in any::<u64>(),
    ) {
        let (begun, mut devices) = lived(&acts);
        let mut all: Vec<Sent> = devices.iter().flat_map(|device| device.sent.clone()).collect();
        devices.iter_mut().for_each(|device| hear(device, &all));
        let content = devices[0].content();
        prop_assert_eq!(&devices[1].content(), &content);
        prop_assert_eq!(&devices[2].content(), &content);
        // What anybody gave stands, or stood before somebody who knew it gave something else.
        let told = history(&devices[0].document, None).unwrap();
        for past in told.iter().filter(|past| past.answer.is_some()) {
            let replaced = told.iter().any(|later| {
                later.field == past.field && later.change != past.change
            });
            prop_assert!(replaced || content.answers.contains_key(&past.field), "{}", past.field);
        }
        // In any order, one by one, it comes to the same.
        let mut dice = Dice(seed);
        let mut one_by_one = Device { document: Vec::new(), ..devices[0].clone() };
        let first = [Arrival { chain: begun.0, change: &begun.1 }];
        one_by_one.document = admit(None, &first, &forms).unwrap().document.unwrap();
        while !all.is_empty() {
            let place = usize::try_from(dice.below(all.len() as u64)).unwrap();
            let one = all[place..=place].to_vec();
            let admission = hear_with(&mut one_by_one, &one, &forms);
            if admission.refused.is_empty() {
                all.swap_remove(place);
            } else {
                prop_assert!(admission.refused[0].1.may_pass_later(), "{}", admission.refused[0].1);
            }
        }
        prop_assert_eq!(one_by_one.content(), content);
    }
}

#[test]
fn control_a_device_that_judges_by_the_wrong_edition_is_noticed() {
    let acts = [
        Act::Write(0, "2", "phone", text("a")),
        Act::Write(1, "1", "name", text("b")),
        Act::Hear(1, 0),
        Act::Write(1, "2", "needs", choices(&["money"])),
    ];
    let (_, devices) = lived(&acts);
    let all: Vec<Sent> = devices.iter().flat_map(|device| device.sent.clone()).collect();
    // It takes the first edition for every edition.
    let wrong = |id: &str, version: &str| {
        let form = forms(id, "1")?;
        Some(Arc::new(Form { version: version.to_owned(), ..Form::clone(&form) }))
    };
    let mut wronged = devices[2].clone();
    let admission = hear_with(&mut wronged, &all, &wrong);
    assert!(!admission.refused.is_empty());
    let mut right = devices[2].clone();
    hear(&mut right, &all);
    assert_ne!(wronged.content(), right.content());
}
