//! Keeping records: new, edit, settle.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use cairn_wire::id::{ChainId, CircleId, DocumentId, RecordId};

use super::outgoing::must_fit;
use super::parts::{self, Held, Whole, by_part};
use super::shelves::Shelves;
use super::writing::Edit;
use super::{KnownForm, Vault, attaching, forms, working};
use crate::change::{self, About, Lower, Stamp, Written};
use crate::error::Error;
use crate::form::{Answer, Answers, Fault, Form, Part, Rule};
use crate::record::{Projection, Times, Unsettled, complete, project};
use crate::store::{NewDocument, OutboxKind, OutboxRow, Rows, StoreError};

impl Vault {
    /// Saves a finished record: one gesture, one transaction, on disk when this returns.
    ///
    /// # Errors
    /// As [`Vault::new_record_for`].
    pub fn new_record(&mut self, form: &str, answers: Answers) -> Result<RecordId, Error> {
        self.new_record_for(form, None, answers)
    }

    /// Saves a finished record of a team. Which team need only be said where this device works for several;
    /// the empty name means everybody's.
    ///
    /// # Errors
    /// [`Error::Invalid`] with every fault, [`Error::OtherCircle`] for answers that this device may not
    /// write; nothing is saved then.
    pub fn new_record_for(
        &mut self,
        form: &str,
        team: Option<&str>,
        answers: Answers,
    ) -> Result<RecordId, Error> {
        let known = self.form(form)?;
        let made = self.new_records(&known, team, vec![answers], |_, _| Ok(()))?;
        match made.into_iter().next() {
            Some(Ok(record)) => Ok(record),
            Some(Err(error)) => Err(error),
            None => Err(Error::Bug("a saved record is missing".to_owned())),
        }
    }

