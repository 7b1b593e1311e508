//! A server and a workspace to test on.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use cairn_core::clock::{Clock, ShiftedClock};
use cairn_core::transport::Https;
use cairn_core::vault::{InviteTerms, ServerAddress, SyncReport};
use cairn_core::wire::codec::unhex;
use cairn_core::wire::digest::VerifyingKey;
use cairn_core::wire::roster::Role;
use cairn_core::{Error, Vault};
use cairn_server::{Config, Running, Server};
use tempfile::TempDir;

use crate::fork::copy_folder;
use crate::sample;

/// The passphrase of every vault on the ground.
pub const PASSPHRASE: &str = "correct horse battery staple";

/// A folder with a server that really listens and vaults beside it.
pub struct Ground {
    dir: TempDir,
    server: Option<Running>,
    tune: Box<dyn Fn(&mut Config)>,
}

impl Ground {
    /// A fresh server.
    pub fn new() -> Self {
        Self::with(|_| ())
    }

    /// A fresh server whose clock is so many seconds off.
    pub fn with_clock(clock_offset: i64) -> Self {
        Self::with(move |config| config.clock_offset = clock_offset)
    }

    /// A fresh server with other settings.
    pub fn with(tune: impl Fn(&mut Config) + 'static) -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let mut ground = Self { dir, server: None, tune: Box::new(tune) };
        ground.start();
        ground
    }

    /// A server on a copy of another one's folder.
    pub fn of(data: &Path) -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        copy_folder(data, &dir.path().join("server"));
        let mut ground = Self { dir, server: None, tune: Box::new(|_| ()) };
        ground.start();
        ground
    }

    /// Stops the server and starts it with other settings.
    pub fn restart_with(&mut self, tune: impl Fn(&mut Config) + 'static) {
        self.stop();
        self.tune = Box::new(tune);
        self.start();
    }

    /// The server's data folder.
    pub fn data(&self) -> PathBuf {
        self.dir.path().join("server")
    }

    /// The folder with everything in it.
    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Starts the server (again) on its data folder.
    pub fn start(&mut self) {
        let mut config = Config::in_folder(self.data());
        config.network.rate = 100_000.0;
        config.network.burst = 100_000.0;
        (self.tune)(&mut config);
        self.server = Some(Server::new(config).start().expect("the server starts"));
    }

    /// Stops the server in good order.
    pub fn stop(&mut self) {
        if let Some(server) = self.server.take() {
            server.stop().expect("the server stops");
        }
    }

    /// Takes the server's log away and starts it again with the same key.
    pub fn wipe(&mut self) {
        self.stop();
        for entry in std::fs::read_dir(self.data()).expect("the server's folder").flatten() {
            if entry.file_name().to_string_lossy().starts_with("log.db") {
                std::fs::remove_file(entry.path()).expect("a file that can be removed");
            }
        }
        self.start();
    }

    /// Where the server is now.
    pub fn address(&self) -> ServerAddress {
        let server = self.server.as_ref().expect("the server runs");
        ServerAddress {
            url: format!("https://{}", server.address()),
            key: VerifyingKey(unhex(server.pin()).expect("a pin")),
            proxy: None,
        }
    }

    /// A connection of its own to the server.
    pub fn transport(&self) -> Https {
        let address = self.address();
        Https::new(&address.url, address.key, None).expect("an address")
    }

    /// A connection that accepts exactly what the vault knows the server by.
    pub fn road(&self, vault: &Vault) -> Https {
        Https::new(&self.address().url, vault.pins().expect("pins"), None).expect("an address")
    }

    /// Stops the server, does something to its data folder, and starts it again.
    pub fn meanwhile<T>(&mut self, what: impl FnOnce(&Path) -> T) -> T {
        self.stop();
        let done = what(&self.data());
        self.start();
        done
    }

    /// A coordinator's vault with a workspace, known to the server.
    pub fn office(&self, name: &str) -> Vault {
        let mut vault = self.vault(name, 0);
        vault.found(&self.address(), name).expect("a workspace");
        vault.sync(&self.transport(), |_| {}).expect("a first sync");
        vault
    }

    /// An empty vault whose clock is so many seconds off.
    pub fn vault(&self, name: &str, clock_offset: i64) -> Vault {
        let clock: Arc<dyn Clock> = Arc::new(ShiftedClock(clock_offset));
        Vault::create_with(&self.folder(name), PASSPHRASE, clock).expect("a vault")
    }

    /// Where a vault of that name is.
    pub fn folder(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Opens a vault of the ground again.
    pub fn reopen(&self, name: &str) -> Vault {
        Vault::open(&self.folder(name), PASSPHRASE).expect("the vault opens")
    }

    /// A device that joins the office's workspace and has synced.
    pub fn member(&self, office: &mut Vault, name: &str, role: Role) -> Vault {
        let mut vault = self.vault(name, 0);
        self.join(office, &mut vault, name, role);
        vault
    }

    /// A coordinator's vault `office` with the sample form, and the vault `field` of a field worker who has it too.
    pub fn office_and_field(&self) -> (Vault, Vault) {
        let mut office = self.office("office");
        office.publish_form(&sample::form()).expect("a form");
        self.sync(&mut office);
        let field = self.member(&mut office, "field", Role::Field);
        (office, field)
    }

    /// Lets an empty vault join the office's workspace.
    pub fn join(&self, office: &mut Vault, vault: &mut Vault, name: &str, role: Role) {
        let invitation = office.invite(&InviteTerms { role, hours: 24 }).expect("an invitation");
        vault.accept(&invitation.to_text(), name).expect("an accepted invitation");
        let waiting = vault.sync(&self.transport(), |_| {});
        assert!(matches!(waiting, Err(Error::Waiting)), "{waiting:?}");
        let report = self.sync(office);
        assert_eq!(report.admitted, 1);
        self.sync(vault);
    }

    /// Syncs over a good road.
    pub fn sync(&self, vault: &mut Vault) -> SyncReport {
        vault.sync(&self.transport(), |_| {}).expect("a sync over a good road")
    }
}

impl Default for Ground {
    fn default() -> Self {
        Self::new()
    }
}
