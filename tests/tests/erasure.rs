//! Erasure: what a coordinator has erased is gone from every device at its next sync, from the server once two
//! devices stand for a pack without it, and does not come back from a device that slept. Nothing else is lost.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests may be blunt: a panic there is the report"
)]

use std::path::Path;

use cairn_core::form::{Answer, Part};
use cairn_core::transport::{Reply, Transport, TransportError};
use cairn_core::vault::{Carried, CircleTerms, Erasing};
use cairn_core::wire::id::{CircleId, RecordId};
use cairn_core::wire::path;
use cairn_core::wire::roster::{Body, Role};
use cairn_core::{Error, Vault};
use cairn_tests::canary::GUISES;
use cairn_tests::dice::Dice;
use cairn_tests::fork::copy_folder;
use cairn_tests::ground::{Ground, PASSPHRASE};
use cairn_tests::level::{differences, level, shown};
use cairn_tests::sample;

/// Stands in the record that is erased and nowhere else.
const CANARY: &str = "zwyxqcanary";
const DAY: i64 = 24 * 3600;

struct Scene {
    ground: Ground,
    vaults: Vec<(String, Vault)>,
    dice: Dice,
    record: RecordId,
}

impl Scene {
    /// An office, two field devices and a reader; records of all, and one with the canary that two have edited.
    fn new(seed: u64) -> Self {
        let ground = Ground::new();
        let mut office = ground.office("office");
        office.publish_form(&sample::form()).unwrap();
        ground.sync(&mut office);
        let ana = ground.member(&mut office, "ana", Role::Field);
        let ben = ground.member(&mut office, "ben", Role::Field);
        let reader = ground.member(&mut office, "reader", Role::Reader);
        let named = [("office", office), ("ana", ana), ("ben", ben), ("reader", reader)];
        let vaults = named.map(|(name, vault)| (name.to_owned(), vault)).into();
        let mut scene = Self { ground, vaults, dice: Dice::new(seed), record: RecordId([0; 16]) };
        scene.save(0);
        scene.save(1);
        let mut answers = sample::answers(CANARY, &mut scene.dice);
        answers.insert("story".to_owned(), Answer::Narrative(format!("A story of {CANARY}.")));
        scene.record = scene.vaults[1].1.new_record("sample", answers).unwrap();
        scene.save(1);
        scene.level();
        let story = Answer::Narrative(format!("A story of {CANARY}, and more of {CANARY}."));
        scene.vaults[2].1.edit_record(&scene.record, &sample::edit("story", story)).unwrap();
        scene.save(2);
        scene.level();
        scene
    }

    fn office(&mut self) -> &mut Vault {
        &mut self.vaults[0].1
    }

    fn save(&mut self, who: usize) -> RecordId {
        let answers = sample::answers("Sample", &mut self.dice);
        self.vaults[who].1.new_record("sample", answers).unwrap()
    }

    fn level(&mut self) {
        level(&self.ground, &mut self.vaults).unwrap();
    }

    fn erase(&mut self) -> Erasing {
        let (road, record) = (self.ground.transport(), self.record);
        self.office().erase_records(&road, &[record], "Consent withdrawn", |_| {}).unwrap()
    }

    fn sync(&mut self, who: usize) -> cairn_core::vault::SyncReport {
        self.ground.sync(&mut self.vaults[who].1)
    }

    /// What somebody with the phone and its passphrase could find of the canary.
    fn finds(&self, who: usize) -> usize {
        finds(&self.ground, &self.vaults[who].1)
    }

    /// Every segment on the server, with its circle.
    fn on_server(&mut self) -> Vec<(CircleId, Vec<u8>)> {
        self.ground.meanwhile(segments)
    }

    fn days_later(&mut self, days: i64) {
        self.ground.restart_with(move |config| config.clock_offset = days * DAY);
    }

