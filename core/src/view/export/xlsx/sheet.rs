//! Writing cells, each as what it is.

use rust_xlsxwriter::{ExcelDateTime, Format, Worksheet, XlsxError};

use super::fit;
use crate::view::export::cell::Cell;

pub(super) struct Sheet {
    sheet: Worksheet,
    day: Format,
    instant: Format,
}

impl Sheet {
    pub(super) fn new(sheet: Worksheet) -> Self {
        let format = |format: &str| Format::new().set_num_format(format);
        Self { sheet, day: format("yyyy-mm-dd"), instant: format("yyyy-mm-dd hh:mm:ss") }
    }

    /// `true` if not all of it had room.
    pub(super) fn write(&mut self, row: u32, column: u16, cell: Cell) -> Result<bool, XlsxError> {
        let sheet = &mut self.sheet;
        match cell {
            Cell::Blank => {}
            Cell::Flag(chosen) => {
                sheet.write_number(row, column, u8::from(chosen))?;
            }
            Cell::Decimal(number) => {
                sheet.write_number(row, column, number)?;
            }
            Cell::Integer(number) => match fit::number(number) {
                Some(number) => {
                    sheet.write_number(row, column, number)?;
                }
                None => {
                    sheet.write_string(row, column, number.to_string())?;
                }
            },
            Cell::Day(text) | Cell::Instant(text) => match moment(&text) {
                Some((moment, is_day)) => {
                    let format = if is_day { &self.day } else { &self.instant };
                    sheet.write_datetime_with_format(row, column, moment, format)?;
                }
                None => {
                    sheet.write_string(row, column, text)?;
                }
            },
            Cell::Typed(text) | Cell::Plain(text) => {
                let (text, cut) = fit::text(&text);
                sheet.write_string(row, column, text)?;
                return Ok(cut);
            }
        }
        Ok(false)
    }

    pub(super) fn into_inner(self) -> Worksheet {
        self.sheet
    }
}

/// A day, or a day and time in UTC or of no said place, as spreadsheets count it.
fn moment(text: &str) -> Option<(ExcelDateTime, bool)> {
    let Some((day, clock)) = text.split_once('T') else { return Some((fit::day(text)?, true)) };
    let clock = clock.strip_suffix('Z').unwrap_or(clock);
    let mut parts = clock.split(':');
    let hour = parts.next()?.parse().ok()?;
    let minute = parts.next()?.parse().ok()?;
    let second: f64 = parts.next().unwrap_or("0").parse().ok()?;
    match parts.next() {
        None => Some((fit::day(day)?.and_hms(hour, minute, second).ok()?, false)),
        Some(_) => None,
    }
}
