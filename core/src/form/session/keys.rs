//! Keys of answers as spots of expressions, and back: rows go by identifiers there and by their place here.

use crate::form::expression::Spot;
use crate::form::field::{Field, field, split};
use crate::form::rows::rows;
use crate::form::{Answers, Form, Holder, Prepared};

/// The spot of a question's answer.
pub(super) fn spot(form: &Form, prepared: &Prepared, answers: &Answers, key: &str) -> Option<Spot> {
    let Field { name, rows: path, is_row } = split(key);
    let index = prepared.index(name).filter(|_| !is_row)?;
    let place = prepared.question(index)?;
    if path.is_empty() {
        let question = form.questions.get(index)?;
        return form.repeats_of(question).is_empty().then_some((place, Vec::new()));
    }
    let question = form.questions.get(index)?;
    Some((place, along(answers, &form.repeats_around(question), &path)?))
}

/// The key of a question's answer.
pub(super) fn key(
    form: &Form,
    prepared: &Prepared,
    answers: &Answers,
    place: usize,
    indexes: &[usize],
) -> Option<String> {
    let Holder::Question(index) = prepared.holder(place) else { return None };
    let question = form.questions.get(index)?;
    if indexes.is_empty() {
        return form.repeats_of(question).is_empty().then(|| question.name.clone());
    }
    let repeats = form.repeats_around(question);
    if repeats.len() != indexes.len() {
        return None;
    }
    let mut path: Vec<&str> = Vec::with_capacity(indexes.len());
    for (repeat, row) in repeats.iter().zip(indexes) {
        let id = rows(answers, repeat, &path).get(*row).copied()?;
        path.push(id);
    }
    Some(field(&question.name, &path))
}

/// The index of the repeat of that name.
pub(super) fn repeat(form: &Form, name: &str) -> Option<usize> {
    form.groups.iter().position(|group| group.repeat.is_some() && group.name == name)
}

/// The places of the rows around a repeat.
pub(super) fn indexes(form: &Form, answers: &Answers, repeat: usize, outer: &[&str]) -> Option<Vec<usize>> {
    let around = form.repeats_to(&form.groups.get(repeat)?.name);
    along(answers, around.get(..around.len().saturating_sub(1))?, outer)
}

/// The place of each row on a path through some repeats.
fn along(answers: &Answers, repeats: &[&str], path: &[&str]) -> Option<Vec<usize>> {
    if repeats.len() != path.len() {
        return None;
    }
    let step = |(depth, (repeat, id)): (usize, (&&str, &&str))| {
        let outer = path.get(..depth)?;
        rows(answers, repeat, outer).iter().position(|known| known == id)
    };
    repeats.iter().zip(path).enumerate().map(step).collect()
}

/// Whether a key is that of a row, or of something in it.
pub(super) fn lies_in(form: &Form, key: &str, repeat: &str, path: &[&str]) -> bool {
    let Field { name, rows, is_row } = split(key);
    let around = match form.question(name).filter(|_| !is_row) {
        Some(question) => form.repeats_around(question),
        None => form.repeats_to(name),
    };
    rows.starts_with(path) && around.get(path.len().saturating_sub(1)) == Some(&repeat)
}
