//! Taking in segments that have arrived: open, then merge document by document.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use cairn_wire::codec::Malformed;
use cairn_wire::digest::Hash;
use cairn_wire::id::{ChainId, CircleId, DeviceId, DocumentId};
use cairn_wire::roster::{Role, Roster};
use cairn_wire::segment::{Kind, Parsed, parse};

use super::Vault;
use super::alarms::{Compared, compare};
use super::boxes::{Shut, open_boxes};
use super::burying;
use super::forms::{KnownForm, find, keep_form, load};
use super::late::Late;
use super::shelves::{Room, Shelves, written};
use super::sync::Tally;
use crate::change;
use crate::error::Error;
use crate::form::{Form, FormError};
use crate::segment::{
    Batch, CarriedEntry, Dictionary, FormEntry, SegmentError, ShareEntry, Verdict, Verified, verify,
    verify_late, verify_own,
};
use crate::store::{ChainRow, LabelRow, Rows, SegmentRow, SegmentState, SharedRow, StoreError};

/// Segments that are taken in by one transaction.
const AT_ONCE: u64 = 16;
/// How often a form or key that just arrived may let earlier segments in.
const PASSES: usize = 4;

/// One change on its way into a document.
pub(super) struct Coming {
    pub(super) chain: ChainId,
    pub(super) seq: u64,
    pub(super) bytes: Vec<u8>,
    /// What its segment may begin.
    pub(super) room: Room,
    /// Its row, if it waited in quarantine.
    pub(super) quarantined: Option<u64>,
}

impl Vault {
    /// Takes in every segment that can be; what cannot is kept and noted, and stops nothing else.
    pub(super) fn take_in(&mut self, tally: &mut Tally<'_>) -> Result<(), Error> {
        let Some(roster) = self.roster.clone() else { return Ok(()) };
        let circles = self.store.rows().circles()?;
        for circle in &circles {
            self.compare_reached(circle, tally)?;
        }
        // A form may come through one circle and be needed in another.
        for _ in 0..PASSES {
            let before = self.known()?;
            for circle in &circles {
                let mut after = 0;
                loop {
                    let segments = self.store.rows().open_segments(&circle.circle, after, AT_ONCE)?;
                    let Some(last) = segments.last() else { break };
                    after = last.seq;
                    self.take_in_some(&roster, &circle.circle, &segments, tally)?;
                }
            }
            let again = std::mem::take(&mut tally.unopened);
            if self.known()? == before && !again {
                break;
            }
            for circle in &circles {
                self.take_in_waiting(&circle.circle, tally)?;
            }
        }
        Ok(())
    }

    /// How much is known that may let in what has waited: forms and labels.
    fn known(&self) -> Result<(usize, usize), Error> {
        Ok((self.forms.len(), self.store.rows().labels()?.len()))
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
        let shelves = self.shelves()?;
        let gesture = self.store.gesture(|rows| {
            let mut take = Taking::begin(rows, roster, circle, own, (forms, shelves), tally);
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
            take.empty_segments()?;
            Ok(take.forms)
        });
        self.forms = gesture?;
        tally.tell();
        Ok(())
    }

