//! What a pack consists of.

use cairn_wire::codec::{Malformed, Reader, Writer};
use cairn_wire::digest::Hash;
use cairn_wire::id::{ChainId, CircleId, DeviceId, DocumentId, RecordId};
use cairn_wire::limits;

use super::ENTRY;
use crate::{change, form};

/// One thing a circle's log has said: `kind u8 | …`, preceded by its length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// What a device is called: `1 | device[16] | blob`.
    Name {
        /// The device.
        device: DeviceId,
        /// UTF-8.
        name: String,
    },
    /// A form: `2 | device[16] | form blob | dictionary blob`.
    Form {
        /// Who published it.
        device: DeviceId,
        /// Its encoding.
        form: Vec<u8>,
        /// May be empty.
        dictionary: Vec<u8>,
    },
    /// A decision about a late letter: `3 | half hash[16] | accepted u8`.
    Verdict {
        /// Half hash of the letter.
        letter: [u8; 16],
        /// Whether it was taken in.
        accepted: bool,
    },
    /// Changes of a document, each after those it builds on:
    /// `4 | document[16] | count (count (0 hash[32] | place)* | blob)*`. A change is taken apart: the
    /// dependencies that stand earlier in the entry are named by their place, from 1; the blob is the rest.
    Document {
        /// The document. A long one takes several entries.
        id: DocumentId,
        /// Raw changes.
        changes: Vec<Vec<u8>>,
    },
    /// A segment that its reader could not take in: `5 | seq | blob`.
    Segment {
        /// Its place in the log.
        seq: u64,
        /// As it was sealed.
        bytes: Vec<u8>,
    },
    /// A change in quarantine: `6 | seq | chain[16] | document[16] | waits u8 | reason blob | blob`.
    Quarantined {
        /// Its segment's place in the log.
        seq: u64,
        /// Who wrote it.
        chain: ChainId,
        /// Which document it is about.
        document: DocumentId,
        /// Whether it may still be taken in.
        waits: bool,
        /// Why it is there.
        reason: String,
        /// The change.
        bytes: Vec<u8>,
    },
    /// What the circle is called and holds: `7 | seq | blob`.
    Label {
        /// Its segment's place in the log.
        seq: u64,
        /// As it travels in a batch.
        bytes: Vec<u8>,
    },
    /// A copy of a record that was made for another circle: `8 | copy[16] | record[16] | circle[16] | device[16]`.
    Share {
        /// The copy.
        copy: RecordId,
        /// The original.
        record: RecordId,
        /// Where the copy lives.
        circle: CircleId,
        /// Who shared it.
        device: DeviceId,
    },
    /// A record that was erased: `9 | seq | blob | documents count ([16])* | confirmed count (device[16] | time)*`.
    Tombstone {
        /// Its segment's place in the log.
        seq: u64,
        /// The erasure, as it travels in a batch.
        bytes: Vec<u8>,
        /// Every document of the record that has been seen.
        documents: Vec<DocumentId>,
        /// Who has carried it out, and when they said so.
        confirmed: Vec<(DeviceId, u64)>,
    },
    /// A piece of a list or table that travels apart from its form: `10 | blob`.
    Piece {
        /// Its octets.
        bytes: Vec<u8>,
    },
    /// The newest departure of a device: `12 | device[16] | time | blob | ends count (device[16] | kind u8 | time)*`.
    Departure {
        /// Which device.
        device: DeviceId,
        /// When, by its clock.
        time: u64,
        /// The entry, as it travels in a batch.
        bytes: Vec<u8>,
        /// Who said what became of it, and when.
        ends: Vec<(DeviceId, u8, u64)>,
    },
}

