//! What must be written in one field, for each way of merging.

use std::collections::BTreeSet;

use automerge::{ObjId, ScalarValue};

use super::super::{
    ChangeError,
    edit::Lower,
    layout::{self, Mark, Way},
    root,
    standing::Standing,
    step::Step,
};
use super::Plan;
use crate::form::{Answer, Entry, Question};

impl Plan<'_> {
    /// An answer that stands for good can only be chosen from several that were given at once.
    pub(super) fn first(
        &mut self,
        question: &Question,
        field: &str,
        answer: Option<&Answer>,
    ) -> Result<(), ChangeError> {
        let standing = self.view.field(field);
        let shown = standing.first().and_then(|shown| shown.answer.as_ref());
        if standing.len() < 2 && shown == answer {
            return Ok(());
        }
        let key = layout::short(field, Way::First);
        let before = self.values(&key);
        let before: Vec<&ScalarValue> = before.iter().collect();
        let value = answer.and_then(|answer| layout::scalar(self.form, question, answer));
        match value.filter(|value| root::may_stand(&before, value)) {
            Some(value) => {
                self.put(key, value);
                Ok(())
            }
            None => Err(ChangeError::Answered { field: field.to_owned() }),
        }
    }

    pub(super) fn worst(
        &mut self,
        question: &Question,
        field: &str,
        answer: Option<&Answer>,
        lower: Lower,
    ) -> Result<(), ChangeError> {
        let standing = self.view.field(field);
        if standing.first().and_then(|shown| shown.answer.as_ref()) == answer {
            return Ok(());
        }
        let key = layout::short(field, Way::Worst);
        let value = answer
            .and_then(|answer| layout::scalar(self.form, question, answer))
            .unwrap_or(ScalarValue::Null);
        let before = self.values(&key);
        let before: Vec<&ScalarValue> = before.iter().collect();
        if root::lowers(self.form, field, &before, &value) {
            if lower == Lower::Refused {
                return Err(ChangeError::Lowers { field: field.to_owned() });
            }
            let times =
                self.view.values(&layout::lowered(field)).into_iter().filter_map(|(value, _)| value.as_i64());
            let times = times.max().unwrap_or(0).saturating_add(1);
            self.put(layout::lowered(field), times);
        }
        self.put(key, value);
        Ok(())
    }

    /// Adds to the writer's own count what is missing to the number wanted.
    pub(super) fn count(
        &mut self,
        question: &Question,
        field: &str,
        answer: Option<&Answer>,
    ) -> Result<(), ChangeError> {
        let keys = self.view.keys(field).into_iter();
        let counts: Vec<String> =
            keys.filter(|key| matches!(layout::parse(key), Some((_, Mark::Count(_))))).collect();
        match answer {
            Some(Answer::Integer(wanted)) => {
                let counted = |key: &String| self.values(key).iter().map(number).max().unwrap_or(0);
                let seen = counts.iter().map(counted).fold(0, i64::saturating_add);
                let key = layout::count(field, &self.writer);
                let own = counted(&key);
                // Nobody has counted yet: that it was none is said too.
                if seen != *wanted || counts.is_empty() {
                    self.put(key, own.saturating_add(wanted.saturating_sub(seen)));
                }
            }
            Some(Answer::Missing(_)) | None if !counts.is_empty() => {
                return Err(ChangeError::Stays { field: field.to_owned() });
            }
            _ => {}
        }
        self.missing(question, field, answer);
        Ok(())
    }

    /// Adds what is new.
    pub(super) fn log(
        &mut self,
        question: &Question,
        field: &str,
        answer: Option<&Answer>,
    ) -> Result<(), ChangeError> {
        let said: Vec<Entry> = match self.view.field(field).into_iter().next().and_then(|shown| shown.answer)
        {
            Some(Answer::Log(entries)) => entries,
            _ => Vec::new(),
        };
        match answer {
            Some(Answer::Log(entries)) => {
                let new = entries.iter().filter(|new| said.iter().all(|old| old.id != new.id));
                let new: Vec<&Entry> = new.filter(|new| !new.text.is_empty()).collect();
                let start = self.next_operation();
                if new.len() > usize::from(u8::MAX) {
                    return Err(ChangeError::TooLarge);
                }
                for (entry, number) in new.into_iter().zip(0_u8..) {
                    let key = layout::entry(field, start, &self.writer, number);
                    self.put(key, entry.text.as_str());
                }
            }
            _ if !said.is_empty() => return Err(ChangeError::Stays { field: field.to_owned() }),
            _ => {}
        }
        self.missing(question, field, answer);
        Ok(())
    }

    /// The number of the first operation of a change that builds on all that is seen.
    fn next_operation(&self) -> u64 {
        let changes = self.document.get_changes_meta(&[]);
        changes.iter().map(|change| change.max_op).max().unwrap_or(0).saturating_add(1)
    }

    /// Says why there is no answer where the field's own key has no room for it, or that there is one now.
    pub(super) fn missing(&mut self, question: &Question, field: &str, answer: Option<&Answer>) {
        let Some(key) = layout::missing(field, question) else { return };
        let before = self.values(&key);
        let wanted = match answer {
            Some(missing @ Answer::Missing(_)) => layout::scalar(self.form, question, missing),
            _ => None,
        };
        let wanted = wanted.unwrap_or(ScalarValue::Null);
        let stands = match before.as_slice() {
            [] => wanted == ScalarValue::Null,
            [only] => *only == wanted,
            _ => false,
        };
        if !stands {
            self.put(key, wanted);
        }
    }

    pub(super) fn choices(&mut self, question: &Question, field: &str, answer: Option<&Answer>) {
        let standing = self.view.field(field);
        let shown = standing.iter().find_map(|shown| match &shown.answer {
            Some(Answer::Choices(chosen)) => Some(chosen),
            _ => None,
        });
        let wanted = match answer {
            Some(Answer::Choices(chosen)) => Some(chosen),
            _ => None,
        };
        if shown == wanted {
            return;
        }
        let none = BTreeSet::new();
        let (before, after) = (shown.unwrap_or(&none), wanted.unwrap_or(&none));
        if wanted.is_some_and(BTreeSet::is_empty) {
            self.put(field.to_owned(), true);
        } else if wanted.is_none() && !self.view.values(field).is_empty() {
            self.put(field.to_owned(), ScalarValue::Null);
        }
        for choice in self.form.choices(question) {
            let (was, is) = (before.contains(choice.name), after.contains(choice.name));
            if was != is {
                self.put(layout::flag(field, choice.name), is);
            }
        }
    }

    /// Writes into the text that is shown, and empties its rivals: none is deleted, so that what somebody
    /// else writes into one of them at the same time is not lost.
    pub(super) fn narrative(&mut self, field: &str, answer: Option<&Answer>) {
        let wanted = match answer {
            Some(Answer::Narrative(text)) => text.as_str(),
            _ => "",
        };
        let standing = self.view.field(field);
        let is_text = |shown: &&Standing| matches!(shown.answer, Some(Answer::Narrative(_)));
        let shown = standing.iter().find(is_text).map(|shown| &shown.given);
        let objects: Vec<ObjId> = self
            .view
            .values(field)
            .into_iter()
            .filter(|(value, _)| value.is_object())
            .map(|(_, id)| id)
            .collect();
        let Some(target) = shown.or(objects.first()) else {
            if !wanted.is_empty() {
                self.steps.push(Step::Begin(field.to_owned(), wanted.to_owned()));
            }
            return;
        };
        for object in &objects {
            let text = if object == target { wanted } else { "" };
            if self.view.text(object) != text {
                self.steps.push(Step::Write(object.clone(), text.to_owned()));
            }
        }
    }
}

fn number(value: &ScalarValue) -> i64 {
    match value {
        ScalarValue::Int(number) => *number,
        _ => 0,
    }
}
