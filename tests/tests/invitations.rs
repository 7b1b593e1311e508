//! G19: an invitation lets in one device, once, in time, in the role it was made for, and only if neither it
//! nor the request was altered on the way.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests may be blunt: a panic there is the report"
)]

use cairn_core::crypto::DeviceSecret;
use cairn_core::transport::{Reply, Transport, TransportError};
use cairn_core::vault::InviteTerms;
use cairn_core::wire::invitation::Invitation;
use cairn_core::wire::join::JoinRequest;
use cairn_core::wire::path;
use cairn_core::wire::roster::Role;
use cairn_core::wire::sync::SyncResponse;
use cairn_core::{Error, Vault};
use cairn_tests::ground::Ground;

const FIELD: InviteTerms = InviteTerms { role: Role::Field, hours: 24 };

/// A server that hands coordinators other requests to join than it was given.
struct Swapping<'a> {
    inner: &'a dyn Transport,
    joins: Vec<Vec<u8>>,
}

impl Transport for Swapping<'_> {
    fn post(&self, to: &str, body: Vec<u8>) -> Result<Reply, TransportError> {
        let mut reply = self.inner.post(to, body)?;
        if to == path::SYNC
            && let Ok(mut response) = SyncResponse::decode(&reply.body, 1)
        {
            response.joins.clone_from(&self.joins);
            reply.body = response.encode();
        }
        Ok(reply)
    }
}

/// A server that keeps what it is asked.
struct Listening<'a> {
    inner: &'a dyn Transport,
    heard: std::cell::RefCell<Vec<u8>>,
}

impl Transport for Listening<'_> {
    fn post(&self, to: &str, body: Vec<u8>) -> Result<Reply, TransportError> {
        if to == path::JOIN {
            self.heard.borrow_mut().clone_from(&body);
        }
        self.inner.post(to, body)
    }
}

/// A device that asks with this invitation; and what it asked, octet by octet.
fn asks(ground: &Ground, name: &str, invitation: &Invitation) -> (Vault, Vec<u8>) {
    let mut vault = ground.vault(name, 0);
    vault.accept(&invitation.to_text(), name).unwrap();
    let transport = ground.transport();
    let listening = Listening { inner: &transport, heard: Vec::new().into() };
    let waits = vault.sync(&listening, |_| {});
    assert!(matches!(waits, Err(Error::Waiting)), "{name}: {waits:?}");
    (vault, listening.heard.into_inner())
}

fn devices(office: &Vault) -> usize {
    office.devices().unwrap().len()
}

/// What the coordinator's sync says of requests: admitted, and not fitting.
fn synced(ground: &Ground, office: &mut Vault) -> (u64, u64) {
    let report = ground.sync(office);
    (report.admitted, report.misfits)
}

#[test]
fn an_invitation_is_used_once_even_if_the_server_would_have_it_twice() {
    let ground = Ground::new();
    let mut office = ground.office("office");
    let invitation = office.invite(&FIELD).unwrap();
    let (mut first, request) = asks(&ground, "first", &invitation);
    let mut second = ground.vault("second", 0);
    second.accept(&invitation.to_text(), "second").unwrap();
    let refused = second.sync(&ground.transport(), |_| {});
    assert!(matches!(refused, Err(Error::InvitationUsed)), "while the first waits: {refused:?}");
    assert_eq!(synced(&ground, &mut office), (1, 0), "control: the first comes in");
    ground.sync(&mut first);
    let refused = second.sync(&ground.transport(), |_| {});
    assert!(matches!(refused, Err(Error::InvitationUsed)), "{refused:?}");
    // The server is on the second one's side: it hands over its request, which is an honest one.
    let other = JoinRequest::new(&invitation, DeviceSecret::generate().unwrap().keys().clone());
    let inner = ground.transport();
    for joins in [vec![other.encode()], vec![request.clone()], vec![request, other.encode()]] {
        let report = office.sync(&Swapping { inner: &inner, joins }, |_| {}).unwrap();
        assert_eq!(report.admitted, 0);
    }
    assert_eq!(devices(&office), 2);
    // Control: by the same road an honest request under an unused invitation brings its device in.
    let unused = office.invite(&FIELD).unwrap();
    let honest = JoinRequest::new(&unused, DeviceSecret::generate().unwrap().keys().clone());
    let joins = vec![honest.encode()];
    assert_eq!(office.sync(&Swapping { inner: &inner, joins }, |_| {}).unwrap().admitted, 1);
    assert_eq!(devices(&office), 3);
}

