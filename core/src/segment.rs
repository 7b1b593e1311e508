//! Seal and open a batch of entries.
//!
//! ```text
//! entries ─encode─► plaintext ─zstd─► frame ─pad─► message ─AEAD─► ciphertext ─sign─► segment
//! ```
//! The states are types: a [`Batch`] is packed into a [`Packed`], sealed into a [`Sealed`]; on the way
//! back only [`Verified`] segments can be opened, and only [`verify`] makes those.

mod batch;
mod departure;
mod dictionary;
mod erasure;
mod handout;
mod label;
mod padding;
mod sealed;
mod stream;
mod submitted;
mod verdict;

pub use batch::{Batch, CarriedEntry, ChangeEntry, FormEntry, ShareEntry, Witness};
pub use departure::{COORDINATORS, DepartureEntry, Left};
pub use dictionary::{Dictionary, DictionaryId, shrink, swell};
pub use erasure::{ErasureEntry, REASON};
pub use handout::{Handout, HandoutError};
pub use label::Label;
pub use padding::padded;
pub use sealed::{SealedEntry, SealedPlace};
pub use stream::{Compressor, Decompressor};
pub use submitted::submit;
pub use verdict::Verdict;

use cairn_wire::codec::{Malformed, Reader, Writer};
use cairn_wire::digest::Hash;
use cairn_wire::id::{ChainId, CircleId, DeviceId, WorkspaceId};
use cairn_wire::limits;
use cairn_wire::roster::{Roster, Standing};
use cairn_wire::segment::{Header, Kind, Parsed, assemble, signed_bytes};

use crate::crypto::{CryptoError, DeviceSecret, EpochSecret, generate};

/// Octets that stand in a segment beside the padded message: the longest header and the AEAD tag.
const OVERHEAD: usize = 160;

/// Why a segment was not sealed or not opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SegmentError {
    /// The bytes inside are not a batch.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// The key does not open it.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
    /// The author had no right to write there, or the signature is not the author's.
    #[error("the segment's author may not write here, or did not sign it")]
    NotEntitled,
    /// The author has lost the right to write there, and the segment is not among those that count.
    #[error("the segment's author had lost the right to write here")]
    Late,
    /// It was sealed under an epoch that was not the circle's at that roster entry.
    #[error("the segment uses a key of another time")]
    WrongEpoch,
    /// It needs a roster entry that has not arrived.
    #[error("the segment's roster entry has not arrived")]
    RosterAhead,
    /// It was compressed with a form's dictionary that has not arrived.
    #[error("the form this segment belongs to has not arrived")]
    UnknownDictionary,
    /// More than fits, sealed or opened.
    #[error("too large for one segment")]
    TooLarge,
}

/// What the author believes while sealing.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// Whose data.
    pub workspace: WorkspaceId,
    /// Which circle.
    pub circle: CircleId,
    /// The circle's newest epoch.
    pub epoch: u64,
    /// The newest roster entry.
    pub roster_seq: u64,
    /// Its hash.
    pub roster_head: Hash,
}

/// Where a chain stands: what the next segment must say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Next {
    /// The chain.
    pub chain: ChainId,
    /// The number to use.
    pub seq: u64,
    /// Half hash of the segment before, or the author's device when `seq` is 1.
    pub prev: [u8; 16],
}

/// A compressed and padded batch, ready to be sealed under any epoch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packed(Vec<u8>);

/// A finished segment. Once it has left, these bytes are fixed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// The bytes that travel.
    pub bytes: Vec<u8>,
    /// Their SHA-256.
    pub hash: Hash,
}

/// Compresses and pads a batch.
pub fn pack(batch: &Batch, dictionary: Option<&Dictionary>, effort: Effort) -> Result<Packed, SegmentError> {
    let plain = batch.encode();
    if plain.len() > limits::OPENED {
        return Err(SegmentError::TooLarge);
    }
    let frame = dictionary::compress(&plain, dictionary, effort.level())?;
    let mut writer = Writer::new();
    writer.count(plain.len());
    writer.blob(dictionary.map_or(&[], |dictionary| &dictionary.id()[..]));
    writer.blob(&frame);
    let mut message = writer.finish();
    message.resize(padding::padded(message.len() + TAG) - TAG, 0);
    if message.len() + OVERHEAD > limits::SEGMENT {
        return Err(SegmentError::TooLarge);
    }
    Ok(Packed(message))
}

/// Octets the AEAD adds; counted into the padding, so that sealed sizes are the round ones.
const TAG: usize = 16;

impl Packed {
    /// How large the sealed segment will be at most.
    pub fn sealed_len(&self) -> usize {
        self.0.len() + OVERHEAD
    }

    /// For the vault of a device that cannot open what it seals: what [`Packed::from_bytes`] takes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// From the vault.
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

/// How hard to compress.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effort {
    /// For thin links: every octet counts.
    Thin,
    /// For large imports.
    Bulk,
}

impl Effort {
    fn level(self) -> i32 {
        match self {
            Self::Thin => 19,
            Self::Bulk => 9,
        }
    }
}

/// Seals a packed batch as the chain's next segment.
pub fn seal(
    packed: Packed,
    place: &Place,
    next: &Next,
    secret: &EpochSecret,
    device: &DeviceSecret,
) -> Result<Sealed, SegmentError> {
    let header = header(Kind::Batch, place, next)?;
    let associated_data = header.associated_data(place.workspace, place.circle, &place.roster_head);
    let key = secret.derive_segment_key(&header.salt, place.circle, header.chain)?;
    let ciphertext = key.seal(&associated_data, packed.0)?;
    Ok(signed(&header, &associated_data, &ciphertext, device))
}

