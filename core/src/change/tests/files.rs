//! Files that are attached: they merge like short answers, and nothing that is not one is let in.

use std::collections::BTreeMap;

use automerge::{ROOT, ScalarValue, transaction::Transactable};
use cairn_wire::id::AttachmentId;

use super::super::{About, Arrival, Breach, Stamp, admit, edit, files, first, read};
use super::foreign::{breach, foreign, foreign_to, refusal};
use super::{chain, question, record, text};
use crate::crypto::AttachmentSecret;
use crate::form::{Answer, AttachmentRef, FileAnswer, Form, Kind, Merge, Question};

fn form() -> Form {
    let id = Question { merge: Some(Merge::Immutable), ..question("id", Kind::Image) };
    let questions = vec![question("name", Kind::Text), question("photo", Kind::Image), id];
    Form { questions, ..Form::new("f", "1") }
}

fn file(number: u8) -> Answer {
    let secret = AttachmentSecret::from_bytes([number; 32]);
    let reference = AttachmentRef { id: AttachmentId([number; 16]), secret, digest: [3; 32], octets: 5 };
    let (name, media_type) = ("photo.jpg".to_owned(), "image/jpeg".to_owned());
    Answer::File(Box::new(FileAnswer { name, media_type, reference }))
}

fn stamp(number: u8) -> Stamp {
    Stamp { chain: chain(number), time: i64::from(number) }
}

fn begun(answers: &[(&str, Answer)]) -> (Vec<u8>, Vec<u8>) {
    let answers = answers.iter().map(|(name, answer)| ((*name).to_owned(), answer.clone())).collect();
    let written = first(&form(), &About { record: record(1), part: "case" }, &answers, &stamp(1)).unwrap();
    (written.document, written.change)
}

fn edited(document: &[u8], field: &str, answer: Answer, by: u8) -> (Vec<u8>, Vec<u8>) {
    let edits = BTreeMap::from([(field.to_owned(), Some(answer))]);
    let written = edit(document, &form(), &edits, &stamp(by)).unwrap().unwrap();
    (written.document, written.change)
}

#[test]
fn two_photos_given_at_once_both_stand_whichever_arrives_first() {
    let (begun, _) = begun(&[("photo", text("old.jpg")), ("id", file(9))]);
    assert_eq!(read(&begun).unwrap().answers["photo"], text("old.jpg"), "a name alone stays a text");
    let (one, first_change) = edited(&begun, "photo", file(2), 2);
    let (other, second_change) = edited(&begun, "photo", file(3), 3);
    let forms = |_: &str, _: &str| Some(std::sync::Arc::new(form()));
    let mut seen = Vec::new();
    for (document, chain_of, change) in [(&one, 3, &second_change), (&other, 2, &first_change)] {
        let arrival = Arrival { chain: chain(chain_of), change };
        let admission = admit(Some(document.as_slice()), &[arrival], &forms).unwrap();
        assert_eq!(admission.refused, []);
        let document = admission.document.unwrap();
        let content = read(&document).unwrap();
        assert_eq!(content.conflicts[0].values.len(), 2);
        assert_eq!(content.answers["id"], file(9));
        assert_eq!(document[0], 4, "a reader from before would take it for emptied");
        seen.push(content.answers["photo"].clone());
    }
    assert_eq!(seen[0], seen[1], "every device shows the same first");
}

#[test]
fn every_file_a_document_ever_named_is_known_and_what_replaced_it_reads_as_before() {
    let (document, _) = begun(&[("photo", file(1)), ("id", file(9))]);
    let (document, _) = edited(&document, "photo", file(2), 1);
    let (document, _) = edited(&document, "photo", text("gone.jpg"), 1);
    let named: Vec<u8> = files(&document).unwrap().iter().map(|file| file.reference.id.0[0]).collect();
    assert_eq!(named, [1, 2, 9]);
    assert_eq!(read(&document).unwrap().answers["photo"], text("gone.jpg"));
    assert!(document.windows(16).any(|window| window == [1; 16]), "a search of the resting octets finds it");
}

#[test]
fn octets_that_are_no_file_and_files_where_none_is_asked_are_not_let_in() {
    let Answer::File(file) = file(1) else { panic!() };
    let whole = file.encode();
    for octets in [whole, vec![0xFF, 1], b"photo.jpg".to_vec()] {
        let change = foreign(|transaction| {
            transaction.put(ROOT, "name", ScalarValue::Bytes(octets.clone())).unwrap();
        });
        assert_eq!(breach(refusal(2, &change)), Breach::WrongKind, "a text question takes none");
    }
    let (document, _) = begun(&[("name", text("a"))]);
    for octets in [vec![0xFF, 1], vec![0xFF, 2], b"photo.jpg".to_vec()] {
        let change = foreign_to(&document, |transaction| {
            transaction.put(ROOT, "photo", ScalarValue::Bytes(octets.clone())).unwrap();
        });
        let forms = |_: &str, _: &str| Some(std::sync::Arc::new(form()));
        let admission =
            admit(Some(&document), &[Arrival { chain: chain(2), change: &change }], &forms).unwrap();
        assert_eq!(breach(admission.refused[0].1.clone()), Breach::WrongKind);
    }
}
