//! What may be asked: the definition of a form, and what an answer to it may be.
//!
//! A form is data. XLSForm is how it is exchanged with people and other tools (`xlsform`); between
//! devices it travels as canonical bytes ([`Form::encode`]) inside a signed segment.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

mod answer;
mod bytes;
mod check;
mod choose;
mod digits;
pub mod expression;
mod fault;
mod language;
pub mod limits;
mod moment;
mod name;
mod number;
mod parse;
mod part;
mod place;
mod sound;
#[cfg(test)]
mod tests;
#[cfg(feature = "office")]
pub mod xlsform;

pub use answer::{Answer, Answers};
pub use bytes::FormError;
pub use digits::latin;
pub use fault::{Fault, Rule};
pub use language::{is_right_to_left, text_in};
pub use part::Part;
pub use sound::Unsound;

/// A piece of text in each language the form gives it in. The key is the language as the form
/// names it (`English (en)`), or empty for text without a language.
pub type Translations = BTreeMap<String, String>;

/// A definition of what may be asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Form {
    /// The form's name for machines, stable over versions.
    pub id: String,
    /// Which edition of it.
    pub version: String,
    /// The form's name for people.
    pub title: Translations,
    /// The language to show when the reader's own is missing; empty when the form names none.
    pub default_language: String,
    /// Groups, outermost first; a question names its group by index.
    pub groups: Vec<Group>,
    /// All questions in the order they are asked.
    pub questions: Vec<Question>,
    /// Choice lists by name.
    pub lists: BTreeMap<String, Vec<Choice>>,
}

/// Questions that belong together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// Its name for machines.
    pub name: String,
    /// Its heading.
    pub label: Translations,
    /// The group around it.
    pub parent: Option<usize>,
}

/// One question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Its name for machines, unique in the form; the key of its answer. Never holds `/`.
    pub name: String,
    /// What kind of answer it takes.
    pub kind: Kind,
    /// What is asked.
    pub label: Translations,
    /// What helps to answer it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub hint: Translations,
    /// Whether a finished record must answer it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub required: bool,
    /// Index into [`Form::groups`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<usize>,
    /// A constant the form itself supplies (a `calculate` with a literal).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub constant: Option<String>,
    /// How other tools should show it; kept as written.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub appearance: String,
    /// Which part of the record its answer belongs to.
    #[serde(default, skip_serializing_if = "Part::is_case")]
    pub part: Part,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
fn is_false(value: &bool) -> bool {
    !*value
}

/// What kind of answer a question takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Kind {
    /// Short text: one value as a whole.
    Text,
    /// Long text that two people may write in at once.
    Narrative,
    /// A whole number.
    Integer,
    /// A number.
    Decimal,
    /// A day, `YYYY-MM-DD`.
    Date,
    /// A time of day, `hh:mm[:ss[.sss]]` with an optional offset.
    Time,
    /// A day and time, ISO 8601.
    DateTime,
    /// One choice of the named list.
    SelectOne(String),
    /// Any number of choices of the named list.
    SelectMultiple(String),
    /// A place: `latitude longitude [altitude [accuracy]]`.
    Geopoint,
    /// "I have read this": `OK`.
    Acknowledge,
    /// The code read from a label.
    Barcode,
    /// When the record was begun; the device fills it in.
    Start,
    /// When it was finished; the device fills it in.
    End,
    /// The day it was begun; the device fills it in.
    Today,
    /// A value the form supplies.
    Calculate,
    /// Carried, never shown.
    Hidden,
    /// Shown, never answered.
    Note,
}

impl Kind {
    /// Whether a person answers it (rather than the form or the device).
    pub fn is_asked(&self) -> bool {
        !matches!(self, Self::Start | Self::End | Self::Today | Self::Calculate | Self::Hidden | Self::Note)
    }

    /// The choice list it draws from.
    pub fn list(&self) -> Option<&str> {
        match self {
            Self::SelectOne(list) | Self::SelectMultiple(list) => Some(list),
            _ => None,
        }
    }
}

/// One choice of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// Its name for machines. Never holds `/` or a blank.
    pub name: String,
    /// Its name for people.
    pub label: Translations,
}

impl Form {
    /// The question of that name.
    pub fn question(&self, name: &str) -> Option<&Question> {
        self.questions.iter().find(|question| question.name == name)
    }

    /// The parts a record of this form can have; [`Part::Case`] always is one.
    pub fn parts(&self) -> BTreeSet<Part> {
        let asked = self.questions.iter().map(|question| question.part);
        asked.chain([Part::Case]).collect()
    }

    /// The answers that belong to one part.
    pub fn of_part(&self, part: Part, answers: &Answers) -> Answers {
        let own = self.questions.iter().filter(|question| question.part == part);
        own.filter_map(|question| answers.get_key_value(&question.name))
            .map(|(name, answer)| (name.clone(), answer.clone()))
            .collect()
    }

    /// The choices of a question, empty for one that has none.
    pub fn choices(&self, question: &Question) -> &[Choice] {
        question.kind.list().and_then(|list| self.lists.get(list)).map_or(&[], Vec::as_slice)
    }

    /// Whether `choice` is in the question's list.
    pub fn offers(&self, question: &Question, choice: &str) -> bool {
        self.choices(question).iter().any(|offered| offered.name == choice)
    }
}
