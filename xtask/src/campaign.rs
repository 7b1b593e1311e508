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
    #[arg(long, alias = "seeds")]
    count: u64,
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
        cargo.args([
            "test",
            "--release",
            "--package",
            "cairn-tests",
            "--test",
            file,
            "--",
            filter,
            "--nocapture",
        ]);
        cargo.env(count, self.count.to_string());
        if let Some(number) = self.seed {
            cargo.env(seed, number.to_string());
        }
        if cargo.status()?.success() {
            Ok(())
        } else {
            Err(Trouble("the campaign found something".to_owned()))
        }
    }
}
