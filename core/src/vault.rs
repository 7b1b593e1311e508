//! The front door: open, save, sync, read, lock.
//!
//! A [`Vault`] is one device's encrypted folder. Its methods are grouped by what a person does:
//! beginning and joining a workspace, publishing forms, keeping records, syncing, looking after the
//! vault. Each is a few lines over the rooms below.

mod admitting;
mod alarms;
mod aside;
mod attaching;
mod attachment_road;
mod attachment_sync;
mod attachments;
mod backup;
mod boxes;
mod burying;
mod carrying;
mod certificate;
mod circles;
mod decoy;
mod departing;
mod departures;
mod device_key;
mod doctor;
mod drafts;
mod erased;
mod erasing;
mod filling;
mod forms;
mod handouts;
mod heal;
mod import;
mod incarnation;
mod keyfile;
mod lapses;
mod late;
mod letters;
mod machine;
mod membership;
mod merge;
mod moving;
mod newcomers;
mod outgoing;
mod packing;
mod parts;
mod passphrases;
mod policy;
mod reading;
mod records;
mod recovering;
#[cfg(feature = "rehearsal")]
mod rehearsal;
mod reorder;
mod rescue;
mod restoring;
mod return_code;
mod revoking;
mod roster_log;
mod roster_posts;
mod sealing;
mod server_keys;
mod sharing;
mod shelves;
mod slotfile;
mod strength;
mod submitting;
mod sync;
mod tables;
mod take;
mod tasks;
mod tries;
mod undo;
mod unpacking;
mod vouching;
mod words;
mod working;
mod writing;

pub use alarms::AlarmView;
pub use aside::Aside;
pub use attaching::NewFile;
pub use attachments::{FileView, Presence};
pub use backup::BackedUp;
pub use carrying::Brought;
pub use certificate::Claim;
pub use circles::{CircleTerms, CircleView};
pub use departing::Departed;
pub use departures::{DepartureView, Readmission, Readmitted};
pub use device_key::{DeviceKey, DeviceKeyError, FileDeviceKey};
pub use doctor::{Checkup, Counts};
pub use drafts::{Draft, DraftRow};
pub use erased::{Carried, ErasureView};
pub use erasing::Erasing;
pub use filling::{Opened, Reader};
pub use forms::KnownForm;
pub use handouts::HandoutTaken;
pub use heal::Healed;
pub use import::Imported;
pub use incarnation::{Anchor, FileAnchor};
pub use lapses::Lapses;
pub use letters::LetterView;
pub use machine::Machine;
pub use membership::{DeviceLine, InviteTerms};
pub use moving::Move;
pub use newcomers::Newcomer;
pub use packing::{PackMade, PackView};
pub use reading::Query;
pub use recovering::{Drill, Share};
pub use rescue::{LooseAnswers, Rescue, Rescued};
pub use restoring::{Missing, Restored};
pub use return_code::ReturnCode;
pub use revoking::Revoked;
pub use roster_log::RosterChange;
pub use sealing::FinishedRow;
pub use sharing::Shared;
pub use strength::{PASSPHRASE_MIN, PASSPHRASE_MIN_IN_HARDWARE};
pub use sync::{Progress, SyncReport};
pub use tasks::{TaskCount, TaskQuery};
pub use vouching::Agreement;
pub use words::{offer_passphrase, word_languages};

