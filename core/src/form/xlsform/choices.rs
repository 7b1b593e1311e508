//! The choices sheet: lists by name.

use std::collections::BTreeMap;

use super::Problem;
use super::book::Sheet;
use super::columns::{Filled, Heading, Table};
use super::finding::{Findings, Place};
use super::line::Shown;
use crate::form::name::{is_word, quoted};
use crate::form::{Choice, Media};

/// Choice lists by name.
pub(super) type Lists = BTreeMap<String, Vec<Choice>>;

#[derive(Debug, Clone, PartialEq, Eq)]
enum Role {
    List,
    Name,
    Label(String),
    /// A picture or sound of the label.
    Media(Shown, String),
    /// Something else that filters and calculations look at, under this name.
    Extra(String),
    Ignored,
}

fn role(heading: &Heading) -> Role {
    match heading.base.as_str() {
        "list_name" => Role::List,
        "name" | "value" => Role::Name,
        "label" | "caption" => Role::Label(heading.language.clone()),
        base => match Shown::of(base) {
            Some(shown) => Role::Media(shown, heading.language.clone()),
            // Expressions name the column as it is spelled.
            None if heading.language.is_empty() && is_word(&heading.written) => {
                Role::Extra(heading.written.clone())
            }
            None => Role::Ignored,
        },
    }
}

/// Reads every list, used or not.
pub(super) fn read(sheet: &Sheet, findings: &mut Findings) -> Lists {
    let table = Table::read(sheet, role, |role| *role == Role::Ignored, findings);
    table.note_ignored(|role| *role == Role::Ignored, findings);
    let place = Place::sheet(&sheet.name);
    for (role, column) in [(Role::List, "list_name"), (Role::Name, "name")] {
        if table.column(&role).is_none() && !sheet.rows.is_empty() {
            findings.error(place.row(table.top), Problem::ColumnMissing { column });
        }
    }
    let mut lists = Lists::new();
    let mut seen = BTreeMap::new();
    for Filled { row, cells } in table.rows(findings) {
        let mut line = Line { list: "", name: "", choice: Choice::default() };
        let (mut list_at, mut name_at) = (place.row(row), place.row(row));
        for (column, text) in cells {
            let at = place.row(row).column(&column.heading);
            match &column.role {
                Role::List => (line.list, list_at) = (text, at),
                Role::Name => (line.name, name_at) = (text, at),
                Role::Label(language) => {
                    if text.contains("${") {
                        findings.warn(at, Problem::LabelReference);
                    }
                    line.choice.label.insert(language.clone(), text.to_owned());
                }
                Role::Media(shown, language) => {
                    shown.of_media(&mut line.choice.media).insert(language.clone(), text.to_owned());
                }
                Role::Extra(name) => drop(line.choice.columns.insert(name.clone(), text.to_owned())),
                Role::Ignored => {}
            }
        }
        if line.list.is_empty() && line.name.is_empty() && line.choice.label.is_empty() {
            continue;
        }
        // A missing column was reported once already; its rows need not be.
        if table.column(&Role::List).is_none() || table.column(&Role::Name).is_none() {
            continue;
        }
        if !line.sound(list_at, name_at, findings) {
            continue;
        }
        if let Some(first) = seen.insert((line.list, line.name), row) {
            findings.error(name_at, Problem::ChoiceTwice { name: quoted(line.name), first });
            seen.insert((line.list, line.name), first);
            continue;
        }
        if line.choice.label.is_empty() && line.choice.media == Media::default() {
            findings.warn(place.row(row), Problem::LabelMissing { name: quoted(line.name) });
        }
        let choice = Choice { name: line.name.to_owned(), ..line.choice };
        lists.entry(line.list.to_owned()).or_default().push(choice);
    }
    lists
}

struct Line<'a> {
    list: &'a str,
    name: &'a str,
    choice: Choice,
}

impl Line<'_> {
    fn sound(&self, list_at: Place<'_>, name_at: Place<'_>, findings: &mut Findings) -> bool {
        let before = findings.errors.len();
        match self.list {
            "" => findings.error(list_at, Problem::ChoiceListMissing),
            list if !is_word(list) => findings.error(list_at, Problem::ChoiceNameBad { name: quoted(list) }),
            _ => {}
        }
        match self.name {
            "" => findings.error(name_at, Problem::NameMissing),
            name if !is_word(name) => findings.error(name_at, Problem::ChoiceNameBad { name: quoted(name) }),
            _ => {}
        }
        findings.errors.len() == before
    }
}
