//! A table in a text file: UTF-8, commas, quotes as RFC 4180 has them.

use super::XlsformError;
use super::book::{self, Cell, Sheet, trimmed};
use crate::form::name::quoted;

/// One text file, in octets.
const OCTETS: usize = 64 << 20;

/// Reads a table as if it were a sheet. Blanks around a cell do not count, and an empty cell is none.
pub(super) fn sheet(bytes: &[u8], name: &str) -> Result<Sheet, XlsformError> {
    let mut sheet = Sheet { name: quoted(name), ..Sheet::default() };
    for (index, line) in rows(bytes, name)?.into_iter().enumerate() {
        let cells = (0_u32..).zip(line).filter_map(|(column, cell)| Some((column, trimmed(&cell)?)));
        let cells: std::collections::BTreeMap<u32, Cell> = cells.collect();
        if !cells.is_empty() {
            let row = u32::try_from(index).unwrap_or(u32::MAX).saturating_add(1);
            sheet.rows.insert(row, cells);
        }
    }
    Ok(sheet)
}

/// Every row of a table with its cells, as they are written.
pub(super) fn rows(bytes: &[u8], name: &str) -> Result<Vec<Vec<String>>, XlsformError> {
    if bytes.len() > OCTETS {
        return Err(XlsformError::TooLarge { what: "octets in a table", limit: OCTETS as u64 });
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let wrong = |line: usize, what| XlsformError::Table {
        file: quoted(name),
        line: u32::try_from(line).unwrap_or(u32::MAX),
        what,
    };
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
        let line = before.iter().filter(|octet| **octet == b'\n').count();
        wrong(line.saturating_add(1), "this is not UTF-8; save the table as CSV in UTF-8")
    })?;
    let mut reader = Reader { rows: vec![Vec::new()], cell: String::new(), cells: 0, line: 1 };
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if reader.cell.is_empty() => {
                let begun = reader.line;
                loop {
                    match letters.next() {
                        Some('"') if letters.peek() == Some(&'"') => {
                            letters.next();
                            reader.cell.push('"');
                        }
                        Some('"') => break,
                        Some(letter) => {
                            reader.line += usize::from(letter == '\n');
                            reader.cell.push(letter);
                        }
                        None => return Err(wrong(begun, "a quote is not closed; end the cell with a quote")),
                    }
                }
            }
            ',' => reader.end_cell()?,
            '\r' if letters.peek() == Some(&'\n') => {}
            '\n' | '\r' => reader.end_row()?,
            letter => reader.cell.push(letter),
        }
    }
    reader.end_row()?;
    let mut rows = reader.rows;
    // A line break at the end of the file begins no row, and the row after the last never had a cell.
    while rows.last().is_some_and(|row| row.iter().all(String::is_empty)) {
        rows.pop();
    }
    Ok(rows)
}

struct Reader {
    rows: Vec<Vec<String>>,
    cell: String,
    cells: usize,
    line: usize,
}

impl Reader {
    fn end_cell(&mut self) -> Result<(), XlsformError> {
        let cell = std::mem::take(&mut self.cell);
        self.cells = self.cells.saturating_add(1);
        if self.cells > book::CELLS {
            return Err(XlsformError::TooLarge { what: "cells in a table", limit: book::CELLS as u64 });
        }
        if let Some(row) = self.rows.last_mut() {
            row.push(cell);
        }
        Ok(())
    }

    fn end_row(&mut self) -> Result<(), XlsformError> {
        self.end_cell()?;
        self.line += 1;
        if self.rows.len() > usize::try_from(book::ROWS).unwrap_or(usize::MAX) {
            return Err(XlsformError::TooLarge { what: "rows in a table", limit: book::ROWS.into() });
        }
        self.rows.push(Vec::new());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<Vec<String>> {
        rows(text.as_bytes(), "t.csv").unwrap()
    }

    #[test]
    fn cells_are_parted_by_commas_and_quotes_hold_them_together() {
        assert_eq!(read("a,b\r\n1,2\n"), [["a", "b"], ["1", "2"]]);
        assert_eq!(read("\u{FEFF}a,\"b, \"\"c\"\"\nd\"\n,x"), [["a", "b, \"c\"\nd"], ["", "x"]]);
        assert_eq!(read("نام,e\u{301}\n\n"), [["نام", "e\u{301}"]]);
        assert_eq!(read(""), Vec::<Vec<String>>::new());
        assert_eq!(read("a b\"c\n"), [["a b\"c"]]);
    }

    #[test]
    fn what_is_no_table_is_an_error_with_its_line() {
        let line = |bytes: &[u8]| match rows(bytes, "t.csv") {
            Err(XlsformError::Table { line, .. }) => line,
            other => panic!("{other:?}"),
        };
        assert_eq!(line(b"a\nb\n\xFF\n"), 3);
        assert_eq!(line(b"a\n\"b\n\n"), 2);
        let many = "\n".repeat(200_001);
        assert!(matches!(rows(many.as_bytes(), "t"), Err(XlsformError::TooLarge { .. })));
        let wide = ",".repeat(1_000_001);
        assert!(matches!(rows(wide.as_bytes(), "t"), Err(XlsformError::TooLarge { .. })));
    }
}
