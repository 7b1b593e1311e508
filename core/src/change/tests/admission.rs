//! What foreign changes may and may not do.

use std::sync::Arc;

use automerge::{
    ActorId, Change, ExpandedChange, ObjType, ROOT, ReadDoc, ScalarValue,
    legacy::{ElementId, Key, ObjectId, Op, OpId, OpType, SortedVec},
    transaction::{CommitOptions, Transactable},
};
use cairn_wire::id::ChainId;

use super::super::{
    About, Admission, Arrival, Breach, ChangeError, Refusal, Stamp, Written, admit, edit, first, frame,
    layout, read, rest,
};
use super::{answers, chain, interview, narrative, record, text};
use crate::form::{Answer, Answers, Form, limits};

fn forms(id: &str, version: &str) -> Option<Arc<Form>> {
    (id == "interview" && version == "3").then(|| Arc::new(interview()))
}

fn begin(number: u8) -> Written {
    let by = Stamp { chain: chain(number), time: 1 };
    first(&interview(), &About { record: record(9), part: "case" }, &answers(), &by).unwrap()
}

fn put(document: &[u8], field: &str, answer: Answer, number: u8) -> Written {
    let by = Stamp { chain: chain(number), time: 2 };
    edit(document, &interview(), &[(field.to_owned(), Some(answer))].into(), &by).unwrap().unwrap()
}

fn take(document: Option<&[u8]>, arrivals: &[(ChainId, &[u8])]) -> Admission {
    let arrivals: Vec<_> = arrivals.iter().map(|(chain, change)| Arrival { chain: *chain, change }).collect();
    admit(document, &arrivals, &forms).unwrap()
}

/// Why the only arrival is refused, by a document that holds `begin(1)`.
fn refusal(number: u8, change: &[u8]) -> Refusal {
    let admission = take(Some(&begin(1).document), &[(chain(number), change)]);
    assert_eq!((admission.document, admission.accepted), (None, vec![]));
    admission.refused.into_iter().next().unwrap().1
}

fn breach(refusal: Refusal) -> Breach {
    match refusal {
        Refusal::BreaksForm { breach, .. } => breach,
        other => panic!("{other}"),
    }
}

