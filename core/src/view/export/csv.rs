//! Comma-separated values: RFC 4180, UTF-8, lines ended by CR LF.

use std::io::{self, Write};

use ::csv::{Terminator, Writer, WriterBuilder};

use super::cell::{Cell, cell};
use super::column::{Column, columns, headers};
use super::guard::guarded;
use super::{ExportError, Options};
use crate::form::{Form, rows::every_row};
use crate::view::RecordView;

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

pub(super) struct Table<'f, W: Write> {
    form: &'f Form,
    options: Options,
    columns: Vec<Column<'f>>,
    writer: Writer<W>,
}

impl<'f, W: Write> Table<'f, W> {
    pub(super) fn new(form: &'f Form, options: &Options, mut out: W) -> Result<Self, ExportError> {
        if options.mark {
            out.write_all(BYTE_ORDER_MARK)?;
        }
        let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(out);
        let columns = columns(form, options.repeat.as_deref());
        let headers = headers(form, &columns, options);
        writer.write_record(headers.iter().map(|header| guarded(header))).map_err(io)?;
        Ok(Self { form, options: options.clone(), columns, writer })
    }

    pub(super) fn record(&mut self, record: &RecordView) -> Result<(), ExportError> {
        let repeats = self.options.repeat.as_deref().map(|repeat| self.form.repeats_to(repeat));
        for rows in every_row(&record.answers, &repeats.unwrap_or_default()) {
            let cells =
                self.columns.iter().map(|column| text(cell(self.form, column, record, &rows, &self.options)));
            self.writer.write_record(cells).map_err(io)?;
        }
        Ok(())
    }

    pub(super) fn finish(self) -> Result<W, ExportError> {
        Ok(self.writer.into_inner().map_err(|error| error.into_error())?)
    }
}

fn text(cell: Cell) -> String {
    match cell {
        Cell::Blank => String::new(),
        Cell::Typed(text) => guarded(&text),
        Cell::Plain(text) | Cell::Day(text) | Cell::Instant(text) => text,
        Cell::Integer(number) => number.to_string(),
        Cell::Decimal(number) => number.to_string(),
        Cell::Flag(chosen) => u8::from(chosen).to_string(),
    }
}

pub(super) fn io(error: ::csv::Error) -> io::Error {
    match error.into_kind() {
        ::csv::ErrorKind::Io(error) => error,
        _ => io::Error::other("the row could not be written"),
    }
}
