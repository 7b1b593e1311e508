//! Who may read and write what: making roster entries, and finding the secrets they lead to.
//!
//! The log's format and rules stand in [`cairn_wire::roster`], which the server shares. Here are the
//! parts that need secret keys.

mod renewing;
mod submitting;
mod words;

pub use renewing::{Renewed, erase, renew, revoke};
pub use submitting::is_derived;
pub use words::{same_words, words};

use cairn_wire::digest::VerifyingKey;
use cairn_wire::id::{CircleId, DeviceId, InviteId, WorkspaceId};
use cairn_wire::roster::{Body, DeviceKeys, Entry, Role, Roster, RosterError, workspace_of};
use cairn_wire::sync::{RosterPost, Wrap, wraps_root};

use crate::crypto::{CryptoError, DeviceSecret, EpochSecret, generate};

/// Why an entry could not be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MakingError {
    /// Keys failed.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
    /// The rules forbid it.
    #[error(transparent)]
    Roster(#[from] RosterError),
    /// The circle or its newest secret is not known to this device.
    #[error("this device does not hold the circle's key")]
    NoSecret,
}

/// A workspace that has just begun.
#[derive(Debug)]
pub struct Founding {
    /// Its name.
    pub workspace: WorkspaceId,
    /// Its first circle.
    pub circle: CircleId,
    /// That circle's first epoch secret.
    pub secret: EpochSecret,
    /// The roster so far.
    pub roster: Roster,
    /// What the server must be given.
    pub post: RosterPost,
}

/// Begins a workspace with `device` as its first coordinator and one circle.
pub fn found(device: &DeviceSecret, server_key: VerifyingKey, time: u64) -> Result<Founding, MakingError> {
    let nonce = generate()?;
    let workspace = workspace_of(&device.keys().signing, &nonce);
    let body = Body::Genesis { nonce, keys: device.keys().clone(), server_key };
    let genesis = sign(device, workspace, 1, [0; 32], time, body);
    let mut roster = Roster::begin(workspace, &genesis)?;
    let circle = CircleId(generate()?);
    let secret = EpochSecret::generate()?;
    let sealed = secret.wrap(workspace, circle, 1, device.keys())?;
    let epoch = Body::Epoch {
        circle,
        epoch: 1,
        commitment: secret.commitment(workspace, circle, 1),
        back_link: None,
        wraps_root: wraps_root([&sealed[..]]),
    };
    let epoch = append(&mut roster, device, time, epoch)?;
    let wraps = vec![(device.id(), Wrap { circle, epoch: 1, sealed })];
    let post = RosterPost { expected_seq: 0, entries: vec![genesis, epoch], wraps };
    Ok(Founding { workspace, circle, secret, roster, post })
}

/// Adds a device with a role and lets it into circles, wrapping these secrets for it if it may read, each
/// circle's newest first, and publishing each circle's submit key if it only hands in.
pub fn admit(
    roster: &Roster,
    device: &DeviceSecret,
    time: u64,
    newcomer: &DeviceKeys,
    role: Role,
    invite: InviteId,
    circles: &[(CircleId, u64, EpochSecret)],
) -> Result<RosterPost, MakingError> {
    let mut roster = roster.clone();
    let expected_seq = roster.seq();
    let add = Body::AddDevice { keys: newcomer.clone(), role, invite };
    let mut entries = vec![append(&mut roster, device, time, add)?];
    let mut wraps = Vec::new();
    for (circle, epoch, secret) in circles {
        if roster.circles().get(circle).is_some_and(|known| !known.holds(&newcomer.id())) {
            let grant = Body::Grant { device: newcomer.id(), circle: *circle };
            entries.push(append(&mut roster, device, time, grant)?);
            entries.extend(submitting::publish(&mut roster, device, time, *circle, secret)?);
        }
        if role.reads() {
            let sealed = secret.wrap(roster.workspace(), *circle, *epoch, newcomer)?;
            wraps.push((newcomer.id(), Wrap { circle: *circle, epoch: *epoch, sealed }));
        }
    }
    Ok(RosterPost { expected_seq, entries, wraps })
}

/// A post of one entry that brings no keys.
pub fn one_entry(
    roster: &Roster,
    device: &DeviceSecret,
    time: u64,
    body: Body,
) -> Result<RosterPost, MakingError> {
    let mut next = roster.clone();
    let entry = append(&mut next, device, time, body)?;
    Ok(RosterPost { expected_seq: roster.seq(), entries: vec![entry], wraps: Vec::new() })
}

/// Begins another circle with `device` alone in it.
pub fn begin_circle(
    roster: &Roster,
    device: &DeviceSecret,
    time: u64,
) -> Result<(RosterPost, CircleId, EpochSecret), MakingError> {
    let mut next = roster.clone();
    let (circle, secret) = (CircleId(generate()?), EpochSecret::generate()?);
    let sealed = secret.wrap(roster.workspace(), circle, 1, device.keys())?;
    let body = Body::Epoch {
        circle,
        epoch: 1,
        commitment: secret.commitment(roster.workspace(), circle, 1),
        back_link: None,
        wraps_root: wraps_root([&sealed[..]]),
    };
    let entries = vec![append(&mut next, device, time, body)?];
    let wraps = vec![(device.id(), Wrap { circle, epoch: 1, sealed })];
    Ok((RosterPost { expected_seq: roster.seq(), entries, wraps }, circle, secret))
}

