//! Compression: zstd (RFC 8878), with a dictionary that belongs to a form.
//!
//! A dictionary is made from synthetic records of the form, never from real ones, and travels with
//! the form, so that any later way of making one stays readable.

use cairn_wire::digest::sha256;
use cairn_wire::limits;
use zstd::zstd_safe::{CCtx, CParameter, DCtx};

use super::SegmentError;

/// The first eight octets of a dictionary's SHA-256.
pub type DictionaryId = [u8; 8];

/// Octets a form knows beforehand that its records will hold: names of questions and choices, and
/// the shape of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dictionary {
    id: DictionaryId,
    bytes: Vec<u8>,
}

/// The largest dictionary.
pub(super) const DICTIONARY: usize = 112 << 10;

impl Dictionary {
    /// A dictionary as it came with a form; empty or oversized ones are refused.
    pub fn new(bytes: Vec<u8>) -> Option<Self> {
        let hash = sha256(&[b"cairn/dictionary/1", &bytes]);
        let id = *hash.first_chunk()?;
        (!bytes.is_empty() && bytes.len() <= DICTIONARY).then_some(Self { id, bytes })
    }

    /// A dictionary of at most `size` octets trained on samples: what they share, and how often each
    /// octet occurs in them. `None` when they are too few or too alike to learn from.
    pub fn train(samples: &[Vec<u8>], size: usize) -> Option<Self> {
        Self::new(zstd::dict::from_samples(samples, size.min(DICTIONARY)).ok()?)
    }

    /// Its name in a packed batch.
    pub fn id(&self) -> &DictionaryId {
        &self.id
    }

    /// Its octets.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

pub(super) fn compress(
    plain: &[u8],
    dictionary: Option<&Dictionary>,
    level: i32,
) -> Result<Vec<u8>, SegmentError> {
    let mut context = CCtx::create();
    let mut frame = Vec::with_capacity(zstd::zstd_safe::compress_bound(plain.len()));
    // The length stands outside, the AEAD is the checksum and the dictionary is named outside.
    let settings = [
        CParameter::CompressionLevel(level),
        CParameter::ContentSizeFlag(false),
        CParameter::ChecksumFlag(false),
        CParameter::DictIdFlag(false),
    ];
    for setting in settings {
        context.set_parameter(setting).map_err(|_| SegmentError::TooLarge)?;
    }
    if let Some(dictionary) = dictionary {
        context.load_dictionary(&dictionary.bytes).map_err(|_| SegmentError::TooLarge)?;
    }
    context.compress2(&mut frame, plain).map_err(|_| SegmentError::TooLarge)?;
    Ok(frame)
}

/// Something compressed, to rest.
pub fn shrink(plain: &[u8]) -> Vec<u8> {
    // Compressing into room enough cannot fail; what could not be opened again would be told when it is.
    compress(plain, None, super::Effort::Bulk.level()).unwrap_or_default()
}

/// What [`shrink`] compressed: `len` octets.
///
/// # Errors
/// Any other octets.
pub fn swell(frame: &[u8], len: usize) -> Result<Vec<u8>, SegmentError> {
    decompress(frame, None, len)
}

/// Decompresses a frame that claims `len` octets; never writes more than that.
pub(super) fn decompress(
    frame: &[u8],
    dictionary: Option<&Dictionary>,
    len: usize,
) -> Result<Vec<u8>, SegmentError> {
    let malformed = cairn_wire::codec::Malformed { at: 0, what: "compressed batch" };
    if len > limits::OPENED {
        return Err(SegmentError::TooLarge);
    }
    let mut plain = Vec::with_capacity(len);
    let mut context = DCtx::create();
    if let Some(dictionary) = dictionary {
        context.load_dictionary(&dictionary.bytes).map_err(|_| malformed)?;
    }
    context.decompress(&mut plain, frame).map_err(|_| malformed)?;
    if plain.len() == len { Ok(plain) } else { Err(malformed.into()) }
}
