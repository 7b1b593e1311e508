//! Changing answers.

use std::collections::{BTreeMap, BTreeSet};

use automerge::{
    Automerge, AutomergeError, Change, ObjId, ObjType, ROOT, ReadDoc, ScalarValue,
    legacy::{Key, ObjectId, OpId, OpType},
    transaction::{CommitOptions, Transactable, Transaction},
};
use cairn_wire::limits;

use super::{
    ChangeError, Stamp, Written, bounds,
    layout::{self, Shape},
    read, rest,
    standing::{Standing, View},
};
use crate::form::{Answer, Form, Question};

/// Two texts of which the differing middles multiply to more than this are replaced, not compared letter by letter.
const COMPARABLE: usize = 4_000_000;

/// Changes answers; `None` for an answer empties the field. Gives nothing if nothing would change.
///
/// Putting any value on a field with conflicting ones settles it, also the value shown already.
///
/// # Errors
/// [`ChangeError`].
pub fn edit(
    document: &[u8],
    form: &Form,
    edits: &BTreeMap<String, Option<Answer>>,
    by: &Stamp,
) -> Result<Option<Written>, ChangeError> {
    let mut base = rest::load(document)?;
    allowed(&base, form, edits)?;
    base.set_actor(layout::actor(by.chain));
    let Some(mut change) =
        rest::caught(|| commit(&mut base, form, edits, by)).ok_or(ChangeError::Damaged)??
    else {
        return Ok(None);
    };
    if let Some(plain) = without_deletes(document, &change)? {
        base = rest::load(document)?;
        base.apply_changes([plain.clone()]).map_err(|_| ChangeError::Damaged)?;
        change = plain;
    }
    bounds::inspect(change.raw_bytes()).map_err(|_| ChangeError::TooLarge)?;
    Ok(Some(Written {
        change: change.raw_bytes().to_vec(),
        hash: change.hash().0,
        document: rest::whole(&base),
    }))
}

/// Settles a conflict: from now on `answer` alone stands. The same as editing that one field.
///
/// # Errors
/// As [`edit`].
pub fn settle(
    document: &[u8],
    form: &Form,
    field: &str,
    answer: Option<Answer>,
    by: &Stamp,
) -> Result<Option<Written>, ChangeError> {
    edit(document, form, &BTreeMap::from([(field.to_owned(), answer)]), by)
}

fn allowed(
    base: &Automerge,
    form: &Form,
    edits: &BTreeMap<String, Option<Answer>>,
) -> Result<(), ChangeError> {
    let (id, version) = read::form_of(base).ok_or(ChangeError::Damaged)?;
    if (&id, &version) != (&form.id, &form.version) {
        return Err(ChangeError::OtherForm { form: id, version });
    }
    let heads = base.get_heads().len();
    if heads >= limits::DEPENDENCIES {
        return Err(ChangeError::TooManyHeads { heads });
    }
    for (field, answer) in edits {
        match answer {
            Some(answer) => layout::check(form, field, answer).map(|_| ())?,
            None => form
                .question(field)
                .map(|_| ())
                .ok_or_else(|| ChangeError::Unasked { field: field.clone() })?,
        }
    }
    Ok(())
}

/// Makes the edits in one transaction.
fn commit(
    base: &mut Automerge,
    form: &Form,
    edits: &BTreeMap<String, Option<Answer>>,
    by: &Stamp,
) -> Result<Option<Change>, ChangeError> {
    let mut steps = Vec::new();
    for question in &form.questions {
        if let Some(answer) = edits.get(&question.name) {
            plan(&View::now(base), form, question, answer.as_ref(), &mut steps);
        }
    }
    let mut transaction = base.transaction();
    for step in steps {
        step.make(&mut transaction).map_err(|_| ChangeError::Damaged)?;
    }
    let (hash, _) = transaction.commit_with(CommitOptions::default().with_time(by.time));
    Ok(hash.and_then(|hash| base.get_change_by_hash(&hash)))
}

/// One step of an edit.
enum Step {
    Put(String, ScalarValue),
    Begin(String, String),
    Write(ObjId, String),
}

impl Step {
    fn make(self, transaction: &mut Transaction<'_>) -> Result<(), AutomergeError> {
        match self {
            Self::Put(key, value) => transaction.put(ROOT, key, value),
            Self::Begin(key, text) => {
                let object = transaction.put_object(ROOT, key, ObjType::Text)?;
                transaction.splice_text(&object, 0, 0, &text)
            }
            Self::Write(object, text) => write(transaction, &object, &text),
        }
    }
}

