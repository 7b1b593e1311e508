//! Which circle holds which part of a record: the circles this device is in, and what is written on them.
//!
//! A circle's label stands in the circle's own log, so everybody in it judges by the same labels in the same
//! order, and nobody outside sees them. The workspace's first circle holds every part until it is labelled.

use std::collections::{BTreeMap, BTreeSet};

use cairn_wire::codec::{Reader, Writer};
use cairn_wire::id::{CircleId, DeviceId};
use cairn_wire::roster::Roster;

use crate::form::{Form, Part};
use crate::segment::Label;
use crate::store::{Rows, StoreError};

/// What the first circle is called until a coordinator names it.
pub(super) const EVERYTHING: &str = "everything";

/// The circles of the workspace as this device sees them.
#[derive(Debug, Clone, Default)]
pub(super) struct Shelves(BTreeMap<CircleId, Shelf>);

/// One circle.
#[derive(Debug, Clone)]
struct Shelf {
    /// The roster entry that began it.
    founded: u64,
    /// Whether the workspace began with it.
    first: bool,
    /// Whether this device is in it now, and not to hand in only what it writes elsewhere.
    held: bool,
    /// Whether it was let in to hand in only.
    hands_in: bool,
    /// Its labels with their places in the log, in the order in which they count; 0 for those that stand
    /// only here.
    labels: Vec<(u64, Label)>,
}

impl Shelf {
    fn is_sharing(&self) -> bool {
        !self.first && self.labels.first().is_some_and(|(_, label)| label.sharing)
    }

    fn is_for_sealed(&self) -> bool {
        self.is_sharing() && self.labels.last().is_some_and(|(_, label)| label.sealed)
    }
}

/// What may be begun in a circle by whoever sealed a segment at some place of its log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Room {
    /// Nothing is known yet: the circle has no label.
    Unlabelled,
    /// These parts.
    Parts(BTreeSet<Part>),
    /// Whole records, and nothing of records that live elsewhere.
    Sharing,
    /// Whatever a coordinator let in.
    Any,
}

impl Shelves {
    pub(super) fn load(rows: &Rows<'_>, roster: &Roster, device: &DeviceId) -> Result<Self, StoreError> {
        let founded =
            |known: &cairn_wire::roster::Circle| known.epochs.first().map_or(0, |epoch| epoch.since);
        let first = roster.circles().values().map(founded).min();
        let mut shelves: BTreeMap<CircleId, Shelf> = BTreeMap::new();
        for (id, known) in roster.circles() {
            let founded = founded(known);
            let (first, hands_in) = (first == Some(founded), known.hands_in(device));
            let held = roster.is_in(device, id) && !hands_in;
            shelves.insert(*id, Shelf { founded, first, held, hands_in, labels: Vec::new() });
        }
        for row in rows.labels()? {
            let label = read(&row.bytes).ok_or(StoreError::Unreadable("label"))?;
            if let Some(shelf) = shelves.get_mut(&row.circle) {
                shelf.labels.push((row.seq, label));
            }
        }
        Ok(Self(shelves))
    }

    /// Every circle this device is in, with the parts it holds.
    pub(super) fn held(&self) -> impl Iterator<Item = (CircleId, BTreeSet<Part>)> {
        self.0.iter().filter(|(_, shelf)| shelf.held).map(|(id, _)| (*id, self.parts(id)))
    }

    /// The workspace's first circle, if this device is in it.
    pub(super) fn first(&self) -> Option<CircleId> {
        self.0.iter().find(|(_, shelf)| shelf.first && shelf.held).map(|(id, _)| *id)
    }

    /// The label that counts now.
    pub(super) fn label(&self, circle: &CircleId) -> Option<&Label> {
        self.0.get(circle)?.labels.last().map(|(_, label)| label)
    }

    /// What people call a circle.
    pub(super) fn name(&self, circle: &CircleId) -> Option<&str> {
        let first = self.0.get(circle).is_some_and(|shelf| shelf.first);
        self.label(circle).map(|label| label.name.as_str()).or(first.then_some(EVERYTHING))
    }

    /// Whether single records are shared in this circle: what its first label says, for ever. What was
    /// derived from documents under one answer must not be read under the other.
    pub(super) fn is_sharing(&self, circle: &CircleId) -> bool {
        self.0.get(circle).is_some_and(Shelf::is_sharing)
    }

    /// Where this device puts records of sealed forms: the newest circle that is labelled for them, or to which
    /// it was let in to hand in, since it cannot read the label there.
    pub(super) fn sealed(&self) -> Option<CircleId> {
        let takes =
            |(_, shelf): &(&CircleId, &Shelf)| shelf.hands_in || (shelf.held && shelf.is_for_sealed());
        self.0.iter().filter(takes).max_by_key(|(_, shelf)| shelf.founded).map(|(id, _)| *id)
    }

