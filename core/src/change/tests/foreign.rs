//! Foreign changes, honest and otherwise.

use automerge::{
    Change, ExpandedChange, ReadDoc,
    transaction::{CommitOptions, Transaction},
};
use cairn_wire::id::ChainId;

use super::super::{
    About, Admission, Arrival, Breach, Refusal, Stamp, Written, admit, edit, first, layout, rest,
};
use super::{answers, chain, interview, record, village::forms};
use crate::form::Answer;

pub(crate) fn begin(number: u8) -> Written {
    let by = Stamp { chain: chain(number), time: 1 };
    first(&interview(), &About { record: record(9), part: "case" }, &answers(), &by).unwrap()
}

pub(crate) fn put(document: &[u8], field: &str, answer: Answer, number: u8) -> Written {
    let by = Stamp { chain: chain(number), time: 2 };
    edit(document, &interview(), &[(field.to_owned(), Some(answer))].into(), &by).unwrap().unwrap()
}

pub(crate) fn take(document: Option<&[u8]>, arrivals: &[(ChainId, &[u8])]) -> Admission {
    let arrivals: Vec<_> = arrivals.iter().map(|(chain, change)| Arrival { chain: *chain, change }).collect();
    admit(document, &arrivals, &forms).unwrap()
}

/// Why the only arrival is refused, by a document that holds `begin(1)`.
pub(crate) fn refusal(number: u8, change: &[u8]) -> Refusal {
    let admission = take(Some(&begin(1).document), &[(chain(number), change)]);
    assert_eq!((admission.document, admission.accepted), (None, vec![]));
    admission.refused.into_iter().next().unwrap().1
}

pub(crate) fn breach(refusal: Refusal) -> Breach {
    match refusal {
        Refusal::BreaksForm { breach, .. } => breach,
        other => panic!("{other}"),
    }
}

/// A change by chain 2 on `begin(1)`, made with all that Automerge offers.
pub(crate) fn foreign(write: impl FnOnce(&mut Transaction<'_>)) -> Vec<u8> {
    foreign_to(&begin(1).document, write)
}

/// The same on another document.
pub(crate) fn foreign_to(document: &[u8], write: impl FnOnce(&mut Transaction<'_>)) -> Vec<u8> {
    let mut document = rest::load(document).unwrap().with_actor(layout::actor(chain(2)));
    let mut transaction = document.transaction();
    write(&mut transaction);
    let (hash, _) = transaction.commit_with(CommitOptions::default().with_time(2));
    document.get_change_by_hash(&hash.unwrap()).unwrap().raw_bytes().to_vec()
}

/// The change that `put`s the age, otherwise than honest.
pub(crate) fn bent(bend: impl FnOnce(&mut ExpandedChange)) -> Vec<u8> {
    let honest = put(&begin(1).document, "age", Answer::Integer(32), 2).change;
    let mut expanded = Change::from_bytes(honest).unwrap().decode();
    bend(&mut expanded);
    Change::from(expanded).raw_bytes().to_vec()
}
