//! What is to be done for records, in the order in which it is due.

use std::fmt;
use std::str::FromStr;

use cairn_wire::id::RecordId;
use rusqlite::params;

use super::{Rows, StoreError, id16, int, uint};
use crate::record::Task;

/// Stands for a day where none was named: it comes after all days.
const NO_DAY: &str = "~";

/// Where a task stands among all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskPlace {
    /// By which day it is due.
    pub due: Option<String>,
    /// The record's row.
    pub record: u64,
    /// The key of the answer that says whether it is done.
    pub key: String,
}

impl fmt::Display for TaskPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.due.as_deref().unwrap_or(NO_DAY), self.record, self.key)
    }
}

impl FromStr for TaskPlace {
    type Err = StoreError;

    fn from_str(text: &str) -> Result<Self, StoreError> {
        let mut pieces = text.splitn(3, '/');
        let (due, record, key) = (pieces.next(), pieces.next(), pieces.next());
        let unreadable = || StoreError::Unreadable("place of a task");
        Ok(Self {
            due: due.filter(|due| *due != NO_DAY).map(str::to_owned),
            record: record.and_then(|record| record.parse().ok()).ok_or_else(unreadable)?,
            key: key.ok_or_else(unreadable)?.to_owned(),
        })
    }
}

/// A task and its record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskRow {
    /// The record's row.
    pub number: u64,
    /// The record.
    pub record: RecordId,
    /// The form's row; 0 when it is unknown.
    pub form: u64,
    /// The record's line in lists.
    pub title: String,
    /// The task.
    pub task: Task,
}

impl TaskRow {
    /// Where it stands among all.
    pub fn place(&self) -> TaskPlace {
        TaskPlace { due: self.task.due.clone(), record: self.number, key: self.task.key.clone() }
    }
}

impl Rows<'_> {
    /// Puts a record's tasks in the place of those it had.
    pub(super) fn put_tasks(&self, record: u64, before: &[Task], after: &[Task]) -> Result<(), StoreError> {
        if before == after {
            return Ok(());
        }
        self.forget_tasks(record)?;
        let sql = "INSERT INTO task (record, key, done, due, what, who) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        let mut statement = self.connection.prepare_cached(sql)?;
        for Task { key, what, due, who, is_done } in after {
            let (due, who) = (due.as_deref().unwrap_or(NO_DAY), who.as_deref().unwrap_or_default());
            statement.execute(params![int(record), key, is_done, due, what, who])?;
        }
        Ok(())
    }

    /// Takes a record's tasks out, whatever they were.
    pub(super) fn forget_tasks(&self, record: u64) -> Result<(), StoreError> {
        self.connection.prepare_cached("DELETE FROM task WHERE record = ?1")?.execute([int(record)])?;
        Ok(())
    }

    /// A page of tasks that are done or are not, by the day they are due, those without one last. Only those of a
    /// record, only those due before a day, if one is given; only those after a place.
    pub fn tasks(
        &self,
        record: Option<&RecordId>,
        done: bool,
        before: Option<&str>,
        after: Option<&TaskPlace>,
        most: u64,
    ) -> Result<Vec<TaskRow>, StoreError> {
        let sql = "SELECT r.number, r.id, r.form, r.title, t.key, t.what, t.due, t.who, t.done FROM task t \
                   JOIN record r ON r.number = t.record WHERE t.done = ?1 AND t.due < ?2 \
                   AND (t.due, t.record, t.key) > (?3, ?4, ?5) AND (?7 IS NULL OR r.id = ?7) ORDER BY t.due, t.record, t.key LIMIT ?6";
        // Greater than the mark of no day, which is greater than any day.
        let before = before.unwrap_or("~~");
        let (due, number, key) = match after {
            Some(place) => (place.due.as_deref().unwrap_or(NO_DAY), int(place.record), place.key.as_str()),
            None => ("", 0, ""),
        };
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows =
            statement.query(params![done, before, due, number, key, int(most), record.map(|id| id.0)])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let (due, who): (String, String) = (row.get(6)?, row.get(7)?);
            found.push(TaskRow {
                number: uint(row.get(0)?),
                record: RecordId(id16(row.get(1)?, "record")?),
                form: uint(row.get(2)?),
                title: row.get(3)?,
                task: Task {
                    key: row.get(4)?,
                    what: row.get(5)?,
                    due: (due != NO_DAY).then_some(due),
                    who: (!who.is_empty()).then_some(who),
                    is_done: row.get(8)?,
                },
            });
        }
        Ok(found)
    }

    /// Whether a record has a task of that key, done or not.
    pub fn has_task(&self, record: &RecordId, key: &str) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM task t JOIN record r ON r.number = t.record WHERE r.id = ?1 AND t.key = ?2";
        Ok(self.connection.prepare_cached(sql)?.exists(params![record.0, key])?)
    }

    /// How many tasks are open, and how many of these were due before a day.
    pub fn count_tasks(&self, day: &str) -> Result<(u64, u64), StoreError> {
        let sql = "SELECT count(*), count(*) FILTER (WHERE due < ?1) FROM task WHERE done = 0";
        let mut statement = self.connection.prepare_cached(sql)?;
        let (open, overdue) = statement.query_row([day], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok((uint(open), uint(overdue)))
    }
}
