//! Making a pack and handing it to the server; which packs there are.

use std::collections::BTreeSet;
use std::ops::Range;

use cairn_wire::digest::{Hash, sha256};
use cairn_wire::hello::Purpose;
use cairn_wire::id::{CircleId, DeviceId};
use cairn_wire::pack::{ChainHead, Manifest, Offer, Offers, PackPost, PackReceipt, PacksAsk, SignedManifest};
use cairn_wire::refusal::Reason;
use cairn_wire::roster::Roster;
use cairn_wire::{limits, path};

use super::sync::{Progress, Tally, refused, send};
use super::vouching::Agreement;
use super::{ServerAddress, Vault};
use super::{burying, departures, tables};
use crate::change;
use crate::crypto::generate;
use crate::error::Error;
use crate::pack::{Binding, Entry, PackError, Writer};
use crate::store::{CircleRow, KeptPack, Rows, StoreError};
use crate::sync::{Alarm, signed};
use crate::transport::Transport;

/// Octets of changes in one entry.
const CHANGES: usize = 1 << 20;
/// Documents read together.
const PAGE: u64 = 64;
/// Pieces in one request.
const PIECES: usize = 8;

/// A pack that was made and is on the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackMade {
    /// Which circle.
    pub circle: CircleId,
    /// How many segments of its log it covers.
    pub segments: u64,
    /// How many documents it holds.
    pub documents: u64,
    /// How many octets its pieces have together.
    pub octets: u64,
}

/// A pack on the server, as people see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackView {
    /// Which circle.
    pub circle: CircleId,
    /// How many segments of its log it covers.
    pub segments: u64,
    /// Who made it.
    pub device: DeviceId,
    /// What that device is called.
    pub name: Option<String>,
    /// Its author's clock when it was made, seconds since 1970: shown, never trusted.
    pub time: u64,
    /// Octets of its pieces, at most.
    pub octets: u64,
    /// Others who say that it holds what their copies hold.
    pub vouched_by: Vec<DeviceId>,
    /// Whether it says what this device's copy says.
    pub agreement: Agreement,
}

/// A pack that rests here until it has been handed over.
struct Made {
    /// The signed manifest.
    manifest: Vec<u8>,
    pack: Hash,
    pieces: u64,
    octets: u64,
    documents: u64,
}

/// A pack that the server offers, believed to be its author's.
pub(super) struct Offered {
    pub(super) signed: SignedManifest,
    /// Devices whose attestations are theirs.
    pub(super) vouched_by: Vec<DeviceId>,
    /// Those attestations.
    pub(super) attestations: Vec<Vec<u8>>,
}

impl Offered {
    /// What the server says of a pack, if it is by who it says.
    pub(super) fn believed(offer: Offer, roster: &Roster) -> Option<Self> {
        let signed = SignedManifest::decode(&offer.manifest).ok().filter(|pack| pack.is_believed(roster))?;
        let vouched = signed.vouched(roster, &offer.attestations).into_iter();
        let (vouched_by, attestations) = vouched.map(|(device, bytes)| (device, bytes.to_vec())).unzip();
        Some(Self { signed, vouched_by, attestations })
    }

    /// As it is kept once it has been taken in.
    pub(super) fn kept(&self) -> KeptPack {
        let SignedManifest { manifest, signature, hash } = &self.signed;
        let attestations = self.attestations.clone();
        KeptPack { pack: *hash, manifest: manifest.encode(signature), attestations }
    }
}

impl Vault {
    /// Makes a pack of every circle this coordinator is in, up to the newest segment, and hands it to the
    /// server. Syncs first; nothing may be left unsent.
    ///
    /// # Errors
    /// As [`Vault::sync`]; [`Error::NotAllowed`]; [`Error::Unsent`].
    pub fn make_packs(
        &mut self,
        transport: &dyn Transport,
        mut watch: impl FnMut(Progress),
    ) -> Result<Vec<PackMade>, Error> {
        let every = |_: &CircleId| true;
        self.make_packs_of(transport, every, &mut watch)
    }

