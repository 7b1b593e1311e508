//! Invitations that this device made, and who waits at them.

use cairn_wire::digest::Hash;
use cairn_wire::id::{DeviceId, InviteId};
use cairn_wire::roster::Role;
use rusqlite::{OptionalExtension, Row, params};

use super::{Rows, StoreError, id16, int, uint};

/// Whether somebody compares words before the newcomer is admitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compare {
    /// Showing the invitation was enough.
    NotWanted,
    /// It was not done yet.
    Wanted,
    /// The words were the same.
    Done,
}

impl Compare {
    fn code(self) -> u8 {
        match self {
            Self::NotWanted => 0,
            Self::Wanted => 1,
            Self::Done => 2,
        }
    }

    fn from_code(code: u8) -> Option<Self> {
        match code {
            0 => Some(Self::NotWanted),
            1 => Some(Self::Wanted),
            2 => Some(Self::Done),
            _ => None,
        }
    }
}

/// An invitation this device made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvitationRow {
    /// Its name.
    pub invite: InviteId,
    /// The one-time secret.
    pub secret: [u8; 16],
    /// What the newcomer may do.
    pub role: Role,
    /// When it ends, seconds since 1970.
    pub expiry: u64,
    /// Whether somebody came in with it, or it was made void.
    pub used: bool,
    /// The hash that binds a request to it; none for an invitation of version 1.
    pub binding: Option<Hash>,
    /// Whether words are compared.
    pub compare: Compare,
    /// The device whose words are to be compared, once it has asked.
    pub asked: Option<DeviceId>,
}

const COLUMNS: &str = "invite, secret, role, expiry, used, binding, compare, asked";

impl Rows<'_> {
    /// Keeps an invitation.
    pub fn put_invitation(&self, row: &InvitationRow) -> Result<(), StoreError> {
        let sql = "INSERT INTO invitation (invite, secret, role, expiry, used, binding, compare, asked) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) \
                   ON CONFLICT DO UPDATE SET used = ?5, compare = ?7, asked = ?8";
        self.connection.prepare_cached(sql)?.execute(params![
            row.invite.0,
            row.secret,
            row.role.code(),
            int(row.expiry),
            row.used,
            row.binding.as_ref().map_or(&[][..], |binding| binding),
            row.compare.code(),
            row.asked.as_ref().map_or(&[][..], |device| &device.0),
        ])?;
        Ok(())
    }

    /// An invitation this device made.
    pub fn invitation(&self, invite: &InviteId) -> Result<Option<InvitationRow>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM invitation WHERE invite = ?1");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let raw = statement.query_row([invite.0], raw).optional()?;
        raw.map(InvitationRow::try_from).transpose()
    }

    /// Every invitation that can still be used, as far as this device knows.
    pub fn open_invitations(&self) -> Result<Vec<InvitationRow>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM invitation WHERE used = 0 ORDER BY expiry, invite");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows: Vec<Raw> = statement.query_map([], raw)?.collect::<Result<_, _>>()?;
        rows.into_iter().map(InvitationRow::try_from).collect()
    }
}

type Raw = (Vec<u8>, Vec<u8>, u8, i64, bool, Vec<u8>, u8, Vec<u8>);

fn raw(row: &Row<'_>) -> rusqlite::Result<Raw> {
    Ok((
        row.get(0)?,
        row.get(1)?,
        row.get(2)?,
        row.get(3)?,
        row.get(4)?,
        row.get(5)?,
        row.get(6)?,
        row.get(7)?,
    ))
}

impl TryFrom<Raw> for InvitationRow {
    type Error = StoreError;

    fn try_from(
        (invite, secret, role, expiry, used, binding, compare, asked): Raw,
    ) -> Result<Self, StoreError> {
        let unreadable = || StoreError::Unreadable("invitation");
        let binding = match binding.as_slice() {
            [] => None,
            hash => Some(hash.try_into().map_err(|_| unreadable())?),
        };
        Ok(Self {
            invite: InviteId(id16(invite, "invitation")?),
            secret: id16(secret, "invitation")?,
            role: Role::from_code(role).ok_or_else(unreadable)?,
            expiry: uint(expiry),
            used,
            binding,
            compare: Compare::from_code(compare).ok_or_else(unreadable)?,
            asked: if asked.is_empty() { None } else { Some(DeviceId(id16(asked, "device")?)) },
        })
    }
}
