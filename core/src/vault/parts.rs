//! One record out of its documents.
//!
//! A part usually is one document. Two devices that begin it at the same time make two; then the part is both
//! together: a field that only one of them answers is answered so, and on a field that they answer differently
//! both answers stand, that of the document with the lower identifier first.
//!
//! Each document has an edition of the form of its own. The record is read by the latest of them; what that does not
//! ask, or asks in another part, is left over (`parts/left.rs`) and shown all the same.

use std::collections::{BTreeMap, BTreeSet};

use cairn_wire::id::{CircleId, DocumentId, RecordId};

use std::sync::Arc;

use super::KnownForm;
use super::forms::find;
use super::shelves::Shelves;
use crate::change::{self, Conflict, Content, Value};
use crate::error::Error;
use crate::form::{Answer, Answers, Form, Part};
use crate::record::Projection;
use crate::store::{NewDocument, PartRow, Rows};

mod editions;
mod left;
mod plan;

use editions::{asked, belongs, can_be_settled, editions, projected};
pub(super) use left::left;
pub(super) use plan::{Plan, plan};

/// One document of a record, and what it says.
#[derive(Debug, Clone)]
pub(super) struct Held {
    pub(super) row: PartRow,
    pub(super) content: Content,
}

impl Held {
    /// Whether an answer to `field` stands in it.
    pub(super) fn says(&self, field: &str) -> bool {
        self.content.answers.contains_key(field) || self.conflict(field).is_some()
    }

    fn conflict(&self, field: &str) -> Option<&Conflict> {
        self.content.conflicts.iter().find(|conflict| conflict.field == field)
    }

    /// What stands in a field, with who gave it.
    fn standing(&self, field: &str) -> Result<Vec<Value>, Error> {
        if let Some(conflict) = self.conflict(field) {
            return Ok(conflict.values.clone());
        }
        let Some(answer) = self.content.answers.get(field) else { return Ok(Vec::new()) };
        let last = change::history(&self.row.bytes, Some(field))?.pop();
        Ok(last
            .map(|past| Value { answer: Some(answer.clone()), by: past.by, change: past.change })
            .into_iter()
            .collect())
    }
}

/// Everything a record says on this device.
#[derive(Debug, Clone, Default)]
pub(super) struct Whole {
    pub(super) form: String,
    /// The latest edition that any part of it has.
    pub(super) version: String,
    /// All editions it has been in, the latest last.
    pub(super) editions: Vec<String>,
    /// Where its case lives, if this device has it.
    pub(super) case: Option<CircleId>,
    pub(super) answers: Answers,
    pub(super) conflicts: Vec<Conflict>,
    /// The newest change's clock.
    pub(super) changed: u64,
}

impl Whole {
    /// Every answer that stands in a field.
    pub(super) fn standing(&self, field: &str) -> Vec<Answer> {
        let rivals = self.conflicts.iter().filter(|conflict| conflict.field == field);
        let rivals =
            rivals.flat_map(|conflict| conflict.values.iter().filter_map(|value| value.answer.clone()));
        self.answers.get(field).cloned().into_iter().chain(rivals).collect()
    }

    /// The answers to what `form` asks, and the rows it knows.
    pub(super) fn asked_by(&self, form: &Form) -> Answers {
        if self.editions.as_slice() == std::slice::from_ref(&form.version) {
            return self.answers.clone();
        }
        let asked = |key: &String| form.asked(key).is_some() || form.is_row(key);
        self.answers
            .iter()
            .filter(|(key, _)| asked(key))
            .map(|(key, one)| (key.clone(), one.clone()))
            .collect()
    }
}

/// The documents of a record that belong together, by identifier. The case says which form it is and whether
/// it was made to be shared; what was begun otherwise under the same name is left aside.
pub(super) fn documents(rows: &Rows<'_>, shelves: &Shelves, record: &RecordId) -> Result<Vec<Held>, Error> {
    let mut held = Vec::new();
    for row in rows.parts(record)? {
        let content = change::read(&row.bytes)?;
        held.push(Held { row, content });
    }
    held.sort_by_key(|one| one.row.id);
    Ok(together(held, shelves))
}

