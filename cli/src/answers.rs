//! Answers given on the command line: `--set FIELD=VALUE` and `--file ANSWERS.json`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use cairn_core::crypto::generate;
use cairn_core::error::Error;
use cairn_core::form::{Answer, Answers, Fault, Form, Part, Rule};
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
    /// One answer; several choices are parted by semicolons. When editing, an empty value empties;
    /// ~unknown, ~declined and ~not_asked say why there is no answer
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

    /// What is given, as edits of the answers that are there, and everything that is wrong with it. A `--set`
    /// takes precedence over the file.
    pub(crate) fn read(&self, form: &Form, before: &Answers) -> Result<(Edits, Vec<Fault>), Trouble> {
        let sets = self.sets()?;
        let mut file = self.file_answers()?;
        file.retain(|field, _| !sets.contains_key(field.as_str()));
        let mut failed = None;
        let mut random = || match generate() {
            Ok(octets) => u64::from_be_bytes(octets),
            Err(error) => {
                failed = Some(error);
                0
            }
        };
        let (mut edits, mut faults) = form.answers_from_json(&file, before, &mut random);
        if let Some(error) = failed {
            return Err(Error::from(error).into());
        }
        for (field, value) in sets {
            match form.parse_field(field, value) {
                Ok(answer) => drop(edits.insert(field.to_owned(), answer)),
                Err(fault) => faults.push(fault),
            }
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
    let answers = form.with_rows(answers);
    let hidden = |field: &str| form.asked(field).is_some_and(|asked| unseen.contains(&asked.part));
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
