//! A form that is being filled: each answer works out again only what depends on it.
//!
//! What an answer changes waits in a queue in the order of the [`Plan`], so that nothing is worked out twice.
//! Where the result is the same as before, nothing further follows.

mod work;

use std::collections::{BTreeSet, HashMap};

use super::fault::EvaluationError;
use super::outline::Outline;
use super::plan::{Plan, Purpose};
use super::reads::Look;
use super::state::State;
use super::world::{Answered, Around};

/// A place in its rows.
pub type Spot = (usize, Vec<usize>);

/// What an expression said last.
#[derive(Debug, Clone, PartialEq)]
enum Outcome {
    Holds(bool),
    Choices(Vec<usize>),
    Failed(EvaluationError),
}

/// One form being filled.
pub struct Filling<'p> {
    plan: &'p Plan,
    around: &'p dyn Around,
    state: State<'p>,
    outcomes: HashMap<(usize, Vec<usize>), Outcome>,
    /// The cell of each expression.
    at: HashMap<(usize, Purpose), usize>,
    queue: BTreeSet<(usize, Vec<usize>)>,
    calculated: Vec<Spot>,
    /// What opening calculated and gave by default.
    opened: Vec<Spot>,
    /// Expressions that say something else than before, and where.
    noticed: BTreeSet<(usize, Vec<usize>)>,
    /// Rows that were added and have no defaults yet.
    added: Vec<Spot>,
    evaluations: u64,
}

impl<'p> Filling<'p> {
    /// Opens a form with the answers and rows it already has, and works everything out. `begun` says whether
    /// it was begun before: then defaults are left alone.
    pub fn open(
        plan: &'p Plan,
        around: &'p dyn Around,
        answers: &[(Spot, String)],
        rows: &[(Spot, usize)],
        begun: bool,
    ) -> Self {
        let mut state = State::new(plan.outline());
        for ((place, rows), answer) in answers {
            state.keep(*place, rows, answer);
        }
        for ((repeat, outer), count) in rows {
            state.set_rows(*repeat, outer, *count);
        }
        let at =
            plan.cells.iter().enumerate().map(|(index, cell)| ((cell.place, cell.purpose), index)).collect();
        let (outcomes, queue) = (HashMap::new(), BTreeSet::new());
        let (calculated, opened, added, noticed) = (Vec::new(), Vec::new(), Vec::new(), BTreeSet::new());
        let mut filling = Self {
            plan,
            around,
            state,
            outcomes,
            at,
            queue,
            calculated,
            opened,
            noticed,
            added,
            evaluations: 0,
        };
        filling.all(Outline::ROOT, &[]);
        filling.settle();
        filling.added.clear();
        if !begun {
            filling.give_defaults(Outline::ROOT, &[]);
        }
        filling.opened = filling.finish();
        filling
    }

    /// The questions that opening answered anew, by calculation or default.
    pub fn opened(&self) -> &[Spot] {
        &self.opened
    }

    /// Takes an answer and returns the questions whose calculated answers changed by it.
    pub fn answer(&mut self, place: usize, rows: &[usize], answer: &str) -> Vec<Spot> {
        if self.state.keep(place, rows, answer) {
            self.looked_at(place, Look::Answer, rows);
            self.own(place, rows);
        }
        self.finish()
    }

    /// Adds a row at the end of a repeat and returns the questions whose calculated answers changed by it.
    pub fn add_row(&mut self, repeat: usize, outer: &[usize]) -> Vec<Spot> {
        let count = self.state.rows(repeat, outer);
        self.resize(repeat, outer, count.saturating_add(1));
        self.finish()
    }

    /// Removes a row of a repeat; `rows` ends with its index. Later rows move up.
    pub fn remove_row(&mut self, repeat: usize, rows: &[usize]) -> Vec<Spot> {
        if let Some((last, outer)) = rows.split_last()
            && *last < self.state.rows(repeat, outer)
        {
            self.state.remove_row(repeat, rows);
            self.outcomes.retain(|(cell, at), _| {
                let inside = self
                    .plan
                    .cells
                    .get(*cell)
                    .is_some_and(|cell| self.plan.outline().repeats(cell.place).contains(&repeat));
                !(inside && at.starts_with(outer))
            });
            self.looked_at(repeat, Look::Rows, rows);
            for place in self.plan.outline().within(repeat) {
                self.looked_at(place, Look::Answer, outer);
            }
            for row in 0..self.state.rows(repeat, outer) {
                let rows: Vec<usize> = outer.iter().copied().chain([row]).collect();
                self.all(repeat, &rows);
            }
        }
        self.finish()
    }

