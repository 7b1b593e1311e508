//! What belongs to another part of a record has no place in a document.

use std::sync::Arc;

use automerge::{ROOT, transaction::Transactable};

use super::super::{
    About, Admission, Arrival, Breach, ChangeError, Refusal, Stamp, admit, edit, first, part_of,
};
use super::foreign::foreign_to;
use super::{chain, interview, record, text};
use crate::form::{Answers, Form, Part};

/// The interview, in which the narratives and the name belong to health.
fn parted() -> Form {
    let mut form = interview();
    for question in &mut form.questions {
        if ["name", "story", "plan"].contains(&question.name.as_str()) {
            question.part = Part::Health;
        }
    }
    form
}

fn stamp(number: u8) -> Stamp {
    Stamp { chain: chain(number), time: 1 }
}

fn take(document: Option<&[u8]>, number: u8, change: &[u8]) -> Admission {
    let form = Arc::new(parted());
    admit(document, &[Arrival { chain: chain(number), change }], &|_, _| Some(form.clone())).unwrap()
}

fn breach(admission: &Admission) -> Breach {
    match admission.refused.first() {
        Some((_, Refusal::BreaksForm { breach, .. })) => *breach,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_document_takes_the_answers_of_its_part_and_no_others() {
    let (form, health) = (parted(), About { record: record(9), part: "health" });
    let named = Answers::from([("name".to_owned(), text("Mira"))]);
    let aged = Answers::from([("card".to_owned(), text("17"))]);
    let written = first(&form, &health, &named, &stamp(1)).unwrap();
    assert_eq!(part_of(&written.change).as_deref(), Some("health"));
    assert_eq!(take(None, 1, &written.change).refused, [], "control: its own part");
    let refused = first(&form, &health, &aged, &stamp(1));
    assert_eq!(refused, Err(ChangeError::Unasked { field: "card".to_owned() }));
    let case = About { record: record(9), part: "case" };
    assert!(first(&form, &case, &named, &stamp(1)).is_err());
    let of_case = first(&form, &case, &aged, &stamp(1)).unwrap();
    let edits = [("name".to_owned(), Some(text("Mira")))].into();
    assert!(matches!(edit(&of_case.document, &form, &edits, &stamp(1)), Err(ChangeError::Unasked { .. })));
}

#[test]
fn a_foreign_change_that_answers_for_another_part_is_refused() {
    let form = parted();
    let case = About { record: record(9), part: "case" };
    let begun = first(&form, &case, &Answers::new(), &stamp(1)).unwrap();
    let strange = foreign_to(&begun.document, |transaction| transaction.put(ROOT, "name", "Mira").unwrap());
    assert_eq!(breach(&take(Some(&begun.document), 2, &strange)), Breach::Unasked);
    let own = foreign_to(&begun.document, |transaction| transaction.put(ROOT, "card", "17").unwrap());
    assert_eq!(take(Some(&begun.document), 2, &own).refused, [], "control: the same, of the document's part");
    // The same under the older edition, in which nothing was parted: what it begins is all of one part.
    let whole = first(&interview(), &case, &super::answers(), &stamp(1)).unwrap();
    assert_eq!(breach(&take(None, 1, &whole.change)), Breach::Unasked);
}
