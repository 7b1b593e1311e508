//! Asking the person, one question after the other, and only what is relevant.
//!
//! Questions go to standard error, answers come from standard input. Every answer is kept as soon as it is given,
//! so that nothing but the open question is lost if the program is ended by force.

mod choices;
mod route;
mod typed;

use std::collections::BTreeSet;
use std::io::BufRead;

use cairn_core::form::field::{field, split};
use cairn_core::form::rows::rows;
use cairn_core::form::session::Session;
use cairn_core::form::{Answer, Answers, Form, Kind, Part, Question, text_in};

use crate::out::{note, prompt};
use crate::trouble::Trouble;
use crate::words::indented;
use route::{Stop, stops};
use typed::{Typed, read};

/// Where to go after a stop.
#[derive(Debug, PartialEq, Eq)]
enum Go {
    On,
    Back,
    /// The same stop again.
    Stay,
    /// To the first stop in these rows.
    Into(Vec<String>),
}

/// A person at the keyboard.
pub(crate) struct Interview<'a, 'f> {
    /// What is asked.
    pub(crate) form: &'f Form,
    /// What was answered so far, and what follows from it.
    pub(crate) session: &'a mut Session<'f>,
    /// Parts that this person is not to see.
    pub(crate) unseen: &'a BTreeSet<Part>,
    /// The reader's language.
    pub(crate) language: &'a str,
    /// Is given all answers after each one that changed something.
    pub(crate) keep: &'a mut dyn FnMut(&Answers) -> Result<(), Trouble>,
    /// What is typed.
    pub(crate) input: &'a mut dyn BufRead,
}

impl Interview<'_, '_> {
    /// Asks until everything is answered as it must be and the person says so.
    ///
    /// # Errors
    /// [`Trouble::Cancelled`] when the input ends before.
    pub(crate) fn hold(mut self) -> Result<(), Trouble> {
        note("Enter skips or keeps, - empties, < goes back, ? explains, Ctrl-D stops and keeps a draft.");
        (self.keep)(self.session.answers())?;
        let (mut at, mut heading, mut way) = (0, None, Go::On);
        loop {
            let stops = stops(self.form, self.session, self.unseen);
            let Some(stop) = stops.get(at) else {
                match self.end()? {
                    None => return Ok(()),
                    Some(wrong) => at = stops.iter().position(|stop| *stop == wrong).unwrap_or(0),
                }
                way = Go::On;
                continue;
            };
            let begins = self.heading_of(stop);
            if begins != heading {
                heading = begins;
                heading.iter().for_each(|heading| note(&format!("\n== {heading} ==")));
            }
            way = match stop {
                // What is only shown is passed, in the direction in which one comes.
                Stop::Field(key) if self.is_shown_only(key) => {
                    if way == Go::Back && at > 0 {
                        Go::Back
                    } else {
                        self.show(key)
                    }
                }
                Stop::Field(key) => self.ask(key)?,
                Stop::More { repeat, outer } => self.ask_for_more(repeat, outer)?,
            };
            // What was answered may have brought other stops before this one, or taken some away.
            let now = route::stops(self.form, self.session, self.unseen);
            let here = now.iter().position(|other| other == stop).unwrap_or(at);
            at = match &way {
                Go::On => here.saturating_add(1),
                Go::Back => here.saturating_sub(1),
                Go::Stay => here,
                Go::Into(path) => now.iter().position(|stop| stop.lies_in(path)).unwrap_or(here),
            };
        }
    }

    /// Everything was asked. Gives where something is wrong, or nothing if the person is done.
    fn end(&mut self) -> Result<Option<Stop>, Trouble> {
        prompt("\nEnter saves, < goes back, Ctrl-D stops and keeps a draft: ");
        match read(self.input)? {
            Typed::Nothing => {}
            Typed::Back => return Ok(stops(self.form, self.session, self.unseen).pop()),
            _ => return self.end(),
        }
        let seen =
            |key: &str| self.form.asked(key).is_none_or(|question| !self.unseen.contains(&question.part));
        let faults: Vec<_> =
            self.session.faults().into_iter().filter(|told| seen(&told.fault.field)).collect();
        for told in &faults {
            let label = self.label(&told.fault.field);
            let message = told.message.clone().unwrap_or_else(|| told.fault.rule.to_string());
            note(&format!("  {label}: {message}"));
        }
        Ok(faults.into_iter().next().map(|told| Stop::Field(told.fault.field)))
    }

    /// The group a stop lies in, and which row of it.
    fn heading_of(&self, stop: &Stop) -> Option<String> {
        let Stop::Field(key) = stop else { return None };
        let group = self.form.groups.get(self.form.asked(key)?.group?)?;
        let label = text_in(&group.label, self.language, &self.form.default_language).trim();
        let label = if label.is_empty() { &group.name } else { label };
        let own = split(key).rows;
        let Some((row, outer)) = own.split_last().filter(|_| group.repeat.is_some()) else {
            return Some(label.to_owned());
        };
        let number = rows(self.session.answers(), &group.name, outer).iter().position(|id| id == row);
        Some(format!("{label} {}", number.map_or(1, |index| index.saturating_add(1))))
    }

    fn is_shown_only(&self, key: &str) -> bool {
        let by_hand = |question: &Question| {
            question.kind != Kind::Note
                && question.logic.calculation.is_none()
                && !self.session.is_readonly(key)
        };
        !self.form.asked(key).is_some_and(by_hand)
    }

    fn show(&mut self, key: &str) -> Go {
        let label = indented(&self.label(key), 0);
        note(&format!("\n{label}"));
        self.show_answer(key);
        Go::On
    }

