//! Handing a pack over, piece by piece.

use crate::codec::{Malformed, Reader, Writer};
use crate::digest::Hash;
use crate::id::{DeviceId, WorkspaceId};
use crate::limits;

const RECEIPT_LABEL: &[u8] = b"cairn/pack-receipt/1";

/// Pieces of a pack on their way to the server: `manifest blob | first | count (blob)*`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackPost {
    /// The signed manifest.
    pub manifest: Vec<u8>,
    /// The number of the first piece here, from 0.
    pub first: u64,
    /// Pieces, in order; none to ask how many are held.
    pub pieces: Vec<Vec<u8>>,
}

impl PackPost {
    /// The body of the request.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.blob(&self.manifest).int(self.first).count(self.pieces.len());
        for piece in &self.pieces {
            writer.blob(piece);
        }
        writer.finish()
    }

    /// Reads [`PackPost::encode`].
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        let post = Self::read(&mut reader)?;
        reader.end()?;
        Ok(post)
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let manifest = reader.blob(limits::MANIFEST, "manifest")?.to_vec();
        let first = reader.int("first piece")?;
        Ok(Self { manifest, first, pieces: read_pieces(reader)? })
    }
}

pub(super) fn read_pieces(reader: &mut Reader<'_>) -> Result<Vec<Vec<u8>>, Malformed> {
    let count = reader.count(limits::REQUEST / limits::PACK_PIECE + 1, "pieces")?;
    let mut pieces = Vec::new();
    for _ in 0..count {
        pieces.push(reader.blob(limits::PACK_PIECE, "piece")?.to_vec());
    }
    Ok(pieces)
}

/// Pieces of a pack on their way back to a server that has lost it, with what vouches for it:
/// `count (attestation blob)* | pack post`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackBack {
    /// The signed attestations.
    pub attestations: Vec<Vec<u8>>,
    /// The manifest and some pieces.
    pub post: PackPost,
}

impl PackBack {
    /// The body of the request.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        write_attestations(&mut writer, &self.attestations);
        [writer.finish(), self.post.encode()].concat()
    }

    /// Reads [`PackBack::encode`].
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        let attestations = read_attestations(&mut reader)?;
        let post = PackPost::read(&mut reader)?;
        reader.end()?;
        Ok(Self { attestations, post })
    }
}

/// Writes `count (attestation blob)*`.
pub fn write_attestations(writer: &mut Writer, attestations: &[Vec<u8>]) {
    writer.count(attestations.len());
    for attestation in attestations {
        writer.blob(attestation);
    }
}

/// Reads [`write_attestations`].
pub fn read_attestations(reader: &mut Reader<'_>) -> Result<Vec<Vec<u8>>, Malformed> {
    let count = reader.count(limits::ATTESTATIONS, "attestations")?;
    (0..count).map(|_| Ok(reader.blob(256, "attestation")?.to_vec())).collect()
}

/// How much of a pack the server has on disk: `version u8 | held | signature[64]`, the signature over
/// `"cairn/pack-receipt/1" ‖ workspace ‖ device ‖ nonce ‖ pack[32] ‖` everything before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PackReceipt {
    /// How many pieces, from the first.
    pub held: u64,
}

impl PackReceipt {
    fn unsigned(self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.octet(crate::PROTOCOL).int(self.held);
        writer.finish()
    }

    /// What the server signs.
    pub fn signed_bytes(
        self,
        workspace: WorkspaceId,
        device: DeviceId,
        nonce: &[u8; 16],
        pack: &Hash,
    ) -> Vec<u8> {
        [RECEIPT_LABEL, &workspace.0, &device.0, nonce, pack, &self.unsigned()].concat()
    }

    /// The bytes of the receipt.
    pub fn encode(self, signature: &[u8; 64]) -> Vec<u8> {
        [&self.unsigned()[..], signature].concat()
    }

    /// Reads [`PackReceipt::encode`], with its signature, not yet believed.
    pub fn decode(bytes: &[u8]) -> Result<(Self, [u8; 64]), Malformed> {
        let mut reader = Reader::new(bytes);
        if reader.octet("protocol version")? != crate::PROTOCOL {
            return Err(Malformed { at: 0, what: "protocol version" });
        }
        let receipt = Self { held: reader.int("pieces held")? };
        let signature = reader.array("signature")?;
        reader.end()?;
        Ok((receipt, signature))
    }
}
