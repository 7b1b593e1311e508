//! What one answer changed, so that a screen draws only that anew.

use std::collections::{BTreeMap, BTreeSet};

use super::{Session, is_shown};
use crate::form::expression::{Purpose, Spot};
use crate::form::rows::every_row;
use crate::form::{Answer, Holder, Rule, field};

/// What is otherwise than before, by field.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Changed {
    /// Whether it is asked.
    pub relevant: BTreeMap<String, bool>,
    /// What was worked out; `None` if it has no value any more.
    pub values: BTreeMap<String, Option<Answer>>,
    /// Whether it must be answered.
    pub required: BTreeMap<String, bool>,
    /// Whether it cannot be changed by hand.
    pub readonly: BTreeMap<String, bool>,
    /// The rule its answer breaks; `None` if it breaks none. What was answered is always told.
    pub wrong: BTreeMap<String, Option<Rule>>,
    /// Fields that offer other choices.
    pub choices: BTreeSet<String>,
    /// Repeats that have more or fewer rows, as keys.
    pub rows: BTreeSet<String>,
}

impl Session<'_> {
    /// Keeps what was worked out, and gathers what is otherwise after an answer was taken.
    pub(super) fn changed(&mut self, answered: Option<Spot>, calculated: &[Spot]) -> Changed {
        self.give_rows();
        let mut changed = Changed { values: self.keep(calculated), ..Changed::default() };
        let noticed = self.filling.take_noticed();
        let mut checked: BTreeSet<Spot> = calculated.iter().cloned().chain(answered).collect();
        for (spot, purpose) in noticed.into_iter().filter(|(_, purpose)| is_shown(*purpose)) {
            for spot in self.questions_at(&spot, purpose) {
                self.note(&spot, purpose, &mut changed);
                checked.insert(spot);
            }
            if purpose == Purpose::Count
                && let Some(key) = self.key_of_repeat(&spot)
            {
                changed.rows.insert(key);
            }
        }
        for (place, rows) in checked {
            if let (Some(question), Some(key)) = (self.question_at(place), self.key(place, &rows)) {
                let rule = self.broken(question, &key, &(place, rows));
                changed.wrong.insert(key, rule);
            }
        }
        changed
    }

    /// The questions that something said at a spot concerns: of a group's condition, all in it.
    fn questions_at(&self, (place, rows): &Spot, purpose: Purpose) -> Vec<Spot> {
        let Holder::Group(group) = self.prepared.holder(*place) else {
            return vec![(*place, rows.clone())];
        };
        if purpose != Purpose::Relevant {
            return Vec::new();
        }
        let within = self.form.questions.iter().enumerate();
        let within = within.filter(|(_, question)| self.form.ancestry(question.group).contains(&group));
        let mut found = Vec::new();
        for (index, question) in within {
            let Some(place) = self.prepared.question(index) else { continue };
            for path in every_row(&self.answers, &self.form.repeats_around(question)) {
                let key = field::field(&question.name, &path);
                found.extend(
                    self.spot(&key).filter(|(_, at)| at.starts_with(rows)).map(|(_, at)| (place, at)),
                );
            }
        }
        found
    }

    fn note(&self, spot: &Spot, purpose: Purpose, changed: &mut Changed) {
        let Some(key) = self.key(spot.0, &spot.1) else { return };
        match purpose {
            Purpose::Relevant => {
                let relevant = self.filling.is_relevant(spot.0, &spot.1);
                changed.required.insert(key.clone(), self.is_required(&key));
                changed.relevant.insert(key, relevant);
            }
            Purpose::Required => drop(changed.required.insert(key.clone(), self.is_required(&key))),
            Purpose::Readonly => drop(changed.readonly.insert(key.clone(), self.is_readonly(&key))),
            Purpose::Choices => drop(changed.choices.insert(key)),
            _ => {}
        }
    }

    /// The key of a repeat, in the rows around it.
    fn key_of_repeat(&self, (place, rows): &Spot) -> Option<String> {
        let Holder::Group(index) = self.prepared.holder(*place) else { return None };
        let name = &self.form.groups.get(index)?.name;
        let around = self.form.repeats_to(name);
        let outer = around.get(..around.len().saturating_sub(1))?;
        let paths = every_row(&self.answers, outer);
        let here = paths
            .into_iter()
            .find(|path| super::keys::indexes(self.form, &self.answers, index, path).as_ref() == Some(rows));
        Some(field::field(name, &here?))
    }
}
