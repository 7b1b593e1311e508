//! The choices of a list, wherever they stand: in the form, or in a table that travels apart.

use std::collections::BTreeSet;
use std::ops::Range;

use super::language::pick;
use super::{Choice, Form, Question, Sheet};

/// The column of a sheet that holds a label in no language, and the beginning of those with one.
pub(super) const LABEL: &str = "label";
pub(super) const LABEL_IN: &str = "label::";

/// The choices of one list, in their order.
#[derive(Debug, Clone, Copy)]
pub enum Choices<'f> {
    /// They stand in the form.
    Inside(&'f [Choice]),
    /// They are the rows of a table that travels apart.
    Apart(&'f Sheet),
}

/// One choice of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offered<'f> {
    /// Its name for machines.
    pub name: &'f str,
    place: Place<'f>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place<'f> {
    Inside(&'f Choice),
    Row(&'f Sheet, usize),
}

impl<'f> Choices<'f> {
    /// How many there are.
    pub fn len(self) -> usize {
        match self {
            Self::Inside(choices) => choices.len(),
            Self::Apart(sheet) => sheet.rows(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The choice at a place, from 0.
    pub fn get(self, index: usize) -> Option<Offered<'f>> {
        match self {
            Self::Inside(choices) => choices.get(index).map(Offered::inside),
            Self::Apart(sheet) if index < sheet.rows() => Some(Offered::row(sheet, index)),
            Self::Apart(_) => None,
        }
    }

    /// All of them.
    pub fn iter(self) -> ChoicesIter<'f> {
        ChoicesIter { choices: self, left: 0..self.len() }
    }

    /// The languages of its labels.
    pub fn languages(self) -> BTreeSet<&'f str> {
        match self {
            Self::Inside(choices) => {
                choices.iter().flat_map(|choice| choice.label.keys()).map(String::as_str).collect()
            }
            Self::Apart(sheet) => {
                let language =
                    |name: &'f String| if name == LABEL { Some("") } else { name.strip_prefix(LABEL_IN) };
                sheet.columns().iter().filter_map(language).collect()
            }
        }
    }

    /// The place of the choice of that name.
    pub fn place(self, name: &str) -> Option<usize> {
        match self {
            Self::Inside(choices) => choices.iter().position(|choice| choice.name == name),
            Self::Apart(sheet) => sheet.named(name),
        }
    }

    /// The choice of that name.
    pub fn named(self, name: &str) -> Option<Offered<'f>> {
        self.get(self.place(name)?)
    }
}

impl<'f> IntoIterator for Choices<'f> {
    type Item = Offered<'f>;
    type IntoIter = ChoicesIter<'f>;

    fn into_iter(self) -> ChoicesIter<'f> {
        self.iter()
    }
}

/// Choices one by one.
#[derive(Debug, Clone)]
pub struct ChoicesIter<'f> {
    choices: Choices<'f>,
    left: Range<usize>,
}

impl<'f> Iterator for ChoicesIter<'f> {
    type Item = Offered<'f>;

    fn next(&mut self) -> Option<Offered<'f>> {
        self.choices.get(self.left.next()?)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.left.size_hint()
    }
}

impl<'f> Offered<'f> {
    fn inside(choice: &'f Choice) -> Self {
        Self { name: &choice.name, place: Place::Inside(choice) }
    }

    fn row(sheet: &'f Sheet, row: usize) -> Self {
        let name = sheet.column("name").and_then(|column| sheet.cell(row, column)).unwrap_or_default();
        Self { name, place: Place::Row(sheet, row) }
    }

    /// What people read, in each language, ascending by the language's name.
    pub fn labels(self) -> impl Iterator<Item = (&'f str, &'f str)> + Clone {
        let (inside, row) = match self.place {
            Place::Inside(choice) => (Some(choice), None),
            Place::Row(sheet, row) => (None, Some((sheet, row))),
        };
        let inside = inside.into_iter().flat_map(|choice| &choice.label);
        let apart = row.into_iter().flat_map(|(sheet, row)| {
            let columns = sheet.columns().iter().enumerate();
            columns.filter_map(move |(column, name)| {
                let language = if name == LABEL { "" } else { name.strip_prefix(LABEL_IN)? };
                Some((language, sheet.cell(row, column).filter(|text| !text.is_empty())?))
            })
        });
        inside.map(|(language, text)| (language.as_str(), text.as_str())).chain(apart)
    }

    /// What people read in a language, or else in `default`; empty if there is no label.
    pub fn label(self, language: &str, default: &str) -> &'f str {
        pick(self.labels(), language, default)
    }

    /// The choice as it stands in the form; none if its list travels apart.
    pub fn in_form(self) -> Option<&'f Choice> {
        match self.place {
            Place::Inside(choice) => Some(choice),
            Place::Row(..) => None,
        }
    }

    /// What its list says of it besides, in the column of that name.
    pub fn column(self, name: &str) -> Option<&'f str> {
        match self.place {
            Place::Inside(choice) => choice.columns.get(name).map(String::as_str),
            Place::Row(..) if name == "name" || name == LABEL || name.starts_with(LABEL_IN) => None,
            Place::Row(sheet, row) => sheet.cell(row, sheet.column(name)?).filter(|text| !text.is_empty()),
        }
    }
}

impl Form {
    /// The choices of the list of that name.
    pub fn list(&self, name: &str) -> Option<Choices<'_>> {
        if let Some(choices) = self.lists.get(name) {
            return Some(Choices::Inside(choices));
        }
        let apart = self.apart.get(name).filter(|apart| apart.is_list)?;
        Some(apart.sheet().map_or(Choices::Inside(&[]), Choices::Apart))
    }

    /// Every list with its choices, by name.
    pub fn every_list(&self) -> impl Iterator<Item = (&str, Choices<'_>)> {
        let apart = self.apart.iter().filter(|(_, apart)| apart.is_list).map(|(name, _)| name);
        let mut names: Vec<&String> = self.lists.keys().chain(apart).collect();
        names.sort();
        names.into_iter().filter_map(|name| Some((name.as_str(), self.list(name)?)))
    }

    /// The choices of a question, none for one that has no list.
    pub fn choices(&self, question: &Question) -> Choices<'_> {
        question.kind.list().and_then(|list| self.list(list)).unwrap_or(Choices::Inside(&[]))
    }

    /// Whether `choice` is in the question's list.
    pub fn offers(&self, question: &Question, choice: &str) -> bool {
        self.choices(question).place(choice).is_some()
    }
}
