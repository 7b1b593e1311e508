//! What a backup says: items, as many in a frame as fit.
//!
//! ```text
//! frame   = item*
//! item    = kind u8 | …
//! 1 head    version u8 = 1 | workspace[16] | author[16] | time int | url blob | server key[32]
//!           | count (circle[16] | from int | to int)*
//! 2 entry   roster entry blob
//! 3 key     circle[16] | epoch int | wrap blob
//! 4 letter  circle[16] | device[16] | segment blob
//! 5 pack    manifest blob | count (attestation blob)*
//! 6 piece   sealed piece blob
//! 7 segment circle[16] | place int | sealed segment blob
//! ```
//! In this order, 5 to 7 for each circle. All but the head was signed or sealed by others before, and is believed
//! for that alone.

use std::io::Write;

use cairn_wire::codec::{Malformed, Reader as Codec, Writer as Octets};
use cairn_wire::digest::VerifyingKey;
use cairn_wire::id::{CircleId, DeviceId, WorkspaceId};
use cairn_wire::limits;
use cairn_wire::pack::{read_attestations, write_attestations};

use super::{BundleError, Writer};

const VERSION: u8 = 1;
/// Octets of items in one frame, about: what a tear costs at most.
const AIM: usize = 256 << 10;
/// Octets of an address.
const URL: usize = 1 << 10;

/// Of one circle: from which place of its log on a backup has it, and up to which.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The circle.
    pub circle: CircleId,
    /// A pack stands for what was before.
    pub from: u64,
    /// The newest segment's place.
    pub to: u64,
}

/// What comes first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Whose data.
    pub workspace: WorkspaceId,
    /// Who made it.
    pub author: DeviceId,
    /// The author's clock, seconds since 1970: shown, never trusted.
    pub time: u64,
    /// Where the server was.
    pub url: String,
    /// A key it was known by.
    pub server_key: VerifyingKey,
    /// The circles in it.
    pub circles: Vec<Span>,
}

/// One thing in a backup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// What comes first.
    Head(Head),
    /// A roster entry, as it was signed.
    Entry(Vec<u8>),
    /// An epoch's secret, wrapped for the reader.
    Key {
        /// The circle.
        circle: CircleId,
        /// Its epoch.
        epoch: u64,
        /// The wrap.
        sealed: Vec<u8>,
    },
    /// A late letter.
    Letter {
        /// The circle it was meant for.
        circle: CircleId,
        /// Its author.
        device: DeviceId,
        /// The segment.
        bytes: Vec<u8>,
    },
    /// The pack from which a circle's log is held; its pieces follow.
    Pack {
        /// As its author signed it.
        manifest: Vec<u8>,
        /// What vouches for it.
        attestations: Vec<Vec<u8>>,
    },
    /// The next piece of the pack before.
    Piece(Vec<u8>),
    /// A segment of a circle's log.
    Segment {
        /// The circle.
        circle: CircleId,
        /// Its place.
        seq: u64,
        /// As it was sealed.
        bytes: Vec<u8>,
    },
}

impl Item {
    fn encode(&self) -> Vec<u8> {
        let mut writer = Octets::new();
        match self {
            Self::Head(head) => {
                writer.octet(1).octet(VERSION).raw(&head.workspace.0).raw(&head.author.0).int(head.time);
                writer.blob(head.url.as_bytes()).raw(&head.server_key.0).count(head.circles.len());
                for span in &head.circles {
                    writer.raw(&span.circle.0).int(span.from).int(span.to);
                }
            }
            Self::Entry(entry) => _ = writer.octet(2).blob(entry),
            Self::Key { circle, epoch, sealed } => {
                writer.octet(3).raw(&circle.0).int(*epoch).blob(sealed);
            }
            Self::Letter { circle, device, bytes } => {
                writer.octet(4).raw(&circle.0).raw(&device.0).blob(bytes);
            }
            Self::Pack { manifest, attestations } => {
                write_attestations(writer.octet(5).blob(manifest), attestations);
            }
            Self::Piece(piece) => _ = writer.octet(6).blob(piece),
            Self::Segment { circle, seq, bytes } => {
                writer.octet(7).raw(&circle.0).int(*seq).blob(bytes);
            }
        }
        writer.finish()
    }

    /// Every item of a frame, read one by one; what is malformed is the last.
    pub fn each(frame: &[u8]) -> impl Iterator<Item = Result<Self, Malformed>> {
        let mut reader = Codec::new(frame);
        let mut ended = false;
        std::iter::from_fn(move || {
            if ended || reader.remaining() == 0 {
                return None;
            }
            let item = Self::read(&mut reader);
            ended = item.is_err();
            Some(item)
        })
    }