    /// The workspace's circle for sealed records, as far as it shows: also if this device is not in it.
    pub(super) fn sealed_in(&self, roster: &Roster) -> Option<CircleId> {
        let shows = |id: &CircleId| roster.circles().get(id).is_some_and(|known| known.was_handed_in());
        let takes = |(id, shelf): &(&CircleId, &Shelf)| shows(id) || (shelf.held && shelf.is_for_sealed());
        self.0.iter().filter(takes).max_by_key(|(_, shelf)| shelf.founded).map(|(id, _)| *id)
    }

    /// Whether a circle is labelled for sealed records.
    pub(super) fn is_for_sealed(&self, circle: &CircleId) -> bool {
        self.0.get(circle).is_some_and(Shelf::is_for_sealed)
    }

    /// Whether this device was let into a circle to hand in only.
    pub(super) fn hands_in(&self, circle: &CircleId) -> bool {
        self.0.get(circle).is_some_and(|shelf| shelf.hands_in)
    }

    /// Whether this device is in a circle now.
    pub(super) fn is_held(&self, circle: &CircleId) -> bool {
        self.0.get(circle).is_some_and(|shelf| shelf.held)
    }

    /// The parts that belong into a circle now. Without a label of its own, the first circle holds what no
    /// other is known to hold for everybody.
    pub(super) fn parts(&self, circle: &CircleId) -> BTreeSet<Part> {
        let Some(shelf) = self.0.get(circle) else { return BTreeSet::new() };
        match shelf.labels.last() {
            Some(_) if shelf.is_sharing() => Part::ALL.into(),
            Some((_, label)) => label.parts.clone(),
            None if shelf.first => {
                let claimed = |part: &Part| {
                    let shelves = self.0.values().filter(|shelf| !shelf.is_sharing());
                    let labels = shelves.filter_map(|shelf| shelf.labels.last());
                    let mut own = labels.filter(|(_, label)| label.team.is_empty());
                    own.any(|(_, label)| label.parts.contains(part))
                };
                Part::ALL.into_iter().filter(|part| !claimed(part)).collect()
            }
            None => BTreeSet::new(),
        }
    }

    /// The circle for a part of the records of a team, if this device is in it: the team's own, or else
    /// everybody's. Should several hold the part, the oldest.
    pub(super) fn of_team(&self, part: Part, team: &str) -> Option<CircleId> {
        let holds = |(id, shelf): &(&CircleId, &Shelf)| {
            shelf.held && !self.is_sharing(id) && self.parts(id).contains(&part)
        };
        let of = |id: &CircleId| self.label(id).map_or("", |label| label.team.as_str());
        let oldest = |team: &str| {
            let own = self.0.iter().filter(holds).filter(|(id, _)| of(id) == team);
            own.min_by_key(|(_, shelf)| shelf.founded).map(|(id, _)| *id)
        };
        oldest(team).or_else(|| oldest(""))
    }

    /// The circle for a part of a record, if this device is in it. `case` is where the record's case lives,
    /// as far as that is known here.
    pub(super) fn of_record(&self, part: Part, case: Option<&CircleId>) -> Option<CircleId> {
        match case {
            Some(case) if part == Part::Case || self.is_sharing(case) => {
                Some(*case).filter(|case| self.is_held(case))
            }
            Some(case) => self.of_team(part, self.label(case).map_or("", |label| label.team.as_str())),
            None => {
                // Whose record it is stands in its case. With one circle for the part there is no doubt.
                let mut holding = self.0.iter().filter(|(id, shelf)| {
                    shelf.held && !self.is_sharing(id) && self.parts(id).contains(&part)
                });
                let only = holding.next().filter(|_| holding.next().is_none()).map(|(id, _)| *id);
                only.or_else(|| self.of_team(part, ""))
            }
        }
    }

    /// The teams for which a device in these circles can begin records.
    pub(super) fn teams(&self) -> BTreeSet<String> {
        let cases = self.held().filter(|(id, parts)| parts.contains(&Part::Case) && !self.is_sharing(id));
        cases.map(|(id, _)| self.label(&id).map_or(String::new(), |label| label.team.clone())).collect()
    }

    /// The parts of a record of this form that this device is not to see.
    pub(super) fn elsewhere(&self, form: &Form, case: Option<&CircleId>) -> BTreeSet<Part> {
        form.parts().into_iter().filter(|part| self.of_record(*part, case).is_none()).collect()
    }

