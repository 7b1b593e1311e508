//! The server's clock, injected so that it can be shifted.
//!
//! It judges how fresh a hello is and whether an invitation has ended; it orders nothing.

use std::fmt;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

const SECONDS_A_DAY: u64 = 24 * 60 * 60;

/// Tells the time in seconds since 1970.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> u64 + Send + Sync>);

impl Clock {
    /// A clock that tells what `now` tells.
    pub fn new(now: impl Fn() -> u64 + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The machine's clock, shifted by `offset` seconds.
    pub fn system(offset: i64) -> Self {
        Self::new(move || {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
            now.saturating_add_signed(offset)
        })
    }

    /// Seconds since 1970.
    pub fn now(&self) -> u64 {
        (self.0)()
    }

    /// Days since 1970: as exactly as the server remembers when something arrived.
    pub fn today(&self) -> u64 {
        self.now() / SECONDS_A_DAY
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}
