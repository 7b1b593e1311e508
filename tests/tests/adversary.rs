//! G12: a server that holds its own key and lies is found out, or its lie does no harm.
//!
//! Over a log of 200 segments in three epochs, each trial lets one device meet a server that tells one lie
//! at places that fall by seeded dice, and gives the honest server back afterwards. Either something was
//! noticed, or nothing is different from a device that never met the liar. Whatever was noticed, healing
//! makes it equal again.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests may be blunt: a panic there is the report"
)]

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};
use std::thread;

use cairn_core::clock::SystemClock;
use cairn_core::form::Answer;
use cairn_core::segment::Batch;
use cairn_core::vault::InviteTerms;
use cairn_core::view::RecordView;
use cairn_core::wire::id::CircleId;
use cairn_core::wire::roster::Role;
use cairn_core::{Error, Vault};
use cairn_tests::dice::{Dice, size};
use cairn_tests::ground::Ground;
use cairn_tests::hand::Hand;
use cairn_tests::level::shown;
use cairn_tests::liar::{Liar, Lie, Truth};
use cairn_tests::sample;
use cairn_tests::stage::Stage;

/// Trials in the slice; `CAIRN_MUTATIONS` for more.
const TRIALS: usize = 220;
/// Segments in the log.
const SEGMENTS: usize = 200;
/// Trials at once.
const AT_ONCE: usize = 2;
/// Who meets the liar: somebody who has seen nothing, half of the log, all of it; and a coordinator with a
/// newcomer at the door. All but the first have work that was not sent.
const VICTIMS: [&str; 4] = ["newcomer", "halfway", "level", "office"];

struct Scene {
    stage: Stage,
    truth: Truth,
    /// What each victim shows that never met a liar.
    honest: BTreeMap<&'static str, State>,
}

/// What must be the same.
#[derive(Debug, Clone, PartialEq, Eq)]
struct State {
    /// Each record's answers and unsettled fields. Not its name: what a chain that turned out to be
    /// written twice had begun is begun anew.
    records: Vec<String>,
    devices: Vec<String>,
}

impl State {
    fn of(vault: &Vault) -> Self {
        let mut records: Vec<String> = shown(vault).into_values().map(words).collect();
        records.sort();
        let devices = vault.devices().unwrap();
        let devices = devices.iter().map(|line| format!("{} {:?} {}", line.id, line.role, line.belongs));
        Self { records, devices: devices.collect() }
    }
}

/// A record's answers and unsettled fields. Which of several answers is shown first depends on the names of
/// chains, which a lie can make a device change.
fn words(mut view: RecordView) -> String {
    let mut conflicts = BTreeMap::new();
    for conflict in view.conflicts {
        view.answers.remove(&conflict.field);
        let mut values: Vec<_> = conflict.values.iter().map(|(answer, _)| format!("{answer:?}")).collect();
        values.sort();
        conflicts.insert(conflict.field, values);
    }
    format!("{:?} {conflicts:?}", view.answers)
}

fn work(vault: &mut Vault, number: usize, dice: &mut Dice) {
    let known: Vec<_> = shown(vault).into_keys().collect();
    if known.len() < 30 || dice.once_in(5) {
        vault.new_record("sample", sample::answers(&format!("Sample {number}"), dice)).unwrap();
    } else {
        let age = Answer::Integer(1000 + number as i64);
        vault.edit_record(dice.pick(&known), &sample::edit("age", age)).unwrap();
    }
}

