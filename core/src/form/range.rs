//! The numbers between which the answer to a range lies.

use super::{Question, number};

/// A range as [`Question::parameters`] say it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Range {
    /// The least number.
    pub start: f64,
    /// The greatest.
    pub end: f64,
    /// How far one is from the next.
    pub step: f64,
}

impl Range {
    /// Whether a number lies in it. Steps are for the eye: a number between two is kept as it was given.
    pub fn holds(&self, number: f64) -> bool {
        number.is_finite() && self.start.min(self.end) <= number && number <= self.start.max(self.end)
    }
}

impl Question {
    /// The range it asks for: from 1 to 10 in steps of 1 where nothing else is said. None if what is said is
    /// no range.
    pub fn range(&self) -> Option<Range> {
        let said = |name: &str, otherwise: f64| match self.parameters.get(name) {
            Some(text) => number::decimal(text),
            None => Some(otherwise),
        };
        let range = Range { start: said("start", 1.0)?, end: said("end", 10.0)?, step: said("step", 1.0)? };
        let width = (range.end - range.start).abs();
        // A step may point down, when the range begins with the greater number.
        (range.step != 0.0 && range.step.abs() <= width && width.is_finite()).then_some(range)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::Kind;

    fn range(parameters: &[(&str, &str)]) -> Option<Range> {
        let mut question = Question::new("q", Kind::Range);
        question.parameters =
            parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        question.range()
    }

    #[test]
    fn a_range_begins_somewhere_ends_somewhere_else_and_has_a_step() {
        assert_eq!(range(&[]), Some(Range { start: 1.0, end: 10.0, step: 1.0 }));
        let half = range(&[("start", "0"), ("end", "5"), ("step", "0.5")]).unwrap();
        assert!(half.holds(4.5) && half.holds(0.0) && !half.holds(5.5) && !half.holds(f64::NAN));
        assert!(range(&[("start", "10"), ("end", "-10"), ("step", "-2")]).unwrap().holds(-10.0));
        for none in [("step", "0"), ("step", "20"), ("end", "1"), ("end", "many"), ("start", "inf")] {
            assert_eq!(range(&[none]), None, "{none:?}");
        }
    }
}
