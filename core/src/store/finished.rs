//! What is left here of records that were sealed when they were finished.

use std::collections::BTreeSet;

use cairn_wire::id::{DocumentId, RecordId};
use rusqlite::params;

use super::{Rows, StoreError, id16, int, uint};

/// One record that was sealed when it was finished: nothing of what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FinishedRow {
    /// Its name.
    pub record: RecordId,
    /// Which form.
    pub form: String,
    /// Which edition of it.
    pub version: String,
    /// When it was finished, seconds since 1970.
    pub time: u64,
    /// When the server was known to have it for good; none while it waits here.
    pub gone: Option<u64>,
}

impl Rows<'_> {
    /// Notes a record that was sealed.
    pub fn put_finished(&self, row: &FinishedRow) -> Result<(), StoreError> {
        let sql = "INSERT INTO finished (record, form, version, time, gone) VALUES (?1, ?2, ?3, ?4, ?5)";
        let gone = row.gone.map(int);
        let values = params![row.record.0, row.form, row.version, int(row.time), gone];
        self.connection.prepare_cached(sql)?.execute(values)?;
        Ok(())
    }

    /// Every record that was sealed here, the newest first.
    pub fn finished(&self) -> Result<Vec<FinishedRow>, StoreError> {
        let sql = "SELECT record, form, version, time, gone FROM finished ORDER BY number DESC";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(FinishedRow {
                record: RecordId(id16(row.get(0)?, "record")?),
                form: row.get(1)?,
                version: row.get(2)?,
                time: uint(row.get(3)?),
                gone: row.get::<_, Option<i64>>(4)?.map(uint),
            });
        }
        Ok(found)
    }

    /// Forgets all of them: this device may read where they went.
    pub fn forget_finished(&self) -> Result<(), StoreError> {
        self.connection.execute("DELETE FROM finished", [])?;
        Ok(())
    }

    /// Notes that all sealed records have left but those that wait.
    pub fn put_gone(&self, waiting: &BTreeSet<DocumentId>, now: u64) -> Result<(), StoreError> {
        let left = self.finished()?.into_iter().filter(|row| row.gone.is_none());
        for row in left.filter(|row| !waiting.contains(&DocumentId(row.record.0))) {
            let sql = "UPDATE finished SET gone = ?2 WHERE record = ?1";
            self.connection.prepare_cached(sql)?.execute(params![row.record.0, int(now)])?;
        }
        Ok(())
    }
}
