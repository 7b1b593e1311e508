//! Changing answers.

use std::{cmp::Ordering, collections::BTreeMap, sync::Arc};

use automerge::{
    Automerge, Change, ObjId, ReadDoc,
    legacy::{Key, ObjectId, OpId, OpType},
    transaction::CommitOptions,
};
use cairn_wire::{id::ChainId, limits};

use super::{
    ChangeError, Stamp, Written, bounds, editions, layout, lineage::Lineage, plan::Plan, read, rest,
    standing::View, step::Step,
};
use crate::form::{Answer, Form, edition, field::split};

/// Whether an edit may put a better value where the worse one stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lower {
    /// No: nobody has said so.
    Refused,
    /// Yes, and the history says so.
    Allowed,
}

/// Changes answers; `None` for an answer empties the field, for a row takes it away. Gives nothing if nothing
/// would change. What is written in a row says that the row is there.
///
/// Putting any value on a field with conflicting ones settles it, also the value shown already. A count is set by
/// adding to it what is missing; what was said in a log stays, and only what is new in the answer is added.
///
/// # Errors
/// [`ChangeError`]. Nothing is lowered where the worse value stands.
pub fn edit(
    document: &[u8],
    form: &Form,
    edits: &BTreeMap<String, Option<Answer>>,
    by: &Stamp,
) -> Result<Option<Written>, ChangeError> {
    edit_with(document, form, edits, by, Lower::Refused)
}

/// As [`edit`]; `lower` says whether values may be lowered. The document must never have been moved on: for others
/// there is [`edit_under`].
///
/// # Errors
/// As [`edit`].
pub fn edit_with(
    document: &[u8],
    form: &Form,
    edits: &BTreeMap<String, Option<Answer>>,
    by: &Stamp,
    lower: Lower,
) -> Result<Option<Written>, ChangeError> {
    let whole = rest::load(document)?;
    let (id, versions) = editions::all(&whole).ok_or(ChangeError::Damaged)?;
    if id != form.id || versions.as_slice() != std::slice::from_ref(&form.version) {
        return Err(ChangeError::OtherForm {
            form: id,
            version: versions.last().cloned().unwrap_or_default(),
        });
    }
    allowed(&whole, form, edits)?;
    written(whole, &Making { form, to: &form.version, always: false }, edits, by, lower)
}

/// The edition that an edit is made under.
#[derive(Clone, Copy)]
pub struct Under<'a> {
    /// Finds the form of a name and edition; that one and all that the document has been in must be known.
    pub forms: &'a dyn Fn(&str, &str) -> Option<Arc<Form>>,
    /// Which edition. A document that has an earlier one is moved on to it in the same change.
    pub version: &'a str,
    /// Whether it is moved on also where nothing else would change.
    pub always: bool,
}

/// As [`edit_with`], under an edition that may be later than the document's.
///
/// # Errors
/// As [`edit`]; [`ChangeError::AskedOtherwise`] for a question that was another one in an edition the document has
/// been in; [`ChangeError::OtherForm`] if the document has a later edition, or one that is not known.
pub fn edit_under(
    document: &[u8],
    under: &Under<'_>,
    edits: &BTreeMap<String, Option<Answer>>,
    by: &Stamp,
    lower: Lower,
) -> Result<Option<Written>, ChangeError> {
    let whole = rest::load(document)?;
    let (id, mut versions) = editions::all(&whole).ok_or(ChangeError::Damaged)?;
    let other = |version: String| ChangeError::OtherForm { form: id.clone(), version };
    let latest = versions.last().cloned().unwrap_or_default();
    match edition::compare(under.version, &latest) {
        Ordering::Less => return Err(other(latest)),
        Ordering::Equal => {}
        Ordering::Greater => versions.push(under.version.to_owned()),
    }
    let form = editions::standing(&id, &versions, under.forms).map_err(other)?;
    allowed(&whole, &form, edits).map_err(|error| match error {
        ChangeError::Unasked { field }
            if (under.forms)(&id, under.version).is_some_and(|newest| newest.asked(&field).is_some()) =>
        {
            ChangeError::AskedOtherwise { field }
        }
        error => error,
    })?;
    written(whole, &Making { form: &form, to: under.version, always: under.always }, edits, by, lower)
}

/// By what a change is made.
struct Making<'a> {
    /// What is asked.
    form: &'a Form,
    /// The edition to be in.
    to: &'a str,
    /// Whether to move on even if nothing else changes.
    always: bool,
}

fn written(
    mut whole: Automerge,
    making: &Making<'_>,
    edits: &BTreeMap<String, Option<Answer>>,
    by: &Stamp,
    lower: Lower,
) -> Result<Option<Written>, ChangeError> {
    let made = rest::caught(|| make(&seen(&whole, by.chain)?, making, edits, by, lower))
        .ok_or(ChangeError::Damaged)??;
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
    let part = read::part_in(base).ok_or(ChangeError::Damaged)?;
    for (field, answer) in edits {
        let unasked = || ChangeError::Unasked { field: field.clone() };
        if form.is_row(field) && matches!(answer, None | Some(Answer::Row)) {
            let asked = form.parts_of_repeat(split(field).name);
            asked.iter().find(|asked| asked.name() == part).ok_or_else(unasked)?;
            continue;
        }
        let question = form.asked(field).filter(|question| question.part.name() == part);
        let question = question.ok_or_else(unasked)?;
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
    making: &Making<'_>,
    edits: &BTreeMap<String, Option<Answer>>,
    by: &Stamp,
    lower: Lower,
) -> Result<Option<Change>, ChangeError> {
    let mut steps = Plan::new(seen, making.form, by.chain).steps(edits, lower)?;
    // The change is judged by its own past, which may lack what has moved the document on already.
    let (_, versions) = editions::all(seen).ok_or(ChangeError::Damaged)?;
    let stands = versions.last().is_some_and(|version| version == making.to);
    if !stands && (making.always || !steps.is_empty()) {
        steps.insert(0, Step::Put(layout::to(making.to), true.into()));
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
