//! What becomes of attached files in the end: those of whoever was taken out still arrive, what was erased stays
//! erased, what a server lost comes back, and a phone keeps nothing that it cannot open.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests may be blunt: a panic there is the report"
)]

use std::cell::Cell;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use cairn_core::change::Lower;
use cairn_core::clock::{Clock, SystemClock};
use cairn_core::form::{Answer, FileAnswer, Form, Part};
use cairn_core::vault::{CircleTerms, Presence};
use cairn_core::wire::id::RecordId;
use cairn_core::wire::roster::Role;
use cairn_core::{Error, Vault};
use cairn_tests::fork::copy_folder;
use cairn_tests::ground::{Ground, PASSPHRASE};
use cairn_tests::photos::{Cutting, People, attach, fetch, form, named, photo, photographed, picture};

const DAY: u64 = 24 * 60 * 60;

/// A clock that a test puts forward.
#[derive(Clone, Default)]
struct Forward(Arc<AtomicU64>);

impl Clock for Forward {
    fn now(&self) -> u64 {
        SystemClock.now() + self.0.load(Ordering::SeqCst)
    }
}

/// An office whose eyes alone see what a phone finishes.
fn sealing(ground: &Ground) -> (Vault, Vault) {
    let mut office = ground.office("office");
    // A sealed record is of one part.
    let mut sealed = Form { sealed: true, ..form() };
    sealed.questions.retain(|question| question.part == Part::Case);
    office.publish_form(&sealed).unwrap();
    let eyes = CircleTerms { name: "eyes".to_owned(), sealed: true, ..CircleTerms::default() };
    office.new_circle(&ground.transport(), &eyes).unwrap();
    let mut phone = ground.member(&mut office, "phone", Role::Field);
    ground.sync(&mut office);
    ground.sync(&mut phone);
    (office, phone)
}

/// A record with a photo, and what names the photo, also where the record is sealed when it is finished.
fn finished(vault: &mut Vault, content: &[u8]) -> (RecordId, FileAnswer) {
    let draft = named(vault);
    attach(vault, draft, "photo", "photo.jpg", content).unwrap();
    let file = vault.file_in_draft(draft, "photo").unwrap();
    (vault.finish_draft(draft, Lower::Refused).unwrap(), file)
}

/// Puts the server back to a copy of its folder.
fn put_back(ground: &mut Ground, copy: &Path) {
    ground.meanwhile(|data| {
        std::fs::remove_dir_all(data).unwrap();
        copy_folder(copy, data);
    });
}

#[test]
fn a_photo_of_whoever_was_taken_out_arrives_with_its_late_letter() {
    let mut people = People::new();
    let content = picture(200_000, 1);
    let record = photographed(&mut people.field, &content);
    people.office.revoke(&people.ground.transport(), &people.field.device(), None).unwrap();
    // The road breaks in the middle of the photo: what is left is said.
    let road = people.ground.transport();
    let cutting = Cutting { road: &road, after: Cell::new(Some(70_000)), sent: Cell::new(0) };
    let refused = people.field.sync(&cutting, |_| {});
    assert!(matches!(refused, Err(Error::NoLongerMember { left: 1 })), "{refused:?}");
    let refused = people.field.sync(&road, |_| {});
    assert!(matches!(refused, Err(Error::NoLongerMember { left: 0 })), "{refused:?}");
    let again = people.field.sync(&road, |_| {});
    assert!(matches!(again, Err(Error::NoLongerMember { left: 0 })), "{again:?}");
    assert_eq!(people.ground.sync(&mut people.office).letters, 1);
    let letter = people.office.letters().unwrap().remove(0);
    assert!(people.office.decide_letter(letter.number, true).unwrap());
    let file = photo(&people.office, &record);
    fetch(&people.ground, &mut people.office, &file).unwrap();
    assert_eq!(people.office.read_attachment(&file).unwrap(), content);
    // It brings what it has, and gets nothing.
    let theirs = photographed(&mut people.office, &picture(900, 2));
    people.ground.sync(&mut people.office);
    let theirs = photo(&people.office, &theirs);
    let refused = fetch(&people.ground, &mut people.field, &theirs);
    assert!(matches!(refused, Err(Error::Refused { .. })), "{refused:?}");
}

