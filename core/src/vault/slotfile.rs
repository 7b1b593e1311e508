//! How a passphrase becomes the key of a vault: the file `slots`, and `device` beside it.
//!
//! An installation has two vaults. The first lies in the folder itself, the second in `second`, and before anybody
//! asks for a decoy the second is octets that nobody can open, as long as the first was when it was new.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use super::aside::Aside;
use super::keyfile;
use super::machine::Machine;
use crate::crypto::{
    Content, CryptoError, Found, Held, Purpose, Release, SLOT_FILE, SLOTS, SlotError, Slots, Travel,
    UnlockKey, VaultKey, Which, generate,
};
use crate::error::{Error, SLOT_FILE_NAME};

mod refit;

use refit::Refit;

/// What a passphrase has opened.
pub(super) struct Unlocked {
    /// Which vault.
    pub(super) vault: Which,
    /// The key of its database.
    pub(super) key: VaultKey,
}

/// Whether there is an installation; asks for no passphrase.
pub(super) fn exists(folder: &Path) -> bool {
    path(folder).exists() || keyfile::path(folder).exists()
}

/// Whether passphrases open slots here; in a vault of before they open the database itself.
pub(super) fn has_slots(folder: &Path) -> bool {
    path(folder).exists()
}

/// Where a vault lies.
pub(super) fn home(folder: &Path, vault: Which) -> PathBuf {
    match vault {
        Which::A => folder.to_owned(),
        Which::B => folder.join("second"),
    }
}

fn path(folder: &Path) -> PathBuf {
    folder.join("slots")
}

/// Makes keys and slots, and gives the key of the first vault. Everything is whole on disk before this returns.
pub(super) fn create(folder: &Path, passphrase: &str, machine: &Machine) -> Result<VaultKey, Error> {
    let key = VaultKey::generate()?;
    install(folder, passphrase, machine, key)
}

fn install(folder: &Path, passphrase: &str, machine: &Machine, key: VaultKey) -> Result<VaultKey, Error> {
    let device = machine.device_key(folder);
    for vault in [Which::A, Which::B] {
        device.renew(vault)?;
    }
    let mut slots = Slots::new(machine.cost()).map_err(bug)?;
    let stretched = slots.stretch(passphrase).map_err(bug)?;
    let unlock = UnlockKey::from_bytes(device.mac(Which::A, stretched.as_bytes())?);
    let kept = VaultKey::from_bytes(*key.as_bytes());
    let held = Held::Key(Content { purpose: Purpose::Normal, vault: Which::A, key });
    slots.put(any_slot()?, &unlock, &held).map_err(bug)?;
    put(folder, &slots)?;
    Ok(kept)
}

/// The same as [`unlock`], and leaves the slots as they are, interrupted departures too; only what the duress passphrase
/// does it does here as well.
///
/// # Errors
/// As [`unlock`].
pub(super) fn look(folder: &Path, passphrase: &str, machine: &Machine) -> Result<Unlocked, Error> {
    if !path(folder).exists() {
        return keyfile::open(folder, passphrase).map(|key| Unlocked { vault: Which::A, key });
    }
    let (slots, found) = find(folder, passphrase, machine)?;
    match found.held {
        Held::Key(content) => Ok(opened(folder, machine, slots, found.slot, content)),
        Held::Travel(_) => Err(Error::Departed),
    }
}

/// Opens whatever the passphrase opens. The duress passphrase destroys the device's key of the other vault before
/// this returns, so that nobody can open that one again, whoever knows its passphrase.
///
/// # Errors
/// [`Error::WrongPassphrase`] whatever is wrong: the passphrase, the slots' owner or the device's key;
/// [`Error::Departed`] for the right one of a vault that has departed.
pub(super) fn unlock(folder: &Path, passphrase: &str, machine: &Machine) -> Result<Unlocked, Error> {
    if !path(folder).exists() {
        return keyfile::open(folder, passphrase).map(|key| Unlocked { vault: Which::A, key });
    }
    let (slots, found) = find(folder, passphrase, machine)?;
    match found.held {
        Held::Key(content) => Ok(opened(folder, machine, slots, found.slot, content)),
        Held::Travel(travel) => {
            refit::mend(folder, passphrase, machine, slots, (found.slot, found.by), travel)?;
            Err(Error::Departed)
        }
    }
}

fn opened(folder: &Path, machine: &Machine, slots: Slots, index: usize, content: Content) -> Unlocked {
    if content.purpose == Purpose::Duress && machine.device_key(folder).renew(content.vault.other()).is_err()
    {
        // Whoever stands before this screen must see the decoy whatever happens: the next best is tried.
        _ = keep_only(folder, slots, index);
    }
    Unlocked { vault: content.vault, key: content.key }
}

