//! Bundles: one file that carries sealed things where no server is.
//!
//! ```text
//! bundle  = header | frame*
//! header  = "cairnbnd" | version u8 = 1 | purpose u8 | count u8 | wrap[1168]* | commitment[32]
//! frame   = length u32 | sealed
//! sealed  = ChaCha20-Poly1305(frame key, nonce 0, AD = running hash, message)
//! message = last u8 (0 or 1) | length u32 | content | zeros
//! ```
//! Lengths have their highest octet first. One random key ([`crate::crypto::BundleKey`]) is wrapped for each
//! reader; nothing names them, and wraps for nobody fill their number up to the next multiple of four. Each frame
//! has a key of its own, and is bound to all before it: the running hash is `H("cairn/bundle/1" ‖ header)`, then
//! `H("cairn/bundle/1" ‖ the hash before ‖ sealed)`. So whatever stands before a tear can be used, and nothing can
//! be swapped, left out, doubled or put behind the end.
//!
//! Nothing says who made a bundle: what is inside proves itself, or is not believed.

mod content;
mod reader;
mod writer;

use std::io;

use cairn_wire::digest::{Hash, sha256};

use crate::crypto::CryptoError;

pub use content::{Head, Item, Items, Span};
pub use reader::Reader;
pub use writer::Writer;

const MAGIC: &[u8; 8] = b"cairnbnd";
const VERSION: u8 = 1;
/// Wraps in the header: a multiple of this, so that the number of readers does not show.
const STEP: usize = 4;
/// Readers of one bundle, at most.
pub const READERS: usize = 64;
/// Octets the AEAD adds.
const TAG: usize = 16;
/// Octets in front of a frame's content.
const FRONT: usize = 5;
/// Octets of a sealed frame, at most.
const SEALED: usize = 1 << 20;
/// Octets of a frame's content, at most.
pub const FRAME: usize = SEALED - TAG - FRONT;

/// What a bundle is for. One that was made for something else is not opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// What has not left a device, carried to the office.
    Outbox,
    /// A whole workspace, for the coordinator on paper.
    Backup,
}

impl Purpose {
    fn octet(self) -> u8 {
        match self {
            Self::Outbox => 1,
            Self::Backup => 2,
        }
    }
}

/// Why a bundle was not written or not read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BundleError {
    /// The file could not be read or written.
    #[error("reading or writing the file failed")]
    Io(#[from] io::Error),
    /// It does not begin as a bundle does.
    #[error("this is not a file that Cairn has sealed")]
    NotABundle,
    /// It was made by a newer version.
    #[error("the file was made by a newer version")]
    TooNew,
    /// It was made for something else.
    #[error("the file was made for something else")]
    OtherPurpose,
    /// None of its wraps opens for this device.
    #[error("the file is not sealed for this device")]
    NotForThis,
    /// It ends before its end. What came before is good.
    #[error("the file is cut off after {frames} whole parts")]
    Torn {
        /// Whole frames before the tear.
        frames: u64,
    },
    /// Something in it was changed. What came before is good.
    #[error("the file was changed after {frames} good parts")]
    Changed {
        /// Good frames before the change.
        frames: u64,
    },
    /// More than fits one frame, or more readers than [`READERS`].
    #[error("too large for one part of the file")]
    TooLarge,
    /// No random numbers, or a key that is none.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
}

/// The hash that binds a frame to all before it.
fn running(before: &[u8], next: &[u8]) -> Hash {
    sha256(&[b"cairn/bundle/1", before, next])
}

#[cfg(test)]
mod tests;
