//! A backup: one sealed file and enough shares bring a whole workspace back where no server and no device is left.
//! Nobody else reads anything in it, what was erased does not come back, and what stands before a tear is good.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests may be blunt: a panic there is the report"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use cairn_core::form::{Answer, Part};
use cairn_core::transport::{Reply, Transport, TransportError};
use cairn_core::vault::{CircleTerms, LetterView, Machine, Restored, Share};
use cairn_core::view::RecordView;
use cairn_core::wire::id::{CircleId, RecordId};
use cairn_core::wire::roster::Role;
use cairn_core::{Error, Vault};
use cairn_tests::canary::{GUISES, Search, files};
use cairn_tests::dice::Dice;
use cairn_tests::ground::{Ground, PASSPHRASE};
use cairn_tests::level::{level, shown};
use cairn_tests::sample;

/// Stands in the record that is erased.
const ERASED: &str = "zwyxqcanary";
/// Stands in records that are not.
const KEPT: &str = "Vq4KeptCanary";

/// No network at all.
struct Nowhere;

impl Transport for Nowhere {
    fn post(&self, _: &str, _: Vec<u8>) -> Result<Reply, TransportError> {
        Err(TransportError::Offline)
    }
}

/// An office, two field devices, a circle for health, a pack after which more was written, a record that was erased,
/// a renewed key, and a late letter of a device that was taken out.
struct Scene {
    ground: Ground,
    vaults: Vec<(String, Vault)>,
    dice: Dice,
    shares: Vec<Share>,
    clinic: CircleId,
    erased: RecordId,
}

impl Scene {
    fn new(seed: u64) -> Self {
        println!("seed {seed}");
        let ground = Ground::new();
        let road = ground.transport();
        let mut office = ground.office("office");
        office.publish_form(&sample::parted()).unwrap();
        ground.sync(&mut office);
        let ana = ground.member(&mut office, "ana", Role::Field);
        let ben = ground.member(&mut office, "ben", Role::Field);
        let clinic = CircleTerms {
            name: "clinic".to_owned(),
            parts: [Part::Health].into(),
            team: String::new(),
            sharing: false,
            sealed: false,
        };
        let clinic = office.new_circle(&road, &clinic).unwrap();
        let shares = office.make_recovery(&road, 2, 3).unwrap();
        let vaults = [("office", office), ("ana", ana), ("ben", ben)];
        let vaults = vaults.map(|(name, vault)| (name.to_owned(), vault)).into();
        let erased = RecordId([0; 16]);
        let mut scene = Self { ground, vaults, dice: Dice::new(seed), shares, clinic, erased };
        let ana = scene.vaults[1].1.device();
        scene.vaults[0].1.grant(&road, &ana, &clinic).unwrap();
        scene.save(0, KEPT);
        scene.level();
        scene.save(1, KEPT);
        scene.erased = scene.save(1, ERASED);
        scene.level();
        scene.vaults[0].1.erase_records(&road, &[scene.erased], "Consent withdrawn", |_| {}).unwrap();
        scene.level();
        scene.save(1, KEPT);
        scene.vaults[0].1.renew_keys(&road).unwrap();
        scene.save(0, "Renewed");
        // Two answers at once, which is a conflict.
        let id = scene.save(0, "Contested");
        scene.level();
        for who in [0, 1] {
            let name = sample::text(&format!("Answer {who}"));
            scene.vaults[who].1.edit_record(&id, &sample::edit("name", name)).unwrap();
        }
        scene.level();
        // What one who was taken out had not sent becomes a letter.
        let (_, mut leaver) = scene.vaults.pop().unwrap();
        let answers = sample::answers("Letter", &mut scene.dice);
        leaver.new_record("parted", answers).unwrap();
        scene.vaults[0].1.revoke(&road, &leaver.device(), None).unwrap();
        assert!(leaver.sync(&road, |_| {}).is_err());
        scene.level();
        assert_eq!(scene.vaults[0].1.letters().unwrap().len(), 1);
        scene
    }

    fn office(&mut self) -> &mut Vault {
        &mut self.vaults[0].1
    }

