//! The tables, how they came to be, and how connections are opened.
//!
//! Every primary key begins with the workspace, so that the same tables can be partitioned by it.
//! The only time kept is the arrival day, in days since 1970.

use std::path::Path;

use ring::rand::{SecureRandom, SystemRandom};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::super::LogError;

/// The schema, one step a version; a released step is never changed.
const MIGRATIONS: &[&str] = &[
    // 1
    "CREATE TABLE server (
        one         INTEGER PRIMARY KEY CHECK (one = 1),
        generation  BLOB NOT NULL                       -- 8 random octets, made with the file
     ) STRICT;
     CREATE TABLE workspace (
        workspace   BLOB PRIMARY KEY,
        day         INTEGER NOT NULL,
        bytes       INTEGER NOT NULL DEFAULT 0          -- all its segments, entries and wraps
     ) STRICT, WITHOUT ROWID;
     CREATE TABLE roster_entry (
        workspace   BLOB NOT NULL,
        seq         INTEGER NOT NULL,                   -- from 1, no gaps
        hash        BLOB NOT NULL,
        bytes       BLOB NOT NULL,
        PRIMARY KEY (workspace, seq)
     ) STRICT, WITHOUT ROWID;
     CREATE TABLE wrap (
        workspace   BLOB NOT NULL,
        device      BLOB NOT NULL,
        roster_seq  INTEGER NOT NULL,                   -- the last entry it was posted with
        circle      BLOB NOT NULL,
        epoch       INTEGER NOT NULL,
        sealed      BLOB NOT NULL,
        PRIMARY KEY (workspace, device, roster_seq, circle, epoch)
     ) STRICT, WITHOUT ROWID;
     CREATE TABLE join_request (
        workspace   BLOB NOT NULL,
        invite      BLOB NOT NULL,
        device      BLOB NOT NULL,
        expiry      INTEGER NOT NULL,                   -- of the invitation, seconds since 1970
        day         INTEGER NOT NULL,
        bytes       BLOB NOT NULL,
        PRIMARY KEY (workspace, invite)
     ) STRICT, WITHOUT ROWID;
     CREATE TABLE circle (
        workspace   BLOB NOT NULL,
        circle      BLOB NOT NULL,
        epoch       INTEGER NOT NULL,                   -- the newest
        seq         INTEGER NOT NULL DEFAULT 0,         -- how many segments
        root        BLOB NOT NULL,                      -- over all of them
        PRIMARY KEY (workspace, circle)
     ) STRICT, WITHOUT ROWID;
     CREATE TABLE chain (
        workspace   BLOB NOT NULL,
        chain       BLOB NOT NULL,
        circle      BLOB NOT NULL,
        device      BLOB NOT NULL,
        height      INTEGER NOT NULL,
        link        BLOB NOT NULL,                      -- half hash of the newest segment
        frozen      INTEGER NOT NULL DEFAULT 0,         -- 1 after a fork
        PRIMARY KEY (workspace, chain)
     ) STRICT, WITHOUT ROWID;
     CREATE TABLE segment (
        workspace   BLOB NOT NULL,
        circle      BLOB NOT NULL,
        seq         INTEGER NOT NULL,                   -- place in the circle's log, from 1, no gaps
        chain       BLOB NOT NULL,
        chain_seq   INTEGER NOT NULL,                   -- place in the chain, from 1, no gaps
        day         INTEGER NOT NULL,
        hash        BLOB NOT NULL,
        bytes       BLOB NOT NULL,
        PRIMARY KEY (workspace, circle, seq)
     ) STRICT;
     CREATE UNIQUE INDEX segment_of_chain ON segment (workspace, chain, chain_seq);",
    // 2
    "ALTER TABLE chain ADD COLUMN last INTEGER;           -- last segment that counts; NULL while it may grow
     CREATE TABLE letter (
        workspace   BLOB NOT NULL,
        number      INTEGER NOT NULL,                   -- from 1, in the order they came
        circle      BLOB NOT NULL,
        device      BLOB NOT NULL,
        chain       BLOB NOT NULL,
        chain_seq   INTEGER NOT NULL,                   -- continues the chain's segments
        day         INTEGER NOT NULL,
        hash        BLOB NOT NULL,
        bytes       BLOB NOT NULL,
        PRIMARY KEY (workspace, number)
     ) STRICT;
     CREATE UNIQUE INDEX letter_of_chain ON letter (workspace, chain, chain_seq);
     CREATE INDEX letter_of_device ON letter (workspace, device);",
    // 3
    "ALTER TABLE workspace ADD COLUMN packs INTEGER NOT NULL DEFAULT 0;  -- how many have become whole
     ALTER TABLE circle ADD COLUMN base INTEGER NOT NULL DEFAULT 0;      -- segments let go; a pack covers them
     CREATE TABLE pack (
        workspace   BLOB NOT NULL,
        pack        BLOB NOT NULL,                      -- SHA-256 of the manifest
        circle      BLOB NOT NULL,
        device      BLOB NOT NULL,
        seq         INTEGER NOT NULL,                   -- segments it covers
        root        BLOB NOT NULL,                      -- over them
        pieces      INTEGER NOT NULL,
        held        INTEGER NOT NULL DEFAULT 0,         -- pieces that have arrived
        number      INTEGER NOT NULL DEFAULT 0,         -- from 1, in the order they became whole; 0 before
        day         INTEGER NOT NULL,                   -- when it became whole
        manifest    BLOB NOT NULL,
        PRIMARY KEY (workspace, pack)
     ) STRICT;
     CREATE INDEX pack_of_circle ON pack (workspace, circle, seq);
     CREATE TABLE pack_piece (
        workspace   BLOB NOT NULL,
        pack        BLOB NOT NULL,
        number      INTEGER NOT NULL,                   -- from 0
        bytes       BLOB NOT NULL,
        PRIMARY KEY (workspace, pack, number)
     ) STRICT;
     CREATE TABLE attestation (
        workspace   BLOB NOT NULL,
        pack        BLOB NOT NULL,
        device      BLOB NOT NULL,
        bytes       BLOB NOT NULL,
        PRIMARY KEY (workspace, pack, device)
     ) STRICT, WITHOUT ROWID;",
    // 4
    "ALTER TABLE circle ADD COLUMN lost INTEGER NOT NULL DEFAULT 0;      -- 1: its log began by healing",
    // 5
    "ALTER TABLE workspace ADD COLUMN attachments INTEGER NOT NULL DEFAULT 0;  -- octets they are charged
     CREATE TABLE attachment (
        workspace   BLOB NOT NULL,
        attachment  BLOB NOT NULL,                      -- half hash over workspace and hashes
        pieces      INTEGER NOT NULL,                   -- when it is whole; 0 if it was dropped
        held        INTEGER NOT NULL DEFAULT 0,         -- pieces that have arrived
        day         INTEGER NOT NULL,                   -- of the newest piece; 0 once it is whole or dropped
        hashes      BLOB NOT NULL,                      -- SHA-256 of each piece
        PRIMARY KEY (workspace, attachment)
     ) STRICT;
     CREATE INDEX attachment_unfinished ON attachment (workspace, day) WHERE day > 0;
     CREATE TABLE attachment_piece (
        workspace   BLOB NOT NULL,
        attachment  BLOB NOT NULL,
        number      INTEGER NOT NULL,                   -- from 0
        bytes       BLOB NOT NULL,
        PRIMARY KEY (workspace, attachment, number)
     ) STRICT;",
    // 6
    "CREATE TABLE late_attachments (
        workspace   BLOB NOT NULL,
        device      BLOB NOT NULL,                      -- one that was revoked
        octets      INTEGER NOT NULL,                   -- of attachments, brought since then
        PRIMARY KEY (workspace, device)
     ) STRICT, WITHOUT ROWID;",
];

