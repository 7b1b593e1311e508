//! Carrying what waits to the office by hand.

use std::fs::File;
use std::sync::Arc;

use cairn_core::Error;

use crate::syncing::{SyncOutcome, SyncWatcher, told};
use crate::trouble::CairnError;
use crate::vault::OpenVault;

/// What became of an outbox that was brought.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Brought {
    /// Whose device made it.
    pub device: Option<String>,
    /// Segments in it.
    pub segments: u64,
    /// How many of them the server has now.
    pub given: u64,
    /// How many came after their author had lost the right to write: late letters for coordinators to decide.
    pub letters: u64,
    /// How many are of circles that this device is not in.
    pub elsewhere: u64,
    /// How many nobody would take. They stay in the file.
    pub refused: u64,
    /// Whether the file ends too early or was changed from some place on. What stands before it was taken.
    pub torn: bool,
    /// The sync that followed.
    pub sync: SyncOutcome,
}

#[uniffi::export]
impl OpenVault {
    /// Takes in what another device's owner has brought ([`crate::outbox_file`]): gives it to the server, and syncs.
    /// Nothing is lost by bringing it twice.
    ///
    /// # Errors
    /// `bad_bundle`, `not_allowed` unless this device is a coordinator's, `disk`; as [`OpenVault::sync`].
    pub fn take_outbox(
        &self,
        path: &str,
        watcher: Option<Arc<dyn SyncWatcher>>,
    ) -> Result<Brought, CairnError> {
        let file = File::open(path).map_err(|source| Error::Disk { what: "the outbox", source })?;
        let done =
            self.with_server(watcher, |vault, road, watcher| vault.take_outbox(road, file, told(watcher)))?;
        Ok(Brought {
            device: done.device.map(|device| device.to_string()),
            segments: done.segments,
            given: done.given,
            letters: done.letters,
            elsewhere: done.elsewhere,
            refused: done.refused,
            torn: done.torn,
            sync: done.sync.into(),
        })
    }
}
