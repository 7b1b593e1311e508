//! How one part of a record changes over time: the only room that knows Automerge.
//!
//! One part of a record is one Automerge document. Bytes come in and bytes go out; no document stays
//! in memory, and every function gives the same bytes for the same input.
//!
//! ```text
//! first ──► change + document ──► edit ──► change + document ──► …        (this device)
//!                                  ▲
//! admit: foreign changes ──────────┘  read · history: what it says now, and who said what when
//! ```
//!
//! # The document
//!
//! Everything lies in the root map. Four keys are set by the first change and never again; nearly all others
//! are answers in the order the form asks them (compression depends on that order).
//!
//! | key | value | |
//! |---|---|---|
//! | `~form` `~version` | text | which form, which edition |
//! | `~record` | 16 octets | the record; its parts share it |
//! | `~part` | text | which part |
//! | `~to#VERSION` | true | moved on to that later edition; never by the first change |
//! | question | text, integer, float | a short answer; null: emptied on purpose |
//! | narrative question | text object | made in the first change, even when empty |
//! | `question/choice` | true, false | one choice of a multiple choice; false: taken back |
//! | multiple choice question | true, null | "asked, and none applies", said and taken back |
//! | any of these | unsigned integer | that there is no answer, and why; `question?` for narratives and sets |
//! | `question!` `question^` `question+…` `question@…` | | the first, the worst, counts, a log: see `layout` |
//! | `question#ROW` `#repeat#ROW` | integer | an answer in a row of a repeat; that the row is there |
//!
//! *Two people at once.* Two values for one short answer are both kept and shown as a conflict; setting
//! the field again settles it. A choice is in the set while anybody's latest word on it is true (adding
//! wins). Narratives merge letter by letter. Every narrative's text object is made in the first change,
//! so that two devices do not make rival ones; should rivals appear all the same, both are kept and shown,
//! and settling writes into one and empties the others. **No object and no key is ever deleted**: deleting
//! an object loses what somebody else writes into it at that moment.
//!
//! *Who and when.* A change's actor is the chain that wrote it, its time is seconds since 1970 by that
//! device's clock (shown, never trusted); it carries no message. Changes travel uncompressed, because
//! segments are compressed as a whole.

use cairn_wire::{
    digest::Hash,
    id::{ChainId, RecordId},
};

mod admit;
mod bounds;
mod diff;
mod edit;
mod editions;
mod files;
mod first;
mod frame;
mod history;
mod layout;
mod leb;
mod lineage;
mod members;
mod plan;
mod read;
mod refusal;
mod rest;
mod root;
mod standing;
mod step;
mod synthetic;
mod takeback;
#[cfg(test)]
mod tests;
mod together;
mod trial;
mod vet;
mod weight;

pub use admit::{Admission, Arrival, admit};
pub use edit::{Lower, Under, edit, edit_under, edit_with, settle};
pub use files::files;
pub use first::first;
pub use frame::{author, hash, join, restore, split, strip};
pub use history::{Past, history};
pub use members::{Member, heads, heads_without, members};
pub use read::{Conflict, Content, Value, part_of, read};
pub use refusal::{Breach, Refusal};
pub use synthetic::synthetic;
pub use takeback::{SaidAgain, TakenBack, take_back};
pub use together::together;

/// What a document is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct About<'a> {
    /// The record.
    pub record: RecordId,
    /// The part of it that this document holds.
    pub part: &'a str,
}

/// Who writes, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    /// The writer.
    pub chain: ChainId,
    /// Seconds since 1970 by the writer's clock; for display, never for order.
    pub time: i64,
}

/// A change that was made, and what now rests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The change as it travels: one raw, uncompressed Automerge change chunk.
    pub change: Vec<u8>,
    /// Its name, and the document's only head.
    pub hash: Hash,
    /// The whole document as it rests in the vault. Only this room reads it.
    pub document: Vec<u8>,
}

/// Why a document could not be written or read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChangeError {
    /// The form does not ask this.
    #[error("the form does not ask {field}")]
    Unasked {
        /// The name given.
        field: String,
    },
    /// The answer is of another kind than the question.
    #[error("the answer to {field} is not {expected}")]
    Unfit {
        /// The question.
        field: String,
        /// What it takes.
        expected: &'static str,
    },
    /// The question does not offer a choice that was chosen.
    #[error("{field} offers no such choice")]
    Unoffered {
        /// The question.
        field: String,
    },
    /// The answer is longer than any device accepts.
    #[error("the answer to {field} is longer than {limit}")]
    TooLong {
        /// The question.
        field: String,
        /// The most it may be, in octets.
        limit: usize,
    },
    /// The first answer stands for good.
    #[error("{field} is answered for good")]
    Answered {
        /// The question.
        field: String,
    },
    /// What was said or counted cannot be taken back.
    #[error("what was given to {field} stays")]
    Stays {
        /// The question.
        field: String,
    },
    /// The worse value stands, and this one is better.
    #[error("{field} would be lowered")]
    Lowers {
        /// The question.
        field: String,
    },
    /// The change as a whole is larger than any device accepts.
    #[error("the change is larger than any device accepts")]
    TooLarge,
    /// In the edition the document was begun with, the question was another one.
    #[error("{field} was another question when the document was begun")]
    AskedOtherwise {
        /// The question.
        field: String,
    },
    /// The document belongs to another form, or another edition of it.
    #[error("the document belongs to {form} {version}")]
    OtherForm {
        /// The document's form.
        form: String,
        /// Its edition.
        version: String,
    },
    /// The document was written by a newer program.
    #[error("the document needs a newer program (layout {layout})")]
    TooNew {
        /// The layout it has.
        layout: u8,
    },
    /// The resting bytes do not make a document.
    #[error("the document's bytes are damaged")]
    Damaged,
}
