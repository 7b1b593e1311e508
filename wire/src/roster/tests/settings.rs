//! Server keys and policy.

use super::*;

fn keys(list: &[u8]) -> Body {
    Body::ServerKeys { keys: list.iter().map(|key| VerifyingKey([*key; 32])).collect() }
}

fn listed(roster: &Roster) -> Vec<u8> {
    roster.server_keys().iter().map(|key| key.0[0]).collect()
}

#[test]
fn a_coordinator_says_by_which_keys_the_server_is_known() {
    let (founder, mut roster) = begun();
    assert_eq!(listed(&roster), [9]);
    roster.append(&founder.next(&roster, keys(&[8, 9]))).unwrap();
    assert_eq!(listed(&roster), [8, 9]);
    roster.append(&founder.next(&roster, keys(&[8]))).unwrap();
    assert_eq!(listed(&roster), [8]);
    let at = |seq| roster.server_keys_at(seq).len();
    assert_eq!([at(0), at(1), at(2), at(3), at(99)], [0, 1, 2, 1, 1]);
}

#[test]
fn a_list_of_server_keys_that_makes_no_sense_is_refused() {
    let (founder, roster) = begun();
    let tried = |body| roster.clone().append(&founder.next(&roster, body));
    assert!(matches!(tried(keys(&[])), Err(RosterError::Malformed(_))));
    assert!(matches!(tried(keys(&[1, 2, 3, 4, 5])), Err(RosterError::Malformed(_))));
    assert!(matches!(tried(keys(&[1, 2, 1])), Err(RosterError::Contradiction { .. })), "one twice");
    assert!(matches!(tried(keys(&[9])), Err(RosterError::Contradiction { .. })), "as it was");
    assert!(tried(keys(&[1, 2, 3, 9])).is_ok(), "control");
}

#[test]
fn only_a_coordinator_changes_server_keys_and_policy() {
    let (founder, mut roster) = begun();
    let (worker, reader) = (signer(2), signer(3));
    roster.append(&founder.next(&roster, add(&worker, Role::Field, 1))).unwrap();
    roster.append(&founder.next(&roster, add(&reader, Role::Reader, 2))).unwrap();
    for body in [keys(&[8]), Body::Policy(Policy { renew_days: 7, ..Policy::default() })] {
        for who in [&worker, &reader] {
            let refused = roster.clone().append(&who.next(&roster, body.clone()));
            assert!(matches!(refused, Err(RosterError::NotAllowed { .. })));
        }
        assert!(roster.clone().append(&founder.next(&roster, body)).is_ok(), "control");
    }
}

#[test]
fn a_policy_is_what_was_said_last() {
    let (founder, mut roster) = begun();
    assert_eq!(*roster.policy(), Policy { renew_days: 30, protocol: 1 });
    let said = Policy { renew_days: 7, protocol: 1 };
    let entry = founder.next(&roster, Body::Policy(said));
    assert_eq!(Entry::decode(&entry).unwrap().encode(), entry);
    roster.append(&entry).unwrap();
    assert_eq!(*roster.policy(), said);
}

#[test]
fn a_policy_of_a_later_version_asks_for_an_update() {
    let (founder, roster) = begun();
    let good = founder.next(&roster, Body::Policy(Policy::default()));
    let body_at = good.len() - 64 - 3;
    let bent = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = good.clone();
        change(&mut bytes);
        Entry::decode(&bytes)
    };
    assert!(Entry::decode(&good).is_ok(), "control");
    assert_eq!(bent(&|bytes| bytes.insert(good.len() - 64, 5)), Err(RosterError::Newer(7)), "one more field");
    assert_eq!(
        bent(&|bytes| bytes[body_at + 1] = 2),
        Err(RosterError::Newer(7)),
        "a later protocol is needed"
    );
    assert_eq!(bent(&|bytes| bytes[body_at + 2] = 0), Err(RosterError::Newer(7)), "no history to newcomers");
    assert!(matches!(bent(&|bytes| bytes[body_at] = 0), Err(RosterError::Malformed(_))));
}
