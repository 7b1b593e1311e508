//! Answers given on the command line: `--set FIELD=VALUE` and `--file ANSWERS.json`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use cairn_core::error::Error;
use cairn_core::form::{Answer, Answers, Fault, Form, Part, Question, Rule};
use clap::Args;
use serde_json::Value;

use crate::pick;
use crate::trouble::Trouble;

/// A file of answers is at most so many MiB.
const MOST: u64 = 16;

/// What is to change: `None` empties a field.
pub(crate) type Edits = BTreeMap<String, Option<Answer>>;

/// Answers as they are given on the command line.
#[derive(Debug, Args)]
pub(crate) struct Given {
    /// One answer; several choices are parted by semicolons. When editing, an empty value empties
    #[arg(long, value_name = "FIELD=VALUE", allow_hyphen_values = true)]
    set: Vec<String>,
    /// Answers as a JSON object, like `answers` in `record show --json`; - is standard input
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// Asks one question after the other, even when standard input is no terminal
    #[arg(long)]
    pub(crate) ask: bool,
}

impl Given {
    /// Whether nothing is given.
    pub(crate) fn is_empty(&self) -> bool {
        self.set.is_empty() && self.file.is_none()
    }

    /// What is given, as edits, and everything that is wrong with it. A `--set` takes precedence over
    /// the file.
    pub(crate) fn read(&self, form: &Form) -> Result<(Edits, Vec<Fault>), Trouble> {
        let mut edits = Edits::new();
        let mut faults = Vec::new();
        let mut note = |field: String, parsed: Result<Option<Answer>, Fault>| match parsed {
            Ok(answer) => {
                edits.insert(field, answer);
            }
            Err(fault) => faults.push(fault),
        };
        let sets = self.sets()?;
        for (field, value) in self.file_answers()? {
            if !sets.contains_key(field.as_str()) {
                let parsed = question(form, &field).and_then(|question| form.parse_json(question, &value));
                note(field, parsed);
            }
        }
        for (field, value) in sets {
            let parsed = question(form, field).and_then(|question| form.parse_text(question, value));
            note(field.to_owned(), parsed);
        }
        Ok((edits, faults))
    }

    fn sets(&self) -> Result<BTreeMap<&str, &str>, Trouble> {
        let mut sets = BTreeMap::new();
        for (set, number) in self.set.iter().zip(1..) {
            let (field, value) = set.split_once('=').ok_or(Trouble::NotSet { number })?;
            if sets.insert(field.trim(), value).is_some() {
                return Err(Trouble::SetTwice { field: field.trim().to_owned() });
            }
        }
        Ok(sets)
    }

    fn file_answers(&self) -> Result<BTreeMap<String, Value>, Trouble> {
        let Some(name) = &self.file else { return Ok(BTreeMap::new()) };
        let bytes = pick::whole(name, MOST)?;
        serde_json::from_slice(&bytes)
            .map_err(|error| Trouble::NotAnswers { name: name.display().to_string(), line: error.line() })
    }
}

/// All answers of a new record, or everything that is wrong with them at once.
///
/// Nobody must answer for the parts in `unseen`; if somebody does, the vault says why that cannot be.
pub(crate) fn whole(
    form: &Form,
    unseen: &BTreeSet<Part>,
    edits: Edits,
    mut faults: Vec<Fault>,
) -> Result<Answers, Trouble> {
    let answers: Answers =
        edits.into_iter().filter_map(|(field, answer)| answer.map(|answer| (field, answer))).collect();
    let hidden = |field: &str| form.question(field).is_some_and(|asked| unseen.contains(&asked.part));
    for fault in form.check(&answers) {
        if fault.rule == Rule::Required && hidden(&fault.field) {
            continue;
        }
        if !faults.iter().any(|known| known.field == fault.field) {
            faults.push(fault);
        }
    }
    sound(answers, faults)
}

/// What is given, unless something is wrong with it.
pub(crate) fn sound<T>(given: T, faults: Vec<Fault>) -> Result<T, Trouble> {
    if faults.is_empty() { Ok(given) } else { Err(Error::Invalid(faults).into()) }
}

/// The question of that name.
pub(crate) fn question<'a>(form: &'a Form, field: &str) -> Result<&'a Question, Fault> {
    form.question(field).ok_or_else(|| Fault { field: field.to_owned(), rule: Rule::UnknownField })
}
