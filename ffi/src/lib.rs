//! The core in the words of Kotlin, Swift and Python (uniffi); it translates and decides nothing.
//!
//! So far it opens a vault and counts what is in it; the calls a phone needs grow from here. Calls are
//! coarse: crossing the language border costs more than most of what stands behind it.
#![allow(unsafe_code, reason = "uniffi's generated scaffolding crosses the language border")]
#![allow(clippy::panic, reason = "uniffi's generated scaffolding checks its own contract")]

use std::path::Path;
use std::sync::{Mutex, MutexGuard};

use cairn_core::Vault;

uniffi::setup_scaffolding!("cairn");

/// What is given back to the system is wiped first: keys and answers do not stay in memory after locking.
#[global_allocator]
static ALLOCATOR: zeroizing_alloc::ZeroAlloc<std::alloc::System> =
    zeroizing_alloc::ZeroAlloc(std::alloc::System);

/// The version of the core, `major.minor.patch`.
#[uniffi::export]
#[must_use]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}

/// What went wrong, in words for programs and for people. Never holds what a record says.
#[derive(Debug, thiserror::Error, uniffi::Error)]
pub enum CairnError {
    /// A call failed.
    #[error("{text}")]
    Failed {
        /// Stable name of the error.
        code: String,
        /// Who must act: person, coordinator, operator, wait, update, alarm, storage, makers.
        who: String,
        /// What happened. Not called `message`, which Kotlin's exceptions have already.
        text: String,
        /// What to do about it.
        hint: String,
    },
}

impl From<cairn_core::Error> for CairnError {
    fn from(error: cairn_core::Error) -> Self {
        Self::Failed {
            code: error.code().to_owned(),
            who: error.who().name().to_owned(),
            text: error.to_string(),
            hint: error.hint().to_owned(),
        }
    }
}

/// What is in a vault, counted.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct VaultCounts {
    /// Records.
    pub records: u64,
    /// Fields on which several answers stand.
    pub conflicts: u64,
    /// Forms and versions.
    pub forms: u64,
    /// Changes saved and not yet sealed.
    pub outbox: u64,
}

/// An open vault. Calls from several threads wait for each other.
#[derive(uniffi::Object)]
pub struct OpenVault {
    vault: Mutex<Option<Vault>>,
}

#[uniffi::export]
impl OpenVault {
    /// Opens the vault in `folder`. Takes about a second, because guessing a passphrase must be slow.
    ///
    /// # Errors
    /// `no_vault`, `wrong_passphrase`, `in_use`, `too_new`, `damaged`, `disk`.
    #[uniffi::constructor]
    pub fn open(folder: &str, passphrase: &str) -> Result<Self, CairnError> {
        let vault = Vault::open(Path::new(folder), passphrase)?;
        Ok(Self { vault: Mutex::new(Some(vault)) })
    }

    /// What is in the vault, counted.
    ///
    /// # Errors
    /// `no_vault` after [`OpenVault::lock`], or what the disk says.
    pub fn counts(&self) -> Result<VaultCounts, CairnError> {
        let held = self.held();
        let counts = held.as_ref().ok_or(cairn_core::Error::NoVault)?.counts()?;
        Ok(VaultCounts {
            records: counts.records,
            conflicts: counts.conflicts,
            forms: counts.forms,
            outbox: counts.outbox,
        })
    }

    /// Closes the vault: everything into the database file, keys dropped. Closing twice does nothing.
    ///
    /// # Errors
    /// What the disk says; the data is safe all the same.
    pub fn lock(&self) -> Result<(), CairnError> {
        match self.held().take() {
            Some(vault) => Ok(vault.lock()?),
            None => Ok(()),
        }
    }
}

impl OpenVault {
    /// A call that panicked left the vault as its last transaction did, which is whole.
    fn held(&self) -> MutexGuard<'_, Option<Vault>> {
        self.vault.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vault_opens_counts_and_locks() {
        let dir = tempfile::tempdir().unwrap();
        Vault::create(dir.path(), "correct horse battery").unwrap().lock().unwrap();
        let folder = dir.path().display().to_string();
        let wrong = OpenVault::open(&folder, "another passphrase").err().unwrap();
        let CairnError::Failed { code, who, .. } = wrong;
        assert_eq!((code.as_str(), who.as_str()), ("wrong_passphrase", "person"));
        let vault = OpenVault::open(&folder, "correct horse battery").unwrap();
        assert_eq!(vault.counts().unwrap(), VaultCounts { records: 0, conflicts: 0, forms: 0, outbox: 0 });
        vault.lock().unwrap();
        vault.lock().unwrap();
        let CairnError::Failed { code, .. } = vault.counts().unwrap_err();
        assert_eq!(code, "no_vault");
    }

    #[test]
    fn the_version_is_the_packages() {
        assert_eq!(version(), env!("CARGO_PKG_VERSION"));
    }
}
