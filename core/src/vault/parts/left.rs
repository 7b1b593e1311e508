//! What is left over of earlier editions of a record: answers to what is no longer asked, and choices that are no
//! longer offered.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::super::KnownForm;
use super::super::forms::{find, lookup};
use super::{Held, Whole, belongs};
use crate::change::Content;
use crate::form::{Answer, Form, Question, edition};
use crate::view::{Gone, LeftView};

/// What is left over, by field.
pub(in crate::vault) fn left(forms: &[Arc<KnownForm>], held: &[Held], whole: &Whole) -> Vec<LeftView> {
    let Some(latest) = find(forms, &whole.form, &whole.version) else { return Vec::new() };
    let mut all = Vec::new();
    for one in held {
        let Content { editions, version, .. } = &one.content;
        // Begun with the latest edition, and never in another.
        if editions.len() == 1 && *version == whole.version {
            continue;
        }
        all.extend(of_document(forms, &latest.form, &one.content));
    }
    all.sort_by(|one, other| one.field.cmp(&other.field));
    all.dedup();
    all
}

fn of_document(forms: &[Arc<KnownForm>], latest: &Arc<Form>, content: &Content) -> Vec<LeftView> {
    let lookup = lookup(forms);
    let known: Vec<Arc<Form>> =
        content.editions.iter().filter_map(|version| lookup(&content.form, version)).collect();
    let mut all = known.clone();
    if known.last().is_none_or(|last| last.version != latest.version) {
        all.push(latest.clone());
    }
    let Some(standing) = edition::standing(&all) else { return Vec::new() };
    let mut left = Vec::new();
    for (field, answer) in given(content) {
        let question = standing.asked(field).filter(|_| belongs(&standing, &content.part, field));
        let one = |gone, answer, version: &Form| LeftView {
            field: field.clone(),
            answer,
            version: version.version.clone(),
            gone,
        };
        match question {
            // The latest edition that asked it, and to which it is an answer.
            None => {
                let asks = |form: &&Arc<Form>| {
                    form.asked(field).is_some_and(|asked| {
                        asked.part.name() == content.part && form.check_answer(asked, answer).is_ok()
                    })
                };
                let asked = |form: &&Arc<Form>| form.asked(field).is_some();
                let form = known.iter().rev().find(asks).or_else(|| known.iter().rev().find(asked));
                left.extend(form.map(|form| one(Gone::Question, answer.clone(), form)));
            }
            Some(question) => {
                let names = unoffered(&standing, question, answer);
                let offers = |form: &&Arc<Form>| {
                    form.asked(field).is_some_and(|asked| names.iter().any(|name| form.offers(asked, name)))
                };
                let form = known.iter().rev().find(offers).filter(|_| !names.is_empty());
                left.extend(form.map(|form| one(Gone::Choice, only(answer, names.clone()), form)));
            }
        }
    }
    left
}

/// All answers that stand, several to a field where it was not settled.
fn given(content: &Content) -> Vec<(&String, &Answer)> {
    let mut given = Vec::new();
    for (field, answer) in content.answers.iter().filter(|(_, answer)| **answer != Answer::Row) {
        let conflict = content.conflicts.iter().find(|conflict| conflict.field == *field);
        match conflict {
            Some(conflict) => {
                given
                    .extend(conflict.values.iter().filter_map(|value| Some((field, value.answer.as_ref()?))));
            }
            None => given.push((field, answer)),
        }
    }
    given
}

/// The choices of an answer that the question does not offer.
fn unoffered(form: &Form, question: &Question, answer: &Answer) -> BTreeSet<String> {
    if question.kind.list().is_none() {
        return BTreeSet::new();
    }
    let names: Vec<&str> = match answer {
        Answer::Text(text) => text.split_whitespace().collect(),
        Answer::Choices(chosen) => chosen.iter().map(String::as_str).collect(),
        _ => Vec::new(),
    };
    names.into_iter().filter(|name| !form.offers(question, name)).map(str::to_owned).collect()
}

/// The answer, of several choices only these.
fn only(answer: &Answer, names: BTreeSet<String>) -> Answer {
    match answer {
        Answer::Choices(_) => Answer::Choices(names),
        other => other.clone(),
    }
}
