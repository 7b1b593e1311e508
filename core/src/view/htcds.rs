//! Records in the words of HTCDS 2.0, the Human Trafficking Case Data Standard of the IOM, and back.
//!
//! Which column is which question, what its codes mean, and what cannot be carried and why, is data:
//! `forms/htcds.csv`. It holds for the form `victim-support` and for every form that keeps its names. HTCDS has one
//! cell where a case has many rows, and no word for *unknown*, *declined* and *not asked*: so every loss is counted
//! in [`Left`], by question and reason. It never holds what a record says.

mod entering;
mod leaving;
mod table;
#[cfg(test)]
pub(super) mod tests;

use std::collections::BTreeMap;
use std::fmt;

pub use entering::entered;

use table::Column;

/// The standard: its columns in their order.
#[derive(Debug)]
pub struct Htcds {
    columns: Vec<Column>,
}

impl Htcds {
    /// The standard as `forms/htcds.csv` describes it.
    pub fn new() -> Self {
        Self { columns: table::read() }
    }

    /// The questions that its columns name.
    pub fn questions(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|column| column.question.as_str()).filter(|question| !question.is_empty())
    }

    /// The headings of a table in the words of the standard.
    pub fn headings(&self) -> Vec<&str> {
        self.columns.iter().map(|column| column.name.as_str()).collect()
    }
}

impl Default for Htcds {
    fn default() -> Self {
        Self::new()
    }
}

/// Why something was not carried.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Loss {
    /// The other side has nothing like it.
    NoColumn,
    /// It has, and the table says why it is not used.
    Kept(String),
    /// The other side has one, and there are more.
    OneOnly,
    /// The other side has no such code.
    NoCode,
    /// Somebody said why there is no answer, which the other side has no word for.
    NoWord,
    /// Several answers stand; the one that is shown was carried.
    Conflict,
    /// It does not fit the question.
    NoFit,
}

impl fmt::Display for Loss {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(match self {
            Self::NoColumn => "the other side has no place for it",
            Self::Kept(why) => why,
            Self::OneOnly => "there is one place for it, and more than one was said",
            Self::NoCode => "the other side has no such code",
            Self::NoWord => "there is no word for unknown, declined and not asked",
            Self::Conflict => "several answers stand, and only the one that is shown was carried",
            Self::NoFit => "it does not fit the question",
        })
    }
}

/// What was not carried: in how many records, by question or column and reason.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Left(BTreeMap<(String, Loss), u64>);

impl Left {
    /// Each question or column, why it was not carried, and in how many records.
    pub fn all(&self) -> impl Iterator<Item = (&str, &Loss, u64)> {
        self.0.iter().map(|((name, loss), records)| (name.as_str(), loss, *records))
    }

    /// Whether everything was carried.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Counts the losses of one record, each once.
    fn add(&mut self, losses: std::collections::BTreeSet<(String, Loss)>) {
        for loss in losses {
            let records = self.0.entry(loss).or_default();
            *records = records.saturating_add(1);
        }
    }
}
