//! One field of a part that was begun twice: what its documents say of it, together.

use super::{
    Value,
    layout::{self, Way},
    weight,
};
use crate::form::{Answer, Entry, Form, Question};

/// What stands in a field that several documents of one part answer: `values` are those of each, in the order of
/// the documents. They come together as they would have in one document. Where the form is not known, different
/// answers stand side by side.
pub fn together(asked: Option<(&Form, &Question)>, values: Vec<Value>) -> Vec<Value> {
    let Some((form, question)) = asked else { return distinct(values) };
    match Way::of(question) {
        Way::Plain => distinct(values),
        Way::First => {
            let real = |value: &Value| !matches!(value.answer, None | Some(Answer::Missing(_)));
            let (real, none): (Vec<_>, Vec<_>) = values.into_iter().partition(real);
            distinct(if real.is_empty() { none } else { real })
        }
        Way::Worst => {
            let stored = |value: &Value| {
                let answer = value.answer.as_ref()?;
                layout::scalar(form, question, answer)
            };
            let null = automerge::ScalarValue::Null;
            let worst = values.into_iter().max_by(|one, other| {
                weight::compare(
                    stored(one).as_ref().unwrap_or(&null),
                    stored(other).as_ref().unwrap_or(&null),
                )
            });
            worst.into_iter().collect()
        }
        Way::Count => added(values, |answers| {
            let counts = answers.iter().filter_map(|answer| match answer {
                Answer::Integer(number) => Some(*number),
                _ => None,
            });
            let counts: Vec<i64> = counts.collect();
            (!counts.is_empty()).then(|| Answer::Integer(counts.into_iter().fold(0, i64::saturating_add)))
        }),
        Way::Log => added(values, |answers| {
            let said = answers.iter().filter_map(|answer| match answer {
                Answer::Log(entries) => Some(entries.clone()),
                _ => None,
            });
            let said: Vec<Entry> = said.flatten().collect();
            (!said.is_empty()).then_some(Answer::Log(said))
        }),
    }
}

/// One answer made of all; where they make none, those that stand.
fn added(values: Vec<Value>, add: impl FnOnce(&[Answer]) -> Option<Answer>) -> Vec<Value> {
    let answers: Vec<Answer> = values.iter().filter_map(|value| value.answer.clone()).collect();
    match (add(&answers), values.last().cloned()) {
        (Some(answer), Some(last)) => vec![Value { answer: Some(answer), ..last }],
        _ => distinct(values),
    }
}

fn distinct(values: Vec<Value>) -> Vec<Value> {
    let mut standing: Vec<Value> = Vec::new();
    for value in values {
        if standing.iter().all(|known| known.answer != value.answer) {
            standing.push(value);
        }
    }
    standing
}
