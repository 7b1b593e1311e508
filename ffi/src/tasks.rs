//! What is still to be done for all records.

use cairn_core::Error;
use cairn_core::store::TaskRow;
use cairn_core::vault::TaskQuery as Core;
use cairn_core::view::handle;

use crate::forms::title;
use crate::trouble::CairnError;
use crate::vault::OpenVault;

/// Which tasks to list, by the day they are due, those without one last.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct TaskQuery {
    /// The day it is where the person is, `YYYY-MM-DD`: what was due before it is overdue.
    pub today: String,
    /// Those that are done, instead of those that are not.
    pub done: bool,
    /// Only what is overdue.
    pub overdue: bool,
    /// Only tasks after the page before: its `next`.
    pub after: Option<String>,
    /// At most so many.
    pub limit: u64,
}

/// A page of tasks.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct TaskPage {
    /// The tasks, the one due first at first, those without a day last.
    pub rows: Vec<Task>,
    /// What the next page comes after; none when this was the last.
    pub next: Option<String>,
    /// How many tasks are open, on this page and all others.
    pub open: u64,
    /// How many of these are overdue.
    pub overdue: u64,
}

/// Something that is to be done for a record.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Task {
    /// The record's identifier.
    pub record: String,
    /// What people call the record.
    pub handle: String,
    /// The record's title: one line that a person recognises it by.
    pub title: String,
    /// The form's name for machines.
    pub form: String,
    /// The form's title.
    pub form_title: String,
    /// The key of the answer that says whether it is done: with the record it names the task.
    pub key: String,
    /// What is to be done, as one short line; empty where nobody said.
    pub what: String,
    /// By which day, `YYYY-MM-DD`.
    pub due: Option<String>,
    /// Who does it.
    pub who: Option<String>,
    /// Whether it is done.
    pub is_done: bool,
    /// Whether it is not done and was due before today.
    pub is_overdue: bool,
}

#[uniffi::export]
impl OpenVault {
    /// A page of tasks, and how many are open in all.
    ///
    /// # Errors
    /// `invalid` for what is no day, `not_found` for what is no page's `next`, `carries_only`, `locked`.
    pub fn tasks(&self, query: TaskQuery, language: &str) -> Result<TaskPage, CairnError> {
        self.with(|vault| {
            let TaskQuery { today, done, overdue, after, limit } = query;
            let place = |text: String| {
                text.parse().map_err(|_| Error::NotFound { what: "page of tasks", name: text.clone() })
            };
            let before = overdue.then(|| today.clone());
            let core = Core { record: None, done, before, after: after.map(place).transpose()?, most: limit };
            let found = vault.tasks(&core)?;
            let count = vault.count_tasks(&today)?;
            let is_full = found.len() as u64 == limit;
            let next = found.last().filter(|_| is_full).map(|last| last.place().to_string());
            let task = |row: TaskRow| {
                let known = vault.forms().iter().find(|known| known.number == row.form);
                let is_before = row.task.due.as_ref().is_some_and(|due| *due < today);
                Task {
                    record: row.record.to_string(),
                    handle: handle(&row.record),
                    title: row.title,
                    form: known.map(|known| known.form.id.clone()).unwrap_or_default(),
                    form_title: known.map(|known| title(&known.form, language)).unwrap_or_default(),
                    key: row.task.key,
                    what: row.task.what,
                    due: row.task.due,
                    who: row.task.who,
                    is_done: row.task.is_done,
                    is_overdue: is_before && !row.task.is_done,
                }
            };
            let rows = found.into_iter().map(task).collect();
            Ok(TaskPage { rows, next, open: count.open, overdue: count.overdue })
        })
    }

    /// Says that a task is done: a change of its record like any other, which [`OpenVault::undo`] with the same key
    /// takes back. `false` if it is done already.
    ///
    /// # Errors
    /// `not_found` where the record has no such task (somebody may have taken its row away), `other_circle` where
    /// this device may not write it, `not_allowed`, `invalid`, `locked`.
    pub fn finish_task(&self, record: &str, key: &str) -> Result<bool, CairnError> {
        self.with(|vault| {
            let record = vault.find_record(record)?;
            vault.finish_task(&record, key)
        })
    }
}
