//! Whoever forgets a passphrase, or never gets a network again, has lost nothing that was finished: it lies beside the
//! vault, sealed for the office, and anybody can carry it there.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a panic in a test is its report"
)]

use std::fs::{self, File, OpenOptions};
use std::path::PathBuf;

use cairn_core::form::Answer;
use cairn_core::keeper::Keeper;
use cairn_core::vault::Brought;
use cairn_core::wire::id::RecordId;
use cairn_core::wire::roster::Role;
use cairn_core::{Error, Vault};
use cairn_tests::canary::Search;
use cairn_tests::dice::Dice;
use cairn_tests::ground::Ground;
use cairn_tests::level::{differences, level, shown};
use cairn_tests::sample;

const CANARY: &str = "zq7 canary carried by hand";

struct People {
    ground: Ground,
    office: Vault,
    dice: Dice,
    device: cairn_core::wire::id::DeviceId,
}

impl People {
    /// An office, and a worker whose vault is locked.
    fn new(seed: u64) -> Self {
        let ground = Ground::new();
        let mut office = ground.office("office");
        office.publish_form(&sample::form()).unwrap();
        ground.sync(&mut office);
        let worker = ground.member(&mut office, "worker", Role::Field);
        let device = worker.device();
        worker.lock().unwrap();
        Self { ground, office, dice: Dice::new(seed), device }
    }

    /// Opens the worker's vault, finishes a record without a network, and locks it.
    fn record(&mut self, name: &str) -> RecordId {
        let mut worker = self.ground.reopen("worker");
        let id = worker.new_record("sample", sample::answers(name, &mut self.dice)).unwrap();
        worker.lock().unwrap();
        id
    }

    /// Somebody takes along what lies beside the worker's vault, which nobody opens.
    fn carried(&self) -> PathBuf {
        let file = Vault::outbox_file(&self.ground.folder("worker")).unwrap();
        let carried = self.ground.path().join("carried");
        fs::copy(file, &carried).unwrap();
        carried
    }

    fn take(&mut self, file: &PathBuf) -> Brought {
        self.office.take_outbox(&self.ground.transport(), File::open(file).unwrap(), |_| {}).unwrap()
    }

    /// The passphrase is remembered after all: the worker's vault opens, syncs, and agrees with the office on
    /// everything, which is these records and no other.
    fn level(mut self, records: &[RecordId]) {
        let worker = self.ground.reopen("worker");
        let newcomer = self.ground.member(&mut self.office, "newcomer", Role::Field);
        let mut all = [("office", self.office), ("worker", worker), ("newcomer", newcomer)]
            .map(|(name, vault)| (name.to_owned(), vault));
        level(&self.ground, &mut all).unwrap();
        assert_eq!(differences(&all), [""; 0]);
        let held: Vec<_> = shown(&all[0].1).into_keys().collect();
        let mut wanted = records.to_vec();
        wanted.sort();
        assert_eq!(held, wanted);
    }
}

/// Who presses that button has no time: nothing is sealed or written before the keys are gone.
#[test]
fn panic_lays_nothing_out_and_loses_nothing_and_the_next_lock_lays_it() {
    for something_goes_on in [false, true] {
        let mut people = People::new(9);
        let first = people.record("First");
        let before = fs::read(people.carried()).unwrap();
        let keeper = Keeper::new(people.ground.reopen("worker")).unwrap();
        let answers = sample::answers("Second", &mut people.dice);
        let second = keeper.with(|vault| {
            let second = vault.new_record("sample", answers);
            assert!(!something_goes_on || !keeper.panic(), "it waits for this to end");
            second
        });
        let second = second.unwrap();
        assert!(something_goes_on || keeper.panic());
        drop(keeper);
        assert_eq!(fs::read(people.carried()).unwrap(), before, "nothing was laid out");
        let worker = people.ground.reopen("worker");
        assert!(worker.record(&second).is_ok(), "and nothing is lost");
        worker.lock().unwrap();
        let file = people.carried();
        assert_ne!(fs::read(&file).unwrap(), before, "the next lock lays it out");
        assert_eq!(people.take(&file).given, 2);
        people.office.record(&second).unwrap();
        people.level(&[first, second]);
    }
}

