//! Breaking a vault on purpose, so that tests can show that others notice. Never in a product.

use cairn_wire::id::RecordId;

use super::Vault;
use super::forms::find;
use super::records::projection;
use crate::change;
use crate::error::Error;

impl Vault {
    /// Every document as it rests, for measuring.
    ///
    /// # Errors
    /// What the disk says.
    pub fn rehearse_documents(&self) -> Result<Vec<Vec<u8>>, Error> {
        let (rows, mut found, mut after) = (self.store.rows(), Vec::new(), 0);
        loop {
            let page = rows.documents_after(after, 256)?;
            let Some(last) = page.last() else { return Ok(found) };
            after = last.number;
            found.extend(page.into_iter().map(|part| part.bytes));
        }
    }

    /// Loses a record, as a damaged or dishonest device might: nobody is told.
    ///
    /// # Errors
    /// What the disk says.
    pub fn rehearse_loss(&mut self, record: &RecordId) -> Result<(), Error> {
        let forms = self.forms.clone();
        self.store.gesture(|rows| {
            for part in rows.parts(record)? {
                let content = change::read(&part.bytes)?;
                let known = find(&forms, &content.form, &content.version);
                rows.remove_document(&part, &projection(known.as_deref(), &content, 0))?;
            }
            Ok(())
        })
    }
}
