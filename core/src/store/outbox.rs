//! What has been saved but not sealed, and what has been sealed but not seen in the log.

use cairn_wire::digest::Hash;
use cairn_wire::id::{CircleId, DocumentId};
use rusqlite::{OptionalExtension, params};

use super::{Rows, StoreError, int, uint};

/// What an outbox row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutboxKind {
    /// A change to a document.
    Change,
    /// A form to publish.
    Form,
    /// What this device is called.
    Name,
    /// A change written in the name of an earlier chain of this device; `extra` names the chain.
    Carried,
    /// The same, while it is not known whether another copy of the vault has used the same place in that
    /// chain. Nothing of its circle is sealed until that is settled.
    Held,
    /// A decision about a late letter.
    Verdict,
    /// What the circle is called and holds.
    Label,
    /// That a record was shared with another circle.
    Share,
    /// That a record was erased.
    Erasure,
    /// That this device has carried an erasure out.
    Confirmed,
    /// A piece of a list or table that travels apart from its form.
    Piece,
    /// That a device has departed, was readmitted, or is back.
    Departure,
    /// A record that was sealed when it was finished: a box that this device cannot open.
    Sealed,
}

impl OutboxKind {
    fn code(self) -> i64 {
        match self {
            Self::Change => 1,
            Self::Form => 2,
            Self::Name => 3,
            Self::Carried => 4,
            Self::Held => 5,
            Self::Verdict => 6,
            Self::Label => 7,
            Self::Share => 8,
            Self::Erasure => 9,
            Self::Confirmed => 10,
            Self::Piece => 11,
            Self::Departure => 12,
            Self::Sealed => 13,
        }
    }

    fn from_code(code: i64) -> Result<Self, StoreError> {
        match code {
            1 => Ok(Self::Change),
            2 => Ok(Self::Form),
            3 => Ok(Self::Name),
            4 => Ok(Self::Carried),
            5 => Ok(Self::Held),
            6 => Ok(Self::Verdict),
            7 => Ok(Self::Label),
            8 => Ok(Self::Share),
            9 => Ok(Self::Erasure),
            10 => Ok(Self::Confirmed),
            11 => Ok(Self::Piece),
            12 => Ok(Self::Departure),
            13 => Ok(Self::Sealed),
            _ => Err(StoreError::Unreadable("outbox row")),
        }
    }
}

/// One thing that waits to be sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxRow {
    /// Grows.
    pub number: u64,
    /// What it is.
    pub kind: OutboxKind,
    /// Which document, for a change.
    pub document: Option<DocumentId>,
    /// Whose dictionary fits ([`super::FormRow::number`]; 0 for none).
    pub form: u64,
    /// The change, form or name.
    pub bytes: Vec<u8>,
    /// A form's dictionary, or the chain that a change is carried from.
    pub extra: Vec<u8>,
}

