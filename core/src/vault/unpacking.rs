//! Beginning with a pack: a fresh device does so because it is smaller than the log, and whoever has slept
//! because the server has let go of what it lacks.
//!
//! Pieces are kept as they come, so a cut costs one answer. When all are here, the pack is read once to
//! compare it with its manifest, and again to take it in; what it says goes through the same door as what
//! segments say. Only then does the log go on from the place the pack reaches.

use std::collections::BTreeSet;
use std::io;

use cairn_wire::digest::{Hash, half, sha256};
use cairn_wire::hello::Purpose;
use cairn_wire::id::{ChainId, CircleId, DeviceId, DocumentId};
use cairn_wire::pack::{ChainHead, DEVICES, Manifest, Pieces, PiecesAsk, SignedManifest};
use cairn_wire::path;
use cairn_wire::refusal::Reason;

use super::incarnation::Unsent;
use super::merge::{Coming, Held, Taking};
use super::packing::Offered;
use super::shelves::{Room, Shelves};
use super::sync::{Tally, refused, send};
use super::{ServerAddress, Vault};
use crate::change;
use crate::error::Error;
use crate::pack::{Binding, Entry, Reader, State};
use crate::segment::FormEntry;
use crate::store::{ChainRow, LabelRow, QuarantineRow, Rows, SharedRow};
use crate::sync::{Alarm, signed};
use crate::transport::Transport;

/// With fewer segments to fetch than this the log itself is quicker.
const WORTH: u64 = 8;
/// Octets of pieces asked for in one answer.
const DOWN: u64 = 4 << 20;
/// Documents merged together.
const AT_ONCE: usize = 256;

/// What becomes of the log that is held beyond the place a pack reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Log {
    /// It goes on from there.
    Stays,
    /// It is another one, and was given back: it is kept aside.
    Aside,
}

/// Why a pack is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    /// It would be quicker than the log.
    Quicker,
    /// The server no longer has what this device lacks.
    Gone,
}

impl Vault {
    /// Circles this device has just been let into and has fetched nothing of.
    pub(super) fn fresh_circles(&self) -> Result<Vec<CircleId>, Error> {
        let (Some(roster), own) = (&self.roster, self.device.id()) else { return Ok(Vec::new()) };
        let fresh = self.asked_circles()?.into_iter().filter(|row| {
            let known = roster.circles().get(&row.circle);
            let begun = known.and_then(|known| known.epochs.first()).map_or(0, |epoch| epoch.since);
            // Whoever began the circle has nothing to catch up with.
            row.cursor == 0
                && !known.is_some_and(|known| known.hands_in(&own))
                && known.and_then(|known| known.since(&own)).is_some_and(|since| since > begun)
        });
        Ok(fresh.map(|row| row.circle).collect())
    }

    /// Begins with packs where two devices stand for one; `true` if any was taken in. Where a pack knows more of
    /// the own chains than this vault, it is a copy or has been put back, and goes on with new chains.
    pub(super) fn unpack(
        &mut self,
        transport: &dyn Transport,
        server: &ServerAddress,
        circles: &[CircleId],
        need: Need,
        tally: &mut Tally<'_>,
    ) -> Result<bool, Error> {
        match self.unpack_best(transport, server, circles, need, tally) {
            Err(Error::Tampered(Alarm::UnknownOwn)) if !tally.renewed => {
                tally.renewed = true;
                self.begin_chains(Unsent::Held)?;
                self.unpack_best(transport, server, circles, need, tally)
            }
            unpacked => unpacked,
        }
    }

    fn unpack_best(
        &mut self,
        transport: &dyn Transport,
        server: &ServerAddress,
        circles: &[CircleId],
        need: Need,
        tally: &mut Tally<'_>,
    ) -> Result<bool, Error> {
        let offers = self.offered(transport, server, circles, tally)?;
        let carries = self.carries_only();
        let mut any = false;
        for circle in circles {
            let Some(row) = self.store.rows().circle(circle)? else { continue };
            let worth = match need {
                Need::Quicker => row.cursor + WORTH,
                Need::Gone => row.cursor + 1,
            };
            let mut best: Option<&Offered> = None;
            for offered in &offers {
                let manifest = &offered.signed.manifest;
                if manifest.circle == *circle
                    && manifest.seq >= worth
                    && best.is_none_or(|best| best.signed.manifest.seq < manifest.seq)
                    && (carries || self.store.rows().epoch(circle, manifest.epoch)?.is_some())
                    && self.standing(offered)?.len() >= DEVICES
                {
                    best = Some(offered);
                }
            }
            if let Some(pack) = best.filter(|_| carries) {
                self.go_on_behind(&pack.signed)?;
                any = true;
            } else if let Some(pack) = best {
                tally.place = Some((*circle, row.cursor));
                self.covers_what_was_seen(&pack.signed.manifest)?;
                self.fetch_pieces(transport, server, &pack.signed, tally)?;
                self.compare_pack(&pack.signed)?;
                self.take_pack(pack, Log::Stays, tally)?;
                tally.place = None;
                any = true;
            }
        }
        Ok(any)
    }

