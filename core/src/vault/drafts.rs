//! Drafts: records that are being filled. What is given rests in the vault when the call that gives it returns, so
//! a program that is ended by force loses at most what stands in the open field.
//!
//! A draft keeps the form's edition it was begun with, whatever is published meanwhile. It may hold what a finished
//! record may not: too little, or what the form's own checks do not like. Finishing checks everything and, in one
//! gesture, makes the record and forgets the draft.

mod kept;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use cairn_wire::id::RecordId;

use super::records::Names;
use super::{KnownForm, Vault, attaching};
use crate::attachment::SealedFile;
use crate::change::Lower;
use crate::error::Error;
use crate::form::{Answer, Answers, Fault, Form, Rule};
use crate::record::{Times, complete};
pub use crate::store::DraftRow;
use crate::store::{Rows, StoreError};

/// A record that is being filled.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// What it is a draft of.
    pub about: DraftRow,
    /// What was given in it; `None` where an answer of the record is emptied, or a row taken away.
    pub given: BTreeMap<String, Option<Answer>>,
    /// The fields whose answers this version of the program cannot read. They stay as they are until they are
    /// given anew, and the draft cannot be finished before.
    pub unread: BTreeSet<String>,
}

/// Answers by field, `None` for emptied ones, and the fields whose answers cannot be read.
pub(super) type Given = (BTreeMap<String, Option<Answer>>, BTreeSet<String>);

impl Draft {
    /// The answers as they will be: those of the record it changes, if any, and what was given.
    pub fn answers(&self, before: Answers) -> Answers {
        let mut answers = before;
        for (field, answer) in &self.given {
            match answer {
                Some(answer) => answers.insert(field.clone(), answer.clone()),
                None => answers.remove(field),
            };
        }
        answers
    }
}

impl Vault {
    /// Begins a draft of a new record, of the form's newest edition. Gives its number.
    ///
    /// # Errors
    /// [`Error::NotFound`] for the form; [`Error::NotAllowed`] for who may not write.
    pub fn begin_draft(&mut self, form: &str, team: Option<&str>) -> Result<u64, Error> {
        self.need_writer()?;
        let known = self.form(form)?;
        // Whoever may not begin such a record should learn it before the work.
        self.unseen(&known.form, team)?;
        self.put_draft(&known.form, team, None)
    }

    /// Begins a draft that changes a record, or gives the one that was begun before.
    ///
    /// # Errors
    /// [`Error::NotFound`] for the record or its form; [`Error::NotAllowed`] for who may not write.
    pub fn begin_draft_of(&mut self, record: &RecordId) -> Result<u64, Error> {
        self.need_writer()?;
        let begun = self.store.rows().drafts()?.into_iter().find(|row| row.record == Some(*record));
        if let Some(begun) = begun {
            return Ok(begun.number);
        }
        let known = self.edition_for(record)?;
        self.put_draft(&known.form, None, Some(*record))
    }

    fn put_draft(&mut self, form: &Form, team: Option<&str>, record: Option<RecordId>) -> Result<u64, Error> {
        let now = self.clock.now();
        let row = DraftRow {
            number: 0,
            form: form.id.clone(),
            version: form.version.clone(),
            team: team.map(str::to_owned),
            record,
            begun: now,
            changed: now,
        };
        Ok(self.store.gesture(|rows| rows.put_draft(&row))?)
    }

    /// Every draft, the one that was changed last at first.
    ///
    /// # Errors
    /// What the disk says.
    pub fn drafts(&self) -> Result<Vec<Draft>, Error> {
        self.store.rows().drafts()?.into_iter().map(|row| self.draft_of(row)).collect()
    }

