//! A program that is killed at any moment, on either side, loses nothing it has acknowledged.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests may be blunt: a panic there is the report"
)]

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use cairn_core::form::{Answer, Answers};
use cairn_core::transport::{Https, Reply, Transport, TransportError};
use cairn_core::wire::roster::Role;
use cairn_core::{Error, Vault};
use cairn_tests::dice::{Dice, size};
use cairn_tests::ground::{Ground, PASSPHRASE};
use cairn_tests::level;
use cairn_tests::sample::{self, plain};
use cairn_tests::working::Told;

/// Kills in the slice, on each side; `CAIRN_KILLS` for more.
const KILLS: usize = 20;

/// How often each name is in the vault.
fn names(vault: &Vault) -> BTreeMap<String, usize> {
    let mut names = BTreeMap::new();
    for view in level::shown(vault).into_values() {
        let Some(Answer::Text(name)) = view.answers.get("name") else { panic!("a record without a name") };
        *names.entry(name.clone()).or_default() += 1;
    }
    names
}

fn missing(told: &BTreeSet<String>, vault: &Vault) -> Vec<String> {
    let names = names(vault);
    let mut findings: Vec<String> =
        told.iter().filter(|name| !names.contains_key(*name)).map(|name| format!("{name} is lost")).collect();
    findings
        .extend(names.iter().filter(|(_, times)| **times > 1).map(|(name, _)| format!("{name} is doubled")));
    findings
}

/// Lets a worker work for a while and kills it; gives what it said. What it had said before it died counts too; a
/// line is written at once, so that none is cut short.
fn killed_worker(folder: &Path, manner: &str, run: usize, dice: &mut Dice) -> Vec<String> {
    let mut worker = Command::new(env!("CARGO_BIN_EXE_worker"))
        .arg(folder)
        .args([PASSPHRASE, manner, &run.to_string()])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(worker.stdout.take().unwrap()).lines();
    let (count, moment) = (1 + dice.below(20), dice.below(4_000));
    let mut said: Vec<String> = lines.by_ref().take(count).map(Result::unwrap).collect();
    thread::sleep(Duration::from_micros(moment as u64));
    worker.kill().unwrap();
    worker.wait().unwrap();
    said.extend(lines.map_while(Result::ok));
    said
}

/// Lets a worker work and kills it, again and again; gives what was told to be saved and is not.
fn kill_workers(manner: &str, kills: usize) -> Vec<String> {
    let (_, mut dice) = Dice::from_env(30);
    let ground = Ground::new();
    let (mut office, field) = ground.office_and_field();
    field.lock().unwrap();
    let mut told = BTreeSet::new();
    let mut findings = Vec::new();
    for run in 0..kills {
        told.extend(killed_worker(&ground.folder("field"), manner, run, &mut dice));
        let vault = ground.reopen("field");
        findings.extend(missing(&told, &vault).into_iter().map(|finding| format!("kill {run}: {finding}")));
        findings.extend(vault.examine().unwrap().findings);
        if !findings.is_empty() {
            return findings;
        }
    }
    let mut field = ground.reopen("field");
    ground.sync(&mut field);
    ground.sync(&mut office);
    findings.extend(missing(&told, &office));
    println!("{kills} kills, {} records", told.len());
    findings
}

#[test]
fn a_killed_device_has_every_record_it_said_was_saved() {
    let findings = kill_workers("honest", size("CAIRN_KILLS", KILLS));
    assert!(findings.is_empty(), "{findings:#?}");
}

#[test]
fn control_a_device_that_says_so_before_it_saves_is_caught() {
    let findings = kill_workers("hasty", KILLS);
    assert!(findings.iter().any(|finding| finding.contains("is lost")), "{findings:#?}");
}

/// What a worker said of its drafts: the answers it kept, by draft and field, and the drafts it finished.
#[derive(Default)]
struct ToldOfDrafts {
    answers: BTreeMap<u64, BTreeMap<String, String>>,
    finished: BTreeSet<u64>,
}

impl ToldOfDrafts {
    /// Takes a line in.
    fn hear(&mut self, line: &str) {
        let mut words = line.splitn(3, ' ');
        let (Some(Ok(draft)), Some(field), Some(rest)) =
            (words.next().map(str::parse), words.next(), words.next())
        else {
            return;
        };
        match field {
            "finished" => _ = self.finished.insert(draft),
            _ => _ = self.answers.entry(draft).or_default().insert(field.to_owned(), rest.to_owned()),
        }
    }

