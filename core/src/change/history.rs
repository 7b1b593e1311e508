//! Who gave which answer when.

use cairn_wire::digest::Hash;

use super::{ChangeError, Stamp};
use crate::form::Answer;

/// One answer given in the past.
#[derive(Debug, Clone, PartialEq)]
pub struct Past {
    /// Who gave it, and when.
    pub by: Stamp,
    /// In which change.
    pub change: Hash,
    /// The question.
    pub field: String,
    /// What its author saw there before.
    pub before: Option<Answer>,
    /// What it then said; none if it was emptied.
    pub answer: Option<Answer>,
}

/// Every answer ever given, causes before effects, within a change by field name; of one field only if it is named.
///
/// # Errors
/// [`ChangeError::Damaged`], [`ChangeError::TooNew`].
pub fn history(document: &[u8], field: Option<&str>) -> Result<Vec<Past>, ChangeError> {
    let _ = (document, field);
    Err(ChangeError::Damaged)
}
