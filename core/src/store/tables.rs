//! Pieces of lists and tables that travel apart from their forms, and the forms that wait for them.

use cairn_wire::digest::sha256;
use cairn_wire::id::{CircleId, DeviceId};
use rusqlite::{OptionalExtension, params};

use super::{Rows, StoreError, id16, int, uint};
use crate::form::apart::PieceName;

/// A form that waits for pieces of its tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingFormRow {
    /// Its row.
    pub number: u64,
    /// Who published it.
    pub device: DeviceId,
    /// The dictionary for its records; may be empty.
    pub dictionary: Vec<u8>,
    /// Its canonical bytes.
    pub bytes: Vec<u8>,
}

/// A piece as it rests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PieceRow {
    /// How many octets it has; 0 while it is missing.
    pub octets: usize,
    /// Compressed.
    pub bytes: Vec<u8>,
}

impl Rows<'_> {
    /// Keeps a piece; changes nothing if it is here.
    pub fn put_piece_of_table(
        &self,
        name: &PieceName,
        device: &DeviceId,
        (octets, bytes): (usize, &[u8]),
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO table_piece (name, device, named, octets, bytes) VALUES (?1, ?2, 0, ?3, ?4) \
                   ON CONFLICT (name) DO UPDATE SET octets = ?3, bytes = ?4 WHERE octets = 0";
        let mut statement = self.connection.prepare_cached(sql)?;
        statement.execute(params![name.0, device.0, int(octets as u64), bytes])?;
        Ok(())
    }

    /// Notes that a form names a piece, whether or not it is here.
    pub fn name_piece_of_table(&self, name: &PieceName, device: &DeviceId) -> Result<(), StoreError> {
        let sql = "INSERT INTO table_piece (name, device, named, octets, bytes) VALUES (?1, ?2, 1, 0, x'') \
                   ON CONFLICT (name) DO UPDATE SET named = 1";
        self.connection.prepare_cached(sql)?.execute(params![name.0, device.0])?;
        Ok(())
    }

    /// Whether a form that is here names the piece, and whether the piece itself is here.
    pub fn knows_piece_of_table(&self, name: &PieceName) -> Result<(bool, bool), StoreError> {
        let sql = "SELECT named, octets > 0 FROM table_piece WHERE name = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let known = statement.query_row([name.0], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        Ok(known.unwrap_or_default())
    }

    /// A piece that is here.
    pub fn piece_of_table(&self, name: &PieceName) -> Result<Option<PieceRow>, StoreError> {
        let sql = "SELECT octets, bytes FROM table_piece WHERE name = ?1 AND octets > 0";
        let mut statement = self.connection.prepare_cached(sql)?;
        let found: Option<(i64, Vec<u8>)> =
            statement.query_row([name.0], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        let row = |(octets, bytes)| PieceRow { octets: usize::try_from(uint(octets)).unwrap_or(0), bytes };
        Ok(found.map(row))
    }

    /// Forgets a piece that is not what its name says.
    pub fn drop_piece_of_table(&self, name: &PieceName) -> Result<(), StoreError> {
        self.connection.prepare_cached("DELETE FROM table_piece WHERE name = ?1")?.execute([name.0])?;
        Ok(())
    }

    /// The names of every piece that is here, as they came.
    pub fn pieces_of_tables(&self) -> Result<Vec<PieceName>, StoreError> {
        let sql = "SELECT name FROM table_piece WHERE octets > 0 ORDER BY number";
        let mut statement = self.connection.prepare_cached(sql)?;
        let names: Vec<Vec<u8>> = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        let name = |bytes: Vec<u8>| bytes.try_into().map(PieceName).ok();
        names.into_iter().map(|bytes| name(bytes).ok_or(StoreError::Unreadable("piece"))).collect()
    }

    /// Octets of pieces by a device that no form has named so far.
    pub fn unnamed_octets(&self, device: &DeviceId) -> Result<u64, StoreError> {
        let sql = "SELECT coalesce(sum(octets), 0) FROM table_piece WHERE named = 0 AND device = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(uint(statement.query_row([device.0], |row| row.get(0))?))
    }

    /// Notes that a piece went through a circle, or waits to; `false` if that is known.
    pub fn put_circle_piece(&self, circle: &CircleId, name: &PieceName) -> Result<bool, StoreError> {
        let sql = "INSERT INTO circle_piece (circle, name) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
        Ok(self.connection.prepare_cached(sql)?.execute(params![circle.0, name.0])? > 0)
    }

    /// Keeps a form that waits for its tables; changes nothing if it waits already.
    pub fn put_waiting_form(
        &self,
        device: &DeviceId,
        bytes: &[u8],
        dictionary: &[u8],
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO waiting_form (hash, device, dictionary, bytes) VALUES (?1, ?2, ?3, ?4) \
                   ON CONFLICT DO NOTHING";
        let hash = sha256(&[bytes]);
        self.connection.prepare_cached(sql)?.execute(params![hash, device.0, dictionary, bytes])?;
        Ok(())
    }

    /// The forms that wait, oldest first.
    pub fn waiting_forms(&self) -> Result<Vec<WaitingFormRow>, StoreError> {
        let sql = "SELECT number, device, dictionary, bytes FROM waiting_form ORDER BY number";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let device = DeviceId(id16(row.get(1)?, "device")?);
            let (number, dictionary, bytes) = (uint(row.get(0)?), row.get(2)?, row.get(3)?);
            found.push(WaitingFormRow { number, device, dictionary, bytes });
        }
        Ok(found)
    }

    /// Forgets a form that waits no more.
    pub fn clear_waiting_form(&self, number: u64) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("DELETE FROM waiting_form WHERE number = ?1")?
            .execute([int(number)])?;
        Ok(())
    }
}
