//! What is still to be done for all records: a page at a time, counted, and ticked off.

use std::collections::BTreeMap;

use cairn_wire::id::RecordId;

use super::Vault;
use crate::change::Lower;
use crate::error::Error;
use crate::form::{Fault, Rule, is_day};
use crate::store::{TaskPlace, TaskRow};

/// Which tasks to list, by the day they are due, those without one last.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TaskQuery {
    /// Only those of this record.
    pub record: Option<RecordId>,
    /// Those that are done, instead of those that are not.
    pub done: bool,
    /// Only those due before this day, `YYYY-MM-DD`: with the day it is where the person is, what is overdue.
    pub before: Option<String>,
    /// Only those after this one: the last of the page before.
    pub after: Option<TaskPlace>,
    /// At most so many.
    pub most: u64,
}

/// How much is still to be done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TaskCount {
    /// Tasks that are not done.
    pub open: u64,
    /// Those among them that were due before the day that was asked for.
    pub overdue: u64,
}

impl Vault {
    /// A page of tasks. Drafts have none, nor have records that are sealed, or parts that this device does not hold.
    ///
    /// # Errors
    /// [`Error::Invalid`] for what is no day, [`Error::CarriesOnly`], or what the disk says.
    pub fn tasks(&self, query: &TaskQuery) -> Result<Vec<TaskRow>, Error> {
        self.may_list()?;
        let TaskQuery { record, done, before, after, most } = query;
        before.as_deref().map_or(Ok(()), need_day)?;
        Ok(self.store.rows().tasks(record.as_ref(), *done, before.as_deref(), after.as_ref(), *most)?)
    }

    /// How many tasks are open, and how many of these were due before `day`, `YYYY-MM-DD`.
    ///
    /// # Errors
    /// As [`Vault::tasks`].
    pub fn count_tasks(&self, day: &str) -> Result<TaskCount, Error> {
        self.may_list()?;
        need_day(day)?;
        let (open, overdue) = self.store.rows().count_tasks(day)?;
        Ok(TaskCount { open, overdue })
    }

    /// Says that a task is done, by the key of the answer that says so: a change of the record like any other, which
    /// [`Vault::undo`] takes back. `false` if it is done already.
    ///
    /// # Errors
    /// [`Error::NotFound`] where the record has no such task; as [`Vault::edit_record`].
    pub fn finish_task(&mut self, record: &RecordId, key: &str) -> Result<bool, Error> {
        self.need_writer()?;
        let view = self.record(record)?;
        let known = self.form_version(&view.form, &view.version);
        let asked = known.as_ref().and_then(|known| known.form.asked(key));
        let missing = || Error::NotFound { what: "task", name: key.to_owned() };
        let done = asked.and_then(|question| question.finished()).ok_or_else(missing)?;
        // An answer would bring back a row that somebody took away.
        if !self.store.rows().has_task(record, key)? {
            return Err(missing());
        }
        // Whoever ticks it off says so knowingly, also where the worse answer counts.
        self.edit_record_with(record, &BTreeMap::from([(key.to_owned(), Some(done))]), Lower::Allowed)
    }

    /// Whoever only hands in sees what has not left; whoever only carries sees nothing.
    fn may_list(&self) -> Result<(), Error> {
        if self.carries_only() { self.need_reader() } else { Ok(()) }
    }
}

/// Anything else would put every task before it, or after.
fn need_day(day: &str) -> Result<(), Error> {
    let fault = || Fault { field: "day".to_owned(), rule: Rule::NotDate };
    if is_day(day) { Ok(()) } else { Err(Error::Invalid(vec![fault()])) }
}
