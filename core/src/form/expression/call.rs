//! What each function is worth. Those of one kind share a file.

mod dates;
mod digests;
mod logic;
mod numbers;
mod pattern;
mod places;
mod sets;
mod shuffle;
mod tables;
mod texts;

use super::fault::EvaluationError;
use super::function::{Function, Kind};
use super::node::Node;
use super::run::{Focus, Run};
use super::tree::Expr;
use super::value::Value;

pub(super) use pattern::check as check_pattern;
pub(super) use tables::quoted_name;

/// What a function is given.
#[derive(Clone, Copy)]
struct Given<'r, 'a> {
    run: &'r Run<'a>,
    exprs: &'r [Expr],
    focus: Focus<'r>,
}

type Outcome = Result<Value, EvaluationError>;

pub(super) fn call(run: &Run<'_>, function: Function, exprs: &[Expr], focus: Focus<'_>) -> Outcome {
    let given = Given { run, exprs, focus };
    use Kind as K;
    match function.kind {
        K::If
        | K::Coalesce
        | K::Once
        | K::Boolean
        | K::BooleanFromString
        | K::Not
        | K::True
        | K::False
        | K::Checklist
        | K::WeightedChecklist => logic::call(function.kind, given),
        K::Abs
        | K::Acos
        | K::Asin
        | K::Atan
        | K::Atan2
        | K::Ceiling
        | K::Cos
        | K::Exp
        | K::Exp10
        | K::Floor
        | K::Int
        | K::Log
        | K::Log10
        | K::Number
        | K::Pi
        | K::Pow
        | K::Random
        | K::Round
        | K::Sin
        | K::Sqrt
        | K::Tan => numbers::call(function.kind, given),
        K::Concat
        | K::Contains
        | K::EndsWith
        | K::Join
        | K::NormalizeSpace
        | K::StartsWith
        | K::String
        | K::StringLength
        | K::Substr
        | K::Substring
        | K::SubstringAfter
        | K::SubstringBefore
        | K::Translate => texts::call(function.kind, given),
        K::Regex => pattern::regex(given),
        K::Base64Decode | K::Digest | K::Uuid => digests::call(function.kind, given),
        K::Date
        | K::DateTime
        | K::DecimalDateTime
        | K::DecimalTime
        | K::FormatDate
        | K::FormatDateTime
        | K::Now
        | K::Today => dates::call(function.kind, given),
        K::Count
        | K::CountNonEmpty
        | K::CountSelected
        | K::Current
        | K::IndexedRepeat
        | K::Last
        | K::Max
        | K::Min
        | K::Position
        | K::Selected
        | K::SelectedAt
        | K::Sum => sets::call(function.kind, given),
        K::Randomize => shuffle::randomize(given),
        K::ChoiceName | K::Instance | K::Itext | K::Property | K::Pulldata | K::Version => {
            tables::call(function.kind, given)
        }
        K::Area | K::Distance | K::Geofence => places::call(function.kind, given),
    }
}

impl<'r> Given<'r, '_> {
    fn len(self) -> usize {
        self.exprs.len()
    }

    fn expr(self, index: usize) -> Result<&'r Expr, EvaluationError> {
        // The number of arguments was checked when the expression was read.
        let missing = EvaluationError::Argument { function: "a function", expects: "expects more arguments" };
        self.exprs.get(index).ok_or(missing)
    }

    fn value(self, index: usize) -> Outcome {
        self.run.value(self.expr(index)?, self.focus)
    }

    fn text(self, index: usize) -> Result<String, EvaluationError> {
        Ok(self.run.text_of(&self.value(index)?))
    }

    fn number(self, index: usize) -> Result<f64, EvaluationError> {
        Ok(self.run.number_of(&self.value(index)?))
    }

    fn boolean(self, index: usize) -> Result<bool, EvaluationError> {
        Ok(self.run.boolean_of(&self.value(index)?))
    }

    fn nodes(self, index: usize, function: &'static str) -> Result<Vec<Node>, EvaluationError> {
        self.run.nodes(self.expr(index)?, self.focus, function)
    }

    /// The text of an argument, or of the node one looks from if there is none.
    fn text_or_own(self) -> Result<String, EvaluationError> {
        if self.len() == 0 { Ok(self.own()) } else { self.text(0) }
    }

    /// The text of the node one looks from.
    fn own(self) -> String {
        self.run.text_at(self.focus.node)
    }

    /// The texts of all arguments from `first` on, all nodes of each.
    fn texts(self, first: usize) -> Result<Vec<String>, EvaluationError> {
        let mut all = Vec::new();
        for index in first..self.len() {
            all.extend(self.run.texts(&self.value(index)?)?);
        }
        Ok(all)
    }
}
