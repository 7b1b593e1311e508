//! How requests reach the server: the only room with reqwest and rustls.
//!
//! [`Transport`] is a true seam: phones bring their own, tests put bad roads between.

mod address;
mod https;
mod pin;

pub use address::{is_socks_proxy, server_address};
pub use https::Https;
pub use pin::Pins;

/// What came back, and what it cost on the road.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
    /// Octets of HTTP sent, headers included, TLS not.
    pub bytes_up: u64,
    /// Octets of HTTP received, headers included, TLS not.
    pub bytes_down: u64,
}

/// Why no answer came. In every case the request may have arrived.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TransportError {
    /// The server cannot be reached, or the connection broke.
    #[error("the server cannot be reached")]
    Offline,
    /// Somebody answered who does not hold the pinned key.
    #[error("whoever answered is not the server this workspace trusts")]
    NotThePinnedServer,
    /// The answer is larger than anything the protocol allows.
    #[error("the answer is too large")]
    TooLarge,
    /// Somebody has stopped what this was part of.
    #[error("stopped")]
    Stopped,
    /// The address is not one.
    #[error("not a server address")]
    BadAddress,
}

/// Carries one request to the pinned server and its answer back.
pub trait Transport {
    /// Posts `body` to `path`.
    ///
    /// # Errors
    /// [`TransportError`]; nothing is known then of whether the request arrived.
    fn post(&self, path: &str, body: Vec<u8>) -> Result<Reply, TransportError>;
}
