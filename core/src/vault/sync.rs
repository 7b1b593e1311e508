//! Syncing: exchanges with the server until both sides have what they can have.

use cairn_wire::digest::half;
use cairn_wire::hello::Purpose;
use cairn_wire::id::{CircleId, RecordId};
use cairn_wire::refusal::{Reason, Refusal, SegmentRefusal};
use cairn_wire::roster::{Role, Roster};
use cairn_wire::sync::{CircleAsk, SyncAsk, SyncResponse};
use cairn_wire::{limits, path};
use std::collections::BTreeSet;

use super::incarnation::Unsent;
use super::unpacking::Need;
use super::{ServerAddress, Vault, fact};
use crate::error::Error;
use crate::store::{CircleRow, StoreError};
use crate::sync::{Advice, Alarm, advice, answer, question};
use crate::transport::{Reply, Transport};

/// Octets of segments in one request: well under the request limit, and often enough acknowledged.
pub(super) const UP: usize = 4 << 20;
/// Octets of segments asked for in one answer.
const DOWN: u64 = 4 << 20;
/// An honest server never needs so many exchanges.
const MOST_EXCHANGES: usize = 20_000;
/// A refused hello is repeated so often at most.
pub(super) const RETRIES: usize = 2;

/// What one sync did and cost.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SyncReport {
    /// Records whose changes the server took; one that is in several segments counts in each.
    pub records_up: u64,
    /// Records that others changed.
    pub records_down: u64,
    /// Segments the server took.
    pub segments_up: u64,
    /// Segments that arrived.
    pub segments_down: u64,
    /// Octets of HTTP sent, headers included, TLS not.
    pub bytes_up: u64,
    /// Octets of HTTP received, headers included, TLS not.
    pub bytes_down: u64,
    /// Octets of the segments the server was given.
    pub segment_bytes_up: u64,
    /// Requests answered.
    pub round_trips: u64,
    /// Segments sealed again because the key had changed meanwhile.
    pub late: u64,
    /// Changes and segments that still wait on this device, for instance for a key it was not given.
    pub left: u64,
    /// Devices admitted.
    pub admitted: u64,
    /// Devices that wait until somebody has compared their words ([`Vault::newcomers`]).
    pub to_compare: u64,
    /// Requests to join that name an invitation of this device and do not fit it; nobody was admitted.
    pub misfits: u64,
    /// Records that were erased on this device because a coordinator had them erased.
    pub erased: u64,
    /// Erased records that may still rest on the server, because no pack without them has been vouched for.
    pub erased_on_server: u64,
    /// Changes that arrived and were put into quarantine.
    pub quarantined: u64,
    /// Segments handed in as late letters, because this device has lost the right to write them.
    pub handed_in: u64,
    /// Late letters of others that arrived.
    pub letters: u64,
    /// Chains begun anew because this vault was copied or restored; nothing is lost by it.
    pub new_chains: u64,
    /// Alarms noted, those that were noted before among them ([`Vault::alarms`]).
    pub alarms: u64,
    /// How many other devices have shown a log that reaches this device's newest segment; none while
    /// the server holds no segment of it.
    pub confirmed_by: Option<u64>,
    /// Keys that this coordinator should renew, overdue by so many days ([`Vault::renewal_overdue`]).
    pub renewal_overdue: Option<u64>,
    /// Attached files that the server has now and lacked before.
    pub attachments_up: u64,
    /// Attached files that were fetched.
    pub attachments_down: u64,
    /// Octets of their sealed pieces that the server was given.
    pub attachment_bytes_up: u64,
    /// Octets of sealed pieces that were fetched.
    pub attachment_bytes_down: u64,
    /// Attached files that still wait on this device.
    pub attachments_left: u64,
    /// Why the server did not take some of them, if it would not.
    pub attachments_refused: Option<Reason>,
    /// Attached files of which pieces are damaged on this device, and which were not sent for that.
    pub attachments_damaged: u64,
}

