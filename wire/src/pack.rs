//! Packs: all that a circle's log says up to one place, made anew in one piece by a coordinator.
//!
//! A pack is sealed in pieces of equal size. Its [`Manifest`] names them by their hashes and is signed by
//! its author; other devices that hold the same log compare and add an [`Attestation`]. The server may let
//! go of the segments that a pack covers once two devices stand for it.

use crate::codec::{Malformed, Reader, Writer};
use crate::digest::{Hash, VerifyingKey, sha256};
use crate::id::{ChainId, CircleId, DeviceId, WorkspaceId};
use crate::limits;

mod attest;
mod fetch;
mod post;
mod stand;
#[cfg(test)]
mod tests;

pub use attest::Attestation;
pub use fetch::{Offer, Offers, PacksAsk, Pieces, PiecesAsk};
pub use post::{PackBack, PackPost, PackReceipt, read_attestations, write_attestations};
pub use stand::DEVICES;

const LABEL: &[u8] = b"cairn/pack/1";
/// The format this code writes.
const VERSION: u8 = 1;
/// The first octet of a notice; a join request's is the protocol version, a letter's notice has 0x80.
const NOTICE: u8 = 0x81;

/// How far a chain goes at the place up to which a pack reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ChainHead {
    /// The chain.
    pub chain: ChainId,
    /// Whose it is.
    pub device: DeviceId,
    /// How many segments; 0 if others have only carried something from it.
    pub height: u64,
    /// Half hash of the newest of them, or the device if there is none.
    pub link: [u8; 16],
}

/// What a pack covers and what it is made of.
/// ```text
/// version u8 | circle[16] | device[16] | seq | root[32] | epoch | roster seq | time | state[32] | salt[24]
/// | count (chain[16] | device[16] | height | link[16])* | count (piece hash[32])* | signature[64]
/// ```
/// The signature is over `"cairn/pack/1" ‖ workspace ‖ roster head[32] ‖` everything before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// Which circle.
    pub circle: CircleId,
    /// Who made it.
    pub device: DeviceId,
    /// How many segments of the circle's log it covers.
    pub seq: u64,
    /// The root over them.
    pub root: Hash,
    /// Under which epoch it is sealed.
    pub epoch: u64,
    /// The newest roster entry its author knew.
    pub roster_seq: u64,
    /// The author's clock, seconds since 1970; shown, never trusted.
    pub time: u64,
    /// Merkle root over all documents and their heads, ascending.
    pub state: Hash,
    /// Random input of the key derivation.
    pub salt: [u8; 24],
    /// Every chain of the circle, ascending.
    pub chains: Vec<ChainHead>,
    /// SHA-256 of each sealed piece.
    pub pieces: Vec<Hash>,
}

impl Manifest {
    /// What the pieces' ciphertexts are bound to beside their number, and what is signed.
    pub fn signed_bytes(&self, workspace: WorkspaceId, roster_head: &Hash) -> Vec<u8> {
        [LABEL, &workspace.0, roster_head, &self.unsigned()].concat()
    }

    fn unsigned(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer
            .octet(VERSION)
            .raw(&self.circle.0)
            .raw(&self.device.0)
            .int(self.seq)
            .raw(&self.root)
            .int(self.epoch)
            .int(self.roster_seq)
            .int(self.time)
            .raw(&self.state)
            .raw(&self.salt)
            .count(self.chains.len());
        for head in &self.chains {
            writer.raw(&head.chain.0).raw(&head.device.0).int(head.height).raw(&head.link);
        }
        writer.count(self.pieces.len());
        for piece in &self.pieces {
            writer.raw(piece);
        }
        writer.finish()
    }

    /// The bytes of a signed manifest.
    pub fn encode(&self, signature: &[u8; 64]) -> Vec<u8> {
        [&self.unsigned()[..], signature].concat()
    }
}

/// A manifest as it came, not yet believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedManifest {
    /// What it says.
    pub manifest: Manifest,
    /// The author's signature.
    pub signature: [u8; 64],
    /// SHA-256 of its bytes: the pack's name.
    pub hash: Hash,
}

impl SignedManifest {
    /// Reads [`Manifest::encode`]. Only structure is checked.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        if bytes.len() > limits::MANIFEST {
            return Err(Malformed { at: 0, what: "manifest length" });
        }
        let mut reader = Reader::new(bytes);
        if reader.octet("manifest version")? != VERSION {
            return Err(Malformed { at: 0, what: "manifest version" });
        }
        let mut manifest = Manifest {
            circle: CircleId::read(&mut reader)?,
            device: DeviceId::read(&mut reader)?,
            seq: reader.int("place in the log")?,
            root: reader.array("root")?,
            epoch: reader.int("epoch")?,
            roster_seq: reader.int("roster number")?,
            time: reader.int("time")?,
            state: reader.array("state")?,
            salt: reader.array("salt")?,
            chains: Vec::new(),
            pieces: Vec::new(),
        };
        let count = reader.count(reader.remaining() / 49, "chains")?;
        for _ in 0..count {
            let head = ChainHead {
                chain: ChainId::read(&mut reader)?,
                device: DeviceId::read(&mut reader)?,
                height: reader.int("chain height")?,
                link: reader.array("chain link")?,
            };
            if manifest.chains.last().is_some_and(|last| last.chain >= head.chain) {
                return Err(reader.malformed("order of chains"));
            }
            manifest.chains.push(head);
        }
        let count = reader.count(reader.remaining() / 32, "pieces")?;
        for _ in 0..count {
            manifest.pieces.push(reader.array("piece")?);
        }
        let signature = reader.array("signature")?;
        reader.end()?;
        if manifest.pieces.is_empty() || manifest.seq == 0 {
            return Err(Malformed { at: 0, what: "empty pack" });
        }
        Ok(Self { manifest, signature, hash: sha256(&[bytes]) })
    }

    /// Whether the holder of `author` signed it for this workspace and roster entry.
    pub fn verify(&self, author: &VerifyingKey, workspace: WorkspaceId, roster_head: &Hash) -> bool {
        author.verifies(&self.manifest.signed_bytes(workspace, roster_head), &self.signature)
    }
}

/// Tells every device, among join requests, how many packs the workspace has had: `0x81 | number`.
pub fn notice(count: u64) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.octet(NOTICE).int(count);
    writer.finish()
}

/// The number in a [`notice`]; nothing for whatever else stands among join requests.
pub fn read_notice(bytes: &[u8]) -> Option<u64> {
    let mut reader = Reader::new(bytes);
    let is_notice = reader.octet("notice").is_ok_and(|octet| octet == NOTICE);
    let count = reader.int("packs").ok()?;
    (is_notice && reader.end().is_ok()).then_some(count)
}
