//! The pieces of a request that puts, as they leave and as they arrive.

use crate::codec::{Malformed, Reader, Writer};
use crate::digest::Hash;
use crate::limits;

/// The longest length of anything here, in octets as it is written.
const LENGTH: usize = 3;

/// The body of a request that puts:
/// ```text
/// count (SHA-256(piece)[32])*     of all pieces of the attachment; only if the first piece here has number 0
/// (blob)*                         pieces in order, to the end of the body
/// ```
pub fn put_body(all: Option<&[Hash]>, pieces: &[Vec<u8>]) -> Vec<u8> {
    let mut writer = Writer::new();
    if let Some(all) = all {
        writer.count(all.len());
        for hash in all {
            writer.raw(hash);
        }
    }
    for piece in pieces {
        writer.blob(piece);
    }
    writer.finish()
}

/// A whole part of the body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// The hashes of all pieces of the attachment: 1 to [`limits::ATTACHMENT_PIECES`] of them.
    Hashes(Vec<Hash>),
    /// The next piece: 1 to [`limits::ATTACHMENT_PIECE`] octets.
    Piece(Vec<u8>),
}

/// Reads a body that puts as its octets arrive.
///
/// Push what arrived, then call [`PutStream::next_part`] until it gives `None`.
#[derive(Debug, Clone)]
pub struct PutStream {
    buffer: Vec<u8>,
    start: usize,
    begins: bool,
}

impl PutStream {
    /// For an ask whose first piece has this number.
    pub fn new(first: u64) -> Self {
        Self { buffer: Vec::new(), start: 0, begins: first == 0 }
    }

    /// Takes octets that have arrived.
    pub fn push(&mut self, bytes: &[u8]) {
        self.buffer.drain(..self.start);
        self.start = 0;
        self.buffer.extend_from_slice(bytes);
    }

    /// The next whole part, or `None` if more octets are needed.
    pub fn next_part(&mut self) -> Result<Option<Part>, Malformed> {
        let pending = self.buffer.get(self.start..).unwrap_or_default();
        let (most, size) =
            if self.begins { (limits::ATTACHMENT_PIECES, 32) } else { (limits::ATTACHMENT_PIECE, 1) };
        let mut reader = Reader::new(pending);
        let count = match reader.count(most, "length") {
            Ok(0) => return Err(Malformed { at: self.start, what: "length" }),
            Ok(count) => count,
            // With fewer octets at hand than a length may have, the rest may just not have arrived yet.
            Err(_) if pending.len() < LENGTH && pending.iter().all(|octet| octet & 0x80 != 0) => {
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        // Both factors are bounded above.
        let Ok(octets) = reader.take(count * size, "part") else { return Ok(None) };
        self.start += reader.position();
        if !std::mem::take(&mut self.begins) {
            return Ok(Some(Part::Piece(octets.to_vec())));
        }
        Ok(Some(Part::Hashes(octets.as_chunks::<32>().0.to_vec())))
    }

    /// Whether the body ended where it should: no part begun or missing.
    pub fn is_complete(&self) -> bool {
        !self.begins && self.start == self.buffer.len()
    }
}
