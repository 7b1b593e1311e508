//! Merging: the changes of one document, together with those that have waited for it, are admitted or kept aside
//! with a reason.

use cairn_wire::id::{ChainId, DocumentId};
use cairn_wire::segment::parse;

use super::forms::lookup;
use super::merge::{Coming, Taking};
use super::parts::{self, Held as Document};
use super::shelves::Room;
use crate::change::{self, Arrival, Content};
use crate::error::Error;
use crate::form::Part;
use crate::segment::SealedEntry;
use crate::store::{PartRow, QuarantineRow, StoreError};

impl Taking<'_, '_> {
    pub(super) fn merge_all(&mut self) -> Result<(), Error> {
        for (document, coming) in std::mem::take(&mut self.changes) {
            self.merge(&document, coming)?;
        }
        Ok(())
    }

    /// Admits changes to one document, together with those that waited for it.
    fn merge(&mut self, id: &DocumentId, new: Vec<Coming>) -> Result<(), Error> {
        let (mut coming, mut octets) = (Vec::new(), 0);
        for row in self.rows.waiting(self.circle, id)? {
            let (chain, bytes) = match SealedEntry::from_kept(&row.bytes) {
                None => (row.chain, row.bytes),
                Some(entry) => match self.open_kept(&row, &entry, &mut octets)? {
                    Some(carried) => (carried.origin, change::restore(&carried.entry.change)),
                    None => continue,
                },
            };
            let room = self.room_at(row.seq)?;
            coming.push(Coming { chain, seq: row.seq, bytes, room, quarantined: Some(row.number) });
        }
        coming.extend(new);
        if self.rows.erased(id, self.circle)?.is_some() {
            return self.drop_all(coming);
        }
        let held = self.rows.document(id)?;
        if held.as_ref().is_some_and(|row| row.circle != *self.circle) {
            return self.refuse_all(id, coming, "the document lives in another circle");
        }
        let arrivals: Vec<Arrival<'_>> =
            coming.iter().map(|one| Arrival { chain: one.chain, change: &one.bytes }).collect();
        let before = held.as_ref().map(|row| row.bytes.as_slice());
        let admission = change::admit(before, &arrivals, &lookup(&self.forms))?;
        if let (Some(document), Some(content)) = (&admission.document, &admission.content) {
            let part = Part::from_name(&content.part);
            if part.is_none() || (part == Some(Part::Case)) != (content.record.0 == id.0) {
                return self.refuse_all(id, coming, "it claims to be a part of another record");
            }
            // Only the chain a document is named after begins it, so nobody can be first with a rival.
            if DocumentId::of(content.begun.chain, 0).prefix() != id.prefix() {
                return self.refuse_all(id, coming, "it was begun by another chain than its name says");
            }
            if held.is_none() && self.rows.is_erased(&content.record, self.circle)? {
                self.rows.put_erased(id, self.circle, &content.record)?;
                return self.drop_all(coming);
            }
            if held.is_none() && !self.adds_to_own(content)? {
                let reason = "a device that only hands in adds to no records but its own";
                return self.refuse_all(id, coming, reason);
            }
            if held.is_none()
                && let Some((reason, waits)) = self.misplaced(part, content, &coming)?
            {
                return self.put_aside(id, coming, reason, waits);
            }
            let (bytes, content) = (document.clone(), content.clone());
            let new = match held {
                Some(row) => Document { row: PartRow { bytes, ..row }, content },
                None => parts::fresh(*id, *self.circle, bytes, content),
            };
            let record = new.content.record;
            let before = parts::all(&self.rows, &record)?;
            parts::keep(&self.rows, &self.forms, &self.shelves, &before, new)?;
            self.tally.touched.insert(record);
        }
        for index in admission.accepted {
            if let Some(number) = coming.get(index).and_then(|one| one.quarantined) {
                self.rows.release(number)?;
            }
        }
        for (index, refusal) in admission.refused {
            let Some(one) = coming.get_mut(index) else { continue };
            let (reason, waits) = (refusal.to_string(), refusal.may_pass_later());
            match one.quarantined {
                Some(number) => self.rows.put_reason(number, &reason, waits)?,
                None => {
                    let bytes = std::mem::take(&mut one.bytes);
                    let (chain, seq) = (one.chain, one.seq);
                    self.quarantine(chain, seq, *id, &reason, waits, bytes)?;
                }
            }
        }
        Ok(())
    }

    /// What the segment at `seq` of the circle's log may begin.
    fn room_at(&self, seq: u64) -> Result<Room, Error> {
        let held = self.rows.segment(self.circle, seq)?.filter(|segment| !segment.bytes.is_empty());
        let Some(segment) = held else {
            // A pack stands for that part of the log: whether its author could know a label is not known any
            // more, and what is not let in stays where it is.
            let emptied = self.rows.segment(self.circle, seq)?.is_some();
            let gone = emptied || self.rows.circle(self.circle)?.is_some_and(|row| seq <= row.base);
            return Ok(if gone { self.shelves.room(self.circle, seq, u64::MAX) } else { Room::Any });
        };
        let parsed = parse(&segment.bytes).map_err(|_| StoreError::Unreadable("segment"))?;
        Ok(self.shelves.room(self.circle, seq, parsed.header.roster_seq))
    }

    /// Why a document may not be begun here, and whether that may change. Only its first change decides:
    /// what was begun where it belonged stays there.
    fn misplaced(
        &self,
        part: Option<Part>,
        content: &Content,
        coming: &[Coming],
    ) -> Result<Option<(&'static str, bool)>, Error> {
        // Alone there is no doubt about which it is, and looking into a change takes time.
        let first = match coming {
            [only] => Some(only),
            several => several.iter().find(|one| change::part_of(&one.bytes).is_some()),
        };
        let Some(first) = first else { return Ok(None) };
        Ok(match &first.room {
            Room::Any => None,
            Room::Unlabelled => Some(("nobody has said yet what its circle holds", true)),
            Room::Parts(parts) if part.is_some_and(|part| parts.contains(&part)) => None,
            Room::Parts(_) => Some(("its part of the record does not belong into this circle", false)),
            Room::Sharing if part == Some(Part::Case) => None,
            Room::Sharing => {
                let case = self.rows.document(&DocumentId(content.record.0))?;
                match case {
                    Some(case) if case.circle == *self.circle => None,
                    Some(_) => Some(("its record lives in another circle", false)),
                    None => Some(("the case it belongs to has not arrived", true)),
                }
            }
        })
    }

    fn refuse_all(&mut self, id: &DocumentId, coming: Vec<Coming>, reason: &str) -> Result<(), Error> {
        self.put_aside(id, coming, reason, false)
    }

    fn put_aside(
        &mut self,
        id: &DocumentId,
        coming: Vec<Coming>,
        reason: &str,
        waits: bool,
    ) -> Result<(), Error> {
        for one in coming {
            match one.quarantined {
                Some(number) => self.rows.put_reason(number, reason, waits)?,
                None => self.quarantine(one.chain, one.seq, *id, reason, waits, one.bytes)?,
            }
        }
        Ok(())
    }

    pub(super) fn quarantine(
        &mut self,
        chain: ChainId,
        seq: u64,
        document: DocumentId,
        reason: &str,
        waits: bool,
        bytes: Vec<u8>,
    ) -> Result<(), StoreError> {
        self.tally.report.quarantined += 1;
        self.rows.put_quarantine(&QuarantineRow {
            number: 0,
            circle: *self.circle,
            seq,
            chain,
            document,
            reason: reason.to_owned(),
            waits,
            bytes,
        })
    }
}
