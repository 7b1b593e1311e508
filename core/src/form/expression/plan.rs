//! What each question's expressions wait for, and in which order they are worked out.
//!
//! A cell is one expression of one question. Cell B comes after cell A if it looks at an answer that A works
//! out, or that A's condition can take away. A circle is an error, and names its questions.

use std::collections::{BTreeMap, BTreeSet};

use super::Expression;
use super::fault::ExpressionError;
use super::outline::Outline;
use super::reads::{Look, Reads, reads};

/// The expressions of one question, group or repeat.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// When it is asked at all.
    pub relevant: Option<Expression>,
    /// What its answer must fulfil; `.` is the answer.
    pub constraint: Option<Expression>,
    /// When a finished record must answer it.
    pub required: Option<Expression>,
    /// When it cannot be changed by hand.
    pub readonly: Option<Expression>,
    /// What answers it.
    pub calculation: Option<Expression>,
    /// Questions whose change answers it anew; without any, each change of what the calculation looks at does.
    pub trigger: Vec<String>,
    /// What answers it when the record is begun.
    pub default: Option<Expression>,
    /// The list or table it chooses from, and which rows of it are offered.
    pub choices: Option<(String, Expression)>,
    /// For a repeat: how many rows it has.
    pub count: Option<Expression>,
}

/// What an expression is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Purpose {
    /// [`Rules::relevant`]
    Relevant,
    /// [`Rules::count`]
    Count,
    /// [`Rules::calculation`]
    Calculation,
    /// [`Rules::default`]
    Default,
    /// [`Rules::choices`]
    Choices,
    /// [`Rules::readonly`]
    Readonly,
    /// [`Rules::required`]
    Required,
    /// [`Rules::constraint`]
    Constraint,
}

/// Why a form's expressions cannot be used together. The author of the form must act.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    /// One expression is wrong.
    #[error("{question}, {purpose:?}: {error}")]
    Expression {
        /// Its place in the outline.
        place: usize,
        /// The question.
        question: String,
        /// What its expression is for.
        purpose: Purpose,
        /// What is wrong.
        error: ExpressionError,
    },
    /// Questions wait for each other.
    #[error("these questions need each other's answers: {}; take one reference away", .0.join(" → "))]
    Circle(Vec<String>),
    /// All expressions together look at more than [`super::limits::READS`] answers.
    #[error("the expressions look at too much")]
    TooMuch,
}

/// One expression of one question.
#[derive(Debug)]
pub(super) struct Cell {
    pub(super) place: usize,
    pub(super) purpose: Purpose,
    /// Looks at the time or at dice.
    pub(super) fresh: bool,
    /// Looks at its own question's answer.
    pub(super) own: bool,
    waits: BTreeSet<super::reads::Read>,
}

/// A form's expressions in their order.
#[derive(Debug)]
pub struct Plan {
    outline: Outline,
    rules: Vec<Rules>,
    /// In the order they are worked out.
    pub(super) cells: Vec<Cell>,
    /// Who looks at an answer or at the rows of a repeat: cell and shared rows.
    readers: BTreeMap<(usize, Look), Vec<(usize, usize)>>,
    tables: BTreeSet<String>,
}

