//! `cairn record new`, `cairn record edit` and `cairn record undo`.

use std::io::{self, IsTerminal};

use cairn_core::Vault;
use cairn_core::change::Lower;
use cairn_core::form::Answers;
use cairn_core::view::handle;
use clap::Args;
use serde_json::json;

use crate::answers::{Edits, Given, sound, whole};
use crate::door::Door;
use crate::out::Said;
use crate::pick;
use crate::trouble::Trouble;
use crate::verb::draft;
use crate::words::{answer, count, indented, minute, named, shown, who};

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
        let (edits, faults) = self.given.read(form, &Answers::new())?;
        if is_asking(&self.given)? {
            let number = vault.begin_draft(&form.id, team)?;
            return keep_and_ask(vault, door, number, &sound(edits, faults)?, Lower::Refused);
        }
        let saved = whole(form, &unseen, edits, faults)
            .and_then(|answers| Ok(vault.new_record_for(&form.id, team, answers)?));
        let record = saved.map_err(|trouble| trouble.in_words_of(form, &door.language))?;
        let said = draft::saved(&vault, &record)?;
        vault.lock()?;
        Ok(said)
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
    /// Puts a better value where the worse one stands, on purpose; the history says so
    #[arg(long)]
    lower: bool,
}

impl Edit {
    pub(crate) fn run(self, door: &Door) -> Result<Said, Trouble> {
        let mut vault = door.open()?;
        let record = vault.find_record(&self.record)?;
        let view = vault.record(&record)?;
        let known = vault.edition_for(&record)?;
        let (edits, faults) = self.given.read(&known.form, &view.answers)?;
        let edits = sound(edits, faults)?;
        if is_asking(&self.given)? {
            let number = vault.begin_draft_of(&record)?;
            return keep_and_ask(vault, door, number, &edits, lowering(self.lower));
        }
        let changed = vault
            .edit_record_with(&record, &edits, lowering(self.lower))
            .map_err(|error| Trouble::from(error).in_words_of(&known.form, &door.language))?;
        vault.lock()?;
        let text = if changed {
            let moved = match known.form.is_later_than(&view.version) {
                true => format!(" It goes on with version {} of {}.", known.form.version, known.form.id),
                false => String::new(),
            };
            format!("Saved {} in {}.{moved}", count(edits.len() as u64, "answer"), handle(&record))
        } else {
            format!("Nothing would change in {}; nothing was saved.", handle(&record))
        };
        let json = json!({
            "id": record.to_string(),
            "handle": handle(&record),
            "changed": changed,
            "version": if changed { &known.form.version } else { &view.version },
        });
        Ok(Said::new(text, json))
    }
}

/// Puts back what stood before
#[derive(Debug, Args)]
pub(crate) struct Undo {
    /// Its handle, like 7f3a-12, or its whole identifier
    #[arg(value_name = "RECORD")]
    record: String,
    /// The field whose last change is undone
    #[arg(value_name = "FIELD")]
    field: String,
    /// Also if that puts a better value where the worse one stands
    #[arg(long)]
    lower: bool,
}

impl Undo {
    pub(crate) fn run(self, door: &Door) -> Result<Said, Trouble> {
        let mut vault = door.open()?;
        let record = vault.find_record(&self.record)?;
        let undone = vault.undo(&record, &self.field, lowering(self.lower))?;
        let view = vault.record(&record)?;
        let known = pick::form_of(&vault, &view);
        vault.lock()?;
        let form = known.as_ref().map(|known| &*known.form);
        let now = view.answers.get(&self.field);
        let text = match undone {
            Some(last) => {
                let field = named(&self.field, form, &door.language);
                let now = indented(&shown(now, &self.field, form, &door.language), 4);
                let (who, when) = (who(&last.author), minute(last.author.time));
                format!("Undid what {who} changed on {when}. {field}: {now}")
            }
            None => format!("Nothing would change in {}; nothing was saved.", handle(&record)),
        };
        let json = json!({
            "id": record.to_string(),
            "handle": handle(&record),
            "field": self.field,
            "answer": answer(now),
        });
        Ok(Said::new(text, json))
    }
}

fn lowering(lower: bool) -> Lower {
    if lower { Lower::Allowed } else { Lower::Refused }
}

/// Whether the person is to be asked: on request, or when there is nothing else to go by.
fn is_asking(given: &Given) -> Result<bool, Trouble> {
    if given.ask || !given.is_empty() {
        return Ok(given.ask);
    }
    if io::stdin().is_terminal() { Ok(true) } else { Err(Trouble::NoAnswers) }
}

/// Keeps what was given on the command line in a draft, and asks for the rest.
fn keep_and_ask(
    mut vault: Vault,
    door: &Door,
    number: u64,
    edits: &Edits,
    lower: Lower,
) -> Result<Said, Trouble> {
    if !edits.is_empty() {
        vault.answer_draft(number, edits)?;
    }
    let said = draft::go_on(&mut vault, number, &door.language, lower)?;
    vault.lock()?;
    Ok(said)
}
