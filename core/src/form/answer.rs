//! What an answer is.

use std::collections::{BTreeMap, BTreeSet};

/// One answer. Its variant follows from the question's [`super::Kind`].
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// For every kind that is one piece of text: text, date, time, place, code, one choice, …
    Text(String),
    /// For [`super::Kind::Narrative`].
    Narrative(String),
    /// For [`super::Kind::Integer`].
    Integer(i64),
    /// For [`super::Kind::Decimal`]; finite.
    Decimal(f64),
    /// For [`super::Kind::SelectMultiple`]: the names of the choices.
    Choices(BTreeSet<String>),
}

/// Answers by question name. A question that is missing was not answered.
pub type Answers = BTreeMap<String, Answer>;
