//! Crossing a border with a device that cannot open itself.

use std::sync::Arc;

use cairn_core::Error;
use cairn_core::vault::{self, DepartureView};

use crate::membership::device_of;
use crate::syncing::{SyncWatcher, told};
use crate::trouble::CairnError;
use crate::vault::OpenVault;

/// A device, and what it is called.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct NamedDevice {
    /// Its identifier.
    pub device: String,
    /// What its person calls it, if that is known.
    pub name: Option<String>,
}

/// How this device has departed.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Departed {
    /// The coordinators who can readmit it.
    pub coordinators: Vec<NamedDevice>,
    /// Whether the only one of them is the one on paper.
    pub paper_only: bool,
    /// Drafts that are shut in with it: nobody else has them.
    pub drafts: u64,
    /// Whether earlier copies of the vault's folder are void for certain.
    pub erases_for_certain: bool,
    /// The code of what kept the device from going through with it. It has departed all the same; earlier copies of
    /// the vault's folder are not void until the passphrase has been typed once more.
    pub cut_off: Option<String>,
}

/// A device that is away.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct AwayLine {
    /// Its identifier.
    pub device: String,
    /// What its person calls it.
    pub name: Option<String>,
    /// When it departed by its own clock, seconds since 1970.
    pub since: u64,
    /// Whether this coordinator can readmit it.
    pub is_ours: bool,
    /// Whether it still belongs; one that does not is not readmitted.
    pub belongs: bool,
    /// Who has readmitted it already.
    pub readmitted: Vec<Readmission>,
}

/// That a coordinator gave out what opens a device.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Readmission {
    /// Who.
    pub by: NamedDevice,
    /// When, by that device's clock, seconds since 1970.
    pub time: u64,
}

/// What a readmitted device needs.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Readmitted {
    /// The code's text, for a QR code.
    pub code: String,
    /// The same as sixteen words of the language, to be read out.
    pub words: Vec<String>,
    /// Who had given it out before.
    pub before: Vec<Readmission>,
}

impl From<&vault::Readmission> for Readmission {
    fn from(one: &vault::Readmission) -> Self {
        Self { by: NamedDevice { device: one.by.to_string(), name: one.name.clone() }, time: one.time }
    }
}

impl From<DepartureView> for AwayLine {
    fn from(view: DepartureView) -> Self {
        Self {
            device: view.device.to_string(),
            name: view.name,
            since: view.time,
            is_ours: view.is_ours,
            belongs: view.belongs,
            readmitted: view.readmitted.iter().map(Readmission::from).collect(),
        }
    }
}

#[uniffi::export]
impl OpenVault {
    /// Sends everything, leaves with the coordinators what opens this vault, and locks it: from then on its passphrase
    /// opens it only with a code that one of them gives ([`OpenVault::come_back`]).
    ///
    /// # Errors
    /// `wrong_passphrase`, `nobody_readmits`, `unsent`, `hands_in_only`, `carries_only`, `not_allowed`; as
    /// [`OpenVault::sync`]. The vault stays open and has not departed then.
    pub fn depart(
        &self,
        passphrase: &str,
        watcher: Option<Arc<dyn SyncWatcher>>,
    ) -> Result<Departed, CairnError> {
        let gone =
            self.with_server(watcher, |vault, road, watcher| vault.depart(road, passphrase, told(watcher)))?;
        // It has departed, whatever the disk says to tidying up.
        _ = self.keeper.lock();
        let named = |(device, name): (cairn_core::wire::id::DeviceId, Option<String>)| NamedDevice {
            device: device.to_string(),
            name,
        };
        Ok(Departed {
            coordinators: gone.coordinators.into_iter().map(named).collect(),
            paper_only: gone.paper_only,
            drafts: gone.drafts,
            erases_for_certain: gone.erases_for_certain,
            cut_off: gone.cut_off.map(str::to_owned),
        })
    }

    /// The devices that are away, as far as this coordinator has been told.
    ///
    /// # Errors
    /// `not_allowed` unless this device is a coordinator's, `locked`.
    pub fn departures(&self) -> Result<Vec<AwayLine>, CairnError> {
        let views = self.with(|vault| vault.departures())?;
        Ok(views.into_iter().map(AwayLine::from).collect())
    }

    /// Gives out what opens a device that is away, by its identifier, once it is certain who asks. Syncs before, to
    /// know who belongs, and after, so that the other coordinators see it.
    ///
    /// # Errors
    /// `not_found`, `not_away`, `revoked`, `not_allowed`; as [`OpenVault::sync`].
    pub fn readmit(&self, device: &str, language: &str) -> Result<Readmitted, CairnError> {
        self.with_server(None, |vault, road, _| {
            vault.sync(road, |_| {})?;
            let id = device_of(vault, device)?;
            let done = vault.readmit(&id)?;
            // The code is out: the others hear of it now or at the next sync.
            _ = vault.sync(road, |_| {});
            Ok::<_, Error>(Readmitted {
                code: done.code.to_text().to_string(),
                words: done.code.to_words(language).into_iter().map(str::to_owned).collect(),
                before: done.before.iter().map(Readmission::from).collect(),
            })
        })
    }
}
