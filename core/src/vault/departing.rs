//! Travel mode on the device that travels: it leaves what opens it with the coordinators, and opens again when one of
//! them gives it back.

use std::path::Path;

use cairn_wire::id::{CircleId, DeviceId};
use cairn_wire::roster::{DeviceKeys, Role};

use super::outgoing::must_fit;
use super::recovering::PAPER;
use super::return_code::ReturnCode;
use super::slotfile;
use super::sync::Progress;
use super::{Machine, Vault, damaged_if_wrong, departures, fact, lock};
use crate::crypto::{Release, generate};
use crate::error::Error;
use crate::segment::{COORDINATORS, DepartureEntry, Left};
use crate::store::{EndRow, Ended};
use crate::transport::Transport;

/// How a device has departed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Departed {
    /// The coordinators who can readmit it, and what they are called.
    pub coordinators: Vec<(DeviceId, Option<String>)>,
    /// Whether every one of them calls itself the one on paper. Devices choose their names: it is what to prepare for,
    /// and proves nothing.
    pub paper_only: bool,
    /// Drafts that are shut in with it: nobody else has them.
    pub drafts: u64,
    /// Whether earlier copies of the vault's folder are void for certain.
    pub erases_for_certain: bool,
    /// The code of what kept the device from going through with it ([`Error::code`]). It has departed all the same;
    /// earlier copies are not void yet. It goes through with it when the passphrase is typed the next time.
    pub cut_off: Option<&'static str>,
}

/// Whom to leave the release with, and where to say so.
struct Behind {
    circle: CircleId,
    coordinators: Vec<DeviceKeys>,
}

impl Vault {
    /// Sends everything, leaves with the coordinators what opens this vault, and makes it open for nobody without
    /// that. The vault is to be locked when this returns. Whatever stops it, the vault opens by its passphrase, or
    /// it has departed and the coordinators can readmit it.
    ///
    /// # Errors
    /// [`Error::HandsInOnly`], [`Error::CarriesOnly`], [`Error::NotAllowed`] on a device that could not leave it
    /// with anybody; [`Error::WrongPassphrase`] for the vault's own; [`Error::NobodyReadmits`] without another
    /// coordinator; [`Error::Unsent`] while the server lacks anything; as [`Vault::sync`].
    pub fn depart(
        &mut self,
        transport: &dyn Transport,
        passphrase: &str,
        mut watch: impl FnMut(Progress),
    ) -> Result<Departed, Error> {
        self.need_writer()?;
        self.need_reader()?;
        self.own(passphrase).check()?;
        self.sync(transport, &mut watch)?;
        self.need_all_sent()?;
        let Behind { circle, coordinators } = self.behind()?;
        let (release, departure) = (Release::generate()?, generate()?);
        self.leave_release(&circle, &coordinators, &release, departure)?;
        self.sync(transport, &mut watch)?;
        self.need_all_sent()?;
        // Some may have been taken out of the workspace meanwhile.
        let still = self.coordinators_in(&circle)?;
        let kept: Vec<DeviceId> =
            coordinators.iter().filter(|keys| still.contains(keys)).map(DeviceKeys::id).collect();
        if kept.is_empty() {
            return Err(Error::NobodyReadmits);
        }
        let rows = self.store.rows();
        let named = kept.into_iter().map(|device| Ok((device, rows.name(&device)?)));
        let coordinators = named.collect::<Result<Vec<_>, Error>>()?;
        let drafts = rows.drafts()?.len() as u64;
        self.store.checkpoint()?;
        let cut_off = match self.own(passphrase).depart(&release, departure) {
            Ok(()) => None,
            // Whoever is told only of the disk would not know that the passphrase opens nothing any more.
            Err(error) if self.has_departed(passphrase) => Some(error.code()),
            Err(error) => return Err(error),
        };
        let erases_for_certain = cut_off.is_none() && self.erases_for_certain();
        let paper_only = coordinators.iter().all(|(_, name)| name.as_deref() == Some(PAPER));
        Ok(Departed { coordinators, paper_only, drafts, erases_for_certain, cut_off })
    }

    fn has_departed(&self, passphrase: &str) -> bool {
        matches!(self.own(passphrase).check(), Err(Error::Departed))
    }

