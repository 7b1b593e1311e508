//! A secret in shares: so many of them give it back, and fewer tell nothing of it.

use getrandom::SysRng;
use getrandom::rand_core::UnwrapErr;
use ring::hkdf::{HKDF_SHA256, Salt};
use vsss_rs::Gf256;
use zeroize::Zeroizing;

use super::epoch::expand;
use super::{CryptoError, DeviceSecret, generate};

/// Octets of a share: its number, and one octet for each of the secret's.
pub const SHARE: usize = 33;

/// What the shares give back: 32 random octets from which the keys of a device are derived.
pub struct RecoverySecret(Zeroizing<[u8; 32]>);

impl RecoverySecret {
    /// A new random one.
    ///
    /// # Errors
    /// [`CryptoError::NoRandom`].
    pub fn generate() -> Result<Self, CryptoError> {
        Ok(Self(Zeroizing::new(generate()?)))
    }

    /// Shamir's sharing over GF(256), octet by octet: `count` shares, of which any `needed` give the secret back.
    ///
    /// # Errors
    /// [`CryptoError::NotAKey`] unless `2 ≤ needed ≤ count ≤ 255`; [`CryptoError::NoRandom`].
    pub fn split(&self, needed: u8, count: u8) -> Result<Vec<[u8; SHARE]>, CryptoError> {
        // The generator below cannot say that it fails, so it is asked before.
        generate::<32>()?;
        let shares = Gf256::split_bytes(needed.into(), count.into(), &self.0[..], UnwrapErr(SysRng));
        let shares = shares.map_err(|_| CryptoError::NotAKey)?;
        shares.into_iter().map(|share| share.try_into().map_err(|_| CryptoError::NotAKey)).collect()
    }

    /// The secret of so many shares as are needed. Fewer, or shares of different secrets, give another one: the
    /// caller compares.
    ///
    /// # Errors
    /// [`CryptoError::NotAKey`] for one share alone, or one that is there twice.
    pub fn combine(shares: &[[u8; SHARE]]) -> Result<Self, CryptoError> {
        let shares: Vec<Vec<u8>> = shares.iter().map(|share| share.to_vec()).collect();
        let secret = Zeroizing::new(Gf256::combine_bytes(&shares).map_err(|_| CryptoError::NotAKey)?);
        Ok(Self(Zeroizing::new(secret[..].try_into().map_err(|_| CryptoError::NotAKey)?)))
    }

    /// `HKDF-SHA-256(secret, "", "cairn/recovery/1" ‖ n u8)` for n = 1 and 2: the seed of a device.
    ///
    /// # Errors
    /// [`CryptoError::NotAKey`], which does not happen.
    pub fn device(&self) -> Result<DeviceSecret, CryptoError> {
        let prk = Salt::new(HKDF_SHA256, &[]).extract(&self.0[..]);
        let mut seed = Zeroizing::new([0; 64]);
        for (half, number) in seed.chunks_mut(32).zip(1u8..) {
            half.copy_from_slice(&*expand(&prk, &[b"cairn/recovery/1", &[number]])?);
        }
        DeviceSecret::from_seed(seed)
    }

    /// `HKDF-SHA-256(secret, "", "cairn/recovery/set/1")`, first 8 octets: tells whether shares belong together.
    ///
    /// # Errors
    /// [`CryptoError::NotAKey`], which does not happen.
    pub fn set(&self) -> Result<[u8; 8], CryptoError> {
        let prk = Salt::new(HKDF_SHA256, &[]).extract(&self.0[..]);
        let name = expand(&prk, &[b"cairn/recovery/set/1"])?;
        name.first_chunk().copied().ok_or(CryptoError::NotAKey)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_as_are_needed_give_it_back_whichever_they_are_and_fewer_do_not() {
        for (needed, count) in [(2, 3), (3, 5)] {
            let secret = RecoverySecret::generate().unwrap();
            let shares = secret.split(needed, count).unwrap();
            assert_eq!(shares.len(), usize::from(count));
            for chosen in 0u32..1 << count {
                let some: Vec<_> =
                    (0..shares.len()).filter(|at| chosen >> at & 1 == 1).map(|at| shares[at]).collect();
                let same = RecoverySecret::combine(&some).is_ok_and(|got| got.0 == secret.0);
                assert_eq!(same, some.len() >= usize::from(needed), "{chosen:b} of {count}");
            }
        }
    }

    #[test]
    fn what_cannot_be_shared_or_is_there_twice_is_refused() {
        let secret = RecoverySecret::generate().unwrap();
        for (needed, count) in [(0, 0), (1, 3), (4, 3)] {
            assert!(secret.split(needed, count).is_err(), "{needed} of {count}");
        }
        let shares = secret.split(2, 3).unwrap();
        assert!(RecoverySecret::combine(&[shares[0], shares[0]]).is_err());
        assert!(RecoverySecret::combine(&[]).is_err());
    }

    #[test]
    fn one_share_alone_tells_nothing() {
        // Every octet of the secret is as likely as any other, whatever the share says.
        let mut seen = [0u32; 256];
        for _ in 0..20_000 {
            let secret = RecoverySecret(Zeroizing::new([7; 32]));
            let shares = secret.split(2, 2).unwrap();
            shares[0][1..].iter().for_each(|octet| seen[usize::from(*octet)] += 1);
        }
        let expected = 20_000.0 * 32.0 / 256.0;
        let chi: f64 = seen.iter().map(|count| (f64::from(*count) - expected).powi(2) / expected).sum();
        assert!((chi - 255.0).abs() / 510.0_f64.sqrt() < 10.0, "{chi}");
    }

    #[test]
    fn the_derived_device_is_always_the_same() {
        let secret = || RecoverySecret(Zeroizing::new([7; 32]));
        assert_eq!(secret().device().unwrap().id(), secret().device().unwrap().id());
        assert_eq!(cairn_wire::codec::hex(&secret().set().unwrap()).len(), 16);
        let other = RecoverySecret(Zeroizing::new([8; 32]));
        assert_ne!(secret().device().unwrap().id(), other.device().unwrap().id());
        assert_ne!(secret().set().unwrap(), other.set().unwrap());
    }
}