    fn save(&mut self, who: usize, name: &str) -> RecordId {
        let mut answers = sample::answers(name, &mut self.dice);
        if who < 2 {
            answers.insert("diagnosis".to_owned(), Answer::Text(format!("{name} diagnosis")));
        }
        self.vaults[who].1.new_record("parted", answers).unwrap()
    }

    fn level(&mut self) {
        level(&self.ground, &mut self.vaults).unwrap();
    }

    fn file(&self) -> PathBuf {
        self.ground.path().join("backup.cairn")
    }

    fn back_up(&mut self) -> cairn_core::vault::BackedUp {
        let file = self.file();
        self.office().back_up(&Nowhere, &file, false, |_| {}).unwrap()
    }

    fn restore(&self, name: &str, shares: &[Share], file: &Path) -> Result<(Vault, Restored), Error> {
        let folder = self.ground.folder(name);
        Vault::restore_from_backup(&folder, PASSPHRASE, &Machine::default(), shares, file, None, |_| {})
    }

    fn two(&self) -> Vec<Share> {
        vec![self.shares[2].clone(), self.shares[0].clone()]
    }
}

fn finds(scratch: &Path, vault: &Vault, canary: &str) -> usize {
    let scratch = tempfile::tempdir_in(scratch).unwrap();
    let seized = vault.rehearse_seizure(&scratch.path().join("plain.db")).unwrap();
    let tail = &canary[4..];
    let count = |sought: &[u8]| seized.windows(sought.len()).filter(|window| *window == sought).count();
    GUISES.iter().map(|guise| count(&guise.octets(tail))).sum()
}

type Shown = (BTreeMap<RecordId, RecordView>, usize, Vec<LetterView>);

fn all(vault: &Vault) -> Shown {
    (shown(vault), vault.conflicts(100).unwrap().len(), vault.letters().unwrap())
}

/// G23: what was backed up is whole again without any device and any server.
#[test]
fn a_file_and_two_shares_bring_everything_back_where_nothing_else_is_left() {
    let mut scene = Scene::new(51);
    let done = scene.back_up();
    assert_eq!((done.circles, done.of, done.letters, done.unsent), (2, 2, 1, 0));
    let said = all(scene.office());
    let circles = scene.office().circles().unwrap();
    let erasures = scene.office().erasures().unwrap().len();
    let (records, conflicts) = (said.0.len(), said.1);
    assert!(records >= 5 && conflicts > 0 && erasures > 0, "control: {records} {conflicts} {erasures}");

    // Everything is gone but the file and the sheets.
    let file = scene.file();
    let octets = fs::read(&file).unwrap();
    scene.vaults.clear();
    scene.ground.stop();
    for name in ["office", "ana", "ben", "server"] {
        fs::remove_dir_all(scene.ground.folder(name)).unwrap();
    }
    assert_eq!(files(scene.ground.path()), std::slice::from_ref(&file));

    let (paper, restored) = scene.restore("paper", &scene.two(), &file).unwrap();
    assert_eq!((restored.torn, restored.missing.len(), restored.letters), (false, 0, 1));
    assert_eq!(all(&paper), said, "every record, conflict and letter is here");
    assert_eq!(paper.circles().unwrap().len(), circles.len());
    assert_eq!(paper.erasures().unwrap().len(), erasures);
    assert_eq!(paper.alarms().unwrap(), []);
    assert!(paper.examine().unwrap().findings.is_empty());
    assert!(paper.record(&scene.erased).is_err());
    assert_eq!(finds(scene.ground.path(), &paper, ERASED), 0, "what was erased is nowhere");
    assert!(finds(scene.ground.path(), &paper, KEPT) > 0, "control: it would be found");
    drop(paper);

    // The file alone tells nothing, nor does the vault's folder.
    let search = Search::new([KEPT, ERASED, "Renewed", "clinic", "office", "parted", "localhost"]);
    assert_eq!(search.octets(&octets), Default::default());
    let clear = [&b"xx"[..], KEPT.as_bytes()].concat();
    assert_eq!(search.octets(&clear).len(), 1, "control");
}

