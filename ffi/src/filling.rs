//! Filling a record in, one screen at a time. Every answer rests in the vault when the call that gives it returns.

mod shown;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};

use cairn_core::change::Lower;
use cairn_core::form::session::{Changed, Told};
use cairn_core::form::{Fault, is_right_to_left, steps};
use cairn_core::keeper::Keeper;
use cairn_core::vault::{NewFile, Opened, Reader};
use cairn_core::{Error, Vault};

use crate::answers::{AnswerValue, answer_to};
use crate::forms::title;
use crate::trouble::{AnswerFault, CairnError};
use crate::vault::OpenVault;

pub use shown::{
    About, Choice, Computed, FillingChange, MoreRows, Question, QuestionKind, RangeTerms, RowAdded, Step,
};

/// A record that is being filled. It keeps nothing itself: after the vault is locked every call answers `locked`, and
/// what was answered waits in the draft.
#[derive(uniffi::Object)]
pub struct Filling {
    keeper: Weak<Keeper>,
    number: u64,
    language: String,
    offset: i32,
    /// Whether it was opened before, so that defaults are left alone.
    begun: AtomicBool,
}

#[uniffi::export]
impl OpenVault {
    /// Says how many minutes the phone's clock is ahead of UTC, so that a form that asks for the day gets the
    /// person's own. Holds for fillings begun afterwards.
    pub fn set_utc_offset(&self, minutes: i32) {
        self.offset.store(minutes, Ordering::SeqCst);
    }

    /// Begins a record of a form's newest edition. Which team it is of need only be said where this device works for
    /// several; the empty name means everybody's.
    ///
    /// # Errors
    /// `not_found` for the form or team, `ambiguous` without a team where there are several, `not_allowed`,
    /// `needs_handout`, `no_sealed_circle`, `other_circle`.
    pub fn begin(
        &self,
        form: &str,
        team: Option<String>,
        language: &str,
    ) -> Result<Arc<Filling>, CairnError> {
        let number = self.with(|vault| vault.begin_draft(form, team.as_deref()))?;
        self.filling(number, language)
    }

    /// Goes on with a draft.
    ///
    /// # Errors
    /// `not_found`, also while the form has not arrived.
    pub fn resume(&self, draft: u64, language: &str) -> Result<Arc<Filling>, CairnError> {
        self.filling(draft, language)
    }

    /// Begins to change a record, by its handle or identifier; goes on where that was begun before.
    ///
    /// # Errors
    /// `not_found`, `ambiguous`, `not_allowed`, `sealed_away`.
    pub fn edit(&self, record: &str, language: &str) -> Result<Arc<Filling>, CairnError> {
        let number = self.with(|vault| {
            let record = vault.find_record(record)?;
            vault.begin_draft_of(&record)
        })?;
        self.filling(number, language)
    }
}

impl OpenVault {
    fn filling(&self, number: u64, language: &str) -> Result<Arc<Filling>, CairnError> {
        let filling = Filling {
            keeper: Arc::downgrade(&self.keeper),
            number,
            language: language.to_owned(),
            offset: self.offset.load(Ordering::SeqCst),
            begun: AtomicBool::new(false),
        };
        // What the form gives by itself is kept before anybody answers.
        filling.open(|_| Ok(()))?;
        Ok(Arc::new(filling))
    }
}

#[uniffi::export]
impl Filling {
    /// The draft's number, for [`OpenVault::resume`].
    pub fn number(&self) -> u64 {
        self.number
    }

    /// What is being filled.
    ///
    /// # Errors
    /// `locked`, `not_found` once it is finished or discarded.
    pub fn about(&self) -> Result<About, CairnError> {
        self.open(|opened| {
            let about = &opened.draft.about;
            Ok(About {
                draft: self.number,
                form: about.form.clone(),
                version: about.version.clone(),
                title: title(opened.form, &self.language),
                record: about.record.map(|record| record.to_string()),
                name: opened.session.name(),
                right_to_left: is_right_to_left(&self.language),
                is_sealed: opened.form.sealed,
                elsewhere: opened.unseen.iter().map(|part| part.name().to_owned()).collect(),
            })
        })
    }

    /// Every screen as it stands now, in the form's order.
    ///
    /// # Errors
    /// As [`Filling::about`].
    pub fn steps(&self) -> Result<Vec<Step>, CairnError> {
        self.open(|opened| {
            let told = opened.session.faults();
            let screens = steps(opened.form, opened.session, opened.unseen);
            Ok(screens.into_iter().map(|step| self.step(opened, step, &told)).collect())
        })
    }

    /// Choices of a question that go with the other answers and hold `typed` in name or label; at most so many.
    ///
    /// # Errors
    /// As [`Filling::about`].
    pub fn choices(&self, key: &str, typed: &str, most: u64) -> Result<Vec<Choice>, CairnError> {
        let part = typed.trim().to_lowercase();
        self.open(|opened| {
            let fits = |choice: &Choice| {
                choice.label.to_lowercase().contains(&part) || choice.name.to_lowercase().contains(&part)
            };
            let most = usize::try_from(most).unwrap_or(usize::MAX);
            Ok(self.offered(opened, key).filter(fits).take(most).collect())
        })
    }

