//! G8: a device talks to its own server and to nobody else, whatever names, authorities or dates they show;
//! and follows its server from one key to the next, but never back to a key that was dropped.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests may be blunt: a panic there is the report"
)]

use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::thread;

use cairn_core::transport::Https;
use cairn_core::vault::InviteTerms;
use cairn_core::wire::codec::unhex;
use cairn_core::wire::digest::VerifyingKey;
use cairn_core::wire::roster::Role;
use cairn_core::{Error, Vault};
use cairn_server::rotation;
use cairn_tests::dice::Dice;
use cairn_tests::fork::{OtherFace, copy_folder};
use cairn_tests::ground::Ground;
use cairn_tests::impostor::{Identity, Impostor, key_of, key_pair, public};
use cairn_tests::sample;

fn begun(ground: &Ground) -> (Vault, Vault) {
    let mut office = ground.office("office");
    office.publish_form(&sample::form()).unwrap();
    let field = ground.member(&mut office, "field", Role::Field);
    (office, field)
}

fn save(vault: &mut Vault, name: &str) {
    vault.new_record("sample", sample::answers(name, &mut Dice::new(1))).unwrap();
}

/// A sync over the road that this very vault accepts.
fn sync(ground: &Ground, vault: &mut Vault) -> Result<(), Error> {
    let road = ground.road(vault);
    vault.sync(&road, |_| {}).map(drop)
}

fn pin(text: &str) -> VerifyingKey {
    VerifyingKey(unhex(text).unwrap())
}

#[test]
fn somebody_in_the_middle_is_refused_whatever_certificate_they_show() {
    let ground = Ground::new();
    let (_, mut field) = begun(&ground);
    save(&mut field, "Sample");
    let (theirs, authority) = (key_pair(), key_pair());
    let real = key_of(&ground.data());
    let shown = [
        ("a certificate of their own with the right name", Identity::own(&theirs)),
        ("one that an authority has signed", Identity::signed_by(&theirs, &authority)),
        (
            "one that they have signed for the server's own key's name",
            Identity::signed_by(&authority, &theirs),
        ),
        ("the server's own certificate without its key", Identity::borrowed(&real, &theirs)),
    ];
    for (what, identity) in shown {
        let impostor = Impostor::before(ground.transport(), identity);
        let road = Https::new(&impostor.url(), field.pins().unwrap(), None).unwrap();
        let told = field.sync(&road, |_| {}).unwrap_err();
        assert!(matches!(told, Error::NotThePinnedServer | Error::Offline), "{what}: {told}");
        assert_eq!(impostor.heard(), 0, "{what}: not one octet of a request");
    }
    // Control: the one in the middle does pass on, for a device that trusts that key.
    let impostor = Impostor::before(ground.transport(), Identity::own(&theirs));
    let road = Https::new(&impostor.url(), public(&theirs), None).unwrap();
    assert_eq!(field.sync(&road, |_| {}).unwrap().records_up, 1);
    assert!(impostor.heard() > 0);
}

#[test]
fn a_renewed_certificate_with_the_same_key_is_accepted_whatever_its_names_and_dates() {
    let ground = Ground::new();
    let (_, mut field) = begun(&ground);
    let real = key_of(&ground.data());
    assert_eq!(public(&real), ground.address().key);
    for identity in [Identity::own(&real), Identity::out_of_date(&real)] {
        save(&mut field, "Sample");
        let server = Impostor::before(ground.transport(), identity);
        let road = Https::new(&server.url(), field.pins().unwrap(), None).unwrap();
        assert_eq!(field.sync(&road, |_| {}).unwrap().records_up, 1);
    }
    let other = Impostor::before(ground.transport(), Identity::out_of_date(&key_pair()));
    let road = Https::new(&other.url(), field.pins().unwrap(), None).unwrap();
    assert!(matches!(field.sync(&road, |_| {}), Err(Error::NotThePinnedServer)), "control");
}

/// Answers any hello with a ServerHello of TLS 1.2 (RFC 5246, 7.4.1.3); gives what it heard before and after.
fn speaks_tls_1_2(listener: TcpListener) -> (Vec<u8>, Vec<u8>) {
    let (mut socket, _) = listener.accept().unwrap();
    let mut hello = vec![0; 5];
    socket.read_exact(&mut hello).unwrap();
    let length = usize::from(u16::from_be_bytes([hello[3], hello[4]]));
    hello.resize(5 + length, 0);
    socket.read_exact(&mut hello[5..]).unwrap();
    let mut body = vec![3, 3];
    body.extend([7; 32]);
    // No session, a suite of TLS 1.2, no compression, no extensions.
    body.extend([0, 0xcc, 0xa9, 0]);
    let handshake = [&[2, 0, 0, body.len() as u8][..], &body].concat();
    let record = [&[0x16, 3, 3, 0, handshake.len() as u8][..], &handshake].concat();
    socket.write_all(&record).unwrap();
    let mut after = Vec::new();
    let _ = socket.read_to_end(&mut after);
    (hello, after)
}

