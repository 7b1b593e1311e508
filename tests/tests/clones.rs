//! G14: a vault that is copied or put back from a backup goes on beside its original: nothing is lost, nothing is
//! doubled, and no chain is written twice.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests may be blunt: a panic there is the report"
)]

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

use cairn_core::form::Answer;
use cairn_core::vault::{Anchor, Machine};
use cairn_core::wire::id::RecordId;
use cairn_core::{Error, Vault};
use cairn_tests::dice::Dice;
use cairn_tests::fork::copy_folder;
use cairn_tests::ground::{Ground, PASSPHRASE};
use cairn_tests::level::{differences, level, shown};
use cairn_tests::road::BadRoad;
use cairn_tests::sample;
use cairn_tests::watch::{Seen, Watched};

/// Lives in the slice; `CAIRN_SEEDS` for more.
const SEEDS: usize = 6;

/// Notices nothing: every copy looks like its original.
struct Blind;

impl Anchor for Blind {
    fn read(&self, _: &Path) -> io::Result<Option<[u8; 32]>> {
        Ok(Some([0; 32]))
    }

    fn renew(&self, _: &Path) -> io::Result<[u8; 32]> {
        Ok([0; 32])
    }
}

struct Life {
    ground: Ground,
    blind: bool,
    dice: Dice,
    seen: RefCell<Seen>,
    records: usize,
    ages: Vec<i64>,
    words: Vec<String>,
    next: i64,
}

impl Life {
    fn new(seed: u64, blind: bool) -> (Self, Vault, Vault) {
        let ground = Ground::new();
        let (office, field) = ground.office_and_field();
        field.lock().unwrap();
        let life = Self {
            ground,
            blind,
            dice: Dice::new(seed),
            seen: RefCell::default(),
            records: 0,
            ages: Vec::new(),
            words: Vec::new(),
            next: 0,
        };
        let field = life.open("field");
        (life, office, field)
    }

    fn open(&self, name: &str) -> Vault {
        let folder = self.ground.folder(name);
        if self.blind {
            Vault::open_on(&folder, PASSPHRASE, &Machine::default().with_anchor(Arc::new(Blind))).unwrap()
        } else {
            Vault::open(&folder, PASSPHRASE).unwrap()
        }
    }

    /// New records and edits of what is there.
    fn work(&mut self, vault: &mut Vault, most: usize) {
        for _ in 0..self.dice.below(most + 1) {
            self.next += 1;
            let known: Vec<RecordId> = shown(vault).into_keys().collect();
            if known.is_empty() || self.dice.once_in(3) {
                let mut answers = sample::answers(&format!("Sample {}", self.next), &mut self.dice);
                answers.insert("age".to_owned(), Answer::Integer(1000 + self.next));
                vault.new_record("sample", answers).unwrap();
                self.records += 1;
                self.ages.push(1000 + self.next);
                continue;
            }
            let record = *self.dice.pick(&known);
            if self.dice.once_in(2) {
                let age = Answer::Integer(1000 + self.next);
                vault.edit_record(&record, &sample::edit("age", age)).unwrap();
                self.ages.push(1000 + self.next);
            } else if let Some(Answer::Narrative(story)) = shown(vault)[&record].answers.get("story") {
                let word = format!("word{}", self.next);
                let story = Answer::Narrative(format!("{story} {word}"));
                vault.edit_record(&record, &sample::edit("story", story)).unwrap();
                self.words.push(word);
            }
        }
    }

    fn sync(&self, vault: &mut Vault) -> Result<(), Error> {
        let road = self.ground.transport();
        vault.sync(&Watched { inner: &road, seen: &self.seen }, |_| {}).map(drop)
    }

    /// Over a road on which the answer is sometimes lost: segments are then in doubt.
    fn sync_badly(&mut self, vault: &mut Vault) {
        let road = self.ground.transport();
        let watched = Watched { inner: &road, seen: &self.seen };
        let bad = BadRoad::new(&watched, self.dice.bits(), 2);
        let _ = vault.sync(&bad, |_| {});
    }

