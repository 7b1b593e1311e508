use std::sync::{Arc, Mutex};

use super::*;
use crate::crypto::mac;
use crate::form::{Answer, Answers, Form, Kind, Question};
use crate::vault::{DeviceKey, DeviceKeyError, Query, ServerAddress, Vault};

const PASSPHRASE: &str = "correct horse battery staple";
const ANOTHER: &str = "quite another passphrase";
const DURESS: &str = "what I say under threat";

fn form() -> Form {
    Form { questions: vec![Question::new("name", Kind::Text)], ..Form::new("errands", "1") }
}

fn named(name: &str) -> Answers {
    Answers::from([("name".to_owned(), Answer::Text(name.to_owned()))])
}

thread_local! {
    /// After so many writes more everything stops; none for never.
    static CUT: std::cell::Cell<Option<u32>> = const { std::cell::Cell::new(None) };
}

/// One write, or the end of the program: what is on disk then is what a cut would leave.
pub(super) fn cut() -> std::io::Result<()> {
    CUT.with(|left| match left.get() {
        None => Ok(()),
        Some(0) => Err(std::io::Error::other("cut off")),
        Some(more) => {
            left.set(Some(more - 1));
            Ok(())
        }
    })
}

/// Does something that is cut off after so many writes.
fn cut_after<T>(writes: u32, what: impl FnOnce() -> T) -> T {
    CUT.set(Some(writes));
    let done = what();
    CUT.set(None);
    done
}

/// A device's keys in memory, which tells what it was asked.
#[derive(Default)]
struct Watched {
    keys: Mutex<[Option<[u8; 32]>; 2]>,
    told: Mutex<Vec<String>>,
    /// Whether it renews nothing: hardware that does not answer.
    refuses: std::sync::atomic::AtomicBool,
}

impl Watched {
    fn told(&self) -> Vec<String> {
        std::mem::take(&mut *self.told.lock().unwrap())
    }
}

impl DeviceKey for Watched {
    fn mac(&self, which: Which, message: &[u8; 32]) -> Result<[u8; 32], DeviceKeyError> {
        self.told.lock().unwrap().push(format!("mac {which:?}"));
        let key = self.keys.lock().unwrap()[which as usize].ok_or(DeviceKeyError::Missing)?;
        Ok(mac(&key, message))
    }

    fn renew(&self, which: Which) -> Result<(), DeviceKeyError> {
        self.told.lock().unwrap().push(format!("renew {which:?}"));
        if self.refuses.load(std::sync::atomic::Ordering::Relaxed) {
            return Err(DeviceKeyError::Refused);
        }
        cut()?;
        self.keys.lock().unwrap()[which as usize] = Some(generate().unwrap());
        cut()?;
        Ok(())
    }

    fn erases_for_certain(&self) -> bool {
        true
    }
}

struct Scene {
    dir: tempfile::TempDir,
    device: Arc<Watched>,
    machine: Machine,
}

impl Scene {
    fn new() -> Self {
        let device = Arc::new(Watched::default());
        let machine = Machine::default().with_device_key(Arc::clone(&device) as Arc<dyn DeviceKey>);
        let scene = Self { dir: tempfile::tempdir().unwrap(), device, machine };
        let mut vault = Vault::create_on(scene.dir.path(), PASSPHRASE, &scene.machine).unwrap();
        let key = cairn_wire::digest::VerifyingKey([9; 32]);
        let server = ServerAddress { url: "https://a:1".to_owned(), key, proxy: None };
        vault.found(&server, "office").unwrap();
        vault.publish_form(&form()).unwrap();
        vault.new_record("errands", named("true")).unwrap();
        vault.lock().unwrap();
        scene
    }

    fn open(&self, passphrase: &str) -> Result<Vault, Error> {
        Vault::open_on(self.dir.path(), passphrase, &self.machine)
    }

