//! `cairn attachment …`: files that records name.

use std::path::{Path, PathBuf};

use cairn_core::form::FileAnswer;
use cairn_core::vault::{Aside, FileView, Presence, Query};
use cairn_core::view::handle;
use cairn_core::wire::id::RecordId;
use cairn_core::{Error, Vault};
use clap::Subcommand;
use serde_json::{Value, json};

use super::sync::{octets, watched};
use crate::door::{Door, road};
use crate::out::Said;
use crate::trouble::Trouble;
use crate::words::{count, ended, line};

/// Records are looked through so many at a time.
const PAGE: u64 = 200;

/// Shows, fetches and takes out attached files; those of others come only when they are fetched
#[derive(Debug, Subcommand)]
pub(crate) enum Attachment {
    /// Lists the files of a record, or of all
    List {
        /// Its handle, like 7f3a-12, or its whole identifier
        #[arg(value_name = "RECORD")]
        record: Option<String>,
    },
    /// Fetches the files of a record from the server, or of all
    Fetch {
        /// Its handle, like 7f3a-12, or its whole identifier
        #[arg(value_name = "RECORD", required_unless_present = "all", conflicts_with = "all")]
        record: Option<String>,
        /// Every file that any record names
        #[arg(long)]
        all: bool,
    },
    /// Writes the file that answers a question out of the vault, where nothing protects it any more
    Save {
        /// The record's handle, like 7f3a-12, or its whole identifier
        #[arg(value_name = "RECORD")]
        record: String,
        /// The question's name
        #[arg(value_name = "QUESTION")]
        question: String,
        /// Where to write it; what is there already is not written over
        #[arg(value_name = "FILE")]
        to: PathBuf,
    },
}

impl Attachment {
    pub(crate) fn run(self, door: &Door) -> Result<Said, Trouble> {
        match self {
            Self::List { record } => list(door, record.as_deref()),
            Self::Fetch { record, all } => fetch(door, record.as_deref().filter(|_| !all)),
            Self::Save { record, question, to } => save(door, &record, &question, &to),
        }
    }
}

/// The files of a record, or of all.
fn files(vault: &Vault, record: Option<&str>) -> Result<Vec<(RecordId, FileView)>, Trouble> {
    let mut found = Vec::new();
    let mut take = |record: RecordId| -> Result<(), Error> {
        found.extend(vault.files_of(&record)?.into_iter().map(|file| (record, file)));
        Ok(())
    };
    if let Some(record) = record {
        take(vault.find_record(record)?)?;
        return Ok(found);
    }
    vault.need_reader()?;
    let mut before = None;
    loop {
        let page = vault.list(&Query { before, most: PAGE, ..Query::default() })?;
        let Some(last) = page.last() else { return Ok(found) };
        before = Some(last.number);
        // One record that cannot be read does not hide the others; `doctor` tells of it.
        page.iter().for_each(|listed| _ = take(listed.id));
    }
}

fn state(view: &FileView) -> &'static str {
    match view.presence {
        Presence::Here if view.waits => "here, not sent yet",
        Presence::Here => "here",
        Presence::InPart { .. } => "here in part",
        Presence::Away => "not here",
    }
}

fn for_machines(record: &RecordId, view: &FileView) -> Value {
    let FileAnswer { media_type, reference, .. } = &view.file;
    json!({
        "record": record.to_string(),
        "handle": handle(record),
        "field": view.field,
        "name": view.file.shown_name(),
        "media_type": media_type,
        "octets": reference.octets,
        "here": view.presence == Presence::Here,
        "waits": view.waits,
    })
}

fn list(door: &Door, record: Option<&str>) -> Result<Said, Trouble> {
    let vault = door.open()?;
    let found = files(&vault, record)?;
    vault.lock()?;
    let mut text = String::new();
    for (record, view) in &found {
        let (name, size) = (view.file.shown_name(), octets(view.file.reference.octets));
        line!(text, "{}  {}: {name}, {size}, {}", handle(record), view.field, state(view));
    }
    if found.is_empty() {
        line!(text, "No files are attached.");
    }
    let each: Value = found.iter().map(|(record, view)| for_machines(record, view)).collect();
    Ok(Said::new(ended(text), json!({ "attachments": each })))
}

fn fetch(door: &Door, record: Option<&str>) -> Result<Said, Trouble> {
    let mut vault = door.open()?;
    let mut found = files(&vault, record)?;
    found.retain(|(_, view)| view.presence != Presence::Here);
    let (mut fetched, mut down, mut missing) = (0u64, 0u64, Vec::new());
    if !found.is_empty() {
        let road = road(&vault)?;
        for (record, view) in &found {
            match watched(door, |progress| vault.fetch_attachment(&road, &view.file, progress)) {
                Ok(report) => {
                    fetched += 1;
                    down += report.bytes_down;
                }
                // The others may be there all the same.
                Err(error @ (Error::FileNotSent | Error::OtherFile)) => missing.push((record, view, error)),
                Err(error) => return Err(error.into()),
            }
        }
    }
    vault.lock()?;
    let mut text = String::new();
    match fetched {
        0 if missing.is_empty() => line!(text, "Every file is here already."),
        _ => line!(text, "Fetched {}, {} down.", count(fetched, "file"), octets(down)),
    }
    for (record, view, error) in &missing {
        line!(text, "{}  {}: {error}", handle(record), view.field);
    }
    let left: Value = missing
        .iter()
        .map(|(record, view, error)| {
            json!({ "record": record.to_string(), "field": view.field, "code": error.code() })
        })
        .collect();
    let status =
        missing.iter().map(|(.., error)| crate::trouble::exit_status(error.who())).max().unwrap_or(0);
    let json = json!({ "fetched": fetched, "bytes_down": down, "missing": left });
    Ok(Said { text: ended(text), json, status })
}

fn save(door: &Door, record: &str, question: &str, to: &Path) -> Result<Said, Trouble> {
    let vault = door.open()?;
    let file = vault.file_of(&vault.find_record(record)?, question)?;
    let content = vault.read_attachment(&file)?;
    vault.lock()?;
    let aside = Aside::new(to).map_err(Trouble::file(to))?;
    let written = std::io::Write::write_all(&mut aside.file(), &content);
    written.and_then(|()| aside.put_in_place()).map_err(Trouble::file(to))?;
    let text =
        format!("Wrote {} to {}. Nothing protects it there.", octets(file.reference.octets), to.display());
    let json = json!({ "file": to.display().to_string(), "name": file.shown_name(), "octets": file.reference.octets });
    Ok(Said::new(text, json))
}