impl Plan {
    /// Orders the expressions of a form. `rules` are in the order of the outline's places; what is missing at
    /// the end has none.
    ///
    /// # Errors
    /// Every wrong name, pattern and circle.
    pub fn new(outline: Outline, mut rules: Vec<Rules>) -> Result<Self, Vec<PlanError>> {
        rules.resize(outline.len(), Rules::default());
        let mut errors = Vec::new();
        let mut cells = Vec::new();
        let mut tables = BTreeSet::new();
        let mut left = super::limits::READS;
        for (place, rule) in rules.iter().enumerate() {
            tables.extend(rule.choices.iter().map(|(table, _)| table.clone()));
            for (purpose, expression) in rule.expressions() {
                let found = reads(&expression.tree, &outline, place, purpose == Purpose::Choices);
                let question = || outline.name(place).to_owned();
                let wrong = |error| PlanError::Expression { place, question: question(), purpose, error };
                left = left.checked_sub(found.found.len()).ok_or_else(|| vec![PlanError::TooMuch])?;
                errors.extend(found.wrong.iter().cloned().map(wrong));
                tables.extend(found.tables.iter().cloned());
                // Once hidden it would have no answer, and so stay hidden until the record is opened again.
                if purpose == Purpose::Relevant && found.dot {
                    errors.push(PlanError::Circle(vec![question(), question()]));
                }
                match waits(rule, purpose, found, &outline, place) {
                    Ok(cell) => cells.push(cell),
                    Err(error) => errors.push(wrong(error)),
                }
            }
        }
        match order(&cells, &outline) {
            Ok(ranks) => {
                let mut ranked: Vec<(usize, Cell)> = ranks.into_iter().zip(cells).collect();
                ranked.sort_by_key(|(rank, _)| *rank);
                cells = ranked.into_iter().map(|(_, cell)| cell).collect();
            }
            Err(circle) => {
                errors.push(PlanError::Circle(circle));
                return Err(errors);
            }
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        let mut readers: BTreeMap<(usize, Look), Vec<(usize, usize)>> = BTreeMap::new();
        for (index, cell) in cells.iter().enumerate().filter(|(_, cell)| cell.purpose != Purpose::Default) {
            for read in &cell.waits {
                readers.entry((read.place, read.look)).or_default().push((index, read.shared));
            }
        }
        Ok(Self { outline, rules, cells, readers, tables })
    }

    /// The form's shape.
    pub fn outline(&self) -> &Outline {
        &self.outline
    }

    /// The lists and tables that expressions name.
    pub fn tables(&self) -> impl Iterator<Item = &str> {
        self.tables.iter().map(String::as_str)
    }

    /// How many expressions there are.
    pub fn expressions(&self) -> usize {
        self.cells.len()
    }

    /// The places that the calculation and the condition of a place look at, and those with conditions around it.
    pub fn looks_at(&self, place: usize) -> BTreeSet<usize> {
        let cells = self.cells.iter().filter(|cell| {
            cell.place == place
                && matches!(cell.purpose, Purpose::Calculation | Purpose::Relevant | Purpose::Count)
        });
        let looked = cells.flat_map(|cell| cell.waits.iter().map(|read| read.place));
        looked.chain(self.outline.parent(place)).collect()
    }

    pub(super) fn rules(&self, place: usize) -> Option<&Rules> {
        self.rules.get(place)
    }

    /// The cells that look at an answer or at rows, and how many rows they share with it.
    pub(super) fn readers(&self, place: usize, look: Look) -> &[(usize, usize)] {
        self.readers.get(&(place, look)).map_or(&[], Vec::as_slice)
    }
}

impl Rules {
    fn expressions(&self) -> impl Iterator<Item = (Purpose, &Expression)> {
        let all = [
            (Purpose::Relevant, self.relevant.as_ref()),
            (Purpose::Count, self.count.as_ref()),
            (Purpose::Calculation, self.calculation.as_ref()),
            (Purpose::Default, self.default.as_ref()),
            (Purpose::Choices, self.choices.as_ref().map(|(_, expression)| expression)),
            (Purpose::Readonly, self.readonly.as_ref()),
            (Purpose::Required, self.required.as_ref()),
            (Purpose::Constraint, self.constraint.as_ref()),
        ];
        all.into_iter().filter_map(|(purpose, expression)| Some((purpose, expression?)))
    }