    /// Everybody is level, and everybody's next work reaches everybody.
    fn whole(mut self) {
        for who in [0, 1, 2] {
            self.save(who);
        }
        self.level();
        assert_eq!(differences(&self.vaults), Vec::<String>::new());
        for (name, vault) in &self.vaults {
            assert!(!shown(vault).contains_key(&self.record), "{name} shows it");
            assert_eq!(finds(&self.ground, vault), 0, "{name} holds it");
            assert_eq!(vault.alarms().unwrap(), [], "{name}");
            assert!(vault.examine().unwrap().findings.is_empty(), "{name}");
        }
        self.ground.stop();
        let report = cairn_server::doctor::examine(&self.ground.data()).unwrap();
        assert!(report.is_sound(), "{report}");
    }
}

fn finds(ground: &Ground, vault: &Vault) -> usize {
    let scratch = tempfile::tempdir_in(ground.path()).unwrap();
    let seized = vault.rehearse_seizure(&scratch.path().join("plain.db")).unwrap();
    count(&seized)
}

/// How often the canary stands there, in any guise. The search index writes a word without what it shares with
/// the word before it.
fn count(bytes: &[u8]) -> usize {
    let tail = &CANARY[4..];
    GUISES.iter().map(|guise| count_of(bytes, &guise.octets(tail))).sum()
}

fn count_of(bytes: &[u8], sought: &[u8]) -> usize {
    bytes.windows(sought.len()).filter(|window| *window == sought).count()
}