#[test]
fn two_requests_under_one_invitation_in_one_answer_bring_in_one_device() {
    let ground = Ground::new();
    let mut office = ground.office("office");
    let invitation = office.invite(&FIELD).unwrap();
    let inner = ground.transport();
    let request = || JoinRequest::new(&invitation, DeviceSecret::generate().unwrap().keys().clone()).encode();
    let joins = vec![request(), request()];
    assert_eq!(office.sync(&Swapping { inner: &inner, joins }, |_| {}).unwrap().admitted, 1);
    assert_eq!(devices(&office), 2);
}

#[test]
fn an_expired_invitation_lets_nobody_in_and_its_time_cannot_be_stretched() {
    let ground = Ground::new();
    let mut office = ground.office("office");
    // Its coordinator's clock is two hours behind, and it is good for one hour.
    let mut slow = ground.vault("slow", -2 * 3600);
    ground.join(&mut office, &mut slow, "slow", Role::Coordinator);
    slow.lock().unwrap();
    let behind = std::sync::Arc::new(cairn_core::clock::ShiftedClock(-4 * 3600));
    let mut slow = Vault::open_with(&ground.folder("slow"), cairn_tests::ground::PASSPHRASE, behind).unwrap();
    let expired = slow.invite(&InviteTerms { role: Role::Field, hours: 1 }).unwrap();
    let mut late = ground.vault("late", 0);
    late.accept(&expired.to_text(), "late").unwrap();
    let refused = late.sync(&ground.transport(), |_| {});
    assert!(matches!(refused, Err(Error::InvitationExpired)), "{refused:?}");
    // The server is on its side and hands the request over.
    let inner = ground.transport();
    let keys = DeviceSecret::generate().unwrap().keys().clone();
    let joins = vec![JoinRequest::new(&expired, keys.clone()).encode()];
    assert_eq!(slow.sync(&Swapping { inner: &inner, joins }, |_| {}).unwrap().admitted, 0);
    // The newcomer says that it ends later than it does.
    let mut stretched = expired.clone();
    stretched.expiry += 10 * 3600;
    let fresh = slow.invite(&InviteTerms { role: Role::Field, hours: 9 }).unwrap();
    let mut longer = fresh.clone();
    longer.expiry += 3600;
    for invitation in [&stretched, &longer] {
        let joins = vec![JoinRequest::new(invitation, keys.clone()).encode()];
        assert_eq!(slow.sync(&Swapping { inner: &inner, joins }, |_| {}).unwrap().admitted, 0);
    }
    // Control: by the same road, in time and as it was made, it is good.
    let joins = vec![JoinRequest::new(&fresh, keys).encode()];
    assert_eq!(slow.sync(&Swapping { inner: &inner, joins }, |_| {}).unwrap().admitted, 1);
}

