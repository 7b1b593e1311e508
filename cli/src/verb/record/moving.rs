//! `cairn record move`: records go on to a later edition of their form.

use std::io::{self, IsTerminal};

use cairn_core::Vault;
use cairn_core::vault::Move as Planned;
use cairn_core::view::handle;
use cairn_core::wire::id::RecordId;
use clap::Args;
use serde_json::{Value, json};

use crate::door::Door;
use crate::out::{self, Said};
use crate::pick;
use crate::trouble::Trouble;
use crate::words::{count, difference_lines, differences, ended, line};

/// Moves records on to a later edition of their form
///
/// A record keeps the edition it was begun with. What a later one only adds comes along when the record is next
/// edited; anything else is shown here first. Nothing that was answered is lost, and there is no way back to the
/// earlier edition.
#[derive(Debug, Args)]
pub(crate) struct Move {
    /// Its handle, like 7f3a-12, or its whole identifier
    #[arg(value_name = "RECORD", required_unless_present = "all")]
    record: Option<String>,
    /// The version to move to [default: the newest]
    #[arg(long, value_name = "VERSION")]
    to: Option<String>,
    /// Moves every record of a form for which the later edition only adds something, and lists the others
    #[arg(long, conflicts_with = "record")]
    all: bool,
    /// With --all: the form; the only one when none is named
    #[arg(long, value_name = "FORM", conflicts_with = "record")]
    form: Option<String>,
    /// Moves also where something is no longer asked, or asked otherwise
    #[arg(long)]
    yes: bool,
}

impl Move {
    pub(super) fn run(self, door: &Door) -> Result<Said, Trouble> {
        let mut vault = door.open()?;
        let said = match &self.record {
            Some(record) => self.one(&mut vault, door, record),
            None => self.every(&mut vault),
        }?;
        vault.lock()?;
        Ok(said)
    }

    fn one(&self, vault: &mut Vault, door: &Door, record: &str) -> Result<Said, Trouble> {
        let record = vault.find_record(record)?;
        let Some(planned) = vault.would_move(&record, self.to.as_deref())? else {
            let version = vault.record(&record)?.version;
            let text = format!("{} has version {version} already; nothing was changed.", handle(&record));
            return Ok(Said::new(text, json!({ "id": record.to_string(), "moved": false, "to": version })));
        };
        let mut text = String::new();
        if planned.asks() && !self.yes && !agreed(door, &planned)? {
            line!(text, "{}", heading(&planned));
            text.push_str(&difference_lines(&planned.differences));
            line!(text, "Nothing was changed. Add --yes to go on.");
            return Ok(Said::new(ended(text), numbers(&planned, false)));
        }
        vault.move_record(&record, Some(&planned.to))?;
        line!(text, "Moved {} from version {} to {}.", handle(&record), planned.from, planned.to);
        Ok(Said::new(ended(text), numbers(&planned, true)))
    }

    fn every(&self, vault: &mut Vault) -> Result<Said, Trouble> {
        let known = pick::form(vault, self.form.as_deref())?;
        let to = self.to.clone().unwrap_or_else(|| known.form.version.clone());
        let mut records: Vec<RecordId> = Vec::new();
        let mut unread: u64 = 0;
        vault.every_record(
            |view| {
                if view.form == known.form.id {
                    records.push(view.id);
                }
                Ok(())
            },
            |_, _| unread += 1,
        )?;
        let (mut moved, mut asking) = (Vec::new(), Vec::new());
        for record in records {
            // A record that went further already stays there.
            let planned = match vault.would_move(&record, Some(&to)) {
                Err(cairn_core::Error::NotLater { .. }) => None,
                planned => planned?,
            };
            match planned {
                Some(planned) if planned.asks() && !self.yes => asking.push(planned),
                Some(planned) => {
                    vault.move_record(&record, Some(&to))?;
                    moved.push(planned);
                }
                None => {}
            }
        }
        let mut text = String::new();
        line!(text, "Moved {} of {} to version {to}.", count(moved.len() as u64, "record"), known.form.id);
        if !asking.is_empty() {
            line!(
                text,
                "{} not moved; `cairn record move RECORD` shows why:",
                count(asking.len() as u64, "record")
            );
        }
        for planned in &asking {
            line!(text, "- {}  version {}", handle(&planned.record), planned.from);
        }
        if unread > 0 {
            line!(text, "{} could not be read; run `cairn doctor`.", count(unread, "record"));
        }
        let names = |all: &[Planned]| all.iter().map(|one| one.record.to_string()).collect::<Value>();
        let json = json!({
            "form": known.form.id,
            "to": to,
            "moved": names(&moved),
            "asking": names(&asking),
            "unread": unread,
        });
        Ok(Said { text: ended(text), json, status: u8::from(unread > 0) })
    }
}

fn heading(planned: &Planned) -> String {
    let Planned { record, form, from, to, .. } = planned;
    format!("{} would go from {form} {from} to {to}:", handle(record))
}

/// Whether the person at the terminal says yes to the differences; without a terminal nobody does.
fn agreed(door: &Door, planned: &Planned) -> Result<bool, Trouble> {
    if door.json || !io::stdin().is_terminal() {
        return Ok(false);
    }
    let mut typed = String::new();
    let lines = difference_lines(&planned.differences);
    out::prompt(&format!("{}\n{lines}Type yes to move it: ", heading(planned)));
    io::stdin().read_line(&mut typed).map_err(Trouble::file("standard input"))?;
    Ok(typed.trim().eq_ignore_ascii_case("yes"))
}

fn numbers(planned: &Planned, moved: bool) -> Value {
    json!({
        "id": planned.record.to_string(),
        "handle": handle(&planned.record),
        "moved": moved,
        "from": planned.from,
        "to": planned.to,
        "asks": planned.asks(),
        "differences": differences(&planned.differences),
    })
}
