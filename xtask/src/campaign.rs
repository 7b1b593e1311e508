//! The long versions of the whole-system tests: as many seeds, kills, cuts and mutations as one likes.

use std::process::Command;

use clap::{Args, ValueEnum};

use crate::trouble::Trouble;

/// Which experiment, and how long.
#[derive(Debug, Clone, Args)]
pub(crate) struct Campaign {
    /// Which one.
    name: Name,
    /// How many seeds, kills, mutations or sizes; for cuts, how many octets lie between two of them.
    #[arg(long, aliases = ["seeds", "cases"], required_unless_present = "minutes")]
    count: Option<u64>,
    /// For fuzz: for how long, instead of how many.
    #[arg(long, conflicts_with = "count")]
    minutes: Option<u64>,
    /// For fuzz: only what is read by this reader.
    #[arg(long, value_name = "spreadsheet|tables|expression|bytes")]
    target: Option<String>,
    /// The first seed of a village or simulation, or the seed of the others.
    #[arg(long, alias = "from")]
    seed: Option<u64>,
}

/// One experiment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Name {
    /// Devices at work on bad roads
    Village,
    /// Connections cut at any octet
    Cuts,
    /// Programs killed at any moment, on both sides
    Kill,
    /// Answers tampered with
    Tampered,
    /// Invitations with a letter changed
    Invitations,
    /// Disks that become full
    Full,
    /// Forms, expressions and octets from elsewhere, spoilt
    Fuzz,
    /// Servers that lie with their own key
    Lies,
    /// Devices, clones, clocks, revocations, and a server that loses things
    Simulation,
}

impl Name {
    /// The test's file, the part of its name, the variable for its count and the one for its seed.
    fn test(self) -> (&'static str, &'static str, &'static str, &'static str) {
        match self {
            Self::Village => ("village", "after_bad_roads", "CAIRN_SEEDS", "CAIRN_FIRST_SEED"),
            Self::Cuts => ("cuts", "_cut_", "CAIRN_CUT_STEP", "CAIRN_SEED"),
            Self::Kill => ("kill", "a_killed", "CAIRN_KILLS", "CAIRN_SEED"),
            Self::Tampered => ("tampered_server", "every_mutation", "CAIRN_MUTATIONS", "CAIRN_SEED"),
            Self::Invitations => ("bad_input", "any_letter", "CAIRN_MUTATIONS", "CAIRN_SEED"),
            Self::Full => ("bad_input", "a_full_disk", "CAIRN_SIZES", "CAIRN_SEED"),
            Self::Fuzz => ("fuzz", "nothing_brings", "CAIRN_SEEDS", "CAIRN_FIRST_SEED"),
            Self::Lies => ("adversary", "every_lie", "CAIRN_MUTATIONS", "CAIRN_SEED"),
            Self::Simulation => ("simulation", "whatever_happens", "CAIRN_SEEDS", "CAIRN_FIRST_SEED"),
        }
    }
}

impl Campaign {
    /// Runs it; the test's own output says what happened.
    pub(crate) fn run(&self) -> Result<(), Trouble> {
        let (file, filter, count, seed) = self.name.test();
        let mut cargo = Command::new("cargo");
        let package = if self.name == Name::Fuzz { "cairn-core" } else { "cairn-tests" };
        cargo.args(["test", "--release", "--package", package, "--test", file, "--", filter, "--nocapture"]);
        let numbers = [(count, self.count), ("CAIRN_MINUTES", self.minutes), (seed, self.seed)];
        for (variable, number) in numbers.into_iter().filter_map(|(name, number)| Some((name, number?))) {
            cargo.env(variable, number.to_string());
        }
        if let Some(target) = &self.target {
            cargo.env("CAIRN_TARGET", target);
        }
        if cargo.status()?.success() {
            Ok(())
        } else {
            Err(Trouble("the campaign found something".to_owned()))
        }
    }
}
