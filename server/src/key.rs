//! The server's key: TLS identity, signer of heads and receipts, and the *pin* devices know it by.
//!
//! `DATA/server.key` is PKCS#8 (RFC 5958), readable by its owner only. Losing it means that every
//! device refuses the server, so it is written atomically and never overwritten, except by [`rotation`].
//! While a server comes to another key it holds two: the current one, and the old one for devices that do
//! not know of the change.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use cairn_wire::codec::hex;
use cairn_wire::digest::VerifyingKey;
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, KeyPair};

use crate::error::Error;

pub mod rotation;

const FILE: &str = "server.key";
const NEXT: &str = "server.key.next";
const OLD: &str = "server.key.old";

/// The keys a server answers by.
pub(crate) struct Keys {
    current: ServerKey,
    old: Option<ServerKey>,
}

impl Keys {
    /// Reads the keys of a data folder, making folder and key if there are none.
    pub(crate) fn open(folder: &Path) -> Result<Self, Error> {
        Ok(Self { current: ServerKey::open(folder)?, old: ServerKey::read_named(folder, OLD)? })
    }

    /// The TLS identity.
    pub(crate) fn current(&self) -> &ServerKey {
        &self.current
    }

    /// What vouches for the current key towards devices that do not know it.
    pub(crate) fn old(&self) -> Option<&ServerKey> {
        self.old.as_ref()
    }

    /// Both, newest first.
    pub(crate) fn all(&self) -> impl Iterator<Item = &ServerKey> {
        std::iter::once(&self.current).chain(&self.old)
    }

    /// The first of these keys that is held; the current one if none is.
    pub(crate) fn among(&self, keys: &[VerifyingKey]) -> &ServerKey {
        keys.iter().find_map(|key| self.all().find(|held| held.public() == *key)).unwrap_or(&self.current)
    }
}

/// The server's Ed25519 key pair.
pub(crate) struct ServerKey {
    pair: Ed25519KeyPair,
    pkcs8: Vec<u8>,
    public: VerifyingKey,
}

impl ServerKey {
    /// Reads the key of a data folder, making folder and key if there are none.
    pub(crate) fn open(folder: &Path) -> Result<Self, Error> {
        match Self::read(folder) {
            Err(Error::Folder { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                let made = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).map_err(|_| Error::Random)?;
                write_new(folder, &folder.join(FILE), made.as_ref())
                    .map_err(|source| Error::Folder { what: "writing server.key", source })?;
                // Read back: whoever wrote first has won.
                Self::read(folder)
            }
            other => other,
        }
    }

    /// Reads the key of a data folder that must have one.
    pub(crate) fn read(folder: &Path) -> Result<Self, Error> {
        let pkcs8 = fs::read(folder.join(FILE))
            .map_err(|source| Error::Folder { what: "reading server.key", source })?;
        Self::from_pkcs8(pkcs8)
    }

    /// Reads a key that may not be there.
    fn read_named(folder: &Path, name: &str) -> Result<Option<Self>, Error> {
        match fs::read(folder.join(name)) {
            Ok(pkcs8) => Self::from_pkcs8(pkcs8).map(Some),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(Error::Folder { what: "reading a key", source }),
        }
    }

    fn from_pkcs8(pkcs8: Vec<u8>) -> Result<Self, Error> {
        let pair = Ed25519KeyPair::from_pkcs8(&pkcs8).map_err(|_| Error::Key)?;
        let public = pair.public_key().as_ref().try_into().map_err(|_| Error::Key)?;
        Ok(Self { pair, pkcs8, public: VerifyingKey(public) })
    }

    /// The public key.
    pub(crate) fn public(&self) -> VerifyingKey {
        self.public
    }

    /// What devices pin: the public key in 64 lower-case hexadecimal digits.
    pub(crate) fn pin(&self) -> String {
        hex(&self.public.0)
    }

    /// The private key, for the TLS library.
    pub(crate) fn pkcs8(&self) -> &[u8] {
        &self.pkcs8
    }

    /// Signs a head or a receipt.
    pub(crate) fn sign(&self, message: &[u8]) -> [u8; 64] {
        let signature = self.pair.sign(message);
        // An Ed25519 signature always has 64 octets.
        signature.as_ref().try_into().unwrap_or([0; 64])
    }
}

/// Makes the data folder, closed to everybody else.
pub(crate) fn make_folder(folder: &Path) -> Result<(), Error> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(|source| Error::Folder { what: "making it", source })
}

/// Writes aside, syncs, and links into place: never half a key, never over an older one.
fn write_new(folder: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let aside = folder.join(format!("{FILE}.{}", std::process::id()));
    let _ = fs::remove_file(&aside);
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&aside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    let placed = match fs::hard_link(&aside, path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        // Some file systems know no links.
        Err(_) if !path.exists() => fs::rename(&aside, path),
        other => other,
    };
    let _ = fs::remove_file(&aside);
    placed?;
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn the_key_stays_the_same_and_only_its_owner_reads_it() {
        let folder = tempfile::tempdir().unwrap();
        let first = ServerKey::open(folder.path()).unwrap();
        let again = ServerKey::open(folder.path()).unwrap();
        assert_eq!(first.pin(), again.pin());
        assert_eq!(first.pin().len(), 64);
        let mode = fs::metadata(folder.path().join(FILE)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left aside");
        assert!(first.public().verifies(b"head", &again.sign(b"head")));
    }

    #[test]
    fn a_damaged_key_is_refused_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(FILE), b"not a key").unwrap();
        assert!(matches!(ServerKey::open(folder.path()), Err(Error::Key)));
        assert_eq!(fs::read(folder.path().join(FILE)).unwrap(), b"not a key");
    }
}
