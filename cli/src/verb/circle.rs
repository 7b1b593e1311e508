//! `cairn circle …`: the keys with which records are sealed.

use clap::Subcommand;

use super::sync::{numbers, report};
use crate::door::{Door, road};
use crate::out::Said;
use crate::trouble::Trouble;

/// Looks after the keys with which records are sealed.
#[derive(Debug, Subcommand)]
pub(crate) enum Circle {
    /// Gives the circle a new key, for everybody who belongs to it
    Renew,
}

impl Circle {
    pub(crate) fn run(self, door: &Door) -> Result<Said, Trouble> {
        let mut vault = door.open()?;
        let road = road(&vault)?;
        let synced = vault.renew_keys(&road)?;
        vault.lock()?;
        let text =
            format!("The keys are renewed; others learn of it at their next sync.\n{}", report(&synced));
        Ok(Said::new(text, numbers(&synced)))
    }
}