    fn is_closed_to(&self, passphrase: &str) {
        let opened = self.open(passphrase).map(|_| ());
        assert!(matches!(opened, Err(Error::WrongPassphrase)), "{opened:?}");
    }

    fn set_duress(&self) {
        let records = vec![named("milk"), named("bread")];
        self.open(PASSPHRASE).unwrap().set_duress(PASSPHRASE, DURESS, &form(), records).unwrap();
    }
}

mod travel;

fn names(vault: &Vault) -> Vec<String> {
    let listed = vault.list(&Query { most: 9, ..Query::default() }).unwrap();
    let mut names: Vec<String> = listed.into_iter().map(|listed| listed.title).collect();
    names.sort();
    names
}

/// G2.
#[test]
fn a_wrong_passphrase_or_device_is_one_error_and_changes_nothing() {
    let scene = Scene::new();
    let before = std::fs::read(path(scene.dir.path())).unwrap();
    scene.is_closed_to("correct horse battery stapl");
    scene.is_closed_to("");
    let own = *scene.device.keys.lock().unwrap();
    scene.device.renew(Which::A).unwrap();
    scene.is_closed_to(PASSPHRASE);
    *scene.device.keys.lock().unwrap() = own;
    assert_eq!(names(&scene.open(PASSPHRASE).unwrap()), ["true"], "control: the right ones open it");
    assert_eq!(std::fs::read(path(scene.dir.path())).unwrap(), before);
}

#[test]
fn another_passphrase_opens_the_same_vault_without_encrypting_it_again() {
    let scene = Scene::new();
    let database = |scene: &Scene| std::fs::read(scene.dir.path().join("vault.db")).unwrap();
    let before = database(&scene);
    let vault = scene.open(PASSPHRASE).unwrap();
    assert!(matches!(vault.change_passphrase("not this one", ANOTHER), Err(Error::WrongPassphrase)));
    assert!(matches!(vault.change_passphrase(PASSPHRASE, "short"), Err(Error::WeakPassphrase(_))));
    assert!(matches!(vault.change_passphrase(PASSPHRASE, PASSPHRASE), Err(Error::PassphraseTaken)));
    vault.change_passphrase(PASSPHRASE, ANOTHER).unwrap();
    vault.lock().unwrap();
    assert_eq!(database(&scene).get(..16), before.get(..16), "the database has the salt it had");
    scene.is_closed_to(PASSPHRASE);
    assert_eq!(names(&scene.open(ANOTHER).unwrap()), ["true"]);
}

/// G6.
#[test]
fn the_duress_passphrase_opens_the_decoy_with_the_same_work_and_the_vaults_key_is_gone() {
    let scene = Scene::new();
    scene.set_duress();
    let vault = scene.open(PASSPHRASE).unwrap();
    assert!(matches!(vault.set_duress(PASSPHRASE, PASSPHRASE, &form(), vec![]), Err(Error::PassphraseTaken)));
    drop(vault);
    scene.device.told();
    assert_eq!(names(&scene.open(PASSPHRASE).unwrap()), ["true"], "control: the vault opens as before");
    let normal = scene.device.told();
    let key = scene.device.keys.lock().unwrap()[0];
    assert_eq!(names(&scene.open(DURESS).unwrap()), ["bread", "milk"]);
    let mut duress = scene.device.told();
    assert_eq!(duress.pop().as_deref(), Some("renew A"));
    assert_eq!(duress, normal, "what comes before is the same work");
    assert_ne!(scene.device.keys.lock().unwrap()[0], key);
    scene.is_closed_to(PASSPHRASE);
    assert_eq!(names(&scene.open(DURESS).unwrap()), ["bread", "milk"], "and the decoy goes on");
}

