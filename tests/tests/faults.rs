//! G23, G3: power cuts, disks that fail or have no room, and octets that change by themselves. Nothing acknowledged is
//! lost, nothing else is wrong, and what cannot be done is said to whoever can act.
//!
//! These are slices; `cargo xtask campaign power|eio|room|flips --count N` goes on for longer.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests may be blunt: a panic there is the report"
)]

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::thread;

use cairn_core::Error;
use cairn_tests::dice::{Dice, size};
use cairn_tests::fork::copy_folder;
use cairn_tests::ground::{Ground, PASSPHRASE};
use cairn_tests::power::{self, Recording};
use cairn_tests::sample;
use cairn_tests::skip::skipped;
use cairn_tests::working::{self, Told, answers};
use tempfile::TempDir;

/// What the duress passphrase of the ground is.
const DURESS: &str = "another battery horse entirely";
/// What a worker does before it ends.
const ACTS: &str = "60";
/// Images of one recording.
const OF_ONE: usize = 100;

/// A field device that has synced, and the server it knows; both at rest.
struct Start {
    folder: TempDir,
}

impl Start {
    fn new() -> Self {
        let mut ground = Ground::new();
        let (_, field) = ground.office_and_field();
        field.set_duress(PASSPHRASE, DURESS, &sample::form(), vec![answers("Rdecoy-1")]).unwrap();
        field.lock().unwrap();
        ground.stop();
        let folder = scratch();
        copy_folder(&ground.folder("field"), &folder.path().join("field"));
        copy_folder(&ground.data(), &folder.path().join("server"));
        Self { folder }
    }

    /// A copy of the device in `to`, and of the server, which the device knows.
    fn copy(&self, to: &Path) -> Ground {
        copy_folder(&self.folder.path().join("field"), to);
        let ground = Ground::of(&self.folder.path().join("server"));
        let mut vault = working::open(to, PASSPHRASE).unwrap();
        vault.use_address(&ground.address().url).unwrap();
        vault.lock().unwrap();
        ground
    }
}

/// A folder in memory, where there is one: these tests sync thousands of times.
fn scratch() -> TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap()
}

fn worker(folder: &Path, passphrase: &str, manner: &str, run: &str) -> Command {
    let mut worker = Command::new(env!("CARGO_BIN_EXE_worker"));
    worker.arg(folder).args([passphrase, manner, run, ACTS]);
    worker
}

/// What came of a campaign.
#[derive(Debug, Default)]
struct Table {
    tried: usize,
    opened: usize,
    synced: usize,
    acknowledged: usize,
    lost: Vec<String>,
    wrong: Vec<String>,
}

impl Table {
    fn add(&mut self, findings: Vec<String>, about: &str) {
        for finding in findings {
            let which = if finding.contains("lost") { &mut self.lost } else { &mut self.wrong };
            which.push(format!("{about}: {finding}"));
        }
    }

    fn print(&self, name: &str) {
        println!("{name}: tried, opened, synced, acknowledged things looked for, lost, wrong");
        let Self { tried, opened, synced, acknowledged, lost, wrong } = self;
        println!("| {tried} | {opened} | {synced} | {acknowledged} | {} | {} |", lost.len(), wrong.len());
        for finding in lost.iter().chain(wrong).take(20) {
            println!("  {finding}");
        }
    }
}

/// Compares a vault with what was told of it: opens it, examines it, keeps something new, and sends everything if a
/// server is given. Notes what is not as it should be.
fn judge(told: &Told, folder: &Path, server: Option<&Ground>, table: &Mutex<Table>, about: &str) {
    let mut findings = Vec::new();
    let mut synced = false;
    let opened = told.open(folder);
    let is_open = opened.is_ok();
    match opened {
        Err(error) => findings.push(format!("does not open: {error}")),
        Ok((mut vault, _)) => {
            findings.extend(told.compare(&vault));
            match vault.examine() {
                Ok(checkup) => findings.extend(checkup.findings),
                Err(error) => findings.push(format!("cannot be examined: {error}")),
            }
            if let Err(error) = vault.new_record("sample", answers("Rafter-1")) {
                findings.push(format!("keeps nothing new: {error}"));
            }
            if let Some(server) = server {
                match vault.sync(&server.transport(), |_| {}) {
                    Ok(report) if report.alarms > 0 => findings.push(format!("{} alarms", report.alarms)),
                    Ok(_) => synced = true,
                    Err(error) => findings.push(format!("cannot sync: {error}")),
                }
                findings.extend(told.compare(&vault));
                let counts = vault.counts().unwrap();
                if counts.outbox + counts.unacknowledged + counts.quarantined + counts.refused > 0 {
                    findings.push(format!("not all is sent and taken: {counts:?}"));
                }
            }
        }
    }
    let mut table = table.lock().unwrap();
    table.tried += 1;
    table.opened += usize::from(is_open);
    table.synced += usize::from(synced);
    table.acknowledged += told.acknowledged();
    table.add(findings, about);
}

