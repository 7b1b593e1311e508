//! Attachments: what was photographed offline arrives whole, costs little where the road breaks, and opens for nobody
//! else.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests may be blunt: a panic there is the report"
)]

use std::cell::Cell;
use std::collections::BTreeMap;

use cairn_core::change::Lower;
use cairn_core::form::{Answer, Form, Part, answers_to_json};
use cairn_core::transport::{Reply, Transport, TransportError};
use cairn_core::vault::{CircleTerms, Presence};
use cairn_core::view::export::{Exporter, Format, Options};
use cairn_core::wire::roster::Role;
use cairn_core::wire::{limits, path};
use cairn_core::{Error, Vault};
use cairn_tests::canary::{base64, files};
use cairn_tests::dice::Dice;
use cairn_tests::fork::copy_folder;
use cairn_tests::ground::{Ground, PASSPHRASE};
use cairn_tests::photos::{Cutting, People, attach, fetch, form, named, photo, photographed, picture};
use cairn_tests::sample;

/// Whether octets hold others: as they are, in hexadecimal digits, in base64 at any place, or printed as a list.
fn holds(bytes: &[u8], sought: &[u8]) -> bool {
    let hex: String = sought.iter().map(|octet| format!("{octet:02x}")).collect();
    let list = sought.iter().map(u8::to_string).collect::<Vec<_>>().join(", ");
    let mut guises =
        vec![sought.to_vec(), hex.to_uppercase().into_bytes(), hex.into_bytes(), list.into_bytes()];
    for at in 0..3 {
        let whole = base64(&[&vec![0; at][..], sought].concat());
        guises.push(whole[(at * 8usize).div_ceil(6)..(at + sought.len()) * 8 / 6].to_vec());
    }
    guises.iter().any(|guise| bytes.windows(guise.len()).any(|window| window == guise.as_slice()))
}

#[test]
fn a_photo_taken_offline_arrives_octet_for_octet_and_is_fetched_only_when_somebody_wants_it() {
    let mut people = People::new();
    let content = picture(300_000, 1);
    let record = photographed(&mut people.field, &content);
    let file = photo(&people.field, &record);
    assert_eq!(people.field.read_attachment(&file).unwrap(), content, "it is there at once");
    assert_eq!(people.field.attachments_waiting().unwrap(), 1);
    let sent = people.ground.sync(&mut people.field);
    assert_eq!((sent.attachments_up, sent.attachments_left), (1, 0));
    let came = people.ground.sync(&mut people.office);
    assert!(came.bytes_down < 20_000, "no photo comes unasked: {}", came.bytes_down);
    assert_eq!(photo(&people.office, &record), file);
    assert_eq!(people.office.presence(&file).unwrap(), Presence::Away);
    assert!(matches!(people.office.read_attachment(&file), Err(Error::FileAway)));
    let fetched = fetch(&people.ground, &mut people.office, &file).unwrap();
    assert_eq!(fetched.attachments_down, 1);
    assert_eq!(people.office.read_attachment(&file).unwrap(), content);
    let again = fetch(&people.ground, &mut people.office, &file).unwrap();
    assert_eq!((again.attachments_down, again.round_trips), (0, 0), "what is here is not fetched again");
}

#[test]
fn a_cut_costs_at_most_the_piece_under_way_and_the_records_have_gone() {
    let mut people = People::new();
    let content = picture(500_000, 2);
    let record = photographed(&mut people.field, &content);
    let road = people.ground.transport();
    let cutting = Cutting { road: &road, after: Cell::new(Some(200_000)), sent: Cell::new(0) };
    let report = people.field.sync(&cutting, |_| {}).unwrap();
    assert_eq!((report.records_up, report.attachments_up, report.attachments_left), (1, 0, 1));
    people.ground.sync(&mut people.office);
    assert!(people.office.record(&record).is_ok(), "the record does not wait for its photo");
    let file = photo(&people.office, &record);
    let early = fetch(&people.ground, &mut people.office, &file);
    assert!(matches!(early, Err(Error::FileNotSent)), "{early:?}");
    cutting.after.set(None);
    let report = people.field.sync(&cutting, |_| {}).unwrap();
    assert_eq!((report.attachments_up, report.attachments_left), (1, 0));
    let (_, sealed) = cairn_core::attachment::shape(content.len() as u64);
    let twice = cutting.sent.get() as u64 - sealed;
    assert!(twice < limits::ATTACHMENT_PIECE as u64 + 2_000, "{twice} octets were sent twice");
    fetch(&people.ground, &mut people.office, &file).unwrap();
    assert_eq!(people.office.read_attachment(&file).unwrap(), content, "what came before the cut counts");
}

