//! The pack a log is held from, kept for a server that may lose it.

use cairn_wire::codec::{Reader, Writer};
use cairn_wire::digest::Hash;
use cairn_wire::id::CircleId;
use cairn_wire::pack::{read_attestations, write_attestations};
use rusqlite::{OptionalExtension, params};

use super::{Rows, StoreError};

/// A pack that stands for the beginning of a circle's log; its pieces are kept with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptPack {
    /// SHA-256 of the manifest.
    pub pack: Hash,
    /// As its author signed it.
    pub manifest: Vec<u8>,
    /// What vouched for it.
    pub attestations: Vec<Vec<u8>>,
}

impl Rows<'_> {
    /// The pack that a circle's log is held from, if it began with one and keeps it.
    pub fn kept(&self, circle: &CircleId) -> Result<Option<KeptPack>, StoreError> {
        let sql = "SELECT pack, manifest, attestations FROM kept WHERE circle = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let found: Option<(Hash, Vec<u8>, Vec<u8>)> =
            statement.query_row([circle.0], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).optional()?;
        let Some((pack, manifest, attestations)) = found else { return Ok(None) };
        let attestations = read_attestations(&mut Reader::new(&attestations))
            .map_err(|_| StoreError::Unreadable("attestations"))?;
        Ok(Some(KeptPack { pack, manifest, attestations }))
    }

    /// Keeps a pack whose pieces are here, and forgets all others of the circle.
    pub fn keep_pack(&self, circle: &CircleId, kept: &KeptPack) -> Result<(), StoreError> {
        let mut writer = Writer::new();
        write_attestations(&mut writer, &kept.attestations);
        let sql =
            "INSERT OR REPLACE INTO kept (circle, pack, manifest, attestations) VALUES (?1, ?2, ?3, ?4)";
        let mut statement = self.connection.prepare_cached(sql)?;
        statement.execute(params![circle.0, kept.pack, kept.manifest, writer.finish()])?;
        let sql = "DELETE FROM piece WHERE circle = ?1 AND pack <> ?2";
        self.connection.prepare_cached(sql)?.execute(params![circle.0, kept.pack])?;
        Ok(())
    }

    /// Forgets pieces of every pack but the one that is kept.
    pub fn clear_fetched(&self, circle: &CircleId) -> Result<(), StoreError> {
        let sql =
            "DELETE FROM piece WHERE circle = ?1 AND pack NOT IN (SELECT pack FROM kept WHERE circle = ?1)";
        self.connection.prepare_cached(sql)?.execute([circle.0])?;
        Ok(())
    }

    /// Forgets the pack that is kept, and its pieces.
    pub fn forget_kept(&self, circle: &CircleId) -> Result<(), StoreError> {
        for sql in [
            "DELETE FROM piece WHERE circle = ?1 AND pack IN (SELECT pack FROM kept WHERE circle = ?1)",
            "DELETE FROM kept WHERE circle = ?1",
        ] {
            self.connection.prepare_cached(sql)?.execute([circle.0])?;
        }
        Ok(())
    }
}
