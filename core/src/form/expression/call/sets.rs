//! Answers over rows, and choices of one answer.

use super::super::fault::EvaluationError;
use super::super::function::Kind;
use super::super::node::Node;
use super::super::number;
use super::super::tree::{Expr, Start};
use super::super::value::Value;
use super::{Given, Outcome};

pub(super) fn call(kind: Kind, given: Given<'_, '_>) -> Outcome {
    Ok(match kind {
        Kind::Count => Value::Number(number::count(given.nodes(0, "count")?.len())),
        Kind::CountNonEmpty => {
            let nodes = Value::Nodes(given.nodes(0, "count-non-empty")?);
            let filled = given.run.texts(&nodes)?.iter().filter(|text| !text.is_empty()).count();
            Value::Number(number::count(filled))
        }
        Kind::Sum => Value::Number(given.run.numbers(&given.value(0)?)?.iter().sum::<f64>() + 0.0),
        Kind::Max => Value::Number(extreme(given, f64::max)?),
        Kind::Min => Value::Number(extreme(given, f64::min)?),
        Kind::CountSelected => Value::Number(number::count(chosen(&given.text(0)?).count())),
        Kind::Selected => {
            let wanted = given.text(1)?;
            let wanted = wanted.trim_matches(BLANKS);
            let list = given.text(0)?;
            Value::Boolean(
                chosen(&list).any(|choice| choice == wanted)
                    || (wanted.is_empty() && chosen(&list).next().is_none()),
            )
        }
        Kind::SelectedAt => {
            let index = number::index(given.number(1)?).and_then(|index| usize::try_from(index).ok());
            let list = given.text(0)?;
            Value::Text(index.and_then(|index| chosen(&list).nth(index)).unwrap_or_default().to_owned())
        }
        Kind::Current => Value::Nodes(vec![given.run.here()]),
        Kind::Last => Value::Number(number::count(given.focus.size)),
        Kind::IndexedRepeat => Value::Nodes(indexed(given)?),
        _ if given.len() == 0 => Value::Number(number::count(given.focus.position)),
        _ => {
            let nodes = given.nodes(0, "position")?;
            let position = nodes.first().map(|node| node.position(given.run.outline));
            Value::Number(position.map_or(f64::NAN, number::count))
        }
    })
}

const BLANKS: [char; 4] = [' ', '\t', '\r', '\n'];

fn chosen(list: &str) -> impl Iterator<Item = &str> {
    list.split(BLANKS).filter(|choice| !choice.is_empty())
}

/// The largest or smallest of all numbers; not a number if one is none, or there is none.
fn extreme(given: Given<'_, '_>, choose: fn(f64, f64) -> f64) -> Result<f64, EvaluationError> {
    let mut best: Option<f64> = None;
    for index in 0..given.len() {
        for number in given.run.numbers(&given.value(index)?)? {
            if number.is_nan() {
                return Ok(f64::NAN);
            }
            best = Some(best.map_or(number, |best| choose(best, number)));
        }
    }
    Ok(best.unwrap_or(f64::NAN))
}

/// `indexed-repeat(question, repeat, row, inner repeat, row, …)`: the question in that row of that row.
fn indexed(given: Given<'_, '_>) -> Result<Vec<Node>, EvaluationError> {
    let argument = |expects| EvaluationError::Argument { function: "indexed-repeat", expects };
    if given.len().is_multiple_of(2) {
        return Err(argument("expects a row number after each repeat"));
    }
    let outline = given.run.outline;
    let mut asked = Vec::new();
    for index in (1..given.len()).step_by(2) {
        let row = number::index(given.number(index + 1)?);
        let Some(Node::Spot { place, .. }) = everywhere(given, index)?.into_iter().next() else {
            return Ok(Vec::new());
        };
        if !outline.is_repeat(place) {
            return Err(argument("expects a repeat as its second argument: ${repeat}"));
        }
        let Some(row) = row.and_then(|row| usize::try_from(row.checked_sub(1)?).ok()) else {
            return Ok(Vec::new());
        };
        asked.push((place, row));
    }
    asked.sort_by_key(|(place, _)| outline.repeats(*place).len());
    let mut targets = everywhere(given, 0)?;
    let mut outer: Option<Vec<usize>> = None;
    for (repeat, row) in asked {
        // The row counts among those inside the row chosen before.
        let rows = given.run.outline.repeats(repeat).len();
        let mut among: Vec<Vec<usize>> = Vec::new();
        for node in given.run.every(repeat)? {
            if let Node::Spot { rows, .. } = node
                && outer.as_ref().is_none_or(|outer| rows.starts_with(outer))
            {
                among.push(rows);
            }
        }
        let Some(chosen) = among.into_iter().nth(row) else { return Ok(Vec::new()) };
        targets.retain(|node| {
            matches!(node, Node::Spot { place, rows: at }
                if outline.repeats(*place).contains(&repeat) && at.get(..rows) == Some(chosen.as_slice()))
        });
        outer = Some(chosen);
    }
    Ok(targets)
}

/// An argument's nodes in all rows, wherever the question itself stands.
fn everywhere(given: Given<'_, '_>, index: usize) -> Result<Vec<Node>, EvaluationError> {
    match given.expr(index)? {
        Expr::Path(path) if path.asked.is_empty() && path.steps.is_empty() => match &path.start {
            Start::Reference(name) => given.run.reference(name, true),
            _ => given.nodes(index, "indexed-repeat"),
        },
        _ => given.nodes(index, "indexed-repeat"),
    }
}