    /// What says something else than when this was asked last, besides calculations: conditions, checks, choices
    /// and counts, each with its spot. Of a count, the spot is what is around the repeat.
    pub fn take_noticed(&mut self) -> Vec<(Spot, Purpose)> {
        let noticed = std::mem::take(&mut self.noticed).into_iter();
        let told = noticed.filter_map(|(cell, rows)| {
            let cell = self.plan.cells.get(cell)?;
            Some(((cell.place, rows), cell.purpose))
        });
        told.collect()
    }

    /// Works out again what looks at the time.
    pub fn refresh(&mut self) -> Vec<Spot> {
        let fresh: Vec<usize> = (0..self.plan.cells.len())
            .filter(|cell| self.plan.cells.get(*cell).is_some_and(|cell| cell.fresh))
            .collect();
        for cell in fresh {
            self.instances(cell, &[]);
        }
        self.finish()
    }

    /// The answer at a spot; empty if it is not relevant.
    pub fn value(&self, place: usize, rows: &[usize]) -> String {
        self.state.answer(place, rows).into_owned()
    }

    /// How many rows a repeat has.
    pub fn rows(&self, repeat: usize, outer: &[usize]) -> usize {
        self.state.rows(repeat, outer)
    }

    /// Whether it is asked. A condition that cannot be worked out hides nothing.
    pub fn is_relevant(&self, place: usize, rows: &[usize]) -> bool {
        self.state.is_relevant(place, rows)
    }

    /// Whether it must be answered.
    pub fn is_required(&self, place: usize, rows: &[usize]) -> bool {
        self.holds(place, Purpose::Required, rows).unwrap_or(false)
    }

    /// Whether it cannot be changed by hand.
    pub fn is_readonly(&self, place: usize, rows: &[usize]) -> bool {
        self.holds(place, Purpose::Readonly, rows).unwrap_or(false)
    }

    /// Whether its answer passes its check. No answer passes, and so does every answer to a question that is
    /// not relevant.
    pub fn is_valid(&self, place: usize, rows: &[usize]) -> bool {
        self.state.answer(place, rows).is_empty()
            || self.holds(place, Purpose::Constraint, rows).unwrap_or(true)
    }

    /// The rows of its list that are offered. `None` if all are, or if the filter cannot be worked out.
    pub fn choices(&self, place: usize, rows: &[usize]) -> Option<&[usize]> {
        match self.outcome(place, Purpose::Choices, rows)? {
            Outcome::Choices(rows) => Some(rows),
            _ => None,
        }
    }

    /// Whether its calculation did not fail when it was asked last.
    pub fn is_worked_out(&self, place: usize, rows: &[usize]) -> bool {
        !matches!(self.outcome(place, Purpose::Calculation, rows), Some(Outcome::Failed(_)))
    }

    /// Expressions that could not be worked out, and why.
    pub fn failures(&self) -> Vec<(&str, Purpose, &EvaluationError)> {
        let failed = self.outcomes.iter().filter_map(|((cell, _), outcome)| match outcome {
            Outcome::Failed(error) => Some((self.plan.cells.get(*cell)?, error)),
            _ => None,
        });
        failed.map(|(cell, error)| (self.plan.outline().name(cell.place), cell.purpose, error)).collect()
    }

    /// How many expressions were worked out since the form was opened, opening included.
    pub fn evaluations(&self) -> u64 {
        self.evaluations
    }

    fn outcome(&self, place: usize, purpose: Purpose, rows: &[usize]) -> Option<&Outcome> {
        let cell = self.at.get(&(place, purpose))?;
        self.outcomes.get(&(*cell, rows.to_vec()))
    }

    fn holds(&self, place: usize, purpose: Purpose, rows: &[usize]) -> Option<bool> {
        match self.outcome(place, purpose, rows)? {
            Outcome::Holds(holds) => Some(*holds),
            _ => None,
        }
    }
}
