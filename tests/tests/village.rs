//! A village of devices works on bad roads, and in the end everybody has everything.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests may be blunt: a panic there is the report"
)]

use std::sync::Mutex;
use std::thread;

use cairn_tests::dice::{Dice, size};
use cairn_tests::village::Village;
use rusqlite::Connection;

/// Seeds in the slice; `CAIRN_SEEDS` for more.
const SEEDS: usize = 24;
/// Things that happen in one village.
const STEPS: usize = 70;
/// Villages at once.
const AT_ONCE: usize = 2;

fn run(seed: u64) -> Vec<String> {
    let mut dice = Dice::new(seed);
    let mut village = Village::new(&mut dice);
    village.live(&mut dice, size("CAIRN_STEPS", STEPS));
    village.rest(|_| ())
}

#[test]
fn after_bad_roads_every_device_shows_the_same_and_nothing_acknowledged_is_lost() {
    let seeds = Mutex::new(Dice::seeds(SEEDS).into_iter());
    let failures = Mutex::new(Vec::new());
    let work = || {
        loop {
            let Some(seed) = seeds.lock().unwrap().next() else { return };
            let findings = run(seed);
            if !findings.is_empty() {
                println!("seed {seed} fails (CAIRN_SEED={seed} replays it): {findings:#?}");
                failures.lock().unwrap().push(seed);
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(work);
        }
    });
    let failures = failures.into_inner().unwrap();
    assert!(failures.is_empty(), "replay with CAIRN_SEED={failures:?}");
}

#[test]
fn control_a_server_that_loses_one_segment_is_reported() {
    let (seed, mut dice) = Dice::from_env(1);
    let mut village = Village::new(&mut dice);
    village.live(&mut dice, 20);
    let findings = village.rest(|ground| {
        ground.stop();
        let log = Connection::open(ground.data().join("log.db")).unwrap();
        let lost =
            log.execute("DELETE FROM segment WHERE seq = (SELECT max(seq) / 2 FROM segment)", []).unwrap();
        assert_eq!(lost, 1);
        drop(log);
        ground.start();
    });
    println!("seed {seed}: {findings:#?}");
    assert!(findings.iter().any(|finding| finding.contains("newcomer")), "a device notices");
    assert!(findings.iter().any(|finding| finding.starts_with("server:")), "so does the server's doctor");
}
