//! Every change of the roster, for whoever wants to see who did what.

use cairn_wire::id::DeviceId;
use cairn_wire::roster::{Body, Entry};

use super::Vault;
use crate::error::Error;
use crate::store::StoreError;

/// One accepted entry of the roster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RosterChange {
    /// Its number.
    pub seq: u64,
    /// Its author's clock, seconds since 1970: shown, never trusted.
    pub time: u64,
    /// Who made it.
    pub author: DeviceId,
    /// What that device is called, once that has arrived.
    pub name: Option<String>,
    /// What it does.
    pub body: Body,
}

impl Vault {
    /// Every change of the roster, oldest first. All devices of a workspace show the same.
    ///
    /// # Errors
    /// [`Error::NoWorkspace`], and what the disk says.
    pub fn roster_log(&self) -> Result<Vec<RosterChange>, Error> {
        self.roster()?;
        let rows = self.store.rows();
        let mut changes = Vec::new();
        for bytes in rows.roster()? {
            let entry = Entry::decode(&bytes).map_err(|_| StoreError::Unreadable("roster entry"))?;
            let Entry { seq, time, author, body, .. } = entry;
            changes.push(RosterChange { seq, time, author, name: rows.name(&author)?, body });
        }
        Ok(changes)
    }

    /// What a device is called, once that has arrived.
    ///
    /// # Errors
    /// What the disk says.
    pub fn name_of(&self, device: &DeviceId) -> Result<Option<String>, Error> {
        Ok(self.store.rows().name(device)?)
    }
}
