//! G16: a change of the roster without the signature it needs is refused by the server and by every device,
//! even if a server serves it; what is accepted is seen by all.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests may be blunt: a panic there is the report"
)]

use std::cell::Cell;

use cairn_core::crypto::DeviceSecret;
use cairn_core::store::AlarmKind;
use cairn_core::sync::{Alarm, roster_question};
use cairn_core::transport::{Reply, Transport, TransportError};
use cairn_core::vault::InviteTerms;
use cairn_core::wire::digest::VerifyingKey;
use cairn_core::wire::id::{CircleId, InviteId, WorkspaceId};
use cairn_core::wire::join::JoinRequest;
use cairn_core::wire::path;
use cairn_core::wire::refusal::{Reason, Refusal};
use cairn_core::wire::roster::{Body, Entry, HPKE_PUBLIC, Policy, Role, Roster};
use cairn_core::wire::sync::{CreateRequest, RosterPost, SyncResponse};
use cairn_core::{Error, Vault};
use cairn_tests::ground::Ground;

/// A server that shows more of the roster than it holds, once.
struct Serving<'a> {
    inner: &'a dyn Transport,
    entry: Cell<Option<Vec<u8>>>,
}

impl<'a> Serving<'a> {
    fn new(inner: &'a dyn Transport, entry: &[u8]) -> Self {
        Self { inner, entry: Cell::new(Some(entry.to_vec())) }
    }
}

impl Transport for Serving<'_> {
    fn post(&self, to: &str, body: Vec<u8>) -> Result<Reply, TransportError> {
        let mut reply = self.inner.post(to, body)?;
        if to == path::SYNC
            && let Ok(mut response) = SyncResponse::decode(&reply.body, 1)
        {
            response.roster.extend(self.entry.take());
            reply.body = response.encode();
        }
        Ok(reply)
    }
}

/// A workspace with devices whose keys the test holds, so that it can sign whatever it likes.
struct Scene {
    ground: Ground,
    office: Vault,
    field: Vault,
    coordinator: DeviceSecret,
    revoked: DeviceSecret,
    worker: DeviceSecret,
    reader: DeviceSecret,
}

impl Scene {
    fn new() -> Self {
        let ground = Ground::new();
        let mut office = ground.office("office");
        let field = ground.member(&mut office, "field", Role::Field);
        let mut admitted = |role| {
            let invitation = office.invite(&InviteTerms { role, hours: 1 }).unwrap();
            let device = DeviceSecret::generate().unwrap();
            let request = JoinRequest::new(&invitation, device.keys().clone());
            assert_eq!(ground.transport().post(path::JOIN, request.encode()).unwrap().status, 200);
            assert_eq!(ground.sync(&mut office).admitted, 1);
            device
        };
        let coordinator = admitted(Role::Coordinator);
        let (revoked, worker) = (admitted(Role::Coordinator), admitted(Role::Field));
        let reader = admitted(Role::Reader);
        office.revoke(&ground.transport(), &revoked.id(), None).unwrap();
        // There is somebody who could be let in again.
        let circle = first_circle(&office);
        office.revoke(&ground.transport(), &reader.id(), Some(&circle)).unwrap();
        let mut scene = Self { ground, office, field, coordinator, revoked, worker, reader };
        scene.ground.sync(&mut scene.field);
        scene
    }

    /// The roster as the server holds it.
    fn roster(&self) -> Roster {
        let workspace = self.office.workspace().unwrap();
        Roster::fold(workspace, self.entries().iter().map(Vec::as_slice)).unwrap()
    }

    fn entries(&self) -> Vec<Vec<u8>> {
        let log = rusqlite::Connection::open(self.ground.data().join("log.db")).unwrap();
        let mut statement = log.prepare("SELECT bytes FROM roster_entry ORDER BY seq").unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }

    /// The next entry, by somebody, right in every other respect.
    fn next(&self, author: &DeviceSecret, body: Body) -> Vec<u8> {
        let roster = self.roster();
        signed(author, author, roster.workspace(), roster.seq() + 1, roster.head(), body)
    }

    /// Posts an entry as this device does; gives why it was refused.
    fn post(&self, poster: &DeviceSecret, entry: &[u8]) -> Option<Reason> {
        let roster = self.roster();
        let post = RosterPost { expected_seq: roster.seq(), entries: vec![entry.to_vec()], wraps: vec![] };
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
        let key = self.ground.address().key;
        let question = roster_question(poster, roster.workspace(), &key, now, &post).unwrap();
        let reply = self.ground.transport().post(path::ROSTER, question.bytes).unwrap();
        (reply.status != 200).then(|| Refusal::decode(&reply.body).unwrap().reason)
    }

    /// Brings an entry by the road that asks nobody who they are: healing.
    fn heal_with(&self, entry: &[u8]) -> Option<Reason> {
        let roster = self.roster();
        let post = RosterPost { expected_seq: roster.seq(), entries: vec![entry.to_vec()], wraps: vec![] };
        let request = CreateRequest { token: Vec::new(), workspace: roster.workspace(), post };
        let reply = self.ground.transport().post(path::HEAL_ROSTER, request.encode()).unwrap();
        (reply.status != 200).then(|| Refusal::decode(&reply.body).unwrap().reason)
    }
}

