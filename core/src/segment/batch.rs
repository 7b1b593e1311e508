//! The entries inside a segment and their bytes.
//!
//! ```text
//! version u8 | time | clock offset (zigzag) | witness flag u8 [seq | root[16]]
//! | names   count (blob)*                                   the author's names for this device
//! | forms   count (form blob, dictionary blob)*
//! | prefixes count ([8])*                                   whose documents are touched
//! | changes count (prefix index | counter, zigzag against the one before)* (length)* (bytes)*
//! | carried count (origin chain[16] | document[16] | change blob)*      from version 2
//! | verdicts count (verdict)*                             from version 3
//! | labels count (label)* | shares count (record[16] | copy[16] | circle[16])*           from version 4
//! | erasures count (erasure)* | confirmed count (half commitment[16])*                   from version 5
//! | pieces count (blob)*                                                                 from version 6
//! | departures count (departure)*                                                        from version 7
//! | sealed count (document[16] | epoch | blob)*                                          version 8 only
//! ```
//! Version 2 is written only for a batch that carries something, version 3 only for one that decides about
//! late letters, version 4 only for one that labels its circle or tells of shared records, version 5 only
//! for one about erased records, version 6 only for one with pieces of a form's tables, version 7 only for one
//! about devices that depart, and version 8 only for one with sealed records or the label of a circle for them, so
//! that whoever knows version 1 alone misses nothing else.
//!
//! Like stands beside like — all document counters, all lengths, all contents — because that is
//! what compresses.

use cairn_wire::codec::{Malformed, Reader, Writer};
use cairn_wire::id::{ChainId, CircleId, DocumentId, RecordId};
use cairn_wire::limits;

use super::{DepartureEntry, ErasureEntry, Label, SealedEntry, Verdict};
use crate::form;

const VERSION: u8 = 1;
/// A batch that carries changes of earlier chains.
const CARRYING: u8 = 2;
/// A batch that decides about late letters.
const DECIDING: u8 = 3;
/// A batch that labels its circle.
const LABELLING: u8 = 4;
/// A batch about erased records.
const ERASING: u8 = 5;
/// A batch with pieces of lists and tables that travel apart from their forms.
const PIECES: u8 = 6;
/// A batch about devices that depart.
const DEPARTING: u8 = 7;
/// A batch with sealed records, or with the label of a circle for them.
const SEALED: u8 = 8;
/// Changes in one batch: more would not fit a segment.
const CHANGES: usize = 1 << 18;
/// Forms or names in one batch.
const FEW: usize = 256;
/// Octets of a name.
const NAME: usize = 256;

/// What a device saw last of a server's log, for whoever reads it to compare with their own: a server
/// that shows different logs to different devices is found out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Witness {
    /// How many segments of this circle.
    pub seq: u64,
    /// Half of the root over them: enough to tell two histories apart.
    pub root: [u8; 16],
}

/// One change to one document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeEntry {
    /// Which document.
    pub document: DocumentId,
    /// The change, without the octets that can be recomputed.
    pub change: Vec<u8>,
}

/// A change that its author's device wrote in the name of an earlier chain of its own, before its vault
/// was copied or restored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CarriedEntry {
    /// The earlier chain: the change's Automerge actor.
    pub origin: ChainId,
    /// The document and the change, as in [`Batch::changes`].
    pub entry: ChangeEntry,
}

/// That a copy of a record was made for another circle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShareEntry {
    /// The record.
    pub record: RecordId,
    /// Its copy, a record of its own.
    pub copy: RecordId,
    /// Where the copy lives.
    pub circle: CircleId,
}

/// A form that a coordinator publishes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormEntry {
    /// The form's canonical bytes.
    pub form: Vec<u8>,
    /// The dictionary for its records; may be empty.
    pub dictionary: Vec<u8>,
}

