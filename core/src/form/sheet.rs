//! A table of texts with its cells close together: what a large list or table of a form is in memory, and its
//! octets.
//!
//! ```text
//! version u8 = 1 | columns count (name blob)* | rows int
//! | for each column: (length int)*, one for each row | the texts of all its cells, one after the other
//! ```
//! Column by column, because like beside like is what compresses.

use std::sync::OnceLock;

use cairn_wire::codec::{Malformed, Reader, Writer};
use serde::de::{SeqAccess, Visitor};
use serde::ser::SerializeStruct;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::limits;

const VERSION: u8 = 1;

/// Texts in rows; every row has a cell for each column. A hundred thousand rows take little more memory than
/// their texts.
#[derive(Debug, Default)]
pub struct Sheet {
    columns: Vec<String>,
    rows: usize,
    text: String,
    /// Where each cell ends in the text, column by column.
    ends: Vec<u32>,
    /// The rows by what stands in the column `name`, made when it is first needed.
    by_name: OnceLock<Vec<u32>>,
}

impl PartialEq for Sheet {
    fn eq(&self, other: &Self) -> bool {
        (&self.columns, self.rows, &self.text, &self.ends)
            == (&other.columns, other.rows, &other.text, &other.ends)
    }
}

impl Eq for Sheet {}

impl Sheet {
    /// A sheet of `rows` rows, asked for cell by cell; none if it is larger than any may be.
    pub fn new<'a>(
        columns: Vec<String>,
        rows: usize,
        cell: impl Fn(usize, usize) -> &'a str,
    ) -> Option<Self> {
        let cells = rows.checked_mul(columns.len()).filter(|cells| *cells <= limits::CELLS)?;
        let mut sheet = Self { rows, ends: Vec::with_capacity(cells), ..Self::default() };
        for column in 0..columns.len() {
            for row in 0..rows {
                sheet.push(cell(row, column))?;
            }
        }
        sheet.columns = columns;
        Some(sheet)
    }

    fn push(&mut self, text: &str) -> Option<()> {
        self.text.push_str(text);
        let end = Some(self.text.len()).filter(|end| *end <= limits::SHEET)?;
        self.ends.push(u32::try_from(end).ok()?);
        Some(())
    }

    /// What the columns are called.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// The place of the column of that name.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column == name)
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// How many cells there are.
    pub fn cells(&self) -> usize {
        self.ends.len()
    }

    /// A cell; none where there is no such row or column.
    pub fn cell(&self, row: usize, column: usize) -> Option<&str> {
        if row >= self.rows {
            return None;
        }
        let index = column.checked_mul(self.rows)?.checked_add(row)?;
        let start = match index.checked_sub(1) {
            Some(before) => *self.ends.get(before)?,
            None => 0,
        };
        let (start, end) = (usize::try_from(start).ok()?, usize::try_from(*self.ends.get(index)?).ok()?);
        self.text.get(start..end)
    }

    /// The first row with `name` in the column `name`.
    pub fn named(&self, name: &str) -> Option<usize> {
        let column = self.column("name")?;
        let text = |row: &u32| self.cell(usize::try_from(*row).unwrap_or(usize::MAX), column).unwrap_or("");
        let sorted = self.by_name.get_or_init(|| {
            let mut rows: Vec<u32> = (0..u32::try_from(self.rows).unwrap_or(u32::MAX)).collect();
            // Stable: of equal names the first row comes first.
            rows.sort_by(|one, other| text(one).cmp(text(other)));
            rows
        });
        let at = sorted.partition_point(|row| text(row) < name);
        let row = sorted.get(at).filter(|row| text(row) == name)?;
        usize::try_from(*row).ok()
    }

    /// Its octets; what [`Sheet::decode`] reads.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.octet(VERSION).count(self.columns.len());
        for column in &self.columns {
            writer.blob(column.as_bytes());
        }
        writer.count(self.rows);
        for column in 0..self.columns.len() {
            let cells = || (0..self.rows).map(|row| self.cell(row, column).unwrap_or_default());
            for cell in cells() {
                writer.count(cell.len());
            }
            for cell in cells() {
                writer.raw(cell.as_bytes());
            }
        }
        writer.finish()
    }

    /// Reads [`Sheet::encode`]. Takes little more memory than the octets, whatever they claim.
    ///
    /// # Errors
    /// Any octets that are not a sheet.
    pub fn decode(octets: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(octets);
        if octets.len() > limits::SHEET {
            return Err(reader.malformed("table"));
        }
        if reader.octet("table version")? != VERSION {
            return Err(Malformed { at: 0, what: "table version" });
        }
        let mut columns = Vec::new();
        for _ in 0..reader.count(limits::COLUMNS, "columns")? {
            columns.push(text(reader.blob(limits::NAME, "column")?, &reader)?.to_owned());
        }
        // Each cell costs at least the octet of its length.
        let most = limits::CELLS.min(reader.remaining()) / columns.len().max(1);
        let rows = reader.count(if columns.is_empty() { 0 } else { most }, "rows")?;
        let mut sheet = Self { rows, ..Self::default() };
        sheet.ends.reserve_exact(rows.saturating_mul(columns.len()));
        for _ in &columns {
            sheet.decode_column(&mut reader)?;
        }
        reader.end()?;
        sheet.columns = columns;
        Ok(sheet)
    }

    fn decode_column(&mut self, reader: &mut Reader<'_>) -> Result<(), Malformed> {
        let begun = self.text.len();
        let mut end = begun;
        for _ in 0..self.rows {
            end = end.saturating_add(reader.count(limits::SHEET, "cell length")?);
            self.ends.push(u32::try_from(end).map_err(|_| reader.malformed("cell length"))?);
        }
        let cells = reader.take(end.saturating_sub(begun), "cells")?;
        self.text.push_str(text(cells, reader)?);
        let ends = self.ends.iter().rev().take(self.rows);
        if ends.into_iter().all(|end| self.text.is_char_boundary(usize::try_from(*end).unwrap_or(usize::MAX)))
        {
            Ok(())
        } else {
            Err(reader.malformed("cells"))
        }
    }
}

