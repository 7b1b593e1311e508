//! The changes a document is made of, and where it stood without some of them.

use std::collections::{BTreeMap, BTreeSet};

use automerge::ChangeHash;
use cairn_wire::{digest::Hash, id::ChainId};

use super::{
    ChangeError, frame, layout,
    rest::{self, Resting},
};

/// One change of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Who wrote it.
    pub chain: ChainId,
    /// The raw change.
    pub change: Vec<u8>,
}

/// All changes of `document`, each after those it builds on.
///
/// # Errors
/// [`ChangeError::Damaged`], [`ChangeError::TooNew`].
pub fn members(document: &[u8]) -> Result<Vec<Member>, ChangeError> {
    if let Resting::Single(bytes) = rest::open(document)? {
        frame::strip(bytes).ok_or(ChangeError::Damaged)?;
        let chain = frame::author(bytes).ok_or(ChangeError::Damaged)?;
        return Ok(vec![Member { chain, change: bytes.to_vec() }]);
    }
    let document = rest::load(document)?;
    let changes = rest::caught(|| document.get_changes(&[])).ok_or(ChangeError::Damaged)?;
    let member = |change: automerge::Change| {
        let chain = layout::chain(change.actor_id())?;
        Some(Member { chain, change: change.raw_bytes().to_vec() })
    };
    changes.into_iter().map(member).collect::<Option<_>>().ok_or(ChangeError::Damaged)
}

/// The newest changes of `document`, ascending: they commit to all history.
///
/// # Errors
/// [`ChangeError::Damaged`], [`ChangeError::TooNew`].
pub fn heads(document: &[u8]) -> Result<Vec<Hash>, ChangeError> {
    match rest::open(document)? {
        Resting::Single(bytes) => Ok(vec![frame::hash(bytes).ok_or(ChangeError::Damaged)?]),
        Resting::Whole(_) => Ok(rest::heads(&rest::load(document)?)),
    }
}

/// The heads `document` would have without the changes in `without` and all that build on them; none if
/// nothing would be left.
///
/// # Errors
/// [`ChangeError::Damaged`], [`ChangeError::TooNew`].
pub fn heads_without(document: &[u8], without: &BTreeSet<Hash>) -> Result<Vec<Hash>, ChangeError> {
    let document = rest::load(document)?;
    let mut gone: BTreeSet<Hash> = BTreeSet::new();
    let mut kept: BTreeMap<Hash, Vec<ChangeHash>> = BTreeMap::new();
    // Each comes after those it builds on.
    for change in document.get_changes_meta(&[]) {
        let lost = without.contains(&change.hash.0) || change.deps.iter().any(|dep| gone.contains(&dep.0));
        if lost {
            gone.insert(change.hash.0);
        } else {
            kept.insert(change.hash.0, change.deps.to_vec());
        }
    }
    let named: BTreeSet<Hash> = kept.values().flatten().map(|dep| dep.0).collect();
    Ok(kept.into_keys().filter(|hash| !named.contains(hash)).collect())
}
