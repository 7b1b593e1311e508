//! The language of conditions, checks and calculations: what ODK calls XForms expressions (XPath 1.0 with
//! more functions), written as in XLSForms.
//!
//! ```text
//! text ─► token ─► parser ─► tree ─► run (call/…) ─► text, number, yes or no, rows
//!                              └───► reads ─► graph ─► filling: what must be worked out again
//! ```
//! It knows no record and no clock: [`Answered`] gives it answers, [`Around`] lists, the time and dice.
//! A question that is not relevant counts as not answered. Differences from ODK are listed in
//! `docs/FORMS-ODK.md`, and a test compares both.

mod call;
mod fault;
mod filling;
mod function;
pub mod limits;
mod moment;
mod near;
mod node;
mod number;
mod outline;
mod parser;
mod plan;
mod reads;
mod run;
mod state;
#[cfg(test)]
mod tests;
mod token;
mod tree;
mod value;
mod walk;
mod world;

use std::fmt;

pub use fault::{EvaluationError, ExpressionError};
pub use filling::{Filling, Spot};
pub use moment::Moment;
pub use outline::{Outline, PlaceKind};
pub use plan::{Plan, PlanError, Purpose, Rules};
pub use world::{Answered, Around};

use node::{Inside, Node};
use run::{Focus, Run};
use tree::Expr;
use value::Value;

/// An expression that can be worked out.
#[derive(Clone, PartialEq)]
pub struct Expression {
    text: String,
    tree: Expr,
}

/// Where and with what an expression is worked out.
#[derive(Clone, Copy)]
pub struct Scene<'a> {
    /// The shape of the form.
    pub outline: &'a Outline,
    /// The answers.
    pub answered: &'a dyn Answered,
    /// Lists, tables, the time and dice.
    pub around: &'a dyn Around,
    /// The question whose expression it is.
    pub place: usize,
    /// Its row in each repeat around it, the outermost first.
    pub rows: &'a [usize],
}

/// Reads an expression.
///
/// # Errors
/// [`ExpressionError`] says what is wrong, where, and what to write instead.
pub fn parse(text: &str) -> Result<Expression, ExpressionError> {
    Ok(Expression { text: text.to_owned(), tree: parser::parse(text)? })
}

impl Expression {
    /// An expression that is worth this text, whatever is answered.
    pub fn literal(text: &str) -> Self {
        Self { text: text.to_owned(), tree: Expr::Text(text.to_owned()) }
    }

    /// As it was written.
    pub fn as_written(&self) -> &str {
        &self.text
    }

    /// Its value as text: what a calculation answers. Empty if it has none.
    ///
    /// # Errors
    /// [`EvaluationError`] if it has no value for these answers.
    pub fn text(&self, scene: Scene<'_>) -> Result<String, EvaluationError> {
        self.with(scene, |run, value| run.text_of(&value))
    }

    /// Its value as a number, [`f64::NAN`] if it is none.
    ///
    /// # Errors
    /// As [`Expression::text`].
    pub fn number(&self, scene: Scene<'_>) -> Result<f64, EvaluationError> {
        self.with(scene, |run, value| run.number_of(&value))
    }

    /// Whether it holds: what a condition or check asks.
    ///
    /// # Errors
    /// As [`Expression::text`].
    pub fn holds(&self, scene: Scene<'_>) -> Result<bool, EvaluationError> {
        self.with(scene, |run, value| run.boolean_of(&value))
    }

    /// The rows of a list or table for which it holds: what a choice filter asks.
    ///
    /// # Errors
    /// As [`Expression::text`], and if there is no such table.
    pub fn rows(&self, table: &str, scene: Scene<'_>) -> Result<Vec<usize>, EvaluationError> {
        let run = Run::new(scene.outline, scene.answered, scene.around, (scene.place, scene.rows));
        let size =
            scene.around.table_rows(table).ok_or_else(|| EvaluationError::NoTable(table.to_owned()))?;
        let table: std::rc::Rc<str> = std::rc::Rc::from(table);
        let mut kept = Vec::new();
        for row in 0..size {
            let node = Node::Table { table: std::rc::Rc::clone(&table), inside: Inside::Row(row) };
            if run.boolean(&self.tree, Focus { node: &node, position: row.saturating_add(1), size })? {
                kept.push(row);
            }
        }
        Ok(kept)
    }

    /// What is wrong with its names and patterns in a form: each is written at the question at `place`. In a
    /// choice filter, names without `${}` are columns of the list.
    pub fn check(&self, outline: &Outline, place: usize, is_filter: bool) -> Vec<ExpressionError> {
        reads::reads(&self.tree, outline, place, is_filter).wrong
    }

    fn with<T>(&self, scene: Scene<'_>, take: impl Fn(&Run<'_>, Value) -> T) -> Result<T, EvaluationError> {
        let run = Run::new(scene.outline, scene.answered, scene.around, (scene.place, scene.rows));
        let here = run.here();
        let value = run.value(&self.tree, Focus { node: &here, position: 1, size: 1 })?;
        Ok(take(&run, value))
    }
}

impl fmt::Debug for Expression {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "Expression({})", self.text)
    }
}
