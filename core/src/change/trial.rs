//! Trying changes on a copy.

use std::{cmp::Ordering, collections::BTreeMap, sync::Arc};

use automerge::{Automerge, ChangeHash, ReadDoc};

use super::{
    ChangeError,
    admit::{Candidate, Forms},
    editions::{self, Editions},
    lineage::Lineage,
    read::{self, Content},
    refusal::{Breach, Refusal},
    rest, vet,
};
use crate::form::{Form, edition};

/// A document and what is known about it. What fails is dropped, and what it was copied from goes on.
pub(super) struct Trial {
    document: Automerge,
    lineage: Lineage,
    editions: Editions,
    /// What is asked, by the editions that count; they stand ascending.
    asked: BTreeMap<Vec<String>, Arc<Form>>,
    /// What rests and what it says, once something new has got in.
    saved: Option<(Vec<u8>, Content)>,
}

impl Trial {
    pub(super) fn new(document: Automerge) -> Result<Self, ChangeError> {
        let lineage = Lineage::of(&document).ok_or(ChangeError::Damaged)?;
        let editions = Editions::of(&document).ok_or(ChangeError::Damaged)?;
        Ok(Self { document, lineage, editions, asked: BTreeMap::new(), saved: None })
    }

    /// Whether the document holds the change.
    pub(super) fn holds(&self, change: &ChangeHash) -> bool {
        self.lineage.holds(change)
    }

    /// What now rests and what it says; nothing if nothing new got in.
    pub(super) fn finish(self) -> Option<(Vec<u8>, Content)> {
        self.saved
    }

    /// The document with all of `batch`, each after those it builds on; or why one of them cannot be let in.
    pub(super) fn after(&self, batch: &[Candidate], forms: Forms<'_>) -> Result<Self, Refusal> {
        let (mut lineage, mut editions) = (self.lineage.clone(), self.editions.clone());
        let mut asked = self.asked.clone();
        let mut begun = read::begun_with(&self.document);
        let mut part = read::part_in(&self.document);
        let nothing = || Refusal::BreaksForm { field: None, breach: Breach::Reserved };
        let mut by = Vec::with_capacity(batch.len());
        for Candidate { change, expanded, .. } in batch {
            let past = lineage.follow(change)?;
            let named = |(form, version): (&str, &str)| (form.to_owned(), version.to_owned());
            let own = begun.take().or_else(|| vet::form_of(expanded).map(named)).ok_or_else(nothing)?;
            let (id, version) = begun.insert(own);
            let to = editions::moves_to(expanded)?;
            let versions = versions(version, &editions.past(change.deps()), to)?;
            editions.follow(change.hash(), change.deps(), to);
            let form = match asked.get(&versions) {
                Some(form) => form.clone(),
                None => {
                    let unknown = |version| Refusal::UnknownForm { form: id.clone(), version };
                    let found = editions::standing(id, &versions, forms).map_err(unknown)?;
                    asked.insert(versions, found.clone());
                    found
                }
            };
            let own =
                part.take().or_else(|| vet::part_of(expanded).map(str::to_owned)).ok_or_else(nothing)?;
            vet::vet(expanded, &form, part.insert(own), &past)?;
            by.push(form);
        }
        let document = self.applied(batch)?;
        rest::caught(|| sound(&document, batch, &by)).ok_or(Refusal::Panicked)??;
        let (bytes, content) = rest::caught(|| reloaded(&document)).flatten().ok_or(Refusal::Unloadable)?;
        Ok(Self { document, lineage, editions, asked, saved: Some((bytes, content)) })
    }

    /// A copy with `batch` applied.
    fn applied(&self, batch: &[Candidate]) -> Result<Automerge, Refusal> {
        let changes: Vec<_> = batch.iter().map(|candidate| candidate.change.clone()).collect();
        rest::caught(|| {
            let mut document = self.document.clone();
            document.apply_changes(changes).map(|()| document)
        })
        .ok_or(Refusal::Panicked)?
        .map_err(|_| Refusal::Inapplicable)
    }
}

/// The editions by which a change is judged: those of its past, and the one it moves to, which must be later.
fn versions(begun: &str, past: &[String], to: Option<&str>) -> Result<Vec<String>, Refusal> {
    let mut past = [&[begun.to_owned()], past].concat();
    if let Some(to) = to {
        if past.iter().any(|known| edition::compare(to, known) != Ordering::Greater) {
            return Err(vet::breach(None, Breach::NotLater));
        }
        past.push(to.to_owned());
    }
    Ok(past)
}

/// Whether each change comes back octet for octet and replaces exactly what its author saw. `forms` are what was
/// asked of each.
fn sound(document: &Automerge, batch: &[Candidate], forms: &[Arc<Form>]) -> Result<(), Refusal> {
    for (candidate, form) in batch.iter().zip(forms) {
        let kept = document.get_change_by_hash(&candidate.change.hash()).ok_or(Refusal::NotCanonical)?;
        if kept.raw_bytes() != candidate.change.raw_bytes() {
            return Err(Refusal::NotCanonical);
        }
        vet::replaces_what_it_saw(document, form, &candidate.expanded)?;
    }
    Ok(())
}

/// What rests and what it says, if the resting bytes load to the same document.
fn reloaded(document: &Automerge) -> Option<(Vec<u8>, Content)> {
    let bytes = rest::whole(document);
    let again = rest::load(&bytes).ok()?;
    let content = read::content(&again)?;
    (again.get_heads() == document.get_heads()).then_some((bytes, content))
}
