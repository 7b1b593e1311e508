//! A vault that closes itself: when nobody has touched it for a while, when its program has been out of sight, and
//! at once when somebody presses the button for that.
//!
//! A person at a checkpoint has no time to close anything. So programs that stay open hold their vault through a
//! [`Keeper`], which drops it, keys and all, on a thread of its own.

mod moments;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, TryLockError};
use std::thread;
use std::time::Duration;

use crate::crypto::scrub_stack;
use crate::error::Error;
use crate::transport::{Reply, Transport, TransportError};
use crate::vault::{Lapses, Vault};
use moments::{Moments, Now};

/// How often it is looked whether somebody put the machine to sleep meanwhile, when no clock of ours ran.
const LOOK: Duration = Duration::from_secs(5);

/// An open vault, and what closes it.
pub struct Keeper {
    kept: Arc<Kept>,
}

struct Kept {
    vault: Mutex<Option<Vault>>,
    moments: Mutex<Moments>,
    changed: Condvar,
    /// Set before the vault is waited for: from then on nothing new begins, and what goes on is to end.
    closing: AtomicBool,
    /// Whether it is to be closed at once, without what takes time at an ordinary closing.
    panicked: AtomicBool,
}

impl Keeper {
    /// Keeps a vault that was opened just now, by its own lapses.
    ///
    /// # Errors
    /// What the disk says; [`Error::Bug`] where no thread can be had.
    pub fn new(vault: Vault) -> Result<Self, Error> {
        // What opening has left on the stack of this thread.
        scrub_stack();
        let moments = Moments::new(vault.lapses()?, Now::read());
        let kept = Arc::new(Kept {
            vault: Mutex::new(Some(vault)),
            moments: Mutex::new(moments),
            changed: Condvar::new(),
            closing: AtomicBool::new(false),
            panicked: AtomicBool::new(false),
        });
        let watched = Arc::clone(&kept);
        thread::Builder::new()
            .name("keeper".to_owned())
            .spawn(move || watched.watch())
            .map_err(|error| Error::Bug(format!("no thread: {error}")))?;
        Ok(Self { kept })
    }

    /// Does something with the vault, for a person who is there: while it goes on, nobody is idle.
    ///
    /// # Errors
    /// [`Error::Locked`] once it is closed; whatever is done says.
    pub fn with<T>(&self, act: impl FnOnce(&mut Vault) -> Result<T, Error>) -> Result<T, Error> {
        let working = Working::begin(&self.kept);
        if working.is_none() {
            self.lock()?;
        }
        self.with_nobody(act)
    }

    /// Does something with the vault of which nobody need be aware, such as a sync in the background: it keeps
    /// nothing open.
    ///
    /// # Errors
    /// As [`Keeper::with`]. After [`Error::Disk`] and [`Error::Damaged`] of the vault's own database it is closed: only
    /// a new opening reads on. A stick that cannot be written, or a file that was brought, closes nothing.
    pub fn with_nobody<T>(&self, act: impl FnOnce(&mut Vault) -> Result<T, Error>) -> Result<T, Error> {
        if self.kept.closing.load(Ordering::SeqCst) {
            return Err(Error::Locked);
        }
        let mut held = held(&self.kept.vault);
        let done = act(held.as_mut().ok_or(Error::Locked)?);
        drop(held);
        // It may be another thread that closes, which cannot wipe what this one leaves on its stack.
        scrub_stack();
        // After a read that failed the encryption reads nothing any more until the vault is opened again.
        if done.as_ref().is_err_and(Error::is_of_the_database) {
            _ = self.lock();
        }
        done
    }

    /// Somebody has touched the screen or a key.
    pub fn touch(&self) {
        self.note(Moments::touch);
    }

    /// The program is out of sight: another one is in front, or the screen is off. Where the vault may not be open then
    /// at all nothing is done with it any more once this returns; it is closed as soon as what is being done ends.
    pub fn to_background(&self) {
        self.note(Moments::hide);
        if held(&self.kept.moments).is_over(Now::read()) {
            self.kept.closing.store(true, Ordering::SeqCst);
            self.kept.wake();
        }
    }

    /// The program is in front again.
    ///
    /// # Errors
    /// [`Error::Locked`] when it was away too long, even if nothing could run meanwhile to close it.
    pub fn to_front(&self) -> Result<(), Error> {
        if held(&self.kept.moments).is_over(Now::read()) {
            self.lock()?;
        }
        self.note(Moments::come_back);
        if self.is_open() { Ok(()) } else { Err(Error::Locked) }
    }

