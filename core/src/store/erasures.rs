//! What was erased, must not return, and who has carried it out.

use cairn_wire::digest::{Hash, half};
use cairn_wire::id::{CircleId, DeviceId, DocumentId, RecordId};
use rusqlite::{OptionalExtension, Row, params};

use super::{Rows, SegmentState, StoreError, id16, int, uint};

/// A record that was erased from a circle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErasureRow {
    /// Which circle.
    pub circle: CircleId,
    /// Which record.
    pub record: RecordId,
    /// What the commitment was made with.
    pub salt: [u8; 32],
    /// What the roster says of it.
    pub commitment: Hash,
    /// Why.
    pub reason: String,
    /// Whether the roster says so.
    pub said: bool,
    /// Its segment's place in the circle's log; 0 while it stands only here.
    pub seq: u64,
    /// How many attachments the documents named that went with it here.
    pub attachments: u64,
}

const COLUMNS: &str = "circle, record, salt, commitment, reason, said, seq, attachments";

fn read(row: &Row<'_>) -> Result<ErasureRow, StoreError> {
    let unreadable = |_| StoreError::Unreadable("erasure");
    Ok(ErasureRow {
        circle: CircleId(id16(row.get(0)?, "circle")?),
        record: RecordId(id16(row.get(1)?, "record")?),
        salt: row.get::<_, Vec<u8>>(2)?.try_into().map_err(unreadable)?,
        commitment: row.get::<_, Vec<u8>>(3)?.try_into().map_err(unreadable)?,
        reason: row.get(4)?,
        said: row.get(5)?,
        seq: uint(row.get(6)?),
        attachments: uint(row.get(7)?),
    })
}