pub(super) fn together(mut held: Vec<Held>, shelves: &Shelves) -> Vec<Held> {
    let case = held.iter().find(|one| one.row.part == Part::Case.name());
    let Some(leader) = case.or(held.first()) else { return held };
    let form = leader.content.form.clone();
    let (circle, sharing) = (leader.row.circle, shelves.is_sharing(&leader.row.circle));
    held.retain(|one| {
        let place = if sharing { one.row.circle == circle } else { !shelves.is_sharing(&one.row.circle) };
        place && one.content.form == form
    });
    held
}

/// What the documents say together.
pub(super) fn whole(forms: &[Arc<KnownForm>], held: &[Held]) -> Result<Whole, Error> {
    let Some(first) = held.first() else { return Ok(Whole::default()) };
    let editions = editions(held);
    let version = editions.last().cloned().unwrap_or_default();
    let known = find(forms, &first.content.form, &version);
    let form = known.as_ref().map(|known| &*known.form);
    let case = held.iter().find(|one| one.row.part == Part::Case.name()).map(|one| one.row.circle);
    let changed = held.iter().map(|one| one.content.latest.time).max().unwrap_or_default();
    let mut whole = Whole {
        form: first.content.form.clone(),
        version,
        editions,
        case,
        changed: changed.try_into().unwrap_or(0),
        ..Whole::default()
    };
    let mut parts: BTreeMap<&str, Vec<&Held>> = BTreeMap::new();
    held.iter().for_each(|one| parts.entry(&one.row.part).or_default().push(one));
    // Under one edition nothing stands anywhere but where it is asked, and looking takes time.
    let latest = form.filter(|_| whole.editions.len() > 1);
    let mut elsewhere = Answers::new();
    for (part, same) in parts {
        if let [only] = same.as_slice() {
            // What is asked in another part now is shown where nobody has answered it there.
            let here = |key: &String| latest.is_none_or(|form| belongs(form, part, key));
            let (own, other): (Answers, Answers) =
                only.content.answers.clone().into_iter().partition(|(key, _)| here(key));
            whole.answers.extend(own);
            elsewhere.extend(other);
            let conflicts = only.content.conflicts.iter().filter(|conflict| here(&conflict.field));
            whole.conflicts.extend(conflicts.cloned());
        } else {
            join(form, (part, &same), &mut whole, &mut elsewhere)?;
        }
    }
    for (field, answer) in elsewhere {
        whole.answers.entry(field).or_insert(answer);
    }
    whole.conflicts.sort_by(|one, other| one.field.cmp(&other.field));
    if let Some(form) = asked(forms, &whole.form, &whole.editions) {
        whole.conflicts.retain(|conflict| can_be_settled(&form, &conflict.field));
    }
    Ok(whole)
}

/// A part that was begun more than once.
fn join(
    form: Option<&Form>,
    (part, same): (&str, &[&Held]),
    whole: &mut Whole,
    elsewhere: &mut Answers,
) -> Result<(), Error> {
    let answered = same.iter().flat_map(|one| one.content.answers.keys());
    let unsettled = same.iter().flat_map(|one| one.content.conflicts.iter().map(|conflict| &conflict.field));
    let fields: BTreeSet<&String> = answered.chain(unsettled).collect();
    for field in fields {
        let all = same.iter().map(|one| one.standing(field)).collect::<Result<Vec<_>, _>>()?.concat();
        let asked = form.and_then(|form| Some((form, form.asked(field)?)));
        let values = change::together(asked, all);
        let here = asked.is_none_or(|(_, question)| question.part.name() == part);
        if let Some(answer) = values.first().and_then(|value| value.answer.clone()) {
            let answers = if here { &mut whole.answers } else { &mut *elsewhere };
            answers.insert(field.clone(), answer);
        }
        if here && values.len() > 1 {
            whole.conflicts.push(Conflict { field: field.clone(), values });
        }
    }
    Ok(())
}

