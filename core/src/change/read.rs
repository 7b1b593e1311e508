//! What a document says now.

use cairn_wire::{digest::Hash, id::RecordId};

use super::{ChangeError, Stamp};
use crate::form::{Answer, Answers};

/// What a document says now.
#[derive(Debug, Clone, PartialEq)]
pub struct Content {
    /// The form's name.
    pub form: String,
    /// Its edition.
    pub version: String,
    /// The record.
    pub record: RecordId,
    /// The part of it.
    pub part: String,
    /// The answers. Where several stand, the one every device shows first.
    pub answers: Answers,
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
    let _ = document;
    Err(ChangeError::Damaged)
}
