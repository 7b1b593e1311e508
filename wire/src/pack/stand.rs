//! Who stands for a pack: devices and server ask this alike.

use std::collections::BTreeSet;

use super::{Attestation, SignedManifest};
use crate::id::DeviceId;
use crate::roster::{Role, Roster};

/// Devices that must stand for a pack before anybody relies on it, its author among them.
pub const DEVICES: usize = 2;

impl SignedManifest {
    /// Whether it is by a coordinator who was in the circle, under the key of its time.
    pub fn is_believed(&self, roster: &Roster) -> bool {
        let manifest = &self.manifest;
        let head = roster.head_at(manifest.roster_seq);
        let member = roster.member(&manifest.device).filter(|member| member.role == Role::Coordinator);
        let (Some(head), Some(member)) = (head, member) else { return false };
        roster.may_write(&manifest.device, &manifest.circle, manifest.roster_seq)
            && roster.epoch_at(&manifest.circle, manifest.roster_seq) == Some(manifest.epoch)
            && self.verify(&member.keys.signing, roster.workspace(), &head)
    }

    /// The attestations that are for this pack and by who they say, and whose they are.
    pub fn vouched<'a>(&self, roster: &Roster, attestations: &'a [Vec<u8>]) -> Vec<(DeviceId, &'a [u8])> {
        let vouched = attestations.iter().filter_map(|bytes| {
            let (attestation, signature) = Attestation::decode(bytes).ok()?;
            let member = roster.member(&attestation.device)?;
            let own = attestation.pack == self.hash
                && attestation.circle == self.manifest.circle
                && member.keys.signing.verifies(&attestation.signed_bytes(roster.workspace()), &signature);
            own.then_some((attestation.device, &bytes[..]))
        });
        vouched.collect()
    }

    /// How many devices stand for it.
    pub fn stand_for(&self, roster: &Roster, vouched_by: impl IntoIterator<Item = DeviceId>) -> usize {
        self.standing(roster, vouched_by).len()
    }

    /// Which devices stand for it: its author and whoever vouched, each once, if they were in the circle
    /// after it was made. Who was taken out since still stands for what was looked at before: with nobody
    /// else left who has the log, a sleeper could never wake.
    pub fn standing(&self, roster: &Roster, vouched_by: impl IntoIterator<Item = DeviceId>) -> Vec<DeviceId> {
        let manifest = &self.manifest;
        let mut devices: BTreeSet<DeviceId> = vouched_by.into_iter().collect();
        devices.insert(manifest.device);
        let stood = |device: &&DeviceId| {
            // Whoever cannot read cannot tell.
            if !roster.member(device).is_some_and(|member| member.role.reads()) {
                return false;
            }
            let known = roster.circles().get(&manifest.circle);
            let stay = known.and_then(|known| known.newest_stay(device));
            stay.is_some_and(|stay| {
                !stay.hands_in && stay.until.is_none_or(|until| until > manifest.roster_seq)
            })
        };
        devices.iter().filter(stood).copied().collect()
    }
}
