//! One record out of its documents.
//!
//! A part usually is one document. Two devices that begin it at the same time make two; then the part is both
//! together: a field that only one of them answers is answered so, and on a field that they answer differently
//! both answers stand, that of the document with the lower identifier first.

use std::collections::{BTreeMap, BTreeSet};

use cairn_wire::id::{CircleId, DocumentId, RecordId};

use std::sync::Arc;

use super::KnownForm;
use super::forms::find;
use super::shelves::Shelves;
use crate::change::{self, Conflict, Content, Value};
use crate::error::Error;
use crate::form::{Answer, Answers, Fault, Form, Merge, Part, Question, Rule};
use crate::record::{Projection, project};
use crate::store::{NewDocument, PartRow, Rows};

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
    pub(super) version: String,
    /// Where its case lives, if this device has it.
    pub(super) case: Option<CircleId>,
    pub(super) answers: Answers,
    pub(super) conflicts: Vec<Conflict>,
    /// The newest change's clock.
    pub(super) changed: u64,
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
    let (form, version) = (leader.content.form.clone(), leader.content.version.clone());
    let (circle, sharing) = (leader.row.circle, shelves.is_sharing(&leader.row.circle));
    held.retain(|one| {
        let place = if sharing { one.row.circle == circle } else { !shelves.is_sharing(&one.row.circle) };
        place && one.content.form == form && one.content.version == version
    });
    held
}

/// What the documents say together.
pub(super) fn whole(forms: &[Arc<KnownForm>], held: &[Held]) -> Result<Whole, Error> {
    let Some(first) = held.first() else { return Ok(Whole::default()) };
    let known = find(forms, &first.content.form, &first.content.version);
    let form = known.as_ref().map(|known| &*known.form);
    let case = held.iter().find(|one| one.row.part == Part::Case.name()).map(|one| one.row.circle);
    let latest = held.iter().map(|one| one.content.latest.time).max().unwrap_or_default();
    let mut whole = Whole {
        form: first.content.form.clone(),
        version: first.content.version.clone(),
        case,
        changed: latest.try_into().unwrap_or(0),
        ..Whole::default()
    };
    let mut parts: BTreeMap<&str, Vec<&Held>> = BTreeMap::new();
    held.iter().for_each(|one| parts.entry(&one.row.part).or_default().push(one));
    for same in parts.into_values() {
        if let [only] = same.as_slice() {
            whole.answers.extend(only.content.answers.clone());
            whole.conflicts.extend(only.content.conflicts.iter().cloned());
        } else {
            join(form, &same, &mut whole)?;
        }
    }
    whole.conflicts.sort_by(|one, other| one.field.cmp(&other.field));
    Ok(whole)
}

/// A part that was begun more than once.
fn join(form: Option<&Form>, same: &[&Held], whole: &mut Whole) -> Result<(), Error> {
    let answered = same.iter().flat_map(|one| one.content.answers.keys());
    let unsettled = same.iter().flat_map(|one| one.content.conflicts.iter().map(|conflict| &conflict.field));
    let fields: BTreeSet<&String> = answered.chain(unsettled).collect();
    for field in fields {
        let all = same.iter().map(|one| one.standing(field)).collect::<Result<Vec<_>, _>>()?.concat();
        let asked = form.and_then(|form| Some((form, form.asked(field)?)));
        let values = change::together(asked, all);
        if let Some(answer) = values.first().and_then(|value| value.answer.clone()) {
            whole.answers.insert(field.clone(), answer);
        }
        if values.len() > 1 {
            whole.conflicts.push(Conflict { field: field.clone(), values });
        }
    }
    Ok(())
}

