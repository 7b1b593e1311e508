//! The key of a bundle: wrapped for each of its readers, and what seals its frames.

use cairn_wire::digest::Hash;
use cairn_wire::roster::DeviceKeys;
use ring::hkdf::{HKDF_SHA256, Prk, Salt};
use zeroize::Zeroizing;

use super::epoch::expand;
use super::{CryptoError, DeviceSecret, SegmentKey, generate, hybrid};

/// Octets of a wrapped key: `encapsulated key[1120] ‖ ciphertext[48]`.
pub const BUNDLE_WRAP: usize = 1168;

/// 32 random octets, new for each bundle.
pub struct BundleKey(Zeroizing<[u8; 32]>);

impl BundleKey {
    /// A new random key.
    pub fn generate() -> Result<Self, CryptoError> {
        Ok(Self(Zeroizing::new(generate()?)))
    }

    /// `HPKE(reader, "cairn/bundle/wrap/1" ‖ purpose u8, "", key)`. It does not name the reader.
    pub fn wrap(&self, purpose: u8, to: &DeviceKeys) -> Result<Vec<u8>, CryptoError> {
        hybrid::seal(&to.wrapping, &info(purpose), &[], &self.0[..])
    }

    /// What looks like [`BundleKey::wrap`] and opens for nobody: a wrap to a key pair that is thrown away.
    pub fn wrap_for_nobody(purpose: u8) -> Result<Vec<u8>, CryptoError> {
        let (_, public) = hybrid::pair(&Zeroizing::new(generate::<32>()?))?;
        hybrid::seal(&public, &info(purpose), &[], &*Zeroizing::new(generate::<32>()?))
    }

    /// Opens [`BundleKey::wrap`]; the caller compares the commitment.
    pub fn unwrap(purpose: u8, wrapped: &[u8], device: &DeviceSecret) -> Result<Self, CryptoError> {
        let opened = Zeroizing::new(hybrid::open(device.wrapping(), &info(purpose), &[], wrapped)?);
        Ok(Self(Zeroizing::new(opened[..].try_into().map_err(|_| CryptoError::NotAKey)?)))
    }

    /// `HKDF-SHA-256(key, "", "cairn/bundle/key/1")`: stands in the bundle, so that all its readers have one key.
    pub fn commitment(&self) -> Result<Hash, CryptoError> {
        Ok(*expand(&self.prk(), &[b"cairn/bundle/key/1"])?)
    }

    /// `HKDF-SHA-256(key, "", "cairn/bundle/frame/1" ‖ number)`: one key, one frame; the number as 8 octets.
    pub fn derive_frame_key(&self, number: u64) -> Result<SegmentKey, CryptoError> {
        SegmentKey::new(&*expand(&self.prk(), &[b"cairn/bundle/frame/1", &number.to_be_bytes()])?)
    }

    fn prk(&self) -> Prk {
        Salt::new(HKDF_SHA256, &[]).extract(&self.0[..])
    }
}

fn info(purpose: u8) -> Vec<u8> {
    [&b"cairn/bundle/wrap/1"[..], &[purpose]].concat()
}
