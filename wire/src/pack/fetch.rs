//! Learning which packs there are, and fetching one.

use super::post::{read_attestations, read_pieces, write_attestations};
use crate::codec::{Malformed, Reader, Writer};
use crate::digest::Hash;
use crate::id::CircleId;
use crate::limits;

/// Whose packs a device wants to know of: `count (circle[16])*`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PacksAsk(pub Vec<CircleId>);

impl PacksAsk {
    /// The bytes of the ask.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.count(self.0.len());
        for circle in &self.0 {
            writer.raw(&circle.0);
        }
        writer.finish()
    }

    /// Reads [`PacksAsk::encode`].
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        let count = reader.count(limits::CIRCLES, "circles")?;
        let circles = (0..count).map(|_| CircleId::read(&mut reader)).collect::<Result<_, _>>()?;
        reader.end()?;
        Ok(Self(circles))
    }
}

/// A pack that the server holds whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// The signed manifest.
    pub manifest: Vec<u8>,
    /// The signed attestations.
    pub attestations: Vec<Vec<u8>>,
}

/// The newest packs of some circles: `version u8 | count (manifest blob | count (attestation blob)*)*`.
/// Nothing is signed by the server: manifests and attestations are by their authors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offers(pub Vec<Offer>);

impl Offers {
    /// The bytes of the answer.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.octet(crate::PROTOCOL).count(self.0.len());
        for offer in &self.0 {
            writer.blob(&offer.manifest);
            write_attestations(&mut writer, &offer.attestations);
        }
        writer.finish()
    }

    /// Reads [`Offers::encode`].
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        if reader.octet("protocol version")? != crate::PROTOCOL {
            return Err(Malformed { at: 0, what: "protocol version" });
        }
        let count = reader.count(limits::CIRCLES, "packs")?;
        let mut offers = Vec::new();
        for _ in 0..count {
            let manifest = reader.blob(limits::MANIFEST, "manifest")?.to_vec();
            let attestations = read_attestations(&mut reader)?;
            offers.push(Offer { manifest, attestations });
        }
        reader.end()?;
        Ok(Self(offers))
    }
}

/// Which pieces a device wants: `pack[32] | first | budget`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PiecesAsk {
    /// SHA-256 of the manifest.
    pub pack: Hash,
    /// The number of the first piece, from 0.
    pub first: u64,
    /// Octets of pieces it takes at most; one piece always comes.
    pub budget: u64,
}

impl PiecesAsk {
    /// The bytes of the ask.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.raw(&self.pack).int(self.first).int(self.budget);
        writer.finish()
    }

    /// Reads [`PiecesAsk::encode`].
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        let ask = Self {
            pack: reader.array("pack")?,
            first: reader.int("first piece")?,
            budget: reader.int("budget")?,
        };
        reader.end()?;
        Ok(ask)
    }
}

/// Pieces of a pack: `version u8 | count (blob)*`. Each is proved by its hash in the manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pieces(pub Vec<Vec<u8>>);

impl Pieces {
    /// The bytes of the answer.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.octet(crate::PROTOCOL).count(self.0.len());
        for piece in &self.0 {
            writer.blob(piece);
        }
        writer.finish()
    }

    /// Reads [`Pieces::encode`].
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        if reader.octet("protocol version")? != crate::PROTOCOL {
            return Err(Malformed { at: 0, what: "protocol version" });
        }
        let pieces = read_pieces(&mut reader)?;
        reader.end()?;
        Ok(Self(pieces))
    }
}