/// What one segment holds. Names and forms are taken in before changes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Batch {
    /// The author's clock, seconds since 1970: shown, never trusted.
    pub time: u64,
    /// What the author thinks must be added to its clock to get the server's, in seconds.
    pub clock_offset: i64,
    /// What the author saw last of the server's log.
    pub witness: Option<Witness>,
    /// What the author's device is called.
    pub names: Vec<String>,
    /// Forms it publishes.
    pub forms: Vec<FormEntry>,
    /// Changes, in the order they were made.
    pub changes: Vec<ChangeEntry>,
    /// Changes of earlier chains of the same device, verbatim; taken in like the others.
    pub carried: Vec<CarriedEntry>,
    /// What a coordinator decided about late letters.
    pub verdicts: Vec<Verdict>,
    /// What a coordinator says of the circle.
    pub labels: Vec<Label>,
    /// Records of this circle that were shared with another.
    pub shares: Vec<ShareEntry>,
    /// Records that a coordinator erased.
    pub erasures: Vec<ErasureEntry>,
    /// Erasures by others that the author's device has carried out: half of what stands in the roster.
    pub confirmed: Vec<[u8; 16]>,
    /// Pieces of lists and tables that travel apart from their forms.
    pub pieces: Vec<Vec<u8>>,
    /// Devices that depart, were readmitted or are back.
    pub departures: Vec<DepartureEntry>,
    /// Records that were sealed when they were finished, in boxes that their author's device cannot open.
    pub sealed: Vec<SealedEntry>,
}

impl ShareEntry {
    /// `record[16] | copy[16] | circle[16]`.
    pub fn write(&self, writer: &mut Writer) {
        writer.raw(&self.record.0).raw(&self.copy.0).raw(&self.circle.0);
    }

    /// Reads [`ShareEntry::write`].
    pub fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            record: RecordId(reader.array("record")?),
            copy: RecordId(reader.array("copy")?),
            circle: CircleId::read(reader)?,
        })
    }
}

fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

fn unzigzag(value: u64) -> i64 {
    (value >> 1) as i64 ^ -((value & 1) as i64)
}

