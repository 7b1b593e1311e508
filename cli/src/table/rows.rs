//! A CSV file, one row at a time: never more of it in memory than one row.

use std::cell::RefCell;
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
    window: Rc<RefCell<Window>>,
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
        let window = Rc::new(RefCell::new(Window::default()));
        let source = Bounded { file, window: Rc::clone(&window) };
        let reader =
            ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).from_reader(source);
        let mut rows = Self { reader, window, name: shown, headings: Vec::new(), line: 0, number: 0 };
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
        let start = self.reader.position().clone();
        self.window.borrow_mut().forget(start.byte());
        let read = self.reader.read_byte_record(&mut cells).map_err(|error| self.trouble(&start, error))?;
        if !read {
            return Ok(None);
        }
        let line = start.line() + self.window.borrow().empty_lines();
        // Files of old machines end lines without the sign that is counted.
        self.line = line.max(self.line + 1);
        self.number += 1;
        Ok(Some(Row { line: self.line, number: self.number, cells }))
    }

    fn trouble(&self, start: &csv::Position, error: csv::Error) -> Trouble {
        if self.window.borrow().is_endless() {
            return TableTrouble::Endless { line: start.line(), most: LONGEST }.into();
        }
        let source = match error.into_kind() {
            csv::ErrorKind::Io(source) => source,
            _ => io::Error::from(io::ErrorKind::InvalidData),
        };
        Trouble::File { name: self.name.clone(), source }
    }
}

/// What was read of the file from the beginning of the current row on.
#[derive(Debug, Default)]
struct Window {
    bytes: Vec<u8>,
    /// Where in the file it begins.
    start: u64,
}

impl Window {
    /// Forgets what lies before a place in the file.
    fn forget(&mut self, before: u64) {
        let gone = usize::try_from(before.saturating_sub(self.start)).unwrap_or(usize::MAX);
        let gone = gone.min(self.bytes.len());
        self.bytes.drain(..gone);
        self.start += gone as u64;
    }

    /// How many line ends come before the row's first letter: the reader counts them to the row.
    fn empty_lines(&self) -> u64 {
        let ends = self.bytes.iter().take_while(|octet| matches!(octet, b'\n' | b'\r'));
        ends.filter(|octet| **octet == b'\n').count() as u64
    }

    fn is_endless(&self) -> bool {
        self.bytes.len() as u64 > LONGEST << 20
    }
}

/// Gives up when one row is longer than any row.
struct Bounded {
    file: File,
    window: Rc<RefCell<Window>>,
}

impl Read for Bounded {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        let mut window = self.window.borrow_mut();
        window.bytes.extend_from_slice(buffer.get(..read).unwrap_or_default());
        if window.is_endless() {
            return Err(io::Error::other("a row without an end"));
        }
        Ok(read)
    }
}