    /// Saves many records in one transaction, each good one whatever becomes of the others; `also` joins
    /// the same transaction and is told how many were saved.
    pub(super) fn new_records(
        &mut self,
        known: &KnownForm,
        team: Option<&str>,
        many: Vec<Answers>,
        also: impl FnOnce(&Rows<'_>, u64) -> Result<(), StoreError>,
    ) -> Result<Vec<Result<RecordId, Error>>, Error> {
        self.need_writer()?;
        let homes = self.homes(&known.form, team)?;
        let seal = homes.get(&Part::Case).filter(|_| known.form.sealed);
        let seal = seal.map(|circle| self.seal_for(circle)).transpose()?.flatten();
        let lets_go = seal.is_some() || self.hands_in_only();
        let now = self.clock.now();
        let checked: Vec<Result<Parted, Error>> =
            many.into_iter().map(|answers| self.parted(known, &homes, answers, now)).collect();
        let done = self.store.gesture(|rows| {
            let mut pens = match &seal {
                Some(_) => Pens(BTreeMap::new()),
                None => Pens::take(&rows, &homes, &checked)?,
            };
            let mut made = Vec::with_capacity(checked.len());
            for parted in checked {
                made.push(parted.and_then(|parted| {
                    let record = match &seal {
                        Some(seal) => seal.record(&rows, known, &parted, now),
                        None => begin(&rows, known, &homes, &mut pens, &parted, now),
                    }?;
                    attaching::queue(&rows, parted.parts.values().flat_map(Answers::values), lets_go)?;
                    Ok(record)
                }));
            }
            // Only what the person can mend belongs to one record; anything else undoes the gesture.
            let mut results = Vec::with_capacity(made.len());
            for one in made {
                match one {
                    Err(error)
                        if !matches!(
                            error,
                            Error::Invalid(_) | Error::TooLarge(_) | Error::OtherCircle { .. }
                        ) =>
                    {
                        return Err(error);
                    }
                    fine => results.push(fine),
                }
            }
            let saved = results.iter().filter(|one| one.is_ok()).count() as u64;
            also(&rows, saved)?;
            Ok(results)
        })?;
        if seal.is_some() {
            self.sweep_sealed();
        }
        Ok(done)
    }

    /// The parts of a new record of this form that this device may not write.
    ///
    /// # Errors
    /// As [`Vault::new_record_for`].
    pub fn unseen(&self, form: &Form, team: Option<&str>) -> Result<BTreeSet<Part>, Error> {
        let homes = self.homes(form, team)?;
        Ok(form.parts().into_iter().filter(|part| !homes.contains_key(part)).collect())
    }

    /// Where each part of a new record goes, as far as this device may write it.
    fn homes(&self, form: &Form, team: Option<&str>) -> Result<Homes, Error> {
        self.circle()?;
        self.need_fresh_handout()?;
        let shelves = self.shelves()?;
        if form.sealed {
            let circle = self.sealed_home(&shelves)?;
            // Whoever cannot seal learns it before the first question.
            self.seal_for(&circle)?;
            return Ok(Homes::from([(Part::Case, circle)]));
        }
        let teams = shelves.teams();
        let team = match team {
            Some(team) if teams.contains(team) => team.to_owned(),
            Some(team) => return Err(Error::NotFound { what: "team", name: team.to_owned() }),
            None if teams.len() > 1 => {
                return Err(Error::Ambiguous { what: "team", name: "the record".to_owned() });
            }
            None => teams.into_iter().next().unwrap_or_default(),
        };
        let case = shelves.of_team(Part::Case, &team);
        let case = case.ok_or(Error::OtherCircle { part: Part::Case.name(), fields: Vec::new() })?;
        let home = |part: Part| Some((part, shelves.of_record(part, Some(&case))?));
        Ok(form.parts().into_iter().filter_map(home).collect())
    }

    /// Checks a record and sorts its answers by part. A part exists once a person has answered something in
    /// it; the case always does.
    fn parted(&self, known: &KnownForm, homes: &Homes, given: Answers, now: u64) -> Result<Parted, Error> {
        let form = &*known.form;
        let told = |answers: &Answers| answers.values().any(|answer| !answer.is_blank());
        let mut present: BTreeSet<Part> = by_part(known, &given)
            .into_iter()
            .filter(|(_, answers)| told(answers))
            .map(|(part, _)| part)
            .collect();
        present.insert(Part::Case);
        if let Some(part) = present.iter().find(|part| !homes.contains_key(part)) {
            let fields = form.of_part(*part, &given).into_keys().collect();
            return Err(Error::OtherCircle { part: part.name(), fields });
        }
        let answers = complete(form, form.with_rows(given), &Times::at(now, now));
        let seen: BTreeSet<Part> = homes.keys().copied().collect();
        let (mut answers, faults) = working::finished(known, answers, &seen, now)?;
        answers.retain(|key, _| form.asked(key).is_none_or(|asked| present.contains(&asked.part)));
        // Nobody can be required to answer what they may not see.
        let seen = |fault: &Fault| {
            let part = form.asked(&fault.field).map(|asked| asked.part);
            fault.rule != Rule::Required || part.is_none_or(|part| homes.contains_key(&part))
        };
        let faults: Vec<Fault> = faults.into_iter().filter(seen).collect();
        if !faults.is_empty() {
            return Err(Error::Invalid(faults));
        }
        let parts = present.into_iter().map(|part| (part, form.of_part(part, &answers))).collect();
        Ok(Parted { answers, parts })
    }

    /// Changes answers of a record; `None` empties one. `false` if nothing would change.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Invalid`], [`Error::OtherCircle`]; nothing is saved then.
    pub fn edit_record(
        &mut self,
        record: &RecordId,
        edits: &BTreeMap<String, Option<Answer>>,
    ) -> Result<bool, Error> {
        self.edit_record_with(record, edits, Lower::Refused)
    }

    /// As [`Vault::edit_record`]; `lower` says whether a better value may take the place of a worse one where
    /// the worse one stands.
    ///
    /// # Errors
    /// As [`Vault::edit_record`].
    pub fn edit_record_with(
        &mut self,
        record: &RecordId,
        edits: &BTreeMap<String, Option<Answer>>,
        lower: Lower,
    ) -> Result<bool, Error> {
        self.edit_record_and(record, edits, lower, Names::Shown, |_| Ok(()))
    }

    /// As [`Vault::edit_record_with`]; `also` joins the same transaction, whether or not anything changes.
    pub(super) fn edit_record_and(
        &mut self,
        record: &RecordId,
        edits: &BTreeMap<String, Option<Answer>>,
        lower: Lower,
        names: Names,
        also: impl FnOnce(&Rows<'_>) -> Result<(), StoreError>,
    ) -> Result<bool, Error> {
        self.need_writer()?;
        let shelves = self.shelves()?;
        let held = self.documents(record, &shelves)?;
        let before = parts::whole(&self.forms, &held)?;
        let known = self.edition_of(&before)?;
        let away = shelves.elsewhere(&known.form, before.case.as_ref());
        let seen = known.form.parts().into_iter().filter(|part| !away.contains(part)).collect();
        let asked = self.asked(&before, &known)?;
        let answers = before.asked_by(&asked);
        let named = match names {
            Names::Shown => Some(attaching::by_name(&known.form, edits, |field| before.standing(field))),
            Names::Exact => None,
        };
        let edits = named.as_ref().unwrap_or(edits);
        let anew = left_to_work_out(&known, &shelves, &before, edits, &held);
        let mut all = working::edited(&known, &answers, edits, &anew, &seen, self.clock.now())?;
        // What was another question stays as it was answered; a person who wants to answer it is told.
        all.retain(|field, _| edits.contains_key(field) || asked.asked(field).is_some());
        let plan = parts::plan(&known, &shelves, &held, &all)?;
        self.write(Edit { record, known: &known, shelves: &shelves, held, plan, lower }, also)
    }

    /// Settles a conflict: from now on `answer` stands alone. Settling is itself a change. One of the answers that stand
    /// is taken as it is, also a text beside a file of the same name.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no conflict on that field, [`Error::Invalid`].
    pub fn settle(&mut self, record: &RecordId, field: &str, answer: Option<Answer>) -> Result<(), Error> {
        let conflicts = self.record(record)?.conflicts;
        let unsettled = conflicts.iter().find(|conflict| conflict.field == field);
        let missing = || Error::NotFound { what: "conflict on", name: field.to_owned() };
        let is_one = unsettled.ok_or_else(missing)?.values.iter().any(|(value, _)| *value == answer);
        let names = if is_one { Names::Exact } else { Names::Shown };
        let edits = BTreeMap::from([(field.to_owned(), answer)]);
        self.edit_record_and(record, &edits, Lower::Refused, names, |_| Ok(()))?;
        Ok(())
    }

    /// The documents of a record that this device holds and that belong together.
    pub(super) fn documents(&self, record: &RecordId, shelves: &Shelves) -> Result<Vec<Held>, Error> {
        let held = parts::documents(&self.store.rows(), shelves, record)?;
        let missing = || Error::NotFound { what: "record", name: crate::view::handle(record) };
        match held.is_empty() {
            true if self.sealed_away(record)? => Err(Error::SealedAway),
            true => Err(missing()),
            false => Ok(held),
        }
    }

    /// The circles of the workspace, and what they hold.
    pub(super) fn shelves(&self) -> Result<Shelves, Error> {
        let Some(roster) = &self.roster else { return Ok(Shelves::default()) };
        Ok(Shelves::load(&self.store.rows(), roster, &self.device.id())?)
    }

    pub(super) fn form_of(&self, whole: &Whole) -> Result<Arc<KnownForm>, Error> {
        let name = || format!("{} {}", whole.form, whole.version);
        let known = forms::find(&self.forms, &whole.form, &whole.version);
        known.ok_or_else(|| Error::NotFound { what: "form", name: name() })
    }

    pub(super) fn circle_of(&self, circle: &CircleId) -> Result<ChainId, Error> {
        let row = self.store.rows().circle(circle)?;
        row.map(|row| row.chain).ok_or(Error::NotAllowed { need: "member of the record's circle" })
    }
}

/// What is to be worked out anew once an edit settles something and nothing else is left in conflict than what the form
/// works out: nobody can be asked what a sum should be, and each of the sums that stand may have been worked out from
/// answers of which another stands now. What this device may not write stays as it is.
fn left_to_work_out(
    known: &KnownForm,
    shelves: &Shelves,
    before: &Whole,
    edits: &BTreeMap<String, Option<Answer>>,
    held: &[Held],
) -> BTreeSet<String> {
    let unsettled = || before.conflicts.iter().map(|conflict| &conflict.field);
    if !unsettled().any(|field| edits.contains_key(field)) {
        return BTreeSet::new();
    }
    let worked_out =
        |field: &str| known.form.asked(field).filter(|question| question.logic.calculation.is_some());
    if !unsettled().all(|field| edits.contains_key(field) || worked_out(field).is_some()) {
        return BTreeSet::new();
    }
    // What a person types over a calculation is their word; what nobody is asked has no other.
    let anew = |field: &str| {
        worked_out(field).is_some_and(|question| !(edits.contains_key(field) && question.kind.is_asked()))
    };
    let may =
        |field: &str| held.iter().filter(|one| one.says(field)).all(|one| shelves.is_held(&one.row.circle));
    unsettled().filter(|field| anew(field) && may(field)).cloned().collect()
}

/// Whether a text may be the name that a file is shown by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Names {
    /// As people and programs give answers.
    Shown,
    /// What stood there already is put back as it was.
    Exact,
}

/// Where each part of a record goes.
pub(super) type Homes = BTreeMap<Part, CircleId>;

/// A checked record: all its answers, and those of each part.
pub(super) struct Parted {
    pub(super) answers: Answers,
    pub(super) parts: BTreeMap<Part, Answers>,
}

/// The next names of documents, in each circle.
pub(super) struct Pens(BTreeMap<CircleId, (ChainId, u64)>);

impl Pens {
    pub(super) fn take(rows: &Rows<'_>, homes: &Homes, all: &[Result<Parted, Error>]) -> Result<Self, Error> {
        let mut counts: BTreeMap<CircleId, u64> = BTreeMap::new();
        for part in all.iter().flatten().flat_map(|parted| parted.parts.keys()) {
            if let Some(circle) = homes.get(part) {
                *counts.entry(*circle).or_default() += 1;
            }
        }
        let take = |(circle, count)| Ok((circle, rows.take_documents(&circle, count)?));
        Ok(Self(counts.into_iter().map(take).collect::<Result<_, StoreError>>()?))
    }
}

/// Begins a record: one document for each part, all of them or none.
pub(super) fn begin(
    rows: &Rows<'_>,
    known: &KnownForm,
    homes: &Homes,
    pens: &mut Pens,
    parted: &Parted,
    now: u64,
) -> Result<RecordId, Error> {
    let lost = || Error::Bug("a part has no circle".to_owned());
    let mut next = pens.0.clone();
    let mut record = None;
    let mut written = Vec::with_capacity(parted.parts.len());
    // The case comes first: the record is named after it.
    for (part, answers) in &parted.parts {
        let circle = homes.get(part).ok_or_else(lost)?;
        let (chain, counter) = next.get_mut(circle).ok_or_else(lost)?;
        let id = DocumentId::of(*chain, *counter);
        *counter += 1;
        let about = About { record: *record.get_or_insert(RecordId(id.0)), part: part.name() };
        let stamp = Stamp { chain: *chain, time: now.try_into().unwrap_or(i64::MAX) };
        let Written { change, document, .. } = change::first(&known.form, &about, answers, &stamp)?;
        let row = outgoing_row(&id, known.number, change);
        must_fit(&row)?;
        written.push((part, id, circle, document, answers, row));
    }
    let record = record.ok_or_else(lost)?;
    let form = Some((&*known.form, known.number));
    let settled = Unsettled::new();
    let whole = project(form, &parted.answers, &settled, now);
    let mut before = Projection::default();
    for (part, id, circle, bytes, answers, row) in written {
        let words = if parted.parts.len() == 1 {
            whole.words.clone()
        } else {
            project(form, answers, &settled, now).words
        };
        let after = Projection { words, ..whole.clone() };
        let new = NewDocument { id: &id, record: &record, part: part.name(), circle, bytes: &bytes };
        rows.put_document(&new, &before, &after)?;
        rows.put_outbox(circle, &row)?;
        before = after;
    }
    pens.0 = next;
    Ok(record)
}

pub(super) fn outgoing_row(document: &DocumentId, form: u64, change: Vec<u8>) -> OutboxRow {
    let (kind, extra) = (OutboxKind::Change, Vec::new());
    OutboxRow { number: 0, kind, document: Some(*document), form, bytes: change, extra }
}
