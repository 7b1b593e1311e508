//! Tables from elsewhere: a CSV file and the map that says which column answers which question.
//!
//! ```text
//! file ─► Rows (one row at a time) ─► Map (cells to answers) ─► answers, or why the row is refused
//! ```

mod field;
mod ledger;
mod map;
mod plan;
mod refused;
mod rows;
mod source;
mod standard;
mod starter;
mod trouble;

pub(crate) use ledger::Ledger;
pub(crate) use map::Map;
pub(crate) use plan::Plan;
pub(crate) use refused::{Reason, Refused};
pub(crate) use rows::{Row, Rows};
pub(crate) use source::identity;
pub(crate) use standard::Standard;
pub(crate) use starter::{guess, starter};
pub(crate) use trouble::{MapTrouble, TableTrouble};

#[cfg(test)]
mod tests;
