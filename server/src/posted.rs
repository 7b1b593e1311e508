//! What a posted piece of roster means for the log.

use std::collections::BTreeMap;

use cairn_wire::digest::sha256;
use cairn_wire::id::{CircleId, DeviceId};
use cairn_wire::refusal::Reason;
use cairn_wire::roster::{Body, Entry, Roster, RosterError};
use cairn_wire::sync::{RosterPost, wraps_root};

use crate::log::{Closing, RosterAppend};

/// Why an entry that the rules refuse is refused on the wire.
pub(crate) fn reason(error: &RosterError) -> Reason {
    match error {
        RosterError::Newer(_) => Reason::Version,
        RosterError::Malformed(_) => Reason::Malformed,
        _ => Reason::RosterRefused,
    }
}

/// Reads entries that the rules have accepted or are about to judge.
pub(crate) fn decode(entries: &[Vec<u8>]) -> Result<Vec<Entry>, Reason> {
    entries.iter().map(|bytes| Entry::decode(bytes).map_err(|error| reason(&error))).collect()
}

/// What the log is to store. Each epoch must have come with exactly the wraps it names, and no wrap may be for
/// a device that `roster`, the entries among it, does not let read.
pub(crate) fn append(post: RosterPost, entries: &[Entry], roster: &Roster) -> Result<RosterAppend, Reason> {
    let blind = |device: &DeviceId, circle: &CircleId| {
        let hands_in = roster.circles().get(circle).is_some_and(|known| known.hands_in(device));
        hands_in || roster.member(device).is_some_and(|member| !member.role.reads())
    };
    if post.wraps.iter().any(|(device, wrap)| blind(device, &wrap.circle)) {
        return Err(Reason::RosterRefused);
    }
    let mut epochs = BTreeMap::new();
    let mut used = Vec::new();
    let mut closings = Vec::new();
    for entry in entries {
        match &entry.body {
            Body::Epoch { circle, epoch, wraps_root: root, .. } => {
                let wraps = post.wraps.iter().map(|(_, wrap)| wrap);
                let own = wraps.filter(|wrap| wrap.circle == *circle && wrap.epoch == *epoch);
                if wraps_root(own.map(|wrap| &wrap.sealed[..])) != *root {
                    return Err(Reason::RosterRefused);
                }
                epochs.insert(*circle, *epoch);
            }
            Body::AddDevice { invite, .. } => used.push(*invite),
            Body::Revoke { device, circle, lasts } => {
                closings.push(Closing { device: *device, circle: *circle, lasts: lasts.clone() });
            }
            Body::Genesis { .. }
            | Body::Grant { .. }
            | Body::HandIn { .. }
            | Body::ServerKeys { .. }
            | Body::Policy(_)
            | Body::Erasure { .. }
            | Body::SubmitKey { .. } => {}
        }
    }
    let RosterPost { expected_seq, entries, wraps } = post;
    let entries = entries.into_iter().map(|bytes| (sha256(&[&bytes]), bytes)).collect();
    let epochs = epochs.into_iter().collect();
    Ok(RosterAppend { expected_seq, entries, epochs, used, wraps, closings, healing: false })
}