/// Opens the one connection that writes, and brings the tables up to date.
pub(super) fn open_writer(path: &Path) -> Result<Connection, LogError> {
    let mut connection = Connection::open(path)?;
    connection.set_prepared_statement_cache_capacity(64);
    keep_plans(&connection)?;
    connection.busy_timeout(std::time::Duration::from_secs(10))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "trusted_schema", "OFF")?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "journal_size_limit", 64 << 20)?;
    migrate(&mut connection)?;
    Ok(connection)
}

/// Opens a connection that can only read.
pub(crate) fn open_reader(path: &Path) -> Result<Connection, LogError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    keep_plans(&connection)?;
    connection.busy_timeout(std::time::Duration::from_secs(10))?;
    connection.pragma_update(None, "trusted_schema", "OFF")?;
    connection.pragma_update(None, "query_only", "ON")?;
    refuse_newer(&connection)?;
    Ok(connection)
}

/// Without it, binding another value may plan a statement anew.
fn keep_plans(connection: &Connection) -> Result<(), LogError> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}

/// Only a log that has every table can be examined.
pub(crate) fn refuse_older(connection: &Connection) -> Result<(), LogError> {
    let (found, known) = versions(connection)?;
    if found < known { Err(LogError::Older { found, known }) } else { Ok(()) }
}

