//! Records, their documents, and what lists and searches know of them.

use std::collections::BTreeSet;

use cairn_wire::id::{CircleId, DocumentId, RecordId};
use rusqlite::{OptionalExtension, params};

use super::{Rows, StoreError, id16, int, uint};
use crate::record::Projection;

/// Words whose numbers are kept at hand.
const WORDS_AT_HAND: usize = 4096;

/// One part of a record: the document itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartRow {
    /// Its row.
    pub number: u64,
    /// Its name in the protocol.
    pub id: DocumentId,
    /// The record's row.
    pub record: u64,
    /// Which part.
    pub part: String,
    /// Which circle it lives in.
    pub circle: CircleId,
    /// The resting document.
    pub bytes: Vec<u8>,
}

/// A document that is not held yet.
#[derive(Debug, Clone, Copy)]
pub struct NewDocument<'a> {
    /// Its name in the protocol.
    pub id: &'a DocumentId,
    /// The record.
    pub record: &'a RecordId,
    /// Which part of it.
    pub part: &'a str,
    /// Which circle it lives in.
    pub circle: &'a CircleId,
    /// The resting document.
    pub bytes: &'a [u8],
}

/// One line of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The record's row: newer records have higher numbers.
    pub number: u64,
    /// The record.
    pub id: RecordId,
    /// The form's row; 0 when it is unknown.
    pub form: u64,
    /// One line that a person recognises it by.
    pub title: String,
    /// The newest change's clock, seconds.
    pub changed: u64,
    /// Whether its case is not held here: it is kept in another circle, or has not arrived.
    pub without_case: bool,
}

/// One unsettled field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedConflict {
    /// The record.
    pub record: RecordId,
    /// The document.
    pub document: DocumentId,
    /// The field.
    pub field: String,
}