    /// Goes on from a pack's place without what is in it, which this device could not open.
    fn go_on_behind(&mut self, pack: &SignedManifest) -> Result<(), Error> {
        let (manifest, own) = (&pack.manifest, self.device.id());
        self.store.gesture(|rows| {
            know_chains(&rows, &own, manifest)?;
            go_on_from(&rows, &own, manifest)
        })
    }

    /// What this device has seen in the log and a pack does not cover, the server has lost.
    fn covers_what_was_seen(&self, manifest: &Manifest) -> Result<(), Error> {
        let mut lost = 0;
        for chain in self.store.rows().chains_in(&manifest.circle)? {
            let head = manifest.chains.iter().find(|head| head.chain == chain.chain);
            lost += chain.height.saturating_sub(head.map_or(0, |head| head.height));
        }
        if lost > 0 { Err(Error::Tampered(Alarm::RolledBack(lost))) } else { Ok(()) }
    }

    pub(super) fn fetch_pieces(
        &mut self,
        transport: &dyn Transport,
        server: &ServerAddress,
        pack: &SignedManifest,
        tally: &mut Tally<'_>,
    ) -> Result<(), Error> {
        let (workspace, circle) = (self.stored_workspace()?, pack.manifest.circle);
        loop {
            let held = self.store.gesture(|rows| rows.pieces_held(&circle, &pack.hash))?;
            let named = pack.manifest.pieces.iter().skip(usize::try_from(held).unwrap_or(usize::MAX));
            tally.waiting = named.len() as u64;
            tally.tell();
            if named.len() == 0 {
                tally.waiting = 0;
                return Ok(());
            }
            let ask = PiecesAsk { pack: pack.hash, first: held, budget: DOWN }.encode();
            let time = self.time()?;
            let question = signed(&self.device, workspace, &server.key, time, Purpose::Pieces, ask, &[])?;
            let reply = send(transport, path::PIECES, question.bytes, tally)?;
            if reply.status != 200 {
                return Err(refused(&reply));
            }
            let malformed = |_| Error::Refused { reason: Reason::Malformed };
            let Pieces(pieces) = Pieces::decode(&reply.body).map_err(malformed)?;
            let good: Vec<_> =
                named.zip(pieces).take_while(|(hash, piece)| sha256(&[piece]) == **hash).collect();
            if good.is_empty() {
                return Err(Error::Tampered(Alarm::OtherPack));
            }
            self.store.gesture(|rows| {
                for (number, (_, piece)) in (held..).zip(&good) {
                    rows.put_piece(&circle, &pack.hash, number, piece)?;
                }
                Ok::<_, Error>(())
            })?;
        }
    }

    fn binding(&self, manifest: &Manifest) -> Result<Binding, Error> {
        let secret = self.store.rows().epoch(&manifest.circle, manifest.epoch)?.ok_or(Error::Waiting)?;
        let workspace = self.stored_workspace()?;
        Ok(Binding {
            workspace,
            circle: manifest.circle,
            device: manifest.device,
            salt: manifest.salt,
            secret,
        })
    }

    /// Reads all of a pack and compares it with its manifest. One that differs is forgotten.
    pub(super) fn compare_pack(&mut self, pack: &SignedManifest) -> Result<(), Error> {
        let compared = self.read_state(pack);
        if !matches!(&compared, Ok(Some(state)) if *state == pack.manifest.state) {
            self.store.gesture(|rows| rows.clear_pieces(&pack.manifest.circle, &pack.hash))?;
            compared?;
            return Err(Error::Tampered(Alarm::OtherPack));
        }
        Ok(())
    }

    fn read_state(&self, pack: &SignedManifest) -> Result<Option<Hash>, Error> {
        let rows = self.store.rows();
        let mut reader = open(&rows, pack, self.binding(&pack.manifest)?)?;
        let (mut state, mut heads) = (State::new(), Heads::default());
        while let Some(entry) = reader.next_entry()? {
            if let Entry::Document { id, changes } = entry {
                if heads.document != Some(id) {
                    heads.leave(&mut state);
                    heads.document = Some(id);
                }
                changes.iter().for_each(|bytes| heads.add(bytes));
            }
        }
        heads.leave(&mut state);
        Ok(state.root())
    }

