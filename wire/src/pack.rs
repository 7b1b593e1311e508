//! Packs: all that a circle's log says up to one place, made anew in one piece by a coordinator.
//!
//! A pack is sealed in pieces of equal size. Its [`Manifest`] names them by their hashes and is signed by
//! its author; other devices that hold the same log compare and add an [`Attestation`]. The server may let
//! go of the segments that a pack covers once two devices stand for it.

use crate::codec::{Malformed, Reader, Writer};
use crate::digest::{Hash, VerifyingKey, sha256};
use crate::id::{ChainId, CircleId, DeviceId, WorkspaceId};
use crate::limits;

const LABEL: &[u8] = b"cairn/pack/1";
const ATTEST_LABEL: &[u8] = b"cairn/attest/1";
const RECEIPT_LABEL: &[u8] = b"cairn/pack-receipt/1";
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

/// A device's word that a pack says what its own copy of the log says:
/// `version u8 | circle[16] | pack[32] | device[16] | signature[64]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attestation {
    /// Which circle.
    pub circle: CircleId,
    /// SHA-256 of the manifest.
    pub pack: Hash,
    /// Who says so.
    pub device: DeviceId,
}

impl Attestation {
    fn unsigned(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.octet(VERSION).raw(&self.circle.0).raw(&self.pack).raw(&self.device.0);
        writer.finish()
    }

    /// What the device signs: `"cairn/attest/1" ‖ workspace ‖` everything before the signature.
    pub fn signed_bytes(&self, workspace: WorkspaceId) -> Vec<u8> {
        [ATTEST_LABEL, &workspace.0, &self.unsigned()].concat()
    }

    /// The bytes of the attestation.
    pub fn encode(&self, signature: &[u8; 64]) -> Vec<u8> {
        [&self.unsigned()[..], signature].concat()
    }

    /// Reads [`Attestation::encode`], with its signature, not yet believed.
    pub fn decode(bytes: &[u8]) -> Result<(Self, [u8; 64]), Malformed> {
        let mut reader = Reader::new(bytes);
        if reader.octet("attestation version")? != VERSION {
            return Err(Malformed { at: 0, what: "attestation version" });
        }
        let attestation = Self {
            circle: CircleId::read(&mut reader)?,
            pack: reader.array("pack")?,
            device: DeviceId::read(&mut reader)?,
        };
        let signature = reader.array("signature")?;
        reader.end()?;
        Ok((attestation, signature))
    }
}

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
        let manifest = reader.blob(limits::MANIFEST, "manifest")?.to_vec();
        let first = reader.int("first piece")?;
        let pieces = read_pieces(&mut reader)?;
        reader.end()?;
        Ok(Self { manifest, first, pieces })
    }
}

fn read_pieces(reader: &mut Reader<'_>) -> Result<Vec<Vec<u8>>, Malformed> {
    let count = reader.count(limits::REQUEST / limits::PACK_PIECE + 1, "pieces")?;
    let mut pieces = Vec::new();
    for _ in 0..count {
        pieces.push(reader.blob(limits::PACK_PIECE, "piece")?.to_vec());
    }
    Ok(pieces)
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
            writer.blob(&offer.manifest).count(offer.attestations.len());
            for attestation in &offer.attestations {
                writer.blob(attestation);
            }
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
            let count = reader.count(limits::ATTESTATIONS, "attestations")?;
            let mut attestations = Vec::new();
            for _ in 0..count {
                attestations.push(reader.blob(256, "attestation")?.to_vec());
            }
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn manifest() -> Manifest {
        let head = |n: u8| ChainHead {
            chain: ChainId([n; 16]),
            device: DeviceId([9; 16]),
            height: u64::from(n),
            link: [n; 16],
        };
        Manifest {
            circle: CircleId([1; 16]),
            device: DeviceId([2; 16]),
            seq: 300,
            root: [3; 32],
            epoch: 2,
            roster_seq: 11,
            time: 1_800_000_000,
            state: [4; 32],
            salt: [5; 24],
            chains: vec![head(1), head(2)],
            pieces: vec![[6; 32], [7; 32]],
        }
    }

    #[test]
    fn everything_comes_back() {
        let bytes = manifest().encode(&[8; 64]);
        let signed = SignedManifest::decode(&bytes).unwrap();
        assert_eq!((&signed.manifest, signed.signature), (&manifest(), [8; 64]));
        assert_eq!(signed.hash, sha256(&[&bytes]));
        let attestation = Attestation { circle: CircleId([1; 16]), pack: [2; 32], device: DeviceId([3; 16]) };
        assert_eq!(Attestation::decode(&attestation.encode(&[4; 64])), Ok((attestation, [4; 64])));
        let post = PackPost { manifest: bytes.clone(), first: 3, pieces: vec![vec![1; 9], vec![2; 8]] };
        assert_eq!(PackPost::decode(&post.encode()), Ok(post));
        let receipt = PackReceipt { held: 7 };
        assert_eq!(PackReceipt::decode(&receipt.encode(&[4; 64])), Ok((receipt, [4; 64])));
        let ask = PacksAsk(vec![CircleId([1; 16])]);
        assert_eq!(PacksAsk::decode(&ask.encode()), Ok(ask));
        let offers = Offers(vec![Offer { manifest: bytes, attestations: vec![vec![1; 129]] }]);
        assert_eq!(Offers::decode(&offers.encode()), Ok(offers));
        let ask = PiecesAsk { pack: [1; 32], first: 2, budget: 3 };
        assert_eq!(PiecesAsk::decode(&ask.encode()), Ok(ask));
        let pieces = Pieces(vec![vec![1; 9]]);
        assert_eq!(Pieces::decode(&pieces.encode()), Ok(pieces));
        assert_eq!(read_notice(&notice(300)), Some(300));
        assert_eq!(read_notice(&crate::letter::notice(300)), None);
        assert_eq!(crate::letter::read_notice(&notice(300)), None);
    }

    #[test]
    fn chains_out_of_order_and_empty_packs_are_refused() {
        let refused = |change: fn(&mut Manifest)| {
            let mut manifest = manifest();
            change(&mut manifest);
            SignedManifest::decode(&manifest.encode(&[8; 64])).is_err()
        };
        assert!(!refused(|_| ()), "control");
        assert!(refused(|manifest| manifest.chains.reverse()));
        assert!(refused(|manifest| manifest.chains.push(manifest.chains[1])));
        assert!(refused(|manifest| manifest.pieces.clear()));
        assert!(refused(|manifest| manifest.seq = 0));
    }

    proptest! {
        #[test]
        fn reading_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            let _ = (SignedManifest::decode(&bytes), Attestation::decode(&bytes), PackPost::decode(&bytes));
            let _ = (Offers::decode(&bytes), Pieces::decode(&bytes), PiecesAsk::decode(&bytes));
            let _ = (PacksAsk::decode(&bytes), PackReceipt::decode(&bytes), read_notice(&bytes));
        }
    }
}
