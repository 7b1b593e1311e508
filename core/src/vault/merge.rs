//! Taking in segments that have arrived: open, then merge document by document.

use std::collections::BTreeMap;
use std::sync::Arc;

use cairn_wire::codec::Malformed;
use cairn_wire::id::{ChainId, CircleId, DeviceId, DocumentId};
use cairn_wire::roster::{Role, Roster};
use cairn_wire::segment::parse;

use super::Vault;
use super::alarms::{Compared, compare};
use super::forms::{KnownForm, find, keep_form, load};
use super::records::{PART, projection};
use super::sync::Tally;
use crate::change::{self, Arrival};
use crate::error::Error;
use crate::form::{Form, FormError};
use crate::segment::{
    Batch, CarriedEntry, Dictionary, FormEntry, SegmentError, Verdict, Verified, verify, verify_late,
};
use crate::store::{ChainRow, QuarantineRow, Rows, SegmentRow, SegmentState, StoreError};

/// Segments that are taken in by one transaction.
const AT_ONCE: u64 = 16;
/// How often a form or key that just arrived may let earlier segments in.
const PASSES: usize = 4;

/// One change on its way into a document.
pub(super) struct Coming {
    chain: ChainId,
    seq: u64,
    bytes: Vec<u8>,
    /// Its row, if it waited in quarantine.
    quarantined: Option<u64>,
}

impl Vault {
    /// Takes in every segment that can be; what cannot is kept and noted, and stops nothing else.
    pub(super) fn take_in(&mut self, tally: &mut Tally<'_>) -> Result<(), Error> {
        let Some(roster) = self.roster.clone() else { return Ok(()) };
        for circle in self.store.rows().circles()? {
            self.compare_reached(&circle, tally)?;
            for _ in 0..PASSES {
                let forms = self.forms.len();
                let mut after = 0;
                loop {
                    let segments = self.store.rows().open_segments(&circle.circle, after, AT_ONCE)?;
                    let Some(last) = segments.last() else { break };
                    after = last.seq;
                    self.take_in_some(&roster, &circle.circle, &segments, tally)?;
                }
                if self.forms.len() == forms {
                    break;
                }
                self.take_in_waiting(&circle.circle, tally)?;
            }
        }
        Ok(())
    }

    fn take_in_some(
        &mut self,
        roster: &Roster,
        circle: &CircleId,
        segments: &[SegmentRow],
        tally: &mut Tally<'_>,
    ) -> Result<(), Error> {
        let forms = self.forms.clone();
        let (own, now) = (self.device.id(), self.clock.now());
        let gesture = self.store.gesture(|rows| {
            let mut take = Taking { rows, roster, circle, own, forms, changes: BTreeMap::new(), tally };
            for segment in segments {
                let (state, reason) = match take.segment(segment, now) {
                    Ok(()) => (SegmentState::TakenIn, String::new()),
                    Err(Held::Waits(reason)) => (SegmentState::Waits, reason.to_owned()),
                    Err(Held::Refused(reason)) => (SegmentState::Refused, reason),
                    Err(Held::Failed(error)) => return Err(error),
                };
                rows.put_segment_state(circle, segment.seq, state, &reason)?;
            }
            take.merge_all()?;
            Ok(take.forms)
        });
        self.forms = gesture?;
        tally.tell();
        Ok(())
    }

    /// Tries again what waits in quarantine, after a form has arrived.
    fn take_in_waiting(&mut self, circle: &CircleId, tally: &mut Tally<'_>) -> Result<(), Error> {
        let Some(roster) = self.roster.clone() else { return Ok(()) };
        let (forms, own) = (self.forms.clone(), self.device.id());
        self.store.gesture(|rows| {
            let changes = BTreeMap::new();
            let mut take = Taking { rows, roster: &roster, circle, own, forms, changes, tally };
            for document in rows.waiting_documents(circle)? {
                take.changes.entry(document).or_default();
            }
            take.merge_all()
        })
    }
}

