//! Checks a data folder: everything that can be recomputed is recomputed. Changes nothing.

use std::fmt;
use std::path::Path;

use cairn_wire::codec::hex;
use rusqlite::Connection;
use serde_json::{Value, json};

use crate::error::Error;
use crate::log::LogError;
use crate::log::sqlite::FILE;
use crate::log::sqlite::schema::{open_reader, refuse_older};

mod attachments;
mod workspace;

/// What was found in a data folder.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Report {
    /// Workspaces looked at.
    pub workspaces: u64,
    /// Roster entries folded again.
    pub roster_entries: u64,
    /// Segments hashed again.
    pub segments: u64,
    /// Late letters hashed again.
    pub letters: u64,
    /// Packs whose pieces were hashed again.
    pub packs: u64,
    /// Attachments whose pieces were hashed again, as far as they are held.
    pub attachments: u64,
    /// Chains that were frozen because of a fork: no damage of this folder.
    pub frozen_chains: u64,
    /// What is wrong; empty in a sound folder.
    pub problems: Vec<String>,
}

impl Report {
    /// Whether nothing is wrong.
    pub fn is_sound(&self) -> bool {
        self.problems.is_empty()
    }

    /// The report for programs.
    pub fn to_json(&self) -> Value {
        json!({
            "sound": self.is_sound(),
            "workspaces": self.workspaces,
            "roster_entries": self.roster_entries,
            "segments": self.segments,
            "letters": self.letters,
            "packs": self.packs,
            "attachments": self.attachments,
            "frozen_chains": self.frozen_chains,
            "problems": self.problems,
        })
    }

    fn problem(&mut self, text: impl Into<String>) {
        self.problems.push(text.into());
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} workspaces, {} roster entries, {} segments, {} attachments",
            self.workspaces, self.roster_entries, self.segments, self.attachments
        )?;
        if self.frozen_chains > 0 {
            writeln!(f, "{} chains frozen after a fork", self.frozen_chains)?;
        }
        for problem in &self.problems {
            writeln!(f, "wrong: {problem}")?;
        }
        f.write_str(if self.is_sound() { "sound" } else { "damaged: keep this folder, restore a backup" })
    }
}

/// Examines a data folder. `Err` only when there is nothing to examine.
pub fn examine(folder: &Path) -> Result<Report, Error> {
    let mut report = Report::default();
    // The key is read, never made: a folder without one is damaged.
    match crate::key::rotation::pins(folder) {
        Ok(_) => {}
        Err(error) => report.problem(error.to_string()),
    }
    let path = folder.join(FILE);
    if !path.exists() {
        report.problem("log.db is missing");
        return Ok(report);
    }
    match open_reader(&path).and_then(|connection| look(&connection, &mut report)) {
        Ok(()) => Ok(report),
        Err(error @ (LogError::Newer { .. } | LogError::Older { .. })) => Err(error.into()),
        Err(error) => {
            report.problem(error.to_string());
            Ok(report)
        }
    }
}

fn look(connection: &Connection, report: &mut Report) -> Result<(), LogError> {
    // One moment, even while a server is writing.
    let moment = connection.unchecked_transaction()?;
    refuse_older(&moment)?;
    let mut statement = moment.prepare("PRAGMA integrity_check(20)")?;
    for finding in statement.query_map([], |row| row.get::<_, String>(0))? {
        match finding?.as_str() {
            "ok" => {}
            finding => report.problem(format!("database: {finding}")),
        }
    }
    let mut statement = moment.prepare("SELECT workspace FROM workspace ORDER BY workspace")?;
    let workspaces: Vec<[u8; 16]> = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    for id in workspaces {
        report.workspaces += 1;
        let before = report.problems.len();
        workspace::examine(&moment, cairn_wire::id::WorkspaceId(id), report)?;
        for problem in report.problems.iter_mut().skip(before) {
            *problem = format!("workspace {}: {problem}", hex(&id));
        }
    }
    Ok(())
}