#[test]
fn a_decoy_that_nobody_asked_for_looks_like_one_that_is_used() {
    let lengths = |scene: &Scene| {
        let mut found: Vec<(String, u64)> = std::fs::read_dir(home(scene.dir.path(), Which::B))
            .unwrap()
            .map(|entry| entry.unwrap())
            .map(|entry| (entry.file_name().into_string().unwrap(), entry.metadata().unwrap().len()))
            .collect();
        found.sort();
        found
    };
    let scene = Scene::new();
    let unasked = lengths(&scene);
    scene.set_duress();
    let used = lengths(&scene);
    let files = |found: &[(String, u64)]| found.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
    assert_eq!(files(&unasked), files(&used));
    assert_eq!(files(&unasked), ["mark", "vault.db", "vault.db-salt"]);
}

#[test]
fn a_second_duress_passphrase_takes_the_place_of_the_first() {
    let scene = Scene::new();
    scene.set_duress();
    let vault = scene.open(PASSPHRASE).unwrap();
    vault.set_duress(PASSPHRASE, ANOTHER, &form(), vec![named("tea")]).unwrap();
    drop(vault);
    scene.is_closed_to(DURESS);
    assert_eq!(names(&scene.open(PASSPHRASE).unwrap()), ["true"]);
    assert_eq!(names(&scene.open(ANOTHER).unwrap()), ["tea"]);
}

#[test]
fn in_the_decoy_everything_can_be_asked_for_that_can_be_in_the_vault() {
    let scene = Scene::new();
    scene.set_duress();
    let decoy = scene.open(DURESS).unwrap();
    decoy.change_passphrase(DURESS, ANOTHER).unwrap();
    decoy.set_duress(ANOTHER, "a third passphrase", &form(), vec![named("tea")]).unwrap();
    drop(decoy);
    assert_eq!(names(&scene.open(ANOTHER).unwrap()), ["bread", "milk"]);
    assert_eq!(names(&scene.open("a third passphrase").unwrap()), ["tea"]);
    scene.is_closed_to(ANOTHER);
}

#[test]
fn a_duress_passphrase_that_was_dropped_destroys_nothing() {
    let scene = Scene::new();
    scene.set_duress();
    let vault = scene.open(PASSPHRASE).unwrap();
    assert!(matches!(vault.drop_duress(DURESS), Err(Error::WrongPassphrase)), "the own one is asked for");
    vault.drop_duress(PASSPHRASE).unwrap();
    drop(vault);
    scene.is_closed_to(DURESS);
    assert_eq!(names(&scene.open(PASSPHRASE).unwrap()), ["true"]);
}

#[test]
fn after_wiping_nothing_is_there_and_what_somebody_else_put_there_is() {
    let scene = Scene::new();
    std::fs::write(scene.dir.path().join("letter.txt"), "not ours").unwrap();
    let open = scene.open(PASSPHRASE).unwrap();
    assert!(matches!(Vault::wipe(scene.dir.path(), &scene.machine), Err(Error::InUse)));
    drop(open);
    let copy = tempfile::tempdir().unwrap();
    for file in ["slots", "vault.db", "mark"] {
        std::fs::copy(scene.dir.path().join(file), copy.path().join(file)).unwrap();
    }
    Vault::open_on(copy.path(), PASSPHRASE, &scene.machine).unwrap();
    assert!(Vault::wipe(scene.dir.path(), &scene.machine).unwrap());
    let again = Vault::open_on(copy.path(), PASSPHRASE, &scene.machine).map(|_| ());
    assert!(matches!(again, Err(Error::WrongPassphrase)), "a copy opened before (control), and not now");
    let mut left: Vec<_> =
        std::fs::read_dir(scene.dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["letter.txt", "lock"]);
    assert!(matches!(scene.open(PASSPHRASE), Err(Error::NoVault)));
}

/// A clock that a test turns.
#[derive(Default)]
struct Turned(std::sync::atomic::AtomicU64);

impl crate::clock::Clock for Turned {
    fn now(&self) -> u64 {
        1_800_000_000 + self.0.load(std::sync::atomic::Ordering::Relaxed)
    }
}

