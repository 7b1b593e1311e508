//! Packs: octets, and what making and beginning with one costs against compressing and inserting by hand.

use std::collections::BTreeMap;

use cairn_core::Vault;
use cairn_core::vault::InviteTerms;
use cairn_core::wire::id::RecordId;
use cairn_core::wire::roster::Role;
use cairn_tests::ground::Ground;

use super::figure::Figure;
use super::memory::{Deed, over_empty};
use super::speed::{bare_database, cpu, insert_all};
use super::workload::{self, Workload};
use super::{Failure, Figures, bytes};

/// The effort of packs, for comparison.
const EFFORT: i32 = 12;
/// Changes of each record beside its first.
const EDITS: usize = 3;

pub(super) fn measure(quick: bool, full: bool) -> Figures {
    let mut figures = boot(if quick { 1_000 } else { 10_000 })?;
    let count = match (quick, full) {
        (true, _) => 1_000,
        (false, false) => 10_000,
        (false, true) => 50_000,
    };
    figures.extend(edited(count)?);
    Ok(figures)
}

/// An office with records, and a second device that will vouch.
struct Camp {
    ground: Ground,
    office: Vault,
    second: Vault,
    records: Vec<RecordId>,
}

impl Camp {
    fn new(work: &Workload, count: usize) -> Result<Self, Failure> {
        let ground = Ground::new();
        let mut office = bytes::begun(&ground, work)?;
        office.sync(&ground.transport(), |_| {})?;
        let records = bytes::save(&mut office, work, count)?;
        office.sync(&ground.transport(), |_| {})?;
        let second = ground.member(&mut office, "second", Role::Field);
        Ok(Self { ground, office, second, records })
    }

    /// The pack's octets, and the processor time it took.
    fn pack(&mut self) -> Result<(u64, f64), Failure> {
        self.office.sync(&self.ground.transport(), |_| {})?;
        let begun = cpu()?;
        let made = self.office.make_packs(&self.ground.transport(), |_| {})?;
        let spent = cpu()? - begun;
        self.second.sync(&self.ground.transport(), |_| {})?;
        Ok((made.iter().map(|pack| pack.octets).sum(), spent))
    }
}

/// The same as `boot.N` of the group bytes, by pack.
fn boot(count: usize) -> Figures {
    let work = workload::generate(count)?;
    let mut camp = Camp::new(&work, count)?;
    for edit in bytes::first_edits(&work, 1_000) {
        bytes::apply(&mut camp.office, &camp.records[edit.record], edit)?;
    }
    let (octets, _) = camp.pack()?;
    let (fresh, report) = bytes::bootstrap(&camp.ground, &mut camp.office)?;
    assert_eq!(fresh.counts()?.records, count as u64, "the fresh device has every record");
    assert!(report.segments_down < 10, "it began with the pack");
    let figure =
        |id: &str, value: u64, unit| Figure::new(format!("pack.boot.{count}.{id}"), value as f64, unit);
    let down = figure("bytes_down", report.bytes_down, "B");
    Ok(vec![
        figure("pack", octets, "B"),
        if count == 10_000 { down.at_most(3_200_000.0) } else { down },
        figure("round_trips", report.round_trips, "").at_most(4.0),
    ])
}

/// Records of four changes each.
fn edited(count: usize) -> Figures {
    let work = workload::generate(count)?;
    let mut camp = Camp::new(&work, count)?;
    let edits = work.edits.len().max(1);
    for round in 0..EDITS {
        for (place, record) in camp.records.iter().enumerate() {
            let edit = &work.edits[(place * EDITS + round) % edits];
            let answers = BTreeMap::from([(edit.field.clone(), Some(edit.answer.clone()))]);
            camp.office.edit_record(record, &answers)?;
        }
        camp.office.sync(&camp.ground.transport(), |_| {})?;
    }
    let (octets, building) = camp.pack()?;
    let begun = cpu()?;
    let (fresh, report) = bytes::bootstrap(&camp.ground, &mut camp.office)?;
    let beginning = cpu()? - begun;
    assert_eq!(fresh.counts()?.records, count as u64, "the fresh device has every record");
    let documents = fresh.rehearse_documents()?;
    let begun = cpu()?;
    let compressed = zstd::bulk::compress(&documents.concat(), EFFORT)?;
    let by_hand = cpu()? - begun;
    let mut bare = bare_database(&camp.ground.path().join("bare.db"))?;
    let begun = cpu()?;
    insert_all(&mut bare, &documents)?;
    let inserting = cpu()? - begun;
    let Camp { ground, mut office, .. } = camp;
    let mut other = ground.vault("other", 0);
    let terms = InviteTerms { role: Role::Field, hours: 1 };
    other.accept(&office.invite(&terms)?.to_text(), "other")?;
    // Asking to join is answered with "wait": the office admits at its next sync.
    let _ = other.sync(&ground.transport(), |_| {});
    office.sync(&ground.transport(), |_| {})?;
    drop((office, other, fresh));
    let begin_memory = over_empty(Deed::Fetch, &ground.folder("other"))?;
    let build_memory = over_empty(Deed::Pack, &ground.folder("office"))?;
    let figure =
        |id: &str, value: f64, unit| Figure::new(format!("pack.{count}x{}.{id}", EDITS + 1), value, unit);
    Ok(vec![
        figure("bytes", octets as f64, "B"),
        figure("bytes_over_zstd", octets as f64 / compressed.len() as f64, "×"),
        figure("begin.bytes_down", report.bytes_down as f64, "B"),
        figure("build.cpu_over_zstd", building / by_hand, "×"),
        figure("begin.cpu_over_inserts", beginning / inserting, "×"),
        figure("build.memory", build_memory, "MiB"),
        figure("begin.memory", begin_memory, "MiB"),
    ])
}
