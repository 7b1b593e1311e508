//! Breaking a vault on purpose, so that tests can show that others notice. Never in a product.

use cairn_wire::id::RecordId;

use super::{Vault, parts};
use crate::error::Error;

impl Vault {
    /// Every document as it rests, for measuring.
    ///
    /// # Errors
    /// What the disk says.
    pub fn rehearse_documents(&self) -> Result<Vec<Vec<u8>>, Error> {
        let (rows, mut found) = (self.store.rows(), Vec::new());
        for circle in rows.circles()? {
            let mut after = None;
            loop {
                let page = rows.documents_of(&circle.circle, after.as_ref(), 256)?;
                let Some(last) = page.last() else { break };
                after = Some(last.id);
                found.extend(page.into_iter().map(|part| part.bytes));
            }
        }
        Ok(found)
    }

    /// Every page of the database as its key opens it, free ones among them: what somebody could read who has
    /// the device and the passphrase.
    ///
    /// # Errors
    /// What the disk says.
    pub fn rehearse_pages(&mut self) -> Result<Vec<u8>, Error> {
        Ok(self.store.every_page()?)
    }

    /// Loses a record, as a damaged or dishonest device might: nobody is told.
    ///
    /// # Errors
    /// What the disk says.
    pub fn rehearse_loss(&mut self, record: &RecordId) -> Result<(), Error> {
        let (forms, shelves) = (self.forms.clone(), self.shelves()?);
        self.store.gesture(|rows| {
            for part in rows.parts(record)? {
                let before = parts::all(&rows, record)?;
                parts::remove(&rows, &forms, &shelves, &before, &part.id)?;
            }
            Ok(())
        })
    }
}