impl Scene {
    fn new() -> Self {
        let mut dice = Dice::new(12);
        let mut ground = Ground::new();
        let mut office = Stage::new_vault(&ground, "office");
        office.found(&ground.address(), "office").unwrap();
        office.publish_form(&sample::form()).unwrap();
        ground.sync(&mut office);
        let mut people = vec![office];
        for name in ["halfway", "level", "ana"] {
            let mut vault = Stage::new_vault(&ground, name);
            ground.join(&mut people[0], &mut vault, name, Role::Field);
            people.push(vault);
        }
        let mut hand = Hand::join(&ground, &mut people[0], Role::Field);
        let mut number = 0;
        while held(&ground) < SEGMENTS {
            number += 1;
            // One of them stays away from the middle on, with work that was not sent.
            let away = held(&ground) > SEGMENTS / 2;
            let who = number % 4;
            if who != 1 || !away {
                work(&mut people[who], number, &mut dice);
                ground.sync(&mut people[who]);
            }
            if number == 60 || number == 120 {
                people[0].renew_keys(&ground.transport()).unwrap();
            }
        }
        let mut newcomer = Stage::new_vault(&ground, "newcomer");
        let ask = |office: &mut Vault, vault: &mut Vault, name: &str| {
            let invitation = office.invite(&InviteTerms { role: Role::Field, hours: 24 }).unwrap();
            vault.accept(&invitation.to_text(), name).unwrap();
            assert!(matches!(vault.sync(&ground.transport(), |_| {}), Err(Error::Waiting)));
        };
        ask(&mut people[0], &mut newcomer, "newcomer");
        assert_eq!(ground.sync(&mut people[0]).admitted, 1);
        for (who, vault) in people.iter_mut().enumerate() {
            if who != 1 {
                ground.sync(vault);
            }
            vault.new_record("sample", sample::answers(&format!("Unsent {who}"), &mut dice)).unwrap();
            let known = *shown(vault).keys().next().unwrap();
            let age = Answer::Integer(5000 + who as i64);
            vault.edit_record(&known, &sample::edit("age", age)).unwrap();
        }
        let mut late = ground.vault("late", 0);
        ask(&mut people[0], &mut late, "late");
        let elsewhere = elsewhere(&ground, &mut hand);
        let workspace = people[0].workspace().unwrap();
        ground.stop();
        let mut truth = Truth::read(&ground.data(), workspace);
        truth.elsewhere = elsewhere;
        assert!(truth.log.len() >= SEGMENTS);
        people.push(newcomer);
        let names = ["office", "halfway", "level", "ana", "newcomer"];
        let stage = Stage::keep(ground, names.into_iter().zip(people).collect());
        let mut scene = Self { stage, truth, honest: BTreeMap::new() };
        for name in VICTIMS {
            let ground = scene.stage.ground();
            let mut vault = scene.stage.vault(&ground, name, Arc::new(SystemClock));
            ground.sync(&mut vault);
            scene.honest.insert(name, State::of(&vault));
        }
        scene
    }
}

/// How many segments the server holds.
fn held(ground: &Ground) -> usize {
    let log = rusqlite::Connection::open(ground.data().join("log.db")).unwrap();
    let count: i64 = log.query_row("SELECT coalesce(max(seq), 0) FROM circle", [], |row| row.get(0)).unwrap();
    count as usize
}

/// Segments of another circle, truly signed by a member, and then those of another workspace.
fn elsewhere(ground: &Ground, hand: &mut Hand) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    for number in 0..4 {
        let place = cairn_core::segment::Place { circle: CircleId([7; 16]), ..hand.place() };
        found.push(hand.seal_at(&Batch { time: number, ..Batch::default() }, None, &place));
    }
    let mut office = ground.office("other office");
    office.publish_form(&sample::form()).unwrap();
    for number in 0..3 {
        work(&mut office, number, &mut Dice::new(1));
        ground.sync(&mut office);
    }
    let log = rusqlite::Connection::open(ground.data().join("log.db")).unwrap();
    let mut statement = log.prepare("SELECT bytes FROM segment WHERE workspace = ?1").unwrap();
    let rows = statement.query_map([office.workspace().unwrap().0], |row| row.get(0)).unwrap();
    found.extend(rows.map(Result::unwrap).take(4));
    found
}

/// Whether a device listens to what it notices, or goes on as if its software compared nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Heed {
    All,
    Nothing,
}

/// How a trial ended.
struct Outcome {
    lied: bool,
    /// What the device noticed, in words.
    noticed: Vec<String>,
    /// What is not as it must be.
    wrong: Vec<String>,
}

