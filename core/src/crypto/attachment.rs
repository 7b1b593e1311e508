//! An attachment's secret: what its sealed pieces are opened with.

use std::fmt;

use cairn_wire::id::WorkspaceId;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use ring::hkdf::{HKDF_SHA256, Salt};
use zeroize::Zeroizing;

use super::epoch::expand;
use super::{CryptoError, generate};

/// What the key is derived for.
const INFO: &[u8] = b"cairn/attachment/1";

/// 32 random octets that one attachment is sealed with. They stand in the answer that names it and nowhere else.
#[derive(Clone, PartialEq, Eq)]
pub struct AttachmentSecret(Zeroizing<[u8; 32]>);

/// What it is a piece of: an attachment of a workspace, and of how many pieces that is made. Which attachment it is
/// the secret says; the attachment is named after its pieces, which are not there before they are sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PieceOf {
    /// The workspace.
    pub workspace: WorkspaceId,
    /// How many pieces it has.
    pub count: u32,
}

impl AttachmentSecret {
    /// A new random secret.
    pub fn generate() -> Result<Self, CryptoError> {
        Ok(Self(Zeroizing::new(generate()?)))
    }

    /// From an answer.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// For an answer.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// `HKDF-SHA-256(secret, "", "cairn/attachment/1" ‖ workspace)` (RFC 5869).
    pub fn derive_key(&self, whole: PieceOf) -> Result<AttachmentKey, CryptoError> {
        let prk = Salt::new(HKDF_SHA256, &[]).extract(&self.0[..]);
        let key = expand(&prk, &[INFO, &whole.workspace.0])?;
        let key = UnboundKey::new(&CHACHA20_POLY1305, &key[..]).map_err(|_| CryptoError::NotAKey)?;
        Ok(AttachmentKey { key: LessSafeKey::new(key), whole })
    }
}

/// Says nothing of what it holds.
impl fmt::Debug for AttachmentSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AttachmentSecret")
    }
}

/// Seals and opens the pieces of one attachment. The nonce is the piece's number, so a secret seals one file once:
/// whoever seals another takes another secret.
pub struct AttachmentKey {
    key: LessSafeKey,
    whole: PieceOf,
}

impl AttachmentKey {
    /// `ChaCha20-Poly1305(key, last as 1 octet ‖ 0[7] ‖ index[4], "cairn/attachment/1" ‖ workspace ‖ index[4] ‖
    /// count[4], message)`; 16 octets longer. A piece opens in its own place only, and a row that was cut
    /// short lacks the piece that says it is the last.
    pub fn seal(&self, index: u32, mut message: Vec<u8>) -> Result<Vec<u8>, CryptoError> {
        let data = self.associated_data(index);
        self.key
            .seal_in_place_append_tag(self.nonce(index), Aad::from(&data[..]), &mut message)
            .map_err(|_| CryptoError::NotOpened)?;
        Ok(message)
    }

    /// The message of piece `index`, opened in place.
    pub fn open(&self, index: u32, mut sealed: Vec<u8>) -> Result<Vec<u8>, CryptoError> {
        let data = self.associated_data(index);
        let opened = self
            .key
            .open_in_place(self.nonce(index), Aad::from(&data[..]), &mut sealed)
            .map_err(|_| CryptoError::NotOpened)?
            .len();
        sealed.truncate(opened);
        Ok(sealed)
    }

    fn nonce(&self, index: u32) -> Nonce {
        let mut nonce = [0; 12];
        let (front, number) = nonce.split_at_mut(8);
        if let Some(last) = front.first_mut() {
            *last = u8::from(index.checked_add(1) == Some(self.whole.count));
        }
        number.copy_from_slice(&index.to_be_bytes());
        Nonce::assume_unique_for_key(nonce)
    }

    fn associated_data(&self, index: u32) -> Vec<u8> {
        let PieceOf { workspace, count } = &self.whole;
        [INFO, &workspace.0, &index.to_be_bytes(), &count.to_be_bytes()].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cairn_wire::codec::hex;

    const WHOLE: PieceOf = PieceOf { workspace: WorkspaceId([1; 16]), count: 2 };

    fn key(whole: PieceOf) -> AttachmentKey {
        AttachmentSecret::from_bytes([7; 32]).derive_key(whole).unwrap()
    }

    #[test]
    fn a_piece_opens_in_its_own_place_of_its_own_attachment_and_nowhere_else() {
        let sealed = key(WHOLE).seal(0, b"message".to_vec()).unwrap();
        assert_eq!(sealed.len(), 7 + 16);
        assert_eq!(key(WHOLE).open(0, sealed.clone()).unwrap(), b"message");
        assert!(key(WHOLE).open(1, sealed.clone()).is_err(), "another place");
        assert!(key(PieceOf { count: 1, ..WHOLE }).open(0, sealed.clone()).is_err(), "cut short");
        assert!(key(PieceOf { count: 3, ..WHOLE }).open(0, sealed.clone()).is_err(), "drawn out");
        let other = PieceOf { workspace: WorkspaceId([3; 16]), ..WHOLE };
        assert!(key(other).open(0, sealed.clone()).is_err(), "another workspace");
        let other = AttachmentSecret::from_bytes([8; 32]).derive_key(WHOLE).unwrap();
        assert!(other.open(0, sealed.clone()).is_err(), "another secret");
        for index in 0..sealed.len() {
            let mut bad = sealed.clone();
            bad[index] ^= 1;
            assert!(key(WHOLE).open(0, bad).is_err(), "octet {index}");
        }
        assert!(key(WHOLE).open(0, Vec::new()).is_err());
    }

    #[test]
    fn the_key_and_the_nonce_are_those_of_the_formula() {
        // HKDF by hand (RFC 5869): no salt is a salt of zeros, and one block is enough.
        use ring::hmac;
        let prk = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &[0; 32]), &[7; 32]);
        let info = [INFO, &WHOLE.workspace.0, &[1]].concat();
        let okm = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, prk.as_ref()), &info);
        let plain = LessSafeKey::new(UnboundKey::new(&CHACHA20_POLY1305, okm.as_ref()).unwrap());
        for (index, front) in [(0u32, 0u8), (1, 1)] {
            let mut message = b"message".to_vec();
            let nonce = [&[front, 0, 0, 0, 0, 0, 0, 0][..], &index.to_be_bytes()].concat();
            let data = [INFO, &[1; 16], &index.to_be_bytes(), &2u32.to_be_bytes()].concat();
            let nonce = Nonce::assume_unique_for_key(nonce.try_into().unwrap());
            plain.seal_in_place_append_tag(nonce, Aad::from(&data[..]), &mut message).unwrap();
            assert_eq!(message, key(WHOLE).seal(index, b"message".to_vec()).unwrap());
        }
    }

    #[test]
    fn a_secret_is_never_printed() {
        let secret = AttachmentSecret::from_bytes([0xAB; 32]);
        let said = format!("{secret:?}");
        assert!(!said.contains("171") && !said.contains(&hex(&[0xAB; 2])), "{said}");
    }
}
