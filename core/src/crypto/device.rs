//! A device's own secret keys.

use cairn_wire::digest::VerifyingKey;
use cairn_wire::id::DeviceId;
use cairn_wire::roster::{DeviceKeys, HPKE_PUBLIC};
use hpke::kem::XWing;
use hpke::{Deserializable, Kem, Serializable};
use ring::signature::{Ed25519KeyPair, KeyPair};
use zeroize::Zeroizing;

use super::{CryptoError, generate};

/// Octets of the seed from which both key pairs are derived.
const SEED: usize = 64;

/// A device's secret keys, made on the device and never leaving it.
pub struct DeviceSecret {
    seed: Zeroizing<[u8; SEED]>,
    signing: Ed25519KeyPair,
    wrapping: <XWing as Kem>::PrivateKey,
    public: DeviceKeys,
}

impl DeviceSecret {
    /// New random keys.
    pub fn generate() -> Result<Self, CryptoError> {
        Self::from_seed(Zeroizing::new(generate()?))
    }

    /// The keys of a seed: octets 0–31 are the Ed25519 seed (RFC 8032), octets 32–63 the X-Wing
    /// private key (draft-connolly-cfrg-xwing-kem).
    pub fn from_seed(seed: Zeroizing<[u8; SEED]>) -> Result<Self, CryptoError> {
        let (first, second) = seed.split_at(32);
        let signing = Ed25519KeyPair::from_seed_unchecked(first).map_err(|_| CryptoError::NotAKey)?;
        let wrapping = <XWing as Kem>::PrivateKey::from_bytes(second).map_err(|_| CryptoError::NotAKey)?;
        let mut public = Box::new([0u8; HPKE_PUBLIC]);
        public.copy_from_slice(&XWing::sk_to_pk(&wrapping).to_bytes());
        let verifying = signing.public_key().as_ref().try_into().map_err(|_| CryptoError::NotAKey)?;
        let public = DeviceKeys { signing: VerifyingKey(verifying), wrapping: public };
        Ok(Self { seed, signing, wrapping, public })
    }

    /// What rests in the vault.
    pub fn seed(&self) -> &Zeroizing<[u8; SEED]> {
        &self.seed
    }

    /// The public halves.
    pub fn keys(&self) -> &DeviceKeys {
        &self.public
    }

    /// The device's name in the protocol.
    pub fn id(&self) -> DeviceId {
        self.public.id()
    }

    /// `Ed25519(signing key, message)`.
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        let mut out = [0u8; 64];
        out.copy_from_slice(self.signing.sign(message).as_ref());
        out
    }

    pub(super) fn wrapping(&self) -> &<XWing as Kem>::PrivateKey {
        &self.wrapping
    }
}

impl std::fmt::Debug for DeviceSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DeviceSecret({})", self.id().short())
    }
}