fn trial(scene: &Scene, victim: &'static str, lie: Lie, seed: u64, heed: Heed) -> Outcome {
    let ground = scene.stage.ground();
    let mut vault = scene.stage.vault(&ground, victim, Arc::new(SystemClock));
    let road = ground.transport();
    let liar = Liar::new(&road, &scene.truth, lie, seed);
    let (mut noticed, mut wrong) = (Vec::new(), Vec::new());
    for _ in 0..2 {
        match catch_unwind(AssertUnwindSafe(|| vault.sync(&liar, |_| {}))) {
            Err(_) => wrong.push("it panicked".to_owned()),
            Ok(Err(Error::Bug(bug))) => wrong.push(format!("a bug: {bug}")),
            Ok(Err(error)) => noticed.push(error.to_string()),
            Ok(Ok(_)) => {}
        }
    }
    if vault.devices().is_ok() {
        noticed.extend(vault.examine().unwrap().findings);
    }
    // The honest server is back.
    if let Err(error) = vault.sync(&road, |_| {}) {
        noticed.push(format!("afterwards: {error}"));
    }
    noticed.extend(vault.alarms().unwrap().into_iter().map(|view| format!("{:?}", view.alarm.kind)));
    if heed == Heed::Nothing {
        noticed.clear();
    }
    if !noticed.is_empty()
        && let Err(error) = vault.heal(&road, &[], |_| {})
    {
        wrong.push(format!("cannot be healed: {error}"));
    }
    match vault.sync(&road, |_| {}) {
        Ok(_) => {}
        Err(_) if heed == Heed::Nothing => {}
        Err(error) => wrong.push(format!("cannot sync: {error}")),
    }
    wrong.extend(differences(scene, &ground, &vault, victim));
    Outcome { lied: liar.has_lied(), noticed, wrong }
}

/// What is other than if the device had never met a liar, there and with others.
fn differences(scene: &Scene, ground: &Ground, vault: &Vault, victim: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    let honest = &scene.honest[victim];
    let counts = vault.counts().unwrap();
    let restless = (counts.outbox, counts.unacknowledged, counts.waiting, counts.refused, counts.quarantined);
    if restless != (0, 0, 0, 0, 0) {
        wrong.push(format!("not at rest: {counts:?}"));
    }
    let mut other = scene.stage.vault(ground, "ana", Arc::new(SystemClock));
    for (name, state) in [("it", Ok(State::of(vault))), ("another", others(ground, &mut other))] {
        match state {
            Err(error) => wrong.push(format!("{name} cannot sync: {error}")),
            Ok(state) => {
                let lost = honest.records.iter().filter(|record| !state.records.contains(record)).count();
                let more = state.records.iter().filter(|record| !honest.records.contains(record)).count();
                // Ana has two records of her own that nobody else has yet.
                if lost > usize::from(name != "it") || more > usize::from(name != "it") * 2 {
                    wrong.push(format!("{name} lacks {lost} records and shows {more} that are none"));
                }
                if state.devices != honest.devices {
                    wrong.push(format!("{name} knows other devices"));
                }
            }
        }
    }
    wrong
}

fn others(ground: &Ground, other: &mut Vault) -> Result<State, Error> {
    other.sync(&ground.transport(), |_| {})?;
    Ok(State::of(other))
}

/// A row of the table.
#[derive(Default)]
struct Row {
    told: usize,
    detected: usize,
    harmless: usize,
}

fn run(
    scene: &Scene,
    seed: u64,
    trials: usize,
    heed: Heed,
    lies: &[Lie],
) -> (BTreeMap<Lie, Row>, Vec<String>) {
    let mut dice = Dice::new(seed);
    let mut plan = Vec::new();
    for number in 0..trials {
        let lie = lies[number % lies.len()];
        let victims = match lie {
            Lie::SwapsJoinKeys => &VICTIMS[3..],
            lie if lie.is_about_the_roster() => &VICTIMS[..2],
            _ => &VICTIMS[..],
        };
        let victim = victims[(number / lies.len() + dice.below(4)) % victims.len()];
        plan.push((lie, victim, dice.bits()));
    }
    let next = Mutex::new(plan.into_iter().enumerate());
    let (rows, failures) = (Mutex::new(BTreeMap::<Lie, Row>::new()), Mutex::new(Vec::new()));
    let work = || {
        loop {
            let Some((number, (lie, victim, dice))) = next.lock().unwrap().next() else { return };
            let outcome = trial(scene, victim, lie, dice, heed);
            let mut rows = rows.lock().unwrap();
            let row = rows.entry(lie).or_default();
            row.told += usize::from(outcome.lied);
            row.detected += usize::from(!outcome.noticed.is_empty());
            row.harmless += usize::from(outcome.noticed.is_empty() && outcome.wrong.is_empty());
            let place = format!("seed {seed}, trial {number}: {lie:?} to {victim} (dice {dice})");
            if !outcome.wrong.is_empty() {
                let Outcome { noticed, wrong, .. } = &outcome;
                failures.lock().unwrap().push(format!("{place}: {wrong:?}; noticed {noticed:?}"));
            }
            if !outcome.lied && !outcome.noticed.is_empty() {
                let alarm = format!("{place}: a false alarm: {:?}", outcome.noticed);
                failures.lock().unwrap().push(alarm);
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(work);
        }
    });
    (rows.into_inner().unwrap(), failures.into_inner().unwrap())
}