#[test]
fn wrong_passphrases_wait_longer_and_longer_and_the_right_one_ends_it() {
    let mut scene = Scene::new();
    let clock = Arc::new(Turned::default());
    scene.machine = scene.machine.clone().with_clock(Arc::clone(&clock) as Arc<dyn crate::clock::Clock>);
    for _ in 0..4 {
        scene.is_closed_to("a wrong one");
    }
    let waits = |passphrase| match scene.open(passphrase).map(|_| ()) {
        Err(Error::TooManyTries { seconds }) => seconds,
        other => panic!("{other:?}"),
    };
    assert_eq!(
        (waits(PASSPHRASE), waits("a wrong one")),
        (5, 5),
        "the right one waits too, and trying adds nothing"
    );
    clock.0.store(5, std::sync::atomic::Ordering::Relaxed);
    scene.is_closed_to("a wrong one");
    assert_eq!(waits(PASSPHRASE), 10);
    clock.0.store(15, std::sync::atomic::Ordering::Relaxed);
    scene.open(PASSPHRASE).unwrap();
    for _ in 0..4 {
        scene.is_closed_to("a wrong one");
    }
}

#[test]
fn after_so_many_wrong_ones_as_its_owner_said_everything_is_wiped() {
    let scene = Scene::new();
    let vault = scene.open(PASSPHRASE).unwrap();
    assert_eq!(vault.wipe_after(), None);
    assert!(matches!(vault.set_wipe_after(Some(1)), Err(Error::TooFewTries(5))));
    vault.set_wipe_after(Some(5)).unwrap();
    drop(vault);
    let clock = Arc::new(Turned::default());
    let machine = scene.machine.clone().with_clock(Arc::clone(&clock) as Arc<dyn crate::clock::Clock>);
    for wrong in 1..=5 {
        clock.0.store(wrong * 10, std::sync::atomic::Ordering::Relaxed);
        assert!(Vault::exists(scene.dir.path()));
        let opened = Vault::open_on(scene.dir.path(), "a wrong one", &machine).map(|_| ());
        assert!(matches!(opened, Err(Error::WrongPassphrase)), "{wrong}: {opened:?}");
    }
    assert!(!Vault::exists(scene.dir.path()));
}

/// A vault from before there were slots.
const FIXTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/fixtures/vault-1");

fn old_vault() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for file in ["keys", "mark", "vault.db"] {
        std::fs::copy(Path::new(FIXTURE).join(file), dir.path().join(file)).unwrap();
    }
    dir
}

#[test]
fn a_first_page_that_cannot_be_read_is_damage_and_no_wrong_passphrase() {
    let dir = tempfile::tempdir().unwrap();
    Vault::create(dir.path(), PASSPHRASE).unwrap().lock().unwrap();
    let database = home(dir.path(), Which::A).join("vault.db");
    let mut octets = fs::read(&database).unwrap();
    octets[100] ^= 1;
    fs::write(&database, octets).unwrap();
    let opened = Vault::open(dir.path(), PASSPHRASE).map(drop);
    assert!(matches!(opened, Err(Error::Damaged { .. })), "{opened:?}");
    let wrong = Vault::open(dir.path(), ANOTHER).map(drop);
    assert!(matches!(wrong, Err(Error::WrongPassphrase)), "control: {wrong:?}");
}

#[test]
fn a_vault_from_before_there_were_slots_opens_and_has_slots_then() {
    let dir = old_vault();
    assert!(Vault::exists(dir.path()));
    assert!(matches!(Vault::open(dir.path(), ANOTHER).map(|_| ()), Err(Error::WrongPassphrase)));
    assert!(dir.path().join("keys").exists() && !path(dir.path()).exists(), "nothing has changed");
    let vault = Vault::open(dir.path(), PASSPHRASE).unwrap();
    assert_eq!(names(&vault), ["Sample"]);
    assert!(!dir.path().join("keys").exists() && path(dir.path()).exists());
    assert!(home(dir.path(), Which::B).join("vault.db").exists());
    vault.change_passphrase(PASSPHRASE, ANOTHER).unwrap();
    vault.lock().unwrap();
    assert!(matches!(Vault::open(dir.path(), PASSPHRASE).map(|_| ()), Err(Error::WrongPassphrase)));
    assert_eq!(names(&Vault::open(dir.path(), ANOTHER).unwrap()), ["Sample"]);
}

