//! How this device stands: what waits, when it last met the server, who has confirmed it.

use crate::trouble::CairnError;
use crate::vault::{OpenVault, VaultCounts};

/// How this device stands.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct VaultState {
    /// What is in the vault.
    pub counts: VaultCounts,
    /// Records that are being filled.
    pub drafts: u64,
    /// Segments that wait for a key, a form or a roster entry.
    pub waiting: u64,
    /// Attached files that wait to be sent.
    pub attachments_waiting: u64,
    /// Segments that can never be taken in.
    pub refused: u64,
    /// Changes in quarantine.
    pub quarantined: u64,
    /// Forms that have arrived and wait for pieces of their lists.
    pub forms_waiting: u64,
    /// When a sync last ended well, by this device's clock, seconds since 1970: so old is what it knows.
    pub last_sync: Option<u64>,
    /// How many other devices have shown a log that reaches this device's newest segment; none while the server
    /// holds no segment of it.
    pub confirmed_by: Option<u64>,
    /// Keys that this coordinator should renew, overdue by so many days.
    pub renewal_overdue: Option<u64>,
    /// Alarms noted on this device.
    pub alarms: u64,
    /// Devices that wait until this coordinator has compared their words.
    pub newcomers: u64,
    /// On a device that only hands in: how many records it has handed in.
    pub handed_in: Option<u64>,
    /// On a device that only carries: how many sealed segments it holds.
    pub carried: Option<u64>,
    /// By how many seconds this device's clock was behind the server's when the server last refused it; negative where
    /// it was ahead, 0 where it never was. The core puts right what it tells the server; the clock is for a person to
    /// set.
    pub clock_offset: i64,
    /// Whether answers of a sealed record may still lie on this device, because the disk would not let them be wiped.
    /// The next sync tries again, also one without a network.
    pub is_unswept: bool,
}

#[uniffi::export]
impl OpenVault {
    /// How this device stands.
    ///
    /// # Errors
    /// `locked`, or what the disk says.
    pub fn state(&self) -> Result<VaultState, CairnError> {
        self.with(|vault| {
            let all = vault.counts()?;
            Ok(VaultState {
                counts: (&all).into(),
                drafts: vault.drafts()?.len() as u64,
                waiting: all.waiting,
                attachments_waiting: all.attachments,
                refused: all.refused,
                quarantined: all.quarantined,
                forms_waiting: vault.forms_waiting()?,
                last_sync: vault.last_sync()?,
                confirmed_by: vault.confirmed_by()?,
                renewal_overdue: vault.renewal_overdue()?,
                alarms: vault.alarms()?.len() as u64,
                newcomers: vault.newcomers().map_or(0, |newcomers| newcomers.len() as u64),
                handed_in: vault.handed_in()?,
                carried: vault.carried()?,
                clock_offset: vault.clock_offset()?,
                is_unswept: vault.is_unswept(),
            })
        })
    }
}