/// How far a sync is, for whoever waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Segments the server took so far.
    pub up: u64,
    /// Segments taken in so far.
    pub down: u64,
    /// Segments of the server's log not fetched yet.
    pub waiting: u64,
    /// Attached files that wait to be sent; known once the records have gone.
    pub attachments: u64,
}

/// What a sync gathers while it runs.
pub(super) struct Tally<'a> {
    pub(super) report: SyncReport,
    pub(super) records_up: u64,
    pub(super) touched: BTreeSet<RecordId>,
    pub(super) waiting: u64,
    /// Attached files that wait to be sent.
    pub(super) attachments: u64,
    /// Whether this sync has begun new chains because the server knew more of the old ones.
    pub(super) renewed: bool,
    /// Circles of which the server no longer has what comes next.
    pub(super) gone: Vec<CircleId>,
    /// Circles of which more of the log is to come, as far as is known.
    pub(super) behind: BTreeSet<CircleId>,
    /// Whether something was erased, and must leave the search index and the write-ahead log too.
    pub(super) scrub: bool,
    /// Whether boxes of sealed records stayed shut for want of room, to be opened one by one.
    pub(super) unopened: bool,
    /// The circle whose log is being compared, and how far it was held: for alarms.
    pub(super) place: Option<(CircleId, u64)>,
    watch: &'a mut dyn FnMut(Progress),
}

impl<'a> Tally<'a> {
    pub(super) fn new(watch: &'a mut dyn FnMut(Progress)) -> Self {
        Self {
            report: SyncReport::default(),
            records_up: 0,
            touched: BTreeSet::new(),
            waiting: 0,
            attachments: 0,
            renewed: false,
            gone: Vec::new(),
            behind: BTreeSet::new(),
            scrub: false,
            unopened: false,
            place: None,
            watch,
        }
    }

    pub(super) fn tell(&mut self) {
        let progress = Progress {
            up: self.report.segments_up,
            down: self.report.segments_down,
            waiting: self.waiting,
            attachments: self.attachments,
        };
        (self.watch)(progress);
    }
}

/// What an exchange is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// To send and fetch.
    Sync,
    /// To give back what the server has lost.
    Heal,
}

/// How one exchange ended.
pub(super) struct Exchanged {
    moved: bool,
    done: bool,
    refused: u64,
    joins: Vec<Vec<u8>>,
    server_time: u64,
}

impl Vault {
    /// Sends what waits and fetches what is new. Whatever was done before an error stays done.
    ///
    /// # Errors
    /// See [`Error`]; [`Error::Waiting`] while this device has not been admitted.
    pub fn sync(
        &mut self,
        transport: &dyn Transport,
        mut watch: impl FnMut(Progress),
    ) -> Result<SyncReport, Error> {
        self.sweep_again();
        let mut tally = Tally::new(&mut watch);
        let synced = self.exchanges(transport, &mut tally);
        let synced = self.under_other_keys(synced, |vault| vault.exchanges(transport, &mut tally));
        self.note_failure(synced, tally.place)?;
        let sent = self.send_attachments(transport, &mut tally);
        self.note_failure(sent, None)?;
        let rows = self.store.rows();
        tally.report.left = rows.outbox_len()? + rows.unacknowledged()?;
        tally.report.records_up = tally.records_up;
        tally.report.records_down = tally.touched.len() as u64;
        tally.report.confirmed_by = self.confirmed_by()?;
        tally.report.renewal_overdue = self.renewal_overdue()?;
        tally.report.erased_on_server = self.erased_on_server()?;
        tally.report.new_chains = std::mem::take(&mut self.new_chains);
        let now = self.clock.now();
        self.store.gesture(|rows| rows.put_fact(fact::SYNCED, &now.to_be_bytes()))?;
        if self.hands_in_only() {
            // What was let go of was swept before; this keeps the log empty of whatever was written since.
            self.sweep()?;
        }
        Ok(tally.report)
    }

    /// When a sync last ended well, by this device's clock; none before the first.
    ///
    /// # Errors
    /// What the disk says.
    pub fn last_sync(&self) -> Result<Option<u64>, Error> {
        let stored = self.store.rows().fact(fact::SYNCED)?;
        Ok(stored.and_then(|bytes| Some(u64::from_be_bytes(bytes.try_into().ok()?))))
    }

