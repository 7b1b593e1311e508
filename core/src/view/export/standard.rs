//! Tables in the words of other data standards: CSV whose headings and codes are the standard's.

use std::collections::BTreeSet;
use std::io::Write;

use ::csv::{Terminator, Writer, WriterBuilder};

use super::csv::io;
use super::guard::guarded;
use super::{ExportError, Options};
use crate::form::Form;
use crate::view::RecordView;
use crate::view::ctdc::Ctdc;
use crate::view::htcds::{Htcds, Left};

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Whose words they are.
pub(super) enum Standard {
    Htcds(Htcds),
    Ctdc(Ctdc),
}

pub(super) struct Table<'f, W: Write> {
    form: &'f Form,
    standard: Standard,
    left: Left,
    writer: Writer<W>,
}

impl<'f, W: Write> Table<'f, W> {
    pub(super) fn new(
        standard: Standard,
        form: &'f Form,
        options: &Options,
        mut out: W,
    ) -> Result<Self, ExportError> {
        let questions: BTreeSet<&str> = match &standard {
            Standard::Htcds(htcds) => htcds.questions().collect(),
            Standard::Ctdc(ctdc) => ctdc.questions().collect(),
        };
        let asked =
            form.questions.iter().filter(|question| questions.contains(question.name.as_str())).count();
        // One or two names in common are an accident, and what stood there would mean something else.
        if asked.saturating_mul(10) < questions.len() {
            return Err(ExportError::OtherSubject { form: form.id.clone() });
        }
        if options.mark {
            out.write_all(BYTE_ORDER_MARK)?;
        }
        let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(out);
        let headings = match &standard {
            Standard::Htcds(htcds) => htcds.headings(),
            Standard::Ctdc(ctdc) => ctdc.headings(),
        };
        writer.write_record(headings).map_err(io)?;
        Ok(Self { form, standard, left: Left::default(), writer })
    }

    pub(super) fn record(&mut self, record: &RecordView) -> Result<(), ExportError> {
        let cells = match &self.standard {
            Standard::Htcds(htcds) => htcds.cells(self.form, record, &mut self.left),
            Standard::Ctdc(ctdc) => ctdc.cells(self.form, record),
        };
        Ok(self.writer.write_record(cells.iter().map(|cell| guarded(cell))).map_err(io)?)
    }

    /// What had no place.
    pub(super) fn left(&self) -> &Left {
        &self.left
    }

    pub(super) fn finish(self) -> Result<W, ExportError> {
        Ok(self.writer.into_inner().map_err(|error| error.into_error())?)
    }
}
