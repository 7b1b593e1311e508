//! Lists, tables, and what the form says about itself.

use std::rc::Rc;

use super::super::fault::EvaluationError;
use super::super::function::Kind;
use super::super::node::{Inside, Node};
use super::super::value::{Value, bounded};
use super::{Given, Outcome};

pub(super) fn call(kind: Kind, given: Given<'_, '_>) -> Outcome {
    let around = given.run.around;
    match kind {
        Kind::Instance => {
            let table = given.text(0)?;
            around.table_rows(&table).ok_or_else(|| EvaluationError::NoTable(table.clone()))?;
            Ok(Value::Nodes(vec![Node::Table { table: Rc::from(table), inside: Inside::Whole }]))
        }
        Kind::Pulldata => {
            let (table, column, key, value) =
                (given.text(0)?, given.text(1)?, given.text(2)?, given.text(3)?);
            let rows = around.table_rows(&table).ok_or_else(|| EvaluationError::NoTable(table.clone()))?;
            given.run.spend(rows)?;
            let row = around.find(&table, &key, &value);
            bounded(row.and_then(|row| around.cell(&table, row, &column)).unwrap_or_default().into_owned())
        }
        Kind::ChoiceName => {
            let (choice, question) = (given.text(0)?, given.text(1)?);
            let place = question_named(given, &question)?;
            bounded(around.choice_label(place, choice.trim()).unwrap_or_default())
        }
        Kind::Itext => bounded(around.text(&given.text(0)?).unwrap_or_default()),
        Kind::Property => bounded(around.property(&given.text(0)?).unwrap_or_default()),
        _ => bounded(around.version()),
    }
}

/// The question that the second argument of `jr:choice-name` names in quotes: `'${name}'`, or a path to it.
fn question_named(given: Given<'_, '_>, text: &str) -> Result<usize, EvaluationError> {
    let name = quoted_name(text);
    given.run.outline.named(name).ok_or_else(|| EvaluationError::NoQuestion(name.to_owned()))
}

/// The name in `${name}`, or the last of a path.
pub(in super::super) fn quoted_name(text: &str) -> &str {
    let text = text.trim();
    let inner = text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')).map(str::trim);
    inner.unwrap_or_else(|| text.rsplit('/').next().map_or(text, str::trim))
}
