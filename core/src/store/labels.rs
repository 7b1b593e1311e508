//! What circles are called and hold, whom invitations let into which, and what was shared where.

use cairn_wire::id::{CircleId, DeviceId, InviteId, RecordId};
use rusqlite::params;

use super::{Rows, StoreError, id16, int, uint};

/// A circle's label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelRow {
    /// The circle.
    pub circle: CircleId,
    /// Its segment's place in the circle's log; 0 while it stands only here.
    pub seq: u64,
    /// The label as it travels.
    pub bytes: Vec<u8>,
}

/// A copy of a record that was made for another circle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SharedRow {
    /// The copy: a record of its own.
    pub copy: RecordId,
    /// The original.
    pub record: RecordId,
    /// Where the copy lives.
    pub circle: CircleId,
    /// Who shared it.
    pub device: DeviceId,
}

impl Rows<'_> {
    /// Keeps a label that arrived, or one that this device has just made (`seq` 0). The own one takes its
    /// place when it comes back.
    pub fn put_label(&self, row: &LabelRow) -> Result<(), StoreError> {
        if row.seq > 0 {
            let sql = "DELETE FROM label WHERE circle = ?1 AND bytes = ?3 AND (seq = 0 OR seq = ?2)";
            let mut statement = self.connection.prepare_cached(sql)?;
            statement.execute(params![row.circle.0, int(row.seq), row.bytes])?;
        }
        let sql = "INSERT INTO label (circle, seq, bytes) VALUES (?1, ?2, ?3)";
        self.connection.prepare_cached(sql)?.execute(params![row.circle.0, int(row.seq), row.bytes])?;
        Ok(())
    }

    /// Every label, in the order in which they count; those that stand only here last.
    pub fn labels(&self) -> Result<Vec<LabelRow>, StoreError> {
        let sql = "SELECT circle, seq, bytes FROM label ORDER BY circle, seq = 0, seq, number";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let circle = CircleId(id16(row.get(0)?, "circle")?);
            found.push(LabelRow { circle, seq: uint(row.get(1)?), bytes: row.get(2)? });
        }
        Ok(found)
    }

    /// Forgets what was said of a circle.
    pub fn clear_labels(&self, circle: &CircleId) -> Result<(), StoreError> {
        self.connection.prepare_cached("DELETE FROM label WHERE circle = ?1")?.execute([circle.0])?;
        Ok(())
    }

    /// Notes which own segment carries a label.
    pub fn note_label_sealed(&self, circle: &CircleId, bytes: &[u8], own: u64) -> Result<(), StoreError> {
        let sql = "UPDATE label SET own = ?3 WHERE circle = ?1 AND bytes = ?2 AND seq = 0";
        self.connection.prepare_cached(sql)?.execute(params![circle.0, bytes, int(own)])?;
        Ok(())
    }

    /// Notes where in the log the own segment `own` stands, if it carries a label.
    pub fn note_label_placed(&self, circle: &CircleId, own: u64, seq: u64) -> Result<(), StoreError> {
        let sql = "UPDATE label SET seq = ?3 WHERE circle = ?1 AND own = ?2 AND seq = 0";
        self.connection.prepare_cached(sql)?.execute(params![circle.0, int(own), int(seq)])?;
        Ok(())
    }

    /// Notes into which circles an invitation lets a newcomer.
    pub fn put_invited(&self, invite: &InviteId, circle: &CircleId) -> Result<(), StoreError> {
        let sql = "INSERT OR IGNORE INTO invited (invite, circle) VALUES (?1, ?2)";
        self.connection.prepare_cached(sql)?.execute(params![invite.0, circle.0])?;
        Ok(())
    }

    /// The circles that an invitation lets a newcomer into.
    pub fn invited(&self, invite: &InviteId) -> Result<Vec<CircleId>, StoreError> {
        let sql = "SELECT circle FROM invited WHERE invite = ?1 ORDER BY circle";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows: Vec<Vec<u8>> =
            statement.query_map([invite.0], |row| row.get(0))?.collect::<Result<_, _>>()?;
        rows.into_iter().map(|bytes| Ok(CircleId(id16(bytes, "circle")?))).collect()
    }

    /// Notes that a copy of a record was made; what was said first of a copy stands.
    pub fn put_shared(&self, row: &SharedRow) -> Result<(), StoreError> {
        let sql = "INSERT OR IGNORE INTO shared (copy, record, circle, device) VALUES (?1, ?2, ?3, ?4)";
        let mut statement = self.connection.prepare_cached(sql)?;
        statement.execute(params![row.copy.0, row.record.0, row.circle.0, row.device.0])?;
        Ok(())
    }

    /// The copies of the record in that row.
    pub fn shared_by_number(&self, record: u64) -> Result<Vec<SharedRow>, StoreError> {
        let sql = "SELECT id FROM record WHERE number = ?1";
        let id: Vec<u8> = self.connection.prepare_cached(sql)?.query_row([int(record)], |row| row.get(0))?;
        self.shared(&RecordId(id16(id, "record")?))
    }

    /// The copies of a record.
    pub fn shared(&self, record: &RecordId) -> Result<Vec<SharedRow>, StoreError> {
        let sql = "SELECT copy, circle, device FROM shared WHERE record = ?1 ORDER BY copy";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([record.0])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(SharedRow {
                copy: RecordId(id16(row.get(0)?, "record")?),
                record: *record,
                circle: CircleId(id16(row.get(1)?, "circle")?),
                device: DeviceId(id16(row.get(2)?, "device")?),
            });
        }
        Ok(found)
    }
}
