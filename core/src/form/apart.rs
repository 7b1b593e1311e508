//! Lists and tables that are too large to travel inside their form.
//!
//! The form names such a table by its pieces: the SHA-256 of each 128 KiB of its octets ([`Sheet::encode`]), with a
//! label. Pieces travel by themselves, once for all editions that share them; an altered one is another piece,
//! which nobody has named.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, OnceLock};

use cairn_wire::codec::{hex, unhex};
use cairn_wire::digest::{Hash, sha256};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::choices::{LABEL, LABEL_IN};
use super::name::{is_id, is_word, quoted};
use super::{Choice, Form, Media, Sheet, Table, Unsound, limits};

/// A list or table that travels apart, as the form names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Apart {
    /// Whether its rows are choices.
    #[serde(rename = "list", default, skip_serializing_if = "is_false")]
    pub is_list: bool,
    /// How many rows it has.
    pub rows: u32,
    /// How many octets.
    pub octets: u32,
    /// Its octets, piece by piece.
    pub pieces: Vec<PieceName>,
    /// All of it, in a file for another workspace; never between devices.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cells: Option<Cells>,
    #[serde(skip)]
    held: Held,
}

/// SHA-256 of a piece, with a label; in JSON as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PieceName(pub Hash);

/// Gives the octets of a table when they are needed.
pub type Source = Box<dyn Fn() -> Option<Vec<u8>> + Send + Sync>;

#[derive(Debug, Clone, PartialEq, Eq)]
struct Cells(Arc<Sheet>);

/// The sheet itself, read when it is first looked at. Two tables with the same pieces are the same, so that it does
/// not matter for comparing forms.
#[derive(Clone, Default)]
struct Held(Arc<Inside>);

#[derive(Default)]
struct Inside {
    sheet: OnceLock<Option<Arc<Sheet>>>,
    source: Option<Source>,
}

impl PieceName {
    /// What a piece is named.
    pub fn of(piece: &[u8]) -> Self {
        Self(sha256(&[b"cairn/table-piece/1", piece]))
    }
}

/// The pieces of a table's octets, in order.
pub fn pieces(octets: &[u8]) -> impl Iterator<Item = &[u8]> {
    octets.chunks(limits::TABLE_PIECE)
}

impl Apart {
    /// A table that is here. None if it is larger than any may be.
    pub fn new(sheet: Sheet, is_list: bool) -> Option<Self> {
        let octets = sheet.encode();
        if octets.len() > limits::SHEET {
            return None;
        }
        Some(Self {
            is_list,
            rows: u32::try_from(sheet.rows()).ok()?,
            octets: u32::try_from(octets.len()).ok()?,
            pieces: pieces(&octets).map(PieceName::of).collect(),
            cells: None,
            held: Held::of(Arc::new(sheet)),
        })
    }

    /// The table; none as long as nobody has said where its octets are.
    pub fn sheet(&self) -> Option<&Sheet> {
        self.shared().map(|sheet| &**sheet)
    }

    fn shared(&self) -> Option<&Arc<Sheet>> {
        let Inside { sheet, source } = &*self.held.0;
        let read = || {
            let octets = source.as_ref()?()?;
            Sheet::decode(&octets).ok().map(Arc::new)
        };
        sheet.get_or_init(read).as_ref()
    }

    /// Says where its octets are; they are asked for when somebody looks at the table.
    pub fn fill(&mut self, source: Source) {
        self.held = Held(Arc::new(Inside { sheet: OnceLock::new(), source: Some(source) }));
    }

    /// Takes the table from another edition that names the same one.
    pub fn share(&mut self, other: &Self) {
        self.held = other.held.clone();
    }

    /// Whether it has been read into memory.
    pub fn is_read(&self) -> bool {
        self.held.0.sheet.get().is_some()
    }

