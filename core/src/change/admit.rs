//! Letting in what others wrote.

use std::sync::Arc;

use cairn_wire::id::ChainId;

use super::{ChangeError, read::Content};
use crate::form::Form;

/// A change that arrived.
#[derive(Debug, Clone, Copy)]
pub struct Arrival<'a> {
    /// The author of the segment it came in, as its signature proves.
    pub chain: ChainId,
    /// The raw change.
    pub change: &'a [u8],
}

/// What became of a batch of arrivals.
#[derive(Debug, Clone, PartialEq)]
pub struct Admission {
    /// The document as it now rests; none if nothing new got in.
    pub document: Option<Vec<u8>>,
    /// What the new document says; there when `document` is.
    pub content: Option<Content>,
    /// Which arrivals are now part of the document, ascending; those it held already among them.
    pub accepted: Vec<usize>,
    /// Which are not, ascending, and why.
    pub refused: Vec<(usize, Refusal)>,
}

/// Why a change was not let in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Larger than any change may be.
    #[error("too large: {octets} octets")]
    TooLarge {
        /// How large.
        octets: usize,
    },
    /// Not an uncompressed change, or a malformed one.
    #[error("not a change")]
    NotAChange,
    /// More operations than any change may have.
    #[error("too many operations")]
    TooManyOperations,
    /// More dependencies than any change may have.
    #[error("too many dependencies: {count}")]
    TooManyDependencies {
        /// How many.
        count: u64,
    },
    /// Written in the name of another chain than the one that sent it.
    #[error("written in another chain's name")]
    WrongActor,
    /// Its numbering does not follow from its past.
    #[error("its numbering does not follow from its past")]
    OutOfOrder,
    /// Its chain has written another change in this place.
    #[error("its chain has written another change in this place")]
    DuplicateSeq,
    /// The document has begun already, otherwise.
    #[error("the document has begun already")]
    RivalBeginning,
    /// The document library broke on it.
    #[error("the document library broke on it")]
    Panicked,
    /// Its bytes are not those the document would give back.
    #[error("its bytes are not the only way to write it")]
    NotCanonical,
    /// The document would not load again with it.
    #[error("the document would not load again with it")]
    Unloadable,
    /// It does what the form does not allow.
    #[error("it breaks the form: {breach}")]
    BreaksForm {
        /// The question, if the form asks it.
        field: Option<String>,
        /// What it does.
        breach: Breach,
    },
    /// It builds on changes that are not here yet.
    #[error("changes it builds on are missing")]
    MissingDependencies,
    /// Its form is not here yet.
    #[error("its form is not known yet: {form} {version}")]
    UnknownForm {
        /// The form's name.
        form: String,
        /// Its edition.
        version: String,
    },
}

impl Refusal {
    /// Whether the same bytes may get in later, when more has arrived.
    pub fn may_pass_later(&self) -> bool {
        matches!(self, Self::MissingDependencies | Self::UnknownForm { .. })
    }
}

/// What a change does that the form does not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Breach {
    /// It answers what is not asked.
    #[error("answers what is not asked")]
    Unasked,
    /// A value of the wrong kind.
    #[error("a value of the wrong kind")]
    WrongKind,
    /// A choice that is not offered.
    #[error("a choice that is not offered")]
    Unoffered,
    /// Longer than allowed.
    #[error("longer than allowed")]
    TooLong,
    /// It sets what only the first change may set, or leaves it out in the first change.
    #[error("what the first change says of the record")]
    Reserved,
    /// It deletes, counts, marks, or makes objects of its own.
    #[error("an operation that is not used")]
    Operation,
    /// It sets one field twice.
    #[error("one field twice")]
    Twice,
    /// It replaces other values than its author could see.
    #[error("replaces what its author could not see")]
    Unseen,
}

/// Lets in what passes every check, and says of the rest why not. One bad change never takes another with it.
///
/// `forms` gives the form of a name and edition.
///
/// # Errors
/// [`ChangeError::Damaged`] or [`ChangeError::TooNew`] if `document` itself cannot be read.
pub fn admit(
    document: Option<&[u8]>,
    arrivals: &[Arrival<'_>],
    forms: &dyn Fn(&str, &str) -> Option<Arc<Form>>,
) -> Result<Admission, ChangeError> {
    let _ = (document, arrivals, forms);
    Err(ChangeError::Damaged)
}
