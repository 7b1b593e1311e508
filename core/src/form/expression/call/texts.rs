//! Texts. They are counted in characters.

use std::collections::HashMap;

use super::super::fault::EvaluationError;
use super::super::function::Kind;
use super::super::limits;
use super::super::number;
use super::super::value::{Value, bounded};
use super::{Given, Outcome};

pub(super) fn call(kind: Kind, given: Given<'_, '_>) -> Outcome {
    match kind {
        Kind::Concat => joined("", &given.texts(0)?),
        Kind::Join => joined(&given.text(0)?, &given.texts(1)?),
        Kind::Contains => Ok(Value::Boolean(given.text(0)?.contains(&given.text(1)?))),
        Kind::StartsWith => Ok(Value::Boolean(given.text(0)?.starts_with(&given.text(1)?))),
        Kind::EndsWith => Ok(Value::Boolean(given.text(0)?.ends_with(&given.text(1)?))),
        Kind::NormalizeSpace => {
            let text = given.text_or_own()?;
            let words = text.split([' ', '\t', '\r', '\n']).filter(|word| !word.is_empty());
            Ok(Value::Text(words.collect::<Vec<_>>().join(" ")))
        }
        Kind::String => given.text_or_own().map(Value::Text),
        Kind::StringLength => Ok(Value::Number(number::count(given.text_or_own()?.chars().count()))),
        Kind::Substr => substr(given),
        Kind::Substring => substring(given),
        Kind::SubstringAfter => {
            let (text, mark) = (given.text(0)?, given.text(1)?);
            let after = text.split_once(mark.as_str()).map_or("", |(_, after)| after);
            Ok(Value::Text(after.to_owned()))
        }
        Kind::SubstringBefore => {
            let (text, mark) = (given.text(0)?, given.text(1)?);
            let before = text.split_once(mark.as_str()).map_or("", |(before, _)| before);
            Ok(Value::Text(before.to_owned()))
        }
        _ => translate(given),
    }
}

fn joined(between: &str, texts: &[String]) -> Outcome {
    let gaps = between.len().saturating_mul(texts.len().saturating_sub(1));
    let length = texts.iter().fold(gaps, |sum, text| sum.saturating_add(text.len()));
    if length > limits::VALUE {
        return Err(EvaluationError::TooLong);
    }
    Ok(Value::Text(texts.join(between)))
}

/// From one index up to before another; below zero counts from the end.
fn substr(given: Given<'_, '_>) -> Outcome {
    let letters: Vec<char> = given.text(0)?.chars().collect();
    let length = i64::try_from(letters.len()).unwrap_or(i64::MAX);
    let place = |index: i64| {
        usize::try_from(if index < 0 { length.saturating_add(index) } else { index }.clamp(0, length))
    };
    let start = number::index(given.number(1)?);
    let end = if given.len() > 2 { number::index(given.number(2)?) } else { Some(length) };
    let (Some(start), Some(end)) = (start, end) else { return Ok(Value::Text(String::new())) };
    let (start, end) = (place(start).unwrap_or_default(), place(end).unwrap_or_default());
    Ok(Value::Text(letters.get(start..end).unwrap_or_default().iter().collect()))
}

/// XPath's own: so many characters from a position that is counted from 1.
fn substring(given: Given<'_, '_>) -> Outcome {
    let first = number::nearest(given.number(1)?);
    let last = if given.len() > 2 { first + number::nearest(given.number(2)?) } else { f64::INFINITY };
    let text = given.text(0)?;
    let inside = |index: usize| {
        let position = number::count(index) + 1.0;
        position >= first && position < last
    };
    Ok(Value::Text(
        text.chars().enumerate().filter(|(index, _)| inside(*index)).map(|(_, letter)| letter).collect(),
    ))
}

fn translate(given: Given<'_, '_>) -> Outcome {
    let (text, from, to) = (given.text(0)?, given.text(1)?, given.text(2)?);
    let mut to = to.chars();
    let mut changes: HashMap<char, Option<char>> = HashMap::new();
    for letter in from.chars() {
        let into = to.next();
        changes.entry(letter).or_insert(into);
    }
    bounded(text.chars().filter_map(|letter| changes.get(&letter).copied().unwrap_or(Some(letter))).collect())
}
