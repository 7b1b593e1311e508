//! Travel mode at the office: which devices are away, and giving back what opens them.

use cairn_wire::id::{CircleId, DeviceId};
use cairn_wire::roster::Role;

use super::Vault;
use super::merge::Taking;
use super::return_code::ReturnCode;
use crate::crypto::Release;
use crate::error::Error;
use crate::pack::Entry;
use crate::segment::{DepartureEntry, Left};
use crate::store::{DepartureRow, EndRow, Ended, OutboxKind, OutboxRow, Rows, StoreError};

/// A device that is away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DepartureView {
    /// Which device.
    pub device: DeviceId,
    /// What it is called.
    pub name: Option<String>,
    /// When it departed by its own clock, seconds since 1970: shown, never trusted.
    pub time: u64,
    /// Whether this coordinator holds what opens it.
    pub is_ours: bool,
    /// Whether it still belongs; one that does not is not readmitted.
    pub belongs: bool,
    /// Who has readmitted it already, and when by their clocks.
    pub readmitted: Vec<Readmission>,
}

/// That a coordinator gave out what opens a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Readmission {
    /// The coordinator's device.
    pub by: DeviceId,
    /// What it is called.
    pub name: Option<String>,
    /// When, by its clock.
    pub time: u64,
}

/// What a readmitted device needs.
#[derive(Debug)]
pub struct Readmitted {
    /// What opens it, together with its passphrase.
    pub code: ReturnCode,
    /// Who had given it out before.
    pub before: Vec<Readmission>,
}

impl Vault {
    /// The devices that are away, as far as this coordinator has been told.
    ///
    /// # Errors
    /// [`Error::NotAllowed`] unless this device is a coordinator's.
    pub fn departures(&self) -> Result<Vec<DepartureView>, Error> {
        self.need_coordinator()?;
        let (rows, roster, own) = (self.store.rows(), self.roster()?, self.device.id());
        let mut views = Vec::new();
        for (device, row) in rows.departures()? {
            let Some(readmitted) = away(&rows, &row)? else { continue };
            let readmitted = readmitted
                .into_iter()
                .map(|end| Ok(Readmission { by: end.device, name: rows.name(&end.device)?, time: end.time }));
            views.push(DepartureView {
                device,
                name: rows.name(&device)?,
                time: row.time,
                is_ours: left(&row)?.sealed_for(&own).is_some(),
                belongs: roster.member(&device).is_some_and(|member| member.belongs()),
                readmitted: readmitted.collect::<Result<_, StoreError>>()?,
            });
        }
        Ok(views)
    }

    /// Gives out what opens a device that is away, and notes for every coordinator that this was done. Sync before,
    /// to know who belongs, and after, to tell the others.
    ///
    /// # Errors
    /// [`Error::NotAllowed`] unless this device is that of a coordinator for whom it was left;
    /// [`Error::Revoked`] for a device that no longer belongs; [`Error::NotAway`].
    pub fn readmit(&mut self, device: &DeviceId) -> Result<Readmitted, Error> {
        let views = self.departures()?;
        let view = views.into_iter().find(|view| view.device == *device).ok_or(Error::NotAway)?;
        if !view.belongs {
            return Err(Error::Revoked);
        }
        let row = self.store.rows().departures()?.remove(device).ok_or(Error::NotAway)?;
        let (workspace, own, time) = (self.roster()?.workspace(), self.device.id(), self.clock.now());
        let left = left(&row)?;
        let need = Error::NotAllowed { need: "coordinator who belonged when the device departed" };
        let sealed = left.sealed_for(&own).ok_or(need)?;
        let release = Release::open(sealed, &self.device, workspace, *device, &row.name)
            .map_err(|_| Error::Damaged { what: "what the device left here".to_owned() })?;
        self.store.gesture(|rows| {
            rows.put_departure_end(&row.name, &EndRow { device: own, ended: Ended::Readmitted, time })?;
            rows.put_outbox(&row.circle, &outgoing(&DepartureEntry::Readmitted(row.name)))?;
            Ok::<_, Error>(())
        })?;
        Ok(Readmitted { code: ReturnCode(release), before: view.readmitted })
    }
}

