//! Syncing: exchanges with the server until both sides have what they can have.

use cairn_wire::digest::half;
use cairn_wire::id::DocumentId;
use cairn_wire::invitation::Invitation;
use cairn_wire::join::{JoinReceipt, JoinRequest};
use cairn_wire::refusal::{Reason, Refusal, SegmentRefusal};
use cairn_wire::roster::{Role, Roster};
use cairn_wire::sync::{CircleAsk, CreateRequest, RosterPost, RosterReceipt, SyncAsk, SyncResponse};
use cairn_wire::{limits, path};
use std::collections::BTreeSet;

use super::{ServerAddress, Vault, fact, text};
use crate::error::Error;
use crate::roster::{admit, renew};
use crate::store::{CircleRow, StoreError};
use crate::sync::{Advice, advice, answer, question, roster_question};
use crate::transport::{Reply, Transport};

/// Octets of segments in one request: well under the request limit, and often enough acknowledged.
const UP: usize = 4 << 20;
/// Octets of segments asked for in one answer.
const DOWN: u64 = 4 << 20;
/// An honest server never needs so many exchanges.
const MOST_EXCHANGES: usize = 20_000;
/// A refused hello is repeated so often at most.
const RETRIES: usize = 2;

/// What one sync did and cost.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SyncReport {
    /// Records whose changes the server took.
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
    /// Changes that arrived and were put into quarantine.
    pub quarantined: u64,
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
}

/// What a sync gathers while it runs.
pub(super) struct Tally<'a> {
    pub(super) report: SyncReport,
    pub(super) records_up: u64,
    pub(super) touched: BTreeSet<DocumentId>,
    pub(super) waiting: u64,
    watch: &'a mut dyn FnMut(Progress),
}

impl<'a> Tally<'a> {
    fn new(watch: &'a mut dyn FnMut(Progress)) -> Self {
        Self { report: SyncReport::default(), records_up: 0, touched: BTreeSet::new(), waiting: 0, watch }
    }

    pub(super) fn tell(&mut self) {
        let progress =
            Progress { up: self.report.segments_up, down: self.report.segments_down, waiting: self.waiting };
        (self.watch)(progress);
    }
}

/// How one exchange ended.
struct Exchanged {
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
        let mut tally = Tally::new(&mut watch);
        let server = self.server()?.ok_or(Error::NoWorkspace)?;
        self.create_on_server(transport, &server, &[], &mut tally)?;
        self.ask_to_join(transport, &mut tally)?;
        for _ in 0..MOST_EXCHANGES {
            let exchanged = self.exchange(transport, &server, &mut tally)?;
            let admitted = self.admit_newcomers(
                transport,
                &server,
                &exchanged.joins,
                exchanged.server_time,
                &mut tally,
            )?;
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
        let rows = self.store.rows();
        tally.report.left = rows.outbox_len()? + rows.unacknowledged()?;
        tally.report.records_up = tally.records_up;
        tally.report.records_down = tally.touched.len() as u64;
        Ok(tally.report)
    }

    /// Creates the workspace on the server if that has not been done.
    ///
    /// # Errors
    /// As [`Vault::sync`].
    pub fn publish_workspace(&mut self, transport: &dyn Transport, token: &[u8]) -> Result<(), Error> {
        let server = self.server()?.ok_or(Error::NoWorkspace)?;
        let mut watch = |_| {};
        let mut tally = Tally::new(&mut watch);
        self.create_on_server(transport, &server, token, &mut tally)
    }

    fn create_on_server(
        &mut self,
        transport: &dyn Transport,
        server: &ServerAddress,
        token: &[u8],
        tally: &mut Tally<'_>,
    ) -> Result<(), Error> {
        let Some(post) = self.store.rows().fact(fact::FOUNDING)? else { return Ok(()) };
        let post = RosterPost::decode(&post).map_err(|_| StoreError::Unreadable("founding"))?;
        let workspace = self.roster()?.workspace();
        let request = CreateRequest { token: token.to_vec(), workspace, post };
        let reply = send(transport, path::WORKSPACES, request.encode(), tally)?;
        if reply.status != 200 {
            return Err(refused(&reply));
        }
        RosterReceipt::decode(&reply.body, &server.key, workspace)
            .map_err(|_| Error::Tampered(crate::sync::Alarm::BadSignature))?;
        self.store.gesture(|rows| rows.forget_fact(fact::FOUNDING))?;
        Ok(())
    }

