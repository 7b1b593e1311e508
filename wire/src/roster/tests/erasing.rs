//! Erasures in the roster.

use super::*;

fn erasure(circle: CircleId, named: &[u8]) -> Body {
    Body::Erasure { circle, commitments: named.iter().map(|octet| [*octet; 32]).collect() }
}

#[test]
fn everybody_can_see_that_something_was_erased_and_nobody_what() {
    let (founder, mut roster) = begun();
    roster.append(&founder.next(&roster, epoch(1))).unwrap();
    let entry = founder.next(&roster, erasure(CIRCLE, &[1, 2]));
    assert_eq!(Entry::decode(&entry).unwrap().encode(), entry);
    roster.append(&entry).unwrap();
    let circle = &roster.circles()[&CIRCLE];
    assert_eq!(circle.erased.len(), 2);
    let erased = circle.erasure(&[2; 32]).unwrap();
    assert_eq!((erased.since, erased.author, erased.time), (3, founder.1.id(), 1_800_000_000));
    assert_eq!(circle.erasure(&[3; 32]), None);
    let salt = [5; 32];
    let commitment = erasure_commitment(roster.workspace(), CIRCLE, &[6; 16], &salt);
    assert_ne!(commitment, erasure_commitment(roster.workspace(), CIRCLE, &[6; 16], &[4; 32]), "salted");
}

#[test]
fn only_a_coordinator_in_the_circle_erases_and_each_record_once() {
    let (founder, mut roster) = begun();
    let (other, worker, reader) = (signer(2), signer(3), signer(4));
    roster.append(&founder.next(&roster, epoch(1))).unwrap();
    for (device, role, invite) in
        [(&other, Role::Coordinator, 1), (&worker, Role::Field, 2), (&reader, Role::Reader, 3)]
    {
        roster.append(&founder.next(&roster, add(device, role, invite))).unwrap();
    }
    for device in [&worker, &reader] {
        let body = Body::Grant { device: device.1.id(), circle: CIRCLE };
        roster.append(&founder.next(&roster, body)).unwrap();
    }
    let tried = |who: &Signer, body| roster.clone().append(&who.next(&roster, body));
    for who in [&other, &worker, &reader] {
        let refused = tried(who, erasure(CIRCLE, &[1]));
        assert!(matches!(refused, Err(RosterError::NotAllowed { .. })), "{refused:?}");
    }
    assert!(matches!(tried(&founder, erasure(CIRCLE, &[])), Err(RosterError::Malformed(_))));
    assert!(matches!(tried(&founder, erasure(CIRCLE, &[1, 1])), Err(RosterError::Contradiction { .. })));
    let nowhere = erasure(CircleId([9; 16]), &[1]);
    assert!(matches!(tried(&founder, nowhere), Err(RosterError::Contradiction { .. })));
    assert!(tried(&founder, erasure(CIRCLE, &[1])).is_ok(), "control");
    roster.append(&founder.next(&roster, erasure(CIRCLE, &[1]))).unwrap();
    let again = roster.clone().append(&founder.next(&roster, erasure(CIRCLE, &[2, 1])));
    assert!(matches!(again, Err(RosterError::Contradiction { .. })));
}

#[test]
fn a_key_without_a_way_back_begins_what_newcomers_can_reach() {
    let (founder, mut roster) = begun();
    let first = |roster: &Roster| roster.circles()[&CIRCLE].first_reachable();
    let cut =
        Body::Epoch { circle: CIRCLE, epoch: 3, commitment: [4; 32], back_link: None, wraps_root: [0; 32] };
    for (body, reachable) in [(epoch(1), 1), (epoch(2), 1), (cut, 3), (epoch(4), 3)] {
        roster.append(&founder.next(&roster, body)).unwrap();
        assert_eq!(first(&roster), reachable);
    }
    assert_eq!(roster.circles()[&CIRCLE].first_reachable_at(3), 1);
}