fn signed(
    author: &DeviceSecret,
    signer: &DeviceSecret,
    workspace: WorkspaceId,
    seq: u64,
    prev: [u8; 32],
    body: Body,
) -> Vec<u8> {
    let mut entry = Entry { seq, prev, time: 1_800_000_000, author: author.id(), body, signature: [0; 64] };
    entry.signature = signer.sign(&entry.signed_bytes(workspace));
    entry.encode()
}

fn first_circle(office: &Vault) -> CircleId {
    let begun = office.roster_log().unwrap().into_iter().find_map(|change| match change.body {
        Body::Epoch { circle, .. } => Some(circle),
        _ => None,
    });
    begun.unwrap()
}

/// Every change that somebody might want.
fn changes(scene: &Scene, by: &DeviceSecret) -> Vec<Body> {
    let circle = first_circle(&scene.office);
    let stranger = DeviceSecret::generate().unwrap();
    vec![
        Body::AddDevice { keys: stranger.keys().clone(), role: Role::Coordinator, invite: InviteId([9; 16]) },
        Body::Grant { device: scene.reader.id(), circle },
        Body::Epoch {
            circle: CircleId([8; 16]),
            epoch: 1,
            commitment: [4; 32],
            back_link: None,
            wraps_root: cairn_core::wire::sync::wraps_root([]),
        },
        Body::Revoke { device: scene.office.device(), circle: None, lasts: Vec::new() },
        Body::Revoke { device: by.id(), circle: Some(circle), lasts: Vec::new() },
        Body::ServerKeys { keys: vec![VerifyingKey([7; 32])] },
        Body::Policy(Policy { renew_days: 3650, ..Policy::default() }),
        Body::Erasure { circle, commitments: vec![[3; 32]] },
        Body::SubmitKey {
            circle,
            epoch: scene.roster().epoch_at(&circle, u64::MAX).unwrap(),
            key: Box::new([2; HPKE_PUBLIC]),
        },
    ]
}

/// What a device shows of the roster, without names, which travel apart.
fn log(vault: &Vault) -> Vec<(u64, cairn_core::wire::id::DeviceId, Body)> {
    vault.roster_log().unwrap().into_iter().map(|one| (one.seq, one.author, one.body)).collect()
}

/// Whatever the entry is, nobody takes it.
fn refused_by_all(scene: &mut Scene, what: &str, poster: &DeviceSecret, entry: &[u8]) {
    let held = scene.entries();
    let by_post = scene.post(poster, entry);
    assert!(
        matches!(
            by_post,
            Some(Reason::RosterRefused | Reason::Revoked | Reason::RosterMoved | Reason::Malformed)
        ),
        "{what}: {by_post:?}"
    );
    let by_healing = scene.heal_with(entry);
    assert!(matches!(by_healing, Some(Reason::RosterRefused | Reason::Malformed)), "{what}: {by_healing:?}");
    assert_eq!(scene.entries(), held, "{what}: the server holds what it held");
    let transport = scene.ground.transport();
    for vault in [&mut scene.office, &mut scene.field] {
        let before = log(vault);
        let served = vault.sync(&Serving::new(&transport, entry), |_| {});
        assert!(matches!(served, Err(Error::Tampered(Alarm::OtherRoster))), "{what}: {served:?}");
        assert_eq!(log(vault), before, "{what}");
        assert!(
            vault.alarms().unwrap().iter().any(|view| view.alarm.kind == AlarmKind::OtherRoster),
            "{what}"
        );
        scene.ground.sync(vault);
        assert_eq!(log(vault), before, "{what}: and an honest server mends it");
    }
}

#[test]
fn no_change_by_a_field_device_a_reader_or_a_revoked_coordinator_is_taken_by_anybody() {
    let mut scene = Scene::new();
    for name in ["worker", "reader", "revoked"] {
        let device = |scene: &Scene| {
            let secret = match name {
                "worker" => &scene.worker,
                "reader" => &scene.reader,
                _ => &scene.revoked,
            };
            DeviceSecret::from_seed(secret.seed().clone()).unwrap()
        };
        let author = device(&scene);
        for body in changes(&scene, &author) {
            let what = format!("{name}: {body:?}");
            let entry = scene.next(&author, body);
            refused_by_all(&mut scene, &what, &author, &entry);
        }
    }
    // Control: what they wanted is taken, by the same roads, where a coordinator who belongs has signed it.
    let coordinator = DeviceSecret::from_seed(scene.coordinator.seed().clone()).unwrap();
    let wanted = changes(&scene, &coordinator);
    let transport = scene.ground.transport();
    for body in [0, 1, 2, 4, 6].map(|number| &wanted[number]) {
        let entry = scene.next(&coordinator, body.clone());
        // Served by a server that has it and has not yet said so to the others: it proves itself.
        scene.field.sync(&Serving::new(&transport, &entry), |_| {}).unwrap();
        assert_eq!(log(&scene.field).last().unwrap().2, *body);
        assert_eq!(scene.post(&coordinator, &entry), None, "{body:?}");
        scene.ground.sync(&mut scene.office);
        assert_eq!(log(&scene.office), log(&scene.field));
    }
}

