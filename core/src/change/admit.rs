//! Letting in what others wrote.
//!
//! A change from outside is verified to be its author's, and is still only bytes: Automerge panics on some
//! malformed changes, hangs on others, and accepts some that make a document which can never be loaded
//! again. So each passes, in this order:
//!
//! 1. size, checksum, type, and how much it claims to hold ([`bounds`]), before Automerge sees it;
//! 2. parsing; its actor must be the chain it arrived in;
//! 3. its numbering must follow from its past, and all it names must lie there ([`super::lineage`]);
//! 4. every operation must be one the form allows ([`super::vet`]);
//! 5. it is applied to a copy, must come back from it octet for octet, must replace exactly what
//!    its author saw, and the copy must load again ([`super::trial`]).
//!
//! Panics are caught throughout. What decides lies in the change and in its past, never in what else has
//! arrived, so that all devices decide alike; two exceptions, of which only the first to arrive gets in,
//! need an author who has written two different changes in one place.
//!
//! A batch is tried as a whole. If that fails it is halved, and the halves again, until the bad ones are
//! alone.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use automerge::{Automerge, Change, ChangeHash, ExpandedChange};
use cairn_wire::{id::ChainId, limits};

use super::{
    About, ChangeError, Stamp, bounds,
    first::{self, Beginning},
    layout,
    read::{self, Content},
    refusal::Refusal,
    rest::{self, Needs},
    trial::Trial,
};
use crate::form::Form;

/// A change that arrived.
#[derive(Debug, Clone, Copy)]
pub struct Arrival<'a> {
    /// The author of the segment it came in, as its signature proves.
    pub chain: ChainId,
    /// The raw change.
    pub change: &'a [u8],
}

/// What became of a batch of arrivals.
#[derive(Debug, Clone, PartialEq)]
pub struct Admission {
    /// The document as it now rests; none if nothing new got in.
    pub document: Option<Vec<u8>>,
    /// What the new document says; there when `document` is.
    pub content: Option<Content>,
    /// Which arrivals are now part of the document, ascending; those it held already among them.
    pub accepted: Vec<usize>,
    /// Which are not, ascending, and why.
    pub refused: Vec<(usize, Refusal)>,
}

/// Finds the form of a name and edition.
pub(super) type Forms<'a> = &'a dyn Fn(&str, &str) -> Option<Arc<Form>>;

/// A change that may be tried.
pub(super) struct Candidate {
    pub(super) change: Change,
    pub(super) expanded: ExpandedChange,
    /// Where it stands among the arrivals; several places if it arrived more than once.
    places: Vec<usize>,
}

