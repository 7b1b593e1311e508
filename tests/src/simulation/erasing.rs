//! A coordinator erases a record.

use cairn_core::Error;

use super::World;
use crate::dice::Dice;
use crate::level::shown;

impl World<'_> {
    /// What was erased must be nowhere in the end. A server that has lost segments cannot be healed by devices
    /// that have emptied theirs, before a pack stands for what is left (THREATS): a world erases or loses.
    pub(super) fn erase(&mut self, who: usize, dice: &mut Dice) {
        let device = &mut self.devices[who];
        if self.ever_lost || device.revoked || !device.vault().is_coordinator() {
            return;
        }
        let mut known: Vec<_> = shown(device.vault()).into_values().collect();
        known.sort_by_key(|view| view.title.clone());
        if known.is_empty() {
            return;
        }
        let view = dice.pick(&known);
        let road = self.ground.transport();
        self.ledger.set_out(who);
        match self.devices[who].vault().erase_records(&road, &[view.id], "A test", |_| {}) {
            Ok(_) => {
                self.ledger.sent(who);
                // A copy of a vault may have begun the same record anew under another name.
                self.ledger.erased(&view.title, self.copied);
                self.erased = true;
            }
            // It holds what nobody has decided about, or it went meanwhile.
            Err(Error::LettersWait(_) | Error::NotFound { .. }) => self.ledger.sent(who),
            Err(error) => self.find(who, "erasing", &error),
        }
    }
}
