//! Writing records out: CSV, JSON lines, XLSX, and CSV in the words of other standards.
//!
//! An [`Exporter`] takes records one at a time and holds none of them, so that a whole workspace can
//! leave on a small laptop. What leaves is readable by anybody: the vault protects nothing beyond this
//! room.
//!
//! Every table begins with `_record`, `_id`, `_version`, `_changed` and `_title`, goes on with the form's
//! questions in their order, and ends with `_conflicts` (questions on which several answers stand; the
//! cell shows the first), for a form with parts `_elsewhere` (parts that are kept in circles this device is
//! not in), and `_other` (answers to questions that this edition of the form does not have,
//! as JSON). A question with several choices has one column with all of them and then, named
//! `question/choice`, one for each: 1 chosen, 0 not chosen, blank not answered. A blank cell always
//! means that nobody answered, as far as this device may know; `~unknown`, `~declined` and `~not_asked` mean that
//! somebody said why there is no answer. They are text also among numbers, so that no sum counts them as 0.
//!
//! Each repeat is a table of its own: a sheet in a workbook, in CSV the one that [`Options::repeat`] names. It
//! has `_record` and `_id` of the record, `_row`, and in nested repeats `_parent`, the row it lies in; then the
//! questions of the repeat. In JSON lines the rows stand in their record.

mod cell;
mod column;
mod csv;
mod guard;
mod jsonl;
mod standard;
#[cfg(test)]
mod tests;
mod xlsx;

use std::io::{self, Seek, Write};
use std::path::PathBuf;
use std::str::FromStr;

use crate::form::Form;
use crate::view::RecordView;
use crate::view::ctdc::Ctdc;
use crate::view::htcds::{Htcds, Left};

pub use guard::unguarded;
use standard::Standard;

/// How records are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated values, RFC 4180, UTF-8.
    Csv,
    /// One JSON object a line.
    Jsonl,
    /// A workbook for spreadsheet programs.
    Xlsx,
    /// CSV in the words of HTCDS 2.0 ([`crate::view::htcds`]).
    Htcds,
    /// CSV of codes with the names of the CTDC ([`crate::view::ctdc`]).
    Ctdc,
}

impl Format {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Jsonl => "jsonl",
            Self::Xlsx => "xlsx",
            Self::Htcds => "htcds",
            Self::Ctdc => "ctdc",
        }
    }
}

/// There is no such format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the formats are csv, jsonl, xlsx, htcds and ctdc")]
pub struct UnknownFormat;

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(text: &str) -> Result<Self, UnknownFormat> {
        let formats = [Self::Csv, Self::Jsonl, Self::Xlsx, Self::Htcds, Self::Ctdc];
        let mut named = formats.into_iter().filter(|format| format.name().eq_ignore_ascii_case(text.trim()));
        named.next().ok_or(UnknownFormat)
    }
}

/// What an export should look like.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// Whether tables show labels instead of names. JSON lines always hold names: they are for programs.
    pub labels: bool,
    /// Which labels, and whether sheets run from right to left; empty for the form's own default.
    pub language: String,
    /// Whether CSV begins with a byte order mark. Excel takes the file for something else than UTF-8
    /// without one; most other programs take it for a part of the first header.
    pub mark: bool,
    /// The repeat whose rows CSV holds, instead of the records.
    pub repeat: Option<String>,
    /// Where XLSX parks rows while it writes, in a nameless file that is not encrypted: best the folder
    /// that the export goes to, so that no second disk has seen it. The system's folder if none is given.
    pub scratch: Option<PathBuf>,
}

