//! The other vault, which every installation has: octets that nobody can open, or the decoy that the duress
//! passphrase opens. Whoever is in the decoy sees the same, so that asking for a decoy there does not give it away.

use std::path::Path;
use std::{fs, io};

use super::slotfile::home;
use super::{Machine, ServerAddress, Vault, database, fact};
use crate::crypto::{DeviceSecret, VaultKey, Which};
use crate::error::Error;
use crate::form::{Answers, Form};
use crate::store::Store;
use cairn_wire::digest::VerifyingKey;

/// Where a decoy is made before it takes its place.
pub(super) const FRESH: &str = "fresh";

/// Leaves a vault whose key nobody keeps: made as any vault is made, so that it looks like one that is used.
/// Does nothing where there is one.
pub(super) fn pretend(folder: &Path, machine: &Machine) -> Result<(), Error> {
    // The mark is made last: where it is missing, making was cut off.
    if home(folder, Which::B).join("mark").exists() {
        return Ok(());
    }
    make(&home(folder, Which::B), &VaultKey::generate()?, &DeviceSecret::generate()?, machine)
}

/// A vault without a workspace, in place of whatever vault was there.
pub(super) fn make(
    home: &Path,
    key: &VaultKey,
    device: &DeviceSecret,
    machine: &Machine,
) -> Result<(), Error> {
    let disk = |source| Error::Disk { what: "the vault's folder", source };
    clear(home).map_err(disk)?;
    let mut store = Store::open(&database(home), key)?;
    store.gesture(|rows| rows.put_fact(fact::DEVICE, &device.seed()[..]))?;
    store.checkpoint()?;
    machine.anchor.renew(home).map_err(disk)?;
    Ok(())
}

/// A place for a vault, without the one that was there.
fn clear(home: &Path) -> io::Result<()> {
    fs::create_dir_all(home)?;
    for file in ["vault.db", "vault.db-wal", "vault.db-shm", "vault.db-salt", "mark", "outbox"] {
        match fs::remove_file(home.join(file)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

impl Vault {
    /// Makes the decoy anew, with a form and records for somebody to see, and the passphrase that opens it and
    /// destroys the key of this vault. Whatever decoy there was is gone.
    ///
    /// The decoy belongs to no server: it says that it is offline. Its form and records are in clear words what a
    /// person under threat shows, so they should be what that person could have on the phone.
    ///
    /// # Errors
    /// [`Error::WrongPassphrase`] for this vault's own; [`Error::WeakPassphrase`], [`Error::PassphraseTaken`] for the
    /// duress one; [`Error::Invalid`] for records that the form does not allow. Nothing has changed then.
    pub fn set_duress(
        &self,
        passphrase: &str,
        duress: &str,
        form: &Form,
        records: Vec<Answers>,
    ) -> Result<(), Error> {
        self.machine.check_passphrase(&self.root, duress)?;
        let own = self.own(passphrase);
        own.may_add(duress)?;
        let disk = |source| Error::Disk { what: "the vault's folder", source };
        let (other, key, fresh) =
            (home(&self.root, self.which.other()), VaultKey::generate()?, self.root.join(FRESH));
        let filled = self.fill_decoy(&fresh, &key, form, records);
        let placed = filled.and_then(|()| {
            // First, so that being cut off leaves no passphrase that destroys one vault and opens no other.
            own.drop_others()?;
            clear(&other).map_err(disk)?;
            fs::rename(database(&fresh), database(&other)).map_err(disk)?;
            // Where there was no room for it, it is made at the next opening.
            _ = fs::rename(fresh.join("vault.db-salt"), other.join("vault.db-salt"));
            self.machine.anchor.renew(&other).map_err(disk)?;
            own.add_duress(duress, key)
        });
        // Nothing of it stays aside; what went wrong before is told first.
        let removed = fs::remove_dir_all(&fresh).map_err(disk);
        placed.and(removed)
    }

    /// Makes a decoy beside the one that there is, so that what does not fit leaves that one as it is.
    fn fill_decoy(
        &self,
        fresh: &Path,
        key: &VaultKey,
        form: &Form,
        records: Vec<Answers>,
    ) -> Result<(), Error> {
        make(fresh, key, &DeviceSecret::generate()?, &self.machine)?;
        let mut decoy = Self::begin(fresh, Which::A, key, &self.machine, None)?;
        let nowhere =
            ServerAddress { url: "https://localhost:1".to_owned(), key: VerifyingKey([0; 32]), proxy: None };
        decoy.found(&nowhere, "phone")?;
        decoy.publish_form(form)?;
        for answers in records {
            decoy.new_record(&form.id, answers)?;
        }
        decoy.lock()
    }

    /// Forgets the duress passphrase, if there is one, and makes the decoy something that nobody can open.
    ///
    /// # Errors
    /// [`Error::WrongPassphrase`] for this vault's own; what the disk says.
    pub fn drop_duress(&self, passphrase: &str) -> Result<(), Error> {
        self.own(passphrase).drop_others()?;
        let other = home(&self.root, self.which.other());
        make(&other, &VaultKey::generate()?, &DeviceSecret::generate()?, &self.machine)
    }
}
