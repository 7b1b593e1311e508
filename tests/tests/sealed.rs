//! Sealed records. G5: a finished sealed record cannot be decrypted with everything on the phone, its passphrase,
//! device key and every secret in the vault among it. G14, G17, G23: nothing sealed is lost or doubled by renewed keys, copies, or being taken out.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests may be blunt: a panic there is the report"
)]

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use cairn_core::change::Lower;
use cairn_core::crypto::{Held, Slots, UnlockKey, Which};
use cairn_core::form::Answer;
use cairn_core::vault::{CircleTerms, DeviceKey, FileDeviceKey, InviteTerms, Query};
use cairn_core::wire::codec::hex;
use cairn_core::wire::id::{CircleId, RecordId};
use cairn_core::wire::roster::Role;
use cairn_core::{Error, Vault};
use cairn_tests::canary::Search;
use cairn_tests::dice::Dice;
use cairn_tests::fork::copy_folder;
use cairn_tests::ground::{Ground, PASSPHRASE};
use cairn_tests::sample;
use cairn_tests::sealed::{CANARY, Scene, sealed_titles, vault_circle};
use rusqlite::Connection;

/// Every page of a vault's database as its key opens it, free ones among them; the write-ahead log must be empty.
fn everything(ground: &Ground, name: &str, vault: &mut Vault) -> Vec<u8> {
    let log = fs::metadata(ground.folder(name).join("vault.db-wal")).map_or(0, |about| about.len());
    assert_eq!(log, 0, "older pages lie in the log");
    let mut all = vault.rehearse_pages().unwrap();
    let scratch = tempfile::tempdir().unwrap();
    all.extend(vault.rehearse_seizure(&scratch.path().join("plain.db")).unwrap());
    all
}