    pub(super) fn expression(&self, purpose: Purpose) -> Option<&Expression> {
        self.expressions().find(|(known, _)| *known == purpose).map(|(_, expression)| expression)
    }
}

/// What a cell waits for: what it looks at, or only the triggers where there are any.
fn waits(
    rule: &Rules,
    purpose: Purpose,
    found: Reads,
    outline: &Outline,
    place: usize,
) -> Result<Cell, ExpressionError> {
    if purpose != Purpose::Calculation || rule.trigger.is_empty() {
        return Ok(Cell { place, purpose, fresh: found.fresh, own: found.own, waits: found.found });
    }
    let mut waits = BTreeSet::new();
    for name in &rule.trigger {
        let tree = super::parse(&format!("${{{name}}}"))?.tree;
        let found = reads(&tree, outline, place, false);
        if let Some(error) = found.wrong.into_iter().next() {
            return Err(error);
        }
        waits.extend(found.found);
    }
    Ok(Cell { place, purpose, fresh: false, own: false, waits })
}

/// The rank of each cell, or the questions of a circle.
fn order(cells: &[Cell], outline: &Outline) -> Result<Vec<usize>, Vec<String>> {
    let mut at: BTreeMap<(usize, Purpose), usize> = BTreeMap::new();
    for (index, cell) in cells.iter().enumerate() {
        at.insert((cell.place, cell.purpose), index);
    }
    let before: Vec<BTreeSet<usize>> = cells.iter().map(|cell| sources(cell, &at, outline)).collect();
    let mut after: Vec<Vec<usize>> = vec![Vec::new(); cells.len()];
    let mut open: Vec<usize> = before.iter().map(BTreeSet::len).collect();
    for (index, sources) in before.iter().enumerate() {
        for source in sources {
            after.get_mut(*source).into_iter().for_each(|list| list.push(index));
        }
    }
    let mut ready: BTreeSet<usize> = (0..cells.len()).filter(|index| open.get(*index) == Some(&0)).collect();
    let mut ranks = vec![usize::MAX; cells.len()];
    let mut rank = 0;
    while let Some(index) = ready.pop_first() {
        ranks.get_mut(index).into_iter().for_each(|slot| *slot = rank);
        rank += 1;
        for next in after.get(index).into_iter().flatten() {
            let Some(left) = open.get_mut(*next) else { continue };
            *left -= 1;
            if *left == 0 {
                ready.insert(*next);
            }
        }
    }
    if rank == cells.len() { Ok(ranks) } else { Err(circle(cells, &before, &ranks, outline)) }
}

/// The cells whose results a cell looks at. A condition on its own answer, or on what it hides, finds itself
/// here: it would never come to rest.
fn sources(cell: &Cell, at: &BTreeMap<(usize, Purpose), usize>, outline: &Outline) -> BTreeSet<usize> {
    let mut found = BTreeSet::new();
    for read in &cell.waits {
        let mut from = |place: usize, purpose: Purpose| found.extend(at.get(&(place, purpose)));
        match read.look {
            Look::Rows => from(read.place, Purpose::Count),
            Look::Answer => {
                from(read.place, Purpose::Calculation);
                if cell.purpose == Purpose::Default {
                    from(read.place, Purpose::Default);
                }
                outline.ancestry(read.place).into_iter().for_each(|place| from(place, Purpose::Relevant));
            }
        }
    }
    found
}

/// Follows what is not ordered backwards until it comes round.
fn circle(cells: &[Cell], before: &[BTreeSet<usize>], ranks: &[usize], outline: &Outline) -> Vec<String> {
    let unordered = |index: &usize| ranks.get(*index) == Some(&usize::MAX);
    let Some(mut index) = (0..cells.len()).find(|index| unordered(index)) else { return Vec::new() };
    let mut path: Vec<usize> = Vec::new();
    while !path.contains(&index) {
        path.push(index);
        let Some(next) =
            before.get(index).and_then(|sources| sources.iter().copied().find(|index| unordered(index)))
        else {
            break;
        };
        index = next;
    }
    let first = path.iter().position(|step| *step == index).unwrap_or_default();
    let mut names: Vec<String> = path
        .iter()
        .skip(first)
        .rev()
        .filter_map(|index| cells.get(*index))
        .map(|cell| outline.name(cell.place).to_owned())
        .collect();
    names.dedup();
    names.extend(names.first().cloned());
    names
}
