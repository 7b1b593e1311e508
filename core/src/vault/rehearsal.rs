//! Breaking a vault on purpose, so that tests can show that others notice. Never in a product.

use std::path::Path;

use cairn_wire::id::{CircleId, RecordId};
use cairn_wire::segment::parse;

use super::merge::opened;
use super::{Vault, parts};
use crate::change;
use crate::error::Error;
use crate::segment::verify_own;

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

    /// All that this vault holds and its keys open, in plain: every table with the search index, every document's
    /// answers, and every segment that is kept. For finding out what somebody with the passphrase could find.
    ///
    /// # Errors
    /// What the disk says.
    pub fn rehearse_seizure(&self, scratch: &Path) -> Result<Vec<u8>, Error> {
        let (rows, mut found) = (self.store.rows(), self.store.rehearse_plain(scratch)?);
        let roster = self.roster()?;
        for circle in rows.circles()?.into_iter().map(|row| row.circle) {
            let sealed = rows.sealed_from(&circle, 0, usize::MAX)?.into_iter().map(|row| row.bytes);
            let log = rows.segments_after(&circle, 0, usize::MAX)?.into_iter().map(|row| row.bytes);
            let strays = rows.strays(&circle)?.into_iter().map(|(_, bytes)| bytes);
            for bytes in sealed.chain(log).chain(strays) {
                let Ok(parsed) = parse(&bytes) else { continue };
                let Some(chain) = rows.chain(&parsed.header.chain)? else { continue };
                let Ok(verified) = verify_own(parsed, roster, circle, chain.device) else { continue };
                found.extend(
                    opened(&rows, &circle, &verified).map(|batch| batch.encode()).unwrap_or_default(),
                );
            }
        }
        for bytes in self.rehearse_documents()? {
            for member in change::members(&bytes)? {
                found.extend(member.change);
            }
        }
        Ok(found)
    }

    /// Whether the keys of this vault open a segment of a circle, and what it says then.
    pub fn rehearse_opening(&self, circle: &CircleId, bytes: &[u8]) -> Option<Vec<u8>> {
        let (rows, roster) = (self.store.rows(), self.roster().ok()?);
        let parsed = parse(bytes).ok()?;
        let chain = rows.chain(&parsed.header.chain).ok()??;
        let verified = verify_own(parsed, roster, *circle, chain.device).ok()?;
        opened(&rows, circle, &verified).ok().map(|batch| batch.encode())
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

    /// Forgets the packs its logs are held from, as an earlier version never kept them.
    ///
    /// # Errors
    /// What the disk says.
    pub fn rehearse_no_packs(&mut self) -> Result<(), Error> {
        let circles = self.store.rows().circles()?;
        self.store.gesture(|rows| {
            circles.iter().try_for_each(|circle| rows.forget_kept(&circle.circle))?;
            Ok(())
        })
    }
}
