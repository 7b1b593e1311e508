//! Publishing the key to which devices seal that only hand in.

use cairn_wire::id::CircleId;
use cairn_wire::roster::{Body, Roster};

use super::{MakingError, append};
use crate::crypto::{CryptoError, DeviceSecret, EpochSecret};

/// The entry that publishes the submit key of a circle's newest epoch, if devices are in the circle that need
/// it and it is not there yet. `secret` is that epoch's.
pub(super) fn publish(
    roster: &mut Roster,
    device: &DeviceSecret,
    time: u64,
    circle: CircleId,
    secret: &EpochSecret,
) -> Result<Option<Vec<u8>>, MakingError> {
    let epoch = roster.circles().get(&circle).ok_or(MakingError::NoSecret)?.epoch();
    if !roster.has_submitters(&circle) || roster.submit_key(&circle, epoch).is_some() {
        return Ok(None);
    }
    let body = Body::SubmitKey { circle, epoch, key: secret.submit_key(circle)? };
    Ok(Some(append(roster, device, time, body)?))
}

/// Whether the submit key that the roster names for an epoch is the one that follows from its secret; true
/// where none is named.
pub fn is_derived(
    roster: &Roster,
    circle: CircleId,
    epoch: u64,
    secret: &EpochSecret,
) -> Result<bool, CryptoError> {
    let Some(named) = roster.submit_key(&circle, epoch) else { return Ok(true) };
    Ok(*named == *secret.submit_key(circle)?)
}

#[cfg(test)]
mod tests {
    use cairn_wire::digest::VerifyingKey;
    use cairn_wire::id::InviteId;
    use cairn_wire::roster::Role;

    use super::*;
    use crate::roster::{admit, found, renew, revoke};

    /// A workspace with a device of that role in its circle, and the circle's secret.
    fn peopled(role: Role) -> (DeviceSecret, DeviceSecret, Roster, CircleId, EpochSecret) {
        let (founder, other) = (DeviceSecret::generate().unwrap(), DeviceSecret::generate().unwrap());
        let founding = found(&founder, VerifyingKey([9; 32]), 0).unwrap();
        let (mut roster, circle) = (founding.roster, founding.circle);
        let newest = [(circle, 1, founding.secret.clone())];
        let post = admit(&roster, &founder, 0, other.keys(), role, InviteId([1; 16]), &newest).unwrap();
        assert_eq!(post.wraps.len(), usize::from(role.reads()), "{role:?}");
        post.entries.iter().for_each(|entry| drop(roster.append(entry).unwrap()));
        (founder, other, roster, circle, founding.secret)
    }

    #[test]
    fn a_submit_key_comes_with_the_device_that_needs_it_and_with_every_new_epoch() {
        let (founder, device, mut roster, circle, first) = peopled(Role::SubmitOnly);
        assert_eq!(roster.submit_key(&circle, 1), Some(&*first.submit_key(circle).unwrap()));
        let (post, second) = renew(&roster, &founder, 0, circle, &first).unwrap();
        assert_eq!(post.wraps.len(), 1, "the founder's");
        post.entries.iter().for_each(|entry| drop(roster.append(entry).unwrap()));
        assert!(is_derived(&roster, circle, 2, &second).unwrap());
        assert!(!is_derived(&roster, circle, 2, &first).unwrap(), "control");
        let newest = [(circle, 2, second)];
        let done = revoke(&roster, &founder, 0, device.id(), None, Vec::new(), &newest).unwrap();
        assert_eq!(done.post.entries.len(), 2, "nobody needs a submit key any more");
    }

    #[test]
    fn without_such_devices_no_submit_key_is_published() {
        for role in [Role::Field, Role::Reader, Role::Courier] {
            let (founder, _, roster, circle, first) = peopled(role);
            assert_eq!(roster.submit_key(&circle, 1), None, "{role:?}");
            assert_eq!(renew(&roster, &founder, 0, circle, &first).unwrap().0.entries.len(), 1);
        }
    }
}
