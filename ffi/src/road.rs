//! The way to the server: the core's own HTTPS, or one that the app brings; ended by locking and by cancelling.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use cairn_core::transport::{Https, Reply, Transport, TransportError};
use cairn_core::{Error, Vault};

use crate::syncing::SyncWatcher;
use crate::vault::OpenVault;

/// The app's own way to the server, in place of the core's HTTPS: over another radio, say. What it carries is sealed
/// and signed, so that it can delay and lose it and nothing else. It must not call the vault.
#[uniffi::export(foreign)]
pub trait Road: Send + Sync {
    /// Posts `body` to `path` on the server, and gives its answer. Waits until there is one.
    ///
    /// # Errors
    /// Why there is none. The request may have arrived all the same.
    fn post(&self, path: String, body: Vec<u8>) -> Result<RoadReply, RoadError>;
}

/// What came back, and what it cost.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct RoadReply {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
    /// Octets sent.
    pub bytes_up: u64,
    /// Octets received.
    pub bytes_down: u64,
}

/// Why no answer came; whatever the app's own code throws counts as `Offline`.
#[derive(Debug, thiserror::Error, uniffi::Error)]
pub enum RoadError {
    /// The server cannot be reached, or the connection broke.
    #[error("the server cannot be reached")]
    Offline,
    /// Somebody answered who is not the server.
    #[error("whoever answered is not the server this workspace trusts")]
    NotTheServer,
    /// Somebody has stopped it.
    #[error("stopped")]
    Stopped,
}

impl From<uniffi::UnexpectedUniFFICallbackError> for RoadError {
    fn from(_: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Offline
    }
}

/// A road of the app's, as the core knows it.
struct Foreign(Arc<dyn Road>);

impl Transport for Foreign {
    fn post(&self, path: &str, body: Vec<u8>) -> Result<Reply, TransportError> {
        let reply = self.0.post(path.to_owned(), body).map_err(|error| match error {
            RoadError::Offline => TransportError::Offline,
            RoadError::NotTheServer => TransportError::NotThePinnedServer,
            RoadError::Stopped => TransportError::Stopped,
        })?;
        let RoadReply { status, body, bytes_up, bytes_down } = reply;
        if body.len() > cairn_core::wire::limits::RESPONSE {
            return Err(TransportError::TooLarge);
        }
        Ok(Reply { status, body, bytes_up, bytes_down })
    }
}

/// A road that ends when somebody cancels.
pub(crate) struct Watched<'a> {
    road: Box<dyn Transport>,
    cancelled: &'a AtomicBool,
    watcher: Option<&'a dyn SyncWatcher>,
}

impl Transport for Watched<'_> {
    fn post(&self, path: &str, body: Vec<u8>) -> Result<Reply, TransportError> {
        if self.watcher.is_some_and(|watcher| !watcher.go_on()) {
            self.cancelled.store(true, Ordering::SeqCst);
        }
        if self.cancelled.load(Ordering::SeqCst) {
            return Err(TransportError::Stopped);
        }
        self.road.post(path, body)
    }
}

impl OpenVault {
    /// The way to the server at an address that is not the vault's own yet.
    pub(crate) fn road_to<'a>(
        &'a self,
        https: impl FnOnce() -> Result<Https, Error>,
        watcher: Option<&'a dyn SyncWatcher>,
    ) -> Result<Watched<'a>, Error> {
        let own = self.road.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
        let road: Box<dyn Transport> = match own {
            Some(road) => Box::new(Foreign(road)),
            None => Box::new(https()?),
        };
        Ok(Watched { road, cancelled: &self.cancelled, watcher })
    }

    /// The way to the vault's server.
    pub(crate) fn road_of<'a>(
        &'a self,
        vault: &Vault,
        watcher: Option<&'a dyn SyncWatcher>,
    ) -> Result<Watched<'a>, Error> {
        let server = vault.server()?.ok_or(Error::NoWorkspace)?;
        let pins = vault.pins()?;
        self.road_to(|| Ok(Https::new(&server.url, pins, server.proxy.as_deref())?), watcher)
    }
}

#[uniffi::export]
impl OpenVault {
    /// Sends everything by the app's own road from now on, until the vault is locked; by the core's HTTPS again if
    /// none is given.
    pub fn use_road(&self, road: Option<Arc<dyn Road>>) {
        *self.road.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = road;
    }
}
