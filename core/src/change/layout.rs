//! Where in a document an answer lies, and of what type it is.

use automerge::{ActorId, ScalarValue};
use cairn_wire::id::ChainId;

use super::ChangeError;
use crate::form::{Answer, Form, Kind, Question, limits};

/// The form's name.
pub(super) const FORM: &str = "~form";
/// Its edition.
pub(super) const VERSION: &str = "~version";
/// The record's id.
pub(super) const RECORD: &str = "~record";
/// The part's name.
pub(super) const PART: &str = "~part";

/// What a question's answer is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// A string.
    Text,
    /// A 64-bit integer.
    Integer,
    /// A 64-bit float.
    Decimal,
    /// A text object.
    Narrative,
    /// A key for each choice.
    Choices,
    /// Nothing: it is never answered.
    Nothing,
}

impl Shape {
    pub(super) fn of(kind: &Kind) -> Self {
        match kind {
            Kind::Narrative => Self::Narrative,
            Kind::Integer => Self::Integer,
            Kind::Decimal | Kind::Range => Self::Decimal,
            Kind::SelectMultiple(_) => Self::Choices,
            Kind::Note | Kind::Metadata(_) => Self::Nothing,
            _ => Self::Text,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Integer => "a whole number",
            Self::Decimal => "a finite number",
            Self::Narrative => "a narrative",
            Self::Choices => "a set of choices",
            Self::Nothing => "ever given",
        }
    }
}

/// The key of one choice.
pub(super) fn flag(question: &str, choice: &str) -> String {
    format!("{question}/{choice}")
}

/// The question a key belongs to, and the choice it stands for.
pub(super) fn split(key: &str) -> (&str, Option<&str>) {
    match key.split_once('/') {
        Some((question, choice)) => (question, Some(choice)),
        None => (key, None),
    }
}

/// The actor a chain writes as.
pub(super) fn actor(chain: ChainId) -> ActorId {
    ActorId::from(chain.0)
}

/// The chain that writes as `actor`.
pub(super) fn chain(actor: &ActorId) -> Option<ChainId> {
    ChainId::from_slice(actor.to_bytes())
}

/// Whether `answer` may be an answer to `question`.
pub(super) fn check(form: &Form, question: &Question, answer: &Answer) -> Result<(), ChangeError> {
    let field = || question.name.clone();
    let shape = Shape::of(&question.kind);
    let too_long = |limit| Err(ChangeError::TooLong { field: field(), limit });
    match (shape, answer) {
        (Shape::Text, Answer::Text(text)) if text.len() > limits::TEXT => too_long(limits::TEXT),
        (Shape::Narrative, Answer::Narrative(text)) if text.len() > limits::NARRATIVE => {
            too_long(limits::NARRATIVE)
        }
        (Shape::Decimal, Answer::Decimal(number)) if number.is_finite() => Ok(()),
        (Shape::Choices, Answer::Choices(chosen)) => {
            if chosen.iter().all(|choice| form.offers(question, choice)) {
                Ok(())
            } else {
                Err(ChangeError::Unoffered { field: field() })
            }
        }
        (Shape::Text, Answer::Text(_))
        | (Shape::Integer, Answer::Integer(_))
        | (Shape::Narrative, Answer::Narrative(_)) => Ok(()),
        _ => Err(ChangeError::Unfit { field: field(), expected: shape.name() }),
    }
}

/// A short answer as the document stores it.
pub(super) fn scalar(answer: &Answer) -> Option<ScalarValue> {
    match answer {
        Answer::Text(text) => Some(text.as_str().into()),
        Answer::Integer(number) => Some((*number).into()),
        Answer::Decimal(number) => Some((*number).into()),
        Answer::Narrative(_) | Answer::Choices(_) => None,
    }
}

/// What a stored value says; nothing for null and for what is no answer.
pub(super) fn answer(value: &ScalarValue) -> Option<Answer> {
    match value {
        ScalarValue::Str(text) => Some(Answer::Text(text.to_string())),
        ScalarValue::Int(number) => Some(Answer::Integer(*number)),
        ScalarValue::F64(number) => Some(Answer::Decimal(*number)),
        _ => None,
    }
}
