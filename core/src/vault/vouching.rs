//! Where a circle stood at a place of its log, and whether a pack says the same.
//!
//! A device can tell what its documents were at an earlier place: it has the segments that came after, and
//! what it has not sent; without the changes in those, and all that build on them, the documents stand as
//! they stood then.

use std::collections::{BTreeMap, BTreeSet};

use cairn_wire::digest::{Hash, half};
use cairn_wire::hello::Purpose;
use cairn_wire::id::{DeviceId, DocumentId};
use cairn_wire::pack::{Attestation, ChainHead, Manifest, SignedManifest, read_notice};
use cairn_wire::path;
use cairn_wire::refusal::Reason;
use cairn_wire::segment::parse;

use super::merge::{Held, changes_of};
use super::packing::Offered;
use super::sync::{Tally, refused, send};
use super::{ServerAddress, Vault, fact};
use crate::change;
use crate::error::Error;
use crate::pack::State;
use crate::store::{AlarmKind, AlarmRow, CircleRow, ErasureRow};
use crate::sync::signed;
use crate::transport::Transport;

/// Documents looked at together.
const PAGE: u64 = 256;
/// Octets of the log looked at together.
const LOG: usize = 4 << 20;

/// A circle at a place of its log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stood {
    /// Merkle root over documents and heads.
    pub(super) state: Hash,
    /// Every chain with segments, ascending.
    pub(super) chains: Vec<ChainHead>,
    /// How many documents.
    pub(super) documents: u64,
}

/// What comparing a pack with the own copy gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Agreement {
    /// It says what this device's copy says.
    Same,
    /// It says something else.
    Differs,
    /// This device cannot tell: it is not that far, begins later, or something still waits here.
    Unknown,
}

impl Vault {
    /// Looks at packs that are new, and vouches for those that say what this device's copy says.
    pub(super) fn vouch(
        &mut self,
        transport: &dyn Transport,
        server: &ServerAddress,
        notices: &[Vec<u8>],
        tally: &mut Tally<'_>,
    ) -> Result<(), Error> {
        let Some(newest) = notices.iter().find_map(|bytes| read_notice(bytes)) else { return Ok(()) };
        let seen = self.store.rows().fact(fact::PACKS)?;
        let new = seen.and_then(|bytes| bytes.try_into().ok()).map_or(0, u64::from_be_bytes) < newest;
        // What was erased leaves only with a pack that enough devices stand for.
        if !new && !self.awaits_standing()? {
            return Ok(());
        }
        let circles: Vec<_> = self.asked_circles()?.into_iter().map(|row| row.circle).collect();
        let own = self.device.id();
        for offered in self.offered(transport, server, &circles, tally)? {
            let manifest = &offered.signed.manifest;
            if manifest.device == own || offered.vouched_by.contains(&own) {
                self.let_go(&offered, &self.standing(&offered)?)?;
                continue;
            }
            match self.agrees(manifest)? {
                Agreement::Same => {
                    self.attest(transport, server, &offered.signed, tally)?;
                    let mut standing = self.standing(&offered)?;
                    standing.push(own);
                    self.let_go(&offered, &standing)?;
                }
                Agreement::Differs => {
                    self.note_other_pack(manifest)?;
                    tally.report.alarms += 1;
                }
                Agreement::Unknown => {}
            }
        }
        self.note_packs_seen(notices)
    }

    /// Remembers which packs there were, so that they are not looked at again.
    pub(super) fn note_packs_seen(&mut self, notices: &[Vec<u8>]) -> Result<(), Error> {
        if let Some(newest) = notices.iter().find_map(|bytes| read_notice(bytes)) {
            self.store.gesture(|rows| rows.put_fact(fact::PACKS, &newest.to_be_bytes()))?;
        }
        Ok(())
    }

    fn attest(
        &mut self,
        transport: &dyn Transport,
        server: &ServerAddress,
        pack: &SignedManifest,
        tally: &mut Tally<'_>,
    ) -> Result<(), Error> {
        let (workspace, device) = (self.stored_workspace()?, self.device.id());
        let attestation = Attestation { circle: pack.manifest.circle, pack: pack.hash, device };
        let ask = attestation.encode(&self.device.sign(&attestation.signed_bytes(workspace)));
        let time = self.time()?;
        let question = signed(&self.device, workspace, &server.key, time, Purpose::Attest, ask, &[])?;
        let reply = send(transport, path::ATTEST, question.bytes, tally)?;
        match refused(&reply) {
            _ if reply.status == 200 => Ok(()),
            // A newer pack has taken its place meanwhile.
            Error::Refused { reason: Reason::RosterMoved } => Ok(()),
            error => Err(error),
        }
    }

