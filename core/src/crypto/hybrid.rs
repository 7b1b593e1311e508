//! Sealing to somebody's public key, so that it stays shut as long as one of two problems stays hard.
//!
//! HPKE base mode (RFC 9180) with X-Wing (X25519 and ML-KEM-768, draft-connolly-cfrg-xwing-kem), HKDF-SHA-256
//! and ChaCha20-Poly1305: `encapsulated key[1120] ‖ ciphertext`, the ciphertext 16 octets longer than the
//! message. Nobody can open it but the holder of the private key, whoever sealed it included.

use cairn_wire::roster::HPKE_PUBLIC;
use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::XWing;
use hpke::{Deserializable, Kem, OpModeR, OpModeS, Serializable};

use super::CryptoError;

/// Octets of an X-Wing encapsulated key.
const ENCAPSULATED: usize = 1120;

/// An X-Wing private key.
pub(super) type Private = <XWing as Kem>::PrivateKey;

/// The key pair of 32 octets, which are the X-Wing private key.
pub(super) fn pair(seed: &[u8; 32]) -> Result<(Private, Box<[u8; HPKE_PUBLIC]>), CryptoError> {
    let private = Private::from_bytes(seed).map_err(|_| CryptoError::NotAKey)?;
    let mut public = Box::new([0u8; HPKE_PUBLIC]);
    public.copy_from_slice(&XWing::sk_to_pk(&private).to_bytes());
    Ok((private, public))
}

pub(super) fn seal(
    to: &[u8; HPKE_PUBLIC],
    info: &[u8],
    associated_data: &[u8],
    message: &[u8],
) -> Result<Vec<u8>, CryptoError> {
    let key = <XWing as Kem>::PublicKey::from_bytes(to).map_err(|_| CryptoError::NotAKey)?;
    let (encapsulated, sealed) = hpke::single_shot_seal::<ChaCha20Poly1305, HkdfSha256, XWing>(
        &OpModeS::Base,
        &key,
        info,
        message,
        associated_data,
    )
    .map_err(|_| CryptoError::NotAKey)?;
    Ok([&encapsulated.to_bytes()[..], &sealed].concat())
}

pub(super) fn open(
    key: &Private,
    info: &[u8],
    associated_data: &[u8],
    sealed: &[u8],
) -> Result<Vec<u8>, CryptoError> {
    let (encapsulated, sealed) = sealed.split_at_checked(ENCAPSULATED).ok_or(CryptoError::NotOpened)?;
    let encapsulated =
        <XWing as Kem>::EncappedKey::from_bytes(encapsulated).map_err(|_| CryptoError::NotOpened)?;
    hpke::single_shot_open::<ChaCha20Poly1305, HkdfSha256, XWing>(
        &OpModeR::Base,
        key,
        &encapsulated,
        info,
        sealed,
        associated_data,
    )
    .map_err(|_| CryptoError::NotOpened)
}
