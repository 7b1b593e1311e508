//! What saving takes from a session: a finished record, and what an edit changes besides.

use std::collections::{BTreeMap, BTreeSet};

use super::{Session, Surroundings};
use crate::form::field::split;
use crate::form::{Answer, Answers, Fault, Form, Holder, Merge, Part, Prepared, Question};

/// A record as it is when it is finished: with defaults and calculations, and what is wrong with it. What was
/// worked out from parts that are not `seen` is left out: others may have answered there.
pub fn finished(
    form: &Form,
    prepared: &Prepared,
    around: &Surroundings<'_>,
    given: Answers,
    seen: &BTreeSet<Part>,
) -> (Answers, Vec<Fault>) {
    let session = Session::open(form, prepared, around, given.clone(), false);
    let faults = session.faults().into_iter().map(|told| told.fault).collect();
    let mut answers = session.answers;
    let blind = |key: &str| {
        let index = prepared.index(split(key).name);
        index.is_some_and(|index| !is_seen(form, prepared, index, seen))
    };
    answers.retain(|key, _| !blind(key));
    let kept = given.into_iter().filter(|(key, _)| blind(key));
    answers.extend(kept);
    (answers, faults)
}

/// An edit with what follows from it: calculations that depend on what was edited. Also what is wrong then with
/// the fields that were edited. Calculations that depend on parts that are not `seen`, or lie there, stay as they
/// are. Those that are `anew` are said in any case, as far as they can be worked out: what stands there was worked
/// out from other answers than those that stand now.
pub fn consequences(
    form: &Form,
    prepared: &Prepared,
    around: &Surroundings<'_>,
    before: &Answers,
    edits: &BTreeMap<String, Option<Answer>>,
    anew: &BTreeSet<String>,
    seen: &BTreeSet<Part>,
) -> (BTreeMap<String, Option<Answer>>, Vec<Fault>) {
    let rows = edits.iter().filter(|(key, _)| form.is_row(key));
    let mut with_rows = before.clone();
    rows.for_each(|(key, row)| match row {
        Some(row) => drop(with_rows.insert(key.clone(), row.clone())),
        None => drop(with_rows.remove(key)),
    });
    // Fields in new rows need their rows before they can be answered.
    let new_rows =
        form.with_rows(edits.iter().filter_map(|(key, one)| Some((key.clone(), one.clone()?))).collect());
    with_rows.extend(new_rows.into_iter().filter(|(_, answer)| *answer == Answer::Row));
    let mut session = Session::open(form, prepared, around, with_rows, true);
    // What looks at no answer, as dice and the day, would be worth something else each time: there a person may say it.
    let is_anew = |key: &str| {
        let index = prepared.index(split(key).name).filter(|_| anew.contains(key));
        index.is_some_and(|index| {
            let is_said = edits.contains_key(key) && !looks_at_answers(form, &prepared.sources(index));
            !is_said && is_seen(form, prepared, index, seen)
        })
    };
    let given = edits.iter().filter(|(key, _)| !form.is_row(key));
    let (last, first): (Vec<_>, Vec<_>) = given.partition(|(key, _)| is_anew(key));
    for (key, answer) in first {
        // What the form does not ask is refused elsewhere, with everything else that is wrong.
        let _ = session.answer(key, answer.clone());
    }
    for (key, answer) in last {
        if !session.is_worked_out(key) {
            let _ = session.answer(key, answer.clone());
        }
    }
    let touched = touched(form, prepared, edits);
    let mut all = edits.clone();
    for (index, question) in form.questions.iter().enumerate() {
        if question.logic.calculation.is_none() || !is_seen(form, prepared, index, seen) {
            continue;
        }
        let sources = prepared.sources(index);
        let depends = sources.iter().any(|source| touched.contains(source))
            || question.logic.trigger.iter().any(|name| {
                prepared.index(name).is_some_and(|index| touched.contains(&Holder::Question(index)))
            });
        if !depends && anew.is_empty() {
            continue;
        }
        for key in form.keys(question, &session.answers) {
            let (mut now, then) = (session.answers.get(key.as_ref()), before.get(key.as_ref()));
            if !depends && !looks_at_answers(form, &sources) {
                now = then;
            }
            let may = now == then || then.is_none() || may_replace(form, question, then, now);
            let follows = depends && now != then && !edits.contains_key(key.as_ref());
            if may && (follows || is_anew(&key) && session.is_worked_out(&key)) {
                all.insert(key.into_owned(), now.cloned());
            }
        }
    }
    let faults = session.faults().into_iter().map(|told| told.fault);
    (all, faults.filter(|fault| edits.contains_key(&fault.field)).collect())
}

/// Whether a calculation may take the place of what stands there without anybody's saying so. What is to stay, or
/// what only grows, stays; where the worse value counts, only a worse one may.
fn may_replace(form: &Form, question: &Question, then: Option<&Answer>, now: Option<&Answer>) -> bool {
    let place = |name: &str| form.choices(question).place(name);
    match question.merge() {
        Merge::Several | Merge::Set | Merge::Text => true,
        Merge::Worst => match (then, now) {
            (Some(Answer::Integer(then)), Some(Answer::Integer(now))) => now > then,
            (Some(Answer::Decimal(then)), Some(Answer::Decimal(now))) => now > then,
            (Some(Answer::Text(then)), Some(Answer::Text(now))) => place(now) > place(then),
            _ => false,
        },
        _ => false,
    }
}

/// Whether a question, and everything its value depends on, lies in parts that are seen.
fn is_seen(form: &Form, prepared: &Prepared, index: usize, seen: &BTreeSet<Part>) -> bool {
    let visible =
        |index: usize| form.questions.get(index).is_none_or(|question| seen.contains(&question.part));
    visible(index)
        && prepared.sources(index).iter().all(|source| match source {
            Holder::Question(index) => visible(*index),
            _ => true,
        })
}

/// Whether answers or rows are among what a value depends on.
fn looks_at_answers(form: &Form, sources: &BTreeSet<Holder>) -> bool {
    sources.iter().any(|source| match source {
        Holder::Question(_) => true,
        Holder::Group(index) => form.groups.get(*index).is_some_and(|group| group.repeat.is_some()),
        _ => false,
    })
}

/// The questions and groups that an edit says something about.
fn touched(form: &Form, prepared: &Prepared, edits: &BTreeMap<String, Option<Answer>>) -> BTreeSet<Holder> {
    let mut touched = BTreeSet::new();
    for key in edits.keys() {
        let name = split(key).name;
        match prepared.index(name).filter(|_| !form.is_row(key)) {
            Some(index) => drop(touched.insert(Holder::Question(index))),
            None => {
                let Some(group) = super::keys::repeat(form, name) else { continue };
                touched.insert(Holder::Group(group));
                // Whatever looks at an answer in the repeat looks at one more, or one less.
                let within = form.questions.iter().enumerate();
                let within = within.filter(|(_, question)| form.ancestry(question.group).contains(&group));
                touched.extend(within.map(|(index, _)| Holder::Question(index)));
            }
        }
    }
    touched
}
