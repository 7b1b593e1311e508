//! `cairn policy …`: what holds for the whole workspace.

use cairn_core::wire::roster::{Policy, RENEW_MOST};
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::door::{Door, road};
use crate::out::Said;
use crate::trouble::Trouble;
use crate::words::{count, ended, line};

/// Shows and sets what holds for the whole workspace.
#[derive(Debug, Subcommand)]
pub(crate) enum Setting {
    /// Shows what holds
    Show,
    /// Sets what is named, and leaves the rest as it is
    Set(Set),
}

/// What is to be set.
#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
pub(crate) struct Set {
    /// Renew the keys at least so often, in days
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u64).range(1..=RENEW_MOST))]
    renew_days: Option<u64>,
    /// Software of an older protocol goes no further
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u64).range(1..))]
    protocol: Option<u64>,
}

impl Setting {
    pub(crate) fn run(self, door: &Door) -> Result<Said, Trouble> {
        let mut vault = door.open()?;
        if let Self::Set(set) = self {
            let road = road(&vault)?;
            vault.set_policy(&road, |policy| set.over(policy))?;
        }
        let policy = vault.policy()?;
        vault.lock()?;
        Ok(Said::new(words(&policy), numbers(&policy)))
    }
}

impl Set {
    fn over(&self, policy: Policy) -> Policy {
        Policy {
            renew_days: self.renew_days.unwrap_or(policy.renew_days),
            protocol: self.protocol.unwrap_or(policy.protocol),
        }
    }
}

/// A policy for people.
pub(super) fn words(policy: &Policy) -> String {
    let mut text = String::new();
    line!(text, "Keys are renewed at least every {}.", count(policy.renew_days, "day"));
    line!(text, "Software must speak protocol {} or a later one.", policy.protocol);
    ended(text)
}

/// A policy for machines.
pub(super) fn numbers(policy: &Policy) -> Value {
    json!({ "renew_days": policy.renew_days, "protocol": policy.protocol })
}
