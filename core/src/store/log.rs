//! The circle's log as the server ordered it, and where each circle and chain stands.

use cairn_wire::digest::{Hash, half};
use cairn_wire::id::{ChainId, CircleId};
use rusqlite::{OptionalExtension, Row, params};

use super::{Rows, StoreError, id16, int, uint};

/// How far a circle has been read, and the own chain in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CircleRow {
    /// Which circle.
    pub circle: CircleId,
    /// Segments of the server's log held.
    pub cursor: u64,
    /// Root over them.
    pub root: Hash,
    /// The server's data folder they came from; empty before the first answer.
    pub generation: Vec<u8>,
    /// The own chain.
    pub chain: ChainId,
    /// Counter of the next own document.
    pub next_document: u64,
    /// Own segments sealed.
    pub sealed: u64,
    /// Half hash of the newest of them; empty when there is none.
    pub sealed_link: Vec<u8>,
    /// Own segments the server has on disk.
    pub acknowledged: u64,
    /// Something left and no answer came.
    pub in_doubt: bool,
    /// Segments of the log that a pack stood for: the log is held from here on.
    pub base: u64,
    /// Root over them.
    pub base_root: Hash,
}

/// What has become of a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SegmentState {
    /// Not looked at yet.
    New,
    /// Its entries have been taken in (or quarantined one by one).
    TakenIn,
    /// It needs a key, a roster entry or a form that has not arrived.
    Waits,
    /// It can never be taken in.
    Refused,
    /// It held something of an erased record: its bytes are gone.
    Erased,
}

impl SegmentState {
    pub(super) fn code(self) -> i64 {
        match self {
            Self::New => 0,
            Self::TakenIn => 1,
            Self::Waits => 2,
            Self::Refused => 3,
            Self::Erased => 4,
        }
    }
}

/// A segment of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentRow {
    /// Its place in the circle's log.
    pub seq: u64,
    /// Its bytes; none if it held something of an erased record.
    pub bytes: Vec<u8>,
}

const CIRCLE_COLUMNS: &str = "circle, cursor, root, generation, chain, next_document, sealed, sealed_link, \
     acknowledged, in_doubt, base, base_root";

type RawCircle = (Vec<u8>, i64, Vec<u8>, Vec<u8>, Vec<u8>, i64, i64, Vec<u8>, i64, bool, i64, Vec<u8>);

fn raw_circle(row: &Row<'_>) -> rusqlite::Result<RawCircle> {
    Ok((
        row.get(0)?,
        row.get(1)?,
        row.get(2)?,
        row.get(3)?,
        row.get(4)?,
        row.get(5)?,
        row.get(6)?,
        row.get(7)?,
        row.get(8)?,
        row.get(9)?,
        row.get(10)?,
        row.get(11)?,
    ))
}

fn circle_of(raw: RawCircle) -> Result<CircleRow, StoreError> {
    let (
        circle,
        cursor,
        root,
        generation,
        chain,
        next_document,
        sealed,
        sealed_link,
        acknowledged,
        in_doubt,
        base,
        base_root,
    ) = raw;
    let base_root = if base_root.is_empty() { vec![0; 32] } else { base_root };
    Ok(CircleRow {
        circle: CircleId(id16(circle, "circle")?),
        cursor: uint(cursor),
        root: root.try_into().map_err(|_| StoreError::Unreadable("root"))?,
        generation,
        chain: ChainId(id16(chain, "chain")?),
        next_document: uint(next_document),
        sealed: uint(sealed),
        sealed_link,
        acknowledged: uint(acknowledged),
        in_doubt,
        base: uint(base),
        base_root: base_root.try_into().map_err(|_| StoreError::Unreadable("root"))?,
    })
}