    /// What must hold of the table itself once it is here.
    fn is_whole(&self, name: &str) -> Result<usize, Unsound> {
        let bad = || Unsound::Table { table: quoted(name) };
        let sheet = self.sheet().ok_or_else(bad)?;
        if usize::try_from(self.rows) != Ok(sheet.rows()) {
            return Err(bad());
        }
        let mut columns = BTreeSet::new();
        for column in sheet.columns() {
            let fits = if self.is_list { is_id(column) } else { is_word(column) };
            if !fits {
                return Err(Unsound::Name { what: "column", name: quoted(column) });
            }
            if !columns.insert(column) {
                return Err(Unsound::Twice { what: "column", name: quoted(column) });
            }
        }
        if self.is_list {
            let column = sheet.column("name").ok_or_else(bad)?;
            let mut names = BTreeSet::new();
            for name in (0..sheet.rows()).filter_map(|row| sheet.cell(row, column)) {
                if !is_word(name) {
                    return Err(Unsound::Name { what: "choice", name: quoted(name) });
                }
                if !names.insert(name) {
                    return Err(Unsound::Twice { what: "choice", name: quoted(name) });
                }
            }
        }
        Ok(sheet.cells())
    }
}

impl Form {
    /// Lets every large list and table travel apart that can: lists with pictures and sounds stay inside.
    pub fn put_apart(&mut self) {
        self.put_apart_above(limits::INSIDE);
    }

    /// The same for lists and tables of more than `inside` octets.
    pub(super) fn put_apart_above(&mut self, inside: usize) {
        let large = |octets: usize| octets > inside;
        for (name, choices) in std::mem::take(&mut self.lists) {
            let sheet = large(choices.iter().map(size).sum()).then(|| sheet_of(&choices)).flatten();
            match sheet.and_then(|sheet| Apart::new(sheet, true)) {
                Some(apart) => drop(self.apart.insert(name, apart)),
                None => drop(self.lists.insert(name, choices)),
            }
        }
        for (name, table) in std::mem::take(&mut self.tables) {
            let octets = table.rows.iter().flatten().map(|cell| cell.len().saturating_add(1)).sum();
            let sheet = large(octets).then(|| sheet_of_table(&table)).flatten();
            match sheet.and_then(|sheet| Apart::new(sheet, false)) {
                Some(apart) => drop(self.apart.insert(name, apart)),
                None => drop(self.tables.insert(name, table)),
            }
        }
    }

    /// The names of all pieces of tables that travel apart.
    pub fn pieces(&self) -> impl Iterator<Item = PieceName> {
        self.apart.values().flat_map(|apart| apart.pieces.iter().copied())
    }

    /// Whether every table that travels apart is here and is what the form needs.
    ///
    /// # Errors
    /// The first thing that does not hold.
    pub fn tables_are_whole(&self) -> Result<(), Unsound> {
        let mut cells = 0_usize;
        for (name, apart) in &self.apart {
            cells = cells.saturating_add(apart.is_whole(name)?);
        }
        if cells > limits::CELLS {
            return Err(Unsound::TooMany { what: "cells in tables", limit: limits::CELLS });
        }
        Ok(())
    }

    /// How many rows a list or table has; none if there is none of that name.
    pub fn table_rows(&self, name: &str) -> Option<usize> {
        let inside = || self.tables.get(name).map(|table| table.rows.len());
        let apart = || Some(self.apart.get(name)?.sheet().map_or(0, Sheet::rows));
        self.list(name).map(super::Choices::len).or_else(inside).or_else(apart)
    }

    /// A cell of a table that is no list.
    pub fn table_cell(&self, name: &str, row: usize, column: &str) -> Option<&str> {
        match self.tables.get(name) {
            Some(table) => table.cell(row, column),
            None => {
                let sheet = self.apart.get(name)?.sheet()?;
                sheet.cell(row, sheet.column(column)?)
            }
        }
    }

    /// The form with its tables in it, for a file: [`Form::from_file`] reads its JSON.
    pub fn with_cells(&self) -> Self {
        let mut form = self.clone();
        for apart in form.apart.values_mut() {
            apart.cells = apart.shared().cloned().map(Cells);
        }
        form
    }

    /// Whether tables stand in it as [`Form::with_cells`] puts them.
    pub(super) fn has_cells(&self) -> bool {
        self.apart.values().any(|apart| apart.cells.is_some())
    }

    /// Believes the tables that stand in it, as far as they have the pieces the form names.
    pub(super) fn take_cells(&mut self) -> Result<(), Unsound> {
        for (name, apart) in &mut self.apart {
            let Some(Cells(sheet)) = apart.cells.take() else { continue };
            let octets = sheet.encode();
            if !pieces(&octets).map(PieceName::of).eq(apart.pieces.iter().copied()) {
                return Err(Unsound::Table { table: quoted(name) });
            }
            apart.held = Held::of(sheet);
        }
        Ok(())
    }

