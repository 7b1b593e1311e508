//! What another edition of a form does differently.

use std::collections::{BTreeMap, BTreeSet};
use std::mem::discriminant;

use super::{Change, Difference, by_name, is_answered};
use crate::form::{Form, Group, Media, Merge, Offered, Question, Translations};

impl Form {
    /// What is different in `newer`: first what asks, then what does not; each in the order of the forms. Both may
    /// be any forms: what they are called is not compared.
    pub fn towards(&self, newer: &Self) -> Vec<Difference> {
        let languages = (languages(self), languages(newer));
        let both: BTreeSet<&str> = languages.0.intersection(&languages.1).copied().collect();
        let mut told = Told { older: self, newer, both, differences: Vec::new() };
        told.questions();
        told.lists();
        told.groups();
        for (name, table) in &newer.tables {
            if self.tables.get(name) != Some(table) {
                told.tell(name, Change::TableChanged);
            }
        }
        for (name, apart) in newer.apart.iter().filter(|(_, apart)| !apart.is_list) {
            if self.apart.get(name) != Some(apart) {
                told.tell(name, Change::TableChanged);
            }
        }
        languages.1.difference(&languages.0).for_each(|new| told.tell(new, Change::LanguageAdded));
        languages.0.difference(&languages.1).for_each(|old| told.tell(old, Change::LanguageRemoved));
        let called = |form: &Self| (form.default_language.clone(), form.instance_name.clone());
        if told.reworded(&self.title, &newer.title) || called(self) != called(newer) {
            told.tell("", Change::TitleChanged);
        }
        if order(self, newer) != order(newer, self) {
            told.tell("", Change::OrderChanged);
        }
        let mut differences = told.differences;
        differences.sort_by_key(|difference| !difference.asks());
        differences
    }
}

/// What has been found so far.
struct Told<'a> {
    older: &'a Form,
    newer: &'a Form,
    /// The languages that both are written in.
    both: BTreeSet<&'a str>,
    differences: Vec<Difference>,
}

impl<'a> Told<'a> {
    fn tell(&mut self, name: &str, change: Change) {
        self.differences.push(Difference { name: name.to_owned(), change });
    }

    fn questions(&mut self) {
        let (older, newer) = (self.older, self.newer);
        let after = by_name(newer);
        for question in &older.questions {
            match after.get(question.name.as_str()) {
                Some(other) if is_answered(&other.kind) && is_answered(&question.kind) => {
                    self.question(question, other);
                }
                // What is only shown holds no answers.
                Some(other) if is_answered(&question.kind) == is_answered(&other.kind) => {
                    self.wording(question, other);
                }
                Some(other) if is_answered(&other.kind) => self.tell(&question.name, Change::QuestionAdded),
                None if !is_answered(&question.kind) => {}
                _ => self.tell(&question.name, Change::QuestionRemoved),
            }
        }
        let before = by_name(older);
        for question in &newer.questions {
            if !before.contains_key(question.name.as_str()) && is_answered(&question.kind) {
                self.tell(&question.name, Change::QuestionAdded);
            }
        }
    }

    fn question(&mut self, question: &Question, other: &Question) {
        let (older, newer) = (self.older, self.newer);
        let changes = [
            (discriminant(&question.kind) != discriminant(&other.kind), Change::KindChanged),
            (question.merge() != other.merge(), Change::MergeChanged),
            (question.part != other.part, Change::PartChanged),
            (older.repeats_around(question) != newer.repeats_around(other), Change::RowsChanged),
            (
                question.kind.list().zip(other.kind.list()).is_some_and(|(one, other)| one != other),
                Change::ListChanged,
            ),
            (moves(older, question, newer, other), Change::PlacesChanged),
            (other.sensitivity() < question.sensitivity(), Change::LessSensitive),
            (!question.required && other.required, Change::Required),
            (question.required && !other.required, Change::NotRequired),
            (works_otherwise(question, other), Change::LogicChanged),
            (question.task != other.task, Change::TaskChanged),
            (other.sensitivity() > question.sensitivity(), Change::MoreSensitive),
        ];
        for (_, change) in changes.into_iter().filter(|(different, _)| *different) {
            self.tell(&question.name, change);
        }
        self.wording(question, other);
    }

    fn wording(&mut self, question: &Question, other: &Question) {
        let messages = (&question.logic, &other.logic);
        let reworded = self.reworded(&question.label, &other.label)
            || self.reworded(&question.hint, &other.hint)
            || self.reworded(&question.guidance_hint, &other.guidance_hint)
            || self.reworded(&messages.0.constraint_message, &messages.1.constraint_message)
            || self.reworded(&messages.0.required_message, &messages.1.required_message)
            || self.repictured(&question.media, &other.media)
            || question.appearance != other.appearance;
        if reworded {
            self.tell(&question.name, Change::QuestionReworded);
        }
    }

