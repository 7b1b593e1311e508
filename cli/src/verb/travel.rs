//! `cairn depart`, `readmit`, `return`, `departures`: crossing a border with a device that cannot open itself.

use std::path::PathBuf;

use cairn_core::Vault;
use cairn_core::error::Error;
use cairn_core::record::instant;
use cairn_core::vault::{DepartureView, DeviceLine, Readmission, ReturnCode};
use clap::Args;
use serde_json::{Value, json};

use super::device::find_any;
use super::invite::drawn;
use super::sync::watched;
use crate::door::{Door, road};
use crate::out::Said;
use crate::passphrase;
use crate::trouble::Trouble;
use crate::words::{count, ended, line, minute};

/// Sends everything, then leaves this device unable to open itself until a coordinator readmits it
///
/// For a border or a checkpoint. From then on even the right passphrase does not open this device, and you can show
/// that: what is missing lies with the coordinators. Agree with one before, and on how you will talk. Drafts stay on
/// the device, shut in with the rest. A second passphrase (`passphrase duress`) opens its decoy as ever.
#[derive(Debug, Args)]
pub(crate) struct Depart {
    /// Really depart; without it, only says what would happen
    #[arg(long)]
    yes: bool,
}

impl Depart {
    pub(crate) fn run(self, door: &Door) -> Result<Said, Trouble> {
        if !self.yes {
            let text = "This would send everything and then shut this device until a coordinator readmits it.\n\
                        Have you agreed with one? Nothing was changed. Add --yes to go on.";
            return Ok(Said::new(text, json!({ "departed": false })));
        }
        let (mut vault, passphrase) = door.open_knowing()?;
        let road = road(&vault)?;
        let gone = watched(door, |progress| vault.depart(&road, &passphrase, progress))?;
        // It has departed whatever comes of this: who can readmit it must be said.
        let closed = vault.lock();
        let mut text = String::new();
        let named: Vec<String> =
            gone.coordinators.iter().map(|(id, name)| name.clone().unwrap_or_else(|| id.short())).collect();
        line!(
            text,
            "This device has departed. Its passphrase opens it only with a code, which these can give:"
        );
        line!(text, "{}.", named.join(", "));
        if gone.paper_only {
            line!(
                text,
                "That is the one on paper, by its name: somebody must bring enough shares together first."
            );
        }
        if gone.drafts > 0 {
            line!(text, "{} stay on this device and nowhere else.", count(gone.drafts, "unfinished record"));
        }
        if !gone.erases_for_certain {
            line!(
                text,
                "This device keeps its key in a file: an earlier copy of the folder still opens with the"
            );
            line!(text, "passphrase, and nobody can promise that the old key is gone from the disk.");
        }
        if let Some(why) = gone.cut_off {
            line!(
                text,
                "It was kept from going through with it ({why}): earlier copies of the folder are not void"
            );
            line!(text, "yet. Type your passphrase once more, at any command: that ends it.");
        }
        if let Err(error) = &closed {
            line!(text, "The database could not be tidied up: {error}. Nothing is lost by that.");
        }
        line!(text, "On the other side: call a coordinator, and run `cairn return`.");
        let coordinators =
            gone.coordinators.iter().map(|(id, name)| json!({ "device": id.to_string(), "name": name }));
        let json = json!({
            "departed": true,
            "coordinators": coordinators.collect::<Value>(),
            "paper_only": gone.paper_only,
            "drafts": gone.drafts,
            "erases_for_certain": gone.erases_for_certain,
            "cut_off": gone.cut_off,
            "closed": closed.is_ok(),
        });
        Ok(Said::new(ended(text), json))
    }
}

/// Opens this device again after `depart`, with the code that a coordinator gives
#[derive(Debug, Args)]
pub(crate) struct Return {
    /// A file with the sixteen words or the text of the scanned code; without it they are asked for. Never on the
    /// command line, which other programs and the shell's history may show
    #[arg(long, value_name = "FILE")]
    code_file: Option<PathBuf>,
}

impl Return {
    pub(crate) fn run(self, door: &Door) -> Result<Said, Trouble> {
        if !door.exists() {
            return Err(Error::NoVault.into());
        }
        let passphrase = passphrase::known(door.passphrase_file.as_deref(), door.json)?;
        let typed = passphrase::code(self.code_file.as_deref(), door.json)?;
        let code = ReturnCode::read(&typed)?;
        let vault = Vault::come_back(&door.folder, &passphrase, &code, &door.machine())?;
        let drafts = vault.drafts()?.len();
        vault.lock()?;
        let text = "This device opens by its passphrase again. Run `cairn sync`, so that the office knows.";
        Ok(Said::new(text, json!({ "returned": true, "drafts": drafts })))
    }
}

