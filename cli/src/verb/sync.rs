//! `cairn sync`: sends what waits and fetches what is new.

use cairn_core::error::{Error, Who};
use cairn_core::vault::{Progress, SyncReport};
use cairn_core::wire::refusal::Reason;
use clap::Args;
use serde_json::{Value, json};

use super::alarm::{alarm_json, alarm_lines};
use crate::door::{Door, road};
use crate::out::Said;
use crate::progress::spinner;
use crate::trouble::{Trouble, exit_status};
use crate::words::{count, ended, line};

/// Sends what waits and fetches what is new.
#[derive(Debug, Args)]
pub(crate) struct Sync {}

impl Sync {
    pub(crate) fn run(self, door: &Door) -> Result<Said, Trouble> {
        let mut vault = door.open()?;
        let road = road(&vault)?;
        let synced = watched(door, |progress| vault.sync(&road, progress))?;
        let alarms = vault.alarms()?;
        let (handed_in, carried) = (vault.handed_in()?, vault.carried()?);
        vault.lock()?;
        // What arrived is taken in, and everybody must know all the same.
        let status = if synced.alarms > 0 { exit_status(Who::Alarm) } else { 0 };
        let mut text = String::new();
        if let Some(number) = handed_in {
            line!(text, "This device has handed in {}, and cannot read them.", count(number, "record"));
        }
        if let Some(number) = carried {
            line!(text, "This device carries {}, and can open none.", count(number, "sealed segment"));
        }
        let text = format!("{}{text}{}", alarm_lines(&alarms), report(&synced));
        let mut json = numbers(&synced);
        if let Some(json) = json.as_object_mut() {
            json.insert("alarms".to_owned(), alarms.iter().map(alarm_json).collect());
            // Only where there is such a role to speak of.
            handed_in.map(|number| json.insert("handed_in_records".to_owned(), number.into()));
            carried.map(|number| json.insert("carried".to_owned(), number.into()));
        }
        Ok(Said { text, json, status })
    }
}

/// Runs a sync with something to look at while it lasts.
pub(super) fn watched<T>(
    door: &Door,
    sync: impl FnOnce(&mut dyn FnMut(Progress)) -> Result<T, Error>,
) -> Result<T, Error> {
    let bar = spinner(door, "syncing");
    let synced = sync(&mut |progress: Progress| {
        bar.set_message(format!(
            "sent {}, fetched {}, {} to come",
            progress.up, progress.down, progress.waiting
        ));
    });
    bar.finish_and_clear();
    synced
}

