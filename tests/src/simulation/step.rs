//! What can happen, and how often.

use crate::dice::Dice;

/// One event. `who` counts the devices of the world at that moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// A new record is saved.
    Capture(usize),
    /// An answer is changed.
    Edit(usize),
    /// A device syncs.
    Sync(usize),
    /// A device syncs, and its request is cut after so many thousandths: `up` on the way there, otherwise
    /// on the way back.
    CutSync {
        /// Who.
        who: usize,
        /// Which of its requests is cut, from 0.
        request: usize,
        /// How much of it arrives, in thousandths.
        part: usize,
        /// On the way there, or back.
        up: bool,
    },
    /// A coordinator renews the keys.
    Renew(usize),
    /// The office revokes a device.
    Revoke(usize),
    /// A coordinator makes a pack. Others vouch for it when they sync, and the server has no days of grace.
    Pack(usize),
    /// A coordinator erases a record.
    Erase(usize),
    /// Somebody joins.
    Join,
    /// A vault's folder is copied, and both go on.
    Clone(usize),
    /// A copy of a vault's folder is kept.
    KeepCopy(usize),
    /// The copy that was kept is put back.
    Restore(usize),
    /// A clock jumps so many days.
    Clock(usize, i64),
    /// A vault is closed and opened, or just dropped.
    Reopen(usize),
    /// The server is started again.
    Restart,
    /// The server's folder is copied.
    Backup,
    /// The copy of the server's folder is put back.
    RollBack,
    /// The server's log is gone.
    Wipe,
    /// One device heals the server.
    Heal(usize),
    /// Everybody heals the server, and the keys are renewed.
    HealAll,
}

impl Step {
    /// The next thing that happens among so many devices.
    pub fn draw(dice: &mut Dice, devices: usize) -> Self {
        let who = dice.below(devices);
        match dice.below(100) {
            0..=2 => Self::Pack(if dice.once_in(2) { 0 } else { who }),
            3 => Self::Erase(if dice.once_in(2) { 0 } else { who }),
            4..=17 => Self::Capture(who),
            18..=39 => Self::Edit(who),
            40..=58 => Self::Sync(who),
            59..=68 => {
                Self::CutSync { who, request: dice.below(3), part: dice.below(1000), up: dice.once_in(2) }
            }
            69..=72 => Self::Renew(who),
            73..=75 => Self::Revoke(who),
            76..=77 => Self::Join,
            78..=79 => Self::Clone(who),
            80..=82 => Self::KeepCopy(who),
            83..=85 => Self::Restore(who),
            86..=89 => Self::Clock(who, dice.below(7301) as i64 - 3650),
            90 => Self::Reopen(who),
            91 => Self::Restart,
            92..=93 => Self::Backup,
            94..=95 => Self::RollBack,
            96 => Self::Wipe,
            97..=98 => Self::Heal(who),
            _ => Self::HealAll,
        }
    }
}
