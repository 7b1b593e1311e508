//! Whose chain is whose, what devices are called, and how far an import got.

use cairn_wire::id::{ChainId, CircleId, DeviceId};
use rusqlite::{OptionalExtension, params};

use super::{Rows, StoreError, id16, int, uint};

/// A chain as far as it has been seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChainRow {
    /// The chain.
    pub chain: ChainId,
    /// Which circle it belongs to.
    pub circle: CircleId,
    /// Whose it is.
    pub device: DeviceId,
    /// Segments seen.
    pub height: u64,
    /// Half hash of the newest of them.
    pub link: [u8; 16],
}

/// How far an import got.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ImportRow {
    /// The last line dealt with.
    pub line: u64,
    /// Rows taken so far.
    pub taken: u64,
    /// Rows refused so far.
    pub refused: u64,
}

impl Rows<'_> {
    /// One chain.
    pub fn chain(&self, chain: &ChainId) -> Result<Option<ChainRow>, StoreError> {
        let sql = "SELECT circle, device, height, link FROM chain WHERE chain = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let raw: Option<(Vec<u8>, Vec<u8>, i64, Vec<u8>)> = statement
            .query_row([chain.0], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
            .optional()?;
        let Some((circle, device, height, link)) = raw else { return Ok(None) };
        Ok(Some(ChainRow {
            chain: *chain,
            circle: CircleId(id16(circle, "circle")?),
            device: DeviceId(id16(device, "device")?),
            height: uint(height),
            link: id16(link, "link")?,
        }))
    }

    /// Every chain of a device.
    pub fn chains_of(&self, device: &DeviceId) -> Result<Vec<ChainRow>, StoreError> {
        let sql = "SELECT chain FROM chain WHERE device = ?1 ORDER BY chain";
        let mut statement = self.connection.prepare_cached(sql)?;
        let chains: Vec<Vec<u8>> =
            statement.query_map([device.0], |row| row.get(0))?.collect::<Result<_, _>>()?;
        let mut rows = Vec::new();
        for chain in chains {
            rows.extend(self.chain(&ChainId(id16(chain, "chain")?))?);
        }
        Ok(rows)
    }

    /// Notes how far a chain has been seen.
    pub fn put_chain(&self, row: &ChainRow) -> Result<(), StoreError> {
        let sql = "INSERT INTO chain (chain, circle, device, height, link) VALUES (?1, ?2, ?3, ?4, ?5) \
                   ON CONFLICT DO UPDATE SET circle = ?2, device = ?3, height = ?4, link = ?5";
        self.connection.prepare_cached(sql)?.execute(params![
            row.chain.0,
            row.circle.0,
            row.device.0,
            int(row.height),
            row.link
        ])?;
        Ok(())
    }

    /// Notes what a device is called.
    pub fn put_name(&self, device: &DeviceId, name: &str) -> Result<(), StoreError> {
        let sql = "INSERT INTO name (device, name) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET name = ?2";
        self.connection.prepare_cached(sql)?.execute(params![device.0, name])?;
        Ok(())
    }

    /// What a device is called.
    pub fn name(&self, device: &DeviceId) -> Result<Option<String>, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT name FROM name WHERE device = ?1")?;
        Ok(statement.query_row([device.0], |row| row.get(0)).optional()?)
    }

    /// How far the import of `source` got.
    pub fn import(&self, source: &[u8; 32]) -> Result<Option<ImportRow>, StoreError> {
        let sql = "SELECT line, taken, refused FROM import WHERE source = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let row = statement.query_row([source], |row| {
            Ok(ImportRow { line: uint(row.get(0)?), taken: uint(row.get(1)?), refused: uint(row.get(2)?) })
        });
        Ok(row.optional()?)
    }

    /// Notes how far an import got; part of the gesture that keeps its rows.
    pub fn put_import(&self, source: &[u8; 32], row: &ImportRow) -> Result<(), StoreError> {
        let sql = "INSERT OR REPLACE INTO import (source, line, taken, refused) VALUES (?1, ?2, ?3, ?4)";
        let mut statement = self.connection.prepare_cached(sql)?;
        statement.execute(params![source, int(row.line), int(row.taken), int(row.refused)])?;
        Ok(())
    }
}
