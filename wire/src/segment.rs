//! The sealed batch that travels.
//!
//! ```text
//! version u8 | type u8 | chain[16] | seq | epoch | roster seq | prev[16] | salt[24] | signature[64] | ciphertext
//! ```
//! `seq`, `epoch` and `roster seq` are integers of [`crate::codec`]. `prev` is the first half of the
//! SHA-256 of the chain's previous segment; a chain's first segment (`seq` 1) names its author's
//! device there instead, which is how everyone learns whose chain it is. The type says how the ciphertext
//! was made: under the circle's secret, or by somebody who has only its public half.

use crate::codec::{Malformed, Reader, Writer};
use crate::digest::{Hash, VerifyingKey, half, sha256};
use crate::id::{ChainId, CircleId, DeviceId, WorkspaceId};

/// The segment format this code writes.
pub const VERSION: u8 = 1;
/// A batch of entries under the circle's secret.
const TYPE_BATCH: u8 = 1;
/// A batch sealed to the circle's submit key.
const TYPE_SUBMITTED: u8 = 2;
/// What the associated data and the signature begin with.
const LABEL: &[u8] = b"cairn/segment/1";

/// How a segment's batch is sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Under a key of the epoch's secret: whoever seals it can open it.
    Batch,
    /// To the epoch's submit key: whoever seals it cannot open it.
    Submitted,
}

impl Kind {
    /// The octet in a header.
    pub fn code(self) -> u8 {
        match self {
            Self::Batch => TYPE_BATCH,
            Self::Submitted => TYPE_SUBMITTED,
        }
    }

    fn from_code(code: u8) -> Option<Self> {
        match code {
            TYPE_BATCH => Some(Self::Batch),
            TYPE_SUBMITTED => Some(Self::Submitted),
            _ => None,
        }
    }
}

/// All of a segment's header but the signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// How it is sealed.
    pub kind: Kind,
    /// The author's row of segments.
    pub chain: ChainId,
    /// Place in that row, from 1, without gaps.
    pub seq: u64,
    /// Which of the circle's epoch secrets sealed it.
    pub epoch: u64,
    /// The roster entry its author believed to be the latest.
    pub roster_seq: u64,
    /// Half hash of the previous segment, or the author's device at `seq` 1.
    pub prev: [u8; 16],
    /// Random input of the key derivation.
    pub salt: [u8; 24],
}

impl Header {
    /// The octets before the signature.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer
            .octet(VERSION)
            .octet(self.kind.code())
            .raw(&self.chain.0)
            .int(self.seq)
            .int(self.epoch)
            .int(self.roster_seq)
            .raw(&self.prev)
            .raw(&self.salt);
        writer.finish()
    }

    /// The author's device, which a chain's first segment names.
    pub fn opens_for(&self) -> Option<DeviceId> {
        (self.seq == 1).then_some(DeviceId(self.prev))
    }

    /// `label ‖ workspace ‖ circle ‖ roster head ‖ header`: what the ciphertext is bound to.
    /// `roster_head` is the hash of the roster entry `roster_seq`.
    pub fn associated_data(&self, workspace: WorkspaceId, circle: CircleId, roster_head: &Hash) -> Vec<u8> {
        [LABEL, &workspace.0, &circle.0, roster_head, &self.encode()].concat()
    }
}

/// What the author signs: `associated data ‖ SHA-256(ciphertext)`.
pub fn signed_bytes(associated_data: &[u8], ciphertext: &[u8]) -> Vec<u8> {
    [associated_data, &sha256(&[ciphertext])].concat()
}

/// The whole segment from its parts.
pub fn assemble(header: &Header, signature: &[u8; 64], ciphertext: &[u8]) -> Vec<u8> {
    [&header.encode()[..], signature, ciphertext].concat()
}

/// A segment's parts, read but not yet believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parsed<'a> {
    /// The header.
    pub header: Header,
    /// The author's signature.
    pub signature: [u8; 64],
    /// What only the circle can open.
    pub ciphertext: &'a [u8],
    /// SHA-256 of the whole segment.
    pub hash: Hash,
}

/// Reads the parts of a segment. Only structure is checked; see [`Parsed::verify`].
pub fn parse(bytes: &[u8]) -> Result<Parsed<'_>, Malformed> {
    let mut reader = Reader::new(bytes);
    if reader.octet("segment version")? != VERSION {
        return Err(Malformed { at: 0, what: "segment version" });
    }
    let kind = Kind::from_code(reader.octet("segment type")?);
    let kind = kind.ok_or(Malformed { at: 1, what: "segment type" })?;
    let chain = ChainId::read(&mut reader)?;
    let seq = reader.int("segment number")?;
    if seq == 0 {
        return Err(reader.malformed("segment number"));
    }
    let header = Header {
        kind,
        chain,
        seq,
        epoch: reader.int("epoch")?,
        roster_seq: reader.int("roster number")?,
        prev: reader.array("previous segment")?,
        salt: reader.array("salt")?,
    };
    let signature = reader.array("signature")?;
    Ok(Parsed { header, signature, ciphertext: reader.rest(), hash: sha256(&[bytes]) })
}

impl Parsed<'_> {
    /// Whether the holder of `author` signed exactly this segment for this place.
    pub fn verify(
        &self,
        author: &VerifyingKey,
        workspace: WorkspaceId,
        circle: CircleId,
        roster_head: &Hash,
    ) -> bool {
        let associated_data = self.header.associated_data(workspace, circle, roster_head);
        author.verifies(&signed_bytes(&associated_data, self.ciphertext), &self.signature)
    }

    /// What the chain's next segment puts into `prev`.
    pub fn link(&self) -> [u8; 16] {
        half(&self.hash)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn header() -> Header {
        let chain = ChainId([7; 16]);
        Header { kind: Kind::Batch, chain, seq: 3, epoch: 1, roster_seq: 9, prev: [2; 16], salt: [5; 24] }
    }

    #[test]
    fn a_segment_comes_back() {
        for kind in [Kind::Batch, Kind::Submitted] {
            let header = Header { kind, ..header() };
            let bytes = assemble(&header, &[9; 64], b"sealed");
            let parsed = parse(&bytes).unwrap();
            assert_eq!(parsed.header, header);
            assert_eq!(parsed.signature, [9; 64]);
            assert_eq!(parsed.ciphertext, b"sealed");
        }
    }

    #[test]
    fn the_fixed_cost_of_a_short_segment_is_125_bytes() {
        assert_eq!(assemble(&header(), &[0; 64], b"").len(), 125);
    }

    #[test]
    fn number_zero_and_unknown_versions_are_refused() {
        let mut zero = header();
        zero.seq = 0;
        assert!(parse(&assemble(&zero, &[0; 64], b"")).is_err());
        let mut newer = assemble(&header(), &[0; 64], b"");
        newer[0] = 2;
        assert_eq!(parse(&newer).unwrap_err().what, "segment version");
        let mut unknown = assemble(&header(), &[0; 64], b"");
        unknown[1] = 3;
        assert_eq!(parse(&unknown).unwrap_err().what, "segment type");
    }

    proptest! {
        #[test]
        fn parsing_never_panics_and_keeps_every_byte(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            if let Ok(parsed) = parse(&bytes) {
                prop_assert_eq!(assemble(&parsed.header, &parsed.signature, parsed.ciphertext), bytes);
            }
        }
    }
}