impl Rows<'_> {
    /// Keeps an erasure, or learns more of one that is kept; `true` if it was not kept as said before.
    pub fn put_erasure(&self, row: &ErasureRow) -> Result<bool, StoreError> {
        let sql = "SELECT said FROM erasure WHERE commitment = ?1";
        let known: Option<bool> =
            self.connection.prepare_cached(sql)?.query_row([row.commitment], |row| row.get(0)).optional()?;
        let sql = "INSERT INTO erasure (circle, record, salt, commitment, reason, said, seq) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (commitment) DO UPDATE \
                   SET said = max(said, excluded.said), seq = max(seq, excluded.seq)";
        self.connection.prepare_cached(sql)?.execute(params![
            row.circle.0,
            row.record.0,
            row.salt,
            row.commitment,
            row.reason,
            row.said,
            int(row.seq)
        ])?;
        Ok(row.said && known != Some(true))
    }

    /// Notes how many attachments went with an erasure, if it was more than before.
    pub fn put_erased_attachments(&self, commitment: &Hash, attachments: u64) -> Result<(), StoreError> {
        let sql = "UPDATE erasure SET attachments = max(attachments, ?2) WHERE commitment = ?1";
        self.connection.prepare_cached(sql)?.execute(params![commitment, int(attachments)])?;
        Ok(())
    }

    /// Every erasure, oldest first.
    pub fn erasures(&self) -> Result<Vec<ErasureRow>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM erasure ORDER BY number");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query([])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(read(row)?);
        }
        Ok(found)
    }

    /// Forgets what this device wanted erased and the roster does not say.
    pub fn forget_unsaid(&self) -> Result<(), StoreError> {
        self.connection.prepare_cached("DELETE FROM erasure WHERE said = 0")?.execute([])?;
        Ok(())
    }

    /// Whether a record was erased from a circle.
    pub fn is_erased(&self, record: &RecordId, circle: &CircleId) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM erasure WHERE record = ?1 AND circle = ?2 AND said = 1";
        Ok(self.connection.prepare_cached(sql)?.exists(params![record.0, circle.0])?)
    }

    /// Whether an erasure is known in full.
    pub fn is_said(&self, commitment: &Hash) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM erasure WHERE commitment = ?1 AND said = 1";
        Ok(self.connection.prepare_cached(sql)?.exists([commitment])?)
    }

    /// Whether anything was erased from a circle.
    pub fn has_erased(&self, circle: &CircleId) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM erasure WHERE circle = ?1 AND said = 1";
        Ok(self.connection.prepare_cached(sql)?.exists([circle.0])?)
    }

    /// Remembers a document of an erased record.
    pub fn put_erased(
        &self,
        document: &DocumentId,
        circle: &CircleId,
        record: &RecordId,
    ) -> Result<(), StoreError> {
        let sql = "INSERT OR IGNORE INTO erased (document, circle, record) VALUES (?1, ?2, ?3)";
        self.connection.prepare_cached(sql)?.execute(params![document.0, circle.0, record.0])?;
        Ok(())
    }

    /// The erased record that a document of a circle was a part of.
    pub fn erased(&self, document: &DocumentId, circle: &CircleId) -> Result<Option<RecordId>, StoreError> {
        let sql = "SELECT record FROM erased WHERE document = ?1 AND circle = ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        let found: Option<Vec<u8>> =
            statement.query_row(params![document.0, circle.0], |row| row.get(0)).optional()?;
        found.map(|record| Ok(RecordId(id16(record, "record")?))).transpose()
    }

    /// The documents in a circle of an erased record, ascending.
    pub fn erased_documents(
        &self,
        record: &RecordId,
        circle: &CircleId,
    ) -> Result<Vec<DocumentId>, StoreError> {
        let sql = "SELECT document FROM erased WHERE record = ?1 AND circle = ?2 ORDER BY document";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows: Vec<Vec<u8>> =
            statement.query_map(params![record.0, circle.0], |row| row.get(0))?.collect::<Result<_, _>>()?;
        rows.into_iter().map(|id| Ok(DocumentId(id16(id, "document")?))).collect()
    }

    /// Forgets all that waits to be sent or taken in of a document.
    pub fn clear_traces(&self, document: &DocumentId, circle: &CircleId) -> Result<(), StoreError> {
        for sql in [
            "DELETE FROM outbox WHERE document = ?1 AND circle = ?2",
            "DELETE FROM quarantine WHERE document = ?1 AND circle = ?2",
        ] {
            self.connection.prepare_cached(sql)?.execute(params![document.0, circle.0])?;
        }
        Ok(())
    }

    /// Empties a segment that held something of an erased record and has been taken in. Its place in the log
    /// stays.
    pub fn blank_segment(&self, circle: &CircleId, seq: u64) -> Result<(), StoreError> {
        let sql = "UPDATE segment SET state = ?3, reason = '', bytes = x'' \
                   WHERE circle = ?1 AND seq = ?2 AND state = ?4";
        let (erased, taken) = (SegmentState::Erased.code(), SegmentState::TakenIn.code());
        self.connection.prepare_cached(sql)?.execute(params![circle.0, int(seq), erased, taken])?;
        Ok(())
    }

    /// Segments that an earlier log had and the server did not take back: `(hash, bytes)`.
    pub fn strays(&self, circle: &CircleId) -> Result<Vec<(Hash, Vec<u8>)>, StoreError> {
        let mut statement =
            self.connection.prepare_cached("SELECT hash, bytes FROM stray WHERE circle = ?1")?;
        let rows = statement.query_map([circle.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Forgets one of them.
    pub fn clear_stray(&self, circle: &CircleId, hash: &Hash) -> Result<(), StoreError> {
        let sql = "DELETE FROM stray WHERE circle = ?1 AND hash = ?2";
        self.connection.prepare_cached(sql)?.execute(params![circle.0, hash])?;
        Ok(())
    }

    /// Notes that a device has carried an erasure out.
    pub fn put_confirmed(&self, named: &[u8; 16], device: &DeviceId, time: u64) -> Result<(), StoreError> {
        let sql = "INSERT OR IGNORE INTO erasure_confirmed (half, device, time) VALUES (?1, ?2, ?3)";
        self.connection.prepare_cached(sql)?.execute(params![named, device.0, int(time)])?;
        Ok(())
    }

    /// Who has carried an erasure out, and when they said so.
    pub fn confirmed(&self, commitment: &Hash) -> Result<Vec<(DeviceId, u64)>, StoreError> {
        let sql = "SELECT device, time FROM erasure_confirmed WHERE half = ?1 ORDER BY device";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows: Vec<(Vec<u8>, i64)> = statement
            .query_map([half(commitment)], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_, _>>()?;
        rows.into_iter().map(|(device, time)| Ok((DeviceId(id16(device, "device")?), uint(time)))).collect()
    }

    /// Forgets a circle's secrets of epochs before `first`.
    pub fn forget_epochs(&self, circle: &CircleId, first: u64) -> Result<u64, StoreError> {
        let sql = "DELETE FROM epoch WHERE circle = ?1 AND epoch < ?2";
        Ok(self.connection.prepare_cached(sql)?.execute(params![circle.0, int(first)])? as u64)
    }
}
