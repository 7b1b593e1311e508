//! `cairn draft …`: records that are being filled on this device.

use cairn_core::Vault;
use cairn_core::change::Lower;
use cairn_core::form::{answers_to_json, limits};
use cairn_core::record::instant;
use cairn_core::vault::{Draft as Held, DraftRow, NewFile, Reader};
use cairn_core::view::handle;
use cairn_core::wire::id::RecordId;
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::path::PathBuf;

use crate::answers::{Given, sound};
use crate::door::Door;
use crate::fill::{Filled, fill};
use crate::out::Said;
use crate::pick;
use crate::trouble::Trouble;
use crate::words::{count, ended, indented, line, minute, named, shown};

/// Shows and goes on with records that are being filled on this device. What stands in a draft leaves the device
/// only when it is finished.
#[derive(Debug, Subcommand)]
pub(crate) enum Draft {
    /// Lists drafts, the one that was changed last at first
    List,
    /// Begins a draft of a new record
    Begin {
        /// The form; the only one when none is named
        #[arg(long, value_name = "FORM")]
        form: Option<String>,
        /// Whose record it becomes, where this device works for several teams; '' for everybody's
        #[arg(long, value_name = "TEAM")]
        team: Option<String>,
    },
    /// Begins a draft that changes a record, or names the one that there is
    Change {
        /// Its handle, like 7f3a-12, or its whole identifier
        #[arg(value_name = "RECORD")]
        record: String,
    },
    /// Shows what stands in a draft
    Show {
        /// Its number in `draft list`
        #[arg(value_name = "NUMBER")]
        number: u64,
    },
    Answer(Answer),
    Attach(Attach),
    /// Goes on asking
    Continue {
        /// Its number in `draft list`
        #[arg(value_name = "NUMBER")]
        number: u64,
        /// Puts better values where worse ones stand, on purpose; the history says so
        #[arg(long)]
        lower: bool,
    },
    /// Makes a draft a record, or changes the record it is about
    Finish {
        /// Its number in `draft list`
        #[arg(value_name = "NUMBER")]
        number: u64,
        /// Puts better values where worse ones stand, on purpose; the history says so
        #[arg(long)]
        lower: bool,
    },
    /// Throws a draft away, with all that stands in it
    Discard {
        /// Its number in `draft list`
        #[arg(value_name = "NUMBER")]
        number: u64,
    },
}

/// Keeps answers in a draft. What is still missing, or does not pass the form's own checks, is told at the end
#[derive(Debug, Args)]
pub(crate) struct Answer {
    /// Its number in `draft list`
    #[arg(value_name = "NUMBER")]
    number: u64,
    #[command(flatten)]
    given: Given,
}

/// Attaches a file as the answer to a question. It is sealed and kept in the vault; the file itself stays where it is
#[derive(Debug, Args)]
pub(crate) struct Attach {
    /// Its number in `draft list`
    #[arg(value_name = "NUMBER")]
    number: u64,
    /// The question's name
    #[arg(value_name = "QUESTION")]
    question: String,
    /// The file, of at most 32 MiB; - is standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// What it is, as image/jpeg
    #[arg(long = "type", value_name = "TYPE", default_value = "")]
    media_type: String,
}

impl Draft {
    pub(crate) fn run(self, door: &Door) -> Result<Said, Trouble> {
        match self {
            Self::List => list(door),
            Self::Begin { form, team } => begin(door, form.as_deref(), team.as_deref()),
            Self::Change { record } => change(door, &record),
            Self::Show { number } => show(door, number),
            Self::Answer(answer) => answer.run(door),
            Self::Attach(attach) => attach.run(door),
            Self::Continue { number, lower } => {
                let mut vault = door.open()?;
                let said = go_on(&mut vault, number, &door.language, lowering(lower))?;
                vault.lock()?;
                Ok(said)
            }
            Self::Finish { number, lower } => finish(door, number, lower),
            Self::Discard { number } => {
                let mut vault = door.open()?;
                vault.discard_draft(number)?;
                vault.lock()?;
                Ok(Said::new(format!("Draft {number} is thrown away."), json!({ "draft": number })))
            }
        }
    }
}

fn lowering(lower: bool) -> Lower {
    if lower { Lower::Allowed } else { Lower::Refused }
}

/// What is told of a record that was saved just now.
pub(crate) fn saved(vault: &Vault, record: &RecordId) -> Result<Said, Trouble> {
    let sealed = vault.finished()?.iter().any(|row| row.record == *record);
    let handle = handle(record);
    let mut json = json!({ "id": record.to_string(), "handle": handle });
    if !sealed {
        return Ok(Said::new(format!("Saved {handle}."), json));
    }
    if let Some(json) = json.as_object_mut() {
        json.insert("sealed".to_owned(), true.into());
    }
    let swept = !vault.is_unswept();
    if let Some(json) = json.as_object_mut() {
        json.insert("swept".to_owned(), swept.into());
    }
    let told = if swept {
        "nobody can open it on this device any more."
    } else {
        "but the disk would not let its answers be wiped: whoever\n\
         opens this vault could still find them. Make room, then run `cairn sync`: that wipes them."
    };
    let text = format!("Saved {handle} and sealed it: {told}\nIt leaves with the next `cairn sync`.");
    Ok(Said::new(text, json))
}

/// Asks what a draft still lacks, and says what became of it.
pub(crate) fn go_on(vault: &mut Vault, number: u64, language: &str, lower: Lower) -> Result<Said, Trouble> {
    match fill(vault, number, language, lower)? {
        Filled::Saved(record) => saved(vault, &record),
        Filled::Kept => {
            let text = format!(
                "Kept as draft {number}: `cairn draft continue {number}` goes on, `cairn draft discard \
                 {number}` throws it away."
            );
            Ok(Said::new(text, json!({ "draft": number })))
        }
        Filled::Nothing => Err(Trouble::Cancelled),
    }
}

