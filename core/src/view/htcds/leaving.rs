//! From a record to the cells of the standard.

use std::collections::BTreeSet;

use super::table::{Column, Pick, Which};
use super::{Htcds, Left, Loss};
use crate::form::field::{field, split};
use crate::form::rows::rows;
use crate::form::{Answer, Answers, Form, Question};
use crate::view::RecordView;

/// One record on its way.
struct Leaving<'r> {
    form: &'r Form,
    answers: &'r Answers,
    /// Keys whose answers have left.
    gone: BTreeSet<String>,
    losses: BTreeSet<(String, Loss)>,
}

impl Htcds {
    /// The cells of a record, one for each of [`Htcds::headings`]. What has no place is counted in `left`.
    pub fn cells(&self, form: &Form, record: &RecordView, left: &mut Left) -> Vec<String> {
        let mut leaving =
            Leaving { form, answers: &record.answers, gone: BTreeSet::new(), losses: BTreeSet::new() };
        let cells = self.columns.iter().map(|column| leaving.cell(column)).collect();
        leaving.note_rest(self);
        for conflict in &record.conflicts {
            let name = split(&conflict.field).name.to_owned();
            if leaving.gone.contains(&conflict.field) {
                leaving.losses.insert((name, Loss::Conflict));
            }
        }
        left.add(leaving.losses);
        cells
    }
}

impl Leaving<'_> {
    fn cell(&mut self, column: &Column) -> String {
        let Some(question) = self.form.question(&column.question).filter(|_| column.carried.leaves) else {
            return String::new();
        };
        let Some(key) = self.key(question, &column.leaving) else { return String::new() };
        let Some(answer) = self.answers.get(&key).filter(|answer| !answer.is_blank()) else {
            return String::new();
        };
        if matches!(answer, Answer::Missing(_)) {
            self.lose(&question.name, Loss::NoWord);
            self.gone.insert(key);
            return String::new();
        }
        let text = match answer {
            Answer::Choices(chosen) => {
                let codes: Vec<String> =
                    chosen.iter().filter_map(|choice| self.code(column, choice)).collect();
                // Several of our choices may be one code of theirs.
                let mut said = BTreeSet::new();
                let codes = codes.into_iter().filter(|code| said.insert(code.clone()));
                codes.collect::<Vec<_>>().join(" ")
            }
            Answer::Text(choice) if !column.codes.is_empty() => self.code(column, choice).unwrap_or_default(),
            answer => answer.to_expression(),
        };
        self.gone.insert(key);
        text
    }

    /// The key of the answer that leaves, if there is such a row.
    fn key(&mut self, question: &Question, pick: &Pick) -> Option<String> {
        let repeats = self.form.repeats_around(question);
        let repeat = match repeats.as_slice() {
            [] => return Some(question.name.clone()),
            [repeat] => repeat,
            _ => return None,
        };
        let fits = |row: &&str| {
            pick.with.as_ref().is_none_or(|(name, choice)| {
                matches!(self.answers.get(&field(name, &[row])), Some(Answer::Text(said)) if said == choice)
            })
        };
        let fitting: Vec<&str> = rows(self.answers, repeat, &[]).into_iter().filter(fits).collect();
        let row = match pick.which {
            Which::First | Which::New => fitting.first(),
            Which::Second => fitting.get(1),
            Which::Last => fitting.last(),
        }?;
        // What picks the row is said by the column.
        self.gone.extend(pick.with.as_ref().map(|(name, _)| field(name, &[row])));
        Some(field(&question.name, &[row]))
    }

    fn code(&mut self, column: &Column, choice: &str) -> Option<String> {
        if column.is_open() {
            return Some(choice.to_owned());
        }
        let known = column.codes.iter().find(|code| code.choice == choice && code.carried.leaves);
        if known.is_none() {
            self.lose(&column.question, Loss::NoCode);
        }
        known.map(|code| code.code.clone())
    }

    fn lose(&mut self, question: &str, loss: Loss) {
        self.losses.insert((question.to_owned(), loss));
    }

    /// Everything that a person said and that has not left.
    fn note_rest(&mut self, htcds: &Htcds) {
        for (key, answer) in self.answers {
            let said = self.form.asked(key).filter(|question| question.kind.is_asked());
            let Some(question) = said.filter(|_| !answer.is_blank() && !self.gone.contains(key)) else {
                continue;
            };
            let of: Vec<&Column> =
                htcds.columns.iter().filter(|column| column.question == question.name).collect();
            let loss = match of.as_slice() {
                [] => Loss::NoColumn,
                columns if columns.iter().any(|column| column.carried.leaves) => Loss::OneOnly,
                columns => {
                    Loss::Kept(columns.first().map(|column| column.remark.clone()).unwrap_or_default())
                }
            };
            self.losses.insert((question.name.clone(), loss));
        }
    }
}
