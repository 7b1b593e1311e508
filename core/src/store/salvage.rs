//! What can be read of a database of which pages are damaged.
//!
//! SQLCipher refuses a database at its first bad page, and without the pages that lead to them SQLite does not find
//! whole ones. So each page is checked from outside ([`PageCheck`]), the whole ones are opened by SQLCipher in a
//! scratch file that has a good first page, and every leaf of a table is read for itself (`leaf.rs`): which table
//! a row belongs to shows in the types of its columns. Pages in the write-ahead log stand for newer states of theirs.
//!
//! The salt in the first 16 octets of the file is no secret, and nothing can be checked without it. A copy of it lies
//! in `vault.db-salt`.

mod leaf;
mod refill;
mod sorting;
mod tables;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::path::Path;

use cairn_wire::id::DocumentId;
use rusqlite::Connection;
use rusqlite::types::Value;
use zeroize::Zeroizing;

use super::{StoreError, beside, id16, schema, uint};
use crate::crypto::{PAGE, VaultKey};
use leaf::Pages;
pub use refill::{Refill, Refilled};
use sorting::{Sorted, Standing};
use tables::TABLES;

const SALT: usize = 16;
/// 16 GiB.
const MOST_PAGES: u64 = 1 << 22;
/// How many times as long as what is left of it a database is thought to have been.
const MOST_TIMES: u64 = 32;

/// What was read, and what was not.
#[derive(Default)]
pub struct Salvage {
    /// Pages of the database, as far as they are known.
    pub pages: u32,
    /// Pages that are not what was written there: number and octets.
    pub damaged: Vec<(u32, Vec<u8>)>,
    /// Pages that are missing at the end.
    pub missing: u32,
    /// Pages in the write-ahead log, and how many of them are damaged.
    pub logged: (u32, u32),
    /// Whether the log goes on behind its last commit: a power cut, or damage to what was done last.
    pub ends_torn: bool,
    /// Rows that could not be read to their end, by table.
    pub torn: BTreeMap<&'static str, u64>,
    /// Documents whose rows could not be read to their end.
    pub torn_documents: BTreeSet<DocumentId>,
    rows: BTreeMap<&'static str, Vec<Found>>,
}

/// A row as it goes into a new database.
struct Found {
    values: Vec<Value>,
    /// Whether it may have been changed or removed since.
    may_be_older: bool,
}

/// Keeps a copy of the salt beside the database, for the day on which its first page is damaged.
pub(super) fn keep_salt(path: &Path) {
    let Some(salt) = fs::File::open(path).ok().and_then(first::<SALT>) else { return };
    let kept = beside(path, "-salt");
    if fs::read(&kept).is_ok_and(|kept| kept == salt) {
        return;
    }
    // A full disk keeps nobody from opening: the next opening tries again.
    _ = fs::File::create(&kept).and_then(|mut file| file.write_all(&salt).and_then(|()| file.sync_all()));
}

fn first<const N: usize>(mut from: impl std::io::Read) -> Option<[u8; N]> {
    let mut octets = [0; N];
    from.read_exact(&mut octets).ok()?;
    Some(octets)
}

impl Salvage {
    /// Reads what can be read of the database at `path`, changing nothing there; `scratch` is a file that does not
    /// exist and may not be left behind.
    ///
    /// # Errors
    /// [`StoreError::WrongKey`] if not one page can be read: it is another database's key, or nothing is left.
    pub fn read(path: &Path, key: &VaultKey, scratch: &Path) -> Result<Self, StoreError> {
        let octets = fs::read(path).map_err(StoreError::File)?;
        let log = fs::read(beside(path, "-wal")).unwrap_or_default();
        let kept = fs::read(beside(path, "-salt")).unwrap_or_default();
        let mut salvage = Self::default();
        let Sorted { pages, salt, whole, standing, touched, damaged, logged, ends_torn } =
            sorting::sort(key, &octets, &log, &kept)?;
        (salvage.pages, salvage.damaged, salvage.logged, salvage.ends_torn) =
            (pages, damaged, logged, ends_torn);
        let plain = open_pages(key, &salt, &whole, scratch);
        // Whatever came of it.
        _ = fs::remove_file(scratch);
        let stands = |number| standing.get(number).copied().unwrap_or(Standing::Newest);
        let stands = whole.keys().map(|number| (*number, stands(number))).collect();
        salvage.read_rows(&Pages::new(plain?, stands, touched));
        Ok(salvage)
    }

