//! A CSV file, one row at a time: never more of it in memory than one row.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::Path;
use std::rc::Rc;

use csv::{ByteRecord, ReaderBuilder};

use super::TableTrouble;
use crate::trouble::Trouble;

/// A row is at most so many MiB; a longer one is a quote that nobody closed.
const LONGEST: u64 = 8;

/// The rows of a table.
pub(crate) struct Rows {
    reader: csv::Reader<Bounded>,
    since: Rc<Cell<u64>>,
    name: String,
    headings: Vec<Vec<u8>>,
    line: u64,
    number: u64,
}

/// One row.
#[derive(Debug)]
pub(crate) struct Row {
    /// The line of the file in which it begins, from 1.
    pub(crate) line: u64,
    /// Which row it is, from 1 for the first after the headings.
    pub(crate) number: u64,
    /// Its cells.
    pub(crate) cells: ByteRecord,
}

impl Rows {
    /// Reads the headings; the rows come one by one.
    pub(crate) fn new(mut file: File, name: &Path, delimiter: u8) -> Result<Self, Trouble> {
        let shown = name.display().to_string();
        let mut start = [0; 4];
        let read = file.read(&mut start).map_err(Trouble::file(name))?;
        file.rewind().map_err(Trouble::file(name))?;
        match start.get(..read).unwrap_or_default() {
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => return Err(TableTrouble::Utf16 { name: shown }.into()),
            [b'P', b'K', 3, 4] => return Err(TableTrouble::Spreadsheet { name: shown }.into()),
            _ => {}
        }
        let since = Rc::new(Cell::new(0));
        let source = Bounded { file, since: Rc::clone(&since) };
        let reader =
            ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).from_reader(source);
        let mut rows = Self { reader, since, name: shown, headings: Vec::new(), line: 0, number: 0 };
        match rows.read()? {
            Some(row) => rows.headings = row.cells.iter().map(<[u8]>::to_vec).collect(),
            None => return Err(TableTrouble::Empty { name: rows.name }.into()),
        }
        rows.number = 0;
        Ok(rows)
    }

    /// The headings, as they stand in the file.
    pub(crate) fn headings(&self) -> &[Vec<u8>] {
        &self.headings
    }

    /// How many octets of the file are read.
    pub(crate) fn octets(&self) -> u64 {
        self.reader.position().byte()
    }

    /// The next row; `None` at the end.
    pub(crate) fn read(&mut self) -> Result<Option<Row>, Trouble> {
        let mut cells = ByteRecord::new();
        self.since.set(0);
        let read = self.reader.read_byte_record(&mut cells).map_err(|error| self.trouble(error))?;
        if !read {
            return Ok(None);
        }
        let line = cells.position().map_or(0, csv::Position::line);
        // Files of old machines end lines without the sign that is counted.
        self.line = line.max(self.line + 1);
        self.number += 1;
        Ok(Some(Row { line: self.line, number: self.number, cells }))
    }

    fn trouble(&self, error: csv::Error) -> Trouble {
        if self.since.get() > LONGEST << 20 {
            return TableTrouble::Endless { line: self.reader.position().line(), most: LONGEST }.into();
        }
        let source = match error.into_kind() {
            csv::ErrorKind::Io(source) => source,
            _ => io::Error::from(io::ErrorKind::InvalidData),
        };
        Trouble::File { name: self.name.clone(), source }
    }
}

/// Gives up when one row is longer than any row.
struct Bounded {
    file: File,
    since: Rc<Cell<u64>>,
}

impl Read for Bounded {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.since.set(self.since.get() + read as u64);
        if self.since.get() > LONGEST << 20 {
            return Err(io::Error::other("a row without an end"));
        }
        Ok(read)
    }
}
