//! What people see: records, conflicts and history, with names instead of keys.

#[cfg(feature = "office")]
pub mod ctdc;
#[cfg(feature = "office")]
pub mod export;
#[cfg(feature = "office")]
pub mod htcds;

use std::collections::BTreeSet;

use cairn_wire::codec::unhex;
use cairn_wire::id::{DeviceId, DocumentId, RecordId};

use crate::form::{Answer, Answers, Part};

/// Somebody's device, and when it wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Author {
    /// The device, once its chain has been seen.
    pub device: Option<DeviceId>,
    /// What its person calls it.
    pub name: Option<String>,
    /// Its clock, seconds since 1970: shown, never trusted.
    pub time: u64,
}

/// One record, whole.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordView {
    /// The record.
    pub id: RecordId,
    /// The form's name for machines, and which edition.
    pub form: String,
    /// The form's edition.
    pub version: String,
    /// One line that a person recognises it by.
    pub title: String,
    /// The answers.
    pub answers: Answers,
    /// What is left over of earlier editions of the form, by field. Answers to what is no longer asked stand among
    /// the answers too, unless the field is asked elsewhere now and was answered there.
    pub left: Vec<LeftView>,
    /// Fields on which several answers stand.
    pub conflicts: Vec<ConflictView>,
    /// The newest change's clock, seconds since 1970.
    pub changed: u64,
    /// Parts that are kept in circles this device is not in: whether they hold anything is not known here.
    pub elsewhere: BTreeSet<Part>,
    /// Copies of it that were made for other circles.
    pub shared: Vec<SharedView>,
}

/// Something that the record's edition of the form no longer asks or offers.
#[derive(Debug, Clone, PartialEq)]
pub struct LeftView {
    /// The question.
    pub field: String,
    /// The answer; of several choices only those that are gone.
    pub answer: Answer,
    /// The latest edition that asked or offered it.
    pub version: String,
    /// What is gone.
    pub gone: Gone,
}

/// What a later edition of a form no longer has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gone {
    /// It does not ask the question, or asks another one under that name.
    Question,
    /// It does not offer the choice.
    Choice,
}

impl Gone {
    /// The word for machines.
    pub fn name(self) -> &'static str {
        match self {
            Self::Question => "question",
            Self::Choice => "choice",
        }
    }
}

/// A copy of a record, made for another circle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedView {
    /// The copy: a record of its own.
    pub copy: RecordId,
    /// What that circle is called, if this device is in it.
    pub circle: Option<String>,
}

/// One field on which several answers stand.
#[derive(Debug, Clone, PartialEq)]
pub struct ConflictView {
    /// The record.
    pub record: RecordId,
    /// The question.
    pub field: String,
    /// What stands, who wrote it and when; the first is what is shown until somebody settles it.
    pub values: Vec<(Option<Answer>, Author)>,
}

/// One answer in a record's past.
#[derive(Debug, Clone, PartialEq)]
pub struct PastView {
    /// The question.
    pub field: String,
    /// What its author saw there before.
    pub before: Option<Answer>,
    /// What it then said; `None` if it was emptied. Of a question that only grows, what was added.
    pub answer: Option<Answer>,
    /// Whether a value of which the worse stands was lowered on purpose.
    pub lowered: bool,
    /// Who and when.
    pub author: Author,
}

/// What people call a record: four hexadecimal digits of the chain that began it, and its number
/// there. Short enough for a radio; the whole identifier is for machines.
pub fn handle(record: &RecordId) -> String {
    let document = DocumentId(record.0);
    let [first, second, ..] = document.prefix();
    format!("{first:02x}{second:02x}-{}", document.counter())
}

/// What somebody typed to name a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Typed {
    /// The whole identifier.
    Whole(RecordId),
    /// A handle: the first two octets of the chain, and the number.
    Handle([u8; 2], u64),
}

/// Reads a handle or a whole identifier.
pub fn typed(text: &str) -> Option<Typed> {
    let text = text.trim();
    if let Some(whole) = RecordId::from_hex(text) {
        return Some(Typed::Whole(whole));
    }
    let (chain, number) = text.split_once('-')?;
    Some(Typed::Handle(unhex(chain)?, number.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use cairn_wire::id::ChainId;

    #[test]
    fn a_handle_says_chain_and_number() {
        let record = RecordId(DocumentId::of(ChainId([0xab; 16]), 17).0);
        assert_eq!(handle(&record), "abab-17");
        assert_eq!(typed(" ABAB-17 "), Some(Typed::Handle([0xab, 0xab], 17)));
        assert_eq!(typed(&record.to_string()), Some(Typed::Whole(record)));
        assert_eq!(typed("abab"), None);
        assert_eq!(typed("-"), None);
    }
}