impl Entry {
    /// The bytes of the entry, without their length.
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        match self {
            Self::Name { device, name } => {
                writer.octet(1).raw(&device.0).blob(name.as_bytes());
            }
            Self::Form { device, form, dictionary } => {
                writer.octet(2).raw(&device.0).blob(form).blob(dictionary);
            }
            Self::Verdict { letter, accepted } => {
                writer.octet(3).raw(letter).octet(u8::from(*accepted));
            }
            Self::Document { id, changes } => {
                writer.octet(4).raw(&id.0).count(changes.len());
                let mut names: Vec<Option<Hash>> = Vec::with_capacity(changes.len());
                for bytes in changes {
                    write_change(&mut writer, &names, bytes);
                    names.push(change::hash(bytes));
                }
            }
            Self::Segment { seq, bytes } => {
                writer.octet(5).int(*seq).blob(bytes);
            }
            Self::Quarantined { seq, chain, document, waits, reason, bytes } => {
                writer.octet(6).int(*seq).raw(&chain.0).raw(&document.0).octet(u8::from(*waits));
                writer.blob(reason.as_bytes()).blob(bytes);
            }
            Self::Label { seq, bytes } => {
                writer.octet(7).int(*seq).blob(bytes);
            }
            Self::Share { copy, record, circle, device } => {
                writer.octet(8).raw(&copy.0).raw(&record.0).raw(&circle.0).raw(&device.0);
            }
            Self::Tombstone { seq, bytes, documents, confirmed } => {
                writer.octet(9).int(*seq).blob(bytes).count(documents.len());
                for document in documents {
                    writer.raw(&document.0);
                }
                writer.count(confirmed.len());
                for (device, time) in confirmed {
                    writer.raw(&device.0).int(*time);
                }
            }
            Self::Piece { bytes } => {
                writer.octet(10).blob(bytes);
            }
            Self::Departure { device, time, bytes, ends } => {
                writer.octet(12).raw(&device.0).int(*time).blob(bytes).count(ends.len());
                for (device, kind, time) in ends {
                    writer.raw(&device.0).octet(*kind).int(*time);
                }
            }
        }
        writer.finish()
    }

    /// Reads [`Entry::encode`].
    pub(super) fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        let entry = match reader.octet("entry")? {
            1 => Self::Name { device: DeviceId::read(&mut reader)?, name: text(&mut reader, 256, "name")? },
            2 => Self::Form {
                device: DeviceId::read(&mut reader)?,
                form: reader.blob(limits::OPENED, "form")?.to_vec(),
                dictionary: reader.blob(limits::SEGMENT, "dictionary")?.to_vec(),
            },
            3 => Self::Verdict { letter: reader.array("letter")?, accepted: flag(&mut reader, "verdict")? },
            4 => document(&mut reader)?,
            5 => Self::Segment {
                seq: reader.int("place in the log")?,
                bytes: reader.blob(limits::SEGMENT, "segment")?.to_vec(),
            },
            6 => Self::Quarantined {
                seq: reader.int("place in the log")?,
                chain: ChainId::read(&mut reader)?,
                document: DocumentId::read(&mut reader)?,
                waits: flag(&mut reader, "waits")?,
                reason: text(&mut reader, 1024, "reason")?,
                bytes: reader.blob(ENTRY, "change")?.to_vec(),
            },
            7 => Self::Label {
                seq: reader.int("place in the log")?,
                bytes: reader.blob(limits::SEGMENT, "label")?.to_vec(),
            },
            8 => Self::Share {
                copy: RecordId(reader.array("copy")?),
                record: RecordId(reader.array("record")?),
                circle: CircleId::read(&mut reader)?,
                device: DeviceId::read(&mut reader)?,
            },
            9 => tombstone(&mut reader)?,
            12 => departure(&mut reader)?,
            10 => Self::Piece { bytes: reader.blob(form::limits::TABLE_PIECE, "piece")?.to_vec() },
            _ => return Err(Malformed { at: 0, what: "entry kind" }),
        };
        reader.end()?;
        Ok(entry)
    }
}

fn write_change(writer: &mut Writer, names: &[Option<Hash>], bytes: &[u8]) {
    // What is no change by our rules is never in a document; it would travel as one without a past.
    let (deps, rest) = change::split(bytes).unwrap_or((Vec::new(), bytes));
    writer.count(deps.len());
    for dep in &deps {
        match names.iter().position(|name| name.as_ref() == Some(dep)) {
            Some(place) => writer.count(place + 1),
            None => writer.int(0).raw(dep),
        };
    }
    writer.blob(rest);
}

fn document(reader: &mut Reader<'_>) -> Result<Entry, Malformed> {
    let id = DocumentId::read(reader)?;
    let count = reader.count(reader.remaining() / 2, "changes")?;
    let (mut names, mut changes) = (Vec::<Hash>::new(), Vec::new());
    for _ in 0..count {
        let mut deps = Vec::new();
        for _ in 0..reader.count(limits::DEPENDENCIES, "dependencies")? {
            deps.push(match usize::try_from(reader.int("dependency")?).unwrap_or(usize::MAX) {
                0 => reader.array("dependency")?,
                place => *names.get(place - 1).ok_or(reader.malformed("dependency"))?,
            });
        }
        let bytes = change::join(&deps, reader.blob(limits::CHANGE, "change")?);
        names.push(change::hash(&bytes).ok_or(reader.malformed("change"))?);
        changes.push(bytes);
    }
    Ok(Entry::Document { id, changes })
}

fn tombstone(reader: &mut Reader<'_>) -> Result<Entry, Malformed> {
    let seq = reader.int("place in the log")?;
    let bytes = reader.blob(limits::SEGMENT, "erasure")?.to_vec();
    let count = reader.count(reader.remaining() / 16, "documents")?;
    let documents = (0..count).map(|_| DocumentId::read(reader)).collect::<Result<_, _>>()?;
    let count = reader.count(reader.remaining() / 17, "devices")?;
    let confirmed = (0..count).map(|_| Ok((DeviceId::read(reader)?, reader.int("time")?)));
    Ok(Entry::Tombstone { seq, bytes, documents, confirmed: confirmed.collect::<Result<_, _>>()? })
}

fn departure(reader: &mut Reader<'_>) -> Result<Entry, Malformed> {
    let (device, time) = (DeviceId::read(reader)?, reader.int("time")?);
    let bytes = reader.blob(limits::SEGMENT, "departure")?.to_vec();
    let count = reader.count(reader.remaining() / 18, "devices")?;
    let mut ends = Vec::new();
    for _ in 0..count {
        ends.push((DeviceId::read(reader)?, reader.octet("what became of it")?, reader.int("time")?));
    }
    Ok(Entry::Departure { device, time, bytes, ends })
}

fn flag(reader: &mut Reader<'_>, what: &'static str) -> Result<bool, Malformed> {
    match reader.octet(what)? {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(reader.malformed(what)),
    }
}

fn text(reader: &mut Reader<'_>, most: usize, what: &'static str) -> Result<String, Malformed> {
    let at = reader.malformed(what);
    String::from_utf8(reader.blob(most, what)?.to_vec()).map_err(|_| at)
}
