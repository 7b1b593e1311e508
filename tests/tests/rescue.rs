//! G3: of a damaged vault everything that is whole is read, nothing in it is changed, and what is lost is named.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests may be blunt: a panic there is the report"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use cairn_core::change::Lower;
use cairn_core::form::{Answer, Kind, Question};
use cairn_core::vault::{Machine, NewFile, Reader, Rescue};
use cairn_core::wire::roster::Role;
use cairn_core::{Error, Vault};
use cairn_tests::canary::files;
use cairn_tests::dice::{Dice, size};
use cairn_tests::fork::copy_folder;
use cairn_tests::ground::{Ground, PASSPHRASE};
use cairn_tests::sample;

const PAGE: usize = 4096;
const RECORDS: u64 = 300;

fn name(number: u64) -> String {
    format!("Zq7Story{number:05}Xw")
}

/// An office with many records, all sent, and closed; and in which pages which record stands.
fn office(ground: &Ground) -> BTreeMap<u64, BTreeSet<usize>> {
    let mut office = ground.office("office");
    office.publish_form(&sample::form()).unwrap();
    let rows = (1..=RECORDS).map(|number| {
        let mut answers = sample::answers(&format!("Record {number}"), &mut Dice::new(number));
        answers.insert("story".to_owned(), Answer::Narrative(name(number)));
        (number, answers)
    });
    office.import(&[1; 32], "sample", rows.collect(), 0, RECORDS).unwrap();
    ground.sync(&mut office);
    let draft = office.begin_draft("sample", None).unwrap();
    office.answer_draft(draft, &sample::edit("name", sample::text("A draft"))).unwrap();
    let unsent = sample::answers("Not sent", &mut Dice::new(9));
    office.new_record("sample", unsent).unwrap();
    office.lock().unwrap();
    let mut office = ground.reopen("office");
    let plain = office.rehearse_pages().unwrap();
    office.lock().unwrap();
    let mut places: BTreeMap<u64, BTreeSet<usize>> = BTreeMap::new();
    for (page, octets) in plain.chunks(PAGE).enumerate() {
        for at in 0..octets.len().saturating_sub(15) {
            if octets[at..].starts_with(b"Zq7Story") && octets[at + 13..].starts_with(b"Xw") {
                let number = std::str::from_utf8(&octets[at + 8..at + 13]).unwrap().parse().unwrap();
                places.entry(number).or_default().insert(page);
            }
        }
    }
    assert_eq!(places.len() as u64, RECORDS, "control: each record stands somewhere");
    places
}

/// What is rescued: the numbers of records, everybody's names, and the report.
fn rescued(folder: &Path) -> (BTreeSet<u64>, BTreeSet<String>, Rescue, usize) {
    let work = tempfile::tempdir().unwrap();
    let before = contents(folder);
    let rescued = Vault::rescue(folder, PASSPHRASE, &Machine::default(), work.path()).unwrap();
    assert!(before == contents(folder), "nothing in the damaged folder was changed");
    let (mut numbers, mut names) = (BTreeSet::new(), BTreeSet::new());
    let each = |view: cairn_core::view::RecordView| {
        if let Some(Answer::Text(name)) = view.answers.get("name") {
            names.insert(name.clone());
        }
        if let Some(Answer::Narrative(story)) = view.answers.get("story")
            && let Some(number) = story.strip_prefix("Zq7Story")
        {
            let number: u64 = number[..5].parse().unwrap();
            assert_eq!(*story, name(number), "never another answer");
            assert_eq!(view.answers["name"], sample::text(&format!("Record {number}")));
            numbers.insert(number);
        }
        Ok(())
    };
    rescued.vault.every_record(each, |_, _| {}).unwrap();
    let drafts = rescued.vault.drafts().unwrap_or_default().len();
    (numbers, names, rescued.rescue, drafts)
}

fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let all = files(folder).into_iter().filter(|file| !file.ends_with("tries"));
    all.map(|file| (file.clone(), fs::read(&file).unwrap())).collect()
}

fn spoil(page: &mut [u8], dice: &mut Dice) {
    match dice.below(3) {
        0 => page.fill(0),
        1 => {
            let at = dice.below(page.len());
            page[at] ^= 1 << dice.below(8);
        }
        _ => page.iter_mut().for_each(|octet| *octet = dice.below(256) as u8),
    }
}