    fn read_rows(&mut self, pages: &Pages) {
        if let Some(known) = pages.size_said_by_the_first() {
            self.missing = known.saturating_sub(self.pages);
        }
        for row in pages.rows() {
            let Some(table) = TABLES.iter().find(|table| table.fits(&row)) else { continue };
            let may_be_older = row.may_be_older;
            if row.is_torn || (row.may_be_mixed && !table.proves_itself()) {
                *self.torn.entry(table.name).or_default() += 1;
                if let (true, Some(Value::Blob(id))) = (table.name == "document", row.columns.get(1))
                    && let Ok(id) = id16(id.clone(), "document")
                {
                    self.torn_documents.insert(DocumentId(id));
                }
                continue;
            }
            let values = table.values(row);
            self.rows.entry(table.name).or_default().push(Found { values, may_be_older });
        }
    }

    /// Entries of the roster as far as they were found, by number. Several of one number are possible.
    pub fn roster(&self) -> Vec<(u64, Vec<u8>)> {
        let rows = self.rows.get("roster").map(Vec::as_slice).unwrap_or_default();
        let entry = |row: &Found| match row.values.as_slice() {
            [Value::Integer(number), Value::Blob(entry)] => Some((uint(*number), entry.clone())),
            _ => None,
        };
        let mut found: Vec<_> = rows.iter().filter_map(entry).collect();
        found.sort();
        found.dedup();
        found
    }
}

/// Has SQLCipher open whole pages. They stand in a scratch file, encrypted as ever, behind another first page.
fn open_pages(
    key: &VaultKey,
    salt: &[u8; SALT],
    whole: &BTreeMap<u32, Vec<u8>>,
    scratch: &Path,
) -> Result<Zeroizing<Vec<u8>>, StoreError> {
    let last = whole.keys().copied().max().unwrap_or(1);
    let connection = Connection::open(scratch)?;
    schema::key_with_salt(&connection, key, salt)?;
    connection.execute_batch("PRAGMA journal_mode = OFF; CREATE TABLE room (octets)")?;
    let room = i64::from(last).saturating_add(8).saturating_mul(PAGE as i64);
    connection.execute("INSERT INTO room VALUES (zeroblob(?1))", [room])?;
    drop(connection);
    let mut octets = fs::read(scratch).map_err(StoreError::File)?;
    for (place, number) in octets.chunks_exact_mut(PAGE).zip(1..) {
        // Where none is whole the scratch file's own page stays: SQLCipher reads nothing behind one that it refuses.
        if let Some(page) = whole.get(&number).filter(|_| number > 1) {
            place.copy_from_slice(page);
        }
    }
    fs::write(scratch, octets).map_err(StoreError::File)?;
    let mut connection = Connection::open(scratch)?;
    schema::key_with_salt(&connection, key, salt)?;
    let mut plain = Zeroizing::new(connection.serialize("main")?.to_vec());
    drop(connection);
    // The true first page holds nothing but the schema, and how many pages there were.
    let first_page = whole.get(&1).and_then(|page| first_plain(key, salt, page, last, scratch));
    for (place, one) in plain.iter_mut().zip(first_page.unwrap_or_else(|| vec![0; PAGE])) {
        *place = one;
    }
    Ok(plain)
}

/// The database's own first page, opened for itself; of what it says, how many pages there were.
/// `seen` is how many pages are known.
fn first_plain(key: &VaultKey, salt: &[u8; SALT], page: &[u8], seen: u32, scratch: &Path) -> Option<Vec<u8>> {
    fs::write(scratch, page).ok()?;
    // SQLite wants a file that is not too short for what the page says. Where files have no holes the room is taken
    // from the disk, so it is made no larger than it must be.
    let mut room = u64::from(seen);
    let size = loop {
        let file = fs::OpenOptions::new().write(true).open(scratch).ok()?;
        file.set_len(room * PAGE as u64).ok()?;
        drop(file);
        if let Some(size) = size_said(key, salt, scratch) {
            break size;
        }
        let most = MOST_PAGES.min(u64::from(seen).saturating_mul(MOST_TIMES));
        room = Some(room * 2).filter(|room| *room <= most)?;
    };
    let mut first = vec![0; PAGE];
    first.get_mut(28..32)?.copy_from_slice(&size.to_be_bytes());
    Some(first)
}

fn size_said(key: &VaultKey, salt: &[u8; SALT], scratch: &Path) -> Option<u32> {
    let connection = Connection::open(scratch).ok()?;
    schema::key_with_salt(&connection, key, salt).ok()?;
    let size: i64 = connection.query_row("PRAGMA page_count", [], |row| row.get(0)).ok()?;
    u32::try_from(size).ok()
}
