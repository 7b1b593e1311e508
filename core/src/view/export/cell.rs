//! What stands in one cell of a table.

use serde_json::{Map, Value};

use super::Options;
use super::column::Column;
use crate::form::{Answer, Form, Kind, Question, field::field};
use crate::record::instant;
use crate::view::{RecordView, handle};

/// What stands in one cell. It says more than text so that a spreadsheet gets real numbers and days.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell {
    /// Nobody answered.
    Blank,
    /// Text that somebody typed, or that came from a form: it may be anything.
    Typed(String),
    /// Text that cannot be taken for a formula, such as a place.
    Plain(String),
    Integer(i64),
    Decimal(f64),
    /// Chosen or not.
    Flag(bool),
    /// `YYYY-MM-DD`.
    Day(String),
    /// A day and time, ISO 8601.
    Instant(String),
}

/// The cell of `record` in `column`, in these rows of repeats.
pub(super) fn cell(
    form: &Form,
    column: &Column<'_>,
    record: &RecordView,
    rows: &[&str],
    options: &Options,
) -> Cell {
    let given = |question: &Question| match rows {
        [] => record.answers.get(&question.name),
        rows => record.answers.get(&field(&question.name, rows)),
    };
    match column {
        Column::Record => Cell::Plain(handle(&record.id)),
        Column::Id => Cell::Plain(record.id.to_string()),
        Column::Version => typed(record.version.clone()),
        Column::Changed => Cell::Instant(instant(record.changed)),
        Column::Title => typed(record.title.clone()),
        Column::Row => Cell::Plain(rows.last().map_or_else(String::new, |row| (*row).to_owned())),
        Column::Parent => {
            let parent = rows.len().checked_sub(2).and_then(|last| rows.get(last));
            Cell::Plain(parent.map_or_else(String::new, |row| (*row).to_owned()))
        }
        Column::Answer(question) => match given(question) {
            Some(answer) => answered(form, question, answer, options),
            None => Cell::Blank,
        },
        Column::Choice(question, choice) => match given(question) {
            Some(Answer::Choices(chosen)) => Cell::Flag(chosen.contains(choice.name)),
            _ => Cell::Blank,
        },
        Column::Conflicts => {
            let fields: Vec<&str> = record.conflicts.iter().map(|conflict| conflict.field.as_str()).collect();
            typed(fields.join(" "))
        }
        Column::Elsewhere => {
            let parts: Vec<&str> = record.elsewhere.iter().map(|part| part.name()).collect();
            typed(parts.join(" "))
        }
        Column::Other => other(form, record),
    }
}

fn typed(text: String) -> Cell {
    if text.is_empty() { Cell::Blank } else { Cell::Typed(text) }
}

fn answered(form: &Form, question: &Question, answer: &Answer, options: &Options) -> Cell {
    // Whoever wrote the answer may have used another edition, or another program altogether.
    let fits = form.check_answer(question, answer).is_ok();
    match (answer, &question.kind) {
        (Answer::Missing(missing), _) => Cell::Plain(missing.marker().to_owned()),
        (Answer::Integer(number), _) => Cell::Integer(*number),
        (Answer::Decimal(number), _) => Cell::Decimal(*number),
        (Answer::Text(day), Kind::Date | Kind::Today) if fits => Cell::Day(day.clone()),
        (Answer::Text(time), Kind::DateTime | Kind::Start | Kind::End) if fits => Cell::Instant(time.clone()),
        (Answer::Text(text), Kind::Time | Kind::Geopoint | Kind::Geotrace | Kind::Geoshape) if fits => {
            Cell::Plain(text.clone())
        }
        (Answer::Choices(chosen), _) if !options.labels => {
            let names: Vec<&str> = chosen.iter().map(String::as_str).collect();
            coded(names.join(" "))
        }
        (Answer::Text(choice), Kind::SelectOne(_)) if !options.labels => coded(choice.clone()),
        _ => Cell::Typed(answer.display(form, question, &options.language)),
    }
}

/// Names of choices; `-99` is a common one and no formula.
fn coded(names: String) -> Cell {
    let is_number = |name: &str| name.strip_prefix(['-', '+']).unwrap_or(name).parse::<u64>().is_ok();
    if is_number(&names) { Cell::Plain(names) } else { Cell::Typed(names) }
}

fn other(form: &Form, record: &RecordView) -> Cell {
    let strange = record.answers.iter().filter(|(key, _)| form.asked(key).is_none() && !form.is_row(key));
    let strange: Map<String, Value> =
        strange.map(|(name, answer)| (name.clone(), answer.to_json())).collect();
    if strange.is_empty() { Cell::Blank } else { Cell::Plain(Value::Object(strange).to_string()) }
}