    /// Answers a question, or takes its answer away, and keeps that. What the form's own checks do not like may stay
    /// until the end.
    ///
    /// # Errors
    /// `invalid` for what can be no answer to the question (nothing is kept then); as [`Filling::about`].
    pub fn answer(&self, key: &str, value: Option<AnswerValue>) -> Result<FillingChange, CairnError> {
        self.open(|opened| {
            let before = opened.session.answers().get(key).cloned();
            let answer = match value {
                Some(value) => answer_to(opened.form, key, before.as_ref(), value).map_err(invalid)?,
                None => None,
            };
            let changed = opened.session.answer(key, answer).map_err(invalid)?;
            Ok(self.change(opened, changed))
        })
    }

    /// Adds a row at the end of a repeat, inside the given rows of those around it.
    ///
    /// # Errors
    /// `invalid` if there is no such repeat, or if the form works out how many rows it has; as [`Filling::about`].
    pub fn add_row(&self, repeat: &str, outer: Vec<String>) -> Result<RowAdded, CairnError> {
        self.open(|opened| {
            let outer: Vec<&str> = outer.iter().map(String::as_str).collect();
            let (row, changed) = opened.session.add_row(repeat, &outer).map_err(invalid)?;
            Ok(RowAdded { row, change: self.change(opened, changed) })
        })
    }

    /// Takes a row away with all that was answered in it; `path` ends with its identifier.
    ///
    /// # Errors
    /// `invalid` if there is no such row; as [`Filling::about`].
    pub fn remove_row(&self, repeat: &str, path: Vec<String>) -> Result<FillingChange, CairnError> {
        self.open(|opened| {
            let path: Vec<&str> = path.iter().map(String::as_str).collect();
            let changed = opened.session.remove_row(repeat, &path).map_err(invalid)?;
            Ok(self.change(opened, changed))
        })
    }

    /// Everything that keeps the record from being finished, in the form's order.
    ///
    /// # Errors
    /// As [`Filling::about`].
    pub fn faults(&self) -> Result<Vec<AnswerFault>, CairnError> {
        self.open(|opened| {
            let seen = |told: &Told| {
                let asked = opened.form.asked(&told.fault.field);
                asked.is_none_or(|question| !opened.unseen.contains(&question.part))
            };
            Ok(opened.session.faults().into_iter().filter(seen).map(fault).collect())
        })
    }

    /// Makes it a record, or changes the record it is about, and forgets the draft. Gives the record's identifier.
    /// `lower` says whether a better value may take the place of a worse one where the worse one stands.
    ///
    /// # Errors
    /// `invalid` with every fault, `other_circle`, `too_large`; the draft stays as it is then. As [`Filling::about`].
    pub fn finish(&self, lower: bool) -> Result<String, CairnError> {
        let lower = if lower { Lower::Allowed } else { Lower::Refused };
        let mut told = None;
        let done = self.with(|vault| {
            let draft = vault.draft(self.number)?;
            told = vault.edition(&draft.about.form, &draft.about.version).ok();
            vault.finish_draft(self.number, lower)
        });
        match (done, told) {
            (Ok(record), _) => Ok(record.to_string()),
            (Err(error), Some(known)) => Err(CairnError::in_words_of(error, &known.form, &self.language)),
            (Err(error), None) => Err(error.into()),
        }
    }

    /// Forgets the draft and all that was answered in it.
    ///
    /// # Errors
    /// As [`Filling::about`].
    pub fn discard(&self) -> Result<(), CairnError> {
        Ok(self.with(|vault| vault.discard_draft(self.number))?)
    }
}

impl Filling {
    pub(crate) fn with<T>(&self, act: impl FnOnce(&mut Vault) -> Result<T, Error>) -> Result<T, Error> {
        // Whoever let go of the vault has closed it.
        self.keeper.upgrade().ok_or(Error::Locked)?.with(act)
    }

    fn open<T>(&self, act: impl FnOnce(&mut Opened<'_, '_>) -> Result<T, Error>) -> Result<T, CairnError> {
        let done = self.with(|vault| vault.fill_draft(self.number, &self.reader(), act))?;
        self.begun.store(true, Ordering::SeqCst);
        Ok(done)
    }

    pub(crate) fn open_with<T>(
        &self,
        field: &str,
        file: &NewFile<'_>,
        act: impl FnOnce(&mut Opened<'_, '_>, Changed) -> Result<T, Error>,
    ) -> Result<T, CairnError> {
        let done = self.with(|vault| vault.attach(self.number, &self.reader(), field, file, act))?;
        self.begun.store(true, Ordering::SeqCst);
        Ok(done)
    }

    fn reader(&self) -> Reader {
        let begun = self.begun.load(Ordering::SeqCst);
        Reader { language: self.language.clone(), offset: self.offset, begun }
    }
}

pub(super) fn fault(told: Told) -> AnswerFault {
    AnswerFault::new(&told.fault, told.message)
}

fn invalid(fault: Fault) -> Error {
    Error::Invalid(vec![fault])
}
