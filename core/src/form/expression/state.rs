//! The answers of a form that is being filled, by place and row.

use std::borrow::Cow;
use std::collections::HashMap;

use super::outline::Outline;
use super::world::Answered;

/// What is at each place, by its rows.
type ByRows<T> = Vec<HashMap<Vec<usize>, T>>;

#[derive(Debug)]
pub(super) struct State<'o> {
    outline: &'o Outline,
    answers: ByRows<String>,
    counts: ByRows<usize>,
    /// Places and rows whose condition does not hold.
    hidden: ByRows<()>,
}

impl<'o> State<'o> {
    pub(super) fn new(outline: &'o Outline) -> Self {
        fn none<T>(places: usize) -> ByRows<T> {
            (0..places).map(|_| HashMap::new()).collect()
        }
        let places = outline.len();
        Self { outline, answers: none(places), counts: none(places), hidden: none(places) }
    }

    /// What is kept for a spot, relevant or not.
    pub(super) fn kept(&self, place: usize, rows: &[usize]) -> &str {
        self.answers.get(place).and_then(|answers| answers.get(rows)).map_or("", String::as_str)
    }

    /// Keeps an answer and says whether it is another.
    pub(super) fn keep(&mut self, place: usize, rows: &[usize], answer: &str) -> bool {
        if self.kept(place, rows) == answer {
            return false;
        }
        if let Some(answers) = self.answers.get_mut(place) {
            answers.insert(rows.to_vec(), answer.to_owned());
        }
        true
    }

    pub(super) fn set_rows(&mut self, repeat: usize, outer: &[usize], count: usize) {
        if let Some(counts) = self.counts.get_mut(repeat) {
            counts.insert(outer.to_vec(), count);
        }
    }

    /// Hides or shows a spot and says whether it was otherwise before.
    pub(super) fn hide(&mut self, place: usize, rows: &[usize], hide: bool) -> bool {
        let Some(hidden) = self.hidden.get_mut(place) else { return false };
        if hide { hidden.insert(rows.to_vec(), ()).is_none() } else { hidden.remove(rows).is_some() }
    }

    /// Whether the conditions of a place and of all around it hold.
    pub(super) fn is_relevant(&self, place: usize, rows: &[usize]) -> bool {
        self.outline.ancestry(place).into_iter().all(|around| {
            let own = rows.get(..self.outline.repeats(around).len()).unwrap_or(rows);
            !self.hidden.get(around).is_some_and(|hidden| hidden.contains_key(own))
        })
    }

    /// Takes one row of a repeat out; later rows move up.
    pub(super) fn remove_row(&mut self, repeat: usize, rows: &[usize]) {
        let depth = rows.len();
        for place in self.outline.within(repeat) {
            move_up(self.answers.get_mut(place), rows, depth);
            move_up(self.counts.get_mut(place).filter(|_| place != repeat), rows, depth);
            move_up(self.hidden.get_mut(place), rows, depth);
        }
        if let Some((_, outer)) = rows.split_last() {
            let left = self.rows(repeat, outer).saturating_sub(1);
            self.set_rows(repeat, outer, left);
        }
    }
}

fn move_up<T>(map: Option<&mut HashMap<Vec<usize>, T>>, row: &[usize], depth: usize) {
    let (Some(map), Some((last, outer))) = (map, row.split_last()) else { return };
    let below =
        |key: &Vec<usize>| key.starts_with(outer) && key.get(depth - 1).is_some_and(|index| index >= last);
    let moved: Vec<Vec<usize>> = map.keys().filter(|key| below(key)).cloned().collect();
    let taken: Vec<(Vec<usize>, T)> = moved.into_iter().filter_map(|key| map.remove_entry(&key)).collect();
    for (mut key, value) in taken {
        let Some(index) = key.get_mut(depth - 1) else { continue };
        if *index > *last {
            *index -= 1;
            map.insert(key, value);
        }
    }
}

impl Answered for State<'_> {
    fn answer(&self, place: usize, rows: &[usize]) -> Cow<'_, str> {
        let kept = self.kept(place, rows);
        Cow::Borrowed(if kept.is_empty() || self.is_relevant(place, rows) { kept } else { "" })
    }

    fn rows(&self, repeat: usize, outer: &[usize]) -> usize {
        self.counts.get(repeat).and_then(|counts| counts.get(outer)).copied().unwrap_or_default()
    }
}
