//! The promises of this room, and what its tests share.

use std::collections::{BTreeMap, BTreeSet};

mod admission;
mod breaches;
mod editions;
mod files;
mod foreign;
mod merging;
mod missing;
mod mutation;
mod parts;
mod repeats;
mod takeback;
mod timing;
mod together;
mod vectors;
mod village;
mod ways;
mod writing;

use cairn_wire::id::{ChainId, RecordId};

use crate::form::{Answer, Answers, Choice, Form, Group, Kind, Merge, Question, Repeat};

pub(super) fn chain(number: u8) -> ChainId {
    ChainId([number; 16])
}

pub(super) fn record(number: u8) -> RecordId {
    RecordId([number; 16])
}

pub(super) fn question(name: &str, kind: Kind) -> Question {
    Question::new(name, kind)
}

/// A form with a question of every kind.
pub(super) fn interview() -> Form {
    let choices = |names: &[&str]| names.iter().map(|name| Choice::unlabelled(name)).collect();
    Form {
        questions: vec![
            question("start", Kind::Start),
            question("today", Kind::Today),
            question("intro", Kind::Note),
            question("name", Kind::Text),
            question("age", Kind::Integer),
            question("weight", Kind::Decimal),
            question("born", Kind::Date),
            question("woken", Kind::Time),
            question("met", Kind::DateTime),
            question("language", Kind::SelectOne("languages".to_owned())),
            question("needs", Kind::SelectMultiple("needs".to_owned())),
            question("signs", Kind::SelectMultiple("needs".to_owned())),
            question("place", Kind::Geopoint),
            question("read", Kind::Acknowledge),
            question("card", Kind::Barcode),
            question("story", Kind::Narrative),
            question("plan", Kind::Narrative),
            question("sum", Kind::Calculate),
            question("device", Kind::Hidden),
            question("end", Kind::End),
        ],
        lists: BTreeMap::from([
            ("languages".to_owned(), choices(&["ar", "ru", "en"])),
            ("needs".to_owned(), choices(&["shelter", "health", "legal", "food"])),
        ]),
        ..Form::new("interview", "3")
    }
}

/// A form with a question of every way of merging, and with repeats in each other.
pub(super) fn care() -> Form {
    let choices = |names: &[&str]| names.iter().map(|name| Choice::unlabelled(name)).collect();
    let merging = |name: &str, kind, merge| Question { merge: Some(merge), ..question(name, kind) };
    let inside = |group: usize, question: Question| Question { group: Some(group), ..question };
    let repeat = |name: &str, parent| Group { parent, repeat: Some(Repeat::default()), ..Group::new(name) };
    Form {
        groups: vec![
            repeat("people", None),
            Group { parent: Some(0), ..Group::new("more") },
            repeat("papers", Some(1)),
        ],
        questions: vec![
            question("name", Kind::Text),
            merging("code", Kind::Text, Merge::Immutable),
            merging("seen", Kind::SelectMultiple("needs".to_owned()), Merge::Immutable),
            merging("danger", Kind::SelectOne("danger".to_owned()), Merge::Worst),
            merging("threats", Kind::Integer, Merge::Worst),
            merging("pain", Kind::Decimal, Merge::Worst),
            merging("minor", Kind::Acknowledge, Merge::Worst),
            merging("visits", Kind::Integer, Merge::Counter),
            merging("calls", Kind::Text, Merge::Log),
            question("needs", Kind::SelectMultiple("needs".to_owned())),
            question("story", Kind::Narrative),
            inside(0, question("who", Kind::Text)),
            inside(1, question("tale", Kind::Narrative)),
            inside(0, merging("risk", Kind::SelectOne("danger".to_owned()), Merge::Worst)),
            inside(0, merging("met", Kind::Integer, Merge::Counter)),
            inside(2, question("paper", Kind::Text)),
            inside(2, merging("held", Kind::Text, Merge::Log)),
            question("sum", Kind::Calculate),
        ],
        lists: BTreeMap::from([
            ("danger".to_owned(), choices(&["none", "low", "high", "deadly"])),
            ("needs".to_owned(), choices(&["shelter", "health", "legal", "food"])),
        ]),
        ..Form::new("care", "1")
    }
}

/// What was said in a log, without who and when.
pub(super) fn said(answers: &Answers, field: &str) -> Vec<String> {
    match answers.get(field) {
        Some(Answer::Log(entries)) => entries.iter().map(|entry| entry.text.clone()).collect(),
        _ => Vec::new(),
    }
}

pub(super) fn text(text: &str) -> Answer {
    Answer::Text(text.to_owned())
}

pub(super) fn narrative(text: &str) -> Answer {
    Answer::Narrative(text.to_owned())
}

pub(super) fn choices(names: &[&str]) -> Answer {
    Answer::Choices(names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>())
}

/// Answers of every kind.
pub(super) fn answers() -> Answers {
    let answers = [
        ("start", text("2026-11-21T09:00:00+02:00")),
        ("name", text("Синтия")),
        ("age", Answer::Integer(31)),
        ("weight", Answer::Decimal(52.5)),
        ("born", text("1995-02-28")),
        ("language", text("ar")),
        ("needs", choices(&["legal", "health"])),
        ("signs", choices(&[])),
        ("place", text("31.95 35.91 800 4")),
        ("story", narrative("جاءت في الشتاء 🧭 and stayed.")),
    ];
    answers.into_iter().map(|(name, answer)| (name.to_owned(), answer)).collect()
}