fn segments(ground: &Ground, circle: &CircleId) -> (Vec<Vec<u8>>, Vec<[u8; 32]>) {
    let log = rusqlite::Connection::open(ground.data().join("log.db")).unwrap();
    let mut statement = log.prepare("SELECT bytes FROM segment WHERE circle = ?1 ORDER BY seq").unwrap();
    let segments = statement.query_map([circle.0], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let mut statement = log.prepare("SELECT hash FROM roster_entry ORDER BY seq").unwrap();
    (segments, statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect())
}

/// G5. The controls: before it is finished the draft is found; the same answers in a form that is not sealed are
/// found by the same search; and the office's keys open what the phone's do not.
#[test]
fn a_finished_sealed_record_cannot_be_decrypted_with_everything_on_the_phone() {
    let mut scene = Scene::new(1);
    let search = Search::new([CANARY]);
    let answers = sample::answers(CANARY, &mut scene.dice);
    let draft = scene.phone.begin_draft("sealed", None).unwrap();
    let name = sample::edit("name", Answer::Text(CANARY.to_owned()));
    scene.phone.answer_draft(draft, &name).unwrap();
    assert!(
        !search.octets(&scene.phone.rehearse_pages().unwrap()).is_empty(),
        "control: a draft is readable"
    );
    let mut records = vec![scene.phone.finish_draft(draft, Lower::Refused).unwrap()];
    for _ in 0..12 {
        records.push(scene.seal(CANARY));
    }
    records.push(scene.phone.new_record("sealed", answers.clone()).unwrap());
    let clean = |scene: &mut Scene| {
        let found = search.octets(&everything(&scene.ground, "phone", &mut scene.phone));
        assert_eq!(found, [].into());
        assert!(search.folder(&scene.ground.folder("phone")).is_empty());
    };
    clean(&mut scene);
    let boxes = scene.phone.rehearse_boxes().unwrap();
    let author = scene.phone.device();
    assert_eq!(boxes.len(), records.len());
    assert_eq!(scene.phone.rehearse_box_keys(&author, &boxes).unwrap(), 0, "no key on it opens one");
    assert_eq!(
        scene.office.rehearse_box_keys(&author, &boxes).unwrap(),
        boxes.len(),
        "control: the office's do"
    );
    // Opened again, as somebody would who has the passphrase.
    let Scene { ground, office, phone, circle, dice } = scene;
    drop(phone);
    let phone = ground.reopen("phone");
    let mut scene = Scene { ground, office, phone, circle, dice };
    scene.ground.sync(&mut scene.phone);
    // What is left of the answer from the server is not what was finished.
    scene.phone.lock().unwrap();
    scene.phone = scene.ground.reopen("phone");
    clean(&mut scene);
    let (held, heads) = segments(&scene.ground, &circle);
    let could =
        |vault: &Vault| held.iter().filter(|bytes| vault.could_read(&circle, bytes, &heads).unwrap()).count();
    assert_eq!(could(&scene.phone), 0, "nor does one open what the server has");
    assert_eq!(could(&scene.office), held.len(), "control");
    scene.arrives(&records);
    let plain = scene.phone.new_record("sample", answers).unwrap();
    scene.phone.lock().unwrap();
    scene.phone = scene.ground.reopen("phone");
    let found = search.octets(&scene.phone.rehearse_pages().unwrap());
    assert!(!found.is_empty(), "control: a form that is not sealed is found by the same search");
    assert!(scene.phone.record(&plain).is_ok());
}

/// G5, G23. Killed by force right after the call has returned: nothing is lost, and nothing is found. The control is
/// the same program that keeps the draft.
#[test]
fn a_phone_that_is_killed_after_sealing_keeps_the_box_and_nothing_else() {
    for (manner, found) in [("keeping", true), ("sealing", false)] {
        let scene = Scene::new(2);
        let Scene { ground, office, phone, circle, dice } = scene;
        phone.lock().unwrap();
        let mut worker = Command::new(env!("CARGO_BIN_EXE_worker"))
            .arg(ground.folder("phone"))
            .args([PASSPHRASE, manner, CANARY])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(worker.stdout.take().unwrap()).lines();
        assert_eq!(lines.next().unwrap().unwrap(), "done");
        worker.kill().unwrap();
        worker.wait().unwrap();
        let search = Search::new([CANARY]);
        if found {
            let log = fs::metadata(ground.folder("phone").join("vault.db-wal")).unwrap().len();
            let pages = ground.reopen("phone").rehearse_pages().unwrap();
            assert!(log > 0 && !search.octets(&pages).is_empty(), "control");
            continue;
        }
        let log = fs::metadata(ground.folder("phone").join("vault.db-wal")).map_or(0, |about| about.len());
        assert_eq!(log, 0);
        copy_folder(&ground.folder("phone"), &ground.folder("seized"));
        let mut seized = ground.reopen("seized");
        assert_eq!(search.octets(&seized.rehearse_pages().unwrap()), [].into());
        drop(seized);
        let phone = ground.reopen("phone");
        let mut scene = Scene { ground, office, phone, circle, dice };
        assert_eq!(scene.waits(), 1);
        let record = scene.phone.finished().unwrap()[0].record;
        scene.arrives(&[record]);
    }
}

/// The office works with it as with any record; the worker sees that it was sealed and whether it has left.
#[test]
fn the_office_reads_and_corrects_what_the_worker_can_only_see_as_a_line() {
    let mut scene = Scene::new(3);
    let record = scene.seal(CANARY);
    let line = scene.phone.finished().unwrap();
    assert_eq!(
        (line.len(), line[0].record, line[0].form.as_str(), line[0].gone),
        (1, record, "sealed", None)
    );
    scene.arrives(&[record]);
    let refused = |error: Option<Error>| matches!(error, Some(Error::SealedAway));
    let age = sample::edit("age", Answer::Integer(7));
    assert!(refused(scene.phone.record(&record).err()));
    assert!(refused(scene.phone.edit_record(&record, &age).err()));
    assert!(refused(scene.phone.begin_draft_of(&record).err()));
    assert!(refused(scene.phone.history(&record, None).err()));
    assert!(refused(scene.phone.find_record(&cairn_core::view::handle(&record)).err()));
    assert!(matches!(scene.phone.find_record("0000-1"), Err(Error::NotFound { .. })), "control");
    assert!(sealed_titles(&scene.phone).is_empty() && scene.phone.drafts().unwrap().is_empty());
    let words = Query { words: CANARY.to_owned(), most: 9, ..Query::default() };
    assert!(scene.phone.list(&words).unwrap().is_empty());
    assert_eq!(scene.office.list(&words).unwrap().len(), 1, "control: the office finds its words");
    assert!(scene.office.edit_record(&record, &age).unwrap());
    let past = scene.office.history(&record, Some("name")).unwrap();
    assert_eq!(past[0].author.name.as_deref(), Some("phone"));
    // The office's own sealed records lie there too and stay readable there.
    let own = scene.office.new_record("sealed", sample::answers(CANARY, &mut scene.dice)).unwrap();
    scene.ground.sync(&mut scene.office);
    assert!(scene.office.record(&own).is_ok() && scene.office.finished().unwrap().is_empty());
    scene.ground.sync(&mut scene.phone);
    assert!(scene.phone.record(&own).is_err());
    assert_eq!(scene.phone.examine().unwrap().findings, [""; 0]);
    assert_eq!(scene.phone.counts().unwrap().records, 0);
}

/// G17, G23. The key is renewed between finishing and sending, twice, with a segment already sealed under the first.
#[test]
fn renewed_keys_lose_nothing_that_was_sealed_before() {
    let mut scene = Scene::new(4);
    let mut records = vec![scene.seal(CANARY)];
    scene.ground.stop();
    // Sealed into a segment, and kept from leaving.
    assert!(scene.phone.sync(&Nowhere, |_| {}).is_err());
    scene.ground.start();
    scene.office.renew_keys(&scene.ground.transport()).unwrap();
    records.push(scene.seal(CANARY));
    scene.office.renew_keys(&scene.ground.transport()).unwrap();
    scene.arrives(&records);
}

/// No network at all.
struct Nowhere;

impl cairn_core::transport::Transport for Nowhere {
    fn post(
        &self,
        _: &str,
        _: Vec<u8>,
    ) -> Result<cairn_core::transport::Reply, cairn_core::transport::TransportError> {
        Err(cairn_core::transport::TransportError::Offline)
    }
}

/// Somebody who reads from the write-ahead log, so that nothing can be wiped from it.
fn reading(ground: &Ground) -> Connection {
    let folder = ground.folder("phone");
    let slots = Slots::from_bytes(&fs::read(folder.join("slots")).unwrap()).unwrap();
    let stretched = slots.stretch(PASSPHRASE).unwrap();
    let unlock = FileDeviceKey::of(&folder).mac(Which::A, stretched.as_bytes()).unwrap();
    let Held::Key(content) = slots.open(&[UnlockKey::from_bytes(unlock)]).unwrap().held else {
        panic!("it has departed")
    };
    let database = Connection::open(folder.join("vault.db")).unwrap();
    database.execute_batch(&format!("PRAGMA key = \"x'{}'\"", hex(content.key.as_bytes()))).unwrap();
    database.execute_batch("BEGIN").unwrap();
    database.query_row("SELECT count(*) FROM fact", [], |_| Ok(())).unwrap();
    database
}

/// G5.
#[test]
fn what_could_not_be_wiped_after_sealing_is_said_and_wiped_at_the_next_chance() {
    let log = |ground: &Ground| {
        fs::metadata(ground.folder("phone").join("vault.db-wal")).map_or(0, |about| about.len())
    };
    let mut scene = Scene::new(9);
    let mut records = vec![scene.seal(CANARY)];
    assert!(!scene.phone.is_unswept() && log(&scene.ground) == 0, "control");
    let reader = reading(&scene.ground);
    records.push(scene.seal(CANARY));
    assert!(scene.phone.is_unswept() && log(&scene.ground) > 0, "it is sealed, and this is said");
    assert!(scene.phone.sync(&Nowhere, |_| {}).is_err());
    assert!(scene.phone.is_unswept(), "still");
    drop(reader);
    assert!(scene.phone.sync(&Nowhere, |_| {}).is_err());
    assert!(!scene.phone.is_unswept(), "even a sync without a network wipes it");

    let reader = reading(&scene.ground);
    records.push(scene.seal(CANARY));
    assert!(scene.phone.is_unswept());
    let Scene { ground, office, phone, circle, dice } = scene;
    drop(reader);
    phone.drop_keys();
    assert!(log(&ground) > 0, "control");
    let phone = ground.reopen("phone");
    assert!(!phone.is_unswept() && log(&ground) == 0, "and so does opening");
    Scene { ground, office, phone, circle, dice }.arrives(&records);
}

/// G14. Two copies of a phone send the same boxes and some of their own.
#[test]
fn a_copied_phone_loses_nothing_sealed_and_doubles_nothing() {
    let mut scene = Scene::new(5);
    let mut records = vec![scene.seal(CANARY)];
    assert!(scene.phone.sync(&Nowhere, |_| {}).is_err());
    records.push(scene.seal(CANARY));
    let Scene { ground, office, phone, circle, dice } = scene;
    phone.lock().unwrap();
    copy_folder(&ground.folder("phone"), &ground.folder("copy"));
    let mut scene = Scene { phone: ground.reopen("phone"), ground, office, circle, dice };
    let mut copy = scene.ground.reopen("copy");
    records.push(scene.seal(CANARY));
    let other = sample::answers(&format!("{CANARY} copy"), &mut Dice::new(77));
    records.push(copy.new_record("sealed", other).unwrap());
    assert_eq!(scene.ground.sync(&mut copy).left, 0);
    assert!(copy.finished().unwrap().iter().all(|row| row.gone.is_some()));
    scene.arrives(&records);
    assert_eq!(scene.office.counts().unwrap().quarantined, 0);
}

/// G17, G23. Taken out of everything, or out of the circle alone, before it could send.
#[test]
fn what_a_phone_had_sealed_when_it_was_taken_out_comes_as_a_late_letter() {
    for everything in [true, false] {
        let mut scene = Scene::new(6);
        let record = scene.seal(CANARY);
        let (device, circle) = (scene.phone.device(), (!everything).then_some(scene.circle));
        scene.office.revoke(&scene.ground.transport(), &device, circle.as_ref()).unwrap();
        let synced = scene.phone.sync(&scene.ground.transport(), |_| {});
        match everything {
            true => assert!(matches!(synced, Err(Error::NoLongerMember { left: 0 })), "{synced:?}"),
            false => assert_eq!(synced.unwrap().left, 0),
        }
        assert_eq!(scene.waits(), 0, "the server has it");
        scene.ground.sync(&mut scene.office);
        assert!(sealed_titles(&scene.office).is_empty(), "control: not before somebody has decided");
        let letters = scene.office.letters().unwrap();
        assert_eq!((letters.len(), letters[0].problem.as_deref()), (1, None));
        assert!(scene.office.decide_letter(letters[0].number, true).unwrap());
        scene.read_at_office(&[record]);
        if !everything {
            let refused = scene.phone.begin_draft("sealed", None);
            assert!(
                matches!(refused, Err(Error::NoSealedCircle)),
                "it may not hand in any more: {refused:?}"
            );
            // Let in once more, it goes on under a chain of its own.
            assert!(scene.office.grant_hand_in(&scene.ground.transport(), &device, &scene.circle).unwrap());
            scene.ground.sync(&mut scene.phone);
            let again = scene.seal(CANARY);
            scene.arrives(&[record, again]);
        }
    }
}

/// Whoever cannot hand in learns it before the first question, and a coordinator mends it.
#[test]
fn a_sealed_form_without_a_place_for_it_is_refused_before_the_first_question() {
    let ground = Ground::new();
    let mut office = ground.office("office");
    office.publish_form(&sample::sealed()).unwrap();
    ground.sync(&mut office);
    let mut phone = ground.member(&mut office, "phone", Role::Field);
    let refused = |vault: &mut Vault| matches!(vault.begin_draft("sealed", None), Err(Error::NoSealedCircle));
    assert!(refused(&mut phone) && refused(&mut office));
    let answers = sample::answers(CANARY, &mut Dice::new(7));
    assert!(matches!(phone.new_record("sealed", answers.clone()), Err(Error::NoSealedCircle)));
    assert!(phone.drafts().unwrap().is_empty() && phone.finished().unwrap().is_empty());
    office.new_circle(&ground.transport(), &vault_circle()).unwrap();
    assert!(refused(&mut phone), "it does not know of it yet");
    ground.sync(&mut phone);
    assert!(phone.new_record("sealed", answers).is_ok());
    let mut both = sample::sealed();
    (both.version, both.sealed) = ("2".to_owned(), false);
    assert!(matches!(office.publish_form(&both), Err(Error::SealedDiffers { .. })));
    let mut parted = sample::parted();
    parted.sealed = true;
    assert!(parted.is_sound().is_err(), "a sealed record has no parts");
}

/// Newcomers hand in by themselves, unless they only come for what is shared; more can be granted and taken back.
#[test]
fn newcomers_hand_in_and_who_is_granted_more_reads() {
    let mut scene = Scene::new(8);
    let mut second = scene.ground.member(&mut scene.office, "second", Role::Field);
    let early = second.new_record("sealed", sample::answers(CANARY, &mut scene.dice)).unwrap();
    scene.ground.sync(&mut second);
    let reader = scene.ground.member(&mut scene.office, "reader", Role::Reader);
    let view = |office: &Vault| office.find_circle("vault").unwrap();
    let hand_in = view(&scene.office).handing_in;
    assert!(hand_in.contains(&second.device()) && hand_in.contains(&scene.phone.device()));
    assert!(!hand_in.contains(&reader.device()), "who writes nothing hands nothing in");
    assert!(matches!(
        scene.office.grant_hand_in(&scene.ground.transport(), &reader.device(), &scene.circle),
        Err(Error::BadCircle { .. })
    ));
    let court = CircleTerms { name: "court".to_owned(), sharing: true, ..CircleTerms::default() };
    let court = scene.office.new_circle(&scene.ground.transport(), &court).unwrap();
    let terms = InviteTerms { role: Role::Field, hours: 1 };
    let invitation = scene.office.invite_into(&terms, &[court], false).unwrap();
    let mut outsider = scene.ground.vault("outsider", 0);
    outsider.accept(&invitation.to_text(), "outsider").unwrap();
    drop(outsider.sync(&scene.ground.transport(), |_| {}));
    scene.ground.sync(&mut scene.office);
    scene.ground.sync(&mut outsider);
    assert!(!view(&scene.office).handing_in.contains(&outsider.device()));
    // The second comes to work in the office: it reads everything there, its own from before too.
    let device = second.device();
    let waits = second.new_record("sealed", sample::answers(CANARY, &mut scene.dice)).unwrap();
    assert!(scene.office.grant(&scene.ground.transport(), &device, &scene.circle).unwrap());
    scene.ground.sync(&mut second);
    let record = scene.seal(CANARY);
    scene.arrives(&[early, waits, record]);
    scene.ground.sync(&mut second);
    assert_eq!(sealed_titles(&second).len(), 3);
    assert!(second.edit_record(&record, &sample::edit("age", Answer::Integer(3))).unwrap());
    scene.ground.sync(&mut second);
    // And leaves it again.
    scene.office.withdraw(&scene.ground.transport(), &device, &scene.circle).unwrap();
    assert!(scene.office.grant_hand_in(&scene.ground.transport(), &device, &scene.circle).unwrap());
    scene.ground.sync(&mut second);
    let later = second.new_record("sealed", sample::answers(CANARY, &mut scene.dice)).unwrap();
    let boxes = second.rehearse_boxes().unwrap();
    assert_eq!((boxes.len(), second.rehearse_box_keys(&device, &boxes).unwrap()), (1, 0));
    scene.ground.sync(&mut second);
    scene.read_at_office(&[early, waits, record, later]);
}

/// G5. A device that only hands in anyway lets go of a sealed record when it is finished, not when it has left. The
/// control is a record of it that is not sealed.
#[test]
fn a_tablet_that_only_hands_in_seals_at_once_too() {
    let mut scene = Scene::new(13);
    let mut tablet = scene.ground.member(&mut scene.office, "tablet", Role::SubmitOnly);
    assert!(scene.office.grant(&scene.ground.transport(), &tablet.device(), &scene.circle).unwrap());
    scene.ground.sync(&mut tablet);
    tablet.take_handout(&scene.office.make_handout(&tablet.device()).unwrap()).unwrap();
    let search = Search::new([CANARY]);
    let record = tablet.new_record("sealed", sample::answers(CANARY, &mut scene.dice)).unwrap();
    assert_eq!(search.octets(&everything(&scene.ground, "tablet", &mut tablet)), [].into());
    tablet.new_record("sample", sample::answers(CANARY, &mut scene.dice)).unwrap();
    assert!(!search.octets(&tablet.rehearse_pages().unwrap()).is_empty(), "control");
    scene.ground.sync(&mut tablet);
    assert!(tablet.finished().unwrap()[0].gone.is_some());
    scene.read_at_office(&[record]);
}

/// What is rescued tells of sealed records that wait: whoever deletes the folder would lose them.
#[test]
fn a_rescue_counts_the_sealed_records_that_wait_and_keeps_their_lines() {
    let mut scene = Scene::new(91);
    let sent = scene.seal(CANARY);
    ground_sync(&mut scene);
    let waits = scene.seal(CANARY);
    let folder = scene.phone.folder().to_owned();
    let work = tempfile::tempdir().unwrap();
    let copy = work.path().join("copy");
    copy_folder(&folder, &copy);
    let place = work.path().join("work");
    fs::create_dir(&place).unwrap();
    let machine = cairn_core::vault::Machine::default();
    let rescued = Vault::rescue(&copy, PASSPHRASE, &machine, &place).unwrap();
    let sealed: Vec<RecordId> = rescued.rescue.sealed.iter().copied().collect();
    assert_eq!(sealed, [waits], "control: the one that was sent does not wait");
    let lines: Vec<RecordId> = rescued.vault.finished().unwrap().iter().map(|row| row.record).collect();
    assert_eq!(lines, [waits, sent]);
}

fn ground_sync(scene: &mut Scene) {
    // Once to send, once to see that it is there for good.
    scene.ground.sync(&mut scene.phone);
    scene.ground.sync(&mut scene.phone);
}
