//! An open vault: opening, counting, and every way of closing it.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicI32};
use std::sync::{Arc, Mutex};

use cairn_core::keeper::Keeper;
use cairn_core::vault::{Counts, ReturnCode};
use cairn_core::{Error, Vault};

use crate::hardware::{PhoneKey, machine};
use crate::road::Road;
use crate::trouble::CairnError;

/// What is in a vault, counted.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct VaultCounts {
    /// Records.
    pub records: u64,
    /// Fields on which several answers stand.
    pub conflicts: u64,
    /// Forms and versions.
    pub forms: u64,
    /// Changes and sealed segments that have not reached the server, as far as this device knows.
    pub outbox: u64,
}

impl From<&Counts> for VaultCounts {
    fn from(counts: &Counts) -> Self {
        Self {
            records: counts.records,
            conflicts: counts.conflicts,
            forms: counts.forms,
            outbox: counts.outbox + counts.unacknowledged,
        }
    }
}

/// An open vault. Calls from several threads wait for each other; none may come from inside a watcher or a road. It
/// locks itself when nobody touches it, when the app is out of sight, and at the button for that.
#[derive(uniffi::Object)]
pub struct OpenVault {
    pub(crate) keeper: Arc<Keeper>,
    /// Minutes that the phone's clock is ahead of UTC.
    pub(crate) offset: AtomicI32,
    /// Whether the sync that goes on is to end.
    pub(crate) cancelled: AtomicBool,
    /// The app's own way to the server, if it has one.
    pub(crate) road: Mutex<Option<Arc<dyn Road>>>,
}

impl OpenVault {
    pub(crate) fn keep(vault: Vault) -> Result<Self, CairnError> {
        Ok(Self {
            keeper: Arc::new(Keeper::new(vault)?),
            offset: AtomicI32::new(0),
            cancelled: AtomicBool::new(false),
            road: Mutex::new(None),
        })
    }

    /// Does something with the vault for a person who is there.
    pub(crate) fn with<T>(&self, act: impl FnOnce(&mut Vault) -> Result<T, Error>) -> Result<T, CairnError> {
        Ok(self.keeper.with(act)?)
    }
}

#[uniffi::export]
impl OpenVault {
    /// Opens the vault in `folder`. Takes about a second, because guessing a passphrase must be slow.
    ///
    /// # Errors
    /// `no_vault`, `wrong_passphrase`, `too_many_tries`, `departed`, `in_use`, `too_new`, `damaged`, `disk`.
    #[uniffi::constructor]
    pub fn open(folder: &str, passphrase: &str) -> Result<Self, CairnError> {
        Self::open_with_key(folder, passphrase, None)
    }

    /// The same, with the keys in the phone's hardware.
    ///
    /// # Errors
    /// As [`OpenVault::open`]; `device_key_refused`.
    #[uniffi::constructor]
    pub fn open_with_key(
        folder: &str,
        passphrase: &str,
        key: Option<Arc<dyn PhoneKey>>,
    ) -> Result<Self, CairnError> {
        Self::keep(Vault::open_on(Path::new(folder), passphrase, &machine(key))?)
    }

    /// Opens a vault that has departed, with the code that a coordinator gave: its sixteen words, or the text of the
    /// scanned one. From then on the passphrase opens it as before.
    ///
    /// # Errors
    /// As [`OpenVault::open_with_key`]; `bad_return_code`, `wrong_return_code`, `not_departed`.
    #[uniffi::constructor]
    pub fn come_back(
        folder: &str,
        passphrase: &str,
        code: &str,
        key: Option<Arc<dyn PhoneKey>>,
    ) -> Result<Self, CairnError> {
        let code = ReturnCode::read(code)?;
        Self::keep(Vault::come_back(Path::new(folder), passphrase, &code, &machine(key))?)
    }

    /// What is in the vault, counted.
    ///
    /// # Errors
    /// `locked`, or what the disk says.
    pub fn counts(&self) -> Result<VaultCounts, CairnError> {
        Ok((&self.with(|vault| vault.counts())?).into())
    }

    /// Somebody has touched the screen: for every touch that leads to no other call.
    pub fn touch(&self) {
        self.keeper.touch();
    }

    /// The app is out of sight, or the screen is off.
    pub fn to_background(&self) {
        self.keeper.to_background();
    }

    /// The app is in front again.
    ///
    /// # Errors
    /// `locked` when it was away too long: ask for the passphrase.
    pub fn to_front(&self) -> Result<(), CairnError> {
        Ok(self.keeper.to_front()?)
    }

    /// Whether it is open.
    pub fn is_open(&self) -> bool {
        self.keeper.is_open()
    }

    /// Closes the vault: everything into the database file, keys dropped. Closing twice does nothing. A sync that goes
    /// on is ended first.
    ///
    /// # Errors
    /// What the disk says; it is closed all the same, and the data is safe.
    pub fn lock(&self) -> Result<(), CairnError> {
        Ok(self.keeper.lock()?)
    }

    /// Closes the vault at once. `false` if something still goes on in it, a sync say: end the process then. Nothing
    /// that was saved is lost by that.
    pub fn panic(&self) -> bool {
        self.keeper.panic()
    }
}

#[cfg(test)]
mod tests;
