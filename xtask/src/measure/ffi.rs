//! What it costs to call the core from another language, against the same calls in Rust.
//!
//! Two copies of one vault are open at once: here, and in a program in Kotlin or Python behind the generated calls and
//! the release library, or in Rust around the library's calls. Both do the same work in turns, so that both meet the
//! same weather.

mod tongue;

use std::path::Path;

use cairn_core::Vault;
use cairn_core::form::built_in::BuiltIn;
use cairn_core::vault::Query;
use cairn_core::wire::id::RecordId;
use cairn_tests::fork::copy_folder;
use cairn_tests::ground::{Ground, PASSPHRASE};

use super::figure::Figure;
use super::filling::{self, Begun, median};
use super::{Failure, Figures, bytes, workload};
use tongue::{Programs, Tongue};

/// The form that is filled.
const FORM: &str = "victim-support";
/// The first rounds are for the JVM's compiler.
const WARM: usize = 6;
const ROUNDS: usize = 9;
/// How far pages reach.
const PAGES: [u64; 3] = [1, 50, 1_000];
/// A page of 50 should cost little over Rust.
const GOAL: f64 = 2.0;

/// What is done, and how often in a round there; here as often as its time can be told.
const DEEDS: &[(&str, u32)] = &[
    ("cross", 2_000),
    ("counts", 200),
    ("page_1", 200),
    ("page_50", 60),
    ("page_1000", 6),
    ("record", 100),
    ("answer", 20),
    ("steps", 10),
];

/// The core's side of the work.
struct Core {
    vault: Vault,
    begun: Begun,
    records: Vec<RecordId>,
}

/// Processor seconds of a deed, once, in each round: here, and there by the thread that calls and by the whole process.
#[derive(Debug, Clone, Default)]
struct Costs {
    ours: Vec<f64>,
    thread: Vec<f64>,
    process: Vec<f64>,
}

pub(super) fn measure(quick: bool) -> Figures {
    let work = workload::generate(if quick { 2_000 } else { 10_000 })?;
    let programs = Programs::build()?;
    let ground = Ground::new();
    let mut office = bytes::begun(&ground, &work)?;
    office.publish_form(&BuiltIn::named(FORM).ok_or("no such form")?.read()?.form)?;
    bytes::save(&mut office, &work, work.records.len())?;
    let begun = filling::begin(&mut office, FORM)?;
    office.lock()?;
    let there = ground.folder("there");
    copy_folder(&ground.folder("office"), &there);

    let vault = ground.reopen("office");
    let query = Query { most: 1_000, ..Query::default() };
    let records = vault.list(&query)?.into_iter().map(|listed| listed.id).collect();
    let mut core = Core { vault, begun, records };
    let mut figures = Vec::new();
    for mut tongue in [programs.library(), programs.kotlin(), programs.python()] {
        figures.extend(of(&mut core, &mut tongue, &there)?);
    }
    Ok(figures)
}

fn of(core: &mut Core, tongue: &mut Tongue, folder: &Path) -> Figures {
    let name = tongue.name;
    let mut talk = tongue.begin(&[
        &folder.display().to_string(),
        PASSPHRASE,
        &core.begun.number.to_string(),
        &core.begun.key,
    ])?;
    let mut costs = vec![Costs::default(); DEEDS.len()];
    for round in 0..WARM + ROUNDS {
        for (cost, (deed, times)) in costs.iter_mut().zip(DEEDS) {
            let ours = filling::cost(|at| core.does(deed, at))?;
            let (thread, process) = talk.does(deed, *times)?;
            if round >= WARM {
                cost.ours.push(ours);
                cost.thread.push(thread / f64::from(*times));
                cost.process.push(process / f64::from(*times));
            }
        }
    }
    talk.end()?;
    let mut figures = Vec::new();
    let mut crossing = 0.0;
    for (cost, (deed, _)) in costs.into_iter().zip(DEEDS) {
        let [ours, thread, process] = [cost.ours, cost.thread, cost.process].map(median);
        let figure = |what: &str, value| Figure::new(format!("ffi.{name}.{deed}.{what}"), value, "×");
        match *deed {
            // In Rust the same is no call at all, so it is held against a page below.
            "cross" => crossing = thread,
            "page_50" => {
                figures.push(Figure::new(
                    format!("ffi.{name}.crossing.over_rust_page_50"),
                    crossing / ours,
                    "×",
                ));
                let goal = figure("over_rust", thread / ours);
                figures.push(if name == "kotlin" { goal.at_most(GOAL) } else { goal });
                figures.push(figure("process_over_rust", process / ours));
            }
            _ => figures.push(figure("over_rust", thread / ours)),
        }
    }
    Ok(figures)
}

impl Core {
    fn does(&mut self, deed: &str, at: usize) -> Result<(), Failure> {
        if let Some(most) = PAGES.into_iter().find(|most| deed == format!("page_{most}")) {
            let found = self.vault.list(&Query { most, ..Query::default() })?;
            return if found.len() as u64 == most { Ok(()) } else { Err("a page that is not full".into()) };
        }
        match deed {
            "cross" => _ = std::hint::black_box(at),
            "counts" => drop(std::hint::black_box(self.vault.counts()?)),
            "record" => {
                let record = self.records.get(at % self.records.len()).ok_or("no record")?;
                drop(std::hint::black_box(self.vault.record(record)?));
            }
            "answer" => filling::answer(&mut self.vault, &self.begun, at)?,
            "steps" => drop(std::hint::black_box(filling::list(&mut self.vault, &self.begun)?)),
            other => return Err(format!("no such deed: {other}").into()),
        }
        Ok(())
    }
}
