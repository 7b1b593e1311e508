//! What an answer is. The keys it stands under, also in rows of repeats, are those of [`super::field`].

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{FileAnswer, Form, Kind, Missing, Question, text_in};

/// The key under which JSON says which entry it is.
const ENTRY: &str = "~entry";

/// One answer. Its variant follows from the question's [`super::Kind`].
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// For every kind that is one piece of text: text, date, time, place, code, one choice, …
    Text(String),
    /// For [`super::Kind::Narrative`].
    Narrative(String),
    /// For [`super::Kind::Integer`].
    Integer(i64),
    /// For [`super::Kind::Decimal`]; finite.
    Decimal(f64),
    /// For [`super::Kind::SelectMultiple`]: the names of the choices.
    Choices(BTreeSet<String>),
    /// For every kind that a person is asked: that there is no answer, and why.
    Missing(Missing),
    /// For questions that only grow ([`super::Merge::Log`]): what was said, in order.
    Log(Vec<Entry>),
    /// For pictures, sounds, films and files: one that was attached. Where only a name is known, as in what was
    /// imported, it is a text.
    File(Box<FileAnswer>),
    /// That a row of a repeat is there.
    Row,
}

/// One thing that was said to a question that only grows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entry {
    /// Names it, and sorts it; empty for what has not been saved yet.
    pub id: String,
    /// Seconds since 1970 by its author's clock: shown, never trusted.
    pub time: i64,
    /// What was said.
    pub text: String,
}

impl Entry {
    /// Something new.
    pub fn new(text: &str) -> Self {
        Self { text: text.to_owned(), ..Self::default() }
    }
}

/// Answers by question, in rows of repeats also by row ([`super::field`]). Where nothing stands, nobody has said
/// anything, not even that there is no answer.
pub type Answers = BTreeMap<String, Answer>;

impl Answer {
    /// The answer to [`Kind::Acknowledge`].
    pub const OK: &'static str = "OK";

    /// Whether it says nothing: blank text, or no choice.
    pub fn is_blank(&self) -> bool {
        match self {
            Self::Text(text) | Self::Narrative(text) => text.trim().is_empty(),
            Self::Choices(chosen) => chosen.is_empty(),
            Self::Log(entries) => entries.is_empty(),
            Self::Integer(_) | Self::Decimal(_) | Self::Missing(_) | Self::File(_) | Self::Row => false,
        }
    }

    /// The file, if it is one that was attached.
    pub fn file(&self) -> Option<&FileAnswer> {
        match self {
            Self::File(file) => Some(file),
            _ => None,
        }
    }

    /// The answer as expressions see it: choices by name with blanks between, a file by its name, and nothing where it
    /// is missing.
    pub fn to_expression(&self) -> String {
        match self {
            Self::Text(text) | Self::Narrative(text) => text.clone(),
            Self::Integer(number) => number.to_string(),
            Self::Decimal(number) => number.to_string(),
            Self::Choices(chosen) => chosen.iter().map(String::as_str).collect::<Vec<_>>().join(" "),
            Self::Log(entries) => texts(entries),
            Self::File(file) => file.name.clone(),
            Self::Missing(_) | Self::Row => String::new(),
        }
    }

    /// The answer as JSON for people and other programs: a string, a number, an array of choice names in the order of
    /// their letters, or `{"missing": "declined"}`. [`Form::parse_json`] reads it back. Of a file it says the name,
    /// and never what opens it; drafts are kept otherwise.
    pub fn to_json(&self) -> Value {
        match self {
            Self::Text(text) | Self::Narrative(text) => Value::from(text.as_str()),
            Self::Integer(number) => Value::from(*number),
            Self::Decimal(number) => Value::from(*number),
            Self::Choices(chosen) => chosen.iter().map(String::as_str).collect(),
            Self::Missing(missing) => missing.to_json(),
            Self::Log(entries) => entries.iter().map(Entry::to_json).collect(),
            Self::File(file) => Value::from(file.shown_name()),
            Self::Row => Value::Bool(true),
        }
    }

    /// The answer for people: choices by their labels in `language`, in the order of the form and
    /// with semicolons between them. A choice the form does not have is shown by its name.
    pub fn display(&self, form: &Form, question: &Question, language: &str) -> String {
        match (self, &question.kind) {
            (Self::Text(name), Kind::SelectOne(_)) => form.choice_label(question, name, language).to_owned(),
            (Self::Text(names), Kind::Rank(_)) => {
                let labels = names.split_whitespace().map(|name| form.choice_label(question, name, language));
                labels.collect::<Vec<_>>().join("; ")
            }
            (Self::Text(text) | Self::Narrative(text), _) => text.clone(),
            (Self::Integer(number), _) => number.to_string(),
            (Self::Decimal(number), _) => number.to_string(),
            (Self::Missing(missing), _) => missing.shown().to_owned(),
            (Self::Log(entries), _) => texts(entries),
            (Self::File(file), _) => file.shown_name(),
            (Self::Row, _) => String::new(),
            (Self::Choices(chosen), _) => {
                let offered = form.choices(question).iter().map(|choice| choice.name);
                let mut names: Vec<&str> = offered.filter(|name| chosen.contains(*name)).collect();
                let strangers = chosen.iter().map(String::as_str).filter(|name| !form.offers(question, name));
                names.extend(strangers);
                let labels = names.into_iter().map(|name| form.choice_label(question, name, language));
                labels.collect::<Vec<_>>().join("; ")
            }
        }
    }
}

impl Entry {
    fn to_json(&self) -> Value {
        json!({ ENTRY: self.id, "time": self.time, "text": self.text })
    }

    /// Reads an entry as [`Answer::to_json`] writes it, or a text as something new.
    pub(super) fn from_json(value: &Value) -> Option<Self> {
        if let Value::String(text) = value {
            return Some(Self::new(text));
        }
        let text = value.get("text")?.as_str()?.to_owned();
        let id = value.get(ENTRY).and_then(Value::as_str).unwrap_or_default().to_owned();
        Some(Self { id, time: value.get("time").and_then(Value::as_i64).unwrap_or_default(), text })
    }
}

/// One line after the other.
fn texts(entries: &[Entry]) -> String {
    entries.iter().map(|entry| entry.text.as_str()).collect::<Vec<_>>().join("\n")
}

impl Form {
    /// What a question is called in a language: its label, or else its name.
    pub fn label<'a>(&'a self, question: &'a Question, language: &str) -> &'a str {
        or(text_in(&question.label, language, &self.default_language), &question.name)
    }

    /// What a choice of a question is called in a language: its label, or else its name.
    pub fn choice_label<'a>(&'a self, question: &Question, name: &'a str, language: &str) -> &'a str {
        let choice = self.choices(question).named(name);
        let label = choice.map_or("", |choice| choice.label(language, &self.default_language));
        or(label, name)
    }
}

fn or<'a>(text: &'a str, name: &'a str) -> &'a str {
    if text.is_empty() { name } else { text }
}
