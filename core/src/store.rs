//! Where things rest: the only room with rusqlite.
//!
//! The database is encrypted by SQLCipher with a raw 256-bit key. One gesture of a person is one
//! transaction ([`Store::gesture`]); inside it the methods of [`Rows`] are one statement each, sorted
//! by noun into the files of this room. `schema.sql` describes the tables.

mod alarms;
mod attachments;
#[cfg(feature = "rehearsal")]
mod counting;
mod departures;
mod documents;
mod drafts;
mod erasures;
mod facts;
mod finished;
mod forms;
mod heal;
mod invitations;
mod kept;
mod labels;
mod letters;
mod log;
mod outbox;
mod packs;
mod people;
mod quarantine;
mod salvage;
mod schema;
mod search;
mod submitted;
mod tables;
mod tasks;
mod wal;

pub use alarms::{AlarmKind, AlarmRow, HalfRoot, WitnessRow};
pub use attachments::{AttachmentRow, AttachmentState};
#[cfg(feature = "rehearsal")]
pub use counting::{Counted, rehearse_counting};
pub use departures::{DepartureRow, EndRow, Ended};
pub use documents::{Listed, ListedConflict, NewDocument, PartRow};
pub use drafts::DraftRow;
pub use erasures::ErasureRow;
pub use finished::FinishedRow;
pub use forms::FormRow;
pub use invitations::{Compare, InvitationRow};
pub use kept::KeptPack;
pub use labels::{LabelRow, SharedRow};
pub use letters::{LetterRow, LetterState};
pub use log::{CircleRow, SegmentRow, SegmentState};
pub use outbox::{OutboxKind, OutboxRow, SealedRow};
pub use people::{ChainRow, ImportRow};
pub use quarantine::QuarantineRow;
pub use salvage::{Refill, Refilled, Salvage};
pub use search::Filter;
pub use tables::{PieceRow, WaitingFormRow};
pub use tasks::{TaskPlace, TaskRow};

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};

use crate::crypto::VaultKey;

/// Why something could not be kept or found.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The key is not the database's.
    #[error("the key does not open this vault")]
    WrongKey,
    /// Made by a newer version of this software.
    #[error("this vault has schema {found}, this software knows up to {known}: update it")]
    TooNew {
        /// The vault's schema.
        found: i64,
        /// The newest this code knows.
        known: i64,
    },
    /// No space left.
    #[error("the disk is full")]
    Full,
    /// Another process has it open.
    #[error("the vault is in use by another program")]
    InUse,
    /// The database is damaged; nothing was changed.
    #[error("the vault's database is damaged")]
    Damaged,
    /// The write-ahead log is damaged: opening would forget what was kept. Nothing was changed.
    #[error("the vault's write-ahead log is damaged")]
    LogDamaged,
    /// The disk would not read or write; nothing that was acknowledged has changed.
    #[error("the disk would not read or write the vault's database: {0}")]
    Disk(rusqlite::Error),
    /// The same, before the database was asked.
    #[error("the disk would not read the vault's database: {0}")]
    File(std::io::Error),
    /// A stored value is not what it must be.
    #[error("a stored {0} is not readable")]
    Unreadable(&'static str),
    /// Anything else the database says; its text names tables, never contents.
    #[error("the vault's database failed: {0}")]
    Database(rusqlite::Error),
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        // Where there is no room for the index of the write-ahead log, only the longer code says so.
        if error.sqlite_error().is_some_and(|said| said.extended_code == rusqlite::ffi::SQLITE_IOERR_SHMSIZE)
        {
            return Self::Full;
        }
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full,
            // Once the key has opened it, a page that does not authenticate is a damaged page.
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Damaged,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::InUse,
            Some(ErrorCode::SystemIoFailure | ErrorCode::CannotOpen | ErrorCode::ReadOnly) => {
                Self::Disk(error)
            }
            _ => Self::Database(error),
        }
    }
}

/// The encrypted database.
pub struct Store {
    connection: Connection,
    words: RefCell<WordNumbers>,
}

/// Numbers of words that were looked up before; emptied whenever a gesture is undone.
type WordNumbers = HashMap<String, i64>;

/// The statements; borrowed from a [`Store`] for reading, or inside a gesture for writing.
#[derive(Clone, Copy)]
pub struct Rows<'a> {
    connection: &'a Connection,
    words: &'a RefCell<WordNumbers>,
}

impl Store {
    /// Opens the database at `path`, making it if there is none, and brings its schema up to date.
    ///
    /// # Errors
    /// [`StoreError::LogDamaged`] where SQLite would go on without what it cannot read, and what the database says.
    pub fn open(path: &Path, key: &VaultKey) -> Result<Self, StoreError> {
        if wal::is_damaged(&beside(path, "-wal")).map_err(StoreError::File)? {
            return Err(StoreError::LogDamaged);
        }
        let connection = Connection::open_with_flags(
            path,
            OpenFlags::SQLITE_OPEN_READ_WRITE
                | OpenFlags::SQLITE_OPEN_CREATE
                | OpenFlags::SQLITE_OPEN_NO_MUTEX
                | OpenFlags::SQLITE_OPEN_PRIVATE_CACHE,
        )?;
        schema::prepare(&connection, key)?;
        let mut store = Self { connection, words: RefCell::default() };
        #[cfg(feature = "rehearsal")]
        counting::watch(&mut store.connection)?;
        schema::migrate(&mut store.connection)?;
        salvage::keep_salt(path);
        Ok(store)
    }