fn list(door: &Door) -> Result<Said, Trouble> {
    let vault = door.open()?;
    let drafts = vault.drafts()?;
    vault.lock()?;
    let mut text = String::new();
    for draft in &drafts {
        let DraftRow { number, form, version, record, changed, .. } = &draft.about;
        let about = record.as_ref().map_or("new".to_owned(), handle);
        let answers = count(draft.given.len() as u64, "answer");
        let when = minute(*changed);
        line!(text, "{number}  {form} {version}  {about}  {answers}, changed {when} UTC{}", unread(draft));
    }
    if drafts.is_empty() {
        line!(text, "There are no drafts.");
    }
    let each = drafts.iter().map(|draft| for_machines(draft, None));
    Ok(Said::new(ended(text), json!({ "drafts": each.collect::<Value>() })))
}

/// What is told of answers that another version of the program wrote, or damage spoilt.
fn unread(draft: &Held) -> String {
    match draft.unread.len() {
        0 => String::new(),
        more => format!("; {} cannot be read: update, or answer anew", count(more as u64, "answer")),
    }
}

fn for_machines(draft: &Held, answers: Option<Value>) -> Value {
    let DraftRow { number, form, version, team, record, begun, changed } = &draft.about;
    json!({
        "draft": number,
        "form": form,
        "version": version,
        "team": team,
        "record": record.map(|record| record.to_string()),
        "begun": instant(*begun),
        "changed": instant(*changed),
        "count": draft.given.len(),
        "unread": draft.unread,
        "answers": answers,
    })
}

fn begin(door: &Door, form: Option<&str>, team: Option<&str>) -> Result<Said, Trouble> {
    let mut vault = door.open()?;
    let known = pick::form(&vault, form)?;
    let number = vault.begin_draft(&known.form.id, team)?;
    vault.lock()?;
    Ok(Said::new(format!("Draft {number} is begun."), json!({ "draft": number })))
}

fn change(door: &Door, record: &str) -> Result<Said, Trouble> {
    let mut vault = door.open()?;
    let record = vault.find_record(record)?;
    let number = vault.begin_draft_of(&record)?;
    vault.lock()?;
    Ok(Said::new(format!("Draft {number} changes {}.", handle(&record)), json!({ "draft": number })))
}

fn show(door: &Door, number: u64) -> Result<Said, Trouble> {
    let vault = door.open()?;
    let draft = vault.draft(number)?;
    let answers = vault.draft_answers(&draft)?;
    let known = pick::edition(&vault, &draft.about.form, &draft.about.version);
    vault.lock()?;
    let form = known.as_ref().map(|known| &*known.form);
    let mut text = String::new();
    let about = draft.about.record.as_ref().map_or("a new record".to_owned(), handle);
    line!(text, "Draft {number} of {about}");
    let (form_id, version, when) = (&draft.about.form, &draft.about.version, minute(draft.about.changed));
    line!(text, "{form_id} {version}, changed {when} UTC{}", unread(&draft));
    line!(text);
    for (field, answer) in &answers {
        let shown = indented(&shown(Some(answer), field, form, &door.language), 4);
        line!(text, "{}: {shown}", named(field, form, &door.language));
    }
    let json = for_machines(&draft, Some(Value::Object(answers_to_json(form, &answers))));
    Ok(Said::new(ended(text), json))
}

impl Answer {
    fn run(self, door: &Door) -> Result<Said, Trouble> {
        let mut vault = door.open()?;
        let draft = vault.draft(self.number)?;
        let before = vault.draft_answers(&draft)?;
        let known = vault.edition(&draft.about.form, &draft.about.version)?;
        if self.given.ask || self.given.is_empty() {
            return Err(Trouble::NoAnswers);
        }
        let (edits, faults) = self.given.read(&known.form, &before)?;
        let edits = sound(edits, faults)?;
        vault.answer_draft(self.number, &edits)?;
        vault.lock()?;
        let text = format!("Kept {} in draft {}.", count(edits.len() as u64, "answer"), self.number);
        Ok(Said::new(text, json!({ "draft": self.number, "kept": edits.len() })))
    }
}

impl Attach {
    fn run(self, door: &Door) -> Result<Said, Trouble> {
        let content = pick::whole(&self.file, (limits::ATTACHED >> 20) as u64)?;
        let name = self.file.file_name().unwrap_or_default().to_string_lossy();
        let mut vault = door.open()?;
        let reader = Reader { language: door.language.clone(), offset: 0, begun: true };
        let file = NewFile { name: &name, media_type: &self.media_type, content: &content };
        vault.attach(self.number, &reader, &self.question, &file, |_, _| Ok(()))?;
        let file = vault.file_in_draft(self.number, &self.question)?;
        vault.lock()?;
        let (name, octets) = (file.shown_name(), file.reference.octets);
        let text = format!("Attached {name} in draft {}.", self.number);
        Ok(Said::new(text, json!({ "draft": self.number, "name": name, "octets": octets })))
    }
}

fn finish(door: &Door, number: u64, lower: bool) -> Result<Said, Trouble> {
    let mut vault = door.open()?;
    let draft = vault.draft(number)?;
    let record = vault.finish_draft(number, lowering(lower)).map_err(|error| {
        let trouble = Trouble::from(error);
        match pick::edition(&vault, &draft.about.form, &draft.about.version) {
            Some(known) => trouble.in_words_of(&known.form, &door.language),
            None => trouble,
        }
    })?;
    let said = saved(&vault, &record)?;
    vault.lock()?;
    Ok(said)
}
