//! The parts of a record: what may be shown to different people.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A part of a record. Each lives in the circle that holds it, so who may read one need not read another.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// What everybody who works on the case needs; every record has it, even if nothing stands in it.
    #[default]
    Case,
    /// Who the person is.
    Identity,
    /// Body and mind.
    Health,
    /// Courts, police, status.
    Legal,
    /// Where the person is safe.
    Shelter,
    /// What was learnt about others.
    Intel,
}

impl Part {
    /// Every part, in the order they are shown.
    pub const ALL: [Self; 6] =
        [Self::Case, Self::Identity, Self::Health, Self::Legal, Self::Shelter, Self::Intel];

    /// The word for it: in forms, in documents and for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Case => "case",
            Self::Identity => "identity",
            Self::Health => "health",
            Self::Legal => "legal",
            Self::Shelter => "shelter",
            Self::Intel => "intel",
        }
    }

    /// The part of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.name() == name)
    }

    /// Whether it is [`Part::Case`], which forms need not say.
    pub(super) fn is_case(&self) -> bool {
        *self == Self::Case
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
