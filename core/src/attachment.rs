//! A file that is attached, as it leaves: padded, cut into pieces, each sealed; and back again.
//!
//! ```text
//! content ─► zeros up to one of the few sizes ─► pieces of 64 KiB, the last of the rest
//!         ─► each sealed under the file's own secret, bound to its number and to how many there are
//! ```
//! So how many pieces there are, and how large each is, follows from the octets of the content. What opens a file is
//! an [`AttachmentRef`]; it stands in the answer that names the file.

use cairn_wire::attachment::name;
use cairn_wire::digest::{Hash, Running, sha256};
use cairn_wire::id::WorkspaceId;
use cairn_wire::limits;

use crate::crypto::{AttachmentKey, AttachmentSecret, CryptoError, PieceOf};
use crate::form::AttachmentRef;
use crate::segment::padded;

/// Octets of content in one piece.
pub const PIECE: usize = 64 << 10;
/// What sealing adds to each.
const TAG: usize = limits::ATTACHMENT_PIECE - PIECE;

/// A file that was sealed.
#[derive(Debug)]
pub struct SealedFile {
    /// What it is found and opened by.
    pub reference: AttachmentRef,
    /// Its pieces in order, each with its SHA-256.
    pub pieces: Vec<(Hash, Vec<u8>)>,
}

impl SealedFile {
    /// Octets of all pieces.
    pub fn octets(&self) -> u64 {
        self.pieces.iter().map(|(_, piece)| piece.len() as u64).sum()
    }
}

/// Why a file cannot be put together again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// A piece is not the one with this number of this file.
    #[error("a piece of a file is not what it must be")]
    OtherPiece,
    /// All pieces open and do not make what was sealed.
    #[error("a file is not what was attached")]
    OtherContent,
}

/// How many pieces a file of so many octets has, and how many octets they have together once sealed.
pub fn shape(octets: u64) -> (u32, u64) {
    // More is refused long before; what is left out here only makes a number that nothing matches.
    let whole = padded(usize::try_from(octets).unwrap_or(usize::MAX >> 1).min(usize::MAX >> 1));
    let count = whole.div_ceil(PIECE);
    (u32::try_from(count).unwrap_or(u32::MAX), (whole + count * TAG) as u64)
}

/// Seals a file under a secret of its own.
///
/// # Errors
/// When the operating system gives no random numbers.
pub fn seal(workspace: WorkspaceId, content: &[u8]) -> Result<SealedFile, CryptoError> {
    let secret = AttachmentSecret::generate()?;
    let (count, _) = shape(content.len() as u64);
    let key = secret.derive_key(PieceOf { workspace, count })?;
    let mut left = padded(content.len());
    let mut pieces = Vec::new();
    for (index, start) in (0..count).zip((0..).step_by(PIECE)) {
        let size = left.min(PIECE);
        left -= size;
        let mut piece = Vec::with_capacity(size + TAG);
        let end = content.len().min(start + size);
        piece.extend_from_slice(content.get(start..end).unwrap_or_default());
        piece.resize(size, 0);
        let sealed = key.seal(index, piece)?;
        pieces.push((sha256(&[&sealed]), sealed));
    }
    let hashes: Vec<Hash> = pieces.iter().map(|(hash, _)| *hash).collect();
    let (digest, octets) = (sha256(&[content]), content.len() as u64);
    Ok(SealedFile {
        reference: AttachmentRef { id: name(workspace, &hashes), secret, digest, octets },
        pieces,
    })
}

/// Opens the pieces of one file.
pub struct Opener<'a> {
    reference: &'a AttachmentRef,
    key: AttachmentKey,
    count: u32,
}

impl<'a> Opener<'a> {
    /// For the file of an answer.
    ///
    /// # Errors
    /// Not for a secret of 32 octets.
    pub fn new(workspace: WorkspaceId, reference: &'a AttachmentRef) -> Result<Self, CryptoError> {
        let (count, _) = shape(reference.octets);
        Ok(Self { key: reference.secret.derive_key(PieceOf { workspace, count })?, reference, count })
    }

    /// The content of one piece, padding included.
    ///
    /// # Errors
    /// [`OpenError::OtherPiece`].
    pub fn piece(&self, index: u32, sealed: Vec<u8>) -> Result<Vec<u8>, OpenError> {
        if index >= self.count || sealed.len() > limits::ATTACHMENT_PIECE {
            return Err(OpenError::OtherPiece);
        }
        self.key.open(index, sealed).map_err(|_| OpenError::OtherPiece)
    }

