//! The queue: who looks at what has changed, and working it out.

use std::collections::BTreeSet;

use super::super::fault::EvaluationError;
use super::super::plan::Purpose;
use super::super::reads::Look;
use super::super::world::Answered;
use super::super::{Expression, Scene, limits, number};
use super::{Filling, Outcome, Spot};

impl Filling<'_> {
    /// Queues every expression in a place and below, in the given rows. Triggered calculations wait for their
    /// trigger, defaults for the beginning.
    pub(super) fn all(&mut self, place: usize, rows: &[usize]) {
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
    pub(super) fn own(&mut self, place: usize, rows: &[usize]) {
        for purpose in [Purpose::Constraint, Purpose::Required, Purpose::Readonly, Purpose::Choices] {
            let cell = self.at.get(&(place, purpose)).copied();
            if let Some(cell) = cell.filter(|cell| self.plan.cells.get(*cell).is_some_and(|cell| cell.own)) {
                self.instances(cell, rows);
            }
        }
    }

    /// Queues a cell in all rows that begin so.
    pub(super) fn instances(&mut self, cell: usize, rows: &[usize]) {
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
    pub(super) fn looked_at(&mut self, place: usize, look: Look, rows: &[usize]) {
        let plan = self.plan;
        for (cell, shared) in plan.readers(place, look) {
            self.instances(*cell, rows.get(..(*shared).min(rows.len())).unwrap_or_default());
        }
    }

    /// Works out all that waits, gives new rows their defaults, and returns what was calculated.
    pub(super) fn finish(&mut self) -> Vec<Spot> {
        self.settle();
        while let Some((repeat, rows)) = self.added.pop() {
            self.give_defaults(repeat, &rows);
        }
        std::mem::take(&mut self.calculated)
    }

    pub(super) fn settle(&mut self) {
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
        let outcome = outcome.unwrap_or_else(|error| {
            if cell.purpose == Purpose::Relevant {
                self.show(place, rows, true);
            }
            Some(Outcome::Failed(error))
        });
        if self.outcomes.get(&key) != outcome.as_ref() {
            self.noticed.insert(key.clone());
        }
        match outcome {
            Some(outcome) => drop(self.outcomes.insert(key, outcome)),
            None => drop(self.outcomes.remove(&key)),
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

    pub(super) fn resize(&mut self, repeat: usize, outer: &[usize], count: usize) {
        let before = self.state.rows(repeat, outer);
        if before == count {
            return;
        }
        // Rows that are no longer counted keep their answers: the count may come back.
        self.state.set_rows(repeat, outer, count);
        if let Some(cell) = self.at.get(&(repeat, Purpose::Count)).copied() {
            self.noticed.insert((cell, outer.to_vec()));
        }
        self.looked_at(repeat, Look::Rows, outer);
        for row in before..count {
            let rows: Vec<usize> = outer.iter().copied().chain([row]).collect();
            self.all(repeat, &rows);
            self.added.push((repeat, rows));
        }
    }

    /// Defaults, each after those it looks at; never over an answer.
    pub(super) fn give_defaults(&mut self, place: usize, rows: &[usize]) {
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
