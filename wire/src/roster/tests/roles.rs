//! G15: what a role does not allow counts nowhere, however truly it is signed.

use super::*;

const ROLES: [Role; 5] = [Role::Coordinator, Role::Field, Role::Reader, Role::SubmitOnly, Role::Courier];

/// A founder and a device of that role in one circle.
fn with(role: Role) -> (Signer, Signer, Roster) {
    let (founder, mut roster) = begun();
    let other = signer(2);
    let grant = Body::Grant { device: other.1.id(), circle: CIRCLE };
    for body in [epoch(1), add(&other, role, 1), grant] {
        roster.append(&founder.next(&roster, body)).unwrap();
    }
    (founder, other, roster)
}

fn submit_key(epoch: u64) -> Body {
    Body::SubmitKey { circle: CIRCLE, epoch, key: Box::new([5; HPKE_PUBLIC]) }
}

#[test]
fn each_role_seals_in_its_own_way_or_not_at_all() {
    for role in ROLES {
        let (_, device, roster) = with(role);
        for kind in [Kind::Batch, Kind::Submitted] {
            let (chain, roster_seq) = (ChainId([7; 16]), roster.seq());
            let header = Header { kind, chain, seq: 1, epoch: 1, roster_seq, prev: [0; 16], salt: [0; 24] };
            let expected = match (role, kind) {
                (Role::Coordinator | Role::Field, Kind::Batch) | (Role::SubmitOnly, Kind::Submitted) => {
                    Standing::Counts
                }
                _ => Standing::Nothing,
            };
            assert_eq!(roster.standing(&device.1.id(), &CIRCLE, &header), expected, "{role:?} {kind:?}");
        }
    }
}

#[test]
fn who_hands_in_gets_nothing_and_who_carries_reads_nothing() {
    let may = |role| {
        let (_, device, roster) = with(role);
        let id = device.1.id();
        assert!(roster.is_in(&id, &CIRCLE));
        (roster.may_read(&id, &CIRCLE), roster.may_carry(&id, &CIRCLE), roster.has_submitters(&CIRCLE))
    };
    assert_eq!(may(Role::Reader), (true, true, false), "control");
    assert_eq!(may(Role::SubmitOnly), (false, false, true));
    assert_eq!(may(Role::Courier), (false, true, false));
}

#[test]
fn a_role_comes_back_from_its_octet_and_an_unknown_one_asks_for_an_update() {
    for role in ROLES {
        assert_eq!(Role::from_code(role.code()), Some(role));
    }
    assert_eq!(Role::from_code(6), None);
}

#[test]
fn neither_who_hands_in_nor_who_carries_changes_the_roster() {
    for role in [Role::SubmitOnly, Role::Courier] {
        let (_, device, mut roster) = with(role);
        let error = roster.append(&device.next(&roster, submit_key(1))).unwrap_err();
        assert_eq!(error, RosterError::NotAllowed { seq: roster.seq() + 1 }, "{role:?}");
    }
}

#[test]
fn a_submit_key_is_published_once_for_the_newest_epoch_by_a_coordinator_in_the_circle() {
    let (founder, second, mut roster) = with(Role::Coordinator);
    let outside = signer(3);
    roster.append(&founder.next(&roster, add(&outside, Role::Coordinator, 3))).unwrap();
    let refused =
        |roster: &Roster, by: &Signer, body| roster.clone().append(&by.next(roster, body)).unwrap_err();
    let seq = roster.seq() + 1;
    assert_eq!(refused(&roster, &outside, submit_key(1)), RosterError::NotAllowed { seq });
    for other in [0, 2] {
        assert_eq!(refused(&roster, &founder, submit_key(other)), RosterError::Contradiction { seq });
    }
    let entry = second.next(&roster, submit_key(1));
    assert_eq!(Entry::decode(&entry).unwrap().encode(), entry);
    roster.append(&entry).unwrap();
    assert_eq!(roster.submit_key(&CIRCLE, 1), Some(&[5; HPKE_PUBLIC]));
    let again = refused(&roster, &founder, submit_key(1));
    assert_eq!(again, RosterError::Contradiction { seq: seq + 1 }, "one is enough");
    roster.append(&founder.next(&roster, epoch(2))).unwrap();
    assert_eq!(roster.submit_key(&CIRCLE, 2), None, "a new epoch needs its own");
    assert_eq!(refused(&roster, &founder, submit_key(1)), RosterError::Contradiction { seq: seq + 2 });
    roster.append(&founder.next(&roster, submit_key(2))).unwrap();
    assert!(roster.submit_key(&CIRCLE, 1).is_some() && roster.submit_key(&CIRCLE, 2).is_some());
}

fn hand_in(device: &Signer) -> Body {
    Body::HandIn { device: device.1.id(), circle: CIRCLE }
}

fn sealed_as(roster: &Roster, device: &Signer, kind: Kind, roster_seq: u64) -> Standing {
    let header =
        Header { kind, chain: ChainId([7; 16]), seq: 1, epoch: 1, roster_seq, prev: [0; 16], salt: [0; 24] };
    roster.standing(&device.1.id(), &CIRCLE, &header)
}

