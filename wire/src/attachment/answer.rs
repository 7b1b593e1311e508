//! What the server says of attachments.

use crate::codec::{Malformed, Reader, Writer};
use crate::digest::VerifyingKey;
use crate::id::{DeviceId, WorkspaceId};
use crate::limits;

const STATES_LABEL: &[u8] = b"cairn/attachment-states/1";

/// How far the server holds one attachment: `0 u8`, or `1 u8 | held | count`, or `2 u8`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Nothing of it, as far as this workspace is concerned.
    Unknown,
    /// So many pieces, all of them durable.
    Held {
        /// How many, from the first without a gap; at most `count`.
        held: u64,
        /// How many there are when it is whole; from 1 to [`limits::ATTACHMENT_PIECES`].
        count: u64,
    },
    /// A coordinator had it dropped. It will not be taken again.
    Dropped,
}

impl State {
    /// How many pieces the server holds, from the first.
    pub fn held(self) -> u64 {
        match self {
            Self::Held { held, .. } => held,
            Self::Unknown | Self::Dropped => 0,
        }
    }

    /// Whether every piece is there.
    pub fn is_whole(self) -> bool {
        matches!(self, Self::Held { held, count } if held == count)
    }

    fn write(self, writer: &mut Writer) {
        match self {
            Self::Unknown => writer.octet(0),
            Self::Held { held, count } => writer.octet(1).int(held).int(count),
            Self::Dropped => writer.octet(2),
        };
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        match reader.octet("attachment state")? {
            0 => Ok(Self::Unknown),
            1 => {
                let (held, count) = (reader.int("pieces held")?, reader.int("pieces")?);
                let bounds = 1..=limits::ATTACHMENT_PIECES as u64;
                if held > count || !bounds.contains(&count) {
                    return Err(reader.malformed("pieces held"));
                }
                Ok(Self::Held { held, count })
            }
            2 => Ok(Self::Dropped),
            _ => Err(reader.malformed("attachment state")),
        }
    }
}

/// The answer to what was asked of some attachments: `version u8 | count | state* | signature[64]`, the
/// signature over `"cairn/attachment-states/1" ‖ workspace ‖ device ‖ nonce ‖` everything before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct States(
    /// In the order of the ask.
    pub Vec<State>,
);

impl States {
    fn unsigned(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.octet(crate::PROTOCOL).count(self.0.len());
        for state in &self.0 {
            state.write(&mut writer);
        }
        writer.finish()
    }

    /// What the server signs, for one asker and one nonce.
    pub fn signed_bytes(&self, workspace: WorkspaceId, device: DeviceId, nonce: &[u8; 16]) -> Vec<u8> {
        [STATES_LABEL, &workspace.0, &device.0, nonce, &self.unsigned()].concat()
    }

    /// The bytes of the answer.
    pub fn encode(&self, signature: &[u8; 64]) -> Vec<u8> {
        [&self.unsigned()[..], signature].concat()
    }

    /// Reads [`States::encode`], with its signature, not yet believed.
    pub fn decode(bytes: &[u8]) -> Result<(Self, [u8; 64]), Malformed> {
        let mut reader = Reader::new(bytes);
        if reader.octet("protocol version")? != crate::PROTOCOL {
            return Err(Malformed { at: 0, what: "protocol version" });
        }
        let count = reader.count(limits::ATTACHMENTS, "attachments")?;
        let states = (0..count).map(|_| State::read(&mut reader)).collect::<Result<_, _>>()?;
        let signature = reader.array("signature")?;
        reader.end()?;
        Ok((Self(states), signature))
    }

    /// Whether the pinned server said so to this asker and for this nonce.
    pub fn verify(
        &self,
        signature: &[u8; 64],
        server: &VerifyingKey,
        workspace: WorkspaceId,
        device: DeviceId,
        nonce: &[u8; 16],
    ) -> bool {
        server.verifies(&self.signed_bytes(workspace, device, nonce), signature)
    }
}

/// Pieces of an attachment: `version u8 | state | count (blob)*`. The server signs nothing here: whoever can
/// open the attachment can tell whether a piece is the one with that number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// How far the server holds it.
    pub state: State,
    /// Pieces from the one that was asked for on.
    pub pieces: Vec<Vec<u8>>,
}

impl Fetched {
    /// The bytes of the answer.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.octet(crate::PROTOCOL);
        self.state.write(&mut writer);
        writer.count(self.pieces.len());
        for piece in &self.pieces {
            writer.blob(piece);
        }
        writer.finish()
    }

    /// Reads [`Fetched::encode`].
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        if reader.octet("protocol version")? != crate::PROTOCOL {
            return Err(Malformed { at: 0, what: "protocol version" });
        }
        let state = State::read(&mut reader)?;
        let count = reader.count(limits::ATTACHMENT_PIECES, "pieces")?;
        let mut pieces = Vec::new();
        for _ in 0..count {
            match reader.blob(limits::ATTACHMENT_PIECE, "piece")? {
                [] => return Err(reader.malformed("piece")),
                piece => pieces.push(piece.to_vec()),
            }
        }
        reader.end()?;
        Ok(Self { state, pieces })
    }
}