/// What must be done so that `answer` stands in the field, alone.
fn plan(view: &View<'_>, form: &Form, question: &Question, answer: Option<&Answer>, steps: &mut Vec<Step>) {
    let name = &question.name;
    let standing = view.field(name);
    let settled = standing.len() < 2;
    let shown = standing.first().and_then(|shown| shown.answer.as_ref());
    match Shape::of(&question.kind) {
        Shape::Narrative => {
            let wanted = match answer {
                Some(Answer::Narrative(text)) => text.as_str(),
                _ => "",
            };
            narrative(view, name, standing.first(), wanted, steps);
        }
        Shape::Choices => {
            if shown == answer {
                return;
            }
            let none = BTreeSet::new();
            let chosen = |answer: Option<&'_ Answer>| match answer {
                Some(Answer::Choices(chosen)) => chosen.clone(),
                _ => none.clone(),
            };
            let (before, after) = (chosen(shown), chosen(answer));
            let none_applies = answer.is_some() && after.is_empty();
            if none_applies {
                steps.push(Step::Put(name.clone(), true.into()));
            } else if answer.is_none() && !view.values(name).is_empty() {
                steps.push(Step::Put(name.clone(), ScalarValue::Null));
            }
            for choice in form.choices(question) {
                let (was, is) = (before.contains(&choice.name), after.contains(&choice.name));
                if was != is {
                    steps.push(Step::Put(layout::flag(name, &choice.name), is.into()));
                }
            }
        }
        _ => {
            if settled && shown == answer {
                return;
            }
            let value = answer.and_then(layout::scalar).unwrap_or(ScalarValue::Null);
            steps.push(Step::Put(name.clone(), value));
        }
    }
}

/// Writes into the text that is shown, and empties its rivals: none is deleted, so that what somebody
/// else writes into one of them at the same time is not lost.
fn narrative(view: &View<'_>, name: &str, shown: Option<&Standing>, wanted: &str, steps: &mut Vec<Step>) {
    let objects: Vec<ObjId> =
        view.values(name).into_iter().filter(|(value, _)| value.is_object()).map(|(_, id)| id).collect();
    let Some(target) = shown.map(|shown| &shown.given).or(objects.first()) else {
        if !wanted.is_empty() {
            steps.push(Step::Begin(name.to_owned(), wanted.to_owned()));
        }
        return;
    };
    for object in &objects {
        let text = if object == target { wanted } else { "" };
        if view.text(object) != text {
            steps.push(Step::Write(object.clone(), text.to_owned()));
        }
    }
}

/// Makes `text` of what `object` says, by the smallest difference that can be found quickly.
fn write(transaction: &mut Transaction<'_>, object: &ObjId, text: &str) -> Result<(), AutomergeError> {
    let old: Vec<char> = transaction.text(object)?.chars().collect();
    let new: Vec<char> = text.chars().collect();
    let front = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let back = old.iter().rev().zip(new.iter().rev()).take_while(|(a, b)| a == b).count();
    let back = back.min(old.len().min(new.len()) - front);
    let (removed, added) = (old.len() - front - back, new.len() - front - back);
    if removed.saturating_mul(added) <= COMPARABLE {
        return transaction.update_text(object, text);
    }
    let middle: String = new.iter().skip(front).take(added).collect();
    transaction.splice_text(object, front, removed.cast_signed(), &middle)
}

/// Settling a conflict with the value already shown, Automerge deletes the others instead of putting the value.
/// Then nobody could tell who settled it, and no receiver allows deletions. So such a change is
/// written anew with a put in place of each deletion.
fn without_deletes(document: &[u8], change: &Change) -> Result<Option<Change>, ChangeError> {
    let mut expanded = change.decode();
    let deletes = |obj: &ObjectId, action: &OpType| *obj == ObjectId::Root && *action == OpType::Delete;
    if !expanded.operations.iter().any(|operation| deletes(&operation.obj, &operation.action)) {
        return Ok(None);
    }
    let before = rest::load(document)?;
    for operation in &mut expanded.operations {
        let Key::Map(key) = &operation.key else { continue };
        if !deletes(&operation.obj, &operation.action) {
            continue;
        }
        let values = View::now(&before).values(key);
        let shown = values.first().and_then(|(value, _)| value.as_scalar()).cloned();
        let all = values.iter().map(|(_, id)| match id {
            ObjId::Id(counter, actor, _) => Some(OpId::new(*counter, actor)),
            ObjId::Root => None,
        });
        operation.pred = all.collect::<Option<Vec<OpId>>>().ok_or(ChangeError::Damaged)?.into();
        operation.action = OpType::Put(shown.ok_or(ChangeError::Damaged)?);
    }
    Ok(Some(Change::from(expanded)))
}