    /// One draft.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn draft(&self, number: u64) -> Result<Draft, Error> {
        let missing = || Error::NotFound { what: "draft", name: number.to_string() };
        let row = self.store.rows().draft(number)?.ok_or_else(missing)?;
        self.draft_of(row)
    }

    fn draft_of(&self, about: DraftRow) -> Result<Draft, Error> {
        let (given, unread) = self.given_in(about.number)?;
        Ok(Draft { about, given, unread })
    }

    /// What was given in a draft, and the fields whose answers cannot be read; also where the draft itself is lost.
    pub(super) fn given_in(&self, number: u64) -> Result<Given, Error> {
        let (mut given, mut unread) = (BTreeMap::new(), BTreeSet::new());
        for (field, answer) in self.store.rows().draft_answers(number)? {
            match kept::read(&answer) {
                Ok(answer) => _ = given.insert(field, answer),
                Err(_) => _ = unread.insert(field),
            }
        }
        Ok((given, unread))
    }

    /// What already stands in a draft: the answers of the record it changes, and what was given.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn draft_answers(&self, draft: &Draft) -> Result<Answers, Error> {
        let before = match &draft.about.record {
            Some(record) => self.record(record)?.answers,
            None => Answers::new(),
        };
        Ok(draft.answers(before))
    }

    /// Keeps answers of a draft: one gesture, on disk when this returns. `None` empties a field, or takes a row
    /// away with all that lies in it.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Invalid`] for what cannot be an answer to its question, and nothing is kept
    /// then. What the form's own checks do not like, and what is still missing, is no fault before the end.
    pub fn answer_draft(
        &mut self,
        number: u64,
        answers: &BTreeMap<String, Option<Answer>>,
    ) -> Result<(), Error> {
        self.answer_draft_with(number, answers, None)
    }

    /// As [`Vault::answer_draft`], with the pieces of a file that one of the answers names.
    pub(super) fn answer_draft_with(
        &mut self,
        number: u64,
        answers: &BTreeMap<String, Option<Answer>>,
        file: Option<&SealedFile>,
    ) -> Result<(), Error> {
        let draft = self.draft(number)?;
        let known = self.edition(&draft.about.form, &draft.about.version)?;
        let stands = |field: &str| {
            let before = self.draft_answers(&draft).unwrap_or_default();
            before.get(field).cloned().into_iter().collect()
        };
        let answers = &attaching::by_name(&known.form, answers, stands);
        let faults: Vec<Fault> =
            answers.iter().filter_map(|(field, answer)| unfit(&known.form, field, answer.as_ref())).collect();
        if !faults.is_empty() {
            return Err(Error::Invalid(faults));
        }
        let (now, is_new) = (self.clock.now(), draft.about.record.is_none());
        self.store.gesture(|rows| {
            file.map_or(Ok(()), |file| attaching::keep(&rows, file))?;
            for (field, answer) in answers {
                if answer.is_none() && known.form.is_row(field) {
                    for inner in draft.given.keys().filter(|key| known.form.rows_of(key).contains(field)) {
                        rows.drop_draft_answer(number, inner)?;
                    }
                }
                match answer {
                    None if is_new => rows.drop_draft_answer(number, field)?,
                    _ => rows.put_draft_answer(number, field, &kept::write(answer.as_ref())?)?,
                }
            }
            rows.forget_unnamed_attachments()?;
            rows.put_draft_changed(number, now)
        })?;
        Ok(())
    }

    /// Makes the draft a record, or changes the record it is about, and forgets the draft: one gesture.
    ///
    /// # Errors
    /// As [`Vault::new_record_for`] and [`Vault::edit_record_with`], and what the disk says for an answer that cannot
    /// be read; the draft stays as it is then.
    pub fn finish_draft(&mut self, number: u64, lower: Lower) -> Result<RecordId, Error> {
        let draft = self.draft(number)?;
        if !draft.unread.is_empty() {
            return Err(StoreError::Unreadable("answer of a draft").into());
        }
        if let Some(record) = draft.about.record {
            let known = self.edition_for(&record)?;
            let mut given = draft.given;
            // The record may have gone on meanwhile: what is not asked any more is told, unless it was emptied here.
            given.retain(|field, answer| {
                answer.is_some() || known.form.asked(field).is_some() || known.form.is_row(field)
            });
            self.edit_record_and(&record, &given, lower, Names::Shown, |rows| forget(rows, number))?;
            return Ok(record);
        }
        let known = self.edition(&draft.about.form, &draft.about.version)?;
        let times = Times::at(draft.about.begun, self.clock.now());
        let answers = complete(&known.form, draft.answers(Answers::new()), &times);
        let forget = |rows: &Rows<'_>, saved: u64| match saved {
            0 => Ok(()),
            _ => forget(rows, number),
        };
        let made = self.new_records(&known, draft.about.team.as_deref(), vec![answers], forget)?;
        made.into_iter().next().unwrap_or_else(|| Err(Error::Bug("a saved record is missing".to_owned())))
    }

    /// Forgets a draft and all that was given in it.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn discard_draft(&mut self, number: u64) -> Result<(), Error> {
        self.draft(number)?;
        self.store.gesture(|rows| forget(&rows, number))?;
        Ok(())
    }

    /// The edition of a form that something was begun with.
    ///
    /// # Errors
    /// [`Error::NotFound`] while it has not arrived.
    pub fn edition(&self, form: &str, version: &str) -> Result<Arc<KnownForm>, Error> {
        let missing = || Error::NotFound { what: "form", name: format!("{form} {version}") };
        self.form_version(form, version).ok_or_else(missing)
    }
}

/// Forgets a draft, with the files that no other draft and no record names.
fn forget(rows: &Rows<'_>, number: u64) -> Result<(), StoreError> {
    rows.drop_draft(number)?;
    rows.forget_unnamed_attachments()
}

/// Why this cannot be an answer to that question at all.
fn unfit(form: &Form, field: &str, answer: Option<&Answer>) -> Option<Fault> {
    let fault = |rule| Some(Fault { field: field.to_owned(), rule });
    if form.is_row(field) {
        return fault(Rule::NotRow).filter(|_| !matches!(answer, None | Some(Answer::Row)));
    }
    let Some(question) = form.asked(field) else { return fault(Rule::UnknownField) };
    let rule = form.check_answer(question, answer?).err()?.rule;
    fault(rule)
}

#[cfg(test)]
mod tests;