    fn lost(&self, vault: &Vault) -> Vec<String> {
        let records: Vec<Answers> = level::shown(vault).into_values().map(|view| view.answers).collect();
        let mut findings = Vec::new();
        for (draft, told) in &self.answers {
            let kept: Option<Answers> = match vault.draft(*draft) {
                Ok(held) => Some(held.answers(Answers::new())),
                // Finished, and perhaps it died before it could say so.
                Err(_) => records.iter().find(|answers| plain(&answers["name"]) == told["name"]).cloned(),
            };
            let is_draft = vault.draft(*draft).is_ok();
            if is_draft && self.finished.contains(draft) {
                findings.push(format!("draft {draft} was finished and is still there"));
            }
            let kept = kept.unwrap_or_default();
            let lost = told.iter().filter(|(field, told)| kept.get(*field).map(plain).as_ref() != Some(told));
            findings.extend(lost.map(|(field, _)| format!("{field} of draft {draft} is lost")));
        }
        findings
    }
}

/// Lets a worker fill drafts and kills it, again and again; gives what was told to be kept and is not.
fn kill_in_drafts(manner: &str, kills: usize) -> Vec<String> {
    let (_, mut dice) = Dice::from_env(32);
    let ground = Ground::new();
    let mut office = ground.office("office");
    office.publish_form(&sample::form()).unwrap();
    office.lock().unwrap();
    let mut told = ToldOfDrafts::default();
    for run in 0..kills {
        let said = killed_worker(&ground.folder("office"), manner, run, &mut dice);
        said.iter().for_each(|line| told.hear(line));
        let vault = ground.reopen("office");
        let mut findings = told.lost(&vault);
        findings.extend(vault.examine().unwrap().findings);
        if !findings.is_empty() {
            return findings;
        }
    }
    println!("{kills} kills, {} drafts, {} finished", told.answers.len(), told.finished.len());
    assert!(told.answers.len() > kills / 2 && !told.finished.is_empty(), "control: there was work to lose");
    Vec::new()
}

#[test]
fn a_killed_device_has_every_answer_of_its_drafts() {
    let findings = kill_in_drafts("drafting", size("CAIRN_KILLS", KILLS));
    assert!(findings.is_empty(), "{findings:#?}");
}

#[test]
fn control_answers_told_before_they_are_kept_are_missed() {
    let findings = kill_in_drafts("drafting-hastily", KILLS);
    assert!(findings.iter().any(|finding| finding.contains("is lost")), "{findings:#?}");
}

/// G23: saving, drafting, importing, syncing, locking, changing the passphrase: killed at any moment, again and again,
/// a vault has all that was acknowledged, opens, and raises no alarm.
#[test]
fn a_killed_device_that_does_everything_has_everything_it_acknowledged() {
    let (seed, mut dice) = Dice::from_env(33);
    let ground = Ground::new();
    let (mut office, field) = ground.office_and_field();
    field.lock().unwrap();
    let (folder, mut told, mut passphrase) =
        (ground.folder("field"), Told::new(PASSPHRASE), PASSPHRASE.to_owned());
    let kills = size("CAIRN_KILLS", KILLS);
    for run in 0..kills {
        let mut worker = Command::new(env!("CARGO_BIN_EXE_worker"))
            .arg(&folder)
            .args([&passphrase, "working", &run.to_string()])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(worker.stdout.take().unwrap()).lines();
        let (count, moment) = (dice.below(30), dice.below(20_000));
        lines.by_ref().take(count).for_each(|line| told.hear(&line.unwrap()));
        thread::sleep(Duration::from_micros(moment as u64));
        worker.kill().unwrap();
        worker.wait().unwrap();
        lines.map_while(Result::ok).for_each(|line| told.hear(&line));
        assert_eq!(told.failed, [], "seed {seed} kill {run}");
        let (mut vault, opened_by) =
            told.open(&folder).unwrap_or_else(|error| panic!("seed {seed} kill {run}: {error}"));
        passphrase.clone_from(&opened_by);
        told.settle(opened_by);
        assert_eq!(told.compare(&vault), Vec::<String>::new(), "seed {seed} kill {run}");
        assert_eq!(vault.examine().unwrap().findings, Vec::<String>::new(), "seed {seed} kill {run}");
        if run % 4 == 0 {
            assert_eq!(ground.sync(&mut vault).alarms, 0, "seed {seed} kill {run}");
        }
    }
    let (mut vault, _) = told.open(&folder).unwrap();
    assert_eq!(ground.sync(&mut vault).alarms, 0);
    assert_eq!(ground.sync(&mut office).alarms, 0);
    let (here, there) = (level::shown(&vault), level::shown(&office));
    assert_eq!(here.len(), there.len(), "the office has all of it");
    println!("{kills} kills, {} things acknowledged", told.acknowledged());
    assert!(told.acknowledged() > kills, "control: there was something to lose");
}