/// Why records could not be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
    /// The disk would not.
    #[error("the export could not be written: {0}")]
    Write(#[from] io::Error),
    /// The form has no such repeat.
    #[error("form {form} has no repeat of that name")]
    NoRepeat {
        /// The form that is being written.
        form: String,
    },
    /// The form asks next to nothing of what another standard has columns for.
    #[error("form {form} asks almost nothing that the standard has columns for")]
    OtherSubject {
        /// The form that is being written.
        form: String,
    },
    /// A record of some other form.
    #[error("record {handle} does not follow form {form}")]
    OtherForm {
        /// What people call the record.
        handle: String,
        /// The form that is being written.
        form: String,
    },
    /// More records than a sheet has rows.
    #[error("a sheet holds {most} records and there are more: write csv, or fewer records")]
    TooManyRecords {
        /// How many fit.
        most: u32,
    },
    /// More columns than a sheet has.
    #[error("a sheet holds {most} columns and this form needs {columns}: write csv")]
    TooManyColumns {
        /// How many the form needs.
        columns: usize,
        /// How many fit.
        most: u16,
    },
    /// The workbook could not be made, most likely because the disk with the scratch folder is full.
    #[error("the workbook could not be made: {0}")]
    Workbook(&'static str),
}

/// Writes records of one form, one after the other.
pub struct Exporter<'f, W: Write + Seek + Send> {
    form: &'f Form,
    records: u64,
    sink: Sink<'f, W>,
}

#[allow(clippy::large_enum_variant, reason = "one exists at a time")]
enum Sink<'f, W: Write + Seek + Send> {
    Csv(csv::Table<'f, W>),
    Jsonl(jsonl::Lines<'f, W>),
    Xlsx(Box<xlsx::Book<'f, W>>),
    Standard(standard::Table<'f, W>),
}

impl<'f, W: Write + Seek + Send> Exporter<'f, W> {
    /// Begins to write records of `form` into `out`. `form` should be its newest edition.
    ///
    /// # Errors
    /// [`ExportError::Write`]; for XLSX also [`ExportError::TooManyColumns`] and
    /// [`ExportError::Workbook`]; for other standards [`ExportError::OtherSubject`].
    pub fn new(format: Format, form: &'f Form, options: &Options, out: W) -> Result<Self, ExportError> {
        if options.repeat.as_ref().is_some_and(|repeat| form.repeats_to(repeat).is_empty()) {
            return Err(ExportError::NoRepeat { form: form.id.clone() });
        }
        let sink = match format {
            Format::Csv => Sink::Csv(csv::Table::new(form, options, out)?),
            Format::Jsonl => Sink::Jsonl(jsonl::Lines::new(form, out)),
            Format::Xlsx => Sink::Xlsx(Box::new(xlsx::Book::new(form, options, out)?)),
            Format::Htcds => {
                let standard = Standard::Htcds(Htcds::new());
                Sink::Standard(standard::Table::new(standard, form, options, out)?)
            }
            Format::Ctdc => {
                let standard = Standard::Ctdc(Ctdc::new());
                Sink::Standard(standard::Table::new(standard, form, options, out)?)
            }
        };
        Ok(Self { form, records: 0, sink })
    }

    /// Writes one record, of any edition of the form.
    ///
    /// # Errors
    /// [`ExportError::OtherForm`], after which other records can still be written; or what ends the
    /// export.
    pub fn record(&mut self, record: &RecordView) -> Result<(), ExportError> {
        if record.form != self.form.id {
            let handle = super::handle(&record.id);
            return Err(ExportError::OtherForm { handle, form: self.form.id.clone() });
        }
        match &mut self.sink {
            Sink::Csv(table) => table.record(record)?,
            Sink::Jsonl(lines) => lines.record(record)?,
            Sink::Xlsx(book) => book.record(record)?,
            Sink::Standard(table) => table.record(record)?,
        }
        self.records = self.records.saturating_add(1);
        Ok(())
    }

    /// How many records were written.
    pub fn records(&self) -> u64 {
        self.records
    }

    /// What had no place in the other standard; none for formats that hold everything. Empty for CTDC, which is
    /// meant to leave out most.
    pub fn left(&self) -> Option<&Left> {
        match &self.sink {
            Sink::Standard(table) => Some(table.left()),
            _ => None,
        }
    }

    /// Writes what is left and gives back what was written into. Without it an export is not whole.
    ///
    /// # Errors
    /// As [`Exporter::new`].
    pub fn finish(self) -> Result<W, ExportError> {
        let mut out = match self.sink {
            Sink::Csv(table) => table.finish()?,
            Sink::Jsonl(lines) => lines.finish(),
            Sink::Xlsx(book) => book.finish()?,
            Sink::Standard(table) => table.finish()?,
        };
        out.flush()?;
        Ok(out)
    }
}