fn text<'a>(octets: &'a [u8], reader: &Reader<'_>) -> Result<&'a str, Malformed> {
    std::str::from_utf8(octets).map_err(|_| reader.malformed("text of a table"))
}

// As people and other tools read it: `{"columns": […], "rows": [[…], …]}`.

impl Serialize for Sheet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        struct Rows<'a>(&'a Sheet);
        struct Row<'a>(&'a Sheet, usize);
        impl Serialize for Rows<'_> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_seq((0..self.0.rows).map(|row| Row(self.0, row)))
            }
        }
        impl Serialize for Row<'_> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let Self(sheet, row) = *self;
                serializer.collect_seq((0..sheet.columns.len()).map(|column| sheet.cell(row, column)))
            }
        }
        let mut object = serializer.serialize_struct("Sheet", 2)?;
        object.serialize_field("columns", &self.columns)?;
        object.serialize_field("rows", &Rows(self))?;
        object.end()
    }
}

impl<'de> Deserialize<'de> for Sheet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Whole {
            columns: Vec<String>,
            rows: Rows,
        }
        let Whole { columns, rows: Rows(read) } = Whole::deserialize(deserializer)?;
        let width = columns.len();
        let too_large = || serde::de::Error::custom("a table of another shape, or too large");
        if width > limits::COLUMNS || read.rows.checked_mul(width) != Some(read.ends.len()) {
            return Err(too_large());
        }
        // `read` has its cells row by row: as one column.
        let lines = Self { rows: read.ends.len(), ..read };
        let rows = lines.rows.checked_div(width).unwrap_or(0);
        let cell = |row: usize, column: usize| lines.cell(row * width + column, 0).unwrap_or_default();
        Self::new(columns, rows, cell).ok_or_else(too_large)
    }
}

/// Cells row by row, and how many rows.
struct Rows(Sheet);

impl<'de> Deserialize<'de> for Rows {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Reading(Sheet::default())).map(Self)
    }
}

