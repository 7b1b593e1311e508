//! Who belongs: a linear, signed, hash-chained log, and the rules by which it is folded.
//!
//! ```text
//! version u8 | seq | prev[32] | time | author device[16] | kind u8 | body | signature[64]
//! ```
//! The signature covers `"cairn/roster/1" ‖ workspace ‖` everything before it; `prev` is the SHA-256 of
//! the previous entry. Server and devices fold the same entries with the same code, so neither can
//! be told a membership the other would refuse. Nothing here names a person.

use std::collections::{BTreeMap, BTreeSet};

use crate::codec::{Malformed, Reader, Writer};
use crate::digest::{Hash, VerifyingKey, half, sha256};
use crate::id::{ChainId, CircleId, DeviceId, InviteId, WorkspaceId};
use crate::segment::{Header, Kind};

mod circle;
mod entry;
mod policy;

pub use circle::{Circle, Epoch, Erased, Standing, Stay};
pub use entry::{
    BACK_LINK, Body, DeviceKeys, ERASED, Entry, HPKE_PUBLIC, LASTS, Last, Role, SERVER_KEYS,
    erasure_commitment,
};
pub use policy::{Policy, RENEW_MOST};

/// Why an entry was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RosterError {
    /// The bytes are not an entry this version can read.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// The entry is of a kind this version does not know; it must be updated before it goes on.
    #[error("the roster holds an entry of a newer kind ({0}): update this software")]
    Newer(u8),
    /// Number or previous hash do not continue the log.
    #[error("roster entry {seq} does not continue the roster")]
    Broken {
        /// The number it claims.
        seq: u64,
    },
    /// The signature does not verify with the author's key.
    #[error("roster entry {seq} is not signed by its author")]
    BadSignature {
        /// Its number.
        seq: u64,
    },
    /// The author's role does not allow it.
    #[error("the author of roster entry {seq} may not make it")]
    NotAllowed {
        /// Its number.
        seq: u64,
    },
    /// It contradicts what stands (a device or circle twice, an epoch out of order, …).
    #[error("roster entry {seq} contradicts the roster")]
    Contradiction {
        /// Its number.
        seq: u64,
    },
    /// The genesis entry does not belong to this workspace.
    #[error("this roster belongs to another workspace")]
    OtherWorkspace,
}

/// `workspace = SHA-256("cairn/workspace/1" ‖ founder's signing key ‖ nonce)[..16]`.
pub fn workspace_of(founder: &VerifyingKey, nonce: &[u8; 16]) -> WorkspaceId {
    WorkspaceId(half(&sha256(&[b"cairn/workspace/1", &founder.0, nonce])))
}

/// A device that belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its public keys.
    pub keys: DeviceKeys,
    /// What it may do.
    pub role: Role,
    /// The roster entry that added it.
    pub since: u64,
    /// The roster entry that revoked it.
    pub until: Option<u64>,
}

impl Member {
    /// Whether it belongs now.
    pub fn belongs(&self) -> bool {
        self.until.is_none()
    }
}

/// The folded log. Only accepted entries get in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roster {
    workspace: WorkspaceId,
    heads: Vec<Hash>,
    members: BTreeMap<DeviceId, Member>,
    circles: BTreeMap<CircleId, Circle>,
    /// The keys of the server from an entry on; the first are the genesis'.
    server_keys: Vec<(u64, Vec<VerifyingKey>)>,
    policy: Policy,
    used_invites: BTreeSet<InviteId>,
    lasts: BTreeMap<ChainId, Last>,
}

impl Roster {
    /// Begins with a genesis entry, which must hash to `workspace`.
    pub fn begin(workspace: WorkspaceId, genesis: &[u8]) -> Result<Self, RosterError> {
        let entry = Entry::decode(genesis)?;
        let Body::Genesis { nonce, keys, server_key } = &entry.body else {
            return Err(RosterError::Broken { seq: entry.seq });
        };
        if workspace_of(&keys.signing, nonce) != workspace {
            return Err(RosterError::OtherWorkspace);
        }
        if entry.seq != 1 || entry.prev != [0; 32] || entry.author != keys.id() {
            return Err(RosterError::Broken { seq: entry.seq });
        }
        if !entry.verifies(workspace, &keys.signing) {
            return Err(RosterError::BadSignature { seq: 1 });
        }
        let founder = Member { keys: keys.clone(), role: Role::Coordinator, since: 1, until: None };
        Ok(Self {
            workspace,
            heads: vec![sha256(&[genesis])],
            members: BTreeMap::from([(entry.author, founder)]),
            circles: BTreeMap::new(),
            server_keys: vec![(1, vec![*server_key])],
            policy: Policy::default(),
            used_invites: BTreeSet::new(),
            lasts: BTreeMap::new(),
        })
    }