    /// The file, from all its pieces in order: exactly what was sealed, or nothing.
    ///
    /// # Errors
    /// [`OpenError`], or what giving a piece says.
    pub fn whole<E: From<OpenError>>(
        &self,
        pieces: impl Iterator<Item = Result<Vec<u8>, E>>,
    ) -> Result<Vec<u8>, E> {
        let octets = usize::try_from(self.reference.octets).map_err(|_| OpenError::OtherContent)?;
        let (mut content, mut digest, mut given) = (Vec::new(), Running::new(), 0);
        for (index, sealed) in (0..).zip(pieces) {
            let mut piece = self.piece(index, sealed?)?;
            piece.truncate(octets - content.len());
            digest.update(&piece);
            content.append(&mut piece);
            given += 1;
        }
        let whole =
            given == self.count && content.len() == octets && digest.finish() == self.reference.digest;
        if whole { Ok(content) } else { Err(OpenError::OtherContent.into()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORKSPACE: WorkspaceId = WorkspaceId([1; 16]);

    fn opened(reference: &AttachmentRef, pieces: &[Vec<u8>]) -> Result<Vec<u8>, OpenError> {
        Opener::new(WORKSPACE, reference).unwrap().whole(pieces.iter().cloned().map(Ok))
    }

    fn bytes(file: &SealedFile) -> Vec<Vec<u8>> {
        file.pieces.iter().map(|(_, piece)| piece.clone()).collect()
    }

    #[test]
    fn a_file_of_any_size_comes_back_and_its_shape_follows_from_its_size() {
        for octets in [1, 255, 256, 257, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE - 5, 1_000_003] {
            let content: Vec<u8> = (0..octets).map(|n| (n % 251) as u8).collect();
            let file = seal(WORKSPACE, &content).unwrap();
            assert_eq!(shape(octets as u64), (file.pieces.len() as u32, file.octets()), "{octets}");
            assert!(file.pieces.iter().all(|(_, piece)| piece.len() <= limits::ATTACHMENT_PIECE));
            assert!(file.pieces.len() <= limits::ATTACHMENT_PIECES);
            assert_eq!(opened(&file.reference, &bytes(&file)).unwrap(), content, "{octets}");
        }
        let (most, _) = shape(crate::form::limits::ATTACHED as u64);
        assert!(most as usize <= limits::ATTACHMENT_PIECES);
    }

    #[test]
    fn pieces_that_were_cut_swapped_altered_or_taken_from_another_file_never_make_a_file() {
        let content = vec![7; 3 * PIECE];
        let (file, other) = (seal(WORKSPACE, &content).unwrap(), seal(WORKSPACE, &content).unwrap());
        let whole = bytes(&file);
        assert!(opened(&file.reference, &whole).is_ok(), "control");
        let swapped = {
            let mut pieces = whole.clone();
            pieces.swap(0, 1);
            pieces
        };
        let altered = {
            let mut pieces = whole.clone();
            pieces[1][9] ^= 1;
            pieces
        };
        let mut foreign = whole.clone();
        foreign[1] = bytes(&other)[1].clone();
        let longer = [&whole[..], &whole[2..]].concat();
        for (what, pieces) in [
            ("cut", whole[..2].to_vec()),
            ("swapped", swapped),
            ("altered", altered),
            ("foreign", foreign),
            ("longer", longer),
            ("nothing", Vec::new()),
        ] {
            assert!(opened(&file.reference, &pieces).is_err(), "{what}");
        }
        assert!(opened(&other.reference, &whole).is_err());
        for reference in [
            AttachmentRef { octets: file.reference.octets - 1, ..file.reference.clone() },
            AttachmentRef { digest: [0; 32], ..file.reference.clone() },
        ] {
            assert!(opened(&reference, &whole).is_err(), "an answer that says something else");
        }
    }

    #[test]
    fn two_files_of_like_size_look_alike_and_no_two_seals_are_the_same() {
        let (one, other) = (seal(WORKSPACE, &[1; 70_000]).unwrap(), seal(WORKSPACE, &[2; 70_100]).unwrap());
        assert_eq!(one.octets(), other.octets());
        let again = seal(WORKSPACE, &[1; 70_000]).unwrap();
        assert_ne!(one.reference.id, again.reference.id);
        assert_ne!(one.pieces[0].1, again.pieces[0].1);
    }
}