/// What lists and filters keep of a record with these documents; the words are those of the document `of`.
pub(super) fn projection(forms: &[Arc<KnownForm>], held: &[Held], of: &Held) -> Result<Projection, Error> {
    let alone = |one: &Held| {
        let Content { form, editions, answers, conflicts, latest, .. } = &one.content;
        projected(
            forms,
            (form.as_str(), editions.as_slice()),
            answers,
            conflicts,
            latest.time.try_into().unwrap_or(0),
        )
    };
    let never_moved = |only: &&Held| only.content.editions.len() == 1;
    let Some(only) = held.first().filter(|_| held.len() == 1).filter(never_moved) else {
        let Whole { form, editions, answers, conflicts, changed, .. } = whole(forms, held)?;
        let projection =
            projected(forms, (form.as_str(), editions.as_slice()), &answers, &conflicts, changed);
        return Ok(Projection { words: alone(of).words, ..projection });
    };
    let projection = alone(only);
    Ok(if only.row.id == of.row.id {
        projection
    } else {
        Projection { words: alone(of).words, ..projection }
    })
}

/// Keeps a document's new state, or a new document, with all that follows from it for its record. Gives the
/// record's documents with it.
pub(super) fn keep(
    rows: &Rows<'_>,
    forms: &[Arc<KnownForm>],
    shelves: &Shelves,
    before: &[Held],
    new: Held,
) -> Result<Vec<Held>, Error> {
    let old = before.iter().find(|one| one.row.id == new.row.id);
    let mut after: Vec<Held> = before.iter().filter(|one| one.row.id != new.row.id).cloned().collect();
    after.push(new.clone());
    after.sort_by_key(|one| one.row.id);
    let is = projection(forms, &together(after.clone(), shelves), &new)?;
    let was = match before {
        [] => Projection::default(),
        before => projection(forms, &together(before.to_vec(), shelves), old.unwrap_or(&new))?,
    };
    match old {
        Some(old) => {
            rows.update_document(&old.row, &new.row.bytes, &was, &is)?;
        }
        None => {
            let (record, row) = (&new.content.record, &new.row);
            let (id, part, circle, bytes) = (&row.id, row.part.as_str(), &row.circle, row.bytes.as_slice());
            rows.put_document(&NewDocument { id, record, part, circle, bytes }, &was, &is)?;
        }
    }
    Ok(after)
}

/// Takes a document out with all that follows from it for its record.
pub(super) fn remove(
    rows: &Rows<'_>,
    forms: &[Arc<KnownForm>],
    shelves: &Shelves,
    before: &[Held],
    id: &DocumentId,
) -> Result<(), Error> {
    let Some(gone) = before.iter().find(|one| one.row.id == *id) else { return Ok(()) };
    let after: Vec<Held> = before.iter().filter(|one| one.row.id != *id).cloned().collect();
    let was = projection(forms, &together(before.to_vec(), shelves), gone)?;
    let is = match after.as_slice() {
        [] => Projection::default(),
        _ => projection(forms, &together(after, shelves), gone)?,
    };
    Ok(rows.remove_document(&gone.row, &was, &is)?)
}

/// A document that has no row yet.
pub(super) fn fresh(id: DocumentId, circle: CircleId, bytes: Vec<u8>, content: Content) -> Held {
    let row = PartRow { number: 0, id, record: 0, part: content.part.clone(), circle, bytes };
    Held { row, content }
}

/// Every document of a record, also those that do not belong together.
pub(super) fn all(rows: &Rows<'_>, record: &RecordId) -> Result<Vec<Held>, Error> {
    let held = rows.parts(record)?.into_iter();
    held.map(|row| Ok(Held { content: change::read(&row.bytes)?, row })).collect()
}

/// Answers sorted by the part they belong to; those to questions the form does not have are left out.
pub(super) fn by_part<T: Clone>(
    known: &KnownForm,
    given: &BTreeMap<String, T>,
) -> BTreeMap<Part, BTreeMap<String, T>> {
    let parts = known.form.parts().into_iter().map(|part| (part, known.form.given_of_part(part, given)));
    parts.filter(|(_, own)| !own.is_empty()).collect()
}