    /// Folds a whole log, genesis first.
    pub fn fold<'a>(
        workspace: WorkspaceId,
        entries: impl IntoIterator<Item = &'a [u8]>,
    ) -> Result<Self, RosterError> {
        let mut entries = entries.into_iter();
        let genesis = entries.next().ok_or(RosterError::Broken { seq: 0 })?;
        let mut roster = Self::begin(workspace, genesis)?;
        for bytes in entries {
            roster.append(bytes)?;
        }
        Ok(roster)
    }

    /// Accepts the next entry, or changes nothing.
    pub fn append(&mut self, bytes: &[u8]) -> Result<Entry, RosterError> {
        let entry = Entry::decode(bytes)?;
        let seq = entry.seq;
        if seq != self.seq() + 1 || entry.prev != self.head() {
            return Err(RosterError::Broken { seq });
        }
        let author = self.members.get(&entry.author).ok_or(RosterError::NotAllowed { seq })?;
        if !entry.verifies(self.workspace, &author.keys.signing) {
            return Err(RosterError::BadSignature { seq });
        }
        if author.role != Role::Coordinator || !author.belongs() {
            return Err(RosterError::NotAllowed { seq });
        }
        self.admit(&entry)?;
        self.heads.push(sha256(&[bytes]));
        Ok(entry)
    }

    fn admit(&mut self, entry: &Entry) -> Result<(), RosterError> {
        let seq = entry.seq;
        let contradiction = RosterError::Contradiction { seq };
        match &entry.body {
            Body::Genesis { .. } => Err(contradiction),
            Body::AddDevice { keys, role, invite } => {
                if self.members.contains_key(&keys.id()) || self.used_invites.contains(invite) {
                    return Err(contradiction);
                }
                self.used_invites.insert(*invite);
                self.members
                    .insert(keys.id(), Member { keys: keys.clone(), role: *role, since: seq, until: None });
                Ok(())
            }
            Body::Grant { device, circle } => {
                let known = self.members.get(device).is_some_and(Member::belongs);
                let circle = self.circles.get_mut(circle).filter(|_| known).ok_or(contradiction)?;
                if circle.enter(*device, seq, false) { Ok(()) } else { Err(contradiction) }
            }
            Body::HandIn { device, circle } => {
                // Whoever may not write gets no way round that, and who hands in everywhere needs none.
                let writes = |member: &Member| member.belongs() && member.role.seals() == Some(Kind::Batch);
                let known = self.members.get(device).is_some_and(writes);
                let circle = self.circles.get_mut(circle).filter(|_| known).ok_or(contradiction)?;
                if circle.enter(*device, seq, true) { Ok(()) } else { Err(contradiction) }
            }
            Body::Epoch { circle, epoch, commitment, back_link, .. } => {
                let current = self.circles.get(circle).map_or(0, Circle::epoch);
                if *epoch != current + 1 || (current == 0 && back_link.is_some()) {
                    return Err(contradiction);
                }
                // Whoever begins a circle is in it; whoever renews its key must be.
                let granted = self.circles.get(circle).is_some_and(|circle| circle.lets_read(&entry.author));
                if current > 0 && !granted {
                    return Err(RosterError::NotAllowed { seq });
                }
                let (commitment, back_link, time) = (*commitment, *back_link, entry.time);
                let next = Epoch { commitment, back_link, since: seq, time, submit_key: None };
                let circle = self.circles.entry(*circle).or_default();
                circle.epochs.push(next);
                circle.enter(entry.author, seq, false);
                Ok(())
            }
            Body::Revoke { device, circle, lasts } => self.revoke(device, circle.as_ref(), lasts, seq),
            Body::ServerKeys { keys } => {
                let distinct: BTreeSet<_> = keys.iter().collect();
                if distinct.len() < keys.len() || keys.as_slice() == self.server_keys() {
                    return Err(contradiction);
                }
                self.server_keys.push((seq, keys.clone()));
                Ok(())
            }
            Body::Policy(policy) => {
                self.policy = *policy;
                Ok(())
            }
            Body::Erasure { circle, commitments } => {
                let (author, time) = (entry.author, entry.time);
                let circle = self.circles.get_mut(circle).ok_or(contradiction)?;
                if !circle.lets_read(&author) {
                    return Err(RosterError::NotAllowed { seq });
                }
                let distinct: BTreeSet<_> = commitments.iter().collect();
                if distinct.len() < commitments.len()
                    || commitments.iter().any(|c| circle.erasure(c).is_some())
                {
                    return Err(contradiction);
                }
                let erased = |commitment: &Hash| Erased { commitment: *commitment, since: seq, author, time };
                circle.erased.extend(commitments.iter().map(erased));
                Ok(())
            }
            Body::SubmitKey { circle, epoch, key } => {
                let known = self.circles.get_mut(circle).ok_or(contradiction)?;
                // Nobody else can know the secret it comes from.
                if !known.lets_read(&entry.author) {
                    return Err(RosterError::NotAllowed { seq });
                }
                // One for each epoch: whoever finds it wrong begins another epoch.
                let newest = known.epoch();
                match known.epochs.last_mut() {
                    Some(last) if last.submit_key.is_none() && *epoch == newest => {
                        last.submit_key = Some(key.clone());
                        Ok(())
                    }
                    _ => Err(contradiction),
                }
            }
        }
    }

    fn revoke(
        &mut self,
        device: &DeviceId,
        circle: Option<&CircleId>,
        lasts: &[Last],
        seq: u64,
    ) -> Result<(), RosterError> {
        let contradiction = RosterError::Contradiction { seq };
        let member = self.members.get(device).filter(|member| member.belongs()).ok_or(contradiction)?;
        let named: BTreeSet<&ChainId> = lasts.iter().map(|last| &last.chain).collect();
        if named.len() < lasts.len() || named.iter().any(|chain| self.lasts.contains_key(*chain)) {
            return Err(contradiction);
        }
        match circle {
            Some(circle) => {
                let left = self.circles.get_mut(circle).is_some_and(|circle| circle.leave(device, seq));
                if !left {
                    return Err(contradiction);
                }
            }
            None => {
                // Without any coordinator nobody could ever be admitted or revoked again.
                let others = self.members.iter().filter(|(id, _)| *id != device);
                let mut coordinators =
                    others.filter(|(_, member)| member.belongs() && member.role == Role::Coordinator);
                if member.role == Role::Coordinator && coordinators.next().is_none() {
                    return Err(contradiction);
                }
                for circle in self.circles.values_mut() {
                    circle.leave(device, seq);
                }
                if let Some(member) = self.members.get_mut(device) {
                    member.until = Some(seq);
                }
            }
        }
        self.lasts.extend(lasts.iter().map(|last| (last.chain, *last)));
        Ok(())
    }

    /// Whose roster this is.
    pub fn workspace(&self) -> WorkspaceId {
        self.workspace
    }

    /// The number of the newest entry, from 1.
    pub fn seq(&self) -> u64 {
        self.heads.len() as u64
    }

    /// The hash of the newest entry.
    pub fn head(&self) -> Hash {
        self.heads.last().copied().unwrap_or_default()
    }

    /// The hash of entry `seq`.
    pub fn head_at(&self, seq: u64) -> Option<Hash> {
        let index = usize::try_from(seq.checked_sub(1)?).ok()?;
        self.heads.get(index).copied()
    }

    /// The keys by which the server is known, newest first.
    pub fn server_keys(&self) -> &[VerifyingKey] {
        self.server_keys_at(self.seq())
    }

    /// The keys by which the server was known when `seq` was the newest entry.
    pub fn server_keys_at(&self, seq: u64) -> &[VerifyingKey] {
        let before = self.server_keys.iter().rev().find(|(since, _)| *since <= seq);
        before.map_or(&[], |(_, keys)| keys)
    }

    /// What holds for the whole workspace.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Every device that belongs or has belonged.
    pub fn members(&self) -> &BTreeMap<DeviceId, Member> {
        &self.members
    }

    /// One device.
    pub fn member(&self, device: &DeviceId) -> Option<&Member> {
        self.members.get(device)
    }

    /// Every circle.
    pub fn circles(&self) -> &BTreeMap<CircleId, Circle> {
        &self.circles
    }

    /// Whether an invitation has brought in a device.
    pub fn has_used(&self, invite: &InviteId) -> bool {
        self.used_invites.contains(invite)
    }

    /// What `device` might do in `circle` when `seq` was the newest entry, if it was in it: what its role says,
    /// unless it was let in to hand in only.
    pub fn role_in(&self, device: &DeviceId, circle: &CircleId, seq: u64) -> Option<Role> {
        let (stay, member) = (self.stay(device, circle, seq)?, self.members.get(device)?);
        Some(if stay.hands_in { Role::SubmitOnly } else { member.role })
    }

    /// Whether `device` is in `circle` now to hand in only: by its role, or because it was let in so.
    pub fn only_hands_in(&self, device: &DeviceId, circle: &CircleId) -> bool {
        self.role_in(device, circle, self.seq()) == Some(Role::SubmitOnly)
    }

    /// Whether `device` might write in `circle` when `seq` was the newest entry.
    pub fn may_write(&self, device: &DeviceId, circle: &CircleId, seq: u64) -> bool {
        seq <= self.seq() && self.role_in(device, circle, seq).is_some_and(Role::writes)
    }

    /// Whether `device` was in `circle` when `seq` was the newest entry.
    pub fn was_in(&self, device: &DeviceId, circle: &CircleId, seq: u64) -> bool {
        self.stay(device, circle, seq).is_some()
    }

    /// Whether `device` may read `circle` now.
    pub fn may_read(&self, device: &DeviceId, circle: &CircleId) -> bool {
        self.role_in(device, circle, self.seq()).is_some_and(Role::reads)
    }

    /// Whether `device` is in `circle` now, whatever it may do there.
    pub fn is_in(&self, device: &DeviceId, circle: &CircleId) -> bool {
        self.circles.get(circle).is_some_and(|circle| circle.holds(device))
    }

    /// Whether `device` may have the sealed segments of `circle` now, whether or not it can open them.
    pub fn may_carry(&self, device: &DeviceId, circle: &CircleId) -> bool {
        self.role_in(device, circle, self.seq()).is_some_and(Role::carries)
    }

    /// The key to which devices that only hand in seal in an epoch of `circle`, where it was published.
    pub fn submit_key(&self, circle: &CircleId, epoch: u64) -> Option<&[u8; HPKE_PUBLIC]> {
        self.circles.get(circle)?.epoch_number(epoch)?.submit_key.as_deref()
    }

    /// Whether devices are in `circle` that only hand in.
    pub fn has_submitters(&self, circle: &CircleId) -> bool {
        let hands_in = |id: &DeviceId| self.only_hands_in(id, circle);
        self.circles.get(circle).is_some_and(|known| known.devices().any(hands_in))
    }

    /// What a segment of a chain of `device` in `circle` is worth, sealed as its header says and at the
    /// roster entry that its author believed to be the newest.
    pub fn standing(&self, device: &DeviceId, circle: &CircleId, header: &Header) -> Standing {
        let Header { chain, seq, roster_seq, .. } = header;
        let sealed_so = |role: Role| role.seals() == Some(header.kind);
        let role = self.role_in(device, circle, *roster_seq).filter(|_| *roster_seq <= self.seq());
        if !role.is_some_and(sealed_so) {
            return Standing::Nothing;
        }
        let (seq, roster_seq) = (*seq, *roster_seq);
        let left = self.circles.get(circle).is_none_or(|known| known.left_since(device, roster_seq));
        match self.lasts.get(chain) {
            Some(last) if seq <= last.seq => Standing::Counts,
            None if !left => Standing::Counts,
            _ => Standing::Late,
        }
    }

    fn stay(&self, device: &DeviceId, circle: &CircleId, seq: u64) -> Option<&Stay> {
        self.circles.get(circle)?.stay_at(device, seq)
    }

    /// How far a chain counts, where a revocation has said so.
    pub fn last(&self, chain: &ChainId) -> Option<&Last> {
        self.lasts.get(chain)
    }

    /// The newest epoch of `circle` at entry `seq`: what a segment sealed then must use.
    pub fn epoch_at(&self, circle: &CircleId, seq: u64) -> Option<u64> {
        let epochs = &self.circles.get(circle)?.epochs;
        let count = epochs.iter().take_while(|epoch| epoch.since <= seq).count() as u64;
        (count > 0).then_some(count)
    }
}

#[cfg(test)]
mod tests;
