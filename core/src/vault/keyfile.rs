//! How a passphrase becomes the vault's key: the file `keys`.
//!
//! ```text
//! "cairnkey" | version u8 = 1 | memory KiB | passes | lanes | salt[32] | SHA-256 of all before, first 8 octets
//! ```
//! The checksum tells a torn file from a wrong passphrase; it depends on nothing secret.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use cairn_wire::codec::{Malformed, Reader, Writer};
use cairn_wire::digest::sha256;

use crate::crypto::{Cost, VaultKey, generate};
use crate::error::Error;

const MAGIC: &[u8; 8] = b"cairnkey";
const VERSION: u8 = 1;
/// The file is never larger.
const MOST: u64 = 4096;
/// Fewer characters protect nobody.
pub const PASSPHRASE_MIN: usize = 8;

pub(super) fn path(folder: &Path) -> PathBuf {
    folder.join("keys")
}

pub(super) fn check_strength(passphrase: &str) -> Result<(), Error> {
    if passphrase.chars().count() < PASSPHRASE_MIN {
        return Err(Error::WeakPassphrase(PASSPHRASE_MIN));
    }
    Ok(())
}

/// Makes the file and gives the key. The file is whole on disk before this returns.
pub(super) fn create(folder: &Path, passphrase: &str) -> Result<VaultKey, Error> {
    let cost = Cost::FLOOR;
    let salt: [u8; 32] = generate()?;
    let key = VaultKey::derive(passphrase, &salt, cost)?;
    let mut writer = Writer::new();
    writer.raw(MAGIC).octet(VERSION);
    writer.int(cost.memory.into()).int(cost.passes.into()).int(cost.lanes.into()).raw(&salt);
    let mut bytes = writer.finish();
    let check = sha256(&[&bytes]);
    bytes.extend_from_slice(check.first_chunk::<8>().unwrap_or(&[0; 8]));
    put(folder, &bytes).map_err(|source| Error::Disk { what: "the vault's key file", source })?;
    Ok(key)
}

fn put(folder: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let unfinished = folder.join("keys.new");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&unfinished)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&unfinished, path(folder))?;
    // The name must be on disk too before anything is encrypted under it.
    File::open(folder)?.sync_all()
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
