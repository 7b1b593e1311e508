//! What was taken back and said again says the same, and stands beside what others said meanwhile.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use cairn_wire::digest::Hash;

use super::super::{About, Arrival, Stamp, Written, admit, edit, first, hash, read, take_back};
use super::village::forms;
use super::{answers, chain, choices, interview, narrative, record, text};
use crate::form::Answer;

const ABOUT: About<'_> = About { record: cairn_wire::id::RecordId([1; 16]), part: "case" };

fn stamp(number: u8) -> Stamp {
    Stamp { chain: chain(number), time: i64::from(number) }
}

fn begun() -> Written {
    first(&interview(), &ABOUT, &answers(), &stamp(1)).unwrap()
}

fn edited(document: &[u8], who: u8, field: &str, answer: Answer) -> Written {
    let edits = BTreeMap::from([(field.to_owned(), Some(answer))]);
    edit(document, &interview(), &edits, &stamp(who)).unwrap().unwrap()
}

fn admitted(document: &[u8], who: u8, change: &[u8]) -> Vec<u8> {
    let form = Arc::new(interview());
    let arrivals = [Arrival { chain: chain(who), change }];
    let admission = admit(Some(document), &arrivals, &|_, _| Some(form.clone())).unwrap();
    assert_eq!(admission.refused, []);
    admission.document.unwrap()
}

fn hashes(changes: &[&Written]) -> BTreeSet<Hash> {
    changes.iter().filter_map(|written| hash(&written.change)).collect()
}

#[test]
fn what_others_said_meanwhile_is_not_unsaid() {
    let begun = begun();
    let mine = edited(&begun.document, 1, "story", narrative("جاءت في الشتاء 🧭 and stayed. mine"));
    let more = edited(&mine.document, 1, "age", Answer::Integer(32));
    let theirs = edited(&begun.document, 2, "story", narrative("theirs جاءت في الشتاء 🧭 and stayed."));
    let needs = edited(&theirs.document, 2, "needs", choices(&["food"]));
    let whole = admitted(&admitted(&more.document, 2, &theirs.change), 2, &needs.change);
    let taken = take_back(&whole, &hashes(&[&mine, &more])).unwrap().unwrap();
    assert!(!taken.begins());
    let again = taken.say(&forms, &ABOUT, chain(3)).unwrap();
    assert_eq!(again.changes.len(), 2);
    let (before, after) = (read(&whole).unwrap(), read(&again.document).unwrap());
    assert_eq!(before.answers, after.answers);
    let Answer::Narrative(story) = &after.answers["story"] else { panic!("a narrative") };
    assert!(story.starts_with("theirs") && story.ends_with("mine"), "{story}");
    // Everybody else admits it in the new name.
    let mut elsewhere = needs.document;
    for change in &again.changes {
        elsewhere = admitted(&elsewhere, 3, change);
    }
    assert_eq!(read(&elsewhere).unwrap().answers, after.answers);
}

#[test]
fn a_record_that_began_with_it_begins_anew() {
    let begun = begun();
    let more = edited(&begun.document, 1, "name", text("Other"));
    let taken = take_back(&more.document, &hashes(&[&begun, &more])).unwrap().unwrap();
    assert!(taken.begins());
    let about = About { record: record(9), part: "case" };
    let again = taken.say(&forms, &about, chain(3)).unwrap();
    let (before, after) = (read(&more.document).unwrap(), read(&again.document).unwrap());
    assert_eq!((before.answers, after.record), (after.answers, record(9)));
    assert_eq!(after.begun.chain, chain(3));
}

#[test]
fn what_others_build_on_is_not_taken_back() {
    let begun = begun();
    let mine = edited(&begun.document, 1, "name", text("Mine"));
    let theirs = edited(&mine.document, 2, "name", text("Theirs"));
    assert!(take_back(&theirs.document, &hashes(&[&mine])).unwrap().is_none());
}
