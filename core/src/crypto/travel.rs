//! Travel mode: a vault's key, sealed so that the device alone cannot open it, and what opens it, sealed to those
//! who stay behind.

use cairn_wire::digest::sha256;
use cairn_wire::id::{DeviceId, WorkspaceId};
use cairn_wire::roster::DeviceKeys;
use ring::hkdf::{HKDF_SHA256, Salt};
use zeroize::Zeroizing;

use super::epoch::expand;
use super::slots::Which;
use super::{CryptoError, DeviceSecret, SegmentKey, VaultKey, generate, hybrid};

/// Octets of a release that is sealed to somebody: encapsulated key, secret, tag.
pub const SEALED_RELEASE: usize = 1120 + RELEASE + 16;
/// Octets of a vault's key that a release has sealed.
pub const TRAVELLING_KEY: usize = 32 + 16;
const RELEASE: usize = 16;
const CHECK: usize = 4;

/// 16 random octets that the device forgets and the coordinators keep: without them a departed vault stays shut.
pub struct Release(Zeroizing<[u8; RELEASE]>);

impl Release {
    /// A new random one.
    ///
    /// # Errors
    /// [`CryptoError::NoRandom`].
    pub fn generate() -> Result<Self, CryptoError> {
        Ok(Self(Zeroizing::new(generate()?)))
    }

    /// `HPKE(coordinator, "cairn/departure/1" ‖ workspace ‖ device ‖ departure, coordinator's name, release)`:
    /// `encapsulated key[1120] ‖ ciphertext[32]`. `device` is the one that departs.
    ///
    /// # Errors
    /// [`CryptoError::NotAKey`].
    pub fn seal_to(
        &self,
        to: &DeviceKeys,
        workspace: WorkspaceId,
        device: DeviceId,
        departure: &[u8; 16],
    ) -> Result<Vec<u8>, CryptoError> {
        hybrid::seal(&to.wrapping, &info(workspace, device, departure), &to.id().0, &self.0[..])
    }

    /// Opens [`Release::seal_to`].
    ///
    /// # Errors
    /// [`CryptoError::NotOpened`] if it is not for this coordinator, this device and this departure.
    pub fn open(
        sealed: &[u8],
        coordinator: &DeviceSecret,
        workspace: WorkspaceId,
        device: DeviceId,
        departure: &[u8; 16],
    ) -> Result<Self, CryptoError> {
        let info = info(workspace, device, departure);
        let opened = hybrid::open(coordinator.wrapping(), &info, &coordinator.id().0, sealed)?;
        let opened = Zeroizing::new(opened);
        Ok(Self(Zeroizing::new(opened[..].try_into().map_err(|_| CryptoError::NotOpened)?)))
    }

    /// `ChaCha20-Poly1305(HKDF-SHA-256(release, salt = departure, "cairn/travel/1" ‖ vault u8), vault's key)`.
    ///
    /// # Errors
    /// [`CryptoError::NotAKey`], which does not happen.
    pub fn seal_vault(
        &self,
        departure: &[u8; 16],
        vault: Which,
        key: &VaultKey,
    ) -> Result<[u8; TRAVELLING_KEY], CryptoError> {
        let sealed = self.travel_key(departure, vault)?.seal(&[], key.as_bytes().to_vec())?;
        sealed.try_into().map_err(|_| CryptoError::NotAKey)
    }

    /// Opens [`Release::seal_vault`].
    ///
    /// # Errors
    /// [`CryptoError::NotOpened`] for another release.
    pub fn open_vault(
        &self,
        departure: &[u8; 16],
        vault: Which,
        sealed: &[u8; TRAVELLING_KEY],
    ) -> Result<VaultKey, CryptoError> {
        let opened = Zeroizing::new(self.travel_key(departure, vault)?.open(&[], sealed)?);
        Ok(VaultKey::from_bytes(opened[..].try_into().map_err(|_| CryptoError::NotOpened)?))
    }

