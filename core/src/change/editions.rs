//! Which editions of its form a document has been in, now and at each point of its past.
//!
//! A document begins with one edition and may be moved on to later ones. Nobody takes that back, and two people may
//! do it at once; so it is said with a key of its own for each edition. What is asked in a document at some point is
//! what the latest of its editions until then asks ([`crate::form::edition::standing`]).

use std::collections::HashMap;
use std::sync::Arc;

use automerge::{Automerge, ChangeHash, ExpandedChange, ROOT, ReadDoc, ScalarValue, legacy::OpType};

use super::{
    admit::Forms,
    layout::{AFTER_TO, TO},
    read,
    refusal::{Breach, Refusal},
    vet,
};
use crate::form::{Form, edition, limits};

/// The editions that lie in the past of each change of a document.
#[derive(Debug, Clone, Default)]
pub(super) struct Editions(HashMap<ChangeHash, Arc<Vec<String>>>);

impl Editions {
    /// Those of `document`. None if it names changes it does not hold.
    pub(super) fn of(document: &Automerge) -> Option<Self> {
        let mut moves: HashMap<ChangeHash, String> = HashMap::new();
        for version in moved_to(document) {
            // The key is written once, unless several did so at once.
            for (_, id) in document.get_all(ROOT, super::layout::to(&version)).ok()? {
                moves.insert(document.hash_for_opid(&id)?, version.clone());
            }
        }
        let mut editions = Self::default();
        if !moves.is_empty() {
            for change in document.get_changes_meta(&[]) {
                editions.follow(change.hash, &change.deps, moves.get(&change.hash).map(String::as_str));
            }
        }
        Some(editions)
    }

    /// The later editions that lie in the past of a change with these dependencies, ascending.
    pub(super) fn past(&self, dependencies: &[ChangeHash]) -> Arc<Vec<String>> {
        let mut known = dependencies.iter().filter_map(|change| self.0.get(change));
        match (known.next(), known.next()) {
            (None, _) => Arc::default(),
            (Some(only), None) => only.clone(),
            (Some(one), Some(other)) => {
                let all = [one, other].into_iter().chain(known);
                let mut past: Vec<String> = all.flat_map(|versions| versions.iter().cloned()).collect();
                sort(&mut past);
                Arc::new(past)
            }
        }
    }

    /// Adds a change that moves the document `to` an edition, or does not.
    pub(super) fn follow(&mut self, change: ChangeHash, dependencies: &[ChangeHash], to: Option<&str>) {
        let mut own = self.past(dependencies);
        if let Some(to) = to {
            let versions = Arc::make_mut(&mut own);
            versions.push(to.to_owned());
            sort(versions);
        }
        if !own.is_empty() {
            self.0.insert(change, own);
        }
    }
}

fn sort(versions: &mut Vec<String>) {
    versions.sort_by(|one, other| edition::compare(one, other));
    versions.dedup();
}

/// The later editions that a document was moved on to, in no order.
fn moved_to(document: &Automerge) -> Vec<String> {
    let keys = document.map_range(ROOT, TO.to_owned()..AFTER_TO.to_owned());
    keys.filter_map(|item| item.key.strip_prefix(TO).map(str::to_owned)).collect()
}

/// Whether a document was ever moved on.
pub(super) fn is_moved(document: &Automerge) -> bool {
    document.map_range(ROOT, TO.to_owned()..AFTER_TO.to_owned()).next().is_some()
}

/// All editions that a document has been in, ascending. The last is the one that counts.
pub(super) fn all(document: &Automerge) -> Option<(String, Vec<String>)> {
    let (form, begun) = read::begun_with(document)?;
    let mut versions = moved_to(document);
    versions.push(begun);
    sort(&mut versions);
    Some((form, versions))
}

/// What is asked of a document that has been in these editions of a form, the last of them the latest; or the one
/// that is not known.
pub(super) fn standing(form: &str, versions: &[String], forms: Forms<'_>) -> Result<Arc<Form>, String> {
    let right = |found: &Arc<Form>, version: &String| found.id == form && found.version == *version;
    let find = |version: &String| {
        forms(form, version).filter(|found| right(found, version)).ok_or_else(|| version.clone())
    };
    let known: Vec<Arc<Form>> = versions.iter().map(find).collect::<Result<_, _>>()?;
    edition::standing(&known).ok_or_else(String::new)
}

/// The edition that a change moves its document on to, if it does. It may be said once, and not by the first change.
pub(super) fn moves_to(change: &ExpandedChange) -> Result<Option<&str>, Refusal> {
    let mut to = None;
    for operation in &change.operations {
        let Some(version) = vet::root_key(operation).and_then(|key| key.strip_prefix(TO)) else { continue };
        let sound = operation.action == OpType::Put(ScalarValue::Boolean(true)) && operation.pred.is_empty();
        if !sound || change.deps.is_empty() || version.len() > limits::NAME {
            return Err(vet::breach(None, Breach::Reserved));
        }
        if to.replace(version).is_some() {
            return Err(vet::breach(None, Breach::Twice));
        }
    }
    Ok(to)
}
