//! G17: whoever is revoked reads nothing new and adds nothing; what had not left yet waits, as late
//! letters, for a coordinator.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a panic in a test is its report"
)]

use std::fs;
use std::path::Path;

use cairn_core::form::Answer;
use cairn_core::store::LetterState;
use cairn_core::wire::id::{CircleId, RecordId};
use cairn_core::wire::roster::Role;
use cairn_core::{Error, Vault};
use cairn_tests::dice::Dice;
use cairn_tests::ground::Ground;
use cairn_tests::level::shown;
use cairn_tests::sample;

struct People {
    ground: Ground,
    office: Vault,
    leaver: Vault,
    stayer: Vault,
    dice: Dice,
}

impl People {
    fn new(seed: u64) -> Self {
        let ground = Ground::new();
        let mut office = ground.office("office");
        office.publish_form(&sample::form()).unwrap();
        ground.sync(&mut office);
        let leaver = ground.member(&mut office, "leaver", Role::Field);
        let stayer = ground.member(&mut office, "stayer", Role::Field);
        Self { ground, office, leaver, stayer, dice: Dice::new(seed) }
    }

    fn revoke(&mut self) {
        let device = self.leaver.device();
        let done = self.office.revoke(&self.ground.transport(), &device, None).unwrap();
        assert_eq!((done.renewed, done.left_open), (1, 0));
    }

    /// The office gives back what the server has lost; keys that had been wrapped for others are made anew.
    fn heal(&mut self) {
        self.office.heal(&self.ground.transport(), &[], |_| {}).unwrap();
        self.office.renew_keys(&self.ground.transport()).unwrap();
    }
}