use std::fs::{self, File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cairn_wire::digest::VerifyingKey;
use cairn_wire::id::{CircleId, DeviceId, WorkspaceId};
use cairn_wire::roster::{Role, Roster};
use zeroize::Zeroizing;

use crate::clock::Clock;
use crate::crypto::{DeviceSecret, VaultKey, Which, scrub_stack};
use crate::error::Error;
use crate::store::{CircleRow, Rows, Store, StoreError};

use slotfile::Unlocked;
use tries::Tries;

/// Names under which facts rest in the store.
mod fact {
    pub(super) const DEVICE: &str = "device";
    pub(super) const NAME: &str = "name";
    pub(super) const WORKSPACE: &str = "workspace";
    pub(super) const SERVER: &str = "server";
    pub(super) const SERVER_KEY: &str = "server key";
    pub(super) const SERVER_BY_HAND: &str = "server key by hand";
    pub(super) const PROXY: &str = "proxy";
    pub(super) const FOUNDING: &str = "founding";
    pub(super) const JOINING: &str = "joining";
    /// Whether the server has the request to join.
    pub(super) const ASKED: &str = "asked to join";
    pub(super) const LETTERS: &str = "letters";
    pub(super) const PACKS: &str = "packs";
    pub(super) const CLOCK_OFFSET: &str = "clock offset";
    pub(super) const MARK: &str = "mark";
    pub(super) const HANDED_IN: &str = "handed in";
    pub(super) const HANDOUT: &str = "handout";
    pub(super) const LAPSES: &str = "lapses";
    /// When a sync last ended well.
    pub(super) const SYNCED: &str = "synced";
    /// The server's data folder that has taken this device's attachments.
    pub(super) const ATTACHMENTS_AT: &str = "attachments at";
    /// When the server was last asked of all files whether it has them.
    pub(super) const ATTACHMENTS_ASKED: &str = "attachments asked";
    /// What lies in the file that may be carried to the office.
    pub(super) const OUTBOX_FILE: &str = "outbox file";
    /// The departure of this device that it has not come back from.
    pub(super) const DEPARTED: &str = "departed";
}

/// One device's encrypted folder, open.
pub struct Vault {
    /// Where the installation lies, with its slots and both vaults.
    root: PathBuf,
    /// Which of the two this is, and where it lies.
    which: Which,
    folder: PathBuf,
    machine: Machine,
    store: Store,
    clock: Arc<dyn Clock>,
    /// Not in place, since whatever is moved leaves a copy where it was.
    device: Box<DeviceSecret>,
    roster: Option<Roster>,
    forms: Vec<Arc<KnownForm>>,
    /// How well the last segments compressed, so that the next guess of how much fits is good.
    packing: outgoing::Packing,
    /// Tells whether this is still the vault that was closed here, or a copy of it.
    anchor: Arc<dyn Anchor>,
    /// Whether the mark has been renewed since this opening.
    marked: bool,
    /// Chains begun anew since the last sync said so.
    new_chains: u64,
    /// Whether pages of a record that was sealed may still lie in the write-ahead log.
    unswept: bool,
    /// None while the other vault of the installation holds it.
    _lock: Option<File>,
}

/// Where the server is and how to know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerAddress {
    /// `https://host:port`.
    pub url: String,
    /// The key that requests name, and the only one that answers them ([`Vault::pins`] are all it is known by).
    pub key: VerifyingKey,
    /// A SOCKS proxy, if everything is to go through one.
    pub proxy: Option<String>,
}

impl Vault {
    /// Whether there is a vault in `folder`; asks for no passphrase.
    pub fn exists(folder: &Path) -> bool {
        slotfile::exists(folder)
    }

    /// Makes a new vault in `folder`, which may exist but must hold no vault, with the least work before a
    /// passphrase that is accepted. Programs for people take [`Vault::create_on`] and a second of it.
    ///
    /// # Errors
    /// [`Error::VaultExists`], [`Error::WeakPassphrase`], or what the disk says.
    pub fn create(folder: &Path, passphrase: &str) -> Result<Self, Error> {
        Self::create_on(folder, passphrase, &Machine::default())
    }

    /// Like [`Vault::create`], with another clock.
    ///
    /// # Errors
    /// As [`Vault::create`].
    pub fn create_with(folder: &Path, passphrase: &str, clock: Arc<dyn Clock>) -> Result<Self, Error> {
        Self::create_on(folder, passphrase, &Machine::default().with_clock(clock))
    }

    /// Like [`Vault::create`], on another machine than most.
    ///
    /// # Errors
    /// As [`Vault::create`].
    pub fn create_on(folder: &Path, passphrase: &str, machine: &Machine) -> Result<Self, Error> {
        let (key, lock) = Self::lay_ground(folder, passphrase, machine)?;
        let vault = Self::begin(folder, Which::A, &key, machine, Some(lock))?;
        decoy::pretend(folder, machine)?;
        Ok(vault)
    }

