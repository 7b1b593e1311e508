//! Whether a passphrase protects anybody.

use std::collections::BTreeSet;

use super::device_key::DeviceKey;
use crate::error::Error;

/// Fewer characters protect nobody where the device's key lies in a file: whoever copies the folder guesses as fast
/// as Argon2id lets them. Three words of a list are more than that and still few.
pub const PASSPHRASE_MIN: usize = 14;
/// Fewer characters protect nobody who has the device in hand and its secure hardware against them.
pub const PASSPHRASE_MIN_IN_HARDWARE: usize = 8;
/// Fewer different characters are a pattern.
const DIFFERENT: usize = 6;

/// Refuses what is too short, or repeats too little too often.
pub(super) fn check(passphrase: &str, device: &dyn DeviceKey) -> Result<(), Error> {
    let least = if device.erases_for_certain() { PASSPHRASE_MIN_IN_HARDWARE } else { PASSPHRASE_MIN };
    let different: BTreeSet<char> = passphrase.chars().collect();
    if passphrase.chars().count() < least || different.len() < DIFFERENT {
        return Err(Error::WeakPassphrase(least));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::Which;
    use crate::vault::DeviceKeyError;

    struct Hardware(bool);

    impl DeviceKey for Hardware {
        fn mac(&self, _which: Which, _message: &[u8; 32]) -> Result<[u8; 32], DeviceKeyError> {
            Err(DeviceKeyError::Refused)
        }

        fn renew(&self, _which: Which) -> Result<(), DeviceKeyError> {
            Err(DeviceKeyError::Refused)
        }

        fn erases_for_certain(&self) -> bool {
            self.0
        }
    }

    #[test]
    fn without_secure_hardware_more_is_asked_for() {
        for (passphrase, in_hardware, in_a_file) in [
            ("", false, false),
            ("1234567", false, false),
            ("рыба дом", true, false),
            ("fourteen chars", true, true),
            ("aaaaaaaaaaaaaaaaaaaaaa", false, false),
            ("ababababababababababab", false, false),
            ("закат поезд скука", true, true),
        ] {
            assert_eq!(check(passphrase, &Hardware(true)).is_ok(), in_hardware, "{passphrase}");
            assert_eq!(check(passphrase, &Hardware(false)).is_ok(), in_a_file, "{passphrase}");
        }
    }
}
