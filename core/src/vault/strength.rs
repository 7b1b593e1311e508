//! Whether a passphrase protects anybody.

use crate::error::Error;

/// Fewer characters protect nobody.
pub const PASSPHRASE_MIN: usize = 8;

pub(super) fn check(passphrase: &str) -> Result<(), Error> {
    if passphrase.chars().count() < PASSPHRASE_MIN {
        return Err(Error::WeakPassphrase(PASSPHRASE_MIN));
    }
    Ok(())
}