#[test]
fn only_a_device_of_the_parts_circle_can_name_and_open_a_scan() {
    let mut people = People::new();
    let clinic = CircleTerms {
        name: "clinic".to_owned(),
        parts: [Part::Health].into(),
        team: String::new(),
        sharing: false,
        sealed: false,
    };
    people.office.new_circle(&people.ground.transport(), &clinic).unwrap();
    people.sync();
    let content = picture(70_000, 3);
    let draft = named(&mut people.office);
    attach(&mut people.office, draft, "scan", "scan.pdf", &content).unwrap();
    let record = people.office.finish_draft(draft, Lower::Refused).unwrap();
    people.sync();
    assert!(people.office.file_of(&record, "scan").is_ok(), "control");
    assert!(people.field.record(&record).is_ok());
    assert!(matches!(people.field.file_of(&record, "scan"), Err(Error::NotFound { .. })));
    let file = people.office.file_of(&record, "scan").unwrap();
    let secret = file.reference.secret.as_bytes();
    let plain = |vault: &Vault| vault.rehearse_seizure(&people.ground.path().join("scratch")).unwrap();
    assert!(holds(&plain(&people.office), secret), "control");
    std::fs::remove_file(people.ground.path().join("scratch")).unwrap();
    assert!(!holds(&plain(&people.field), secret), "what opens it reaches nobody else");
}

#[test]
fn a_device_that_was_taken_out_fetches_nothing() {
    let mut people = People::new();
    let record = photographed(&mut people.office, &picture(70_000, 4));
    people.sync();
    let file = photo(&people.field, &record);
    people.office.revoke(&people.ground.transport(), &people.field.device(), None).unwrap();
    let refused = fetch(&people.ground, &mut people.field, &file);
    assert!(matches!(refused, Err(Error::Refused { .. })), "{refused:?}");
    assert_eq!(people.field.presence(&file).unwrap(), Presence::Away);
}

/// Hands out attachments altered, in another order, or another one's.
struct Lying<'a> {
    road: &'a dyn Transport,
    lie: Box<dyn Fn(&mut cairn_core::wire::attachment::Fetched) + 'a>,
}

impl Transport for Lying<'_> {
    fn post(&self, path: &str, body: Vec<u8>) -> Result<Reply, TransportError> {
        let mut reply = self.road.post(path, body)?;
        if path == path::ATTACHMENTS
            && let Ok(mut fetched) = cairn_core::wire::attachment::Fetched::decode(&reply.body)
        {
            (self.lie)(&mut fetched);
            reply.body = fetched.encode();
        }
        Ok(reply)
    }
}

#[test]
fn a_server_that_alters_swaps_or_withholds_pieces_never_gives_wrong_octets() {
    let mut people = People::new();
    let content = picture(200_000, 5);
    let record = photographed(&mut people.field, &content);
    people.sync();
    let (file, road) = (photo(&people.office, &record), people.ground.transport());
    type Lie = Box<dyn Fn(&mut cairn_core::wire::attachment::Fetched)>;
    let lies: [(&str, Lie); 4] = [
        ("altered", Box::new(|fetched| fetched.pieces.iter_mut().for_each(|piece| piece[7] ^= 1))),
        ("swapped", Box::new(|fetched| fetched.pieces.reverse())),
        ("withheld", Box::new(|fetched| fetched.pieces.clear())),
        ("cut", Box::new(|fetched| fetched.pieces.iter_mut().for_each(|piece| piece.truncate(100)))),
    ];
    for (what, lie) in lies {
        let lying = Lying { road: &road, lie };
        let fetched = people.office.fetch_attachment(&lying, &file, |_| {});
        assert!(matches!(fetched, Err(Error::OtherFile | Error::FileNotSent)), "{what}: {fetched:?}");
        assert!(people.office.read_attachment(&file).is_err(), "{what}");
    }
    // One good piece, then a bad one: what was good stays.
    let honest = Cell::new(true);
    let lie = |fetched: &mut cairn_core::wire::attachment::Fetched| match honest.replace(false) {
        true => fetched.pieces.truncate(1),
        false => fetched.pieces.fill(vec![1; 50]),
    };
    let last = Lying { road: &road, lie: Box::new(lie) };
    assert!(people.office.fetch_attachment(&last, &file, |_| {}).is_err());
    assert!(matches!(people.office.presence(&file).unwrap(), Presence::InPart { held: 1, .. }));
    fetch(&people.ground, &mut people.office, &file).unwrap();
    assert_eq!(people.office.read_attachment(&file).unwrap(), content, "control: the truth is taken");
}

