//! The signed opening of every request from a device.
//!
//! ```text
//! request = length of hello | hello | body
//! hello   = version u8 | workspace[16] | device[16] | time | nonce[16] | body digest (blob, 0 or 32) | ask (rest) | signature[64]
//! ```
//! The signature covers `"cairn/hello/1" ‖ server key ‖ purpose u8 ‖` everything before it. The server key
//! is not sent: both know it, and a hello recorded by one server is useless at another.

use crate::codec::{Malformed, Reader, Writer};
use crate::digest::{Hash, VerifyingKey, sha256};
use crate::id::{DeviceId, WorkspaceId};

const LABEL: &[u8] = b"cairn/hello/1";

/// Which endpoint a hello is for; part of what is signed, so that it fits no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// [`crate::sync`].
    Sync,
    /// [`crate::sync::RosterPost`].
    Roster,
    /// Segments handed in late: [`crate::letter::LateReceipt`].
    Late,
    /// Late letters fetched: [`crate::letter::LettersAsk`].
    Letters,
    /// [`crate::sync`], to give back what the server has lost.
    Heal,
    /// A pack handed over: [`crate::pack::PackPost`].
    Pack,
    /// What packs there are: [`crate::pack::PacksAsk`].
    Packs,
    /// Pieces of a pack fetched: [`crate::pack::PiecesAsk`].
    Pieces,
    /// A pack vouched for: [`crate::pack::Attestation`].
    Attest,
    /// A pack given back that the server has lost: [`crate::pack::PackBack`].
    HealPack,
    /// [`crate::attachment`].
    Attachments,
}

impl Purpose {
    fn code(self) -> u8 {
        match self {
            Self::Sync => 1,
            Self::Roster => 2,
            Self::Late => 3,
            Self::Letters => 4,
            Self::Heal => 5,
            Self::Pack => 6,
            Self::Packs => 7,
            Self::Pieces => 8,
            Self::Attest => 9,
            Self::HealPack => 10,
            Self::Attachments => 11,
        }
    }
}

/// Who asks, when, and for what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hello {
    /// The workspace.
    pub workspace: WorkspaceId,
    /// The device that signs.
    pub device: DeviceId,
    /// The device's clock corrected by what it knows of the server's, seconds since 1970.
    pub time: u64,
    /// Random; comes back under the server's signature.
    pub nonce: [u8; 16],
    /// SHA-256 of the body; `None` when there is no body.
    pub body_digest: Option<Hash>,
    /// The endpoint's own question, encoded.
    pub ask: Vec<u8>,
}

impl Hello {
    /// What the device signs.
    pub fn signed_bytes(&self, purpose: Purpose, server_key: &VerifyingKey) -> Vec<u8> {
        [LABEL, &server_key.0, &[purpose.code()], &self.unsigned()].concat()
    }

    fn unsigned(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer
            .octet(crate::PROTOCOL)
            .raw(&self.workspace.0)
            .raw(&self.device.0)
            .int(self.time)
            .raw(&self.nonce);
        writer.blob(self.body_digest.as_ref().map_or(&[], |digest| &digest[..])).raw(&self.ask);
        writer.finish()
    }

    /// The front of a request: length, hello, signature. The body follows.
    pub fn encode(&self, signature: &[u8; 64]) -> Vec<u8> {
        let unsigned = self.unsigned();
        let mut writer = Writer::new();
        writer.count(unsigned.len() + 64).raw(&unsigned).raw(signature);
        writer.finish()
    }

    /// The digest for `body`, as a hello carries it.
    pub fn digest_of(body: &[u8]) -> Option<Hash> {
        (!body.is_empty()).then(|| sha256(&[body]))
    }
}

/// A hello as received: read but not yet believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// What it says.
    pub hello: Hello,
    /// Its signature.
    pub signature: [u8; 64],
}

impl Received {
    /// Reads a hello without its length; `Err` with `what == "protocol version"` asks for an update.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let cut = bytes.len().checked_sub(64).ok_or(Malformed { at: bytes.len(), what: "hello" })?;
        let (unsigned, signature) = bytes.split_at(cut);
        let mut reader = Reader::new(unsigned);
        if reader.octet("protocol version")? != crate::PROTOCOL {
            return Err(Malformed { at: 0, what: "protocol version" });
        }
        let hello = Hello {
            workspace: WorkspaceId::read(&mut reader)?,
            device: DeviceId::read(&mut reader)?,
            time: reader.int("time")?,
            nonce: reader.array("nonce")?,
            body_digest: match reader.blob(32, "body digest")? {
                [] => None,
                digest => Some(digest.try_into().map_err(|_| reader.malformed("body digest"))?),
            },
            ask: reader.rest().to_vec(),
        };
        let signature = signature.try_into().map_err(|_| Malformed { at: cut, what: "signature" })?;
        Ok(Self { hello, signature })
    }

    /// Whether the device's key signed it for this purpose and this server.
    pub fn verify(&self, device: &VerifyingKey, purpose: Purpose, server_key: &VerifyingKey) -> bool {
        device.verifies(&self.hello.signed_bytes(purpose, server_key), &self.signature)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hello_comes_back() {
        let hello = Hello {
            workspace: WorkspaceId([1; 16]),
            device: DeviceId([2; 16]),
            time: 1_800_000_000,
            nonce: [3; 16],
            body_digest: Hello::digest_of(b"body"),
            ask: vec![5, 6],
        };
        let bytes = hello.encode(&[7; 64]);
        let mut reader = Reader::new(&bytes);
        let received = Received::decode(reader.blob(crate::limits::HELLO, "hello").unwrap()).unwrap();
        assert_eq!(received, Received { hello, signature: [7; 64] });
        reader.end().unwrap();
    }
}
