//! A form that is being filled: each answer works out again only what depends on it.
//!
//! What an answer changes waits in a queue in the order of the [`Plan`], so that nothing is worked out twice.
//! Where the result is the same as before, nothing further follows.

use std::collections::{BTreeSet, HashMap};

use super::fault::EvaluationError;
use super::number;
use super::outline::Outline;
use super::plan::{Plan, Purpose};
use super::reads::Look;
use super::state::State;
use super::world::{Answered, Around};
use super::{Expression, Scene, limits};

/// A question in its rows.
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
        let (calculated, added) = (Vec::new(), Vec::new());
        let mut filling =
            Self { plan, around, state, outcomes, at, queue, calculated, added, evaluations: 0 };
        filling.all(Outline::ROOT, &[]);
        filling.settle();
        filling.added.clear();
        if !begun {
            filling.give_defaults(Outline::ROOT, &[]);
            filling.finish();
        }
        filling
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

    /// Queues every expression in a place and below, in the given rows. Triggered calculations wait for their
    /// trigger, defaults for the beginning.
    fn all(&mut self, place: usize, rows: &[usize]) {
        for inside in self.plan.outline().within(place) {
            for purpose in [
                Purpose::Relevant,
                Purpose::Count,
                Purpose::Calculation,
                Purpose::Choices,
                Purpose::Readonly,
                Purpose::Required,
                Purpose::Constraint,
            ] {
                let waits = purpose == Purpose::Calculation
                    && self.plan.rules(inside).is_some_and(|rules| !rules.trigger.is_empty());
                if let Some(cell) = self.at.get(&(inside, purpose)).copied().filter(|_| !waits) {
                    self.instances(cell, rows);
                }
            }
        }
    }

    /// Queues what looks at its own question's answer through `.`. A calculation does not come round.
    fn own(&mut self, place: usize, rows: &[usize]) {
        for purpose in [Purpose::Constraint, Purpose::Required, Purpose::Readonly, Purpose::Choices] {
            let cell = self.at.get(&(place, purpose)).copied();
            if let Some(cell) = cell.filter(|cell| self.plan.cells.get(*cell).is_some_and(|cell| cell.own)) {
                self.instances(cell, rows);
            }
        }
    }

    /// Queues a cell in all rows that begin so.
    fn instances(&mut self, cell: usize, rows: &[usize]) {
        let Some(place) = self.plan.cells.get(cell).map(|cell| cell.place) else { return };
        let repeats = self.plan.outline().repeats(place);
        // The count of a repeat belongs to what is around it.
        let own = self.plan.cells.get(cell).is_some_and(|cell| cell.purpose == Purpose::Count);
        let depth = repeats.len() - usize::from(own && self.plan.outline().is_repeat(place));
        let mut found = vec![rows.get(..depth.min(rows.len())).unwrap_or_default().to_vec()];
        for repeat in repeats.iter().take(depth).skip(rows.len()) {
            let spread = found.iter().flat_map(|outer| {
                (0..self.state.rows(*repeat, outer)).map(|row| outer.iter().copied().chain([row]).collect())
            });
            found = spread.collect();
        }
        self.queue.extend(found.into_iter().map(|rows| (cell, rows)));
    }

    /// Queues who looks at this answer, or at these rows.
    fn looked_at(&mut self, place: usize, look: Look, rows: &[usize]) {
        let plan = self.plan;
        for (cell, shared) in plan.readers(place, look) {
            self.instances(*cell, rows.get(..(*shared).min(rows.len())).unwrap_or_default());
        }
    }

    /// Works out all that waits, gives new rows their defaults, and returns what was calculated.
    fn finish(&mut self) -> Vec<Spot> {
        self.settle();
        while let Some((repeat, rows)) = self.added.pop() {
            self.give_defaults(repeat, &rows);
        }
        std::mem::take(&mut self.calculated)
    }

    fn settle(&mut self) {
        while let Some((cell, rows)) = self.queue.pop_first() {
            self.work_out(cell, &rows);
        }
    }

    fn work_out(&mut self, index: usize, rows: &[usize]) {
        let plan = self.plan;
        let Some(cell) = plan.cells.get(index) else { return };
        let Some(rules) = plan.rules(cell.place) else { return };
        let Some(expression) = rules.expression(cell.purpose) else { return };
        self.evaluations = self.evaluations.saturating_add(1);
        let key = (index, rows.to_vec());
        let place = cell.place;
        let outcome = match cell.purpose {
            Purpose::Calculation | Purpose::Default => {
                self.ask(place, rows, |scene| expression.text(scene)).map(|text| {
                    self.calculate(place, rows, &text);
                    None
                })
            }
            Purpose::Count => self.ask(place, rows, |scene| expression.number(scene)).map(|count| {
                let count =
                    number::index(count).and_then(|count| usize::try_from(count).ok()).unwrap_or_default();
                self.resize(place, rows, count.min(limits::ROWS));
                None
            }),
            Purpose::Choices => {
                let table = rules.choices.as_ref().map_or("", |(table, _)| table.as_str());
                self.ask(place, rows, |scene| expression.rows(table, scene))
                    .map(|rows| Some(Outcome::Choices(rows)))
            }
            Purpose::Relevant => self.holds_now(place, rows, expression).map(|holds| {
                self.show(place, rows, holds);
                Some(Outcome::Holds(holds))
            }),
            Purpose::Readonly | Purpose::Required | Purpose::Constraint => {
                self.holds_now(place, rows, expression).map(|holds| Some(Outcome::Holds(holds)))
            }
        };
        match outcome {
            Ok(Some(outcome)) => drop(self.outcomes.insert(key, outcome)),
            Ok(None) => drop(self.outcomes.remove(&key)),
            Err(error) => {
                if cell.purpose == Purpose::Relevant {
                    self.show(place, rows, true);
                }
                self.outcomes.insert(key, Outcome::Failed(error));
            }
        }
    }

    fn holds_now(
        &self,
        place: usize,
        rows: &[usize],
        expression: &Expression,
    ) -> Result<bool, EvaluationError> {
        self.ask(place, rows, |scene| expression.holds(scene))
    }

    fn ask<T>(
        &self,
        place: usize,
        rows: &[usize],
        ask: impl Fn(Scene<'_>) -> Result<T, EvaluationError>,
    ) -> Result<T, EvaluationError> {
        ask(Scene { outline: self.plan.outline(), answered: &self.state, around: self.around, place, rows })
    }

    fn calculate(&mut self, place: usize, rows: &[usize], text: &str) {
        if self.state.keep(place, rows, text) {
            self.calculated.push((place, rows.to_vec()));
            self.looked_at(place, Look::Answer, rows);
            self.own(place, rows);
        }
    }

    fn show(&mut self, place: usize, rows: &[usize], show: bool) {
        if self.state.hide(place, rows, !show) {
            for inside in self.plan.outline().within(place) {
                self.looked_at(inside, Look::Answer, rows);
                self.own(inside, rows);
            }
        }
    }

    fn resize(&mut self, repeat: usize, outer: &[usize], count: usize) {
        let before = self.state.rows(repeat, outer);
        if before == count {
            return;
        }
        // Rows that are no longer counted keep their answers: the count may come back.
        self.state.set_rows(repeat, outer, count);
        self.looked_at(repeat, Look::Rows, outer);
        for row in before..count {
            let rows: Vec<usize> = outer.iter().copied().chain([row]).collect();
            self.all(repeat, &rows);
            self.added.push((repeat, rows));
        }
    }

    /// Defaults, each after those it looks at; never over an answer.
    fn give_defaults(&mut self, place: usize, rows: &[usize]) {
        let within: BTreeSet<usize> = self.plan.outline().within(place).into_iter().collect();
        let defaults = (0..self.plan.cells.len()).filter(|index| {
            self.plan
                .cells
                .get(*index)
                .is_some_and(|cell| cell.purpose == Purpose::Default && within.contains(&cell.place))
        });
        for cell in defaults.collect::<Vec<_>>() {
            self.instances(cell, rows);
            while let Some((cell, rows)) = self.queue.pop_first() {
                let place = self.plan.cells.get(cell).map_or(0, |cell| cell.place);
                if self.plan.cells.get(cell).is_some_and(|cell| cell.purpose != Purpose::Default)
                    || self.state.kept(place, &rows).is_empty()
                {
                    self.work_out(cell, &rows);
                }
            }
        }
    }
}
