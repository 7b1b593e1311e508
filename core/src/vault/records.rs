//! Keeping records: new, edit, settle, show, list, search, history.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use cairn_wire::id::{ChainId, CircleId, DocumentId, RecordId};

use super::outgoing::must_fit;
use super::parts::{self, Held, Whole, by_part};
use super::shelves::Shelves;
use super::writing::Edit;
use super::{KnownForm, Vault, forms, working};
use crate::change::{self, About, Conflict, Lower, Past, Stamp, Written};
use crate::error::Error;
use crate::form::{Answer, Answers, Fault, Form, Part, Rule};
use crate::record::{Projection, Times, complete, project};
use crate::store::{Filter, Listed, NewDocument, OutboxKind, OutboxRow, Rows, StoreError};
use crate::view::{Author, ConflictView, PastView, RecordView, SharedView, Typed, typed};

/// Which records to list, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    /// Only records of this form.
    pub form: Option<String>,
    /// Only records with this choice for this question; each must hold.
    pub choices: Vec<(String, String)>,
    /// Only records with words that begin like each word of this.
    pub words: String,
    /// Only records before this one ([`Listed::number`] of the last line of the page before).
    pub before: Option<u64>,
    /// At most so many.
    pub most: u64,
}

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
                made.push(parted.and_then(|parted| match &seal {
                    Some(seal) => seal.record(&rows, known, &parted, now),
                    None => begin(&rows, known, &homes, &mut pens, &parted, now),
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
        self.edit_record_and(record, edits, lower, |_| Ok(()))
    }

    /// As [`Vault::edit_record_with`]; `also` joins the same transaction, whether or not anything changes.
    pub(super) fn edit_record_and(
        &mut self,
        record: &RecordId,
        edits: &BTreeMap<String, Option<Answer>>,
        lower: Lower,
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
        let mut all = working::edited(&known, &answers, edits, &seen, self.clock.now())?;
        // What was another question stays as it was answered; a person who wants to answer it is told.
        all.retain(|field, _| edits.contains_key(field) || asked.asked(field).is_some());
        let plan = parts::plan(&known, &shelves, &held, &all)?;
        self.write(Edit { record, known: &known, shelves: &shelves, held, plan, lower }, also)
    }

    /// Settles a conflict: from now on `answer` stands alone. Settling is itself a change.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no conflict on that field, [`Error::Invalid`].
    pub fn settle(&mut self, record: &RecordId, field: &str, answer: Option<Answer>) -> Result<(), Error> {
        let conflicts = self.record(record)?.conflicts;
        if !conflicts.iter().any(|conflict| conflict.field == field) {
            return Err(Error::NotFound { what: "conflict on", name: field.to_owned() });
        }
        self.edit_record(record, &BTreeMap::from([(field.to_owned(), answer)]))?;
        Ok(())
    }

    /// One record, as far as this device holds it.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn record(&self, record: &RecordId) -> Result<RecordView, Error> {
        self.view(record, &self.shelves()?)
    }

    fn view(&self, record: &RecordId, shelves: &Shelves) -> Result<RecordView, Error> {
        let held = self.documents(record, shelves)?;
        let whole = parts::whole(&self.forms, &held)?;
        let known = self.form_version(&whole.form, &whole.version);
        let title = held.first().map(|one| parts::projection(&self.forms, &held, one)).transpose()?;
        let conflicts = self.conflicts_of(record, &whole.conflicts)?;
        let elsewhere = known.map(|known| shelves.elsewhere(&known.form, whole.case.as_ref()));
        let mut shared = Vec::new();
        for row in self.store.rows().shared(record)? {
            let circle = shelves.name(&row.circle).map(str::to_owned);
            shared.push(SharedView { copy: row.copy, circle });
        }
        let left = parts::left(&self.forms, &held, &whole);
        let Whole { form, version, answers, changed, .. } = whole;
        Ok(RecordView {
            id: *record,
            form,
            version,
            title: title.unwrap_or_default().title,
            answers,
            left,
            conflicts,
            changed,
            elsewhere: elsewhere.unwrap_or_default(),
            shared,
        })
    }

    /// A page of records, newest first.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a form that is not there; [`Error::HandsInOnly`], [`Error::CarriesOnly`].
    pub fn list(&self, query: &Query) -> Result<Vec<Listed>, Error> {
        // Whoever only hands in sees what has not left, and searches nothing.
        if self.carries_only() || !query.words.is_empty() || !query.choices.is_empty() {
            self.need_reader()?;
        }
        let words: Vec<String> = query.words.split_whitespace().map(str::to_owned).collect();
        let mut filter = Filter {
            form: None,
            facets: query.choices.clone(),
            words,
            before: query.before,
            most: query.most,
        };
        let Some(form) = &query.form else { return Ok(self.store.rows().list(&filter)?) };
        let newest = self.form(form)?;
        let versions: Vec<u64> = self
            .forms
            .iter()
            .filter(|known| known.form.id == newest.form.id)
            .map(|known| known.number)
            .collect();
        let mut found = Vec::new();
        for version in versions {
            filter.form = Some(version);
            found.extend(self.store.rows().list(&filter)?);
        }
        found.sort_by_key(|listed| std::cmp::Reverse(listed.number));
        found.truncate(usize::try_from(query.most).unwrap_or(usize::MAX));
        Ok(found)
    }

    /// Goes through every record, oldest first.
    ///
    /// # Errors
    /// What `each` returns, or what the disk says. A record that cannot be read is passed to `damaged`.
    pub fn every_record(
        &self,
        mut each: impl FnMut(RecordView) -> Result<(), Error>,
        mut damaged: impl FnMut(RecordId, Error),
    ) -> Result<(), Error> {
        let shelves = self.shelves()?;
        let mut after = 0;
        loop {
            let page = self.store.rows().records_after(after, 256)?;
            let Some((last, _)) = page.last() else { return Ok(()) };
            after = *last;
            for (_, record) in page {
                match self.view(&record, &shelves) {
                    Ok(view) => each(view)?,
                    Err(error) => damaged(record, error),
                }
            }
        }
    }

    /// Who gave which answer when; of one field, or of all.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn history(&self, record: &RecordId, field: Option<&str>) -> Result<Vec<PastView>, Error> {
        let mut past = Vec::new();
        for one in self.documents(record, &self.shelves()?)? {
            past.extend(change::history(&one.row.bytes, field)?);
        }
        // Within a document causes stay before effects; between documents only clocks can say.
        past.sort_by_key(|one| one.by.time);
        past.into_iter()
            .map(|Past { by, field, before, answer, lowered, .. }| {
                Ok(PastView { field, before, answer, lowered, author: self.author(&by)? })
            })
            .collect()
    }

    /// Every unsettled field, newest record first.
    ///
    /// # Errors
    /// What the disk says.
    pub fn conflicts(&self, most: u64) -> Result<Vec<ConflictView>, Error> {
        let shelves = self.shelves()?;
        let mut views: Vec<ConflictView> = Vec::new();
        for listed in self.store.rows().conflicts(most)? {
            if views.iter().any(|view| view.record == listed.record && view.field == listed.field) {
                continue;
            }
            // One record that cannot be read hides no other's conflicts; `examine` counts it.
            let Ok(held) = self.documents(&listed.record, &shelves) else { continue };
            views.extend(self.conflicts_of(&listed.record, &parts::whole(&self.forms, &held)?.conflicts)?);
        }
        Ok(views)
    }

    fn conflicts_of(&self, record: &RecordId, all: &[Conflict]) -> Result<Vec<ConflictView>, Error> {
        let mut views = Vec::new();
        for conflict in all {
            let mut values = Vec::new();
            for value in &conflict.values {
                values.push((value.answer.clone(), self.author(&value.by)?));
            }
            views.push(ConflictView { record: *record, field: conflict.field.clone(), values });
        }
        Ok(views)
    }

    fn author(&self, by: &Stamp) -> Result<Author, Error> {
        let rows = self.store.rows();
        let own = rows.circles()?.iter().any(|circle| circle.chain == by.chain);
        let device =
            if own { Some(self.device.id()) } else { rows.chain(&by.chain)?.map(|chain| chain.device) };
        let name = device.map(|device| rows.name(&device)).transpose()?.flatten();
        Ok(Author { device, name, time: by.time.try_into().unwrap_or(0) })
    }

    /// The record a person means by a handle (`7f3a-12`) or a whole identifier.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Ambiguous`].
    pub fn find_record(&self, name: &str) -> Result<RecordId, Error> {
        let missing = || match self.need_reader() {
            Ok(()) => Error::NotFound { what: "record", name: name.to_owned() },
            Err(why) => why,
        };
        let rows = self.store.rows();
        let meant = typed(name).ok_or_else(missing)?;
        let sealed = rows.finished()?.into_iter().any(|row| match meant {
            Typed::Whole(record) => row.record == record,
            Typed::Handle(..) => crate::view::handle(&row.record) == name.trim().to_lowercase(),
        });
        let missing = || if sealed { Error::SealedAway } else { missing() };
        match meant {
            Typed::Whole(record) => rows.record_exists(&record)?.then_some(record).ok_or_else(missing),
            Typed::Handle(chain, counter) => match rows.handled(chain, counter)?.as_slice() {
                [record] => Ok(*record),
                [] => Err(missing()),
                _ => Err(Error::Ambiguous { what: "record", name: name.to_owned() }),
            },
        }
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
    let whole = project(form, &parted.answers, [], now);
    let mut before = Projection::default();
    for (part, id, circle, bytes, answers, row) in written {
        let words =
            if parted.parts.len() == 1 { whole.words.clone() } else { project(form, answers, [], now).words };
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
