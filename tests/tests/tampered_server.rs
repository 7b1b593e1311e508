//! G12: a server that tampers with its answers is refused or harmless, and later honesty mends everything.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests may be blunt: a panic there is the report"
)]

use std::cell::RefCell;
use std::collections::BTreeMap;

use cairn_core::form::Answer;
use cairn_core::transport::{Reply, Transport, TransportError};
use cairn_core::wire::roster::Role;
use cairn_core::wire::sync::{Step, SyncResponse};
use cairn_core::{Error, Vault};
use cairn_tests::dice::{Dice, size};
use cairn_tests::ground::Ground;
use cairn_tests::{level, sample};

/// Mutations in the slice; `CAIRN_MUTATIONS` for more.
const MUTATIONS: usize = 200;

const KINDS: [&str; 15] = [
    "flips a bit",
    "flips a bit of a segment",
    "cuts the answer short",
    "adds octets",
    "replays an older answer",
    "gives another device's answer",
    "swaps two segments",
    "omits the last segments",
    "repeats a segment",
    "gives an older segment instead",
    "claims own segments",
    "keeps the keys back",
    "spoils a key",
    "keeps the roster back",
    "claims to have refused segments",
];

/// A server that tampers with its first answer.
struct Tampering<'a> {
    inner: &'a dyn Transport,
    kind: &'static str,
    state: RefCell<State<'a>>,
}

struct State<'a> {
    dice: Dice,
    memory: &'a mut Memory,
    /// Whether it is still to happen.
    armed: bool,
    /// Whether the answer became another one.
    done: bool,
}

/// What the server has seen of itself.
#[derive(Default)]
struct Memory {
    /// Answers to this device.
    answers: Vec<Vec<u8>>,
    /// An answer to another device.
    foreign: Vec<u8>,
    segments: Vec<Vec<u8>>,
}

impl Transport for Tampering<'_> {
    fn post(&self, path: &str, body: Vec<u8>) -> Result<Reply, TransportError> {
        let mut reply = self.inner.post(path, body)?;
        let mut state = self.state.borrow_mut();
        let State { dice, memory, armed, done } = &mut *state;
        let honest = reply.body.clone();
        if *armed && reply.status == 200 {
            *armed = false;
            tamper(self.kind, &mut reply.body, memory, dice);
            *done = reply.body != honest;
        }
        if let Ok(response) = SyncResponse::decode(&honest, 1) {
            memory.segments.extend(response.steps.into_iter().flatten().filter_map(|step| match step {
                Step::Segment(bytes) => Some(bytes),
                Step::Own(_) => None,
            }));
            memory.answers.push(honest);
        }
        Ok(reply)
    }
}

fn tamper(kind: &str, body: &mut Vec<u8>, memory: &Memory, dice: &mut Dice) {
    let flip = |bytes: &mut Vec<u8>, dice: &mut Dice| {
        if !bytes.is_empty() {
            let at = dice.below(bytes.len());
            bytes[at] ^= 1 << dice.below(8);
        }
    };
    let Ok(mut response) = SyncResponse::decode(body, 1) else { return };
    match kind {
        "flips a bit" => return flip(body, dice),
        "cuts the answer short" => return body.truncate(dice.below(body.len())),
        "adds octets" => {
            return body.extend((0..=dice.below(40)).map(|_| dice.bits() as u8).collect::<Vec<_>>());
        }
        "replays an older answer" => {
            if !memory.answers.is_empty() {
                body.clone_from(dice.pick(&memory.answers));
            }
            return;
        }
        "gives another device's answer" => return body.clone_from(&memory.foreign),
        "claims own segments" => response.steps[0].insert(0, Step::Own(1 + dice.below(3) as u64)),
        "keeps the keys back" => response.wraps.clear(),
        "spoils a key" => response.wraps.iter_mut().for_each(|wrap| flip(&mut wrap.sealed, dice)),
        "keeps the roster back" => response.roster.clear(),
        "claims to have refused segments" => {
            response.refused = vec![(0, cairn_core::wire::refusal::SegmentRefusal::NotEntitled)];
        }
        _ => {
            let steps = &mut response.steps[0];
            let foreign: Vec<usize> =
                (0..steps.len()).filter(|at| matches!(steps[*at], Step::Segment(_))).collect();
            if foreign.len() < 2 {
                return;
            }
            let at = *dice.pick(&foreign[..foreign.len() - 1]);
            match kind {
                "flips a bit of a segment" => {
                    if let Step::Segment(bytes) = &mut steps[at] {
                        flip(bytes, dice);
                    }
                }
                "swaps two segments" => steps.swap(at, foreign[foreign.len() - 1]),
                "omits a segment" => drop(steps.remove(at)),
                "omits the last segments" => steps.truncate(at),
                "repeats a segment" => steps.insert(at, steps[at].clone()),
                "gives an older segment instead" => {
                    if !memory.segments.is_empty() {
                        steps[at] = Step::Segment(dice.pick(&memory.segments).clone());
                    }
                }
                other => panic!("no such kind: {other}"),
            }
        }
    }
    *body = response.encode();
}

struct Scene {
    ground: Ground,
    office: Vault,
    other: Vault,
    field: Vault,
}

impl Scene {
    fn new() -> Self {
        let ground = Ground::new();
        let mut office = ground.office("office");
        office.publish_form(&sample::form()).unwrap();
        ground.sync(&mut office);
        let mut other = ground.member(&mut office, "other", Role::Field);
        let mut field = ground.member(&mut office, "field", Role::Field);
        ground.sync(&mut other);
        ground.sync(&mut field);
        Self { ground, office, other, field }
    }