    fn ask_to_join(&mut self, transport: &dyn Transport, tally: &mut Tally<'_>) -> Result<(), Error> {
        let Some(invitation) = self.invitation()? else { return Ok(()) };
        let request = JoinRequest::new(
            invitation.workspace,
            invitation.invite,
            invitation.expiry,
            self.device.keys().clone(),
            &invitation.secret,
        );
        let reply = send(transport, path::JOIN, request.encode(), tally)?;
        if reply.status != 200 {
            return Err(match Refusal::decode(&reply.body).map(|refusal| refusal.reason) {
                Ok(Reason::InvitationExpired) => Error::InvitationExpired,
                Ok(Reason::InvitationUsed) => Error::InvitationUsed,
                _ => refused(&reply),
            });
        }
        let receipt =
            JoinReceipt::decode(&reply.body).map_err(|_| Error::Refused { reason: Reason::Malformed })?;
        if receipt.admitted { Ok(()) } else { Err(Error::Waiting) }
    }

    /// The invitation this device came with, until it has been admitted.
    pub(super) fn invitation(&self) -> Result<Option<Invitation>, Error> {
        let Some(text) = text(&self.store.rows(), fact::JOINING)? else { return Ok(None) };
        let invitation = Invitation::from_text(&text).map_err(|_| StoreError::Unreadable("invitation"))?;
        Ok(Some(invitation))
    }

