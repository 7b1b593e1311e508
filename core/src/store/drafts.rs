//! Records that are being filled on this device.

use cairn_wire::id::RecordId;
use rusqlite::{OptionalExtension, Row, params};

use super::{Rows, StoreError, id16, int, uint};

/// A draft, without its answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftRow {
    /// Its number; 0 before it is kept.
    pub number: u64,
    /// Which form.
    pub form: String,
    /// Which edition of it.
    pub version: String,
    /// Whose record it becomes, where that was said.
    pub team: Option<String>,
    /// The record it changes; none for a new one.
    pub record: Option<RecordId>,
    /// When it was begun, seconds since 1970.
    pub begun: u64,
    /// When it was last changed.
    pub changed: u64,
}

const COLUMNS: &str = "number, form, version, team, record, begun, changed";

fn read(row: &Row<'_>) -> Result<DraftRow, StoreError> {
    let record: Option<Vec<u8>> = row.get(4)?;
    Ok(DraftRow {
        number: uint(row.get(0)?),
        form: row.get(1)?,
        version: row.get(2)?,
        team: row.get(3)?,
        record: record.map(|record| id16(record, "record").map(RecordId)).transpose()?,
        begun: uint(row.get(5)?),
        changed: uint(row.get(6)?),
    })
}

impl Rows<'_> {
    /// Keeps a new draft, and gives its number.
    pub fn put_draft(&self, row: &DraftRow) -> Result<u64, StoreError> {
        let sql = "INSERT INTO draft (form, version, team, record, begun, changed) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        self.connection.prepare_cached(sql)?.execute(params![
            row.form,
            row.version,
            row.team,
            row.record.map(|record| record.0),
            int(row.begun),
            int(row.changed)
        ])?;
        Ok(uint(self.connection.last_insert_rowid()))
    }

    /// One draft.
    pub fn draft(&self, number: u64) -> Result<Option<DraftRow>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM draft WHERE number = ?1");
        let mut statement = self.connection.prepare_cached(&sql)?;
        statement.query_row([int(number)], |row| Ok(read(row))).optional()?.transpose()
    }

    /// Every draft, the one that was changed last at first.
    pub fn drafts(&self) -> Result<Vec<DraftRow>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM draft ORDER BY changed DESC, number DESC");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query([])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(read(row)?);
        }
        Ok(found)
    }

    /// The numbers of all drafts, those of which there are answers and nothing else among them.
    pub fn draft_numbers(&self) -> Result<Vec<u64>, StoreError> {
        let sql = "SELECT number FROM draft UNION SELECT draft FROM draft_answer ORDER BY 1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([], |row| Ok(uint(row.get(0)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// What was given in a draft so far, by field.
    pub fn draft_answers(&self, number: u64) -> Result<Vec<(String, String)>, StoreError> {
        let sql = "SELECT field, answer FROM draft_answer WHERE draft = ?1 ORDER BY field";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([int(number)], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Keeps what was given to a field, in place of what was given before.
    pub fn put_draft_answer(&self, number: u64, field: &str, answer: &str) -> Result<(), StoreError> {
        let sql = "INSERT INTO draft_answer (draft, field, answer) VALUES (?1, ?2, ?3) \
                   ON CONFLICT DO UPDATE SET answer = ?3";
        self.connection.prepare_cached(sql)?.execute(params![int(number), field, answer])?;
        Ok(())
    }

    /// Forgets what was given to a field.
    pub fn drop_draft_answer(&self, number: u64, field: &str) -> Result<(), StoreError> {
        let sql = "DELETE FROM draft_answer WHERE draft = ?1 AND field = ?2";
        self.connection.prepare_cached(sql)?.execute(params![int(number), field])?;
        Ok(())
    }

    /// Notes when a draft was changed.
    pub fn put_draft_changed(&self, number: u64, changed: u64) -> Result<(), StoreError> {
        let sql = "UPDATE draft SET changed = ?2 WHERE number = ?1";
        self.connection.prepare_cached(sql)?.execute(params![int(number), int(changed)])?;
        Ok(())
    }

    /// Forgets a draft and all that was given in it.
    pub fn drop_draft(&self, number: u64) -> Result<(), StoreError> {
        self.connection.prepare_cached("DELETE FROM draft WHERE number = ?1")?.execute([int(number)])?;
        Ok(())
    }

    /// Forgets every draft that would change a record.
    pub fn drop_drafts_of(&self, record: &RecordId) -> Result<(), StoreError> {
        self.connection.prepare_cached("DELETE FROM draft WHERE record = ?1")?.execute([record.0])?;
        Ok(())
    }
}