    /// What may be begun by a segment that stands at `seq` in a circle's log and was sealed at `roster_seq`.
    pub(super) fn room(&self, circle: &CircleId, seq: u64, roster_seq: u64) -> Room {
        let Some(shelf) = self.0.get(circle) else { return Room::Unlabelled };
        let counts = |(at, label): &&(u64, Label)| *at > 0 && *at < seq && label.since <= roster_seq;
        let label = match shelf.labels.iter().rfind(counts) {
            None if shelf.first => return Room::Parts(Part::ALL.into()),
            // Nothing was there for it to be before.
            None => shelf.labels.first(),
            found => found,
        };
        match label {
            None => Room::Unlabelled,
            Some(_) if shelf.is_sharing() => Room::Sharing,
            Some((_, label)) => Room::Parts(label.parts.clone()),
        }
    }
}

/// A label as it rests.
pub(super) fn written(label: &Label) -> Vec<u8> {
    let mut writer = Writer::new();
    label.write(&mut writer);
    writer.finish()
}

fn read(bytes: &[u8]) -> Option<Label> {
    let mut reader = Reader::new(bytes);
    let label = Label::read(&mut reader).ok()?;
    reader.end().ok()?;
    Some(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label(since: u64, parts: &[Part], team: &str) -> Label {
        let parts = parts.iter().copied().collect();
        Label {
            since,
            name: "circle".to_owned(),
            parts,
            team: team.to_owned(),
            sharing: false,
            sealed: false,
        }
    }

    fn shelf(founded: u64, labels: &[(u64, Label)]) -> Shelf {
        Shelf { founded, first: founded == 2, held: true, hands_in: false, labels: labels.to_vec() }
    }

    const FIRST: CircleId = CircleId([1; 16]);
    const CLINIC: CircleId = CircleId([2; 16]);
    const NORTH: CircleId = CircleId([3; 16]);

    /// The first circle without health from entry 9 on, a clinic, and the north's own case circle.
    fn shelves() -> Shelves {
        let rest: Vec<Part> = Part::ALL.into_iter().filter(|part| *part != Part::Health).collect();
        Shelves(BTreeMap::from([
            (FIRST, shelf(2, &[(5, label(9, &rest, ""))])),
            (CLINIC, shelf(9, &[(1, label(9, &[Part::Health], ""))])),
            (NORTH, shelf(10, &[(1, label(10, &[Part::Case], "north"))])),
        ]))
    }

    #[test]
    fn a_part_goes_to_its_circle_and_to_the_record_s_team() {
        let shelves = shelves();
        assert_eq!(shelves.of_record(Part::Health, Some(&FIRST)), Some(CLINIC));
        assert_eq!(shelves.of_record(Part::Legal, Some(&FIRST)), Some(FIRST));
        assert_eq!(
            shelves.of_record(Part::Health, Some(&NORTH)),
            Some(CLINIC),
            "the north has no own clinic"
        );
        assert_eq!(shelves.of_team(Part::Case, "north"), Some(NORTH));
        assert_eq!(shelves.of_team(Part::Case, ""), Some(FIRST));
        assert_eq!(shelves.teams(), ["".to_owned(), "north".to_owned()].into());
        assert_eq!(shelves.of_record(Part::Health, None), Some(CLINIC), "also while the case is not known");
    }

    #[test]
    fn who_is_not_in_the_clinic_knows_that_health_is_elsewhere() {
        let mut shelves = shelves();
        shelves.0.get_mut(&CLINIC).unwrap().held = false;
        shelves.0.get_mut(&CLINIC).unwrap().labels.clear();
        assert_eq!(shelves.of_record(Part::Health, Some(&FIRST)), None);
        shelves.0.get_mut(&FIRST).unwrap().labels.clear();
        assert_eq!(
            shelves.of_record(Part::Health, Some(&FIRST)),
            Some(FIRST),
            "control: before it was labelled"
        );
    }

    #[test]
    fn a_label_counts_for_whoever_came_after_it_and_could_know_it() {
        let shelves = shelves();
        let holds = |seq, roster_seq| match shelves.room(&FIRST, seq, roster_seq) {
            Room::Parts(parts) => parts.contains(&Part::Health),
            other => panic!("{other:?}"),
        };
        assert!(holds(4, 9), "before it in the log");
        assert!(holds(6, 8), "sealed before its author knew");
        assert!(!holds(6, 9));
        let mut bare = shelves.clone();
        bare.0.get_mut(&CLINIC).unwrap().labels.clear();
        assert_eq!(bare.room(&CLINIC, 3, 9), Room::Unlabelled);
    }
}