    /// Tries again what waits in quarantine, after a form or label has arrived.
    fn take_in_waiting(&mut self, circle: &CircleId, tally: &mut Tally<'_>) -> Result<(), Error> {
        let Some(roster) = self.roster.clone() else { return Ok(()) };
        let (forms, own, shelves) = (self.forms.clone(), self.device.id(), self.shelves()?);
        self.store.gesture(|rows| {
            let mut take = Taking::begin(rows, &roster, circle, own, (forms, shelves), tally);
            for document in rows.waiting_documents(circle)? {
                take.changes.entry(document).or_default();
            }
            take.merge_all()?;
            take.empty_segments()
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

/// Which changes a segment brought, those it carried and those of letters it accepted among them; and whether
/// there were any of these, which may have come before it too, or it erased a record.
pub(super) fn changes_of(
    rows: &Rows<'_>,
    roster: &Roster,
    circle: &CircleId,
    author: DeviceId,
    bytes: &[u8],
) -> Result<(Vec<(DocumentId, Hash)>, bool), Held> {
    let parsed = parse(bytes)?;
    let verified = verify_own(parsed, roster, *circle, author)?;
    let (batch, _) = opened(rows, circle, &verified)?;
    let mut again = !batch.carried.is_empty() || !batch.erasures.is_empty();
    let carried = batch.carried.iter().map(|carried| &carried.entry);
    let named = batch
        .changes
        .iter()
        .chain(carried)
        .filter_map(|entry| Some((entry.document, change::hash(&change::restore(&entry.change))?)));
    let mut changes: Vec<_> = named.collect();
    for verdict in batch.verdicts {
        if let Verdict::Accepted { device, letter } = verdict {
            again = true;
            // A letter that could not be taken in brought nothing.
            changes.extend(changes_of(rows, roster, circle, device, &letter).unwrap_or_default().0);
        }
    }
    Ok((changes, again))
}

/// Opens a segment and the boxes in it; gives the boxes that stay shut apart.
pub(super) fn opened(
    rows: &Rows<'_>,
    circle: &CircleId,
    verified: &Verified<'_>,
) -> Result<(Batch, Vec<Shut>), Held> {
    let secret = rows.epoch(circle, verified.header().epoch)?;
    let secret = secret.ok_or(Held::Waits("its key has not arrived"))?;
    let mut batch = verified.open(&secret, |id| {
        let bytes = rows.dictionary(id).ok().flatten()?;
        Dictionary::new(bytes).map(Arc::new)
    })?;
    let shut = open_boxes(rows, verified, &mut batch)?;
    Ok((batch, shut))
}

/// One transaction's worth of segments on their way in.
pub(super) struct Taking<'a, 'b> {
    pub(super) rows: Rows<'a>,
    pub(super) roster: &'a Roster,
    pub(super) circle: &'a CircleId,
    /// This device.
    pub(super) own: DeviceId,
    pub(super) forms: Vec<Arc<KnownForm>>,
    pub(super) shelves: Shelves,
    pub(super) changes: BTreeMap<DocumentId, Vec<Coming>>,
    /// Documents of records that were erased by what is taken in now.
    pub(super) erased: BTreeSet<DocumentId>,
    /// Places of segments that held something of an erased record.
    pub(super) emptied: BTreeSet<u64>,
    pub(super) tally: &'a mut Tally<'b>,
}

impl<'a, 'b> Taking<'a, 'b> {
    /// Begins with nothing.
    pub(super) fn begin(
        rows: Rows<'a>,
        roster: &'a Roster,
        circle: &'a CircleId,
        own: DeviceId,
        (forms, shelves): (Vec<Arc<KnownForm>>, Shelves),
        tally: &'a mut Tally<'b>,
    ) -> Self {
        let (changes, erased, emptied) = (BTreeMap::new(), BTreeSet::new(), BTreeSet::new());
        Self { rows, roster, circle, own, forms, shelves, changes, erased, emptied, tally }
    }
}

impl Taking<'_, '_> {
    /// Takes in one segment, or says why not; a late one is laid aside for a coordinator.
    fn segment(&mut self, segment: &SegmentRow, now: u64) -> Result<(), Held> {
        let parsed = parse(&segment.bytes)?;
        match self.counting(parsed.clone(), segment.seq, now) {
            Err(Held::Failed(error)) => Err(Held::Failed(error)),
            Err(held) => match self.late(&parsed, &segment.bytes)? {
                Late::Not => Err(held),
                Late::Undecided => Err(SegmentError::Late.into()),
                Late::Accepted => Ok(()),
            },
            taken => taken,
        }
    }

    /// Verifies and opens the segment at a place of the log and sorts its entries.
    fn counting(&mut self, parsed: Parsed<'_>, place: u64, now: u64) -> Result<(), Held> {
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
        if !self.reads() {
            return Ok(());
        }
        let (batch, shut) = opened(&self.rows, self.circle, &verified)?;
        self.keep_shut(shut, header.chain, place)?;
        // Whoever reads nothing has seen nothing.
        let witness = batch.witness.filter(|_| header.kind == Kind::Batch);
        let room = self.shelves.room(self.circle, place, header.roster_seq);
        self.entries(batch, author, (header.chain, place), (header.kind, room))?;
        if let Some(witness) = witness {
            let compared = compare(&self.rows, self.circle, &author, &witness, now)?;
            self.tally.report.alarms += u64::from(compared == Compared::Differs);
        }
        Ok(())
    }

    /// Whether this device opens what it takes in, or only carries it.
    fn reads(&self) -> bool {
        self.may_read(&self.own)
    }

    pub(super) fn may_read(&self, device: &DeviceId) -> bool {
        let known = self.roster.circles().get(self.circle);
        let stay = known.and_then(|known| known.newest_stay(device));
        let reads = self.roster.member(device).is_none_or(|member| member.role.reads());
        reads && !stay.is_some_and(|stay| stay.hands_in)
    }

    fn entries(
        &mut self,
        mut batch: Batch,
        author: DeviceId,
        (chain, seq): (ChainId, u64),
        (kind, room): (Kind, Room),
    ) -> Result<(), Held> {
        // A form of a newer version is not lost on this device: its whole segment waits for the update.
        if batch.forms.iter().any(|entry| matches!(Form::decode(&entry.form), Err(FormError::TooNew { .. })))
        {
            return Err(Held::Waits("it holds a form of a newer version"));
        }
        let handed_in = kind == Kind::Submitted;
        if handed_in {
            self.only_own_records(&mut batch, author, (chain, seq))?;
        }
        for name in batch.names {
            self.rows.put_name(&author, &name)?;
        }
        let publishes =
            !handed_in && self.roster.member(&author).is_some_and(|member| member.role == Role::Coordinator);
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
        for piece in std::mem::take(&mut batch.pieces) {
            if publishes {
                let awaited = self.piece(&piece, &author, true)?;
                if awaited {
                    self.forms_that_waited(chain, seq)?;
                }
            } else {
                let reason = "only a coordinator publishes forms";
                self.quarantine(chain, seq, DocumentId([0; 16]), reason, false, piece)?;
            }
        }
        for label in batch.labels {
            let bytes = written(&label);
            if publishes {
                self.rows.put_label(&LabelRow { circle: *self.circle, seq, bytes })?;
                self.shelves = Shelves::load(&self.rows, self.roster, &self.own)?;
            } else {
                let reason = "only a coordinator says what a circle holds";
                self.quarantine(chain, seq, DocumentId([0; 16]), reason, false, bytes)?;
            }
        }
        for ShareEntry { record, copy, circle } in batch.shares {
            self.rows.put_shared(&SharedRow { copy, record, circle, device: author })?;
        }
        for verdict in batch.verdicts {
            if publishes {
                self.verdict(&verdict, seq)?;
            } else {
                let reason = "only a coordinator decides about late letters";
                self.quarantine(chain, seq, DocumentId([0; 16]), reason, false, verdict.letter().to_vec())?;
            }
        }
        for entry in &batch.erasures {
            if publishes {
                self.erasure(entry, &author, seq)?;
            } else {
                let reason = "only a coordinator erases records";
                self.quarantine(chain, seq, DocumentId([0; 16]), reason, false, burying::written(entry))?;
            }
        }
        for entry in &batch.departures {
            if let Some(reason) = self.departure(entry, &author, batch.time)? {
                self.quarantine(chain, seq, DocumentId([0; 16]), reason, false, entry.to_bytes())?;
            }
        }
        for named in &batch.confirmed {
            self.rows.put_confirmed(named, &author, batch.time)?;
        }
        for entry in batch.changes {
            let bytes = change::restore(&entry.change);
            // An earlier chain's segment, or another copy of this vault: no need to carry it any more.
            if author == self.own {
                self.rows.clear_carried(self.circle, &entry.document, &bytes)?;
            }
            let coming = Coming { chain, seq, bytes, room: room.clone(), quarantined: None };
            self.changes.entry(entry.document).or_default().push(coming);
        }
        for CarriedEntry { origin, entry } in batch.carried {
            let bytes = change::restore(&entry.change);
            // Only of its own earlier chains may a device carry anything.
            if !self.may_carry_from(&origin, author)? {
                let reason = "it is carried from another device's chain";
                self.quarantine(origin, seq, entry.document, reason, false, bytes)?;
                continue;
            }
            if author == self.own {
                self.rows.clear_carried(self.circle, &entry.document, &bytes)?;
            }
            let coming = Coming { chain: origin, seq, bytes, room: room.clone(), quarantined: None };
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
            // Perhaps it lies in the log too.
            self.rows.accept_refused(self.circle, letter)?;
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
        let (Batch { changes, carried, .. }, shut) = opened(&self.rows, self.circle, &verified)?;
        self.keep_shut(shut, header.chain, seq)?;
        let kept = Batch { changes, carried, ..Batch::default() };
        // A coordinator has looked at it.
        self.entries(kept, *device, (header.chain, seq), (header.kind, Room::Any))
    }

    /// Keeps a form that arrived; gives a reason if it cannot be one.
    pub(super) fn form(
        &mut self,
        entry: &FormEntry,
        author: &DeviceId,
    ) -> Result<Option<&'static str>, StoreError> {
        let Ok(form) = Form::decode(&entry.form) else { return Ok(Some("not a form this version can read")) };
        if !form.apart.is_empty() {
            return self.form_with_tables(form, entry, author);
        }
        self.whole_form(&form, entry, author)
    }

    /// The same once its tables are here.
    pub(super) fn whole_form(
        &mut self,
        form: &Form,
        entry: &FormEntry,
        author: &DeviceId,
    ) -> Result<Option<&'static str>, StoreError> {
        let dictionary = Dictionary::new(entry.dictionary.clone());
        if keep_form(&self.rows, form, &entry.form, author, dictionary.as_ref())? {
            self.forms = load(&self.rows, &self.forms)?;
        } else if find(&self.forms, &form.id, &form.version).is_some_and(|known| *known.form != *form) {
            return Ok(Some("another form of that name and version is held"));
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests;
