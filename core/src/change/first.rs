//! A record's first change, built directly.

use super::{About, ChangeError, Stamp, Written};
use crate::form::{Answers, Form};

/// Begins a document.
///
/// # Errors
/// [`ChangeError`] about the answers: unasked, unfit, unoffered, too long, too large.
pub fn first(form: &Form, about: &About<'_>, answers: &Answers, by: &Stamp) -> Result<Written, ChangeError> {
    let _ = (form, about, answers, by);
    Err(ChangeError::Damaged)
}