#[test]
fn tls_1_2_is_refused_by_the_device_too() {
    let ground = Ground::new();
    let (_, mut field) = begun(&ground);
    save(&mut field, "Sample");
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    let server = thread::spawn(move || speaks_tls_1_2(listener));
    let road = Https::new(&url, field.pins().unwrap(), None).unwrap();
    let told = field.sync(&road, |_| {}).unwrap_err();
    assert!(matches!(told, Error::NotThePinnedServer), "{told}");
    let (hello, after) = server.join().unwrap();
    // The extension supported_versions with TLS 1.3 as its only one (RFC 8446, 4.2.1).
    assert!(hello.windows(7).any(|window| window == [0, 43, 0, 3, 2, 3, 4]), "control: it was asked for 1.3");
    assert_eq!((after[0], after[5]), (0x15, 2), "a fatal alert and nothing else");
    assert_eq!(after.len(), 7);
    assert!(sync(&ground, &mut field).is_ok(), "control: in TLS 1.3 it goes");
}

#[test]
fn a_server_comes_to_another_key_and_nobody_is_lost() {
    let mut ground = Ground::new();
    let (mut office, mut awake) = begun(&ground);
    let mut asleep = ground.member(&mut office, "asleep", Role::Field);
    let mut long_asleep = ground.member(&mut office, "long asleep", Role::Field);
    let first = ground.address().key;
    let second = pin(&rotation::next(&ground.data()).unwrap());
    // It cannot be dropped before there is another, nor before the server has come to it.
    let transport = ground.transport();
    let early = office.drop_server_key(&transport, first);
    assert!(matches!(early, Err(Error::NoOtherServerKey)), "{early:?}");
    office.add_server_key(&transport, second).unwrap();
    let early = office.drop_server_key(&transport, first);
    assert!(matches!(early, Err(Error::NoOtherServerKey)), "{early:?}");
    assert!(matches!(awake.add_server_key(&transport, second), Err(Error::NotAllowed { .. })));
    sync(&ground, &mut awake).unwrap();
    assert_eq!(awake.pins().unwrap(), [second, first], "newest first");
    assert_eq!(asleep.pins().unwrap(), [first], "it has not heard of it");
    // The server comes back with the new key; the old one vouches for it.
    ground.meanwhile(|data| rotation::switch(data).unwrap());
    assert_eq!(ground.address().key, second);
    for vault in [&mut awake, &mut asleep, &mut office] {
        save(vault, "After the switch");
        sync(&ground, vault).unwrap();
        assert_eq!(vault.counts().unwrap().unacknowledged, 0);
        assert_eq!(vault.pins().unwrap(), [second, first]);
    }
    // A newcomer whose invitation is older than the drop still comes in after it.
    let invitation = office.invite(&InviteTerms { role: Role::Field, hours: 1 }).unwrap();
    // Now the old one goes, first from the roster, then from the server.
    office.drop_server_key(&ground.road(&office), first).unwrap();
    assert_eq!(office.pins().unwrap(), [second]);
    assert_eq!(office.server().unwrap().unwrap().key, second);
    sync(&ground, &mut awake).unwrap();
    let mut newcomer = ground.vault("newcomer", 0);
    newcomer.accept(&invitation.to_text(), "newcomer").unwrap();
    assert_eq!(newcomer.pins().unwrap(), [invitation.server_key]);
    assert!(matches!(sync(&ground, &mut newcomer), Err(Error::Waiting)));
    sync(&ground, &mut office).unwrap();
    sync(&ground, &mut newcomer).unwrap();
    assert_eq!((newcomer.role(), newcomer.pins().unwrap()), (Some(Role::Field), vec![second]));
    ground.meanwhile(|data| rotation::retire(data).unwrap());
    for vault in [&mut office, &mut awake, &mut newcomer] {
        save(vault, "After the old key");
        sync(&ground, vault).unwrap();
    }
    let later = office.invite(&InviteTerms { role: Role::Field, hours: 1 }).unwrap();
    assert_eq!(later.server_key, second);
    // Who slept through all of it no longer knows the server, and is given the new key by hand.
    let told = sync(&ground, &mut long_asleep).unwrap_err();
    assert!(matches!(told, Error::NotThePinnedServer), "{told}");
    assert!(told.hint().contains("cairn server move URL --pin PIN"), "{}", told.hint());
    long_asleep.use_server(&ground.address().url, second).unwrap();
    sync(&ground, &mut long_asleep).unwrap();
    assert_eq!(long_asleep.pins().unwrap(), [second]);
    long_asleep.lock().unwrap();
    assert!(sync(&ground, &mut ground.reopen("long asleep")).is_ok(), "and it stays so");
    for vault in [&office, &awake, &newcomer] {
        assert_eq!(vault.examine().unwrap().findings, [""; 0]);
    }
}