/// Opens a departed vault with its release; from then on its passphrase opens it, under another key of the device.
///
/// # Errors
/// As [`unlock`]; [`Error::WrongReturnCode`] for another release; [`Error::NotDeparted`] where the passphrase opens
/// something already: whatever it does to what it opens has been done then.
pub(super) fn come_back(
    folder: &Path,
    passphrase: &str,
    machine: &Machine,
    release: &Release,
) -> Result<Unlocked, Error> {
    if !path(folder).exists() {
        return keyfile::open(folder, passphrase).and(Err(Error::NotDeparted));
    }
    let (mut slots, found) = find(folder, passphrase, machine)?;
    let travel = match found.held {
        Held::Key(content) => {
            opened(folder, machine, slots, found.slot, content);
            return Err(Error::NotDeparted);
        }
        Held::Travel(travel) => travel,
    };
    let Travel { vault, departure, key } = &travel;
    let key = release.open_vault(departure, *vault, key).map_err(|_| Error::WrongReturnCode)?;
    let (vault, kept) = (*vault, VaultKey::from_bytes(*key.as_bytes()));
    let last = Held::Key(Content { purpose: Purpose::Normal, vault, key });
    let mut refit = Refit { folder, passphrase, machine, slots: &mut slots, index: found.slot, vault };
    refit.run(&Held::Travel(travel), &last)?;
    Ok(Unlocked { vault, key: kept })
}

/// Moves an installation with a key file of version 1 over to slots, once its passphrase has opened it.
pub(super) fn move_over(
    folder: &Path,
    passphrase: &str,
    machine: &Machine,
    key: VaultKey,
) -> Result<(), Error> {
    if !path(folder).exists() {
        install(folder, passphrase, machine, key)?;
    }
    // Also when it was cut off between the two.
    keyfile::remove(folder)
}

/// Where the slots and both vaults lie, which vault is open, and the passphrase that is said to have opened it.
pub(super) struct Own<'a> {
    pub(super) folder: &'a Path,
    pub(super) machine: &'a Machine,
    pub(super) vault: Which,
    pub(super) passphrase: &'a str,
}

impl Own<'_> {
    /// The slots, the own one and what it holds.
    fn find(&self) -> Result<(Slots, usize, Content), Error> {
        let (slots, found) = find(self.folder, self.passphrase, self.machine)?;
        match found.held {
            Held::Key(content) if content.vault == self.vault => Ok((slots, found.slot, content)),
            // It has departed since it was opened.
            Held::Travel(travel) if travel.vault == self.vault => Err(Error::Departed),
            // Whoever is in one vault decides nothing in the name of the other.
            _ => Err(Error::WrongPassphrase),
        }
    }

    /// Whether it is the own one.
    ///
    /// # Errors
    /// [`Error::WrongPassphrase`].
    pub(super) fn check(&self) -> Result<(), Error> {
        self.find().map(drop)
    }

    /// Leaves the vault's key here only as the release has sealed it, and makes what could open it before void.
    ///
    /// # Errors
    /// What the disk or the device's key says. Whatever it says, the vault opens by the passphrase, or by the
    /// passphrase and the release.
    pub(super) fn depart(&self, release: &Release, departure: [u8; 16]) -> Result<(), Error> {
        let (mut slots, index, content) = self.find()?;
        let (vault, machine) = (self.vault, self.machine);
        let key = release.seal_vault(&departure, vault, &content.key).map_err(bug)?;
        let travel = Held::Travel(Travel { vault, departure, key });
        let (folder, passphrase) = (self.folder, self.passphrase);
        Refit { folder, passphrase, machine, slots: &mut slots, index, vault }.run(&travel, &travel)
    }

    /// Puts another passphrase in the place of this one; what it opens stays as it is.
    ///
    /// # Errors
    /// [`Error::WrongPassphrase`] for the own one; [`Error::PassphraseTaken`] when the new one opens something here.
    pub(super) fn change(&self, new: &str) -> Result<(), Error> {
        let (mut slots, index, content) = self.find()?;
        let key = self.vacant(&slots, new, self.vault)?;
        slots.put(index, &key, &Held::Key(content)).map_err(bug)?;
        put(self.folder, &slots)
    }

    /// Whether a duress passphrase may be added.
    pub(super) fn may_add(&self, duress: &str) -> Result<(), Error> {
        let (slots, _, _) = self.find()?;
        self.vacant(&slots, duress, self.vault.other()).map(drop)
    }

    /// Forgets every other passphrase: the duress one cannot be told from slots that nobody uses.
    pub(super) fn drop_others(&self) -> Result<(), Error> {
        let (slots, own, _) = self.find()?;
        keep_only(self.folder, slots, own)
    }

    /// Adds the duress passphrase, for the other vault with this key. There must be none ([`Own::drop_others`]).
    pub(super) fn add_duress(&self, duress: &str, key: VaultKey) -> Result<(), Error> {
        let (mut slots, own, content) = self.find()?;
        if content.purpose == Purpose::Duress {
            // The other vault is gone already, and what stands in its place now must outlive the next opening.
            let mut keys = keys(&slots, self.folder, self.passphrase, self.machine)?;
            let key = keys.swap_remove(usize::from(self.vault == Which::B));
            let normal = Held::Key(Content { purpose: Purpose::Normal, ..content });
            slots.put(own, &key, &normal).map_err(bug)?;
        }
        let vault = self.vault.other();
        let unlock = self.vacant(&slots, duress, vault)?;
        let mut index = any_slot()?;
        while index == own {
            index = any_slot()?;
        }
        let duress = Held::Key(Content { purpose: Purpose::Duress, vault, key });
        slots.put(index, &unlock, &duress).map_err(bug)?;
        put(self.folder, &slots)
    }

    /// The key, for one of the vaults, of a passphrase that opens nothing yet.
    fn vacant(&self, slots: &Slots, passphrase: &str, vault: Which) -> Result<UnlockKey, Error> {
        let mut keys = keys(slots, self.folder, passphrase, self.machine)?;
        if slots.open(&keys).is_some() {
            return Err(Error::PassphraseTaken);
        }
        Ok(keys.swap_remove(usize::from(vault == Which::B)))
    }
}

