//! Carrying an erasure out: the record's documents and all that was derived from them go, what waits to be
//! sent or taken in of it goes, and so do the segments of the log that hold something of it. What comes of it
//! later, from a device that has slept, is dropped unread.

use std::collections::BTreeSet;

use cairn_wire::codec::{Reader, Writer};
use cairn_wire::digest::half;
use cairn_wire::id::{AttachmentId, DeviceId, DocumentId};
use cairn_wire::pack::SignedManifest;
use cairn_wire::roster::Role;
use cairn_wire::segment::parse;

use super::merge::{Coming, Held, Taking, changes_of};
use super::parts;
use crate::change;
use crate::error::Error;
use crate::pack::Entry;
use crate::segment::ErasureEntry;
use crate::store::{ErasureRow, OutboxKind, OutboxRow, Rows, StoreError};

/// Octets of the log looked at together.
const LOG: usize = 4 << 20;

/// An erasure as it rests and travels.
pub(super) fn written(entry: &ErasureEntry) -> Vec<u8> {
    let mut writer = Writer::new();
    entry.write(&mut writer);
    writer.finish()
}

/// An erasure as a pack tells of it.
pub(super) fn tombstone(rows: &Rows<'_>, row: &ErasureRow) -> Result<Entry, Error> {
    let documents = rows.erased_documents(&row.record, &row.circle)?;
    let (record, salt, reason) = (row.record, row.salt, row.reason.clone());
    let bytes = written(&ErasureEntry { record, salt, documents: Vec::new(), reason });
    Ok(Entry::Tombstone { seq: row.seq, bytes, documents, confirmed: rows.confirmed(&row.commitment)? })
}

impl Taking<'_, '_> {
    /// Carries out an erasure that arrived at place `seq` of the log, if the roster says the same.
    pub(super) fn erasure(&mut self, entry: &ErasureEntry, author: &DeviceId, seq: u64) -> Result<(), Held> {
        let commitment = entry.commitment(self.roster.workspace(), *self.circle);
        let said = self.roster.circles().get(self.circle).and_then(|known| known.erasure(&commitment));
        if said.is_none() {
            let reason = "the roster says nothing of this erasure";
            let none = DocumentId([0; 16]);
            return Ok(self.quarantine(
                cairn_wire::id::ChainId([0; 16]),
                seq,
                none,
                reason,
                false,
                written(entry),
            )?);
        }
        let row = self.row(entry, seq);
        let own = *author == self.own;
        self.bury(&row, &entry.documents, !own).map_err(Held::Failed)?;
        self.forget_older_packs().map_err(Held::Failed)
    }

    /// Takes over an erasure from a pack.
    pub(super) fn tombstone(
        &mut self,
        seq: u64,
        bytes: &[u8],
        documents: Vec<DocumentId>,
        confirmed: &[(DeviceId, u64)],
    ) -> Result<(), Error> {
        let mut reader = Reader::new(bytes);
        let Ok(entry) = ErasureEntry::read(&mut reader) else { return Ok(()) };
        let row = self.row(&entry, seq);
        let said =
            self.roster.circles().get(self.circle).and_then(|known| known.erasure(&row.commitment)).copied();
        // A pack does not erase what the roster does not say.
        let Some(said) = said else { return Ok(()) };
        for (device, time) in confirmed {
            self.rows.put_confirmed(&half(&row.commitment), device, *time)?;
        }
        // Who came later never had it, and has nothing to confirm.
        let had = self.roster.was_in(&self.own, self.circle, said.since);
        self.bury(&row, &documents, had)
    }

    fn row(&self, entry: &ErasureEntry, seq: u64) -> ErasureRow {
        ErasureRow {
            circle: *self.circle,
            record: entry.record,
            salt: entry.salt,
            commitment: entry.commitment(self.roster.workspace(), *self.circle),
            reason: entry.reason.clone(),
            said: true,
            seq,
            attachments: 0,
        }
    }

    /// Takes a record out of this circle for ever, and says so to the others if `confirm`.
    pub(super) fn bury(
        &mut self,
        row: &ErasureRow,
        documents: &[DocumentId],
        confirm: bool,
    ) -> Result<(), Error> {
        let first = self.rows.put_erasure(row)?;
        self.rows.drop_drafts_of(&row.record)?;
        let mut gone: BTreeSet<DocumentId> = documents.iter().copied().collect();
        let held = self.rows.parts(&row.record)?.into_iter().filter(|part| part.circle == *self.circle);
        gone.extend(held.map(|part| part.id));
        let (mut files, mut is_copy) = (BTreeSet::new(), self.shelves.is_sharing(self.circle));
        for id in gone {
            if let Some(held) = self.rows.document(&id)? {
                // Another record's document is not this one's, whatever the entry says.
                if held.circle != *self.circle || self.rows.record_of(&id)? != Some(row.record) {
                    continue;
                }
                // What cannot be read names nothing that could be found.
                let named = change::files(&held.bytes).unwrap_or_default();
                files.extend(named.into_iter().map(|file| file.reference.id));
                is_copy &= !self.was_made_here(&held.bytes);
                let before = parts::all(&self.rows, &row.record)?;
                parts::remove(&self.rows, &self.forms, &self.shelves, &before, &id)?;
            }
            self.rows.put_erased(&id, self.circle, &row.record)?;
            self.rows.clear_traces(&id, self.circle)?;
            let coming = self.changes.remove(&id).unwrap_or_default();
            self.emptied.extend(coming.iter().map(|one| one.seq));
            self.erased.insert(id);
        }
        self.bury_files(row, &files, is_copy)?;
        if first {
            self.tally.report.erased += 1;
            self.tally.scrub = true;
            let writes = self.roster.may_write(&self.own, self.circle, self.roster.seq());
            if confirm && writes {
                self.rows.put_outbox(
                    self.circle,
                    &OutboxRow {
                        number: 0,
                        kind: OutboxKind::Confirmed,
                        document: None,
                        form: 0,
                        bytes: half(&row.commitment).to_vec(),
                        extra: Vec::new(),
                    },
                )?;
            }
        }
        Ok(())
    }

