//! Many records at once, in batches that can be resumed.

use cairn_wire::id::RecordId;

use super::Vault;
use crate::error::Error;
use crate::form::Answers;
use crate::store::ImportRow;

/// How far an import got.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Imported {
    /// The last line dealt with.
    pub line: u64,
    /// Rows taken so far.
    pub taken: u64,
    /// Rows refused so far.
    pub refused: u64,
}

impl Vault {
    /// How far the import of `source` got; `source` is a hash over file, form and map.
    ///
    /// # Errors
    /// What the disk says.
    pub fn import_state(&self, source: &[u8; 32]) -> Result<Imported, Error> {
        let row = self.store.rows().import(source)?.unwrap_or_default();
        Ok(Imported { line: row.line, taken: row.taken, refused: row.refused })
    }

    /// Takes one batch: `rows` are (line, answers), `refused` counts rows of the batch that the reader
    /// refused already, `line` is the batch's last line. Records and progress are one transaction, so an
    /// import that is cut off goes on with the next batch and takes nothing twice.
    ///
    /// # Errors
    /// What undoes the whole batch, such as a full disk. A single bad row does not: its line comes back
    /// with its error.
    pub fn import(
        &mut self,
        source: &[u8; 32],
        form: &str,
        rows: Vec<(u64, Answers)>,
        refused: u64,
        line: u64,
    ) -> Result<Vec<(u64, Result<RecordId, Error>)>, Error> {
        let known = self.form(form)?;
        let before = self.import_state(source)?;
        let (lines, answers): (Vec<u64>, Vec<Answers>) = rows.into_iter().unzip();
        let all = lines.len() as u64;
        let made = self.new_records(&known, None, answers, |rows, taken| {
            let progress = ImportRow {
                line,
                taken: before.taken + taken,
                refused: before.refused + refused + (all - taken),
            };
            rows.put_import(source, &progress)
        })?;
        Ok(lines.into_iter().zip(made).collect())
    }
}