impl Batch {
    /// The plaintext of a segment.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        let plain = self.labels.is_empty() && self.shares.is_empty();
        let erasing = !self.erasures.is_empty() || !self.confirmed.is_empty();
        let sealed = !self.sealed.is_empty() || self.labels.iter().any(|label| label.sealed);
        let version = match (self.carried.is_empty(), self.verdicts.is_empty(), plain) {
            _ if sealed => SEALED,
            _ if !self.departures.is_empty() => DEPARTING,
            _ if !self.pieces.is_empty() => PIECES,
            _ if erasing => ERASING,
            (_, _, false) => LABELLING,
            (_, false, true) => DECIDING,
            (false, true, true) => CARRYING,
            (true, true, true) => VERSION,
        };
        writer.octet(version).int(self.time).int(zigzag(self.clock_offset));
        match &self.witness {
            None => writer.octet(0),
            Some(witness) => writer.octet(1).int(witness.seq).raw(&witness.root),
        };
        writer.count(self.names.len());
        for name in &self.names {
            writer.blob(name.as_bytes());
        }
        writer.count(self.forms.len());
        for form in &self.forms {
            writer.blob(&form.form).blob(&form.dictionary);
        }
        self.encode_changes(&mut writer);
        if version >= CARRYING {
            writer.count(self.carried.len());
            for CarriedEntry { origin, entry } in &self.carried {
                writer.raw(&origin.0).raw(&entry.document.0).blob(&entry.change);
            }
        }
        if version >= DECIDING {
            writer.count(self.verdicts.len());
            self.verdicts.iter().for_each(|verdict| verdict.write(&mut writer));
        }
        if version >= LABELLING {
            writer.count(self.labels.len());
            self.labels.iter().for_each(|label| label.write(&mut writer));
            writer.count(self.shares.len());
            self.shares.iter().for_each(|share| share.write(&mut writer));
        }
        if version >= ERASING {
            writer.count(self.erasures.len());
            self.erasures.iter().for_each(|erasure| erasure.write(&mut writer));
            writer.count(self.confirmed.len());
            for half in &self.confirmed {
                writer.raw(half);
            }
        }
        if version >= PIECES {
            writer.count(self.pieces.len());
            for piece in &self.pieces {
                writer.blob(piece);
            }
        }
        if version >= DEPARTING {
            writer.count(self.departures.len());
            self.departures.iter().for_each(|departure| departure.write(&mut writer));
        }
        if version == SEALED {
            writer.count(self.sealed.len());
            self.sealed.iter().for_each(|sealed| sealed.write(&mut writer));
        }
        writer.finish()
    }

    fn encode_changes(&self, writer: &mut Writer) {
        let mut prefixes: Vec<[u8; 8]> = Vec::new();
        let mut references = Writer::new();
        let mut before = 0u64;
        for entry in &self.changes {
            let prefix = entry.document.prefix();
            let index = prefixes.iter().position(|known| *known == prefix).unwrap_or_else(|| {
                prefixes.push(prefix);
                prefixes.len() - 1
            });
            let counter = entry.document.counter();
            references.count(index).int(zigzag(counter.wrapping_sub(before) as i64));
            before = counter;
        }
        writer.count(prefixes.len());
        for prefix in &prefixes {
            writer.raw(prefix);
        }
        writer.count(self.changes.len()).raw(&references.finish());
        for entry in &self.changes {
            writer.count(entry.change.len());
        }
        for entry in &self.changes {
            writer.raw(&entry.change);
        }
    }

    /// Reads [`Batch::encode`].
    pub fn decode(plain: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(plain);
        let version = reader.octet("batch version")?;
        if !(VERSION..=SEALED).contains(&version) {
            return Err(Malformed { at: 0, what: "batch version" });
        }
        let time = reader.int("time")?;
        let clock_offset = unzigzag(reader.int("clock offset")?);
        let witness = match reader.octet("witness")? {
            0 => None,
            1 => {
                Some(Witness { seq: reader.int("witnessed number")?, root: reader.array("witnessed root")? })
            }
            _ => return Err(reader.malformed("witness")),
        };
        let mut names = Vec::new();
        for _ in 0..reader.count(FEW, "names")? {
            let name = reader.blob(NAME, "name")?;
            names.push(String::from_utf8(name.to_vec()).map_err(|_| reader.malformed("name"))?);
        }
        let mut forms = Vec::new();
        for _ in 0..reader.count(FEW, "forms")? {
            forms.push(FormEntry {
                form: reader.blob(limits::OPENED, "form")?.to_vec(),
                dictionary: reader.blob(super::dictionary::DICTIONARY, "dictionary")?.to_vec(),
            });
        }
        let changes = decode_changes(&mut reader)?;
        let carried = if version >= CARRYING { decode_carried(&mut reader)? } else { Vec::new() };
        // None at all would be another way to write an earlier version.
        if version == CARRYING && carried.is_empty() {
            return Err(reader.malformed("carried changes"));
        }
        let mut verdicts = Vec::new();
        if version >= DECIDING {
            for _ in 0..reader.count(FEW, "verdicts")? {
                verdicts.push(Verdict::read(&mut reader)?);
            }
            if version == DECIDING && verdicts.is_empty() {
                return Err(reader.malformed("verdicts"));
            }
        }
        let (mut labels, mut shares) = (Vec::new(), Vec::new());
        if version >= LABELLING {
            for _ in 0..reader.count(FEW, "labels")? {
                labels.push(Label::read(&mut reader)?);
            }
            for _ in 0..reader.count(CHANGES.min(reader.remaining() / 48), "shares")? {
                shares.push(ShareEntry::read(&mut reader)?);
            }
            if version == LABELLING && labels.is_empty() && shares.is_empty() {
                return Err(reader.malformed("labels"));
            }
        }
        let (mut erasures, mut confirmed) = (Vec::new(), Vec::new());
        if version >= ERASING {
            for _ in 0..reader.count(FEW, "erasures")? {
                erasures.push(ErasureEntry::read(&mut reader)?);
            }
            for _ in 0..reader.count(CHANGES.min(reader.remaining() / 16), "confirmed erasures")? {
                confirmed.push(reader.array("confirmed erasure")?);
            }
            if version == ERASING && erasures.is_empty() && confirmed.is_empty() {
                return Err(reader.malformed("erasures"));
            }
        }
        let pieces = if version >= PIECES { decode_pieces(&mut reader)? } else { Vec::new() };
        if version == PIECES && pieces.is_empty() {
            return Err(reader.malformed("pieces"));
        }
        let mut departures = Vec::new();
        if version >= DEPARTING {
            for _ in 0..reader.count(FEW, "departures")? {
                departures.push(DepartureEntry::read(&mut reader)?);
            }
            if version == DEPARTING && departures.is_empty() {
                return Err(reader.malformed("departures"));
            }
        }
        let sealed = if version == SEALED { decode_sealed(&mut reader)? } else { Vec::new() };
        // One batch has one encoding.
        if (version == SEALED) != (!sealed.is_empty() || labels.iter().any(|label| label.sealed)) {
            return Err(reader.malformed("sealed records"));
        }
        reader.end()?;
        Ok(Self {
            time,
            clock_offset,
            witness,
            names,
            forms,
            changes,
            carried,
            verdicts,
            labels,
            shares,
            erasures,
            confirmed,
            pieces,
            departures,
            sealed,
        })
    }
}

