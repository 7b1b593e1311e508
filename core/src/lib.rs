//! All that a Cairn device knows and does: the only code that can read a record.

pub mod change;
pub mod form;
