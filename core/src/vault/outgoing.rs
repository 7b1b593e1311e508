//! Sealing: from the outbox to segments. It happens when sending, so that what was typed long ago still
//! leaves under today's key.

use std::collections::BTreeSet;
use std::sync::Arc;

use cairn_wire::codec::Reader;
use cairn_wire::digest::half;
use cairn_wire::id::{ChainId, CircleId};
use cairn_wire::limits;
use cairn_wire::roster::Role;
use cairn_wire::segment::parse;

use super::forms::KnownForm;
use super::merge::{Held, opened};
use super::shelves::written;
use super::{Vault, clock_offset};
use crate::change;
use crate::error::Error;
use crate::segment::{
    Batch, CarriedEntry, ChangeEntry, DepartureEntry, Dictionary, Effort, ErasureEntry, FormEntry, Label,
    Next, Packed, Place, SealedEntry, ShareEntry, Verdict, Verified, Witness, pack, verify_own,
};
use crate::store::{CircleRow, OutboxKind, OutboxRow, Rows, SealedRow, StoreError};

/// Rows that are packed into one segment at most.
const MOST_ROWS: usize = 4096;
/// With fewer octets waiting than this, every octet counts; with more, time does too.
const THIN: usize = 4 << 20;
/// How often a batch is packed again to fill its segment better.
const TRIES: usize = 4;

/// How well segments compress: sealed octets per waiting octet.
#[derive(Debug, Clone, Copy)]
pub(super) struct Packing {
    ratio: f64,
}

impl Default for Packing {
    fn default() -> Self {
        Self { ratio: 0.35 }
    }
}

impl Vault {
    /// Seals what waits, circle by circle, until `octets` of sealed segments are ready to leave.
    /// Gives how many segments had to be sealed again because the key had changed.
    pub(super) fn seal_outbox(
        &mut self,
        octets: usize,
        held_back: &BTreeSet<CircleId>,
    ) -> Result<u64, Error> {
        let mut resealed = 0;
        for circle in self.asked_circles()?.into_iter().filter(|row| !held_back.contains(&row.circle)) {
            resealed += self.seal_circle(&circle.circle, octets)?;
        }
        Ok(resealed)
    }

    /// The same for one circle.
    pub(super) fn seal_circle(&mut self, circle: &CircleId, octets: usize) -> Result<u64, Error> {
        let Some(place) = self.place(circle)? else { return Ok(0) };
        let rows = self.store.rows();
        let Some(row) = rows.circle(circle)? else { return Ok(0) };
        if self.lid(&place)?.is_none() || rows.holds_back(circle)? {
            return Ok(0);
        }
        let resealed = match self.is_stale(&row, &place)? {
            false => 0,
            true if self.may_be_carried(&row)? => {
                self.leave_to_carrier(row)?;
                0
            }
            true => self.reseal(&row, &place)?,
        };
        loop {
            let rows = self.store.rows();
            let Some(row) = rows.circle(circle)? else { break };
            let ready = rows.sealed_from(circle, row.acknowledged + 1, octets)?;
            if ready.iter().map(|row| row.bytes.len()).sum::<usize>() >= octets {
                break;
            }
            if !self.seal_one(row, &place)? {
                break;
            }
        }
        Ok(resealed)
    }

    /// What a segment sealed now says of its place: the newest of everything, or, in a circle that this
    /// device has been taken out of, the last that was still its own.
    fn place(&self, circle: &CircleId) -> Result<Option<Place>, Error> {
        let roster = self.roster()?;
        let device = self.device.id();
        if !self.role().is_some_and(Role::writes) {
            return Ok(None);
        }
        let Some(known) = roster.circles().get(circle) else { return Ok(None) };
        let Some(stay) = known.newest_stay(&device) else { return Ok(None) };
        let newest = stay.until.map_or(roster.seq(), |until| until - 1);
        let roster_seq = match roster.epoch_at(circle, newest).and_then(|epoch| known.epoch_number(epoch)) {
            // It was not told of labels that came after its handout, and is not judged by them.
            Some(epoch) if self.hands_in_only() => {
                let told = self.handout_seq()?.unwrap_or_default();
                told.max(stay.since).max(epoch.since).min(newest)
            }
            _ => newest,
        };
        let (Some(epoch), Some(roster_head)) =
            (roster.epoch_at(circle, roster_seq), roster.head_at(roster_seq))
        else {
            return Ok(None);
        };
        Ok(Some(Place { workspace: roster.workspace(), circle: *circle, epoch, roster_seq, roster_head }))
    }

