//! A connection that is cut or falls silent at any octet loses nothing and costs at most one segment.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests may be blunt: a panic there is the report"
)]

use std::collections::BTreeSet;
use std::time::Duration;

use cairn_core::form::{Answer, Answers};
use cairn_core::transport::{Https, Reply, Transport, TransportError};
use cairn_core::vault::{Query, SyncReport};
use cairn_core::wire::id::RecordId;
use cairn_core::{Error, Vault};
use cairn_tests::dice::{Dice, size};
use cairn_tests::ground::Ground;
use cairn_tests::relay::{Plan, Relay};
use cairn_tests::sample;
use rusqlite::{Connection, OpenFlags};

/// Octets between two cuts of the slice; `CAIRN_CUT_STEP=1` for all.
const STEP: usize = 97;
/// A TLS record: what the server has of one is nothing until it has all of it.
const RECORD: usize = 16 << 10;

struct Line {
    ground: Ground,
    relay: Relay,
    /// A good road, kept open.
    direct: Https,
    office: Vault,
    field: Vault,
    dice: Dice,
    saved: BTreeSet<RecordId>,
}

/// Lets hellos pass and pushes fail: what waits is sealed, but does not leave.
struct NoPush<'a>(&'a dyn Transport);

impl Transport for NoPush<'_> {
    fn post(&self, path: &str, body: Vec<u8>) -> Result<Reply, TransportError> {
        if body.len() > 1000 { Err(TransportError::Offline) } else { self.0.post(path, body) }
    }
}

impl Line {
    fn new(ground: Ground) -> Self {
        let (mut office, mut field) = ground.office_and_field();
        ground.sync(&mut office);
        ground.sync(&mut field);
        let relay = Relay::new(ground.address().url.trim_start_matches("https://").parse().unwrap());
        let (_, dice) = Dice::from_env(20);
        let direct = ground.transport();
        Self { ground, relay, direct, office, field, dice, saved: BTreeSet::new() }
    }

    /// A record that takes about so many octets on the wire: its story does not compress.
    fn record(&mut self, octets: usize) -> Answers {
        let mut story = String::with_capacity(octets * 4 / 3);
        while story.len() < octets * 4 / 3 {
            let bits = self.dice.bits();
            story.extend((0..10).map(|n| {
                char::from(
                    b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_"
                        [(bits >> (6 * n)) as usize & 63],
                )
            }));
        }
        let mut answers = sample::answers("Sample", &mut self.dice);
        answers.insert("story".to_owned(), Answer::Narrative(story));
        answers
    }

    /// Seals so many segments of so many octets each, which wait to leave. As after a cut, the next sync
    /// asks first and then pushes, on one connection.
    fn prepare(&mut self, segments: usize, octets: usize) {
        for number in 1..=segments {
            let answers = self.record(octets);
            self.saved.insert(self.field.new_record("sample", answers).unwrap());
            assert!(matches!(self.field.sync(&NoPush(&self.direct), |_| {}), Err(Error::Offline)));
            assert_eq!(self.field.counts().unwrap().unacknowledged, number as u64);
        }
    }

    fn sync(&mut self, plan: Plan) -> Result<SyncReport, Error> {
        self.relay.plan(plan);
        let transport = Https::new(&self.relay.url(), self.ground.address().key, None).unwrap();
        let synced = self.field.sync(&transport, |_| {});
        drop(transport);
        self.relay.settled();
        synced
    }

    /// Sizes of the newest segments in the server's log.
    fn logged(&self, segments: usize) -> Vec<usize> {
        let path = self.ground.data().join("log.db");
        let log = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
        let mut statement =
            log.prepare("SELECT length(bytes) FROM segment ORDER BY seq DESC LIMIT ?1").unwrap();
        let sizes = statement.query_map([segments as i64], |row| row.get::<_, i64>(0)).unwrap();
        let mut sizes: Vec<usize> = sizes.map(|size| size.unwrap() as usize).collect();
        sizes.reverse();
        sizes
    }

    fn office_has_all(&mut self) {
        self.ground.sync(&mut self.office);
        let listed = self.office.list(&Query { most: 1_000_000, ..Query::default() }).unwrap();
        assert_eq!(listed.len(), self.saved.len(), "each record once");
        assert!(listed.iter().all(|line| self.saved.contains(&line.id)));
    }
}

