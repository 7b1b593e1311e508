//! Giving a server back what it has lost.
//!
//! Each device holds the roster and the whole log of its circles, and all of it proves itself. So any
//! member can heal a server that was wiped or put back from an older backup: the roster first, then the
//! segments that are missing, whoever wrote them, in the order of the log. If others have written to the
//! server meanwhile, its log goes another way from some place on; then what is missing is put behind it,
//! and this device takes over the server's order. What it has taken in stays taken in.

use std::slice;

use cairn_wire::digest::{Hash, half, sha256};
use cairn_wire::id::{ChainId, CircleId};
use cairn_wire::path;
use cairn_wire::refusal::{Reason, Refusal};
use cairn_wire::segment::parse;
use cairn_wire::sync::{CircleHead, CreateRequest, RosterPost, Step};

use super::sync::{Progress, SyncReport, Tally, UP, Way, refused, send};
use super::{ServerAddress, Vault};
use crate::crypto::generate;
use crate::error::Error;
use crate::store::{ChainRow, CircleRow, SegmentState, StoreError};
use crate::sync::{Alarm, Cursor, Logged, walk};
use crate::transport::Transport;

/// Roster entries given back by one request.
const ENTRIES: usize = 256;

/// What healing did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Healed {
    /// Segments the server had lost and has again.
    pub given_back: u64,
    /// Segments it would not take back; they are kept here.
    pub refused: u64,
    /// Circles in which this device took over the server's order, because others had written meanwhile.
    pub reordered: u64,
    /// The sync that followed.
    pub sync: SyncReport,
}

/// An own segment in a log that was fetched anew.
struct Own {
    number: u64,
    place: u64,
    link: [u8; 16],
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
        let (head, _) = self.look(transport, server, &circle, held, tally)?;
        if head.seq > held.seq {
            // Perhaps only ahead. If it is not, the sync says so.
            match self.sync(transport, |_| {}) {
                Err(Error::Tampered(Alarm::RolledBack(_) | Alarm::OtherHistory | Alarm::UnknownOwn)) => {}
                synced => return synced.map(drop),
            }
        } else if head.seq < circle.base {
            return Err(Error::CannotHeal);
        } else {
            let root = match head.seq {
                seq if seq == circle.base => Some(half(&circle.base_root)),
                seq => self.store.rows().half_root(&circle.circle, seq)?,
            };
            if root == Some(half(&head.root)) {
                let known = |_: &Hash| false;
                let end = self.give_back(transport, server, &circle, head.seq, known, healed, tally)?;
                if end.is_none_or(|end| (end.seq, end.root) == (held.seq, held.root)) {
                    return Ok(());
                }
            }
        }
        self.reorder(transport, server, circle, healed, tally)
    }

    /// What the server holds of a circle, and its log after `from`. It is asked under a chain that is
    /// nobody's, so that own segments come as they are.
    fn look(
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
    fn give_back(
        &mut self,
        transport: &dyn Transport,
        server: &ServerAddress,
        circle: &CircleRow,
        mut after: u64,
        known: impl Fn(&Hash) -> bool,
        healed: &mut Healed,
        tally: &mut Tally<'_>,
    ) -> Result<Option<CircleHead>, Error> {
        let mut end = None;
        loop {
            let rows = self.store.rows().segments_after(&circle.circle, after, UP)?;
            let Some(last) = rows.last() else { return Ok(end) };
            after = last.seq;
            let bytes = rows.into_iter().map(|row| row.bytes);
            let missing: Vec<Vec<u8>> = bytes.filter(|bytes| !known(&sha256(&[bytes]))).collect();
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

    /// The server's log goes another way: what is missing is put behind it, and its order is taken over.
    fn reorder(
        &mut self,
        transport: &dyn Transport,
        server: &ServerAddress,
        circle: CircleRow,
        healed: &mut Healed,
        tally: &mut Tally<'_>,
    ) -> Result<(), Error> {
        self.store.gesture(|rows| rows.clear_staged(&circle.circle))?;
        let mut own = None;
        let begin = Cursor { seq: circle.base, root: circle.base_root };
        let end = self.stage(transport, server, &circle, begin, &mut own, tally)?;
        let staged = self.store.rows().staged(&circle.circle)?;
        let known = |hash: &Hash| staged.contains(hash);
        self.give_back(transport, server, &circle, circle.base, known, healed, tally)?;
        let end = self.stage(transport, server, &circle, end, &mut own, tally)?;
        let device = self.device.id();
        self.store.gesture(|rows| {
            rows.swap_log(&circle.circle)?;
            let mut row = rows.circle(&circle.circle)?.ok_or(StoreError::Unreadable("circle"))?;
            row.cursor = end.seq;
            row.root = end.root;
            if let Some(Own { number, place, link }) = own.filter(|own| own.number <= row.sealed) {
                let seen = rows.chain(&row.chain)?.map_or(0, |chain| chain.height);
                if number > seen {
                    let (chain, circle) = (row.chain, row.circle);
                    rows.put_chain(&ChainRow { chain, circle, device, height: number, link })?;
                }
                for number in 1..=number {
                    rows.clear_sealed(&row.circle, number)?;
                }
                rows.put_segment_state(&row.circle, place, SegmentState::TakenIn, "")?;
                rows.put_shown(&row.circle, &device, place)?;
                row.acknowledged = row.acknowledged.max(number);
            }
            rows.put_circle(&row)
        })?;
        healed.reordered += 1;
        Ok(())
    }

    /// Fetches the server's log anew from `at` to its end.
    fn stage(
        &mut self,
        transport: &dyn Transport,
        server: &ServerAddress,
        circle: &CircleRow,
        mut at: Cursor,
        own: &mut Option<Own>,
        tally: &mut Tally<'_>,
    ) -> Result<Cursor, Error> {
        loop {
            let (head, steps) = self.look(transport, server, circle, at, tally)?;
            let (end, logged) = walk(at, &head, steps, 0, |_| None)?;
            self.store.gesture(|rows| {
                for (seq, (root, logged)) in (at.seq + 1..).zip(&logged) {
                    let Logged::Other(bytes) = logged else { return Err(Alarm::UnknownOwn.into()) };
                    rows.put_staged(&circle.circle, seq, root, bytes)?;
                    if let Ok(parsed) = parse(bytes)
                        && parsed.header.chain == circle.chain
                    {
                        *own = Some(Own { number: parsed.header.seq, place: seq, link: parsed.link() });
                    }
                }
                Ok::<_, Error>(())
            })?;
            if end.seq == head.seq {
                return Ok(end);
            }
            if end.seq == at.seq {
                return Err(Error::Refused { reason: Reason::Malformed });
            }
            at = end;
        }
    }
}