    fn seal_one(&mut self, mut circle: CircleRow, place: &Place) -> Result<bool, Error> {
        let rows = self.store.rows();
        let raw = (limits::SEGMENT_AIM as f64 / self.packing.ratio) as usize;
        let waiting = rows.outbox(&circle.circle, MOST_ROWS, raw * 3 / 2)?;
        if waiting.is_empty() {
            return Ok(false);
        }
        let effort = if waiting.iter().map(|row| row.bytes.len()).sum::<usize>() > THIN {
            Effort::Bulk
        } else {
            Effort::Thin
        };
        self.renew_mark()?;
        let rows = self.store.rows();
        let shell = self.shell(&rows, &circle)?;
        let (taken, packed, batch) = fill(&waiting, &shell, &self.forms, raw, effort)?;
        let octets: usize = waiting.iter().take(taken).map(|row| row.bytes.len()).sum();
        if octets > limits::SEGMENT_AIM {
            self.packing.ratio = (packed.sealed_len() as f64 / octets as f64).clamp(0.02, 1.2);
        }
        let lid = self.lid(place)?.ok_or(StoreError::Unreadable("epoch secret"))?;
        let next = self.next(&circle, circle.sealed, &circle.sealed_link);
        let plain = (!lid.opens()).then(|| packed.as_bytes().to_vec());
        let sealed = lid.seal(packed, place, &next, &self.device).map_err(bug)?;
        let carried = batch.carried.iter().map(|carried| &carried.entry);
        let mut records: BTreeSet<_> =
            batch.changes.iter().chain(carried).map(|entry| entry.document).collect();
        records.extend(batch.sealed.iter().map(|sealed| sealed.document));
        let row = SealedRow {
            seq: next.seq,
            hash: sealed.hash,
            records: records.len() as u64,
            bytes: sealed.bytes,
        };
        circle.sealed = next.seq;
        circle.sealed_link = half(&row.hash).to_vec();
        let numbers = waiting.iter().take(taken).map(|row| row.number);
        let (first, last) = numbers.fold((u64::MAX, 0), |(low, high), n| (low.min(n), high.max(n)));
        self.store.gesture(|rows| {
            rows.put_sealed(&circle.circle, &row)?;
            if let Some(plain) = &plain {
                rows.put_plain(&circle.circle, row.seq, plain)?;
            }
            for label in &batch.labels {
                rows.note_label_sealed(&circle.circle, &written(label), row.seq)?;
            }
            rows.put_circle(&circle)?;
            rows.clear_outbox(&circle.circle, first, last)
        })?;
        Ok(true)
    }

    /// Whether something waits under a key that is no longer the newest.
    fn is_stale(&self, circle: &CircleRow, place: &Place) -> Result<bool, Error> {
        let waiting = self.store.rows().sealed_from(&circle.circle, circle.acknowledged + 1, usize::MAX)?;
        let epochs = waiting.iter().filter_map(|row| Some(parse(&row.bytes).ok()?.header.epoch));
        Ok(epochs.into_iter().any(|epoch| epoch != place.epoch))
    }

    /// Seals again, under the newest key, what the server has said it does not hold. Only called
    /// when nothing is in doubt.
    fn reseal(&mut self, circle: &CircleRow, place: &Place) -> Result<u64, Error> {
        let rows = self.store.rows();
        let waiting = rows.sealed_from(&circle.circle, circle.acknowledged + 1, usize::MAX)?;
        let lid = self.lid(place)?.ok_or(StoreError::Unreadable("epoch secret"))?;
        let roster = self.roster()?;
        let mut circle = circle.clone();
        let mut link = match circle.acknowledged {
            0 => self.device.id().0.to_vec(),
            // The first that waits names the one before it.
            _ => waiting
                .first()
                .and_then(|row| Some(parse(&row.bytes).ok()?.header.prev.to_vec()))
                .unwrap_or_default(),
        };
        let mut again = Vec::new();
        for row in &waiting {
            let packed = match rows.plain(&circle.circle, row.seq)? {
                Some(plain) => Packed::from_bytes(plain),
                None => {
                    let parsed = parse(&row.bytes).map_err(|_| StoreError::Unreadable("sealed segment"))?;
                    let old = rows.epoch(&circle.circle, parsed.header.epoch)?;
                    let old = old.ok_or(StoreError::Unreadable("epoch secret"))?;
                    let verified =
                        verify_own(parsed, roster, circle.circle, self.device.id()).map_err(bug)?;
                    match without_erased(&rows, &circle.circle, &verified)? {
                        Some(batch) => pack(&batch, None, Effort::Thin).map_err(bug)?,
                        None => verified.unseal(&old).map_err(bug)?,
                    }
                }
            };
            let next = self.next(&circle, row.seq - 1, &link);
            let sealed = lid.seal(packed, place, &next, &self.device).map_err(bug)?;
            link = half(&sealed.hash).to_vec();
            again.push(SealedRow {
                seq: row.seq,
                hash: sealed.hash,
                records: row.records,
                bytes: sealed.bytes,
            });
        }
        circle.sealed_link = link;
        self.store.gesture(|rows| {
            for row in &again {
                rows.put_sealed(&circle.circle, row)?;
            }
            rows.put_circle(&circle)
        })?;
        Ok(again.len() as u64)
    }

