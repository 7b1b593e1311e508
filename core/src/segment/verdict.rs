//! What a coordinator decided about a late letter, as it travels.

use cairn_wire::codec::{Malformed, Reader, Writer};
use cairn_wire::digest::{half, sha256};
use cairn_wire::id::DeviceId;
use cairn_wire::limits;

/// A decision. What is accepted travels as its author sealed and signed it, so that a coordinator can let
/// it in and not change it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is to be taken in.
    Accepted {
        /// Its author.
        device: DeviceId,
        /// The segment.
        letter: Vec<u8>,
    },
    /// It stays aside.
    Refused {
        /// Half hash of the segment.
        letter: [u8; 16],
    },
}

impl Verdict {
    /// Half hash of the letter it is about.
    pub fn letter(&self) -> [u8; 16] {
        match self {
            Self::Accepted { letter, .. } => half(&sha256(&[letter])),
            Self::Refused { letter } => *letter,
        }
    }

    /// `1 | device[16] | segment blob`, or `0 | half hash[16]`.
    pub fn write(&self, writer: &mut Writer) {
        match self {
            Self::Accepted { device, letter } => writer.octet(1).raw(&device.0).blob(letter),
            Self::Refused { letter } => writer.octet(0).raw(letter),
        };
    }

    /// Reads [`Verdict::write`].
    pub fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        match reader.octet("verdict")? {
            0 => Ok(Self::Refused { letter: reader.array("letter")? }),
            1 => Ok(Self::Accepted {
                device: DeviceId::read(reader)?,
                letter: reader.blob(limits::SEGMENT, "letter")?.to_vec(),
            }),
            _ => Err(reader.malformed("verdict")),
        }
    }
}