/// The version of the file, and the newest one this program knows.
fn versions(connection: &Connection) -> Result<(i64, i64), LogError> {
    let found = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    Ok((found, i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX)))
}

fn refuse_newer(connection: &Connection) -> Result<usize, LogError> {
    let (found, known) = versions(connection)?;
    if found > known {
        return Err(LogError::Newer { found, known });
    }
    usize::try_from(found).map_err(|_| LogError::Damaged("schema version"))
}

fn migrate(connection: &mut Connection) -> Result<(), LogError> {
    let done = refuse_newer(connection)?;
    for (version, step) in MIGRATIONS.iter().enumerate().skip(done) {
        let transaction = connection.transaction()?;
        transaction.execute_batch(step)?;
        transaction.pragma_update(None, "user_version", super::int(version as u64 + 1))?;
        transaction.commit()?;
    }
    Ok(())
}

/// The file's generation, made on first use.
pub(super) fn generation(connection: &mut Connection) -> Result<[u8; 8], LogError> {
    let mut fresh = [0u8; 8];
    SystemRandom::new().fill(&mut fresh).map_err(|_| LogError::Damaged("no random numbers"))?;
    connection.execute("INSERT OR IGNORE INTO server (one, generation) VALUES (1, ?1)", [&fresh[..]])?;
    connection
        .query_row("SELECT generation FROM server", [], |row| row.get(0))
        .map_err(|_| LogError::Damaged("generation"))
}

/// Lets the file grow to `octets` at most; 0 for no limit.
pub(super) fn limit(connection: &Connection, octets: u64) -> Result<(), LogError> {
    let page: i64 = connection.pragma_query_value(None, "page_size", |row| row.get(0))?;
    let most = match octets {
        0 => i64::from(u32::MAX - 1),
        octets => (super::int(octets) / page.max(1)).max(1),
    };
    connection.pragma_update_and_check(None, "max_page_count", most, |_| Ok(()))?;
    Ok(())
}

/// Whether reading works.
pub(super) fn check(connection: &Connection) -> Result<(), LogError> {
    connection.query_row("SELECT generation FROM server", [], |_| Ok(()))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_of_a_newer_version_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.db");
        let connection = open_writer(&path).unwrap();
        connection.pragma_update(None, "user_version", 99).unwrap();
        drop(connection);
        let known = i64::try_from(MIGRATIONS.len()).unwrap();
        for opened in [open_writer(&path), open_reader(&path)] {
            let error = opened.unwrap_err();
            assert!(matches!(error, LogError::Newer { found: 99, known: k } if k == known));
            assert!(error.to_string().contains("update"));
        }
    }

    #[test]
    fn every_primary_key_begins_with_the_workspace() {
        let folder = tempfile::tempdir().unwrap();
        let connection = open_writer(&folder.path().join("log.db")).unwrap();
        let mut statement = connection
            .prepare(
                "SELECT t.name, c.name FROM sqlite_schema t, pragma_table_info(t.name) c
                 WHERE t.type = 'table' AND c.pk = 1 ORDER BY 1",
            )
            .unwrap();
        let keys: Vec<(String, String)> = statement
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        assert_eq!(keys.len(), 15);
        for (table, first) in keys {
            assert!(first == "workspace" || table == "server", "{table} begins with {first}");
        }
    }

    #[test]
    fn the_file_is_plain_sqlite() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.db");
        drop(open_writer(&path).unwrap());
        assert!(std::fs::read(&path).unwrap().starts_with(b"SQLite format 3\0"));
    }
}
