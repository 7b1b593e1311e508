//! Giving a server back what it has lost.
//!
//! Each device holds the roster and the whole log of its circles, and all of it proves itself. So any
//! member can heal a server that was wiped or put back from an older backup: the roster first, then the
//! segments that are missing, whoever wrote them, in the order of the log. Where this device's log begins
//! with a pack, the pack goes first. If others have written to the server meanwhile, its log goes another
//! way from some place on; then what is missing is put behind it, and this device takes over the server's
//! order (`vault/reorder.rs`). What it has taken in stays taken in.

use std::slice;

use cairn_wire::digest::half;
use cairn_wire::hello::Purpose;
use cairn_wire::id::{ChainId, CircleId};
use cairn_wire::pack::{PackBack, PackPost, SignedManifest};
use cairn_wire::path;
use cairn_wire::refusal::{Reason, Refusal};
use cairn_wire::sync::{CircleHead, CreateRequest, RosterPost, Step};

use super::sync::{Progress, SyncReport, Tally, UP, Way, refused, send};
use super::{ServerAddress, Vault};
use crate::crypto::generate;
use crate::error::Error;
use crate::store::{CircleRow, KeptPack, StoreError};
use crate::sync::{Alarm, Cursor};
use crate::transport::Transport;

/// Roster entries given back by one request.
const ENTRIES: usize = 256;

/// What became of a pack that was offered back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Given {
    /// The server's log begins with it, or holds it already.
    Held,
    /// The server has all that it covers.
    Known,
    /// It does not take it, or there is none.
    Refused,
}

/// What healing did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Healed {
    /// Segments the server had lost and has again.
    pub given_back: u64,
    /// Segments it would not take back; they are kept here.
    pub refused: u64,
    /// Packs the server had lost, with all that they stand for, and has again.
    pub packs: u64,
    /// Circles in which this device took over the server's order, because others had written meanwhile.
    pub reordered: u64,
    /// The sync that followed.
    pub sync: SyncReport,
}

impl Vault {
    /// Gives the server back what it has lost of the workspace, and syncs. `token` is the word with which
    /// it lets workspaces begin, should it have lost all of this one. Keys that were wrapped for devices
    /// are not given back: a coordinator renews them afterwards.
    ///
    /// # Errors
    /// As [`Vault::sync`]. What was given back before an error stays.
    pub fn heal(
        &mut self,
        transport: &dyn Transport,
        token: &[u8],
        mut watch: impl FnMut(Progress),
    ) -> Result<Healed, Error> {
        let mut healed = Healed::default();
        let mut tally = Tally::new(&mut watch);
        let done = self.heal_all(transport, token, &mut healed, &mut tally);
        let again = |vault: &mut Self| vault.heal_all(transport, token, &mut healed, &mut tally);
        let done = self.under_other_keys(done, again);
        self.note_failure(done, tally.place)?;
        // What it has lost of the log it may have lost of the files too.
        self.store.gesture(|rows| rows.doubt_attachments())?;
        healed.sync = self.sync(transport, watch)?;
        Ok(healed)
    }

    fn heal_all(
        &mut self,
        transport: &dyn Transport,
        token: &[u8],
        healed: &mut Healed,
        tally: &mut Tally<'_>,
    ) -> Result<(), Error> {
        let server = &self.server()?.ok_or(Error::NoWorkspace)?;
        self.heal_roster(transport, token, tally)?;
        for circle in self.store.rows().circles()? {
            let id = circle.circle;
            tally.place = Some((id, circle.cursor));
            self.heal_circle(transport, server, circle, healed, tally)?;
            self.heal_own(transport, server, &id, healed, tally)?;
        }
        Ok(())
    }

