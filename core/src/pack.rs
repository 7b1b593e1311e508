//! Packs: all that a circle's log says up to one place, in one piece.
//!
//! ```text
//! entries ──► Writer: zstd, one stream ──► pieces of 256 KiB, each sealed with a key of its own
//! entries ◄── Reader: zstd             ◄── pieces, in order
//! ```
//! Which pieces belong to a pack, and what it covers, stands in its signed manifest
//! ([`cairn_wire::pack::Manifest`]). The entries are described in [`Entry`].

mod entry;
mod state;

use std::io::{self, Read};

use cairn_wire::codec::{Malformed, Writer as Codec};
use cairn_wire::digest::Hash;
use cairn_wire::id::{CircleId, DeviceId, WorkspaceId};
use cairn_wire::limits;

use crate::crypto::{CryptoError, EpochSecret};
use crate::segment::{Compressor, Decompressor, padded};

pub use entry::Entry;
pub use state::State;

/// The format this code writes.
const VERSION: u8 = 1;
/// Octets the AEAD adds.
const TAG: usize = 16;
/// Octets of one piece before it is sealed.
const PIECE: usize = limits::PACK_PIECE - TAG;
/// One entry, in octets: a document with all its changes may take several.
pub const ENTRY: usize = 4 << 20;

/// Why a pack could not be written or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PackError {
    /// What was opened is not a pack.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// A key does not open its piece.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
    /// It ends before its end, or is not compressed as it should be.
    #[error("the pack is cut off or not readable")]
    Unreadable,
    /// It was made by a newer version.
    #[error("the pack was made by a newer version")]
    TooNew,
    /// An entry is larger than any device accepts.
    #[error("too large for a pack")]
    TooLarge,
}

impl From<io::Error> for PackError {
    fn from(_: io::Error) -> Self {
        Self::Unreadable
    }
}

/// Where a pack's pieces belong, and the key they are sealed with.
#[derive(Clone)]
pub struct Binding {
    /// Whose data.
    pub workspace: WorkspaceId,
    /// Which circle.
    pub circle: CircleId,
    /// Who makes it.
    pub device: DeviceId,
    /// Random input of the key derivation.
    pub salt: [u8; 24],
    /// The secret of the epoch it is sealed under.
    pub secret: EpochSecret,
}

impl Binding {
    fn seal(&self, piece: u64, message: Vec<u8>) -> Result<Vec<u8>, CryptoError> {
        let key = self.secret.derive_piece_key(&self.salt, self.circle, self.device, piece)?;
        key.seal(&self.associated_data(piece), message)
    }

    /// Opens the piece of that number.
    ///
    /// # Errors
    /// [`CryptoError::NotOpened`] if it is not this pack's piece of that number.
    pub fn open(&self, piece: u64, sealed: &[u8]) -> Result<Vec<u8>, CryptoError> {
        let key = self.secret.derive_piece_key(&self.salt, self.circle, self.device, piece)?;
        key.open(&self.associated_data(piece), sealed)
    }

    fn associated_data(&self, piece: u64) -> Vec<u8> {
        let label: &[u8] = b"cairn/pack-piece/1";
        [label, &self.workspace.0, &self.circle.0, &self.device.0, &piece.to_be_bytes()].concat()
    }
}

/// Writes a pack.
pub struct Writer {
    binding: Binding,
    compressor: Compressor,
    sealed: u64,
}

impl Writer {
    /// A pack without entries.
    pub fn new(binding: Binding) -> Result<Self, PackError> {
        let mut compressor = Compressor::new()?;
        compressor.write(&[VERSION])?;
        Ok(Self { binding, compressor, sealed: 0 })
    }

    /// Adds an entry; gives the pieces that became full.
    pub fn add(&mut self, entry: &Entry) -> Result<Vec<Vec<u8>>, PackError> {
        let bytes = entry.encode();
        if bytes.len() > ENTRY {
            return Err(PackError::TooLarge);
        }
        let mut length = Codec::new();
        length.count(bytes.len());
        self.compressor.write(&length.finish())?;
        self.compressor.write(&bytes)?;
        let mut pieces = Vec::new();
        while self.compressor.ready().len() >= PIECE {
            let message = self.compressor.ready().drain(..PIECE).collect();
            pieces.push(self.seal(message)?);
        }
        Ok(pieces)
    }