fn segments(data: &Path) -> Vec<(CircleId, Vec<u8>)> {
    let log = rusqlite::Connection::open(data.join("log.db")).unwrap();
    let mut statement = log.prepare("SELECT circle, bytes FROM segment ORDER BY circle, seq").unwrap();
    let rows = statement.query_map([], |row| Ok((CircleId(row.get(0)?), row.get(1)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

/// In how many of these segments the keys of a vault find the canary, and how many they open.
fn opens(vault: &Vault, segments: &[(CircleId, Vec<u8>)]) -> (usize, usize) {
    let opened = segments.iter().filter_map(|(circle, bytes)| vault.rehearse_opening(circle, bytes));
    opened.fold((0, 0), |(found, opened), plain| (found + usize::from(count(&plain) > 0), opened + 1))
}

#[test]
fn an_erased_record_is_gone_from_every_device_and_then_from_the_server() {
    let mut scene = Scene::new(1);
    let stolen = scene.on_server();
    for who in 0..4 {
        assert!(scene.finds(who) > 0, "control: it is there");
        assert!(opens(&scene.vaults[who].1, &stolen).0 >= 2, "control: and in the server's log");
    }
    let before = shown(&scene.vaults[0].1).len();
    let erasing = scene.erase();
    assert_eq!((erasing.records.len(), erasing.documents, erasing.circles), (1, 1, 1));
    assert_eq!((erasing.packs.len(), erasing.copies_elsewhere), (1, 0));
    assert_eq!(scene.finds(0), 0, "gone here at once");
    assert!(matches!(scene.vaults[0].1.record(&scene.record), Err(Error::NotFound { .. })));
    assert!(scene.finds(1) > 0, "control: not yet there");
    let held = scene.on_server().len();
    assert!(held > 4, "control: nobody stands for the pack beside its author: {held}");
    assert_eq!(scene.sync(0).erased_on_server, 1);
    for who in 1..4 {
        assert_eq!(scene.sync(who).erased, 1);
        assert_eq!(scene.finds(who), 0);
        assert_eq!(shown(&scene.vaults[who].1).len(), before - 1);
    }
    // The first of them stood for the pack: the server has let go without grace.
    let left = scene.on_server();
    assert!(left.len() <= 3, "{} segments, all of them after the pack", left.len());
    scene.level();
    for who in 0..4 {
        assert_eq!(opens(&scene.vaults[who].1, &left).0, 0);
    }
    assert_eq!(scene.sync(0).erased_on_server, 0);
    // A copy of the server from before: its segments stay shut once the keys of that time are gone.
    assert!(opens(&scene.vaults[1].1, &stolen).0 > 0, "control: the keys are kept for what comes late");
    scene.days_later(31);
    scene.level();
    for (name, vault) in &scene.vaults {
        assert_eq!(opens(vault, &stolen), (0, 0), "{name}");
    }
    scene.whole();
}

#[test]
fn nothing_of_it_comes_back_from_devices_that_slept() {
    let mut scene = Scene::new(2);
    let copied = scene.ground.path().join("copy");
    // Ben writes into the record, seals that, and the road breaks; then he writes more and sleeps.
    let record = scene.record;
    let text = Answer::Text(format!("{CANARY} asleep"));
    scene.vaults[2].1.edit_record(&record, &sample::edit("name", text)).unwrap();
    let kept = scene.save(2);
    let broken = Broken { inner: scene.ground.transport(), path: path::SYNC, lose_answer: false };
    assert!(scene.vaults[2].1.sync(&broken, |_| {}).is_err());
    let text = Answer::Text(format!("{CANARY} asleep twice"));
    scene.vaults[2].1.edit_record(&record, &sample::edit("name", text)).unwrap();
    let kept_too = scene.save(2);
    let (name, ben) = scene.vaults.remove(2);
    ben.lock().unwrap();
    copy_folder(&scene.ground.folder(&name), &copied);
    scene.erase();
    scene.sync(1);
    scene.level();
    assert!(scene.on_server().len() <= 3, "let go");
    let mut ben = scene.ground.reopen(&name);
    assert!(finds(&scene.ground, &ben) > 0, "control: he has it still");
    let report = scene.ground.sync(&mut ben);
    assert_eq!((report.erased, report.left, report.quarantined), (1, 0, 0));
    assert_eq!(finds(&scene.ground, &ben), 0);
    scene.vaults.insert(2, (name, ben));
    scene.level();
    for who in 0..4 {
        let views = shown(&scene.vaults[who].1);
        assert!(views.contains_key(&kept) && views.contains_key(&kept_too), "what else he wrote has arrived");
        assert_eq!(scene.finds(who), 0);
    }
    let log = scene.on_server();
    assert_eq!(opens(&scene.vaults[0].1, &log).0, 0, "nothing of it has reached the server again");
    // An older copy of his phone is put back.
    let mut clone = Vault::open(&copied, PASSPHRASE).unwrap();
    assert!(finds(&scene.ground, &clone) > 0, "control");
    scene.ground.sync(&mut clone);
    assert_eq!(finds(&scene.ground, &clone), 0);
    scene.vaults.push(("clone".to_owned(), clone));
    let log = scene.on_server();
    assert_eq!(opens(&scene.vaults[0].1, &log).0, 0);
    scene.whole();
}

#[test]
fn newcomers_miss_nothing_before_the_pack_stands_nor_after() {
    let mut scene = Scene::new(3);
    let stolen = scene.on_server();
    scene.erase();
    // Before: it reads the log from before the erasure too, erases what it finds there, and stands for the pack.
    let early = scene.ground.member(&mut scene.vaults[0].1, "early", Role::Field);
    assert!(opens(&early, &stolen).1 > 0, "control: it could read what was before");
    assert_eq!((early.counts().unwrap().waiting, finds(&scene.ground, &early)), (0, 0));
    scene.vaults.push(("early".to_owned(), early));
    scene.sync(0);
    assert!(scene.on_server().len() <= 3, "two stand for the pack");
    let late = scene.ground.member(&mut scene.vaults[0].1, "late", Role::Field);
    assert_eq!(opens(&late, &stolen).1, 0, "no key leads back any more");
    assert_eq!((late.counts().unwrap().waiting, finds(&scene.ground, &late)), (0, 0));
    scene.vaults.push(("late".to_owned(), late));
    scene.whole();
}

#[test]
fn in_a_workspace_of_one_device_nothing_is_shut_to_those_who_come() {
    let ground = Ground::new();
    let mut office = ground.office("office");
    office.publish_form(&sample::form()).unwrap();
    let mut dice = Dice::new(7);
    for _ in 0..3 {
        office.new_record("sample", sample::answers("Sample", &mut dice)).unwrap();
    }
    let record = office.new_record("sample", sample::answers(CANARY, &mut dice)).unwrap();
    ground.sync(&mut office);
    office.erase_records(&ground.transport(), &[record], "A mistake", |_| {}).unwrap();
    let first = ground.member(&mut office, "first", Role::Field);
    let mut vaults = vec![("office".to_owned(), office), ("first".to_owned(), first)];
    level(&ground, &mut vaults).unwrap();
    let second = ground.member(&mut vaults[0].1, "second", Role::Field);
    vaults.push(("second".to_owned(), second));
    level(&ground, &mut vaults).unwrap();
    assert_eq!(differences(&vaults), Vec::<String>::new());
    for (name, vault) in &vaults {
        assert_eq!((shown(vault).len(), finds(&ground, vault)), (3, 0), "{name}");
    }
}

#[test]
fn the_certificate_says_who_has_carried_it_out() {
    let mut scene = Scene::new(4);
    let (ana, ben, reader) =
        (scene.vaults[1].1.device(), scene.vaults[2].1.device(), scene.vaults[3].1.device());
    scene.erase();
    let carried = |scene: &Scene, device| {
        let views = scene.vaults[0].1.erasures().unwrap();
        assert_eq!(views.len(), 1);
        assert_eq!((views[0].record, views[0].reason.as_str()), (scene.record, "Consent withdrawn"));
        let found = views[0].devices.iter().find(|(id, ..)| *id == device).unwrap().2;
        (found, views[0].left_server)
    };
    assert_eq!(carried(&scene, scene.vaults[0].1.device()), (Carried::Author, false));
    assert_eq!(carried(&scene, ana), (Carried::NotYet, false));
    scene.sync(1);
    scene.sync(0);
    assert!(matches!(carried(&scene, ana), (Carried::Said(_), true)));
    assert_eq!(carried(&scene, ben), (Carried::NotYet, true), "control");
    // A reader writes nothing: that its copy is the pack's is what it says.
    scene.erase_another();
    scene.sync(3);
    scene.sync(0);
    let views = scene.vaults[0].1.erasures().unwrap();
    let of_reader = |view: usize| views[view].devices.iter().find(|(id, ..)| *id == reader).unwrap().2;
    assert!(matches!(of_reader(1), Carried::Said(_)));
    // Somebody taken out before syncing again may still have it, and the certificate says so.
    let road = scene.ground.transport();
    scene.office().revoke(&road, &ben, None).unwrap();
    assert_eq!(carried_by(&scene.vaults[0].1, ben), [Carried::TakenOut, Carried::TakenOut]);
    // Everybody sees in the roster that something was erased, by whom and when.
    scene.sync(1);
    let log = scene.vaults[1].1.roster_log().unwrap();
    let said: Vec<_> = log.iter().filter(|change| matches!(change.body, Body::Erasure { .. })).collect();
    assert_eq!(said.len(), 2);
    let office = scene.vaults[0].1.device();
    assert!(said.iter().all(|change| change.author == office));
    assert_eq!((views[0].entry.0, views[0].author), (said[0].seq, office));
    let commitment = cairn_core::wire::roster::erasure_commitment(
        scene.vaults[0].1.workspace().unwrap(),
        views[0].circle,
        &scene.record.0,
        &views[0].salt,
    );
    let Body::Erasure { commitments, .. } = &said[0].body else { panic!("an erasure") };
    assert_eq!(commitments, &[commitment], "anybody with the certificate can check it against the roster");
}

fn carried_by(vault: &Vault, device: cairn_core::wire::id::DeviceId) -> Vec<Carried> {
    let of = |view: cairn_core::vault::ErasureView| {
        view.devices.into_iter().find(|(id, ..)| *id == device).map(|(.., carried)| carried)
    };
    vault.erasures().unwrap().into_iter().filter_map(of).collect()
}

impl Scene {
    fn erase_another(&mut self) {
        let other = shown(&self.vaults[0].1).into_keys().next().unwrap();
        let road = self.ground.transport();
        self.office().erase_records(&road, &[other], "Asked for by the family", |_| {}).unwrap();
    }
}

#[test]
fn whoever_may_not_erase_or_says_nothing_sensible_changes_nothing() {
    let mut scene = Scene::new(5);
    let (road, record) = (scene.ground.transport(), scene.record);
    let mut tried = |who: usize, records: &[RecordId], reason: &str| {
        scene.vaults[who].1.erase_records(&road, records, reason, |_| {})
    };
    assert!(matches!(tried(1, &[record], "mine"), Err(Error::NotAllowed { .. })));
    assert!(matches!(tried(3, &[record], "mine"), Err(Error::NotAllowed { .. })));
    assert!(matches!(tried(0, &[record], "  "), Err(Error::NoReason)));
    assert!(matches!(tried(0, &[record], &"a".repeat(501)), Err(Error::TooLarge(_))));
    assert!(matches!(tried(0, &[RecordId([7; 16])], "none"), Err(Error::NotFound { .. })));
    assert!(scene.finds(0) > 0, "control: all of it is there");
    scene.erase();
    assert!(matches!(scene.vaults[0].1.erase_records(&road, &[record], "again", |_| {}), Err(Error::Erased)));
    scene.whole();
}

#[test]
fn a_server_that_is_lost_after_the_pack_stands_gets_back_all_but_what_was_erased() {
    let mut scene = Scene::new(8);
    scene.erase();
    scene.sync(1);
    scene.level();
    scene.save(1);
    scene.level();
    scene.ground.wipe();
    let road = scene.ground.transport();
    // Who has let go of the log and has no pack cannot give back the beginning, and says so.
    let tried = scene.vaults[1].1.heal(&road, &[], |_| {});
    assert!(matches!(tried, Err(Error::CannotHeal)), "{tried:?}");
    assert_eq!(scene.office().heal(&road, &[], |_| {}).unwrap().packs, 1, "its author has it");
    scene.office().renew_keys(&road).unwrap();
    for who in [1, 2, 3, 0] {
        scene.sync(who);
    }
    let late = scene.ground.member(&mut scene.vaults[0].1, "late", Role::Field);
    scene.vaults.push(("late".to_owned(), late));
    scene.level();
    let views: Vec<_> = scene.vaults.iter().map(|(_, vault)| shown(vault)).collect();
    assert!(views.iter().all(|view| *view == views[0] && view.len() >= 5));
    for (name, vault) in &scene.vaults {
        assert_eq!(finds(&scene.ground, vault), 0, "{name}");
    }
}

#[test]
fn a_record_in_several_circles_goes_from_those_the_coordinator_is_in_with_its_copies() {
    let ground = Ground::new();
    let mut office = ground.office("office");
    office.publish_form(&sample::parted()).unwrap();
    ground.sync(&mut office);
    let road = ground.transport();
    let terms = |name: &str, parts: &[Part], sharing| CircleTerms {
        name: name.to_owned(),
        parts: parts.iter().copied().collect(),
        team: String::new(),
        sharing,
        sealed: false,
    };
    let clinic = office.new_circle(&road, &terms("clinic", &[Part::Health], false)).unwrap();
    let outside = office.new_circle(&road, &terms("outside", &[], true)).unwrap();
    let ana = ground.member(&mut office, "ana", Role::Field);
    let mut second = ground.member(&mut office, "second", Role::Coordinator);
    let mut dice = Dice::new(9);
    let mut answers = sample::answers(CANARY, &mut dice);
    answers.insert("diagnosis".to_owned(), Answer::Text(format!("{CANARY} of health")));
    let record = office.new_record("parted", answers).unwrap();
    let kept = office.new_record("parted", sample::answers("Sample", &mut dice)).unwrap();
    let copy = office.share_record(&record, &outside, &[Part::Case].into()).unwrap().copy;
    ground.sync(&mut office);
    ground.sync(&mut second);
    // The other coordinator is not in the clinic: it can erase what it holds, and is told of the rest.
    let would = second.would_erase(&[record]).unwrap();
    assert_eq!((would.documents, would.copies_elsewhere), (1, 1));
    assert_eq!(would.elsewhere, [Part::Health].into());
    let done = office.erase_records(&road, &[record], "Consent withdrawn", |_| {}).unwrap();
    assert_eq!(done.records, [record, copy].into(), "with its copy");
    assert_eq!((done.documents, done.circles, done.elsewhere.len()), (3, 3, 0));
    let mut vaults =
        vec![("office".to_owned(), office), ("ana".to_owned(), ana), ("second".to_owned(), second)];
    level(&ground, &mut vaults).unwrap();
    for (name, vault) in &vaults {
        assert_eq!(finds(&ground, vault), 0, "{name}");
        assert!(shown(vault).contains_key(&kept), "{name}");
    }
    for (name, vault) in &mut vaults {
        assert_eq!(ground.sync(vault).round_trips, 1, "{name}: all is settled");
    }
    // Let into the clinic later, nobody finds anything of it there either.
    let (device, road) = (vaults[1].1.device(), ground.transport());
    assert!(vaults[0].1.grant(&road, &device, &clinic).unwrap());
    level(&ground, &mut vaults).unwrap();
    assert_eq!(finds(&ground, &vaults[1].1), 0);
    assert_eq!(vaults[1].1.counts().unwrap().waiting, 0);
}

#[test]
fn what_a_cut_leaves_undone_the_next_sync_does() {
    for lost in [false, true] {
        let mut scene = Scene::new(6);
        let record = scene.record;
        let broken = Broken { inner: scene.ground.transport(), path: path::ROSTER, lose_answer: lost };
        let tried = scene.office().erase_records(&broken, &[record], "Consent withdrawn", |_| {});
        assert!(matches!(tried, Err(Error::Offline)));
        assert!(scene.finds(0) > 0, "as far as this device knows nothing has happened");
        scene.vaults.remove(0).1.lock().unwrap();
        scene.vaults.insert(0, ("office".to_owned(), scene.ground.reopen("office")));
        scene.sync(0);
        if lost {
            assert_eq!(scene.finds(0), 0, "the roster says it: it is carried out");
            let road = scene.ground.transport();
            scene.office().make_packs(&road, |_| {}).unwrap();
        } else {
            assert!(scene.finds(0) > 0, "control: the roster says nothing");
            scene.erase();
        }
        scene.level();
        assert_eq!(scene.vaults[0].1.erasures().unwrap().len(), 1);
        assert_eq!(scene.sync(0).erased_on_server, 0);
        scene.whole();
    }
}

#[test]
fn a_full_disk_keeps_no_device_from_erasing() {
    let mut scene = Scene::new(7);
    scene.vaults[1].1.limit_pages(1).unwrap();
    let full = (0..200).find(|_| {
        let answers = sample::answers("Until full", &mut scene.dice);
        matches!(scene.vaults[1].1.new_record("sample", answers), Err(Error::Full))
    });
    assert!(full.is_some(), "control: nothing more can be kept");
    scene.erase();
    let road = scene.ground.transport();
    assert!(scene.finds(1) > 0, "control: it is there");
    // What is erased makes the room that noting it takes. Fetching what others wrote may need more.
    let tried = scene.vaults[1].1.sync(&road, |_| {});
    assert!(matches!(tried, Ok(_) | Err(Error::Full)), "{tried:?}");
    assert_eq!(scene.finds(1), 0);
    scene.vaults[1].1.limit_pages(u32::MAX - 1).unwrap();
    scene.whole();
}

/// A road that breaks at every request of a path: before it arrives, or on the way back.
struct Broken {
    inner: cairn_core::transport::Https,
    path: &'static str,
    lose_answer: bool,
}

impl Transport for Broken {
    fn post(&self, path: &str, body: Vec<u8>) -> Result<Reply, TransportError> {
        if path != self.path {
            return self.inner.post(path, body);
        }
        if self.lose_answer {
            self.inner.post(path, body)?;
        }
        Err(TransportError::Offline)
    }
}
