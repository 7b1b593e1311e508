//! What must be written so that an answer stands.

use std::collections::{BTreeMap, BTreeSet};

use automerge::{ActorId, Automerge, ScalarValue};
use cairn_wire::id::ChainId;

use super::{
    ChangeError,
    edit::Lower,
    layout::{self, Shape, Way},
    standing::View,
    step::Step,
};
use crate::form::{
    Answer, Form, Question,
    field::{field, split},
    rows::within,
};

mod ways;

/// What somebody is about to write on what they see.
pub(super) struct Plan<'a> {
    document: &'a Automerge,
    view: View<'a>,
    form: &'a Form,
    writer: ActorId,
    steps: Vec<Step>,
}

impl<'a> Plan<'a> {
    pub(super) fn new(document: &'a Automerge, form: &'a Form, writer: ChainId) -> Self {
        let (view, writer) = (View::now(document), layout::actor(writer));
        Self { document, view, form, writer, steps: Vec::new() }
    }

    /// The steps of an edit, rows first, then answers in the order the form asks them.
    pub(super) fn steps(
        mut self,
        edits: &BTreeMap<String, Option<Answer>>,
        lower: Lower,
    ) -> Result<Vec<Step>, ChangeError> {
        let gone: BTreeSet<&String> = edits
            .iter()
            .filter(|(key, edit)| edit.is_none() && layout::is_row(key))
            .map(|(key, _)| key)
            .collect();
        let mut written: BTreeSet<String> = BTreeSet::new();
        for question in &self.form.questions {
            let alone = edits.get_key_value(&question.name).map(|(key, edit)| (key.as_str(), edit));
            let edits = alone.into_iter().chain(within(edits, &question.name));
            for (key, answer) in edits.filter(|(key, _)| self.form.asked(key).is_some()) {
                let rows = self.form.rows_of(key);
                // What is taken away in the same gesture needs no answer.
                if rows.iter().any(|row| gone.contains(row)) {
                    continue;
                }
                let before = self.steps.len();
                self.plan(question, key, answer.as_ref(), lower)?;
                if self.steps.len() > before {
                    written.extend(rows);
                }
            }
        }
        let answers = std::mem::take(&mut self.steps);
        for (key, edit) in edits.iter().filter(|(key, _)| layout::is_row(key)) {
            let stands = !self.view.field(key).is_empty();
            if edit.is_some() && !stands {
                written.extend(self.form.rows_of(key));
            } else if edit.is_none() && stands {
                self.steps.push(Step::Put(key.clone(), self.word(key).saturating_neg().into()));
            }
        }
        for row in &written {
            self.begin(row, &answers);
        }
        self.steps.extend(answers);
        Ok(self.steps)
    }

    /// Says that a row is there. With its first word all its narratives are begun, so that two people who write
    /// in it at once write in one text.
    fn begin(&mut self, row: &str, answers: &[Step]) {
        let is_new = self.view.values(row).is_empty();
        self.steps.push(Step::Put(row.to_owned(), self.word(row).into()));
        if !is_new {
            return;
        }
        let place = split(row);
        let part = super::read::part_in(self.document);
        for question in
            self.form.questions.iter().filter(|question| Some(question.part.name()) == part.as_deref())
        {
            let narrative = Shape::of(&question.kind) == Shape::Narrative && Way::of(question) == Way::Plain;
            let key = field(&question.name, &place.rows);
            let begun = answers.iter().any(|step| matches!(step, Step::Begin(begun, _) if *begun == key));
            let here = narrative && !begun && self.form.repeats_around(question).last() == Some(&place.name);
            if here && self.view.values(&key).is_empty() {
                self.steps.push(Step::Begin(key, String::new()));
            }
        }
    }

    /// The next word on a row: larger than all before.
    fn word(&self, row: &str) -> i64 {
        let before = self.view.values(row).into_iter().filter_map(|(value, _)| value.as_i64());
        before.map(i64::saturating_abs).max().unwrap_or(0).saturating_add(1)
    }

    /// What must be done so that `answer` stands in the field, alone.
    fn plan(
        &mut self,
        question: &Question,
        field: &str,
        answer: Option<&Answer>,
        lower: Lower,
    ) -> Result<(), ChangeError> {
        let way = Way::of(question);
        match (way, Shape::of(&question.kind)) {
            (Way::First, _) => self.first(question, field, answer)?,
            (Way::Worst, _) => self.worst(question, field, answer, lower)?,
            (Way::Count, _) => self.count(question, field, answer)?,
            (Way::Log, _) => self.log(question, field, answer)?,
            (Way::Plain, Shape::Narrative) => {
                self.narrative(field, answer);
                self.missing(question, field, answer);
            }
            (Way::Plain, Shape::Choices) => {
                self.choices(question, field, answer);
                self.missing(question, field, answer);
            }
            (Way::Plain, _) => {
                let standing = self.view.field(field);
                let settled = standing.len() < 2;
                let shown = standing.first().and_then(|shown| shown.answer.as_ref());
                if !(settled && shown == answer) {
                    let value = answer.and_then(|answer| layout::scalar(self.form, question, answer));
                    self.put(field.to_owned(), value.unwrap_or(ScalarValue::Null));
                }
            }
        }
        Ok(())
    }

    fn put(&mut self, key: String, value: impl Into<ScalarValue>) {
        self.steps.push(Step::Put(key, value.into()));
    }

    /// The values a key has.
    fn values(&self, key: &str) -> Vec<ScalarValue> {
        let values = self.view.values(key).into_iter();
        values.filter_map(|(value, _)| value.as_scalar().cloned()).collect()
    }
}
