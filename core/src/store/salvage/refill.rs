//! Putting what was found into a new database.

use std::collections::{BTreeMap, BTreeSet};

use cairn_wire::id::{DocumentId, RecordId};
use rusqlite::types::Value;
use rusqlite::{ErrorCode, params_from_iter};

use super::tables::TABLES;
use super::{Found, Salvage};
use crate::store::{Rows, Store, StoreError, id16, uint};

/// How many rows there are, by table.
pub type Refilled = BTreeMap<&'static str, u64>;

/// What was taken over.
#[derive(Debug, Clone, Default)]
pub struct Refill {
    /// Rows that were taken over, by table.
    pub rows: Refilled,
    /// Rows that are not what their table may hold, and were left out.
    pub left_out: Refilled,
    /// Rows among those taken over that may have been changed or removed since, by table.
    pub older: Refilled,
    /// Documents among these.
    pub older_documents: BTreeSet<DocumentId>,
    /// Numbers of the drafts of which such rows are.
    pub older_drafts: BTreeSet<u64>,
}

impl Refill {
    fn took(&mut self, table: &'static str, row: &Found) {
        *self.rows.entry(table).or_default() += 1;
        if !row.may_be_older {
            return;
        }
        *self.older.entry(table).or_default() += 1;
        match (table, row.values.as_slice()) {
            ("document", [_, Value::Blob(id), ..]) => {
                let id = id16(id.clone(), "document").map(DocumentId);
                self.older_documents.extend(id);
            }
            ("draft" | "draft_answer", [Value::Integer(number), ..]) => {
                self.older_drafts.insert(uint(*number));
            }
            _ => {}
        }
    }
}

impl Store {
    /// Takes rows over from another database that could not be read as a whole. Segments are taken in again later.
    ///
    /// # Errors
    /// What the database says. One row that does not fit beside the others is none: it is left out.
    pub fn refill(&mut self, salvage: &Salvage) -> Result<Refill, StoreError> {
        let mut refill = Refill::default();
        self.connection.execute_batch("PRAGMA foreign_keys = OFF")?;
        let transaction = self.connection.transaction()?;
        for table in TABLES.iter().filter(|table| table.name != "roster") {
            let Some(rows) = salvage.rows.get(table.name) else { continue };
            let mut statement = transaction.prepare(&table.insert())?;
            for row in rows {
                match statement.execute(params_from_iter(&row.values)) {
                    // Of two states of a row the newer came first.
                    Ok(0) => {}
                    Ok(_) => refill.took(table.name, row),
                    Err(error) if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => {
                        *refill.left_out.entry(table.name).or_default() += 1;
                    }
                    Err(error) => return Err(error.into()),
                }
            }
        }
        transaction.commit()?;
        Ok(refill)
    }
}

impl Rows<'_> {
    /// Documents whose record has no line, with the number it had.
    pub fn without_record(&self) -> Result<Vec<(u64, Vec<u8>)>, StoreError> {
        let sql = "SELECT record, bytes FROM document WHERE record NOT IN (SELECT number FROM record)";
        let mut statement = self.connection.prepare(sql)?;
        let rows = statement.query_map([], |row| Ok((uint(row.get(0)?), row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Gives documents a line for their record.
    pub fn put_record_line(&self, number: u64, record: &RecordId) -> Result<(), StoreError> {
        let sql = "INSERT OR IGNORE INTO record (number, id, form, title, changed) VALUES (?1, ?2, 0, '', 0)";
        self.connection.execute(sql, rusqlite::params![crate::store::int(number), record.0])?;
        Ok(())
    }

    /// Records of which there is a line and no document.
    pub fn without_documents(&self) -> Result<Vec<RecordId>, StoreError> {
        let sql = "SELECT id FROM record WHERE number NOT IN (SELECT record FROM document) ORDER BY number";
        let mut statement = self.connection.prepare(sql)?;
        let rows: Vec<Vec<u8>> = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        rows.into_iter().map(|id| Ok(RecordId(id16(id, "record")?))).collect()
    }

    /// Records that were sealed when they were finished and wait in the outbox, be their circle known or not.
    pub fn waiting_boxes(&self) -> Result<Vec<RecordId>, StoreError> {
        let mut statement = self.connection.prepare("SELECT document FROM outbox WHERE kind = 13")?;
        let rows: Vec<Vec<u8>> = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        rows.into_iter().map(|id| Ok(RecordId(id16(id, "record")?))).collect()
    }

    /// Every row of the outbox and every own segment that the server has not been seen to have, with its circle.
    pub fn every_unsent(&self) -> Result<Vec<(Vec<u8>, Vec<u8>)>, StoreError> {
        let sql = "SELECT document, bytes FROM outbox UNION ALL SELECT x'', s.bytes FROM sealed s \
                   LEFT JOIN circle c ON c.circle = s.circle WHERE c.circle IS NULL OR s.seq > c.acknowledged";
        let mut statement = self.connection.prepare(sql)?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
