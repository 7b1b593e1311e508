//! Bytes that today's code must read, and make, for ever.

use std::path::PathBuf;

use super::super::{
    About, Arrival, ChangeError, Lower, Stamp, Under, Written, admit, edit, edit_under, edit_with, first,
    history, read, restore, settle, strip,
};
use super::{answers, care, chain, choices, editions, interview, narrative, record, said, text};
use crate::form::{
    Answer, Entry, Missing,
    field::{field, row},
};

const ABOUT: About<'_> = About { record: cairn_wire::id::RecordId([9; 16]), part: "case" };

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
    let cared = cared();
    std::fs::write(vector("document-2-single.bin"), &cared.document).unwrap();
    std::fs::write(vector("change-2-first.bin"), &cared.change).unwrap();
    std::fs::write(vector("document-2-whole.bin"), shared(&cared)).unwrap();
    let (change, document) = moved(&cared);
    std::fs::write(vector("change-3-moved.bin"), change).unwrap();
    std::fs::write(vector("document-3-whole.bin"), document).unwrap();
}

/// One device moves it on to the second edition and answers, the other answers under the first meanwhile.
fn moved(cared: &Written) -> (Vec<u8>, Vec<u8>) {
    let under = Under { forms: &editions::forms, version: "2", always: false };
    let edits = [("phone".to_owned(), Some(text("17"))), ("danger".to_owned(), Some(text("deadly")))];
    let left = edit_under(&cared.document, &under, &edits.into(), &by(2, 1_700_000_100), Lower::Refused);
    let left = left.unwrap().unwrap();
    let edits = [("name".to_owned(), Some(text("Синтия")))];
    let right = edit(&cared.document, &care(), &edits.into(), &by(3, 1_700_000_200)).unwrap().unwrap();
    let arrivals = [Arrival { chain: chain(3), change: &right.change }];
    let document = admit(Some(&left.document), &arrivals, &editions::forms).unwrap().document.unwrap();
    (left.change, document)
}

#[test]
fn a_document_that_moved_on_is_written_and_read_today_as_it_was_then() {
    let (change, document) = moved(&cared());
    assert_eq!(change, bytes("change-3-moved.bin"));
    assert_eq!(document, bytes("document-3-whole.bin"));
    assert_eq!(document[0], 3);
    let content = read(&bytes("document-3-whole.bin")).unwrap();
    assert_eq!((content.version.as_str(), content.editions.len()), ("2", 2));
    assert_eq!((&content.answers["phone"], &content.answers["name"]), (&text("17"), &text("Синтия")));
    // A layout after the newest is left alone.
    let later = [&[5], &document[1..]].concat();
    assert_eq!(read(&later), Err(ChangeError::TooNew { layout: 5 }));
}

/// Every way of merging, rows, and why there is no answer.
fn cared() -> Written {
    let (one, two) = ("000000000000000a", "000100000000000b");
    let answers = [
        ("name".to_owned(), Answer::Missing(Missing::NotAsked)),
        ("code".to_owned(), text("T-17")),
        ("seen".to_owned(), choices(&["food", "legal"])),
        ("danger".to_owned(), text("high")),
        ("threats".to_owned(), Answer::Integer(2)),
        ("pain".to_owned(), Answer::Decimal(7.5)),
        ("minor".to_owned(), Answer::Missing(Missing::Unknown)),
        ("visits".to_owned(), Answer::Integer(3)),
        ("calls".to_owned(), Answer::Log(vec![Entry::new("no answer"), Entry::new("позвонила")])),
        ("needs".to_owned(), Answer::Missing(Missing::Declined)),
        ("story".to_owned(), Answer::Missing(Missing::Declined)),
        (field("who", &[one]), text("her brother")),
        (field("risk", &[one]), text("deadly")),
        (field("paper", &[one, two]), text("passport")),
        (field("held", &[one, two]), Answer::Log(vec![Entry::new("taken")])),
    ];
    first(&care(), &ABOUT, &answers.into(), &by(1, 1_700_000_000)).unwrap()
}

/// Two more devices write at once: one lowers and takes the row away, the other writes in it.
fn shared(cared: &Written) -> Vec<u8> {
    let one = "000000000000000a";
    let edits = [
        ("danger".to_owned(), Some(text("none"))),
        ("visits".to_owned(), Some(Answer::Integer(5))),
        (row("people", &[one]), None),
    ];
    let left = edit_with(&cared.document, &care(), &edits.into(), &by(2, 1_700_000_100), Lower::Allowed);
    let edits = [
        ("visits".to_owned(), Some(Answer::Integer(4))),
        ("calls".to_owned(), Some(Answer::Log(vec![Entry::new("she called back")]))),
        (field("tale", &[one]), Some(narrative("He waited."))),
    ];
    let right = edit(&cared.document, &care(), &edits.into(), &by(3, 1_700_000_200)).unwrap().unwrap();
    let arrivals = [Arrival { chain: chain(3), change: &right.change }];
    let forms = |_: &str, _: &str| Some(std::sync::Arc::new(care()));
    admit(Some(&left.unwrap().unwrap().document), &arrivals, &forms).unwrap().document.unwrap()
}

#[test]
fn the_second_layout_is_written_and_read_today_as_it_was_then() {
    let cared = cared();
    assert_eq!(cared.change, bytes("change-2-first.bin"));
    assert_eq!(cared.document, bytes("document-2-single.bin"));
    assert_eq!(shared(&cared), bytes("document-2-whole.bin"));
    let content = read(&bytes("document-2-whole.bin")).unwrap();
    let one = "000000000000000a";
    assert_eq!(content.answers["danger"], text("none"));
    assert_eq!(content.answers["visits"], Answer::Integer(6));
    assert_eq!(said(&content.answers, "calls"), ["no answer", "позвонила", "she called back"]);
    assert_eq!(content.answers["minor"], Answer::Missing(Missing::Unknown));
    assert_eq!(content.answers["seen"], choices(&["food", "legal"]));
    assert_eq!(content.answers[&field("tale", &[one])], narrative("He waited."));
    assert_eq!(content.answers[&field("risk", &[one])], text("deadly"));
    assert_eq!(content.conflicts, vec![]);
    assert_eq!((bytes("document-2-whole.bin")[0], bytes("document-2-single.bin")[0]), (2, 2));
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
