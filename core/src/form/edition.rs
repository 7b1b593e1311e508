//! Editions of a form: which of two is the later one, and what the later one asks differently.
//!
//! A record keeps the edition it was begun with until it is moved on to a later one. What a later edition only adds
//! to an earlier one asks nobody; everything else is for a person to decide ([`Difference::asks`]).

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::mem::discriminant;
use std::sync::Arc;

use super::{Form, Kind, Question, latin};

mod difference;
mod towards;

pub use difference::{Change, Difference};

/// Which of two versions of a form is later. Digits in a row count as a number, so 10 comes after 9 and 2026-11-01
/// after 2026-2-1; where one ends first, it comes first; capitals do not count. No two different versions are
/// equal, and the order is the same on every device: no clock and no order of arrival is asked.
pub fn compare(one: &str, other: &str) -> Ordering {
    pieces(one).cmp(&pieces(other)).then_with(|| one.cmp(other))
}

/// A piece of a version. Numbers come before letters.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Piece {
    /// Digits without the zeros before them: longer ones are larger.
    Number(usize, String),
    Letter(char),
}

fn pieces(version: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut digits = String::new();
    let number = |digits: &mut String, pieces: &mut Vec<Piece>| {
        if !digits.is_empty() {
            let plain = digits.trim_start_matches('0').to_owned();
            pieces.push(Piece::Number(plain.len(), plain));
            digits.clear();
        }
    };
    for letter in latin(version).chars() {
        if letter.is_ascii_digit() {
            digits.push(letter);
        } else {
            number(&mut digits, &mut pieces);
            pieces.push(Piece::Letter(letter.to_ascii_lowercase()));
        }
    }
    number(&mut digits, &mut pieces);
    pieces
}

impl Form {
    /// Whether its version comes after that one.
    pub fn is_later_than(&self, version: &str) -> bool {
        compare(&self.version, version) == Ordering::Greater
    }

    /// Whether a record can go from this edition to `newer` without anybody being asked.
    pub fn leads_to(&self, newer: &Self) -> bool {
        self.towards(newer).iter().all(|difference| !difference.asks())
    }
}

/// What a record is asked that has been in all these editions, the last of them the newest: the newest form, without
/// the questions that an earlier one asked otherwise under the same name. A document has one place for a question,
/// and what is there was given to another one; so it stays, and no other answer is put in its place.
pub fn standing(editions: &[Arc<Form>]) -> Option<Arc<Form>> {
    let (newest, older) = editions.split_last()?;
    let older: Vec<(&Form, BTreeMap<&str, &Question>)> =
        older.iter().map(|form| (&**form, by_name(form))).collect();
    let alike = |question: &Question| {
        older.iter().all(|(form, asked)| {
            let there = asked.get(question.name.as_str()).copied().filter(|there| is_rival(question, there));
            there.is_none_or(|there| is_alike((newest.as_ref(), question), (*form, there)))
        })
    };
    if newest.questions.iter().all(alike) {
        return Some(newest.clone());
    }
    let mut form = Form::clone(newest);
    form.questions.retain(alike);
    Some(Arc::new(form))
}

/// Whether answers to both would stand in one place.
fn is_rival(question: &Question, there: &Question) -> bool {
    question.part == there.part && is_answered(&there.kind)
}

fn is_alike((form, question): (&Form, &Question), (other, there): (&Form, &Question)) -> bool {
    discriminant(&question.kind) == discriminant(&there.kind)
        && question.merge() == there.merge()
        && form.repeats_around(question) == other.repeats_around(there)
}

fn by_name(form: &Form) -> BTreeMap<&str, &Question> {
    form.questions.iter().map(|question| (question.name.as_str(), question)).collect()
}

/// Whether an answer to it can ever stand in a record.
fn is_answered(kind: &Kind) -> bool {
    !matches!(kind, Kind::Note | Kind::Metadata(_))
}
