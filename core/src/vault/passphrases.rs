//! Changing what opens a vault, and making it open for nobody.

use std::fs;
use std::path::Path;

use super::{Machine, Vault, lock, slotfile, strength};
use crate::crypto::Which;
use crate::error::Error;

impl Vault {
    /// Puts another passphrase in the place of `old`. The database stays as it is.
    ///
    /// # Errors
    /// [`Error::WrongPassphrase`] for the old one; [`Error::WeakPassphrase`], [`Error::PassphraseTaken`] for the new
    /// one.
    pub fn change_passphrase(&self, old: &str, new: &str) -> Result<(), Error> {
        strength::check(new)?;
        slotfile::change(&self.root, old, new, &self.machine)
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
        let device = machine.device_key(folder);
        for vault in [Which::A, Which::B] {
            device.renew(vault)?;
        }
        slotfile::forget(folder)?;
        let disk = |source| Error::Disk { what: "the vault's folder", source };
        for entry in fs::read_dir(folder).map_err(disk)? {
            let path = entry.map_err(disk)?.path();
            let ours = ["slots", "slots.new", "keys", "keys.new", "device", "mark", "mark.new", "second"];
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            // Nothing that somebody else put here.
            if !ours.contains(&name) && !name.starts_with("vault.db") {
                continue;
            }
            if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) }.map_err(disk)?;
        }
        Ok(device.erases_for_certain())
    }
}