    /// There is something to fetch from two others, and something to send.
    fn work(&mut self, round: usize, dice: &mut Dice) {
        let Self { ground, office, other, field } = self;
        let id = office.new_record("sample", sample::answers(&format!("Office {round}"), dice)).unwrap();
        ground.sync(office);
        if round.is_multiple_of(4) {
            office.renew_keys(&ground.transport()).unwrap();
        }
        ground.sync(other);
        other.edit_record(&id, &sample::edit("age", Answer::Integer(200 + round as i64))).unwrap();
        ground.sync(other);
        office.edit_record(&id, &sample::edit("age", Answer::Integer(100 + round as i64))).unwrap();
        ground.sync(office);
        field.new_record("sample", sample::answers(&format!("Field {round}"), dice)).unwrap();
    }

    fn findings(mut self) -> Vec<String> {
        for vault in [&mut self.office, &mut self.other, &mut self.field] {
            self.ground.sync(vault);
        }
        let mut vaults = [self.office, self.other, self.field].map(|vault| ("device".to_owned(), vault));
        if let Err(trouble) = level::level(&self.ground, &mut vaults) {
            return vec![trouble];
        }
        // What was tampered with stays noted; the devices themselves saw one history.
        let noted = |finding: &String| finding.contains("alarm") && !finding.contains("TwoHistories");
        level::differences(&vaults).into_iter().filter(|finding| !noted(finding)).collect()
    }
}

#[test]
fn every_mutation_is_refused_or_harmless_and_honesty_mends_it() {
    let (seed, mut dice) = Dice::from_env(60);
    let mut scene = Scene::new();
    let mut memory = Memory::default();
    let mut outcomes: BTreeMap<&str, (usize, usize, usize)> = BTreeMap::new();
    for round in 0..size("CAIRN_MUTATIONS", MUTATIONS) {
        scene.work(round, &mut dice);
        let kind = KINDS[round % KINDS.len()];
        let place = format!("seed {seed}, round {round}: a server that {kind}");
        let transport = scene.ground.transport();
        let mut theirs = Memory::default();
        let state = State { dice: Dice::new(0), memory: &mut theirs, armed: false, done: false };
        scene.other.sync(&Tampering { inner: &transport, kind, state: RefCell::new(state) }, |_| {}).unwrap();
        memory.foreign = theirs.answers.pop().unwrap();
        let state = State { dice: Dice::new(dice.bits()), memory: &mut memory, armed: true, done: false };
        let tampering = Tampering { inner: &transport, kind, state: RefCell::new(state) };
        let synced = scene.field.sync(&tampering, |_| {});
        let done = tampering.state.into_inner().done;
        let outcome = outcomes.entry(kind).or_default();
        match synced {
            _ if !done => {}
            Ok(_) => outcome.1 += 1,
            Err(Error::Tampered(_) | Error::Refused { .. } | Error::NotTaken(_)) => outcome.2 += 1,
            Err(other) => panic!("{place}: {other}"),
        }
        outcome.0 += usize::from(done);
        // Afterwards the server is honest.
        if let Err(error) = scene.field.sync(&transport, |_| {}) {
            panic!("{place} is never forgiven: {error}");
        }
        let counts = scene.field.counts().unwrap();
        let troubles =
            (counts.waiting, counts.refused, counts.quarantined, counts.unacknowledged, counts.outbox);
        assert_eq!(troubles, (0, 0, 0, 0, 0), "{place}");
        assert_eq!(counts.records, 2 * (round as u64 + 1), "{place}");
        assert_eq!(counts.conflicts, round as u64 + 1, "{place}: the two others wrote at once");
    }
    println!("kind: mutated, went on, refused\n{outcomes:#?}");
    let idle: Vec<_> = KINDS.iter().filter(|kind| outcomes[**kind].0 == 0).collect();
    assert!(idle.is_empty(), "control: never happened: {idle:?}");
    let refused: usize = outcomes.values().map(|(_, _, refused)| refused).sum();
    assert!(refused > 0, "control: some were noticed");
    assert_eq!(scene.findings(), Vec::<String>::new());
}

#[test]
fn an_omitted_segment_is_an_alarm_and_nothing_is_merged_wrongly() {
    let mut dice = Dice::new(1);
    for round in 0..6 {
        let mut scene = Scene::new();
        scene.work(round, &mut dice);
        let transport = scene.ground.transport();
        let mut memory = Memory::default();
        let state = State { dice: Dice::new(dice.bits()), memory: &mut memory, armed: true, done: false };
        let tampering = Tampering { inner: &transport, kind: "omits a segment", state: RefCell::new(state) };
        let synced = scene.field.sync(&tampering, |_| {});
        assert!(tampering.state.into_inner().done, "control: one was omitted");
        // An answer that stops before the head may be continued; the gap shows when it is.
        let synced = synced.and_then(|_| scene.field.sync(&transport, |_| {}));
        assert!(matches!(synced, Err(Error::Tampered(_))), "{synced:?}");
        let honest = level::shown(&scene.office);
        for (id, view) in level::shown(&scene.field) {
            // What it shows of others' records is a part of what was written.
            let ours = view.answers["name"] == sample::text(&format!("Field {round}"));
            let theirs = honest.get(&id).is_some_and(|known| known.answers.keys().eq(view.answers.keys()));
            assert!(ours || theirs, "round {round}");
        }
        // What builds on what is missing is kept and waits.
        assert_eq!(scene.field.counts().unwrap().refused, 0);
    }
}

#[test]
fn control_what_only_one_device_has_is_found() {
    let mut scene = Scene::new();
    let mut dice = Dice::new(1);
    scene.work(1, &mut dice);
    let vaults = [("office".to_owned(), scene.office), ("field".to_owned(), scene.field)];
    let findings = level::differences(&vaults);
    assert!(findings.iter().any(|finding| finding.contains("differently")), "{findings:#?}");
}