#[test]
fn a_phone_keeps_no_file_of_a_record_it_cannot_open_once_the_server_has_it_for_good() {
    let ground = Ground::new();
    let (mut office, mut phone) = sealing(&ground);
    let content = picture(70_000, 3);
    let (record, file) = finished(&mut phone, &content);
    assert_eq!(ground.sync(&mut phone).attachments_up, 1);
    assert_eq!(phone.presence(&file).unwrap(), Presence::Here, "the server's word alone is young");
    ground.sync(&mut phone);
    assert_eq!(phone.presence(&file).unwrap(), Presence::Away);
    ground.sync(&mut office);
    let kept = photo(&office, &record);
    fetch(&ground, &mut office, &kept).unwrap();
    assert_eq!(office.read_attachment(&kept).unwrap(), content);
    // A record like any other keeps its photo.
    let mut people = People::new();
    let record = photographed(&mut people.field, &content);
    people.sync();
    people.sync();
    assert_eq!(people.field.presence(&photo(&people.field, &record)).unwrap(), Presence::Here, "control");
}

#[test]
fn a_device_that_only_hands_in_keeps_no_photo_and_can_see_it_until_then() {
    let mut people = People::new();
    let mut tablet = people.ground.member(&mut people.office, "tablet", Role::SubmitOnly);
    tablet.take_handout(&people.office.make_handout(&tablet.device()).unwrap()).unwrap();
    let content = picture(70_000, 4);
    let (record, file) = finished(&mut tablet, &content);
    assert_eq!(tablet.read_attachment(&photo(&tablet, &record)).unwrap(), content);
    for _ in 0..3 {
        people.ground.sync(&mut tablet);
    }
    assert_eq!(tablet.handed_in().unwrap(), Some(1), "control");
    assert_eq!(tablet.presence(&file).unwrap(), Presence::Away);
    people.sync();
    fetch(&people.ground, &mut people.office, &file).unwrap();
    assert_eq!(people.office.read_attachment(&file).unwrap(), content);
}

#[test]
fn a_file_that_was_erased_before_it_was_sent_whole_keeps_nobody_waiting() {
    let ground = Ground::new();
    let (mut office, mut phone) = sealing(&ground);
    let (record, file) = finished(&mut phone, &picture(200_000, 5));
    let road = ground.transport();
    let cutting = Cutting { road: &road, after: Cell::new(Some(70_000)), sent: Cell::new(0) };
    phone.sync(&cutting, |_| {}).unwrap();
    assert_eq!(phone.attachments_waiting().unwrap(), 1, "control: the road broke");
    ground.sync(&mut office);
    office.erase_records(&ground.transport(), &[record], "asked", |_| {}).unwrap();
    ground.sync(&mut office);
    let gone = fetch(&ground, &mut office, &file);
    assert!(matches!(gone, Err(Error::FileNotSent)), "{gone:?}");
    let report = ground.sync(&mut phone);
    assert_eq!((report.attachments_left, phone.attachments_waiting().unwrap()), (0, 0));
    assert_eq!((report.attachments_up, report.attachments_refused), (0, None), "nobody has to act");
    assert_eq!(phone.presence(&file).unwrap(), Presence::Here, "one word is young");
    ground.sync(&mut phone);
    assert_eq!(phone.presence(&file).unwrap(), Presence::Away, "what was erased leaves this phone too");
}

#[test]
fn what_was_erased_is_dropped_again_by_a_server_that_was_put_back() {
    let mut ground = Ground::new();
    let clock = Forward::default();
    let folder = ground.folder("office");
    let mut office = Vault::create_with(&folder, PASSPHRASE, Arc::new(clock.clone())).unwrap();
    office.found(&ground.address(), "office").unwrap();
    ground.sync(&mut office);
    office.publish_form(&form()).unwrap();
    ground.sync(&mut office);
    let mut field = ground.member(&mut office, "field", Role::Field);
    let record = photographed(&mut office, &picture(70_000, 6));
    ground.sync(&mut office);
    let file = photo(&office, &record);
    let copy = ground.path().join("copy");
    ground.meanwhile(|data| copy_folder(data, &copy));
    office.erase_records(&ground.transport(), &[record], "asked", |_| {}).unwrap();
    ground.sync(&mut office);
    assert!(matches!(fetch(&ground, &mut field, &file), Err(Error::FileNotSent)), "control: it was dropped");
    // The files of before are there again, and no device did that.
    ground.meanwhile(|data| {
        let log = rusqlite::Connection::open(data.join("log.db")).unwrap();
        log.execute("ATTACH ?1 AS old", [copy.join("log.db").to_str().unwrap()]).unwrap();
        log.execute_batch(
            "DELETE FROM attachment; INSERT INTO attachment SELECT * FROM old.attachment;
             INSERT INTO attachment_piece SELECT * FROM old.attachment_piece;",
        )
        .unwrap();
    });
    fetch(&ground, &mut field, &file).expect("control: the server has it again");
    clock.0.store(8 * DAY, Ordering::SeqCst);
    ground.sync(&mut office);
    let mut newcomer = ground.member(&mut office, "newcomer", Role::Field);
    assert!(matches!(fetch(&ground, &mut newcomer, &file), Err(Error::FileNotSent)));
}

