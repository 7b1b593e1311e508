//! Fuzzing, by the fall of seeded dice: whatever a file, an expression or octets from elsewhere hold, the reader says
//! what is wrong with them, within bounds. Each seed is one case of each target.
//!
//! This is a slice; `cargo xtask campaign fuzz --minutes 60` goes on for longer, and `--seed` does one case again.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests may be blunt: a panic there is the report"
)]

mod bundles;
mod bytes;
mod dice;
mod expressions;
mod hunt;
mod reader;

use dice::Dice;
use hunt::{Found, Target, hunt, seeds};

/// Everything that is fuzzed.
const TARGETS: [Target; 5] = [
    Target { name: "spreadsheet", once_in: 8, case: reader::spreadsheet },
    Target { name: "tables", once_in: 2, case: reader::tables },
    Target { name: "expression", once_in: 1, case: expressions::case },
    Target { name: "bytes", once_in: 1, case: bytes::case },
    Target { name: "bundles", once_in: 4, case: bundles::case },
];

// One test, because memory is measured for the whole program.
#[test]
fn nothing_brings_a_reader_down_and_what_would_is_found() {
    controls();
    for target in TARGETS {
        // What is made once and kept belongs to no case.
        (target.case)(&mut Dice::new(0));
    }
    let large = Target { name: "planted", once_in: 1, case: bundles::larger_than_memory };
    hunt(&[large], 1..2).unwrap_or_else(|found| panic!("{found}"));
    let tried = hunt(&TARGETS, seeds(4_000)).unwrap_or_else(|found| panic!("{found}"));
    println!("tried, and read: {tried:?}");
    // Control: what is spoilt a little gets past the door, or nothing behind it is tried.
    for (name, (cases, read)) in tried {
        assert!(
            cases < 100 || (read * 20 > cases && read < cases),
            "{name}: {read} of {cases} could be read"
        );
    }
}

/// Faults that are planted are found, and found again by their seed.
fn controls() {
    let planted = |case| Target { name: "planted", once_in: 1, case };
    let found = hunt(&[planted(bytes::believes_a_count)], 1..3_000).expect_err("a planted panic");
    let Found { seed, .. } = found;
    assert!(hunt(&[planted(bytes::believes_a_count)], seed..seed + 1).is_err(), "the seed replays it");
    assert!(hunt(&[planted(bytes::case)], seed..seed + 1).is_ok(), "the true reader endures the same octets");
    let found =
        hunt(&[planted(reader::keeps_what_it_reads)], 1..2_000).expect_err("a reader that believes too much");
    assert!(found.what.contains("planted"), "{found}");
    if hunt::measures_memory() {
        let found = hunt(&[planted(hunt::takes_memory)], 1..3).expect_err("a case that takes memory");
        assert!(found.what.contains("MiB"), "{found}");
    }
}
