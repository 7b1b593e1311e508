//! How dangerous an answer is in wrong hands.

use serde::{Deserialize, Serialize};

use super::{Kind, Question};

/// From 0 to 4: the column `cairn::sensitivity`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Sensitivity(u8);

impl Sensitivity {
    /// How the record is kept: says nothing about anybody.
    pub const ADMINISTRATIVE: Self = Self(0);
    /// A code or number, harmless in a table of many.
    pub const CODED: Self = Self(1);
    /// Together with others it may tell who somebody is: a day, a place.
    pub const QUASI_IDENTIFIER: Self = Self(2);
    /// It tells who somebody is.
    pub const DIRECT_IDENTIFIER: Self = Self(3);
    /// Somebody's life depends on it: the smallest circle, never exported.
    pub const LIFE_SAFETY: Self = Self(4);

    /// The level of that number; none above 4.
    pub fn new(level: u8) -> Option<Self> {
        (level <= Self::LIFE_SAFETY.0).then_some(Self(level))
    }

    /// Its number.
    pub fn level(self) -> u8 {
        self.0
    }
}

impl TryFrom<u8> for Sensitivity {
    type Error = &'static str;

    fn try_from(level: u8) -> Result<Self, Self::Error> {
        Self::new(level).ok_or("a sensitivity is a number from 0 to 4")
    }
}

impl From<Sensitivity> for u8 {
    fn from(sensitivity: Sensitivity) -> Self {
        sensitivity.0
    }
}

impl Question {
    /// What the form says, or what the kind implies: codes and numbers are [`Sensitivity::CODED`], days and
    /// places [`Sensitivity::QUASI_IDENTIFIER`]. Words, pictures and sounds can hold a name, so they are
    /// [`Sensitivity::DIRECT_IDENTIFIER`] until a form says that they do not.
    pub fn sensitivity(&self) -> Sensitivity {
        self.sensitivity.unwrap_or(match self.kind {
            Kind::Start | Kind::End | Kind::Today | Kind::Note => Sensitivity::ADMINISTRATIVE,
            Kind::Integer
            | Kind::Decimal
            | Kind::Range
            | Kind::SelectOne(_)
            | Kind::SelectMultiple(_)
            | Kind::Rank(_)
            | Kind::Acknowledge => Sensitivity::CODED,
            Kind::Date | Kind::Time | Kind::DateTime => Sensitivity::QUASI_IDENTIFIER,
            Kind::Geopoint | Kind::Geotrace | Kind::Geoshape => Sensitivity::QUASI_IDENTIFIER,
            Kind::Calculate | Kind::Hidden if self.constant.is_some() => Sensitivity::ADMINISTRATIVE,
            Kind::Text
            | Kind::Narrative
            | Kind::Barcode
            | Kind::Calculate
            | Kind::Hidden
            | Kind::Image
            | Kind::Audio
            | Kind::Video
            | Kind::File
            | Kind::Metadata(_) => Sensitivity::DIRECT_IDENTIFIER,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_hold_a_name_is_taken_to_hold_one_until_the_form_says_otherwise() {
        for kind in [Kind::Text, Kind::Narrative, Kind::Barcode, Kind::Calculate, Kind::Image] {
            assert_eq!(Question::new("q", kind).sensitivity(), Sensitivity::DIRECT_IDENTIFIER);
        }
        let colour = Question { sensitivity: Sensitivity::new(1), ..Question::new("q", Kind::Text) };
        assert_eq!(colour.sensitivity(), Sensitivity::CODED);
        assert_eq!(Sensitivity::new(5), None);
        assert!(serde_json::from_str::<Sensitivity>("5").is_err());
    }
}