struct Reading(Sheet);

impl<'de> Visitor<'de> for Reading {
    type Value = Sheet;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("rows of texts")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut rows: A) -> Result<Sheet, A::Error> {
        while rows.next_element_seed(OneRow(&mut self.0))?.is_some() {
            self.0.rows += 1;
        }
        Ok(self.0)
    }
}

struct OneRow<'s>(&'s mut Sheet);

impl<'de> serde::de::DeserializeSeed<'de> for OneRow<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for OneRow<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("a row of texts")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut cells: A) -> Result<(), A::Error> {
        while let Some(cell) = cells.next_element::<String>()? {
            let fits = self.0.ends.len() < limits::CELLS && self.0.push(&cell).is_some();
            if !fits {
                return Err(serde::de::Error::custom("a table with too many cells"));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet() -> Sheet {
        let rows = [["b", "Бе", ""], ["a", "A, quoted", "x"], ["", "e\u{301}", "y"], ["a", "again", "z"]];
        let columns = ["name", "label", "land"].map(str::to_owned).to_vec();
        Sheet::new(columns, rows.len(), |row, column| rows[row][column]).unwrap()
    }

    #[test]
    fn a_sheet_comes_back_from_octets_and_from_json() {
        let sheet = sheet();
        assert_eq!((sheet.rows(), sheet.cells()), (4, 12));
        assert_eq!((sheet.cell(1, 1), sheet.cell(2, 0)), (Some("A, quoted"), Some("")));
        assert_eq!(
            (sheet.cell(4, 0), sheet.cell(0, 3), sheet.cell(usize::MAX, usize::MAX)),
            (None, None, None)
        );
        assert_eq!((sheet.named("a"), sheet.named("b"), sheet.named("c")), (Some(1), Some(0), None));
        assert_eq!(Sheet::decode(&sheet.encode()), Ok(Sheet { by_name: OnceLock::new(), ..self::sheet() }));
        let json = serde_json::to_string(&sheet).unwrap();
        assert!(json.starts_with(r#"{"columns":["name","label","land"],"rows":[["b","Бе",""],"#), "{json}");
        assert_eq!(serde_json::from_str::<Sheet>(&json).unwrap(), sheet);
        let empty = Sheet::new(vec!["name".to_owned()], 0, |_, _| "").unwrap();
        assert_eq!(Sheet::decode(&empty.encode()), Ok(empty));
    }

    #[test]
    fn octets_that_are_no_sheet_are_refused_before_anything_is_made_of_them() {
        let octets = sheet().encode();
        for cut in 0..octets.len() {
            assert!(Sheet::decode(&octets[..cut]).is_err(), "cut at {cut}");
            for bit in 0..8 {
                let mut flipped = octets.clone();
                flipped[cut] ^= 1 << bit;
                if let Ok(read) = Sheet::decode(&flipped) {
                    assert_eq!(read.encode(), flipped, "one sheet, one encoding");
                }
            }
        }
        // A million rows in a few octets.
        let mut bomb = Writer::new();
        bomb.octet(1).count(1).blob(b"name").count(1_000_000).raw(&[0; 16]);
        assert_eq!(Sheet::decode(&bomb.finish()), Err(Malformed { at: 7, what: "rows" }));
        let mut none = Writer::new();
        none.octet(1).count(0).count(1_000_000);
        assert!(Sheet::decode(&none.finish()).is_err());
        // A cell that ends inside a letter.
        let mut torn = Writer::new();
        torn.octet(1).count(1).blob(b"name").count(2).count(1).count(1).raw("é".as_bytes());
        assert!(Sheet::decode(&torn.finish()).is_err());
        assert!(serde_json::from_str::<Sheet>(r#"{"columns":["a","b"],"rows":[["1"]]}"#).is_err());
        assert!(
            serde_json::from_str::<Sheet>(r#"{"columns":[],"rows":[[],[]]}"#)
                .is_ok_and(|sheet| sheet.rows() == 0)
        );
    }
}
