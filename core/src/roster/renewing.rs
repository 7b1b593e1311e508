//! New epochs: because a key is old, or because a device must no longer read what comes.

use cairn_wire::digest::Hash;
use cairn_wire::id::{CircleId, DeviceId};
use cairn_wire::roster::{Body, ERASED, Last, Roster};
use cairn_wire::sync::{RosterPost, Wrap, wraps_root};

use super::{MakingError, append, submitting};
use crate::crypto::{DeviceSecret, EpochSecret};

/// New entries that renew keys, before they are posted.
#[derive(Debug)]
pub struct Renewed {
    /// What the server must be given.
    pub post: RosterPost,
    /// The new secret of every circle whose key was renewed, and its epoch.
    pub secrets: Vec<(CircleId, u64, EpochSecret)>,
}

/// Renews a circle's key: a new epoch with a back link, wrapped for every device in the circle that may read.
pub fn renew(
    roster: &Roster,
    device: &DeviceSecret,
    time: u64,
    circle: CircleId,
    current: &EpochSecret,
) -> Result<(RosterPost, EpochSecret), MakingError> {
    let mut next = roster.clone();
    let mut post = RosterPost { expected_seq: roster.seq(), entries: Vec::new(), wraps: Vec::new() };
    let (_, secret) = begin_epoch(&mut next, &mut post, device, time, circle, Some(current))?;
    Ok((post, secret))
}

/// Takes a device out of one circle, or out of everything, and gives each circle it leaves a new key that
/// it does not get. `currents` are the newest secrets of the circles that this device can renew.
pub fn revoke(
    roster: &Roster,
    device: &DeviceSecret,
    time: u64,
    leaving: DeviceId,
    circle: Option<CircleId>,
    lasts: Vec<Last>,
    currents: &[(CircleId, u64, EpochSecret)],
) -> Result<Renewed, MakingError> {
    let mut next = roster.clone();
    let body = Body::Revoke { device: leaving, circle, lasts };
    let entry = append(&mut next, device, time, body)?;
    let mut post = RosterPost { expected_seq: roster.seq(), entries: vec![entry], wraps: Vec::new() };
    let mut secrets = Vec::new();
    for (left, _, current) in currents {
        let was_in = roster.circles().get(left).is_some_and(|known| known.holds(&leaving));
        if was_in && circle.is_none_or(|circle| circle == *left) {
            let (epoch, secret) = begin_epoch(&mut next, &mut post, device, time, *left, Some(current))?;
            secrets.push((*left, epoch, secret));
        }
    }
    Ok(Renewed { post, secrets })
}

/// Says that records of circles were erased. A circle that is `cut` also gets a new key that leads back to no
/// earlier one: what was sealed before stays shut to whoever comes later.
pub fn erase(
    roster: &Roster,
    device: &DeviceSecret,
    time: u64,
    erased: &[(CircleId, Vec<Hash>)],
    cut: &[CircleId],
) -> Result<Renewed, MakingError> {
    let mut next = roster.clone();
    let mut post = RosterPost { expected_seq: roster.seq(), entries: Vec::new(), wraps: Vec::new() };
    let mut secrets = Vec::new();
    for (circle, commitments) in erased {
        for some in commitments.chunks(ERASED) {
            let body = Body::Erasure { circle: *circle, commitments: some.to_vec() };
            post.entries.push(append(&mut next, device, time, body)?);
        }
    }
    for circle in cut {
        let (epoch, secret) = begin_epoch(&mut next, &mut post, device, time, *circle, None)?;
        secrets.push((*circle, epoch, secret));
    }
    Ok(Renewed { post, secrets })
}

