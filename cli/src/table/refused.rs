//! Why a row is refused: field and rule, never what stands in it.

use std::fmt;

use cairn_core::error::Error;
use cairn_core::form::{Fault, Rule};
use serde_json::{Value, json};

use crate::words::count;

/// A row that was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused {
    /// The line of the file in which it begins.
    pub(crate) line: u64,
    /// Everything that is wrong with it: the field, unless it is the row, and why.
    pub(crate) faults: Vec<(Option<String>, Reason)>,
}

/// Why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Reason {
    #[error("{0}")]
    Rule(Rule),
    #[error("this is not text in the table's encoding")]
    Encoding,
    #[error("this is not written in the map's format")]
    Format,
    #[error("the row has {} under {}; perhaps a quote is not closed", count(*found, "cell"), count(*expected, "heading"))]
    Cells { found: u64, expected: u64 },
    #[error("{0}")]
    Other(&'static str),
}

impl Refused {
    /// What the front door said of a row.
    pub(crate) fn by(line: u64, error: &Error) -> Self {
        let faults = match error {
            Error::Invalid(faults) => faults.iter().cloned().map(by_rule).collect(),
            Error::TooLarge(_) => vec![(None, Reason::Other("the record is too large to travel"))],
            other => vec![(None, Reason::Other(other.code()))],
        };
        Self { line, faults }
    }

    /// For machines.
    pub(crate) fn json(&self) -> Value {
        let faults = self.faults.iter();
        let faults = faults.map(|(field, reason)| json!({ "field": field, "rule": reason.to_string() }));
        json!({ "line": self.line, "faults": faults.collect::<Value>() })
    }
}

/// A fault of the form's making.
pub(crate) fn by_rule(fault: Fault) -> (Option<String>, Reason) {
    (Some(fault.field), Reason::Rule(fault.rule))
}

impl fmt::Display for Refused {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "line {}: ", self.line)?;
        for ((field, reason), number) in self.faults.iter().zip(0..) {
            let apart = if number > 0 { "; " } else { "" };
            match field {
                Some(field) => write!(out, "{apart}{field}: {reason}")?,
                None => write!(out, "{apart}{reason}")?,
            }
        }
        Ok(())
    }
}