    /// Ends the pack; gives its last pieces.
    pub fn finish(mut self) -> Result<Vec<Vec<u8>>, PackError> {
        self.compressor.write(&[0])?;
        let mut rest = std::mem::replace(&mut self.compressor, Compressor::new()?).finish()?;
        let mut pieces = Vec::new();
        while rest.len() > PIECE {
            let after = rest.split_off(PIECE);
            pieces.push(self.seal(rest)?);
            rest = after;
        }
        // The end of the stream is marked inside it; zeros hide how long the last piece is.
        let size = padded(rest.len() + TAG).min(limits::PACK_PIECE);
        rest.resize(size - TAG, 0);
        pieces.push(self.seal(rest)?);
        Ok(pieces)
    }

    fn seal(&mut self, message: Vec<u8>) -> Result<Vec<u8>, PackError> {
        let piece = self.binding.seal(self.sealed, message)?;
        self.sealed += 1;
        Ok(piece)
    }
}

/// Reads a pack from its opened pieces.
pub struct Reader<F: FnMut() -> io::Result<Option<Vec<u8>>>> {
    source: Decompressor<Pieces<F>>,
    begun: bool,
}

impl<F: FnMut() -> io::Result<Option<Vec<u8>>>> Reader<F> {
    /// `next` gives the opened pieces one by one.
    pub fn new(next: F) -> Result<Self, PackError> {
        let source = Decompressor::new(Pieces { next, piece: Vec::new(), at: 0 })?;
        Ok(Self { source, begun: false })
    }

    /// The next entry; none at the end. Memory is bounded by [`ENTRY`] and the compressor's window,
    /// whatever the bytes claim.
    pub fn next_entry(&mut self) -> Result<Option<Entry>, PackError> {
        if !self.begun {
            if self.octet()? != VERSION {
                return Err(PackError::TooNew);
            }
            self.begun = true;
        }
        let length = self.length()?;
        if length == 0 {
            return Ok(None);
        }
        let mut bytes = Vec::new();
        (&mut self.source).take(length as u64).read_to_end(&mut bytes)?;
        if bytes.len() < length {
            return Err(PackError::Unreadable);
        }
        Ok(Some(Entry::decode(&bytes)?))
    }

    fn octet(&mut self) -> Result<u8, PackError> {
        let mut octet = [0];
        self.source.read_exact(&mut octet)?;
        Ok(octet[0])
    }

    fn length(&mut self) -> Result<usize, PackError> {
        let mut length = 0usize;
        for shift in [0, 7, 14, 21] {
            let octet = self.octet()?;
            length |= usize::from(octet & 0x7f) << shift;
            if octet & 0x80 == 0 {
                return if length <= ENTRY { Ok(length) } else { Err(PackError::TooLarge) };
            }
        }
        Err(PackError::TooLarge)
    }
}

/// Opened pieces as one stream.
struct Pieces<F> {
    next: F,
    piece: Vec<u8>,
    at: usize,
}

impl<F: FnMut() -> io::Result<Option<Vec<u8>>>> Read for Pieces<F> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.at >= self.piece.len() {
            let Some(piece) = (self.next)()? else { return Ok(0) };
            (self.piece, self.at) = (piece, 0);
        }
        let rest = self.piece.get(self.at..).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..count), rest.get(..count)) {
            to.copy_from_slice(from);
        }
        self.at += count;
        Ok(count)
    }
}

/// SHA-256 of each sealed piece, as a manifest lists them.
pub fn names(pieces: &[Vec<u8>]) -> Vec<Hash> {
    pieces.iter().map(|piece| cairn_wire::digest::sha256(&[piece])).collect()
}

#[cfg(test)]
mod tests;
