//! What an expression is worth on the way, and how one kind of value becomes another.

use super::fault::EvaluationError;
use super::limits;
use super::moment::Moment;
use super::node::Node;
use super::number;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Number(f64),
    Text(String),
    Boolean(bool),
    /// What `today()`, `now()` and `date()` give: a number of days that is written as a day.
    Moment(Moment),
    Nodes(Vec<Node>),
}

/// A text as a number; a day or time counts in days.
pub(super) fn number_of(text: &str, offset: i32) -> f64 {
    let plain = number::read(text);
    if plain.is_nan() { Moment::read(text, offset).map_or(f64::NAN, Moment::days) } else { plain }
}

/// A text that is not too long.
pub(super) fn bounded(text: String) -> Result<Value, EvaluationError> {
    if text.len() > limits::VALUE { Err(EvaluationError::TooLong) } else { Ok(Value::Text(text)) }
}

/// One of the values that are compared: no nodes any more.
#[derive(Debug, Clone)]
pub(super) enum Single {
    Number(f64),
    Text(String),
    Boolean(bool),
    /// The text of a node.
    Answer(String),
}

/// How two values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Relation {
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    More,
    MoreOrEqual,
}

impl Single {
    fn number(&self, offset: i32) -> f64 {
        match self {
            Self::Number(number) => *number,
            Self::Text(text) | Self::Answer(text) => number_of(text, offset),
            Self::Boolean(boolean) => f64::from(u8::from(*boolean)),
        }
    }

    fn boolean(&self) -> bool {
        match self {
            Self::Number(number) => *number != 0.0 && !number.is_nan(),
            Self::Text(text) | Self::Answer(text) => !text.is_empty(),
            Self::Boolean(boolean) => *boolean,
        }
    }

    /// XPath 1.0, 3.4: booleans before numbers before texts; order is always a matter of numbers.
    pub(super) fn compare(&self, relation: Relation, other: &Self, offset: i32) -> bool {
        let numbers = || (self.number(offset), other.number(offset));
        match relation {
            Relation::Equal => self.equals(other, offset),
            Relation::Unequal => !self.equals(other, offset),
            Relation::Less => numbers().0 < numbers().1,
            Relation::LessOrEqual => numbers().0 <= numbers().1,
            Relation::More => numbers().0 > numbers().1,
            Relation::MoreOrEqual => numbers().0 >= numbers().1,
        }
    }

    #[allow(clippy::float_cmp, reason = "the language compares numbers exactly")]
    fn equals(&self, other: &Self, offset: i32) -> bool {
        match (self, other) {
            (Self::Boolean(_), _) | (_, Self::Boolean(_)) => self.boolean() == other.boolean(),
            (Self::Number(_), _) | (_, Self::Number(_)) => self.number(offset) == other.number(offset),
            (Self::Text(one) | Self::Answer(one), Self::Text(other) | Self::Answer(other)) => one == other,
        }
    }
}
