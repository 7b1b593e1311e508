//! What a device keeps that only hands in, and how it lets go of it.

use cairn_wire::id::{CircleId, DeviceId, DocumentId};
use rusqlite::{OptionalExtension, params};

use super::{Rows, StoreError, id16, int, uint};

impl Rows<'_> {
    /// Keeps the message of an own segment that this device could not open again.
    pub fn put_plain(&self, circle: &CircleId, seq: u64, bytes: &[u8]) -> Result<(), StoreError> {
        let sql = "INSERT OR REPLACE INTO plain (circle, seq, bytes) VALUES (?1, ?2, ?3)";
        self.connection.prepare_cached(sql)?.execute(params![circle.0, int(seq), bytes])?;
        Ok(())
    }

    /// The message of an own segment, if it was kept.
    pub fn plain(&self, circle: &CircleId, seq: u64) -> Result<Option<Vec<u8>>, StoreError> {
        let sql = "SELECT bytes FROM plain WHERE circle = ?1 AND seq = ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_row(params![circle.0, int(seq)], |row| row.get(0)).optional()?)
    }

    /// Every message that is kept of a circle.
    pub fn plains(&self, circle: &CircleId) -> Result<Vec<Vec<u8>>, StoreError> {
        let sql = "SELECT bytes FROM plain WHERE circle = ?1 ORDER BY seq";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([circle.0], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Forgets the messages of own segments up to a number.
    pub fn clear_plain(&self, circle: &CircleId, seq: u64) -> Result<(), StoreError> {
        let sql = "DELETE FROM plain WHERE circle = ?1 AND seq <= ?2";
        self.connection.prepare_cached(sql)?.execute(params![circle.0, int(seq)])?;
        Ok(())
    }

    /// The devices whose chains in a circle begin as the name of a document does.
    pub fn owners(&self, circle: &CircleId, document: &DocumentId) -> Result<Vec<DeviceId>, StoreError> {
        let sql = "SELECT DISTINCT device FROM chain WHERE circle = ?1 AND substr(chain, 1, 8) = ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map(params![circle.0, document.prefix()], |row| row.get(0))?;
        let rows: Vec<Vec<u8>> = rows.collect::<Result<_, _>>()?;
        rows.into_iter().map(|bytes| Ok(DeviceId(id16(bytes, "device")?))).collect()
    }

    /// Forgets own sealed segments up to a number.
    pub fn clear_sealed_up_to(&self, circle: &CircleId, seq: u64) -> Result<(), StoreError> {
        let sql = "DELETE FROM sealed WHERE circle = ?1 AND seq <= ?2";
        self.connection.prepare_cached(sql)?.execute(params![circle.0, int(seq)])?;
        Ok(())
    }

    /// Forgets every record, with all that was derived from it, but those of which a document is named; gives
    /// how many it forgot. What a search index has forgotten it still holds, so the index begins anew, empty:
    /// a device that only hands in searches nothing.
    pub fn forget_records_without(
        &self,
        kept: impl IntoIterator<Item = DocumentId>,
    ) -> Result<u64, StoreError> {
        self.connection.execute_batch("CREATE TEMP TABLE IF NOT EXISTS kept (record INTEGER PRIMARY KEY)")?;
        self.connection.execute("DELETE FROM temp.kept", [])?;
        let keep = "INSERT OR IGNORE INTO temp.kept SELECT record FROM document WHERE id = ?1";
        for document in kept {
            self.connection.prepare_cached(keep)?.execute([document.0])?;
        }
        let gone = "DELETE FROM record WHERE number NOT IN (SELECT record FROM temp.kept)";
        let gone = self.connection.execute(gone, [])?;
        if gone > 0 {
            self.connection.execute_batch(
                "DELETE FROM document WHERE record NOT IN (SELECT number FROM record);
                 DELETE FROM conflict WHERE document NOT IN (SELECT number FROM document);
                 DELETE FROM task WHERE record NOT IN (SELECT number FROM record);
                 DELETE FROM facet WHERE record NOT IN (SELECT number FROM record);
                 DELETE FROM word WHERE number NOT IN (SELECT question FROM facet UNION SELECT choice FROM facet);
                 INSERT INTO search (search) VALUES ('delete-all');",
            )?;
            self.words.borrow_mut().clear();
        }
        Ok(uint(i64::try_from(gone).unwrap_or(i64::MAX)))
    }
}
