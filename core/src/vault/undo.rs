//! Putting back what stood before the last change of a field.

use std::collections::{BTreeMap, BTreeSet};

use cairn_wire::id::RecordId;

use super::Vault;
use super::records::Names;
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
        let now = view.answers.remove(field);
        // A text in which somebody else has written as well would lose their words.
        if matches!(now, Some(Answer::Narrative(_))) && now != last.answer {
            return Err(Error::Invalid(vec![Fault {
                field: field.to_owned(),
                rule: Rule::WrittenMeanwhile,
            }]));
        }
        let known = self.form_version(&view.form, &view.version);
        let merge = known.as_ref().and_then(|known| known.form.asked(field)).map(Question::merge);
        let before = without(&last, merge, now);
        let edits = BTreeMap::from([(field.to_owned(), before)]);
        Ok(self.edit_record_and(record, &edits, lower, Names::Exact, |_| Ok(()))?.then_some(last))
    }
}

/// What stands now, without what the last change did. What others added to counts and choices stays.
fn without(last: &PastView, merge: Option<Merge>, now: Option<Answer>) -> Option<Answer> {
    match (&last.before, &last.answer, now) {
        (None | Some(Answer::Choices(_)), Some(Answer::Choices(after)), Some(Answer::Choices(now))) => {
            let none = BTreeSet::new();
            let before = match &last.before {
                Some(Answer::Choices(before)) => before,
                _ => &none,
            };
            let kept = now.iter().filter(|choice| before.contains(*choice) || !after.contains(*choice));
            let left: BTreeSet<String> = kept.chain(before.difference(after)).cloned().collect();
            if left.is_empty() { last.before.clone() } else { Some(Answer::Choices(left)) }
        }
        (Some(Answer::Integer(before)), Some(Answer::Integer(after)), Some(Answer::Integer(now)))
            if merge == Some(Merge::Counter) =>
        {
            Some(Answer::Integer(now.saturating_sub(after.saturating_sub(*before)).max(0)))
        }
        (before, _, _) => before.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::Author;

    fn last(before: Option<Answer>, answer: Option<Answer>) -> PastView {
        let author = Author { device: None, name: None, time: 0 };
        PastView { field: "f".to_owned(), before, answer, lowered: false, author }
    }

    fn choices(names: &[&str]) -> Option<Answer> {
        Some(Answer::Choices(names.iter().map(|name| (*name).to_owned()).collect()))
    }

    #[test]
    fn what_others_ticked_and_counted_meanwhile_stays() {
        let ticked = last(choices(&["a"]), choices(&["b", "c"]));
        assert_eq!(without(&ticked, None, choices(&["b", "c", "d"])), choices(&["a", "d"]));
        let first = last(None, choices(&["b"]));
        assert_eq!(without(&first, None, choices(&["b", "d"])), choices(&["d"]));
        assert_eq!(without(&first, None, choices(&["b"])), None);
        let number = |number| Some(Answer::Integer(number));
        let counted = last(number(2), number(5));
        assert_eq!(without(&counted, Some(Merge::Counter), number(6)), number(3));
        assert_eq!(without(&counted, Some(Merge::Several), number(6)), number(2), "an age is no count");
    }
}
