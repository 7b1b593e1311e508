//! What keeps a record from being finished, with the form's own words for it.

use super::Session;
use crate::form::expression::Spot;
use crate::form::{Answer, Fault, Question, Rule};

/// A fault, and what the form says about it to the reader of the session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The field and the rule.
    pub fault: Fault,
    /// The form's message, with answers filled in; none if the form has none.
    pub message: Option<String>,
}

impl Session<'_> {
    /// Everything that keeps the record from being finished: answers that are missing where one is required, that
    /// do not fit their question or its check, and choices that do not go with other answers. In the order of the
    /// questions. What is not relevant has no faults.
    pub fn faults(&self) -> Vec<Told> {
        let mut told = Vec::new();
        let mut known = std::collections::BTreeSet::new();
        for question in &self.form.questions {
            for key in self.form.keys(question, &self.answers) {
                known.insert(key.to_string());
                let Some(spot) = self.spot(&key) else { continue };
                if let Some(rule) = self.broken(question, &key, &spot) {
                    told.push(self.told(question, &key, rule));
                }
            }
        }
        let unknown =
            self.answers.keys().filter(|key| !known.contains(key.as_str()) && !self.form.is_row(key));
        told.extend(unknown.map(|key| {
            let fault = Fault { field: crate::form::name::quoted(key), rule: Rule::UnknownField };
            Told { fault, message: None }
        }));
        told
    }

    /// The rule that the answer to a question breaks.
    pub(super) fn broken(&self, question: &Question, key: &str, spot: &Spot) -> Option<Rule> {
        let (place, rows) = spot;
        if !self.filling.is_relevant(*place, rows) || !self.is_counted(spot) {
            return None;
        }
        let required = || self.is_required(key) && question.kind.is_asked();
        match self.answers.get(key).filter(|answer| !answer.is_blank()) {
            None => required().then_some(Rule::Required),
            Some(Answer::Missing(why)) if required() && !why.satisfies() => Some(Rule::Required),
            Some(answer) => match self.form.check_answer(question, answer) {
                Err(fault) => Some(fault.rule),
                Ok(()) if !self.filling.is_valid(*place, rows) => Some(Rule::Constraint),
                Ok(()) => (!self.is_offered(question, answer, spot)).then_some(Rule::NotOffered),
            },
        }
    }

    /// Whether its rows are among those that a count leaves.
    pub(super) fn is_counted(&self, (place, rows): &Spot) -> bool {
        let Some(question) = self.question_at(*place) else { return true };
        let repeats = self.form.repeats_of(question);
        repeats.iter().zip(rows).enumerate().all(|(depth, (group, row))| {
            let outer = rows.get(..depth).unwrap_or_default();
            self.prepared.group(*group).is_some_and(|place| *row < self.filling.rows(place, outer))
        })
    }

    /// Whether the choices that were made are among those that the filter leaves.
    fn is_offered(&self, question: &Question, answer: &Answer, (place, rows): &Spot) -> bool {
        let Some(left) = self.filling.choices(*place, rows) else { return true };
        let choices = self.form.choices(question);
        let offered =
            |name: &str| left.iter().filter_map(|row| choices.get(*row)).any(|choice| choice.name == name);
        match answer {
            Answer::Text(text) => text.split(' ').all(offered),
            Answer::Choices(chosen) => chosen.iter().all(|name| offered(name)),
            _ => true,
        }
    }

    fn told(&self, question: &Question, key: &str, rule: Rule) -> Told {
        let texts = match rule {
            Rule::Required => &question.logic.required_message,
            Rule::Constraint => &question.logic.constraint_message,
            _ => return Told { fault: Fault { field: key.to_owned(), rule }, message: None },
        };
        let message = Some(self.said(texts, key)).filter(|message| !message.is_empty());
        Told { fault: Fault { field: key.to_owned(), rule }, message }
    }
}