    /// Gives back the roster; what is held there already is no news.
    fn heal_roster(
        &mut self,
        transport: &dyn Transport,
        token: &[u8],
        tally: &mut Tally<'_>,
    ) -> Result<(), Error> {
        let workspace = self.roster()?.workspace();
        let entries = self.store.rows().roster()?;
        for (piece, expected_seq) in entries.chunks(ENTRIES).zip((0..).step_by(ENTRIES)) {
            let post = RosterPost { expected_seq, entries: piece.to_vec(), wraps: Vec::new() };
            let request = CreateRequest { token: token.to_vec(), workspace, post };
            let reply = send(transport, path::HEAL_ROSTER, request.encode(), tally)?;
            if reply.status != 200 {
                return Err(match Refusal::decode(&reply.body).map(|refusal| refusal.reason) {
                    // Its roster goes another way: that cannot be healed by adding to it.
                    Ok(Reason::RosterMoved) => Error::Tampered(Alarm::OtherRoster),
                    _ => refused(&reply),
                });
            }
            self.receipt(&reply.body, workspace)?;
        }
        Ok(())
    }

    fn heal_circle(
        &mut self,
        transport: &dyn Transport,
        server: &ServerAddress,
        circle: CircleRow,
        healed: &mut Healed,
        tally: &mut Tally<'_>,
    ) -> Result<(), Error> {
        let held = Cursor { seq: circle.cursor, root: circle.root };
        let (mut head, _) = self.look(transport, server, &circle, held, tally)?;
        if head.seq > held.seq {
            // Perhaps only ahead. If it is not, the sync says so.
            match self.sync(transport, |_| {}) {
                Err(Error::Tampered(Alarm::RolledBack(_) | Alarm::OtherHistory | Alarm::UnknownOwn)) => {}
                synced => return synced.map(drop),
            }
            return self.reorder(transport, server, circle, healed, tally);
        }
        if head.seq < circle.base {
            if self.give_pack(transport, server, &circle.circle, healed, tally)? == Given::Refused {
                return Err(Error::CannotHeal);
            }
            (head, _) = self.look(transport, server, &circle, held, tally)?;
        }
        let root = match head.seq {
            seq if seq == circle.base => Some(half(&circle.base_root)),
            seq if seq == held.seq => Some(half(&held.root)),
            seq => self.store.rows().half_root(&circle.circle, seq)?,
        };
        if root == Some(half(&head.root)) {
            let known = |_: &[u8]| false;
            let end = self.give_back(transport, server, &circle, head.seq, known, healed, tally)?;
            if end.is_none_or(|end| (end.seq, end.root) == (held.seq, held.root)) {
                return Ok(());
            }
        }
        self.reorder(transport, server, circle, healed, tally)
    }

    /// Gives back the pack that a circle's log is held from, with what vouches for it.
    pub(super) fn give_pack(
        &mut self,
        transport: &dyn Transport,
        server: &ServerAddress,
        circle: &CircleId,
        healed: &mut Healed,
        tally: &mut Tally<'_>,
    ) -> Result<Given, Error> {
        let Some(KeptPack { pack, manifest, attestations }) = self.store.rows().kept(circle)? else {
            return Ok(Given::Refused);
        };
        let signed = SignedManifest::decode(&manifest).map_err(|_| StoreError::Unreadable("kept pack"))?;
        let count = signed.manifest.pieces.len() as u64;
        let mut first = 0;
        loop {
            let pieces = self.some_pieces(circle, &pack, first..count)?;
            let post = PackPost { manifest: manifest.clone(), first, pieces };
            let body = PackBack { attestations: attestations.clone(), post }.encode();
            let way = (Purpose::HealPack, path::HEAL_PACK);
            let held = match self.hand_over(way, transport, server, &pack, &body, tally) {
                Ok(held) => held,
                Err(Error::Refused { reason: Reason::RosterMoved }) => return Ok(Given::Known),
                Err(Error::Refused { reason: Reason::RosterRefused }) => return Ok(Given::Refused),
                Err(error) => return Err(error),
            };
            if held >= count {
                healed.packs += 1;
                return Ok(Given::Held);
            }
            if held <= first && first > 0 {
                return Err(Error::Refused { reason: Reason::Malformed });
            }
            first = held;
        }
    }

