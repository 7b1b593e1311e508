//! The key that never leaves a device, and without which no passphrase opens a vault.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::crypto::{Which, generate, mac};
use crate::error::{DEVICE_KEY, Error};

/// Two keys that a device keeps, one for each of its two vaults, both always there. On a phone they rest in its
/// secure hardware; elsewhere in a file ([`FileDeviceKey`]).
pub trait DeviceKey: Send + Sync {
    /// `HMAC-SHA-256(key, message)`.
    ///
    /// # Errors
    /// Why the key cannot be used.
    fn mac(&self, which: Which, message: &[u8; 32]) -> Result<[u8; 32], DeviceKeyError>;

    /// Destroys the key and makes another one in its place.
    ///
    /// # Errors
    /// Why it cannot; the old key may still be there then.
    fn renew(&self, which: Which) -> Result<(), DeviceKeyError>;

    /// Whether a key that was renewed is gone for certain. Of a file on flash memory nobody can promise that.
    fn erases_for_certain(&self) -> bool;
}

/// Why a device's key cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeviceKeyError {
    /// There is none: the vault was moved without it, or the hardware lost it.
    #[error("this device's key is not there")]
    Missing,
    /// The device refuses now: it is locked, or its secure hardware does not answer.
    #[error("this device does not let its key be used now")]
    Refused,
    /// What the disk says.
    #[error("this device's key file: {0}")]
    Disk(#[from] std::io::Error),
}

impl From<DeviceKeyError> for Error {
    fn from(error: DeviceKeyError) -> Self {
        match error {
            DeviceKeyError::Missing => Self::Damaged { what: DEVICE_KEY.to_owned() },
            DeviceKeyError::Refused => Self::DeviceKeyRefused,
            DeviceKeyError::Disk(source) => Self::Disk { what: "this device's key", source },
        }
    }
}

/// Both keys in a file beside the vaults. Whoever copies the folder copies them along, so that guessing costs
/// Argon2id and nothing else; and renewing overwrites them, which flash memory may not honour.
pub struct FileDeviceKey {
    path: PathBuf,
}

const KEY: usize = 32;

impl FileDeviceKey {
    /// The keys of the vaults in `folder`.
    pub fn of(folder: &Path) -> Self {
        Self { path: folder.join("device") }
    }

    fn read(&self) -> Result<[u8; 2 * KEY], DeviceKeyError> {
        let mut octets = [0; 2 * KEY];
        match File::open(&self.path) {
            Ok(mut file) => file.read_exact(&mut octets)?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(DeviceKeyError::Missing);
            }
            Err(error) => return Err(error.into()),
        }
        Ok(octets)
    }
}

/// Where a key begins in the file.
fn place(which: Which) -> u64 {
    match which {
        Which::A => 0,
        Which::B => KEY as u64,
    }
}

impl DeviceKey for FileDeviceKey {
    fn mac(&self, which: Which, message: &[u8; 32]) -> Result<[u8; 32], DeviceKeyError> {
        let octets = self.read()?;
        let (a, b) = octets.split_at(KEY);
        Ok(mac(if which == Which::A { a } else { b }, message))
    }

    fn renew(&self, which: Which) -> Result<(), DeviceKeyError> {
        let key: [u8; KEY] = generate().map_err(|_| DeviceKeyError::Refused)?;
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&self.path)?;
        if file.metadata()?.len() < 2 * KEY as u64 {
            let both: [u8; 2 * KEY] = generate().map_err(|_| DeviceKeyError::Refused)?;
            file.write_all(&both)?;
        }
        // In place: what is renewed should be overwritten, not left in blocks that nobody owns.
        file.seek(SeekFrom::Start(place(which)))?;
        file.write_all(&key)?;
        file.sync_all()?;
        Ok(())
    }

    fn erases_for_certain(&self) -> bool {
        false
    }
}