    /// The statements, for reading.
    pub fn rows(&self) -> Rows<'_> {
        Rows { connection: &self.connection, words: &self.words }
    }

    /// One gesture, one transaction: all of it is on disk when this returns, or none of it.
    pub fn gesture<T, E: From<StoreError>>(
        &mut self,
        gesture: impl FnOnce(Rows<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(StoreError::from)?;
        let done = gesture(Rows { connection: &transaction, words: &self.words })
            .and_then(|done| Ok(transaction.commit().map(|()| done).map_err(StoreError::from)?));
        if done.is_err() {
            self.words.borrow_mut().clear();
        }
        done
    }

    /// Writes everything into the main file and empties the write-ahead log; done at lock.
    ///
    /// # Errors
    /// [`StoreError::InUse`] where another connection still reads from that log, and what the disk says.
    pub fn checkpoint(&self) -> Result<(), StoreError> {
        let busy: i64 = self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
        if busy == 0 { Ok(()) } else { Err(StoreError::InUse) }
    }

    /// Closes it without moving anything into the main file: what is in the write-ahead log stays there, as after a
    /// power cut.
    pub fn let_go(self) {
        // Should that fail, closing takes longer, and nothing else is different.
        _ = self.connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true);
    }

    /// Gives back pages that nothing uses any more, if they have become many.
    pub fn shrink(&self) -> Result<(), StoreError> {
        let number = |pragma: &str| -> Result<i64, StoreError> {
            Ok(self.connection.query_row(pragma, [], |row| row.get(0))?)
        };
        if number("PRAGMA freelist_count")? * 8 > number("PRAGMA page_count")? {
            let mut statement = self.connection.prepare("PRAGMA incremental_vacuum")?;
            let mut rows = statement.query([])?;
            while rows.next()?.is_some() {}
        }
        Ok(())
    }

    /// Takes what was deleted out of the search index and the write-ahead log too: the index otherwise keeps
    /// the words of a deleted document until it happens to be merged.
    pub fn scrub(&self) -> Result<(), StoreError> {
        self.connection.execute("INSERT INTO search (search) VALUES ('optimize')", [])?;
        self.checkpoint()
    }

    /// Every table in plain, as the octets of a database file. For tests: a product never writes this.
    #[cfg(feature = "rehearsal")]
    pub fn rehearse_plain(&self, scratch: &Path) -> Result<Vec<u8>, StoreError> {
        let path = scratch.to_string_lossy();
        self.connection.execute("ATTACH DATABASE ?1 AS plain KEY ''", [&path])?;
        let exported = self.connection.query_row("SELECT sqlcipher_export('plain')", [], |_| Ok(()));
        self.connection.execute("DETACH DATABASE plain", [])?;
        exported?;
        let bytes = std::fs::read(scratch).map_err(|_| StoreError::Unreadable("scratch file"))?;
        Ok(bytes)
    }

    /// Commits without a sync, so that tests can show that they would notice. Never in a product.
    #[cfg(feature = "rehearsal")]
    pub fn rehearse_carelessness(&self) -> Result<(), StoreError> {
        self.connection.execute_batch("PRAGMA synchronous = NORMAL")?;
        Ok(())
    }

    /// Every page's authentication and the database's own structure; empty when all is well.
    pub fn examine(&self) -> Result<Vec<String>, StoreError> {
        self.checkpoint()?;
        let mut findings = Vec::new();
        for check in ["PRAGMA cipher_integrity_check", "PRAGMA integrity_check(20)"] {
            let mut statement = self.connection.prepare(check)?;
            let rows = statement.query_map([], |row| row.get::<_, String>(0))?;
            for row in rows {
                let row = row?;
                if row != "ok" {
                    findings.push(row);
                }
            }
        }
        Ok(findings)
    }

    /// Every page as the key opens it, free ones among them.
    #[cfg(feature = "rehearsal")]
    pub fn every_page(&mut self) -> Result<Vec<u8>, StoreError> {
        Ok(self.connection.serialize("main")?.to_vec())
    }

    /// Limits the database to `pages` pages of 4 KiB, so that a full disk can be rehearsed.
    pub fn limit_pages(&self, pages: u32) -> Result<(), StoreError> {
        self.connection.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(()))?;
        Ok(())
    }
}

/// A file of the database that has its name and some letters more.
fn beside(path: &Path, letters: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(letters);
    PathBuf::from(name)
}

/// Reads an identifier out of a row.
fn id16(bytes: Vec<u8>, what: &'static str) -> Result<[u8; 16], StoreError> {
    bytes.try_into().map_err(|_| StoreError::Unreadable(what))
}

/// Numbers in the protocol are u64, in SQLite i64; none comes near the end of either.
fn int(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// Back from SQLite; a negative number, which nothing writes, reads as 0.
fn uint(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}

#[cfg(test)]
mod tests;
