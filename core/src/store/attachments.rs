//! Files that were attached: their sealed pieces, and how far each has come.

use cairn_wire::codec::hex;
use cairn_wire::digest::Hash;
use cairn_wire::id::AttachmentId;
use rusqlite::{OptionalExtension, Row, params};

use super::{Rows, StoreError, id16, int, uint};

/// How far an attachment has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttachmentState {
    /// Only a draft names it: nothing of it leaves.
    Draft,
    /// A record names it, and it waits to be sent.
    Waits,
    /// The server has it, or it came from there.
    Sent,
    /// It cannot be sent: the server says that it was dropped, or a piece of it is damaged here. Each sync tries
    /// again, and nothing waits for it.
    Stuck,
}

impl AttachmentState {
    fn code(self) -> i64 {
        match self {
            Self::Draft => 0,
            Self::Waits => 1,
            Self::Sent => 2,
            Self::Stuck => 3,
        }
    }

    fn from_code(code: i64) -> Result<Self, StoreError> {
        let all = [Self::Draft, Self::Waits, Self::Sent, Self::Stuck];
        all.into_iter().find(|state| state.code() == code).ok_or(StoreError::Unreadable("attachment"))
    }
}

/// One attachment, without its pieces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttachmentRow {
    /// Its name.
    pub id: AttachmentId,
    /// How many pieces there are when it is whole.
    pub pieces: u32,
    /// Octets of all of them.
    pub octets: u64,
    /// How far it has come.
    pub state: AttachmentState,
    /// How many pieces the server has on disk, as far as is known.
    pub height: u32,
    /// Whether it goes from here once the server has it for good: this device cannot open its record again.
    pub lets_go: bool,
}

const COLUMNS: &str = "id, pieces, octets, state, height, lets_go";

fn read(row: &Row<'_>) -> Result<AttachmentRow, StoreError> {
    let small = |number: i64| u32::try_from(number).map_err(|_| StoreError::Unreadable("attachment"));
    Ok(AttachmentRow {
        id: AttachmentId(id16(row.get(0)?, "attachment")?),
        pieces: small(row.get(1)?)?,
        octets: uint(row.get(2)?),
        state: AttachmentState::from_code(row.get(3)?)?,
        height: small(row.get(4)?)?,
        lets_go: row.get(5)?,
    })
}

