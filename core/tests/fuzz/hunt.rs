//! Case after case, until one is found that does what none may.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use super::dice::Dice;

/// What a case may take beyond what the program has when it begins.
const MOST_MIB: u64 = 64;

/// Something that is fuzzed.
#[derive(Clone, Copy)]
pub(crate) struct Target {
    pub(crate) name: &'static str,
    /// One seed in so many: slow ones are tried less often.
    pub(crate) once_in: u64,
    /// One case: whether it could be read. Panics if something is wrong.
    pub(crate) case: fn(&mut Dice) -> bool,
}

/// A case that did what none may.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) target: &'static str,
    pub(crate) seed: u64,
    pub(crate) what: String,
}

impl fmt::Display for Found {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { target, seed, what } = self;
        write!(
            formatter,
            "{target}, seed {seed}: {what}\nagain: cargo xtask campaign fuzz --count 1 --seed {seed} --target {target}"
        )
    }
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// `CAIRN_SEED` alone; else `CAIRN_SEEDS` of them (or `slice`) from `CAIRN_FIRST_SEED`; with `CAIRN_MINUTES`, until
/// these are over.
pub(crate) fn seeds(slice: u64) -> Box<dyn Iterator<Item = u64>> {
    if let Some(seed) = number("CAIRN_SEED") {
        return Box::new(seed..=seed);
    }
    let first = number("CAIRN_FIRST_SEED").unwrap_or(1);
    match number("CAIRN_MINUTES") {
        Some(minutes) => {
            let end = Instant::now() + Duration::from_secs(minutes * 60);
            Box::new((first..).take_while(move |_| Instant::now() < end))
        }
        None => Box::new(first..first + number("CAIRN_SEEDS").unwrap_or(slice)),
    }
}

/// How many cases of a target were tried, and how many of them could be read.
pub(crate) type Tried = BTreeMap<&'static str, (u64, u64)>;

/// Tries every target with every seed, until one is wrong.
pub(crate) fn hunt(targets: &[Target], seeds: impl IntoIterator<Item = u64>) -> Result<Tried, Found> {
    let wanted = std::env::var("CAIRN_TARGET").ok();
    let alone = number("CAIRN_SEED").is_some();
    let mut tried = Tried::new();
    for seed in seeds {
        for target in targets {
            let named = target.name == "planted" || wanted.as_deref().is_none_or(|name| name == target.name);
            if named && (alone || seed.is_multiple_of(target.once_in)) {
                let (cases, read) = tried.entry(target.name).or_default();
                *cases += 1;
                *read += u64::from(one(target, seed)?);
            }
        }
        // Whatever never ends is known by the last seed that was told.
        if seed.is_multiple_of(10_000) {
            println!("seed {seed}, {tried:?}");
        }
    }
    Ok(tried)
}

fn one(target: &Target, seed: u64) -> Result<bool, Found> {
    let found = |what| Found { target: target.name, seed, what };
    let mut dice = Dice::named(seed, target.name);
    let before = begin_measuring();
    let endured = catch_unwind(AssertUnwindSafe(|| (target.case)(&mut dice)));
    let read = endured.map_err(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        found(text.unwrap_or_else(|| "a panic".to_owned()))
    })?;
    let taken = before.and_then(|before| Some(status("VmHWM:")?.saturating_sub(before) >> 10));
    match taken {
        Some(taken) if taken > MOST_MIB => Err(found(format!("it took {taken} MiB"))),
        _ => Ok(read),
    }
}

/// Forgets the highest point of memory so far; gives what there is now, in KiB. Only Linux tells.
fn begin_measuring() -> Option<u64> {
    fs::write("/proc/self/clear_refs", "5").ok()?;
    status("VmRSS:")
}

fn status(line: &str) -> Option<u64> {
    let text = fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find_map(|found| found.strip_prefix(line))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}

/// Whether memory can be measured here.
pub(crate) fn measures_memory() -> bool {
    begin_measuring().is_some()
}

/// Control: a case that takes more than any may.
pub(crate) fn takes_memory(dice: &mut Dice) -> bool {
    let taken = vec![1 + (dice.bits() & 1) as u8; 96 << 20];
    std::hint::black_box(&taken).iter().step_by(4096).all(|octet| *octet > 0)
}
