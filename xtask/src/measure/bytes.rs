//! Octets and round trips of syncing workload W, as chapter and verse of the protocol promise them.

use std::collections::BTreeMap;

use cairn_core::vault::SyncReport;
use cairn_core::wire::id::RecordId;
use cairn_core::wire::roster::Role;
use cairn_core::{Error, Vault};
use cairn_tests::ground::Ground;

use super::figure::Figure;
use super::workload::{self, Edit, Workload};
use super::{Failure, Figures};

pub(super) fn measure(quick: bool) -> Figures {
    let mut figures = Vec::new();
    let work = workload::generate(if quick { 1_000 } else { 10_000 })?;
    let mut figure = |id: &str, value: u64, unit, goal: Option<f64>| {
        let figure = Figure::new(id, value as f64, unit);
        figures.push(match goal {
            Some(goal) => figure.at_most(goal),
            None => figure,
        });
    };

    let ground = Ground::new();
    let mut office = begun(&ground, &work)?;
    let transport = ground.transport();
    let sync = |vault: &mut Vault| vault.sync(&transport, |_| {});
    sync(&mut office)?;

    let nothing = sync(&mut office)?;
    figure("sync.nothing.empty.bytes", nothing.bytes_up + nothing.bytes_down, "B", Some(500.0));

    let one = work.records.first().cloned().ok_or("no records")?;
    let record = office.new_record("case", one)?;
    let report = sync(&mut office)?;
    figure("push.new.1.segment", report.segment_bytes_up, "B", Some(700.0));
    figure("push.new.1.bytes_up", report.bytes_up, "B", None);
    figure("push.new.1.bytes_down", report.bytes_down, "B", None);
    figure("push.new.1.round_trips", report.round_trips, "", Some(1.0));

    let edit = work.edits.iter().find(|edit| edit.record == 0).ok_or("no edit")?;
    apply(&mut office, &record, edit)?;
    let report = sync(&mut office)?;
    figure("push.edit.1.segment", report.segment_bytes_up, "B", Some(384.0));
    figure("push.edit.1.bytes", report.bytes_up + report.bytes_down, "B", Some(1000.0));
    figure("push.edit.1.round_trips", report.round_trips, "", Some(1.0));

    let (mut worker, _) = bootstrap(&ground, &mut office)?;
    for answers in work.records.iter().skip(1).take(10) {
        worker.new_record("case", answers.clone())?;
    }
    figure("push.new.10.bytes_up", sync(&mut worker)?.bytes_up, "B", None);
    for answers in work.records.iter().skip(11).take(10) {
        worker.new_record("case", answers.clone())?;
        worker.lock()?;
        worker = ground.reopen("fresh");
    }
    figure("push.new.10.locked_after_each.bytes_up", sync(&mut worker)?.bytes_up, "B", None);

    for count in if quick { vec![1_000] } else { vec![1_000, 10_000] } {
        let ground = Ground::new();
        let mut office = begun(&ground, &work)?;
        let transport = ground.transport();
        office.sync(&transport, |_| {})?;
        let records = save(&mut office, &work, count)?;
        let report = office.sync(&transport, |_| {})?;
        let goal = (count == 10_000).then_some(3_600_000.0);
        figure(&format!("push.new.{count}.bytes_up"), report.bytes_up, "B", goal);
        figure(&format!("push.new.{count}.bytes_down"), report.bytes_down, "B", None);
        figure(&format!("push.new.{count}.segments"), report.segments_up, "", None);
        figure(&format!("push.new.{count}.round_trips"), report.round_trips, "", None);

        for edit in first_edits(&work, 1_000) {
            apply(&mut office, &records[edit.record], edit)?;
        }
        let report = office.sync(&transport, |_| {})?;
        figure(&format!("push.edits.1000.of.{count}.bytes_up"), report.bytes_up, "B", Some(60_000.0));
        figure(&format!("push.edits.1000.of.{count}.round_trips"), report.round_trips, "", None);

        let nothing = office.sync(&transport, |_| {})?;
        let octets = nothing.bytes_up + nothing.bytes_down;
        figure(&format!("sync.nothing.{count}.bytes"), octets, "B", Some(500.0));
        figure(&format!("sync.nothing.{count}.round_trips"), nothing.round_trips, "", Some(1.0));

        let (fresh, report) = bootstrap(&ground, &mut office)?;
        // The goal is for packs; segments replay history and cost a little more.
        let goal = (count == 10_000).then_some(3_200_000.0);
        figure(&format!("boot.{count}.bytes_down"), report.bytes_down, "B", goal);
        figure(&format!("boot.{count}.round_trips"), report.round_trips, "", Some(4.0));
        assert_eq!(fresh.counts()?.records, count as u64, "the fresh device has every record");

        office.lock()?;
        let octets = std::fs::metadata(ground.folder("office").join("vault.db"))?.len();
        let json = work.json as f64 * count as f64 / work.records.len() as f64;
        figures_ratio(&mut figure, count, octets, json);
    }
    Ok(figures)
}

fn figures_ratio(
    figure: &mut impl FnMut(&str, u64, &'static str, Option<f64>),
    count: usize,
    octets: u64,
    json: f64,
) {
    figure(
        &format!("vault.{count}.percent_of_json"),
        (octets as f64 * 100.0 / json) as u64,
        "%",
        Some(300.0),
    );
}

/// An office with the form of W.
pub(super) fn begun(ground: &Ground, work: &Workload) -> Result<Vault, Failure> {
    let mut office = ground.office("office");
    office.publish_form_with(&work.form, &work.samples)?;
    Ok(office)
}

/// Saves the first `count` records in batches, as an import does.
pub(super) fn save(vault: &mut Vault, work: &Workload, count: usize) -> Result<Vec<RecordId>, Failure> {
    let mut records = Vec::with_capacity(count);
    for (batch, chunk) in work.records.iter().take(count).cloned().collect::<Vec<_>>().chunks(200).enumerate()
    {
        let rows = chunk.iter().cloned().zip(1..).map(|(answers, line)| (line, answers)).collect();
        for (_, made) in vault.import(&[1; 32], "case", rows, 0, batch as u64)? {
            records.push(made?);
        }
    }
    Ok(records)
}

/// At most one edit a record, for records 0 to `count` - 1.
pub(super) fn first_edits(work: &Workload, count: usize) -> Vec<&Edit> {
    let mut first: BTreeMap<usize, &Edit> = BTreeMap::new();
    for edit in work.edits.iter().filter(|edit| edit.record < count) {
        first.entry(edit.record).or_insert(edit);
    }
    first.into_values().collect()
}

pub(super) fn apply(vault: &mut Vault, record: &RecordId, edit: &Edit) -> Result<(), Error> {
    vault.edit_record(record, &BTreeMap::from([(edit.field.clone(), Some(edit.answer.clone()))]))?;
    Ok(())
}

/// A fresh device joins and fetches everything; its report counts from its first request on.
pub(super) fn bootstrap(ground: &Ground, office: &mut Vault) -> Result<(Vault, SyncReport), Failure> {
    let mut fresh = ground.vault("fresh", 0);
    let terms = cairn_core::vault::InviteTerms { role: Role::Field, hours: 1 };
    fresh.accept(&office.invite(&terms)?.to_text(), "fresh")?;
    // The request to join comes before anybody is admitted and is not part of fetching.
    let _ = fresh.sync(&ground.transport(), |_| {});
    office.sync(&ground.transport(), |_| {})?;
    let report = fresh.sync(&ground.transport(), |_| {})?;
    Ok((fresh, report))
}