/// Lets a device that belongs into a circle, with what its role needs there, as [`admit`]: the newest secret
/// comes first.
pub fn grant(
    roster: &Roster,
    device: &DeviceSecret,
    time: u64,
    to: &DeviceId,
    circle: CircleId,
    secrets: &[(u64, EpochSecret)],
) -> Result<RosterPost, MakingError> {
    let mut next = roster.clone();
    let mut entries = vec![append(&mut next, device, time, Body::Grant { device: *to, circle })?];
    if let Some((_, newest)) = secrets.first() {
        entries.extend(submitting::publish(&mut next, device, time, circle, newest)?);
    }
    let member = roster.member(to).ok_or(MakingError::NoSecret)?;
    let mut wraps = Vec::new();
    for (epoch, secret) in secrets.iter().filter(|_| member.role.reads()) {
        let sealed = secret.wrap(roster.workspace(), circle, *epoch, &member.keys)?;
        wraps.push((*to, Wrap { circle, epoch: *epoch, sealed }));
    }
    Ok(RosterPost { expected_seq: roster.seq(), entries, wraps })
}

/// Lets a device that writes elsewhere into a circle to hand in only: it gets no key. The circle's submit key is
/// published with it if it is not there yet, which takes the newest secret.
pub fn let_hand_in(
    roster: &Roster,
    device: &DeviceSecret,
    time: u64,
    to: &[DeviceId],
    circle: CircleId,
    newest: Option<&EpochSecret>,
) -> Result<RosterPost, MakingError> {
    let mut next = roster.clone();
    let mut entries = Vec::new();
    for to in to {
        entries.push(append(&mut next, device, time, Body::HandIn { device: *to, circle })?);
    }
    if let Some(newest) = newest {
        entries.extend(submitting::publish(&mut next, device, time, circle, newest)?);
    }
    Ok(RosterPost { expected_seq: roster.seq(), entries, wraps: Vec::new() })
}

/// The same in a post that brings more: continues it. `roster` is what the post begins from.
pub fn also_hand_in(
    post: &mut RosterPost,
    roster: &Roster,
    device: &DeviceSecret,
    time: u64,
    to: DeviceId,
    circles: &[(CircleId, Option<EpochSecret>)],
) -> Result<(), MakingError> {
    let mut next = roster.clone();
    for entry in &post.entries {
        next.append(entry)?;
    }
    for (circle, newest) in circles {
        let more = let_hand_in(&next, device, time, &[to], *circle, newest.as_ref())?;
        for entry in more.entries {
            next.append(&entry)?;
            post.entries.push(entry);
        }
    }
    Ok(())
}

/// The secret of `epoch` and, through the back links, of every epoch before it, newest first. Each
/// is compared with its commitment; the walk ends at the first that does not agree.
pub fn walk_back(
    roster: &Roster,
    circle: CircleId,
    epoch: u64,
    secret: EpochSecret,
) -> Vec<(u64, EpochSecret)> {
    let Some(known) = roster.circles().get(&circle) else { return Vec::new() };
    let mut found = Vec::new();
    let (mut number, mut secret) = (epoch, secret);
    loop {
        let index = usize::try_from(number).ok().and_then(|number| number.checked_sub(1));
        let Some(epoch) = index.and_then(|index| known.epochs.get(index)) else { return found };
        if secret.commitment(roster.workspace(), circle, number) != epoch.commitment {
            return found;
        }
        let back = epoch.back_link.and_then(|link| secret.open_back_link(circle, number, &link).ok());
        found.push((number, secret));
        let Some(previous) = back else { return found };
        number -= 1;
        secret = previous;
    }
}

fn append(roster: &mut Roster, device: &DeviceSecret, time: u64, body: Body) -> Result<Vec<u8>, MakingError> {
    let bytes = sign(device, roster.workspace(), roster.seq() + 1, roster.head(), time, body);
    roster.append(&bytes)?;
    Ok(bytes)
}

fn sign(
    device: &DeviceSecret,
    workspace: WorkspaceId,
    seq: u64,
    prev: [u8; 32],
    time: u64,
    body: Body,
) -> Vec<u8> {
    let mut entry = Entry { seq, prev, time, author: device.id(), body, signature: [0; 64] };
    entry.signature = device.sign(&entry.signed_bytes(workspace));
    entry.encode()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newcomer_walks_back_through_every_epoch() {
        let (founder, newcomer) = (DeviceSecret::generate().unwrap(), DeviceSecret::generate().unwrap());
        let founding = found(&founder, VerifyingKey([9; 32]), 0).unwrap();
        let (mut roster, circle) = (founding.roster, founding.circle);
        let mut secrets = vec![founding.secret];
        for _ in 0..3 {
            let (post, secret) = renew(&roster, &founder, 0, circle, secrets.last().unwrap()).unwrap();
            roster.append(&post.entries[0]).unwrap();
            secrets.push(secret);
        }
        let newest = [(circle, 4, secrets[3].clone())];
        let post =
            admit(&roster, &founder, 0, newcomer.keys(), Role::Field, InviteId([1; 16]), &newest).unwrap();
        for entry in &post.entries {
            roster.append(entry).unwrap();
        }
        let (device, wrap) = &post.wraps[0];
        assert_eq!(*device, newcomer.id());
        let opened =
            EpochSecret::unwrap(&wrap.sealed, roster.workspace(), circle, wrap.epoch, &newcomer).unwrap();
        let walked = walk_back(&roster, circle, 4, opened);
        let bytes: Vec<_> = walked.iter().map(|(epoch, secret)| (*epoch, *secret.as_bytes())).collect();
        let expected: Vec<_> =
            (1..=4).rev().map(|epoch| (epoch, *secrets[epoch as usize - 1].as_bytes())).collect();
        assert_eq!(bytes, expected);
        assert!(walk_back(&roster, circle, 4, secrets[0].clone()).is_empty(), "not the committed secret");
    }
}