/// Gives out the code that opens a device after `depart`
///
/// Only when you are sure who asks, and that nobody stands behind them: speak to the person, by a way that you have
/// agreed on. Every coordinator will see that you gave it out. A device that was taken out of the workspace is
/// refused.
#[derive(Debug, Args)]
pub(crate) struct Readmit {
    /// Its identifier as `departures` shows it, or its name
    #[arg(value_name = "DEVICE")]
    device: String,
    /// You have spoken to the person; without it, only says what would happen
    #[arg(long)]
    yes: bool,
}

impl Readmit {
    pub(crate) fn run(self, door: &Door) -> Result<Said, Trouble> {
        let mut vault = door.open()?;
        let road = road(&vault)?;
        // Who belongs, and who has readmitted it already, must be known before the code is out.
        watched(door, |progress| vault.sync(&road, progress))?;
        let device = find_any(&vault, &self.device)?;
        if !self.yes {
            return would(vault, &device);
        }
        let done = vault.readmit(&device.id)?;
        let told = vault.sync(&road, |_| {}).is_ok();
        vault.lock()?;
        let (code, words) = (done.code.to_text(), done.code.to_words(&door.language));
        let mut text = String::new();
        line!(
            text,
            "The code for {}; it opens nothing without the passphrase and the device:",
            called(&device)
        );
        line!(text);
        for (row, words) in words.chunks(4).enumerate() {
            let numbered = (row * 4 + 1..).zip(words).map(|(number, word)| format!("{number:>2} {word:<10}"));
            line!(text, "{}", numbered.collect::<String>().trim_end());
        }
        line!(text);
        if let Some(drawing) = drawn(&code) {
            line!(text, "{drawing}");
        }
        line!(text, "{}", code.as_str());
        for before in &done.before {
            line!(text, "It was given out before: {}. Ask why it is needed again.", said(before));
        }
        if !told {
            line!(text, "The other coordinators do not know yet: run `cairn sync`.");
        }
        let json = json!({
            "device": device.id.to_string(),
            "code": code.as_str(),
            "words": words,
            "before": done.before.iter().map(readmission).collect::<Value>(),
            "told": told,
        });
        Ok(Said::new(ended(text), json))
    }
}

fn would(vault: Vault, device: &DeviceLine) -> Result<Said, Trouble> {
    let away = vault.departures()?.into_iter().find(|view| view.device == device.id).ok_or(Error::NotAway)?;
    vault.lock()?;
    let mut text = String::new();
    line!(text, "{}", about(&away));
    line!(
        text,
        "Speak to the person, by a way that you have agreed on, until you are sure who asks and that"
    );
    line!(text, "nobody forces them. Nothing was changed. Add --yes to get the code.");
    Ok(Said::new(ended(text), json!({ "device": device.id.to_string(), "away": view(&away) })))
}

/// Lists the devices that are away
pub(super) fn departures(door: &Door) -> Result<Said, Trouble> {
    let vault = door.open()?;
    let away = vault.departures()?;
    vault.lock()?;
    let mut text = String::new();
    if away.is_empty() {
        line!(text, "No device is away, as far as this one has been told.");
    }
    for one in &away {
        line!(text, "{}", about(one));
    }
    Ok(Said::new(ended(text), json!({ "away": away.iter().map(view).collect::<Value>() })))
}

fn about(away: &DepartureView) -> String {
    let name = away.name.as_deref().unwrap_or("(name not yet known)");
    let mut text = format!("{}  {name}  since {} by its clock", away.device.short(), minute(away.time));
    if !away.belongs {
        text.push_str("  (revoked: it is not readmitted)");
    }
    if !away.is_ours {
        text.push_str("  (another coordinator must readmit it)");
    }
    for one in &away.readmitted {
        text.push_str(&format!("  readmitted {}", said(one)));
    }
    text
}

fn said(readmission: &Readmission) -> String {
    let by = readmission.name.clone().unwrap_or_else(|| readmission.by.short());
    format!("by {by}, {}", minute(readmission.time))
}

fn called(device: &DeviceLine) -> String {
    device.name.clone().unwrap_or_else(|| device.id.short())
}

fn readmission(one: &Readmission) -> Value {
    json!({ "by": one.by.to_string(), "name": one.name, "time": instant(one.time) })
}

fn view(away: &DepartureView) -> Value {
    json!({
        "device": away.device.to_string(),
        "name": away.name,
        "since": instant(away.time),
        "ours": away.is_ours,
        "belongs": away.belongs,
        "readmitted": away.readmitted.iter().map(readmission).collect::<Value>(),
    })
}
