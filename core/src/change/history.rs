//! Who gave which answer when.

use std::collections::{BTreeMap, BTreeSet};

use automerge::{
    Automerge, ExpandedChange, ObjType,
    legacy::{Key, ObjectId, OpId, OpType},
};
use cairn_wire::digest::Hash;

use super::{ChangeError, Stamp, layout, rest, standing::View};
use crate::form::{Answer, Entry};

/// One answer given in the past.
#[derive(Debug, Clone, PartialEq)]
pub struct Past {
    /// Who gave it, and when.
    pub by: Stamp,
    /// In which change.
    pub change: Hash,
    /// The question.
    pub field: String,
    /// What its author saw there before.
    pub before: Option<Answer>,
    /// What it then said; none if it was emptied. Of a question that only grows, what was added.
    pub answer: Option<Answer>,
    /// Whether a value of which the worse stands was lowered on purpose.
    pub lowered: bool,
}

/// Every answer ever given, causes before effects, within a change by field name; of one field only if
/// it is named.
///
/// # Errors
/// [`ChangeError::Damaged`], [`ChangeError::TooNew`].
pub fn history(document: &[u8], field: Option<&str>) -> Result<Vec<Past>, ChangeError> {
    let document = rest::load(document)?;
    rest::caught(|| told(&document, field)).flatten().ok_or(ChangeError::Damaged)
}

fn told(document: &Automerge, only: Option<&str>) -> Option<Vec<Past>> {
    let mut narratives = BTreeMap::new();
    let mut past = Vec::new();
    for change in document.get_changes(&[]) {
        let expanded = change.decode();
        let by = Stamp { chain: layout::chain(change.actor_id())?, time: change.timestamp() };
        let (hash, deps) = ([change.hash()], change.deps());
        let seen = View { document, heads: Some(deps) };
        let made = View { document, heads: Some(&hash) };
        for field in touched(&expanded, &mut narratives) {
            if only.is_some_and(|only| only != field) {
                continue;
            }
            let first =
                |view: View<'_>| view.field(&field).into_iter().next().and_then(|standing| standing.answer);
            let before = if deps.is_empty() { None } else { first(seen) };
            let (before, answer) = match (before, first(made)) {
                (_, Some(Answer::Log(entries))) => (None, added(&expanded, entries)),
                (before, answer) => (before, answer),
            };
            // What is written in a row repeats that the row is there.
            if layout::is_row(&field) && before == answer {
                continue;
            }
            // A first change makes empty narratives, and settling a conflict may repeat the shown answer.
            if before.is_some() || answer.is_some() {
                let mark = layout::lowered(&field);
                let lowered = expanded.operations.iter().any(|one| one.key == Key::Map(mark.as_str().into()));
                past.push(Past { by, change: change.hash().0, field, before, answer, lowered });
            }
        }
    }
    Some(past)
}

/// What a change added to what was said.
pub(super) fn added(change: &ExpandedChange, entries: Vec<Entry>) -> Option<Answer> {
    let ours = layout::entries(change.start_op.get(), &change.actor_id);
    let new: Vec<Entry> = entries.into_iter().filter(|entry| entry.id.starts_with(&ours)).collect();
    (!new.is_empty()).then_some(Answer::Log(new))
}

/// The fields a change touches. `narratives` remembers whose text each text object is.
pub(super) fn touched(change: &ExpandedChange, narratives: &mut BTreeMap<OpId, String>) -> BTreeSet<String> {
    let mut fields = BTreeSet::new();
    for (number, operation) in (change.start_op.get()..).zip(&change.operations) {
        match (&operation.obj, &operation.key) {
            (ObjectId::Root, Key::Map(key)) if !key.starts_with('~') => {
                if operation.action == OpType::Make(ObjType::Text) {
                    narratives.insert(OpId::new(number, &change.actor_id), key.to_string());
                }
                fields.insert(layout::field_of(key).to_owned());
            }
            (ObjectId::Id(object), _) => fields.extend(narratives.get(object).cloned()),
            _ => {}
        }
    }
    fields
}