    fn exchanges(&mut self, transport: &dyn Transport, tally: &mut Tally<'_>) -> Result<(), Error> {
        let mut server = self.server()?.ok_or(Error::NoWorkspace)?;
        self.create_on_server(transport, &[], tally)?;
        tally.behind = self.awaiting_erasures()?;
        let mut asks = self.has_asked()?;
        if !asks {
            self.ask_to_join(transport, tally)?;
        }
        let (mut fresh, mut notices, mut stuck) = (Vec::new(), Vec::new(), false);
        for _ in 0..MOST_EXCHANGES {
            let let_in = self.fresh_circles()?;
            // Whoever only carries wants the log itself.
            if let_in.iter().any(|circle| !fresh.contains(circle)) && self.need_reader().is_ok() {
                if self.unpack(transport, &server, &let_in, Need::Quicker, tally)? {
                    // Nothing that is offered now can be compared with what came from it.
                    self.note_packs_seen(&notices)?;
                }
                fresh = let_in;
            }
            let exchanged = match self.exchange(transport, &server, tally) {
                Err(Error::Refused { reason: Reason::Revoked }) => {
                    let all: Vec<_> =
                        self.store.rows().circles()?.into_iter().map(|row| row.circle).collect();
                    let left = self.hand_in(transport, &server, &all, tally)?;
                    // What the letters name goes too, or whoever accepts them would never see it.
                    self.send_attachments(transport, tally)?;
                    return Err(Error::NoLongerMember { left: left + self.attachments_waiting()? });
                }
                // Perhaps the server has forgotten the request meanwhile.
                Err(Error::Waiting) if asks => {
                    asks = false;
                    self.ask_to_join(transport, tally)?;
                    continue;
                }
                exchanged => exchanged?,
            };
            if !tally.gone.is_empty() {
                let gone = std::mem::take(&mut tally.gone);
                let unpacked = self.unpack(transport, &server, &gone, Need::Gone, tally)?;
                if !unpacked && stuck {
                    return Err(Error::NoPack);
                }
                // Once may be a slip.
                stuck = !unpacked;
                continue;
            }
            // The roster may have dropped the key that was named.
            server = self.server()?.ok_or(Error::NoWorkspace)?;
            self.fetch_letters(transport, &server, &exchanged.joins, tally)?;
            let admitted =
                self.admit_newcomers(transport, &server, &exchanged.joins, exchanged.server_time, tally)?;
            notices = exchanged.joins;
            if exchanged.done && !admitted {
                break;
            }
            if !exchanged.moved && !admitted {
                if exchanged.refused > 0 {
                    return Err(Error::NotTaken(exchanged.refused));
                }
                break;
            }
        }
        let left = self.circles_left()?;
        self.hand_in(transport, &server, &left, tally)?;
        if self.need_reader().is_err() {
            return self.carrier_lets_go(transport, &server, tally);
        }
        self.vouch(transport, &server, &notices, tally)?;
        self.forget_old_keys()
    }

    /// The circles this device is in; all of them while it does not know the roster.
    pub(super) fn asked_circles(&self) -> Result<Vec<CircleRow>, Error> {
        let mut circles = self.store.rows().circles()?;
        if let Some(roster) = &self.roster {
            circles.retain(|row| roster.is_in(&self.device.id(), &row.circle));
        }
        Ok(circles)
    }

    /// The circles it has been taken out of and still holds something for.
    fn circles_left(&self) -> Result<Vec<CircleId>, Error> {
        let rows = self.store.rows();
        let asked: BTreeSet<_> = self.asked_circles()?.into_iter().map(|row| row.circle).collect();
        let mut left = Vec::new();
        for row in rows.circles()?.into_iter().filter(|row| !asked.contains(&row.circle)) {
            if rows.waiting_in(&row.circle)? > 0 {
                left.push(row.circle);
            }
        }
        Ok(left)
    }

