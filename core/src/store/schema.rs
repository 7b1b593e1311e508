//! Pragmas, and the one loop that brings any older schema up to date.

use std::fmt::Write;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode};
use zeroize::Zeroizing;

use super::StoreError;
use super::alarms::fill_roots;
use crate::crypto::VaultKey;

/// Every step from an empty database to today's schema; a step is never edited once released.
pub(super) const STEPS: &[&str] = &[
    include_str!("schema.sql"),
    GOSSIP,
    include_str!("schema_letters.sql"),
    include_str!("schema_heal.sql"),
    include_str!("schema_packs.sql"),
    include_str!("schema_invitations.sql"),
    include_str!("schema_circles.sql"),
    include_str!("schema_erasure.sql"),
    include_str!("schema_kept.sql"),
    include_str!("schema_submit.sql"),
    include_str!("schema_late.sql"),
    include_str!("schema_drafts.sql"),
    include_str!("schema_tables.sql"),
    include_str!("schema_departures.sql"),
    include_str!("schema_sealed.sql"),
    include_str!("schema_attachments.sql"),
    include_str!("schema_tasks.sql"),
    include_str!("schema_troubles.sql"),
    include_str!("schema_let_go.sql"),
];
/// The step after which the roots of the log that is there are computed.
const GOSSIP: &str = include_str!("schema_gossip.sql");

/// Keys the connection and sets what each vault needs; docs/STORAGE.md gives the reasons.
pub(super) fn prepare(connection: &Connection, key: &VaultKey) -> Result<(), StoreError> {
    connection.set_prepared_statement_cache_capacity(128);
    // Without it, binding another value may plan a statement anew, which locked memory makes slow.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    pragma(connection, "PRAGMA cipher_log_level = NONE")?;
    pragma(connection, "PRAGMA cipher_memory_security = ON")?;
    let mut statement = Zeroizing::new(String::with_capacity(96));
    statement.push_str("PRAGMA key = \"x'");
    for octet in key.as_bytes() {
        // Writing to a String cannot fail.
        let _ = write!(statement, "{octet:02x}");
    }
    statement.push_str("'\"");
    pragma(connection, &statement)?;
    pragma(connection, "PRAGMA cipher_compatibility = 4")?;
    // The first read is what tells a wrong key.
    let first = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()));
    first.map_err(|error| match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => StoreError::WrongKey,
        _ => error.into(),
    })?;
    for setting in [
        "PRAGMA auto_vacuum = INCREMENTAL",
        "PRAGMA journal_mode = WAL",
        "PRAGMA synchronous = FULL",
        "PRAGMA secure_delete = ON",
        "PRAGMA temp_store = MEMORY",
        "PRAGMA trusted_schema = OFF",
        "PRAGMA foreign_keys = ON",
        "PRAGMA mmap_size = 0",
        "PRAGMA busy_timeout = 2000",
    ] {
        pragma(connection, setting)?;
    }
    Ok(())
}

/// Keys a connection to a database of which the salt is known, and no more.
pub(super) fn key_with_salt(
    connection: &Connection,
    key: &VaultKey,
    salt: &[u8; 16],
) -> Result<(), StoreError> {
    pragma(connection, "PRAGMA cipher_log_level = NONE")?;
    pragma(connection, "PRAGMA cipher_memory_security = ON")?;
    let mut statement = Zeroizing::new(String::with_capacity(128));
    statement.push_str("PRAGMA key = \"x'");
    for octet in key.as_bytes().iter().chain(salt) {
        // Writing to a String cannot fail.
        let _ = write!(statement, "{octet:02x}");
    }
    statement.push_str("'\"");
    pragma(connection, &statement)?;
    pragma(connection, "PRAGMA cipher_compatibility = 4")
}

fn pragma(connection: &Connection, statement: &str) -> Result<(), StoreError> {
    let mut statement = connection.prepare(statement)?;
    let mut rows = statement.query([])?;
    while rows.next()?.is_some() {}
    Ok(())
}

/// Runs the steps that are missing, each in a transaction of its own.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    let known = STEPS.len() as i64;
    let found: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if found > known {
        return Err(StoreError::TooNew { found, known });
    }
    for (index, step) in STEPS.iter().enumerate().skip(usize::try_from(found).unwrap_or(0)) {
        let transaction = connection.transaction()?;
        transaction.execute_batch(step)?;
        if *step == GOSSIP {
            fill_roots(&transaction)?;
        }
        transaction.execute_batch(&format!("PRAGMA user_version = {}", index + 1))?;
        transaction.commit()?;
    }
    Ok(())
}
