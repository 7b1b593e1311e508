//! The core in the words of Kotlin, Swift and Python (uniffi); it translates and decides nothing.
//!
//! So far it opens a vault and counts what is in it; the calls a phone needs grow from here. Calls are
//! coarse: crossing the language border costs more than most of what stands behind it.
#![allow(unsafe_code, reason = "uniffi's generated scaffolding crosses the language border")]
#![allow(clippy::panic, reason = "uniffi's generated scaffolding checks its own contract")]

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use cairn_core::Vault;
use cairn_core::crypto::Which;
use cairn_core::keeper::Keeper;
use cairn_core::vault::{DeviceKey, DeviceKeyError, Lapses, Machine};

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

/// The phone's secure hardware: two keys that never leave it, one for each vault of an installation (0 and 1), both
/// always there. On Android: HMAC keys in StrongBox or the TEE, made without a backup.
#[uniffi::export(foreign)]
pub trait PhoneKey: Send + Sync {
    /// HMAC-SHA-256 of 32 octets under the key of that vault.
    ///
    /// # Errors
    /// When the hardware refuses, or has lost the key.
    fn mac(&self, vault: u8, message: Vec<u8>) -> Result<Vec<u8>, PhoneKeyError>;
    /// Destroys the key of that vault and makes another in its place.
    ///
    /// # Errors
    /// When it could not; the old one may still be there.
    fn renew(&self, vault: u8) -> Result<(), PhoneKeyError>;
    /// Whether a key that was renewed is gone for certain.
    fn erases_for_certain(&self) -> bool;
}

/// The hardware does not do it; whatever the phone's own code throws counts as this.
#[derive(Debug, thiserror::Error, uniffi::Error)]
pub enum PhoneKeyError {
    /// Locked, lost, or broken.
    #[error("the phone's hardware refuses")]
    Refused,
}

impl From<uniffi::UnexpectedUniFFICallbackError> for PhoneKeyError {
    fn from(_: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Refused
    }
}

/// A phone's hardware, as the core knows it.
struct Hardware(Arc<dyn PhoneKey>);

fn number(which: Which) -> u8 {
    match which {
        Which::A => 0,
        Which::B => 1,
    }
}

impl DeviceKey for Hardware {
    fn mac(&self, which: Which, message: &[u8; 32]) -> Result<[u8; 32], DeviceKeyError> {
        let made = self.0.mac(number(which), message.to_vec()).map_err(|_| DeviceKeyError::Refused)?;
        made.try_into().map_err(|_| DeviceKeyError::Refused)
    }

    fn renew(&self, which: Which) -> Result<(), DeviceKeyError> {
        self.0.renew(number(which)).map_err(|_| DeviceKeyError::Refused)
    }

    fn erases_for_certain(&self) -> bool {
        self.0.erases_for_certain()
    }
}

/// The machine with the phone's hardware, if it has any, and a second of work before a passphrase.
fn machine(key: Option<Arc<dyn PhoneKey>>) -> Machine {
    let machine = Machine::default().with_unlock(Duration::from_secs(1));
    match key {
        Some(key) => machine.with_device_key(Arc::new(Hardware(key))),
        None => machine,
    }
}

/// Makes an empty vault in `folder`, its keys in the phone's hardware if there is any.
///
/// # Errors
/// `vault_exists`, `weak_passphrase` (without hardware it takes a longer one), `device_key_refused`, `disk`.
#[uniffi::export]
pub fn create_vault(
    folder: &str,
    passphrase: &str,
    key: Option<Arc<dyn PhoneKey>>,
) -> Result<(), CairnError> {
    Ok(Vault::create_on(Path::new(folder), passphrase, &machine(key))?.lock()?)
}

/// Makes everything in `folder` unreadable for ever; `false` if that is not certain on this phone.
///
/// # Errors
/// `no_vault`, `in_use`, or what the disk says; the keys go first.
#[uniffi::export]
pub fn wipe_vault(folder: &str, key: Option<Arc<dyn PhoneKey>>) -> Result<bool, CairnError> {
    Ok(Vault::wipe(Path::new(folder), &machine(key))?)
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
    /// Changes and sealed segments that have not reached the server, as far as this device knows.
    pub outbox: u64,
}

