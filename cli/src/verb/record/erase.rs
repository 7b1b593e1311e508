//! `cairn record erase` and `erased`: taking records out for good.

use cairn_core::record::instant;
use cairn_core::vault::{Carried, Erasing, ErasureView};
use cairn_core::view::handle;
use clap::Args;
use serde_json::{Value, json};

use super::super::circle::named;
use crate::door::{Door, road};
use crate::out::Said;
use crate::progress::spinner;
use crate::trouble::Trouble;
use crate::words::{count, ended, line, minute};

/// Erases records for everybody, for good
///
/// They go from this device at once, from every other at its next sync, and from the server as soon as a second
/// device has synced. Copies that were shared go with them. What was printed, exported or copied elsewhere is
/// out of reach. Everybody sees in `cairn roster log` that something was erased and by whom, not what.
#[derive(Debug, Args)]
pub(crate) struct Erase {
    /// Their handles, like 7f3a-12, or their whole identifiers
    #[arg(value_name = "RECORD", required = true)]
    records: Vec<String>,
    /// Why, in words that name nobody; whoever is in the circle can read it
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Really erase; without it, only says what would be erased
    #[arg(long)]
    yes: bool,
}

impl Erase {
    pub(crate) fn run(self, door: &Door) -> Result<Said, Trouble> {
        let mut vault = door.open()?;
        let mut records = Vec::new();
        for typed in &self.records {
            records.push(vault.find_record(typed)?);
        }
        if !self.yes {
            let would = vault.would_erase(&records)?;
            vault.lock()?;
            let mut text = format!("This would erase {} for everybody, for good.\n", what(&would));
            limits(&mut text, &would);
            line!(text, "Nothing was changed. Add --yes to go on.");
            return Ok(Said::new(ended(text), numbers(&would, false)));
        }
        let road = road(&vault)?;
        let bar = spinner(door, "erasing");
        let tell = |progress: cairn_core::vault::Progress| bar.set_message(format!("sent {}", progress.up));
        let done = vault.erase_records(&road, &records, &self.reason, tell);
        bar.finish_and_clear();
        let done = done?;
        vault.lock()?;
        let mut text = format!("Erased {} here.\n", what(&done));
        line!(text, "The other devices erase at their next sync; `cairn record erased` shows which have.");
        match done.packs.is_empty() {
            false => line!(text, "The server lets go of it as soon as another device has synced."),
            true => line!(
                text,
                "It rests on the server, sealed: sync until nothing is left, then run `cairn pack make`."
            ),
        }
        limits(&mut text, &done);
        Ok(Said::new(ended(text), numbers(&done, true)))
    }
}

fn what(erasing: &Erasing) -> String {
    let handles: Vec<String> = erasing.records.iter().map(handle).collect();
    format!("{} ({})", count(handles.len() as u64, "record"), handles.join(", "))
}

/// What is out of this device's reach.
fn limits(text: &mut String, erasing: &Erasing) {
    if !erasing.elsewhere.is_empty() {
        line!(text, "Kept in circles in which this device is not: {}.", named(&erasing.elsewhere));
        line!(text, "A coordinator in those circles must erase these parts too.");
    }
    if erasing.copies_elsewhere > 0 {
        let copies = count(erasing.copies_elsewhere, "shared copy").replace("copys", "copies");
        line!(text, "{copies} in circles in which this device is not: a coordinator there must erase them.");
    }
}

fn numbers(erasing: &Erasing, erased: bool) -> Value {
    let records: Vec<String> = erasing.records.iter().map(ToString::to_string).collect();
    json!({
        "erased": erased,
        "records": records,
        "documents": erasing.documents,
        "circles": erasing.circles,
        "elsewhere": erasing.elsewhere.iter().map(|part| part.name()).collect::<Vec<_>>(),
        "copies_elsewhere": erasing.copies_elsewhere,
        "packs": erasing.packs.len(),
    })
}

/// What was erased, and who has carried it out.
pub(crate) fn list(door: &Door) -> Result<Said, Trouble> {
    let vault = door.open()?;
    let views = vault.erasures()?;
    vault.lock()?;
    let mut text = String::new();
    for view in &views {
        let circle = view.circle_name.clone().unwrap_or_else(|| view.circle.short());
        let at = minute(view.time);
        line!(text, "{}  erased from {circle} at {at} UTC: {}", handle(&view.record), view.reason);
        let done = view.devices.iter().filter(|(.., carried)| is_done(*carried)).count();
        line!(text, "    carried out by {done} of {}", count(view.devices.len() as u64, "device"));
        for (device, name, carried) in view.devices.iter().filter(|(.., carried)| !is_done(*carried)) {
            let name = name.clone().unwrap_or_else(|| device.short());
            line!(text, "    {name}: {}", words(*carried));
        }
        line!(text, "    {}", server(view));
        for copy in &view.copies {
            line!(text, "    a copy was shared and is not known to be erased: {}", handle(copy));
        }
    }
    if views.is_empty() {
        line!(text, "Nothing was erased.");
    }
    let each = views.iter().map(json_of).collect::<Value>();
    Ok(Said::new(ended(text), json!({ "erasures": each })))
}

/// Whether a device has said that it is done.
pub(super) fn is_done(carried: Carried) -> bool {
    matches!(carried, Carried::Author | Carried::Said(_))
}

/// How far a device is.
pub(super) fn words(carried: Carried) -> String {
    match carried {
        Carried::Author => "carried out; had it erased".to_owned(),
        Carried::Said(time) => format!("carried out; said so at {} UTC", minute(time)),
        Carried::Carries => "carries sealed records: lets go at its next sync, and cannot say so".to_owned(),
        Carried::NotYet => "not known to have synced since".to_owned(),
        Carried::TakenOut => "taken out before it synced: may still hold what it had".to_owned(),
    }
}

/// How far the server is.
pub(super) fn server(view: &ErasureView) -> &'static str {
    match view.left_server {
        true => "the server: has let go of all from before; two devices stand for what is left",
        false => "the server: may still hold it, sealed, until another device has synced",
    }
}

fn json_of(view: &ErasureView) -> Value {
    let devices = view.devices.iter().map(|(device, name, carried)| {
        let (state, time) = match carried {
            Carried::Author => ("author", None),
            Carried::Said(time) => ("carried_out", Some(instant(*time))),
            Carried::NotYet => ("not_yet", None),
            Carried::Carries => ("carries", None),
            Carried::TakenOut => ("taken_out", None),
        };
        json!({ "device": device.to_string(), "name": name, "state": state, "said": time })
    });
    json!({
        "record": view.record.to_string(),
        "handle": handle(&view.record),
        "circle": view.circle.to_string(),
        "circle_name": view.circle_name,
        "reason": view.reason,
        "author": view.author.to_string(),
        "time": instant(view.time),
        "roster_entry": view.entry.0,
        "left_server": view.left_server,
        "copies": view.copies.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "devices": devices.collect::<Value>(),
    })
}
