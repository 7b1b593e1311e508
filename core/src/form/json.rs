//! Answers as JSON: an object by question; each repeat is an array of objects, one for each row.
//!
//! ```text
//! { "name": "…", "age": {"missing": "declined"},
//!   "people": [ { "~row": "00003f2a…", "born": "1995-02-28", "papers": [ { "~row": … } ] }, … ] }
//! ```
//! Read back, a row that names none of its own is new, `"~removed": true` takes a row away, and a row that is
//! not listed stays as it is. Question and rows stand under the names of [`super::field`] in [`Answers`].

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::field::{field, is_row_id, next_row_id, row, split};
use super::rows::rows;
use super::{Answer, Answers, Fault, Form, Rule, name};

/// The key under which a row says which it is.
const ID: &str = "~row";
/// The key under which a row is taken away.
const REMOVED: &str = "~removed";
/// Rows of one repeat that one document may add: what expressions can count.
const MOST: usize = 1_000;

/// What is to change, by key; `None` empties a field or takes a row away.
type Edits = BTreeMap<String, Option<Answer>>;

/// The answers as JSON. What the form does not ask, or all of it where the form is not known, stands under its
/// plain key.
pub fn answers_to_json(form: Option<&Form>, answers: &Answers) -> Map<String, Value> {
    let plain = |key: &String| form.is_none_or(|form| form.asked(key).is_none() && !form.is_row(key));
    let nested = form.filter(|form| form.has_repeats());
    let flat = answers.iter().filter(|(key, _)| nested.is_none() || plain(key));
    let mut object: Map<String, Value> = flat.map(|(key, answer)| (key.clone(), answer.to_json())).collect();
    if let Some(form) = nested {
        object.extend(level(form, answers, None, &[]));
    }
    object
}

/// What stands in a row of a repeat, or in none.
fn level(form: &Form, answers: &Answers, repeat: Option<&str>, outer: &[&str]) -> Map<String, Value> {
    let own =
        form.questions.iter().filter(|question| form.repeats_around(question).last().copied() == repeat);
    let mut object: Map<String, Value> = own
        .filter_map(|question| {
            Some((question.name.clone(), answers.get(&field(&question.name, outer))?.to_json()))
        })
        .collect();
    for inner in inside(form, repeat) {
        let each = rows(answers, inner, outer).into_iter().map(|id| {
            let rows: Vec<&str> = outer.iter().copied().chain([id]).collect();
            let mut object = Map::from_iter([(ID.to_owned(), Value::from(id))]);
            object.extend(level(form, answers, Some(inner), &rows));
            Value::Object(object)
        });
        let each: Vec<Value> = each.collect();
        if !each.is_empty() {
            object.insert(inner.to_owned(), Value::Array(each));
        }
    }
    object
}

/// The names of the repeats that lie directly in a repeat, or in none.
fn inside<'f>(form: &'f Form, repeat: Option<&str>) -> Vec<&'f str> {
    let repeats = form.groups.iter().filter(|group| group.repeat.is_some()).map(|group| group.name.as_str());
    let around = |name: &str| {
        let to = form.repeats_to(name);
        to.len().checked_sub(2).and_then(|last| to.get(last)).copied().map(str::to_owned)
    };
    repeats.filter(|name| around(name).as_deref() == repeat).collect()
}

impl Form {
    /// What a JSON object of answers changes, and everything that is wrong with it. `before` are the answers
    /// that are there, after whose rows new ones are put; `random` gives random bits for their names.
    pub fn answers_from_json(
        &self,
        object: &BTreeMap<String, Value>,
        before: &Answers,
        random: &mut dyn FnMut() -> u64,
    ) -> (BTreeMap<String, Option<Answer>>, Vec<Fault>) {
        let mut reader = Reader { form: self, before, random, edits: Edits::new(), faults: Vec::new() };
        reader.object(object, None, &[]);
        (reader.edits, reader.faults)
    }

    /// The answer that a text gives to the question of a key, as [`Form::parse_text`] reads it.
    ///
    /// # Errors
    /// The rule the text breaks.
    pub fn parse_field(&self, key: &str, text: &str) -> Result<Option<Answer>, Fault> {
        let fault = |rule| Fault { field: name::quoted(key), rule };
        if self.is_row(key) {
            return Ok((!text.trim().is_empty()).then_some(Answer::Row));
        }
        let question = self.asked(key).ok_or_else(|| fault(Rule::UnknownField))?;
        self.parse_text(question, text).map_err(|broken| Fault { field: key.to_owned(), ..broken })
    }
}

struct Reader<'a> {
    form: &'a Form,
    before: &'a Answers,
    random: &'a mut dyn FnMut() -> u64,
    edits: Edits,
    faults: Vec<Fault>,
}

impl Reader<'_> {
    fn object<'v>(
        &mut self,
        object: impl IntoIterator<Item = (&'v String, &'v Value)>,
        repeat: Option<&str>,
        outer: &[&str],
    ) {
        let inner = inside(self.form, repeat);
        for (key, value) in object.into_iter().filter(|(key, _)| ![ID, REMOVED].contains(&key.as_str())) {
            match value {
                Value::Array(each) if inner.contains(&key.as_str()) => self.rows(each, key, outer),
                value => self.answer(key, value, outer),
            }
        }
    }

    fn answer(&mut self, name: &str, value: &Value, outer: &[&str]) {
        // A key that says its rows itself is as good as one that stands in them.
        let key = if split(name).rows.is_empty() { field(name, outer) } else { name.to_owned() };
        let parsed = match self.form.asked(&key) {
            Some(question) => self.form.parse_json(question, value),
            None if self.form.is_row(&key) => Ok((*value == Value::Bool(true)).then_some(Answer::Row)),
            None => Err(Fault { field: key.clone(), rule: Rule::UnknownField }),
        };
        match parsed {
            Ok(answer) => drop(self.edits.insert(key, answer)),
            Err(Fault { rule, .. }) => self.faults.push(Fault { field: name::quoted(&key), rule }),
        }
    }

    fn rows(&mut self, each: &[Value], repeat: &str, outer: &[&str]) {
        let mut last = rows(self.before, repeat, outer).last().map(|id| (*id).to_owned());
        let named = each.iter().filter_map(|one| one.get(ID)?.as_str()).max().map(str::to_owned);
        last = last.max(named.filter(|id| is_row_id(id)));
        if each.len() > MOST {
            self.faults.push(Fault { field: name::quoted(repeat), rule: Rule::TooManyRows });
            return;
        }
        for one in each {
            let id = match (one, one.get(ID)) {
                (Value::Object(_), None) => {
                    let id = next_row_id(last.as_deref(), (self.random)());
                    last = Some(id.clone());
                    Some(id)
                }
                (Value::Object(_), Some(Value::String(id))) => Some(id.clone()).filter(|id| is_row_id(id)),
                _ => None,
            };
            let (Some(id), Value::Object(object)) = (id, one) else {
                self.faults.push(Fault { field: name::quoted(repeat), rule: Rule::NotRow });
                continue;
            };
            let inner: Vec<&str> = outer.iter().copied().chain([id.as_str()]).collect();
            if object.get(REMOVED) == Some(&Value::Bool(true)) {
                self.edits.insert(row(repeat, &inner), None);
                continue;
            }
            self.edits.insert(row(repeat, &inner), Some(Answer::Row));
            self.object(object, Some(repeat), &inner);
        }
    }
}
