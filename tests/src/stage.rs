//! A finished scene, kept as folders, that is put up again as often as one likes: making keys and filling
//! logs is slow, copying files is not.

use std::io;
use std::path::Path;
use std::sync::Arc;

use cairn_core::Vault;
use cairn_core::clock::{Clock, SystemClock};
use cairn_core::vault::{Anchor, Machine};
use tempfile::TempDir;

use crate::fork::copy_folder;
use crate::ground::{Ground, PASSPHRASE};

/// Notices nothing: every copy of a vault takes itself for the original.
#[derive(Debug, Clone, Copy)]
pub struct Unmarked;

impl Anchor for Unmarked {
    fn read(&self, _: &Path) -> io::Result<Option<[u8; 32]>> {
        Ok(Some([0; 32]))
    }

    fn renew(&self, _: &Path) -> io::Result<[u8; 32]> {
        Ok([0; 32])
    }
}

/// The folders of a scene.
pub struct Stage {
    dir: TempDir,
}

impl Stage {
    /// A new vault that can be kept: copies of it do not begin new chains.
    pub fn new_vault(ground: &Ground, name: &str) -> Vault {
        ground.vault(name, 0).lock().expect("the vault locks");
        open(&ground.folder(name), Arc::new(SystemClock))
    }

    /// Keeps a scene as it stands: everything is closed first. Its vaults are of [`Stage::new_vault`].
    pub fn keep(mut ground: Ground, vaults: Vec<(&str, Vault)>) -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        ground.stop();
        copy_folder(&ground.data(), &dir.path().join("server"));
        for (name, vault) in vaults {
            vault.lock().expect("the vault locks");
            copy_folder(&ground.folder(name), &dir.path().join(name));
        }
        Self { dir }
    }

    /// The server's folder.
    pub fn data(&self) -> std::path::PathBuf {
        self.dir.path().join("server")
    }

    /// The server again, as it was kept.
    pub fn ground(&self) -> Ground {
        Ground::of(&self.data())
    }

    /// A vault's folder again, as it was kept, beside the others of a ground.
    pub fn place(&self, ground: &Ground, name: &str) {
        copy_folder(&self.dir.path().join(name), &ground.folder(name));
    }

    /// A vault again, as it was kept, beside the others of a ground.
    pub fn vault(&self, ground: &Ground, name: &str, clock: Arc<dyn Clock>) -> Vault {
        self.place(ground, name);
        open(&ground.folder(name), clock)
    }
}

fn open(folder: &Path, clock: Arc<dyn Clock>) -> Vault {
    let machine = Machine::default().with_clock(clock).with_anchor(Arc::new(Unmarked));
    Vault::open_on(folder, PASSPHRASE, &machine).expect("the vault opens")
}
