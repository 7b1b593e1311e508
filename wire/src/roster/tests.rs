use ring::signature::{Ed25519KeyPair, KeyPair};

use super::*;

const WORKSPACE_NONCE: [u8; 16] = [3; 16];
const CIRCLE: CircleId = CircleId([0xc1; 16]);

struct Signer(Ed25519KeyPair, DeviceKeys);

fn signer(seed: u8) -> Signer {
    let pair = Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap();
    let signing = VerifyingKey(pair.public_key().as_ref().try_into().unwrap());
    Signer(pair, DeviceKeys { signing, wrapping: Box::new([seed; HPKE_PUBLIC]) })
}

impl Signer {
    fn entry(&self, workspace: WorkspaceId, seq: u64, prev: Hash, body: Body) -> Vec<u8> {
        let mut entry =
            Entry { seq, prev, time: 1_800_000_000, author: self.1.id(), body, signature: [0; 64] };
        let signature = self.0.sign(&entry.signed_bytes(workspace));
        entry.signature = signature.as_ref().try_into().unwrap();
        entry.encode()
    }

    fn next(&self, roster: &Roster, body: Body) -> Vec<u8> {
        self.entry(roster.workspace(), roster.seq() + 1, roster.head(), body)
    }
}

fn begun() -> (Signer, Roster) {
    let founder = signer(1);
    let workspace = workspace_of(&founder.1.signing, &WORKSPACE_NONCE);
    let body =
        Body::Genesis { nonce: WORKSPACE_NONCE, keys: founder.1.clone(), server_key: VerifyingKey([9; 32]) };
    let genesis = founder.entry(workspace, 1, [0; 32], body);
    let roster = Roster::begin(workspace, &genesis).unwrap();
    (founder, roster)
}

fn epoch(number: u64) -> Body {
    let back_link = (number > 1).then_some([8; BACK_LINK]);
    Body::Epoch { circle: CIRCLE, epoch: number, commitment: [4; 32], back_link, wraps_root: [0; 32] }
}

fn add(device: &Signer, role: Role, invite: u8) -> Body {
    Body::AddDevice { keys: device.1.clone(), role, invite: InviteId([invite; 16]) }
}

#[test]
fn a_workspace_grows_by_its_coordinator() {
    let (founder, mut roster) = begun();
    let worker = signer(2);
    roster.append(&founder.next(&roster, epoch(1))).unwrap();
    roster.append(&founder.next(&roster, add(&worker, Role::Field, 1))).unwrap();
    let device = worker.1.id();
    assert!(!roster.may_write(&device, &CIRCLE, roster.seq()));
    roster.append(&founder.next(&roster, Body::Grant { device, circle: CIRCLE })).unwrap();
    assert!(roster.may_write(&device, &CIRCLE, roster.seq()));
    assert!(!roster.may_write(&device, &CIRCLE, roster.seq() - 1), "not before the grant");
    assert!(!roster.may_write(&device, &CIRCLE, roster.seq() + 1), "not at an entry nobody has seen");
    assert_eq!(roster.epoch_at(&CIRCLE, roster.seq()), Some(1));
    assert_eq!(roster.epoch_at(&CIRCLE, 1), None);
}

#[test]
fn a_field_device_changes_nothing() {
    let (founder, mut roster) = begun();
    let worker = signer(2);
    roster.append(&founder.next(&roster, add(&worker, Role::Field, 1))).unwrap();
    let before = roster.clone();
    let error = roster.append(&worker.next(&roster, add(&signer(3), Role::Coordinator, 2))).unwrap_err();
    assert_eq!(error, RosterError::NotAllowed { seq: 3 });
    assert_eq!(roster, before);
}

#[test]
fn a_stranger_and_a_forged_author_are_refused() {
    let (founder, mut roster) = begun();
    let stranger = signer(7);
    assert!(matches!(roster.append(&stranger.next(&roster, epoch(1))), Err(RosterError::NotAllowed { .. })));
    let mut forged = stranger.next(&roster, epoch(1));
    let mut entry = Entry::decode(&forged).unwrap();
    entry.author = founder.1.id();
    forged = entry.encode();
    assert!(matches!(roster.append(&forged), Err(RosterError::BadSignature { .. })));
}

#[test]
fn an_invitation_adds_one_device_only() {
    let (founder, mut roster) = begun();
    roster.append(&founder.next(&roster, add(&signer(2), Role::Field, 1))).unwrap();
    let again = founder.next(&roster, add(&signer(3), Role::Field, 1));
    assert!(matches!(roster.append(&again), Err(RosterError::Contradiction { .. })));
}

#[test]
fn epochs_come_in_order() {
    let (founder, mut roster) = begun();
    assert!(matches!(
        roster.append(&founder.next(&roster, epoch(2))),
        Err(RosterError::Contradiction { .. })
    ));
    roster.append(&founder.next(&roster, epoch(1))).unwrap();
    assert!(matches!(
        roster.append(&founder.next(&roster, epoch(1))),
        Err(RosterError::Contradiction { .. })
    ));
    roster.append(&founder.next(&roster, epoch(2))).unwrap();
    assert_eq!(roster.epoch_at(&CIRCLE, 2), Some(1));
    assert_eq!(roster.epoch_at(&CIRCLE, 3), Some(2));
}

#[test]
fn every_flipped_bit_is_refused() {
    let (founder, mut roster) = begun();
    let good = founder.next(&roster, epoch(1));
    for index in 0..good.len() {
        for bit in 0..8 {
            let mut bad = good.clone();
            bad[index] ^= 1 << bit;
            assert!(roster.clone().append(&bad).is_err(), "byte {index} bit {bit}");
        }
    }
    roster.append(&good).expect("control: the unflipped entry is accepted");
}

#[test]
fn another_workspace_s_genesis_is_refused() {
    let (founder, roster) = begun();
    let body = Body::Genesis { nonce: [4; 16], keys: founder.1.clone(), server_key: VerifyingKey([9; 32]) };
    let genesis = founder.entry(roster.workspace(), 1, [0; 32], body);
    assert_eq!(Roster::begin(roster.workspace(), &genesis), Err(RosterError::OtherWorkspace));
}

#[test]
fn a_kind_of_a_later_version_asks_for_an_update() {
    let (founder, roster) = begun();
    let mut newer = founder.next(&roster, epoch(1));
    let kind_at = 1 + 1 + 32 + 5 + 16;
    assert_eq!(newer[kind_at], 4);
    newer[kind_at] = 99;
    assert_eq!(Entry::decode(&newer), Err(RosterError::Newer(99)));
}

mod erasing;
mod revoking;
mod roles;
mod settings;
