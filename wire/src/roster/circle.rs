//! A circle as the roster tells it: its epochs, and who has been in it when.

use std::collections::BTreeMap;

use super::{BACK_LINK, HPKE_PUBLIC};
use crate::digest::Hash;
use crate::id::DeviceId;

/// One epoch of a circle's key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Epoch {
    /// SHA-256 commitment to the secret: receivers refuse any other.
    pub commitment: Hash,
    /// The previous epoch's secret, sealed under this one's; absent in the first epoch.
    pub back_link: Option<[u8; BACK_LINK]>,
    /// The roster entry that began it.
    pub since: u64,
    /// Its author's clock then, seconds since 1970: tells how old the key is, and nothing else.
    pub time: u64,
    /// The public key, derived from the secret, to which devices seal that only hand in; a coordinator
    /// publishes it where there are such devices. Only who holds the secret can tell whether it is the one.
    pub submit_key: Option<Box<[u8; HPKE_PUBLIC]>>,
}

/// A device's time in a circle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stay {
    /// The roster entry that let it in.
    pub since: u64,
    /// The roster entry that took it out again.
    pub until: Option<u64>,
    /// Whether it was let in to hand in only, whatever its role lets it do elsewhere.
    pub hands_in: bool,
}

/// A record that was erased, as everybody may know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Erased {
    /// Commitment to the record.
    pub commitment: Hash,
    /// The roster entry that says so.
    pub since: u64,
    /// Its author.
    pub author: DeviceId,
    /// Its author's clock then, seconds since 1970: shown, never trusted.
    pub time: u64,
}

/// A circle: its epochs (index 0 is epoch 1), and who has been in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Circle {
    /// In order; never empty once the circle exists.
    pub epochs: Vec<Epoch>,
    /// In order.
    pub erased: Vec<Erased>,
    stays: BTreeMap<DeviceId, Vec<Stay>>,
}

/// What a segment is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It counts.
    Counts,
    /// Its author has since lost the right to write there, and it came after the last that counts: a
    /// coordinator decides.
    Late,
    /// Its author had no right to write there.
    Nothing,
}

impl Circle {
    /// The number of the newest epoch.
    pub fn epoch(&self) -> u64 {
        self.epochs.len() as u64
    }

    /// The erasure with this commitment.
    pub fn erasure(&self, commitment: &Hash) -> Option<&Erased> {
        self.erased.iter().find(|erased| erased.commitment == *commitment)
    }

    /// The first epoch whose secret leads back to no earlier one: what was sealed before stays shut to
    /// whoever has only what came since.
    pub fn first_reachable(&self) -> u64 {
        self.first_reachable_at(u64::MAX)
    }

    /// The same when `seq` was the newest roster entry.
    pub fn first_reachable_at(&self, seq: u64) -> u64 {
        let known = self.epochs.iter().filter(|epoch| epoch.since <= seq).collect::<Vec<_>>();
        let cut = known.iter().rposition(|epoch| epoch.back_link.is_none());
        cut.map_or(1, |index| index as u64 + 1)
    }

    /// An epoch by its number, from 1.
    pub fn epoch_number(&self, number: u64) -> Option<&Epoch> {
        self.epochs.get(usize::try_from(number.checked_sub(1)?).ok()?)
    }

    /// Every device that is in it now.
    pub fn devices(&self) -> impl Iterator<Item = &DeviceId> {
        self.stays.iter().filter(|(_, stays)| current(stays).is_some()).map(|(device, _)| device)
    }

    /// Whether a device is in it now.
    pub fn holds(&self, device: &DeviceId) -> bool {
        self.since(device).is_some()
    }

    /// The entry that let a device in, if it is in it now.
    pub fn since(&self, device: &DeviceId) -> Option<u64> {
        Some(current(self.stays.get(device)?)?.since)
    }

    /// Whether a device is in it now to hand in only, whatever its role.
    pub fn hands_in(&self, device: &DeviceId) -> bool {
        self.stays.get(device).and_then(|stays| current(stays)).is_some_and(|stay| stay.hands_in)
    }

    /// Whether a device is in it now for more than handing in.
    pub fn lets_read(&self, device: &DeviceId) -> bool {
        self.holds(device) && !self.hands_in(device)
    }

    /// Whether anybody was ever let in to hand in only.
    pub fn was_handed_in(&self) -> bool {
        self.stays.values().flatten().any(|stay| stay.hands_in)
    }

    /// The newest time a device was in it.
    pub fn newest_stay(&self, device: &DeviceId) -> Option<&Stay> {
        self.stays.get(device)?.last()
    }

    /// The stay during which `seq` was the newest entry.
    pub(super) fn stay_at(&self, device: &DeviceId, seq: u64) -> Option<&Stay> {
        let stays = self.stays.get(device)?;
        stays.iter().find(|stay| stay.since <= seq && stay.until.is_none_or(|until| seq < until))
    }

    /// Whether a device that was in when `seq` was the newest entry has gone out since, be it only for a while. Whoever
    /// was let in for more has not: one stay ended where the next began.
    pub(super) fn left_since(&self, device: &DeviceId, seq: u64) -> bool {
        let mut stay = self.stay_at(device, seq);
        while let Some(until) = stay.and_then(|stay| stay.until) {
            stay = self.stay_at(device, until);
        }
        stay.is_none()
    }

    /// Lets a device in, perhaps to hand in only; `false` if it is.
    pub(super) fn enter(&mut self, device: DeviceId, seq: u64, hands_in: bool) -> bool {
        let stays = self.stays.entry(device).or_default();
        match stays.last_mut() {
            // Whoever only handed in may be let in for more, and stays in without a gap.
            Some(stay) if stay.until.is_none() && stay.hands_in && !hands_in => stay.until = Some(seq),
            Some(stay) if stay.until.is_none() => return false,
            _ => {}
        }
        stays.push(Stay { since: seq, until: None, hands_in });
        true
    }

    /// Takes a device out; `false` if it is not in it.
    pub(super) fn leave(&mut self, device: &DeviceId, seq: u64) -> bool {
        let stay = self.stays.get_mut(device).and_then(|stays| stays.last_mut());
        match stay {
            Some(stay) if stay.until.is_none() => {
                stay.until = Some(seq);
                true
            }
            _ => false,
        }
    }
}

fn current(stays: &[Stay]) -> Option<&Stay> {
    stays.last().filter(|stay| stay.until.is_none())
}
