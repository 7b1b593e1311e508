//! What expressions are told besides answers: the form's lists and tables, the time, dice, a language.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use crate::form::expression::{Around, Moment};
use crate::form::{Answer, Form, Holder, Offered, Prepared, Question};

/// The rows of a column by their values: the first of each.
type Index = HashMap<String, usize>;

/// What is around the records of a form, for one reader at one time.
pub struct Surroundings<'f> {
    form: &'f Form,
    prepared: &'f Prepared,
    language: String,
    now: Cell<Moment>,
    dice: Cell<u64>,
    indexes: RefCell<HashMap<(String, String), Index>>,
}

impl<'f> Surroundings<'f> {
    /// `seed` is where the dice begin; nothing secret is made of them.
    pub fn new(form: &'f Form, prepared: &'f Prepared, language: &str, now: Moment, seed: u64) -> Self {
        Self {
            form,
            prepared,
            language: language.to_owned(),
            now: Cell::new(now),
            dice: Cell::new(seed),
            indexes: RefCell::default(),
        }
    }

    /// Tells a later time.
    pub fn set_now(&self, now: Moment) {
        self.now.set(now);
    }

    pub(super) fn moment(&self) -> Moment {
        self.now.get()
    }

    pub(super) fn language(&self) -> &str {
        &self.language
    }

    /// The next of the dice (SplitMix64, Steele, Lea and Flood 2014).
    pub(super) fn dice(&self) -> u64 {
        let state = self.dice.get().wrapping_add(0x9E37_79B9_7F4A_7C15);
        self.dice.set(state);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn label<'c>(&self, choice: Offered<'c>) -> &'c str {
        let label = choice.label(&self.language, &self.form.default_language);
        if label.is_empty() { choice.name } else { label }
    }

    fn indexed(&self, table: &str, column: &str) -> Option<Index> {
        let mut index = Index::new();
        for row in 0..self.table_rows(table)? {
            if let Some(value) = self.cell(table, row, column) {
                index.entry(value.into_owned()).or_insert(row);
            }
        }
        Some(index)
    }
}

impl Around for Surroundings<'_> {
    fn now(&self) -> Moment {
        self.moment()
    }

    fn random(&self) -> u64 {
        self.dice()
    }

    fn table_rows(&self, table: &str) -> Option<usize> {
        self.form.table_rows(table)
    }

    fn cell(&self, table: &str, row: usize, column: &str) -> Option<Cow<'_, str>> {
        if let Some(list) = self.form.list(table) {
            let choice = list.get(row)?;
            // A list's own column of that name comes first: files may call what is shown otherwise.
            let text = match (choice.column(column), column) {
                (Some(text), _) => text,
                (None, "name" | "value") => choice.name,
                (None, "label") => self.label(choice),
                // A cell that was left empty is there all the same.
                (None, _) => "",
            };
            return Some(Cow::Borrowed(text));
        }
        self.form.table_cell(table, row, column).map(Cow::Borrowed)
    }

    fn find(&self, table: &str, column: &str, value: &str) -> Option<usize> {
        let key = (table.to_owned(), column.to_owned());
        let mut indexes = self.indexes.borrow_mut();
        if !indexes.contains_key(&key) {
            indexes.insert(key.clone(), self.indexed(table, column)?);
        }
        indexes.get(&key)?.get(value).copied()
    }

    fn choice_label(&self, place: usize, choice: &str) -> Option<String> {
        let Holder::Question(index) = self.prepared.holder(place) else { return None };
        let list = self.form.questions.get(index)?.kind.list()?;
        let row = self.find(list, "name", choice)?;
        Some(self.label(self.form.list(list)?.get(row)?).to_owned())
    }

    fn version(&self) -> String {
        self.form.version.clone()
    }
}

/// An answer as expressions see it: several choices in the order of their list, as other tools have them. Why
/// there is none is no answer to them.
pub(super) fn text_of(form: &Form, question: &Question, answer: &Answer) -> String {
    let Answer::Choices(chosen) = answer else { return answer.to_expression() };
    let offered = form.choices(question).iter().map(|choice| choice.name);
    let mut names: Vec<&str> = offered.filter(|name| chosen.contains(*name)).collect();
    if names.len() < chosen.len() {
        let strange = chosen.iter().map(String::as_str).filter(|name| !form.offers(question, name));
        names.extend(strange);
    }
    names.join(" ")
}