/// What lists and filters keep of a record with these documents; the words are those of the document `of`.
pub(super) fn projection(forms: &[Arc<KnownForm>], held: &[Held], of: &Held) -> Result<Projection, Error> {
    let alone = |one: &Held| {
        let known = find(forms, &one.content.form, &one.content.version);
        let conflicts = one.content.conflicts.iter().map(|conflict| conflict.field.clone());
        let changed = one.content.latest.time.try_into().unwrap_or(0);
        let form = known.as_ref().map(|known| (&*known.form, known.number));
        project(form, &one.content.answers, conflicts, changed)
    };
    let [only] = held else {
        let whole = whole(forms, held)?;
        let known = find(forms, &whole.form, &whole.version);
        let form = known.as_ref().map(|known| (&*known.form, known.number));
        let conflicts = whole.conflicts.iter().map(|conflict| conflict.field.clone());
        let projection = project(form, &whole.answers, conflicts, whole.changed);
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

/// What a device writes where: an edit to a document that is there, or the beginning of one.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) edits: BTreeMap<DocumentId, BTreeMap<String, Option<Answer>>>,
    pub(super) begins: BTreeMap<Part, (CircleId, Answers)>,
}

/// Plans an edit: each answer goes into one document of its part, in the circle that holds the part now, and
/// is emptied in every other that answers the field, so that it alone stands.
///
/// # Errors
/// [`Error::OtherCircle`] for what this device cannot write.
pub(super) fn plan(
    known: &KnownForm,
    shelves: &Shelves,
    held: &[Held],
    edits: &BTreeMap<String, Option<Answer>>,
) -> Result<Plan, Error> {
    let case = held.iter().find(|one| one.row.part == Part::Case.name()).map(|one| one.row.circle);
    let mut plan = Plan::default();
    let (rows, mut edits): (BTreeMap<_, _>, BTreeMap<_, _>) =
        edits.clone().into_iter().partition(|(key, _)| known.form.is_row(key));
    edits.extend(plan.rows(shelves, held, rows)?);
    for (part, edits) in by_part(known, &edits) {
        let home = shelves.of_record(part, case.as_ref());
        let own: Vec<&Held> = held.iter().filter(|one| one.row.part == part.name()).collect();
        for (field, answer) in edits {
            let elsewhere = || Error::OtherCircle { part: part.name(), fields: vec![field.clone()] };
            let mut others: Vec<&Held> = own.iter().copied().filter(|one| one.says(&field)).collect();
            if others.iter().any(|one| !shelves.is_held(&one.row.circle)) {
                return Err(elsewhere());
            }
            if let Some(answer) = answer.clone() {
                let home = home.ok_or_else(elsewhere)?;
                let there = |one: &&Held| one.row.circle == home;
                let target = others.iter().copied().find(there).or(own.iter().copied().find(there));
                if let Some(target) = target {
                    others.retain(|one| one.row.id != target.row.id);
                }
                let answer = for_one(known, &field, answer, &others)?;
                match target {
                    Some(target) => {
                        plan.edits.entry(target.row.id).or_default().insert(field.clone(), Some(answer));
                    }
                    None => {
                        let begin = plan.begins.entry(part).or_insert((home, Answers::new()));
                        begin.1.insert(field.clone(), answer);
                    }
                }
            }
            let merge = known.form.asked(&field).map(Question::merge);
            for other in others {
                let beside = match merge {
                    // What stays stays there; what only grows or is counted is read together.
                    Some(Merge::Immutable | Merge::Log | Merge::Counter) if answer.is_some() => continue,
                    Some(Merge::Worst) => answer.clone(),
                    _ => None,
                };
                plan.edits.entry(other.row.id).or_default().insert(field.clone(), beside);
            }
        }
    }
    Ok(plan)
}

/// What one document must say so that `answer` stands while others say what they do.
fn for_one(known: &KnownForm, field: &str, answer: Answer, others: &[&Held]) -> Result<Answer, Error> {
    let said = || others.iter().filter_map(|one| one.content.answers.get(field));
    match (known.form.asked(field).map(Question::merge), answer) {
        (Some(Merge::Immutable), answer) if said().any(|said| *said != answer) => {
            Err(Error::Invalid(vec![Fault { field: field.to_owned(), rule: Rule::Answered }]))
        }
        (Some(Merge::Counter), Answer::Integer(wanted)) => {
            let counted = said().filter_map(|said| match said {
                Answer::Integer(number) => Some(*number),
                _ => None,
            });
            Ok(Answer::Integer(wanted.saturating_sub(counted.fold(0, i64::saturating_add)).max(0)))
        }
        (_, answer) => Ok(answer),
    }
}

impl Plan {
    /// Plans what is said of rows in the documents that know them; gives back what none of them knows. A row is
    /// there while any part says so: so it is taken away, and brought back, in all that this device may write.
    fn rows(
        &mut self,
        shelves: &Shelves,
        held: &[Held],
        rows: BTreeMap<String, Option<Answer>>,
    ) -> Result<BTreeMap<String, Option<Answer>>, Error> {
        let mut unknown = BTreeMap::new();
        for (key, edit) in rows {
            let knows = |one: &&Held| match edit {
                Some(_) => one.content.away.contains(&key),
                None => one.says(&key),
            };
            let (may, may_not): (Vec<&Held>, Vec<&Held>) =
                held.iter().filter(knows).partition(|one| shelves.is_held(&one.row.circle));
            if let (true, Some(first)) = (may.is_empty(), may_not.first()) {
                let part = Part::from_name(&first.row.part).unwrap_or_default().name();
                return Err(Error::OtherCircle { part, fields: vec![key] });
            }
            for one in &may {
                self.edits.entry(one.row.id).or_default().insert(key.clone(), edit.clone());
            }
            if may.is_empty() && edit.is_some() && !held.iter().any(|one| one.says(&key)) {
                unknown.insert(key, edit);
            }
        }
        Ok(unknown)
    }
}