    fn exchange(
        &mut self,
        transport: &dyn Transport,
        server: &ServerAddress,
        tally: &mut Tally<'_>,
    ) -> Result<Exchanged, Error> {
        let doubt = self.store.rows().circles()?.iter().any(|circle| circle.in_doubt);
        if !doubt && self.roster.is_some() {
            // Not being able to seal must not keep anything from arriving.
            tally.report.late += self.seal_outbox(UP)?;
        }
        let circles = self.store.rows().circles()?;
        let segments = if doubt { vec![Vec::new(); circles.len()] } else { self.leave(&circles)? };
        let octets: usize = segments.iter().flatten().map(Vec::len).sum();
        tally.report.segment_bytes_up += octets as u64;
        let (response, circles) = match self.ask(transport, server, &circles, &segments, tally) {
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
        let moved = self.take(response, &circles, tally)? || doubt;
        self.take_in(tally)?;
        let done = !doubt && self.is_level(tally)?;
        Ok(Exchanged { moved, done, refused: refused as u64, joins, server_time })
    }

    /// What is to be pushed now; from here on it counts as having left.
    fn leave(&mut self, circles: &[CircleRow]) -> Result<Vec<Vec<Vec<u8>>>, Error> {
        let mut room = UP;
        let mut segments = Vec::with_capacity(circles.len());
        for circle in circles {
            let mut chosen = Vec::new();
            if room > 0 && circle.sealed > circle.acknowledged {
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
    fn ask(
        &mut self,
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
        let mut tries = 0;
        loop {
            let question = question(&self.device, workspace, &server.key, self.time()?, &ask, segments)?;
            let reply = send(transport, path::SYNC, question.bytes, tally)?;
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
                    reason => Error::Refused { reason },
                });
            }
            self.mend_clock(refusal.server_time)?;
        }
    }

    /// Remembers how far this device's clock is off. The refusal is not signed, but a wrong time only
    /// makes the next hello be refused again.
    fn mend_clock(&mut self, server_time: u64) -> Result<(), Error> {
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

    /// Admits whoever proves to hold an invitation that this device made.
    fn admit_newcomers(
        &mut self,
        transport: &dyn Transport,
        server: &ServerAddress,
        joins: &[Vec<u8>],
        server_time: u64,
        tally: &mut Tally<'_>,
    ) -> Result<bool, Error> {
        let mut any = false;
        for bytes in joins {
            // Whatever does not prove itself is left alone: it may be another coordinator's.
            let Ok(join) = JoinRequest::decode(bytes) else { continue };
            let Some(mut invitation) = self.store.rows().invitation(&join.invite)? else { continue };
            let honest = join.verify(&invitation.secret) && join.expiry == invitation.expiry;
            if !honest || invitation.used || invitation.expiry < server_time {
                continue;
            }
            let roster = self.roster()?;
            if roster.has_used(&join.invite) || roster.member(&join.keys.id()).is_some() {
                continue;
            }
            let secrets = self.newest_secrets()?;
            let post = admit(
                self.roster()?,
                &self.device,
                self.time()?,
                &join.keys,
                invitation.role,
                join.invite,
                &secrets,
            )?;
            if self.post_roster(transport, server, &post, tally)? {
                invitation.used = true;
                self.store.gesture(|rows| rows.put_invitation(&invitation))?;
                tally.report.admitted += 1;
            }
            any = true;
        }
        Ok(any)
    }

    fn newest_secrets(
        &self,
    ) -> Result<Vec<(cairn_wire::id::CircleId, u64, crate::crypto::EpochSecret)>, Error> {
        let mut secrets = Vec::new();
        for (circle, known) in self.roster()?.circles() {
            if let Some(secret) = self.store.rows().epoch(circle, known.epoch())? {
                secrets.push((*circle, known.epoch(), secret));
            }
        }
        Ok(secrets)
    }

    /// Posts new roster entries; `false` if somebody else was faster and it must be done again.
    fn post_roster(
        &mut self,
        transport: &dyn Transport,
        server: &ServerAddress,
        post: &RosterPost,
        tally: &mut Tally<'_>,
    ) -> Result<bool, Error> {
        let workspace = self.stored_workspace()?;
        let question = roster_question(&self.device, workspace, &server.key, self.time()?, post)?;
        let reply = send(transport, path::ROSTER, question.bytes, tally)?;
        if reply.status != 200 {
            return match Refusal::decode(&reply.body).map(|refusal| advice(refusal.reason)) {
                Ok(Advice::Redo) => Ok(false),
                _ => Err(refused(&reply)),
            };
        }
        RosterReceipt::decode(&reply.body, &server.key, workspace)
            .map_err(|_| Error::Tampered(crate::sync::Alarm::BadSignature))?;
        let mut roster = self.roster()?.clone();
        for entry in &post.entries {
            roster.append(entry).map_err(|_| Error::Bug("an own roster entry does not fit".to_owned()))?;
        }
        self.store.gesture(|rows| {
            for (seq, entry) in (post.expected_seq + 1..).zip(&post.entries) {
                rows.put_roster(seq, entry)?;
            }
            Ok::<_, StoreError>(())
        })?;
        self.roster = Some(roster);
        Ok(true)
    }

    /// Gives every circle this device can read a new key, wrapped for each of its devices. What others
    /// typed before they learn of it leaves under the new key all the same.
    ///
    /// # Errors
    /// [`Error::NotAllowed`] unless this device is a coordinator's, and as [`Vault::sync`].
    pub fn renew_keys(&mut self, transport: &dyn Transport) -> Result<SyncReport, Error> {
        self.need_coordinator()?;
        let mut report = self.sync(transport, |_| {})?;
        let server = self.server()?.ok_or(Error::NoWorkspace)?;
        let mut watch = |_| {};
        let mut tally = Tally::new(&mut watch);
        for (circle, epoch, current) in self.newest_secrets()? {
            let (post, secret) = renew(self.roster()?, &self.device, self.time()?, circle, &current)?;
            // Should the answer be lost: the key is also wrapped for this device, and comes with the roster.
            if !self.post_roster(transport, &server, &post, &mut tally)? {
                return Err(Error::Refused { reason: Reason::RosterMoved });
            }
            self.store.gesture(|rows| rows.put_epoch(&circle, epoch + 1, &secret))?;
        }
        report.round_trips += tally.report.round_trips;
        report.bytes_up += tally.report.bytes_up;
        report.bytes_down += tally.report.bytes_down;
        Ok(report)
    }

    /// Whether this device belongs and may admit others.
    pub fn is_coordinator(&self) -> bool {
        self.role() == Some(Role::Coordinator)
    }
}

fn send(transport: &dyn Transport, path: &str, body: Vec<u8>, tally: &mut Tally<'_>) -> Result<Reply, Error> {
    debug_assert!(body.len() <= limits::REQUEST, "a request is never larger than the server takes");
    let reply = transport.post(path, body)?;
    tally.report.round_trips += 1;
    tally.report.bytes_up += reply.bytes_up;
    tally.report.bytes_down += reply.bytes_down;
    tally.tell();
    Ok(reply)
}

fn refused(reply: &Reply) -> Error {
    let reason = Refusal::decode(&reply.body).map_or(Reason::Malformed, |refusal| refusal.reason);
    Error::Refused { reason }
}
