//! Sealing one message under a key that is used once.

use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};

use super::CryptoError;

/// Octets that sealing adds.
const TAG: usize = 16;

/// A ChaCha20-Poly1305 key (RFC 8439) for exactly one message, which is why the nonce may be zero.
/// Sealing consumes it, so that the same key cannot seal twice.
pub struct SegmentKey(LessSafeKey);

impl SegmentKey {
    pub(super) fn new(key: &[u8; 32]) -> Result<Self, CryptoError> {
        let key = UnboundKey::new(&CHACHA20_POLY1305, key).map_err(|_| CryptoError::NotAKey)?;
        Ok(Self(LessSafeKey::new(key)))
    }

    /// `ChaCha20-Poly1305(key, nonce 0, associated data, message)`; 16 octets longer.
    pub fn seal(self, associated_data: &[u8], mut message: Vec<u8>) -> Result<Vec<u8>, CryptoError> {
        message.reserve_exact(TAG);
        let nonce = Nonce::assume_unique_for_key([0; 12]);
        self.0
            .seal_in_place_append_tag(nonce, Aad::from(associated_data), &mut message)
            .map_err(|_| CryptoError::NotOpened)?;
        Ok(message)
    }

    /// The message, if this key sealed it with this associated data.
    pub fn open(self, associated_data: &[u8], sealed: &[u8]) -> Result<Vec<u8>, CryptoError> {
        let mut buffer = sealed.to_vec();
        let nonce = Nonce::assume_unique_for_key([0; 12]);
        let opened = self
            .0
            .open_in_place(nonce, Aad::from(associated_data), &mut buffer)
            .map_err(|_| CryptoError::NotOpened)?
            .len();
        buffer.truncate(opened);
        Ok(buffer)
    }
}
