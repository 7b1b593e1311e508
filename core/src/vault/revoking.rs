//! Taking devices out: by a coordinator, who must know all they wrote, and what a device does that has been
//! taken out.

use cairn_wire::hello::Purpose;
use cairn_wire::id::{CircleId, DeviceId};
use cairn_wire::letter::{LateHead, LateReceipt};
use cairn_wire::path;
use cairn_wire::refusal::{Reason, Refusal};
use cairn_wire::roster::{LASTS, Last};
use cairn_wire::sync::{CircleAsk, SyncAsk};

use super::submitting::let_go;
use super::sync::{SyncReport, Tally, refused, send};
use super::{ServerAddress, Vault};
use crate::error::Error;
use crate::roster::revoke;
use crate::store::CircleRow;
use crate::sync::{Advice, Alarm, acknowledged_late, advice, question};
use crate::transport::Transport;

/// A revocation races with what the device still sends; so often it is tried.
const TRIES: usize = 5;
/// Octets of letters in one request.
const UP: usize = 4 << 20;

/// What a revocation did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revoked {
    /// Circles whose key was renewed.
    pub renewed: u64,
    /// Circles the device was in and this one is not: a coordinator who is must renew their keys.
    pub left_open: u64,
    /// The syncs it took.
    pub sync: SyncReport,
}

impl Vault {
    /// Takes a device out of one circle, or out of the workspace, and renews the keys it knew. The server
    /// cuts it off at once; the others learn of it at their next sync.
    ///
    /// # Errors
    /// [`Error::NotAllowed`] unless this device is another coordinator's, [`Error::NotFound`] unless the
    /// device is there, and as [`Vault::sync`].
    pub fn revoke(
        &mut self,
        transport: &dyn Transport,
        device: &DeviceId,
        circle: Option<&CircleId>,
    ) -> Result<Revoked, Error> {
        self.need_coordinator()?;
        if *device == self.device.id() {
            return Err(Error::NotAllowed { need: "another coordinator" });
        }
        let mut blind = false;
        for _ in 0..TRIES {
            let sync = self.sync(transport, |_| {})?;
            let server = self.server()?.ok_or(Error::NoWorkspace)?;
            let roster = self.roster()?;
            let missing = || Error::NotFound { what: "device", name: device.short() };
            roster.member(device).filter(|member| member.belongs()).ok_or_else(missing)?;
            let was_in = |known: &cairn_wire::roster::Circle| known.holds(device);
            let left = roster
                .circles()
                .iter()
                .filter(|(id, known)| was_in(known) && circle.is_none_or(|circle| circle == *id));
            let left = left.count() as u64;
            if circle.is_some() && left == 0 {
                return Err(missing());
            }
            let lasts = self.lasts(device, circle)?;
            let currents = self.newest_secrets()?;
            let done =
                revoke(roster, &self.device, self.time()?, *device, circle.copied(), lasts, &currents)?;
            let mut watch = |_| {};
            let mut tally = Tally::new(&mut watch);
            let renewed = done.secrets.len() as u64;
            if !self.post_roster(transport, &server, &done.post, &mut tally)? {
                blind = left > renewed;
                continue;
            }
            self.store.gesture(|rows| {
                done.secrets
                    .iter()
                    .try_for_each(|(circle, epoch, secret)| rows.put_epoch(circle, *epoch, secret))
            })?;
            return Ok(Revoked { renewed, left_open: left - renewed, sync });
        }
        // Whoever ends a chain must have seen all of it; the server's word for it is not enough.
        if blind {
            return Err(Error::NotAllowed { need: "coordinator who is in every circle of that device" });
        }
        Err(Error::Refused { reason: Reason::RosterMoved })
    }

    /// How far the chains of a device go that have not been ended before.
    fn lasts(&self, device: &DeviceId, circle: Option<&CircleId>) -> Result<Vec<Last>, Error> {
        let roster = self.roster()?;
        let chains = self.store.rows().chains_of(device)?;
        let lasts: Vec<Last> = chains
            .into_iter()
            .filter(|row| row.height > 0 && circle.is_none_or(|circle| *circle == row.circle))
            .filter(|row| roster.last(&row.chain).is_none())
            .map(|row| Last { chain: row.chain, seq: row.height, link: row.link })
            .collect();
        if lasts.len() > LASTS {
            Err(Error::TooLarge("the list of what the device wrote"))
        } else {
            Ok(lasts)
        }
    }