    fn travel_key(&self, departure: &[u8; 16], vault: Which) -> Result<SegmentKey, CryptoError> {
        let prk = Salt::new(HKDF_SHA256, departure).extract(&self.0[..]);
        SegmentKey::new(&*expand(&prk, &[b"cairn/travel/1", &[vault.code()]])?)
    }

    /// `release[16] ‖ first 4 octets of SHA-256("cairn/return/1" ‖ release)`: what a coordinator reads out. The
    /// check tells a slip of the tongue, and nothing of use about 16 random octets.
    pub fn to_code(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new([&self.0[..], &self.check()].concat())
    }

    /// Reads [`Release::to_code`]; nothing if it was not understood well.
    pub fn from_code(code: &[u8]) -> Option<Self> {
        let (secret, check) = code.split_first_chunk::<RELEASE>()?;
        let release = Self(Zeroizing::new(*secret));
        (check == release.check()).then_some(release)
    }

    fn check(&self) -> [u8; CHECK] {
        let hash = sha256(&[b"cairn/return/1", &self.0[..]]);
        *hash.first_chunk().unwrap_or(&[0; CHECK])
    }
}

/// Octets of a code.
pub const RETURN_CODE: usize = RELEASE + CHECK;

fn info(workspace: WorkspaceId, device: DeviceId, departure: &[u8; 16]) -> Vec<u8> {
    [b"cairn/departure/1", &workspace.0[..], &device.0, departure].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORKSPACE: WorkspaceId = WorkspaceId([1; 16]);
    const AWAY: DeviceId = DeviceId([2; 16]);

    #[test]
    fn only_that_coordinator_opens_it_for_that_device_and_departure() {
        let (one, other) = (DeviceSecret::generate().unwrap(), DeviceSecret::generate().unwrap());
        let release = Release::generate().unwrap();
        let sealed = release.seal_to(one.keys(), WORKSPACE, AWAY, &[3; 16]).unwrap();
        assert_eq!(sealed.len(), SEALED_RELEASE);
        let open = |by, workspace, device, departure: u8| {
            Release::open(&sealed, by, workspace, device, &[departure; 16]).ok().map(|opened| opened.0)
        };
        assert_eq!(open(&one, WORKSPACE, AWAY, 3).as_ref(), Some(&release.0), "control");
        assert!(open(&other, WORKSPACE, AWAY, 3).is_none());
        assert!(open(&one, WorkspaceId([9; 16]), AWAY, 3).is_none());
        assert!(open(&one, WORKSPACE, DeviceId([9; 16]), 3).is_none());
        assert!(open(&one, WORKSPACE, AWAY, 4).is_none());
    }

    #[test]
    fn a_vaults_key_comes_back_by_its_own_release_only() {
        let (release, other) = (Release::generate().unwrap(), Release::generate().unwrap());
        let sealed = release.seal_vault(&[3; 16], Which::A, &VaultKey::from_bytes([7; 32])).unwrap();
        let opened =
            |by: &Release, departure: u8, vault| by.open_vault(&[departure; 16], vault, &sealed).ok();
        assert_eq!(opened(&release, 3, Which::A).unwrap().as_bytes(), &[7; 32], "control");
        assert!(opened(&other, 3, Which::A).is_none());
        assert!(opened(&release, 4, Which::A).is_none());
        assert!(opened(&release, 3, Which::B).is_none());
    }

    #[test]
    fn a_code_is_read_back_and_one_wrong_octet_is_noticed() {
        let release = Release::generate().unwrap();
        let code = release.to_code();
        assert_eq!(code.len(), RETURN_CODE);
        assert_eq!(Release::from_code(&code).unwrap().0, release.0);
        for at in 0..RETURN_CODE {
            let mut wrong = code.clone();
            wrong[at] ^= 1;
            assert!(Release::from_code(&wrong).is_none(), "octet {at}");
        }
        assert!(Release::from_code(&code[..RETURN_CODE - 1]).is_none());
    }
}
