//! Bytes that today's code must read, and make, for ever.

use std::path::PathBuf;

use super::super::{
    About, Arrival, ChangeError, Stamp, Written, admit, edit, first, history, read, restore, settle, strip,
};
use super::{answers, chain, choices, interview, narrative, record, text};
use crate::form::Answer;

fn vector(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors").join(name)
}

fn bytes(name: &str) -> Vec<u8> {
    std::fs::read(vector(name)).unwrap()
}

fn by(number: u8, time: i64) -> Stamp {
    Stamp { chain: chain(number), time }
}

fn begun() -> Written {
    first(&interview(), &About { record: record(9), part: "case" }, &answers(), &by(1, 1_700_000_000))
        .unwrap()
}

/// Three devices, two of which write at once.
fn lived() -> Result<Vec<u8>, ChangeError> {
    let put = |document: &[u8], field: &str, answer, number, time| {
        edit(document, &interview(), &[(field.to_owned(), answer)].into(), &by(number, time))
    };
    let begun = begun();
    let left = put(&begun.document, "age", Some(Answer::Integer(32)), 2, 1_700_000_100)?.unwrap();
    let left_again = put(&left.document, "needs", Some(choices(&["food"])), 2, 1_700_000_150)?.unwrap();
    let right = put(&begun.document, "age", None, 3, 1_700_000_200)?.unwrap();
    let right_again = put(&right.document, "story", Some(narrative("جاءت.")), 3, 1_700_000_250)?.unwrap();
    let arrivals = [&right.change, &right_again.change]
        .map(|change| Arrival { chain: chain(3), change: change.as_slice() });
    let forms = |_: &str, _: &str| Some(std::sync::Arc::new(interview()));
    Ok(admit(Some(&left_again.document), &arrivals, &forms)?.document.unwrap())
}

#[test]
#[ignore = "writes the vectors; only when a new layout is added, under new names"]
fn write_the_vectors() {
    std::fs::create_dir_all(vector("")).unwrap();
    std::fs::write(vector("document-1-single.bin"), begun().document).unwrap();
    std::fs::write(vector("document-1-whole.bin"), lived().unwrap()).unwrap();
    std::fs::write(vector("change-1-first.bin"), begun().change).unwrap();
}

#[test]
fn a_first_change_is_made_today_as_it_was_then() {
    assert_eq!(begun().change, bytes("change-1-first.bin"));
    let change = bytes("change-1-first.bin");
    assert_eq!(restore(strip(&change).unwrap()), change);
}

#[test]
fn a_document_that_was_never_edited_is_read_today() {
    let content = read(&bytes("document-1-single.bin")).unwrap();
    assert_eq!(content.answers, answers());
    assert_eq!((content.form.as_str(), content.version.as_str()), ("interview", "3"));
    assert_eq!((content.record, content.part.as_str()), (record(9), "case"));
    assert_eq!(
        (content.begun, content.latest, content.changes),
        (by(1, 1_700_000_000), by(1, 1_700_000_000), 1)
    );
}

#[test]
fn a_document_with_a_conflict_is_read_and_settled_today() {
    let document = bytes("document-1-whole.bin");
    let content = read(&document).unwrap();
    assert_eq!(content.changes, 5);
    assert_eq!(content.answers["needs"], choices(&["food"]));
    assert_eq!(content.answers["story"], narrative("جاءت."));
    assert_eq!(content.answers["name"], text("Синтия"));
    let [conflict] = &content.conflicts[..] else { panic!("one conflict") };
    let told: Vec<_> = conflict.values.iter().map(|value| (value.answer.clone(), value.by)).collect();
    assert_eq!(told, vec![(None, by(3, 1_700_000_200)), (Some(Answer::Integer(32)), by(2, 1_700_000_100))]);
    assert_eq!(history(&document, Some("age")).unwrap().len(), 3);
    let settled = settle(&document, &interview(), "age", None, &by(1, 1_700_000_300)).unwrap().unwrap();
    assert_eq!(read(&settled.document).unwrap().conflicts, vec![]);
}