    /// What must hold of tables that travel apart before they are here.
    pub(super) fn apart_is_sound(&self) -> Result<(), Unsound> {
        let mut octets = 0_usize;
        for (name, apart) in &self.apart {
            if !is_word(name) {
                return Err(Unsound::Name { what: "table", name: quoted(name) });
            }
            if self.lists.contains_key(name) || self.tables.contains_key(name) {
                return Err(Unsound::Twice { what: "list or table", name: quoted(name) });
            }
            let own = usize::try_from(apart.octets).unwrap_or(usize::MAX);
            if own > limits::SHEET || own == 0 || own.div_ceil(limits::TABLE_PIECE) != apart.pieces.len() {
                return Err(Unsound::Table { table: quoted(name) });
            }
            octets = octets.saturating_add(own);
        }
        if octets > limits::SHEETS {
            return Err(Unsound::TooMany { what: "octets in tables", limit: limits::SHEETS });
        }
        Ok(())
    }
}

/// About how many octets a choice takes.
fn size(choice: &Choice) -> usize {
    let texts = choice.label.values().chain(choice.columns.values());
    texts.map(|text| text.len().saturating_add(1)).sum::<usize>().saturating_add(choice.name.len())
}

/// A list as a sheet; none if something of it would be lost.
fn sheet_of(choices: &[Choice]) -> Option<Sheet> {
    let languages: BTreeSet<&str> =
        choices.iter().flat_map(|choice| choice.label.keys()).map(String::as_str).collect();
    let others: BTreeSet<&str> =
        choices.iter().flat_map(|choice| choice.columns.keys()).map(String::as_str).collect();
    let kept = |name: &str| name == "name" || name == LABEL || name.starts_with(LABEL_IN);
    let empty = |choice: &Choice| choice.label.values().chain(choice.columns.values()).any(String::is_empty);
    if others.iter().any(|name| kept(name))
        || choices.iter().any(|choice| choice.media != Media::default() || empty(choice))
    {
        return None;
    }
    let shown = |language: &&str| match *language {
        "" => LABEL.to_owned(),
        language => format!("{LABEL_IN}{language}"),
    };
    let mut columns = vec!["name".to_owned()];
    columns.extend(languages.iter().map(shown));
    columns.extend(others.iter().map(|name| (*name).to_owned()));
    let (languages, others) = (Vec::from_iter(languages), Vec::from_iter(others));
    let cell = |row: usize, column: usize| {
        let Some(choice) = choices.get(row) else { return "" };
        let Some(column) = column.checked_sub(1) else { return choice.name.as_str() };
        let text = match languages.get(column) {
            Some(language) => choice.label.get(*language),
            None => {
                others.get(column.saturating_sub(languages.len())).and_then(|name| choice.columns.get(*name))
            }
        };
        text.map_or("", String::as_str)
    };
    Sheet::new(columns, choices.len(), cell)
}

fn sheet_of_table(table: &Table) -> Option<Sheet> {
    let cell = |row: usize, column: usize| {
        table.rows.get(row).and_then(|row| row.get(column)).map_or("", String::as_str)
    };
    Sheet::new(table.columns.clone(), table.rows.len(), cell)
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
fn is_false(value: &bool) -> bool {
    !*value
}

impl Held {
    fn of(sheet: Arc<Sheet>) -> Self {
        Self(Arc::new(Inside { sheet: OnceLock::from(Some(sheet)), source: None }))
    }
}

impl PartialEq for Held {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Held {}

impl fmt::Debug for Held {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(if self.0.sheet.get().is_some() { "read" } else { "unread" })
    }
}

impl fmt::Debug for PieceName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&hex(&self.0))
    }
}

impl Serialize for PieceName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex(&self.0))
    }
}

impl<'de> Deserialize<'de> for PieceName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let name = unhex(&text).filter(|name| hex(name) == text);
        name.map(Self).ok_or_else(|| serde::de::Error::custom("the name of a piece"))
    }
}

impl Serialize for Cells {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Cells {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(Arc::new(Sheet::deserialize(deserializer)?)))
    }
}
