//! Changing answers.

use std::collections::{BTreeMap, BTreeSet};

use automerge::{
    Automerge, AutomergeError, Change, ObjId, ObjType, ROOT, ReadDoc, ScalarValue,
    legacy::{Key, ObjectId, OpId, OpType},
    transaction::{CommitOptions, Transactable, Transaction},
};
use cairn_wire::{id::ChainId, limits};

use super::{
    ChangeError, Stamp, Written, bounds, diff,
    layout::{self, Shape},
    lineage::Lineage,
    read, rest,
    standing::{Standing, View},
};
use crate::form::{Answer, Form, Question};

/// How many letters, removed and added together, are compared letter by letter; Automerge takes their square.
const LETTERS: usize = 1_500;

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
    let mut whole = rest::load(document)?;
    allowed(&whole, form, edits)?;
    let made =
        rest::caught(|| make(&seen(&whole, by.chain)?, form, edits, by)).ok_or(ChangeError::Damaged)??;
    let Some(change) = made else { return Ok(None) };
    bounds::inspect(change.raw_bytes()).map_err(|_| ChangeError::TooLarge)?;
    whole.apply_changes([change.clone()]).map_err(|_| ChangeError::Damaged)?;
    let document = rest::whole(&whole);
    Ok(Some(Written { change: change.raw_bytes().to_vec(), hash: change.hash().0, document }))
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
    let part = read::part_in(base).ok_or(ChangeError::Damaged)?;
    if (&id, &version) != (&form.id, &form.version) {
        return Err(ChangeError::OtherForm { form: id, version });
    }
    for (field, answer) in edits {
        let question = form.question(field).filter(|question| question.part.name() == part);
        let question = question.ok_or_else(|| ChangeError::Unasked { field: field.clone() })?;
        answer.as_ref().map_or(Ok(()), |answer| layout::check(form, question, answer))?;
    }
    Ok(())
}

/// What one change can build on: the document itself, unless more have written at once than one change may
/// name. Then it is as much of it as can be named, the writer's own latest change included; the next edit
/// takes in more.
fn seen(whole: &Automerge, writer: ChainId) -> Result<Automerge, ChangeError> {
    let mut heads = whole.get_heads();
    // Automerge may name the writer's own latest change besides the heads.
    let most = limits::DEPENDENCIES - 1;
    if heads.len() <= most {
        return Ok(whole.clone());
    }
    let lineage = Lineage::of(whole).ok_or(ChangeError::Damaged)?;
    heads.sort_by_key(|head| !lineage.is_latest_of(head, &layout::actor(writer)));
    heads.truncate(most);
    whole.fork_at(&heads).map_err(|_| ChangeError::Damaged)
}

/// The change that makes the edits, on a copy of what its author sees.
fn make(
    seen: &Automerge,
    form: &Form,
    edits: &BTreeMap<String, Option<Answer>>,
    by: &Stamp,
) -> Result<Option<Change>, ChangeError> {
    let mut steps = Vec::new();
    for question in &form.questions {
        if let Some(answer) = edits.get(&question.name) {
            plan(&View::now(seen), form, question, answer.as_ref(), &mut steps);
        }
    }
    let mut copy = seen.clone().with_actor(layout::actor(by.chain));
    let mut transaction = copy.transaction();
    for step in steps {
        step.make(&mut transaction).map_err(|_| ChangeError::Damaged)?;
    }
    let (hash, _) = transaction.commit_with(CommitOptions::default().with_time(by.time));
    let change = hash.and_then(|hash| copy.get_change_by_hash(&hash));
    change.map(|change| without_deletes(seen, change)).transpose()
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
    let old = transaction.text(object)?;
    let (front, removed, added) = diff::middle(&old, text);
    if removed.chars().count() + added.chars().count() <= LETTERS {
        return transaction.update_text(object, text);
    }
    // From the back, so that what is in front stays where it is.
    for hunk in diff::hunks(removed, added).into_iter().rev() {
        let length = hunk.old.len().cast_signed();
        transaction.splice_text(object, front + hunk.old.start, length, &hunk.new)?;
    }
    Ok(())
}

/// Settling a conflict with the value already shown, Automerge deletes the others instead of putting the value.
/// Then nobody could tell who settled it, and no receiver allows deletions. So such a change is
/// written anew with a put in place of each deletion.
fn without_deletes(seen: &Automerge, change: Change) -> Result<Change, ChangeError> {
    let mut expanded = change.decode();
    let mut rewritten = false;
    for operation in &mut expanded.operations {
        let (ObjectId::Root, Key::Map(key), OpType::Delete) =
            (&operation.obj, &operation.key, &operation.action)
        else {
            continue;
        };
        let values = View::now(seen).values(key);
        let shown = values.first().and_then(|(value, _)| value.as_scalar()).cloned();
        let all = values.iter().map(|(_, id)| match id {
            ObjId::Id(counter, actor, _) => Some(OpId::new(*counter, actor)),
            ObjId::Root => None,
        });
        operation.pred = all.collect::<Option<Vec<OpId>>>().ok_or(ChangeError::Damaged)?.into();
        operation.action = OpType::Put(shown.ok_or(ChangeError::Damaged)?);
        rewritten = true;
    }
    Ok(if rewritten { Change::from(expanded) } else { change })
}