    /// Takes in what a pack says, and goes on from its place: all of it or nothing.
    pub(super) fn take_pack(
        &mut self,
        offered: &Offered,
        log: Log,
        tally: &mut Tally<'_>,
    ) -> Result<(), Error> {
        let pack = &offered.signed;
        let manifest = &pack.manifest;
        let circle = &manifest.circle;
        let binding = self.binding(manifest)?;
        let roster = self.roster()?.clone();
        let (forms, own) = (self.forms.clone(), self.device.id());
        self.forms = self.store.gesture(|rows| {
            know_chains(&rows, &own, manifest)?;
            if log == Log::Aside {
                rows.put_log_aside(circle)?;
                put_chains_back(&rows, manifest)?;
            }
            let mut reader = open(&rows, pack, binding)?;
            let shelves = Shelves::load(&rows, &roster, &own)?;
            let mut take = Taking::begin(rows, &roster, circle, own, (forms, shelves), tally);
            while let Some(entry) = reader.next_entry()? {
                take.entry_of_pack(entry, manifest.seq)?;
                if take.changes.len() >= AT_ONCE {
                    take.merge_all()?;
                    take.tally.tell();
                }
            }
            take.merge_all()?;
            take.empty_segments()?;
            let forms = take.forms;
            go_on_from(&rows, &own, manifest)?;
            rows.keep_pack(circle, &offered.kept())?;
            Ok::<_, Error>(forms)
        })?;
        Ok(())
    }
}

/// Whose chains they are, before anything of them is taken in.
fn know_chains(rows: &Rows<'_>, own: &DeviceId, manifest: &Manifest) -> Result<(), Error> {
    let circle = manifest.circle;
    for head in &manifest.chains {
        let known = rows.chain(&head.chain)?;
        if known.is_some_and(|known| known.circle != circle || known.device != head.device) {
            return Err(Error::Tampered(Alarm::OtherPack));
        }
        if known.is_none() {
            let (chain, device, height) = (head.chain, head.device, 0);
            rows.put_chain(&ChainRow { chain, circle, device, height, link: device.0 })?;
        }
    }
    let row = rows.circle(&circle)?.ok_or(Error::Waiting)?;
    let head = manifest.chains.iter().find(|head| head.chain == row.chain);
    let Some(head) = head else { return Ok(()) };
    if head.device != *own || head.height > row.sealed || !is_own(rows, &circle, head)? {
        return Err(Error::Tampered(Alarm::UnknownOwn));
    }
    Ok(())
}

/// Whether an own chain is what a pack says of it, as far as that can be seen: what was let go of here cannot.
fn is_own(rows: &Rows<'_>, circle: &CircleId, head: &ChainHead) -> Result<bool, Error> {
    let sealed = rows.sealed_from(circle, head.height, 0)?.into_iter().find(|row| row.seq == head.height);
    if let Some(sealed) = sealed {
        return Ok(half(&sealed.hash) == head.link);
    }
    let seen = rows.chain(&head.chain)?.filter(|seen| seen.height == head.height);
    Ok(seen.is_none_or(|seen| seen.link == head.link))
}

/// Of another log nothing has been seen yet: the chains go as far as the pack says.
fn put_chains_back(rows: &Rows<'_>, manifest: &Manifest) -> Result<(), Error> {
    for chain in rows.chains_in(&manifest.circle)? {
        let head = manifest.chains.iter().find(|head| head.chain == chain.chain);
        let (height, link) = head.map_or((0, chain.device.0), |head| (head.height, head.link));
        rows.put_chain(&ChainRow { height, link, ..chain })?;
    }
    Ok(())
}

/// The log goes on from the place the pack reaches.
fn go_on_from(rows: &Rows<'_>, own: &DeviceId, manifest: &Manifest) -> Result<(), Error> {
    let circle = manifest.circle;
    for head in &manifest.chains {
        let (chain, device, height, link) = (head.chain, head.device, head.height, head.link);
        if rows.chain(&chain)?.is_none_or(|known| known.height < height) {
            rows.put_chain(&ChainRow { chain, circle, device, height, link })?;
        }
    }
    let mut row = rows.circle(&circle)?.ok_or(Error::Waiting)?;
    let seen = rows.chain(&row.chain)?.map_or(0, |chain| chain.height);
    for sealed in rows.sealed_from(&circle, 0, usize::MAX)?.iter().filter(|one| one.seq <= seen) {
        rows.clear_sealed(&circle, sealed.seq)?;
    }
    if seen > 0 {
        rows.put_shown(&circle, own, manifest.seq)?;
    }
    row.acknowledged = row.acknowledged.max(seen);
    (row.cursor, row.root) = (manifest.seq, manifest.root);
    (row.base, row.base_root) = (manifest.seq, manifest.root);
    rows.put_circle(&row)?;
    rows.clear_log(&circle, manifest.seq)?;
    Ok(())
}

