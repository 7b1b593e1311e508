//! Putting something else into the own slot, and making every earlier copy of it void.
//!
//! An earlier copy of the slot file opens as long as the device has the key it was sealed under, so that key is
//! renewed. A slot under the renewed key cannot be made before, and the old one is worth nothing after: in between
//! the slot rests under the device's key of the other vault. It is written into the own slot's place, since nobody
//! knows which of the others is the duress passphrase's.
//!
//! ```text
//! old slot, own key ─write─► interim, other key ─renew own key─► interim, other key ─write─► last, own key
//! ```
//! Each write is whole or not there. The interim slot is always one that only the release opens, so whatever cuts
//! this off, the vault opens as before, or by the passphrase with a release that the coordinators have. One thing
//! the interim slot lacks: the duress passphrase does not make it void. So it is mended as soon as its passphrase
//! is typed.

use std::path::Path;

use super::{bug, put};
use crate::crypto::{Held, Slots, Travel, UnlockKey, Which};
use crate::error::Error;
use crate::vault::Machine;

/// The own slot, and what its keys are made from.
pub(super) struct Refit<'a> {
    pub(super) folder: &'a Path,
    pub(super) passphrase: &'a str,
    pub(super) machine: &'a Machine,
    pub(super) slots: &'a mut Slots,
    /// The own slot.
    pub(super) index: usize,
    /// The vault it is for.
    pub(super) vault: Which,
}

impl Refit<'_> {
    /// Puts `last` into the own slot under a new key of the device, by way of `interim`.
    ///
    /// # Errors
    /// What the disk or the device's key says.
    pub(super) fn run(&mut self, interim: &Held, last: &Held) -> Result<(), Error> {
        let stretched = self.slots.stretch(self.passphrase).map_err(bug)?;
        let device = self.machine.device_key(self.folder);
        let key = |which| -> Result<UnlockKey, Error> {
            Ok(UnlockKey::from_bytes(device.mac(which, stretched.as_bytes())?))
        };
        self.put(&key(self.vault.other())?, interim)?;
        device.renew(self.vault)?;
        self.put(&key(self.vault)?, last)
    }

    fn put(&mut self, key: &UnlockKey, held: &Held) -> Result<(), Error> {
        self.slots.put(self.index, key, held).map_err(bug)?;
        put(self.folder, self.slots)
    }
}

/// Ends what was cut off: the slot of a departed vault that still rests under the other vault's key.
pub(super) fn mend(
    folder: &Path,
    passphrase: &str,
    machine: &Machine,
    mut slots: Slots,
    (index, by): (usize, usize),
    travel: Travel,
) -> Result<(), Error> {
    let vault = travel.vault;
    if by == usize::from(vault == Which::B) {
        return Ok(());
    }
    let travel = Held::Travel(travel);
    Refit { folder, passphrase, machine, slots: &mut slots, index, vault }.run(&travel, &travel)
}
