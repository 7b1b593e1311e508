//! Unlocking and the first screen cost the same, however many records a vault holds.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "tests may be blunt: a panic there is the report"
)]

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use cairn_tests::dice::Dice;
use cairn_tests::ground::{Ground, PASSPHRASE};
use cairn_tests::sample;

/// A vault with so many records, all of them sent.
fn vault(count: u64) -> (Ground, std::path::PathBuf) {
    let ground = Ground::new();
    let mut office = ground.office("office");
    office.publish_form(&sample::form()).unwrap();
    let mut dice = Dice::new(5);
    let answers = |line: u64| sample::answers(&format!("Record {line}"), &mut dice);
    let all: Vec<_> = (0..count).map(answers).collect();
    for (batch, some) in all.chunks(200).enumerate() {
        let rows = (1..).zip(some.iter().cloned()).collect();
        let made = office.import(&[1; 32], "sample", rows, 0, batch as u64 + 1).unwrap();
        assert!(made.into_iter().all(|(_, record)| record.is_ok()));
    }
    ground.sync(&mut office);
    office.lock().unwrap();
    let folder = ground.folder("office");
    (ground, folder)
}

/// What a phone says.
fn phone(deed: &str, folder: &Path) -> BTreeMap<String, u64> {
    let mut phone = Command::new(env!("CARGO_BIN_EXE_phone"))
        .arg(deed)
        .arg(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    writeln!(phone.stdin.take().unwrap(), "{PASSPHRASE}").unwrap();
    let told = phone.wait_with_output().unwrap();
    assert!(told.status.success());
    let told = String::from_utf8(told.stdout).unwrap();
    let line =
        |line: &str| line.split_once(' ').map(|(name, number)| (name.to_owned(), number.parse().unwrap()));
    told.lines().filter_map(line).collect()
}

#[test]
fn what_the_first_screen_asks_does_not_grow_with_the_records() {
    let grounds = [0, 100, 1_000].map(|count| (count, vault(count)));
    let first: Vec<_> = grounds.iter().map(|(_, (_, folder))| phone("first", folder)).collect();
    for ((count, _), told) in grounds.iter().zip(&first) {
        println!("{count} records: {told:?}");
    }
    assert!(first[0]["statements"] > 10 && first[0]["read"] > 4_096, "something was counted");
    for ((count, _), told) in grounds.iter().zip(&first) {
        assert_eq!(told["statements"], first[0]["statements"]);
        assert_eq!(told["instructions"], first[0]["instructions"]);
        // What grows is an index that the number of records is counted in, and no table with anything in it.
        let grown = told["read"].saturating_sub(first[0]["read"]);
        assert!(grown <= 4_096 + 24 * count, "{grown} octets more for {count} records");
    }
    // The control: what goes through all records is seen to grow.
    let all: Vec<_> = grounds.iter().map(|(_, (_, folder))| phone("all", folder)["statements"]).collect();
    assert!(all[2] > all[1] && all[1] > all[0], "{all:?}");
}

#[test]
fn a_day_with_a_phone_tells_the_peak_of_each_of_its_parts() {
    let (_ground, folder) = vault(60);
    let told = phone("day", &folder);
    assert_eq!(told["records"], 60);
    for part in ["unlock", "page", "search", "open", "fill", "sync", "lock"] {
        assert!(told[part] > 1_024, "{part}: {told:?}");
    }
    // Opening derives a key, which takes memory that everything after it does not.
    assert!(told["unlock"] > told["lock"], "{told:?}");
}