#[test]
fn what_a_forgotten_passphrase_shuts_in_is_brought_by_hand() {
    let mut people = People::new(1);
    let (first, second) = (people.record(CANARY), people.record("Second"));
    let mut worker = people.ground.reopen("worker");
    worker.edit_record(&first, &sample::edit("age", Answer::Integer(44))).unwrap();
    worker.lock().unwrap();
    let file = people.carried();
    people.ground.sync(&mut people.office);
    assert!(people.office.record(&first).is_err(), "control: nothing of it comes by itself");
    assert!(Search::new([CANARY]).octets(&fs::read(&file).unwrap()).is_empty());
    let brought = people.take(&file);
    assert_eq!(
        (brought.segments, brought.given, brought.refused, brought.torn),
        (3, 3, 0, false),
        "{brought:?}"
    );
    assert_eq!(brought.device, Some(people.device));
    assert_eq!(people.office.record(&first).unwrap().answers["name"], sample::text(CANARY));
    assert_eq!(people.office.record(&first).unwrap().answers["age"], Answer::Integer(44));
    people.office.record(&second).unwrap();
    // The phone is given up, and its owner gets everything back on another one.
    people.office.revoke(&people.ground.transport(), &people.device, None).unwrap();
    let anew = people.ground.member(&mut people.office, "anew", Role::Field);
    assert_eq!(
        shown(&anew).into_keys().collect::<Vec<_>>(),
        shown(&people.office).into_keys().collect::<Vec<_>>()
    );
    let again = people.take(&file);
    assert_eq!((again.given, again.refused), (3, 0), "bringing it twice does nothing: {again:?}");
}

#[test]
fn whoever_remembers_the_passphrase_after_all_syncs_as_if_nothing_had_been() {
    let mut people = People::new(2);
    let first = people.record("First");
    let file = people.carried();
    let second = people.record("Second");
    assert_eq!(people.take(&file).given, 1);
    people.level(&[first, second]);
}

#[test]
fn what_lies_there_is_never_sealed_again_under_another_key() {
    for office_first in [true, false] {
        let mut people = People::new(3);
        let first = people.record("Before the key was renewed");
        let file = people.carried();
        people.office.renew_keys(&people.ground.transport()).unwrap();
        if office_first {
            assert_eq!(people.take(&file).given, 1);
        }
        let mut worker = people.ground.reopen("worker");
        let second = worker.new_record("sample", sample::answers("After", &mut people.dice)).unwrap();
        worker.edit_record(&first, &sample::edit("age", Answer::Integer(45))).unwrap();
        people.ground.sync(&mut worker);
        worker.lock().unwrap();
        if !office_first {
            let brought = people.take(&file);
            assert_eq!((brought.given, brought.refused), (1, 0), "it comes second, and is the same");
        }
        people.ground.sync(&mut people.office);
        assert_eq!(people.office.record(&first).unwrap().answers["age"], Answer::Integer(45));
        people.level(&[first, second]);
    }
}

#[test]
fn what_was_erased_meanwhile_is_shown_by_nobody_though_a_file_brings_it() {
    let mut people = People::new(7);
    let (erased, kept) = (people.record(CANARY), people.record("Kept"));
    let mut worker = people.ground.reopen("worker");
    people.ground.sync(&mut worker);
    worker.edit_record(&erased, &sample::edit("name", sample::text("zq7 canary once more"))).unwrap();
    worker.edit_record(&kept, &sample::edit("age", Answer::Integer(46))).unwrap();
    worker.lock().unwrap();
    let file = people.carried();
    people.ground.sync(&mut people.office);
    let road = people.ground.transport();
    people.office.erase_records(&road, &[erased], "A mistake", |_| {}).unwrap();
    let brought = people.take(&file);
    assert_eq!((brought.given, brought.refused), (1, 0));
    assert!(people.office.record(&erased).is_err());
    assert_eq!(people.office.record(&kept).unwrap().answers["age"], Answer::Integer(46));
    people.level(&[kept]);
}