    /// Hands in, as late letters, what was saved for circles that this device has been taken out of, for a
    /// coordinator to decide. Gives how many changes and segments are left on this device.
    pub(super) fn hand_in(
        &mut self,
        transport: &dyn Transport,
        server: &ServerAddress,
        circles: &[CircleId],
        tally: &mut Tally<'_>,
    ) -> Result<u64, Error> {
        // What is held already, by whatever road, is learnt first.
        self.hand_in_some(transport, server, circles, false, tally)?;
        for circle in circles {
            self.seal_circle(circle, usize::MAX)?;
        }
        while self.hand_in_some(transport, server, circles, true, tally)? {}
        let rows = self.store.rows();
        circles.iter().try_fold(0, |left, circle| Ok(left + rows.waiting_in(circle)?))
    }

    /// One request; `true` if it brought anything home.
    fn hand_in_some(
        &mut self,
        transport: &dyn Transport,
        server: &ServerAddress,
        circles: &[CircleId],
        send_too: bool,
        tally: &mut Tally<'_>,
    ) -> Result<bool, Error> {
        let rows = self.store.rows();
        let mut held: Vec<CircleRow> = Vec::new();
        for circle in circles {
            held.extend(rows.circle(circle)?);
        }
        let mut segments = Vec::with_capacity(held.len());
        let mut room = if send_too { UP } else { 0 };
        for row in &held {
            let waiting = match room {
                0 => Vec::new(),
                room => rows.sealed_from(&row.circle, row.acknowledged + 1, room)?,
            };
            room = room.saturating_sub(waiting.iter().map(|row| row.bytes.len()).sum());
            segments.push(waiting.into_iter().map(|row| row.bytes).collect::<Vec<_>>());
        }
        if held.is_empty() || (send_too && segments.iter().all(Vec::is_empty)) {
            return Ok(false);
        }
        let asks = held.iter().map(|row| CircleAsk {
            circle: row.circle,
            cursor: 0,
            root: [0; 16],
            chain: row.chain,
        });
        let ask = SyncAsk { roster_seq: 0, budget: 0, circles: asks.collect() };
        let receipt = self.ask_late(transport, server, &ask, &segments, tally)?;
        let mut moved = false;
        for (row, head) in held.into_iter().zip(receipt.chains) {
            let before = self.still_acknowledged(&row, &head)?;
            let sealed = self.store.rows().sealed_from(&row.circle, before + 1, usize::MAX)?;
            let hash = |seq| sealed.iter().find(|one| one.seq == seq).map(|one| one.hash);
            let height = acknowledged_late(&head, row.sealed, before, hash)?;
            moved |= height > before;
            tally.report.handed_in += height - before;
            let row = CircleRow { acknowledged: height, in_doubt: false, ..row };
            let lets_go = self.hands_in_to(&row.circle) && height > before;
            let (roster, device, now) = (self.roster()?.clone(), self.device.id(), self.clock.now());
            self.store.gesture(|rows| {
                rows.put_circle(&row)?;
                if lets_go { let_go(&rows, &roster, &device, now) } else { Ok(()) }
            })?;
            if lets_go {
                self.sweep()?;
            }
        }
        Ok(moved)
    }

    /// How much counts as acknowledged. Letters are in no log and no other device has them: if the server
    /// has lost some, that is noted, and they are handed in again, the same octets.
    fn still_acknowledged(&mut self, row: &CircleRow, head: &LateHead) -> Result<u64, Error> {
        let logged = self.store.rows().chain(&row.chain)?.map_or(0, |chain| chain.height);
        if head.height >= row.acknowledged || head.height < logged {
            return Ok(row.acknowledged);
        }
        let lost = Err(Error::Tampered(Alarm::RolledBack(row.acknowledged - head.height)));
        match self.note_failure::<()>(lost, Some((row.circle, row.cursor))) {
            Err(Error::Tampered(_)) | Ok(()) => Ok(head.height),
            Err(error) => Err(error),
        }
    }

    fn ask_late(
        &mut self,
        transport: &dyn Transport,
        server: &ServerAddress,
        ask: &SyncAsk,
        segments: &[Vec<Vec<u8>>],
        tally: &mut Tally<'_>,
    ) -> Result<LateReceipt, Error> {
        let workspace = self.stored_workspace()?;
        for retry in [true, false] {
            let question =
                question(&self.device, workspace, &server.key, self.time()?, Purpose::Late, ask, segments)?;
            let reply = send(transport, path::LATE, question.bytes, tally)?;
            if reply.status == 200 {
                let receipt = LateReceipt::decode(
                    &reply.body,
                    &server.key,
                    workspace,
                    self.device.id(),
                    &question.nonce,
                );
                return receipt
                    .ok()
                    .filter(|receipt| receipt.chains.len() == ask.circles.len())
                    .ok_or(Error::Tampered(Alarm::BadSignature));
            }
            match Refusal::decode(&reply.body) {
                Ok(refusal) if retry && advice(refusal.reason) == Advice::Retry => {
                    self.mend_clock(refusal.server_time)?;
                }
                _ => return Err(refused(&reply)),
            }
        }
        Err(Error::Refused { reason: Reason::Clock })
    }
}
