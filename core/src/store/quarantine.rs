//! What arrived and could not be taken in: kept byte for byte, never deleted unread.

use cairn_wire::id::{ChainId, CircleId, DocumentId};
use rusqlite::params;

use super::{Rows, StoreError, id16, int, uint};

/// A change that was not taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuarantineRow {
    /// Its row; 0 before it is kept.
    pub number: u64,
    /// Which circle it came through.
    pub circle: CircleId,
    /// Its segment's place in the log.
    pub seq: u64,
    /// Who wrote it.
    pub chain: ChainId,
    /// Which document it is about.
    pub document: DocumentId,
    /// Why, in words without content.
    pub reason: String,
    /// Whether it may still be taken in when something arrives.
    pub waits: bool,
    /// The change.
    pub bytes: Vec<u8>,
}

const COLUMNS: &str = "number, circle, seq, chain, document, reason, waits, bytes";

impl Rows<'_> {
    /// Puts a change into quarantine, unless exactly this one is there.
    pub fn put_quarantine(&self, row: &QuarantineRow) -> Result<(), StoreError> {
        let sql = "INSERT INTO quarantine (circle, seq, chain, document, reason, waits, bytes) \
                   SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7 WHERE NOT EXISTS (SELECT 1 FROM quarantine \
                   WHERE document = ?4 AND circle = ?1 AND seq = ?2 AND bytes = ?7)";
        self.connection.prepare_cached(sql)?.execute(params![
            row.circle.0,
            int(row.seq),
            row.chain.0,
            row.document.0,
            row.reason,
            row.waits,
            row.bytes
        ])?;
        Ok(())
    }

    /// The changes of one document that came through `circle` and may still be taken in.
    pub fn waiting(
        &self,
        circle: &CircleId,
        document: &DocumentId,
    ) -> Result<Vec<QuarantineRow>, StoreError> {
        self.quarantined_where("waits = 1 AND document = ?1 AND circle = ?2", params![document.0, circle.0])
    }

    /// Documents with changes that came through `circle` and may still be taken in.
    pub fn waiting_documents(&self, circle: &CircleId) -> Result<Vec<DocumentId>, StoreError> {
        let sql =
            "SELECT DISTINCT document FROM quarantine WHERE waits = 1 AND circle = ?1 ORDER BY document";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows: Vec<Vec<u8>> =
            statement.query_map([circle.0], |row| row.get(0))?.collect::<Result<_, _>>()?;
        rows.into_iter().map(|bytes| Ok(DocumentId(id16(bytes, "document")?))).collect()
    }

    /// All of it, oldest first.
    pub fn quarantine(&self) -> Result<Vec<QuarantineRow>, StoreError> {
        self.quarantined_where("1", params![])
    }

    /// Takes a change out because it has been taken in.
    pub fn release(&self, number: u64) -> Result<(), StoreError> {
        self.connection.prepare_cached("DELETE FROM quarantine WHERE number = ?1")?.execute([int(number)])?;
        Ok(())
    }

    /// Notes another reason for a change that stays.
    pub fn put_reason(&self, number: u64, reason: &str, waits: bool) -> Result<(), StoreError> {
        let sql = "UPDATE quarantine SET reason = ?2, waits = ?3 WHERE number = ?1";
        self.connection.prepare_cached(sql)?.execute(params![int(number), reason, waits])?;
        Ok(())
    }

    /// Lets everything about a document be tried once more.
    pub fn retry(&self, circle: &CircleId, document: &DocumentId) -> Result<(), StoreError> {
        let sql = "UPDATE quarantine SET waits = 1 WHERE circle = ?1 AND document = ?2";
        self.connection.prepare_cached(sql)?.execute(params![circle.0, document.0])?;
        Ok(())
    }

    fn quarantined_where(
        &self,
        condition: &str,
        values: impl rusqlite::Params,
    ) -> Result<Vec<QuarantineRow>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM quarantine WHERE {condition} ORDER BY number");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query(values)?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(QuarantineRow {
                number: uint(row.get(0)?),
                circle: CircleId(id16(row.get(1)?, "circle")?),
                seq: uint(row.get(2)?),
                chain: ChainId(id16(row.get(3)?, "chain")?),
                document: DocumentId(id16(row.get(4)?, "document")?),
                reason: row.get(5)?,
                waits: row.get(6)?,
                bytes: row.get(7)?,
            });
        }
        Ok(found)
    }
}
