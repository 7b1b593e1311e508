//! Working out what an expression is worth.

use std::cell::Cell;

use super::call;
use super::fault::EvaluationError;
use super::limits;
use super::moment::Moment;
use super::node::{Inside, Node};
use super::number;
use super::outline::Outline;
use super::tree::{Expr, Operator};
use super::value::{Relation, Single, Value, number_of};
use super::world::{Answered, Around};

/// One working out.
pub(super) struct Run<'a> {
    pub(super) outline: &'a Outline,
    pub(super) answered: &'a dyn Answered,
    pub(super) around: &'a dyn Around,
    /// The question whose expression it is.
    pub(super) question: (usize, &'a [usize]),
    now: Moment,
    steps: Cell<u32>,
}

/// Where one looks from: the question itself, or what a predicate looks at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Focus<'n> {
    pub(super) node: &'n Node,
    pub(super) position: usize,
    pub(super) size: usize,
}

impl<'a> Run<'a> {
    pub(super) fn new(
        outline: &'a Outline,
        answered: &'a dyn Answered,
        around: &'a dyn Around,
        question: (usize, &'a [usize]),
    ) -> Self {
        Self { outline, answered, around, question, now: around.now(), steps: Cell::new(limits::STEPS) }
    }

    pub(super) fn here(&self) -> Node {
        Node::Spot { place: self.question.0, rows: self.question.1.to_vec() }
    }

    pub(super) fn now(&self) -> Moment {
        self.now
    }

    pub(super) fn offset(&self) -> i32 {
        self.now.offset()
    }

    /// Counts steps, so that no expression runs for ever.
    pub(super) fn spend(&self, steps: usize) -> Result<(), EvaluationError> {
        let steps = u32::try_from(steps).unwrap_or(u32::MAX);
        let left = self.steps.get().checked_sub(steps).ok_or(EvaluationError::TooManySteps)?;
        self.steps.set(left);
        Ok(())
    }

    /// How many nodes may still be found.
    pub(super) fn left(&self) -> usize {
        usize::try_from(self.steps.get()).unwrap_or(usize::MAX).min(limits::NODESET)
    }

    pub(super) fn value(&self, expr: &Expr, focus: Focus<'_>) -> Result<Value, EvaluationError> {
        self.spend(1)?;
        match expr {
            Expr::Number(number) => Ok(Value::Number(*number)),
            Expr::Text(text) => Ok(Value::Text(text.clone())),
            Expr::Negative(inner) => Ok(Value::Number(-self.number(inner, focus)?)),
            Expr::Union(all) => self.union(all, focus),
            Expr::Call { function, given, .. } => call::call(self, *function, given, focus),
            Expr::Path(path) => Ok(Value::Nodes(self.path(path, focus)?)),
            Expr::Chain(first, rest) => self.chain(first, rest, focus),
        }
    }

    pub(super) fn number(&self, expr: &Expr, focus: Focus<'_>) -> Result<f64, EvaluationError> {
        Ok(self.number_of(&self.value(expr, focus)?))
    }

    pub(super) fn boolean(&self, expr: &Expr, focus: Focus<'_>) -> Result<bool, EvaluationError> {
        Ok(self.boolean_of(&self.value(expr, focus)?))
    }

    pub(super) fn text_of(&self, value: &Value) -> String {
        match value {
            Value::Number(number) => number::written(*number),
            Value::Text(text) => text.clone(),
            Value::Boolean(boolean) => boolean.to_string(),
            Value::Moment(moment) => moment.written(),
            Value::Nodes(nodes) => nodes.first().map(|node| self.text_at(node)).unwrap_or_default(),
        }
    }

    pub(super) fn number_of(&self, value: &Value) -> f64 {
        match value {
            Value::Number(number) => *number,
            Value::Boolean(boolean) => f64::from(u8::from(*boolean)),
            Value::Moment(moment) => moment.days(),
            Value::Text(text) => number_of(text, self.offset()),
            Value::Nodes(_) => number_of(&self.text_of(value), self.offset()),
        }
    }

    /// A question without an answer is false here, though XPath 1.0 would say that the node is there.
    pub(super) fn boolean_of(&self, value: &Value) -> bool {
        match value {
            Value::Number(number) => *number != 0.0 && !number.is_nan(),
            Value::Text(text) => !text.is_empty(),
            Value::Boolean(boolean) => *boolean,
            Value::Moment(_) => true,
            Value::Nodes(nodes) => match nodes.as_slice() {
                [] => false,
                [Node::Spot { place, .. }] if self.outline.children(*place).is_empty() => {
                    !self.text_of(value).is_empty()
                }
                _ => true,
            },
        }
    }

    /// What stands at a node.
    pub(super) fn text_at(&self, node: &Node) -> String {
        match node {
            Node::Above => String::new(),
            Node::Spot { place, rows } if self.outline.children(*place).is_empty() => {
                self.answered.answer(*place, rows).into_owned()
            }
            Node::Spot { .. } => String::new(),
            Node::Table { table, inside: Inside::Cell(row, column) } => {
                self.around.cell(table, *row, column).unwrap_or_default().into_owned()
            }
            Node::Table { .. } => String::new(),
        }
    }

    /// The texts of all nodes, or of the one value.
    pub(super) fn texts(&self, value: &Value) -> Result<Vec<String>, EvaluationError> {
        match value {
            Value::Nodes(nodes) => {
                self.spend(nodes.len())?;
                Ok(nodes.iter().map(|node| self.text_at(node)).collect())
            }
            single => Ok(vec![self.text_of(single)]),
        }
    }

    /// The numbers of all nodes, or of the one value.
    pub(super) fn numbers(&self, value: &Value) -> Result<Vec<f64>, EvaluationError> {
        match value {
            Value::Nodes(_) => {
                Ok(self.texts(value)?.iter().map(|text| number_of(text, self.offset())).collect())
            }
            single => Ok(vec![self.number_of(single)]),
        }
    }

    pub(super) fn nodes(
        &self,
        expr: &Expr,
        focus: Focus<'_>,
        function: &'static str,
    ) -> Result<Vec<Node>, EvaluationError> {
        match self.value(expr, focus)? {
            Value::Nodes(nodes) => Ok(nodes),
            _ => Err(EvaluationError::Argument {
                function,
                expects: "expects a question, group or repeat: ${name}",
            }),
        }
    }

    fn union(&self, all: &[Expr], focus: Focus<'_>) -> Result<Value, EvaluationError> {
        let mut found = Vec::new();
        for expr in all {
            found.extend(self.nodes(expr, focus, "|")?);
        }
        self.spend(found.len())?;
        found.sort_by_cached_key(|node| node.order(self.outline));
        found.dedup();
        Ok(Value::Nodes(found))
    }

    fn chain(
        &self,
        first: &Expr,
        rest: &[(Operator, Expr)],
        focus: Focus<'_>,
    ) -> Result<Value, EvaluationError> {
        let mut left = self.value(first, focus)?;
        for (operator, expr) in rest {
            self.spend(1)?;
            left = match operator {
                Operator::And => Value::Boolean(self.boolean_of(&left) && self.boolean(expr, focus)?),
                Operator::Or => Value::Boolean(self.boolean_of(&left) || self.boolean(expr, focus)?),
                Operator::Equal => self.compare(&left, Relation::Equal, expr, focus)?,
                Operator::Unequal => self.compare(&left, Relation::Unequal, expr, focus)?,
                Operator::Less => self.compare(&left, Relation::Less, expr, focus)?,
                Operator::LessOrEqual => self.compare(&left, Relation::LessOrEqual, expr, focus)?,
                Operator::More => self.compare(&left, Relation::More, expr, focus)?,
                Operator::MoreOrEqual => self.compare(&left, Relation::MoreOrEqual, expr, focus)?,
                Operator::Plus => Value::Number(self.number_of(&left) + self.number(expr, focus)?),
                Operator::Minus => Value::Number(self.number_of(&left) - self.number(expr, focus)?),
                Operator::Times => Value::Number(self.number_of(&left) * self.number(expr, focus)?),
                Operator::Divided => Value::Number(self.number_of(&left) / self.number(expr, focus)?),
                Operator::Modulo => Value::Number(self.number_of(&left) % self.number(expr, focus)?),
            };
        }
        Ok(left)
    }

    fn compare(
        &self,
        left: &Value,
        relation: Relation,
        right: &Expr,
        focus: Focus<'_>,
    ) -> Result<Value, EvaluationError> {
        let right = self.value(right, focus)?;
        // Nodes against true or false: whether there are any.
        let holds = match (left, &right) {
            (Value::Nodes(_), Value::Boolean(_)) | (Value::Boolean(_), Value::Nodes(_)) => {
                let (one, other) = (self.boolean_of(left), self.boolean_of(&right));
                Single::Boolean(one).compare(relation, &Single::Boolean(other), self.offset())
            }
            _ => {
                let (ones, others) = (self.singles(left)?, self.singles(&right)?);
                self.spend(ones.len().saturating_mul(others.len()))?;
                ones.iter().any(|one| others.iter().any(|other| one.compare(relation, other, self.offset())))
            }
        };
        Ok(Value::Boolean(holds))
    }

    fn singles(&self, value: &Value) -> Result<Vec<Single>, EvaluationError> {
        Ok(match value {
            Value::Number(number) => vec![Single::Number(*number)],
            Value::Moment(moment) => vec![Single::Number(moment.days())],
            Value::Text(text) => vec![Single::Text(text.clone())],
            Value::Boolean(boolean) => vec![Single::Boolean(*boolean)],
            Value::Nodes(_) => self.texts(value)?.into_iter().map(Single::Answer).collect(),
        })
    }
}
