//! Tables in files beside the form: lists to choose from, and what `pulldata()` looks into.

use std::collections::BTreeMap;

use super::choices::Lists;
use super::finding::{Findings, Place};
use super::{Companion, Problem, text_table};
use crate::form::name::{is_id, is_word, quoted};
use crate::form::{Choice, Form, Table, Translations};

/// Files that were already read, by name.
pub(super) struct Companions<'c> {
    find: &'c Companion<'c>,
    read: BTreeMap<String, Option<Table>>,
}

impl<'c> Companions<'c> {
    pub(super) fn new(find: &'c Companion<'c>) -> Self {
        Self { find, read: BTreeMap::new() }
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

    /// A table under the file's name without its ending, unless a list has that name.
    pub(super) fn keep(&mut self, name: &str, form: &mut Form, at: Place<'_>, findings: &mut Findings) {
        if form.lists.contains_key(name) || form.tables.contains_key(name) {
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