    fn note_other_pack(&mut self, manifest: &Manifest) -> Result<(), Error> {
        let now = self.clock.now();
        let row = AlarmRow {
            number: 0,
            kind: AlarmKind::OtherPack,
            circle: Some(manifest.circle),
            device: Some(manifest.device),
            seq: manifest.seq,
            ours: None,
            theirs: Some(half(&manifest.state)),
            first: now,
            latest: now,
            times: 1,
        };
        self.store.gesture(|rows| rows.put_alarm(&row))?;
        Ok(())
    }

    /// Whether a pack says what this device's copy of the log says.
    pub(super) fn agrees(&self, manifest: &Manifest) -> Result<Agreement, Error> {
        let rows = self.store.rows();
        let Some(row) = rows.circle(&manifest.circle)? else { return Ok(Agreement::Unknown) };
        // What this device has from a pack says nothing for that pack.
        if manifest.seq > row.cursor || manifest.seq <= row.base || self.something_waits(&row)? {
            return Ok(Agreement::Unknown);
        }
        let root = match manifest.seq {
            seq if seq == row.cursor => Some(half(&row.root)),
            seq => rows.half_root(&row.circle, seq)?,
        };
        let Some(stood) = self.stood(&row, manifest.seq)? else { return Ok(Agreement::Unknown) };
        let theirs: Vec<_> = manifest.chains.iter().filter(|head| head.height > 0).copied().collect();
        let same = root.is_none_or(|root| root == half(&manifest.root))
            && stood.state == manifest.state
            && stood.chains == theirs;
        Ok(match same {
            true => Agreement::Same,
            // What a pack stood for before may have said a part of that already.
            false if row.base > 0 => Agreement::Unknown,
            false => Agreement::Differs,
        })
    }

    /// Whether this device's copy is not yet all it will be.
    fn something_waits(&self, row: &CircleRow) -> Result<bool, Error> {
        let rows = self.store.rows();
        Ok(!rows.troubled_segments(&row.circle)?.is_empty()
            || rows.quarantine_of(&row.circle)?.iter().any(|row| row.waits))
    }

    /// Where the circle stood at place `seq` of its log; none if that cannot be told.
    pub(super) fn stood(&self, row: &CircleRow, seq: u64) -> Result<Option<Stood>, Error> {
        let rows = self.store.rows();
        let Some((since, firsts)) = self.since(row, seq)? else { return Ok(None) };
        let mut chains = Vec::new();
        for chain in rows.chains_in(&row.circle)? {
            let head = ChainHead {
                chain: chain.chain,
                device: chain.device,
                height: chain.height,
                link: chain.link,
            };
            let head = match firsts.get(&chain.chain) {
                Some((first, link)) => ChainHead { height: first - 1, link: *link, ..head },
                None => head,
            };
            if head.height > 0 {
                chains.push(head);
            }
        }
        let (mut state, mut documents, mut after) = (State::new(), 0, None);
        let none = BTreeSet::new();
        loop {
            let page = rows.documents_of(&row.circle, after.as_ref(), PAGE)?;
            let Some(last) = page.last() else { break };
            after = Some(last.id);
            for part in &page {
                let without = since.get(&part.id).unwrap_or(&none);
                let heads = match without.is_empty() {
                    true => change::heads(&part.bytes)?,
                    false => change::heads_without(&part.bytes, without)?,
                };
                if !heads.is_empty() {
                    state.add(&part.id, &heads);
                    documents += 1;
                }
            }
        }
        let state = state.root().ok_or_else(|| Error::Bug("documents out of order".to_owned()))?;
        Ok(Some(Stood { state, chains, documents }))
    }