fn begin_epoch(
    roster: &mut Roster,
    post: &mut RosterPost,
    device: &DeviceSecret,
    time: u64,
    circle: CircleId,
    current: Option<&EpochSecret>,
) -> Result<(u64, EpochSecret), MakingError> {
    let workspace = roster.workspace();
    let known = roster.circles().get(&circle).ok_or(MakingError::NoSecret)?;
    let epoch = known.epoch() + 1;
    let secret = EpochSecret::generate()?;
    let mut wraps = Vec::new();
    for reader in known.devices() {
        let Some(member) = roster.member(reader).filter(|_| roster.may_read(reader, &circle)) else {
            continue;
        };
        let sealed = secret.wrap(workspace, circle, epoch, &member.keys)?;
        wraps.push((*reader, Wrap { circle, epoch, sealed }));
    }
    let body = Body::Epoch {
        circle,
        epoch,
        commitment: secret.commitment(workspace, circle, epoch),
        back_link: current.map(|current| secret.seal_back_link(circle, epoch, current)).transpose()?,
        wraps_root: wraps_root(wraps.iter().map(|(_, wrap)| &wrap.sealed[..])),
    };
    post.entries.push(append(roster, device, time, body)?);
    post.entries.extend(submitting::publish(roster, device, time, circle, &secret)?);
    post.wraps.append(&mut wraps);
    Ok((epoch, secret))
}

#[cfg(test)]
mod tests {
    use cairn_wire::digest::VerifyingKey;
    use cairn_wire::id::InviteId;
    use cairn_wire::roster::Role;

    use super::*;
    use crate::roster::{admit, found, walk_back};

    #[test]
    fn more_erased_records_than_one_entry_names_take_several_and_one_cut() {
        let founder = DeviceSecret::generate().unwrap();
        let founding = found(&founder, VerifyingKey([9; 32]), 0).unwrap();
        let (mut roster, circle) = (founding.roster, founding.circle);
        let commitments: Vec<Hash> = (0..70).map(|n| [n; 32]).collect();
        let done = erase(&roster, &founder, 0, &[(circle, commitments)], &[circle]).unwrap();
        assert_eq!((done.post.entries.len(), done.post.wraps.len()), (3, 1));
        done.post.entries.iter().for_each(|entry| drop(roster.append(entry).unwrap()));
        let known = &roster.circles()[&circle];
        assert_eq!((known.erased.len(), known.epoch(), known.first_reachable()), (70, 2, 2));
        let walked = walk_back(&roster, circle, 2, done.secrets[0].2.clone());
        assert_eq!(walked.len(), 1, "the new key leads back to no other");
    }

    #[test]
    fn a_revoked_device_gets_no_wrap_of_the_new_epoch_and_the_others_do() {
        let people: Vec<_> = (0..3).map(|_| DeviceSecret::generate().unwrap()).collect();
        let founding = found(&people[0], VerifyingKey([9; 32]), 0).unwrap();
        let (mut roster, circle) = (founding.roster, founding.circle);
        let newest = [(circle, 1, founding.secret)];
        for (number, newcomer) in (1..).zip(&people[1..]) {
            let invite = InviteId([number; 16]);
            let post = admit(&roster, &people[0], 0, newcomer.keys(), Role::Field, invite, &newest).unwrap();
            post.entries.iter().for_each(|entry| drop(roster.append(entry).unwrap()));
        }
        let leaving = people[2].id();
        let done = revoke(&roster, &people[0], 0, leaving, None, Vec::new(), &newest).unwrap();
        done.post.entries.iter().for_each(|entry| drop(roster.append(entry).unwrap()));
        let mut wrapped: Vec<_> = done.post.wraps.iter().map(|(device, _)| *device).collect();
        let mut stay = [people[0].id(), people[1].id()];
        wrapped.sort();
        stay.sort();
        assert_eq!(wrapped, stay);
        assert_eq!((roster.circles()[&circle].epoch(), done.secrets[0].1), (2, 2));
        let wrap = &done.post.wraps.iter().find(|(device, _)| *device == people[1].id()).unwrap().1;
        let opened = EpochSecret::unwrap(&wrap.sealed, roster.workspace(), circle, 2, &people[1]).unwrap();
        assert_eq!(walk_back(&roster, circle, 2, opened).len(), 2, "who stays reads on, and back");
        for (_, wrap) in &done.post.wraps {
            let tried = EpochSecret::unwrap(&wrap.sealed, roster.workspace(), circle, 2, &people[2]);
            assert!(tried.is_err(), "no wrap opens for who has left");
        }
    }
}
