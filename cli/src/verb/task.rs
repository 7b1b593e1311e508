//! `cairn task …`: what is still to be done for all records.

use cairn_core::error::Error;
use cairn_core::store::TaskRow;
use cairn_core::vault::{TaskCount, TaskQuery};
use cairn_core::view::handle;
use cairn_core::{Vault, wire::id::RecordId};
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::door::Door;
use crate::fill::today;
use crate::out::Said;
use crate::trouble::Trouble;
use crate::words::{count, ended, line};

/// Shows what is still to be done for all records, and ticks it off
#[derive(Debug, Subcommand)]
pub(crate) enum Task {
    /// Lists what is to be done, what is due first at the top
    List(List),
    /// Says that something is done
    Done(Done),
}

/// Lists what is to be done.
#[derive(Debug, Args)]
pub(crate) struct List {
    /// Only what was due before today
    #[arg(long)]
    overdue: bool,
    /// What is done, instead
    #[arg(long, conflicts_with = "overdue")]
    done: bool,
    /// The day it is, like 2026-09-28, where that is not this machine's
    #[arg(long, value_name = "DAY")]
    day: Option<String>,
    /// Only tasks after this one, as the page before said
    #[arg(long, value_name = "PLACE")]
    after: Option<String>,
    /// At most so many
    #[arg(long, value_name = "COUNT", default_value_t = 50, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    limit: u64,
}

/// Says that something is done
///
/// That is a change of the record like any other: `cairn record undo RECORD TASK` takes it back.
#[derive(Debug, Args)]
pub(crate) struct Done {
    /// The record's handle, like 7f3a-12, or its whole identifier
    #[arg(value_name = "RECORD")]
    record: String,
    /// The task, as `cairn task list` names it at the end of its line; need not be said where only one is open
    #[arg(value_name = "TASK")]
    task: Option<String>,
}

impl Task {
    pub(crate) fn run(self, door: &Door) -> Result<Said, Trouble> {
        match self {
            Self::List(list) => list.run(door),
            Self::Done(done) => done.run(door),
        }
    }
}

impl List {
    fn run(self, door: &Door) -> Result<Said, Trouble> {
        let vault = door.open()?;
        let day = self.day.unwrap_or_else(today);
        let place = |text: String| {
            text.parse().map_err(|_| Error::NotFound { what: "page of tasks", name: text.clone() })
        };
        let query = TaskQuery {
            done: self.done,
            before: self.overdue.then(|| day.clone()),
            after: self.after.map(place).transpose()?,
            most: self.limit,
            ..TaskQuery::default()
        };
        let found = vault.tasks(&query)?;
        let all = vault.count_tasks(&day)?;
        let next = found.last().filter(|_| found.len() as u64 == self.limit);
        let next = next.map(|last| last.place().to_string());
        let tasks: Value = found.iter().map(|row| for_machines(&vault, row, &day)).collect();
        vault.lock()?;
        let mut text = String::new();
        found.iter().for_each(|row| line!(text, "{}", in_words(row, &day)));
        if found.is_empty() {
            line!(text, "Nothing was found.");
        }
        if let Some(next) = &next {
            line!(text);
            line!(text, "There may be more: --after '{next}'");
        }
        line!(text, "{}", counted(all));
        let json = json!({ "tasks": tasks, "open": all.open, "overdue": all.overdue, "next": next });
        Ok(Said::new(ended(text), json))
    }
}

impl Done {
    fn run(self, door: &Door) -> Result<Said, Trouble> {
        let mut vault = door.open()?;
        let record = vault.find_record(&self.record)?;
        let task = match self.task {
            Some(task) => task,
            None => only_open(&vault, &record)?,
        };
        let is_new = vault.finish_task(&record, &task)?;
        vault.lock()?;
        let handle = handle(&record);
        let text = if is_new {
            format!("Done, in {handle}; `cairn sync` tells the others.")
        } else {
            format!("That was done already, in {handle}.")
        };
        let json = json!({ "id": record.to_string(), "handle": handle, "task": task, "changed": is_new });
        Ok(Said::new(text, json))
    }
}

/// The key of a record's only open task.
fn only_open(vault: &Vault, record: &RecordId) -> Result<String, Error> {
    let open = vault.tasks(&TaskQuery { record: Some(*record), most: 2, ..TaskQuery::default() })?;
    match open.as_slice() {
        [only] => Ok(only.task.key.clone()),
        [] => Err(Error::NotFound { what: "open task in", name: handle(record) }),
        _ => Err(Error::Ambiguous { what: "open task", name: handle(record) }),
    }
}

fn is_overdue(row: &TaskRow, day: &str) -> bool {
    !row.task.is_done && row.task.due.as_deref().is_some_and(|due| due < day)
}

fn in_words(row: &TaskRow, day: &str) -> String {
    let due = row.task.due.as_deref().unwrap_or("no day");
    let late = if is_overdue(row, day) { "overdue" } else { "" };
    let what = if row.task.what.is_empty() { "(nobody said what)" } else { &row.task.what };
    let who = row.task.who.as_ref().map(|who| format!(" ({who})")).unwrap_or_default();
    format!("{due:<10}  {late:<7}  {:<9}  {what}{who}  {}", handle(&row.record), row.task.key)
}

fn counted(all: TaskCount) -> String {
    match all {
        TaskCount { open: 0, .. } => "Nothing is left to do.".to_owned(),
        TaskCount { open, overdue: 0 } => format!("{} open, none overdue.", count(open, "task")),
        TaskCount { open, overdue } => format!("{} open, {overdue} overdue.", count(open, "task")),
    }
}

fn for_machines(vault: &Vault, row: &TaskRow, day: &str) -> Value {
    let form = vault.forms().iter().find(|known| known.number == row.form);
    json!({
        "id": row.record.to_string(),
        "handle": handle(&row.record),
        "form": form.map(|known| &known.form.id),
        "title": row.title,
        "task": row.task.key,
        "what": row.task.what,
        "due": row.task.due,
        "who": row.task.who,
        "done": row.task.is_done,
        "overdue": is_overdue(row, day),
    })
}
