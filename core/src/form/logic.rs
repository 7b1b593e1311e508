//! What a question says besides what it asks: conditions, checks, calculations.
//!
//! Expressions are kept as they were written; `expression` reads and works them out.

use serde::{Deserialize, Serialize};

use super::{Form, Group, Translations};

/// The expressions of one question. Most have none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Logic {
    /// When it is asked at all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relevant: Option<String>,
    /// What its answer must fulfil; `.` is the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub constraint: Option<String>,
    /// What to say when it does not.
    #[serde(skip_serializing_if = "Translations::is_empty")]
    pub constraint_message: Translations,
    /// When a finished record must answer it; besides [`super::Question::required`], which is always.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub required_when: Option<String>,
    /// What to say when it does not.
    #[serde(skip_serializing_if = "Translations::is_empty")]
    pub required_message: Translations,
    /// When it cannot be changed by hand; `true()` for always.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub readonly: Option<String>,
    /// What answers it when the record, or a row, is begun.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<Preset>,
    /// What answers it. A `calculate` of a constant has [`super::Question::constant`] instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calculation: Option<String>,
    /// Questions whose change works the calculation out anew. Without any, each change of what it looks at does.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub trigger: Vec<String>,
    /// Which choices of its list are offered; names without `${}` are columns of the list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub choice_filter: Option<String>,
}

/// What answers a question before anybody does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Preset {
    /// This text.
    Literal(String),
    /// What this expression is worth when the record, or the row, is begun.
    Expression(String),
}

/// That a group is filled any number of times.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Repeat {
    /// An expression: how often. Without one, people add and remove rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<String>,
}

impl Form {
    /// Whether anything in it is worked out: then a record is filled in with a [`super::session::Session`].
    pub fn has_logic(&self) -> bool {
        let works = |logic: &Logic| {
            *logic != Logic { constraint_message: logic.constraint_message.clone(), ..Logic::default() }
        };
        let counts = |group: &Group| group.repeat.as_ref().is_some_and(|repeat| repeat.count.is_some());
        self.questions.iter().any(|question| works(&question.logic))
            || self.groups.iter().any(|group| group.relevant.is_some() || counts(group))
    }
}

impl Logic {
    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