/// Lets in what passes every check, and says of the rest why not. One bad change never takes another with it.
///
/// `forms` gives the form of a name and edition.
///
/// # Errors
/// [`ChangeError::Damaged`] or [`ChangeError::TooNew`] if `document` itself cannot be read.
pub fn admit(
    document: Option<&[u8]>,
    arrivals: &[Arrival<'_>],
    forms: &dyn Fn(&str, &str) -> Option<Arc<Form>>,
) -> Result<Admission, ChangeError> {
    let mut admission =
        Admission { document: None, content: None, accepted: Vec::new(), refused: Vec::new() };
    let mut candidates: BTreeMap<ChangeHash, Candidate> = BTreeMap::new();
    for (place, arrival) in arrivals.iter().enumerate() {
        match parse(arrival) {
            Ok(change) => {
                let known = candidates.entry(change.change.hash()).or_insert(change);
                known.places.push(place);
            }
            Err(refusal) => admission.refused.push((place, refusal)),
        }
    }
    if let (None, 1, Some((_, only))) = (document, candidates.len(), candidates.first_key_value())
        && let Some((content, needs)) = fresh(only, forms)
    {
        admission.document = Some(rest::single(only.change.raw_bytes(), needs));
        admission.content = Some(content);
        admission.accepted.extend(&only.places);
    } else if !candidates.is_empty() {
        let mut trial = Trial::new(match document {
            Some(document) => rest::load(document)?,
            None => Automerge::new(),
        })?;
        let ordered = order(candidates, &trial, &mut admission);
        take(&mut trial, &ordered, forms, &mut admission);
        if let Some((document, content)) = trial.finish() {
            admission.document = Some(document);
            admission.content = Some(content);
        }
    }
    admission.accepted.sort_unstable();
    admission.refused.sort_unstable_by_key(|(place, _)| *place);
    Ok(admission)
}

/// Checks all that can be checked without the document.
fn parse(arrival: &Arrival<'_>) -> Result<Candidate, Refusal> {
    bounds::inspect(arrival.change)?;
    let parsed = rest::caught(|| Change::from_bytes(arrival.change.to_vec())).ok_or(Refusal::Panicked)?;
    let change = parsed.map_err(|_| Refusal::NotAChange)?;
    if layout::chain(change.actor_id()) != Some(arrival.chain) {
        return Err(Refusal::WrongActor);
    }
    if change.deps().len() > limits::DEPENDENCIES {
        return Err(Refusal::TooManyDependencies { count: change.deps().len() as u64 });
    }
    let expanded = rest::caught(|| change.decode()).ok_or(Refusal::Panicked)?;
    Ok(Candidate { change, expanded, places: Vec::new() })
}

/// The content of a document that `candidate` begins, if it is to the octet what [`first::first`] makes of
/// what it says, and what its reader must know. Then every other check would pass, and none is needed.
fn fresh(candidate: &Candidate, forms: Forms<'_>) -> Option<(Content, Needs)> {
    let beginning = first::beginning(&candidate.expanded)?;
    let form = forms(&beginning.form, &beginning.version)?;
    let Beginning { record, part, answers, .. } = &beginning;
    let by = Stamp { chain: layout::chain(candidate.change.actor_id())?, time: candidate.change.timestamp() };
    let ours = first::build(&form, &About { record: *record, part }, answers, &by).ok()?;
    if ours.raw_bytes() != candidate.change.raw_bytes() {
        return None;
    }
    let needs = first::needs(&form, answers);
    Some((read::begun(beginning, &candidate.change)?, needs))
}

/// Sets aside what the document holds and what lacks its past; the rest in an order in which each change
/// comes after those it builds on, the same whatever order they arrived in.
fn order(
    mut candidates: BTreeMap<ChangeHash, Candidate>,
    trial: &Trial,
    admission: &mut Admission,
) -> Vec<Candidate> {
    candidates.retain(|hash, candidate| {
        let held = trial.holds(hash);
        if held {
            admission.accepted.extend(&candidate.places);
        }
        !held
    });
    let mut waiting: BTreeMap<ChangeHash, usize> = BTreeMap::new();
    let mut followers: BTreeMap<ChangeHash, Vec<ChangeHash>> = BTreeMap::new();
    for (hash, candidate) in &candidates {
        let missing: BTreeSet<_> = candidate.change.deps().iter().filter(|dep| !trial.holds(dep)).collect();
        waiting.insert(*hash, missing.len());
        missing.into_iter().for_each(|dep| followers.entry(*dep).or_default().push(*hash));
    }
    let rank = |candidates: &BTreeMap<ChangeHash, Candidate>, hash: &ChangeHash| {
        candidates.get(hash).map(|candidate| (candidate.change.start_op(), *hash))
    };
    let ready = waiting.iter().filter(|(_, missing)| **missing == 0);
    let mut ready: BTreeSet<_> = ready.filter_map(|(hash, _)| rank(&candidates, hash)).collect();
    let mut ordered = Vec::with_capacity(candidates.len());
    while let Some((_, hash)) = ready.pop_first() {
        ordered.extend(candidates.remove(&hash));
        for follower in followers.remove(&hash).into_iter().flatten() {
            if let Some(missing) = waiting.get_mut(&follower) {
                *missing -= 1;
                if *missing == 0 {
                    ready.extend(rank(&candidates, &follower));
                }
            }
        }
    }
    let orphans = candidates.into_values().flat_map(|candidate| candidate.places);
    admission.refused.extend(orphans.map(|place| (place, Refusal::MissingDependencies)));
    ordered
}

/// Tries `batch` as a whole, and by halves if that fails.
fn take(trial: &mut Trial, batch: &[Candidate], forms: Forms<'_>, admission: &mut Admission) {
    match (trial.after(batch, forms), batch) {
        (_, []) => {}
        (Ok(after), _) => {
            *trial = after;
            admission.accepted.extend(batch.iter().flat_map(|candidate| &candidate.places));
        }
        (Err(refusal), [only]) => {
            admission.refused.extend(only.places.iter().map(|place| (*place, refusal.clone())));
        }
        (Err(_), _) => {
            let (front, back) = batch.split_at(batch.len() / 2);
            take(trial, front, forms, admission);
            take(trial, back, forms, admission);
        }
    }
}
