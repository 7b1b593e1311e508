//! What two answers to one question mean that were given at the same time, neither knowing the other.

use serde::{Deserialize, Serialize};

use super::{Kind, Question};

/// What two concurrent answers mean. The words are those of the column `cairn::merge`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Merge {
    /// The first answer stays; nobody can change it.
    #[serde(rename = "imm")]
    Immutable,
    /// Both are kept and shown as a conflict.
    #[serde(rename = "mv")]
    Several,
    /// A choice stands while anybody's latest word on it is yes.
    #[serde(rename = "set")]
    Set,
    /// What was said stays; more can be said after it.
    #[serde(rename = "log")]
    Log,
    /// Two people may write in one text.
    #[serde(rename = "txt")]
    Text,
    /// The worse value wins, and is never lowered in silence: the larger number, the later choice of the list.
    #[serde(rename = "max")]
    Worst,
    /// Both counts are added.
    #[serde(rename = "ctr")]
    Counter,
}

impl Merge {
    /// Every way.
    pub const ALL: [Self; 7] =
        [Self::Immutable, Self::Several, Self::Set, Self::Log, Self::Text, Self::Worst, Self::Counter];

    /// The word for it in forms.
    pub fn name(self) -> &'static str {
        match self {
            Self::Immutable => "imm",
            Self::Several => "mv",
            Self::Set => "set",
            Self::Log => "log",
            Self::Text => "txt",
            Self::Worst => "max",
            Self::Counter => "ctr",
        }
    }

    /// The way of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|merge| merge.name() == name)
    }

    /// Whether answers of this kind can be merged so.
    pub fn fits(self, kind: &Kind) -> bool {
        match self {
            Self::Immutable => !matches!(kind, Kind::Note | Kind::Narrative),
            Self::Several => !matches!(kind, Kind::Note | Kind::Narrative | Kind::SelectMultiple(_)),
            Self::Set => matches!(kind, Kind::SelectMultiple(_)),
            Self::Log => matches!(kind, Kind::Text | Kind::Narrative),
            Self::Text => matches!(kind, Kind::Narrative),
            Self::Worst => {
                matches!(
                    kind,
                    Kind::Integer | Kind::Decimal | Kind::Range | Kind::SelectOne(_) | Kind::Acknowledge
                )
            }
            Self::Counter => matches!(kind, Kind::Integer),
        }
    }
}

impl Question {
    /// What two concurrent answers to it mean: what the form says, or what the kind implies.
    pub fn merge(&self) -> Merge {
        self.merge.unwrap_or(match self.kind {
            Kind::Narrative => Merge::Text,
            Kind::SelectMultiple(_) => Merge::Set,
            _ => Merge::Several,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_has_one_word_and_some_kind_it_fits() {
        for merge in Merge::ALL {
            assert_eq!(Merge::from_name(merge.name()), Some(merge));
            assert_eq!(serde_json::to_value(merge).unwrap(), merge.name());
            let list = || "l".to_owned();
            let kinds = [Kind::Integer, Kind::Text, Kind::Narrative, Kind::SelectMultiple(list())];
            assert!(kinds.iter().any(|kind| merge.fits(kind)), "{merge:?}");
        }
        assert_eq!(Merge::from_name("lww"), None);
    }

    #[test]
    fn what_a_kind_implies_fits_it() {
        let list = || "l".to_owned();
        for kind in
            [Kind::Text, Kind::Narrative, Kind::SelectMultiple(list()), Kind::Rank(list()), Kind::Image]
        {
            let question = Question::new("q", kind);
            assert!(question.merge().fits(&question.kind), "{:?}", question.kind);
        }
        let counted = Question { merge: Some(Merge::Counter), ..Question::new("q", Kind::Integer) };
        assert_eq!(counted.merge(), Merge::Counter);
    }
}
