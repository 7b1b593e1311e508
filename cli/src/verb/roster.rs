//! `cairn roster …`: who changed what about who belongs.

use cairn_core::Vault;
use cairn_core::record::instant;
use cairn_core::vault::RosterChange;
use cairn_core::wire::codec::hex;
use cairn_core::wire::id::DeviceId;
use cairn_core::wire::roster::Body;
use clap::Subcommand;
use serde_json::{Value, json};

use super::policy;
use crate::door::Door;
use crate::out::Said;
use crate::trouble::Trouble;
use crate::words::{count, ended, line, minute};

/// Shows every change of who belongs and of what holds for all.
#[derive(Debug, Subcommand)]
pub(crate) enum Roster {
    /// Lists every change, oldest first: who, when, what. All devices show the same
    Log,
}

impl Roster {
    pub(crate) fn run(self, door: &Door) -> Result<Said, Trouble> {
        let vault = door.open()?;
        let Self::Log = self;
        let mut text = String::new();
        let mut each = Vec::new();
        for change in vault.roster_log()? {
            let (kind, words, details) = told(&vault, &change)?;
            let RosterChange { seq, time, author, name, .. } = change;
            let who = name.clone().unwrap_or_else(|| author.short());
            line!(text, "{seq:>4}  {}  {who}: {words}", minute(time));
            each.push(json!({
                "seq": seq,
                "time": instant(time),
                "author": author.to_string(),
                "name": name,
                "kind": kind,
                "words": words,
                "details": details,
            }));
        }
        vault.lock()?;
        Ok(Said::new(ended(text), json!({ "changes": each })))
    }
}

/// What a change does: its kind and details for machines, and words for people.
fn told(vault: &Vault, change: &RosterChange) -> Result<(&'static str, String, Value), Trouble> {
    Ok(match &change.body {
        Body::Genesis { server_key, .. } => {
            let words = format!("began the workspace, with the server {}", pin(&server_key.0));
            ("genesis", words, json!({ "server_key": hex(&server_key.0) }))
        }
        Body::AddDevice { keys, role, .. } => {
            let words = format!("admitted {} as {}", named(vault, &keys.id())?, role.name());
            ("add_device", words, json!({ "device": keys.id().to_string(), "role": role.name() }))
        }
        Body::Grant { device, circle } => {
            let words = format!("let {} into circle {}", named(vault, device)?, circle.short());
            ("grant", words, json!({ "device": device.to_string(), "circle": circle.to_string() }))
        }
        Body::HandIn { device, circle } => {
            let words = format!("let {} hand in to circle {}", named(vault, device)?, circle.short());
            ("hand_in", words, json!({ "device": device.to_string(), "circle": circle.to_string() }))
        }
        Body::Epoch { circle, epoch, back_link, .. } => {
            let how = match (epoch, back_link) {
                (1, _) => "began".to_owned(),
                (_, Some(_)) => format!("renewed the key (number {epoch}) of"),
                (_, None) => format!("renewed the key (number {epoch}, without what was before) of"),
            };
            let details =
                json!({ "circle": circle.to_string(), "epoch": epoch, "history": back_link.is_some() });
            ("epoch", format!("{how} circle {}", circle.short()), details)
        }
        Body::Revoke { device, circle, .. } => {
            let where_from = circle.map_or("the workspace".to_owned(), |id| format!("circle {}", id.short()));
            let circle = circle.map(|circle| circle.to_string());
            let words = format!("took {} out of {where_from}", named(vault, device)?);
            ("revoke", words, json!({ "device": device.to_string(), "circle": circle }))
        }
        Body::ServerKeys { keys } => {
            let pins: Vec<String> = keys.iter().map(|key| pin(&key.0)).collect();
            let words =
                format!("named {} of the server: {}", count(keys.len() as u64, "key"), pins.join(", "));
            let keys: Vec<String> = keys.iter().map(|key| hex(&key.0)).collect();
            ("server_keys", words, json!({ "server_keys": keys }))
        }
        Body::SubmitKey { circle, epoch, .. } => {
            let words =
                format!("published the key (number {epoch}) for handing in to circle {}", circle.short());
            ("submit_key", words, json!({ "circle": circle.to_string(), "epoch": epoch }))
        }
        Body::Policy(said) => {
            let words = format!("set what holds for all. {}", policy::words(said).replace('\n', " "));
            ("policy", words, policy::numbers(said))
        }
        Body::Erasure { circle, commitments } => {
            let records = count(commitments.len() as u64, "record");
            let words = format!("erased {records} from circle {}", circle.short());
            let commitments: Vec<String> = commitments.iter().map(|commitment| hex(commitment)).collect();
            ("erasure", words, json!({ "circle": circle.to_string(), "commitments": commitments }))
        }
    })
}

/// The beginning of a pin, as people compare it.
fn pin(key: &[u8; 32]) -> String {
    format!("{}…", hex(key).chars().take(8).collect::<String>())
}

fn named(vault: &Vault, device: &DeviceId) -> Result<String, Trouble> {
    Ok(match vault.name_of(device)? {
        Some(name) => format!("{name} ({})", device.short()),
        None => device.short(),
    })
}
