//! G18: after locking there is no key, no passphrase and no answer in the memory of the process.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests may be blunt: a panic there is the report"
)]
#![cfg(target_os = "linux")]

use std::fs::{self, File};
use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::process::{Command, Stdio};

use cairn_core::crypto::{Held, Slots, UnlockKey, Which};
use cairn_core::form::{Answer, Answers};
use cairn_core::vault::{DeviceKey, FileDeviceKey};
use cairn_core::wire::codec::hex;
use cairn_tests::ground::{Ground, PASSPHRASE};
use cairn_tests::sample;
use cairn_tests::skip::skipped;
use rusqlite::Connection;

const CANARY: &str = "zq7 canary of the memory";

/// What must not be there, by name.
fn secrets(folder: &Path) -> Vec<(&'static str, Vec<u8>)> {
    let slots = Slots::from_bytes(&fs::read(folder.join("slots")).unwrap()).unwrap();
    let stretched = slots.stretch(PASSPHRASE).unwrap();
    let unlock = FileDeviceKey::of(folder).mac(Which::A, stretched.as_bytes()).unwrap();
    let Held::Key(content) = slots.open(&[UnlockKey::from_bytes(unlock)]).unwrap().held else {
        panic!("it has departed")
    };
    let key = *content.key.as_bytes();
    let database = Connection::open(folder.join("vault.db")).unwrap();
    database.execute_batch(&format!("PRAGMA key = \"x'{}'\"", hex(&key))).unwrap();
    let blob = |sql: &str| -> Vec<u8> { database.query_row(sql, [], |row| row.get(0)).unwrap() };
    let device = blob("SELECT value FROM fact WHERE name = 'device'");
    vec![
        ("answer", CANARY.as_bytes().to_vec()),
        ("passphrase", PASSPHRASE.as_bytes().to_vec()),
        ("stretched passphrase", stretched.as_bytes().to_vec()),
        ("unlock key", unlock.to_vec()),
        ("vault key", key.to_vec()),
        ("vault key in hex", hex(&key).into_bytes()),
        ("epoch secret", blob("SELECT secret FROM epoch")),
        ("signing key", device[..32].to_vec()),
        ("wrapping key", device[32..].to_vec()),
    ]
}

/// How often each secret stands in the memory that a process may write. None where the machine lets nobody look.
fn seen(process: u32, secrets: &[(&'static str, Vec<u8>)]) -> Option<Vec<(&'static str, usize)>> {
    let memory = match File::open(format!("/proc/{process}/mem")) {
        Err(error) if error.kind() == ErrorKind::PermissionDenied => return None,
        memory => memory.unwrap(),
    };
    let maps = fs::read_to_string(format!("/proc/{process}/maps")).unwrap();
    let mut seen: Vec<_> = secrets.iter().map(|(name, _)| (*name, 0)).collect();
    for map in maps.lines() {
        let mut words = map.split_whitespace();
        let (range, rights) = (words.next().unwrap(), words.next().unwrap());
        let (from, to) = range.split_once('-').unwrap();
        let [from, to] = [from, to].map(|address| u64::from_str_radix(address, 16).unwrap());
        if !rights.starts_with("rw") {
            continue;
        }
        let mut octets = vec![0; usize::try_from(to - from).unwrap()];
        // Some ranges of the kernel's cannot be read.
        if memory.read_exact_at(&mut octets, from).is_err() {
            continue;
        }
        for ((_, secret), (_, count)) in secrets.iter().zip(&mut seen) {
            *count += octets.windows(secret.len()).filter(|window| window == secret).count();
        }
    }
    Some(seen)
}

#[test]
fn after_locking_no_secret_is_in_memory() {
    let ground = Ground::new();
    let mut office = ground.office("office");
    office.publish_form(&sample::form()).unwrap();
    let answers = Answers::from([
        ("name".to_owned(), sample::text(CANARY)),
        ("story".to_owned(), Answer::Narrative(format!("A story of {CANARY}, and {CANARY}."))),
    ]);
    office.new_record("sample", answers).unwrap();
    ground.sync(&mut office);
    office.lock().unwrap();
    let secrets = secrets(&ground.folder("office"));
    let mut holder = Command::new(env!("CARGO_BIN_EXE_holder"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = holder.stdin.take().unwrap();
    let mut output = BufReader::new(holder.stdout.take().unwrap()).lines();
    writeln!(input, "{}\n{PASSPHRASE}", ground.folder("office").display()).unwrap();
    assert_eq!(output.next().unwrap().unwrap(), "open");
    let Some(open) = seen(holder.id(), &secrets) else {
        drop(input);
        holder.wait().unwrap();
        skipped("this machine lets no process look into another's memory");
        return;
    };
    // SQLCipher masks its key in memory by itself.
    for name in ["answer", "passphrase", "signing key"] {
        let (_, count) = open.iter().find(|(other, _)| *other == name).unwrap();
        assert!(*count > 0, "control: while it is open, the {name} is there to be found");
    }
    writeln!(input).unwrap();
    assert_eq!(output.next().unwrap().unwrap(), "locked");
    let left: Vec<_> =
        seen(holder.id(), &secrets).unwrap().into_iter().filter(|(_, count)| *count > 0).collect();
    drop(input);
    holder.wait().unwrap();
    assert_eq!(left, [], "before: {open:?}");
}
