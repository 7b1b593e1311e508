//! Why the server cannot start or go on. All of these are for the operator.

use std::io;

use crate::log::LogError;

/// Why the server cannot start or go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The data folder cannot be made, read or written.
    #[error("cannot use the data folder ({what}): check that it exists and belongs to the server")]
    Folder {
        /// What was being done.
        what: &'static str,
        /// Why it failed.
        #[source]
        source: io::Error,
    },
    /// Two servers on one folder would write over each other.
    #[error("another cairn-server is using this data folder: stop it first")]
    InUse,
    /// Without the old key every device would take this server for an impostor.
    #[error("a server key is not an Ed25519 key: restore it from a backup")]
    Key,
    /// There is nothing to switch to.
    #[error("there is no next key: make it with `cairn-server key next`, and have it added to the roster")]
    NoNextKey,
    /// One old key is kept at a time.
    #[error("the key before is still kept: remove it with `cairn-server key retire` first")]
    OldKeyKept,
    /// The system gave no random bytes.
    #[error("the system gives no random numbers")]
    Random,
    /// The TLS library refused the server's own key.
    #[error("cannot make the TLS certificate: {0}")]
    Tls(&'static str),
    /// The address cannot be listened on.
    #[error("cannot listen on that address: it is taken, or not this machine's")]
    Listen(#[source] io::Error),
    /// No threads, or no way to wait for signals.
    #[error("the system refuses threads or signals")]
    Threads(#[source] io::Error),
    /// The log cannot be opened or closed.
    #[error(transparent)]
    Log(#[from] LogError),
}