/// An open vault. Calls from several threads wait for each other. It locks itself when nobody touches it, when the
/// app is out of sight, and at the button for that.
#[derive(uniffi::Object)]
pub struct OpenVault {
    keeper: Keeper,
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
        let vault = Vault::open_on(Path::new(folder), passphrase, &machine(key))?;
        Ok(Self { keeper: Keeper::new(vault)? })
    }

    /// What is in the vault, counted.
    ///
    /// # Errors
    /// `locked`, or what the disk says.
    pub fn counts(&self) -> Result<VaultCounts, CairnError> {
        let counts = self.keeper.with(|vault| vault.counts())?;
        Ok(VaultCounts {
            records: counts.records,
            conflicts: counts.conflicts,
            forms: counts.forms,
            outbox: counts.outbox + counts.unacknowledged,
        })
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

    /// After how many seconds it locks itself.
    ///
    /// # Errors
    /// `locked`, or what the disk says.
    pub fn lapses(&self) -> Result<LockLapses, CairnError> {
        let lapses = self.keeper.with(|vault| vault.lapses())?;
        let [idle, background] = [lapses.idle, lapses.background].map(|lapse| lapse.as_secs());
        Ok(LockLapses { idle, background })
    }

    /// Sets after how many seconds it locks itself, now and at every later opening.
    ///
    /// # Errors
    /// `locked`, `idle_too_long` for more than an hour, or what the disk says.
    pub fn set_lapses(&self, lapses: LockLapses) -> Result<(), CairnError> {
        let [idle, background] = [lapses.idle, lapses.background].map(Duration::from_secs);
        Ok(self.keeper.set_lapses(Lapses { idle, background })?)
    }

    /// Closes the vault: everything into the database file, keys dropped. Closing twice does nothing.
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

/// After how many seconds a vault locks itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Record)]
pub struct LockLapses {
    /// While nobody touches it.
    pub idle: u64,
    /// While the app is out of sight; 0 for at once.
    pub background: u64,
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

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
        assert_eq!(code, "locked");
    }

    #[test]
    fn out_of_sight_a_vault_locks_itself() {
        let dir = tempfile::tempdir().unwrap();
        Vault::create(dir.path(), "correct horse battery").unwrap().lock().unwrap();
        let folder = dir.path().display().to_string();
        let vault = OpenVault::open(&folder, "correct horse battery").unwrap();
        vault.set_lapses(LockLapses { background: 0, ..vault.lapses().unwrap() }).unwrap();
        vault.touch();
        vault.to_front().unwrap();
        vault.to_background();
        let CairnError::Failed { code, .. } = vault.to_front().unwrap_err();
        assert_eq!((code.as_str(), vault.is_open()), ("locked", false));
        let vault = OpenVault::open(&folder, "correct horse battery").unwrap();
        assert_eq!(vault.lapses().unwrap().background, 0);
        assert!(vault.panic());
        OpenVault::open(&folder, "correct horse battery").unwrap();
    }

    /// Hardware that can be broken.
    #[derive(Default)]
    struct Chip {
        keys: Mutex<[Option<[u8; 32]>; 2]>,
    }

    impl PhoneKey for Chip {
        fn mac(&self, vault: u8, message: Vec<u8>) -> Result<Vec<u8>, PhoneKeyError> {
            let key = self.keys.lock().unwrap()[usize::from(vault)].ok_or(PhoneKeyError::Refused)?;
            Ok(cairn_core::crypto::mac(&key, &message).to_vec())
        }

        fn renew(&self, vault: u8) -> Result<(), PhoneKeyError> {
            self.keys.lock().unwrap()[usize::from(vault)] = Some(cairn_core::crypto::generate().unwrap());
            Ok(())
        }

        fn erases_for_certain(&self) -> bool {
            true
        }
    }

    #[test]
    fn a_vault_opens_with_the_phones_hardware_alone_and_is_wiped_for_certain() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().display().to_string();
        let chip: Arc<dyn PhoneKey> = Arc::new(Chip::default());
        let of = |error: CairnError| {
            let CairnError::Failed { code, .. } = error;
            code
        };
        let weak = create_vault(&folder, "ten chars!", None).unwrap_err();
        assert_eq!(of(weak), "weak_passphrase", "without hardware it takes a longer one");
        create_vault(&folder, "ten chars!", Some(Arc::clone(&chip))).unwrap();
        let open = |key| OpenVault::open_with_key(&folder, "ten chars!", key).map(drop).map_err(of);
        assert!(open(Some(Arc::clone(&chip))).is_ok());
        let other: Arc<dyn PhoneKey> = Arc::new(Chip { keys: Mutex::new([Some([1; 32]), Some([2; 32])]) });
        assert_eq!(open(Some(other)), Err("wrong_passphrase".to_owned()), "another phone's hardware");
        assert_eq!(open(Some(Arc::new(Chip::default()))), Err("device_key_refused".to_owned()));
        assert!(!dir.path().join("device").exists(), "no key lies in a file");
        assert!(wipe_vault(&folder, Some(Arc::clone(&chip))).unwrap());
        assert_eq!(open(Some(chip)), Err("no_vault".to_owned()));
    }

    #[test]
    fn the_version_is_the_packages() {
        assert_eq!(version(), env!("CARGO_PKG_VERSION"));
    }
}