#[test]
fn moving_over_that_is_cut_off_goes_on_at_the_next_opening() {
    let dir = old_vault();
    drop(Vault::open(dir.path(), PASSPHRASE).unwrap());
    // As if it had been cut off before the old file was forgotten and the second vault made.
    std::fs::copy(Path::new(FIXTURE).join("keys"), dir.path().join("keys")).unwrap();
    std::fs::remove_dir_all(home(dir.path(), Which::B)).unwrap();
    assert_eq!(names(&Vault::open(dir.path(), PASSPHRASE).unwrap()), ["Sample"]);
    assert!(!dir.path().join("keys").exists());
    assert!(home(dir.path(), Which::B).join("vault.db").exists());
}

#[test]
fn where_nothing_can_be_written_the_right_passphrase_opens_all_the_same() {
    let scene = Scene::new();
    // Something that cannot be written over stands for a full disk.
    std::fs::create_dir(scene.dir.path().join("tries")).unwrap();
    scene.is_closed_to("a wrong one");
    assert_eq!(names(&scene.open(PASSPHRASE).unwrap()), ["true"]);
}

#[test]
fn an_old_vault_opens_although_it_cannot_move_over_yet() {
    for in_the_way in ["slots.new", "device", "second/vault.db"] {
        let dir = old_vault();
        let obstacle = dir.path().join(in_the_way);
        std::fs::create_dir_all(&obstacle).unwrap();
        assert_eq!(names(&Vault::open(dir.path(), PASSPHRASE).unwrap()), ["Sample"], "{in_the_way}");
        std::fs::remove_dir(&obstacle).unwrap();
        assert_eq!(names(&Vault::open(dir.path(), PASSPHRASE).unwrap()), ["Sample"], "{in_the_way}");
        assert!(path(dir.path()).exists() && !dir.path().join("keys").exists(), "{in_the_way}");
        assert!(home(dir.path(), Which::B).join("mark").exists(), "{in_the_way}");
    }
}

#[test]
fn records_that_do_not_fit_leave_the_decoy_that_there_is() {
    let scene = Scene::new();
    scene.set_duress();
    let vault = scene.open(PASSPHRASE).unwrap();
    let unfit = Answers::from([("nothing of the form".to_owned(), Answer::Text("x".to_owned()))]);
    let refused = vault.set_duress(PASSPHRASE, ANOTHER, &form(), vec![named("tea"), unfit]);
    assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
    drop(vault);
    scene.is_closed_to(ANOTHER);
    assert_eq!(names(&scene.open(PASSPHRASE).unwrap()), ["true"]);
    assert_eq!(names(&scene.open(DURESS).unwrap()), ["bread", "milk"]);
}

#[test]
fn hardware_that_does_not_answer_keeps_no_decoy_from_opening_and_nothing_from_being_wiped() {
    let scene = Scene::new();
    scene.set_duress();
    scene.device.refuses.store(true, std::sync::atomic::Ordering::Relaxed);
    assert_eq!(names(&scene.open(DURESS).unwrap()), ["bread", "milk"]);
    scene.is_closed_to(PASSPHRASE);
    let wiped = Vault::wipe(scene.dir.path(), &scene.machine);
    assert!(matches!(wiped, Err(Error::DeviceKeyRefused)), "{wiped:?}");
    assert!(!Vault::exists(scene.dir.path()) && !scene.dir.path().join("vault.db").exists());
}