    /// A question's label for the reader, with answers in the place of references; else its name.
    fn label(&self, key: &str) -> String {
        let Some(question) = self.form.asked(key) else { return key.to_owned() };
        let label = self.session.said(&question.label, key);
        if label.trim().is_empty() { question.name.clone() } else { label }
    }

    fn show_answer(&self, key: &str) {
        if let (Some(question), Some(answer)) = (self.form.asked(key), self.session.answers().get(key)) {
            note(&format!("  now: {}", indented(&answer.display(self.form, question, self.language), 2)));
        }
    }

    /// The question, what it may be answered, and what stands there already.
    fn ask(&mut self, key: &str) -> Result<Go, Trouble> {
        let Some(question) = self.form.asked(key) else { return Ok(Go::On) };
        let required = self.session.is_required(key);
        let label = indented(&self.label(key), 0);
        note(&format!("\n{label}{}", if required { " (required)" } else { "" }));
        choices::list(self.form, question, self.language, self.session.choices(key));
        self.show_answer(key);
        loop {
            match self.answer(key, question, required)? {
                Go::Stay => {}
                go => return Ok(go),
            }
        }
    }

    fn answer(&mut self, key: &str, question: &Question, required: bool) -> Result<Go, Trouble> {
        prompt("> ");
        let text = match read(self.input)? {
            Typed::Back => return Ok(Go::Back),
            Typed::Why => {
                self.explain(key, question);
                return Ok(Go::Stay);
            }
            Typed::NotText => {
                note("  this is not UTF-8 text");
                return Ok(Go::Stay);
            }
            Typed::Nothing if self.session.answers().contains_key(key) => return Ok(Go::On),
            Typed::Nothing | Typed::Empty if required => {
                note("  an answer is required");
                return Ok(Go::Stay);
            }
            Typed::Nothing => return Ok(Go::On),
            Typed::Empty => return self.give(key, None),
            Typed::Text(text) => text,
        };
        let text = if question.kind == Kind::Narrative { typed::further(text, self.input)? } else { text };
        let offered = self.session.choices(key);
        let parsed = match choices::chosen(self.form, question, self.language, &text, offered) {
            choices::Chosen::No => self.form.parse_text(question, &text),
            choices::Chosen::Answer(answer) => Ok(Some(answer)),
            choices::Chosen::Several => return Ok(Go::Stay),
        };
        match parsed {
            Ok(None) if required => {
                note("  an answer is required");
                Ok(Go::Stay)
            }
            Ok(answer) => self.give(key, answer),
            Err(fault) => {
                note(&format!("  {}", fault.rule));
                Ok(Go::Stay)
            }
        }
    }

    /// Takes an answer and keeps it with what follows from it. What the form's own checks do not like is said, and
    /// asked again; it may stay until the end.
    fn give(&mut self, key: &str, answer: Option<Answer>) -> Result<Go, Trouble> {
        if let Err(fault) = self.session.answer(key, answer) {
            note(&format!("  {}", fault.rule));
            return Ok(Go::Stay);
        }
        (self.keep)(self.session.answers())?;
        let wrong = self.session.faults().into_iter().find(|told| told.fault.field == key);
        let Some(told) = wrong else { return Ok(Go::On) };
        note(&format!("  {}", told.message.unwrap_or_else(|| told.fault.rule.to_string())));
        Ok(Go::Stay)
    }

    fn ask_for_more(&mut self, repeat: &str, outer: &[String]) -> Result<Go, Trouble> {
        let outer: Vec<&str> = outer.iter().map(String::as_str).collect();
        let group = self.form.groups.iter().find(|group| group.repeat.is_some() && group.name == repeat);
        let label =
            group.map_or("", |group| text_in(&group.label, self.language, &self.form.default_language));
        let label = if label.trim().is_empty() { repeat } else { label.trim() };
        loop {
            let held = rows(self.session.answers(), repeat, &outer).len();
            let away = if held > 0 { ", -1 takes the first away" } else { "" };
            note(&format!("\n{label}: {held} so far. + adds one{away}, Enter goes on."));
            prompt("> ");
            let text = match read(self.input)? {
                Typed::Nothing => return Ok(Go::On),
                Typed::Back => return Ok(Go::Back),
                Typed::Text(text) => text,
                Typed::Empty | Typed::Why | Typed::NotText => continue,
            };
            let text = text.trim();
            if text == "+" {
                let added = self.session.add_row(repeat, &outer);
                (self.keep)(self.session.answers())?;
                match added {
                    Ok((row, _)) => {
                        let path = outer.iter().copied().chain([row.as_str()]);
                        return Ok(Go::Into(path.map(str::to_owned).collect()));
                    }
                    Err(fault) => note(&format!("  {}", fault.rule)),
                }
                continue;
            }
            let number = text.strip_prefix('-').and_then(|number| number.trim().parse::<usize>().ok());
            let ids: Vec<String> =
                rows(self.session.answers(), repeat, &outer).into_iter().map(str::to_owned).collect();
            let Some(row) = number.and_then(|number| ids.get(number.checked_sub(1)?)) else {
                note("  + or a number with a - before it is expected");
                continue;
            };
            let path: Vec<&str> = outer.iter().copied().chain([row.as_str()]).collect();
            if let Err(fault) = self.session.remove_row(repeat, &path) {
                note(&format!("  {}", fault.rule));
            }
            (self.keep)(self.session.answers())?;
        }
    }

    fn explain(&self, key: &str, question: &Question) {
        let hint = self.session.said(&question.hint, key);
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
            note(&format!("  {}", indented(&hint, 2)));
        }
        note(&format!("  {kind} Its name is {}.", field(&question.name, &split(key).rows)));
        note("  ~unknown, ~declined and ~not_asked say why there is no answer.");
        choices::list_all(self.form, question, self.language, self.session.choices(key));
    }
}

#[cfg(test)]
mod tests;
