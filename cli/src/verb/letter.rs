//! `cairn letter …`: what came from devices that had lost the right to write, and what becomes of it.

use cairn_core::record::instant;
use cairn_core::store::LetterState;
use cairn_core::vault::LetterView;
use cairn_core::view::handle;
use clap::Subcommand;
use serde_json::{Value, json};

use crate::door::Door;
use crate::out::Said;
use crate::trouble::Trouble;
use crate::words::{count, ended, line, minute};

/// Shows what came from devices that had lost the right to write, and decides about it.
#[derive(Debug, Subcommand)]
pub(crate) enum Letter {
    /// Lists late letters: who wrote them, and which records they begin or change
    List,
    /// Takes a late letter in: what it says then counts for everybody
    Accept {
        /// Its number in `letter list`
        #[arg(value_name = "NUMBER")]
        number: u64,
    },
    /// Leaves a late letter aside; it is kept
    Refuse {
        /// Its number in `letter list`
        #[arg(value_name = "NUMBER")]
        number: u64,
    },
}

impl Letter {
    pub(crate) fn run(self, door: &Door) -> Result<Said, Trouble> {
        match self {
            Self::List => list(door),
            Self::Accept { number } => decide(door, number, true),
            Self::Refuse { number } => decide(door, number, false),
        }
    }
}

fn list(door: &Door) -> Result<Said, Trouble> {
    let vault = door.open()?;
    let letters = vault.letters()?;
    vault.lock()?;
    let mut text = String::new();
    for letter in &letters {
        line!(text, "{}  {}  {}: {}", letter.number, state(letter.state), author(letter), says(letter));
    }
    if letters.is_empty() {
        line!(text, "There are no late letters.");
    }
    let each = letters.iter().map(|letter| {
        let records: Vec<String> = letter.records.iter().map(ToString::to_string).collect();
        json!({
            "number": letter.number,
            "state": state(letter.state),
            "device": letter.device.to_string(),
            "name": letter.name,
            "sealed": letter.problem.is_none().then(|| instant(letter.time)),
            "records": records,
            "changes": letter.changes,
            "awaited": letter.awaited,
            "problem": letter.problem,
        })
    });
    Ok(Said::new(ended(text), json!({ "letters": each.collect::<Value>() })))
}

fn decide(door: &Door, number: u64, accept: bool) -> Result<Said, Trouble> {
    let mut vault = door.open()?;
    let changed = vault.decide_letter(number, accept)?;
    vault.lock()?;
    let text = match (changed, accept) {
        (true, true) => format!("Late letter {number} is taken in; `cairn sync` tells the others."),
        (true, false) => format!("Late letter {number} stays aside; `cairn sync` tells the others."),
        (false, _) => format!("Late letter {number} was decided before; nothing was changed."),
    };
    Ok(Said::new(text, json!({ "number": number, "accepted": accept, "changed": changed })))
}

fn state(state: LetterState) -> &'static str {
    match state {
        LetterState::Waits => "waits",
        LetterState::Accepted => "accepted",
        LetterState::Refused => "refused",
    }
}

fn author(letter: &LetterView) -> String {
    let name = letter.name.as_deref().unwrap_or("(name not known)");
    format!("{} {name}", letter.device.short())
}

fn says(letter: &LetterView) -> String {
    if let Some(problem) = &letter.problem {
        return format!("cannot be opened: {problem}");
    }
    let handles: Vec<String> = letter.records.iter().map(handle).collect();
    let changes = count(letter.changes, "change");
    let mut text = format!("{changes}, {} UTC, in {}", minute(letter.time), handles.join(" "));
    if letter.awaited > 0 && letter.state != LetterState::Accepted {
        text += &format!("; {} of others may wait for it", count(letter.awaited, "change"));
    }
    text
}
