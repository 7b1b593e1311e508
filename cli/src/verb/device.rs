//! `cairn device …`: who belongs to the workspace.

use cairn_core::Vault;
use cairn_core::error::Error;
use cairn_core::record::instant;
use cairn_core::vault::DeviceLine;
use clap::Subcommand;
use serde_json::{Value, json};

use super::sync::{numbers, report};
use crate::door::{Door, road};
use crate::out::Said;
use crate::trouble::Trouble;
use crate::words::{count, ended, line};

/// Shows who belongs to the workspace, and takes devices out.
#[derive(Debug, Subcommand)]
pub(crate) enum Device {
    /// Lists every device with its words, in the order they came, and those that wait to be admitted
    List,
    /// Admits a device that waits, once its words have been read out by the person who holds it
    Admit {
        /// The four words
        #[arg(value_name = "WORDS", required = true, num_args = 1..)]
        words: Vec<String>,
    },
    /// Turns away a device that waits, and makes its invitation void
    Refuse {
        /// The four words that `device list` shows for it
        #[arg(value_name = "WORDS", required = true, num_args = 1..)]
        words: Vec<String>,
    },
    /// Takes a device out of the workspace: the server cuts it off at once, and the keys it knew are
    /// renewed. What it had not sent yet comes as late letters. Nothing brings it back but a new invitation
    Revoke {
        /// Its identifier as `device list` shows it, or its name
        #[arg(value_name = "DEVICE")]
        device: String,
    },
}

impl Device {
    pub(crate) fn run(self, door: &Door) -> Result<Said, Trouble> {
        match self {
            Self::List => list(door),
            Self::Admit { words } => admit(door, &words.join(" ")),
            Self::Refuse { words } => refuse(door, &words.join(" ")),
            Self::Revoke { device } => revoke(door, &device),
        }
    }
}

fn list(door: &Door) -> Result<Said, Trouble> {
    let vault = door.open()?;
    let (devices, newcomers) = (vault.devices()?, vault.newcomers()?);
    vault.lock()?;
    let mut text = String::new();
    for device in &devices {
        let this = if device.is_this { "  (this device)" } else { "" };
        let gone = if device.belongs { "" } else { "  (revoked)" };
        let name = name(device);
        let (id, role) = (device.id.short(), device.role.name());
        line!(text, "{id}  {role:<11}  {}  {name}{this}{gone}", device.words);
    }
    if !newcomers.is_empty() {
        line!(text);
        line!(text, "Waiting until you have compared the words (`cairn device admit` or `refuse`):");
    }
    for newcomer in &newcomers {
        let (id, role) = (newcomer.device.short(), newcomer.role.name());
        line!(text, "{id}  {role:<11}  {}", newcomer.words);
    }
    let each = devices.iter().map(|device| {
        json!({
            "id": device.id.to_string(),
            "name": device.name,
            "words": device.words,
            "role": device.role.name(),
            "since": device.since,
            "this": device.is_this,
            "belongs": device.belongs,
        })
    });
    let waiting = newcomers.iter().map(|newcomer| {
        json!({
            "id": newcomer.device.to_string(),
            "words": newcomer.words,
            "role": newcomer.role.name(),
            "expires": instant(newcomer.expiry),
        })
    });
    let json = json!({ "devices": each.collect::<Value>(), "waiting": waiting.collect::<Value>() });
    Ok(Said::new(ended(text), json))
}

fn admit(door: &Door, words: &str) -> Result<Said, Trouble> {
    let mut vault = door.open()?;
    let device = vault.confirm(words)?;
    let road = road(&vault)?;
    let synced = vault.sync(&road, |_| {})?;
    let belongs = vault.devices()?.iter().any(|line| line.id == device && line.belongs);
    vault.lock()?;
    let mut text = String::new();
    if belongs {
        line!(text, "{} is admitted.", device.short());
    } else {
        line!(text, "{} was not there to be admitted; let it ask again with `cairn sync`.", device.short());
    }
    text.push_str(&report(&synced));
    let json = json!({ "device": device.to_string(), "admitted": belongs, "sync": numbers(&synced) });
    Ok(Said::new(text, json))
}

fn refuse(door: &Door, words: &str) -> Result<Said, Trouble> {
    let mut vault = door.open()?;
    let device = vault.turn_away(words)?;
    vault.lock()?;
    let text = format!("{} is turned away; its invitation lets nobody in any more.", device.short());
    Ok(Said::new(text, json!({ "device": device.to_string() })))
}

pub(super) fn name(device: &DeviceLine) -> &str {
    device.name.as_deref().unwrap_or("(name not yet known)")
}

fn revoke(door: &Door, typed: &str) -> Result<Said, Trouble> {
    let mut vault = door.open()?;
    let device = find(&vault, typed)?;
    let road = road(&vault)?;
    let done = vault.revoke(&road, &device.id, None)?;
    vault.lock()?;
    let mut text = String::new();
    line!(text, "{} {} is revoked: it gets nothing new from now on.", device.id.short(), name(&device));
    if done.left_open > 0 {
        let circles = count(done.left_open, "circle");
        line!(text, "It also was in {circles} that this device is not in. A coordinator who is must run");
        line!(text, "`cairn circle renew`.");
    }
    line!(text, "What it holds already it can still read: think of what that was.");
    text.push_str(&report(&done.sync));
    let json = json!({
        "device": device.id.to_string(),
        "circles_renewed": done.renewed,
        "circles_left_open": done.left_open,
        "sync": numbers(&done.sync),
    });
    Ok(Said::new(text, json))
}

/// The device somebody means, of those that belong: by the whole identifier, its beginning, or the name.
pub(super) fn find(vault: &Vault, typed: &str) -> Result<DeviceLine, Trouble> {
    find_of(vault, typed, |line| line.belongs)
}

/// The same, and where none of these is meant, one that was taken out.
pub(super) fn find_any(vault: &Vault, typed: &str) -> Result<DeviceLine, Trouble> {
    match find(vault, typed) {
        Err(Trouble::Core(Error::NotFound { .. })) => find_of(vault, typed, |_| true),
        found => found,
    }
}

fn find_of(vault: &Vault, typed: &str, of: impl Fn(&DeviceLine) -> bool) -> Result<DeviceLine, Trouble> {
    let typed = typed.trim();
    let means = |line: &DeviceLine| {
        let id = line.id.to_string();
        (typed.len() >= 4 && id.starts_with(&typed.to_lowercase())) || line.name.as_deref() == Some(typed)
    };
    let mut found: Vec<_> = vault.devices()?.into_iter().filter(|line| of(line) && means(line)).collect();
    match (found.pop(), found.is_empty()) {
        (Some(line), true) => Ok(line),
        (None, _) => Err(Error::NotFound { what: "device", name: typed.to_owned() }.into()),
        (Some(_), false) => Err(Error::Ambiguous { what: "device", name: typed.to_owned() }.into()),
    }
}
