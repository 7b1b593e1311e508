//! `cairn doctor`: checks everything in the vault.

use cairn_core::store::QuarantineRow;
use cairn_core::vault::Checkup;
use cairn_core::view::handle;
use cairn_core::wire::id::RecordId;
use serde_json::{Value, json};

use super::alarm::{alarm_json, alarm_lines, confirmed};
use super::sync::due;
use crate::door::Door;
use crate::out::Said;
use crate::trouble::Trouble;
use crate::words::{count, ended, line};

/// More changes in quarantine are counted and not listed.
const LISTED: usize = 100;
/// A clock so many seconds off is worth a word.
const CLOCK: i64 = 120;

pub(crate) fn run(door: &Door) -> Result<Said, Trouble> {
    let vault = door.open()?;
    let checkup = vault.examine()?;
    let quarantine = vault.quarantine()?;
    vault.lock()?;
    let status = u8::from(!sound(&checkup));
    Ok(Said { text: words(&checkup, &quarantine), json: numbers(&checkup, &quarantine), status })
}

/// Whether nothing is wrong and nothing ever was that must not be forgotten.
fn sound(checkup: &Checkup) -> bool {
    checkup.findings.is_empty() && checkup.alarms.is_empty()
}

fn words(checkup: &Checkup, quarantine: &[QuarantineRow]) -> String {
    let mut text = String::new();
    let counts = &checkup.counts;
    let (records, forms) = (count(counts.records, "record"), count(counts.forms, "form"));
    line!(text, "{records}, {forms}, {}.", count(counts.conflicts, "unsettled answer"));
    let (changes, segments) = (count(counts.outbox, "change"), count(counts.unacknowledged, "segment"));
    line!(text, "To send: {changes}, {segments}. To take in: {}.", count(counts.waiting, "segment"));
    if counts.attachments > 0 {
        line!(text, "To send besides: {}.", count(counts.attachments, "attached file"));
    }
    if checkup.clock_offset.abs() >= CLOCK {
        line!(text, "This machine's clock is {} seconds off; set it.", checkup.clock_offset.abs());
    }
    if let Some(devices) = checkup.confirmed_by {
        line!(text, "{}", confirmed(devices));
    }
    if let Some(days) = checkup.renewal_overdue {
        line!(text, "{}", due(days));
    }
    if sound(checkup) {
        line!(text, "Everything can be read. Nothing is wrong.");
    }
    text.push_str(&alarm_lines(&checkup.alarms));
    for finding in &checkup.findings {
        line!(text, "- {finding}");
    }
    for row in quarantine.iter().take(LISTED) {
        let waits = if row.waits { "waits" } else { "kept aside" };
        line!(text, "  {} ({waits}): {}", handle(&RecordId(row.document.0)), row.reason);
    }
    if quarantine.len() > LISTED {
        line!(text, "  and {} more", quarantine.len() - LISTED);
    }
    if !checkup.findings.is_empty() {
        line!(text);
        line!(text, "hint: nothing was deleted. Keep the folder as it is and show this to your coordinator.");
    }
    ended(text)
}

fn numbers(checkup: &Checkup, quarantine: &[QuarantineRow]) -> Value {
    let counts = &checkup.counts;
    let each = quarantine.iter().map(|row| {
        json!({
            "number": row.number,
            "handle": handle(&RecordId(row.document.0)),
            "document": row.document.to_string(),
            "reason": row.reason,
            "waits": row.waits,
            "octets": row.bytes.len(),
        })
    });
    json!({
        "sound": sound(checkup),
        "findings": checkup.findings,
        "counts": {
            "records": counts.records,
            "conflicts": counts.conflicts,
            "forms": counts.forms,
            "outbox": counts.outbox,
            "unacknowledged": counts.unacknowledged,
            "attachments": counts.attachments,
            "waiting": counts.waiting,
            "refused": counts.refused,
            "quarantined": counts.quarantined,
        },
        "alarms": checkup.alarms.iter().map(alarm_json).collect::<Value>(),
        "confirmed_by": checkup.confirmed_by,
        "clock_offset": checkup.clock_offset,
        "renewal_overdue": checkup.renewal_overdue,
        "quarantine": each.collect::<Value>(),
    })
}