    /// Whether it is open.
    pub fn is_open(&self) -> bool {
        !self.kept.closing.load(Ordering::SeqCst)
    }

    /// Sets after how long it closes, now and at every later opening.
    ///
    /// # Errors
    /// As [`Keeper::with`]; [`Error::IdleTooLong`].
    pub fn set_lapses(&self, lapses: Lapses) -> Result<(), Error> {
        self.with(|vault| vault.set_lapses(lapses))?;
        self.note(|moments, _| moments.set(lapses));
        Ok(())
    }

    /// Closes the vault, once what is being done has ended. Closing twice does nothing.
    ///
    /// # Errors
    /// What the disk says; it is closed all the same, and the data is safe.
    pub fn lock(&self) -> Result<(), Error> {
        self.kept.close()
    }

    /// Closes the vault at once: keys are wiped, and nothing is written before ([`Vault::drop_keys`]). `false` if
    /// something still goes on in it: it is closed when that ends, which [`Keeper::road`] hastens. A program for people
    /// under threat ends its process then; nothing that was acknowledged is lost by that.
    pub fn panic(&self) -> bool {
        self.kept.panicked.store(true, Ordering::SeqCst);
        self.kept.closing.store(true, Ordering::SeqCst);
        let held = match self.kept.vault.try_lock() {
            Ok(held) => Some(held),
            Err(TryLockError::Poisoned(held)) => Some(held.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        };
        let closed = held.is_some();
        if let Some(mut held) = held
            && let Some(vault) = held.take()
        {
            vault.drop_keys();
        }
        // Whatever still goes on, the keeper's thread waits for it.
        self.kept.wake();
        closed
    }

    /// A road that ends once the vault is to be closed, so that a long sync does not hold it open.
    pub fn road<'a>(&'a self, road: &'a dyn Transport) -> impl Transport + 'a {
        Road { road, closing: &self.kept.closing }
    }

    fn note(&self, note: impl FnOnce(&mut Moments, Now)) {
        self.kept.note(note);
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        // Whoever lets go of it wants it closed, and has nobody to tell of a full disk.
        _ = self.kept.close();
    }
}

impl Kept {
    /// Notes something that may change when the vault is to be closed. The thread that watches looks by itself soon
    /// enough for all but the shortest lapses; waking it costs as much as the work of a short call.
    fn note(&self, note: impl FnOnce(&mut Moments, Now)) {
        let now = Now::read();
        let mut moments = held(&self.moments);
        note(&mut moments, now);
        if moments.left(now) < LOOK {
            drop(moments);
            self.wake();
        }
    }

    fn close(&self) -> Result<(), Error> {
        self.closing.store(true, Ordering::SeqCst);
        let mut held = held(&self.vault);
        let closed = match held.take() {
            None => Ok(()),
            // Asked only now: it may have been pressed while this waited.
            Some(vault) if self.panicked.load(Ordering::SeqCst) => {
                vault.drop_keys();
                Ok(())
            }
            Some(vault) => vault.lock(),
        };
        drop(held);
        self.wake();
        closed
    }

    /// Wakes the thread that watches, which either waits now or has yet to look.
    fn wake(&self) {
        drop(held(&self.moments));
        self.changed.notify_all();
    }

    /// Runs until the vault is closed.
    fn watch(&self) {
        let mut moments = held(&self.moments);
        while !self.closing.load(Ordering::SeqCst) && !moments.is_over(Now::read()) {
            let rest = moments.left(Now::read()).min(LOOK);
            moments = match self.changed.wait_timeout(moments, rest) {
                Ok((moments, _)) => moments,
                Err(poisoned) => poisoned.into_inner().0,
            };
        }
        drop(moments);
        _ = self.close();
    }
}

struct Road<'a> {
    road: &'a dyn Transport,
    closing: &'a AtomicBool,
}

impl Transport for Road<'_> {
    fn post(&self, path: &str, body: Vec<u8>) -> Result<Reply, TransportError> {
        if self.closing.load(Ordering::SeqCst) {
            return Err(TransportError::Stopped);
        }
        self.road.post(path, body)
    }
}

/// Something that a person has wished goes on, as long as this lives.
struct Working<'a>(&'a Kept);

impl<'a> Working<'a> {
    /// None if the vault was to be closed before.
    fn begin(kept: &'a Kept) -> Option<Self> {
        held(&kept.moments).begin(Now::read()).then(|| Self(kept))
    }
}

impl Drop for Working<'_> {
    fn drop(&mut self) {
        self.0.note(Moments::end);
    }
}

/// A call that panicked left what it held as its last whole step did.
fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
