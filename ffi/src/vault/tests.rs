use std::sync::Mutex;

use super::*;
use crate::door::{create_vault, wipe_vault};
use crate::hardware::PhoneKeyError;
use crate::settings::LockLapses;

#[test]
fn a_vault_opens_counts_and_locks() {
    let dir = tempfile::tempdir().unwrap();
    Vault::create(dir.path(), "correct horse battery").unwrap().lock().unwrap();
    let folder = dir.path().display().to_string();
    let wrong = OpenVault::open(&folder, "another passphrase").err().unwrap();
    let CairnError::Failed { code, who, .. } = wrong;
    assert_eq!((code.as_str(), who.as_str()), ("wrong_passphrase", "person"));
    let vault = OpenVault::open(&folder, "correct horse battery").unwrap();
    assert_eq!(vault.counts().unwrap(), VaultCounts { records: 0, conflicts: 0, forms: 0, outbox: 0 });
    vault.lock().unwrap();
    vault.lock().unwrap();
    let CairnError::Failed { code, .. } = vault.counts().unwrap_err();
    assert_eq!(code, "locked");
}

#[test]
fn out_of_sight_a_vault_locks_itself() {
    let dir = tempfile::tempdir().unwrap();
    Vault::create(dir.path(), "correct horse battery").unwrap().lock().unwrap();
    let folder = dir.path().display().to_string();
    let vault = OpenVault::open(&folder, "correct horse battery").unwrap();
    vault.set_lapses(LockLapses { background: 0, ..vault.lapses().unwrap() }).unwrap();
    vault.touch();
    vault.to_front().unwrap();
    vault.to_background();
    let CairnError::Failed { code, .. } = vault.to_front().unwrap_err();
    assert_eq!((code.as_str(), vault.is_open()), ("locked", false));
    let vault = OpenVault::open(&folder, "correct horse battery").unwrap();
    assert_eq!(vault.lapses().unwrap().background, 0);
    assert!(vault.panic());
    OpenVault::open(&folder, "correct horse battery").unwrap();
}

/// Hardware that can be broken.
#[derive(Default)]
struct Chip {
    keys: Mutex<[Option<[u8; 32]>; 2]>,
}

impl PhoneKey for Chip {
    fn mac(&self, vault: u8, message: Vec<u8>) -> Result<Vec<u8>, PhoneKeyError> {
        let key = self.keys.lock().unwrap()[usize::from(vault)].ok_or(PhoneKeyError::Refused)?;
        Ok(cairn_core::crypto::mac(&key, &message).to_vec())
    }

    fn renew(&self, vault: u8) -> Result<(), PhoneKeyError> {
        self.keys.lock().unwrap()[usize::from(vault)] = Some(cairn_core::crypto::generate().unwrap());
        Ok(())
    }

    fn erases_for_certain(&self) -> bool {
        true
    }
}

#[test]
fn a_vault_opens_with_the_phones_hardware_alone_and_is_wiped_for_certain() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().display().to_string();
    let chip: Arc<dyn PhoneKey> = Arc::new(Chip::default());
    let of = |error: CairnError| {
        let CairnError::Failed { code, .. } = error;
        code
    };
    let weak = create_vault(&folder, "ten chars!", None).unwrap_err();
    assert_eq!(of(weak), "weak_passphrase", "without hardware it takes a longer one");
    create_vault(&folder, "ten chars!", Some(Arc::clone(&chip))).unwrap();
    let open = |key| OpenVault::open_with_key(&folder, "ten chars!", key).map(drop).map_err(of);
    assert!(open(Some(Arc::clone(&chip))).is_ok());
    let other: Arc<dyn PhoneKey> = Arc::new(Chip { keys: Mutex::new([Some([1; 32]), Some([2; 32])]) });
    assert_eq!(open(Some(other)), Err("wrong_passphrase".to_owned()), "another phone's hardware");
    assert_eq!(open(Some(Arc::new(Chip::default()))), Err("device_key_refused".to_owned()));
    assert!(!dir.path().join("device").exists(), "no key lies in a file");
    assert!(wipe_vault(&folder, Some(Arc::clone(&chip))).unwrap());
    assert_eq!(open(Some(chip)), Err("no_vault".to_owned()));
}
