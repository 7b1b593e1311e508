//! A circle's epoch secret: what is derived from it and how it is handed on.

use cairn_wire::digest::{Hash, sha256};
use cairn_wire::id::{ChainId, CircleId, DeviceId, WorkspaceId};
use cairn_wire::roster::{BACK_LINK, DeviceKeys};
use ring::hkdf::{HKDF_SHA256, KeyType, Prk, Salt};
use zeroize::Zeroizing;

use super::{CryptoError, DeviceSecret, SegmentKey, generate, hybrid};

/// 32 random octets that a circle shares for one epoch.
#[derive(Clone)]
pub struct EpochSecret(Zeroizing<[u8; 32]>);

struct Octets32;

impl KeyType for Octets32 {
    fn len(&self) -> usize {
        32
    }
}

impl EpochSecret {
    /// A new random secret.
    pub fn generate() -> Result<Self, CryptoError> {
        Ok(Self(Zeroizing::new(generate()?)))
    }

    /// From the vault.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CryptoError> {
        let bytes: [u8; 32] = bytes.try_into().map_err(|_| CryptoError::NotAKey)?;
        Ok(Self(Zeroizing::new(bytes)))
    }

    /// For the vault.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// `SHA-256("cairn/epoch/1" ‖ workspace ‖ circle ‖ epoch as 8 octets ‖ secret)`: published in the
    /// roster, so that nobody can hand out two secrets for one epoch.
    pub fn commitment(&self, workspace: WorkspaceId, circle: CircleId, epoch: u64) -> Hash {
        sha256(&[b"cairn/epoch/1", &workspace.0, &circle.0, &epoch.to_be_bytes(), &self.0[..]])
    }

    /// `HKDF-SHA-256(secret, salt, "cairn/segment/1" ‖ circle ‖ chain)` (RFC 5869): one key, one message.
    pub fn derive_segment_key(
        &self,
        salt: &[u8; 24],
        circle: CircleId,
        chain: ChainId,
    ) -> Result<SegmentKey, CryptoError> {
        let prk = Salt::new(HKDF_SHA256, salt).extract(&self.0[..]);
        SegmentKey::new(&*expand(&prk, &[b"cairn/segment/1", &circle.0, &chain.0])?)
    }

    /// `HKDF-SHA-256(secret, salt, "cairn/pack/1" ‖ circle ‖ device ‖ piece)`: one key, one piece of a pack;
    /// `piece` is its number as 8 octets.
    pub fn derive_piece_key(
        &self,
        salt: &[u8; 24],
        circle: CircleId,
        device: DeviceId,
        piece: u64,
    ) -> Result<SegmentKey, CryptoError> {
        let prk = Salt::new(HKDF_SHA256, salt).extract(&self.0[..]);
        let info: &[&[u8]] = &[b"cairn/pack/1", &circle.0, &device.0, &piece.to_be_bytes()];
        SegmentKey::new(&*expand(&prk, info)?)
    }

    /// `ChaCha20-Poly1305(HKDF-SHA-256(secret, "", "cairn/back/1" ‖ circle ‖ epoch), previous secret)`:
    /// whoever has this epoch's secret can walk back to the one before. `epoch` is this one's number.
    pub fn seal_back_link(
        &self,
        circle: CircleId,
        epoch: u64,
        previous: &Self,
    ) -> Result<[u8; BACK_LINK], CryptoError> {
        let sealed = self.back_link_key(circle, epoch)?.seal(&circle.0, previous.0.to_vec())?;
        sealed.try_into().map_err(|_| CryptoError::NotAKey)
    }

    /// The previous epoch's secret; the caller compares it with its commitment.
    pub fn open_back_link(
        &self,
        circle: CircleId,
        epoch: u64,
        link: &[u8; BACK_LINK],
    ) -> Result<Self, CryptoError> {
        let opened = Zeroizing::new(self.back_link_key(circle, epoch)?.open(&circle.0, link)?);
        Self::from_bytes(&opened)
    }

    fn back_link_key(&self, circle: CircleId, epoch: u64) -> Result<SegmentKey, CryptoError> {
        let prk = Salt::new(HKDF_SHA256, &[]).extract(&self.0[..]);
        SegmentKey::new(&*expand(&prk, &[b"cairn/back/1", &circle.0, &epoch.to_be_bytes()])?)
    }

    /// HPKE base mode (RFC 9180) with X-Wing, HKDF-SHA-256 and ChaCha20-Poly1305:
    /// `encapsulated key[1120] ‖ ciphertext[48]`, info `"cairn/wrap/1" ‖ workspace ‖ circle ‖ epoch`.
    pub fn wrap(
        &self,
        workspace: WorkspaceId,
        circle: CircleId,
        epoch: u64,
        to: &DeviceKeys,
    ) -> Result<Vec<u8>, CryptoError> {
        hybrid::seal(&to.wrapping, &wrap_info(workspace, circle, epoch), &to.id().0, &self.0[..])
    }

    /// Opens [`EpochSecret::wrap`]; the caller compares the secret with its commitment.
    pub fn unwrap(
        wrapped: &[u8],
        workspace: WorkspaceId,
        circle: CircleId,
        epoch: u64,
        device: &DeviceSecret,
    ) -> Result<Self, CryptoError> {
        let info = wrap_info(workspace, circle, epoch);
        let opened = hybrid::open(device.wrapping(), &info, &device.id().0, wrapped)?;
        Self::from_bytes(&Zeroizing::new(opened))
    }
}