    fn next(&self, circle: &CircleRow, sealed: u64, link: &[u8]) -> Next {
        let prev = if sealed == 0 { self.device.id().0 } else { link.try_into().unwrap_or_default() };
        Next { chain: circle.chain, seq: sealed + 1, prev }
    }

    /// A batch with all but its entries.
    fn shell(&self, rows: &Rows<'_>, circle: &CircleRow) -> Result<Batch, Error> {
        let witness = (circle.cursor > 0).then(|| Witness { seq: circle.cursor, root: half(&circle.root) });
        Ok(Batch { time: self.clock.now(), clock_offset: clock_offset(rows)?, witness, ..Batch::default() })
    }
}

/// What an own segment says without erased records, if it says anything of one.
fn without_erased(
    rows: &Rows<'_>,
    circle: &CircleId,
    verified: &Verified<'_>,
) -> Result<Option<Batch>, Error> {
    if !rows.has_erased(circle)? {
        return Ok(None);
    }
    let (mut batch, shut) = opened(rows, circle, verified).map_err(Held::into_error)?;
    let mut any = false;
    let mut keeps = |entry: &ChangeEntry| {
        let erased = rows.erased(&entry.document, circle)?.is_some();
        any |= erased;
        Ok::<_, StoreError>(!erased)
    };
    let (mut changes, mut carried) = (Vec::new(), Vec::new());
    for entry in std::mem::take(&mut batch.changes) {
        if keeps(&entry)? {
            changes.push(entry);
        }
    }
    for one in std::mem::take(&mut batch.carried) {
        if keeps(&one.entry)? {
            carried.push(one);
        }
    }
    let mut sealed = Vec::new();
    for entry in shut.into_iter().map(|shut| shut.entry) {
        let erased = rows.erased(&entry.document, circle)?.is_some();
        any |= erased;
        sealed.extend((!erased).then_some(entry));
    }
    let batch = Batch { changes, carried, sealed, ..batch };
    Ok(any.then_some(batch))
}

/// Takes as many of the waiting rows as fill one segment.
fn fill(
    waiting: &[OutboxRow],
    shell: &Batch,
    forms: &[Arc<KnownForm>],
    raw: usize,
    effort: Effort,
) -> Result<(usize, Packed, Batch), Error> {
    let mut total = 0;
    let mut count = waiting
        .iter()
        .take_while(|row| {
            total += row.bytes.len();
            total <= raw
        })
        .count()
        .max(1);
    let mut best: Option<(usize, Packed, Batch)> = None;
    for _ in 0..TRIES {
        let chosen = waiting.get(..count).unwrap_or(waiting);
        let batch = batch_of(chosen, shell);
        let packed = match pack(&batch, dictionary_for(chosen, forms).as_deref(), effort) {
            Ok(packed) => packed,
            Err(crate::segment::SegmentError::TooLarge) if count > 1 => {
                count = count.div_ceil(2);
                continue;
            }
            Err(crate::segment::SegmentError::TooLarge) => return Err(Error::TooLarge("one change")),
            Err(error) => return Err(bug(error)),
        };
        let len = packed.sealed_len();
        if len > limits::SEGMENT_AIM && count > 1 {
            // A little less than in proportion, so that the next try fits.
            count = (count * limits::SEGMENT_AIM * 31 / (len * 32)).clamp(1, count - 1);
            continue;
        }
        let room = limits::SEGMENT_AIM * 15 / 16;
        let more = (count * room / len.max(1)).min(waiting.len());
        let better = best.as_ref().is_none_or(|(most, ..)| count > *most);
        let at = count;
        if better {
            best = Some((count, packed, batch));
        }
        if len >= room || more <= at {
            break;
        }
        count = more;
    }
    match best {
        Some(best) => Ok(best),
        // Every try was too large: one row alone always fits or is refused.
        None => {
            let batch = batch_of(waiting.get(..1).unwrap_or_default(), shell);
            let dictionary = dictionary_for(waiting.get(..1).unwrap_or_default(), forms);
            let packed =
                pack(&batch, dictionary.as_deref(), effort).map_err(|_| Error::TooLarge("one change"))?;
            Ok((1, packed, batch))
        }
    }
}

