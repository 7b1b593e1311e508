//! Whether a change does only what the form allows.
//!
//! What is refused here is refused for ever and by everyone, so the rules are those that keep documents
//! mergeable and readable, and no more: which keys, which types, how long. Whether a date is a date, or a
//! single choice is in its list, is for the person who looks at the record.

use std::collections::{BTreeMap, BTreeSet};

use automerge::{
    Automerge, ExpandedChange, ObjId, ScalarValue,
    legacy::{ElementId, Key, ObjectId, Op, OpId, OpType},
};

use super::{
    layout::{FORM, PART, RECORD, TO, VERSION},
    lineage::Reach,
    refusal::{Breach, Refusal},
    root::{self, Asked},
    standing::View,
};
use crate::form::{Form, Question, limits};

/// The name and edition of the form a first change follows.
pub(super) fn form_of(change: &ExpandedChange) -> Option<(&str, &str)> {
    Some((text(change, FORM)?, text(change, VERSION)?))
}

/// The part a first change begins.
pub(super) fn part_of(change: &ExpandedChange) -> Option<&str> {
    text(change, PART)
}

fn text<'a>(change: &'a ExpandedChange, key: &str) -> Option<&'a str> {
    let mut puts = change.operations.iter().filter(|operation| root_key(operation) == Some(key));
    match &puts.next()?.action {
        OpType::Put(ScalarValue::Str(text)) if text.len() <= limits::NAME => Some(text.as_str()),
        _ => None,
    }
}

/// Whether every operation of `change` is allowed by what `form` asks in `part`, and names only what lies in
/// its `past` or in itself.
pub(super) fn vet(change: &ExpandedChange, form: &Form, part: &str, past: &Reach) -> Result<(), Refusal> {
    let own = form.questions.iter().filter(|question| question.part.name() == part);
    let questions: BTreeMap<&str, &Question> =
        own.map(|question| (question.name.as_str(), question)).collect();
    let asked = Asked { form, questions };
    let start = change.start_op.get();
    let mut keys: BTreeMap<&str, &OpType> = BTreeMap::new();
    let mut written: BTreeMap<&OpId, usize> = BTreeMap::new();
    for (number, operation) in (start..).zip(&change.operations) {
        let itself = |id: &OpId| *id.actor() == change.actor_id && (start..number).contains(&id.counter());
        let known = |id: &OpId| past.covers(id) || itself(id);
        match (&operation.obj, &operation.key) {
            (ObjectId::Root, Key::Map(key)) => {
                if keys.insert(key.as_str(), &operation.action).is_some() {
                    return Err(breach(None, Breach::Twice));
                }
                // Looked at before, by `editions::moves_to`.
                if key.starts_with(TO) && !operation.insert {
                    continue;
                }
                if operation.insert || !operation.pred.iter().all(|id| past.covers(id)) {
                    return Err(breach(None, Breach::Operation));
                }
                asked.judge(key, operation, change)?;
            }
            (ObjectId::Id(object), Key::Seq(element)) => {
                let named = element.as_opid().is_none_or(known) && known(object);
                let octets = named.then(|| letter(operation)).flatten();
                let written = written.entry(object).or_default();
                *written += octets.ok_or_else(|| breach(None, Breach::Operation))?;
                if *written > limits::NARRATIVE {
                    return Err(breach(None, Breach::TooLong));
                }
            }
            _ => return Err(breach(None, Breach::Operation)),
        }
    }
    root::in_rows_that_are_there(form, &keys)?;
    let begins = [FORM, VERSION, RECORD, PART].iter().all(|key| keys.contains_key(key));
    if change.deps.is_empty() && !begins { Err(breach(None, Breach::Reserved)) } else { Ok(()) }
}

/// Whether `change`, which `document` holds, replaces exactly what its author saw, and may replace that.
/// `form` is what was asked of it.
pub(super) fn replaces_what_it_saw(
    document: &Automerge,
    form: &Form,
    change: &ExpandedChange,
) -> Result<(), Refusal> {
    let seen = View { document, heads: Some(&change.deps) };
    for operation in &change.operations {
        let Some(key) = root_key(operation) else { continue };
        let replaced: BTreeSet<(u64, &[u8])> =
            operation.pred.iter().map(|id| (id.counter(), id.actor().to_bytes())).collect();
        let values = if change.deps.is_empty() { Vec::new() } else { seen.values(key) };
        let seen: BTreeSet<(u64, &[u8])> = values
            .iter()
            .filter_map(|(_, id)| match id {
                ObjId::Id(counter, actor, _) => Some((*counter, actor.to_bytes())),
                ObjId::Root => None,
            })
            .collect();
        if seen != replaced {
            return Err(breach(None, Breach::Unseen));
        }
        let before: Vec<&ScalarValue> = values.iter().filter_map(|(value, _)| value.as_scalar()).collect();
        let also = |other: &str| change.operations.iter().any(|one| root_key(one) == Some(other));
        root::may_replace(form, key, &before, &operation.action, also)?;
    }
    Ok(())
}

pub(super) fn root_key(operation: &Op) -> Option<&str> {
    match (&operation.obj, &operation.key) {
        (ObjectId::Root, Key::Map(key)) => Some(key),
        _ => None,
    }
}

/// The octets an operation on a letter of a narrative writes; nothing if it is not one of the two there are.
fn letter(operation: &Op) -> Option<usize> {
    match (&operation.action, &operation.key, operation.insert) {
        (OpType::Put(ScalarValue::Str(text)), Key::Seq(_), true) => {
            let mut letters = text.chars();
            let one = letters.next().is_some() && letters.next().is_none() && operation.pred.is_empty();
            one.then_some(text.len())
        }
        (OpType::Delete, Key::Seq(ElementId::Id(element)), false) => {
            let itself = operation.pred.len() == 1 && operation.pred.get(0) == Some(element);
            itself.then_some(0)
        }
        _ => None,
    }
}

pub(super) fn breach(field: Option<&str>, breach: Breach) -> Refusal {
    Refusal::BreaksForm { field: field.map(str::to_owned), breach }
}
