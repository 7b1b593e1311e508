//! Late letters, and what was decided about them.

use cairn_wire::id::{CircleId, DeviceId};
use rusqlite::{OptionalExtension, Row, params};

use super::{Rows, StoreError, id16, int, uint};

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

impl LetterState {
    fn code(self) -> i64 {
        match self {
            Self::Waits => 0,
            Self::Accepted => 1,
            Self::Refused => 2,
        }
    }

    fn from_code(code: i64) -> Result<Self, StoreError> {
        match code {
            0 => Ok(Self::Waits),
            1 => Ok(Self::Accepted),
            2 => Ok(Self::Refused),
            _ => Err(StoreError::Unreadable("late letter")),
        }
    }
}

/// A late letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LetterRow {
    /// The server's number for it.
    pub number: u64,
    /// The circle it was meant for.
    pub circle: CircleId,
    /// Its author, as the server says.
    pub device: DeviceId,
    /// What was decided.
    pub state: LetterState,
    /// The segment.
    pub bytes: Vec<u8>,
}

const COLUMNS: &str = "number, circle, device, state, bytes";

impl Rows<'_> {
    /// Keeps a letter; one that is here stays as it is.
    pub fn put_letter(&self, row: &LetterRow) -> Result<bool, StoreError> {
        let sql = format!("INSERT OR IGNORE INTO letter ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5)");
        let kept = self.connection.prepare_cached(&sql)?.execute(params![
            int(row.number),
            row.circle.0,
            row.device.0,
            row.state.code(),
            row.bytes
        ])?;
        Ok(kept > 0)
    }

    /// Every letter, oldest first.
    pub fn letters(&self) -> Result<Vec<LetterRow>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM letter ORDER BY number");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query([])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(letter(row)?);
        }
        Ok(found)
    }

    /// One letter.
    pub fn letter(&self, number: u64) -> Result<Option<LetterRow>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM letter WHERE number = ?1");
        let mut statement = self.connection.prepare_cached(&sql)?;
        statement.query_row([int(number)], |row| Ok(letter(row))).optional()?.transpose()
    }

    /// Notes a decision.
    pub fn put_letter_state(&self, number: u64, state: LetterState) -> Result<(), StoreError> {
        let sql = "UPDATE letter SET state = ?2 WHERE number = ?1";
        self.connection.prepare_cached(sql)?.execute(params![int(number), state.code()])?;
        Ok(())
    }
}

fn letter(row: &Row<'_>) -> Result<LetterRow, StoreError> {
    Ok(LetterRow {
        number: uint(row.get(0)?),
        circle: CircleId(id16(row.get(1)?, "circle")?),
        device: DeviceId(id16(row.get(2)?, "device")?),
        state: LetterState::from_code(row.get(3)?)?,
        bytes: row.get(4)?,
    })
}
