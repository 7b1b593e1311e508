//! What an answer is.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Form, Kind, Question, text_in};

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
}

/// Answers by question name. A question that is missing was not answered.
pub type Answers = BTreeMap<String, Answer>;

impl Answer {
    /// The answer to [`Kind::Acknowledge`].
    pub const OK: &'static str = "OK";

    /// Whether it says nothing: blank text, or no choice.
    pub fn is_blank(&self) -> bool {
        match self {
            Self::Text(text) | Self::Narrative(text) => text.trim().is_empty(),
            Self::Choices(chosen) => chosen.is_empty(),
            Self::Integer(_) | Self::Decimal(_) => false,
        }
    }

    /// The answer as JSON: a string, a number, or an array of choice names in the order of
    /// their letters. [`Form::parse_json`] reads it back.
    pub fn to_json(&self) -> Value {
        match self {
            Self::Text(text) | Self::Narrative(text) => Value::from(text.as_str()),
            Self::Integer(number) => Value::from(*number),
            Self::Decimal(number) => Value::from(*number),
            Self::Choices(chosen) => chosen.iter().map(String::as_str).collect(),
        }
    }

    /// The answer for people: choices by their labels in `language`, in the order of the form and
    /// with semicolons between them. A choice the form does not have is shown by its name.
    pub fn display(&self, form: &Form, question: &Question, language: &str) -> String {
        match (self, &question.kind) {
            (Self::Text(name), Kind::SelectOne(_)) => form.choice_label(question, name, language).to_owned(),
            (Self::Text(text) | Self::Narrative(text), _) => text.clone(),
            (Self::Integer(number), _) => number.to_string(),
            (Self::Decimal(number), _) => number.to_string(),
            (Self::Choices(chosen), _) => {
                let offered = form.choices(question).iter().map(|choice| choice.name.as_str());
                let mut names: Vec<&str> = offered.filter(|name| chosen.contains(*name)).collect();
                let strangers = chosen.iter().map(String::as_str).filter(|name| !form.offers(question, name));
                names.extend(strangers);
                let labels = names.into_iter().map(|name| form.choice_label(question, name, language));
                labels.collect::<Vec<_>>().join("; ")
            }
        }
    }
}

impl Form {
    /// What a question is called in a language: its label, or else its name.
    pub fn label<'a>(&'a self, question: &'a Question, language: &str) -> &'a str {
        or(text_in(&question.label, language, &self.default_language), &question.name)
    }

    /// What a choice of a question is called in a language: its label, or else its name.
    pub fn choice_label<'a>(&'a self, question: &Question, name: &'a str, language: &str) -> &'a str {
        let choice = self.choices(question).iter().find(|choice| choice.name == name);
        let label = choice.map_or("", |choice| text_in(&choice.label, language, &self.default_language));
        or(label, name)
    }
}

fn or<'a>(text: &'a str, name: &'a str) -> &'a str {
    if text.is_empty() { name } else { text }
}