impl Rows<'_> {
    /// A document by its name in the protocol.
    pub fn document(&self, id: &DocumentId) -> Result<Option<PartRow>, StoreError> {
        let sql = "SELECT number, id, record, part, circle, bytes FROM document WHERE id = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([id.0])?;
        rows.next()?.map(read_part).transpose()
    }

    /// The parts of a record.
    pub fn parts(&self, record: &RecordId) -> Result<Vec<PartRow>, StoreError> {
        let sql = "SELECT d.number, d.id, d.record, d.part, d.circle, d.bytes FROM document d \
                   JOIN record r ON r.number = d.record WHERE r.id = ?1 ORDER BY d.number";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([record.0])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(read_part(row)?);
        }
        Ok(found)
    }

    /// Keeps a new document and all that is derived from it. `before` is what the record had projected
    /// without it, `after` what it projects with it; only the words are this document's alone.
    pub fn put_document(
        &self,
        new: &NewDocument<'_>,
        before: &Projection,
        after: &Projection,
    ) -> Result<(), StoreError> {
        let NewDocument { id, record, part, circle, bytes } = new;
        let number = self.put_record(record, after)?;
        let sql = "INSERT INTO document (id, record, part, circle, bytes) VALUES (?1, ?2, ?3, ?4, ?5)";
        self.connection.prepare_cached(sql)?.execute(params![id.0, number, part, circle.0, bytes])?;
        let document = uint(self.connection.last_insert_rowid());
        self.put_words(document, after)?;
        self.put_facets(uint(number), &before.facets, &after.facets)?;
        self.put_tasks(uint(number), &before.tasks, &after.tasks)?;
        self.put_conflicts(uint(number), &before.conflicts, &after.conflicts)
    }

    /// The row of a record that has a new part. No statement here may need a savepoint of its own: each
    /// savepoint makes the search index write out what it has gathered, which costs more than all the rest.
    fn put_record(&self, record: &RecordId, projection: &Projection) -> Result<i64, StoreError> {
        let sql = "SELECT number FROM record WHERE id = ?1";
        let known: Option<i64> =
            self.connection.prepare_cached(sql)?.query_row([record.0], |row| row.get(0)).optional()?;
        if let Some(number) = known {
            self.update_record(uint(number), projection)?;
            return Ok(number);
        }
        let sql = "INSERT INTO record (id, form, title, changed) VALUES (?1, ?2, ?3, ?4)";
        self.connection.prepare_cached(sql)?.execute(params![
            record.0,
            int(projection.form),
            projection.title,
            int(projection.changed)
        ])?;
        Ok(self.connection.last_insert_rowid())
    }

    fn update_record(&self, number: u64, projection: &Projection) -> Result<(), StoreError> {
        let sql = "UPDATE record SET form = ?2, title = ?3, changed = ?4 WHERE number = ?1";
        self.connection.prepare_cached(sql)?.execute(params![
            int(number),
            int(projection.form),
            projection.title,
            int(projection.changed)
        ])?;
        Ok(())
    }

    /// Keeps a document's new state; `before` is what the record had projected, `after` what it projects
    /// now; only the words are this document's alone.
    pub fn update_document(
        &self,
        row: &PartRow,
        bytes: &[u8],
        before: &Projection,
        after: &Projection,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE document SET bytes = ?2 WHERE number = ?1";
        self.connection.prepare_cached(sql)?.execute(params![int(row.number), bytes])?;
        self.update_record(row.record, after)?;
        if before.words != after.words {
            let sql = "DELETE FROM search WHERE rowid = ?1";
            self.connection.prepare_cached(sql)?.execute([int(row.number)])?;
            self.put_words(row.number, after)?;
        }
        self.put_facets(row.record, &before.facets, &after.facets)?;
        self.put_tasks(row.record, &before.tasks, &after.tasks)?;
        self.put_conflicts(row.record, &before.conflicts, &after.conflicts)
    }

    /// Takes a document out with all that is derived from it; `before` is what the record had projected, and
    /// `after` what is left.
    pub fn remove_document(
        &self,
        row: &PartRow,
        before: &Projection,
        after: &Projection,
    ) -> Result<(), StoreError> {
        self.put_facets(row.record, &before.facets, &after.facets)?;
        self.put_conflicts(row.record, &before.conflicts, &BTreeSet::new())?;
        self.connection.prepare_cached("DELETE FROM search WHERE rowid = ?1")?.execute([int(row.number)])?;
        self.connection
            .prepare_cached("DELETE FROM document WHERE number = ?1")?
            .execute([int(row.number)])?;
        let sql = "DELETE FROM record WHERE number = ?1 AND NOT EXISTS \
                   (SELECT 1 FROM document WHERE record = ?1)";
        if self.connection.prepare_cached(sql)?.execute([int(row.record)])? == 0 {
            self.update_record(row.record, after)?;
            self.put_conflicts(row.record, &BTreeSet::new(), &after.conflicts)?;
            return self.put_tasks(row.record, &before.tasks, &after.tasks);
        }
        // Whatever was made of it: nothing may be left of a record that is gone.
        self.forget_tasks(row.record)
    }

    fn put_words(&self, document: u64, projection: &Projection) -> Result<(), StoreError> {
        let sql = "INSERT INTO search (rowid, words) VALUES (?1, ?2)";
        self.connection.prepare_cached(sql)?.execute(params![int(document), projection.words])?;
        Ok(())
    }

    fn put_facets(
        &self,
        record: u64,
        before: &BTreeSet<(String, String)>,
        after: &BTreeSet<(String, String)>,
    ) -> Result<(), StoreError> {
        let gone = "DELETE FROM facet WHERE question = ?1 AND choice = ?2 AND record = ?3";
        let come = "INSERT OR IGNORE INTO facet (question, choice, record) VALUES (?1, ?2, ?3)";
        for (sql, facets) in [(gone, before.difference(after)), (come, after.difference(before))] {
            let mut statement = self.connection.prepare_cached(sql)?;
            for (question, choice) in facets {
                statement.execute(params![self.intern(question)?, self.intern(choice)?, int(record)])?;
            }
        }
        Ok(())
    }

    /// The number of a word; a new one if it has none.
    pub(super) fn intern(&self, word: &str) -> Result<i64, StoreError> {
        if let Some(number) = self.words.borrow().get(word) {
            return Ok(*number);
        }
        let number = match self.word(word)? {
            Some(number) => number,
            None => {
                self.connection.prepare_cached("INSERT INTO word (word) VALUES (?1)")?.execute([word])?;
                self.connection.last_insert_rowid()
            }
        };
        let mut words = self.words.borrow_mut();
        if words.len() < WORDS_AT_HAND {
            words.insert(word.to_owned(), number);
        }
        Ok(number)
    }

    /// The number of a word that has one.
    pub(super) fn word(&self, word: &str) -> Result<Option<i64>, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT number FROM word WHERE word = ?1")?;
        Ok(statement.query_row([word], |row| row.get(0)).optional()?)
    }

    /// Notes a record's unsettled fields. They stand under its first document, whichever they are about.
    fn put_conflicts(
        &self,
        record: u64,
        before: &BTreeSet<String>,
        after: &BTreeSet<String>,
    ) -> Result<(), StoreError> {
        if before == after {
            return Ok(());
        }
        let first = "SELECT min(number) FROM document WHERE record = ?1";
        let document: i64 =
            self.connection.prepare_cached(first)?.query_row([int(record)], |row| row.get(0))?;
        let gone = "DELETE FROM conflict WHERE document = ?1 AND field = ?2";
        let come = "INSERT OR IGNORE INTO conflict (document, field) VALUES (?1, ?2)";
        for (sql, fields) in [(gone, before.difference(after)), (come, after.difference(before))] {
            for field in fields {
                self.connection.prepare_cached(sql)?.execute(params![document, field])?;
            }
        }
        Ok(())
    }

    /// Every unsettled field, newest record first.
    pub fn conflicts(&self, most: u64) -> Result<Vec<ListedConflict>, StoreError> {
        let sql = "SELECT r.id, d.id, c.field FROM conflict c JOIN document d ON d.number = c.document \
                   JOIN record r ON r.number = d.record ORDER BY r.number DESC, c.field LIMIT ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([int(most)])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(ListedConflict {
                record: RecordId(id16(row.get(0)?, "record")?),
                document: DocumentId(id16(row.get(1)?, "document")?),
                field: row.get(2)?,
            });
        }
        Ok(found)
    }

    /// Records and unsettled fields, counted.
    pub fn counts(&self) -> Result<(u64, u64), StoreError> {
        let sql = "SELECT (SELECT count(*) FROM record), (SELECT count(*) FROM conflict)";
        let mut statement = self.connection.prepare_cached(sql)?;
        let (records, conflicts) = statement.query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok((uint(records), uint(conflicts)))
    }

    /// Records in order, after row `after`, for going through all of them page by page.
    pub fn records_after(&self, after: u64, most: u64) -> Result<Vec<(u64, RecordId)>, StoreError> {
        let sql = "SELECT number, id FROM record WHERE number > ?1 ORDER BY number LIMIT ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query(params![int(after), int(most)])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push((uint(row.get(0)?), RecordId(id16(row.get(1)?, "record")?)));
        }
        Ok(found)
    }

    /// The records whose handle begins with these two octets and has this number.
    pub fn handled(&self, begins: [u8; 2], counter: u64) -> Result<Vec<RecordId>, StoreError> {
        let sql = "SELECT id FROM record WHERE id BETWEEN ?1 AND ?2 AND substr(id, 9) = ?3 ORDER BY id";
        let mut last = [0xff; 16];
        last.iter_mut().zip(begins).for_each(|(octet, begin)| *octet = begin);
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows: Vec<Vec<u8>> = statement
            .query_map(params![begins, last, counter.to_be_bytes()], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        rows.into_iter().map(|bytes| Ok(RecordId(id16(bytes, "record")?))).collect()
    }

    /// The record that a document is a part of.
    pub fn record_of(&self, document: &DocumentId) -> Result<Option<RecordId>, StoreError> {
        let sql = "SELECT r.id FROM record r JOIN document d ON d.record = r.number WHERE d.id = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let found: Option<Vec<u8>> = statement.query_row([document.0], |row| row.get(0)).optional()?;
        found.map(|bytes| Ok(RecordId(id16(bytes, "record")?))).transpose()
    }

    /// Whether a record is held.
    pub fn record_exists(&self, record: &RecordId) -> Result<bool, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT 1 FROM record WHERE id = ?1")?;
        Ok(statement.exists([record.0])?)
    }
}

pub(super) fn read_part(row: &rusqlite::Row<'_>) -> Result<PartRow, StoreError> {
    Ok(PartRow {
        number: uint(row.get(0)?),
        id: DocumentId(id16(row.get(1)?, "document")?),
        record: uint(row.get(2)?),
        part: row.get(3)?,
        circle: CircleId(id16(row.get(4)?, "circle")?),
        bytes: row.get(5)?,
    })
}