#[test]
fn an_entry_out_of_place_replayed_forged_or_of_another_workspace_is_taken_by_nobody() {
    let mut scene = Scene::new();
    let secret = |secret: &DeviceSecret| DeviceSecret::from_seed(secret.seed().clone()).unwrap();
    let (coordinator, worker) = (secret(&scene.coordinator), secret(&scene.worker));
    let roster = scene.roster();
    let (workspace, seq, head) = (roster.workspace(), roster.seq(), roster.head());
    let body = || Body::Policy(Policy { renew_days: 7, ..Policy::default() });
    let good = scene.next(&coordinator, body());
    let mut flipped = good.clone();
    let last = flipped.len() - 70;
    flipped[last] ^= 1;
    let before = roster.head_at(seq - 1).unwrap();
    let bad = [
        ("behind another entry", signed(&coordinator, &coordinator, workspace, seq + 1, [5; 32], body())),
        ("behind the last but one", signed(&coordinator, &coordinator, workspace, seq + 1, before, body())),
        ("a number too far", signed(&coordinator, &coordinator, workspace, seq + 2, head, body())),
        ("a number that is taken", signed(&coordinator, &coordinator, workspace, seq, before, body())),
        ("in another's name", signed(&coordinator, &worker, workspace, seq + 1, head, body())),
        (
            "of another workspace",
            signed(&coordinator, &coordinator, WorkspaceId([6; 16]), seq + 1, head, body()),
        ),
        ("an older entry once more", scene.entries()[3].clone()),
        ("the newest entry once more", scene.entries().pop().unwrap()),
        ("the genesis once more", scene.entries()[0].clone()),
        ("one bit changed", flipped),
    ];
    for (what, entry) in bad {
        refused_by_all(&mut scene, what, &coordinator, &entry);
    }
    assert_eq!(scene.post(&coordinator, &good), None, "control: in its place and as it was signed");
}

#[test]
fn accepted_changes_are_seen_by_all_and_the_same() {
    let mut scene = Scene::new();
    let transport = scene.ground.transport();
    scene.office.set_policy(&transport, |policy| Policy { renew_days: 7, ..policy }).unwrap();
    scene.office.renew_keys(&transport).unwrap();
    let late = scene.ground.member(&mut scene.office, "late", Role::Reader);
    scene.ground.sync(&mut scene.field);
    let seen = log(&scene.office);
    assert_eq!(seen.len() as u64, scene.roster().seq());
    for vault in [&scene.field, &late] {
        assert_eq!(log(vault), seen);
        let listed = |vault: &Vault| {
            let lines = vault.devices().unwrap().into_iter();
            lines.map(|line| (line.id, line.role, line.belongs, line.words)).collect::<Vec<_>>()
        };
        assert_eq!(listed(vault), listed(&scene.office));
        assert_eq!(vault.policy().unwrap().renew_days, 7);
    }
    let revoked = scene.revoked.id();
    assert!(
        seen.iter().any(|(_, _, body)| matches!(body, Body::Revoke { device, .. } if *device == revoked))
    );
    // Control: a device that has not synced since shows less.
    scene.office.renew_keys(&transport).unwrap();
    assert_ne!(log(&scene.field), log(&scene.office));
}

#[test]
fn keys_that_are_due_are_told_to_coordinators_until_they_are_renewed() {
    const DAY: i64 = 86_400;
    let mut ground = Ground::new();
    let mut office = ground.office("office");
    let mut field = ground.member(&mut office, "field", Role::Field);
    assert_eq!(ground.sync(&mut office).renewal_overdue, None);
    let after = |ground: &mut Ground, days: i64| {
        ground.restart_with(move |config| config.clock_offset = days * DAY + 60);
    };
    after(&mut ground, 29);
    assert_eq!(ground.sync(&mut office).renewal_overdue, None, "a month, unless something else was said");
    after(&mut ground, 33);
    assert_eq!(ground.sync(&mut office).renewal_overdue, Some(3));
    assert_eq!(office.examine().unwrap().renewal_overdue, Some(3));
    assert_eq!(ground.sync(&mut field).renewal_overdue, None, "it could not renew them");
    office.renew_keys(&ground.transport()).unwrap();
    assert_eq!(ground.sync(&mut office).renewal_overdue, None, "control");
    let by_field = field.set_policy(&ground.transport(), |policy| Policy { renew_days: 1, ..policy });
    assert!(matches!(by_field, Err(Error::NotAllowed { .. })));
    office.set_policy(&ground.transport(), |policy| Policy { renew_days: 1, ..policy }).unwrap();
    after(&mut ground, 34);
    assert_eq!(ground.sync(&mut office).renewal_overdue, Some(0), "due today");
    let newer = office.set_policy(&ground.transport(), |policy| Policy { protocol: 2, ..policy });
    assert!(matches!(newer, Err(Error::TooNew { .. })), "nobody could go on: {newer:?}");
}