    /// Makes the folder with its slots; the lock on it, and the key of the vault that may be made there.
    fn lay_ground(folder: &Path, passphrase: &str, machine: &Machine) -> Result<(VaultKey, File), Error> {
        machine.check_passphrase(folder, passphrase)?;
        fs::create_dir_all(folder).map_err(|source| Error::Disk { what: "the vault's folder", source })?;
        let lock = lock(folder)?;
        if slotfile::exists(folder) {
            return Err(Error::VaultExists);
        }
        Ok((slotfile::create(folder, passphrase, machine)?, lock))
    }

    /// Opens the vault in `folder`.
    ///
    /// # Errors
    /// [`Error::NoVault`], [`Error::WrongPassphrase`], [`Error::InUse`], [`Error::TooNew`],
    /// [`Error::Damaged`].
    pub fn open(folder: &Path, passphrase: &str) -> Result<Self, Error> {
        Self::open_on(folder, passphrase, &Machine::default())
    }

    /// Like [`Vault::open`], with another clock.
    ///
    /// # Errors
    /// As [`Vault::open`].
    pub fn open_with(folder: &Path, passphrase: &str, clock: Arc<dyn Clock>) -> Result<Self, Error> {
        Self::open_on(folder, passphrase, &Machine::default().with_clock(clock))
    }

    /// Like [`Vault::open`], on another machine than most.
    ///
    /// # Errors
    /// As [`Vault::open`].
    pub fn open_on(folder: &Path, passphrase: &str, machine: &Machine) -> Result<Self, Error> {
        if !slotfile::exists(folder) {
            return Err(Error::NoVault);
        }
        let lock = lock(folder)?;
        // Without slots only the database tells a wrong passphrase.
        let sure = slotfile::has_slots(folder);
        let Unlocked { vault, key } =
            Self::trying(folder, machine, || slotfile::unlock(folder, passphrase, machine))?;
        let begun = Self::begin(folder, vault, &key, machine, Some(lock));
        let vault = if sure { begun.map_err(damaged_if_wrong)? } else { begun? };
        // A full disk keeps nobody from opening: what could not be moved over or made is, at the next opening.
        _ = slotfile::move_over(folder, passphrase, machine, key)
            .and_then(|()| decoy::pretend(folder, machine));
        Ok(vault)
    }

    /// Unlocks, unless too many wrong passphrases or codes were tried just before.
    fn trying(
        folder: &Path,
        machine: &Machine,
        unlock: impl FnOnce() -> Result<Unlocked, Error>,
    ) -> Result<Unlocked, Error> {
        let (tries, now) = (Tries::read(folder), machine.clock.now());
        match tries.wait(now) {
            0 => {}
            seconds => return Err(Error::TooManyTries { seconds }),
        }
        let tries = tries.begin(folder, now);
        let unlocked = unlock();
        match &unlocked {
            // Whoever guesses learns nothing of it.
            Err(Error::WrongPassphrase | Error::WrongReturnCode) if tries.are_enough() => {
                _ = passphrases::wipe(folder, machine);
            }
            Err(Error::WrongPassphrase | Error::WrongReturnCode) => {}
            // It was right, or what went wrong is not about the passphrase.
            Ok(_) | Err(_) => tries.end(folder),
        }
        unlocked
    }

    /// Opens one of the two vaults, and gives the device keys if it has none.
    fn begin(
        root: &Path,
        which: Which,
        key: &VaultKey,
        machine: &Machine,
        lock: Option<File>,
    ) -> Result<Self, Error> {
        let folder = slotfile::home(root, which);
        let mut store = Store::open(&database(&folder), key)?;
        let device = own_keys(&mut store)?;
        let mut vault = Self {
            root: root.to_owned(),
            which,
            folder,
            machine: machine.clone(),
            store,
            clock: Arc::clone(&machine.clock),
            device,
            roster: None,
            forms: Vec::new(),
            packing: outgoing::Packing::default(),
            anchor: Arc::clone(&machine.anchor),
            marked: false,
            new_chains: 0,
            unswept: false,
            _lock: lock,
        };
        vault.roster = vault.fold_roster()?;
        vault.reload_forms()?;
        vault.notice_copy()?;
        // On a full disk it is told at another opening.
        _ = vault.notice_return();
        vault.sweep_after_seal()?;
        Ok(vault)
    }