#[test]
fn what_was_finished_before_the_device_was_taken_out_is_a_late_letter() {
    let mut people = People::new(4);
    let (first, second) = (people.record("First"), people.record("Second"));
    let file = people.carried();
    people.office.revoke(&people.ground.transport(), &people.device, None).unwrap();
    let brought = people.take(&file);
    assert_eq!((brought.letters, brought.given, brought.refused), (2, 0, 0), "{brought:?}");
    assert!(people.office.record(&first).is_err(), "nobody has decided yet");
    for letter in people.office.letters().unwrap() {
        assert_eq!((letter.device, letter.problem), (people.device, None));
        people.office.decide_letter(letter.number, true).unwrap();
    }
    people.ground.sync(&mut people.office);
    let newcomer = people.ground.member(&mut people.office, "newcomer", Role::Field);
    for id in [first, second] {
        people.office.record(&id).unwrap();
        newcomer.record(&id).unwrap();
    }
}

#[test]
fn what_stands_before_a_tear_is_taken_and_what_is_wrong_with_a_file_is_said() {
    let mut people = People::new(5);
    let (first, second) = (people.record("First"), people.record("Second"));
    let file = people.carried();
    let whole = fs::read(&file).unwrap();
    let torn = OpenOptions::new().write(true).open(&file).unwrap();
    // The last frame marks the end and has 256 octets; the one before is cut too.
    torn.set_len(whole.len() as u64 - 300).unwrap();
    let brought = people.take(&file);
    assert_eq!((brought.given, brought.torn), (1, true), "{brought:?}");
    people.office.record(&first).unwrap();
    assert!(people.office.record(&second).is_err());
    fs::write(&file, whole).unwrap();
    let mut other = people.ground.vault("other", 0);
    other.found(&people.ground.address(), "other").unwrap();
    other.sync(&people.ground.transport(), |_| {}).unwrap();
    let road = people.ground.transport();
    let refused = other.take_outbox(&road, File::open(&file).unwrap(), |_| {});
    assert!(matches!(refused, Err(Error::BadBundle { .. })), "{refused:?}");
    let mut colleague = people.ground.member(&mut people.office, "colleague", Role::Field);
    let refused = colleague.take_outbox(&road, File::open(&file).unwrap(), |_| {});
    assert!(matches!(refused, Err(Error::NotAllowed { .. })), "{refused:?}");
    for wrong in [&b""[..], b"%PDF-1.7 something else", &[0; 20_000]] {
        fs::write(&file, wrong).unwrap();
        let refused = people.office.take_outbox(&road, File::open(&file).unwrap(), |_| {});
        assert!(matches!(refused, Err(Error::BadBundle { .. })), "{refused:?}");
    }
}

#[test]
fn when_everything_was_sent_the_file_is_there_and_says_nothing() {
    let mut people = People::new(6);
    let lies = || fs::metadata(Vault::outbox_file(&people.ground.folder("worker")).unwrap()).unwrap().len();
    let empty = lies();
    people.ground.reopen("worker").lock().unwrap();
    assert_eq!(lies(), empty);
    let id = {
        let mut worker = people.ground.reopen("worker");
        let id = worker.new_record("sample", sample::answers("One", &mut people.dice)).unwrap();
        worker.lock().unwrap();
        id
    };
    assert!(lies() > empty, "control");
    let mut worker = people.ground.reopen("worker");
    people.ground.sync(&mut worker);
    worker.lock().unwrap();
    assert_eq!(lies(), empty);
    let file = people.carried();
    let brought = people.take(&file);
    assert_eq!((brought.segments, brought.torn), (0, false));
    people.level(&[id]);
}
