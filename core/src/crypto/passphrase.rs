//! From a passphrase to the vault's key.

use std::time::Duration;

use argon2::{Algorithm, Argon2, Params, Version};
use zeroize::Zeroizing;

use super::{CryptoError, generate};

/// What guessing one passphrase costs (Argon2id, RFC 9106).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// Memory in KiB.
    pub memory: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl Cost {
    /// The least that is accepted, on writing and on reading: a smaller stored value is an attack.
    pub const FLOOR: Self = Self { memory: 32 << 10, passes: 3, lanes: 1 };
    /// The most that is accepted on reading: a larger stored value would hang the phone.
    const CEILING: Self = Self { memory: 256 << 10, passes: 64, lanes: 16 };

    /// As much work as takes about `target`, by what `measure` says of the least: more memory first, up to
    /// 128 MiB, since that hurts whoever guesses most; then more passes. Never less than the least.
    pub fn for_about(target: Duration, measure: impl Fn(Self) -> Duration) -> Self {
        let least = measure(Self::FLOOR).max(Duration::from_millis(1));
        let times = (target.as_millis() / least.as_millis().max(1)).clamp(1, 256) as u32;
        let memory = (1 << times.ilog2()).min(4);
        let passes = (Self::FLOOR.passes * times / memory).min(Self::CEILING.passes);
        Self { memory: Self::FLOOR.memory * memory, passes: passes.max(Self::FLOOR.passes), ..Self::FLOOR }
    }

    /// # Errors
    /// [`CryptoError::Cost`] for less or more than is accepted.
    pub(super) fn check(self) -> Result<(), CryptoError> {
        self.params().map(drop)
    }

    fn params(self) -> Result<Params, CryptoError> {
        let within = (Self::FLOOR.memory..=Self::CEILING.memory).contains(&self.memory)
            && (Self::FLOOR.passes..=Self::CEILING.passes).contains(&self.passes)
            && (Self::FLOOR.lanes..=Self::CEILING.lanes).contains(&self.lanes);
        if !within {
            return Err(CryptoError::Cost);
        }
        Params::new(self.memory, self.passes, self.lanes, Some(32)).map_err(|_| CryptoError::Cost)
    }
}

/// The raw 256-bit key of the vault's database.
pub struct VaultKey(Zeroizing<[u8; 32]>);

impl VaultKey {
    /// `Argon2id(passphrase, salt, cost)`, 32 octets.
    pub fn derive(passphrase: &str, salt: &[u8; 32], cost: Cost) -> Result<Self, CryptoError> {
        let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, cost.params()?);
        let mut key = Zeroizing::new([0u8; 32]);
        argon.hash_password_into(passphrase.as_bytes(), salt, &mut key[..]).map_err(|_| CryptoError::Cost)?;
        Ok(Self(key))
    }

    /// A random key.
    ///
    /// # Errors
    /// [`CryptoError::NoRandom`].
    pub fn generate() -> Result<Self, CryptoError> {
        Ok(Self(Zeroizing::new(generate()?)))
    }

    /// A key that is not derived, for tests and for databases beside the vault.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The key's octets.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl std::fmt::Debug for VaultKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("VaultKey")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn costs_outside_the_range_are_refused_before_any_work() {
        for cost in [
            Cost { memory: 8, ..Cost::FLOOR },
            Cost { passes: 1, ..Cost::FLOOR },
            Cost { memory: u32::MAX, ..Cost::FLOOR },
            Cost { passes: u32::MAX, ..Cost::FLOOR },
            Cost { lanes: u32::MAX, ..Cost::FLOOR },
        ] {
            assert_eq!(VaultKey::derive("x", &[0; 32], cost).unwrap_err(), CryptoError::Cost);
        }
    }

    #[test]
    fn a_fast_machine_works_more_and_a_slow_one_never_less_than_the_least() {
        let about = |target: u64, least: u64| {
            Cost::for_about(Duration::from_millis(target), |cost| {
                assert_eq!(cost, Cost::FLOOR);
                Duration::from_millis(least)
            })
        };
        assert_eq!(about(1000, 2000), Cost::FLOOR);
        assert_eq!(about(1000, 1000), Cost::FLOOR);
        assert_eq!(about(1000, 500), Cost { memory: 64 << 10, ..Cost::FLOOR });
        assert_eq!(about(1000, 100), Cost { memory: 128 << 10, passes: 7, lanes: 1 });
        for (target, least) in [(0, 0), (1000, 0), (u64::MAX, 1)] {
            about(target, least).check().unwrap();
        }
    }

    #[test]
    fn passphrase_and_salt_both_matter() {
        let key = |passphrase, salt| VaultKey::derive(passphrase, &[salt; 32], Cost::FLOOR).unwrap();
        assert_eq!(key("one", 1).as_bytes(), key("one", 1).as_bytes());
        assert_ne!(key("one", 1).as_bytes(), key("two", 1).as_bytes());
        assert_ne!(key("one", 1).as_bytes(), key("one", 2).as_bytes());
    }
}