/// G15. For each role, what it may do in a circle to which it only hands in, and who may be let in so at all.
#[test]
fn who_is_let_in_to_hand_in_hands_in_whatever_its_role_and_reads_nothing() {
    for role in ROLES {
        let (founder, mut roster) = begun();
        let device = signer(2);
        for body in [epoch(1), add(&device, role, 1)] {
            roster.append(&founder.next(&roster, body)).unwrap();
        }
        let entry = founder.next(&roster, hand_in(&device));
        assert_eq!(Entry::decode(&entry).unwrap().encode(), entry);
        let before = roster.seq();
        let done = roster.append(&entry);
        if role.seals() != Some(Kind::Batch) {
            assert_eq!(done.unwrap_err(), RosterError::Contradiction { seq: before + 1 }, "{role:?}");
            continue;
        }
        let (id, seq) = (device.1.id(), roster.seq());
        assert!(roster.is_in(&id, &CIRCLE) && roster.has_submitters(&CIRCLE));
        assert!(!roster.may_read(&id, &CIRCLE) && !roster.may_carry(&id, &CIRCLE));
        assert_eq!(sealed_as(&roster, &device, Kind::Submitted, seq), Standing::Counts);
        assert_eq!(sealed_as(&roster, &device, Kind::Submitted, before), Standing::Nothing);
        assert_eq!(sealed_as(&roster, &device, Kind::Batch, seq), Standing::Nothing, "{role:?}");
        let again = roster.clone().append(&founder.next(&roster, hand_in(&device)));
        assert_eq!(again.unwrap_err(), RosterError::Contradiction { seq: seq + 1 });
        // Without a key there is nothing to renew, to publish or to erase.
        let erasure = Body::Erasure { circle: CIRCLE, commitments: vec![[3; 32]] };
        for body in [epoch(2), submit_key(1), erasure] {
            let error = roster.clone().append(&device.next(&roster, body)).unwrap_err();
            assert_eq!(error, RosterError::NotAllowed { seq: seq + 1 }, "{role:?}");
        }
    }
}

fn revoke_from_circle(device: DeviceId) -> Body {
    Body::Revoke { device, circle: Some(CIRCLE), lasts: Vec::new() }
}

#[test]
fn who_handed_in_and_is_let_in_for_more_loses_nothing_and_who_is_taken_out_is_late() {
    let (founder, mut roster) = begun();
    let device = signer(2);
    for body in [epoch(1), add(&device, Role::Field, 1), hand_in(&device)] {
        roster.append(&founder.next(&roster, body)).unwrap();
    }
    let (id, then) = (device.1.id(), roster.seq());
    let mut left = roster.clone();
    left.append(&founder.next(&left, revoke_from_circle(id))).unwrap();
    assert_eq!(sealed_as(&left, &device, Kind::Submitted, then), Standing::Late);
    assert_eq!(sealed_as(&left, &device, Kind::Submitted, left.seq()), Standing::Nothing);
    assert!(!left.has_submitters(&CIRCLE));
    let grant = Body::Grant { device: id, circle: CIRCLE };
    roster.append(&founder.next(&roster, grant)).unwrap();
    assert!(roster.may_read(&id, &CIRCLE) && !roster.has_submitters(&CIRCLE));
    assert_eq!(sealed_as(&roster, &device, Kind::Submitted, then), Standing::Counts, "what it had handed in");
    assert_eq!(sealed_as(&roster, &device, Kind::Batch, then), Standing::Nothing);
    assert_eq!(sealed_as(&roster, &device, Kind::Batch, roster.seq()), Standing::Counts);
    assert_eq!(sealed_as(&roster, &device, Kind::Submitted, roster.seq()), Standing::Nothing);
    let more = roster.seq();
    let whole = Body::Revoke { device: id, circle: None, lasts: Vec::new() };
    let back = Body::Grant { device: id, circle: CIRCLE };
    for out in [revoke_from_circle(id), whole] {
        let mut left = roster.clone();
        left.append(&founder.next(&left, out.clone())).unwrap();
        assert_eq!(
            sealed_as(&left, &device, Kind::Submitted, then),
            Standing::Late,
            "{out:?}: as before the grant"
        );
        assert_eq!(
            sealed_as(&left, &device, Kind::Batch, more),
            Standing::Late,
            "{out:?}: as since the grant"
        );
        assert_eq!(sealed_as(&left, &device, Kind::Batch, left.seq()), Standing::Nothing);
        if left.append(&founder.next(&left, back.clone())).is_ok() {
            assert_eq!(
                sealed_as(&left, &device, Kind::Submitted, then),
                Standing::Late,
                "it was out meanwhile"
            );
        }
    }
    let less = roster.clone().append(&founder.next(&roster, hand_in(&device)));
    assert_eq!(less.unwrap_err(), RosterError::Contradiction { seq: roster.seq() + 1 }, "taken out first");
}
