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
mod tables;

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};
use zeroize::Zeroizing;

use super::{Rows, Store, StoreError, beside, id16, schema, uint};
use crate::crypto::{PAGE, PageCheck, VaultKey};
use cairn_wire::id::{DocumentId, RecordId};
use leaf::Pages;
use tables::TABLES;

const SALT: usize = 16;
const LOG_HEADER: usize = 32;
const FRAME: usize = 24;
/// 16 GiB.
const MOST_PAGES: u32 = 1 << 22;

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
    /// Rows that could not be read to their end, by table.
    pub torn: BTreeMap<&'static str, u64>,
    /// Documents whose rows could not be read to their end.
    pub torn_documents: Vec<DocumentId>,
    rows: BTreeMap<&'static str, Vec<Vec<Value>>>,
}

/// How many rows of each table were taken over.
pub type Refilled = BTreeMap<&'static str, u64>;

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
        let (whole, salt) = salvage.sort_pages(key, &octets, &log, &kept)?;
        let plain = open_pages(key, &salt, &whole, scratch);
        // Whatever came of it.
        _ = fs::remove_file(scratch);
        salvage.read_rows(&Pages::new(plain?, whole.keys().copied().collect()));
        Ok(salvage)
    }

    /// The newest whole state of each page.
    fn sort_pages(
        &mut self,
        key: &VaultKey,
        octets: &[u8],
        log: &[u8],
        kept: &[u8],
    ) -> Result<(BTreeMap<u32, Vec<u8>>, [u8; SALT]), StoreError> {
        let framed = || log.get(LOG_HEADER..).unwrap_or_default().chunks_exact(FRAME + PAGE);
        // Where the log's own header is damaged, its first frame says which frames belong together.
        let mark = log.get(16..24).filter(|mark| framed().any(|frame| frame.get(8..16) == Some(*mark)));
        let mark = mark.or_else(|| framed().next().and_then(|frame| frame.get(8..16)));
        let frames: Vec<(u32, bool, &[u8])> = framed()
            .filter_map(|frame| {
                let (header, page) = frame.split_at_checked(FRAME)?;
                let (number, rest) = header.split_first_chunk::<4>()?;
                let commits = rest.first_chunk::<4>().is_some_and(|size| *size != [0; 4]);
                // A page that was put into the log before it was last emptied is of no account.
                let is_new = header.get(8..16) == mark;
                is_new.then_some((u32::from_be_bytes(*number), commits, page))
            })
            .collect();
        let pages: Vec<(u32, &[u8])> =
            octets.chunks(PAGE).zip(1..).map(|(page, number)| (number, page)).collect();
        let first_pages = frames.iter().filter(|(number, _, _)| *number == 1).map(|(_, _, page)| *page);
        let salts =
            [octets, kept].into_iter().chain(first_pages).filter_map(|from| from.first_chunk::<SALT>());
        let counted = salts.map(|salt| {
            let check = PageCheck::new(key, salt);
            let whole = pages.iter().filter(|(number, page)| check.is_whole(*number, page)).count();
            (
                whole + frames.iter().filter(|(number, _, page)| check.is_whole(*number, page)).count(),
                *salt,
                check,
            )
        });
        let best = counted.max_by_key(|(whole, _, _)| *whole).filter(|(whole, _, _)| *whole > 0);
        let (_, salt, check) = best.ok_or(StoreError::WrongKey)?;
        let mut whole = BTreeMap::new();
        for (number, page) in &pages {
            if check.is_whole(*number, page) {
                whole.insert(*number, page.to_vec());
            } else {
                self.damaged.push((*number, page.to_vec()));
            }
        }
        // What was not committed in the end was never acknowledged.
        let committed = frames.iter().rposition(|(_, commits, _)| *commits).map_or(0, |last| last + 1);
        for (number, _, page) in frames.iter().take(committed) {
            self.logged.0 += 1;
            if check.is_whole(*number, page) {
                whole.insert(*number, page.to_vec());
            } else {
                self.logged.1 += 1;
            }
        }
        self.damaged.retain(|(number, _)| !whole.contains_key(number));
        self.pages =
            u32::try_from(pages.len()).unwrap_or(u32::MAX).max(whole.keys().copied().max().unwrap_or(0));
        Ok((whole, salt))
    }

    fn read_rows(&mut self, pages: &Pages) {
        if let Some(known) = pages.size_said_by_the_first() {
            self.missing = known.saturating_sub(self.pages);
        }
        for row in pages.rows() {
            let Some(table) = TABLES.iter().find(|table| table.fits(&row)) else { continue };
            if row.is_torn {
                *self.torn.entry(table.name).or_default() += 1;
                if let (true, Some(Value::Blob(id))) = (table.name == "document", row.columns.get(1))
                    && let Ok(id) = id16(id.clone(), "document")
                {
                    self.torn_documents.push(DocumentId(id));
                }
                continue;
            }
            self.rows.entry(table.name).or_default().push(table.values(row));
        }
    }

    /// Entries of the roster as far as they were found, by number. Several of one number are possible.
    pub fn roster(&self) -> Vec<(u64, Vec<u8>)> {
        let rows = self.rows.get("roster").map(Vec::as_slice).unwrap_or_default();
        let entry = |row: &Vec<Value>| match row.as_slice() {
            [Value::Integer(number), Value::Blob(entry)] => Some((uint(*number), entry.clone())),
            _ => None,
        };
        let mut found: Vec<_> = rows.iter().filter_map(entry).collect();
        found.sort();
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
    let first_page = whole.get(&1).and_then(|page| first_plain(key, salt, page, scratch));
    for (place, one) in plain.iter_mut().zip(first_page.unwrap_or_else(|| vec![0; PAGE])) {
        *place = one;
    }
    Ok(plain)
}