/// Does it `times` times, on all processors.
fn on_all(times: usize, each: impl Fn(usize) + Sync) {
    let next = Mutex::new(0..times);
    let threads = thread::available_parallelism().map_or(2, usize::from).min(4);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(number) = { next.lock().unwrap().next() } {
                    each(number);
                }
            });
        }
    });
}

/// Records workers of that manner and cuts their power so many times.
fn cut_power(manner: &str, images: usize, seed: u64) -> Table {
    let start = Start::new();
    let table = Mutex::new(Table::default());
    for run in 0..images.div_ceil(OF_ONE) {
        let folder = scratch();
        let place = folder.path().join("field");
        let mut ground = start.copy(&place);
        let name = format!("{seed}x{run}");
        let recording = power::record(&place, &mut worker(&place, PASSPHRASE, manner, &name));
        ground.stop();
        let data = ground.data();
        assert!(recording.said(usize::MAX).count() > 30 && recording.moments() > 400, "control: it worked");
        assert!(manner == "working-carelessly" || recording.syncs() > 60, "control: syncs are seen");
        on_all(OF_ONE.min(images - run * OF_ONE), |number| {
            let mut dice = Dice::new(seed.wrapping_mul(1_000_003) ^ (run * OF_ONE + number) as u64);
            image(&recording, &data, &mut dice, &table, &format!("seed {seed} run {run} image {number}"));
        });
    }
    table.into_inner().unwrap()
}

fn image(recording: &Recording, data: &Path, dice: &mut Dice, table: &Mutex<Table>, about: &str) {
    let moment = dice.below(recording.moments());
    let disk = scratch();
    recording.image(moment, dice, disk.path());
    let mut told = Told::new(PASSPHRASE);
    recording.said(moment).for_each(|line| told.hear(line));
    // The server is as it was in the end: only from the last request on it is what this device left behind.
    let may_sync = recording.last("leaving").is_none_or(|last| moment >= last);
    let server = (may_sync && dice.once_in(3)).then(|| Ground::of(data));
    judge(&told, disk.path(), server.as_ref(), table, &format!("{about}, moment {moment}"));
}

/// Whether this machine lets programs be recorded. Where it does not, that is said.
fn can_record() -> bool {
    let can = power::can_record();
    if !can {
        skipped("strace is not here, or may not look at other programs");
    }
    can
}

/// G23: whatever of what was not synced a power cut leaves, everything acknowledged is there and the vault goes on.
#[test]
fn after_a_power_cut_everything_acknowledged_is_there() {
    if !can_record() {
        return;
    }
    let (seed, _) = Dice::from_env(60);
    let table = cut_power("working", size("CAIRN_TIMES", 60), seed);
    table.print("power cuts");
    assert_eq!((table.lost, table.wrong), (Vec::new(), Vec::new()));
}

/// The same images lose what was acknowledged if commits are not synced.
#[test]
fn control_a_vault_that_does_not_sync_its_commits_loses_what_it_acknowledged() {
    if !can_record() {
        return;
    }
    let table = cut_power("working-carelessly", 16, 61);
    table.print("power cuts, synchronous = NORMAL");
    assert!(!table.lost.is_empty(), "control: {table:?}");
}

/// G6, G23: cut off at any moment, the duress passphrase opens the decoy, and the true vault opens as before or never.
#[test]
fn a_power_cut_under_duress_leaves_the_decoy_and_the_vault_whole_or_gone() {
    if !can_record() {
        return;
    }
    let (seed, mut dice) = Dice::from_env(62);
    let (start, folder) = (Start::new(), scratch());
    let place = folder.path().join("field");
    drop(start.copy(&place));
    let recording = power::record(&place, &mut worker(&place, DURESS, "opening", "1"));
    let (mut open, mut gone) = (0, 0);
    for number in 0..size("CAIRN_TIMES", 40).min(4_000) {
        let moment = dice.below(recording.moments());
        let about = format!("seed {seed} image {number} moment {moment}");
        let disk = scratch();
        recording.image(moment, &mut dice, disk.path());
        let opened = working::open(disk.path(), PASSPHRASE);
        let was_told = recording.said(moment).any(|line| line == "opened");
        match opened {
            Ok(vault) => {
                assert!(!was_told, "{about}: the true vault opens after the decoy was shown");
                assert_eq!(vault.examine().unwrap().findings, Vec::<String>::new(), "{about}");
                open += 1;
            }
            Err(Error::WrongPassphrase) => gone += 1,
            Err(error) => panic!("{about}: {error}"),
        }
        let decoy = working::open(disk.path(), DURESS).unwrap_or_else(|error| panic!("{about}: {error}"));
        assert_eq!(decoy.counts().unwrap().records, 1, "{about}");
    }
    println!("{open} vaults as before, {gone} gone, every decoy there");
    assert!(open > 0 && gone > 0, "control: both were seen");
}

