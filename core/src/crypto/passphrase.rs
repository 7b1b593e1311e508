//! From a passphrase to the vault's key.

use argon2::{Algorithm, Argon2, Params, Version};
use zeroize::Zeroizing;

use super::CryptoError;

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
    const CEILING: Self = Self { memory: 1 << 20, passes: 64, lanes: 16 };

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
    fn passphrase_and_salt_both_matter() {
        let key = |passphrase, salt| VaultKey::derive(passphrase, &[salt; 32], Cost::FLOOR).unwrap();
        assert_eq!(key("one", 1).as_bytes(), key("one", 1).as_bytes());
        assert_ne!(key("one", 1).as_bytes(), key("two", 1).as_bytes());
        assert_ne!(key("one", 1).as_bytes(), key("one", 2).as_bytes());
    }
}
