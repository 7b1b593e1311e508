//! Changing who belongs, with the server: the workspace itself, a request to join, new roster entries.

use cairn_wire::id::CircleId;
use cairn_wire::invitation::Invitation;
use cairn_wire::join::{JoinReceipt, JoinRequest};
use cairn_wire::path;
use cairn_wire::refusal::{Reason, Refusal};
use cairn_wire::sync::{CreateRequest, RosterPost, RosterReceipt};

use super::newcomers::Request;
use super::sync::{SyncReport, Tally, refused, send};
use super::{ServerAddress, Vault, fact, text};
use crate::crypto::EpochSecret;
use crate::error::Error;
use crate::roster::{admit, renew};
use crate::store::StoreError;
use crate::sync::{Advice, Alarm, advice, roster_question};
use crate::transport::Transport;

impl Vault {
    /// Creates the workspace on the server if that has not been done.
    ///
    /// # Errors
    /// As [`Vault::sync`].
    pub fn publish_workspace(&mut self, transport: &dyn Transport, token: &[u8]) -> Result<(), Error> {
        let mut watch = |_| {};
        let mut tally = Tally::new(&mut watch);
        self.create_on_server(transport, token, &mut tally)
    }

    pub(super) fn create_on_server(
        &mut self,
        transport: &dyn Transport,
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
        self.receipt(&reply.body, workspace)?;
        self.store.gesture(|rows| rows.forget_fact(fact::FOUNDING))?;
        Ok(())
    }

    pub(super) fn ask_to_join(
        &mut self,
        transport: &dyn Transport,
        tally: &mut Tally<'_>,
    ) -> Result<(), Error> {
        let Some(invitation) = self.invitation()? else { return Ok(()) };
        let request = JoinRequest::new(&invitation, self.device.keys().clone());
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
        self.store.gesture(|rows| rows.put_fact(fact::ASKED, &[]))?;
        if receipt.admitted { Ok(()) } else { Err(Error::Waiting) }
    }

    /// Whether the server has had the request to join. It may have lost it since; then it says that it does not
    /// know this device.
    pub(super) fn has_asked(&self) -> Result<bool, Error> {
        Ok(self.store.rows().fact(fact::ASKED)?.is_some())
    }

    /// The invitation this device came with, until it has been admitted.
    pub(super) fn invitation(&self) -> Result<Option<Invitation>, Error> {
        let Some(text) = text(&self.store.rows(), fact::JOINING)? else { return Ok(None) };
        let invitation = Invitation::from_text(&text).map_err(|_| StoreError::Unreadable("invitation"))?;
        Ok(Some(invitation))
    }

    /// Admits whoever proves to hold an invitation that this device made.
    pub(super) fn admit_newcomers(
        &mut self,
        transport: &dyn Transport,
        server: &ServerAddress,
        joins: &[Vec<u8>],
        server_time: u64,
        tally: &mut Tally<'_>,
    ) -> Result<bool, Error> {
        let mut any = false;
        // Each exchange brings those who wait again.
        (tally.report.misfits, tally.report.to_compare) = (0, 0);
        for bytes in joins {
            let Ok(join) = JoinRequest::decode(bytes) else { continue };
            let mut invitation = match self.judge_request(&join, server_time)? {
                // Whatever does not prove itself is left alone: it may be another coordinator's.
                Request::NotOurs => continue,
                Request::Dishonest => {
                    tally.report.misfits += 1;
                    continue;
                }
                Request::Waits(row) => {
                    self.store.gesture(|rows| rows.put_invitation(&row))?;
                    tally.report.to_compare += 1;
                    continue;
                }
                Request::Good(row) => row,
            };
            let mut into = self.store.rows().invited(&join.invite)?;
            if into.is_empty() {
                into = self.open_circles()?;
            }
            let mut secrets = self.secrets_for_newcomers()?;
            secrets.retain(|(circle, ..)| into.contains(circle));
            let mut post = admit(
                self.roster()?,
                &self.device,
                self.time()?,
                &join.keys,
                invitation.role,
                join.invite,
                &secrets,
            )?;
            self.newcomer_hands_in(&mut post, join.keys.id(), invitation.role, &into)?;
            if self.post_roster(transport, server, &post, tally)? {
                invitation.used = true;
                self.store.gesture(|rows| rows.put_invitation(&invitation))?;
                tally.report.admitted += 1;
            }
            any = true;
        }
        Ok(any)
    }

    /// The newest secret of each circle, and those from before an erasure while no pack stands for what is left:
    /// until then a newcomer has only the log to begin with.
    pub(super) fn secrets_for_newcomers(&self) -> Result<Vec<(CircleId, u64, EpochSecret)>, Error> {
        let (roster, rows, open) = (self.roster()?, self.store.rows(), self.unpacked_erasures()?);
        let mut secrets = Vec::new();
        for (circle, newest, secret) in self.newest_secrets()? {
            secrets.push((circle, newest, secret));
            let known = roster.circles().get(&circle).filter(|_| open.contains_key(&circle));
            let epochs = known.map_or(&[][..], |known| &known.epochs);
            for (before, _) in (1..).zip(epochs.iter().skip(1)).filter(|(_, epoch)| epoch.back_link.is_none())
            {
                secrets.extend(rows.epoch(&circle, before)?.map(|secret| (circle, before, secret)));
            }
        }
        Ok(secrets)
    }

    pub(super) fn newest_secrets(&self) -> Result<Vec<(CircleId, u64, EpochSecret)>, Error> {
        let mut secrets = Vec::new();
        let device = self.device.id();
        for (circle, known) in self.roster()?.circles().iter().filter(|(_, known)| known.lets_read(&device)) {
            if let Some(secret) = self.store.rows().epoch(circle, known.epoch())? {
                secrets.push((*circle, known.epoch(), secret));
            }
        }
        Ok(secrets)
    }

    /// Posts new roster entries; `false` if somebody else was faster and it must be done again.
    pub(super) fn post_roster(
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
            .map_err(|_| Error::Tampered(Alarm::BadSignature))?;
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
}
