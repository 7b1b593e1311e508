//! Newcomers at the door: which requests to join are honest, and whose words are compared first.

use cairn_wire::id::DeviceId;
use cairn_wire::join::JoinRequest;
use cairn_wire::roster::Role;

use super::Vault;
use crate::error::Error;
use crate::roster::{same_words, words};
use crate::store::{Compare, InvitationRow};

/// A device that has asked to join and waits until somebody has compared words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Newcomer {
    /// Its name in the protocol.
    pub device: DeviceId,
    /// What it must show too.
    pub words: String,
    /// What it was invited to be.
    pub role: Role,
    /// When its invitation ends, seconds since 1970.
    pub expiry: u64,
}

/// What a request to join is worth to the device that made the invitation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Request {
    /// Another coordinator's, or over and done with.
    NotOurs,
    /// It names an invitation of this device and does not fit it.
    Dishonest,
    /// Its device is admitted only when its words have been compared.
    Waits(InvitationRow),
    /// Its device is to be admitted.
    Good(InvitationRow),
}

impl Vault {
    /// The words of this device, to be compared with what the coordinator sees, once it knows its workspace.
    ///
    /// # Errors
    /// [`Error::NoWorkspace`].
    pub fn words(&self) -> Result<String, Error> {
        Ok(words(self.stored_workspace()?, &self.device.id()))
    }

    /// Devices whose words are to be compared before they are admitted.
    ///
    /// # Errors
    /// [`Error::NoWorkspace`].
    pub fn newcomers(&self) -> Result<Vec<Newcomer>, Error> {
        let (workspace, now) = (self.roster()?.workspace(), self.time()?);
        let open = self.store.rows().open_invitations()?;
        let waiting = open.into_iter().filter(|row| row.compare == Compare::Wanted && row.expiry >= now);
        let newcomer = |row: InvitationRow| {
            let device = row.asked?;
            Some(Newcomer { device, words: words(workspace, &device), role: row.role, expiry: row.expiry })
        };
        Ok(waiting.filter_map(newcomer).collect())
    }

    /// Notes that the words of a waiting device are those that its person read out: the next sync admits it,
    /// and no other device with that invitation.
    ///
    /// # Errors
    /// [`Error::NotAllowed`] unless this device is a coordinator's; [`Error::NoSuchWords`].
    pub fn confirm(&mut self, typed: &str) -> Result<DeviceId, Error> {
        self.decide(typed, |row| row.compare = Compare::Done)
    }

    /// Makes the invitation void with which a waiting device came.
    ///
    /// # Errors
    /// As [`Vault::confirm`].
    pub fn turn_away(&mut self, typed: &str) -> Result<DeviceId, Error> {
        self.decide(typed, |row| row.used = true)
    }

    fn decide(&mut self, typed: &str, decision: impl Fn(&mut InvitationRow)) -> Result<DeviceId, Error> {
        self.need_coordinator()?;
        let found = self.newcomers()?.into_iter().find(|newcomer| same_words(&newcomer.words, typed));
        let device = found.ok_or(Error::NoSuchWords)?.device;
        let open = self.store.rows().open_invitations()?;
        self.store.gesture(|rows| {
            for mut row in open.into_iter().filter(|row| row.asked == Some(device)) {
                decision(&mut row);
                rows.put_invitation(&row)?;
            }
            Ok::<_, Error>(device)
        })
    }

    /// Judges a request that the server handed over. Nothing in it is believed that the invitation's secret
    /// does not prove.
    pub(super) fn judge_request(&self, join: &JoinRequest, server_time: u64) -> Result<Request, Error> {
        let Some(mut row) = self.store.rows().invitation(&join.invite)? else { return Ok(Request::NotOurs) };
        let roster = self.roster()?;
        let over = row.used || row.expiry < server_time || roster.has_used(&join.invite);
        let device = join.keys.id();
        if over || roster.member(&device).is_some() {
            return Ok(Request::NotOurs);
        }
        // The role is proved with the rest; it is compared all the same, since everything hangs on it.
        let fits = join.expiry == row.expiry && join.role.is_none_or(|role| role == row.role);
        if !fits || !join.verify(&row.secret, row.binding.as_ref()) {
            return Ok(Request::Dishonest);
        }
        match row.compare {
            Compare::NotWanted => Ok(Request::Good(row)),
            Compare::Done if row.asked == Some(device) => Ok(Request::Good(row)),
            Compare::Done => Ok(Request::Dishonest),
            Compare::Wanted => {
                row.asked = Some(device);
                Ok(Request::Waits(row))
            }
        }
    }
}

#[cfg(test)]
mod tests;