/// One own segment not yet seen in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedRow {
    /// Its number in the own chain.
    pub seq: u64,
    /// Its SHA-256.
    pub hash: Hash,
    /// How many records it touches.
    pub records: u64,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl Rows<'_> {
    /// Queues something to be sealed at the next sending.
    pub fn put_outbox(&self, circle: &CircleId, row: &OutboxRow) -> Result<(), StoreError> {
        let sql =
            "INSERT INTO outbox (circle, kind, document, form, bytes, extra) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        let document = row.document.as_ref().map_or(&[][..], |document| &document.0[..]);
        self.connection.prepare_cached(sql)?.execute(params![
            circle.0,
            row.kind.code(),
            document,
            int(row.form),
            row.bytes,
            row.extra
        ])?;
        Ok(())
    }

    /// The oldest waiting rows, at most `most` and together at most `octets` (at least one).
    pub fn outbox(
        &self,
        circle: &CircleId,
        most: usize,
        octets: usize,
    ) -> Result<Vec<OutboxRow>, StoreError> {
        let sql =
            "SELECT number, kind, document, form, bytes, extra FROM outbox WHERE circle = ?1 ORDER BY number";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([circle.0])?;
        let mut found = Vec::new();
        let mut total = 0;
        while let Some(row) = rows.next()? {
            let document: Vec<u8> = row.get(2)?;
            let bytes: Vec<u8> = row.get(4)?;
            total += bytes.len();
            if found.len() >= most || (total > octets && !found.is_empty()) {
                break;
            }
            found.push(OutboxRow {
                number: uint(row.get(0)?),
                kind: OutboxKind::from_code(row.get(1)?)?,
                document: DocumentId::from_slice(&document),
                form: uint(row.get(3)?),
                bytes,
                extra: row.get(5)?,
            });
        }
        Ok(found)
    }

    /// How many rows wait, in all circles.
    pub fn outbox_len(&self) -> Result<u64, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT count(*) FROM outbox")?;
        Ok(uint(statement.query_row([], |row| row.get(0))?))
    }

    /// How many rows and segments of a circle the server has not acknowledged.
    pub fn waiting_in(&self, circle: &CircleId) -> Result<u64, StoreError> {
        let sql = "SELECT (SELECT count(*) FROM outbox WHERE circle = ?1) \
                   + (SELECT sealed - acknowledged FROM circle WHERE circle = ?1)";
        let mut statement = self.connection.prepare_cached(sql)?;
        let waiting: Option<i64> = statement.query_row([circle.0], |row| row.get(0))?;
        Ok(waiting.map_or(0, uint))
    }

    /// Whether a change of the circle waits to be settled.
    pub fn holds_back(&self, circle: &CircleId) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM outbox WHERE circle = ?1 AND kind = 5";
        Ok(self.connection.prepare_cached(sql)?.exists([circle.0])?)
    }

    /// Removes one row.
    pub fn clear_outbox_row(&self, number: u64) -> Result<(), StoreError> {
        self.connection.prepare_cached("DELETE FROM outbox WHERE number = ?1")?.execute([int(number)])?;
        Ok(())
    }

    /// Removes a change of an earlier chain that turned out to be in the log already.
    pub fn clear_carried(
        &self,
        circle: &CircleId,
        document: &DocumentId,
        bytes: &[u8],
    ) -> Result<(), StoreError> {
        let sql = "DELETE FROM outbox WHERE circle = ?1 AND kind IN (4, 5) AND document = ?2 AND bytes = ?3";
        self.connection.prepare_cached(sql)?.execute(params![circle.0, document.0, bytes])?;
        Ok(())
    }

    /// Removes rows that have been sealed: those of the circle from `first` to `last`.
    pub fn clear_outbox(&self, circle: &CircleId, first: u64, last: u64) -> Result<(), StoreError> {
        let sql = "DELETE FROM outbox WHERE circle = ?1 AND number BETWEEN ?2 AND ?3";
        self.connection.prepare_cached(sql)?.execute(params![circle.0, int(first), int(last)])?;
        Ok(())
    }

    /// Keeps a sealed segment, before its first octet is sent. Replaces the one of that number,
    /// which is right only when the server has just said that it does not hold it.
    pub fn put_sealed(&self, circle: &CircleId, row: &SealedRow) -> Result<(), StoreError> {
        let sql =
            "INSERT OR REPLACE INTO sealed (circle, seq, hash, records, bytes) VALUES (?1, ?2, ?3, ?4, ?5)";
        self.connection.prepare_cached(sql)?.execute(params![
            circle.0,
            int(row.seq),
            row.hash,
            int(row.records),
            row.bytes
        ])?;
        Ok(())
    }

    /// Own segments from number `first` on, in order, at most `octets` together (at least one).
    pub fn sealed_from(
        &self,
        circle: &CircleId,
        first: u64,
        octets: usize,
    ) -> Result<Vec<SealedRow>, StoreError> {
        let sql = "SELECT seq, hash, records, bytes FROM sealed WHERE circle = ?1 AND seq >= ?2 ORDER BY seq";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query(params![circle.0, int(first)])?;
        let mut found = Vec::new();
        let mut total = 0;
        while let Some(row) = rows.next()? {
            let sealed = read_sealed(row)?;
            total += sealed.bytes.len();
            if total > octets && !found.is_empty() {
                break;
            }
            found.push(sealed);
        }
        Ok(found)
    }

    /// One own segment by number.
    pub fn sealed(&self, circle: &CircleId, seq: u64) -> Result<Option<SealedRow>, StoreError> {
        let sql = "SELECT seq, hash, records, bytes FROM sealed WHERE circle = ?1 AND seq = ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query(params![circle.0, int(seq)])?;
        rows.next()?.map(read_sealed).transpose()
    }

    /// Forgets an own segment's sealed row; it stands in the log now.
    pub fn clear_sealed(&self, circle: &CircleId, seq: u64) -> Result<(), StoreError> {
        let sql = "DELETE FROM sealed WHERE circle = ?1 AND seq = ?2";
        self.connection.prepare_cached(sql)?.execute(params![circle.0, int(seq)])?;
        Ok(())
    }

    /// How many own segments the server has not acknowledged.
    pub fn unacknowledged(&self) -> Result<u64, StoreError> {
        let sql = "SELECT coalesce(sum(sealed - acknowledged), 0) FROM circle";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_row([], |row| row.get(0)).optional()?.map_or(0, uint))
    }
}

fn read_sealed(row: &rusqlite::Row<'_>) -> Result<SealedRow, StoreError> {
    let hash: Vec<u8> = row.get(1)?;
    Ok(SealedRow {
        seq: uint(row.get(0)?),
        hash: hash.try_into().map_err(|_| StoreError::Unreadable("segment hash"))?,
        records: uint(row.get(2)?),
        bytes: row.get(3)?,
    })
}