/// What a sync did, in words.
pub(super) fn report(sync: &SyncReport) -> String {
    let mut text = String::new();
    if sync.segments_up > 0 {
        line!(text, "Sent {}.", load(sync.records_up, sync.segments_up));
    }
    if sync.segments_down > 0 {
        line!(text, "Fetched {}.", load(sync.records_down, sync.segments_down));
    }
    if sync.segments_up == 0 && sync.segments_down == 0 {
        line!(text, "Nothing to send and nothing new.");
    }
    if sync.new_chains > 0 {
        line!(text, "This vault was copied or put back from a backup; it goes on as a writer of its own.");
    }
    if sync.admitted > 0 {
        line!(text, "Admitted {}; ask them to sync again.", count(sync.admitted, "device"));
    }
    if sync.to_compare > 0 {
        let devices = count(sync.to_compare, "device");
        line!(text, "{devices} to be admitted: compare the words in `cairn device list`, then run");
        line!(text, "`cairn device admit WORDS`.");
    }
    if sync.misfits > 0 {
        let requests = count(sync.misfits, "request");
        line!(
            text,
            "{requests} to join did not fit the invitation as you made it. Nobody was admitted by it:"
        );
        line!(text, "somebody has altered the invitation or the request. Invite again, face to face.");
    }
    if sync.late > 0 {
        line!(text, "Sealed {} again, because the key had changed.", count(sync.late, "segment"));
    }
    if sync.erased > 0 {
        line!(text, "Erased {} here, as a coordinator has asked.", count(sync.erased, "record"));
    }
    if sync.erased_on_server > 0 {
        let records = count(sync.erased_on_server, "erased record");
        line!(
            text,
            "{records} may still rest on the server, sealed, until a pack without them is vouched for."
        );
    }
    if sync.quarantined > 0 {
        let changes = count(sync.quarantined, "change");
        line!(text, "{changes} could not be taken in; `cairn doctor` says why. Nothing was lost.");
    }
    if sync.handed_in > 0 {
        let segments = count(sync.handed_in, "segment");
        line!(text, "Handed in {segments} late; a coordinator decides about them.");
    }
    if sync.letters > 0 {
        let letters = count(sync.letters, "late letter");
        line!(text, "{letters} arrived, from devices that were taken out; `cairn letter list` shows them.");
    }
    if let Some(days) = sync.renewal_overdue {
        line!(text, "{}", due(days));
    }
    if sync.attachments_up > 0 {
        line!(text, "Sent {}.", count(sync.attachments_up, "attached file"));
    }
    if sync.attachments_left > 0 {
        let files = count(sync.attachments_left, "attached file");
        line!(text, "{files} still to be sent; the next sync goes on where this one stopped.");
    }
    match sync.attachments_refused {
        Some(Reason::Full) => {
            line!(text, "The server has no room for them: tell its operator. They are safe here.");
        }
        Some(_) => line!(text, "The server would not take some of them. They are safe here."),
        None => {}
    }
    if sync.attachments_damaged > 0 {
        let files = count(sync.attachments_damaged, "attached file");
        line!(text, "{files} cannot be sent: pieces are damaged here. `cairn doctor` checks the vault.");
    }
    if sync.left > 0 {
        let waiting = count(sync.left, "change");
        line!(text, "{waiting} still wait on this device; `cairn doctor` may say why.");
    }
    let trips = count(sync.round_trips, "round trip");
    line!(text, "{} up, {} down, {trips}.", octets(sync.bytes_up), octets(sync.bytes_down));
    ended(text)
}

/// That keys should be renewed.
pub(super) fn due(days: u64) -> String {
    let since = match days {
        0 => String::new(),
        // The clock that made the key was far ahead: nobody knows.
        36_500.. => ", since nobody knows when".to_owned(),
        days => format!(", since {}", count(days, "day")),
    };
    format!("The keys are due to be renewed{since}: run `cairn circle renew`.")
}

/// What travelled: records, or forms and names, which are segments without records.
fn load(records: u64, segments: u64) -> String {
    match records {
        0 => count(segments, "segment"),
        _ => format!("{} in {}", count(records, "record"), count(segments, "segment")),
    }
}

/// What a sync did, for machines.
pub(super) fn numbers(sync: &SyncReport) -> Value {
    json!({
        "records_up": sync.records_up,
        "records_down": sync.records_down,
        "segments_up": sync.segments_up,
        "segments_down": sync.segments_down,
        "bytes_up": sync.bytes_up,
        "bytes_down": sync.bytes_down,
        "round_trips": sync.round_trips,
        "late": sync.late,
        "admitted": sync.admitted,
        "to_compare": sync.to_compare,
        "misfits": sync.misfits,
        "quarantined": sync.quarantined,
        "left": sync.left,
        "handed_in": sync.handed_in,
        "letters": sync.letters,
        "new_chains": sync.new_chains,
        "alarms_noted": sync.alarms,
        "confirmed_by": sync.confirmed_by,
        "renewal_overdue": sync.renewal_overdue,
        "erased": sync.erased,
        "erased_on_server": sync.erased_on_server,
        "attachments_up": sync.attachments_up,
        "attachments_left": sync.attachments_left,
        "attachments_refused": sync.attachments_refused.map(|reason| format!("{reason:?}").to_lowercase()),
        "attachments_damaged": sync.attachments_damaged,
    })
}

/// A number of octets as people read it.
pub(super) fn octets(number: u64) -> String {
    match number {
        0..10_000 => format!("{number} B"),
        10_000..10_000_000 => format!("{} kB", number / 1000),
        _ => format!("{} MB", number / 1_000_000),
    }
}
