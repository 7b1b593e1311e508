//! Every figure the project states, printed by a command.
//!
//! Octets, counts and round trips are exact. Times are ratios between two things measured in the same
//! run, because the machine is not the same from minute to minute.

#![allow(
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "reads what this repository made, talks to a terminal; a panic is a report"
)]

mod bytes;
mod ffi;
mod figure;
mod filling;
mod forms;
mod ingest;
mod library;
mod link;
mod lists;
mod memory;
mod packs;
mod phone;
mod rotation;
mod speed;
mod workload;

use clap::{Args, ValueEnum};

use figure::Figure;
pub(crate) use memory::{Child, child};

/// What to measure.
#[derive(Debug, Clone, Args)]
pub(crate) struct Measure {
    /// Which group; all of them if none is named.
    group: Vec<Group>,
    /// One JSON object a line instead of a table.
    #[arg(long)]
    json: bool,
    /// Leaves out what takes longer than a minute or two.
    #[arg(long)]
    quick: bool,
    /// The largest numbers of records; takes an hour.
    #[arg(long, conflicts_with = "quick")]
    full: bool,
}

/// Figures that belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Group {
    /// Octets and round trips of syncing.
    Bytes,
    /// A simulated 2G line.
    Thin,
    /// Saving, importing, merging, against the same done by hand.
    Speed,
    /// Lists, filters and search against the bare SQL.
    Lists,
    /// Peak memory.
    Memory,
    /// The server taking in segments, against a bare server.
    Ingest,
    /// Making packs and beginning with them.
    Packs,
    /// A new key in a workspace of 50 devices.
    Rotation,
    /// Filling in large forms, and those that come with Cairn.
    Forms,
    /// The core's calls from Kotlin and Python, against the same in Rust.
    Ffi,
    /// What a phone needs: memory for a day, and what the first screen asks of the vault.
    Phone,
    /// What the library for phones is made of.
    Library,
}

/// Runs the groups and prints their figures; a missed goal is printed as such and is no failure.
pub(crate) fn run(measure: &Measure) -> Result<(), String> {
    let groups = if measure.group.is_empty() { Group::value_variants() } else { &measure.group[..] };
    let mut figures = Vec::new();
    for group in groups {
        eprintln!("measuring {group:?} …");
        let found = match group {
            Group::Bytes => bytes::measure(measure.quick),
            Group::Thin => link::measure(),
            Group::Speed => speed::measure(measure.quick),
            Group::Lists => lists::measure(measure.quick),
            Group::Memory => memory::measure(measure.quick),
            Group::Ingest => ingest::measure(measure.quick),
            Group::Packs => packs::measure(measure.quick, measure.full),
            Group::Rotation => rotation::measure(),
            Group::Forms => forms::measure(),
            Group::Ffi => ffi::measure(measure.quick),
            Group::Phone => phone::measure(measure.quick),
            Group::Library => library::measure(),
        };
        figures.extend(found.map_err(|error| error.to_string())?);
    }
    if measure.json {
        figures.iter().for_each(|figure| println!("{}", figure.json()));
    } else {
        figure::print_table(&figures);
    }
    Ok(())
}

/// Whatever can go wrong while measuring.
type Failure = Box<dyn std::error::Error>;

/// The figures of a group.
type Figures = Result<Vec<Figure>, Failure>;
