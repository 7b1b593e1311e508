//! Asking the person, one question after the other.
//!
//! Questions go to standard error, answers come from standard input. Nothing is saved before the end.

mod choices;
mod live;
mod typed;

use std::io::BufRead;

use cairn_core::form::{Answers, Form, Kind, Question, text_in};

use crate::out::{note, prompt};
use crate::trouble::Trouble;
use crate::words::indented;
use live::Live;
use typed::{Typed, read};

/// Where to go after a question.
enum Step {
    Next,
    Back,
    Again,
}

/// Asks every question a person answers, in the form's order; `answers` are there already.
pub(crate) fn ask(
    form: &Form,
    language: &str,
    mut answers: Answers,
    input: &mut dyn BufRead,
) -> Result<Answers, Trouble> {
    note("Enter skips or keeps, - empties, < goes back, ? explains, Ctrl-D throws everything away.");
    let prepared = live::prepare(form);
    let around = prepared.as_ref().map(|prepared| live::around(form, prepared, language));
    let mut live = Live::open(form, prepared.as_ref().zip(around.as_ref()), &mut answers);
    let questions: Vec<&Question> = form
        .questions
        .iter()
        .filter(|question| question.kind.is_asked() && !question.is_repeated(form))
        .collect();
    let mut at = 0;
    let mut group = None;
    let mut back = false;
    loop {
        while questions.get(at).is_some_and(|question| !live.asks(question)) && !(back && at == 0) {
            at = if back { at.saturating_sub(1) } else { at.saturating_add(1) };
        }
        if back {
            // What stands before the first that is asked is passed forward again.
            back = false;
            continue;
        }
        let Some(question) = questions.get(at) else {
            prompt("\nEnter saves, < goes back, Ctrl-D throws everything away: ");
            match read(input)? {
                Typed::Nothing => return Ok(answers),
                Typed::Back => (at, back) = (at.saturating_sub(1), true),
                _ => {}
            }
            continue;
        };
        if question.group != group {
            group = question.group;
            announce(form, group, language);
        }
        pose(form, question, language, &answers, &live);
        loop {
            match answer(form, question, language, &mut answers, &live, input)? {
                Step::Next => {
                    if let Some(why) = live.take(question, answers.get(&question.name)) {
                        note(&format!("  {why}"));
                        continue;
                    }
                    at += 1;
                }
                Step::Back => (at, back) = (at.saturating_sub(1), true),
                Step::Again => continue,
            }
            break;
        }
    }
}

/// The heading of the group that begins.
fn announce(form: &Form, group: Option<usize>, language: &str) {
    if let Some(group) = group.and_then(|group| form.groups.get(group)) {
        let label = text_in(&group.label, language, &form.default_language);
        note(&format!("\n== {} ==", if label.trim().is_empty() { &group.name } else { label }));
    }
}

/// The question, what it may be answered, and what stands there already.
fn pose(form: &Form, question: &Question, language: &str, answers: &Answers, live: &Live<'_>) {
    let label = live.label(question).unwrap_or_else(|| form.label(question, language).to_owned());
    let label = indented(&label, 0);
    note(&format!("\n{label}{}", if live.requires(question) { " (required)" } else { "" }));
    choices::list(form, question, language);
    if let Some(answer) = answers.get(&question.name) {
        note(&format!("  now: {}", indented(&answer.display(form, question, language), 2)));
    }
}

fn answer(
    form: &Form,
    question: &Question,
    language: &str,
    answers: &mut Answers,
    live: &Live<'_>,
    input: &mut dyn BufRead,
) -> Result<Step, Trouble> {
    prompt("> ");
    let text = match read(input)? {
        Typed::Back => return Ok(Step::Back),
        Typed::Why => {
            explain(form, question, language);
            return Ok(Step::Again);
        }
        Typed::NotText => {
            note("  this is not UTF-8 text");
            return Ok(Step::Again);
        }
        Typed::Nothing if answers.contains_key(&question.name) => return Ok(Step::Next),
        Typed::Nothing | Typed::Empty if live.requires(question) => {
            note("  an answer is required");
            return Ok(Step::Again);
        }
        Typed::Nothing => return Ok(Step::Next),
        Typed::Empty => {
            answers.remove(&question.name);
            return Ok(Step::Next);
        }
        Typed::Text(text) => text,
    };
    let text = if question.kind == Kind::Narrative { typed::further(text, input)? } else { text };
    let parsed = match choices::chosen(form, question, language, &text) {
        choices::Chosen::No => form.parse_text(question, &text),
        choices::Chosen::Answer(answer) => Ok(Some(answer)),
        choices::Chosen::Several => return Ok(Step::Again),
    };
    match parsed {
        Ok(Some(answer)) => {
            answers.insert(question.name.clone(), answer);
            Ok(Step::Next)
        }
        Ok(None) if live.requires(question) => {
            note("  an answer is required");
            Ok(Step::Again)
        }
        Ok(None) => {
            answers.remove(&question.name);
            Ok(Step::Next)
        }
        Err(fault) => {
            note(&format!("  {}", fault.rule));
            Ok(Step::Again)
        }
    }
}

fn explain(form: &Form, question: &Question, language: &str) {
    let hint = text_in(&question.hint, language, &form.default_language);
    let kind = match question.kind {
        Kind::Narrative => "Long text; an empty line ends it.",
        Kind::Integer => "A whole number, like 5.",
        Kind::Decimal => "A number, like 3.5.",
        Kind::Date => "A day, like 2026-09-28.",
        Kind::Time => "A time of day, like 14:30.",
        Kind::DateTime => "A day and time, like 2026-09-28 14:30.",
        Kind::Geopoint => "Latitude and longitude in degrees, like 38.56 68.78.",
        Kind::SelectOne(_) => "One of the choices: its number, name or label.",
        Kind::SelectMultiple(_) => "Any of the choices, with blanks or semicolons between them.",
        Kind::Acknowledge => "OK, when it was read.",
        _ => "Text.",
    };
    if !hint.trim().is_empty() {
        note(&format!("  {}", indented(hint, 2)));
    }
    note(&format!("  {kind} Its name is {}.", question.name));
    note("  ~unknown, ~declined and ~not_asked say why there is no answer.");
    choices::list_all(form, question, language);
}

#[cfg(test)]
mod tests;
