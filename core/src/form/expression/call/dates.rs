//! Days and times.

use super::super::fault::EvaluationError;
use super::super::function::Kind;
use super::super::moment::{Moment, time_of_day};
use super::super::value::Value;
use super::super::value::bounded;
use super::{Given, Outcome};

pub(super) fn call(kind: Kind, given: Given<'_, '_>) -> Outcome {
    Ok(match kind {
        Kind::Today => Value::Moment(given.run.now().midnight()),
        Kind::Now => Value::Moment(given.run.now()),
        Kind::Date | Kind::DateTime => {
            moment(given)?.map_or_else(|| Value::Text(String::new()), Value::Moment)
        }
        Kind::DecimalDateTime => Value::Number(moment(given)?.map_or(f64::NAN, Moment::days)),
        Kind::DecimalTime => {
            let time = time_of_day(&given.text(0)?, given.run.offset());
            Value::Number(time.unwrap_or(f64::NAN))
        }
        // Both know all signs, as in ODK's programs.
        _ => return formatted(given),
    })
}

/// The day or time of the first argument, written or counted in days.
fn moment(given: Given<'_, '_>) -> Result<Option<Moment>, EvaluationError> {
    let offset = given.run.offset();
    Ok(match given.value(0)? {
        Value::Moment(moment) => Some(moment),
        Value::Number(days) => Moment::from_days(days, offset),
        Value::Boolean(_) => None,
        value @ (Value::Text(_) | Value::Nodes(_)) => {
            let text = given.run.text_of(&value);
            let days = super::super::number::read(&text);
            Moment::read(&padded(&text), offset).or_else(|| Moment::from_days(days, offset))
        }
    })
}

/// `2020-1-5` as `2020-01-05`, whatever comes after.
fn padded(text: &str) -> String {
    let (day, rest) = text.split_at(text.find('T').unwrap_or(text.len()));
    match day.split('-').collect::<Vec<_>>().as_slice() {
        [year, month, day] if year.len() == 4 => format!("{year}-{month:0>2}-{day:0>2}{rest}"),
        _ => text.to_owned(),
    }
}

fn formatted(given: Given<'_, '_>) -> Outcome {
    let Some(moment) = moment(given)? else { return Ok(Value::Text(String::new())) };
    let pattern = given.text(1)?;
    let (year, month, day) = moment.date();
    let (hour, minute, second, thousandth) = moment.clock();
    let mut out = String::new();
    let mut letters = pattern.chars();
    while let Some(letter) = letters.next() {
        if letter != '%' {
            out.push(letter);
            continue;
        }
        match letters.clone().next() {
            Some('Y') => out.push_str(&format!("{year:04}")),
            Some('y') => out.push_str(&format!("{:02}", year % 100)),
            Some('m') => out.push_str(&format!("{month:02}")),
            Some('n') => out.push_str(&month.to_string()),
            Some('b') => out.push_str(&given.run.around.month(month)),
            Some('d') => out.push_str(&format!("{day:02}")),
            Some('e') => out.push_str(&day.to_string()),
            Some('a') => out.push_str(&given.run.around.weekday(moment.weekday())),
            Some('H') => out.push_str(&format!("{hour:02}")),
            Some('h') => out.push_str(&hour.to_string()),
            Some('M') => out.push_str(&format!("{minute:02}")),
            Some('S') => out.push_str(&format!("{second:02}")),
            Some('3') => out.push_str(&format!("{thousandth:03}")),
            _ => {
                out.push('%');
                continue;
            }
        }
        letters.next();
    }
    bounded(out)
}
