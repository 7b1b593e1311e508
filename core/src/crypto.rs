//! Keys and bytes: the only room with ring, hpke and argon2. Each function is a formula.
//!
//! Nothing here is invented: ring gives SHA-256, HKDF, Ed25519 and ChaCha20-Poly1305, hpke gives
//! X-Wing (X25519 and ML-KEM-768 together), argon2 gives Argon2id. ChaCha20-Poly1305 rather than
//! AES-GCM because it takes the same time on every phone, with or without AES instructions. It does
//! not commit to its key, so epoch secrets are committed to separately ([`EpochSecret::commitment`]).

mod aead;
mod attachment;
mod bundle;
mod device;
mod digest;
mod epoch;
mod handout;
mod hybrid;
mod page;
mod passphrase;
mod shares;
mod slots;
mod submit;
mod travel;

pub use aead::SegmentKey;
pub use attachment::{AttachmentKey, AttachmentSecret, PieceOf};
pub use bundle::{BUNDLE_WRAP, BundleKey};
pub use device::DeviceSecret;
pub use digest::Digest;
pub use epoch::EpochSecret;
pub use handout::{open_handout, seal_handout};
pub use page::{PAGE, PAGE_CONTENT, PageCheck};
pub use passphrase::{Cost, VaultKey};
pub use shares::{RecoverySecret, SHARE};
pub use slots::{
    Content, Found, Held, Purpose, SLOT_FILE, SLOTS, SlotError, Slots, Stretched, Travel, UnlockKey, Which,
};
pub use submit::{seal_finished, seal_submitted};
pub use travel::{RETURN_CODE, Release, SEALED_RELEASE, TRAVELLING_KEY};

use ring::rand::{SecureRandom, SystemRandom};

/// Why a cryptographic step failed. Deliberately without detail: an attacker learns nothing, and
/// the caller knows what it was doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CryptoError {
    /// Wrong key, or the bytes were changed.
    #[error("cannot be opened with this key")]
    NotOpened,
    /// Key bytes of the wrong length or form.
    #[error("not a key")]
    NotAKey,
    /// Key derivation costs outside the accepted range.
    #[error("key derivation costs out of range")]
    Cost,
    /// The operating system gave no random bytes.
    #[error("no random numbers from the operating system")]
    NoRandom,
}

/// `N` octets from the operating system's generator.
pub fn generate<const N: usize>() -> Result<[u8; N], CryptoError> {
    let mut bytes = [0u8; N];
    SystemRandom::new().fill(&mut bytes).map_err(|_| CryptoError::NoRandom)?;
    Ok(bytes)
}

/// Overwrites what calls that have returned left on the stack below this one: keys that were moved leave copies
/// there, which nobody wipes when the key is dropped.
#[inline(never)]
pub fn scrub_stack() {
    let mut below = [0u8; 96 << 10];
    std::hint::black_box(&mut below);
}

/// `HMAC-SHA-256(key, message)` (RFC 2104).
pub fn mac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let tag = ring::hmac::sign(&ring::hmac::Key::new(ring::hmac::HMAC_SHA256, key), message);
    *tag.as_ref().first_chunk().unwrap_or(&[0; 32])
}

#[cfg(test)]
mod tests;
