//! Tables in the words of HTCDS 2.0: they need no map.

use cairn_core::crypto::generate;
use cairn_core::form::{Answers, Form};
use cairn_core::view::export::unguarded;
use cairn_core::view::htcds::{Htcds, Left, entered};

use super::{Reason, Refused, Row};

/// A table whose headings are the standard's, and what could not be taken in so far.
pub(crate) struct Standard {
    htcds: Htcds,
    headings: Vec<String>,
    left: Left,
}

impl Standard {
    /// Takes the headings as they are; what no standard knows is reported with its first filled cell.
    pub(crate) fn new(headings: &[Vec<u8>]) -> Self {
        let headings = headings.iter().map(|heading| String::from_utf8_lossy(heading).trim().to_owned());
        Self { htcds: Htcds::new(), headings: headings.collect(), left: Left::default() }
    }

    /// What could not be taken in.
    pub(crate) fn left(&self) -> &Left {
        &self.left
    }

    /// The answers of a row; `None` when nothing of it could be taken in.
    ///
    /// # Errors
    /// That the row is no row of this table, or that its answers are none of the form's.
    pub(crate) fn answers(&mut self, form: &Form, row: &Row) -> Result<Option<Answers>, Refused> {
        let refused = |faults| Refused { line: row.line, faults };
        let (found, expected) = (row.cells.len() as u64, self.headings.len() as u64);
        if found > expected {
            return Err(refused(vec![(None, Reason::Cells { found, expected })]));
        }
        let texts: Result<Vec<&str>, _> = row.cells.iter().map(std::str::from_utf8).collect();
        let Ok(texts) = texts else { return Err(refused(vec![(None, Reason::Encoding)])) };
        let cells: Vec<(&str, &str)> =
            self.headings.iter().map(String::as_str).zip(texts.into_iter().map(unguarded)).collect();
        let mut failed = false;
        let mut random = || match generate() {
            Ok(octets) => u64::from_be_bytes(octets),
            Err(_) => {
                failed = true;
                0
            }
        };
        let answers = entered(&self.htcds, form, &cells, &mut random, &mut self.left);
        if failed {
            return Err(refused(vec![(None, Reason::Other("no random numbers from the operating system"))]));
        }
        Ok((!answers.is_empty()).then_some(answers))
    }
}