    /// Whether a document of a circle that also takes copies was begun there: sealed records are.
    fn was_made_here(&self, document: &[u8]) -> bool {
        let Ok(content) = change::read(document) else { return false };
        let known = self.forms.iter().find(|known| known.form.id == content.form);
        self.shelves.is_for_sealed(self.circle) && known.is_some_and(|known| known.form.sealed)
    }

    /// Lets go of the files that the record named. What opens them is gone with its documents; a coordinator has the
    /// server drop them too, unless the record that this is a copy of, or a copy of it that is not here, may name them.
    fn bury_files(
        &mut self,
        row: &ErasureRow,
        files: &BTreeSet<AttachmentId>,
        is_copy: bool,
    ) -> Result<(), Error> {
        self.rows.forget_unnamed_attachments()?;
        self.rows.put_erased_attachments(&row.commitment, files.len() as u64)?;
        let mut copied = is_copy;
        for copy in self.rows.shared(&row.record)? {
            let is_here = self.rows.record_exists(&copy.copy)?;
            copied |= !is_here && !self.rows.is_erased(&copy.copy, &copy.circle)?;
        }
        let member = self.roster.member(&self.own);
        let coordinates = member.is_some_and(|member| member.belongs() && member.role == Role::Coordinator);
        for id in files {
            if !self.rows.is_named(id)? {
                self.rows.forget_attachment(id)?;
            }
            if coordinates && !copied {
                self.rows.put_attachment_drop(id)?;
            }
        }
        Ok(())
    }

    /// Forgets packs from before the newest erasure: pieces that are being fetched, and a pack that was kept.
    pub(super) fn forget_older_packs(&mut self) -> Result<(), Error> {
        let erased = self.roster.circles().get(self.circle).and_then(|known| known.erased.last());
        let since = erased.map_or(0, |erased| erased.since);
        let kept = self.rows.kept(self.circle)?;
        let manifest = kept.and_then(|kept| SignedManifest::decode(&kept.manifest).ok());
        if manifest.is_some_and(|signed| signed.manifest.roster_seq < since) {
            self.rows.forget_kept(self.circle)?;
        }
        Ok(self.rows.clear_fetched(self.circle)?)
    }

    /// Drops what came of an erased record.
    pub(super) fn drop_all(&mut self, coming: Vec<Coming>) -> Result<(), Error> {
        for one in coming {
            self.emptied.insert(one.seq);
            if let Some(number) = one.quarantined {
                self.rows.release(number)?;
            }
        }
        self.tally.scrub = true;
        Ok(())
    }

    /// Empties the segments of the log that held something of an erased record.
    pub(super) fn empty_segments(&mut self) -> Result<(), Error> {
        let erased = std::mem::take(&mut self.erased);
        if !erased.is_empty() {
            self.search_log(&erased)?;
            self.search_strays(&erased)?;
        }
        for seq in std::mem::take(&mut self.emptied) {
            self.rows.blank_segment(self.circle, seq)?;
        }
        Ok(())
    }

    /// Whether a segment holds something of erased documents; what cannot be opened here tells nobody anything.
    fn holds(&self, bytes: &[u8], erased: &BTreeSet<DocumentId>) -> Result<bool, StoreError> {
        let Ok(parsed) = parse(bytes) else { return Ok(false) };
        let Some(chain) = self.rows.chain(&parsed.header.chain)? else { return Ok(false) };
        let named = changes_of(&self.rows, self.roster, self.circle, chain.device, bytes);
        Ok(named.is_ok_and(|(named, _)| named.iter().any(|(document, _)| erased.contains(document))))
    }

    fn search_log(&mut self, erased: &BTreeSet<DocumentId>) -> Result<(), Error> {
        let mut after = 0;
        loop {
            let page = self.rows.segments_after(self.circle, after, LOG)?;
            let Some(last) = page.last() else { return Ok(()) };
            after = last.seq;
            for segment in page {
                if self.holds(&segment.bytes, erased)? {
                    self.emptied.insert(segment.seq);
                }
            }
        }
    }

    fn search_strays(&self, erased: &BTreeSet<DocumentId>) -> Result<(), Error> {
        for (hash, bytes) in self.rows.strays(self.circle)? {
            if self.holds(&bytes, erased)? {
                self.rows.clear_stray(self.circle, &hash)?;
            }
        }
        Ok(())
    }
}
