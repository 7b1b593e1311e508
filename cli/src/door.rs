//! The way to the vault.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use cairn_core::clock::{Clock, ShiftedClock, SystemClock};
use cairn_core::transport::Https;
use cairn_core::vault::Machine;
use cairn_core::{Error, Vault};
use zeroize::Zeroizing;

use crate::passphrase;
use crate::trouble::Trouble;

/// How long unlocking takes on the machine that made the vault, about.
const UNLOCK: Duration = Duration::from_secs(1);

/// Where the vault is, and how the person wants to be spoken to.
#[derive(Debug)]
pub(crate) struct Door {
    /// The vault's folder.
    pub(crate) folder: PathBuf,
    /// Where the passphrase stands, if in a file.
    pub(crate) passphrase_file: Option<PathBuf>,
    /// Seconds to add to this machine's clock.
    pub(crate) clock_offset: i64,
    /// The language of labels.
    pub(crate) language: String,
    /// Whether a machine reads the answers.
    pub(crate) json: bool,
}

impl Door {
    /// Whether there is a vault.
    pub(crate) fn exists(&self) -> bool {
        Vault::exists(&self.folder)
    }

    /// Opens the vault.
    pub(crate) fn open(&self) -> Result<Vault, Trouble> {
        Ok(self.open_knowing()?.0)
    }

    /// Opens the vault, and gives the passphrase that did.
    pub(crate) fn open_knowing(&self) -> Result<(Vault, Zeroizing<String>), Trouble> {
        if !self.exists() {
            return Err(Error::NoVault.into());
        }
        let passphrase = passphrase::known(self.passphrase_file.as_deref(), self.json)?;
        let vault = Vault::open_on(&self.folder, &passphrase, &self.machine())?;
        Ok((vault, passphrase))
    }

    /// Makes the folder, for its owner only.
    pub(crate) fn make_folder(&self) -> Result<(), Trouble> {
        let mut maker = fs::DirBuilder::new();
        maker.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut maker, 0o700);
        let made = maker.create(&self.folder);
        Ok(made.map_err(|source| Error::Disk { what: "the vault's folder", source })?)
    }

    /// What the vault needs of this machine.
    pub(crate) fn machine(&self) -> Machine {
        let machine = Machine::default().with_clock(self.clock());
        // Tests open thousands of vaults.
        if std::env::var_os("CAIRN_TEST_LEAST_WORK").is_some() {
            machine
        } else {
            machine.with_unlock(UNLOCK)
        }
    }

    /// Makes a new vault in a folder that only its owner may look into.
    pub(crate) fn create(&self) -> Result<Vault, Trouble> {
        if self.exists() {
            return Err(Error::VaultExists.into());
        }
        let passphrase = passphrase::new(self.passphrase_file.as_deref(), self.json, &self.language)?;
        let machine = self.machine();
        machine.check_passphrase(&self.folder, &passphrase)?;
        self.make_folder()?;
        Ok(Vault::create_on(&self.folder, &passphrase, &machine)?)
    }

    /// The time by this machine's clock, seconds since 1970.
    pub(crate) fn clock(&self) -> Arc<dyn Clock> {
        match self.clock_offset {
            0 => Arc::new(SystemClock),
            offset => Arc::new(ShiftedClock(offset)),
        }
    }
}

/// The way to the vault's server.
pub(crate) fn road(vault: &Vault) -> Result<Https, Trouble> {
    let server = vault.server()?.ok_or(Error::NoWorkspace)?;
    Ok(Https::new(&server.url, vault.pins()?, server.proxy.as_deref()).map_err(Error::from)?)
}
