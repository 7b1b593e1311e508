//! A table that a form brings along, for expressions to look into.

use serde::{Deserialize, Serialize};

/// Texts in rows. Every row has a cell for each column.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// What the columns are called.
    pub columns: Vec<String>,
    /// The rows, in their order.
    pub rows: Vec<Vec<String>>,
}

impl Table {
    /// A cell; none where there is no such row or column.
    pub fn cell(&self, row: usize, column: &str) -> Option<&str> {
        let column = self.columns.iter().position(|known| known == column)?;
        self.rows.get(row)?.get(column).map(String::as_str)
    }
}
