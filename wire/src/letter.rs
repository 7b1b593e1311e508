//! Late letters: segments of a device that has lost the right to write. They are kept apart from the log,
//! and a coordinator decides what becomes of them.
//!
//! Handed in by a request like [`crate::sync`]'s, of [`crate::hello::Purpose::Late`]; the answer is a
//! [`LateReceipt`]. Coordinators learn of them by a [`notice`] among the join requests of a sync answer,
//! and fetch them with a [`LettersAsk`].

use crate::codec::{Malformed, Reader, Writer};
use crate::digest::VerifyingKey;
use crate::id::{CircleId, DeviceId, WorkspaceId};
use crate::limits;

const LABEL: &[u8] = b"cairn/late/1";
/// The first octet of a notice; a join request's is the protocol version.
const NOTICE: u8 = 0x80;

/// How much of a chain the server has on disk, in its log and as letters together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LateHead {
    /// How many segments.
    pub height: u64,
    /// Half hash of the newest.
    pub link: Option<[u8; 16]>,
}

/// The answer to segments that were handed in late:
/// `version u8 | count | (height | link[16] if height > 0)* | signature[64]`, the signature over
/// `"cairn/late/1" ‖ workspace ‖ device ‖ nonce ‖` everything before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LateReceipt {
    /// In the order of the ask.
    pub chains: Vec<LateHead>,
}

impl LateReceipt {
    fn unsigned(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.octet(crate::PROTOCOL).count(self.chains.len());
        for head in &self.chains {
            writer.int(head.height);
            if let Some(link) = &head.link {
                writer.raw(link);
            }
        }
        writer.finish()
    }

    /// What the server signs.
    pub fn signed_bytes(&self, workspace: WorkspaceId, device: DeviceId, nonce: &[u8; 16]) -> Vec<u8> {
        [LABEL, &workspace.0, &device.0, nonce, &self.unsigned()].concat()
    }

    /// The bytes of the receipt.
    pub fn encode(&self, signature: &[u8; 64]) -> Vec<u8> {
        [&self.unsigned()[..], signature].concat()
    }

    /// Reads a receipt and verifies that the pinned server signed it for this question.
    pub fn decode(
        bytes: &[u8],
        server: &VerifyingKey,
        workspace: WorkspaceId,
        device: DeviceId,
        nonce: &[u8; 16],
    ) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        if reader.octet("protocol version")? != crate::PROTOCOL {
            return Err(Malformed { at: 0, what: "protocol version" });
        }
        let count = reader.count(limits::CIRCLES, "chains")?;
        let mut chains = Vec::with_capacity(count);
        for _ in 0..count {
            let height = reader.int("chain height")?;
            let link = if height > 0 { Some(reader.array("chain link")?) } else { None };
            chains.push(LateHead { height, link });
        }
        let receipt = Self { chains };
        let signature = reader.array("signature")?;
        reader.end()?;
        if !server.verifies(&receipt.signed_bytes(workspace, device, nonce), &signature) {
            return Err(Malformed { at: 0, what: "server signature" });
        }
        Ok(receipt)
    }
}

/// Which letters a coordinator wants: `after | budget`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LettersAsk {
    /// The number of the newest letter it has.
    pub after: u64,
    /// Octets of letters it takes at most; one letter always comes.
    pub budget: u64,
}

impl LettersAsk {
    /// The bytes of the ask.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.int(self.after).int(self.budget);
        writer.finish()
    }

    /// Reads [`LettersAsk::encode`].
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        let ask = Self { after: reader.int("letter number")?, budget: reader.int("budget")? };
        reader.end()?;
        Ok(ask)
    }
}

/// One late letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// The server's number for it: grows, may have gaps.
    pub number: u64,
    /// Which circle it was meant for.
    pub circle: CircleId,
    /// The author, as the server knows it; the reader verifies.
    pub device: DeviceId,
    /// The segment.
    pub bytes: Vec<u8>,
}

/// Letters, oldest first: `version u8 | count | (number | circle[16] | device[16] | blob)*`. Nothing is
/// signed by the server: each letter is by its author.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letters(pub Vec<Letter>);

impl Letters {
    /// The bytes of the answer.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.octet(crate::PROTOCOL).count(self.0.len());
        for letter in &self.0 {
            writer.int(letter.number).raw(&letter.circle.0).raw(&letter.device.0).blob(&letter.bytes);
        }
        writer.finish()
    }

    /// Reads [`Letters::encode`].
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        if reader.octet("protocol version")? != crate::PROTOCOL {
            return Err(Malformed { at: 0, what: "protocol version" });
        }
        let count = reader.count(limits::SEGMENTS.min(reader.remaining() / 34), "letters")?;
        let mut letters = Vec::with_capacity(count);
        for _ in 0..count {
            letters.push(Letter {
                number: reader.int("letter number")?,
                circle: CircleId::read(&mut reader)?,
                device: DeviceId::read(&mut reader)?,
                bytes: reader.blob(limits::SEGMENT, "letter")?.to_vec(),
            });
        }
        reader.end()?;
        Ok(Self(letters))
    }
}

/// Tells a coordinator, among join requests, which number the newest letter has: `0x80 | number`.
pub fn notice(newest: u64) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.octet(NOTICE).int(newest);
    writer.finish()
}

/// The number in a [`notice`]; nothing for whatever else stands among join requests.
pub fn read_notice(bytes: &[u8]) -> Option<u64> {
    let mut reader = Reader::new(bytes);
    let is_notice = reader.octet("notice").is_ok_and(|octet| octet == NOTICE);
    let newest = reader.int("letter number").ok()?;
    (is_notice && reader.end().is_ok()).then_some(newest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn letters_come_back() {
        let letters = Letters(vec![Letter {
            number: 7,
            circle: CircleId([1; 16]),
            device: DeviceId([2; 16]),
            bytes: vec![3; 40],
        }]);
        assert_eq!(Letters::decode(&letters.encode()), Ok(letters));
        let ask = LettersAsk { after: 3, budget: 1 << 20 };
        assert_eq!(LettersAsk::decode(&ask.encode()), Ok(ask));
    }

    #[test]
    fn a_notice_is_no_join_request_and_no_join_request_a_notice() {
        assert_eq!(read_notice(&notice(300)), Some(300));
        assert_eq!(read_notice(&[crate::PROTOCOL, 1]), None);
        assert!(crate::join::JoinRequest::decode(&notice(300)).is_err());
    }

    proptest! {
        #[test]
        fn garbage_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = Letters::decode(&bytes);
            let _ = read_notice(&bytes);
            let _ = LateReceipt::decode(
                &bytes, &VerifyingKey([1; 32]), WorkspaceId([0; 16]), DeviceId([0; 16]), &[0; 16],
            );
        }
    }
}