/// Every pair of the pages that tell of a photo which was not sent is damaged: it is whole, or known to be lost.
#[test]
fn a_photo_that_was_not_sent_is_never_said_to_be_on_the_server() {
    let ground = Ground::new();
    let mut form = sample::form();
    form.questions.push(Question::new("photo", Kind::Image));
    let mut office = ground.office("office");
    office.publish_form(&form).unwrap();
    let mut field = ground.member(&mut office, "field", Role::Field);
    ground.sync(&mut field);
    let mut dice = Dice::new(4);
    let attached = |vault: &mut Vault, content: &[u8]| {
        let draft = vault.begin_draft("sample", None).unwrap();
        vault.answer_draft(draft, &sample::edit("name", sample::text("Photographed"))).unwrap();
        let reader = Reader { language: String::new(), offset: 0, begun: false };
        let file = NewFile { name: "photo.jpg", media_type: "image/jpeg", content };
        vault.attach(draft, &reader, "photo", &file, |_, _| Ok(())).unwrap();
        vault.finish_draft(draft, Lower::Refused).unwrap()
    };
    let mut content = || -> Vec<u8> { (0..150_000).map(|_| dice.below(256) as u8).collect() };
    let theirs = attached(&mut field, &content());
    ground.sync(&mut field);
    ground.sync(&mut office);
    let ours = attached(&mut office, &content());
    let id = office.file_of(&ours, "photo").unwrap().reference.id;
    office.lock().unwrap();
    let mut office = ground.reopen("office");
    let plain = office.rehearse_pages().unwrap();
    office.lock().unwrap();
    let tells = |page: &[u8]| page.windows(16).any(|octets| octets == id.0);
    let pages: Vec<usize> =
        plain.chunks(PAGE).enumerate().filter(|(_, page)| tells(page)).map(|(number, _)| number).collect();
    let (mut whole, mut lost, mut untold) = (0, 0, 0);
    for (at, one) in pages.iter().enumerate() {
        for other in &pages[at..] {
            let folder = tempfile::tempdir().unwrap();
            copy_folder(&ground.folder("office"), folder.path());
            let path = folder.path().join("vault.db");
            let mut bytes = fs::read(&path).unwrap();
            for page in [one, other] {
                bytes[page * PAGE..(page + 1) * PAGE].fill(0);
            }
            fs::write(&path, &bytes).unwrap();
            let work = tempfile::tempdir().unwrap();
            let rescued = Vault::rescue(folder.path(), PASSPHRASE, &Machine::default(), work.path()).unwrap();
            let vault = &rescued.vault;
            if let Ok(view) = vault.files_of(&theirs).map(|mut files| files.remove(0)) {
                assert!(!vault.is_lost(&theirs, &view).unwrap(), "control: nobody here knows");
            }
            // A record that is lost itself is told of.
            let Ok(view) = vault.files_of(&ours).map(|mut files| files.remove(0)) else { continue };
            let is_whole = vault.read_attachment(&view.file).is_ok();
            assert!(is_whole != vault.is_lost(&ours, &view).unwrap(), "{one} {other}: {view:?}");
            whole += u32::from(is_whole);
            lost += u32::from(!is_whole);
            untold += u32::from(!is_whole && !view.waits);
        }
    }
    println!("{} pages: {whole} whole, {lost} lost, {untold} of these without a row", pages.len());
    assert!(whole > 0 && lost > 0 && untold > 0, "control: {pages:?} {whole} {lost} {untold}");
}

