//! Why there is no answer.
//!
//! No key in [`super::Answers`] means that nobody has said anything yet. These three are said: they are kept,
//! merged and exported like answers, and are none. To expressions all of them are empty.

use serde_json::{Value, json};

/// Why there is no answer to a question that a person is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Missing {
    /// It was asked, and whoever was asked does not know.
    Unknown,
    /// It was asked, and whoever was asked would not say.
    Declined,
    /// Nobody asked, on purpose.
    NotAsked,
}

/// The key under which JSON says it.
const KEY: &str = "missing";

impl Missing {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Unknown, Self::Declined, Self::NotAsked];

    /// The word for it in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Declined => "declined",
            Self::NotAsked => "not_asked",
        }
    }

    /// What stands for it in tables and on the command line. No number, no day and no name of a choice begins
    /// so, and no spreadsheet takes it for a formula.
    pub fn marker(self) -> &'static str {
        match self {
            Self::Unknown => "~unknown",
            Self::Declined => "~declined",
            Self::NotAsked => "~not_asked",
        }
    }

    /// What people read.
    pub fn shown(self) -> &'static str {
        match self {
            Self::Unknown => "(unknown)",
            Self::Declined => "(declined)",
            Self::NotAsked => "(not asked)",
        }
    }

    /// The one a [marker](Self::marker) stands for; blanks around it do not count.
    pub fn from_marker(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|missing| missing.marker() == text.trim())
    }

    /// `{"missing": "declined"}`
    pub(super) fn to_json(self) -> Value {
        json!({ KEY: self.name() })
    }

    pub(super) fn from_json(value: &Value) -> Option<Self> {
        let object = value.as_object().filter(|object| object.len() == 1)?;
        let name = object.get(KEY)?.as_str()?;
        Self::ALL.into_iter().find(|missing| missing.name() == name)
    }

    /// Whether a question that must be answered may rest at it: who was asked and does not know, or will not
    /// say, has been asked.
    pub(super) fn satisfies(self) -> bool {
        self != Self::NotAsked
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_words_of_its_own() {
        for missing in Missing::ALL {
            assert_eq!(Missing::from_marker(missing.marker()), Some(missing));
            assert_eq!(Missing::from_json(&missing.to_json()), Some(missing));
        }
        assert_eq!(Missing::from_marker("unknown"), None);
        assert_eq!(Missing::from_json(&json!({ "missing": "declined", "more": 1 })), None);
    }
}
