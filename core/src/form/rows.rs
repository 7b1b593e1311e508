//! Rows of repeats: which there are, what lies in them, and what must stand for an answer to be in one.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::field::{Field, IN, field, is_row_id, row, split};
use super::{Answer, Answers, Form, Part, Question};

/// The rows of a repeat inside the given rows of those around it, in their order: what is first here has index
/// 0 in expressions.
pub fn rows<'a>(answers: &'a Answers, repeat: &str, outer: &[&str]) -> Vec<&'a str> {
    let before = row(repeat, outer);
    let own = within(answers, &before).filter(|(_, answer)| **answer == Answer::Row);
    let ids = own.filter_map(|(key, _)| key.get(before.len() + IN.len_utf8()..));
    ids.filter(|id| !id.contains(IN)).collect()
}

/// Every row of the innermost of some repeats, each with the rows around it, in their order. Without repeats
/// there is one place, in no row.
pub fn every_row<'a>(answers: &'a Answers, repeats: &[&str]) -> Vec<Vec<&'a str>> {
    let mut paths: Vec<Vec<&str>> = vec![Vec::new()];
    for repeat in repeats {
        let inner = |outer: &Vec<&'a str>| {
            let outer = outer.clone();
            let ids = rows(answers, repeat, &outer);
            ids.into_iter().map(move |id| outer.iter().copied().chain([id]).collect())
        };
        paths = paths.iter().flat_map(inner).collect();
    }
    paths
}

/// What stands under a question's or row's key and in rows of it, and is not that key itself.
pub fn within<'a, T>(
    all: &'a BTreeMap<String, T>,
    key: &str,
) -> impl Iterator<Item = (&'a str, &'a T)> + use<'a, T> {
    let (from, to) = (format!("{key}{IN}"), format!("{key}{}", after(IN)));
    all.range(from..to).map(|(key, one)| (key.as_str(), one))
}

/// The next character, so that everything before it begins with the one given, or with less.
fn after(mark: char) -> char {
    char::from_u32(u32::from(mark).saturating_add(1)).unwrap_or(mark)
}

impl Form {
    /// Whether any of its groups repeats.
    pub fn has_repeats(&self) -> bool {
        self.groups.iter().any(|group| group.repeat.is_some())
    }

    /// The names of the repeats around a question, the outermost first.
    pub fn repeats_around(&self, question: &Question) -> Vec<&str> {
        self.names(self.repeats_of(question))
    }

    /// The names of the repeats around a repeat and its own, by its name.
    pub fn repeats_to(&self, repeat: &str) -> Vec<&str> {
        let found =
            |name: &str| self.groups.iter().position(|group| group.repeat.is_some() && group.name == name);
        let Some(index) = found(repeat) else { return Vec::new() };
        let around = self.ancestry(Some(index)).into_iter();
        self.names(around.filter(|group| self.groups.get(*group).is_some_and(|group| group.repeat.is_some())))
    }

    fn names(&self, groups: impl IntoIterator<Item = usize>) -> Vec<&str> {
        groups
            .into_iter()
            .filter_map(|group| self.groups.get(group))
            .map(|group| group.name.as_str())
            .collect()
    }

    /// The question that a key of [`Answers`] answers; none if the form has none of that name, or not in such rows.
    pub fn asked(&self, key: &str) -> Option<&Question> {
        let Field { name, rows, is_row } = split(key);
        let question = self.question(name).filter(|_| !is_row)?;
        let fits =
            rows.is_empty() && question.group.is_none() || self.repeats_of(question).len() == rows.len();
        (fits && rows.iter().all(|row| is_row_id(row))).then_some(question)
    }

    /// Whether a key says that a row is there, of a repeat that this form has.
    pub fn is_row(&self, key: &str) -> bool {
        let Field { name, rows, is_row } = split(key);
        is_row
            && !rows.is_empty()
            && rows.iter().all(|row| is_row_id(row))
            && self.repeats_to(name).len() == rows.len()
    }

    /// The keys of the rows that a key lies in, the outermost first; of a row, its own at last.
    pub fn rows_of(&self, key: &str) -> Vec<String> {
        let Field { name, rows, is_row } = split(key);
        if rows.is_empty() {
            return Vec::new();
        }
        let repeats = match self.question(name).filter(|_| !is_row) {
            Some(question) => self.repeats_around(question),
            None => self.repeats_to(name),
        };
        let each = repeats.iter().zip(1..=rows.len());
        each.map(|(repeat, depth)| row(repeat, rows.get(..depth).unwrap_or_default())).collect()
    }

    /// The answers, and that every row is there in which one of them lies.
    pub fn with_rows(&self, mut answers: Answers) -> Answers {
        if self.has_repeats() {
            let around: Vec<String> = answers.keys().flat_map(|key| self.rows_of(key)).collect();
            answers.extend(around.into_iter().map(|key| (key, Answer::Row)));
        }
        answers
    }

    /// The keys under which a question may be answered: one in each row that is there.
    pub(super) fn keys<'q>(&self, question: &'q Question, answers: &Answers) -> Vec<Cow<'q, str>> {
        let repeats = self.repeats_around(question);
        if repeats.is_empty() {
            return vec![Cow::Borrowed(question.name.as_str())];
        }
        let paths = every_row(answers, &repeats);
        paths.iter().map(|rows| Cow::Owned(field(&question.name, rows))).collect()
    }

    /// The parts whose questions are asked in a repeat, in their order.
    pub fn parts_of_repeat(&self, repeat: &str) -> Vec<Part> {
        let within = |question: &&Question| self.repeats_around(question).contains(&repeat);
        let asked = self.questions.iter().filter(within).map(|question| question.part);
        asked.collect::<std::collections::BTreeSet<_>>().into_iter().collect()
    }

    /// What is given of one part, by keys. That a row is there is said in each part that says something in it,
    /// and of a row in which nothing is said, in the first part that could.
    pub fn given_of_part<T: Clone>(&self, part: Part, given: &BTreeMap<String, T>) -> BTreeMap<String, T> {
        let mut own = BTreeMap::new();
        for question in self.questions.iter().filter(|question| question.part == part) {
            let mut take = |key: &str, one: &T| drop(own.insert(key.to_owned(), one.clone()));
            if let Some(one) = given.get(&question.name) {
                take(&question.name, one);
            }
            if question.group.is_some() {
                within(given, &question.name).for_each(|(key, one)| take(key, one));
            }
        }
        let from = IN.to_string();
        let said = given.range(from..).take_while(|(key, _)| key.starts_with(IN));
        let rows: Vec<_> = said.filter(|(key, _)| self.says_row(part, key, given)).collect();
        own.extend(rows.into_iter().map(|(key, one)| (key.clone(), one.clone())));
        own
    }

    /// Whether `part` says that the row of this key is there.
    fn says_row<T>(&self, part: Part, key: &str, given: &BTreeMap<String, T>) -> bool {
        let Field { name, rows, .. } = split(key);
        let speaks = |part: Part| {
            self.questions.iter().filter(|question| question.part == part).any(|question| {
                let around = self.repeats_around(question);
                around.contains(&name) && within(given, &field(&question.name, &rows)).next().is_some()
                    || around.last() == Some(&name) && given.contains_key(&field(&question.name, &rows))
            })
        };
        let parts = self.parts_of_repeat(name);
        speaks(part) || !parts.iter().any(|part| speaks(*part)) && parts.first() == Some(&part)
    }
}
