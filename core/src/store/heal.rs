//! A server's log while it is fetched anew, and how it takes the place of the one that is held.

use std::collections::HashSet;

use cairn_wire::digest::{Hash, half, sha256};
use cairn_wire::id::CircleId;
use rusqlite::params;

use super::{Rows, SegmentRow, StoreError, int, uint};

impl Rows<'_> {
    /// Segments of the held log after place `after`, at most `octets` together (at least one).
    pub fn segments_after(
        &self,
        circle: &CircleId,
        after: u64,
        octets: usize,
    ) -> Result<Vec<SegmentRow>, StoreError> {
        let sql = "SELECT seq, bytes FROM segment WHERE circle = ?1 AND seq > ?2 ORDER BY seq";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query(params![circle.0, int(after)])?;
        let (mut found, mut total) = (Vec::new(), 0);
        while let Some(row) = rows.next()? {
            let segment = SegmentRow { seq: uint(row.get(0)?), bytes: row.get(1)? };
            total += segment.bytes.len();
            if total > octets && !found.is_empty() {
                break;
            }
            found.push(segment);
        }
        Ok(found)
    }

    /// Forgets what was fetched anew before.
    pub fn clear_staged(&self, circle: &CircleId) -> Result<(), StoreError> {
        self.connection.prepare_cached("DELETE FROM staged WHERE circle = ?1")?.execute([circle.0])?;
        Ok(())
    }

    /// Keeps a segment that was fetched anew; `root` is the root up to and with it.
    pub fn put_staged(
        &self,
        circle: &CircleId,
        seq: u64,
        root: &Hash,
        bytes: &[u8],
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO staged (circle, seq, root, hash, bytes) VALUES (?1, ?2, ?3, ?4, ?5)";
        let mut statement = self.connection.prepare_cached(sql)?;
        statement.execute(params![circle.0, int(seq), half(root), sha256(&[bytes]), bytes])?;
        Ok(())
    }

    /// The hashes of everything that was fetched anew.
    pub fn staged(&self, circle: &CircleId) -> Result<HashSet<Hash>, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT hash FROM staged WHERE circle = ?1")?;
        let rows = statement.query_map([circle.0], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Lets what was fetched anew take the place of the log that is held after place `after`. What stood in
    /// both keeps its state; what stood only in the old one is kept aside. Comparisons with others begin again.
    pub fn swap_log(&self, circle: &CircleId, after: u64) -> Result<(), StoreError> {
        let known = "UPDATE staged SET state = ?3, reason = ?4 WHERE circle = ?1 AND hash = ?2";
        let mut known = self.connection.prepare_cached(known)?;
        let stray = "INSERT OR IGNORE INTO stray (circle, hash, bytes) VALUES (?1, ?2, ?3)";
        let mut stray = self.connection.prepare_cached(stray)?;
        let held = "SELECT state, reason, bytes FROM segment WHERE circle = ?1 AND seq > ?2 ORDER BY seq";
        let mut held = self.connection.prepare_cached(held)?;
        let mut rows = held.query(params![circle.0, int(after)])?;
        while let Some(row) = rows.next()? {
            let (state, reason, bytes): (i64, String, Vec<u8>) = (row.get(0)?, row.get(1)?, row.get(2)?);
            // Of an erased record; should it come again, it is emptied again.
            if bytes.is_empty() {
                continue;
            }
            let hash = sha256(&[&bytes]);
            if known.execute(params![circle.0, hash, state, reason])? == 0 {
                stray.execute(params![circle.0, hash, bytes])?;
            }
        }
        let gone = "DELETE FROM segment WHERE circle = ?1 AND seq > ?2";
        self.connection.prepare_cached(gone)?.execute(params![circle.0, int(after)])?;
        for sql in [
            "INSERT INTO segment (circle, seq, state, reason, root, bytes) \
             SELECT circle, seq, state, reason, root, bytes FROM staged WHERE circle = ?1",
            "DELETE FROM staged WHERE circle = ?1",
            "DELETE FROM witness WHERE circle = ?1",
            "DELETE FROM shown WHERE circle = ?1",
        ] {
            self.connection.prepare_cached(sql)?.execute([circle.0])?;
        }
        Ok(())
    }

    /// Keeps the held log aside: another one takes its place. Comparisons with others begin again.
    pub fn put_log_aside(&self, circle: &CircleId) -> Result<(), StoreError> {
        let stray = "INSERT OR IGNORE INTO stray (circle, hash, bytes) VALUES (?1, ?2, ?3)";
        let mut stray = self.connection.prepare_cached(stray)?;
        let mut held =
            self.connection.prepare_cached("SELECT bytes FROM segment WHERE circle = ?1 AND bytes <> x''")?;
        let mut rows = held.query([circle.0])?;
        while let Some(row) = rows.next()? {
            let bytes: Vec<u8> = row.get(0)?;
            stray.execute(params![circle.0, sha256(&[&bytes]), bytes])?;
        }
        for table in ["segment", "witness", "shown"] {
            let sql = format!("DELETE FROM {table} WHERE circle = ?1");
            self.connection.prepare_cached(&sql)?.execute([circle.0])?;
        }
        Ok(())
    }
}