    /// The same for some circles only.
    pub(super) fn make_packs_of(
        &mut self,
        transport: &dyn Transport,
        of: impl Fn(&CircleId) -> bool,
        mut watch: impl FnMut(Progress),
    ) -> Result<Vec<PackMade>, Error> {
        self.need_coordinator()?;
        self.sync(transport, &mut watch)?;
        let rows = self.store.rows();
        let left = rows.outbox_len()? + rows.unacknowledged()?;
        if left > 0 {
            return Err(Error::Unsent(left));
        }
        let server = self.server()?.ok_or(Error::NoWorkspace)?;
        let mut tally = Tally::new(&mut watch);
        let mut made = Vec::new();
        for circle in self.asked_circles()?.into_iter().filter(|row| row.cursor > 0 && of(&row.circle)) {
            match self.make_pack(transport, &server, &circle, &mut tally) {
                Ok(pack) => made.push(pack),
                // A pack stands for all of it already.
                Err(Error::Refused { reason: Reason::RosterMoved }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(made)
    }

    fn make_pack(
        &mut self,
        transport: &dyn Transport,
        server: &ServerAddress,
        circle: &CircleRow,
        tally: &mut Tally<'_>,
    ) -> Result<PackMade, Error> {
        let Made { manifest, pack, pieces, octets, documents } = self.pack(circle)?;
        let mut held = 0;
        loop {
            let some = self.some_pieces(&circle.circle, &pack, held..pieces)?;
            let post = PackPost { manifest: manifest.clone(), first: held, pieces: some };
            let way = (Purpose::Pack, path::PACK);
            let now_held = self.hand_over(way, transport, server, &pack, &post.encode(), tally)?;
            tally.report.segments_up = now_held;
            tally.tell();
            if now_held >= pieces {
                break;
            }
            if now_held <= held && held > 0 {
                return Err(Error::Refused { reason: Reason::Malformed });
            }
            held = now_held;
        }
        // After an erasure its author lets go of the log too, and is to be able to give a server the pack back.
        let keeps = self.unpacked_erasures()?.contains_key(&circle.circle);
        self.store.gesture(|rows| match keeps {
            true => rows.keep_pack(&circle.circle, &KeptPack { pack, manifest, attestations: Vec::new() }),
            false => rows.clear_pieces(&circle.circle, &pack),
        })?;
        Ok(PackMade { circle: circle.circle, segments: circle.cursor, documents, octets })
    }

    /// Some pieces of a pack that are held here: so many as go into one request.
    pub(super) fn some_pieces(
        &self,
        circle: &CircleId,
        pack: &Hash,
        numbers: Range<u64>,
    ) -> Result<Vec<Vec<u8>>, Error> {
        let mut pieces = Vec::new();
        for number in numbers.take(PIECES) {
            pieces.extend(self.store.rows().piece(circle, pack, number)?);
        }
        Ok(pieces)
    }

    /// Hands over some pieces; gives how many the server holds.
    pub(super) fn hand_over(
        &mut self,
        (purpose, path): (Purpose, &str),
        transport: &dyn Transport,
        server: &ServerAddress,
        pack: &Hash,
        body: &[u8],
        tally: &mut Tally<'_>,
    ) -> Result<u64, Error> {
        let (workspace, time) = (self.stored_workspace()?, self.time()?);
        let question = signed(&self.device, workspace, &server.key, time, purpose, Vec::new(), body)?;
        let reply = send(transport, path, question.bytes, tally)?;
        if reply.status != 200 {
            return Err(refused(&reply));
        }
        let malformed = |_| Error::Refused { reason: Reason::Malformed };
        let (receipt, signature) = PackReceipt::decode(&reply.body).map_err(malformed)?;
        let said = receipt.signed_bytes(workspace, self.device.id(), &question.nonce, pack);
        if !server.key.verifies(&said, &signature) {
            return Err(Error::Tampered(Alarm::BadSignature));
        }
        Ok(receipt.held)
    }

    /// Makes a pack of the circle as it is held now. Its pieces rest here until they have been handed over, so
    /// that no more than one of them is ever in memory.
    fn pack(&mut self, circle: &CircleRow) -> Result<Made, Error> {
        let roster = self.roster()?;
        let epoch = roster.epoch_at(&circle.circle, roster.seq()).ok_or(Error::Waiting)?;
        let secret = self.store.rows().epoch(&circle.circle, epoch)?.ok_or(Error::Waiting)?;
        let (workspace, device, salt) = (roster.workspace(), self.device.id(), generate()?);
        let binding = Binding { workspace, circle: circle.circle, device, salt, secret };
        let (roster_seq, roster_head) = (roster.seq(), roster.head());
        let stood = self.stood(circle, circle.cursor)?.ok_or(Error::Unsent(1))?;
        // What it will be called is known only when it is done.
        let unnamed = sha256(&[&salt]);
        let (chains, names, octets) = self.store.gesture(|rows| {
            rows.pieces_held(&circle.circle, &unnamed)?;
            let (mut names, mut octets) = (Vec::new(), 0);
            let mut keep = |pieces: Vec<Vec<u8>>| {
                for piece in pieces {
                    rows.put_piece(&circle.circle, &unnamed, names.len() as u64, &piece)?;
                    octets += piece.len() as u64;
                    names.push(sha256(&[&piece]));
                }
                Ok::<_, Error>(())
            };
            let mut writer = Writer::new(binding)?;
            every_entry(&rows, circle, &mut |entry| keep(writer.add(&entry)?))?;
            keep(writer.finish()?)?;
            Ok::<_, Error>((rows.chains_in(&circle.circle)?, names, octets))
        })?;
        let chains = chains.into_iter().map(|row| ChainHead {
            chain: row.chain,
            device: row.device,
            height: row.height,
            link: row.link,
        });
        let manifest = Manifest {
            circle: circle.circle,
            device,
            seq: circle.cursor,
            root: circle.root,
            epoch,
            roster_seq,
            time: self.clock.now(),
            state: stood.state,
            salt,
            chains: chains.collect(),
            pieces: names,
        };
        let signature = self.device.sign(&manifest.signed_bytes(workspace, &roster_head));
        let bytes = manifest.encode(&signature);
        let pack = SignedManifest::decode(&bytes).map_err(|_| Error::TooLarge("the pack"))?.hash;
        self.store.gesture(|rows| rows.name_pieces(&circle.circle, &unnamed, &pack))?;
        let pieces = manifest.pieces.len() as u64;
        Ok(Made { manifest: bytes, pack, pieces, octets, documents: stood.documents })
    }

    /// The packs that the server holds of this device's circles.
    ///
    /// # Errors
    /// As [`Vault::sync`].
    pub fn packs(&mut self, transport: &dyn Transport) -> Result<Vec<PackView>, Error> {
        let server = self.server()?.ok_or(Error::NoWorkspace)?;
        let mut watch = |_| {};
        let mut tally = Tally::new(&mut watch);
        let circles: Vec<_> = self.asked_circles()?.into_iter().map(|row| row.circle).collect();
        let mut views = Vec::new();
        for Offered { signed, vouched_by, .. } in self.offered(transport, &server, &circles, &mut tally)? {
            let manifest = &signed.manifest;
            views.push(PackView {
                circle: manifest.circle,
                segments: manifest.seq,
                device: manifest.device,
                name: self.store.rows().name(&manifest.device)?,
                time: manifest.time,
                octets: (manifest.pieces.len() * limits::PACK_PIECE) as u64,
                vouched_by,
                agreement: self.agrees(manifest)?,
            });
        }
        Ok(views)
    }

    /// What the server offers of some circles, as far as it is by who it says.
    pub(super) fn offered(
        &mut self,
        transport: &dyn Transport,
        server: &ServerAddress,
        circles: &[CircleId],
        tally: &mut Tally<'_>,
    ) -> Result<Vec<Offered>, Error> {
        let workspace = self.stored_workspace()?;
        let ask = PacksAsk(circles.to_vec()).encode();
        let question = signed(&self.device, workspace, &server.key, self.time()?, Purpose::Packs, ask, &[])?;
        let reply = send(transport, path::PACKS, question.bytes, tally)?;
        if reply.status != 200 {
            return Err(refused(&reply));
        }
        let malformed = |_| Error::Refused { reason: Reason::Malformed };
        let Offers(offers) = Offers::decode(&reply.body).map_err(malformed)?;
        let roster = self.roster()?;
        let believed = offers.into_iter().filter_map(|offer| Offered::believed(offer, roster));
        Ok(believed.filter(|offered| circles.contains(&offered.signed.manifest.circle)).collect())
    }
}

/// All that the circle's log has said, as entries of a pack: what others need first comes first.
fn every_entry(
    rows: &Rows<'_>,
    circle: &CircleRow,
    take: &mut dyn FnMut(Entry) -> Result<(), Error>,
) -> Result<(), Error> {
    // Whoever is in this circle only learns nothing of those who never were.
    let here: BTreeSet<DeviceId> =
        rows.chains_in(&circle.circle)?.into_iter().map(|chain| chain.device).collect();
    for (device, name) in rows.names()?.into_iter().filter(|(device, _)| here.contains(device)) {
        take(Entry::Name { device, name })?;
    }
    for row in rows.labels()?.into_iter().filter(|row| row.circle == circle.circle && row.seq > 0) {
        take(Entry::Label { seq: row.seq, bytes: row.bytes })?;
    }
    for row in rows.erasures()?.into_iter().filter(|row| row.circle == circle.circle && row.said) {
        take(burying::tombstone(rows, &row)?)?;
    }
    for departure in rows.departures()?.into_values().filter(|row| row.circle == circle.circle) {
        take(departures::packed(rows, departure)?)?;
    }
    for form in rows.forms()? {
        take(Entry::Form { device: form.device, form: form.bytes, dictionary: form.dictionary })?;
    }
    for form in rows.waiting_forms()? {
        take(Entry::Form { device: form.device, form: form.bytes, dictionary: form.dictionary })?;
    }
    for name in rows.pieces_of_tables()? {
        let bytes = tables::piece(rows, &name)?.ok_or(StoreError::Unreadable("piece of a table"))?;
        take(Entry::Piece { bytes })?;
    }
    for (letter, accepted) in rows.verdicts()? {
        take(Entry::Verdict { letter, accepted })?;
    }
    let (mut after, mut seen) = (None, BTreeSet::new());
    loop {
        let page = rows.documents_of(&circle.circle, after.as_ref(), PAGE)?;
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        for part in &page {
            if seen.insert(part.record) {
                for row in rows.shared_by_number(part.record)? {
                    let (copy, record, circle, device) = (row.copy, row.record, row.circle, row.device);
                    take(Entry::Share { copy, record, circle, device })?;
                }
            }
            let (mut changes, mut octets) = (Vec::new(), 0);
            for member in change::members(&part.bytes)? {
                octets += member.change.len();
                changes.push(member.change);
                if octets >= CHANGES {
                    take(Entry::Document { id: part.id, changes: std::mem::take(&mut changes) })?;
                    octets = 0;
                }
            }
            if !changes.is_empty() {
                take(Entry::Document { id: part.id, changes })?;
            }
        }
    }
    for segment in rows.troubled_segments(&circle.circle)? {
        take(Entry::Segment { seq: segment.seq, bytes: segment.bytes })?;
    }
    for row in rows.quarantine_of(&circle.circle)? {
        let (seq, chain, document, waits) = (row.seq, row.chain, row.document, row.waits);
        take(Entry::Quarantined { seq, chain, document, waits, reason: row.reason, bytes: row.bytes })?;
    }
    Ok(())
}

impl From<PackError> for Error {
    fn from(error: PackError) -> Self {
        match error {
            PackError::TooNew => Self::TooNew { what: "a pack" },
            PackError::TooLarge => Self::TooLarge("a record"),
            PackError::Crypto(_) | PackError::Malformed(_) | PackError::Unreadable => {
                Self::Tampered(Alarm::OtherPack)
            }
        }
    }
}
