//! Who gave which answer when.

use std::collections::{BTreeMap, BTreeSet};

use automerge::{
    Automerge, ExpandedChange, ObjType,
    legacy::{Key, ObjectId, OpId, OpType},
};
use cairn_wire::digest::Hash;

use super::{ChangeError, Stamp, layout, rest, standing::View};
use crate::form::Answer;

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
    /// What it then said; none if it was emptied.
    pub answer: Option<Answer>,
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
            let answer = first(made);
            // A first change makes empty narratives, and settling a conflict may repeat the shown answer.
            if before.is_some() || answer.is_some() {
                past.push(Past { by, change: change.hash().0, field, before, answer });
            }
        }
    }
    Some(past)
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
                fields.insert(layout::split(key).0.to_owned());
            }
            (ObjectId::Id(object), _) => fields.extend(narratives.get(object).cloned()),
            _ => {}
        }
    }
    fields
}
