//! What a device wants of attachments.

use crate::codec::{Malformed, Reader, Writer};
use crate::id::AttachmentId;
use crate::limits;

/// The bytes of [`crate::hello::Hello::ask`]:
/// ```text
/// 1 u8 | count (attachment[16])*                how far they are held
/// 2 u8 | attachment[16] | first                 pieces from this number on follow as the body
/// 3 u8 | attachment[16] | first | budget        pieces from this number on are wanted
/// 4 u8 | count (attachment[16])*                they are to go, and not to be taken again
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// How far these are held. Answered by [`super::States`] in the same order.
    States(Vec<AttachmentId>),
    /// Pieces are put. Answered by [`super::States`] with one state.
    Put {
        /// Which.
        attachment: AttachmentId,
        /// The number of the first piece in the body, from 0.
        first: u64,
    },
    /// Pieces are wanted. Answered by [`super::Fetched`].
    Fetch {
        /// Which.
        attachment: AttachmentId,
        /// The number of the first piece that is wanted, from 0.
        first: u64,
        /// Octets of pieces the device takes at most; if the piece is held, one always comes.
        budget: u64,
    },
    /// These are to go; coordinators only. Answered by [`super::States`] in the same order.
    Drop(Vec<AttachmentId>),
}

impl Ask {
    /// The bytes of the ask.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        match self {
            Self::States(named) => write_named(writer.octet(1), named),
            Self::Put { attachment, first } => writer.octet(2).raw(&attachment.0).int(*first),
            Self::Fetch { attachment, first, budget } => {
                writer.octet(3).raw(&attachment.0).int(*first).int(*budget)
            }
            Self::Drop(named) => write_named(writer.octet(4), named),
        };
        writer.finish()
    }

    /// Reads [`Ask::encode`].
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        let ask = match reader.octet("ask")? {
            1 => Self::States(read_named(&mut reader)?),
            2 => {
                Self::Put { attachment: AttachmentId::read(&mut reader)?, first: reader.int("first piece")? }
            }
            3 => Self::Fetch {
                attachment: AttachmentId::read(&mut reader)?,
                first: reader.int("first piece")?,
                budget: reader.int("budget")?,
            },
            4 => Self::Drop(read_named(&mut reader)?),
            _ => return Err(Malformed { at: 0, what: "ask" }),
        };
        reader.end()?;
        Ok(ask)
    }
}

fn write_named<'a>(writer: &'a mut Writer, named: &[AttachmentId]) -> &'a mut Writer {
    writer.count(named.len());
    for attachment in named {
        writer.raw(&attachment.0);
    }
    writer
}

fn read_named(reader: &mut Reader<'_>) -> Result<Vec<AttachmentId>, Malformed> {
    let count = reader.count(limits::ATTACHMENTS, "attachments")?;
    (0..count).map(|_| AttachmentId::read(reader)).collect()
}
