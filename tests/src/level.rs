//! Whether devices agree, and whether nothing is amiss.

use std::collections::{BTreeMap, BTreeSet};

use cairn_core::Vault;
use cairn_core::vault::{Counts, Query};
use cairn_core::view::RecordView;
use cairn_core::wire::id::RecordId;

use crate::ground::Ground;

/// Syncs everybody, again and again, until an exchange brings nobody anything.
///
/// # Errors
/// What a device said, in words; or that they never came to rest.
pub fn level(ground: &Ground, vaults: &mut [(String, Vault)]) -> Result<(), String> {
    let transport = ground.transport();
    for _ in 0..12 {
        let mut still = true;
        for (name, vault) in vaults.iter_mut() {
            let report =
                vault.sync(&transport, |_| {}).map_err(|error| format!("{name} cannot sync: {error}"))?;
            still &= report.segments_up + report.segments_down + report.admitted + report.late == 0;
        }
        if still {
            return Ok(());
        }
    }
    Err("the devices never come to rest".to_owned())
}

/// Everything a vault shows of its records.
pub fn shown(vault: &Vault) -> BTreeMap<RecordId, RecordView> {
    let mut shown = BTreeMap::new();
    let each = |view: RecordView| {
        shown.insert(view.id, view);
        Ok(())
    };
    vault.every_record(each, |_, _| {}).expect("the records can be walked");
    shown
}

/// What is wrong with devices that ought to be level: empty if all show the same and nothing is amiss.
pub fn differences(vaults: &[(String, Vault)]) -> Vec<String> {
    let mut findings = Vec::new();
    let Some((first, model)) = vaults.first() else { return findings };
    let (records, conflicts) = (shown(model), model.conflicts(1_000).expect("conflicts"));
    for (name, vault) in vaults {
        let checkup = match vault.examine() {
            Ok(checkup) => checkup,
            Err(error) => {
                findings.push(format!("{name} cannot be examined: {error}"));
                continue;
            }
        };
        findings.extend(checkup.findings.iter().map(|finding| format!("{name}: {finding}")));
        findings.extend(checkup.alarms.iter().map(|view| format!("{name}: alarm {:?}", view.alarm)));
        let Counts { outbox, unacknowledged, waiting, refused, quarantined, .. } = checkup.counts;
        if (outbox, unacknowledged, waiting, refused, quarantined) != (0, 0, 0, 0, 0) {
            findings.push(format!("{name} is not at rest: {:?}", checkup.counts));
        }
        let own = shown(vault);
        if checkup.counts.records != own.len() as u64 {
            findings.push(format!(
                "{name} counts {} records and shows {}",
                checkup.counts.records,
                own.len()
            ));
        }
        let all: BTreeSet<_> = own.keys().chain(records.keys()).collect();
        let differing = all.into_iter().filter(|id| own.get(id) != records.get(id)).count();
        if differing > 0 {
            findings.push(format!("{name} and {first} show {differing} records differently"));
        }
        let mut theirs = vault.conflicts(1_000).expect("conflicts");
        let mut ours = conflicts.clone();
        for side in [&mut theirs, &mut ours] {
            side.sort_by(|one, other| (one.record, &one.field).cmp(&(other.record, &other.field)));
        }
        if theirs != ours {
            findings.push(format!("{name} and {first} show different conflicts"));
        }
        let listed = vault.list(&Query { most: 100_000, ..Query::default() }).expect("a list");
        let distinct: BTreeSet<_> = listed.iter().map(|line| line.id).collect();
        if distinct.len() != listed.len() || distinct.len() != own.len() {
            findings.push(format!("{name} lists {} lines for {} records", listed.len(), own.len()));
        }
    }
    findings
}