/// Who has readmitted it, if the device is still away.
fn away(rows: &Rows<'_>, row: &DepartureRow) -> Result<Option<Vec<EndRow>>, StoreError> {
    let ends = rows.departure_ends(&row.name)?;
    // Nobody else can say that it is back.
    if ends.iter().any(|end| end.ended == Ended::Back && end.device == row.device) {
        return Ok(None);
    }
    Ok(Some(ends.into_iter().filter(|end| end.ended == Ended::Readmitted).collect()))
}

fn left(row: &DepartureRow) -> Result<Left, StoreError> {
    match DepartureEntry::from_bytes(&row.bytes) {
        Ok(DepartureEntry::Left(left)) => Ok(left),
        _ => Err(StoreError::Unreadable("departure")),
    }
}

/// As it waits to be sealed.
pub(super) fn outgoing(entry: &DepartureEntry) -> OutboxRow {
    let (kind, bytes, extra) = (OutboxKind::Departure, entry.to_bytes(), Vec::new());
    OutboxRow { number: 0, kind, document: None, form: 0, bytes, extra }
}

/// Keeps what was said of a departure.
pub(super) fn keep(
    rows: &Rows<'_>,
    circle: &CircleId,
    author: &DeviceId,
    time: u64,
    entry: &DepartureEntry,
) -> Result<(), StoreError> {
    let (circle, device) = (*circle, *author);
    let end = |ended| EndRow { device, ended, time };
    match entry {
        DepartureEntry::Left(left) => rows.put_departure(&DepartureRow {
            device,
            name: left.departure,
            circle,
            number: left.number,
            time,
            bytes: entry.to_bytes(),
        }),
        DepartureEntry::Readmitted(name) => rows.put_departure_end(name, &end(Ended::Readmitted)),
        DepartureEntry::Back(name) => rows.put_departure_end(name, &end(Ended::Back)),
    }
}

/// A departure as it travels in a pack.
pub(super) fn packed(rows: &Rows<'_>, row: DepartureRow) -> Result<Entry, StoreError> {
    let ends = rows.departure_ends(&row.name)?.into_iter();
    let ends = ends.map(|end| (end.device, end.ended.code(), end.time)).collect();
    Ok(Entry::Departure { device: row.device, time: row.time, bytes: row.bytes, ends })
}

impl Taking<'_, '_> {
    /// Keeps what somebody says of a departure, or gives the reason why it does not count.
    pub(super) fn departure(
        &mut self,
        entry: &DepartureEntry,
        author: &DeviceId,
        time: u64,
    ) -> Result<Option<&'static str>, StoreError> {
        let coordinates = self.roster.member(author).is_some_and(|member| member.role == Role::Coordinator);
        if matches!(entry, DepartureEntry::Readmitted(_)) && !coordinates {
            return Ok(Some("only a coordinator readmits a device"));
        }
        keep(&self.rows, self.circle, author, time, entry)?;
        Ok(None)
    }

    /// The same from a pack, whose author has let it in.
    pub(super) fn departure_of_pack(
        &mut self,
        device: DeviceId,
        time: u64,
        bytes: Vec<u8>,
        ends: &[(DeviceId, u8, u64)],
    ) -> Result<(), StoreError> {
        let Ok(DepartureEntry::Left(left)) = DepartureEntry::from_bytes(&bytes) else { return Ok(()) };
        let (name, number, circle) = (left.departure, left.number, *self.circle);
        self.rows.put_departure(&DepartureRow { device, name, circle, number, time, bytes })?;
        for (device, kind, time) in ends {
            if let Some(ended) = Ended::from_code(*kind) {
                self.rows.put_departure_end(&name, &EndRow { device: *device, ended, time: *time })?;
            }
        }
        Ok(())
    }
}
