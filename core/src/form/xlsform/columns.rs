//! Headings: which column means what.

use std::collections::BTreeMap;

use super::Problem;
use super::book::{CELL, Cell, Row, Sheet};
use super::finding::{Findings, Place};

/// A heading taken apart: `Label :: English (en)` is `label` in `English (en)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Heading {
    /// What the column is, in lower case with `_` for blanks.
    pub(super) base: String,
    /// The language of its texts; empty when it names none.
    pub(super) language: String,
    /// As the file spells it.
    pub(super) written: String,
}

/// One column of a sheet.
#[derive(Debug)]
pub(super) struct Column<R> {
    /// Its heading as the file spells it.
    pub(super) heading: String,
    /// What it is for.
    pub(super) role: R,
}

/// One row's filled cells, each with its column.
#[derive(Debug)]
pub(super) struct Filled<'t, 'a, R> {
    /// The row's number, counted from 1.
    pub(super) row: u32,
    /// In the order of the columns; never empty.
    pub(super) cells: Vec<(&'t Column<R>, &'a str)>,
}

/// A sheet whose headings are understood.
#[derive(Debug)]
pub(super) struct Table<'a, R> {
    /// The sheet's name as the file spells it.
    pub(super) sheet: &'a str,
    /// The row of the headings.
    pub(super) top: u32,
    columns: BTreeMap<u32, Column<R>>,
    rows: Vec<(u32, &'a Row)>,
}

/// How many columns of a sheet may have a heading: each is looked at for each row.
const COLUMNS: usize = 1_000;

impl<'a, R: Clone + PartialEq> Table<'a, R> {
    /// Understands the first filled row as headings. `role` says what a heading is for; two
    /// columns of one role are an error unless `role` is `many`.
    pub(super) fn read(
        sheet: &'a Sheet,
        role: impl Fn(&Heading) -> R,
        many: impl Fn(&R) -> bool,
        findings: &mut Findings,
    ) -> Self {
        let mut rows = sheet.rows.iter();
        let (top, headings) = rows.next().map_or((1, None), |(number, row)| (*number, Some(row)));
        let mut columns: BTreeMap<u32, Column<R>> = BTreeMap::new();
        for (index, cell) in headings.into_iter().flatten() {
            let Cell::Text(heading) = cell else { continue };
            if columns.len() == COLUMNS {
                findings.error(Place::sheet(&sheet.name).row(top), Problem::ColumnsMany { limit: COLUMNS });
                break;
            }
            let role = role(&Heading::read(heading));
            let heading = crate::form::name::quoted(heading);
            if !many(&role) && columns.values().any(|column| column.role == role) {
                findings.error(Place::sheet(&sheet.name).row(top).column(&heading), Problem::ColumnTwice);
                continue;
            }
            columns.insert(*index, Column { heading, role });
        }
        let mut table = Self { sheet: &sheet.name, top, columns, rows: Vec::new() };
        table.rows = rows.map(|(number, row)| (*number, row)).collect();
        table.note_unheaded(findings);
        table
    }

    fn note_unheaded(&self, findings: &mut Findings) {
        let stray = |row: &&(u32, &Row)| row.1.keys().any(|index| !self.columns.contains_key(index));
        if let Some((number, _)) = self.rows.iter().find(stray) {
            findings.warn(Place::sheet(self.sheet).row(*number), Problem::HeadingMissing);
        }
    }

    /// The column of that role.
    pub(super) fn column(&self, role: &R) -> Option<&Column<R>> {
        self.columns.values().find(|column| column.role == *role)
    }

    /// Each filled row with its filled cells; cells that hold no text are reported instead.
    pub(super) fn rows<'t>(&'t self, findings: &mut Findings) -> Vec<Filled<'t, 'a, R>> {
        let mut rows = Vec::with_capacity(self.rows.len());
        for &(number, row) in &self.rows {
            let mut cells = Vec::with_capacity(row.len());
            for (index, cell) in row {
                let Some(column) = self.columns.get(index) else { continue };
                let place = Place::sheet(self.sheet).row(number).column(&column.heading);
                match cell {
                    Cell::Text(text) => cells.push((column, text.as_str())),
                    Cell::Broken(shown) => {
                        findings.error(place, Problem::Broken { shown: shown.clone() });
                    }
                    Cell::TooLong => findings.error(place, Problem::CellTooLong { limit: CELL }),
                }
            }
            if !cells.is_empty() {
                rows.push(Filled { row: number, cells });
            }
        }
        rows
    }

    /// Warns of each filled column that is not used, once.
    pub(super) fn note_ignored(&self, ignored: impl Fn(&R) -> bool, findings: &mut Findings) {
        for (index, column) in &self.columns {
            let filled = || self.rows.iter().any(|(_, row)| row.contains_key(index));
            if ignored(&column.role) && filled() {
                let place = Place::sheet(self.sheet).row(self.top).column(&column.heading);
                findings.warn(place, Problem::ColumnIgnored);
            }
        }
    }
}

impl Heading {
    /// Takes a heading apart.
    pub(super) fn read(heading: &str) -> Self {
        let (base, language) = Self::taken_apart(heading);
        Self { base, language, written: heading.trim().to_owned() }
    }

    fn taken_apart(heading: &str) -> (String, String) {
        let mut pieces = heading.split("::").map(str::trim);
        let first = plain(pieces.next().unwrap_or(""));
        let rest: Vec<&str> = pieces.collect();
        match (first.as_str(), rest.as_slice()) {
            // `bind::relevant` is another way to write `relevant`; the same for how a control looks.
            ("bind" | "control" | "body" | "cairn" | "media", [second, language @ ..]) => {
                let base = match first.as_str() {
                    "bind" | "control" | "body" => plain(second),
                    outer => format!("{outer}::{}", plain(second)),
                };
                (base, language.join("::"))
            }
            // Old forms have one colon: `label:English`.
            (only, []) => match only.split_once(':') {
                Some((base @ ("label" | "hint" | "image" | "audio" | "video"), _)) => {
                    let language = heading.split_once(':').map_or("", |(_, language)| language.trim());
                    (base.to_owned(), language.to_owned())
                }
                _ => (first, String::new()),
            },
            (_, languages) => (first, languages.join("::")),
        }
    }
}

/// Lower case, with `_` for blanks and hyphens: `Read-only` and `read only` are `read_only`.
fn plain(heading: &str) -> String {
    let words: Vec<&str> = heading.split(|letter: char| letter.is_whitespace() || letter == '-').collect();
    let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
    words.join("_").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_are_taken_apart_as_authors_write_them() {
        for (heading, base, language) in [
            ("Label", "label", ""),
            ("label::English (en)", "label", "English (en)"),
            ("LABEL :: Тоҷикӣ (tg)", "label", "Тоҷикӣ (tg)"),
            ("label:French", "label", "French"),
            ("list name", "list_name", ""),
            ("Read-only", "read_only", ""),
            ("bind::relevant", "relevant", ""),
            ("bind::jr:constraintMsg::French", "jr:constraintmsg", "French"),
            ("media::image::French (fr)", "media::image", "French (fr)"),
            ("cairn::merge", "cairn::merge", ""),
            ("cairn::label::x", "cairn::label", "x"),
            ("jr:count", "jr:count", ""),
            ("::", "", ""),
        ] {
            let read = Heading::read(heading);
            assert_eq!((read.base.as_str(), read.language.as_str()), (base, language), "{heading}");
        }
    }
}