impl Taking<'_, '_> {
    fn entry_of_pack(&mut self, entry: Entry, seq: u64) -> Result<(), Error> {
        match entry {
            Entry::Name { device, name } => {
                if self.rows.name(&device)?.is_none() {
                    self.rows.put_name(&device, &name)?;
                }
            }
            Entry::Form { device, form, dictionary } => {
                self.form(&FormEntry { form, dictionary }, &device)?;
            }
            Entry::Verdict { letter, accepted } => self.rows.put_verdict(&letter, accepted)?,
            Entry::Document { id, changes } => {
                for bytes in changes {
                    let Some(chain) = change::author(&bytes) else { continue };
                    // What this device wrote, or a copy of its vault, is in the log: it is neither carried
                    // nor said again, as if it had come in a segment.
                    if self.rows.chain(&chain)?.is_some_and(|known| known.device == self.own) {
                        self.rows.clear_carried(self.circle, &id, &bytes)?;
                    }
                    // Its author, and whoever vouches, have let it in where it was begun.
                    let coming = Coming { chain, seq, bytes, room: Room::Any, quarantined: None };
                    self.changes.entry(id).or_default().push(coming);
                }
            }
            Entry::Tombstone { seq, bytes, documents, confirmed } => {
                self.tombstone(seq, &bytes, documents, &confirmed)?;
            }
            Entry::Label { seq, bytes } => {
                self.rows.put_label(&LabelRow { circle: *self.circle, seq, bytes })?;
                self.shelves = Shelves::load(&self.rows, self.roster, &self.own)?;
            }
            Entry::Share { copy, record, circle, device } => {
                self.rows.put_shared(&SharedRow { copy, record, circle, device })?;
            }
            Entry::Piece { bytes } => {
                // A pack is bounded by itself, and its author has let in what is in it.
                let (chain, own) = (ChainId([0; 16]), self.own);
                if self.piece(&bytes, &own, false).map_err(Held::into_error)? {
                    self.forms_that_waited(chain, seq)?;
                }
            }
            Entry::Departure { device, time, bytes, ends } => {
                self.departure_of_pack(device, time, bytes, &ends)?;
            }
            Entry::Segment { seq, bytes } => self.rows.put_brought(self.circle, seq, &bytes)?,
            Entry::Quarantined { seq, chain, document, waits, reason, bytes } => {
                let circle = *self.circle;
                let row = QuarantineRow { number: 0, circle, seq, chain, document, reason, waits, bytes };
                self.rows.put_quarantine(&row)?;
            }
        }
        Ok(())
    }
}

/// The entries of a pack whose pieces are all here.
fn open<'a>(
    rows: &'a Rows<'a>,
    pack: &'a SignedManifest,
    binding: Binding,
) -> Result<Reader<impl FnMut() -> io::Result<Option<Vec<u8>>> + use<'a>>, Error> {
    let mut number = 0;
    Ok(Reader::new(move || {
        let sealed = rows.piece(&pack.manifest.circle, &pack.hash, number).map_err(io::Error::other)?;
        let Some(sealed) = sealed else { return Ok(None) };
        let opened = binding.open(number, &sealed).map_err(io::Error::other)?;
        number += 1;
        Ok(Some(opened))
    })?)
}

/// The heads of one document, from its changes.
#[derive(Default)]
struct Heads {
    document: Option<DocumentId>,
    heads: BTreeSet<Hash>,
}

impl Heads {
    fn add(&mut self, bytes: &[u8]) {
        let Some((deps, _)) = change::split(bytes) else { return };
        for dep in &deps {
            self.heads.remove(dep);
        }
        self.heads.extend(change::hash(bytes));
    }

    fn leave(&mut self, state: &mut State) {
        if let Some(document) = self.document.take() {
            let heads: Vec<Hash> = std::mem::take(&mut self.heads).into_iter().collect();
            state.add(&document, &heads);
        }
    }
}
