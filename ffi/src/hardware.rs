//! The phone's secure hardware, as the core knows it.

use std::sync::Arc;
use std::time::Duration;

use cairn_core::crypto::Which;
use cairn_core::vault::{DeviceKey, DeviceKeyError, Machine};

/// The phone's secure hardware: two keys that never leave it, one for each vault of an installation (0 and 1), both
/// always there. On Android: HMAC keys in StrongBox or the TEE, made without a backup.
#[uniffi::export(foreign)]
pub trait PhoneKey: Send + Sync {
    /// HMAC-SHA-256 of 32 octets under the key of that vault.
    ///
    /// # Errors
    /// When the hardware refuses, or has lost the key.
    fn mac(&self, vault: u8, message: Vec<u8>) -> Result<Vec<u8>, PhoneKeyError>;
    /// Destroys the key of that vault and makes another in its place.
    ///
    /// # Errors
    /// When it could not; the old one may still be there.
    fn renew(&self, vault: u8) -> Result<(), PhoneKeyError>;
    /// Whether a key that was renewed is gone for certain.
    fn erases_for_certain(&self) -> bool;
}

/// The hardware does not do it; whatever the phone's own code throws counts as this.
#[derive(Debug, thiserror::Error, uniffi::Error)]
pub enum PhoneKeyError {
    /// Locked, lost, or broken.
    #[error("the phone's hardware refuses")]
    Refused,
}

impl From<uniffi::UnexpectedUniFFICallbackError> for PhoneKeyError {
    fn from(_: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Refused
    }
}

struct Hardware(Arc<dyn PhoneKey>);

fn number(which: Which) -> u8 {
    match which {
        Which::A => 0,
        Which::B => 1,
    }
}

impl DeviceKey for Hardware {
    fn mac(&self, which: Which, message: &[u8; 32]) -> Result<[u8; 32], DeviceKeyError> {
        let made = self.0.mac(number(which), message.to_vec()).map_err(|_| DeviceKeyError::Refused)?;
        made.try_into().map_err(|_| DeviceKeyError::Refused)
    }

    fn renew(&self, which: Which) -> Result<(), DeviceKeyError> {
        self.0.renew(number(which)).map_err(|_| DeviceKeyError::Refused)
    }

    fn erases_for_certain(&self) -> bool {
        self.0.erases_for_certain()
    }
}

/// The machine with the phone's hardware, if it has any, and a second of work before a passphrase.
pub(crate) fn machine(key: Option<Arc<dyn PhoneKey>>) -> Machine {
    let machine = Machine::default().with_unlock(Duration::from_secs(1));
    match key {
        Some(key) => machine.with_device_key(Arc::new(Hardware(key))),
        None => machine,
    }
}