    /// Everything that is not as it must be, once all are level.
    fn findings(mut self, mut vaults: Vec<(String, Vault)>) -> Vec<String> {
        let mut findings = self.seen.take().findings;
        if let Err(trouble) = level(&self.ground, &mut vaults) {
            findings.push(format!("lost: {trouble}"));
        }
        findings.extend(differences(&vaults).into_iter().map(|finding| format!("lost: {finding}")));
        for (name, vault) in &vaults {
            let views = shown(vault);
            if views.len() != self.records {
                findings.push(format!("lost: {name} shows {} of {} records", views.len(), self.records));
            }
            let mut ages = BTreeSet::new();
            let mut told = Vec::new();
            for (record, view) in &views {
                let past = vault.history(record, Some("age")).unwrap();
                ages.extend(past.into_iter().filter_map(|past| match past.answer {
                    Some(Answer::Integer(age)) => Some(age),
                    _ => None,
                }));
                if let Some(Answer::Narrative(story)) = view.answers.get("story") {
                    told.extend(story.split_whitespace().map(str::to_owned));
                }
            }
            let lost = self.ages.iter().filter(|age| !ages.contains(age)).count();
            if lost > 0 {
                findings.push(format!("lost: {name} misses {lost} answers"));
            }
            for word in &self.words {
                let times = told.iter().filter(|told| *told == word).count();
                if times != 1 {
                    findings.push(format!("lost: {name} tells {word} {times} times"));
                }
            }
        }
        self.ground.stop();
        let report = cairn_server::doctor::examine(&self.ground.data()).unwrap();
        findings.extend(report.problems.iter().map(|problem| format!("server: {problem}")));
        if report.frozen_chains > 0 {
            findings.push(format!("forked: {} chains are frozen", report.frozen_chains));
        }
        findings
    }
}

/// A vault is copied in mid-life, with work that has not been sent; both go on and sync in any order.
fn copied(seed: u64, blind: bool) -> Vec<String> {
    let (mut life, mut office, mut field) = Life::new(seed, blind);
    life.work(&mut field, 3);
    life.sync(&mut field).unwrap();
    life.work(&mut field, 4);
    if life.dice.once_in(2) {
        life.sync_badly(&mut field);
        life.work(&mut field, 2);
    }
    field.lock().unwrap();
    copy_folder(&life.ground.folder("field"), &life.ground.folder("copy"));
    let (mut field, mut copy) = (life.open("field"), life.open("copy"));
    for _ in 0..6 {
        let who = life.dice.below(3);
        let vault = [&mut office, &mut field, &mut copy][who].folder().to_owned();
        let vault =
            [&mut office, &mut field, &mut copy].into_iter().find(|one| one.folder() == vault).unwrap();
        life.work(vault, 3);
        if life.dice.once_in(2)
            && let Err(error) = life.sync(vault)
        {
            life.seen.borrow_mut().findings.push(format!("refused: {error}"));
        }
    }
    let vaults = vec![("office".to_owned(), office), ("field".to_owned(), field), ("copy".to_owned(), copy)];
    life.findings(vaults)
}

