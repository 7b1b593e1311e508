//! What gets in, and that nothing bad takes anything good along.

use automerge::{ActorId, Change, ROOT, transaction::Transactable};

use super::super::{About, Arrival, ChangeError, Refusal, Stamp, admit, first, frame, read, rest};
use super::foreign::{begin, bent, foreign, put, refusal, take};
use super::village::forms;
use super::{chain, interview, narrative, record, text};
use crate::form::{Answer, Answers, Form};

#[test]
fn a_first_change_gets_in_and_rests_as_it_came() {
    let written = begin(1);
    let admission = take(None, &[(chain(1), &written.change)]);
    assert_eq!((admission.accepted, admission.refused), (vec![0], vec![]));
    assert_eq!(admission.document.as_ref(), Some(&written.document));
    assert_eq!(admission.content.unwrap(), read(&written.document).unwrap());
}

#[test]
fn a_first_change_in_another_order_gets_in_too() {
    let mut expanded = Change::from_bytes(begin(1).change).unwrap().decode();
    expanded.operations.swap(4, 5);
    let other = Change::from(expanded).raw_bytes().to_vec();
    let admission = take(None, &[(chain(1), &other)]);
    assert_eq!((admission.accepted, admission.refused), (vec![0], vec![]));
    let document = admission.document.unwrap();
    assert_eq!(read(&document).unwrap().answers, read(&begin(1).document).unwrap().answers);
}

#[test]
fn what_is_held_already_is_accepted_and_changes_nothing() {
    let written = begin(1);
    let both = [(chain(1), &written.change[..]), (chain(1), &written.change[..])];
    assert_eq!(take(None, &both).accepted, vec![0, 1]);
    let again = take(Some(&written.document), &both);
    assert_eq!((again.document, again.content, again.accepted), (None, None, vec![0, 1]));
}

#[test]
fn a_change_before_its_past_waits() {
    let begun = begin(1);
    let second = put(&begun.document, "age", Answer::Integer(32), 2);
    let third = put(&second.document, "age", Answer::Integer(33), 1);
    let early = take(Some(&begun.document), &[(chain(1), &third.change)]);
    assert_eq!(early.refused, vec![(0, Refusal::MissingDependencies)]);
    assert!(Refusal::MissingDependencies.may_pass_later());
    let both =
        take(None, &[(chain(1), &third.change), (chain(2), &second.change), (chain(1), &begun.change)]);
    assert_eq!((both.accepted, both.refused), (vec![0, 1, 2], vec![]));
    assert_eq!(both.content.unwrap().answers["age"], Answer::Integer(33));
}

#[test]
fn a_change_of_an_unknown_form_waits_for_the_form() {
    let form = Form { version: "4".to_owned(), ..interview() };
    let by = Stamp { chain: chain(1), time: 1 };
    let written = first(&form, &About { record: record(9), part: "case" }, &Answers::new(), &by).unwrap();
    let waits = Refusal::UnknownForm { form: "interview".to_owned(), version: "4".to_owned() };
    assert!(waits.may_pass_later());
    assert_eq!(take(None, &[(chain(1), &written.change)]).refused, vec![(0, waits)]);
}

#[test]
fn nobody_writes_in_anothers_name() {
    let change = put(&begin(1).document, "age", Answer::Integer(32), 2).change;
    assert_eq!(refusal(3, &change), Refusal::WrongActor);
    let short = bent(|change| change.actor_id = ActorId::from(&[2u8; 15][..]));
    assert_eq!(refusal(2, &short), Refusal::NotAChange);
}

#[test]
fn other_chunks_are_refused_before_they_are_parsed() {
    let story = "дождь ".repeat(200);
    let written = put(&begin(1).document, "story", narrative(&story), 2);
    let document = rest::load(&written.document).unwrap();
    let change = Change::from_bytes(written.change.clone()).unwrap();
    let deflated = change.clone().bytes().into_owned();
    assert_eq!(deflated[8], 2, "a deflated chunk");
    let bundle = document.bundle([change.hash()]).unwrap().bytes().to_vec();
    assert_eq!(bundle[8], 3, "a bundle");
    for chunk in [&deflated, &bundle, &document.save(), &written.change[..40].to_vec(), &Vec::new()] {
        assert_eq!(refusal(2, chunk), Refusal::NotAChange);
    }
}

