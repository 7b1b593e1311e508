//! Moving records on to later editions of their form.
//!
//! A record keeps the edition it was begun with until somebody moves it on. What a later edition only adds comes
//! along when the record is edited; for anything else a person says yes to the differences.

use std::cmp::Ordering;
use std::sync::Arc;

use cairn_wire::id::RecordId;

use super::forms::lookup;
use super::parts::{self, Plan, Whole};
use super::writing::Edit;
use super::{KnownForm, Vault};
use crate::change::Lower;
use crate::error::Error;
use crate::form::Form;
use crate::form::edition::{self, Difference};

/// A record that goes from one edition of its form to a later one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    /// The record.
    pub record: RecordId,
    /// Its form.
    pub form: String,
    /// The edition it has.
    pub from: String,
    /// The edition it goes to.
    pub to: String,
    /// What is different for it, what asks first. None where only parts of it follow the others.
    pub differences: Vec<Difference>,
}

impl Move {
    /// Whether a person decides.
    pub fn asks(&self) -> bool {
        self.differences.iter().any(Difference::asks)
    }
}

impl Vault {
    /// The edition of its form under which an edit of a record is made: its own, or the latest that only adds to
    /// its own; then the edit moves it on.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn edition_for(&self, record: &RecordId) -> Result<Arc<KnownForm>, Error> {
        let held = self.documents(record, &self.shelves()?)?;
        self.edition_of(&parts::whole(&self.forms, &held)?)
    }

    pub(super) fn edition_of(&self, whole: &Whole) -> Result<Arc<KnownForm>, Error> {
        let own = self.form_of(whole)?;
        let later = self.editions(&whole.form).into_iter().rev();
        let mut later = later.take_while(|known| known.form.is_later_than(&own.form.version));
        Ok(later.find(|known| own.form.leads_to(&known.form)).unwrap_or(own))
    }

    /// What a record is asked under an edition, after all it has been in.
    pub(super) fn asked(&self, whole: &Whole, known: &KnownForm) -> Result<Arc<Form>, Error> {
        let forms = lookup(&self.forms);
        let earlier = whole.editions.iter().filter(|version| **version != known.form.version);
        let found: Option<Vec<_>> = earlier.map(|version| forms(&whole.form, version)).collect();
        let mut editions = found.ok_or_else(|| Error::Bug("an edition of a record is missing".to_owned()))?;
        editions.push(known.form.clone());
        edition::standing(&editions).ok_or_else(|| Error::Bug("a record has no edition".to_owned()))
    }

    /// What moving a record on would do: to the edition named, or to the newest. None if it is there already.
    ///
    /// # Errors
    /// [`Error::NotFound`] for the record or the edition, [`Error::NotLater`] for an edition before its own.
    pub fn would_move(&self, record: &RecordId, version: Option<&str>) -> Result<Option<Move>, Error> {
        self.planned(record, version, |planned, _| Ok(planned))
    }

    /// Moves a record on, with all its parts that this device may write: one gesture. Says what was different; none
    /// if it was there already. Whether the differences are right for this record, the caller has asked.
    ///
    /// # Errors
    /// As [`Vault::would_move`]; [`Error::NotAllowed`] for who may not write.
    pub fn move_record(&mut self, record: &RecordId, version: Option<&str>) -> Result<Option<Move>, Error> {
        self.need_writer()?;
        let shelves = self.shelves()?;
        let Some((planned, known)) =
            self.planned(record, version, |planned, known| Ok(planned.map(|planned| (planned, known))))?
        else {
            return Ok(None);
        };
        let held = self.documents(record, &shelves)?;
        let (plan, lower) = (Plan::default(), Lower::Refused);
        let moved = self.write_move(Edit { record, known: &known, shelves: &shelves, held, plan, lower })?;
        Ok(moved.then_some(planned))
    }

    fn planned<T>(
        &self,
        record: &RecordId,
        version: Option<&str>,
        then: impl FnOnce(Option<Move>, Arc<KnownForm>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let shelves = self.shelves()?;
        let held = self.documents(record, &shelves)?;
        let whole = parts::whole(&self.forms, &held)?;
        let own = self.form_of(&whole)?;
        let known = match version {
            None => self.form(&whole.form)?,
            Some(version) => self
                .form_version(&whole.form, version)
                .ok_or_else(|| Error::NotFound { what: "form", name: format!("{} {version}", whole.form) })?,
        };
        let (from, to) = (whole.version.clone(), known.form.version.clone());
        let differences = match edition::compare(&to, &from) {
            Ordering::Less if version.is_none() => return then(None, own),
            Ordering::Less => return Err(Error::NotLater { version: to }),
            // Somebody has said yes for the record; parts of it follow.
            Ordering::Equal => Vec::new(),
            Ordering::Greater => own.form.towards(&known.form),
        };
        let (plan, lower) = (Plan::default(), Lower::Refused);
        let edit = Edit { record, known: &known, shelves: &shelves, held, plan, lower };
        let behind = edit.behind().next().is_some();
        let planned = Move { record: *record, form: whole.form.clone(), from, to, differences };
        then(behind.then_some(planned), known)
    }
}

#[cfg(test)]
mod tests;
