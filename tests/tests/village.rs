//! A village of devices works on bad roads, and in the end everybody has everything.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests may be blunt: a panic there is the report"
)]

use std::cell::RefCell;
use std::sync::Mutex;
use std::thread;

use cairn_core::Error;
use cairn_core::transport::{Reply, Transport, TransportError};
use cairn_tests::dice::{Dice, size};
use cairn_tests::ground::Ground;
use cairn_tests::sample;
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

/// Keeps the first request that carries segments instead of delivering it.
struct Holding<'a> {
    inner: &'a dyn Transport,
    held: RefCell<Option<(String, Vec<u8>)>>,
}

impl Transport for Holding<'_> {
    fn post(&self, path: &str, body: Vec<u8>) -> Result<Reply, TransportError> {
        *self.held.borrow_mut() = Some((path.to_owned(), body));
        Err(TransportError::Offline)
    }
}

#[test]
fn a_push_that_arrives_after_it_was_sealed_again_under_a_new_key_freezes_nothing() {
    let ground = Ground::new();
    let (mut office, mut field) = ground.office_and_field();
    field.new_record("sample", sample::answers("Sample One", &mut Dice::new(1))).unwrap();
    let transport = ground.transport();
    let holding = Holding { inner: &transport, held: RefCell::default() };
    assert!(matches!(field.sync(&holding, |_| {}), Err(Error::Offline)));
    office.renew_keys(&transport).unwrap();
    assert_eq!(ground.sync(&mut field).late, 1, "control: it was sealed again");
    let (path, body) = holding.held.take().unwrap();
    holding.inner.post(&path, body).unwrap();
    field.new_record("sample", sample::answers("Sample Two", &mut Dice::new(2))).unwrap();
    ground.sync(&mut field);
    ground.sync(&mut office);
    assert_eq!(office.counts().unwrap().records, 2);
}