/// What a disk does to a worker.
struct Fault {
    name: &'static str,
    calls: &'static str,
    error: &'static str,
    /// What a person may be told. A page that the disk does not give is also damage; and where an index of the log
    /// cannot be made larger, SQLite does not tell for want of what.
    codes: &'static [&'static str],
}

const EIO: [Fault; 3] = [
    Fault { name: "a sync", calls: "fsync,fdatasync", error: "EIO", codes: &["disk"] },
    Fault { name: "a write", calls: "pwrite64", error: "EIO", codes: &["disk", "full"] },
    Fault { name: "a read", calls: "pread64", error: "EIO", codes: &["disk", "damaged"] },
];
const NO_ROOM: [Fault; 1] = [Fault { name: "no room", calls: "pwrite64", error: "ENOSPC", codes: &["full"] }];

/// Runs a worker whose calls fail from the `first` on, or that one alone; gives what it told.
fn failing(folder: &Path, fault: &Fault, first: usize, goes_on: bool, run: &str) -> Told {
    let worker = worker(folder, PASSPHRASE, "working", run);
    let when = format!("{first}{}", if goes_on { "+" } else { "" });
    let (calls, error) = (fault.calls, fault.error);
    let mut strace = Command::new("strace");
    strace.args(["-f", "--seccomp-bpf", "-qqq", "-o", "/dev/null", "-e", "signal=none"]);
    strace.args([
        "-e",
        &format!("trace={calls}"),
        "-e",
        &format!("inject={calls}:error={error}:when={when}"),
    ]);
    let mut child = strace
        .arg(worker.get_program())
        .args(worker.get_args())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut told = Told::new(PASSPHRASE);
    BufReader::new(child.stdout.take().unwrap())
        .lines()
        .map_while(Result::ok)
        .for_each(|line| told.hear(&line));
    child.wait().unwrap();
    told
}

/// How often a worker that nothing befalls makes these calls.
fn calls_of(start: &Start, fault: &Fault) -> usize {
    let folder = scratch();
    let place = folder.path().join("field");
    let _ground = start.copy(&place);
    let trace = folder.path().join("trace");
    let worker = worker(&place, PASSPHRASE, "working", "1");
    let mut strace = Command::new("strace");
    strace.args([
        "-f",
        "--seccomp-bpf",
        "-qqq",
        "-e",
        "signal=none",
        "-e",
        &format!("trace={}", fault.calls),
        "-o",
    ]);
    let strace = strace.arg(&trace).arg(worker.get_program()).args(worker.get_args()).stdout(Stdio::null());
    assert!(strace.status().unwrap().success());
    fs::read_to_string(trace).unwrap().lines().count()
}

/// Lets disks fail so many times.
fn sweep(faults: &[Fault], times: usize, seed: u64) -> (Table, BTreeMap<String, usize>) {
    let start = Start::new();
    let calls: Vec<usize> = faults.iter().map(|fault| calls_of(&start, fault)).collect();
    let (table, codes) = (Mutex::new(Table::default()), Mutex::new(BTreeMap::<String, usize>::new()));
    on_all(times, |number| {
        let mut dice = Dice::new(seed.wrapping_mul(1_000_003) ^ number as u64);
        let which = number % faults.len();
        let (fault, first, goes_on) = (&faults[which], 1 + dice.below(calls[which]), dice.once_in(2));
        let folder = scratch();
        let place = folder.path().join("field");
        let ground = start.copy(&place);
        let told = failing(&place, fault, first, goes_on, "1");
        let (name, all) = (fault.name, calls[which]);
        let about = format!("seed {seed}, {name}, number {first} of {all}, goes on: {goes_on}");
        let mut findings: Vec<String> = told.unseen.clone();
        for (act, who, code) in &told.failed {
            *codes.lock().unwrap().entry(format!("{name}: {who} {code}")).or_default() += 1;
            if !fault.codes.contains(&code.as_str()) || who != "storage" {
                findings.push(format!("{act} failed as {code}, for {who}"));
            }
        }
        table.lock().unwrap().add(findings, &about);
        judge(&told, &place, Some(&ground), &table, &about);
    });
    (table.into_inner().unwrap(), codes.into_inner().unwrap())
}

/// G23: a disk that fails once or from then on is named; nothing is claimed that was not kept, and later all goes on.
#[test]
fn a_disk_that_fails_is_named_and_nothing_acknowledged_is_lost() {
    if !can_record() {
        return;
    }
    let (seed, _) = Dice::from_env(63);
    let (table, codes) = sweep(&EIO, size("CAIRN_TIMES", 12), seed);
    table.print("failing disks");
    println!("{codes:?}");
    assert!(!codes.is_empty(), "control: something failed");
    assert_eq!((table.lost, table.wrong), (Vec::new(), Vec::new()));
}

