//! Devices that have departed, and what became of it.

use std::collections::BTreeMap;

use cairn_wire::id::{CircleId, DeviceId};
use rusqlite::params;

use super::{Rows, StoreError, id16, int, uint};

/// A departure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DepartureRow {
    /// Which device departed.
    pub device: DeviceId,
    /// The departure's name.
    pub name: [u8; 16],
    /// In which circle it was said.
    pub circle: CircleId,
    /// Which departure of the device it is.
    pub number: u64,
    /// The device's clock: shown, never trusted.
    pub time: u64,
    /// The entry as it travels.
    pub bytes: Vec<u8>,
}

/// What became of a departure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// A coordinator has given the device what opens it.
    Readmitted,
    /// The device is back.
    Back,
}

impl Ended {
    /// As it rests, and as it travels in packs.
    pub fn code(self) -> u8 {
        match self {
            Self::Readmitted => 2,
            Self::Back => 3,
        }
    }

    /// Reads [`Ended::code`].
    pub fn from_code(code: u8) -> Option<Self> {
        match code {
            2 => Some(Self::Readmitted),
            3 => Some(Self::Back),
            _ => None,
        }
    }
}

/// Who said what became of a departure, and when by that device's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EndRow {
    /// Who said so.
    pub device: DeviceId,
    /// What.
    pub ended: Ended,
    /// When.
    pub time: u64,
}

impl Rows<'_> {
    /// Keeps a departure; what was said first of it stands.
    pub fn put_departure(&self, row: &DepartureRow) -> Result<(), StoreError> {
        let sql = "INSERT OR IGNORE INTO departure (device, name, circle, number, time, bytes) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        let (number, time) = (int(row.number), int(row.time));
        let values = params![row.device.0, row.name, row.circle.0, number, time, row.bytes];
        self.connection.prepare_cached(sql)?.execute(values)?;
        Ok(())
    }

    /// The newest departure of each device that ever did, whatever became of it.
    pub fn departures(&self) -> Result<BTreeMap<DeviceId, DepartureRow>, StoreError> {
        let sql = "SELECT device, name, circle, number, time, bytes FROM departure \
                   ORDER BY device, number, name";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([])?;
        let mut newest = BTreeMap::new();
        while let Some(row) = rows.next()? {
            let device = DeviceId(id16(row.get(0)?, "device")?);
            let departure = DepartureRow {
                device,
                name: id16(row.get(1)?, "departure")?,
                circle: CircleId(id16(row.get(2)?, "circle")?),
                number: uint(row.get(3)?),
                time: uint(row.get(4)?),
                bytes: row.get(5)?,
            };
            newest.insert(device, departure);
        }
        Ok(newest)
    }

    /// Notes what became of a departure; the same by the same device a second time changes nothing.
    pub fn put_departure_end(&self, name: &[u8; 16], end: &EndRow) -> Result<(), StoreError> {
        let sql = "INSERT OR IGNORE INTO departure_end (name, device, kind, time) VALUES (?1, ?2, ?3, ?4)";
        let values = params![name, end.device.0, end.ended.code(), int(end.time)];
        self.connection.prepare_cached(sql)?.execute(values)?;
        Ok(())
    }

    /// What became of a departure, as far as anybody said.
    pub fn departure_ends(&self, name: &[u8; 16]) -> Result<Vec<EndRow>, StoreError> {
        let sql = "SELECT device, kind, time FROM departure_end WHERE name = ?1 ORDER BY rowid";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([name])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let code = u8::try_from(uint(row.get(1)?)).unwrap_or_default();
            found.push(EndRow {
                device: DeviceId(id16(row.get(0)?, "device")?),
                ended: Ended::from_code(code).ok_or(StoreError::Unreadable("departure"))?,
                time: uint(row.get(2)?),
            });
        }
        Ok(found)
    }
}
