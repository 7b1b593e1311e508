//! Where in the file each expression stands, so that an error can say it.

use std::collections::BTreeMap;

use super::Problem;
use super::finding::{Findings, Place};
use crate::form::expression::{ExpressionError, Purpose};
use crate::form::{Form, Holder, Prepared, Unready};

/// Rows of questions and groups, and the columns of their expressions.
#[derive(Debug, Default)]
pub(super) struct Origins {
    /// The row of each question, by index.
    pub(super) questions: Vec<u32>,
    /// The row of each group, by index.
    pub(super) groups: Vec<u32>,
    /// The headings of the columns that hold an expression.
    columns: BTreeMap<(u32, Purpose), String>,
}

impl Origins {
    /// Notes the column of an expression.
    pub(super) fn note(&mut self, row: u32, purpose: Purpose, at: Place<'_>) {
        self.columns.insert((row, purpose), at.column.unwrap_or_default().to_owned());
    }

    fn row(&self, holder: Holder) -> Option<u32> {
        match holder {
            Holder::Question(index) => self.questions.get(index).copied(),
            Holder::Group(index) => self.groups.get(index).copied(),
            Holder::Form | Holder::InstanceName => None,
        }
    }
}

/// Reads every expression of a form and reports what is wrong with each, at its cell.
pub(super) fn note_logic(
    form: &Form,
    origins: &Origins,
    (survey, settings): (&str, &str),
    findings: &mut Findings,
) {
    let Err(wrong) = Prepared::new(form) else { return };
    for unready in wrong {
        match unready {
            Unready::Circle(names) => {
                findings.error(Place::sheet(survey), Problem::Circle { names: names.join(" → ") });
            }
            Unready::TooMuch => findings.error(Place::sheet(survey), Problem::TooMuchLogic),
            Unready::Expression { holder: Holder::InstanceName, error, .. } => {
                findings.error(Place::sheet(settings).column("instance_name"), expression(error));
            }
            Unready::Expression { holder, purpose, error } => {
                let row = origins.row(holder);
                let column = row.and_then(|row| origins.columns.get(&(row, purpose)));
                let mut place = Place::sheet(survey);
                place.row = row;
                place.column = column.map(String::as_str);
                findings.error(place, expression(error));
            }
        }
    }
}

fn expression(error: ExpressionError) -> Problem {
    Problem::Expression { error }
}