    /// The choices of lists that both have; of another list its questions tell.
    fn lists(&mut self) {
        let (older, newer) = (self.older, self.newer);
        for (list, choices) in older.every_list() {
            let Some(others) = newer.list(list) else { continue };
            // A table that both name by the same pieces need not be read.
            if older.apart.get(list).is_some_and(|apart| newer.apart.get(list) == Some(apart)) {
                continue;
            }
            let after: BTreeMap<&str, Offered<'_>> =
                others.iter().map(|choice| (choice.name, choice)).collect();
            for choice in choices.iter() {
                let name = format!("{list}/{}", choice.name);
                match after.get(choice.name) {
                    None => self.tell(&name, Change::ChoiceRemoved),
                    Some(other) => self.choice(&name, choice, *other),
                }
            }
            let before: BTreeSet<&str> = choices.iter().map(|choice| choice.name).collect();
            for choice in others.iter().filter(|choice| !before.contains(choice.name)) {
                self.tell(&format!("{list}/{}", choice.name), Change::ChoiceAdded);
            }
        }
    }

    fn choice(&mut self, name: &str, choice: Offered<'_>, other: Offered<'_>) {
        let label = |choice: Offered<'_>, language: &str| {
            let found = choice.labels().find(|(known, text)| *known == language && !text.is_empty());
            found.map(|(_, text)| text.to_owned())
        };
        let relabelled = self.both.iter().any(|language| label(choice, language) != label(other, language));
        let inside = choice.in_form().zip(other.in_form());
        if relabelled || inside.is_some_and(|(one, other)| self.repictured(&one.media, &other.media)) {
            self.tell(name, Change::ChoiceReworded);
        }
        if inside.is_some_and(|(one, other)| one.columns != other.columns) {
            self.tell(name, Change::ColumnsChanged);
        }
    }

    fn groups(&mut self) {
        let (older, newer) = (self.older, self.newer);
        let named = |form: &'a Form| -> BTreeMap<&'a str, &'a Group> {
            form.groups.iter().map(|group| (group.name.as_str(), group)).collect()
        };
        let (before, after) = (named(older), named(newer));
        for group in &older.groups {
            match after.get(group.name.as_str()) {
                None => self.tell(&group.name, Change::GroupRemoved),
                Some(other) => {
                    let said = |group: &Group| {
                        (group.repeat.clone(), group.relevant.clone(), group.appearance.clone())
                    };
                    if self.reworded(&group.label, &other.label) || said(group) != said(other) {
                        self.tell(&group.name, Change::GroupChanged);
                    }
                }
            }
        }
        for group in newer.groups.iter().filter(|group| !before.contains_key(group.name.as_str())) {
            self.tell(&group.name, Change::GroupAdded);
        }
    }

    /// Whether a text is another one in a language that both forms are written in.
    fn reworded(&self, one: &Translations, other: &Translations) -> bool {
        self.both.iter().any(|language| one.get(*language) != other.get(*language))
    }

    fn repictured(&self, one: &Media, other: &Media) -> bool {
        let pairs = [
            (&one.image, &other.image),
            (&one.big_image, &other.big_image),
            (&one.audio, &other.audio),
            (&one.video, &other.video),
        ];
        pairs.into_iter().any(|(one, other)| self.reworded(one, other))
    }
}

/// Whether a choice that both offer stands in another place, and places count.
fn moves(older: &Form, question: &Question, newer: &Form, other: &Question) -> bool {
    if question.merge() != Merge::Worst || other.merge() != Merge::Worst {
        return false;
    }
    let place: BTreeMap<&str, usize> =
        newer.choices(other).iter().zip(0..).map(|(choice, place)| (choice.name, place)).collect();
    let before = older.choices(question).iter().zip(0..);
    before.into_iter().any(|(choice, at)| place.get(choice.name).is_some_and(|now| *now != at))
}

fn works_otherwise(question: &Question, other: &Question) -> bool {
    let silent = |question: &Question| {
        let mut logic = question.logic.clone();
        logic.constraint_message.clear();
        logic.required_message.clear();
        logic
    };
    silent(question) != silent(other)
        || question.constant != other.constant
        || question.parameters != other.parameters
}

/// In which order a form asks what `other` asks too, in which groups, and in which order choices are offered.
fn order<'a>(form: &'a Form, other: &Form) -> (Vec<(&'a str, Option<&'a str>)>, Vec<&'a str>) {
    let there = by_name(other);
    let group = |question: &Question| {
        question.group.and_then(|group| form.groups.get(group)).map(|group| group.name.as_str())
    };
    let asked = form.questions.iter().filter(|question| there.contains_key(question.name.as_str()));
    let asked = asked.map(|question| (question.name.as_str(), group(question))).collect();
    let mut offered = Vec::new();
    for (list, choices) in form.every_list() {
        // A table that both name by the same pieces has the same order.
        if form.apart.get(list).is_some_and(|apart| other.apart.get(list) == Some(apart)) {
            continue;
        }
        let there: BTreeSet<&str> =
            other.list(list).iter().flat_map(|choices| choices.iter()).map(|choice| choice.name).collect();
        offered.extend(choices.iter().map(|choice| choice.name).filter(|name| there.contains(name)));
    }
    (asked, offered)
}

/// The languages that a form's questions, choices and title are written in.
fn languages(form: &Form) -> BTreeSet<&str> {
    let labels = form.questions.iter().flat_map(|question| [&question.label, &question.hint]);
    let groups = form.groups.iter().map(|group| &group.label);
    let texts = labels.chain(groups).chain([&form.title]);
    let choices = form.every_list().flat_map(|(_, choices)| choices.languages());
    texts.flat_map(|text| text.keys().map(String::as_str)).chain(choices).collect()
}
