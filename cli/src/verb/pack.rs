//! `cairn pack …`: all of a circle in one piece, for newcomers and for a server that is to forget.

use cairn_core::record::instant;
use cairn_core::vault::{Agreement, PackMade, PackView};
use clap::Subcommand;
use serde_json::{Value, json};

use crate::door::{Door, road};
use crate::out::Said;
use crate::progress::spinner;
use crate::trouble::Trouble;
use crate::words::{count, ended, line, minute};

/// Makes packs, and shows those the server holds.
///
/// A pack holds all that a circle's segments have said so far. Newcomers begin with it, and once a second
/// device vouches for it the server forgets the segments it covers, when its days of grace are over.
/// Devices vouch by themselves when they sync.
#[derive(Debug, Subcommand)]
pub(crate) enum Pack {
    /// Syncs, makes a pack of every circle, and hands it to the server
    Make,
    /// Lists the packs the server holds, who vouches for them, and whether this device agrees
    List,
}

impl Pack {
    pub(crate) fn run(self, door: &Door) -> Result<Said, Trouble> {
        match self {
            Self::Make => make(door),
            Self::List => list(door),
        }
    }
}

fn make(door: &Door) -> Result<Said, Trouble> {
    let mut vault = door.open()?;
    let road = road(&vault)?;
    let bar = spinner(door, "packing");
    let made = vault.make_packs(&road, |progress| bar.set_message(format!("sent {}", progress.up)));
    bar.finish_and_clear();
    let made = made?;
    vault.lock()?;
    let mut text = String::new();
    for pack in &made {
        line!(text, "{}", said(pack));
    }
    if made.is_empty() {
        line!(text, "There is nothing new to pack.");
    } else {
        line!(text, "When another device has synced, newcomers can begin with it.");
    }
    let each = made.iter().map(|pack| {
        json!({
            "circle": pack.circle.to_string(),
            "segments": pack.segments,
            "documents": pack.documents,
            "bytes": pack.octets,
        })
    });
    Ok(Said::new(ended(text), json!({ "packs": each.collect::<Value>() })))
}

fn said(pack: &PackMade) -> String {
    format!(
        "Packed circle {}: {} from {}, {} bytes.",
        pack.circle.short(),
        count(pack.documents, "document"),
        count(pack.segments, "segment"),
        pack.octets
    )
}

fn list(door: &Door) -> Result<Said, Trouble> {
    let mut vault = door.open()?;
    vault.need_reader()?;
    let road = road(&vault)?;
    let packs = vault.packs(&road)?;
    vault.lock()?;
    let mut text = String::new();
    for pack in &packs {
        line!(text, "{}", shown(pack));
    }
    if packs.is_empty() {
        line!(text, "The server holds no packs.");
    }
    let each = packs.iter().map(|pack| {
        let vouched_by: Vec<String> = pack.vouched_by.iter().map(ToString::to_string).collect();
        json!({
            "circle": pack.circle.to_string(),
            "segments": pack.segments,
            "device": pack.device.to_string(),
            "name": pack.name,
            "made": instant(pack.time),
            "bytes_at_most": pack.octets,
            "vouched_by": vouched_by,
            "agreement": agreement(pack.agreement),
        })
    });
    Ok(Said::new(ended(text), json!({ "packs": each.collect::<Value>() })))
}

fn shown(pack: &PackView) -> String {
    let by = pack.name.as_deref().unwrap_or("(name not known)");
    let agrees = match pack.agreement {
        Agreement::Same => "it says what this device holds",
        Agreement::Differs => "IT SAYS SOMETHING ELSE THAN THIS DEVICE HOLDS",
        Agreement::Unknown => "this device cannot compare it",
    };
    format!(
        "circle {}: {}, made by {by} at {} UTC; {} beside its maker; {agrees}",
        pack.circle.short(),
        count(pack.segments, "segment"),
        minute(pack.time),
        match pack.vouched_by.len() {
            0 => "nobody vouches for it".to_owned(),
            devices => format!("vouched for by {}", count(devices as u64, "device")),
        },
    )
}

fn agreement(agreement: Agreement) -> &'static str {
    match agreement {
        Agreement::Same => "same",
        Agreement::Differs => "differs",
        Agreement::Unknown => "unknown",
    }
}