/// G5. The phone keeps the pieces until the server has them, and nothing that opens them.
#[test]
fn a_photo_of_a_sealed_record_opens_at_the_office_and_no_more_on_the_phone() {
    let ground = Ground::new();
    let mut office = ground.office("office");
    // A sealed record is of one part.
    let mut sealed = Form { sealed: true, ..form() };
    sealed.questions.retain(|question| question.part == Part::Case);
    office.publish_form(&sealed).unwrap();
    let eyes = CircleTerms {
        name: "eyes".to_owned(),
        parts: [].into(),
        team: String::new(),
        sharing: false,
        sealed: true,
    };
    office.new_circle(&ground.transport(), &eyes).unwrap();
    let mut phone = ground.member(&mut office, "phone", Role::Field);
    ground.sync(&mut office);
    ground.sync(&mut phone);
    let content = picture(70_000, 14);
    let draft = named(&mut phone);
    attach(&mut phone, draft, "photo", "photo.jpg", &content).unwrap();
    let file = phone.file_in_draft(draft, "photo").unwrap();
    let seized = |vault: &Vault| {
        let scratch = ground.path().join("scratch");
        let plain = vault.rehearse_seizure(&scratch).unwrap();
        std::fs::remove_file(scratch).unwrap();
        plain
    };
    assert!(holds(&seized(&phone), file.reference.secret.as_bytes()), "control: while it is a draft");
    let record = phone.finish_draft(draft, Lower::Refused).unwrap();
    assert!(matches!(phone.record(&record), Err(Error::SealedAway)));
    assert!(!holds(&seized(&phone), file.reference.secret.as_bytes()));
    assert_eq!(phone.attachments_waiting().unwrap(), 1);
    assert_eq!(ground.sync(&mut phone).attachments_up, 1);
    ground.sync(&mut office);
    let file = photo(&office, &record);
    fetch(&ground, &mut office, &file).unwrap();
    assert_eq!(office.read_attachment(&file).unwrap(), content);
}

#[test]
fn a_draft_that_is_thrown_away_or_answered_anew_takes_its_photo_along() {
    let mut people = People::new();
    let draft = named(&mut people.field);
    let mut files = Vec::new();
    for seed in [15, 16] {
        attach(&mut people.field, draft, "photo", "photo.jpg", &picture(70_000, seed)).unwrap();
        files.push(people.field.file_in_draft(draft, "photo").unwrap());
    }
    let presence = |vault: &Vault| files.iter().map(|file| vault.presence(file).unwrap()).collect::<Vec<_>>();
    assert_eq!(presence(&people.field), [Presence::Away, Presence::Here]);
    // Shown by its name and given back by it, it is still the photo.
    let same = BTreeMap::from([("photo".to_owned(), Some(sample::text("photo.jpg")))]);
    people.field.answer_draft(draft, &same).unwrap();
    assert_eq!(people.field.file_in_draft(draft, "photo").unwrap(), files[1]);
    people.ground.sync(&mut people.field);
    assert_eq!(people.field.counts().unwrap().attachments, 0, "nothing of a draft leaves");
    people.field.discard_draft(draft).unwrap();
    assert_eq!(presence(&people.field), [Presence::Away, Presence::Away]);
    for (field, content) in [("name", &[1][..]), ("photo", &[])] {
        let draft = named(&mut people.field);
        let refused = attach(&mut people.field, draft, field, "photo.jpg", content);
        assert!(matches!(refused, Err(Error::Invalid(_) | Error::EmptyFile)), "{refused:?}");
    }
}

#[test]
fn photos_that_two_people_took_at_once_are_both_kept() {
    let mut people = People::new();
    let record = photographed(&mut people.office, &picture(1_000, 6));
    people.sync();
    let (ours, theirs) = (picture(2_000, 7), picture(3_000, 8));
    for (vault, content) in [(&mut people.office, &ours), (&mut people.field, &theirs)] {
        let draft = vault.begin_draft_of(&record).unwrap();
        attach(vault, draft, "photo", "photo.jpg", content).unwrap();
        vault.finish_draft(draft, Lower::Refused).unwrap();
    }
    people.sync();
    let conflicts = people.office.record(&record).unwrap().conflicts;
    assert_eq!((conflicts.len(), conflicts[0].values.len()), (1, 2));
    let mut read = Vec::new();
    for view in people.office.files_of(&record).unwrap() {
        fetch(&people.ground, &mut people.office, &view.file).unwrap();
        read.push(people.office.read_attachment(&view.file).unwrap());
    }
    assert!(read.contains(&ours) && read.contains(&theirs), "the same name, and two photos");
    let files = people.office.files_of(&record).unwrap();
    let chosen = files.into_iter().find(|view| view.file.reference.octets == 3_000).unwrap().file;
    people.office.settle(&record, "photo", Some(Answer::File(Box::new(chosen.clone())))).unwrap();
    people.sync();
    assert_eq!(photo(&people.field, &record), chosen);
}