/// Why a segment is not taken in now.
pub(super) enum Held {
    /// Something it needs may still arrive.
    Waits(&'static str),
    /// It never will be.
    Refused(String),
    /// Not the segment's fault: the gesture must be undone.
    Failed(Error),
}

impl Held {
    /// For whoever waits for an answer.
    pub(super) fn into_error(self) -> Error {
        match self {
            Self::Waits(reason) => Error::Bug(reason.to_owned()),
            Self::Refused(reason) => Error::Bug(reason),
            Self::Failed(error) => error,
        }
    }
}

impl From<StoreError> for Held {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<Malformed> for Held {
    fn from(error: Malformed) -> Self {
        match error.what {
            // Not garbage: this software must be updated, and then takes it in.
            "segment version" | "segment type" | "batch version" | "part version" => {
                Self::Waits("it was made by a newer version")
            }
            _ => Self::Refused(error.to_string()),
        }
    }
}

impl From<SegmentError> for Held {
    fn from(error: SegmentError) -> Self {
        match error {
            SegmentError::Malformed(error) => error.into(),
            SegmentError::RosterAhead => Self::Waits("its roster entry has not arrived"),
            SegmentError::UnknownDictionary => Self::Waits("its form has not arrived"),
            other => Self::Refused(other.to_string()),
        }
    }
}

/// One transaction's worth of segments on their way in.
pub(super) struct Taking<'a, 'b> {
    pub(super) rows: Rows<'a>,
    pub(super) roster: &'a Roster,
    pub(super) circle: &'a CircleId,
    /// This device.
    pub(super) own: DeviceId,
    pub(super) forms: Vec<Arc<KnownForm>>,
    pub(super) changes: BTreeMap<DocumentId, Vec<Coming>>,
    pub(super) tally: &'a mut Tally<'b>,
}

impl Taking<'_, '_> {
    /// Verifies and opens one segment and sorts its entries.
    fn segment(&mut self, segment: &SegmentRow, now: u64) -> Result<(), Held> {
        let parsed = parse(&segment.bytes)?;
        let header = parsed.header.clone();
        let link = parsed.link();
        let (author, is_next) = match self.rows.chain(&header.chain)? {
            None => {
                (header.opens_for().ok_or(Held::Waits("earlier segments of its chain are missing"))?, true)
            }
            // So far only named by whoever carried a change from it: its own first segment decides.
            Some(chain) if chain.height == 0 && header.opens_for().is_some() => {
                (header.opens_for().unwrap_or(chain.device), true)
            }
            Some(chain) if chain.circle != *self.circle => {
                return Err(Held::Refused("its chain belongs to another circle".to_owned()));
            }
            // Verified before, and waited for something.
            Some(chain) if header.seq <= chain.height => (chain.device, false),
            Some(chain) if header.seq > chain.height + 1 => {
                return Err(Held::Waits("earlier segments of its chain are missing"));
            }
            Some(chain) if header.prev != chain.link => {
                return Err(Held::Refused("it does not continue its chain".to_owned()));
            }
            Some(chain) => (chain.device, true),
        };
        let verified = verify(parsed, self.roster, *self.circle, author)?;
        if is_next {
            self.rows.put_chain(&ChainRow {
                chain: header.chain,
                circle: *self.circle,
                device: author,
                height: header.seq,
                link,
            })?;
        }
        let batch = self.opened(&verified)?;
        let witness = batch.witness;
        self.entries(batch, author, header.chain, segment.seq)?;
        if let Some(witness) = witness {
            let compared = compare(&self.rows, self.circle, &author, &witness, now)?;
            self.tally.report.alarms += u64::from(compared == Compared::Differs);
        }
        Ok(())
    }

