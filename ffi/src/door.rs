//! Before a vault is open: making one, wiping it, passphrases, and what lies beside it.

use std::path::Path;
use std::sync::Arc;

use cairn_core::Vault;
use cairn_core::vault::word_languages;

use crate::hardware::{PhoneKey, machine};
use crate::trouble::CairnError;

/// How many words are offered for a passphrase: sixty bits.
const OFFERED: usize = 6;

/// Whether there is a vault in `folder`; asks for no passphrase.
#[uniffi::export]
#[must_use]
pub fn vault_exists(folder: &str) -> bool {
    Vault::exists(Path::new(folder))
}

/// Makes an empty vault in `folder`, its keys in the phone's hardware if there is any.
///
/// # Errors
/// `vault_exists`, `weak_passphrase` (without hardware it takes a longer one), `device_key_refused`, `disk`.
#[uniffi::export]
pub fn create_vault(
    folder: &str,
    passphrase: &str,
    key: Option<Arc<dyn PhoneKey>>,
) -> Result<(), CairnError> {
    Ok(Vault::create_on(Path::new(folder), passphrase, &machine(key))?.lock()?)
}

/// Makes everything in `folder` unreadable for ever; `false` if that is not certain on this phone.
///
/// # Errors
/// `no_vault`, `in_use`, or what the disk says; the keys go first.
#[uniffi::export]
pub fn wipe_vault(folder: &str, key: Option<Arc<dyn PhoneKey>>) -> Result<bool, CairnError> {
    Ok(Vault::wipe(Path::new(folder), &machine(key))?)
}

/// Looks whether a passphrase is strong enough for a vault in `folder`; makes nothing.
///
/// # Errors
/// `weak_passphrase`, with how many characters it takes as `count`.
#[uniffi::export]
pub fn check_passphrase(
    folder: &str,
    passphrase: &str,
    key: Option<Arc<dyn PhoneKey>>,
) -> Result<(), CairnError> {
    Ok(machine(key).check_passphrase(Path::new(folder), passphrase)?)
}

/// The languages in which passphrases, and codes for coming back, are made of ordinary words.
#[uniffi::export]
#[must_use]
pub fn passphrase_languages() -> Vec<String> {
    word_languages().map(str::to_owned).collect()
}

/// A passphrase to take if one likes it: six ordinary words, drawn at random. English where the language has no list.
///
/// # Errors
/// `bug` without random numbers.
#[uniffi::export]
pub fn offer_passphrase(language: &str) -> Result<String, CairnError> {
    Ok(cairn_core::vault::offer_passphrase(OFFERED, language)?.to_string())
}

/// The file with what had not reached the server when the vault in `folder` was locked last, sealed for the office:
/// to be carried there. Asks for no passphrase. None before there was anybody to seal for.
#[uniffi::export]
#[must_use]
pub fn outbox_file(folder: &str) -> Option<String> {
    Some(Vault::outbox_file(Path::new(folder))?.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passphrases_are_looked_at_and_offered_before_there_is_a_vault() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().display().to_string();
        let CairnError::Failed { code, places, .. } = check_passphrase(&folder, "short", None).unwrap_err();
        assert_eq!(code, "weak_passphrase");
        assert!(places["count"].parse::<usize>().unwrap() > 5);
        for language in passphrase_languages() {
            let offered = offer_passphrase(&language).unwrap();
            assert_eq!(offered.split(' ').count(), OFFERED);
            check_passphrase(&folder, &offered, None).unwrap();
        }
        assert!(!vault_exists(&folder) && outbox_file(&folder).is_none());
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0, "nothing was made");
    }
}
