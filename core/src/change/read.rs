//! What a document says now.

use std::collections::BTreeSet;

use automerge::{Automerge, Change, ROOT, ReadDoc, ScalarValue};
use cairn_wire::{digest::Hash, id::RecordId};

use super::{
    ChangeError, Stamp, bounds, editions,
    first::{self, Beginning},
    frame,
    layout::{self, FORM, PART, RECORD, VERSION},
    rest::{self, Resting},
    standing::{Standing, View},
    vet,
};
use crate::form::{
    Answer, Answers,
    field::{IN, split},
};

/// What a document says now.
#[derive(Debug, Clone, PartialEq)]
pub struct Content {
    /// The form's name.
    pub form: String,
    /// The edition that counts: the latest it has been in.
    pub version: String,
    /// Every edition it has been in, the latest last.
    pub editions: Vec<String>,
    /// The record.
    pub record: RecordId,
    /// The part of it.
    pub part: String,
    /// The answers. Where several stand, the one every device shows first.
    pub answers: Answers,
    /// Rows that were taken away, by their keys, and can be brought back.
    pub away: BTreeSet<String>,
    /// Fields on which several answers stand, by name.
    pub conflicts: Vec<Conflict>,
    /// Who began it, and when.
    pub begun: Stamp,
    /// Who wrote last, by the writers' own clocks.
    pub latest: Stamp,
    /// The newest changes, in ascending order: they commit to all history.
    pub heads: Vec<Hash>,
    /// How many changes it is made of.
    pub changes: usize,
}

/// A field on which several answers stand.
#[derive(Debug, Clone, PartialEq)]
pub struct Conflict {
    /// The question.
    pub field: String,
    /// The answers, the one in [`Content::answers`] first. At least two, no two alike.
    pub values: Vec<Value>,
}

/// One of several answers.
#[derive(Debug, Clone, PartialEq)]
pub struct Value {
    /// The answer; none if somebody emptied the field.
    pub answer: Option<Answer>,
    /// Who gave it, and when.
    pub by: Stamp,
    /// In which change.
    pub change: Hash,
}

/// What `document` says now.
///
/// # Errors
/// [`ChangeError::Damaged`], [`ChangeError::TooNew`].
pub fn read(document: &[u8]) -> Result<Content, ChangeError> {
    if let Resting::Single(bytes) = rest::open(document)? {
        frame::strip(bytes).ok_or(ChangeError::Damaged)?;
        let change = rest::parse(bytes).ok_or(ChangeError::Damaged)?;
        let expanded = rest::caught(|| change.decode()).ok_or(ChangeError::Damaged)?;
        let beginning = first::beginning(&expanded).ok_or(ChangeError::Damaged)?;
        return begun(beginning, &change).ok_or(ChangeError::Damaged);
    }
    let document = rest::load(document)?;
    content(&document).ok_or(ChangeError::Damaged)
}

/// The content of a document that consists of `change`, which says `beginning`.
pub(super) fn begun(beginning: Beginning, change: &Change) -> Option<Content> {
    let Beginning { form, version, record, part, answers } = beginning;
    let begun = Stamp { chain: layout::chain(change.actor_id())?, time: change.timestamp() };
    let heads = vec![change.hash().0];
    Some(Content {
        form,
        editions: vec![version.clone()],
        version,
        record,
        part,
        answers,
        away: BTreeSet::new(),
        conflicts: Vec::new(),
        begun,
        latest: begun,
        heads,
        changes: 1,
    })
}

/// The content of `document`; nothing if it is not one of ours.
pub(super) fn content(document: &Automerge) -> Option<Content> {
    let (form, editions) = editions::all(document)?;
    let version = editions.last()?.clone();
    let part = text(document, PART)?;
    let record = match document.get(ROOT, RECORD).ok()?? {
        (automerge::Value::Scalar(value), _) => match value.as_ref() {
            ScalarValue::Bytes(bytes) => RecordId::from_slice(bytes)?,
            _ => return None,
        },
        _ => return None,
    };
    let (mut answers, mut conflicts) = (Answers::new(), Vec::new());
    let fields = View::fields(document);
    let there = |row: &String| fields.get(row).is_some_and(|standing| !standing.is_empty());
    let away: BTreeSet<String> =
        fields.keys().filter(|row| layout::is_row(row)).filter(|row| !there(row)).cloned().collect();
    for (field, standing) in fields.iter().filter(|(field, _)| !lies_in(field, &away)) {
        if standing.len() > 1 {
            let values = standing.iter().map(|standing| value(document, standing)).collect::<Option<_>>()?;
            conflicts.push(Conflict { field: field.clone(), values });
        }
        if let Some(answer) = standing.first().and_then(|shown| shown.answer.clone()) {
            answers.insert(field.clone(), answer);
        }
    }
    let changes = document.get_changes_meta(&[]);
    let stamps = changes
        .iter()
        .map(|change| Some(Stamp { chain: layout::chain(&change.actor)?, time: change.timestamp }));
    let stamps: Vec<Stamp> = stamps.collect::<Option<_>>()?;
    let begun = *stamps.first()?;
    let latest = *stamps.iter().max_by_key(|stamp| (stamp.time, stamp.chain))?;
    let heads = rest::heads(document);
    Some(Content {
        form,
        version,
        editions,
        record,
        part,
        answers,
        away,
        conflicts,
        begun,
        latest,
        heads,
        changes: changes.len(),
    })
}

/// Whether a field lies in a row that was taken away. Which repeat a row belongs to is not asked: no two rows go by
/// one identifier.
fn lies_in(field: &str, away: &BTreeSet<String>) -> bool {
    if away.is_empty() || !field.contains(IN) {
        return false;
    }
    let place = split(field);
    away.iter().any(|row| {
        let gone = split(row).rows;
        place.rows.starts_with(&gone)
    })
}

/// The name of the form that `document` follows, and the edition it was begun with.
pub(super) fn begun_with(document: &Automerge) -> Option<(String, String)> {
    Some((text(document, FORM)?, text(document, VERSION)?))
}

/// Which part of a record a raw change begins; nothing if it begins none. Says nothing about whether it
/// would be let in.
pub fn part_of(change: &[u8]) -> Option<String> {
    bounds::inspect(change).ok()?;
    let parsed = rest::parse(change)?;
    let expanded = rest::caught(|| parsed.decode())?;
    let begins = expanded.deps.is_empty();
    vet::part_of(&expanded).filter(|_| begins).map(str::to_owned)
}

/// Which part of a record `document` is.
pub(super) fn part_in(document: &Automerge) -> Option<String> {
    text(document, PART)
}

fn text(document: &Automerge, key: &str) -> Option<String> {
    match document.get(ROOT, key).ok()?? {
        (automerge::Value::Scalar(value), _) => value.as_str().map(str::to_owned),
        _ => None,
    }
}

fn value(document: &Automerge, standing: &Standing) -> Option<Value> {
    let hash = document.hash_for_opid(&standing.given)?;
    let change = document.get_change_meta_by_hash(&hash)?;
    let by = Stamp { chain: layout::chain(&change.actor)?, time: change.timestamp };
    Some(Value { answer: standing.answer.clone(), by, change: hash.0 })
}