#[test]
fn an_invitation_that_was_altered_on_its_way_lets_nobody_in() {
    let ground = Ground::new();
    let mut office = ground.office("office");
    type Alter = fn(&mut Invitation);
    let altered: [(&str, Alter); 7] = [
        ("raised role", |one| one.role = Some(Role::Coordinator)),
        ("lowered role", |one| one.role = Some(Role::Reader)),
        ("no role, as in version 1", |one| one.role = None),
        // Whoever holds that other key passes everything on to the right server.
        ("another server key", |one| one.server_key.0[3] ^= 1),
        ("another roster head", |one| one.roster_head[0] ^= 1),
        ("another roster number", |one| one.roster_seq += 1),
        ("another address", |one| one.url = "https://elsewhere.example:8443".to_owned()),
    ];
    for (what, alter) in altered {
        let made = office.invite(&FIELD).unwrap();
        let mut invitation = made.clone();
        alter(&mut invitation);
        asks(&ground, what, &invitation);
        assert_eq!(synced(&ground, &mut office), (0, 1), "{what}");
        assert!(!office.devices().unwrap().iter().any(|line| line.role != Role::Coordinator), "{what}");
        // Control: without the binding the request would have proved enough.
        let weak = Invitation { role: None, ..invitation.clone() };
        let request = JoinRequest::new(&weak, DeviceSecret::generate().unwrap().keys().clone());
        assert!(request.verify(&made.secret, None), "{what}");
        let bound = JoinRequest::new(&invitation, request.keys.clone());
        assert!(!bound.verify(&made.secret, made.binding().as_ref()), "{what}");
        forget(&ground);
    }
    let made = office.invite(&FIELD).unwrap();
    let (mut right, _) = asks(&ground, "right", &made);
    assert_eq!(synced(&ground, &mut office).0, 1, "control: as it was made, it lets one device in");
    ground.sync(&mut right);
    assert_eq!(right.role(), Some(Role::Field));
}

/// Takes away what waits on the server, so that the next round sees its own request only.
fn forget(ground: &Ground) {
    let log = rusqlite::Connection::open(ground.data().join("log.db")).unwrap();
    assert_eq!(log.execute("DELETE FROM join_request", []).unwrap(), 1);
}

#[test]
fn a_server_that_swaps_a_newcomer_s_keys_gets_nobody_in_unless_it_knows_the_secret() {
    let ground = Ground::new();
    let mut office = ground.office("office");
    let invitation = office.invite(&FIELD).unwrap();
    let (mut newcomer, request) = asks(&ground, "newcomer", &invitation);
    let theirs = DeviceSecret::generate().unwrap();
    let honest = JoinRequest::decode(&request).unwrap();
    let inner = ground.transport();
    let swap = |office: &mut Vault, request: &JoinRequest| {
        let report = office.sync(&Swapping { inner: &inner, joins: vec![request.encode()] }, |_| {}).unwrap();
        (report.admitted, report.misfits)
    };
    let swapped = JoinRequest { keys: theirs.keys().clone(), ..honest.clone() };
    assert_eq!(swap(&mut office, &swapped), (0, 1));
    let raised = JoinRequest { role: Some(Role::Coordinator), ..honest.clone() };
    assert_eq!(swap(&mut office, &raised), (0, 1));
    let older = JoinRequest { role: None, ..honest.clone() };
    assert_eq!(swap(&mut office, &older), (0, 1));
    let guessed =
        JoinRequest::new(&Invitation { secret: [7; 16], ..invitation.clone() }, theirs.keys().clone());
    assert_eq!(swap(&mut office, &guessed), (0, 1));
    assert_eq!(devices(&office), 1);
    // Control: whoever has seen the invitation itself gets in by the same road.
    let second = office.invite(&FIELD).unwrap();
    assert_eq!(swap(&mut office, &JoinRequest::new(&second, theirs.keys().clone())), (1, 0));
    // And the right one, when the server is honest again.
    assert_eq!(synced(&ground, &mut office), (1, 0));
    ground.sync(&mut newcomer);
    assert_eq!(newcomer.role(), Some(Role::Field));
}