    fn opened(&self, verified: &Verified<'_>) -> Result<Batch, Held> {
        let secret = self.rows.epoch(self.circle, verified.header().epoch)?;
        let secret = secret.ok_or(Held::Waits("its key has not arrived"))?;
        let rows = self.rows;
        Ok(verified.open(&secret, |id| {
            let bytes = rows.dictionary(id).ok().flatten()?;
            Dictionary::new(bytes).map(Arc::new)
        })?)
    }

    fn entries(&mut self, batch: Batch, author: DeviceId, chain: ChainId, seq: u64) -> Result<(), Held> {
        // A form of a newer version is not lost on this device: its whole segment waits for the update.
        if batch.forms.iter().any(|entry| matches!(Form::decode(&entry.form), Err(FormError::TooNew { .. })))
        {
            return Err(Held::Waits("it holds a form of a newer version"));
        }
        for name in batch.names {
            self.rows.put_name(&author, &name)?;
        }
        let publishes = self.roster.member(&author).is_some_and(|member| member.role == Role::Coordinator);
        for entry in batch.forms {
            let refused = if publishes {
                self.form(&entry, &author)?
            } else {
                Some("only a coordinator publishes forms")
            };
            if let Some(reason) = refused {
                self.quarantine(chain, seq, DocumentId([0; 16]), reason, false, entry.form)?;
            }
        }
        for verdict in batch.verdicts {
            if publishes {
                self.verdict(&verdict, seq)?;
            } else {
                let reason = "only a coordinator decides about late letters";
                self.quarantine(chain, seq, DocumentId([0; 16]), reason, false, verdict.letter().to_vec())?;
            }
        }
        for entry in batch.changes {
            let bytes = change::restore(&entry.change);
            // An earlier chain's segment, or another copy of this vault: no need to carry it any more.
            if author == self.own {
                self.rows.clear_carried(self.circle, &entry.document, &bytes)?;
            }
            let coming = Coming { chain, seq, bytes, quarantined: None };
            self.changes.entry(entry.document).or_default().push(coming);
        }
        for CarriedEntry { origin, entry } in batch.carried {
            let bytes = change::restore(&entry.change);
            // Only of its own earlier chains may a device carry anything.
            match self.rows.chain(&origin)? {
                Some(known) if known.device != author || known.circle != *self.circle => {
                    let reason = "it is carried from another device's chain";
                    self.quarantine(origin, seq, entry.document, reason, false, bytes)?;
                    continue;
                }
                Some(_) => {}
                None => self.rows.put_chain(&ChainRow {
                    chain: origin,
                    circle: *self.circle,
                    device: author,
                    height: 0,
                    link: author.0,
                })?,
            }
            if author == self.own {
                self.rows.clear_carried(self.circle, &entry.document, &bytes)?;
            }
            let coming = Coming { chain: origin, seq, bytes, quarantined: None };
            self.changes.entry(entry.document).or_default().push(coming);
        }
        Ok(())
    }

    /// Notes a decision about a late letter, and takes it in if it was accepted.
    pub(super) fn verdict(&mut self, verdict: &Verdict, seq: u64) -> Result<(), Held> {
        if let Verdict::Accepted { device, letter } = verdict {
            match self.letter(device, letter, seq) {
                // Whoever accepted it could read it: this device may yet be able to.
                Err(Held::Waits(reason)) => return Err(Held::Waits(reason)),
                Err(Held::Refused(reason)) => {
                    let none = DocumentId([0; 16]);
                    self.quarantine(ChainId([0; 16]), seq, none, &reason, false, letter.clone())?;
                }
                taken => taken?,
            }
        }
        let accepted = matches!(verdict, Verdict::Accepted { .. });
        Ok(self.rows.put_verdict(&verdict.letter(), accepted)?)
    }

