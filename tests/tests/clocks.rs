//! G24: clocks that are years off, and jump. The merge is the same everywhere and the same as with right
//! clocks, and whoever has a wrong clock gets in after one refusal.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests may be blunt: a panic there is the report"
)]

use std::cell::Cell;
use std::collections::BTreeSet;
use std::sync::Arc;

use cairn_core::form::Answer;
use cairn_core::transport::{Reply, Transport, TransportError};
use cairn_core::wire::refusal::{Reason, Refusal};
use cairn_core::wire::roster::Role;
use cairn_core::{Error, Vault};
use cairn_tests::dice::Dice;
use cairn_tests::ground::{Ground, PASSPHRASE};
use cairn_tests::level::{differences, level, shown};
use cairn_tests::sample;
use cairn_tests::simulation::JumpingClock;

/// Ten years in seconds.
const DECADE: i64 = 3650 * 86_400;
/// Things that happen.
const STEPS: usize = 60;

struct Life {
    ground: Ground,
    vaults: Vec<(String, Vault)>,
    clocks: Vec<Arc<JumpingClock>>,
}

impl Life {
    fn new() -> Self {
        let ground = Ground::new();
        let mut life = Self { ground, vaults: Vec::new(), clocks: Vec::new() };
        for name in ["office", "ana", "ben"] {
            let clock = Arc::new(JumpingClock::default());
            let folder = life.ground.folder(name);
            let mut vault = Vault::create_with(&folder, PASSPHRASE, Arc::clone(&clock) as _).unwrap();
            match life.vaults.first_mut() {
                None => {
                    vault.found(&life.ground.address(), name).unwrap();
                    vault.publish_form(&sample::form()).unwrap();
                    life.ground.sync(&mut vault);
                }
                Some((_, office)) => life.ground.join(office, &mut vault, name, Role::Field),
            }
            life.vaults.push((name.to_owned(), vault));
            life.clocks.push(clock);
        }
        life
    }
}

/// Counts how often the clock was refused.
struct Refusals<'a> {
    inner: &'a dyn Transport,
    count: Cell<usize>,
}

impl Transport for Refusals<'_> {
    fn post(&self, path: &str, body: Vec<u8>) -> Result<Reply, TransportError> {
        let reply = self.inner.post(path, body)?;
        let refused = reply.status == 401
            && Refusal::decode(&reply.body).is_ok_and(|refusal| refusal.reason == Reason::Clock);
        self.count.set(self.count.get() + usize::from(refused));
        Ok(reply)
    }
}

/// What came of a schedule: titles, answers and unsettled fields, without who and when.
#[derive(Debug, PartialEq, Eq)]
struct Merged(Vec<String>);

/// Runs the schedule of a seed. What is edited and synced by whom falls the same with right clocks and with
/// jumping ones.
fn run(seed: u64, jump: bool) -> (Merged, usize) {
    let (mut dice, mut life) = (Dice::new(seed), Life::new());
    let mut most = 0;
    for step in 0..STEPS {
        let (who, act, offset) = (dice.below(3), dice.below(6), dice.below(2 * DECADE as usize + 1) as i64);
        let (choice, mut answers) = (dice.bits(), Dice::new(dice.bits()));
        if jump {
            let ends = [-DECADE, DECADE];
            life.clocks[who].set(ends.get(step).copied().unwrap_or(offset - DECADE));
        }
        let vault = &mut life.vaults[who].1;
        match act {
            0 => {
                let name = format!("Record {step}");
                vault.new_record("sample", sample::answers(&name, &mut answers)).unwrap();
            }
            1..=3 => {
                let mut known: Vec<_> =
                    shown(vault).into_values().map(|view| (view.title, view.id)).collect();
                known.sort();
                if !known.is_empty() {
                    let (_, record) = &known[(choice % known.len() as u64) as usize];
                    let age = Answer::Integer(1000 + step as i64);
                    vault.edit_record(record, &sample::edit("age", age)).unwrap();
                }
            }
            _ => {
                let road = life.ground.transport();
                let refusals = Refusals { inner: &road, count: Cell::new(0) };
                vault.sync(&refusals, |_| {}).unwrap();
                most = most.max(refusals.count.get());
            }
        }
    }
    level(&life.ground, &mut life.vaults).unwrap();
    assert_eq!(differences(&life.vaults), Vec::<String>::new(), "seed {seed}: the same everywhere");
    (merged(&life.vaults[1].1), most)
}

fn merged(vault: &Vault) -> Merged {
    let mut records = Vec::new();
    for mut view in shown(vault).into_values() {
        // Which of two answers is shown first depends on the names of chains.
        let unsettled: BTreeSet<_> = view
            .conflicts
            .iter()
            .flat_map(|one| one.values.iter().map(|(answer, _)| format!("{}: {answer:?}", one.field)))
            .collect();
        view.conflicts.iter().for_each(|one| drop(view.answers.remove(&one.field)));
        records.push(format!("{} {:?} {unsettled:?}", view.title, view.answers));
    }
    records.sort();
    Merged(records)
}

#[test]
fn with_clocks_that_jump_by_ten_years_the_merge_is_the_same_and_one_refusal_mends_the_clock() {
    for seed in Dice::seeds(4) {
        let (right, none) = run(seed, false);
        let (jumping, most) = run(seed, true);
        assert_eq!(right, jumping, "seed {seed} (CAIRN_SEED={seed} replays it)");
        assert_eq!(none, 0, "control: a right clock is not refused");
        assert_eq!(most, 1, "seed {seed}: a wrong one is, once a sync");
    }
}

#[test]
fn control_the_newest_clock_would_have_decided_otherwise() {
    let mut life = Life::new();
    let record = life.vaults[1].1.new_record("sample", sample::answers("Sample", &mut Dice::new(1))).unwrap();
    level(&life.ground, &mut life.vaults).unwrap();
    for (who, offset, age) in [(1, DECADE, 1001), (2, -DECADE, 1002)] {
        life.clocks[who].set(offset);
        life.vaults[who].1.edit_record(&record, &sample::edit("age", Answer::Integer(age))).unwrap();
        level(&life.ground, &mut life.vaults).unwrap();
    }
    for (name, vault) in &life.vaults {
        let past = vault.history(&record, Some("age")).unwrap();
        let newest = past.iter().max_by_key(|past| past.author.time).unwrap();
        assert_eq!(newest.answer, Some(Answer::Integer(1001)), "control: by the clock Ana was last");
        let view = vault.record(&record).unwrap();
        assert_eq!(view.answers["age"], Answer::Integer(1002), "{name}: Ben had seen Ana's answer");
        assert!(view.conflicts.is_empty());
    }
}

/// A server whose refusals keep the right time to themselves.
struct Secretive<'a>(&'a dyn Transport);

impl Transport for Secretive<'_> {
    fn post(&self, path: &str, body: Vec<u8>) -> Result<Reply, TransportError> {
        let mut reply = self.0.post(path, body)?;
        if let (401, Ok(refusal)) = (reply.status, Refusal::decode(&reply.body)) {
            reply.body = Refusal { server_time: 1, ..refusal }.encode();
        }
        Ok(reply)
    }
}

#[test]
fn control_without_the_server_s_time_a_wrong_clock_stays_out_and_with_it_comes_in_again() {
    let mut life = Life::new();
    life.clocks[1].set(-DECADE);
    let (road, ana) = (life.ground.transport(), &mut life.vaults[1].1);
    let told = ana.sync(&Secretive(&road), |_| {});
    assert!(matches!(told, Err(Error::Refused { reason: Reason::Clock })), "{told:?}");
    ana.sync(&road, |_| {}).unwrap();
}