/// The database's own first page, opened for itself; of what it says, how many pages there were.
fn first_plain(key: &VaultKey, salt: &[u8; SALT], page: &[u8], scratch: &Path) -> Option<Vec<u8>> {
    fs::write(scratch, page).ok()?;
    // SQLite wants a file that is not too short for what the page says; nothing is written into the rest.
    fs::OpenOptions::new()
        .write(true)
        .open(scratch)
        .ok()?
        .set_len(u64::from(MOST_PAGES) * PAGE as u64)
        .ok()?;
    let connection = Connection::open(scratch).ok()?;
    schema::key_with_salt(&connection, key, salt).ok()?;
    let size: i64 = connection.query_row("PRAGMA page_count", [], |row| row.get(0)).ok()?;
    let size = u32::try_from(size).ok().filter(|size| *size < MOST_PAGES)?;
    let mut first = vec![0; PAGE];
    first.get_mut(28..32)?.copy_from_slice(&size.to_be_bytes());
    Some(first)
}

impl Store {
    /// Takes rows over from another database that could not be read as a whole. Segments are taken in again later.
    ///
    /// # Errors
    /// What the database says.
    pub fn refill(&mut self, salvage: &Salvage) -> Result<Refilled, StoreError> {
        let mut filled = Refilled::new();
        self.connection.execute_batch("PRAGMA foreign_keys = OFF")?;
        let transaction = self.connection.transaction()?;
        for table in TABLES.iter().filter(|table| table.name != "roster") {
            let Some(rows) = salvage.rows.get(table.name) else { continue };
            let mut statement = transaction.prepare(&table.insert())?;
            for row in rows {
                // One that does not fit beside the others is left out.
                let done = statement.execute(params_from_iter(row)).unwrap_or(0);
                *filled.entry(table.name).or_default() += done as u64;
            }
        }
        transaction.commit()?;
        Ok(filled)
    }
}

impl Rows<'_> {
    /// Documents whose record has no line, with the number it had.
    pub fn without_record(&self) -> Result<Vec<(u64, Vec<u8>)>, StoreError> {
        let sql = "SELECT record, bytes FROM document WHERE record NOT IN (SELECT number FROM record)";
        let mut statement = self.connection.prepare(sql)?;
        let rows = statement.query_map([], |row| Ok((uint(row.get(0)?), row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Gives documents a line for their record.
    pub fn put_record_line(&self, number: u64, record: &RecordId) -> Result<(), StoreError> {
        let sql = "INSERT OR IGNORE INTO record (number, id, form, title, changed) VALUES (?1, ?2, 0, '', 0)";
        self.connection.execute(sql, rusqlite::params![super::int(number), record.0])?;
        Ok(())
    }

    /// Records of which there is a line and no document.
    pub fn without_documents(&self) -> Result<Vec<RecordId>, StoreError> {
        let sql = "SELECT id FROM record WHERE number NOT IN (SELECT record FROM document) ORDER BY number";
        let mut statement = self.connection.prepare(sql)?;
        let rows: Vec<Vec<u8>> = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        rows.into_iter().map(|id| Ok(RecordId(id16(id, "record")?))).collect()
    }

    /// Every row of the outbox and every own segment that the server has not been seen to have, with its circle.
    pub fn every_unsent(&self) -> Result<Vec<(Vec<u8>, Vec<u8>)>, StoreError> {
        let sql = "SELECT document, bytes FROM outbox UNION ALL SELECT x'', s.bytes FROM sealed s \
                   LEFT JOIN circle c ON c.circle = s.circle WHERE c.circle IS NULL OR s.seq > c.acknowledged";
        let mut statement = self.connection.prepare(sql)?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
