//! `cairn record new` and `cairn record edit`.

use std::collections::BTreeSet;
use std::io::{self, IsTerminal};

use cairn_core::error::Error;
use cairn_core::form::{Answers, Form, Part};
use cairn_core::view::handle;
use clap::Args;
use serde_json::json;

use crate::answers::{Edits, Given, sound, whole};
use crate::ask::ask;
use crate::door::Door;
use crate::out::Said;
use crate::pick;
use crate::trouble::Trouble;
use crate::words::count;

/// Saves a new record.
#[derive(Debug, Args)]
pub(crate) struct New {
    /// The form; the only one when none is named
    #[arg(long, value_name = "FORM")]
    form: Option<String>,
    /// Whose record it is, where this device works for several teams; '' for everybody's
    #[arg(long, value_name = "TEAM")]
    team: Option<String>,
    #[command(flatten)]
    given: Given,
}

impl New {
    pub(crate) fn run(self, door: &Door) -> Result<Said, Trouble> {
        let mut vault = door.open()?;
        let known = pick::form(&vault, self.form.as_deref())?;
        let form = &known.form;
        let team = self.team.as_deref();
        let unseen = vault.unseen(form, team)?;
        let (edits, faults) = self.given.read(form)?;
        let answers = if is_asking(&self.given)? {
            let edits = sound(edits, faults)?;
            asked(&without(form, &unseen), &door.language, after(Answers::new(), edits))?
        } else {
            whole(form, &unseen, edits, faults)?
        };
        let record = vault.new_record_for(&form.id, team, answers)?;
        vault.lock()?;
        let text = format!("Saved {}.", handle(&record));
        Ok(Said::new(text, json!({ "id": record.to_string(), "handle": handle(&record) })))
    }
}

/// Changes answers of a record.
#[derive(Debug, Args)]
pub(crate) struct Edit {
    /// Its handle, like 7f3a-12, or its whole identifier
    #[arg(value_name = "RECORD")]
    record: String,
    #[command(flatten)]
    given: Given,
}

impl Edit {
    pub(crate) fn run(self, door: &Door) -> Result<Said, Trouble> {
        let mut vault = door.open()?;
        let record = vault.find_record(&self.record)?;
        let view = vault.record(&record)?;
        let missing = || Error::NotFound { what: "form", name: format!("{} {}", view.form, view.version) };
        let known = pick::form_of(&vault, &view).ok_or_else(missing)?;
        let (edits, faults) = self.given.read(&known.form)?;
        let edits = sound(edits, faults)?;
        let edits = if is_asking(&self.given)? {
            let answers = after(view.answers.clone(), edits);
            let form = without(&known.form, &view.elsewhere);
            difference(&view.answers, &asked(&form, &door.language, answers)?)
        } else {
            edits
        };
        let changed = vault.edit_record(&record, &edits)?;
        vault.lock()?;
        let text = if changed {
            format!("Saved {} in {}.", count(edits.len() as u64, "answer"), handle(&record))
        } else {
            format!("Nothing would change in {}; nothing was saved.", handle(&record))
        };
        let json = json!({ "id": record.to_string(), "handle": handle(&record), "changed": changed });
        Ok(Said::new(text, json))
    }
}

/// Whether the person is to be asked: on request, or when there is nothing else to go by.
fn is_asking(given: &Given) -> Result<bool, Trouble> {
    if given.ask || !given.is_empty() {
        return Ok(given.ask);
    }
    if io::stdin().is_terminal() { Ok(true) } else { Err(Trouble::NoAnswers) }
}

/// The form without questions of parts that this device is not to see.
fn without(form: &Form, unseen: &BTreeSet<Part>) -> Form {
    let mut form = form.clone();
    form.questions.retain(|question| !unseen.contains(&question.part));
    form
}

fn asked(form: &Form, language: &str, known: Answers) -> Result<Answers, Trouble> {
    ask(form, language, known, &mut io::stdin().lock())
}

fn after(mut answers: Answers, edits: Edits) -> Answers {
    for (field, answer) in edits {
        match answer {
            Some(answer) => answers.insert(field, answer),
            None => answers.remove(&field),
        };
    }
    answers
}

fn difference(before: &Answers, after: &Answers) -> Edits {
    let gone = before.keys().filter(|field| !after.contains_key(*field)).map(|field| (field.clone(), None));
    let new = after.iter().filter(|(field, answer)| before.get(*field) != Some(answer));
    gone.chain(new.map(|(field, answer)| (field.clone(), Some(answer.clone())))).collect()
}