impl Rows<'_> {
    /// Every circle this device is in.
    pub fn circles(&self) -> Result<Vec<CircleRow>, StoreError> {
        let sql = format!("SELECT {CIRCLE_COLUMNS} FROM circle ORDER BY circle");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let raw: Vec<_> = statement.query_map([], raw_circle)?.collect::<Result<_, _>>()?;
        raw.into_iter().map(circle_of).collect()
    }

    /// One circle.
    pub fn circle(&self, circle: &CircleId) -> Result<Option<CircleRow>, StoreError> {
        let sql = format!("SELECT {CIRCLE_COLUMNS} FROM circle WHERE circle = ?1");
        let mut statement = self.connection.prepare_cached(&sql)?;
        statement.query_row([circle.0], raw_circle).optional()?.map(circle_of).transpose()
    }

    /// Enters a circle, or updates all that is known of it.
    pub fn put_circle(&self, row: &CircleRow) -> Result<(), StoreError> {
        let sql = format!(
            "INSERT OR REPLACE INTO circle ({CIRCLE_COLUMNS}) VALUES \
             (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)"
        );
        self.connection.prepare_cached(&sql)?.execute(params![
            row.circle.0,
            int(row.cursor),
            row.root,
            row.generation,
            row.chain.0,
            int(row.next_document),
            int(row.sealed),
            row.sealed_link,
            int(row.acknowledged),
            row.in_doubt,
            int(row.base),
            row.base_root
        ])?;
        Ok(())
    }

    /// Takes `count` document counters; gives the first.
    pub fn take_documents(&self, circle: &CircleId, count: u64) -> Result<(ChainId, u64), StoreError> {
        let sql = "UPDATE circle SET next_document = next_document + ?2 WHERE circle = ?1 \
                   RETURNING chain, next_document - ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        let (chain, first): (Vec<u8>, i64) =
            statement.query_row(params![circle.0, int(count)], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok((ChainId(id16(chain, "chain")?), uint(first)))
    }

    /// Marks every circle with unacknowledged segments as in doubt: something is about to leave.
    pub fn put_in_doubt(&self, circle: &CircleId, in_doubt: bool) -> Result<(), StoreError> {
        let sql = "UPDATE circle SET in_doubt = ?2 WHERE circle = ?1";
        self.connection.prepare_cached(sql)?.execute(params![circle.0, in_doubt])?;
        Ok(())
    }

    /// Adds a segment at its place in the log; `root` is the root over all up to and with it.
    pub fn put_segment(
        &self,
        circle: &CircleId,
        seq: u64,
        state: SegmentState,
        root: &Hash,
        bytes: &[u8],
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO segment (circle, seq, state, root, bytes) VALUES (?1, ?2, ?3, ?4, ?5)";
        let mut statement = self.connection.prepare_cached(sql)?;
        statement.execute(params![circle.0, int(seq), state.code(), half(root), bytes])?;
        Ok(())
    }

    /// Segments that wait to be taken in, oldest first, at most `most`, after place `after`.
    pub fn open_segments(
        &self,
        circle: &CircleId,
        after: u64,
        most: u64,
    ) -> Result<Vec<SegmentRow>, StoreError> {
        let sql = "SELECT seq, bytes FROM segment WHERE circle = ?1 AND seq > ?2 AND state IN (0, 2) \
                   ORDER BY seq LIMIT ?3";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map(params![circle.0, int(after), int(most)], |row| {
            Ok(SegmentRow { seq: uint(row.get(0)?), bytes: row.get(1)? })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// One segment of the log.
    pub fn segment(&self, circle: &CircleId, seq: u64) -> Result<Option<SegmentRow>, StoreError> {
        let sql = "SELECT seq, bytes FROM segment WHERE circle = ?1 AND seq = ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        let row = statement.query_row(params![circle.0, int(seq)], |row| {
            Ok(SegmentRow { seq: uint(row.get(0)?), bytes: row.get(1)? })
        });
        Ok(row.optional()?)
    }

    /// Notes what became of a segment, and why.
    pub fn put_segment_state(
        &self,
        circle: &CircleId,
        seq: u64,
        state: SegmentState,
        reason: &str,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE segment SET state = ?3, reason = ?4 WHERE circle = ?1 AND seq = ?2";
        self.connection.prepare_cached(sql)?.execute(params![circle.0, int(seq), state.code(), reason])?;
        Ok(())
    }

    /// Segments that were refused for good, oldest first, at most `most`: circle, segment, reason.
    pub fn refused_segments(&self, most: u64) -> Result<Vec<(CircleId, SegmentRow, String)>, StoreError> {
        let sql =
            "SELECT circle, seq, bytes, reason FROM segment WHERE state = 3 ORDER BY circle, seq LIMIT ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([int(most)])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let segment = SegmentRow { seq: uint(row.get(1)?), bytes: row.get(2)? };
            found.push((CircleId(id16(row.get(0)?, "circle")?), segment, row.get(3)?));
        }
        Ok(found)
    }

    /// How many segments wait and how many were refused.
    pub fn segment_troubles(&self) -> Result<(u64, u64), StoreError> {
        let sql =
            "SELECT coalesce(sum(state = 2), 0), coalesce(sum(state = 3), 0) FROM segment WHERE state >= 2";
        let mut statement = self.connection.prepare_cached(sql)?;
        let (waits, refused) = statement.query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok((uint(waits), uint(refused)))
    }
}
