//! Keeping records: new, edit, settle, show, list, search, history.

use std::collections::BTreeMap;
use std::sync::Arc;

use cairn_wire::id::{ChainId, CircleId, DocumentId, RecordId};

use super::outgoing::must_fit;
use super::{KnownForm, Vault, forms};
use crate::change::{self, About, Content, Past, Stamp, Written};
use crate::error::Error;
use crate::form::{Answer, Answers, Form};
use crate::record::{Projection, Times, complete, project};
use crate::store::{Filter, Listed, OutboxKind, OutboxRow, PartRow, Rows, StoreError};
use crate::view::{Author, ConflictView, PastView, RecordView, Typed, typed};

/// The part in which everything lives until forms say otherwise.
pub(super) const PART: &str = "case";

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
    /// [`Error::Invalid`] with every fault; nothing is saved then.
    pub fn new_record(&mut self, form: &str, answers: Answers) -> Result<RecordId, Error> {
        let known = self.form(form)?;
        let made = self.new_records(&known, vec![answers], |_, _| Ok(()))?;
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
        many: Vec<Answers>,
        also: impl FnOnce(&Rows<'_>, u64) -> Result<(), StoreError>,
    ) -> Result<Vec<Result<RecordId, Error>>, Error> {
        self.need_writer()?;
        let circle = self.circle()?.circle;
        let now = self.clock.now();
        let form = &*known.form;
        let checked: Vec<Result<Answers, Error>> = many
            .into_iter()
            .map(|answers| {
                let answers = complete(form, answers, &Times::at(now, now));
                let faults = form.check(&answers);
                if faults.is_empty() { Ok(answers) } else { Err(Error::Invalid(faults)) }
            })
            .collect();
        let good = checked.iter().filter(|answers| answers.is_ok()).count() as u64;
        self.store.gesture(|rows| {
            let (chain, mut counter) = rows.take_documents(&circle, good)?;
            let mut made = Vec::with_capacity(checked.len());
            for answers in checked {
                made.push(answers.and_then(|answers| {
                    let document = DocumentId::of(chain, counter);
                    let stamp = Stamp { chain, time: now.try_into().unwrap_or(i64::MAX) };
                    let about = About { record: RecordId(document.0), part: PART };
                    let written = change::first(form, &about, &answers, &stamp)?;
                    counter += 1;
                    let projection = project(Some((form, known.number)), &answers, [], now);
                    rows.put_document(
                        &document,
                        &about.record,
                        PART,
                        &circle,
                        &written.document,
                        &projection,
                    )?;
                    queue(&rows, &circle, &document, known.number, written)?;
                    Ok(about.record)
                }));
            }
            // Only what the person can mend belongs to one record; anything else undoes the gesture.
            let mut results = Vec::with_capacity(made.len());
            for one in made {
                match one {
                    Err(error) if !matches!(error, Error::Invalid(_) | Error::TooLarge(_)) => {
                        return Err(error);
                    }
                    fine => results.push(fine),
                }
            }
            let saved = results.iter().filter(|one| one.is_ok()).count() as u64;
            also(&rows, saved)?;
            Ok(results)
        })
    }

    /// Changes answers of a record; `None` empties one. `false` if nothing would change.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Invalid`]; nothing is saved then.
    pub fn edit_record(
        &mut self,
        record: &RecordId,
        edits: &BTreeMap<String, Option<Answer>>,
    ) -> Result<bool, Error> {
        self.need_writer()?;
        let part = self.part(record)?;
        let before = change::read(&part.bytes)?;
        let known = self.form_of(&before)?;
        self.check_edits(&known.form, &before.answers, edits)?;
        let chain = self.circle_of(&part.circle)?;
        let now = self.clock.now();
        let stamp = Stamp { chain, time: now.try_into().unwrap_or(i64::MAX) };
        let Some(written) = change::edit(&part.bytes, &known.form, edits, &stamp)? else { return Ok(false) };
        let after = change::read(&written.document)?;
        let old = projection(Some(&known), &before, 0);
        let new = projection(Some(&known), &after, now);
        self.store.gesture(|rows| {
            rows.update_document(&part, &written.document, &old, &new)?;
            queue(&rows, &part.circle, &part.id, known.number, written)
        })?;
        Ok(true)
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

    fn check_edits(
        &self,
        form: &Form,
        before: &Answers,
        edits: &BTreeMap<String, Option<Answer>>,
    ) -> Result<(), Error> {
        let mut after = before.clone();
        for (field, answer) in edits {
            match answer {
                Some(answer) => after.insert(field.clone(), answer.clone()),
                None => after.remove(field),
            };
        }
        // Faults that were there before do not stop a correction elsewhere.
        let faults: Vec<_> =
            form.check(&after).into_iter().filter(|fault| edits.contains_key(&fault.field)).collect();
        let unknown = edits.keys().filter(|field| form.question(field).is_none());
        let unknown = unknown
            .map(|field| crate::form::Fault { field: field.clone(), rule: crate::form::Rule::UnknownField });
        let known: Vec<_> = faults.iter().map(|fault| fault.field.clone()).collect();
        let faults: Vec<_> =
            unknown.filter(|fault| !known.contains(&fault.field)).chain(faults.clone()).collect();
        if faults.is_empty() { Ok(()) } else { Err(Error::Invalid(faults)) }
    }

    /// One record, whole.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn record(&self, record: &RecordId) -> Result<RecordView, Error> {
        let part = self.part(record)?;
        let content = change::read(&part.bytes)?;
        let known = self.form_version(&content.form, &content.version);
        let title = projection(known.as_deref(), &content, 0).title;
        let conflicts = self.conflicts_of(record, &content)?;
        let changed = content.latest.time.try_into().unwrap_or(0);
        let Content { form, version, answers, .. } = content;
        Ok(RecordView { id: *record, form, version, title, answers, conflicts, changed })
    }

    /// A page of records, newest first.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a form that is not there.
    pub fn list(&self, query: &Query) -> Result<Vec<Listed>, Error> {
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
        let mut after = 0;
        loop {
            let page = self.store.rows().documents_after(after, 256)?;
            let Some(last) = page.last() else { return Ok(()) };
            after = last.number;
            for part in page {
                let record = RecordId(part.id.0);
                match self.record(&record) {
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
        let part = self.part(record)?;
        let past = change::history(&part.bytes, field)?;
        past.into_iter()
            .map(|Past { by, field, before, answer, .. }| {
                Ok(PastView { field, before, answer, author: self.author(&by)? })
            })
            .collect()
    }

    /// Every unsettled field, newest record first.
    ///
    /// # Errors
    /// What the disk says.
    pub fn conflicts(&self, most: u64) -> Result<Vec<ConflictView>, Error> {
        let mut views: Vec<ConflictView> = Vec::new();
        for listed in self.store.rows().conflicts(most)? {
            if views.iter().any(|view| view.record == listed.record && view.field == listed.field) {
                continue;
            }
            // One record that cannot be read hides no other's conflicts; `examine` counts it.
            let Ok(content) = change::read(&self.part(&listed.record)?.bytes) else { continue };
            views.extend(self.conflicts_of(&listed.record, &content)?);
        }
        Ok(views)
    }

    fn conflicts_of(&self, record: &RecordId, content: &Content) -> Result<Vec<ConflictView>, Error> {
        let mut views = Vec::new();
        for conflict in &content.conflicts {
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
        let missing = || Error::NotFound { what: "record", name: name.to_owned() };
        let rows = self.store.rows();
        match typed(name).ok_or_else(missing)? {
            Typed::Whole(record) => rows.record_exists(&record)?.then_some(record).ok_or_else(missing),
            Typed::Handle(chain, counter) => {
                let mut found = Vec::new();
                for prefix in rows.chain_prefixes(chain)? {
                    let record = RecordId(DocumentId::of(ChainId(prefix), counter).0);
                    if rows.record_exists(&record)? {
                        found.push(record);
                    }
                }
                found.dedup();
                match found.as_slice() {
                    [record] => Ok(*record),
                    [] => Err(missing()),
                    _ => Err(Error::Ambiguous { what: "record", name: name.to_owned() }),
                }
            }
        }
    }

    fn part(&self, record: &RecordId) -> Result<PartRow, Error> {
        let parts = self.store.rows().parts(record)?;
        let missing = || Error::NotFound { what: "record", name: crate::view::handle(record) };
        parts.into_iter().next().ok_or_else(missing)
    }

    fn form_of(&self, content: &Content) -> Result<Arc<KnownForm>, Error> {
        let name = || format!("{} {}", content.form, content.version);
        let known = forms::find(&self.forms, &content.form, &content.version);
        known.ok_or_else(|| Error::NotFound { what: "form", name: name() })
    }

    fn circle_of(&self, circle: &CircleId) -> Result<ChainId, Error> {
        let row = self.store.rows().circle(circle)?;
        row.map(|row| row.chain).ok_or(Error::NotAllowed { need: "member of the record's circle" })
    }
}

/// What the store keeps beside a document.
pub(super) fn projection(known: Option<&KnownForm>, content: &Content, changed: u64) -> Projection {
    let conflicts = content.conflicts.iter().map(|conflict| conflict.field.clone());
    project(known.map(|known| (&*known.form, known.number)), &content.answers, conflicts, changed)
}

fn queue(
    rows: &Rows<'_>,
    circle: &CircleId,
    document: &DocumentId,
    form: u64,
    written: Written,
) -> Result<(), Error> {
    let row = OutboxRow {
        number: 0,
        kind: OutboxKind::Change,
        document: Some(*document),
        form,
        bytes: written.change,
        extra: Vec::new(),
    };
    must_fit(&row)?;
    Ok(rows.put_outbox(circle, &row)?)
}