/// A vault is put back from a backup after its later work was sent.
fn restored(seed: u64, blind: bool) -> Vec<String> {
    let (mut life, mut office, mut field) = Life::new(seed, blind);
    life.work(&mut field, 3);
    life.sync(&mut field).unwrap();
    life.work(&mut field, 3);
    field.lock().unwrap();
    copy_folder(&life.ground.folder("field"), &life.ground.folder("backup"));
    let mut field = life.open("field");
    life.work(&mut field, 4);
    life.sync(&mut field).unwrap();
    if life.dice.once_in(2) {
        life.work(&mut office, 2);
        life.sync(&mut office).unwrap();
    }
    field.lock().unwrap();
    if life.dice.once_in(2) {
        // The whole folder, into its old place, file by file over what is there.
        for file in ["vault.db", "slots", "device", "mark"] {
            let _ = fs::copy(life.ground.folder("backup").join(file), life.ground.folder("field").join(file));
        }
    } else {
        // The database alone.
        fs::copy(life.ground.folder("backup").join("vault.db"), life.ground.folder("field").join("vault.db"))
            .unwrap();
    }
    let mut field = life.open("field");
    life.work(&mut field, 4);
    for _ in 0..2 {
        if let Err(error) = life.sync(&mut field) {
            life.seen.borrow_mut().findings.push(format!("refused: {error}"));
        }
        life.work(&mut field, 2);
    }
    life.findings(vec![("office".to_owned(), office), ("field".to_owned(), field)])
}

/// G14: what stands in a segment whose key has not come yet is not said again: it would be there twice.
#[test]
fn what_cannot_be_read_yet_is_not_said_again_by_a_vault_that_was_put_back() {
    let (mut life, mut office, mut field) = Life::new(1, true);
    life.sync(&mut field).unwrap();
    field.new_record("sample", sample::answers("Sample", &mut life.dice)).unwrap();
    let (folder, kept) = (life.ground.folder("field"), life.ground.folder("backup"));
    copy_folder(&folder, &kept);
    office.renew_keys(&life.ground.transport()).unwrap();
    life.sync(&mut field).unwrap();
    life.sync(&mut office).unwrap();
    drop(field);
    fs::remove_dir_all(&folder).unwrap();
    copy_folder(&kept, &folder);
    let mut field = life.open("field");
    // Healing gives everything back, but keys that were wrapped.
    life.ground.wipe();
    office.heal(&life.ground.transport(), &[], |_| {}).unwrap();
    let report = life.ground.sync(&mut field);
    assert_eq!(report.new_chains, 1, "control: only the server's word told it");
    assert!(report.left > 0, "it waits for the key");
    office.renew_keys(&life.ground.transport()).unwrap();
    life.ground.sync(&mut field);
    life.records = 1;
    let vaults = vec![("office".to_owned(), office), ("field".to_owned(), field)];
    let lost = life.findings(vaults).into_iter().filter(|finding| finding.starts_with("lost"));
    assert_eq!(lost.collect::<Vec<_>>(), Vec::<String>::new());
}

fn run(what: &str, life: fn(u64, bool) -> Vec<String>, blind: bool) -> Vec<String> {
    let mut all = Vec::new();
    for seed in Dice::seeds(SEEDS) {
        let findings = life(seed, blind);
        if !findings.is_empty() {
            println!("{what}, seed {seed} (CAIRN_SEED={seed} replays it): {findings:#?}");
        }
        all.extend(findings);
    }
    all
}

#[test]
fn a_copied_vault_and_its_original_lose_nothing_double_nothing_and_never_write_as_one() {
    assert_eq!(run("copied", copied, false), Vec::<String>::new());
}

#[test]
fn a_vault_put_back_from_a_backup_loses_nothing_and_never_reuses_a_number() {
    assert_eq!(run("restored", restored, false), Vec::<String>::new());
}

#[test]
fn control_without_the_mark_chains_are_written_twice_and_yet_nothing_is_lost() {
    for (what, life) in [("copied", copied as fn(u64, bool) -> Vec<String>), ("restored", restored)] {
        let findings = run(what, life, true);
        let twice = findings.iter().filter(|finding| !finding.starts_with("lost")).count();
        assert!(twice > 0, "control: {what} vaults that notice nothing write as one");
        // The server's word comes too late to keep the chain, and in time to keep every answer.
        let lost: Vec<_> = findings.iter().filter(|finding| finding.starts_with("lost")).collect();
        assert_eq!(lost, Vec::<&String>::new(), "{what}");
    }
}