#[test]
fn where_words_are_compared_not_even_the_secret_lets_a_stranger_in() {
    let ground = Ground::new();
    let mut office = ground.office("office");
    let invitation = office.invite_to_compare(&FIELD).unwrap();
    let (mut newcomer, _) = asks(&ground, "newcomer", &invitation);
    let report = ground.sync(&mut office);
    assert_eq!((report.admitted, report.to_compare), (0, 1), "it waits, however often is synced");
    assert_eq!(ground.sync(&mut office).to_compare, 1);
    let waiting = office.newcomers().unwrap();
    let words = newcomer.words().unwrap();
    assert_eq!((waiting.len(), waiting[0].device), (1, newcomer.device()));
    assert_eq!(waiting[0].words, words, "both sides see the same");
    for wrong in ["", "lusab babad gutih tugad", &words[..words.len() - 1]] {
        assert!(matches!(office.confirm(wrong), Err(Error::NoSuchWords)), "{wrong:?}");
    }
    assert_eq!(ground.sync(&mut office).admitted, 0);
    office.confirm(&words.to_uppercase().replace(' ', "-")).unwrap();
    // Between the word and the sync the server brings another device, which knows the secret.
    let stranger = DeviceSecret::generate().unwrap();
    let inner = ground.transport();
    let joins = vec![JoinRequest::new(&invitation, stranger.keys().clone()).encode()];
    let report = office.sync(&Swapping { inner: &inner, joins: joins.clone() }, |_| {}).unwrap();
    assert_eq!((report.admitted, report.misfits), (0, 1));
    assert_eq!(ground.sync(&mut office).admitted, 1, "control: the device whose words were compared");
    ground.sync(&mut newcomer);
    assert_eq!(newcomer.role(), Some(Role::Field));
    let listed = office.devices().unwrap();
    let line = listed.iter().find(|line| line.id == newcomer.device()).unwrap();
    assert_eq!(line.words, words, "and they can still be looked at afterwards");
    assert!(office.newcomers().unwrap().is_empty());
    // Control: without comparing, that stranger's request would have been enough.
    let plain = office.invite(&FIELD).unwrap();
    let joins = vec![JoinRequest::new(&plain, stranger.keys().clone()).encode()];
    assert_eq!(office.sync(&Swapping { inner: &inner, joins }, |_| {}).unwrap().admitted, 1);
}

#[test]
fn a_stranger_who_was_faster_shows_other_words_and_is_turned_away() {
    let ground = Ground::new();
    let mut office = ground.office("office");
    let invitation = office.invite_to_compare(&FIELD).unwrap();
    let (stranger, _) = asks(&ground, "stranger", &invitation);
    let mut right = ground.vault("right", 0);
    right.accept(&invitation.to_text(), "right").unwrap();
    assert!(matches!(right.sync(&ground.transport(), |_| {}), Err(Error::InvitationUsed)));
    assert_eq!(ground.sync(&mut office).to_compare, 1);
    let read_out = right.words().unwrap();
    assert!(matches!(office.confirm(&read_out), Err(Error::NoSuchWords)));
    let shown = office.newcomers().unwrap()[0].words.clone();
    assert_eq!(shown, stranger.words().unwrap());
    assert_ne!(shown, read_out);
    assert_eq!(office.turn_away(&shown).unwrap(), stranger.device());
    let report = ground.sync(&mut office);
    assert_eq!((report.admitted, report.to_compare), (0, 0));
    assert!(matches!(office.confirm(&shown), Err(Error::NoSuchWords)), "and for good");
    let member = ground.member(&mut office, "member", Role::Field);
    assert_eq!(member.role(), Some(Role::Field), "control: others come in as ever");
    let mut member = member;
    assert!(matches!(member.confirm(&shown), Err(Error::NotAllowed { .. })));
}

/// G19: a request is sent once, and again if the server says that it does not know the device.
#[test]
fn a_request_that_the_server_has_forgotten_is_sent_again() {
    let mut ground = Ground::new();
    let mut office = ground.office("office");
    let terms = InviteTerms { role: Role::Field, hours: 24 };
    let invitation = office.invite(&terms).unwrap();
    let (mut late, _) = asks(&ground, "late", &invitation);
    ground.meanwhile(|data| {
        let log = rusqlite::Connection::open(data.join("log.db")).unwrap();
        assert_eq!(log.execute("DELETE FROM join_request", []).unwrap(), 1);
    });
    assert_eq!(synced(&ground, &mut office), (0, 0), "control: the server knows of no request");
    assert!(matches!(late.sync(&ground.transport(), |_| {}), Err(Error::Waiting)));
    assert_eq!(synced(&ground, &mut office), (1, 0));
    ground.sync(&mut late);
}
