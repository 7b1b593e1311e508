//! What coordinators have set for the whole workspace, and what is due because of it.

use cairn_wire::roster::{Body, Policy};

use super::Vault;
use super::sync::SyncReport;
use crate::error::Error;
use crate::transport::Transport;

const DAY: u64 = 86_400;

impl Vault {
    /// What holds for the whole workspace.
    ///
    /// # Errors
    /// [`Error::NoWorkspace`].
    pub fn policy(&self) -> Result<Policy, Error> {
        Ok(*self.roster()?.policy())
    }

    /// Sets what holds for the whole workspace; every device learns of it with the roster.
    ///
    /// # Errors
    /// [`Error::NotAllowed`] unless this device is a coordinator's, [`Error::TooNew`] if this device could not
    /// go on under it, and as [`Vault::sync`].
    pub fn set_policy(
        &mut self,
        transport: &dyn Transport,
        change: impl Fn(Policy) -> Policy,
    ) -> Result<SyncReport, Error> {
        self.post_setting(transport, |vault| {
            let stands = *vault.roster()?.policy();
            let wanted = change(stands);
            if wanted.protocol > u64::from(cairn_wire::PROTOCOL) {
                return Err(Error::TooNew { what: "the lowest protocol" });
            }
            Ok((wanted != stands).then_some(Body::Policy(wanted)))
        })
    }

    /// For how many days the keys of a circle that this coordinator could renew have been in use longer than
    /// the policy allows. None while nothing is due, or for a device that could not renew them.
    ///
    /// # Errors
    /// What the disk says.
    pub fn renewal_overdue(&self) -> Result<Option<u64>, Error> {
        let (Some(roster), true) = (&self.roster, self.is_coordinator()) else { return Ok(None) };
        let (now, most) = (self.time()?, roster.policy().renew_days.saturating_mul(DAY));
        let own = roster.circles().values().filter(|circle| circle.lets_read(&self.device.id()));
        let ages =
            own.filter_map(|circle| circle.epochs.last()).map(|epoch| match now.checked_sub(epoch.time) {
                Some(age) => age,
                // A clock ahead of ours made it. By a day, that is no matter; by more, its age is not known.
                None if epoch.time - now <= DAY => 0,
                None => u64::MAX,
            });
        let oldest = ages.max().unwrap_or(0);
        Ok((oldest >= most).then(|| (oldest - most) / DAY))
    }
}
