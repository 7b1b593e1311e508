//! After how long an open vault closes itself.

use std::time::Duration;

use super::{Vault, fact};
use crate::error::Error;

/// No longer than an hour: a phone that was taken should not be open when it is looked at.
const MOST: Duration = Duration::from_secs(3600);

/// After how long an open vault closes itself, to the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lapses {
    /// While nobody touches it.
    pub idle: Duration,
    /// While its program is out of sight; nothing at all means at once.
    pub background: Duration,
}

impl Default for Lapses {
    /// Five minutes, and two in the background.
    fn default() -> Self {
        Self { idle: Duration::from_secs(300), background: Duration::from_secs(120) }
    }
}

impl Vault {
    /// After how long this vault closes itself, where a program keeps it open ([`crate::keeper::Keeper`]).
    ///
    /// # Errors
    /// What the disk says.
    pub fn lapses(&self) -> Result<Lapses, Error> {
        let stored = self.store.rows().fact(fact::LAPSES)?;
        Ok(stored.and_then(|bytes| decode(&bytes)).unwrap_or_default())
    }

    /// Sets after how long this vault closes itself.
    ///
    /// # Errors
    /// [`Error::IdleTooLong`] for more than an hour; what the disk says.
    pub fn set_lapses(&mut self, lapses: Lapses) -> Result<(), Error> {
        if lapses.idle.max(lapses.background) > MOST {
            return Err(Error::IdleTooLong(MOST.as_secs()));
        }
        let seconds = [lapses.idle, lapses.background].map(|lapse| lapse.as_secs().to_be_bytes());
        Ok(self.store.gesture(|rows| rows.put_fact(fact::LAPSES, seconds.as_flattened()))?)
    }
}

fn decode(bytes: &[u8]) -> Option<Lapses> {
    let (idle, background) = bytes.split_first_chunk::<8>()?;
    let [idle, background] = [*idle, background.try_into().ok()?]
        .map(|seconds| Duration::from_secs(u64::from_be_bytes(seconds)).min(MOST));
    Some(Lapses { idle, background })
}