    fn fold_roster(&self) -> Result<Option<Roster>, Error> {
        let rows = self.store.rows();
        let entries = rows.roster()?;
        let Some(workspace) = rows.fact(fact::WORKSPACE)? else { return Ok(None) };
        let workspace = WorkspaceId::from_slice(&workspace).ok_or(StoreError::Unreadable("workspace"))?;
        if entries.is_empty() {
            return Ok(None);
        }
        let roster = Roster::fold(workspace, entries.iter().map(Vec::as_slice));
        Ok(Some(roster.map_err(|_| Error::Damaged { what: "the roster".to_owned() })?))
    }

    /// Closes the vault: what waits to be sent is sealed and laid beside it ([`Vault::outbox_file`]), everything
    /// goes into the database file, keys are dropped and wiped.
    ///
    /// # Errors
    /// What the disk says; the data is safe in the write-ahead log all the same.
    pub fn lock(mut self) -> Result<(), Error> {
        // On a full disk, say: nothing is lost by that, it only cannot be carried, and the next time it is tried again.
        _ = self.lay_outbox();
        let closed = self.store.shrink().and_then(|()| self.store.checkpoint());
        drop(self);
        scrub_stack();
        Ok(closed?)
    }

    /// Drops and wipes the keys and does nothing else: nothing is sealed, laid beside or moved into the database file.
    /// What was saved is in the write-ahead log, as after a power cut; what waits is laid out at the next
    /// [`Vault::lock`].
    pub fn drop_keys(self) {
        let Self { store, device, .. } = self;
        store.let_go();
        drop(device);
        scrub_stack();
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// This device's name in the protocol.
    pub fn device(&self) -> DeviceId {
        self.device.id()
    }

    /// What this device may do, once it belongs.
    pub fn role(&self) -> Option<Role> {
        let member = self.roster.as_ref()?.member(&self.device.id())?;
        member.belongs().then_some(member.role)
    }

    /// The workspace's name in the protocol, once there is one.
    pub fn workspace(&self) -> Option<WorkspaceId> {
        self.roster.as_ref().map(Roster::workspace)
    }

    /// Where the server is, once that is known.
    ///
    /// # Errors
    /// What the disk says.
    pub fn server(&self) -> Result<Option<ServerAddress>, Error> {
        let rows = self.store.rows();
        let (Some(url), Some(key)) = (text(&rows, fact::SERVER)?, self.named_key()?) else {
            return Ok(None);
        };
        Ok(Some(ServerAddress { url, key, proxy: text(&rows, fact::PROXY)? }))
    }

    /// Sends everything through a SOCKS proxy from now on, or through none.
    ///
    /// # Errors
    /// What the disk says.
    pub fn use_proxy(&mut self, proxy: Option<&str>) -> Result<(), Error> {
        self.store.gesture(|rows| match proxy {
            Some(proxy) => rows.put_fact(fact::PROXY, proxy.as_bytes()),
            None => rows.forget_fact(fact::PROXY),
        })?;
        Ok(())
    }

    /// Looks for the server at another address from now on; it must hold a key that is known.
    ///
    /// # Errors
    /// [`Error::NoWorkspace`] while no server is known.
    pub fn use_address(&mut self, url: &str) -> Result<(), Error> {
        self.server()?.ok_or(Error::NoWorkspace)?;
        self.store.gesture(|rows| rows.put_fact(fact::SERVER, url.as_bytes()))?;
        Ok(())
    }

    fn roster(&self) -> Result<&Roster, Error> {
        self.roster.as_ref().ok_or(Error::NoWorkspace)
    }

    fn need_coordinator(&self) -> Result<(), Error> {
        self.roster()?;
        match self.role() {
            Some(Role::Coordinator) => Ok(()),
            _ => Err(Error::NotAllowed { need: "coordinator" }),
        }
    }

    /// A device that only reads keeps nothing that could never leave it.
    fn need_writer(&self) -> Result<(), Error> {
        match self.role() {
            Some(Role::Courier) => Err(Error::CarriesOnly),
            Some(role) if !role.writes() => Err(Error::NotAllowed { need: "device that may write" }),
            _ => Ok(()),
        }
    }

    /// The circle in which records are kept.
    fn circle(&self) -> Result<CircleRow, Error> {
        let circles = self.store.rows().circles()?;
        circles.into_iter().next().ok_or(if self.roster.is_some() {
            Error::Waiting
        } else {
            Error::NoWorkspace
        })
    }

    /// Now, corrected by what the server last said of this device's clock.
    fn time(&self) -> Result<u64, Error> {
        let now = self.clock.now();
        Ok(now.saturating_add_signed(clock_offset(&self.store.rows())?))
    }

    /// By how many seconds this device's clock was behind the server's when the server last refused it; negative where
    /// it was ahead, 0 where it never was.
    ///
    /// # Errors
    /// What the disk says.
    pub fn clock_offset(&self) -> Result<i64, Error> {
        Ok(clock_offset(&self.store.rows())?)
    }

    /// How many pages of 4 KiB the database may have: rehearses a full disk.
    ///
    /// # Errors
    /// What the disk says.
    pub fn limit_pages(&self, pages: u32) -> Result<(), Error> {
        Ok(self.store.limit_pages(pages)?)
    }
}

/// The keys that rest in the vault; new ones, if it was cut off before it had any: nothing was lost then.
fn own_keys(store: &mut Store) -> Result<Box<DeviceSecret>, Error> {
    let Some(seed) = store.rows().fact(fact::DEVICE)? else {
        let device = Box::new(DeviceSecret::generate()?);
        store.gesture(|rows| rows.put_fact(fact::DEVICE, &device.seed()[..]))?;
        return Ok(device);
    };
    let seed = Zeroizing::new(seed);
    let seed: [u8; 64] = seed[..].try_into().map_err(|_| StoreError::Unreadable("device key"))?;
    Ok(Box::new(DeviceSecret::from_seed(Zeroizing::new(seed))?))
}

/// A slot was sealed for this very key: where the database refuses it, its first page cannot be read.
fn damaged_if_wrong(error: Error) -> Error {
    match error {
        Error::WrongPassphrase => Error::Damaged { what: "the vault's database".to_owned() },
        other => other,
    }
}

fn database(folder: &Path) -> PathBuf {
    folder.join("vault.db")
}

/// One program at a time: two would both write as the same chain.
fn lock(folder: &Path) -> Result<File, Error> {
    let disk = |source| Error::Disk { what: "the vault's lock", source };
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(folder.join("lock"))
        .map_err(disk)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::InUse),
        Err(TryLockError::Error(source)) => Err(disk(source)),
    }
}

fn text(rows: &Rows<'_>, name: &str) -> Result<Option<String>, StoreError> {
    let fact = rows.fact(name)?;
    fact.map(|bytes| String::from_utf8(bytes).map_err(|_| StoreError::Unreadable("fact"))).transpose()
}

fn clock_offset(rows: &Rows<'_>) -> Result<i64, StoreError> {
    let fact = rows.fact(fact::CLOCK_OFFSET)?;
    Ok(fact.and_then(|bytes| bytes.try_into().ok()).map_or(0, i64::from_be_bytes))
}

/// A row for a circle this device has just entered, with a chain of its own.
fn new_circle(circle: CircleId) -> Result<CircleRow, Error> {
    Ok(CircleRow {
        circle,
        cursor: 0,
        root: [0; 32],
        generation: Vec::new(),
        chain: cairn_wire::id::ChainId(crate::crypto::generate()?),
        next_document: 1,
        sealed: 0,
        sealed_link: Vec::new(),
        acknowledged: 0,
        in_doubt: false,
        base: 0,
        base_root: [0; 32],
    })
}