    /// What the server holds of a circle, and its log after `from`. It is asked under a chain that is
    /// nobody's, so that own segments come as they are.
    pub(super) fn look(
        &mut self,
        transport: &dyn Transport,
        server: &ServerAddress,
        circle: &CircleRow,
        from: Cursor,
        tally: &mut Tally<'_>,
    ) -> Result<(CircleHead, Vec<Step>), Error> {
        let ask =
            CircleRow { cursor: from.seq, root: from.root, chain: ChainId(generate()?), ..circle.clone() };
        let (response, _) = self.ask(Way::Heal, transport, server, &[ask], &[Vec::new()], tally)?;
        let head = response.head.circles.into_iter().next();
        let steps = response.steps.into_iter().next().unwrap_or_default();
        Ok((head.ok_or(Error::Refused { reason: Reason::Malformed })?, steps))
    }

    /// Sends what stands in the held log after place `after` and is not `known`; gives the head after it,
    /// if anything was sent.
    #[allow(clippy::too_many_arguments, reason = "one step of healing, with all it works on")]
    pub(super) fn give_back(
        &mut self,
        transport: &dyn Transport,
        server: &ServerAddress,
        circle: &CircleRow,
        mut after: u64,
        known: impl Fn(&[u8]) -> bool,
        healed: &mut Healed,
        tally: &mut Tally<'_>,
    ) -> Result<Option<CircleHead>, Error> {
        let mut end = None;
        loop {
            let rows = self.store.rows().segments_after(&circle.circle, after, UP)?;
            let Some(last) = rows.last() else { return Ok(end) };
            after = last.seq;
            // What held something of an erased record is gone from here; a pack stands for it, or will.
            if rows.iter().any(|row| row.bytes.is_empty()) {
                return Err(Error::CannotHeal);
            }
            let bytes = rows.into_iter().map(|row| row.bytes);
            let missing: Vec<Vec<u8>> = bytes.filter(|bytes| !known(bytes)).collect();
            if missing.is_empty() {
                continue;
            }
            let count = missing.len() as u64;
            let ask = CircleRow { chain: ChainId(generate()?), ..circle.clone() };
            let (response, _) = self.ask(Way::Heal, transport, server, &[ask], &[missing], tally)?;
            let refused = response.refused.len() as u64;
            healed.refused += refused;
            healed.given_back += count.saturating_sub(refused);
            tally.report.segments_up += count.saturating_sub(refused);
            end = response.head.circles.into_iter().next();
        }
    }

    /// Gives back own segments that the server acknowledged, and neither holds nor has ever shown in its log.
    /// They are the same octets as before: others may have seen them, so they are never sealed again.
    fn heal_own(
        &mut self,
        transport: &dyn Transport,
        server: &ServerAddress,
        circle: &CircleId,
        healed: &mut Healed,
        tally: &mut Tally<'_>,
    ) -> Result<(), Error> {
        let Some(row) = self.asked_circles()?.into_iter().find(|row| row.circle == *circle) else {
            return Ok(());
        };
        let mut after = 0;
        loop {
            let waiting = self.store.rows().sealed_from(circle, after + 1, UP)?;
            let lost: Vec<_> = waiting.into_iter().filter(|one| one.seq <= row.acknowledged).collect();
            let Some(last) = lost.last() else { return Ok(()) };
            after = last.seq;
            let segments: Vec<Vec<u8>> = lost.into_iter().map(|one| one.bytes).collect();
            let count = segments.len() as u64;
            let (response, _) =
                self.ask(Way::Heal, transport, server, slice::from_ref(&row), &[segments], tally)?;
            let refused = response.refused.len() as u64;
            healed.refused += refused;
            healed.given_back += count.saturating_sub(refused);
        }
    }
}
