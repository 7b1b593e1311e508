//! Numbers.

use super::super::fault::EvaluationError;
use super::super::function::Kind;
use super::super::number;
use super::super::value::Value;
use super::{Given, Outcome};

pub(super) fn call(kind: Kind, given: Given<'_, '_>) -> Outcome {
    Ok(Value::Number(match kind {
        Kind::Abs => given.number(0)?.abs(),
        Kind::Acos => given.number(0)?.acos(),
        Kind::Asin => given.number(0)?.asin(),
        Kind::Atan => given.number(0)?.atan(),
        Kind::Atan2 => given.number(0)?.atan2(given.number(1)?),
        Kind::Ceiling => given.number(0)?.ceil(),
        Kind::Cos => given.number(0)?.cos(),
        Kind::Exp => given.number(0)?.exp(),
        Kind::Exp10 => 10_f64.powf(given.number(0)?),
        Kind::Floor => given.number(0)?.floor(),
        Kind::Int => given.number(0)?.trunc(),
        Kind::Log => given.number(0)?.ln(),
        Kind::Log10 => given.number(0)?.log10(),
        Kind::Number if given.len() == 0 => given.run.number_of(&Value::Text(given.own())),
        Kind::Number => given.number(0)?,
        Kind::Pow => power(given.number(0)?, given.number(1)?),
        Kind::Random => fraction(given.run.around.random()),
        Kind::Round => round(given)?,
        Kind::Sin => given.number(0)?.sin(),
        Kind::Sqrt => given.number(0)?.sqrt(),
        Kind::Tan => given.number(0)?.tan(),
        _ => std::f64::consts::PI,
    }))
}

/// Not a number to the power of nothing is no number either, other than IEEE 754 has it.
fn power(base: f64, exponent: f64) -> f64 {
    if base.is_nan() || exponent.is_nan() { f64::NAN } else { base.powf(exponent) }
}

/// At least 0, below 1.
pub(super) fn fraction(bits: u64) -> f64 {
    #[allow(clippy::cast_precision_loss, reason = "53 bits fit")]
    let high = (bits >> 11) as f64;
    high / 9_007_199_254_740_992.0
}

/// To so many decimals, halves away from zero.
fn round(given: Given<'_, '_>) -> Result<f64, EvaluationError> {
    let value = given.number(0)?;
    let decimals = if given.len() > 1 { given.number(1)? } else { 0.0 };
    if value.is_nan() || decimals.is_nan() || value.is_infinite() {
        return Ok(if decimals.is_nan() { f64::NAN } else { value });
    }
    let shift = 10_f64.powf(decimals);
    let rounded = number::nearest(value.abs() * shift) / shift;
    // More decimals than a number has, or fewer than none of it: there is nothing to round.
    let rounded = if rounded.is_finite() {
        rounded
    } else if decimals > 0.0 {
        value.abs()
    } else {
        0.0
    };
    Ok(rounded * if value < 0.0 { -1.0 } else { 1.0 })
}