fn keep_only(folder: &Path, mut slots: Slots, own: usize) -> Result<(), Error> {
    for index in (0..SLOTS).filter(|index| *index != own) {
        slots.clear(index).map_err(bug)?;
    }
    put(folder, &slots)
}

fn find(folder: &Path, passphrase: &str, machine: &Machine) -> Result<(Slots, Found), Error> {
    let slots = read(folder)?;
    let keys = keys(&slots, folder, passphrase, machine)?;
    let found = slots.open(&keys).ok_or(Error::WrongPassphrase)?;
    Ok((slots, found))
}

/// What a passphrase makes with the keys of the first and of the second vault.
fn keys(slots: &Slots, folder: &Path, passphrase: &str, machine: &Machine) -> Result<Vec<UnlockKey>, Error> {
    let stretched = slots.stretch(passphrase).map_err(bug)?;
    let device = machine.device_key(folder);
    let made = [Which::A, Which::B].map(|vault| device.mac(vault, stretched.as_bytes()));
    made.into_iter().map(|made| Ok(UnlockKey::from_bytes(made?))).collect()
}

/// Writes random octets over what passphrases open, in place: the slots, and what was there before slots.
pub(super) fn forget(folder: &Path) -> Result<(), Error> {
    let random = generate::<SLOT_FILE>()?;
    let over = |path: &Path| -> std::io::Result<()> {
        let mut file = OpenOptions::new().write(true).open(path)?;
        file.write_all(&random)?;
        file.sync_all()
    };
    let written = [path(folder), keyfile::path(folder)].map(|path| match over(&path) {
        Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
            Err(Error::Disk { what: "the vault's slot file", source })
        }
        _ => Ok(()),
    });
    written.into_iter().fold(Ok(()), Result::and)
}

fn any_slot() -> Result<usize, Error> {
    let [octet] = generate::<1>()?;
    Ok(usize::from(octet) % SLOTS)
}

fn read(folder: &Path) -> Result<Slots, Error> {
    let disk = |source| Error::Disk { what: "the vault's slot file", source };
    let damaged = || Error::Damaged { what: SLOT_FILE_NAME.to_owned() };
    if fs::metadata(path(folder)).map_err(disk)?.len() != SLOT_FILE as u64 {
        return Err(damaged());
    }
    Slots::from_bytes(&fs::read(path(folder)).map_err(disk)?).map_err(|error| match error {
        SlotError::TooNew => Error::TooNew { what: "this vault" },
        SlotError::Damaged => damaged(),
    })
}

/// Writes the file aside and puts it in the old one's place: it is whole at every moment.
fn put(folder: &Path, slots: &Slots) -> Result<(), Error> {
    let bytes = slots.to_bytes().map_err(bug)?;
    let written = (|| {
        let aside = Aside::own(&path(folder))?;
        let mut file = aside.file();
        file.write_all(&bytes)?;
        file.sync_all()?;
        #[cfg(test)]
        tests::cut()?;
        // The name must be on disk too before anything is encrypted under what it holds.
        aside.replace()?;
        #[cfg(test)]
        tests::cut()?;
        Ok(())
    })();
    written.map_err(|source| Error::Disk { what: "the vault's slot file", source })
}

/// What only this program can have got wrong.
fn bug(error: CryptoError) -> Error {
    match error {
        CryptoError::NoRandom => error.into(),
        other => Error::Bug(format!("slots: {other}")),
    }
}

#[cfg(test)]
mod tests;
