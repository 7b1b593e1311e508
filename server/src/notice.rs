//! The few things the server tells its operator while it runs.
//!
//! A notice is one of the cases below and nothing else, so no address, user agent, identifier or
//! content can get into a log.

use std::collections::HashMap;
use std::fmt;
use std::mem::{Discriminant, discriminant};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The same notice is given at most this often.
const QUIET: Duration = Duration::from_secs(60);

/// Something the operator should know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Notice {
    /// Nothing more can be stored; reading goes on.
    #[error("the disk or its allowance is full: devices can fetch but not send; make room")]
    Full,
    /// One workspace holds as much as it may.
    #[error("a workspace has reached its quota: raise --quota or make a new workspace")]
    Quota,
    /// One workspace holds as many octets of attachments as it may.
    #[error("a workspace has reached its quota for attachments: raise --attachments-quota")]
    AttachmentsQuota,
    /// The log failed in a way it should not.
    #[error("the log failed: {0}")]
    Failed(String),
    /// As many connections as allowed are open.
    #[error("as many connections as allowed are open: new ones wait")]
    Crowded,
    /// Accepting connections failed (most often: too few file descriptors).
    #[error("cannot accept connections: raise the limit of open files")]
    CannotAccept,
    /// Some requests did not finish within the time allowed for stopping.
    #[error("stopped without waiting for every request")]
    StoppedEarly,
}

/// Where notices go; each kind at most once a minute.
#[derive(Clone)]
pub(crate) struct Notices {
    tell: Arc<dyn Fn(&Notice) + Send + Sync>,
    told: Arc<Mutex<HashMap<Discriminant<Notice>, Instant>>>,
}

impl Notices {
    /// Sends notices to `tell`.
    pub(crate) fn new(tell: impl Fn(&Notice) + Send + Sync + 'static) -> Self {
        Self { tell: Arc::new(tell), told: Arc::default() }
    }

    /// Tells the operator, unless the same was told a moment ago.
    pub(crate) fn tell(&self, notice: &Notice) {
        let now = Instant::now();
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let last = told.get(&discriminant(notice));
        if last.is_none_or(|last| now.duration_since(*last) >= QUIET) {
            told.insert(discriminant(notice), now);
            (self.tell)(notice);
        }
    }
}

impl fmt::Debug for Notices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Notices")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn the_same_notice_is_not_repeated_and_another_is_not_held_back() {
        let count = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&count);
        let notices = Notices::new(move |_| {
            counted.fetch_add(1, Ordering::Relaxed);
        });
        notices.tell(&Notice::Full);
        notices.tell(&Notice::Full);
        notices.tell(&Notice::Quota);
        assert_eq!(count.load(Ordering::Relaxed), 2);
    }
}
