//! Which of two values is worse, where the worse one stands.

use std::cmp::Ordering;

use automerge::ScalarValue;

/// How bad a value is. Nobody's answer, and that there is none, is better than any answer: so neither hides a
/// danger that somebody has seen.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Weight {
    Empty,
    Missing(u64),
    Whole(i64),
    Number(f64),
}

impl Weight {
    fn of(value: &ScalarValue) -> Self {
        match value {
            // Who does not know may well be in danger; of whom nobody asked nothing is said.
            ScalarValue::Uint(code) => Self::Missing(u64::MAX.saturating_sub(*code)),
            ScalarValue::Int(number) => Self::Whole(*number),
            ScalarValue::F64(number) => Self::Number(*number),
            ScalarValue::Str(text) => {
                let rank = text.split_once(' ').and_then(|(rank, _)| rank.parse().ok());
                rank.map_or(Self::Empty, Self::Whole)
            }
            _ => Self::Empty,
        }
    }

    fn class(self) -> u8 {
        match self {
            Self::Empty => 0,
            Self::Missing(_) => 1,
            Self::Whole(_) | Self::Number(_) => 2,
        }
    }
}

/// Compares two values of one field: the worse is the greater.
pub(super) fn compare(one: &ScalarValue, other: &ScalarValue) -> Ordering {
    match (Weight::of(one), Weight::of(other)) {
        (Weight::Missing(one), Weight::Missing(other)) => one.cmp(&other),
        (Weight::Whole(one), Weight::Whole(other)) => one.cmp(&other),
        (Weight::Number(one), Weight::Number(other)) => one.total_cmp(&other),
        (one, other) => one.class().cmp(&other.class()),
    }
}

/// Whether putting `new` in place of `old` hides something: `old` was an answer, and `new` is a better one or
/// none.
pub(super) fn lowers(old: &ScalarValue, new: &ScalarValue) -> bool {
    Weight::of(old).class() == 2 && compare(new, old) == Ordering::Less
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_answer_is_worse_than_none_and_later_choices_are_worse_than_earlier_ones() {
        let ascending = [
            vec![ScalarValue::Null, ScalarValue::Uint(3), ScalarValue::Uint(2), ScalarValue::Uint(1)],
            vec!["0 none".into(), "2 high".into(), "10 highest".into()],
        ]
        .concat();
        for (place, one) in ascending.iter().enumerate() {
            for (other_place, other) in ascending.iter().enumerate() {
                assert_eq!(compare(one, other), place.cmp(&other_place), "{one:?} {other:?}");
            }
        }
        assert_eq!(compare(&9i64.into(), &10i64.into()), Ordering::Less);
        assert_eq!(compare(&(-0.5).into(), &0.25.into()), Ordering::Less);
    }

    #[test]
    fn only_an_answer_can_be_lowered() {
        let (high, low): (ScalarValue, ScalarValue) = ("2 high".into(), "0 low".into());
        for better in [&low, &ScalarValue::Null, &ScalarValue::Uint(1)] {
            assert!(lowers(&high, better));
            assert!(!lowers(better, &high));
        }
        assert!(!lowers(&high, &high) && !lowers(&ScalarValue::Uint(1), &ScalarValue::Uint(3)));
    }
}
