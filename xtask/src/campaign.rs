//! The long versions of the whole-system tests: as many seeds, kills, cuts and mutations as one likes.

use clap::{Args, ValueEnum};

use crate::nested;
use crate::trouble::Trouble;

/// Which experiment, and how long.
#[derive(Debug, Clone, Args)]
pub(crate) struct Campaign {
    /// Which one.
    name: Name,
    /// How many seeds, kills, mutations or sizes; for cuts, how many octets lie between two of them.
    #[arg(long, aliases = ["seeds", "cases", "times"], required_unless_present = "minutes")]
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
    /// Power cut at any moment of a worker's work, with any part of what was not synced
    Power,
    /// Power cut while the duress passphrase destroys a key
    Duress,
    /// Disks that fail at a sync, a write or a read
    Eio,
    /// No room from any write on
    Room,
    /// Octets of a vault's files that change by themselves
    Flips,
    /// Vaults with damaged pages, and what is rescued from them
    Rescue,
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
            Self::Power => ("faults", "after_a_power_cut", "CAIRN_TIMES", "CAIRN_SEED"),
            Self::Duress => ("faults", "a_power_cut_under", "CAIRN_TIMES", "CAIRN_SEED"),
            Self::Eio => ("faults", "a_disk_that_fails", "CAIRN_TIMES", "CAIRN_SEED"),
            Self::Room => ("faults", "no_room", "CAIRN_TIMES", "CAIRN_SEED"),
            Self::Flips => ("faults", "a_flipped_octet", "CAIRN_TIMES", "CAIRN_SEED"),
            Self::Rescue => ("rescue", "every_record", "CAIRN_TIMES", "CAIRN_SEED"),
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
        let mut cargo = nested::cargo();
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
