//! Where a path can stand: at spots of the record, and in tables.

use std::rc::Rc;

use super::outline::Outline;
use super::world::Answered;

/// One thing that a path leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Node {
    /// What is around the form: `/`.
    Above,
    /// A question, group or row of a repeat.
    Spot { place: usize, rows: Vec<usize> },
    /// A table, its `root` element, or a row of it.
    Table { table: Rc<str>, inside: Inside },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Inside {
    Whole,
    Root,
    Row(usize),
    Cell(usize, Rc<str>),
}

impl Node {
    pub(super) fn up(&self, outline: &Outline) -> Option<Self> {
        match self {
            Self::Above => None,
            Self::Spot { place, rows } => Some(match outline.parent(*place) {
                Some(parent) => {
                    let kept = rows.get(..outline.repeats(parent).len()).unwrap_or_default();
                    Self::Spot { place: parent, rows: kept.to_vec() }
                }
                None => Self::Above,
            }),
            Self::Table { table, inside } => {
                let inside = match inside {
                    Inside::Whole => return None,
                    Inside::Root => Inside::Whole,
                    Inside::Row(_) => Inside::Root,
                    Inside::Cell(row, _) => Inside::Row(*row),
                };
                Some(Self::Table { table: Rc::clone(table), inside })
            }
        }
    }

    /// Where it stands among its like, from 1.
    pub(super) fn position(&self, outline: &Outline) -> usize {
        match self {
            Self::Spot { place, rows } if outline.is_repeat(*place) => {
                rows.last().map_or(1, |row| row.saturating_add(1))
            }
            Self::Table { inside: Inside::Row(row), .. } => row.saturating_add(1),
            _ => 1,
        }
    }

    /// Sorts nodes of one record as they stand in it.
    pub(super) fn order(&self, outline: &Outline) -> Vec<(usize, usize)> {
        match self {
            Self::Above => Vec::new(),
            Self::Spot { place, rows } => {
                let mut rows = rows.iter();
                let line = outline.ancestry(*place).into_iter();
                line.map(|place| {
                    (place, if outline.is_repeat(place) { rows.next().copied().unwrap_or(0) } else { 0 })
                })
                .collect()
            }
            Self::Table { inside, .. } => match inside {
                Inside::Whole | Inside::Root => vec![(usize::MAX, 0)],
                Inside::Row(row) | Inside::Cell(row, _) => vec![(usize::MAX, *row)],
            },
        }
    }
}

/// A place in all its rows that begin with `rows`.
pub(super) fn spread(
    outline: &Outline,
    answered: &dyn Answered,
    place: usize,
    rows: &[usize],
    to: &mut Vec<Node>,
    most: usize,
) -> bool {
    let around = outline.repeats(place);
    let mut found = vec![rows.to_vec()];
    for repeat in around.iter().skip(rows.len()) {
        let mut next = Vec::new();
        for outer in found {
            let count = answered.rows(*repeat, &outer);
            if next.len().saturating_add(count) > most {
                return false;
            }
            next.extend((0..count).map(|row| outer.iter().copied().chain([row]).collect::<Vec<_>>()));
        }
        found = next;
    }
    to.extend(found.into_iter().map(|rows| Node::Spot { place, rows }));
    true
}