/// A change by chain 2 on `begin(1)`, made with all that Automerge offers.
fn foreign(write: impl FnOnce(&mut automerge::transaction::Transaction<'_>)) -> Vec<u8> {
    let mut document = rest::load(&begin(1).document).unwrap().with_actor(layout::actor(chain(2)));
    let mut transaction = document.transaction();
    write(&mut transaction);
    let (hash, _) = transaction.commit_with(CommitOptions::default().with_time(2));
    document.get_change_by_hash(&hash.unwrap()).unwrap().raw_bytes().to_vec()
}

/// The change that `put`s the age, otherwise than honest.
fn bent(bend: impl FnOnce(&mut ExpandedChange)) -> Vec<u8> {
    let honest = put(&begin(1).document, "age", Answer::Integer(32), 2).change;
    let mut expanded = Change::from_bytes(honest).unwrap().decode();
    bend(&mut expanded);
    Change::from(expanded).raw_bytes().to_vec()
}

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

#[test]
fn what_the_first_change_says_of_the_record_is_said_once() {
    for key in ["~form", "~version", "~part"] {
        let change = foreign(|transaction| transaction.put(ROOT, key, "other").unwrap());
        assert_eq!(breach(refusal(2, &change)), Breach::Reserved, "{key}");
    }
    let record = foreign(|transaction| transaction.put(ROOT, "~record", vec![0; 16]).unwrap());
    assert_eq!(breach(refusal(2, &record)), Breach::Reserved);
    let own = foreign(|transaction| transaction.put(ROOT, "~own", true).unwrap());
    assert_eq!(breach(refusal(2, &own)), Breach::Reserved);

    let mut bare = Change::from_bytes(begin(1).change).unwrap().decode();
    bare.operations[3].key = "read".into();
    let bare = Change::from(bare).raw_bytes().to_vec();
    let admission = take(None, &[(chain(1), &bare)]);
    assert_eq!(admission.refused, vec![(0, Refusal::BreaksForm { field: None, breach: Breach::Reserved })]);
}

#[test]
fn only_answers_to_what_is_asked_are_let_in() {
    let cases: [(&str, ScalarValue, Breach); 15] = [
        ("shoe", "44".into(), Breach::Unasked),
        ("shoe/left", true.into(), Breach::Unasked),
        ("intro", "hello".into(), Breach::WrongKind),
        ("age", "31".into(), Breach::WrongKind),
        ("age", 31.0.into(), Breach::WrongKind),
        ("age", ScalarValue::counter(31), Breach::WrongKind),
        ("weight", 52i64.into(), Breach::WrongKind),
        ("weight", f64::INFINITY.into(), Breach::WrongKind),
        ("name", vec![1].into(), Breach::WrongKind),
        ("name/first", true.into(), Breach::WrongKind),
        ("name", "x".repeat(limits::TEXT + 1).into(), Breach::TooLong),
        ("story", "once".into(), Breach::WrongKind),
        ("needs", "food".into(), Breach::WrongKind),
        ("needs/gold", true.into(), Breach::Unoffered),
        ("needs/food", "yes".into(), Breach::WrongKind),
    ];
    for (key, value, expected) in cases {
        let change = foreign(|transaction| transaction.put(ROOT, key, value).unwrap());
        assert_eq!(breach(refusal(2, &change)), expected, "{key}");
    }
}

#[test]
fn nothing_is_deleted_and_no_object_is_made_or_replaced() {
    let objects =
        [("name", ObjType::Map), ("name", ObjType::Text), ("needs", ObjType::List), ("story", ObjType::Map)];
    for (key, object) in objects {
        let change = foreign(|transaction| drop(transaction.put_object(ROOT, key, object).unwrap()));
        assert_eq!(breach(refusal(2, &change)), Breach::Operation, "{key}");
    }
    let replaced = foreign(|transaction| drop(transaction.put_object(ROOT, "story", ObjType::Text).unwrap()));
    assert_eq!(breach(refusal(2, &replaced)), Breach::Operation);
    for key in ["name", "story", "needs/legal"] {
        let change = foreign(|transaction| transaction.delete(ROOT, key).unwrap());
        assert_eq!(breach(refusal(2, &change)), Breach::Operation, "{key}");
    }
}

#[test]
fn a_narrative_holds_letters_alone() {
    use automerge::marks::{ExpandMark, Mark};
    type Write = fn(&mut automerge::transaction::Transaction<'_>, &automerge::ObjId);
    let writes: [(&str, Write); 3] = [
        ("several letters at once", |transaction, story| transaction.insert(story, 0, "two").unwrap()),
        ("a number", |transaction, story| transaction.insert(story, 0, 2i64).unwrap()),
        ("a block", |transaction, story| drop(transaction.split_block(story, 0).unwrap())),
    ];
    for (what, write) in writes {
        let change = foreign(|transaction| {
            let (_, story) = transaction.get(ROOT, "story").unwrap().unwrap();
            write(transaction, &story);
        });
        assert_eq!(breach(refusal(2, &change)), Breach::Operation, "{what}");
    }
    let mark = foreign(|transaction| {
        let (_, story) = transaction.get(ROOT, "story").unwrap().unwrap();
        transaction.mark(story, Mark::new("bold".to_owned(), true, 0, 2), ExpandMark::Both).unwrap();
    });
    assert_eq!(refusal(2, &mark), Refusal::NotAChange, "marks need columns that are not used");
    let letters = foreign(|transaction| {
        let (_, story) = transaction.get(ROOT, "story").unwrap().unwrap();
        transaction.splice_text(&story, 0, 3, "And she").unwrap();
    });
    assert_eq!(take(Some(&begin(1).document), &[(chain(2), &letters)]).accepted, vec![0]);
}

#[test]
fn a_change_replaces_what_its_author_saw_and_nothing_else() {
    let blind = bent(|change| change.operations[0].pred = SortedVec::new());
    assert_eq!(breach(refusal(2, &blind)), Breach::Unseen);
    // Operation 6 is the name; the age is operation 7.
    let other =
        bent(|change| change.operations[0].pred = vec![OpId::new(6, &layout::actor(chain(1)))].into());
    assert!(!refusal(2, &other).may_pass_later());
    let ahead =
        bent(|change| change.operations[0].pred = vec![OpId::new(900, &layout::actor(chain(1)))].into());
    assert_eq!(breach(refusal(2, &ahead)), Breach::Operation);
    let stranger =
        bent(|change| change.operations[0].pred = vec![OpId::new(7, &layout::actor(chain(5)))].into());
    assert_eq!(breach(refusal(2, &stranger)), Breach::Operation);
    let twice = bent(|change| change.operations.push(change.operations[0].clone()));
    assert_eq!(breach(refusal(2, &twice)), Breach::Twice);
}

#[test]
fn letters_are_written_where_their_author_saw_a_narrative() {
    let elsewhere = |object: u64, element: u64| {
        bent(move |change| {
            let actor = layout::actor(chain(1));
            change.operations = vec![Op {
                action: OpType::Put("x".into()),
                obj: ObjectId::Id(OpId::new(object, &actor)),
                key: Key::Seq(ElementId::Id(OpId::new(element, &actor))),
                pred: SortedVec::new(),
                insert: true,
            }];
        })
    };
    let story = {
        let document = rest::load(&begin(1).document).unwrap();
        match document.get(ROOT, "story").unwrap().unwrap().1 {
            automerge::ObjId::Id(number, ..) => number,
            automerge::ObjId::Root => panic!("the root"),
        }
    };
    let right = elsewhere(story, story + 1);
    assert_eq!(take(Some(&begin(1).document), &[(chain(2), &right)]).accepted, vec![0]);
    // No object, no letter, and a letter of nobody's.
    for (object, element) in [(6, story + 1), (story, 6), (story, 800), (800, story + 1)] {
        let refusal = refusal(2, &elsewhere(object, element));
        assert!(!refusal.may_pass_later(), "{object} {element}: {refusal}");
    }
}

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