fn header(kind: Kind, place: &Place, next: &Next) -> Result<Header, CryptoError> {
    Ok(Header {
        kind,
        chain: next.chain,
        seq: next.seq,
        epoch: place.epoch,
        roster_seq: place.roster_seq,
        prev: next.prev,
        salt: generate()?,
    })
}

fn signed(header: &Header, associated_data: &[u8], ciphertext: &[u8], device: &DeviceSecret) -> Sealed {
    let signature = device.sign(&signed_bytes(associated_data, ciphertext));
    let bytes = assemble(header, &signature, ciphertext);
    let hash = cairn_wire::digest::sha256(&[&bytes]);
    Sealed { bytes, hash }
}

/// A segment whose author was entitled and signed it. Only [`verify`] makes one.
#[derive(Debug)]
pub struct Verified<'a> {
    parsed: Parsed<'a>,
    place: SealedPlace,
    associated_data: Vec<u8>,
}

/// Checks author, right, epoch and signature against the roster. Number and link are the log's
/// business.
pub fn verify<'a>(
    parsed: Parsed<'a>,
    roster: &Roster,
    circle: CircleId,
    author: DeviceId,
) -> Result<Verified<'a>, SegmentError> {
    check(parsed, roster, circle, author, false)
}

/// Like [`verify`], for what no longer counts: a late letter.
pub fn verify_late<'a>(
    parsed: Parsed<'a>,
    roster: &Roster,
    circle: CircleId,
    author: DeviceId,
) -> Result<Verified<'a>, SegmentError> {
    check(parsed, roster, circle, author, true)
}

/// Checks that a segment is this device's own, whether or not it still counts.
pub fn verify_own<'a>(
    parsed: Parsed<'a>,
    roster: &Roster,
    circle: CircleId,
    author: DeviceId,
) -> Result<Verified<'a>, SegmentError> {
    match check(parsed.clone(), roster, circle, author, false) {
        Err(SegmentError::Late) => check(parsed, roster, circle, author, true),
        checked => checked,
    }
}

fn check<'a>(
    parsed: Parsed<'a>,
    roster: &Roster,
    circle: CircleId,
    author: DeviceId,
    late: bool,
) -> Result<Verified<'a>, SegmentError> {
    let header = &parsed.header;
    let roster_head = roster.head_at(header.roster_seq).ok_or(SegmentError::RosterAhead)?;
    let member = roster.member(&author).ok_or(SegmentError::NotEntitled)?;
    let standing = roster.standing(&author, &circle, header);
    if standing == Standing::Nothing {
        return Err(SegmentError::NotEntitled);
    }
    if !parsed.verify(&member.keys.signing, roster.workspace(), circle, &roster_head) {
        return Err(SegmentError::NotEntitled);
    }
    if (standing == Standing::Late) != late {
        return Err(if late { SegmentError::NotEntitled } else { SegmentError::Late });
    }
    if roster.epoch_at(&circle, header.roster_seq) != Some(header.epoch) {
        return Err(SegmentError::WrongEpoch);
    }
    let associated_data = header.associated_data(roster.workspace(), circle, &roster_head);
    let place = SealedPlace { workspace: roster.workspace(), circle, author };
    Ok(Verified { parsed, place, associated_data })
}

impl Verified<'_> {
    /// The header.
    pub fn header(&self) -> &Header {
        &self.parsed.header
    }

    /// Whose it is, and in which circle.
    pub fn place(&self) -> &SealedPlace {
        &self.place
    }

    /// Decrypts and takes off the padding; the result can be sealed again under another epoch.
    pub fn unseal(&self, secret: &EpochSecret) -> Result<Packed, SegmentError> {
        let (header, ciphertext) = (&self.parsed.header, self.parsed.ciphertext);
        Ok(Packed(match header.kind {
            Kind::Batch => secret
                .derive_segment_key(&header.salt, self.place.circle, header.chain)?
                .open(&self.associated_data, ciphertext)?,
            Kind::Submitted => secret.open_submitted(self.place.circle, &self.associated_data, ciphertext)?,
        }))
    }

    /// Decrypts, decompresses and reads the entries.
    pub fn open(
        &self,
        secret: &EpochSecret,
        dictionary: impl FnOnce(&DictionaryId) -> Option<std::sync::Arc<Dictionary>>,
    ) -> Result<Batch, SegmentError> {
        unpack(&self.unseal(secret)?, dictionary)
    }
}

/// Decompresses and reads the entries of a packed batch. Memory is bounded by
/// [`limits::OPENED`] whatever the bytes claim.
pub fn unpack(
    packed: &Packed,
    dictionary: impl FnOnce(&DictionaryId) -> Option<std::sync::Arc<Dictionary>>,
) -> Result<Batch, SegmentError> {
    let mut reader = Reader::new(&packed.0);
    let len = reader.count(limits::OPENED, "batch length")?;
    let id = reader.blob(size_of::<DictionaryId>(), "dictionary")?;
    let frame = reader.blob(limits::SEGMENT, "compressed batch")?;
    if reader.rest().iter().any(|octet| *octet != 0) {
        return Err(Malformed { at: reader.position(), what: "padding" }.into());
    }
    let plain = match DictionaryId::try_from(id) {
        Ok(id) => {
            let dictionary = dictionary(&id).ok_or(SegmentError::UnknownDictionary)?;
            dictionary::decompress(frame, Some(&dictionary), len)?
        }
        Err(_) if id.is_empty() => dictionary::decompress(frame, None, len)?,
        Err(_) => return Err(Malformed { at: 0, what: "dictionary" }.into()),
    };
    Ok(Batch::decode(&plain)?)
}

#[cfg(test)]
mod tests;
