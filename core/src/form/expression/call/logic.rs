//! Yes and no.

use super::super::fault::EvaluationError;
use super::super::function::Kind;
use super::super::number;
use super::super::value::Value;
use super::{Given, Outcome};

pub(super) fn call(kind: Kind, given: Given<'_, '_>) -> Outcome {
    Ok(match kind {
        // Only the branch that counts is worked out.
        Kind::If => return given.value(if given.boolean(0)? { 1 } else { 2 }),
        Kind::Coalesce => {
            let first = given.text(0)?;
            Value::Text(if first.is_empty() { given.text(1)? } else { first })
        }
        Kind::Once => {
            let own = given.own();
            Value::Text(if own.is_empty() { given.text(0)? } else { own })
        }
        Kind::Boolean => Value::Boolean(given.boolean(0)?),
        Kind::BooleanFromString => Value::Boolean(matches!(given.text(0)?.as_str(), "1" | "true")),
        Kind::Not => Value::Boolean(!given.boolean(0)?),
        Kind::True => Value::Boolean(true),
        Kind::Checklist => Value::Boolean(checklist(given)?),
        Kind::WeightedChecklist => Value::Boolean(weighted(given)?),
        _ => Value::Boolean(false),
    })
}

/// Whether a sum is in bounds; -1 means that there is no bound.
#[allow(clippy::float_cmp, reason = "-1 is written in the form")]
fn within(given: Given<'_, '_>, sum: f64) -> Result<bool, EvaluationError> {
    let (least, most) = (given.number(0)?, given.number(1)?);
    Ok((least == -1.0 || sum >= least) && (most == -1.0 || sum <= most))
}

fn checklist(given: Given<'_, '_>) -> Result<bool, EvaluationError> {
    let mut met = 0;
    for index in 2..given.len() {
        met += truths(given, index)?.into_iter().filter(|truth| *truth).count();
    }
    within(given, number::count(met))
}

fn weighted(given: Given<'_, '_>) -> Result<bool, EvaluationError> {
    if !given.len().is_multiple_of(2) {
        let expects = "expects a weight after each answer";
        return Err(EvaluationError::Argument { function: "weighted-checklist", expects });
    }
    let mut sum = 0.0;
    for index in (2..given.len()).step_by(2) {
        let truths = truths(given, index)?;
        let weights = given.run.numbers(&given.value(index + 1)?)?;
        sum += truths.iter().zip(weights).filter(|(truth, _)| **truth).map(|(_, weight)| weight).sum::<f64>();
    }
    within(given, sum)
}

/// Whether each node of an argument holds, or the one value.
fn truths(given: Given<'_, '_>, index: usize) -> Result<Vec<bool>, EvaluationError> {
    let value = given.value(index)?;
    match value {
        Value::Nodes(_) => Ok(given.run.texts(&value)?.iter().map(|text| !text.is_empty()).collect()),
        single => Ok(vec![given.run.boolean_of(&single)]),
    }
}
