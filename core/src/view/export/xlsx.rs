//! A workbook: sheet `records`, one sheet for each repeat, and sheet `choices` with what the coded answers mean.
//!
//! Rows leave memory at once. Numbers are numbers and days are days, as far as spreadsheets know them:
//! from 1900 on, to fifteen digits, without time zones (an instant in UTC is shown in UTC, one with
//! another offset stays text). Text never becomes a formula here.

mod choices;
mod fit;
mod sheet;

use std::collections::BTreeSet;
use std::io::{Seek, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

use rust_xlsxwriter::{Format, Workbook, XlsxError};

use self::sheet::Sheet;
use super::cell::{Cell, cell};
use super::column::{Column, columns, headers};
use super::{ExportError, Options};
use crate::form::{Form, is_right_to_left, rows::every_row};
use crate::view::RecordView;

/// Rows of a sheet without the headers.
const MOST_RECORDS: u32 = 1_048_575;
/// Characters in the name of a sheet.
const LONGEST_NAME: usize = 31;
/// Columns of a sheet.
const MOST_COLUMNS: u16 = 16_384;
/// Width of a column, in digits.
const WIDTH: f64 = 18.0;

pub(super) struct Book<'f, W> {
    form: &'f Form,
    options: Options,
    workbook: Workbook,
    /// The records, then the rows of each repeat.
    tables: Vec<Table<'f>>,
    most: u32,
    out: W,
}

/// One sheet.
struct Table<'f> {
    /// The repeats around its rows, the outermost first; none for the records.
    repeats: Vec<&'f str>,
    columns: Vec<Column<'f>>,
    sheet: Sheet,
    /// The number of the last row written; 0 are the headers.
    row: u32,
}

impl<'f> Table<'f> {
    fn new(
        form: &'f Form,
        options: &Options,
        workbook: &mut Workbook,
        repeat: Option<&'f str>,
        name: &str,
    ) -> Result<Self, ExportError> {
        let columns = columns(form, repeat);
        let mut headers = headers(form, &columns, options);
        headers.push("_notes".to_owned());
        if headers.len() > usize::from(MOST_COLUMNS) {
            return Err(ExportError::TooManyColumns { columns: headers.len(), most: MOST_COLUMNS });
        }
        let sheet = caught(|| {
            let mut sheet = workbook.new_worksheet_with_constant_memory()?;
            sheet.set_name(name)?.set_freeze_panes(1, 1)?;
            sheet.set_right_to_left(is_right_to_left(&options.language));
            let bold = Format::new().set_bold();
            for (column, header) in (0..).zip(&headers) {
                sheet.set_column_width(column, WIDTH)?;
                sheet.write_string_with_format(0, column, fit::text(header).0, &bold)?;
            }
            Ok(sheet)
        })?;
        let repeats = repeat.map(|repeat| form.repeats_to(repeat)).unwrap_or_default();
        Ok(Self { repeats, columns, sheet: Sheet::new(sheet), row: 0 })
    }

    fn write(
        &mut self,
        form: &Form,
        record: &RecordView,
        rows: &[&str],
        options: &Options,
    ) -> Result<(), XlsxError> {
        self.row = self.row.saturating_add(1);
        let mut shortened = Vec::new();
        for (at, column) in (0..).zip(&self.columns) {
            let cell = cell(form, column, record, rows, options);
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
}

/// A name for a sheet: at most 31 characters, and none twice in upper or lower case.
fn sheet_name(name: &str, taken: &BTreeSet<String>) -> String {
    let short: String = name.chars().take(LONGEST_NAME).collect();
    let numbered = (2..).map(|number: u32| {
        let number = format!("-{number}");
        let kept = LONGEST_NAME.saturating_sub(number.len());
        name.chars().take(kept).chain(number.chars()).collect()
    });
    let mut names = std::iter::once(short.clone()).chain(numbered);
    names.find(|name: &String| !taken.contains(&name.to_lowercase())).unwrap_or(short)
}

impl<'f, W: Write + Seek + Send> Book<'f, W> {
    pub(super) fn new(form: &'f Form, options: &Options, out: W) -> Result<Self, ExportError> {
        let mut workbook = Workbook::new();
        if let Some(scratch) = &options.scratch {
            caught(|| workbook.set_tempdir(scratch).map(|_| ()))?;
        }
        let mut tables = vec![Table::new(form, options, &mut workbook, None, "records")?];
        let mut taken = BTreeSet::from(["records".to_owned(), "choices".to_owned()]);
        for repeat in form.groups.iter().filter(|group| group.repeat.is_some()) {
            let name = sheet_name(&repeat.name, &taken);
            tables.push(Table::new(form, options, &mut workbook, Some(&repeat.name), &name)?);
            taken.insert(name.to_lowercase());
        }
        Ok(Self { form, options: options.clone(), workbook, tables, most: MOST_RECORDS, out })
    }

    /// As if sheets had only so many rows.
    #[cfg(test)]
    pub(super) fn with_most(mut self, most: u32) -> Self {
        self.most = most;
        self
    }

    pub(super) fn record(&mut self, record: &RecordView) -> Result<(), ExportError> {
        for table in &mut self.tables {
            for rows in every_row(&record.answers, &table.repeats) {
                if table.row >= self.most {
                    return Err(ExportError::TooManyRecords { most: self.most });
                }
                caught(|| table.write(self.form, record, &rows, &self.options))?;
            }
        }
        Ok(())
    }

    pub(super) fn finish(mut self) -> Result<W, ExportError> {
        caught(|| {
            let right_to_left = is_right_to_left(&self.options.language);
            let choices = choices::sheet(self.form, right_to_left)?;
            for table in self.tables {
                self.workbook.push_worksheet(table.sheet.into_inner());
            }
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
