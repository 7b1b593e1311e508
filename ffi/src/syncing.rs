//! Syncing: what waits goes out, what is new comes in, and somebody may watch and stop it.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use cairn_core::transport::Transport;
use cairn_core::vault::{Progress, SyncReport};
use cairn_core::{Error, Vault};

use crate::trouble::CairnError;
use crate::vault::OpenVault;

/// Watches a sync. It is called on the thread of the sync, must return at once, and must not call the vault.
#[uniffi::export(foreign)]
pub trait SyncWatcher: Send + Sync {
    /// How far it is.
    fn progress(&self, progress: SyncProgress);
    /// Whether it may send the next request.
    fn go_on(&self) -> bool;
}

/// How far a sync is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Record)]
pub struct SyncProgress {
    /// Segments the server took so far.
    pub sent: u64,
    /// Segments taken in so far.
    pub received: u64,
    /// Segments on the server that are still to come.
    pub to_come: u64,
    /// Attached files that wait to be sent; known once the records have gone.
    pub attachments_waiting: u64,
}

/// What a sync did and cost.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct SyncOutcome {
    /// Records whose changes the server took.
    pub records_sent: u64,
    /// Records that others changed.
    pub records_received: u64,
    /// Segments the server took.
    pub segments_sent: u64,
    /// Segments that arrived.
    pub segments_received: u64,
    /// Octets sent, TLS not counted.
    pub bytes_sent: u64,
    /// Octets received, TLS not counted.
    pub bytes_received: u64,
    /// Changes and segments that still wait on this device.
    pub waiting: u64,
    /// Devices admitted.
    pub admitted: u64,
    /// Devices that wait until somebody has compared their words.
    pub to_compare: u64,
    /// Requests to join that do not fit the invitation they name: nobody was admitted by them.
    pub misfits: u64,
    /// Records erased here because a coordinator had them erased.
    pub erased: u64,
    /// Erased records that may still rest on the server, sealed.
    pub erased_on_server: u64,
    /// Changes that arrived and could not be taken in.
    pub quarantined: u64,
    /// Segments sealed again because the key had changed meanwhile.
    pub sealed_again: u64,
    /// Segments handed in late, because this device has lost the right to write.
    pub handed_in: u64,
    /// Late letters of others that arrived.
    pub letters: u64,
    /// Chains begun anew because this vault was copied or put back.
    pub new_chains: u64,
    /// Alarms noted.
    pub alarms: u64,
    /// How many other devices have shown a log that reaches this device's newest segment.
    pub confirmed_by: Option<u64>,
    /// Keys that this coordinator should renew, overdue by so many days.
    pub renewal_overdue: Option<u64>,
    /// Attached files that the server has now and lacked before.
    pub attachments_sent: u64,
    /// Attached files that were fetched.
    pub attachments_received: u64,
    /// Attached files that still wait on this device.
    pub attachments_waiting: u64,
    /// Why the server would not take some of them: `full` where its operator must make room, or another reason.
    pub attachments_refused: Option<String>,
    /// Attached files of which pieces are damaged on this device.
    pub attachments_damaged: u64,
}

impl From<SyncReport> for SyncOutcome {
    fn from(report: SyncReport) -> Self {
        Self {
            records_sent: report.records_up,
            records_received: report.records_down,
            segments_sent: report.segments_up,
            segments_received: report.segments_down,
            bytes_sent: report.bytes_up,
            bytes_received: report.bytes_down,
            waiting: report.left,
            admitted: report.admitted,
            to_compare: report.to_compare,
            misfits: report.misfits,
            erased: report.erased,
            erased_on_server: report.erased_on_server,
            quarantined: report.quarantined,
            sealed_again: report.late,
            handed_in: report.handed_in,
            letters: report.letters,
            new_chains: report.new_chains,
            alarms: report.alarms,
            confirmed_by: report.confirmed_by,
            renewal_overdue: report.renewal_overdue,
            attachments_sent: report.attachments_up,
            attachments_received: report.attachments_down,
            attachments_waiting: report.attachments_left,
            attachments_refused: report
                .attachments_refused
                .map(|reason| format!("{reason:?}").to_lowercase()),
            attachments_damaged: report.attachments_damaged,
        }
    }
}

/// Somebody who watches, as the core calls them.
pub(crate) fn told(watcher: Option<&dyn SyncWatcher>) -> impl FnMut(Progress) + '_ {
    move |progress| {
        if let Some(watcher) = watcher {
            let Progress { up, down, waiting, attachments } = progress;
            let attachments_waiting = attachments;
            watcher.progress(SyncProgress {
                sent: up,
                received: down,
                to_come: waiting,
                attachments_waiting,
            });
        }
    }
}

impl OpenVault {
    /// Does something with the vault that needs the server. Locking and cancelling end it.
    pub(crate) fn with_server<T>(
        &self,
        watcher: Option<Arc<dyn SyncWatcher>>,
        act: impl FnOnce(&mut Vault, &dyn Transport, Option<&dyn SyncWatcher>) -> Result<T, Error>,
    ) -> Result<T, CairnError> {
        self.cancelled.store(false, Ordering::SeqCst);
        let watcher = watcher.as_deref();
        let done = self.keeper.with(|vault| {
            let road = self.road_of(vault, watcher)?;
            act(vault, &self.keeper.road(&road), watcher)
        });
        self.ended(done)
    }

    /// What was stopped by hand is not locked.
    pub(crate) fn ended<T>(&self, done: Result<T, Error>) -> Result<T, CairnError> {
        match done {
            Err(Error::Locked) if self.keeper.is_open() && self.cancelled.load(Ordering::SeqCst) => {
                Err(CairnError::person(
                    "cancelled",
                    "stopped by hand".to_owned(),
                    "What was sent and fetched before is kept; sync again when it suits.",
                ))
            }
            done => Ok(done?),
        }
    }
}

#[uniffi::export]
impl OpenVault {
    /// Sends what waits and fetches what is new, for a person who is there: it counts as a touch. Whatever was done
    /// before an error stays done.
    ///
    /// # Errors
    /// `offline`, `waiting` while this device has not been admitted, `cancelled`, `locked`, `no_workspace`, `refused`,
    /// `not_the_pinned_server`, `tampered`, `no_longer_member`, and what the disk says.
    pub fn sync(&self, watcher: Option<Arc<dyn SyncWatcher>>) -> Result<SyncOutcome, CairnError> {
        self.with_server(watcher, |vault, road, watcher| Ok(vault.sync(road, told(watcher))?.into()))
    }

    /// The same with nobody there: it keeps no vault open.
    ///
    /// # Errors
    /// As [`OpenVault::sync`].
    pub fn sync_unattended(&self, watcher: Option<Arc<dyn SyncWatcher>>) -> Result<SyncOutcome, CairnError> {
        self.cancelled.store(false, Ordering::SeqCst);
        let watcher = watcher.as_deref();
        let done = self.keeper.with_nobody(|vault| {
            let road = self.road_of(vault, watcher)?;
            vault.sync(&self.keeper.road(&road), told(watcher))
        });
        Ok(self.ended(done)?.into())
    }

    /// Ends the sync that goes on before its next request; it answers `cancelled`. Does nothing where none goes on.
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::SeqCst);
    }
}
