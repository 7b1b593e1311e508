//! Late letters, and what was decided about them.

use cairn_wire::digest::{half, sha256};
use cairn_wire::id::{CircleId, DeviceId};
use rusqlite::{OptionalExtension, Row, params};

use super::{Rows, SegmentState, StoreError, id16, int, uint};

/// What became of a late letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LetterState {
    /// Nobody has decided yet.
    Waits,
    /// What it says has been taken in.
    Accepted,
    /// It stays aside.
    Refused,
}

/// A late letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LetterRow {
    /// Its number on this device; given when it is kept.
    pub number: u64,
    /// The circle it was meant for.
    pub circle: CircleId,
    /// Its author.
    pub device: DeviceId,
    /// What was decided.
    pub state: LetterState,
    /// The segment.
    pub bytes: Vec<u8>,
}

const LETTERS: &str = "SELECT l.number, l.circle, l.device, v.accepted, l.bytes FROM letter l \
     LEFT JOIN verdict v ON v.letter = l.hash";

impl Rows<'_> {
    /// Keeps a letter; `false` if it is here.
    pub fn put_letter(&self, circle: &CircleId, device: &DeviceId, bytes: &[u8]) -> Result<bool, StoreError> {
        let sql = "INSERT OR IGNORE INTO letter (circle, device, hash, bytes) VALUES (?1, ?2, ?3, ?4)";
        let hash = half(&sha256(&[bytes]));
        let kept = self.connection.prepare_cached(sql)?.execute(params![circle.0, device.0, hash, bytes])?;
        Ok(kept > 0)
    }

    /// Every letter, oldest first.
    pub fn letters(&self) -> Result<Vec<LetterRow>, StoreError> {
        let mut statement = self.connection.prepare_cached(&format!("{LETTERS} ORDER BY l.number"))?;
        let mut rows = statement.query([])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(letter(row)?);
        }
        Ok(found)
    }

    /// One letter.
    pub fn letter(&self, number: u64) -> Result<Option<LetterRow>, StoreError> {
        let mut statement = self.connection.prepare_cached(&format!("{LETTERS} WHERE l.number = ?1"))?;
        statement.query_row([int(number)], |row| Ok(letter(row))).optional()?.transpose()
    }

    /// Whether a coordinator has accepted the letter with this half hash.
    pub fn is_accepted(&self, letter: &[u8; 16]) -> Result<bool, StoreError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM verdict WHERE letter = ?1 AND accepted = 1)";
        Ok(self.connection.prepare_cached(sql)?.query_row([letter], |row| row.get(0))?)
    }

    /// Notes that a segment of the log counts that had been refused as late, since it was accepted as a letter.
    pub fn accept_refused(&self, circle: &CircleId, bytes: &[u8]) -> Result<(), StoreError> {
        let sql =
            "UPDATE segment SET state = ?3, reason = '' WHERE circle = ?1 AND bytes = ?2 AND state = ?4";
        let (from, to) = (SegmentState::Refused.code(), SegmentState::TakenIn.code());
        self.connection.prepare_cached(sql)?.execute(params![circle.0, bytes, to, from])?;
        Ok(())
    }

    /// Notes what was decided about the letter with this half hash. Accepting cannot be undone, whoever
    /// else refuses.
    pub fn put_verdict(&self, letter: &[u8; 16], accepted: bool) -> Result<(), StoreError> {
        let sql = "INSERT INTO verdict (letter, accepted) VALUES (?1, ?2) \
                   ON CONFLICT DO UPDATE SET accepted = max(accepted, ?2)";
        self.connection.prepare_cached(sql)?.execute(params![letter, accepted])?;
        Ok(())
    }
}

fn letter(row: &Row<'_>) -> Result<LetterRow, StoreError> {
    Ok(LetterRow {
        number: uint(row.get(0)?),
        circle: CircleId(id16(row.get(1)?, "circle")?),
        device: DeviceId(id16(row.get(2)?, "device")?),
        state: match row.get::<_, Option<bool>>(3)? {
            None => LetterState::Waits,
            Some(true) => LetterState::Accepted,
            Some(false) => LetterState::Refused,
        },
        bytes: row.get(4)?,
    })
}
