//! Putting back what stood before the last change of a field.

use std::collections::BTreeMap;

use cairn_wire::id::RecordId;

use super::Vault;
use crate::change::Lower;
use crate::error::Error;
use crate::form::{Answer, Fault, Merge, Question, Rule};
use crate::view::PastView;

impl Vault {
    /// Puts back what the author of a field's last change saw there. That is a change like any other: nothing of
    /// the history goes, and undoing it again brings back what was undone. Gives what was undone; nothing if what
    /// stood before stands again already.
    ///
    /// # Errors
    /// [`Error::NotFound`] where nothing was ever answered, [`Error::Invalid`] for what stands for good and for
    /// what would be lowered unless `lower` allows it; as [`Vault::edit_record`].
    pub fn undo(&mut self, record: &RecordId, field: &str, lower: Lower) -> Result<Option<PastView>, Error> {
        let last = self.history(record, Some(field))?.pop();
        let last = last.ok_or_else(|| Error::NotFound { what: "answer to", name: field.to_owned() })?;
        if matches!(last.answer, Some(Answer::Log(_))) {
            return Err(Error::Invalid(vec![Fault { field: field.to_owned(), rule: Rule::Stays }]));
        }
        let mut view = self.record(record)?;
        let known = self.form_version(&view.form, &view.version);
        let merge = known.as_ref().and_then(|known| known.form.asked(field)).map(Question::merge);
        let before = without(&last, merge, view.answers.remove(field));
        let edits = BTreeMap::from([(field.to_owned(), before)]);
        Ok(self.edit_record_with(record, &edits, lower)?.then_some(last))
    }
}

/// What stands now, without what the last change did. What others added to counts and choices stays.
fn without(last: &PastView, merge: Option<Merge>, now: Option<Answer>) -> Option<Answer> {
    match (&last.before, &last.answer, now) {
        (Some(Answer::Choices(before)), Some(Answer::Choices(after)), Some(Answer::Choices(now))) => {
            let kept = now.iter().filter(|choice| before.contains(*choice) || !after.contains(*choice));
            Some(Answer::Choices(kept.chain(before.difference(after)).cloned().collect()))
        }
        (Some(Answer::Integer(before)), Some(Answer::Integer(after)), Some(Answer::Integer(now)))
            if merge == Some(Merge::Counter) =>
        {
            Some(Answer::Integer(now.saturating_sub(after.saturating_sub(*before)).max(0)))
        }
        (before, _, _) => before.clone(),
    }
}