/// The restored vault gives a server everything back, lets a new coordinator in, and goes.
#[test]
fn a_new_coordinator_takes_over_from_the_restored_vault() {
    let mut scene = Scene::new(52);
    scene.back_up();
    let said = all(scene.office());
    let letter = said.2[0].number;
    let (_, mut ana) = scene.vaults.pop().unwrap();
    scene.vaults.clear();
    scene.ground.wipe();
    let road = scene.ground.transport();
    let (mut paper, _) = scene.restore("paper", &scene.two(), &scene.file()).unwrap();
    paper.heal(&road, &[], |_| {}).unwrap();
    paper.renew_keys(&road).unwrap();
    let mut second = scene.ground.vault("second", 0);
    scene.ground.join(&mut paper, &mut second, "second", Role::Coordinator);
    paper.grant(&road, &second.device(), &scene.clinic).unwrap();
    scene.ground.sync(&mut second);
    assert_eq!(shown(&second), said.0);
    assert!(paper.decide_letter(letter, true).unwrap(), "the letter can be decided");
    scene.ground.sync(&mut paper);
    second.revoke(&road, &paper.device(), None).unwrap();
    let lost =
        second.devices().unwrap().into_iter().find(|line| line.name.as_deref() == Some("office")).unwrap();
    second.revoke(&road, &lost.id, None).unwrap();
    let anew = second.make_recovery(&road, 2, 3).unwrap();
    // Whoever had slept goes on with the others.
    let answers = sample::answers("Afterwards", &mut scene.dice);
    ana.new_record("parted", answers).unwrap();
    let mut both = vec![("second".to_owned(), second), ("ana".to_owned(), ana)];
    level(&scene.ground, &mut both).unwrap();
    assert_eq!(shown(&both[0].1), shown(&both[1].1));
    assert_eq!(shown(&both[0].1).len(), said.0.len() + 2);
    for (name, vault) in &both {
        assert_eq!(vault.alarms().unwrap(), [], "{name}");
    }
    // The old sheets open no backup of hers.
    let file = scene.ground.path().join("second.cairn");
    both[0].1.back_up(&road, &file, false, |_| {}).unwrap();
    let told = scene.restore("third", &scene.two(), &file).map(drop);
    assert!(matches!(told, Err(Error::BadBackup { .. })), "{told:?}");
    assert!(scene.restore("third", &anew[1..], &file).is_ok(), "control");
}

/// Every device chooses its own name, also that of the one on paper.
#[test]
fn a_coordinator_who_calls_itself_the_one_on_paper_keeps_nobody_from_the_backup() {
    let paper = "Recovery (on paper)";
    for impostor_first in [true, false] {
        let ground = Ground::new();
        let road = ground.transport();
        let mut office = ground.office("office");
        office.publish_form(&sample::parted()).unwrap();
        office.new_record("parted", sample::answers(KEPT, &mut Dice::new(57))).unwrap();
        ground.sync(&mut office);
        let mut impostor = ground.vault("impostor", 0);
        if impostor_first {
            ground.join(&mut office, &mut impostor, paper, Role::Coordinator);
        }
        let shares = office.make_recovery(&road, 2, 3).unwrap();
        if !impostor_first {
            ground.join(&mut office, &mut impostor, paper, Role::Coordinator);
        }
        ground.sync(&mut impostor);
        ground.sync(&mut office);
        let file = ground.path().join("backup.cairn");
        let done = office.back_up(&road, &file, false, |_| {}).unwrap();
        let drilled = office.drill_recovery(&shares[1..]).unwrap().device;
        assert!(done.papers.contains(&drilled) && done.papers.contains(&impostor.device()), "{done:?}");
        assert_eq!((done.papers.len(), done.circles, done.of), (2, 1, 1));
        let (folder, machine) = (ground.folder("paper"), Machine::default());
        let restored =
            Vault::restore_from_backup(&folder, PASSPHRASE, &machine, &shares[1..], &file, None, |_| {});
        let (restored, said) = restored.unwrap();
        assert_eq!((said.records, said.missing.len()), (1, 0), "impostor first: {impostor_first}");
        assert_eq!(shown(&restored), shown(&office));
    }
}

