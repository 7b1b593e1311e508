//! Trying changes on a copy.

use std::sync::Arc;

use automerge::{Automerge, ChangeHash, ReadDoc};

use super::{
    ChangeError,
    admit::{Candidate, Forms},
    lineage::Lineage,
    read::{self, Content},
    refusal::{Breach, Refusal},
    rest, vet,
};
use crate::form::Form;

/// A document and what is known about it. What fails is dropped, and what it was copied from goes on.
pub(super) struct Trial {
    document: Automerge,
    lineage: Lineage,
    form: Option<Arc<Form>>,
    /// What rests and what it says, once something new has got in.
    saved: Option<(Vec<u8>, Content)>,
}

impl Trial {
    pub(super) fn new(document: Automerge) -> Result<Self, ChangeError> {
        let lineage = Lineage::of(&document).ok_or(ChangeError::Damaged)?;
        Ok(Self { document, lineage, form: None, saved: None })
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
        let mut lineage = self.lineage.clone();
        let mut form = self.form.clone();
        let mut part = read::part_in(&self.document);
        for candidate in batch {
            let past = lineage.follow(&candidate.change)?;
            let found = match form.take() {
                Some(form) => form,
                None => self.find_form(candidate, forms)?,
            };
            let own = part.take().or_else(|| vet::part_of(&candidate.expanded).map(str::to_owned));
            let own = own.ok_or(Refusal::BreaksForm { field: None, breach: Breach::Reserved })?;
            vet::vet(&candidate.expanded, form.insert(found), part.insert(own), &past)?;
        }
        let document = self.applied(batch)?;
        rest::caught(|| sound(&document, batch)).ok_or(Refusal::Panicked)??;
        let (bytes, content) = rest::caught(|| reloaded(&document)).flatten().ok_or(Refusal::Unloadable)?;
        Ok(Self { document, lineage, form, saved: Some((bytes, content)) })
    }

    /// The form of the document, or of the change that begins it.
    fn find_form(&self, candidate: &Candidate, forms: Forms<'_>) -> Result<Arc<Form>, Refusal> {
        let begun = read::form_of(&self.document);
        let found = match &begun {
            Some((form, version)) => Some((form.as_str(), version.as_str())),
            None => vet::form_of(&candidate.expanded),
        };
        let (form, version) = found.ok_or(Refusal::BreaksForm { field: None, breach: Breach::Reserved })?;
        let unknown = || Refusal::UnknownForm { form: form.to_owned(), version: version.to_owned() };
        let right = |found: &Arc<Form>| (found.id.as_str(), found.version.as_str()) == (form, version);
        forms(form, version).filter(right).ok_or_else(unknown)
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

/// Whether each change comes back octet for octet and replaces exactly what its author saw.
fn sound(document: &Automerge, batch: &[Candidate]) -> Result<(), Refusal> {
    for candidate in batch {
        let kept = document.get_change_by_hash(&candidate.change.hash()).ok_or(Refusal::NotCanonical)?;
        if kept.raw_bytes() != candidate.change.raw_bytes() {
            return Err(Refusal::NotCanonical);
        }
        vet::replaces_what_it_saw(document, &candidate.expanded)?;
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