#[test]
fn every_lie_over_two_hundred_segments_is_detected_or_harmless() {
    let (seed, _) = Dice::from_env(12);
    let scene = Scene::new();
    let (rows, failures) = run(&scene, seed, size("CAIRN_MUTATIONS", TRIALS), Heed::All, Lie::ALL);
    println!("{:<28} {:>6} {:>9} {:>9}", "lie", "told", "detected", "harmless");
    for (lie, row) in &rows {
        println!("{:<28} {:>6} {:>9} {:>9}", format!("{lie:?}"), row.told, row.detected, row.harmless);
    }
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
    for (lie, row) in rows {
        assert_eq!(row.told == 0, lie == Lie::Nothing, "control: {lie:?} is told");
        assert!(lie != Lie::Nothing || row.detected == 0, "control: an honest server raises no alarm");
    }
}

#[test]
fn a_changed_segment_is_named_with_its_author_and_its_place() {
    let scene = Scene::new();
    for (lie, seed) in [Lie::FlipsABit, Lie::Truncates, Lie::Lengthens].into_iter().cycle().zip(0..9) {
        let ground = scene.stage.ground();
        let mut vault = scene.stage.vault(&ground, "newcomer", Arc::new(SystemClock));
        let road = ground.transport();
        let liar = Liar::new(&road, &scene.truth, lie, seed);
        let _ = vault.sync(&liar, |_| {});
        let at = liar.place().unwrap();
        let findings = vault.examine().unwrap().findings;
        let place = format!("segment {} of circle {}", at + 1, scene.truth.circle.short());
        let named = findings.iter().find(|finding| finding.starts_with(&place));
        let named = named.unwrap_or_else(|| panic!("{lie:?}, dice {seed}: {place} is not in {findings:#?}"));
        // A segment that was cut so short that it names no chain names no author either.
        let whole = liar.told(at).len() > 40;
        let author = scene.truth.authors[at].short();
        assert!(!whole || named.contains(&author), "{lie:?}, dice {seed}: {named} names not {author}");
    }
}

#[test]
fn what_a_server_acknowledged_and_threw_away_is_given_back_as_the_same_octets() {
    let scene = Scene::new();
    for lie in [Lie::AcknowledgesWhatItThrowsAway, Lie::SaysRevoked] {
        let ground = scene.stage.ground();
        let mut vault = scene.stage.vault(&ground, "level", Arc::new(SystemClock));
        let road = ground.transport();
        let _ = vault.sync(&Liar::new(&road, &scene.truth, lie, 1), |_| {});
        let counts = vault.counts().unwrap();
        assert_eq!((counts.outbox, counts.unacknowledged), (0, 0), "control: it believes {lie:?}");
        let before = held(&ground);
        let told = vault.sync(&road, |_| {});
        assert!(matches!(told, Err(Error::Tampered(_))), "{lie:?}: {told:?}");
        assert_eq!(held(&ground), before, "control: without healing nothing is there");
        let healed = vault.heal(&road, &[], |_| {}).unwrap();
        assert_eq!((healed.given_back, healed.refused, healed.reordered), (1, 0, 0), "{lie:?}");
        assert_eq!(held(&ground), before + 1);
        let mut other = scene.stage.vault(&ground, "ana", Arc::new(SystemClock));
        ground.sync(&mut other);
        assert!(shown(&other).values().any(|view| view.title == "Unsent 2"), "{lie:?}");
    }
}

#[test]
fn control_a_device_that_compares_nothing_is_found_to_be_harmed() {
    let scene = Scene::new();
    let lies = [Lie::DropsFromTheMiddle, Lie::AcknowledgesWhatItThrowsAway, Lie::FlipsABit];
    let (_, failures) = run(&scene, 1, 12, Heed::Nothing, &lies);
    for lie in lies {
        let harmed = failures.iter().filter(|failure| failure.contains(&format!("{lie:?}"))).count();
        assert!(harmed > 0, "{lie:?} is reported: {failures:#?}");
    }
}
