//! What a pack is made from and what is kept while one is fetched.

use cairn_wire::digest::Hash;
use cairn_wire::id::{CircleId, DeviceId, DocumentId};
use rusqlite::{OptionalExtension, params};

use super::{ChainRow, PartRow, QuarantineRow, Rows, SegmentRow, SegmentState, StoreError, id16, int, uint};

impl Rows<'_> {
    /// Documents of a circle in the order of their names, after `after`.
    pub fn documents_of(
        &self,
        circle: &CircleId,
        after: Option<&DocumentId>,
        most: u64,
    ) -> Result<Vec<PartRow>, StoreError> {
        let sql = "SELECT number, id, record, part, circle, bytes FROM document \
                   WHERE circle = ?1 AND id > ?2 ORDER BY id LIMIT ?3";
        let mut statement = self.connection.prepare_cached(sql)?;
        let after = after.map_or(&[][..], |after| &after.0[..]);
        let mut rows = statement.query(params![circle.0, after, int(most)])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(super::documents::read_part(row)?);
        }
        Ok(found)
    }

    /// Every chain of a circle, ascending.
    pub fn chains_in(&self, circle: &CircleId) -> Result<Vec<ChainRow>, StoreError> {
        let sql = "SELECT chain FROM chain WHERE circle = ?1 ORDER BY chain";
        let mut statement = self.connection.prepare_cached(sql)?;
        let chains: Vec<Vec<u8>> =
            statement.query_map([circle.0], |row| row.get(0))?.collect::<Result<_, _>>()?;
        let mut rows = Vec::new();
        for chain in chains {
            rows.extend(self.chain(&cairn_wire::id::ChainId(id16(chain, "chain")?))?);
        }
        Ok(rows)
    }

    /// What every device is called.
    pub fn names(&self) -> Result<Vec<(DeviceId, String)>, StoreError> {
        let mut statement =
            self.connection.prepare_cached("SELECT device, name FROM name ORDER BY device")?;
        let rows: Vec<(Vec<u8>, String)> =
            statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
        rows.into_iter().map(|(device, name)| Ok((DeviceId(id16(device, "device")?), name))).collect()
    }

    /// Every decision about a late letter, by half hash.
    pub fn verdicts(&self) -> Result<Vec<([u8; 16], bool)>, StoreError> {
        let mut statement =
            self.connection.prepare_cached("SELECT letter, accepted FROM verdict ORDER BY letter")?;
        let rows: Vec<(Vec<u8>, bool)> =
            statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
        rows.into_iter().map(|(letter, accepted)| Ok((id16(letter, "verdict")?, accepted))).collect()
    }

    /// Segments of a circle that wait or were refused, oldest first.
    pub fn troubled_segments(&self, circle: &CircleId) -> Result<Vec<SegmentRow>, StoreError> {
        let sql = "SELECT seq, bytes FROM segment WHERE circle = ?1 AND state IN (0, 2, 3) ORDER BY seq";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement
            .query_map([circle.0], |row| Ok(SegmentRow { seq: uint(row.get(0)?), bytes: row.get(1)? }))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// What is in quarantine in a circle, oldest first.
    pub fn quarantine_of(&self, circle: &CircleId) -> Result<Vec<QuarantineRow>, StoreError> {
        Ok(self.quarantine()?.into_iter().filter(|row| row.circle == *circle).collect())
    }

    /// Changes of a circle that wait to be sealed, with their documents.
    pub fn unsealed_changes(&self, circle: &CircleId) -> Result<Vec<(DocumentId, Vec<u8>)>, StoreError> {
        let sql = "SELECT document, bytes FROM outbox WHERE circle = ?1 AND kind = 1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows: Vec<(Vec<u8>, Vec<u8>)> = statement
            .query_map([circle.0], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_, _>>()?;
        rows.into_iter().map(|(id, bytes)| Ok((DocumentId(id16(id, "document")?), bytes))).collect()
    }

    /// Whether changes of earlier chains wait to be sealed.
    pub fn carries(&self, circle: &CircleId) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM outbox WHERE circle = ?1 AND kind IN (4, 5)";
        Ok(self.connection.prepare_cached(sql)?.exists([circle.0])?)
    }

    /// How many pieces of a pack are here, from the first; forgets those of any other pack of the circle but
    /// the one that is kept.
    pub fn pieces_held(&self, circle: &CircleId, pack: &Hash) -> Result<u64, StoreError> {
        let sql = "DELETE FROM piece WHERE circle = ?1 AND pack <> ?2 \
                   AND pack NOT IN (SELECT pack FROM kept WHERE circle = ?1)";
        self.connection.prepare_cached(sql)?.execute(params![circle.0, pack])?;
        let sql = "SELECT count(*) FROM piece WHERE circle = ?1 AND pack = ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(uint(statement.query_row(params![circle.0, pack], |row| row.get(0))?))
    }

    /// Keeps a piece.
    pub fn put_piece(
        &self,
        circle: &CircleId,
        pack: &Hash,
        number: u64,
        bytes: &[u8],
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO piece (circle, pack, number, bytes) VALUES (?1, ?2, ?3, ?4)";
        self.connection.prepare_cached(sql)?.execute(params![circle.0, pack, int(number), bytes])?;
        Ok(())
    }

    /// Calls the pieces of a pack by another name.
    pub fn name_pieces(&self, circle: &CircleId, from: &Hash, to: &Hash) -> Result<(), StoreError> {
        let sql = "UPDATE piece SET pack = ?3 WHERE circle = ?1 AND pack = ?2";
        self.connection.prepare_cached(sql)?.execute(params![circle.0, from, to])?;
        Ok(())
    }

    /// One piece.
    pub fn piece(&self, circle: &CircleId, pack: &Hash, number: u64) -> Result<Option<Vec<u8>>, StoreError> {
        let sql = "SELECT bytes FROM piece WHERE circle = ?1 AND pack = ?2 AND number = ?3";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_row(params![circle.0, pack, int(number)], |row| row.get(0)).optional()?)
    }

    /// Forgets the pieces of a pack.
    pub fn clear_pieces(&self, circle: &CircleId, pack: &Hash) -> Result<(), StoreError> {
        let sql = "DELETE FROM piece WHERE circle = ?1 AND pack = ?2";
        self.connection.prepare_cached(sql)?.execute(params![circle.0, pack])?;
        Ok(())
    }

    /// Lets go of the log up to place `seq`: a pack stands for it. What waits or was refused stays.
    pub fn clear_log(&self, circle: &CircleId, seq: u64) -> Result<(), StoreError> {
        let sql = "DELETE FROM segment WHERE circle = ?1 AND seq <= ?2 AND state IN (1, 4)";
        self.connection.prepare_cached(sql)?.execute(params![circle.0, int(seq)])?;
        let sql = "UPDATE segment SET root = x'' WHERE circle = ?1 AND seq <= ?2";
        self.connection.prepare_cached(sql)?.execute(params![circle.0, int(seq)])?;
        let sql = "DELETE FROM witness WHERE circle = ?1 AND seq <= ?2";
        self.connection.prepare_cached(sql)?.execute(params![circle.0, int(seq)])?;
        Ok(())
    }

    /// Lets go of all of the log up to place `seq`, whatever became of it: a pack stands for it, and this device
    /// could read none of it.
    pub fn drop_log(&self, circle: &CircleId, seq: u64) -> Result<(), StoreError> {
        self.clear_log(circle, seq)?;
        let sql = "DELETE FROM segment WHERE circle = ?1 AND seq <= ?2";
        self.connection.prepare_cached(sql)?.execute(params![circle.0, int(seq)])?;
        Ok(())
    }

    /// Keeps a segment that a pack brought because its author could not take it in, unless it is held.
    pub fn put_brought(&self, circle: &CircleId, seq: u64, bytes: &[u8]) -> Result<(), StoreError> {
        let sql = "INSERT OR IGNORE INTO segment (circle, seq, state, bytes) VALUES (?1, ?2, ?3, ?4)";
        let mut statement = self.connection.prepare_cached(sql)?;
        statement.execute(params![circle.0, int(seq), SegmentState::New.code(), bytes])?;
        Ok(())
    }
}