#[test]
fn nothing_comes_of_too_few_shares_or_of_another_workspaces_file() {
    let mut scene = Scene::new(53);
    scene.back_up();
    let file = scene.file();
    let mut other = Ground::new().office("other");
    let told = other.back_up(&Nowhere, &scene.ground.path().join("none"), false, |_| {});
    assert!(matches!(told, Err(Error::NoRecovery)), "{told:?}");
    let ground = Ground::new();
    let mut other = ground.office("other");
    let strangers = other.make_recovery(&ground.transport(), 2, 3).unwrap();
    for (few, why) in [
        (&scene.shares[..1], "too_few_shares"),
        (&strangers[..2], "bad_backup"),
        (&[scene.shares[0].clone(), strangers[1].clone()][..], "shares_of_two_sets"),
    ] {
        let told = scene.restore("nobody", few, &file).map(drop).unwrap_err();
        assert_eq!(told.code(), why);
        assert!(!Vault::exists(&scene.ground.folder("nobody")), "nothing is made");
    }
    let told = scene.restore("nobody", &scene.two(), &scene.ground.folder("nothing")).map(drop);
    assert!(matches!(told, Err(Error::Disk { .. })), "{told:?}");
    let outbox = scene.ground.path().join("stray");
    fs::write(&outbox, b"cairnbnd but nothing else").unwrap();
    let told = scene.restore("nobody", &scene.two(), &outbox).map(drop);
    assert!(matches!(told, Err(Error::TooNew { .. } | Error::BadBackup { .. })), "{told:?}");
}

/// Who may not, what has not been sent, what is being erased, and a bad place: said before anything is written.
#[test]
fn what_stands_against_a_backup_is_said_and_nothing_half_written_stays() {
    let mut scene = Scene::new(54);
    let (file, road) = (scene.file(), scene.ground.transport());
    let told = scene.vaults[1].1.back_up(&road, &file, false, |_| {});
    assert!(matches!(told, Err(Error::NotAllowed { .. })), "{told:?}");
    scene.save(0, "Unsent");
    let told = scene.office().back_up(&road, &file, false, |_| {});
    assert!(matches!(told, Err(Error::Unsent(2))), "{told:?}");
    let done = scene.office().back_up(&road, &file, true, |_| {}).unwrap();
    assert_eq!(done.unsent, 2);
    let told = scene.office().back_up(&road, &file, true, |_| {});
    assert!(matches!(told, Err(Error::Disk { .. })), "nothing is written over: {told:?}");
    let nowhere = scene.ground.path().join("no folder").join("file");
    let told = scene.office().back_up(&road, &nowhere, true, |_| {});
    assert!(matches!(told, Err(Error::Disk { .. })), "{told:?}");
    scene.level();
    let id = scene.save(1, "To be erased");
    scene.level();
    scene.office().erase_records(&road, &[id], "Consent withdrawn", |_| {}).unwrap();
    let other = scene.ground.path().join("other.cairn");
    let told = scene.office().back_up(&road, &other, false, |_| {});
    assert!(matches!(told, Err(Error::ErasureUnderway)), "{told:?}");
    assert!(!other.exists());
    scene.level();
    scene.office().back_up(&road, &other, false, |_| {}).unwrap();
    let parts =
        files(scene.ground.path()).into_iter().filter(|file| file.to_string_lossy().contains(".part"));
    assert_eq!(parts.count(), 0);
}

/// A coordinator who has not kept the pack fetches it for the backup.
#[test]
fn any_coordinator_can_back_up_also_one_that_did_not_keep_the_pack() {
    let mut scene = Scene::new(55);
    let road = scene.ground.transport();
    let mut second = scene.ground.vault("second", 0);
    scene.ground.join(&mut scene.vaults[0].1, &mut second, "second", Role::Coordinator);
    let (clinic, device) = (scene.clinic, second.device());
    scene.office().grant(&road, &device, &clinic).unwrap();
    scene.vaults.push(("second".to_owned(), second));
    scene.level();
    // Another erasure, so that the log is let go of where it had been held from an earlier pack.
    let id = scene.save(1, "To be erased");
    scene.level();
    scene.office().erase_records(&road, &[id], "Consent withdrawn", |_| {}).unwrap();
    // It stands for the new pack before anybody else, and so has all that is in it without having fetched it.
    scene.ground.sync(&mut scene.vaults[2].1);
    scene.level();
    scene.save(1, "Behind the pack");
    scene.level();
    let (file, said) = (scene.file(), shown(&scene.vaults[2].1));
    let told = scene.vaults[2].1.back_up(&Nowhere, &file, false, |_| {});
    assert!(matches!(told, Err(Error::Offline)), "control: it is not here: {told:?}");
    scene.vaults[2].1.back_up(&road, &file, false, |_| {}).unwrap();
    let (paper, restored) = scene.restore("paper", &scene.two(), &file).unwrap();
    assert_eq!((shown(&paper), restored.missing.len()), (said, 0));
}

