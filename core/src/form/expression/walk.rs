//! Following a path: from where one stands over answers, rows and tables.

use std::rc::Rc;

use super::fault::EvaluationError;
use super::limits;
use super::node::{Inside, Node, spread};
use super::number;
use super::outline::Outline;
use super::run::{Focus, Run};
use super::tree::{Expr, Path, Start, Step, Way};
use super::value::Value;

impl Run<'_> {
    /// The spots of `${name}`, as seen from the question; in all rows of all repeats if `everywhere`.
    pub(super) fn reference(&self, name: &str, everywhere: bool) -> Result<Vec<Node>, EvaluationError> {
        let target = self.outline.named(name).ok_or_else(|| EvaluationError::NoQuestion(name.to_owned()))?;
        let shared = if everywhere { 0 } else { self.outline.shared(target, self.question.0) };
        let rows = self.question.1.get(..shared).unwrap_or_default();
        let mut found = Vec::new();
        let whole = spread(self.outline, self.answered, target, rows, &mut found, self.left());
        if !whole {
            return Err(EvaluationError::TooManySteps);
        }
        self.spend(found.len())?;
        Ok(found)
    }

    /// A place in all its rows.
    pub(super) fn every(&self, place: usize) -> Result<Vec<Node>, EvaluationError> {
        let mut found = Vec::new();
        if !spread(self.outline, self.answered, place, &[], &mut found, self.left()) {
            return Err(EvaluationError::TooManySteps);
        }
        self.spend(found.len())?;
        Ok(found)
    }

    pub(super) fn path(&self, path: &Path, focus: Focus<'_>) -> Result<Vec<Node>, EvaluationError> {
        let mut nodes = match &path.start {
            Start::Root => vec![Node::Above],
            Start::Here => vec![focus.node.clone()],
            Start::Reference(name) => self.reference(name, false)?,
            Start::Value(expr) => self.nodes(expr, focus, "/")?,
        };
        nodes = self.keep(nodes, &path.asked)?;
        for step in &path.steps {
            nodes = self.step(&nodes, step)?;
        }
        Ok(nodes)
    }

    fn step(&self, from: &[Node], step: &Step) -> Result<Vec<Node>, EvaluationError> {
        let mut all: Vec<Node> = Vec::new();
        for node in from {
            let mut found = Vec::new();
            match &step.way {
                Way::Stay => found.push(node.clone()),
                Way::Up => found.extend(node.up(self.outline).filter(|up| all.last() != Some(up))),
                Way::Down(name) => self.down(node, Some(name), &mut found)?,
                Way::Each => self.down(node, None, &mut found)?,
                Way::Anywhere(name) => self.anywhere(node, name, &mut found)?,
            }
            self.spend(found.len().saturating_add(1))?;
            all.extend(self.keep(found, &step.asked)?);
        }
        if all.len() > limits::NODESET {
            return Err(EvaluationError::TooManySteps);
        }
        // Several ways may lead to the same node: it counts once.
        if matches!(step.way, Way::Up | Way::Anywhere(_)) && from.len() > 1 {
            all.sort_by_cached_key(|node| node.order(self.outline));
            all.dedup();
        }
        Ok(all)
    }

    fn down(&self, node: &Node, name: Option<&str>, to: &mut Vec<Node>) -> Result<(), EvaluationError> {
        let fits = |wanted: &str| name.is_none_or(|name| name == wanted);
        match node {
            Node::Above if fits(self.outline.name(Outline::ROOT)) => {
                to.push(Node::Spot { place: Outline::ROOT, rows: Vec::new() });
            }
            Node::Above => {}
            Node::Spot { place, rows } => {
                for child in self.outline.children(*place) {
                    if fits(self.outline.name(*child))
                        && !spread(self.outline, self.answered, *child, rows, to, self.left())
                    {
                        return Err(EvaluationError::TooManySteps);
                    }
                }
            }
            Node::Table { table, inside } => self.down_table(table, inside, name, to)?,
        }
        Ok(())
    }

    fn down_table(
        &self,
        table: &Rc<str>,
        inside: &Inside,
        name: Option<&str>,
        to: &mut Vec<Node>,
    ) -> Result<(), EvaluationError> {
        let fits = |wanted: &str| name.is_none_or(|name| name == wanted);
        let node = |inside| Node::Table { table: Rc::clone(table), inside };
        match inside {
            Inside::Whole if fits("root") => to.push(node(Inside::Root)),
            Inside::Root if fits("item") => {
                let rows = self.around.table_rows(table).unwrap_or_default();
                self.spend(rows)?;
                to.extend((0..rows).map(|row| node(Inside::Row(row))));
            }
            Inside::Row(row) => {
                if let Some(name) = name.filter(|name| self.around.cell(table, *row, name).is_some()) {
                    to.push(node(Inside::Cell(*row, Rc::from(name))));
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn anywhere(&self, node: &Node, name: &str, to: &mut Vec<Node>) -> Result<(), EvaluationError> {
        let (top, rows) = match node {
            Node::Above => (Outline::ROOT, &[][..]),
            Node::Spot { place, rows } => (*place, rows.as_slice()),
            Node::Table { .. } => return Ok(()),
        };
        for place in self.outline.all_named(name) {
            let line = self.outline.ancestry(*place);
            let below = line.contains(&top) && (*place != top || matches!(node, Node::Above));
            if below && !spread(self.outline, self.answered, *place, rows, to, self.left()) {
                return Err(EvaluationError::TooManySteps);
            }
        }
        Ok(())
    }

    /// The nodes of which every predicate holds. A number asks for the node at that position.
    fn keep(&self, mut nodes: Vec<Node>, asked: &[Expr]) -> Result<Vec<Node>, EvaluationError> {
        for expr in asked {
            let size = nodes.len();
            let mut kept = Vec::new();
            for (index, node) in nodes.into_iter().enumerate() {
                let position = index.saturating_add(1);
                let holds = match self.value(expr, Focus { node: &node, position, size })? {
                    #[allow(clippy::float_cmp, reason = "positions are whole")]
                    Value::Number(number) => number == number::count(position),
                    other => self.boolean_of(&other),
                };
                if holds {
                    kept.push(node);
                }
            }
            nodes = kept;
        }
        Ok(nodes)
    }
}
