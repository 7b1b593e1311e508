//! Unlocking and the first screen cost the same, however many records a vault holds, but for counting what is to be
//! done: that looks once at each open task.
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

use cairn_core::form::field::{field, next_row_id};
use cairn_core::form::{Answers, Part};
use cairn_tests::dice::Dice;
use cairn_tests::ground::{Ground, PASSPHRASE};
use cairn_tests::sample;

/// At most so many instructions of the database for each open task.
const STEPS: u64 = 8;
/// At most so many octets read for each open task and its record.
const OCTETS: u64 = 100;

/// A vault with so many records, all of them sent.
fn vault(count: u64) -> (Ground, std::path::PathBuf) {
    vault_with(count, |_, _| {})
}

/// The same; `more` has the line of each record and its answers.
fn vault_with(count: u64, more: impl Fn(u64, &mut Answers)) -> (Ground, std::path::PathBuf) {
    let ground = Ground::new();
    let mut office = ground.office("office");
    office.publish_form(&sample::tasks(Part::Case)).unwrap();
    let mut dice = Dice::new(5);
    let answers = |line: u64| {
        let mut answers = sample::answers(&format!("Record {line}"), &mut dice);
        more(line, &mut answers);
        answers
    };
    let all: Vec<_> = (0..count).map(answers).collect();
    for (batch, some) in all.chunks(200).enumerate() {
        let rows = (1..).zip(some.iter().cloned()).collect();
        let made = office.import(&[1; 32], "tasks", rows, 0, batch as u64 + 1).unwrap();
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
    tell_of_tasks(&first[0]);
    // The control: what goes through all records is seen to grow.
    let all: Vec<_> = grounds.iter().map(|(_, (_, folder))| phone("all", folder)["statements"]).collect();
    assert!(all[2] > all[1] && all[1] > all[0], "{all:?}");
}

/// How many tasks are open, and how many of them are overdue, is counted in an index: one step for each open task, so
/// that is what grows; those that are done are not looked at.
fn tell_of_tasks(empty: &BTreeMap<String, u64>) {
    let task = |is_done: bool| {
        move |line: u64, answers: &mut Answers| {
            let id = next_row_id(None, (line + 1) << 16);
            let day = format!("2026-{:02}-{:02}", 1 + line % 12, 1 + line % 28);
            let done = if is_done { "yes" } else { "no" };
            for (name, answer) in [("what", "Call her mother back"), ("due", &day), ("done", done)] {
                answers.insert(field(name, &[&id]), sample::text(answer));
            }
        }
    };
    let first = |count: u64, is_done: bool| {
        let (_ground, folder) = vault_with(count, task(is_done));
        let told = phone("first", &folder);
        println!("{count} records with a task each, done: {is_done}: {told:?}");
        told
    };
    for count in [100, 1_000] {
        let told = first(count, false);
        assert_eq!(told["statements"], empty["statements"]);
        let steps = told["instructions"].saturating_sub(empty["instructions"]);
        assert!(steps >= count, "control: {steps} instructions more, so each of {count} tasks was looked at");
        assert!(steps <= STEPS * count, "{steps} instructions more for {count} open tasks");
        let grown = told["read"].saturating_sub(empty["read"]);
        assert!(grown <= 5 * 4_096 + OCTETS * count, "{grown} octets more for {count} open tasks");
    }
    let done = first(1_000, true);
    assert_eq!(done["statements"], empty["statements"]);
    assert!(done["instructions"] <= empty["instructions"] + 20, "what is done is not looked at: {done:?}");
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
