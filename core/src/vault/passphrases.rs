//! Changing what opens a vault, and making it open for nobody.

use std::fs;
use std::path::Path;

use super::decoy::FRESH;
use super::slotfile::Own;
use super::tries::Tries;
use super::{Machine, Vault, lock, slotfile};
use crate::crypto::Which;
use crate::error::Error;

/// Fewer wrong passphrases never wipe anything.
const FEWEST: u32 = 5;

impl Vault {
    /// Puts another passphrase in the place of `old`. The database stays as it is.
    ///
    /// # Errors
    /// [`Error::WrongPassphrase`] for the old one; [`Error::WeakPassphrase`], [`Error::PassphraseTaken`] for the new
    /// one.
    pub fn change_passphrase(&self, old: &str, new: &str) -> Result<(), Error> {
        self.machine.check_passphrase(&self.root, new)?;
        self.own(old).change(new)
    }

    pub(super) fn own<'a>(&'a self, passphrase: &'a str) -> Own<'a> {
        Own { folder: &self.root, machine: &self.machine, vault: self.which, passphrase }
    }

    /// Whether a key of this device that is destroyed is gone for certain.
    pub fn erases_for_certain(&self) -> bool {
        self.machine.device_key(&self.root).erases_for_certain()
    }

    /// Makes both vaults in `folder` unreadable for ever: destroys the device's keys, then the slots, then removes
    /// every file. Says whether the keys are gone for certain.
    ///
    /// # Errors
    /// [`Error::NoVault`], [`Error::InUse`], or what the disk says; the keys go first, so that whatever follows, what
    /// is left cannot be opened.
    pub fn wipe(folder: &Path, machine: &Machine) -> Result<bool, Error> {
        if !slotfile::exists(folder) {
            return Err(Error::NoVault);
        }
        let _lock = lock(folder)?;
        wipe(folder, machine)
    }

    /// After how many wrong passphrases in a row everything here is wiped; none for never.
    pub fn wipe_after(&self) -> Option<u32> {
        Tries::read(&self.root).limit()
    }

    /// Sets after how many wrong passphrases in a row everything here is wiped.
    ///
    /// # Errors
    /// [`Error::TooFewTries`] for so few that a child could do it; what the disk says.
    pub fn set_wipe_after(&self, after: Option<u32>) -> Result<(), Error> {
        if after.is_some_and(|after| after < FEWEST) {
            return Err(Error::TooFewTries(FEWEST));
        }
        Tries::read(&self.root).with_limit(after).write(&self.root)
    }
}

/// Makes everything unreadable, the keys first. What fails stops nothing of the rest, and is told in the end.
pub(super) fn wipe(folder: &Path, machine: &Machine) -> Result<bool, Error> {
    let device = machine.device_key(folder);
    let keys = [Which::A, Which::B].map(|vault| device.renew(vault).map_err(Error::from));
    let steps = keys.into_iter().chain([slotfile::forget(folder), remove(folder)]);
    // Not `collect`, which would leave out what follows a failure.
    steps.fold(Ok(()), Result::and)?;
    Ok(device.erases_for_certain())
}

/// Removes every file that is ours.
fn remove(folder: &Path) -> Result<(), Error> {
    let disk = |source| Error::Disk { what: "the vault's folder", source };
    for entry in fs::read_dir(folder).map_err(disk)? {
        let path = entry.map_err(disk)?.path();
        let ours = [
            "slots",
            "slots.new",
            "keys",
            "keys.new",
            "device",
            "tries",
            "paper",
            FRESH,
            "mark",
            "mark.new",
            "outbox",
            "outbox.new",
            "second",
        ];
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        // Nothing that somebody else put here.
        if !ours.contains(&name) && !name.starts_with("vault.db") {
            continue;
        }
        if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) }.map_err(disk)?;
    }
    Ok(())
}