/// As an import leaves it: the name, and no file.
#[test]
fn undoing_and_settling_tell_a_text_from_a_file_of_that_name() {
    let mut people = People::new();
    let said = sample::text("photo.jpg");
    let mut answers = sample::answers("Sample", &mut Dice::new(3));
    answers.insert("photo".to_owned(), said.clone());
    let record = people.field.new_record("photographed", answers).unwrap();
    let attached = |vault: &mut Vault, name: &str| {
        let draft = vault.begin_draft_of(&record).unwrap();
        attach(vault, draft, "photo", name, &picture(5_000, 1)).unwrap();
        vault.finish_draft(draft, Lower::Refused).unwrap();
    };
    let stands = |vault: &Vault| vault.record(&record).unwrap().answers.remove("photo").unwrap();
    attached(&mut people.field, "photo.jpg");
    let file = stands(&people.field);
    assert!(file.file().is_some(), "control");
    assert!(
        !people.field.edit_record(&record, &sample::edit("photo", said.clone())).unwrap(),
        "control: its name"
    );
    assert!(people.field.undo(&record, "photo", Lower::Refused).unwrap().is_some());
    assert_eq!(stands(&people.field), said);
    assert!(people.field.undo(&record, "photo", Lower::Refused).unwrap().is_some());
    assert_eq!(stands(&people.field), file);

    people.sync();
    for settled in [&said, &file] {
        people.office.edit_record(&record, &sample::edit("photo", sample::text("other.jpg"))).unwrap();
        people.sync();
        people.office.edit_record(&record, &sample::edit("photo", said.clone())).unwrap();
        attached(&mut people.field, "photo.jpg");
        people.sync();
        assert_eq!(people.office.conflicts(10).unwrap().len(), 1, "control");
        let values = people.office.record(&record).unwrap().conflicts.remove(0).values;
        let picked = values.into_iter().map(|(answer, _)| answer.unwrap());
        let picked = picked.into_iter().find(|answer| answer.file().is_some() == settled.file().is_some());
        people.office.settle(&record, "photo", picked.clone()).unwrap();
        people.sync();
        assert_eq!(stands(&people.field), picked.unwrap());
        assert!(people.field.conflicts(10).unwrap().is_empty());
    }

    // Where no such text stands, it is the name that the file is shown by.
    people.office.edit_record(&record, &sample::edit("photo", sample::text("other.jpg"))).unwrap();
    attached(&mut people.field, "turned.jpg");
    people.sync();
    people.office.settle(&record, "photo", Some(sample::text("turned.jpg"))).unwrap();
    assert!(stands(&people.office).file().is_some());
}

#[test]
fn an_erased_photo_leaves_devices_and_server_and_cannot_be_opened_by_what_is_left() {
    let mut people = People::new();
    let content = picture(70_000, 9);
    let (record, other) =
        (photographed(&mut people.field, &content), photographed(&mut people.field, &picture(900, 10)));
    people.sync();
    let (file, kept) = (photo(&people.office, &record), photo(&people.office, &other));
    fetch(&people.ground, &mut people.office, &file).unwrap();
    people.office.erase_records(&people.ground.transport(), &[record], "asked", |_| {}).unwrap();
    people.sync();
    for vault in [&people.office, &people.field] {
        assert_eq!(vault.presence(&file).unwrap(), Presence::Away);
    }
    assert_eq!(people.field.presence(&kept).unwrap(), Presence::Here, "control");
    assert_eq!(people.office.erasures().unwrap()[0].attachments, 1);
    let gone = fetch(&people.ground, &mut people.office, &file);
    assert!(matches!(gone, Err(Error::FileNotSent)), "the server has dropped it: {gone:?}");
    fetch(&people.ground, &mut people.office, &kept).unwrap();
}

