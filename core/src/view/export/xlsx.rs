//! A workbook: sheet `records`, and sheet `choices` with what the coded answers mean.
//!
//! Rows leave memory at once. Numbers are numbers and days are days, as far as spreadsheets know them:
//! from 1900 on, to fifteen digits, without time zones (an instant in UTC is shown in UTC, one with
//! another offset stays text). Text never becomes a formula here.

mod choices;
mod fit;
mod sheet;

use std::io::{Seek, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

use rust_xlsxwriter::{Format, Workbook, XlsxError};

use self::sheet::Sheet;
use super::cell::{Cell, cell};
use super::column::{Column, columns, headers};
use super::{ExportError, Options};
use crate::form::{Form, is_right_to_left};
use crate::view::RecordView;

/// Rows of a sheet without the headers.
const MOST_RECORDS: u32 = 1_048_575;
/// Columns of a sheet.
const MOST_COLUMNS: u16 = 16_384;
/// Width of a column, in digits.
const WIDTH: f64 = 18.0;

pub(super) struct Book<'f, W> {
    form: &'f Form,
    options: Options,
    columns: Vec<Column<'f>>,
    workbook: Workbook,
    sheet: Sheet,
    /// The number of the last row written; 0 are the headers.
    row: u32,
    most: u32,
    out: W,
}

impl<'f, W: Write + Seek + Send> Book<'f, W> {
    pub(super) fn new(form: &'f Form, options: &Options, out: W) -> Result<Self, ExportError> {
        let columns = columns(form);
        let mut headers = headers(form, &columns, options);
        headers.push("_notes".to_owned());
        if headers.len() > usize::from(MOST_COLUMNS) {
            return Err(ExportError::TooManyColumns { columns: headers.len(), most: MOST_COLUMNS });
        }
        let mut workbook = Workbook::new();
        let sheet = caught(|| {
            if let Some(scratch) = &options.scratch {
                workbook.set_tempdir(scratch)?;
            }
            let mut sheet = workbook.new_worksheet_with_constant_memory()?;
            sheet.set_name("records")?.set_freeze_panes(1, 1)?;
            sheet.set_right_to_left(is_right_to_left(&options.language));
            let bold = Format::new().set_bold();
            for (column, header) in (0..).zip(&headers) {
                sheet.set_column_width(column, WIDTH)?;
                sheet.write_string_with_format(0, column, fit::text(header).0, &bold)?;
            }
            Ok(sheet)
        })?;
        Ok(Self {
            form,
            options: options.clone(),
            columns,
            workbook,
            sheet: Sheet::new(sheet),
            row: 0,
            most: MOST_RECORDS,
            out,
        })
    }

    /// As if sheets had only so many rows.
    #[cfg(test)]
    pub(super) fn with_most(mut self, most: u32) -> Self {
        self.most = most;
        self
    }

    pub(super) fn record(&mut self, record: &RecordView) -> Result<(), ExportError> {
        if self.row >= self.most {
            return Err(ExportError::TooManyRecords { most: self.most });
        }
        self.row = self.row.saturating_add(1);
        caught(|| self.write_row(record))
    }

    fn write_row(&mut self, record: &RecordView) -> Result<(), XlsxError> {
        let mut shortened = Vec::new();
        for (at, column) in (0..).zip(&self.columns) {
            let cell = cell(self.form, column, record, &self.options);
            if self.sheet.write(self.row, at, cell)? {
                shortened.push(column.name());
            }
        }
        if !shortened.is_empty() {
            let note = format!("cut to what a cell holds: {}", shortened.join(" "));
            let at = u16::try_from(self.columns.len()).unwrap_or(MOST_COLUMNS);
            self.sheet.write(self.row, at, Cell::Plain(note))?;
        }
        Ok(())
    }

    pub(super) fn finish(mut self) -> Result<W, ExportError> {
        caught(|| {
            let right_to_left = is_right_to_left(&self.options.language);
            let choices = choices::sheet(self.form, right_to_left)?;
            self.workbook.push_worksheet(self.sheet.into_inner());
            self.workbook.push_worksheet(choices);
            self.workbook.save_to_writer(&mut self.out)
        })?;
        Ok(self.out)
    }
}

/// Runs `work`. The library panics when its scratch file cannot be written, and its errors may quote
/// what they are about, so that only their kind is passed on.
fn caught<T>(work: impl FnOnce() -> Result<T, XlsxError>) -> Result<T, ExportError> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(XlsxError::IoError(error) | XlsxError::TempFileError(_, error))) => {
            Err(ExportError::Write(error))
        }
        Ok(Err(_)) => Err(ExportError::Workbook("its library refused a cell")),
        Err(_) => Err(ExportError::Workbook("the scratch folder is full or gone")),
    }
}
