//! Breaking a vault on purpose, so that tests can show that others notice. Never in a product.

use std::path::Path;

use cairn_wire::codec::Reader;
use cairn_wire::id::{AttachmentId, CircleId, DeviceId, RecordId};
use cairn_wire::segment::parse;

use super::merge::opened;
use super::submitting::kept_batch;
use super::{Vault, parts};
use crate::change;
use crate::crypto::EpochSecret;
use crate::error::Error;
use crate::segment::{Handout, SealedEntry, SealedPlace, verify_own};
use crate::store::OutboxKind;

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
                    opened(&rows, &circle, &verified).map(|(batch, _)| batch.encode()).unwrap_or_default(),
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
        opened(&rows, circle, &verified).ok().map(|(batch, _)| batch.encode())
    }

    /// The boxes of sealed records that have not left: where each is to go.
    ///
    /// # Errors
    /// What the disk says.
    pub fn rehearse_boxes(&self) -> Result<Vec<(CircleId, SealedEntry)>, Error> {
        let (rows, mut found) = (self.store.rows(), Vec::new());
        for circle in rows.circles()?.into_iter().map(|row| row.circle) {
            for row in rows.outbox(&circle, usize::MAX, usize::MAX)? {
                if row.kind == OutboxKind::Sealed {
                    let mut reader = Reader::new(&row.bytes);
                    found.extend(SealedEntry::read(&mut reader).map(|sealed| (circle, sealed)));
                }
            }
            for bytes in rows.plains(&circle)? {
                let sealed = kept_batch(&rows, bytes)?.sealed;
                found.extend(sealed.into_iter().map(|sealed| (circle, sealed)));
            }
        }
        Ok(found)
    }

    /// How many of these boxes of another device any key in this vault opens: every secret of every circle, as it
    /// is and as the other circles', and the device's own.
    ///
    /// # Errors
    /// What the disk says.
    pub fn rehearse_box_keys(
        &self,
        author: &DeviceId,
        boxes: &[(CircleId, SealedEntry)],
    ) -> Result<usize, Error> {
        let (roster, rows) = (self.roster()?, self.store.rows());
        let workspace = roster.workspace();
        let mut secrets = Vec::new();
        for circle in roster.circles().keys() {
            secrets.extend(rows.epochs(circle)?);
        }
        let opens = |(circle, sealed): &&(CircleId, SealedEntry)| {
            let place = SealedPlace { workspace, circle: *circle, author: *author };
            let by_secret = secrets.iter().any(|(_, secret)| sealed.unseal(&place, secret).is_ok());
            let own =
                EpochSecret::unwrap(&sealed.bytes, workspace, *circle, sealed.epoch, &self.device).is_ok();
            by_secret || own || Handout::open(&sealed.bytes, roster, &self.device).is_ok()
        };
        Ok(boxes.iter().filter(opens).count())
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

    /// Alters an octet of a piece of an attached file, as bad memory might.
    ///
    /// # Errors
    /// What the disk says.
    pub fn rehearse_rot(&mut self, file: &AttachmentId, number: u32) -> Result<(), Error> {
        let rows = self.store.rows();
        let mut hashes = rows.attachment_hashes(file)?.into_iter().skip(number as usize);
        let (Some(mut piece), Some(hash)) = (rows.attachment_piece(file, number)?, hashes.next()) else {
            return Err(Error::Bug("no such piece".to_owned()));
        };
        piece.iter_mut().take(1).for_each(|octet| *octet ^= 1);
        Ok(self.store.gesture(|rows| {
            rows.forget_attachment_piece(file, number)?;
            rows.put_attachment_piece(file, number, &hash, &piece)
        })?)
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

    /// From here on commits are not synced, as a vault with another setting would not.
    ///
    /// # Errors
    /// What the disk says.
    pub fn rehearse_carelessness(&self) -> Result<(), Error> {
        Ok(self.store.rehearse_carelessness()?)
    }
}
