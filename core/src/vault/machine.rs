//! What a vault needs of the machine it lies on.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::device_key::{DeviceKey, FileDeviceKey};
use super::{Anchor, FileAnchor, strength};
use crate::clock::{Clock, SystemClock};
use crate::crypto::Cost;
use crate::error::Error;

/// The machine's clock, its mark, its key, and how much work it may put before a passphrase.
#[derive(Clone)]
pub struct Machine {
    pub(super) clock: Arc<dyn Clock>,
    pub(super) anchor: Arc<dyn Anchor>,
    device_key: Option<Arc<dyn DeviceKey>>,
    unlock: Option<Duration>,
}

impl Default for Machine {
    /// The system's clock, a mark and a key in files, and the least work that is accepted.
    fn default() -> Self {
        Self { clock: Arc::new(SystemClock), anchor: Arc::new(FileAnchor), device_key: None, unlock: None }
    }
}

impl Machine {
    /// With another clock.
    #[must_use]
    pub fn with_clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    /// With another way to tell a vault from its copies.
    #[must_use]
    pub fn with_anchor(self, anchor: Arc<dyn Anchor>) -> Self {
        Self { anchor, ..self }
    }

    /// With keys that rest in the machine's hardware.
    #[must_use]
    pub fn with_device_key(self, device_key: Arc<dyn DeviceKey>) -> Self {
        Self { device_key: Some(device_key), ..self }
    }

    /// A new vault takes about so long to unlock on this machine, and never less work than the least accepted.
    #[must_use]
    pub fn with_unlock(self, unlock: Duration) -> Self {
        Self { unlock: Some(unlock), ..self }
    }

    /// Whether a passphrase is strong enough for a vault in `folder`, before anything is made.
    ///
    /// # Errors
    /// [`Error::WeakPassphrase`].
    pub fn check_passphrase(&self, folder: &Path, passphrase: &str) -> Result<(), Error> {
        strength::check(passphrase, &*self.device_key(folder))
    }

    pub(super) fn device_key(&self, folder: &Path) -> Arc<dyn DeviceKey> {
        self.device_key.clone().unwrap_or_else(|| Arc::new(FileDeviceKey::of(folder)))
    }

    pub(super) fn cost(&self) -> Cost {
        let Some(target) = self.unlock else { return Cost::FLOOR };
        Cost::for_about(target, |cost| {
            let begun = Instant::now();
            // What fails costs nothing, and the caller will meet the same failure with a better word.
            _ = crate::crypto::VaultKey::derive("measured", &[0; 32], cost);
            begun.elapsed()
        })
    }
}
