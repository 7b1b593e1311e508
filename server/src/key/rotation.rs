//! How a server comes to another key: the next one is made and announced, takes the place of the current one,
//! and the old one is kept until every device has had time to learn.
//!
//! ```text
//! next:    server.key.next is made; coordinators add its public half to the roster
//! switch:  server.key becomes server.key.old, server.key.next becomes server.key
//! retire:  server.key.old is removed; coordinators have dropped it from the roster before
//! ```

use std::fs::{self, File};
use std::io;
use std::path::Path;

use ring::rand::SystemRandom;
use ring::signature::Ed25519KeyPair;

use super::{FILE, NEXT, OLD, ServerKey, write_new};
use crate::error::Error;
use crate::server::alone;

/// The keys of a data folder, in 64 hexadecimal digits each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pins {
    /// What devices know the server by.
    pub current: String,
    /// What the next switch brings.
    pub next: Option<String>,
    /// What devices that slept through the last switch know it by.
    pub old: Option<String>,
}

/// The keys of a data folder.
pub fn pins(folder: &Path) -> Result<Pins, Error> {
    let pin = |key: Option<ServerKey>| key.map(|key| key.pin());
    Ok(Pins {
        current: ServerKey::read(folder)?.pin(),
        next: pin(ServerKey::read_named(folder, NEXT)?),
        old: pin(ServerKey::read_named(folder, OLD)?),
    })
}

/// Makes the next key if there is none; gives its public half. The server may go on running.
pub fn next(folder: &Path) -> Result<String, Error> {
    ServerKey::read(folder)?;
    if ServerKey::read_named(folder, NEXT)?.is_none() {
        let made = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).map_err(|_| Error::Random)?;
        write_new(folder, &folder.join(NEXT), made.as_ref())
            .map_err(|source| Error::Folder { what: "writing the next key", source })?;
    }
    ServerKey::read_named(folder, NEXT)?.map(|key| key.pin()).ok_or(Error::NoNextKey)
}

/// Puts the next key into the place of the current one, which is kept as the old one. Cut off in the middle,
/// it can be done again.
pub fn switch(folder: &Path) -> Result<Pins, Error> {
    let _alone = alone(folder)?;
    let current = ServerKey::read(folder)?;
    ServerKey::read_named(folder, NEXT)?.ok_or(Error::NoNextKey)?;
    if ServerKey::read_named(folder, OLD)?.is_some_and(|old| old.pin() != current.pin()) {
        return Err(Error::OldKeyKept);
    }
    let folder_error = |source| Error::Folder { what: "switching the key", source };
    write_new(folder, &folder.join(OLD), current.pkcs8()).map_err(folder_error)?;
    fs::rename(folder.join(NEXT), folder.join(FILE)).map_err(folder_error)?;
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(folder_error)?;
    pins(folder)
}

/// Removes the old key: whoever knows no other is refused from then on.
pub fn retire(folder: &Path) -> Result<Pins, Error> {
    let _alone = alone(folder)?;
    ServerKey::read(folder)?;
    match fs::remove_file(folder.join(OLD)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(Error::Folder { what: "removing the old key", source: error });
        }
        _ => {}
    }
    pins(folder)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        ServerKey::open(folder.path()).unwrap();
        folder
    }

    #[test]
    fn the_next_key_becomes_the_current_one_and_the_current_one_the_old() {
        let folder = folder();
        let first = pins(folder.path()).unwrap();
        assert_eq!((first.next, first.old), (None, None));
        assert!(matches!(switch(folder.path()), Err(Error::NoNextKey)), "nothing to switch to");
        let next = next(folder.path()).unwrap();
        assert_eq!(super::next(folder.path()).unwrap(), next, "it is made once");
        let mode = fs::metadata(folder.path().join(NEXT)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let switched = switch(folder.path()).unwrap();
        assert_eq!(switched, Pins { current: next.clone(), next: None, old: Some(first.current.clone()) });
        let mode = fs::metadata(folder.path().join(OLD)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(retire(folder.path()).unwrap(), Pins { current: next, next: None, old: None });
        assert!(retire(folder.path()).is_ok(), "again is no error");
    }

    #[test]
    fn no_key_is_lost_by_switching_twice_or_by_a_cut_in_the_middle() {
        let folder = folder();
        let first = pins(folder.path()).unwrap().current;
        let second = next(folder.path()).unwrap();
        // Cut off after the old key was kept and before the next one took its place.
        fs::copy(folder.path().join(FILE), folder.path().join(OLD)).unwrap();
        assert_eq!(switch(folder.path()).unwrap().current, second);
        next(folder.path()).unwrap();
        assert!(matches!(switch(folder.path()), Err(Error::OldKeyKept)));
        assert_eq!(pins(folder.path()).unwrap().old, Some(first), "control: it is still there");
        retire(folder.path()).unwrap();
        assert!(switch(folder.path()).is_ok());
    }

    #[test]
    fn while_a_server_runs_nothing_is_switched() {
        let folder = folder();
        next(folder.path()).unwrap();
        let running = alone(folder.path()).unwrap();
        assert!(matches!(switch(folder.path()), Err(Error::InUse)));
        assert!(matches!(retire(folder.path()), Err(Error::InUse)));
        drop(running);
        assert!(switch(folder.path()).is_ok(), "control");
    }
}
