//! The project's own chores: `cargo xtask CHORE`.
#![allow(clippy::print_stdout, reason = "chores talk to the terminal")]

mod campaign;
mod cases;
mod demo;
mod forms;
mod measure;
mod nested;
mod trouble;
mod vectors;

use std::io::Write;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::trouble::Trouble;

/// The project's own chores.
#[derive(Parser)]
#[command(name = "cargo xtask")]
struct Line {
    #[command(subcommand)]
    chore: Chore,
}

/// One chore, one file.
#[derive(Subcommand)]
enum Chore {
    /// Runs the long version of a whole-system test
    Campaign(campaign::Campaign),
    /// Writes synthetic cases that fit the HTCDS form
    Cases(cases::Cases),
    /// Shows a day with Cairn on this machine: a server, an office, three field devices
    Demo(demo::Demo),
    /// Writes the shared lists into the built-in forms
    Forms,
    /// Prints the figures the project states
    Measure(measure::Measure),
    /// Writes test vectors that are missing
    Vectors,
    /// What `measure` does in a process of its own
    #[command(hide = true)]
    MeasureChild(measure::Child),
}

impl Chore {
    fn run(self) -> Result<(), Trouble> {
        match self {
            Self::Campaign(campaign) => campaign.run(),
            Self::Cases(cases) => cases.run(),
            Self::Demo(demo) => demo.run(),
            Self::Forms => forms::run(),
            Self::Measure(options) => measure::run(&options).map_err(Trouble),
            Self::Vectors => vectors::run(),
            Self::MeasureChild(child) => measure::child(&child).map_err(Trouble),
        }
    }
}

fn main() -> ExitCode {
    match Line::parse().chore.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => {
            let _ = writeln!(std::io::stderr(), "error: {trouble}");
            ExitCode::FAILURE
        }
    }
}
