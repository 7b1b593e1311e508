//! Facts about this device and workspace, the roster, and epoch secrets.

use cairn_wire::id::CircleId;
use rusqlite::{OptionalExtension, params};

use super::{Rows, StoreError, int, uint};
use crate::crypto::EpochSecret;

impl Rows<'_> {
    /// A fact by name.
    pub fn fact(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT value FROM fact WHERE name = ?1")?;
        Ok(statement.query_row([name], |row| row.get(0)).optional()?)
    }

    /// Keeps a fact, replacing an earlier one.
    pub fn put_fact(&self, name: &str, value: &[u8]) -> Result<(), StoreError> {
        let sql = "INSERT INTO fact (name, value) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = ?2";
        self.connection.prepare_cached(sql)?.execute(params![name, value])?;
        Ok(())
    }

    /// Forgets a fact.
    pub fn forget_fact(&self, name: &str) -> Result<(), StoreError> {
        self.connection.prepare_cached("DELETE FROM fact WHERE name = ?1")?.execute([name])?;
        Ok(())
    }

    /// The whole roster, genesis first.
    pub fn roster(&self) -> Result<Vec<Vec<u8>>, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT entry FROM roster ORDER BY seq")?;
        let rows = statement.query_map([], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Appends to the roster.
    pub fn put_roster(&self, seq: u64, entry: &[u8]) -> Result<(), StoreError> {
        let sql = "INSERT INTO roster (seq, entry) VALUES (?1, ?2)";
        self.connection.prepare_cached(sql)?.execute(params![int(seq), entry])?;
        Ok(())
    }

    /// The secret of one epoch, if this device holds it.
    pub fn epoch(&self, circle: &CircleId, epoch: u64) -> Result<Option<EpochSecret>, StoreError> {
        let sql = "SELECT secret FROM epoch WHERE circle = ?1 AND epoch = ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        let secret: Option<Vec<u8>> =
            statement.query_row(params![circle.0, int(epoch)], |row| row.get(0)).optional()?;
        let secret = secret.map(zeroize::Zeroizing::new);
        secret
            .map(|bytes| EpochSecret::from_bytes(&bytes).map_err(|_| StoreError::Unreadable("epoch secret")))
            .transpose()
    }

    /// Every secret of a circle that is held, oldest first.
    pub fn epochs(&self, circle: &CircleId) -> Result<Vec<(u64, EpochSecret)>, StoreError> {
        let sql = "SELECT epoch FROM epoch WHERE circle = ?1 ORDER BY epoch";
        let mut statement = self.connection.prepare_cached(sql)?;
        let numbers: Vec<i64> =
            statement.query_map([circle.0], |row| row.get(0))?.collect::<Result<_, _>>()?;
        let mut secrets = Vec::new();
        for number in numbers.into_iter().map(uint) {
            secrets.extend(self.epoch(circle, number)?.map(|secret| (number, secret)));
        }
        Ok(secrets)
    }

    /// Keeps an epoch's secret.
    pub fn put_epoch(&self, circle: &CircleId, epoch: u64, secret: &EpochSecret) -> Result<(), StoreError> {
        let sql = "INSERT INTO epoch (circle, epoch, secret) VALUES (?1, ?2, ?3) \
                   ON CONFLICT DO UPDATE SET secret = excluded.secret";
        self.connection.prepare_cached(sql)?.execute(params![circle.0, int(epoch), secret.as_bytes()])?;
        Ok(())
    }
}
