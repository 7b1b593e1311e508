//! SHA-256 with labels, and Ed25519 verification (FIPS 180-4, RFC 8032).
//!
//! Every hash and signature in the protocol begins with a label of its own, so that bytes signed
//! for one purpose mean nothing for another.

use ring::{digest, signature};

/// A SHA-256 value.
pub type Hash = [u8; 32];

/// `SHA-256(parts[0] ‖ parts[1] ‖ …)`.
pub fn sha256(parts: &[&[u8]]) -> Hash {
    let mut context = digest::Context::new(&digest::SHA256);
    for part in parts {
        context.update(part);
    }
    let mut out = [0u8; 32];
    out.copy_from_slice(context.finish().as_ref());
    out
}

/// The first half of a hash, where 128 bits are enough (second-preimage resistance).
pub fn half(hash: &Hash) -> [u8; 16] {
    *hash.first_chunk::<16>().unwrap_or(&[0; 16])
}

/// A running SHA-256 for bytes that arrive in pieces.
#[derive(Clone)]
pub struct Running(digest::Context);

impl Running {
    /// Nothing hashed yet.
    pub fn new() -> Self {
        Self(digest::Context::new(&digest::SHA256))
    }

    /// Adds the next piece.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The hash of all pieces.
    pub fn finish(self) -> Hash {
        let mut out = [0u8; 32];
        out.copy_from_slice(self.0.finish().as_ref());
        out
    }
}

impl Default for Running {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for Running {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Running")
    }
}

/// `root_n = SHA-256("cairn/root/1" ‖ root_{n-1} ‖ SHA-256(segment))`; `root_0` is all zero.
pub fn next_root(root: &Hash, segment: &Hash) -> Hash {
    sha256(&[b"cairn/root/1", root, segment])
}

/// An Ed25519 public key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VerifyingKey(pub [u8; 32]);

impl VerifyingKey {
    /// Whether `signature` over `message` was made by the holder of this key.
    pub fn verifies(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        signature::UnparsedPublicKey::new(&signature::ED25519, &self.0).verify(message, signature).is_ok()
    }

    /// The SubjectPublicKeyInfo of this key (RFC 8410): what a TLS certificate of it contains.
    pub fn spki(&self) -> [u8; 44] {
        let mut out = [0u8; 44];
        let (front, back) = out.split_at_mut(12);
        front.copy_from_slice(&[0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00]);
        back.copy_from_slice(&self.0);
        out
    }
}

impl std::fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "VerifyingKey({}…)", crate::codec::hex(&self.0).chars().take(8).collect::<String>())
    }
}
