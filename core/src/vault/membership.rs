//! Beginning a workspace, inviting, joining, and who belongs.

use cairn_wire::digest::half;
use cairn_wire::id::{CircleId, DeviceId, InviteId};
use cairn_wire::invitation::Invitation;
use cairn_wire::roster::Role;

use super::{ServerAddress, Vault, fact, new_circle};
use crate::crypto::generate;
use crate::error::Error;
use crate::roster::{found, words};
use crate::store::{Compare, InvitationRow, OutboxKind, OutboxRow, Rows, StoreError};

/// What an invitation allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InviteTerms {
    /// What the newcomer may do.
    pub role: Role,
    /// For how many hours it can be used.
    pub hours: u64,
}

/// One device that belongs or has belonged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceLine {
    /// Its name in the protocol.
    pub id: DeviceId,
    /// What its person calls it, once that has arrived.
    pub name: Option<String>,
    /// The words by which people make sure that they mean this device.
    pub words: String,
    /// What it may do.
    pub role: Role,
    /// The roster entry that added it.
    pub since: u64,
    /// Whether it is this one.
    pub is_this: bool,
    /// Whether it belongs now, or did once.
    pub belongs: bool,
}

impl Vault {
    /// Begins a workspace whose first coordinator is this device. It exists here at once, and on the
    /// server after the next sync.
    ///
    /// # Errors
    /// [`Error::HasWorkspace`].
    pub fn found(&mut self, server: &ServerAddress, name: &str) -> Result<(), Error> {
        self.need_none()?;
        let founding = found(&self.device, server.key, self.clock.now())?;
        let circle = new_circle(founding.circle)?;
        let device = self.device.id();
        self.store.gesture(|rows| {
            rows.put_fact(fact::WORKSPACE, &founding.workspace.0)?;
            rows.put_fact(fact::FOUNDING, &founding.post.encode())?;
            put_server(&rows, server)?;
            for (seq, entry) in (1..).zip(&founding.post.entries) {
                rows.put_roster(seq, entry)?;
            }
            rows.put_epoch(&founding.circle, 1, &founding.secret)?;
            rows.put_circle(&circle)?;
            rows.put_fact(fact::NAME, name.as_bytes())?;
            introduce(&rows, &circle.circle, &device, name)
        })?;
        self.roster = Some(founding.roster);
        Ok(())
    }

    /// Notes an invitation; the next sync asks to be admitted. Until it is, another invitation takes
    /// the place of this one: the first may have expired.
    ///
    /// # Errors
    /// [`Error::HasWorkspace`], [`Error::BadInvitation`].
    pub fn accept(&mut self, invitation: &str, name: &str) -> Result<(), Error> {
        if self.roster.is_some() {
            return Err(Error::HasWorkspace);
        }
        let text = invitation;
        let invitation = Invitation::from_text(text).map_err(|error| match error.what {
            "invitation version" => Error::TooNew { what: "this invitation" },
            _ => Error::BadInvitation,
        })?;
        let server = ServerAddress { url: invitation.url.clone(), key: invitation.server_key, proxy: None };
        self.store.gesture(|rows| {
            rows.put_fact(fact::WORKSPACE, &invitation.workspace.0)?;
            rows.put_fact(fact::JOINING, invitation.to_text().as_bytes())?;
            rows.forget_fact(fact::ASKED)?;
            rows.put_fact(fact::NAME, name.as_bytes())?;
            put_server(&rows, &server)
        })?;
        Ok(())
    }

    /// What colleagues see beside what this device writes, once that was said.
    ///
    /// # Errors
    /// What the disk says.
    pub fn own_name(&self) -> Result<Option<String>, Error> {
        Ok(super::text(&self.store.rows(), fact::NAME)?)
    }

    fn need_none(&self) -> Result<(), Error> {
        let workspace = self.store.rows().fact(fact::WORKSPACE)?;
        if workspace.is_some() { Err(Error::HasWorkspace) } else { Ok(()) }
    }

    /// Makes an invitation for one device. It works without a network; the newcomer is admitted when
    /// this device syncs after the newcomer has asked.
    ///
    /// # Errors
    /// [`Error::NotAllowed`] unless this device is a coordinator's.
    pub fn invite(&mut self, terms: &InviteTerms) -> Result<Invitation, Error> {
        let open = self.open_circles()?;
        self.invite_into(terms, &open, false)
    }

