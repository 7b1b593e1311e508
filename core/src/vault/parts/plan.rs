//! What a device writes where.

use std::collections::BTreeMap;

use cairn_wire::id::{CircleId, DocumentId};

use super::super::KnownForm;
use super::super::shelves::Shelves;
use super::{Held, by_part};
use crate::error::Error;
use crate::form::{Answer, Answers, Fault, Merge, Part, Question, Rule};

/// What a device writes where: an edit to a document that is there, or the beginning of one.
#[derive(Debug, Default)]
pub(in crate::vault) struct Plan {
    pub(in crate::vault) edits: BTreeMap<DocumentId, BTreeMap<String, Option<Answer>>>,
    pub(in crate::vault) begins: BTreeMap<Part, (CircleId, Answers)>,
}

/// Plans an edit: each answer goes into one document of its part, in the circle that holds the part now, and
/// is emptied in every other that answers the field, so that it alone stands.
///
/// # Errors
/// [`Error::OtherCircle`] for what this device cannot write.
pub(in crate::vault) fn plan(
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
    /// Every answer that is written.
    pub(in crate::vault) fn answers(&self) -> impl Iterator<Item = &Answer> {
        let edits = self.edits.values().flat_map(|edits| edits.values().flatten());
        edits.chain(self.begins.values().flat_map(|(_, answers)| answers.values()))
    }

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
