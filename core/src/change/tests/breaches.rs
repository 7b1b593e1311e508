//! What no change may do.

use automerge::{
    Change, ObjType, ROOT, ReadDoc, ScalarValue,
    legacy::{ElementId, Key, ObjectId, Op, OpId, OpType, SortedVec},
    transaction::Transactable,
};

use super::super::{Breach, Refusal, layout, rest};
use super::chain;
use super::foreign::{begin, bent, breach, foreign, refusal, take};
use crate::form::limits;

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
