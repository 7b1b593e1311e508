use super::*;
use crate::segment::Kind;

const CHAIN: ChainId = ChainId([7; 16]);

/// A founder and a field device in one circle.
fn peopled() -> (Signer, Signer, Roster) {
    let (founder, mut roster) = begun();
    let worker = signer(2);
    let grant = Body::Grant { device: worker.1.id(), circle: CIRCLE };
    for body in [epoch(1), add(&worker, Role::Field, 1), grant] {
        roster.append(&founder.next(&roster, body)).unwrap();
    }
    (founder, worker, roster)
}

fn revoke(device: &Signer, circle: Option<CircleId>, lasts: &[u64]) -> Body {
    let last = |seq: &u64| Last { chain: CHAIN, seq: *seq, link: [1; 16] };
    Body::Revoke { device: device.1.id(), circle, lasts: lasts.iter().map(last).collect() }
}

fn standing(roster: &Roster, device: &Signer, seq: u64, roster_seq: u64) -> Standing {
    of_chain(roster, device, CHAIN, seq, roster_seq)
}

fn of_chain(roster: &Roster, device: &Signer, chain: ChainId, seq: u64, roster_seq: u64) -> Standing {
    let kind = Kind::Batch;
    let header = Header { kind, chain, seq, epoch: 1, roster_seq, prev: [0; 16], salt: [0; 24] };
    roster.standing(&device.1.id(), &CIRCLE, &header)
}

#[test]
fn what_a_revoked_device_wrote_counts_up_to_the_named_segment() {
    let (founder, worker, mut roster) = peopled();
    let before = roster.seq();
    assert_eq!(standing(&roster, &worker, 9, before), Standing::Counts, "control");
    roster.append(&founder.next(&roster, revoke(&worker, None, &[3]))).unwrap();
    assert_eq!(standing(&roster, &worker, 3, before), Standing::Counts);
    assert_eq!(standing(&roster, &worker, 4, before), Standing::Late, "back-dated");
    assert_eq!(standing(&roster, &worker, 3, roster.seq()), Standing::Nothing);
    let other = of_chain(&roster, &worker, ChainId([8; 16]), 1, before);
    assert_eq!(other, Standing::Late, "a chain that nobody had seen");
    assert!(!roster.may_read(&worker.1.id(), &CIRCLE));
    assert!(!roster.circles()[&CIRCLE].devices().any(|device| *device == worker.1.id()));
}

#[test]
fn a_device_taken_out_of_a_circle_may_come_back_with_another_chain() {
    let (founder, worker, mut roster) = peopled();
    let grant = Body::Grant { device: worker.1.id(), circle: CIRCLE };
    roster.append(&founder.next(&roster, revoke(&worker, Some(CIRCLE), &[3]))).unwrap();
    let between = roster.seq();
    assert!(roster.member(&worker.1.id()).unwrap().belongs());
    roster.append(&founder.next(&roster, grant)).unwrap();
    assert!(roster.may_read(&worker.1.id(), &CIRCLE));
    assert_eq!(standing(&roster, &worker, 4, roster.seq()), Standing::Late, "the old chain has ended");
    let fresh = |seq| of_chain(&roster, &worker, ChainId([8; 16]), 1, seq);
    assert_eq!(fresh(roster.seq()), Standing::Counts);
    assert_eq!(fresh(between), Standing::Nothing);
    assert_eq!(fresh(between - 1), Standing::Late);
}

#[test]
fn a_revoked_coordinator_changes_nothing_any_more() {
    let (founder, mut roster) = begun();
    let second = signer(2);
    roster.append(&founder.next(&roster, add(&second, Role::Coordinator, 1))).unwrap();
    roster.append(&second.next(&roster, revoke(&founder, None, &[]))).unwrap();
    let before = roster.clone();
    let late = roster.append(&founder.next(&roster, revoke(&second, None, &[])));
    assert!(matches!(late, Err(RosterError::NotAllowed { .. })));
    assert_eq!(roster, before);
}

#[test]
fn contradictions_are_refused_and_change_nothing() {
    let (founder, worker, mut roster) = peopled();
    let refused = |roster: &Roster, author: &Signer, body: Body| {
        let mut changed = roster.clone();
        let refused = changed.append(&author.next(roster, body));
        assert!(matches!(refused, Err(RosterError::Contradiction { .. })), "{refused:?}");
        assert_eq!(changed, *roster);
    };
    refused(&roster, &founder, revoke(&founder, None, &[]));
    refused(&roster, &founder, revoke(&signer(9), None, &[]));
    refused(&roster, &founder, revoke(&worker, Some(CircleId([1; 16])), &[]));
    refused(&roster, &founder, revoke(&worker, None, &[3, 4]));
    roster.append(&founder.next(&roster, revoke(&worker, Some(CIRCLE), &[3]))).unwrap();
    refused(&roster, &founder, revoke(&worker, Some(CIRCLE), &[]));
    refused(&roster, &founder, revoke(&worker, None, &[5]));
    roster.append(&founder.next(&roster, revoke(&worker, None, &[]))).unwrap();
    refused(&roster, &founder, Body::Grant { device: worker.1.id(), circle: CIRCLE });
    refused(&roster, &founder, add(&worker, Role::Field, 9));
}

#[test]
fn every_flipped_bit_of_a_revocation_is_refused() {
    let (founder, worker, roster) = peopled();
    let good = founder.next(&roster, revoke(&worker, Some(CIRCLE), &[3]));
    for index in 0..good.len() {
        for bit in 0..8 {
            let mut bad = good.clone();
            bad[index] ^= 1 << bit;
            assert!(roster.clone().append(&bad).is_err(), "byte {index} bit {bit}");
        }
    }
    roster.clone().append(&good).expect("control: the unflipped entry is accepted");
}