    /// Opens a departed vault with the code that a coordinator gave. From then on the passphrase opens it as before.
    ///
    /// # Errors
    /// As [`Vault::open_on`]; [`Error::WrongReturnCode`], which only whoever has the right passphrase is told, and
    /// which counts as a wrong try; [`Error::NotDeparted`].
    pub fn come_back(
        folder: &Path,
        passphrase: &str,
        code: &ReturnCode,
        machine: &Machine,
    ) -> Result<Self, Error> {
        if !slotfile::exists(folder) {
            return Err(Error::NoVault);
        }
        let lock = lock(folder)?;
        let unlock = || slotfile::come_back(folder, passphrase, machine, &code.0);
        let slotfile::Unlocked { vault, key } = Self::trying(folder, machine, unlock)?;
        Self::begin(folder, vault, &key, machine, Some(lock)).map_err(damaged_if_wrong)
    }

    /// A vault that opens is not away, however it came to be open: whoever stayed behind is told with the next sync.
    pub(super) fn notice_return(&mut self) -> Result<(), Error> {
        let Some(name) = self.store.rows().fact(fact::DEPARTED)? else { return Ok(()) };
        let (device, time) = (self.device.id(), self.clock.now());
        let own = self.store.rows().departures()?.remove(&device);
        self.store.gesture(|rows| {
            rows.forget_fact(fact::DEPARTED)?;
            let Some(row) = own.filter(|row| row.name[..] == name) else { return Ok(()) };
            rows.put_departure_end(&row.name, &EndRow { device, ended: Ended::Back, time })?;
            rows.put_outbox(&row.circle, &departures::outgoing(&DepartureEntry::Back(row.name)))?;
            Ok(())
        })
    }

    fn need_all_sent(&self) -> Result<(), Error> {
        let rows = self.store.rows();
        match rows.outbox_len()? + rows.unacknowledged()? + rows.waiting_attachments()? {
            0 => Ok(()),
            left => Err(Error::Unsent(left)),
        }
    }

    /// The circle of this device in which the most coordinators besides it read, and who they are.
    fn behind(&self) -> Result<Behind, Error> {
        let (roster, own) = (self.roster()?, self.device.id());
        let mut best: Option<Behind> = None;
        for row in self.store.rows().circles()? {
            let circle = row.circle;
            if !roster.may_write(&own, &circle, roster.seq()) {
                continue;
            }
            let mut coordinators = self.coordinators_in(&circle)?;
            coordinators.truncate(COORDINATORS);
            if best.as_ref().is_none_or(|best| best.coordinators.len() < coordinators.len()) {
                best = Some(Behind { circle, coordinators });
            }
        }
        best.filter(|best| !best.coordinators.is_empty()).ok_or(Error::NobodyReadmits)
    }

    /// Every other coordinator who reads in a circle.
    fn coordinators_in(&self, circle: &CircleId) -> Result<Vec<DeviceKeys>, Error> {
        let (roster, own) = (self.roster()?, self.device.id());
        let others = roster.members().iter().filter(|(device, member)| {
            **device != own
                && member.belongs()
                && member.role == Role::Coordinator
                && roster.may_read(device, circle)
        });
        Ok(others.map(|(_, member)| member.keys.clone()).collect())
    }

    /// Queues the departure with its release, sealed to each coordinator. The release itself rests nowhere.
    fn leave_release(
        &mut self,
        circle: &CircleId,
        coordinators: &[DeviceKeys],
        release: &Release,
        departure: [u8; 16],
    ) -> Result<(), Error> {
        let (workspace, device, time) = (self.roster()?.workspace(), self.device.id(), self.clock.now());
        let before = self.store.rows().departures()?.remove(&device);
        let number = before.map_or(0, |row| row.number).saturating_add(1);
        let sealed = coordinators
            .iter()
            .map(|keys| Ok((keys.id(), release.seal_to(keys, workspace, device, &departure)?)))
            .collect::<Result<Vec<_>, Error>>()?;
        let entry = DepartureEntry::Left(Left { departure, number, sealed });
        let row = departures::outgoing(&entry);
        must_fit(&row)?;
        self.store.gesture(|rows| {
            departures::keep(&rows, circle, &device, time, &entry)?;
            rows.put_fact(fact::DEPARTED, &departure)?;
            rows.put_outbox(circle, &row)?;
            Ok(())
        })
    }
}
