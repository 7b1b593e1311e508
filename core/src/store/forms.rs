//! Forms and their dictionaries.

use cairn_wire::id::DeviceId;
use rusqlite::{OptionalExtension, Row, params};

use super::{Rows, StoreError, id16, int, uint};
use crate::segment::DictionaryId;

/// A form as it rests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormRow {
    /// Grows with every form or version that arrives.
    pub number: u64,
    /// Its name for machines.
    pub id: String,
    /// Which edition.
    pub version: String,
    /// Who published it.
    pub device: DeviceId,
    /// The dictionary for its records; may be empty.
    pub dictionary: Vec<u8>,
    /// Its canonical bytes.
    pub bytes: Vec<u8>,
}

const COLUMNS: &str = "number, id, version, device, dictionary, bytes";

type Raw = (i64, String, String, Vec<u8>, Vec<u8>, Vec<u8>);

fn raw(row: &Row<'_>) -> rusqlite::Result<Raw> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?))
}

fn form_of((number, id, version, device, dictionary, bytes): Raw) -> Result<FormRow, StoreError> {
    let device = DeviceId(id16(device, "device")?);
    Ok(FormRow { number: uint(number), id, version, device, dictionary, bytes })
}

impl Rows<'_> {
    /// Keeps a form; `None` if that version is held already, which then stays as it is.
    pub fn put_form(
        &self,
        form: (&str, &str),
        device: &DeviceId,
        dictionary: (&DictionaryId, &[u8]),
        bytes: &[u8],
    ) -> Result<Option<u64>, StoreError> {
        let sql = "INSERT INTO form (id, version, device, dictionary_id, dictionary, bytes) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING RETURNING number";
        let mut statement = self.connection.prepare_cached(sql)?;
        let number: Option<i64> = statement
            .query_row(params![form.0, form.1, device.0, dictionary.0, dictionary.1, bytes], |row| row.get(0))
            .optional()?;
        Ok(number.map(uint))
    }

    /// Puts a form back under its number; changes nothing if that version is held.
    pub fn put_form_back(&self, row: &FormRow, dictionary: DictionaryId) -> Result<(), StoreError> {
        let sql = "INSERT INTO form (number, id, version, device, dictionary, bytes, dictionary_id) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING";
        let values = params![
            int(row.number),
            row.id,
            row.version,
            row.device.0,
            row.dictionary,
            row.bytes,
            dictionary
        ];
        self.connection.prepare_cached(sql)?.execute(values)?;
        Ok(())
    }

    /// Forgets a form that cannot be used.
    pub fn drop_form(&self, number: u64) -> Result<(), StoreError> {
        self.connection.prepare_cached("DELETE FROM form WHERE number = ?1")?.execute([int(number)])?;
        Ok(())
    }

    /// Every form and version, oldest first.
    pub fn forms(&self) -> Result<Vec<FormRow>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM form ORDER BY number");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let found: Vec<_> = statement.query_map([], raw)?.collect::<Result<_, _>>()?;
        found.into_iter().map(form_of).collect()
    }

    /// Those that arrived after the form of that number, oldest first.
    pub fn forms_after(&self, number: u64) -> Result<Vec<FormRow>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM form WHERE number > ?1 ORDER BY number");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let found: Vec<_> = statement.query_map([int(number)], raw)?.collect::<Result<_, _>>()?;
        found.into_iter().map(form_of).collect()
    }

    /// A dictionary by its name in a segment.
    pub fn dictionary(&self, id: &DictionaryId) -> Result<Option<Vec<u8>>, StoreError> {
        let sql = "SELECT dictionary FROM form WHERE dictionary_id = ?1 LIMIT 1";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_row([id], |row| row.get(0)).optional()?)
    }
}