    /// Verifies and opens an accepted letter and sorts its changes; what else it says is left out.
    fn letter(&mut self, device: &DeviceId, letter: &[u8], seq: u64) -> Result<(), Held> {
        let parsed = parse(letter)?;
        let header = parsed.header.clone();
        let (known, circle) = (self.rows.chain(&header.chain)?, *self.circle);
        if known.is_some_and(|known| known.device != *device || known.circle != circle) {
            return Err(Held::Refused("it is not of its author's chain".to_owned()));
        }
        let verified = verify_late(parsed, self.roster, circle, *device)?;
        if known.is_none() {
            let row = ChainRow { chain: header.chain, circle, device: *device, height: 0, link: device.0 };
            self.rows.put_chain(&row)?;
        }
        let batch = self.opened(&verified)?;
        let kept = Batch { changes: batch.changes, carried: batch.carried, ..Batch::default() };
        self.entries(kept, *device, header.chain, seq)
    }

    /// Keeps a form that arrived; gives a reason if it cannot be one.
    fn form(&mut self, entry: &FormEntry, author: &DeviceId) -> Result<Option<&'static str>, StoreError> {
        let Ok(form) = Form::decode(&entry.form) else { return Ok(Some("not a form this version can read")) };
        let dictionary = Dictionary::new(entry.dictionary.clone());
        if keep_form(&self.rows, &form, &entry.form, author, dictionary.as_ref())? {
            self.forms = load(&self.rows)?;
        } else if find(&self.forms, &form.id, &form.version).is_some_and(|known| *known.form != form) {
            return Ok(Some("another form of that name and version is held"));
        }
        Ok(None)
    }

    pub(super) fn merge_all(&mut self) -> Result<(), Error> {
        for (document, coming) in std::mem::take(&mut self.changes) {
            self.merge(&document, coming)?;
        }
        Ok(())
    }

    /// Admits changes to one document, together with those that waited for it.
    fn merge(&mut self, id: &DocumentId, new: Vec<Coming>) -> Result<(), Error> {
        let mut coming: Vec<Coming> = self
            .rows
            .waiting(self.circle, id)?
            .into_iter()
            .map(|row| Coming {
                chain: row.chain,
                seq: row.seq,
                bytes: row.bytes,
                quarantined: Some(row.number),
            })
            .collect();
        coming.extend(new);
        let held = self.rows.document(id)?;
        if held.as_ref().is_some_and(|row| row.circle != *self.circle) {
            return self.refuse_all(id, coming, "the document lives in another circle");
        }
        let arrivals: Vec<Arrival<'_>> =
            coming.iter().map(|one| Arrival { chain: one.chain, change: &one.bytes }).collect();
        let forms = &self.forms;
        let known = |form: &str, version: &str| find(forms, form, version).map(|known| known.form.clone());
        let admission = change::admit(held.as_ref().map(|row| row.bytes.as_slice()), &arrivals, &known)?;
        if let (Some(document), Some(content)) = (&admission.document, &admission.content) {
            if content.part != PART || content.record.0 != id.0 {
                return self.refuse_all(id, coming, "it claims to be a part of another record");
            }
            // Only the chain a document is named after begins it, so nobody can be first with a rival.
            if DocumentId::of(content.begun.chain, 0).prefix() != id.prefix() {
                return self.refuse_all(id, coming, "it was begun by another chain than its name says");
            }
            let known = find(&self.forms, &content.form, &content.version);
            let changed = content.latest.time.try_into().unwrap_or(0);
            let after = projection(known.as_deref(), content, changed);
            match &held {
                Some(row) => {
                    let old = change::read(&row.bytes)?;
                    let before = projection(known.as_deref(), &old, 0);
                    self.rows.update_document(row, document, &before, &after)?;
                }
                None => self.rows.put_document(id, &content.record, PART, self.circle, document, &after)?,
            }
            self.tally.touched.insert(*id);
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

    fn refuse_all(&mut self, id: &DocumentId, coming: Vec<Coming>, reason: &str) -> Result<(), Error> {
        for one in coming {
            match one.quarantined {
                Some(number) => self.rows.put_reason(number, reason, false)?,
                None => self.quarantine(one.chain, one.seq, *id, reason, false, one.bytes)?,
            }
        }
        Ok(())
    }

    fn quarantine(
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