/// Refuses what could never leave this device, before it is saved.
pub(super) fn must_fit(row: &OutboxRow) -> Result<(), Error> {
    // Anything this small fits even if it does not compress at all.
    if row.bytes.len() + row.extra.len() < limits::SEGMENT * 3 / 4 {
        return Ok(());
    }
    let batch = batch_of(std::slice::from_ref(row), &Batch::default());
    match pack(&batch, None, Effort::Bulk) {
        Ok(packed) if packed.sealed_len() + 512 <= limits::SEGMENT => Ok(()),
        _ => Err(Error::TooLarge(match row.kind {
            OutboxKind::Form => "the form",
            OutboxKind::Verdict => "the late letter",
            _ => "the record",
        })),
    }
}

fn batch_of(rows: &[OutboxRow], shell: &Batch) -> Batch {
    let mut batch = shell.clone();
    for row in rows {
        match row.kind {
            OutboxKind::Name => batch.names.extend(String::from_utf8(row.bytes.clone())),
            OutboxKind::Form => {
                batch.forms.push(FormEntry { form: row.bytes.clone(), dictionary: row.extra.clone() });
            }
            OutboxKind::Change => {
                let stripped = change::strip(&row.bytes).map(<[u8]>::to_vec);
                if let (Some(document), Some(change)) = (row.document, stripped) {
                    batch.changes.push(ChangeEntry { document, change });
                }
            }
            OutboxKind::Verdict => {
                let mut reader = Reader::new(&row.bytes);
                batch.verdicts.extend(Verdict::read(&mut reader));
            }
            OutboxKind::Label => {
                let mut reader = Reader::new(&row.bytes);
                batch.labels.extend(Label::read(&mut reader));
            }
            OutboxKind::Share => {
                let mut reader = Reader::new(&row.bytes);
                batch.shares.extend(ShareEntry::read(&mut reader));
            }
            OutboxKind::Erasure => {
                let mut reader = Reader::new(&row.bytes);
                batch.erasures.extend(ErasureEntry::read(&mut reader));
            }
            OutboxKind::Confirmed => batch.confirmed.extend(<[u8; 16]>::try_from(row.bytes.as_slice())),
            OutboxKind::Piece => batch.pieces.push(row.bytes.clone()),
            OutboxKind::Departure => batch.departures.extend(DepartureEntry::from_bytes(&row.bytes)),
            OutboxKind::Sealed => {
                let mut reader = Reader::new(&row.bytes);
                batch.sealed.extend(SealedEntry::read(&mut reader));
            }
            OutboxKind::Carried | OutboxKind::Held => {
                let stripped = change::strip(&row.bytes).map(<[u8]>::to_vec);
                let origin = ChainId::from_slice(&row.extra);
                if let (Some(document), Some(change), Some(origin)) = (row.document, stripped, origin) {
                    batch.carried.push(CarriedEntry { origin, entry: ChangeEntry { document, change } });
                }
            }
        }
    }
    batch
}

/// The dictionary of the form most rows belong to. A batch that publishes a form uses none: whoever
/// receives it does not have the form yet.
fn dictionary_for(rows: &[OutboxRow], forms: &[Arc<KnownForm>]) -> Option<Arc<Dictionary>> {
    if rows.iter().any(|row| row.kind == OutboxKind::Form) {
        return None;
    }
    let with = |known: &&Arc<KnownForm>| rows.iter().filter(|row| row.form == known.number).count();
    let most = forms.iter().max_by_key(with)?;
    if with(&most) == 0 { None } else { most.dictionary.clone() }
}

fn bug(error: crate::segment::SegmentError) -> Error {
    Error::Bug(error.to_string())
}
