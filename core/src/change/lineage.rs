//! What lies in a change's past.
//!
//! Automerge takes a change's own word for its number and for the numbers of its operations. A change
//! that numbers its operations near the end of what fits would keep everybody from ever writing again,
//! and one that names operations outside its past would be let in by some devices and refused by others.
//! So both are held to what the changes it builds on say.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use automerge::{ActorId, Automerge, Change, ChangeHash, legacy::OpId};

use super::refusal::Refusal;

/// How far a past reaches: for each chain, its last change and its last operation therein.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Reach(BTreeMap<ActorId, Last>);

#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Last {
    change: u64,
    operation: u64,
}

impl Reach {
    /// Whether `operation` lies in it.
    pub(super) fn covers(&self, operation: &OpId) -> bool {
        let last = self.0.get(operation.actor()).map_or(0, |last| last.operation);
        (1..=last).contains(&operation.counter())
    }

    fn extend(&mut self, other: &Self) {
        for (actor, last) in &other.0 {
            let mine = self.0.entry(actor.clone()).or_default();
            mine.change = mine.change.max(last.change);
            mine.operation = mine.operation.max(last.operation);
        }
    }

    fn last_operation(&self) -> u64 {
        self.0.values().map(|last| last.operation).max().unwrap_or(0)
    }
}

/// The pasts of all changes of a document.
#[derive(Debug, Clone, Default)]
pub(super) struct Lineage {
    reaches: HashMap<ChangeHash, Arc<Reach>>,
    /// Each chain's last change in the document, in anybody's past or not.
    heights: HashMap<ActorId, u64>,
}

impl Lineage {
    /// That of `document`. None if it names changes it does not hold.
    pub(super) fn of(document: &Automerge) -> Option<Self> {
        let mut lineage = Self::default();
        for change in document.get_changes_meta(&[]) {
            let past = lineage.past(&change.deps)?;
            let last = Last { change: change.seq, operation: change.max_op };
            lineage.insert(change.hash, change.actor.into_owned(), past, last);
        }
        Some(lineage)
    }

    /// Whether the document holds the change.
    pub(super) fn holds(&self, change: &ChangeHash) -> bool {
        self.reaches.contains_key(change)
    }

    /// Whether the last change of `actor` is `head` or lies in its past.
    pub(super) fn is_latest_of(&self, head: &ChangeHash, actor: &ActorId) -> bool {
        let seen = self.reaches.get(head).and_then(|reach| reach.0.get(actor)).map(|last| last.change);
        seen.is_some() && seen == self.heights.get(actor).copied()
    }

    /// Adds `change` if it follows from its past, and gives that past.
    pub(super) fn follow(&mut self, change: &Change) -> Result<Reach, Refusal> {
        let past = self.past(change.deps()).ok_or(Refusal::MissingDependencies)?;
        if change.deps().is_empty() && !self.reaches.is_empty() {
            return Err(Refusal::RivalBeginning);
        }
        let actor = change.actor_id();
        if self.heights.get(actor).is_some_and(|height| *height >= change.seq()) {
            return Err(Refusal::DuplicateSeq);
        }
        let before = past.0.get(actor).map_or(0, |last| last.change);
        let numbered = before.checked_add(1) == Some(change.seq())
            && past.last_operation().checked_add(1) == Some(change.start_op().get());
        if !numbered || change.is_empty() {
            return Err(Refusal::OutOfOrder);
        }
        let last = Last { change: change.seq(), operation: change.max_op() };
        self.insert(change.hash(), actor.clone(), past.clone(), last);
        Ok(past)
    }

    fn past(&self, dependencies: &[ChangeHash]) -> Option<Reach> {
        let mut past = Reach::default();
        for dependency in dependencies {
            past.extend(self.reaches.get(dependency)?);
        }
        Some(past)
    }

    fn insert(&mut self, hash: ChangeHash, actor: ActorId, mut reach: Reach, last: Last) {
        let height = self.heights.entry(actor.clone()).or_default();
        *height = last.change.max(*height);
        reach.0.insert(actor, last);
        self.reaches.insert(hash, Arc::new(reach));
    }
}
