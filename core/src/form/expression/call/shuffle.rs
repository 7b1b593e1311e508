//! `randomize()`: the same order as ODK gives for the same seed.

use crate::crypto::Digest;

use super::super::number;
use super::super::value::Value;
use super::numbers::fraction;
use super::{Given, Outcome};

/// Park and Miller's generator, as the ODK XForms specification asks for.
const MULTIPLIER: i64 = 16_807;
const MODULUS: i64 = 2_147_483_647;

pub(super) fn randomize(given: Given<'_, '_>) -> Outcome {
    let nodes = given.nodes(0, "randomize")?;
    given.run.spend(nodes.len())?;
    let mut state = if given.len() > 1 { Some(start(seed(given)?)) } else { None };
    let mut mixed = Vec::with_capacity(nodes.len());
    // The "inside-out" shuffle of Fisher and Yates.
    for (index, node) in nodes.into_iter().enumerate() {
        let dice = match state.as_mut() {
            Some(state) => {
                *state = *state * MULTIPLIER % MODULUS;
                #[allow(clippy::cast_precision_loss, reason = "31 bits")]
                let fraction = (*state - 1) as f64 / (MODULUS - 1) as f64;
                fraction
            }
            None => fraction(given.run.around.random()),
        };
        let place =
            number::index(dice * number::count(index + 1)).and_then(|place| usize::try_from(place).ok());
        let place = place.unwrap_or_default().min(index);
        mixed.push(node);
        mixed.swap(place, index);
    }
    Ok(Value::Nodes(mixed))
}

/// A number cut to a whole one; of any other text, the beginning of its digest; of none, zero.
fn seed(given: Given<'_, '_>) -> Result<i64, super::EvaluationError> {
    let value = given.value(1)?;
    if let Some(seed) = number::index(given.run.number_of(&value)) {
        return Ok(seed);
    }
    let text = given.run.text_of(&value);
    let digest = Digest::Sha256.of(text.as_bytes());
    let first = digest.first_chunk().copied().map_or(0, i64::from_be_bytes);
    Ok(if text.is_empty() { 0 } else { first })
}

fn start(seed: i64) -> i64 {
    let start = seed % MODULUS;
    if start <= 0 { start + MODULUS - 1 } else { start }
}