/// A server process.
struct Blind {
    child: Arc<Mutex<Child>>,
    transport: Https,
}

impl Blind {
    fn start(data: &Path, key: cairn_core::wire::digest::VerifyingKey) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_blind-server"))
            .arg(data)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut address = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut address).unwrap();
        let transport = Https::new(&format!("https://{}", address.trim()), key, None).unwrap();
        Self { child: Arc::new(Mutex::new(child)), transport }
    }

    fn end(&self) {
        let mut child = self.child.lock().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }
}

/// Kills the server some moments after a push has set out.
struct Killing<'a> {
    blind: &'a Blind,
    moment: Duration,
    killer: RefCell<Option<JoinHandle<()>>>,
}

impl Transport for Killing<'_> {
    fn post(&self, path: &str, body: Vec<u8>) -> Result<Reply, TransportError> {
        let mut killer = self.killer.borrow_mut();
        if body.len() > 1000 && killer.is_none() {
            let (child, moment) = (Arc::clone(&self.blind.child), self.moment);
            *killer = Some(thread::spawn(move || {
                thread::sleep(moment);
                child.lock().unwrap().kill().unwrap();
            }));
        }
        self.blind.transport.post(path, body)
    }
}

#[test]
fn a_killed_server_has_everything_it_has_acknowledged() {
    let (_, mut dice) = Dice::from_env(31);
    let mut ground = Ground::new();
    let (mut office, mut field) = ground.office_and_field();
    let key = ground.address().key;
    ground.stop();
    let (mut saved, mut acknowledged) = (BTreeSet::new(), BTreeSet::new());
    let (mut cut, mut through) = (0, 0);
    for run in 0..size("CAIRN_KILLS", KILLS) {
        let blind = Blind::start(&ground.data(), key);
        for number in 0..1 + dice.below(12) {
            let name = format!("Record {run}-{number}");
            field.new_record("sample", sample::answers(&name, &mut dice)).unwrap();
            saved.insert(name);
        }
        let moment = Duration::from_micros(dice.below(1_500) as u64);
        let killing = Killing { blind: &blind, moment, killer: RefCell::default() };
        // A server that lost what it had acknowledged would be an alarm here.
        match field.sync(&killing, |_| {}) {
            Ok(_) => through += 1,
            Err(Error::Offline) => cut += 1,
            Err(other) => panic!("kill {run}: {other}"),
        }
        if let Some(killer) = killing.killer.take() {
            killer.join().unwrap();
        }
        blind.end();
        let counts = field.counts().unwrap();
        if counts.outbox + counts.unacknowledged == 0 {
            acknowledged.clone_from(&saved);
        }
    }
    println!("{cut} syncs were cut, {through} went through");
    // A fresh device, before anybody can help the server with a copy.
    let blind = Blind::start(&ground.data(), key);
    let mut fresh = ground.vault("fresh", 0);
    let terms = cairn_core::vault::InviteTerms { role: Role::Field, hours: 1 };
    fresh.accept(&office.invite(&terms).unwrap().to_text(), "fresh").unwrap();
    assert!(matches!(fresh.sync(&blind.transport, |_| {}), Err(Error::Waiting)));
    office.sync(&blind.transport, |_| {}).unwrap();
    fresh.sync(&blind.transport, |_| {}).unwrap();
    assert_eq!(missing(&acknowledged, &fresh), Vec::<String>::new());
    field.sync(&blind.transport, |_| {}).unwrap();
    fresh.sync(&blind.transport, |_| {}).unwrap();
    assert_eq!(missing(&saved, &fresh), Vec::<String>::new(), "and what had not been, now is");
    blind.end();
    let report = cairn_server::doctor::examine(&ground.data()).unwrap();
    assert!(report.is_sound() && report.frozen_chains == 0, "{report}");
}