/// Cuts a push at every `step`th octet. A later sync delivers everything, and sends again at most one of
/// the segments that had left whole before the cut.
fn push_cut_everywhere(segments: usize, octets: usize, step: usize, allowed: impl Fn(&[usize]) -> usize) {
    let mut line = Line::new(Ground::new());
    line.prepare(segments, octets);
    let whole = line.sync(Plan::default()).unwrap();
    let (up, _) = line.relay.octets();
    let around = up - whole.segment_bytes_up as usize;
    let (mut cut, mut cuts) = (0, 0);
    while cut < up {
        line.prepare(segments, octets);
        let plan = Plan { up: Some(cut), ..Plan::default() };
        let before = line.sync(plan);
        assert!(matches!(before, Err(Error::Offline)), "cut at {cut}: {before:?}");
        let after = line.sync(Plan::default()).unwrap();
        assert_eq!(line.field.counts().unwrap().unacknowledged, 0, "cut at {cut}");
        let sizes = line.logged(segments);
        let all: usize = sizes.iter().sum();
        let kept = all - after.segment_bytes_up as usize;
        let left = cut.saturating_sub(around + 64);
        let again = left.saturating_sub(kept);
        assert!(again <= allowed(&sizes), "cut at {cut}: {left} octets had left, {kept} were kept");
        cut += step;
        cuts += 1;
        if cuts % 50 == 0 {
            line.office_has_all();
        }
    }
    println!("{cuts} cuts of {up} octets");
    line.office_has_all();
}

#[test]
fn a_push_cut_at_every_97th_octet_loses_nothing() {
    push_cut_everywhere(3, 6_400, size("CAIRN_CUT_STEP", STEP), |_| RECORD);
}

#[test]
fn a_cut_push_sends_again_at_most_one_segment() {
    // Segments as large as they become. The one that was under way is sent again, and with it what
    // shares a TLS record with its end.
    let step = size("CAIRN_CUT_STEP", STEP) * 60;
    push_cut_everywhere(3, 30_000, step, |sizes| sizes.iter().max().unwrap() + RECORD);
}

#[test]
fn a_pull_cut_at_every_97th_octet_loses_nothing() {
    let mut line = Line::new(Ground::new());
    for _ in 0..4 {
        let answers = line.record(4_500);
        line.saved.insert(line.office.new_record("sample", answers).unwrap());
        line.ground.sync(&mut line.office);
    }
    let before = line.field.counts().unwrap();
    let mut cut = 0;
    let step = size("CAIRN_CUT_STEP", STEP);
    loop {
        match line.sync(Plan { down: Some(cut), ..Plan::default() }) {
            Err(Error::Offline) => assert_eq!(line.field.counts().unwrap(), before, "cut at {cut}"),
            Ok(report) => {
                assert_eq!(report.records_down, 4);
                break;
            }
            Err(other) => panic!("cut at {cut}: {other}"),
        }
        cut += step;
        assert!(cut < 100_000, "the sync of 20 kB never gets through");
    }
    assert!(cut > 18_000, "control: the cuts went through all of it");
    assert_eq!(line.field.counts().unwrap().records, 4);
    line.office_has_all();
}

#[test]
fn a_connection_that_falls_silent_is_given_up_by_the_server_and_loses_nothing() {
    let mut line = Line::new(Ground::with(|config| {
        let short = Duration::from_millis(300);
        let network = &mut config.network;
        network.first_byte_timeout = short;
        network.tls_timeout = short;
        network.header_timeout = short;
        network.body_timeout = short;
        network.write_timeout = short;
        network.idle_timeout = short;
    }));
    for at in [0, 10, 400, 900, 3_000, 9_000, 17_000] {
        for plan in [
            Plan { up: Some(at), stall: true, ..Plan::default() },
            Plan { down: Some(at / 20), stall: true, ..Plan::default() },
        ] {
            line.prepare(4, 4_500);
            let before = line.sync(plan);
            assert!(before.is_err(), "{plan:?}: {before:?}");
            line.sync(Plan::default()).unwrap();
            assert_eq!(line.field.counts().unwrap().unacknowledged, 0);
        }
    }
    line.office_has_all();
}