fn decode_pieces(reader: &mut Reader<'_>) -> Result<Vec<Vec<u8>>, Malformed> {
    // Each costs at least two octets.
    let count = reader.count(reader.remaining() / 2, "pieces")?;
    let mut pieces = Vec::new();
    for _ in 0..count {
        let piece = reader.blob(form::limits::TABLE_PIECE, "piece")?;
        if piece.is_empty() {
            return Err(reader.malformed("piece"));
        }
        pieces.push(piece.to_vec());
    }
    Ok(pieces)
}

fn decode_sealed(reader: &mut Reader<'_>) -> Result<Vec<SealedEntry>, Malformed> {
    // Each costs at least 18 octets.
    let count = reader.count(CHANGES.min(reader.remaining() / 18), "sealed records")?;
    (0..count).map(|_| SealedEntry::read(reader)).collect()
}

fn decode_carried(reader: &mut Reader<'_>) -> Result<Vec<CarriedEntry>, Malformed> {
    // Each costs at least 33 octets.
    let count = reader.count(CHANGES.min(reader.remaining() / 33), "carried changes")?;
    (0..count)
        .map(|_| {
            let origin = ChainId::read(reader)?;
            let document = DocumentId::read(reader)?;
            let change = reader.blob(limits::CHANGE, "carried change")?.to_vec();
            Ok(CarriedEntry { origin, entry: ChangeEntry { document, change } })
        })
        .collect()
}

fn decode_changes(reader: &mut Reader<'_>) -> Result<Vec<ChangeEntry>, Malformed> {
    let count = reader.count(reader.remaining() / 8, "prefixes")?;
    let prefixes: Vec<[u8; 8]> = (0..count).map(|_| reader.array("prefix")).collect::<Result<_, _>>()?;
    // Each change costs at least three octets, so a count cannot ask for more memory than that.
    let count = reader.count(CHANGES.min(reader.remaining() / 3), "changes")?;
    let mut documents = Vec::with_capacity(count);
    let mut before = 0u64;
    for _ in 0..count {
        let index = reader.count(prefixes.len(), "prefix index")?;
        let prefix = prefixes.get(index).ok_or(reader.malformed("prefix index"))?;
        before = before.wrapping_add(unzigzag(reader.int("document")?) as u64);
        let mut bytes = [0u8; 16];
        let (front, back) = bytes.split_at_mut(8);
        front.copy_from_slice(prefix);
        back.copy_from_slice(&before.to_be_bytes());
        documents.push(DocumentId(bytes));
    }
    let lengths: Vec<usize> =
        (0..count).map(|_| reader.count(limits::CHANGE, "change length")).collect::<Result<_, _>>()?;
    documents
        .into_iter()
        .zip(lengths)
        .map(|(document, length)| {
            Ok(ChangeEntry { document, change: reader.take(length, "change")?.to_vec() })
        })
        .collect()
}