impl Rows<'_> {
    /// Keeps an attachment; changes nothing if it is known.
    pub fn put_attachment(&self, row: &AttachmentRow) -> Result<(), StoreError> {
        let sql = "INSERT INTO attachment (id, pieces, octets, state, height, lets_go) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (id) DO NOTHING";
        let values =
            params![row.id.0, row.pieces, int(row.octets), row.state.code(), row.height, row.lets_go];
        self.connection.prepare_cached(sql)?.execute(values)?;
        Ok(())
    }

    /// Keeps one sealed piece; changes nothing if it is here.
    pub fn put_attachment_piece(
        &self,
        id: &AttachmentId,
        number: u32,
        hash: &Hash,
        bytes: &[u8],
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO attachment_piece (attachment, number, hash, bytes) VALUES (?1, ?2, ?3, ?4) \
                   ON CONFLICT DO NOTHING";
        self.connection.prepare_cached(sql)?.execute(params![id.0, number, hash, bytes])?;
        Ok(())
    }

    /// One attachment.
    pub fn attachment(&self, id: &AttachmentId) -> Result<Option<AttachmentRow>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM attachment WHERE id = ?1");
        let mut statement = self.connection.prepare_cached(&sql)?;
        statement.query_row([id.0], |row| Ok(read(row))).optional()?.transpose()
    }

    /// Every attachment of a state, the smallest first, of like size the oldest.
    pub fn attachments(&self, state: AttachmentState) -> Result<Vec<AttachmentRow>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM attachment WHERE state = ?1 ORDER BY octets, number");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query([state.code()])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(read(row)?);
        }
        Ok(found)
    }

    /// How many wait to be sent.
    pub fn waiting_attachments(&self) -> Result<u64, StoreError> {
        let sql = "SELECT count(*) FROM attachment WHERE state = 1";
        Ok(uint(self.connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?))
    }

    /// How many pieces are here without a gap, from the first.
    pub fn attachment_held(&self, id: &AttachmentId) -> Result<u32, StoreError> {
        let sql = "SELECT number FROM attachment_piece WHERE attachment = ?1 ORDER BY number";
        let mut statement = self.connection.prepare_cached(sql)?;
        let numbers = statement.query_map([id.0], |row| row.get::<_, i64>(0))?;
        let mut held = 0;
        for number in numbers {
            if number? != i64::from(held) {
                break;
            }
            held += 1;
        }
        Ok(held)
    }

    /// One sealed piece.
    pub fn attachment_piece(&self, id: &AttachmentId, number: u32) -> Result<Option<Vec<u8>>, StoreError> {
        let sql = "SELECT bytes FROM attachment_piece WHERE attachment = ?1 AND number = ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_row(params![id.0, number], |row| row.get(0)).optional()?)
    }

    /// The hashes of all pieces that are here, in order.
    pub fn attachment_hashes(&self, id: &AttachmentId) -> Result<Vec<Hash>, StoreError> {
        let sql = "SELECT hash FROM attachment_piece WHERE attachment = ?1 ORDER BY number";
        let mut statement = self.connection.prepare_cached(sql)?;
        let hashes: Vec<Vec<u8>> =
            statement.query_map([id.0], |row| row.get(0))?.collect::<Result<_, _>>()?;
        let hash = |bytes: Vec<u8>| bytes.try_into().map_err(|_| StoreError::Unreadable("attachment"));
        hashes.into_iter().map(hash).collect()
    }

    /// Lets an attachment that only a draft named wait to be sent: a record names it now, which this device may not be
    /// able to open again (`lets_go`).
    pub fn queue_attachment(&self, id: &AttachmentId, lets_go: bool) -> Result<(), StoreError> {
        let sql = "UPDATE attachment SET state = 1, lets_go = ?2 WHERE id = ?1 AND state = 0";
        self.connection.prepare_cached(sql)?.execute(params![id.0, lets_go])?;
        Ok(())
    }

    /// Whole attachments that the server has as far as is known: those that go then, or `all` of them.
    pub fn sent_attachments(&self, all: bool) -> Result<Vec<AttachmentRow>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM attachment WHERE state = 2 AND (lets_go OR ?1) AND pieces = \
             (SELECT count(*) FROM attachment_piece p WHERE p.attachment = attachment.id) ORDER BY number"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query([all])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(read(row)?);
        }
        Ok(found)
    }

    /// Notes how far the server has an attachment, and whether that is all of it.
    pub fn put_attachment_height(
        &self,
        id: &AttachmentId,
        height: u32,
        state: AttachmentState,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE attachment SET height = ?2, state = ?3 WHERE id = ?1";
        self.connection.prepare_cached(sql)?.execute(params![id.0, height, state.code()])?;
        Ok(())
    }

    /// Lets everything wait again that is whole here and was sent, and be dropped again what was: the server may have
    /// lost both.
    pub fn doubt_attachments(&self) -> Result<(), StoreError> {
        let sql = "UPDATE attachment SET state = 1, height = 0 WHERE state = 2 AND pieces = \
                   (SELECT count(*) FROM attachment_piece p WHERE p.attachment = attachment.id)";
        self.connection.prepare_cached(sql)?.execute([])?;
        self.doubt_attachment_drops()
    }

    /// Forgets one piece, which is not what it must be.
    pub fn forget_attachment_piece(&self, id: &AttachmentId, number: u32) -> Result<(), StoreError> {
        let sql = "DELETE FROM attachment_piece WHERE attachment = ?1 AND number = ?2";
        self.connection.prepare_cached(sql)?.execute(params![id.0, number])?;
        Ok(())
    }

    /// Forgets an attachment and its pieces.
    pub fn forget_attachment(&self, id: &AttachmentId) -> Result<(), StoreError> {
        for sql in
            ["DELETE FROM attachment_piece WHERE attachment = ?1", "DELETE FROM attachment WHERE id = ?1"]
        {
            self.connection.prepare_cached(sql)?.execute([id.0])?;
        }
        Ok(())
    }

    /// Forgets the pieces of attachments that only a draft named, and no draft names any more.
    pub fn forget_unnamed_attachments(&self) -> Result<(), StoreError> {
        for row in self.attachments(AttachmentState::Draft)? {
            if !self.is_drafted(&row.id)? {
                self.forget_attachment(&row.id)?;
            }
        }
        Ok(())
    }

    /// Whether an answer of a draft names an attachment.
    fn is_drafted(&self, id: &AttachmentId) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM draft_answer WHERE instr(answer, ?1) > 0";
        Ok(self.connection.prepare_cached(sql)?.exists([hex(&id.0)])?)
    }

    /// Whether a document, now or in its past, or an answer of a draft names an attachment. Documents rest
    /// uncompressed, so the name stands in them as it is.
    pub fn is_named(&self, id: &AttachmentId) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM document WHERE instr(bytes, ?1) > 0";
        Ok(self.is_drafted(id)? || self.connection.prepare_cached(sql)?.exists([id.0])?)
    }

    /// Notes that the server is to drop an attachment.
    pub fn put_attachment_drop(&self, id: &AttachmentId) -> Result<(), StoreError> {
        let sql = "INSERT INTO attachment_drop (id) VALUES (?1) ON CONFLICT DO NOTHING";
        self.connection.prepare_cached(sql)?.execute([id.0])?;
        Ok(())
    }

    /// What the server is to drop and has not dropped yet.
    pub fn attachment_drops(&self) -> Result<Vec<AttachmentId>, StoreError> {
        let sql = "SELECT id FROM attachment_drop WHERE NOT done ORDER BY id";
        let mut statement = self.connection.prepare_cached(sql)?;
        let ids: Vec<Vec<u8>> = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        ids.into_iter().map(|id| Ok(AttachmentId(id16(id, "attachment")?))).collect()
    }

    /// Notes that it has.
    pub fn put_attachment_dropped(&self, id: &AttachmentId) -> Result<(), StoreError> {
        let sql = "UPDATE attachment_drop SET done = 1 WHERE id = ?1";
        self.connection.prepare_cached(sql)?.execute([id.0])?;
        Ok(())
    }

    /// Lets the server be told again of all that it is to drop: it may have been put back since.
    pub fn doubt_attachment_drops(&self) -> Result<(), StoreError> {
        self.connection.prepare_cached("UPDATE attachment_drop SET done = 0")?.execute([])?;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