impl std::fmt::Debug for EpochSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("EpochSecret")
    }
}

fn wrap_info(workspace: WorkspaceId, circle: CircleId, epoch: u64) -> Vec<u8> {
    [b"cairn/wrap/1", &workspace.0[..], &circle.0, &epoch.to_be_bytes()].concat()
}

pub(super) fn expand(prk: &Prk, info: &[&[u8]]) -> Result<Zeroizing<[u8; 32]>, CryptoError> {
    let mut key = Zeroizing::new([0u8; 32]);
    prk.expand(info, Octets32).and_then(|okm| okm.fill(&mut key[..])).map_err(|_| CryptoError::NotAKey)?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORKSPACE: WorkspaceId = WorkspaceId([1; 16]);
    const CIRCLE: CircleId = CircleId([2; 16]);

    #[test]
    fn a_wrap_opens_for_its_device_and_no_other() {
        let (device, other) = (DeviceSecret::generate().unwrap(), DeviceSecret::generate().unwrap());
        let secret = EpochSecret::generate().unwrap();
        let wrap = secret.wrap(WORKSPACE, CIRCLE, 3, device.keys()).unwrap();
        assert_eq!(wrap.len(), 1168);
        let opened = EpochSecret::unwrap(&wrap, WORKSPACE, CIRCLE, 3, &device).unwrap();
        assert_eq!(opened.as_bytes(), secret.as_bytes());
        assert!(EpochSecret::unwrap(&wrap, WORKSPACE, CIRCLE, 3, &other).is_err());
        assert!(EpochSecret::unwrap(&wrap, WORKSPACE, CIRCLE, 4, &device).is_err(), "another epoch");
        for index in [0, 600, 1119, 1120, 1167] {
            let mut bad = wrap.clone();
            bad[index] ^= 1;
            assert!(EpochSecret::unwrap(&bad, WORKSPACE, CIRCLE, 3, &device).is_err(), "byte {index}");
        }
    }

    #[test]
    fn the_back_link_leads_to_the_epoch_before() {
        let (first, second) = (EpochSecret::generate().unwrap(), EpochSecret::generate().unwrap());
        let link = second.seal_back_link(CIRCLE, 2, &first).unwrap();
        let opened = second.open_back_link(CIRCLE, 2, &link).unwrap();
        assert_eq!(opened.as_bytes(), first.as_bytes());
        assert!(first.open_back_link(CIRCLE, 2, &link).is_err());
    }

    #[test]
    fn every_salt_circle_and_chain_gives_another_key() {
        let secret = EpochSecret::from_bytes(&[7; 32]).unwrap();
        let key = |salt: u8, circle: u8, chain: u8| {
            secret.derive_segment_key(&[salt; 24], CircleId([circle; 16]), ChainId([chain; 16])).unwrap()
        };
        let sealed = key(1, 2, 3).seal(b"ad", b"message".to_vec()).unwrap();
        assert_eq!(key(1, 2, 3).open(b"ad", &sealed).unwrap(), b"message");
        for wrong in [key(9, 2, 3), key(1, 9, 3), key(1, 2, 9)] {
            assert_eq!(wrong.open(b"ad", &sealed), Err(CryptoError::NotOpened));
        }
        assert_eq!(key(1, 2, 3).open(b"other", &sealed), Err(CryptoError::NotOpened));
    }

    #[test]
    fn a_seed_gives_the_same_device_again() {
        let device = DeviceSecret::generate().unwrap();
        let again = DeviceSecret::from_seed(device.seed().clone()).unwrap();
        assert_eq!(again.id(), device.id());
        assert!(device.keys().signing.verifies(b"message", &again.sign(b"message")));
    }
}