#[test]
fn a_server_that_was_wiped_gets_its_files_again_from_whoever_holds_them() {
    let mut people = People::new();
    let content = picture(200_000, 11);
    let record = photographed(&mut people.field, &content);
    people.sync();
    people.ground.wipe();
    people.field.heal(&people.ground.transport(), &[], |_| {}).unwrap();
    let file = photo(&people.office, &record);
    fetch(&people.ground, &mut people.office, &file).unwrap();
    assert_eq!(people.office.read_attachment(&file).unwrap(), content);
}

#[test]
fn what_waits_is_counted_and_keeps_a_device_from_departing() {
    let mut people = People::new();
    let record = photographed(&mut people.field, &picture(70_000, 12));
    assert_eq!(people.field.counts().unwrap().attachments, 1);
    let road = people.ground.transport();
    let cutting = Cutting { road: &road, after: Cell::new(Some(0)), sent: Cell::new(0) };
    let departed = people.field.depart(&cutting, PASSPHRASE, |_| {});
    assert!(matches!(departed, Err(Error::Unsent(1))), "{departed:?}");
    assert_eq!(people.field.presence(&photo(&people.field, &record)).unwrap(), Presence::Here);
    people.ground.sync(&mut people.field);
    assert_eq!(people.field.counts().unwrap().attachments, 0);
}

#[test]
fn what_opens_a_photo_stands_in_no_export_no_search_and_no_json_and_the_server_has_neither() {
    let mut people = People::new();
    let content = picture(3_000, 13);
    let record = photographed(&mut people.field, &content);
    people.sync();
    let secret = photo(&people.field, &record).reference.secret;
    let view = people.field.record(&record).unwrap();
    let (mut out, form, options) = (Vec::new(), form(), Options::default());
    for format in [Format::Csv, Format::Jsonl, Format::Xlsx] {
        let mut exporter = Exporter::new(format, &form, &options, std::io::Cursor::new(Vec::new())).unwrap();
        exporter.record(&view).unwrap();
        out.extend(exporter.finish().unwrap().into_inner());
    }
    out.extend(serde_json::to_vec(&answers_to_json(Some(&form), &view.answers)).unwrap());
    out.extend(serde_json::to_vec(&answers_to_json(None, &view.answers)).unwrap());
    out.extend(format!("{view:?} {:?}", people.field.history(&record, None).unwrap()).into_bytes());
    assert!(!holds(&out, secret.as_bytes()));
    assert!(String::from_utf8_lossy(&out).contains("photo.jpg"), "control: its name does");
    let draft = people.field.begin_draft_of(&record).unwrap();
    attach(&mut people.field, draft, "photo", "photo.jpg", &content).unwrap();
    let kept = people.field.file_in_draft(draft, "photo").unwrap();
    let seized = people.field.rehearse_seizure(&people.ground.path().join("scratch")).unwrap();
    assert!(holds(&seized, kept.reference.secret.as_bytes()), "control: the draft does");
    people.ground.stop();
    let (mut served, id) = (Vec::new(), photo(&people.field, &record).reference.id);
    files(&people.ground.data()).iter().for_each(|file| served.extend(std::fs::read(file).unwrap()));
    assert!(holds(&served, &id.0), "control: it has the name");
    assert!(
        !holds(&served, secret.as_bytes()) && !holds(&served, &content[..64]),
        "and nothing that opens it"
    );
}

/// G3. A bit that changes by itself is told, or harms nothing; never is it another photo.
#[test]
fn a_flipped_bit_of_a_vault_never_gives_another_photo() {
    let mut people = People::new();
    let content = picture(600_000, 17);
    let record = photographed(&mut people.field, &content);
    let file = photo(&people.field, &record);
    people.field.lock().unwrap();
    let (folder, image) = (people.ground.folder("field"), people.ground.path().join("image"));
    let (mut dice, mut told) = (Dice::new(18), 0);
    for _ in 0..24 {
        copy_folder(&folder, &image);
        let mut bytes = std::fs::read(image.join("vault.db")).unwrap();
        let at = dice.below(bytes.len());
        bytes[at] ^= 1 << dice.below(8);
        std::fs::write(image.join("vault.db"), &bytes).unwrap();
        let read = Vault::open(&image, PASSPHRASE).and_then(|vault| vault.read_attachment(&file));
        match read {
            Ok(read) => assert!(read == content, "octet {at}"),
            Err(_) => told += 1,
        }
        std::fs::remove_dir_all(&image).unwrap();
    }
    assert!(told > 4, "control: most of the vault is the photo, and {told} of 24 flips were told");
    let vault = people.ground.reopen("field");
    assert!(vault.read_attachment(&file).unwrap() == content, "control: the vault itself is whole");
}