#[test]
fn what_a_server_that_was_put_back_has_lost_comes_again_from_a_phone_that_nobody_tells() {
    let mut people = People::new();
    let clock = Forward::default();
    let folder = people.ground.folder("phone");
    let mut phone = Vault::create_with(&folder, PASSPHRASE, Arc::new(clock.clone())).unwrap();
    people.ground.join(&mut people.office, &mut phone, "phone", Role::Field);
    let copy = people.ground.path().join("copy");
    people.ground.meanwhile(|data| copy_folder(data, &copy));
    let content = picture(70_000, 7);
    let record = photographed(&mut phone, &content);
    people.ground.sync(&mut phone);
    people.ground.sync(&mut people.office);
    put_back(&mut people.ground, &copy);
    people.office.heal(&people.ground.transport(), &[], |_| {}).unwrap();
    let file = photo(&people.office, &record);
    people.ground.sync(&mut phone);
    let lost = fetch(&people.ground, &mut people.office, &file);
    assert!(matches!(lost, Err(Error::FileNotSent)), "control: the server has lost it: {lost:?}");
    clock.0.store(8 * DAY, Ordering::SeqCst);
    people.ground.sync(&mut phone);
    fetch(&people.ground, &mut people.office, &file).unwrap();
    assert_eq!(people.office.read_attachment(&file).unwrap(), content);
}

#[test]
fn a_piece_that_rotted_before_it_was_sent_is_never_sent_and_holds_nothing_up() {
    let mut people = People::new();
    let (first, second) = (picture(300_000, 8), picture(400_000, 9));
    let damaged = photographed(&mut people.field, &first);
    let sound = photographed(&mut people.field, &second);
    let file = photo(&people.field, &damaged);
    people.field.rehearse_rot(&file.reference.id, 3).unwrap();
    assert!(matches!(people.field.read_attachment(&file), Err(Error::Damaged { .. })), "control");
    let report = people.ground.sync(&mut people.field);
    assert_eq!((report.attachments_damaged, report.attachments_up, report.attachments_left), (1, 1, 0));
    people.ground.sync(&mut people.office);
    let never = fetch(&people.ground, &mut people.office, &file);
    assert!(matches!(never, Err(Error::FileNotSent)), "{never:?}");
    let whole = photo(&people.office, &sound);
    fetch(&people.ground, &mut people.office, &whole).unwrap();
    assert_eq!(people.office.read_attachment(&whole).unwrap(), second);
    assert_eq!(people.ground.sync(&mut people.field).attachments_damaged, 1, "it is said each time");
}

#[test]
fn a_piece_that_rotted_after_it_came_is_fetched_again_and_nothing_else_is() {
    let mut people = People::new();
    let content = picture(300_000, 10);
    let record = photographed(&mut people.field, &content);
    people.sync();
    let file = photo(&people.office, &record);
    let whole = fetch(&people.ground, &mut people.office, &file).unwrap().attachment_bytes_down;
    people.office.rehearse_rot(&file.reference.id, 1).unwrap();
    assert!(matches!(people.office.read_attachment(&file), Err(Error::Damaged { .. })), "control");
    let again = fetch(&people.ground, &mut people.office, &file).unwrap().attachment_bytes_down;
    assert!(0 < again && again < whole, "{again} of {whole}");
    assert_eq!(people.office.read_attachment(&file).unwrap(), content);
}

#[test]
fn a_file_stays_as_long_as_another_record_names_it() {
    let mut people = People::new();
    let content = picture(70_000, 11);
    let (record, other) = (photographed(&mut people.field, &content), photographed(&mut people.field, b"x"));
    people.sync();
    let file = photo(&people.office, &record);
    let same = BTreeMap::from([("photo".to_owned(), Some(Answer::File(Box::new(file.clone()))))]);
    people.office.edit_record(&other, &same).unwrap();
    people.sync();
    let erase = |people: &mut People, record| {
        people.office.erase_records(&people.ground.transport(), &[record], "asked", |_| {}).unwrap();
        people.sync();
    };
    erase(&mut people, record);
    assert!(people.office.record(&record).is_err(), "control");
    assert_eq!(people.field.presence(&file).unwrap(), Presence::Here);
    fetch(&people.ground, &mut people.office, &file).unwrap();
    assert_eq!(people.office.read_attachment(&file).unwrap(), content);
    erase(&mut people, other);
    for vault in [&people.office, &people.field] {
        assert_eq!(vault.presence(&file).unwrap(), Presence::Away);
    }
    let gone = fetch(&people.ground, &mut people.office, &file);
    assert!(matches!(gone, Err(Error::FileNotSent)), "{gone:?}");
}
