//! The spreadsheet as rows of text, read with the workbook library and nothing believed.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::panic::catch_unwind;

use calamine::{DataRef, ExcelDateTime, Reader, Xlsx, XlsxError};

use super::XlsformError;
use crate::form::name::quoted;

/// Rows of one sheet.
pub(super) const ROWS: u32 = 200_000;
/// Filled cells of all sheets.
pub(super) const CELLS: usize = 1_000_000;
/// Text of all cells, in octets: one shared text may stand in very many cells.
pub(super) const TEXT: usize = 32 << 20;
/// Letters in one cell; spreadsheet programs allow no more.
pub(super) const CELL: usize = 32_767;

/// The sheets of a form.
#[derive(Debug, Default)]
pub(super) struct Book {
    pub(super) survey: Option<Sheet>,
    pub(super) choices: Option<Sheet>,
    pub(super) settings: Option<Sheet>,
    /// Lists that are too long for the sheet `choices`, in forms that were made so.
    pub(super) external: Option<Sheet>,
}

/// One sheet's filled cells.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    /// Its name as the file spells it.
    pub(super) name: String,
    /// Filled rows by number, counted from 1.
    pub(super) rows: BTreeMap<u32, Row>,
}

/// A row's filled cells by column, counted from 0.
pub(super) type Row = BTreeMap<u32, Cell>;

/// One filled cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cell {
    /// Its text, trimmed, never empty.
    Text(String),
    /// What the spreadsheet shows instead of a value, `#REF!`.
    Broken(String),
    /// More than [`CELL`] letters.
    TooLong,
}

/// Reads the sheets. The bytes must have passed [`super::archive::inspect`].
pub(super) fn open(bytes: &[u8]) -> Result<Book, XlsformError> {
    // The workbook library panics on some malformed files; that must not end the program.
    catch_unwind(|| sheets(bytes)).unwrap_or(Err(XlsformError::Torn { part: None }))
}

fn sheets(bytes: &[u8]) -> Result<Book, XlsformError> {
    let mut workbook = Xlsx::new(Cursor::new(bytes)).map_err(|error| match error {
        XlsxError::Password => XlsformError::OldOrLocked,
        _ => XlsformError::Torn { part: None },
    })?;
    let names = workbook.sheet_names();
    let mut room = Room { cells: CELLS, text: TEXT };
    let mut sheet = |wanted: &str| {
        let exact = names.iter().find(|name| *name == wanted);
        let alike = || names.iter().find(|name| name.trim().eq_ignore_ascii_case(wanted));
        exact.or_else(alike).map(|name| read_sheet(&mut workbook, name, &mut room)).transpose()
    };
    Ok(Book {
        survey: sheet("survey")?,
        choices: sheet("choices")?,
        settings: sheet("settings")?,
        external: sheet("external_choices")?,
    })
}

/// What may still be taken in.
struct Room {
    cells: usize,
    text: usize,
}

/// Reads cell by cell: the library's own table of a sheet is as large as its farthest corner says.
fn read_sheet(
    workbook: &mut Xlsx<Cursor<&[u8]>>,
    name: &str,
    room: &mut Room,
) -> Result<Sheet, XlsformError> {
    let torn = |_| XlsformError::Torn { part: Some(format!("sheet {}", quoted(name))) };
    let mut cells = workbook.worksheet_cells_reader(name).map_err(torn)?;
    let mut sheet = Sheet { name: quoted(name.trim()), rows: BTreeMap::new() };
    while let Some(found) = cells.next_cell().map_err(torn)? {
        let (row, column) = found.get_position();
        room.take(found.get_value())?;
        let Some(cell) = text_of(found.get_value()) else { continue };
        if row >= ROWS {
            return Err(XlsformError::TooLarge { what: "rows in a sheet", limit: ROWS.into() });
        }
        sheet.rows.entry(row.saturating_add(1)).or_default().insert(column, cell);
    }
    Ok(sheet)
}

impl Room {
    fn take(&mut self, value: &DataRef<'_>) -> Result<(), XlsformError> {
        let text = match value {
            DataRef::Empty => return Ok(()),
            DataRef::SharedString(text) => text.len(),
            DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.len(),
            _ => 0,
        };
        let cells = self.cells.checked_sub(1);
        self.cells = cells.ok_or(XlsformError::TooLarge { what: "filled cells", limit: CELLS as u64 })?;
        let text = self.text.checked_sub(text);
        self.text = text.ok_or(XlsformError::TooLarge { what: "octets of text", limit: TEXT as u64 })?;
        Ok(())
    }
}

/// What a person sees in the cell: `1`, not `1.0`; a formula's last value; nothing for blanks.
fn text_of(value: &DataRef<'_>) -> Option<Cell> {
    let text = match value {
        DataRef::Empty => return None,
        DataRef::Error(error) => return Some(Cell::Broken(error.to_string())),
        DataRef::SharedString(text) => return trimmed(text),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            return trimmed(text);
        }
        DataRef::Bool(truth) => if *truth { "TRUE" } else { "FALSE" }.to_owned(),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number.to_string(),
        DataRef::DateTime(moment) => date_of(moment),
    };
    trimmed(&text)
}

pub(super) fn trimmed(text: &str) -> Option<Cell> {
    // A no-break space counts as a blank here; the marks below are left behind by copying from web pages.
    let text =
        text.trim_matches(|letter: char| letter.is_whitespace() || matches!(letter, '\u{FEFF}' | '\u{200B}'));
    match text.chars().nth(CELL) {
        _ if text.is_empty() => None,
        Some(_) => Some(Cell::TooLong),
        None => Some(Cell::Text(text.to_owned())),
    }
}

/// `2026-09-28`, with `T14:30:00` when there is a time of day too, or only that.
fn date_of(moment: &ExcelDateTime) -> String {
    if moment.is_duration() {
        return moment.as_f64().to_string();
    }
    let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
    let (date, time) =
        (format!("{year:04}-{month:02}-{day:02}"), format!("{hour:02}:{minute:02}:{second:02}"));
    match moment.as_f64() {
        serial if serial.fract() == 0.0 => date,
        serial if serial < 1.0 => time,
        _ => format!("{date}T{time}"),
    }
}
