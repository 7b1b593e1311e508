//! Tables in files beside the form: lists to choose from, and what `pulldata()` looks into.

use std::collections::{BTreeMap, BTreeSet};

use super::choices::Lists;
use super::finding::{Findings, Place};
use super::{Companion, Problem, text_table};
use crate::form::choices::LABEL;
use crate::form::name::{is_id, is_word, quoted};
use crate::form::{Apart, Choice, Form, Sheet, Table, Translations, limits};

/// Files that were already read, by name.
pub(super) struct Companions<'c> {
    find: &'c Companion<'c>,
    read: BTreeMap<String, Option<Table>>,
    /// Lists that are too large to stand in any form, by name.
    apart: BTreeMap<String, Apart>,
}

impl<'c> Companions<'c> {
    pub(super) fn new(find: &'c Companion<'c>) -> Self {
        Self { find, read: BTreeMap::new(), apart: BTreeMap::new() }
    }

    /// Whether a list of that name goes apart.
    pub(super) fn has_apart(&self, list: &str) -> bool {
        self.apart.contains_key(list)
    }

    /// The lists that go apart.
    pub(super) fn take_apart(&mut self) -> BTreeMap<String, Apart> {
        std::mem::take(&mut self.apart)
    }

    /// The table in a file; what is wrong with it is reported once, where it is first needed.
    fn table(&mut self, file: &str, at: Place<'_>, findings: &mut Findings) -> Option<&Table> {
        if !self.read.contains_key(file) {
            let table = self.load(file, at, findings);
            self.read.insert(file.to_owned(), table);
        }
        self.read.get(file).and_then(Option::as_ref)
    }

    fn load(&self, file: &str, at: Place<'_>, findings: &mut Findings) -> Option<Table> {
        let Some(bytes) = (self.find)(file) else {
            findings.error(at, Problem::FileMissing { file: quoted(file) });
            return None;
        };
        let mut rows = match text_table::rows(&bytes, file) {
            Ok(rows) => rows.into_iter(),
            Err(error) => {
                findings.error(at, Problem::FileBad { why: error.to_string() });
                return None;
            }
        };
        let mut columns: Vec<String> = rows.next().unwrap_or_default();
        columns.iter_mut().for_each(|column| *column = column.trim().to_owned());
        while columns.last().is_some_and(String::is_empty) {
            columns.pop();
        }
        let twice =
            (1..columns.len()).any(|at| columns.iter().take(at).any(|known| columns.get(at) == Some(known)));
        if columns.is_empty() || twice || columns.iter().any(|column| !is_id(column)) {
            findings.error(at, Problem::FileHeadings { file: quoted(file) });
            return None;
        }
        let mut table = Table { columns, rows: Vec::new() };
        for mut row in rows.filter(|row| row.iter().any(|cell| !cell.trim().is_empty())) {
            row.iter_mut().for_each(|cell| *cell = cell.trim().to_owned());
            row.resize(table.columns.len(), String::new());
            table.rows.push(row);
        }
        Some(table)
    }

    /// A list of choices from a file, under the file's name without its ending. `parameters` may name the columns
    /// of names and labels.
    pub(super) fn list(
        &mut self,
        file: &str,
        parameters: &BTreeMap<String, String>,
        at: Place<'_>,
        lists: &mut Lists,
        findings: &mut Findings,
    ) -> Option<String> {
        let Some(list) = file.strip_suffix(".csv").filter(|list| is_word(list)) else {
            findings.error(at, Problem::FileKind { file: quoted(file) });
            return None;
        };
        let named =
            |what: &str, otherwise: &str| parameters.get(what).map_or(otherwise, String::as_str).to_owned();
        let (value, label) = (named("value", "name"), named("label", "label"));
        let table = self.table(file, at, findings)?;
        if !table.columns.contains(&value) {
            findings.error(at, Problem::FileColumn { file: quoted(file), column: quoted(&value) });
            return None;
        }
        // A choice by itself takes ten times the memory of a row.
        if is_large(table) {
            let apart = sheet(table, &value, &label).and_then(|sheet| Apart::new(sheet, true));
            return self.list_apart(list, apart, at, lists, findings);
        }
        let choices = choices(table, &value, &label);
        let mut seen = std::collections::BTreeSet::new();
        for choice in &choices {
            if !is_word(&choice.name) {
                findings.error(at, Problem::FileChoice { file: quoted(file), name: quoted(&choice.name) });
                return None;
            }
            if !seen.insert(choice.name.as_str()) {
                findings.error(at, Problem::FileTwice { file: quoted(file), name: quoted(&choice.name) });
                return None;
            }
        }
        match lists.get(list) {
            Some(known) if *known != choices => {
                findings.error(at, Problem::FileNamedTwice { list: quoted(list) });
                None
            }
            _ => {
                lists.insert(list.to_owned(), choices);
                Some(list.to_owned())
            }
        }
    }