#[test]
fn what_is_too_large_is_refused_before_it_is_parsed() {
    let octets = cairn_wire::limits::CHANGE + 1;
    assert_eq!(refusal(2, &vec![0x85; octets]), Refusal::TooLarge { octets });
    let many =
        bent(|change| change.deps = (0..65).map(|number| automerge::ChangeHash([number; 32])).collect());
    assert_eq!(refusal(2, &many), Refusal::TooManyDependencies { count: 65 });
}

#[test]
fn messages_and_authors_have_no_place_in_a_change() {
    assert_eq!(refusal(2, &bent(|change| change.message = Some("m".to_owned()))), Refusal::NotAChange);
    assert_eq!(refusal(2, &bent(|change| change.extra_bytes = vec![1, 1, 65])), Refusal::NotAChange);
}

#[test]
fn numbers_must_follow_from_the_past() {
    let start = |number| bent(move |change| change.start_op = std::num::NonZeroU64::new(number).unwrap());
    for number in [1, 2, u64::from(u32::MAX) - 1] {
        assert_eq!(refusal(2, &start(number)), Refusal::OutOfOrder, "operation {number}");
    }
    assert_ne!(refusal(2, &start(1 << 40)), Refusal::Panicked);
    for number in [0, 2, u64::MAX] {
        assert!(!refusal(2, &bent(|change| change.seq = number)).may_pass_later(), "change {number}");
    }
    assert_eq!(refusal(2, &bent(|change| change.operations.clear())), Refusal::OutOfOrder);
}

#[test]
fn a_document_begins_once() {
    let rival = begin(2);
    assert_eq!(refusal(2, &rival.change), Refusal::RivalBeginning);
    let both = take(None, &[(chain(1), &begin(1).change), (chain(2), &rival.change)]);
    assert_eq!((both.accepted.len(), both.refused.len()), (1, 1));
    assert_eq!(both.refused[0].1, Refusal::RivalBeginning);
}

/// G21.
#[test]
fn one_bad_change_among_a_thousand_is_alone() {
    let begun = begin(1);
    let mut changes = vec![(chain(1), begun.change.clone())];
    let mut document = begun.document;
    for number in 0..998 {
        let written = put(&document, "age", Answer::Integer(1_000 + number), 1);
        document = written.document;
        changes.push((chain(1), written.change));
    }
    let bad = foreign(|transaction| transaction.delete(ROOT, "name").unwrap());
    changes.insert(500, (chain(2), bad));
    let arrivals: Vec<_> = changes.iter().map(|(chain, change)| (*chain, &change[..])).collect();
    let admission = take(None, &arrivals);
    assert_eq!(admission.accepted.len(), 999);
    assert_eq!(admission.refused.len(), 1);
    assert_eq!(admission.refused[0].0, 500);
    assert_eq!(admission.content.unwrap().answers["age"], Answer::Integer(1_997));
}

#[test]
fn a_cloned_chain_takes_no_innocent_along() {
    let begun = begin(1);
    let original = put(&begun.document, "age", Answer::Integer(32), 2);
    let clone = put(&begun.document, "age", Answer::Integer(33), 2);
    let innocent = put(&begun.document, "name", text("Нина"), 3);
    let arrivals =
        [(chain(2), &original.change[..]), (chain(3), &innocent.change), (chain(2), &clone.change)];
    let admission = take(Some(&begun.document), &arrivals);
    assert_eq!(admission.accepted.len(), 2);
    assert!(admission.accepted.contains(&1));
    assert_eq!(admission.refused[0].1, Refusal::DuplicateSeq);
}

#[test]
fn a_damaged_document_is_not_taken_for_an_empty_one() {
    let written = begin(1);
    let arrival = [Arrival { chain: chain(1), change: &written.change }];
    let cut = &written.document[..written.document.len() - 1];
    assert_eq!(admit(Some(cut), &arrival, &forms), Err(ChangeError::Damaged));
    assert_eq!(admit(Some(&[]), &arrival, &forms), Err(ChangeError::Damaged));
}

#[test]
fn the_frame_is_checked_before_anything_else() {
    let mut change = begin(1).change;
    change[4] ^= 1;
    assert_eq!(frame::strip(&change), None);
    assert!(Change::from_bytes(change.clone()).is_ok(), "Automerge itself does not look at the checksum");
    assert_eq!(refusal(1, &change), Refusal::NotAChange);
}
