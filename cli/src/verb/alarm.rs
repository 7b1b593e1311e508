//! `cairn alarm …`: what must never happen and did.

use cairn_core::record::instant;
use cairn_core::store::AlarmKind;
use cairn_core::vault::AlarmView;
use cairn_core::wire::codec::hex;
use clap::Subcommand;
use serde_json::{Value, json};

use crate::door::Door;
use crate::out::Said;
use crate::trouble::Trouble;
use crate::words::{count, ended, line, minute};

/// Shows what must never happen and did.
#[derive(Debug, Subcommand)]
pub(crate) enum Alarm {
    /// Lists every alarm this device has noted, oldest first; none is ever removed
    List,
}

impl Alarm {
    pub(crate) fn run(self, door: &Door) -> Result<Said, Trouble> {
        let vault = door.open()?;
        let alarms = vault.alarms()?;
        vault.lock()?;
        let mut text = alarm_lines(&alarms);
        if alarms.is_empty() {
            line!(text, "There has been no alarm.");
        } else {
            line!(text);
            line!(text, "hint: show this to your coordinator, and keep this device as it is.");
        }
        let json = json!({ "alarms": alarms.iter().map(alarm_json).collect::<Value>() });
        Ok(Said::new(ended(text), json))
    }
}

/// Each alarm on a line of its own.
pub(super) fn alarm_lines(alarms: &[AlarmView]) -> String {
    let mut text = String::new();
    for view in alarms {
        let alarm = &view.alarm;
        let times = if alarm.times > 1 { format!(", {} times", alarm.times) } else { String::new() };
        line!(text, "ALARM: {} ({}{times}).", happened(view), minute(alarm.latest));
    }
    text
}

/// An alarm for machines.
pub(super) fn alarm_json(view: &AlarmView) -> Value {
    let alarm = &view.alarm;
    json!({
        "number": alarm.number,
        "kind": kind(alarm.kind),
        "circle": alarm.circle.map(|circle| circle.to_string()),
        "device": alarm.device.map(|device| device.to_string()),
        "name": view.name,
        "seq": alarm.seq,
        "ours": alarm.ours.map(|root| hex(&root)),
        "theirs": alarm.theirs.map(|root| hex(&root)),
        "first": instant(alarm.first),
        "latest": instant(alarm.latest),
        "times": alarm.times,
        "message": happened(view),
    })
}

/// How many other devices have what this one sent last.
pub(super) fn confirmed(devices: u64) -> String {
    match devices {
        0 => "No other device has confirmed your newest records yet.".to_owned(),
        _ => format!("Your newest records are confirmed by {}.", count(devices, "other device")),
    }
}

fn kind(kind: AlarmKind) -> &'static str {
    match kind {
        AlarmKind::TwoHistories => "two_histories",
        AlarmKind::RolledBack => "rolled_back",
        AlarmKind::OtherHistory => "other_history",
        AlarmKind::UnknownOwn => "unknown_own",
        AlarmKind::OtherRoster => "other_roster",
        AlarmKind::BadSignature => "bad_signature",
        AlarmKind::OtherPack => "other_pack",
        AlarmKind::OtherSubmitKey => "other_submit_key",
    }
}

/// What happened, with device, circle and place where they are known.
fn happened(view: &AlarmView) -> String {
    let alarm = &view.alarm;
    let device = match (&view.name, &alarm.device) {
        (Some(name), Some(device)) => format!("{name} (device {})", device.short()),
        (_, Some(device)) => format!("device {}", device.short()),
        (_, None) => "another device".to_owned(),
    };
    let place = match &alarm.circle {
        Some(circle) => format!("circle {} at segment {}", circle.short(), alarm.seq),
        None => "the workspace".to_owned(),
    };
    match alarm.kind {
        AlarmKind::TwoHistories => format!("the server showed {device} another history of {place}"),
        AlarmKind::RolledBack => format!("the server has lost a part of {place}"),
        AlarmKind::OtherHistory => format!("the server showed this device another history of {place}"),
        AlarmKind::UnknownOwn => {
            format!("the server held segments in this device's name that it never made, {place}")
        }
        AlarmKind::OtherRoster => {
            format!("the server showed another roster than the known one, at entry {}", alarm.seq)
        }
        AlarmKind::BadSignature => "an answer was not signed by the server".to_owned(),
        AlarmKind::OtherPack => {
            format!("a pack says something else than this device holds: {device}, {place}")
        }
        AlarmKind::OtherSubmitKey => format!(
            "{device} published a key for handing in that nobody in circle {} can open: renew the keys, and ask \
             whose device that is",
            alarm.circle.map_or_else(String::new, |circle| circle.short())
        ),
    }
}