    fn list_apart(
        &mut self,
        list: &str,
        apart: Option<Apart>,
        at: Place<'_>,
        lists: &Lists,
        findings: &mut Findings,
    ) -> Option<String> {
        let file = || quoted(&format!("{list}.csv"));
        let Some(apart) = apart else {
            let why = format!("it has more than {} MiB or too many cells", limits::SHEET >> 20);
            findings.error(at, Problem::FileBad { why });
            return None;
        };
        let sheet = apart.sheet()?;
        let column = sheet.column("name")?;
        let mut seen = BTreeSet::new();
        for name in (0..sheet.rows()).filter_map(|row| sheet.cell(row, column)) {
            if !is_word(name) {
                findings.error(at, Problem::FileChoice { file: file(), name: quoted(name) });
                return None;
            }
            if !seen.insert(name) {
                findings.error(at, Problem::FileTwice { file: file(), name: quoted(name) });
                return None;
            }
        }
        if lists.contains_key(list) || self.apart.get(list).is_some_and(|known| *known != apart) {
            findings.error(at, Problem::FileNamedTwice { list: quoted(list) });
            return None;
        }
        self.apart.insert(list.to_owned(), apart);
        Some(list.to_owned())
    }

    /// A table under the file's name without its ending, unless a list has that name.
    pub(super) fn keep(&mut self, name: &str, form: &mut Form, at: Place<'_>, findings: &mut Findings) {
        let inside = form.lists.contains_key(name) || form.tables.contains_key(name);
        if inside || form.apart.contains_key(name) {
            return;
        }
        if !is_word(name) {
            findings.error(at, Problem::FileKind { file: quoted(name) });
            return;
        }
        let file = format!("{name}.csv");
        let Some(table) = self.table(&file, at, findings) else { return };
        // Expressions name columns, so each must be one word.
        if table.columns.iter().all(|column| is_word(column)) {
            form.tables.insert(name.to_owned(), table.clone());
        } else {
            findings.error(at, Problem::FileHeadings { file: quoted(&file) });
        }
    }
}

/// Whether a list from this table could not stand in any form: a choice takes at least `{"name":"","label":{}},`.
fn is_large(table: &Table) -> bool {
    const LEAST: usize = 23;
    let texts = table.rows.iter().flatten().map(String::len).sum::<usize>();
    table.rows.len().saturating_mul(LEAST).saturating_add(texts) > limits::FORM
}

/// The same list as [`choices`], as a sheet.
fn sheet(table: &Table, value: &str, label: &str) -> Option<Sheet> {
    let position = |name: &str| table.columns.iter().position(|column| column == name);
    let mut labels: Vec<(String, usize)> =
        position(label).map(|at| (LABEL.to_owned(), at)).into_iter().collect();
    let mut others = Vec::new();
    for (index, column) in table.columns.iter().enumerate() {
        match column.split_once("::") {
            Some(("label", _)) => labels.push((column.clone(), index)),
            _ if column == "name" || column == "label" || !is_word(column) => {}
            _ => others.push((column.clone(), index)),
        }
    }
    labels.sort();
    others.sort();
    let name = ("name".to_owned(), position(value)?);
    let (columns, places): (Vec<String>, Vec<usize>) = [name].into_iter().chain(labels).chain(others).unzip();
    let cell = |row: usize, column: usize| {
        let place = places.get(column).copied().unwrap_or(usize::MAX);
        table.rows.get(row).and_then(|row| row.get(place)).map_or("", String::as_str)
    };
    Sheet::new(columns, table.rows.len(), cell)
}

fn choices(table: &Table, value: &str, label: &str) -> Vec<Choice> {
    let position = |name: &str| table.columns.iter().position(|column| column == name);
    let (value, label) = (position(value), position(label));
    let cell = |row: &Vec<String>, column: Option<usize>| {
        column.and_then(|column| row.get(column)).cloned().unwrap_or_default()
    };
    let choice = |row: &Vec<String>| {
        let mut choice = Choice::unlabelled(&cell(row, value));
        let shown = cell(row, label);
        if !shown.is_empty() {
            choice.label = Translations::from([(String::new(), shown)]);
        }
        for (index, column) in table.columns.iter().enumerate() {
            // `label::French (fr)` is a label in another language; all else can be filtered by.
            let text = cell(row, Some(index));
            match column.split_once("::") {
                _ if text.is_empty() => {}
                Some(("label", language)) => drop(choice.label.insert(language.to_owned(), text)),
                _ if column == "name" || column == "label" || !is_word(column) => {}
                _ => drop(choice.columns.insert(column.clone(), text)),
            }
        }
        choice
    };
    table.rows.iter().map(choice).collect()
}