/// The folder of a stopped server, kept or put back.
fn copy(from: &Path, to: &Path) {
    if to.exists() {
        fs::remove_dir_all(to).unwrap();
    }
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

/// The server is put back to before the revocation, the revoked device writes two segments, the second in a
/// record of the stayer's, who does not know of the revocation and builds on both. Then the office gives back
/// what the server has lost. Gives the record that slipped in.
fn slipped_in(people: &mut People) -> RecordId {
    let kept = people.ground.path().join("kept");
    let shared = new(&mut people.stayer, "Shared", &mut people.dice);
    people.ground.sync(&mut people.stayer);
    people.ground.sync(&mut people.leaver);
    people.ground.meanwhile(|data| copy(data, &kept));
    people.revoke();
    people.ground.meanwhile(|data| copy(&kept, data));
    let slipped = new(&mut people.leaver, "Slipped in", &mut people.dice);
    people.ground.sync(&mut people.leaver);
    people.leaver.edit_record(&shared, &sample::edit("age", Answer::Integer(77))).unwrap();
    people.ground.sync(&mut people.leaver);
    people.ground.sync(&mut people.stayer);
    people.stayer.edit_record(&slipped, &sample::edit("age", Answer::Integer(33))).unwrap();
    people.stayer.edit_record(&shared, &sample::edit("day", sample::text("2026-01-01"))).unwrap();
    people.ground.sync(&mut people.stayer);
    let found = people.office.sync(&people.ground.transport(), |_| {});
    assert!(matches!(found, Err(Error::Tampered(_))), "the office notices: {found:?}");
    people.heal();
    // Who had seen less before may have to take the office's order of things.
    if people.stayer.sync(&people.ground.transport(), |_| {}).is_err() {
        people.stayer.heal(&people.ground.transport(), &[], |_| {}).unwrap();
    }
    for _ in 0..2 {
        people.ground.sync(&mut people.office);
        people.ground.sync(&mut people.stayer);
    }
    slipped
}

#[test]
fn what_slips_into_a_server_that_was_put_back_counts_for_everybody_once_it_is_accepted() {
    let mut people = People::new(10);
    let slipped = slipped_in(&mut people);
    let refused = people.leaver.sync(&people.ground.transport(), |_| {});
    assert!(matches!(refused, Err(Error::NoLongerMember { .. })), "shut out again: {refused:?}");
    assert!(people.stayer.record(&slipped).is_ok(), "it was let in where the revocation was not known");
    assert!(people.office.record(&slipped).is_err(), "and refused where it was");
    let letters = people.office.letters().unwrap();
    assert_eq!(letters.len(), 2, "each segment is a letter, also the one that continues a late one");
    for letter in &letters {
        assert_eq!((letter.device, letter.state), (people.leaver.device(), LetterState::Waits));
        assert_eq!((letter.awaited, letter.problem.as_deref()), (1, None), "the stayer has built on each");
        assert!(people.office.decide_letter(letter.number, true).unwrap());
    }
    let mut newcomer = people.ground.member(&mut people.office, "newcomer", Role::Field);
    for _ in 0..2 {
        people.ground.sync(&mut people.office);
        people.ground.sync(&mut people.stayer);
        people.ground.sync(&mut newcomer);
    }
    for vault in [&people.office, &people.stayer, &newcomer] {
        assert_eq!(vault.record(&slipped).unwrap().answers["age"], Answer::Integer(33));
        assert_eq!(vault.examine().unwrap().findings, [""; 0]);
    }
    let all = [&people.office, &people.stayer, &newcomer].map(shown);
    assert_eq!(all[0], all[1]);
    assert_eq!(all[0], all[2]);
}

#[test]
fn control_without_acceptance_what_slipped_in_counts_only_where_it_was_let_in() {
    let mut people = People::new(11);
    let slipped = slipped_in(&mut people);
    for letter in people.office.letters().unwrap() {
        assert!(people.office.decide_letter(letter.number, false).unwrap());
    }
    let newcomer = people.ground.member(&mut people.office, "newcomer", Role::Field);
    people.ground.sync(&mut people.stayer);
    assert!(people.office.record(&slipped).is_err() && newcomer.record(&slipped).is_err());
    assert!(people.stayer.record(&slipped).is_ok());
}

#[test]
fn a_coordinator_who_had_let_it_in_finds_it_among_the_letters_too() {
    let mut people = People::new(12);
    let mut second = people.ground.member(&mut people.office, "second", Role::Coordinator);
    let kept = people.ground.path().join("kept");
    people.ground.sync(&mut people.leaver);
    people.ground.meanwhile(|data| copy(data, &kept));
    people.revoke();
    people.ground.meanwhile(|data| copy(&kept, data));
    let slipped = new(&mut people.leaver, "Slipped in", &mut people.dice);
    people.ground.sync(&mut people.leaver);
    people.ground.sync(&mut second);
    assert!(second.record(&slipped).is_ok());
    assert_eq!(second.letters().unwrap(), []);
    people.heal();
    people.ground.sync(&mut second);
    let letters = second.letters().unwrap();
    assert_eq!(letters.len(), 1);
    assert!(second.decide_letter(letters[0].number, true).unwrap());
    for _ in 0..2 {
        people.ground.sync(&mut second);
        people.ground.sync(&mut people.office);
    }
    assert!(people.office.record(&slipped).is_ok());
}

#[test]
fn letters_handed_in_after_a_server_was_put_back_are_all_fetched() {
    let mut people = People::new(13);
    let kept = people.ground.path().join("kept");
    people.revoke();
    people.ground.meanwhile(|data| copy(data, &kept));
    for name in ["One", "Two"] {
        new(&mut people.leaver, name, &mut people.dice);
        assert!(people.leaver.sync(&people.ground.transport(), |_| {}).is_err());
    }
    assert_eq!(people.ground.sync(&mut people.office).letters, 2);
    people.ground.meanwhile(|data| copy(&kept, data));
    for name in ["Three", "Four"] {
        new(&mut people.leaver, name, &mut people.dice);
        assert!(people.leaver.sync(&people.ground.transport(), |_| {}).is_err());
    }
    people.ground.sync(&mut people.office);
    assert_eq!(people.office.letters().unwrap().len(), 4);
}

fn new(vault: &mut Vault, name: &str, dice: &mut Dice) -> cairn_core::wire::id::RecordId {
    vault.new_record("sample", sample::answers(name, dice)).unwrap()
}

/// How many of the records that stand in the server's folder the vault's keys can open: the leaver is
/// given everything the server has.
fn readable(people: &Ground, vault: &Vault, circle: CircleId) -> usize {
    let log = rusqlite::Connection::open(people.data().join("log.db")).unwrap();
    let mut statement = log.prepare("SELECT bytes FROM segment WHERE circle = ?1 ORDER BY seq").unwrap();
    let segments: Vec<Vec<u8>> =
        statement.query_map([circle.0], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let mut statement = log.prepare("SELECT hash FROM roster_entry ORDER BY seq").unwrap();
    let heads: Vec<[u8; 32]> =
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    segments.iter().filter(|segment| vault.could_read(&circle, segment, &heads).unwrap()).count()
}

fn circle_of(ground: &Ground) -> CircleId {
    let log = rusqlite::Connection::open(ground.data().join("log.db")).unwrap();
    CircleId(log.query_row("SELECT circle FROM circle", [], |row| row.get(0)).unwrap())
}

#[test]
fn a_revoked_device_with_the_whole_server_reads_none_of_a_hundred_later_records() {
    let mut people = People::new(1);
    for number in 0..20 {
        new(&mut people.office, &format!("Before {number}"), &mut people.dice);
    }
    people.ground.sync(&mut people.office);
    people.ground.sync(&mut people.leaver);
    let circle = circle_of(&people.ground);
    let before = readable(&people.ground, &people.leaver, circle);
    assert!(before >= 4, "control: while it belonged it could open what was there ({before})");
    people.revoke();
    people.ground.sync(&mut people.stayer);
    for number in 0..100 {
        let who = if number % 2 == 0 { &mut people.office } else { &mut people.stayer };
        new(who, &format!("After {number}"), &mut people.dice);
        people.ground.sync(who);
    }
    assert_eq!(readable(&people.ground, &people.leaver, circle), before);
    let all = readable(&people.ground, &people.stayer, circle);
    assert!(all >= before + 100, "control: who stayed opens everything ({all})");
    let refused = people.leaver.sync(&people.ground.transport(), |_| {});
    assert!(matches!(refused, Err(Error::NoLongerMember { left: 0 })), "{refused:?}");
    assert_eq!(people.leaver.counts().unwrap().records, 20, "nothing new arrived");
    people.ground.sync(&mut people.stayer);
    assert_eq!(people.stayer.counts().unwrap().records, 120);
}

#[test]
fn what_had_not_left_is_handed_in_and_counts_for_nobody_until_it_is_accepted() {
    let mut people = People::new(2);
    let known = new(&mut people.leaver, "Sent in time", &mut people.dice);
    people.ground.sync(&mut people.leaver);
    let late = new(&mut people.leaver, "Typed too late", &mut people.dice);
    people.leaver.edit_record(&known, &sample::edit("age", Answer::Integer(77))).unwrap();
    people.revoke();
    for _ in 0..2 {
        let refused = people.leaver.sync(&people.ground.transport(), |_| {});
        assert!(matches!(refused, Err(Error::NoLongerMember { left: 0 })), "{refused:?}");
    }
    let report = people.ground.sync(&mut people.office);
    assert_eq!(report.letters, 1);
    assert_eq!(people.ground.sync(&mut people.office).letters, 0, "each comes once");
    people.ground.sync(&mut people.stayer);
    for vault in [&people.office, &people.stayer] {
        assert!(vault.record(&late).is_err(), "not before a coordinator has decided");
        assert_ne!(vault.record(&known).unwrap().answers["age"], Answer::Integer(77));
        assert_eq!(vault.examine().unwrap().findings, [""; 0]);
    }
    assert!(matches!(people.stayer.letters(), Err(Error::NotAllowed { .. })));
    let letters = people.office.letters().unwrap();
    assert_eq!(letters.len(), 1);
    assert_eq!((letters[0].device, letters[0].changes), (people.leaver.device(), 2));
    assert_eq!(letters[0].name.as_deref(), Some("leaver"));
    assert!(letters[0].records.contains(&late) && letters[0].records.contains(&known));
    assert_eq!(letters[0].problem, None);
}

#[test]
fn an_accepted_letter_counts_for_everybody_in_its_author_s_name_and_a_refused_one_for_nobody() {
    let mut people = People::new(7);
    let known = new(&mut people.leaver, "Sent in time", &mut people.dice);
    people.ground.sync(&mut people.leaver);
    people.ground.sync(&mut people.stayer);
    let late = new(&mut people.leaver, "Typed too late", &mut people.dice);
    people.leaver.edit_record(&known, &sample::edit("age", Answer::Integer(77))).unwrap();
    people.stayer.edit_record(&known, &sample::edit("day", sample::text("2026-01-01"))).unwrap();
    people.revoke();
    let mut second = people.ground.member(&mut people.office, "second", Role::Coordinator);
    assert!(people.leaver.sync(&people.ground.transport(), |_| {}).is_err());
    // A second letter of the same chain, which will be refused.
    let unwanted = new(&mut people.leaver, "Unwanted", &mut people.dice);
    assert!(people.leaver.sync(&people.ground.transport(), |_| {}).is_err());
    people.ground.sync(&mut people.office);
    let numbers: Vec<u64> = people.office.letters().unwrap().iter().map(|letter| letter.number).collect();
    assert_eq!(numbers.len(), 2);
    assert!(matches!(people.stayer.decide_letter(1, true), Err(Error::NotAllowed { .. })));
    assert!(matches!(people.office.decide_letter(99, true), Err(Error::NotFound { .. })));
    assert!(people.office.decide_letter(numbers[0], true).unwrap());
    assert!(!people.office.decide_letter(numbers[0], false).unwrap(), "what is in stays in");
    assert!(people.office.decide_letter(numbers[1], false).unwrap());
    assert!(people.office.record(&late).is_ok(), "at once on the coordinator's own device");
    for _ in 0..2 {
        people.ground.sync(&mut people.office);
        people.ground.sync(&mut people.stayer);
        people.ground.sync(&mut second);
    }
    for vault in [&people.office, &people.stayer, &second] {
        assert_eq!(vault.record(&late).unwrap().title, "Typed too late");
        let view = vault.record(&known).unwrap();
        assert_eq!(view.answers["age"], Answer::Integer(77));
        assert_eq!(view.answers["day"], sample::text("2026-01-01"), "beside what others wrote meanwhile");
        assert!(vault.record(&unwanted).is_err());
        let past = vault.history(&late, Some("age")).unwrap();
        assert_eq!(past[0].author.device, Some(people.leaver.device()), "in its author's name");
        assert_eq!(vault.examine().unwrap().findings, [""; 0]);
    }
    let states: Vec<_> = second.letters().unwrap().iter().map(|letter| letter.state).collect();
    assert_eq!(states, [LetterState::Accepted, LetterState::Refused], "no coordinator is asked twice");
    assert!(!second.decide_letter(numbers[0], true).unwrap());
    assert!(second.decide_letter(numbers[1], true).unwrap(), "what was refused can still be accepted");
    assert!(second.record(&unwanted).is_ok());
}

#[test]
fn a_revocation_that_races_with_the_device_names_all_it_sent() {
    let mut people = People::new(3);
    new(&mut people.leaver, "One", &mut people.dice);
    people.ground.sync(&mut people.leaver);
    let record = new(&mut people.leaver, "Two", &mut people.dice);
    // What the coordinator has not seen counts all the same: the server lets it name the whole chain only.
    people.ground.sync(&mut people.leaver);
    people.revoke();
    people.ground.sync(&mut people.stayer);
    for vault in [&people.office, &people.stayer] {
        assert!(vault.record(&record).is_ok());
        assert_eq!(vault.counts().unwrap().refused, 0);
    }
}

#[test]
fn only_another_coordinator_revokes_and_a_revoked_one_revokes_nobody() {
    let mut people = People::new(4);
    let mut second = people.ground.member(&mut people.office, "second", Role::Coordinator);
    let transport = people.ground.transport();
    let (office, stayer) = (people.office.device(), people.stayer.device());
    let by_field = people.stayer.revoke(&transport, &office, None);
    assert!(matches!(by_field, Err(Error::NotAllowed { .. })), "{by_field:?}");
    let itself = people.office.revoke(&transport, &office, None);
    assert!(matches!(itself, Err(Error::NotAllowed { .. })), "{itself:?}");
    second.revoke(&transport, &office, None).unwrap();
    let revoked = people.office.revoke(&transport, &stayer, None);
    assert!(matches!(revoked, Err(Error::NoLongerMember { .. })), "{revoked:?}");
    people.ground.sync(&mut people.stayer);
    assert_eq!(people.stayer.devices().unwrap().iter().filter(|line| line.belongs).count(), 3);
    let again = second.revoke(&transport, &office, None);
    assert!(matches!(again, Err(Error::NotFound { .. })), "{again:?}");
}

#[test]
fn a_reader_reads_and_writes_nothing() {
    let mut people = People::new(5);
    let mut reader = people.ground.member(&mut people.office, "reader", Role::Reader);
    let record = new(&mut people.stayer, "Seen", &mut people.dice);
    people.ground.sync(&mut people.stayer);
    people.ground.sync(&mut reader);
    assert!(reader.record(&record).is_ok());
    let refused = reader.new_record("sample", sample::answers("No", &mut people.dice));
    assert!(matches!(refused, Err(Error::NotAllowed { .. })), "{refused:?}");
    let refused = reader.edit_record(&record, &sample::edit("age", Answer::Integer(1)));
    assert!(matches!(refused, Err(Error::NotAllowed { .. })), "{refused:?}");
    assert_eq!(reader.counts().unwrap().outbox, 0);
}

/// G11.
#[test]
fn the_server_s_folder_names_nobody_after_a_revocation() {
    let mut people = People::new(6);
    new(&mut people.leaver, "Canary Zaitoun", &mut people.dice);
    people.revoke();
    let _ = people.leaver.sync(&people.ground.transport(), |_| {});
    people.ground.stop();
    let bytes = fs::read(people.ground.data().join("log.db")).unwrap();
    let finds = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
    assert!(!finds(b"Zaitoun") && !finds(b"leaver"));
    assert!(finds(b"SQLite format 3"), "control: the search finds what is there");
}

#[test]
fn late_letters_that_a_server_lost_are_handed_in_again() {
    let mut people = People::new(9);
    new(&mut people.leaver, "Typed too late", &mut people.dice);
    people.revoke();
    let refused = people.leaver.sync(&people.ground.transport(), |_| {});
    assert!(matches!(refused, Err(Error::NoLongerMember { left: 0 })), "{refused:?}");
    people.ground.sync(&mut people.stayer);
    people.ground.wipe();
    people.stayer.heal(&people.ground.transport(), &[], |_| {}).unwrap();
    assert_eq!(people.ground.sync(&mut people.office).letters, 0, "control: nobody else has it");
    for _ in 0..2 {
        let refused = people.leaver.sync(&people.ground.transport(), |_| {});
        assert!(matches!(refused, Err(Error::NoLongerMember { left: 0 })), "{refused:?}");
    }
    let alarms = people.leaver.alarms().unwrap();
    assert_eq!((alarms.len(), alarms[0].alarm.times), (1, 1), "noted once");
    assert_eq!(people.ground.sync(&mut people.office).letters, 1);
}

#[test]
fn a_wiped_server_that_was_healed_still_shuts_out_who_was_revoked() {
    let mut people = People::new(8);
    let kept = new(&mut people.leaver, "Written while it belonged", &mut people.dice);
    people.ground.sync(&mut people.leaver);
    people.revoke();
    people.ground.sync(&mut people.stayer);
    let late = new(&mut people.leaver, "Written too late", &mut people.dice);
    people.ground.wipe();
    people.stayer.heal(&people.ground.transport(), &[], |_| {}).unwrap();
    let refused = people.leaver.sync(&people.ground.transport(), |_| {});
    assert!(matches!(refused, Err(Error::NoLongerMember { left: 0 })), "{refused:?}");
    let report = people.ground.sync(&mut people.office);
    assert_eq!(report.letters, 1, "its letter is kept apart by the healed server too");
    let mut newcomer = people.ground.member(&mut people.office, "newcomer", Role::Field);
    people.office.renew_keys(&people.ground.transport()).unwrap();
    people.ground.sync(&mut newcomer);
    for vault in [&people.office, &people.stayer, &newcomer] {
        assert!(vault.record(&kept).is_ok(), "what counted counts again");
        assert!(vault.record(&late).is_err());
    }
}
