//! A clock that can be set, and a mark that a copy does not carry along.

use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use cairn_core::clock::{Clock, SystemClock};
use cairn_core::crypto::generate;
use cairn_core::vault::Anchor;
use cairn_core::wire::digest::Hash;

/// The machine's clock, as many seconds off as somebody has set it.
#[derive(Debug, Default)]
pub struct JumpingClock(AtomicI64);

impl JumpingClock {
    /// Sets it so many seconds off.
    pub fn set(&self, offset: i64) {
        self.0.store(offset, Ordering::SeqCst);
    }
}

impl Clock for JumpingClock {
    fn now(&self) -> u64 {
        SystemClock.now().saturating_add_signed(self.0.load(Ordering::SeqCst))
    }
}

/// A mark that lies beside the vault's folder: one for each place where a vault can be.
#[derive(Debug, Clone, Default)]
pub struct Mark(Arc<Mutex<[u8; 32]>>);

impl Mark {
    /// Of a place where no vault has been.
    pub fn elsewhere() -> Self {
        let mark = Self::default();
        let _ = mark.renew(Path::new(""));
        mark
    }

    /// What lies there now.
    pub(crate) fn value(&self) -> Hash {
        *self.0.lock().expect("a lock")
    }
}

impl Anchor for Mark {
    fn read(&self, _: &Path) -> io::Result<Option<[u8; 32]>> {
        Ok(Some(self.value()))
    }

    fn renew(&self, _: &Path) -> io::Result<[u8; 32]> {
        let fresh = generate().map_err(|_| io::ErrorKind::Other)?;
        *self.0.lock().expect("a lock") = fresh;
        Ok(fresh)
    }
}
