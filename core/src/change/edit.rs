//! Changing answers.

use std::collections::BTreeMap;

use super::{ChangeError, Stamp, Written};
use crate::form::{Answer, Form};

/// Changes answers; `None` for an answer empties the field. Gives nothing if nothing would change.
///
/// Putting any value on a field with conflicting ones settles it, also the value shown already.
///
/// # Errors
/// [`ChangeError`].
pub fn edit(
    document: &[u8],
    form: &Form,
    edits: &BTreeMap<String, Option<Answer>>,
    by: &Stamp,
) -> Result<Option<Written>, ChangeError> {
    let _ = (document, form, edits, by);
    Err(ChangeError::Damaged)
}

/// Settles a conflict: from now on `answer` alone stands. The same as editing that one field.
///
/// # Errors
/// As [`edit`].
pub fn settle(
    document: &[u8],
    form: &Form,
    field: &str,
    answer: Option<Answer>,
    by: &Stamp,
) -> Result<Option<Written>, ChangeError> {
    edit(document, form, &BTreeMap::from([(field.to_owned(), answer)]), by)
}