    pub(super) fn exchange(
        &mut self,
        transport: &dyn Transport,
        server: &ServerAddress,
        tally: &mut Tally<'_>,
    ) -> Result<Exchanged, Error> {
        let doubt = self.asked_circles()?.iter().any(|circle| circle.in_doubt);
        let mut held_back = self.awaiting_erasures()?;
        for circle in held_back.clone() {
            if !tally.behind.contains(&circle) || self.store.rows().waiting_in(&circle)? == 0 {
                held_back.remove(&circle);
            }
        }
        if !doubt && self.roster.is_some() {
            // Not being able to seal must not keep anything from arriving.
            tally.report.late += self.seal_outbox(UP, &held_back)?;
        }
        let circles = self.asked_circles()?;
        let segments =
            if doubt { vec![Vec::new(); circles.len()] } else { self.leave(&circles, &held_back)? };
        let octets: usize = segments.iter().flatten().map(Vec::len).sum();
        tally.report.segment_bytes_up += octets as u64;
        let (response, circles) = match self.ask(Way::Sync, transport, server, &circles, &segments, tally) {
            // A push that fails does not keep anything from arriving: ask again without it.
            Err(Error::Refused { reason }) if octets > 0 => {
                self.exchange(transport, server, tally)?;
                return Err(Error::Refused { reason });
            }
            asked => asked?,
        };
        let refused = response.refused.iter().filter(|(_, why)| *why != SegmentRefusal::StaleEpoch).count();
        let joins = response.joins.clone();
        let server_time = response.head.server_time;
        let forked = response.refused.iter().any(|(_, why)| *why == SegmentRefusal::Fork);
        let taken = match self.take(response, &circles, tally) {
            // The server knows more of the own chains than this vault, or another segment: there is a
            // copy of it somewhere, or it is one.
            Err(Error::Tampered(Alarm::UnknownOwn)) if !tally.renewed => None,
            taken => Some(taken?),
        };
        if taken.is_none() || (forked && !tally.renewed) {
            tally.renewed = true;
            self.begin_chains(Unsent::Held)?;
        }
        let Some(taken) = taken else {
            return Ok(Exchanged { moved: true, done: false, refused: 0, joins, server_time });
        };
        let mut moved = taken || doubt || forked || !held_back.is_empty();
        self.take_in(tally)?;
        moved |= self.carry_out()? > 0;
        if std::mem::take(&mut tally.scrub) {
            self.store.scrub()?;
        }
        if tally.waiting == 0 {
            moved |= self.settle_held(tally)?;
        }
        // A circle that was entered just now has not been asked about.
        let entered = self.asked_circles()?.len() > circles.len();
        let done = !doubt && !entered && self.is_level(tally)?;
        Ok(Exchanged { moved, done, refused: refused as u64, joins, server_time })
    }

    /// What is to be pushed now; from here on it counts as having left.
    fn leave(
        &mut self,
        circles: &[CircleRow],
        held_back: &BTreeSet<CircleId>,
    ) -> Result<Vec<Vec<Vec<u8>>>, Error> {
        let mut room = UP;
        let mut segments = Vec::with_capacity(circles.len());
        for circle in circles {
            let mut chosen = Vec::new();
            let leaves = circle.sealed > circle.acknowledged && !held_back.contains(&circle.circle);
            if room > 0 && leaves {
                let rows = self.store.rows().sealed_from(&circle.circle, circle.acknowledged + 1, room)?;
                chosen.extend(rows.into_iter().map(|row| row.bytes));
                room = room.saturating_sub(chosen.iter().map(Vec::len).sum());
                self.store.gesture(|rows| rows.put_in_doubt(&circle.circle, true))?;
            }
            segments.push(chosen);
        }
        Ok(segments)
    }

