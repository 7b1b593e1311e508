//! How a passphrase became the vault's key before there were slots: the file `keys`. It is read once, and slots
//! take its place.
//!
//! ```text
//! "cairnkey" | version u8 = 1 | memory KiB | passes | lanes | salt[32] | SHA-256 of all before, first 8 octets
//! ```
//! The checksum tells a torn file from a wrong passphrase; it depends on nothing secret.

use std::fs;
use std::path::{Path, PathBuf};

use cairn_wire::codec::{Malformed, Reader};
use cairn_wire::digest::sha256;

use crate::crypto::{Cost, VaultKey};
use crate::error::Error;

const MAGIC: &[u8; 8] = b"cairnkey";
const VERSION: u8 = 1;
/// The file is never larger.
const MOST: u64 = 4096;

pub(super) fn path(folder: &Path) -> PathBuf {
    folder.join("keys")
}

/// Forgets the file, once slots stand in its place.
pub(super) fn remove(folder: &Path) -> Result<(), Error> {
    match fs::remove_file(path(folder)) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(Error::Disk { what: "the vault's key file", source: error })
        }
        _ => Ok(()),
    }
}

/// Reads the file and derives the key; whether it is the right one, the database tells.
pub(super) fn open(folder: &Path, passphrase: &str) -> Result<VaultKey, Error> {
    let disk = |source| Error::Disk { what: "the vault's key file", source };
    let damaged = |_| Error::Damaged { what: "the vault's key file".to_owned() };
    if fs::metadata(path(folder)).map_err(disk)?.len() > MOST {
        return Err(damaged(()));
    }
    let bytes = fs::read(path(folder)).map_err(disk)?;
    let (cost, salt) = read(&bytes).map_err(|error| match error {
        Some(()) => Error::TooNew { what: "this vault" },
        None => damaged(()),
    })?;
    VaultKey::derive(passphrase, &salt, cost).map_err(|_| damaged(()))
}

/// Cost and salt; `Some(())` when a newer version wrote the file.
fn read(bytes: &[u8]) -> Result<(Cost, [u8; 32]), Option<()>> {
    let (bytes, check) = bytes.split_last_chunk::<8>().ok_or(None)?;
    if sha256(&[bytes]).first_chunk::<8>() != Some(check) {
        return Err(None);
    }
    let mut reader = Reader::new(bytes);
    let malformed = |_: Malformed| None;
    if reader.array::<8>("magic").map_err(malformed)? != *MAGIC {
        return Err(None);
    }
    if reader.octet("version").map_err(malformed)? != VERSION {
        return Err(Some(()));
    }
    let mut int = || reader.int("cost").ok().and_then(|value| u32::try_from(value).ok()).ok_or(None);
    let cost = Cost { memory: int()?, passes: int()?, lanes: int()? };
    let salt = reader.array("salt").map_err(malformed)?;
    reader.end().map_err(malformed)?;
    Ok((cost, salt))
}