    /// Like [`Vault::invite`]; the newcomer is admitted only after its words have been compared
    /// ([`Vault::confirm`]), so that nobody else who saw the invitation gets in with it.
    ///
    /// # Errors
    /// As [`Vault::invite`].
    pub fn invite_to_compare(&mut self, terms: &InviteTerms) -> Result<Invitation, Error> {
        let open = self.open_circles()?;
        self.invite_into(terms, &open, true)
    }

    /// Like [`Vault::invite`], into these circles instead of the workspace's first. Circles that were made to
    /// keep something apart are entered by name only. With `to_compare` as [`Vault::invite_to_compare`].
    ///
    /// # Errors
    /// As [`Vault::invite`]; also if this device is not in one of them, or none is named.
    pub fn invite_into(
        &mut self,
        terms: &InviteTerms,
        circles: &[CircleId],
        to_compare: bool,
    ) -> Result<Invitation, Error> {
        let compare = if to_compare { Compare::Wanted } else { Compare::NotWanted };
        self.need_coordinator()?;
        let shelves = self.shelves()?;
        if circles.is_empty() {
            return Err(Error::BadCircle { problem: "say which circles the newcomer is to be let into" });
        }
        if circles.iter().any(|circle| !shelves.is_held(circle)) {
            return Err(Error::NotAllowed { need: "coordinator who is in that circle" });
        }
        let server = self.server()?.ok_or(Error::NoWorkspace)?;
        let roster = self.roster()?;
        let invitation = Invitation {
            workspace: roster.workspace(),
            server_key: server.key,
            roster_seq: roster.seq(),
            roster_head: half(&roster.head()),
            invite: InviteId(generate()?),
            secret: generate()?,
            expiry: self.time()?.saturating_add(terms.hours.saturating_mul(3600)),
            url: server.url,
            role: Some(terms.role),
        };
        let row = InvitationRow {
            invite: invitation.invite,
            secret: invitation.secret,
            role: terms.role,
            expiry: invitation.expiry,
            used: false,
            binding: invitation.binding(),
            compare,
            asked: None,
        };
        self.store.gesture(|rows| {
            circles.iter().try_for_each(|circle| rows.put_invited(&row.invite, circle))?;
            rows.put_invitation(&row)
        })?;
        Ok(invitation)
    }

    /// Every device that belongs or has belonged, in the order they came.
    ///
    /// # Errors
    /// [`Error::NoWorkspace`], [`Error::Waiting`] while this device has not been admitted.
    pub fn devices(&self) -> Result<Vec<DeviceLine>, Error> {
        let Some(roster) = &self.roster else {
            let joining = self.store.rows().fact(fact::JOINING)?.is_some();
            return Err(if joining { Error::Waiting } else { Error::NoWorkspace });
        };
        let mut lines = Vec::new();
        for (id, member) in roster.members() {
            lines.push(DeviceLine {
                id: *id,
                name: self.store.rows().name(id)?,
                words: words(roster.workspace(), id),
                role: member.role,
                since: member.since,
                is_this: *id == self.device.id(),
                belongs: member.belongs(),
            });
        }
        lines.sort_by_key(|line| line.since);
        Ok(lines)
    }
}

pub(super) fn put_server(rows: &Rows<'_>, server: &ServerAddress) -> Result<(), StoreError> {
    rows.put_fact(fact::SERVER, server.url.as_bytes())?;
    rows.put_fact(fact::SERVER_KEY, &server.key.0)?;
    server.proxy.as_ref().map_or(Ok(()), |proxy| rows.put_fact(fact::PROXY, proxy.as_bytes()))
}

/// Queues what this device is called, for everybody in the circle and nobody else.
pub(super) fn introduce(
    rows: &Rows<'_>,
    circle: &cairn_wire::id::CircleId,
    device: &DeviceId,
    name: &str,
) -> Result<(), StoreError> {
    rows.put_name(device, name)?;
    let row = OutboxRow {
        number: 0,
        kind: OutboxKind::Name,
        document: None,
        form: 0,
        bytes: name.as_bytes().to_vec(),
        extra: Vec::new(),
    };
    rows.put_outbox(circle, &row)
}