    /// One request and its verified answer; a wrong clock is mended and the request repeated.
    pub(super) fn ask(
        &mut self,
        way: Way,
        transport: &dyn Transport,
        server: &ServerAddress,
        circles: &[CircleRow],
        segments: &[Vec<Vec<u8>>],
        tally: &mut Tally<'_>,
    ) -> Result<(SyncResponse, Vec<CircleRow>), Error> {
        let workspace = self.stored_workspace()?;
        let known = self.roster.as_ref().map_or(0, Roster::seq);
        let roster_seq = self.before_missing_key()?.map_or(known, |seq| seq.min(known));
        let asks = circles.iter().map(|circle| CircleAsk {
            circle: circle.circle,
            cursor: circle.cursor,
            root: half(&circle.root),
            chain: circle.chain,
        });
        let ask = SyncAsk { roster_seq, budget: DOWN, circles: asks.collect() };
        let (purpose, path) = match way {
            Way::Sync => (Purpose::Sync, path::SYNC),
            Way::Heal => (Purpose::Heal, path::HEAL),
        };
        let mut tries = 0;
        loop {
            let time = self.time()?;
            let question = question(&self.device, workspace, &server.key, time, purpose, &ask, segments)?;
            let reply = send(transport, path, question.bytes, tally)?;
            if reply.status == 200 {
                let mut response =
                    answer(&reply.body, circles.len(), &server.key, workspace, &self.device, &question.nonce)
                        .map_err(|_| Error::Refused { reason: Reason::Malformed })??;
                // What is known already was asked for only because of the key that comes with it.
                let again = usize::try_from(known - roster_seq).unwrap_or(usize::MAX);
                response.roster.drain(..again.min(response.roster.len()));
                return Ok((response, circles.to_vec()));
            }
            let refusal =
                Refusal::decode(&reply.body).map_err(|_| Error::Refused { reason: Reason::Malformed })?;
            tries += 1;
            if advice(refusal.reason) != Advice::Retry || tries > RETRIES {
                return Err(match refusal.reason {
                    Reason::NotMember if self.invitation()?.is_some() => Error::Waiting,
                    Reason::RosterBehind => Error::Tampered(Alarm::RosterRolledBack),
                    reason => Error::Refused { reason },
                });
            }
            self.mend_clock(refusal.server_time)?;
        }
    }

    /// Remembers how far this device's clock is off. The refusal is not signed, but a wrong time only
    /// makes the next hello be refused again.
    pub(super) fn mend_clock(&mut self, server_time: u64) -> Result<(), Error> {
        let offset = server_time as i64 - self.clock.now() as i64;
        self.store.gesture(|rows| rows.put_fact(fact::CLOCK_OFFSET, &offset.to_be_bytes()))?;
        Ok(())
    }

    pub(super) fn stored_workspace(&self) -> Result<cairn_wire::id::WorkspaceId, Error> {
        let workspace = self.store.rows().fact(fact::WORKSPACE)?.ok_or(Error::NoWorkspace)?;
        Ok(cairn_wire::id::WorkspaceId::from_slice(&workspace).ok_or(StoreError::Unreadable("workspace"))?)
    }

    /// Whether nothing is left to send or fetch.
    fn is_level(&self, tally: &Tally<'_>) -> Result<bool, Error> {
        let rows = self.store.rows();
        Ok(tally.waiting == 0 && rows.outbox_len()? == 0 && rows.unacknowledged()? == 0)
    }

    /// Whether this device belongs and may admit others.
    pub fn is_coordinator(&self) -> bool {
        self.role() == Some(Role::Coordinator)
    }
}

pub(super) fn send(
    transport: &dyn Transport,
    path: &str,
    body: Vec<u8>,
    tally: &mut Tally<'_>,
) -> Result<Reply, Error> {
    debug_assert!(body.len() <= limits::REQUEST, "a request is never larger than the server takes");
    let reply = transport.post(path, body)?;
    tally.report.round_trips += 1;
    tally.report.bytes_up += reply.bytes_up;
    tally.report.bytes_down += reply.bytes_down;
    tally.tell();
    Ok(reply)
}

pub(super) fn refused(reply: &Reply) -> Error {
    let reason = Refusal::decode(&reply.body).map_or(Reason::Malformed, |refusal| refusal.reason);
    Error::Refused { reason }
}
