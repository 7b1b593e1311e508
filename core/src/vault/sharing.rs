//! Showing one record to people outside: a copy of it, in a circle made for that.

use std::collections::{BTreeMap, BTreeSet};

use cairn_wire::codec::Writer;
use cairn_wire::id::{CircleId, RecordId};

use super::Vault;
use super::parts;
use super::records::{Homes, Parted, Pens, begin};
use crate::error::Error;
use crate::form::{Answer, Form, Merge, Part};
use crate::segment::ShareEntry;
use crate::store::{OutboxKind, OutboxRow, SharedRow};

/// What sharing a record did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shared {
    /// The copy: a record of its own. Later changes of the original do not follow.
    pub copy: RecordId,
    /// The parts that are in it.
    pub parts: BTreeSet<Part>,
    /// Parts of the record that this device holds and that are not in it.
    pub left_out: BTreeSet<Part>,
    /// Fields that were not settled: the copy has the answer that was shown.
    pub unsettled: u64,
}

impl Vault {
    /// Copies the chosen parts of a record, as they are now, into a circle for sharing. The original's
    /// colleagues see that it was shared; whoever is in that circle sees only the copy.
    ///
    /// # Errors
    /// [`Error::HandsInOnly`]; [`Error::NotFound`]; [`Error::BadCircle`] unless the circle was made for sharing; [`Error::NotAllowed`]
    /// unless this device is in it; [`Error::OtherCircle`] for a part this device does not hold.
    pub fn share_record(
        &mut self,
        record: &RecordId,
        circle: &CircleId,
        chosen: &BTreeSet<Part>,
    ) -> Result<Shared, Error> {
        self.need_writer()?;
        self.need_reader()?;
        let shelves = self.shelves()?;
        if !shelves.is_held(circle) {
            return Err(Error::NotAllowed { need: "device in that circle" });
        }
        if !shelves.is_sharing(circle) {
            return Err(Error::BadCircle { problem: "this circle was not made for sharing" });
        }
        let held = self.documents(record, &shelves)?;
        let whole = parts::whole(&self.forms, &held)?;
        let known = self.form_of(&whole)?;
        let elsewhere = shelves.elsewhere(&known.form, whole.case.as_ref());
        if let Some(part) = chosen.intersection(&elsewhere).next() {
            return Err(Error::OtherCircle { part: part.name(), fields: Vec::new() });
        }
        let mut by_part = BTreeMap::new();
        let mut left_out = BTreeSet::new();
        // The copy begins with the edition the record has: what that does not ask stays with the record.
        let asked = self.asked(&whole, &known)?;
        let mut all = whole.asked_by(&asked);
        all.retain(|key, answer| offered(&asked, key, answer));
        for part in known.form.parts() {
            let answers = known.form.of_part(part, &all);
            match (chosen.contains(&part), answers.is_empty()) {
                (true, false) => drop(by_part.insert(part, answers)),
                (false, false) => drop(left_out.insert(part)),
                (_, true) => {}
            }
        }
        by_part.entry(Part::Case).or_default();
        let answers =
            by_part.values().flatten().map(|(name, answer)| (name.clone(), answer.clone())).collect();
        let parts: BTreeSet<Part> = by_part.keys().copied().collect();
        let unsettled = whole.conflicts.iter().filter(|conflict| {
            known.form.asked(&conflict.field).is_some_and(|asked| parts.contains(&asked.part))
        });
        let unsettled = unsettled.count() as u64;
        let homes: Homes = parts.iter().map(|part| (*part, *circle)).collect();
        let parted = [Ok(Parted { answers, parts: by_part })];
        let original = held.first().map(|one| one.row.circle);
        let original = whole.case.or(original).ok_or(Error::Bug("a record has no circle".to_owned()))?;
        let (now, device) = (self.clock.now(), self.device.id());
        let copy = self.store.gesture(|rows| {
            let mut pens = Pens::take(&rows, &homes, &parted)?;
            let [Ok(parted)] = &parted else { return Err(Error::Bug("nothing to share".to_owned())) };
            let copy = begin(&rows, &known, &homes, &mut pens, parted, now)?;
            let entry = ShareEntry { record: *record, copy, circle: *circle };
            rows.put_shared(&SharedRow { copy, record: *record, circle: *circle, device })?;
            let mut writer = Writer::new();
            entry.write(&mut writer);
            let row = OutboxRow {
                number: 0,
                kind: OutboxKind::Share,
                document: None,
                form: 0,
                bytes: writer.finish(),
                extra: Vec::new(),
            };
            rows.put_outbox(&original, &row)?;
            Ok::<_, Error>(copy)
        })?;
        Ok(Shared { copy, parts, left_out, unsettled })
    }
}

/// Whether an answer can be given anew; of several choices those stay that can.
fn offered(form: &Form, key: &str, answer: &mut Answer) -> bool {
    let Some(question) = form.asked(key) else { return true };
    match answer {
        Answer::Choices(chosen) => {
            let before = chosen.len();
            chosen.retain(|name| form.offers(question, name));
            before == 0 || !chosen.is_empty()
        }
        Answer::Text(name) if question.merge() == Merge::Worst && question.kind.list().is_some() => {
            form.offers(question, name)
        }
        _ => true,
    }
}