#[test]
fn every_record_whose_pages_are_whole_is_rescued() {
    let (seed, mut dice) = Dice::from_env(70);
    let ground = Ground::new();
    let places = office(&ground);
    let (mut found, mut spoilt, mut again, mut lost) = (0, 0, 0, 0);
    for number in 0..size("CAIRN_TIMES", 6) {
        let about = format!("seed {seed} case {number}");
        let folder = tempfile::tempdir().unwrap();
        copy_folder(&ground.folder("office"), folder.path());
        let path = folder.path().join("vault.db");
        let mut bytes = fs::read(&path).unwrap();
        let pages = bytes.len() / PAGE;
        let mut damaged = BTreeSet::new();
        match number % 3 {
            // The page without which nothing else can be found.
            1 => _ = damaged.insert(0),
            2 => {
                let left = pages / 2 + dice.below(pages / 2);
                bytes.truncate(left * PAGE + dice.below(PAGE));
                damaged.extend(left..pages);
            }
            _ => {}
        }
        damaged.extend((0..1 + dice.below(pages / 8)).map(|_| dice.below(pages)));
        for page in &damaged {
            if let Some(page) = bytes.get_mut(page * PAGE..(page + 1) * PAGE) {
                spoil(page, &mut dice);
            }
        }
        fs::write(&path, &bytes).unwrap();
        let whole = places.iter().filter(|(_, on)| on.is_disjoint(&damaged)).map(|(number, _)| *number);
        let whole: BTreeSet<u64> = whole.collect();
        let (rescued, _, rescue, _) = rescued(folder.path());
        let missed: Vec<&u64> = whole.difference(&rescued).collect();
        assert!(missed.is_empty(), "{about}: whole and not rescued: {missed:?} {rescue:?}");
        assert!(rescue.damaged > 0, "{about}: {rescue:?}");
        found += rescued.len();
        spoilt += places.len() - whole.len();
        again += rescue.from_log.len();
        lost += places.len() - rescued.len();
    }
    println!(
        "rescued {found}; on damaged pages {spoilt}, of these {again} made again from the log, {lost} lost"
    );
    assert!(spoilt > 0, "control: some records were damaged");
}

#[test]
fn a_whole_vault_and_a_torn_log_are_rescued_with_drafts_and_what_was_not_sent() {
    let ground = Ground::new();
    office(&ground);
    let (numbers, names, rescue, drafts) = rescued(&ground.folder("office"));
    assert_eq!((numbers.len() as u64, drafts, rescue.damaged), (RECORDS, 1, 0));
    assert!(names.contains("Not sent"));
    assert_eq!(rescue.unsent.len(), 1, "{rescue:?}");
    // More work, in the log only; it is torn at any place.
    let mut office = ground.reopen("office");
    for number in 0..12 {
        office
            .new_record("sample", sample::answers(&format!("Later {number}"), &mut Dice::new(number)))
            .unwrap();
    }
    let (seed, mut dice) = Dice::from_env(71);
    let mut best = 0;
    for case in 0..4 {
        let folder = tempfile::tempdir().unwrap();
        copy_folder(&ground.folder("office"), folder.path());
        let path = folder.path().join("vault.db-wal");
        let mut log = fs::read(&path).unwrap();
        if case > 0 {
            log.truncate(dice.below(log.len()));
            let at = dice.below(log.len());
            log[at] ^= 1;
        }
        fs::write(&path, log).unwrap();
        let (numbers, names, rescue, _) = rescued(folder.path());
        assert_eq!(numbers.len() as u64, RECORDS, "seed {seed} case {case}: {rescue:?}");
        let later = names.iter().filter(|name| name.starts_with("Later")).count();
        assert!(case > 0 || later == 12, "a log that is whole is read: {later}");
        best = best.max(later);
    }
    assert_eq!(best, 12);
}

/// G2, G3: without the passphrase nothing is read; without the slot file it is said what that means.
#[test]
fn a_wrong_passphrase_and_a_damaged_slot_file_are_told() {
    let (folder, work) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    Vault::create(folder.path(), PASSPHRASE).unwrap().lock().unwrap();
    let rescue = |passphrase: &str| {
        Vault::rescue(folder.path(), passphrase, &Machine::default(), work.path()).map(drop).unwrap_err()
    };
    assert!(matches!(rescue("a wrong one altogether"), Error::WrongPassphrase));
    assert_eq!(files(work.path()), Vec::<PathBuf>::new());
    fs::write(folder.path().join("slots"), b"torn").unwrap();
    let told = rescue(PASSPHRASE);
    assert!(
        matches!(told, Error::Damaged { .. }) && told.hint().contains("invited anew"),
        "{told}: {}",
        told.hint()
    );
    fs::remove_file(folder.path().join("slots")).unwrap();
    assert!(matches!(rescue(PASSPHRASE), Error::NoVault));
}