#[test]
fn a_server_that_retired_its_key_too_early_is_known_by_the_next_one() {
    let mut ground = Ground::new();
    let (mut office, mut field) = begun(&ground);
    let second = pin(&rotation::next(&ground.data()).unwrap());
    office.add_server_key(&ground.transport(), second).unwrap();
    sync(&ground, &mut field).unwrap();
    ground.meanwhile(|data| {
        rotation::switch(data).unwrap();
        rotation::retire(data).unwrap();
    });
    // Their next request still names the old key, which the server does not hold any more.
    for vault in [&mut field, &mut office] {
        save(vault, "Sample");
        assert_ne!(vault.server().unwrap().unwrap().key, second);
        sync(&ground, vault).unwrap();
        assert_eq!(vault.server().unwrap().unwrap().key, second);
        assert_eq!(vault.counts().unwrap().unacknowledged, 0);
    }
    // Healing finds it too.
    let third = pin(&rotation::next(&ground.data()).unwrap());
    office.add_server_key(&ground.road(&office), third).unwrap();
    ground.meanwhile(|data| {
        rotation::switch(data).unwrap();
        rotation::retire(data).unwrap();
        fs::remove_file(data.join("log.db")).unwrap();
    });
    office.heal(&ground.road(&office), &[], |_| {}).unwrap();
    assert_eq!(office.server().unwrap().unwrap().key, third);
}

#[test]
fn a_dropped_key_is_refused_by_whoever_knows_of_it() {
    let mut ground = Ground::new();
    let (mut office, mut field) = begun(&ground);
    let mut asleep = ground.member(&mut office, "asleep", Role::Field);
    let (first, second) = (ground.address().key, pin(&rotation::next(&ground.data()).unwrap()));
    // Whoever steals the key steals the log with it.
    let thief = OtherFace::of(&mut ground);
    office.add_server_key(&ground.transport(), second).unwrap();
    ground.meanwhile(|data| rotation::switch(data).unwrap());
    office.drop_server_key(&ground.road(&office), first).unwrap();
    sync(&ground, &mut field).unwrap();
    save(&mut field, "Sample");
    let thief_s = thief.transport_for(field.pins().unwrap());
    let told = field.sync(&thief_s, |_| {}).unwrap_err();
    assert!(matches!(told, Error::NotThePinnedServer), "{told}");
    // Nor does the roster let it in behind the pin: the device names the new key, which the thief has not.
    let behind = field.sync(&thief.transport(), |_| {});
    assert!(behind.is_err(), "{behind:?}");
    // Control: a device that does not know of it yet goes with the thief, and that is why it is dropped.
    assert!(asleep.sync(&thief.transport_for(asleep.pins().unwrap()), |_| {}).is_ok());
    sync(&ground, &mut field).unwrap();
    assert_eq!(field.counts().unwrap().unacknowledged, 0, "control: the right server takes it");
}

#[test]
fn a_key_given_by_hand_is_believed_only_if_the_roster_lists_it() {
    let mut ground = Ground::new();
    let (_, mut field) = begun(&ground);
    save(&mut field, "Sample");
    // A server with everything the right one has but its key.
    let folder = ground.path().join("false server");
    ground.meanwhile(|data| copy_folder(data, &folder));
    change_key(&folder);
    let mut config = cairn_server::Config::in_folder(folder.clone());
    config.network.burst = 100_000.0;
    let false_server = cairn_server::Server::new(config).start().unwrap();
    let (url, false_pin) = (format!("https://{}", false_server.address()), pin(false_server.pin()));
    field.use_server(&url, false_pin).unwrap();
    let before = field.counts().unwrap();
    let told = field.sync(&Https::new(&url, field.pins().unwrap(), None).unwrap(), |_| {}).unwrap_err();
    assert!(matches!(told, Error::ServerNotListed), "{told}");
    assert_eq!(field.counts().unwrap().unacknowledged, before.unacknowledged + before.outbox.min(1));
    // With the right one given it goes on.
    let right = ground.address();
    field.use_server(&right.url, right.key).unwrap();
    sync(&ground, &mut field).unwrap();
    assert_eq!(field.counts().unwrap().unacknowledged, 0, "control");
}

fn change_key(folder: &Path) {
    rotation::next(folder).unwrap();
    rotation::switch(folder).unwrap();
    rotation::retire(folder).unwrap();
}