    /// What came after place `seq`, or has not left: the changes of each document, and of each chain the
    /// first number after that place with the link before it. None if a segment cannot be opened, or brought
    /// something that may have come before: what copies of a vault carry, and letters that were accepted.
    #[allow(clippy::type_complexity, reason = "two maps that are taken apart at once")]
    fn since(
        &self,
        row: &CircleRow,
        seq: u64,
    ) -> Result<
        Option<(BTreeMap<DocumentId, BTreeSet<Hash>>, BTreeMap<cairn_wire::id::ChainId, (u64, [u8; 16])>)>,
        Error,
    > {
        let (rows, roster, circle) = (self.store.rows(), self.roster()?, &row.circle);
        // What stood then is gone from here.
        let erased_since =
            |one: &ErasureRow| one.said && one.circle == *circle && (one.seq == 0 || one.seq > seq);
        if rows.erasures()?.iter().any(erased_since) {
            return Ok(None);
        }
        let mut changes: BTreeMap<DocumentId, BTreeSet<Hash>> = BTreeMap::new();
        let mut firsts = BTreeMap::new();
        let mut note = |author: DeviceId, bytes: &[u8]| match changes_of(&rows, roster, circle, author, bytes)
        {
            Ok((named, again)) => {
                for (document, hash) in named {
                    changes.entry(document).or_default().insert(hash);
                }
                Ok(!again)
            }
            Err(Held::Failed(error)) => Err(error),
            Err(Held::Waits(_) | Held::Refused(_)) => Ok(false),
        };
        let mut after = seq;
        loop {
            let page = rows.segments_after(circle, after, LOG)?;
            let Some(last) = page.last() else { break };
            after = last.seq;
            for segment in &page {
                if segment.bytes.is_empty() {
                    return Ok(None);
                }
                let Ok(parsed) = parse(&segment.bytes) else { continue };
                let header = parsed.header;
                let Some(chain) = rows.chain(&header.chain)? else { continue };
                let first = firsts.entry(header.chain).or_insert((header.seq, header.prev));
                if header.seq < first.0 {
                    *first = (header.seq, header.prev);
                }
                if !note(chain.device, &segment.bytes)? {
                    return Ok(None);
                }
            }
        }
        let seen = rows.chain(&row.chain)?.map_or(0, |chain| chain.height);
        for sealed in rows.sealed_from(circle, seen + 1, usize::MAX)? {
            if !note(self.device.id(), &sealed.bytes)? {
                return Ok(None);
            }
        }
        if rows.carries(circle)? {
            return Ok(None);
        }
        for (document, bytes) in rows.unsealed_changes(circle)? {
            changes.entry(document).or_default().extend(change::hash(&bytes));
        }
        if !changes.is_empty() && !self.leave_earlier(row, seq, &mut changes)? {
            return Ok(None);
        }
        Ok(Some((changes, firsts)))
    }

    /// Takes out what the log had said up to place `seq` already: a copy of a vault may have carried it before
    /// the original sent it. `false` if that cannot be told, because a segment was emptied.
    fn leave_earlier(
        &self,
        row: &CircleRow,
        seq: u64,
        changes: &mut BTreeMap<DocumentId, BTreeSet<Hash>>,
    ) -> Result<bool, Error> {
        let (rows, roster) = (self.store.rows(), self.roster()?);
        let mut after = row.base;
        while after < seq {
            let page = rows.segments_after(&row.circle, after, LOG)?;
            let Some(last) = page.last() else { break };
            after = last.seq;
            for segment in page.iter().filter(|segment| segment.seq <= seq) {
                if segment.bytes.is_empty() {
                    return Ok(false);
                }
                let Ok(parsed) = parse(&segment.bytes) else { continue };
                let Some(chain) = rows.chain(&parsed.header.chain)? else { continue };
                let said = changes_of(&rows, roster, &row.circle, chain.device, &segment.bytes);
                for (document, hash) in said.map(|(named, _)| named).unwrap_or_default() {
                    if let Some(without) = changes.get_mut(&document) {
                        without.remove(&hash);
                    }
                }
            }
        }
        Ok(true)
    }

    /// Which devices stand for a pack.
    pub(super) fn standing(&self, offered: &Offered) -> Result<Vec<DeviceId>, Error> {
        Ok(offered.signed.standing(self.roster()?, offered.vouched_by.iter().copied()))
    }
}