    fn read(reader: &mut Codec<'_>) -> Result<Self, Malformed> {
        let unknown = reader.malformed("item");
        Ok(match reader.octet("item")? {
            1 => Self::Head(Head::read(reader)?),
            2 => Self::Entry(reader.blob(limits::ROSTER_ENTRY, "roster entry")?.to_vec()),
            3 => Self::Key {
                circle: CircleId::read(reader)?,
                epoch: reader.int("epoch")?,
                sealed: reader.blob(limits::WRAP, "wrap")?.to_vec(),
            },
            4 => Self::Letter {
                circle: CircleId::read(reader)?,
                device: DeviceId::read(reader)?,
                bytes: reader.blob(limits::SEGMENT, "letter")?.to_vec(),
            },
            5 => Self::Pack {
                manifest: reader.blob(limits::MANIFEST, "manifest")?.to_vec(),
                attestations: read_attestations(reader)?,
            },
            6 => Self::Piece(reader.blob(limits::PACK_PIECE, "piece")?.to_vec()),
            7 => Self::Segment {
                circle: CircleId::read(reader)?,
                seq: reader.int("place")?,
                bytes: reader.blob(limits::SEGMENT, "segment")?.to_vec(),
            },
            _ => return Err(unknown),
        })
    }
}

impl Head {
    fn read(reader: &mut Codec<'_>) -> Result<Self, Malformed> {
        let newer = reader.malformed("version of the backup");
        if reader.octet("version")? != VERSION {
            return Err(newer);
        }
        let (workspace, author) = (WorkspaceId::read(reader)?, DeviceId::read(reader)?);
        let time = reader.int("time")?;
        let at = reader.malformed("address");
        let url = String::from_utf8(reader.blob(URL, "address")?.to_vec()).map_err(|_| at)?;
        let server_key = VerifyingKey(reader.array("server key")?);
        let count = reader.count(limits::CIRCLES, "circles")?;
        let mut circles = Vec::with_capacity(count);
        for _ in 0..count {
            let circle = CircleId::read(reader)?;
            circles.push(Span { circle, from: reader.int("place")?, to: reader.int("place")? });
        }
        Ok(Self { workspace, author, time, url, server_key, circles })
    }
}

/// Writes items, a frame whenever one is full.
pub struct Items<W: Write> {
    writer: Writer<W>,
    content: Vec<u8>,
}

impl<W: Write> Items<W> {
    /// Into this bundle.
    pub fn new(writer: Writer<W>) -> Self {
        Self { writer, content: Vec::new() }
    }

    /// Adds one.
    ///
    /// # Errors
    /// As [`Writer::frame`].
    pub fn add(&mut self, item: &Item) -> Result<(), BundleError> {
        let bytes = item.encode();
        if !self.content.is_empty() && self.content.len() + bytes.len() > AIM {
            self.writer.frame(&self.content)?;
            self.content.clear();
        }
        self.content.extend(bytes);
        Ok(())
    }

    /// Writes the rest and the end.
    ///
    /// # Errors
    /// As [`Writer::finish`].
    pub fn finish(mut self) -> Result<W, BundleError> {
        if !self.content.is_empty() {
            self.writer.frame(&self.content)?;
        }
        self.writer.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_all(frame: &[u8]) -> Result<Vec<Item>, Malformed> {
        Item::each(frame).collect()
    }

    #[test]
    fn items_are_read_one_by_one_and_what_is_malformed_is_the_last() {
        let mut frame = [Item::Entry(Vec::new()).encode(), Item::Piece(Vec::new()).encode()].concat();
        assert_eq!(Item::each(&frame.repeat(1000)).count(), 2000, "control");
        frame.push(8);
        let mut items = Item::each(&frame);
        assert_eq!(items.next(), Some(Ok(Item::Entry(Vec::new()))), "the end was not looked at yet");
        assert!(items.next().is_some_and(|item| item.is_ok()));
        assert!(items.next().is_some_and(|item| item.is_err()));
        assert_eq!(items.next(), None);
    }

    #[test]
    fn every_item_is_read_as_it_was_written_and_nothing_shorter_is() {
        let (circle, device) = (CircleId([1; 16]), DeviceId([2; 16]));
        let items = [
            Item::Head(Head {
                workspace: WorkspaceId([3; 16]),
                author: device,
                time: 1_800_000_000,
                url: "https://cairn.example:8443".to_owned(),
                server_key: VerifyingKey([4; 32]),
                circles: vec![Span { circle, from: 5, to: 300 }],
            }),
            Item::Entry(vec![1; 300]),
            Item::Key { circle, epoch: 7, sealed: vec![2; 1168] },
            Item::Letter { circle, device, bytes: vec![3; 381] },
            Item::Pack { manifest: vec![4; 500], attestations: vec![vec![5; 100], vec![6; 100]] },
            Item::Piece(vec![7; 256]),
            Item::Segment { circle, seq: 300, bytes: vec![8; 381] },
        ];
        let frame: Vec<u8> = items.iter().flat_map(Item::encode).collect();
        assert_eq!(read_all(&frame).unwrap(), items);
        for item in &items {
            let bytes = item.encode();
            for end in 1..bytes.len() {
                assert!(read_all(&bytes[..end]).is_err());
            }
        }
        assert!(read_all(&[8]).is_err());
        assert_eq!(read_all(&[]), Ok(Vec::new()));
    }
}