/// What stands before a tear is here, the rest is named, and a whole copy adds it.
#[test]
fn a_torn_backup_gives_what_stands_before_the_tear_and_a_whole_one_the_rest() {
    let mut scene = Scene::new(56);
    // More than one frame: stories that cannot be made small.
    for _ in 0..20 {
        let story: String = (0..40_000).map(|_| char::from(b'a' + scene.dice.below(26) as u8)).collect();
        let mut answers = sample::answers("Long", &mut scene.dice);
        answers.insert("story".to_owned(), Answer::Narrative(story));
        scene.office().new_record("parted", answers).unwrap();
    }
    scene.level();
    scene.back_up();
    let (file, said) = (scene.file(), all(scene.office()));
    let whole = fs::read(&file).unwrap();
    assert!(whole.len() > 3 << 17, "control: it has frames");
    let torn = scene.ground.path().join("torn.cairn");
    let mut changed = whole.clone();
    let at = whole.len() - 5_000;
    changed[at] ^= 1;
    for (number, spoilt) in
        [&whole[..whole.len() - 9], &whole[..whole.len() - 60_000], &changed].into_iter().enumerate()
    {
        fs::write(&torn, spoilt).unwrap();
        let name = format!("paper{number}");
        let (paper, restored) = scene.restore(&name, &scene.two(), &torn).unwrap();
        let here = shown(&paper);
        assert!(restored.torn);
        for (id, view) in &here {
            let whole = &said.0[id];
            let same = view.answers.iter().all(|(field, answer)| whole.answers.get(field) == Some(answer));
            assert!(same || !whole.conflicts.is_empty(), "nothing is there that was not");
        }
        assert!(!here.is_empty(), "{number}");
        assert_eq!(restored.missing.is_empty(), number == 0, "only the mark of the end was missing");
        paper.lock().unwrap();
        let (paper, restored) = scene.restore(&name, &scene.two(), &file).unwrap();
        assert!(!restored.torn && restored.missing.is_empty());
        assert_eq!(all(&paper), said);
    }
}

/// Where the server is lost with its key too, another one takes its place, and whoever is left follows.
#[test]
fn another_server_with_another_key_takes_the_place_of_one_that_is_lost() {
    let mut scene = Scene::new(57);
    scene.back_up();
    let said = all(scene.office());
    let (_, mut ana) = scene.vaults.pop().unwrap();
    scene.vaults.clear();
    scene.ground.stop();
    let ground = Ground::new();
    let (road, address) = (ground.transport(), ground.address());
    let (mut paper, _) = scene.restore("paper", &scene.two(), &scene.file()).unwrap();
    let told = paper.heal(&ground.road(&paper), &[], |_| {});
    assert!(told.is_err(), "control: a server with another key is not the one: {told:?}");
    paper.replace_server(&address.url, address.key).unwrap();
    paper.replace_server(&address.url, address.key).unwrap();
    paper.heal(&ground.road(&paper), &[], |_| {}).unwrap();
    paper.renew_keys(&road).unwrap();
    let mut second = ground.vault("second", 0);
    ground.join(&mut paper, &mut second, "second", Role::Coordinator);
    paper.grant(&road, &second.device(), &scene.clinic).unwrap();
    ground.sync(&mut second);
    assert_eq!(shown(&second), said.0);
    // A device that was not there follows by what a coordinator reads out.
    assert!(ana.sync(&ground.road(&ana), |_| {}).is_err(), "control: it does not know that key");
    ana.use_server(&address.url, address.key).unwrap();
    assert!(matches!(ana.replace_server(&address.url, address.key), Err(Error::NotAllowed { .. })));
    let mut both = vec![("second".to_owned(), second), ("ana".to_owned(), ana)];
    level(&ground, &mut both).unwrap();
    assert_eq!(shown(&both[1].1), said.0);
}