/// G23: without room saving says so, reading and locking go on, and with room everything does.
#[test]
fn no_room_at_any_write_is_said_and_nothing_acknowledged_is_lost() {
    if !can_record() {
        return;
    }
    let (seed, _) = Dice::from_env(64);
    let (table, codes) = sweep(&NO_ROOM, size("CAIRN_TIMES", 6), seed);
    table.print("no room");
    println!("{codes:?}");
    assert!(!codes.is_empty(), "control: something failed");
    assert_eq!((table.lost, table.wrong), (Vec::new(), Vec::new()));
}

/// G3: an octet that changes by itself, in any file of a vault that was killed at work: never another answer than the
/// one that was given, never a panic, and what cannot be read is said.
#[test]
fn a_flipped_octet_is_never_another_answer_and_never_goes_unsaid() {
    let (seed, mut dice) = Dice::from_env(65);
    let (start, folder) = (Start::new(), scratch());
    let place = folder.path().join("field");
    let _ground = start.copy(&place);
    let told = killed_at_work(&place, &mut dice);
    let files: Vec<PathBuf> = ["vault.db", "vault.db-wal", "slots", "device", "mark", "tries", "vault.db"]
        .map(|name| place.join(name))
        .into_iter()
        .filter(|file| fs::metadata(file).is_ok_and(|about| about.len() > 0))
        .collect();
    assert!(files.iter().any(|file| file.ends_with("vault.db-wal")), "control: there is a log to be damaged");
    let mut table: BTreeMap<String, [usize; 4]> = BTreeMap::new();
    for number in 0..size("CAIRN_TIMES", 56) {
        let file = &files[number % files.len()];
        let image = scratch();
        copy_folder(&place, image.path());
        let target = image.path().join(file.file_name().unwrap());
        let mut bytes = fs::read(&target).unwrap();
        let at = dice.below(bytes.len());
        bytes[at] ^= 1 << dice.below(8);
        fs::write(&target, &bytes).unwrap();
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let about = format!("seed {seed} case {number}, octet {at} of {name}");
        let [tried, opened, said, lost] = table.entry(name).or_default();
        *tried += 1;
        match told.open(image.path()) {
            Err(
                Error::Damaged { .. }
                | Error::WrongPassphrase
                | Error::TooNew { .. }
                | Error::TooManyTries { .. },
            ) => *said += 1,
            Err(error) => panic!("{about}: {error}"),
            Ok((vault, _)) => {
                *opened += 1;
                let findings = told.compare(&vault);
                let checkup = vault.examine();
                let is_said = checkup.is_err() || checkup.is_ok_and(|checkup| !checkup.findings.is_empty());
                *said += usize::from(is_said);
                let untrue: Vec<&String> =
                    findings.iter().filter(|finding| finding.contains("else")).collect();
                assert!(untrue.is_empty(), "{about}: {untrue:#?}");
                if !findings.is_empty() {
                    *lost += 1;
                    // The last commit of a log looks like one that a power cut tore before it was acknowledged.
                    let is_said = is_said
                        || (file.ends_with("vault.db-wal") && at >= last_commit(&fs::read(file).unwrap()));
                    assert!(is_said, "{about}: nobody says so: {findings:#?}");
                }
            }
        }
    }
    println!("flipped: tried, opened, said, not all there and said");
    table.iter().for_each(|(name, [tried, opened, said, lost])| {
        println!("| {name} | {tried} | {opened} | {said} | {lost} |")
    });
}

/// Where the last commit of a log begins.
fn last_commit(log: &[u8]) -> usize {
    let frame = 24 + 4096;
    let commits = (32..log.len())
        .step_by(frame)
        .filter(|at| log.get(at + 4..at + 8).is_some_and(|size| size != [0; 4]));
    let ends: Vec<usize> = commits.map(|at| at + frame).collect();
    ends.iter().rev().nth(1).copied().unwrap_or(32)
}

/// Lets a worker work and kills it in the midst.
fn killed_at_work(folder: &Path, dice: &mut Dice) -> Told {
    let mut child = worker(folder, PASSPHRASE, "working", "7").stdout(Stdio::piped()).spawn().unwrap();
    let mut told = Told::new(PASSPHRASE);
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut heard = 0;
    while let Some(Ok(line)) = lines.next() {
        told.hear(&line);
        heard += 1;
        // Not just after it was closed, when the log is empty.
        if heard > 40 + dice.below(10) && line.starts_with("saved") {
            break;
        }
    }
    child.kill().unwrap();
    child.wait().unwrap();
    lines.map_while(Result::ok).for_each(|line| told.hear(&line));
    told
}
