//! Taking back changes that nobody else has, to say the same again in another chain's name.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use automerge::{Automerge, Change, ChangeHash};
use cairn_wire::{digest::Hash, id::ChainId};

use super::{
    About, ChangeError, Stamp,
    edit::{Lower, Under, edit_under},
    editions::{self, Editions},
    first::first,
    history::{added, touched},
    rest,
    standing::View,
};
use crate::form::{Answer, Answers, Form};

/// A document without some of its changes, and what those said.
#[derive(Debug, Clone)]
pub struct TakenBack {
    form: String,
    kept: Vec<Change>,
    said: Vec<Said>,
}

/// What one change said.
#[derive(Debug, Clone)]
struct Said {
    time: i64,
    /// The edition that counted for its writer.
    version: String,
    /// Each field it touched, and what stood there when it was written; none if it was emptied.
    answers: BTreeMap<String, Option<Answer>>,
    /// Which of the kept changes its writer saw.
    seen: BTreeSet<ChangeHash>,
}

/// The same, said in another name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SaidAgain {
    /// The new changes, causes before effects.
    pub changes: Vec<Vec<u8>>,
    /// The document as it rests with them.
    pub document: Vec<u8>,
}

/// Takes the changes with these hashes out of `document`. Nothing, if others build on one of them: then
/// it is no longer only here.
///
/// # Errors
/// [`ChangeError::Damaged`], [`ChangeError::TooNew`].
pub fn take_back(document: &[u8], unsent: &BTreeSet<Hash>) -> Result<Option<TakenBack>, ChangeError> {
    let whole = rest::load(document)?;
    rest::caught(|| parted(&whole, unsent)).ok_or(ChangeError::Damaged)
}

fn parted(whole: &Automerge, unsent: &BTreeSet<Hash>) -> Option<TakenBack> {
    let (mut kept, mut said) = (Vec::new(), Vec::new());
    let (form, versions) = editions::all(whole)?;
    let editions = Editions::of(whole)?;
    let mut narratives = BTreeMap::new();
    let changes = whole.get_changes(&[]);
    let pasts: BTreeMap<ChangeHash, Vec<ChangeHash>> =
        changes.iter().map(|change| (change.hash(), change.deps().to_vec())).collect();
    for change in changes {
        let ChangeHash(hash) = change.hash();
        // Text objects are named by the change that made them, so every change is looked at.
        let expanded = change.decode();
        let fields = touched(&expanded, &mut narratives);
        if !unsent.contains(&hash) {
            if change.deps().iter().any(|ChangeHash(dep)| unsent.contains(dep)) {
                return None;
            }
            kept.push(change);
            continue;
        }
        let heads = [change.hash()];
        let made = View { document: whole, heads: Some(&heads) };
        let stood = |field: &String| match made.field(field).into_iter().next().and_then(|shown| shown.answer)
        {
            // What others said, and what was said before, is not said again.
            Some(Answer::Log(entries)) => added(&expanded, entries),
            stood => stood,
        };
        let answers = fields.into_iter().map(|field| (field.clone(), stood(&field))).collect();
        let version = editions.past(&[change.hash()]).last().or(versions.first())?.clone();
        said.push(Said { time: change.timestamp(), version, answers, seen: past(&pasts, change.deps()) });
    }
    Some(TakenBack { form, kept, said })
}

/// Everything below `heads`, themselves included.
fn past(pasts: &BTreeMap<ChangeHash, Vec<ChangeHash>>, heads: &[ChangeHash]) -> BTreeSet<ChangeHash> {
    let mut past = BTreeSet::new();
    let mut open = heads.to_vec();
    while let Some(hash) = open.pop() {
        if past.insert(hash) {
            open.extend(pasts.get(&hash).into_iter().flatten());
        }
    }
    past
}

impl TakenBack {
    /// Whether the document began with what was taken back.
    pub fn begins(&self) -> bool {
        self.kept.is_empty()
    }

    /// Says it again in `chain`'s name, each on what its writer saw then, so that what others have said
    /// meanwhile stands beside it, and under the edition that counted then. `about` is what the document is about if
    /// it begins anew, `forms` gives the form of a name and edition.
    ///
    /// # Errors
    /// [`ChangeError`].
    pub fn say(
        self,
        forms: &dyn Fn(&str, &str) -> Option<Arc<Form>>,
        about: &About<'_>,
        chain: ChainId,
    ) -> Result<SaidAgain, ChangeError> {
        let mut again: Vec<Change> = Vec::new();
        for Said { time, version, answers, seen } in self.said {
            let stamp = Stamp { chain, time };
            let before = self.kept.iter().filter(|change| seen.contains(&change.hash()));
            let before: Vec<Change> = before.chain(&again).cloned().collect();
            let written = if before.is_empty() {
                let given = answers.into_iter().filter_map(|(field, answer)| Some((field, answer?)));
                let unknown = || ChangeError::OtherForm { form: self.form.clone(), version: version.clone() };
                let form = forms(&self.form, &version).ok_or_else(unknown)?;
                Some(first(&form, about, &given.collect::<Answers>(), &stamp)?)
            } else {
                let under = Under { forms, version: &version, always: true };
                edit_under(&resting(before)?, &under, &answers, &stamp, Lower::Allowed)?
            };
            if let Some(written) = written {
                again.push(rest::parse(&written.change).ok_or(ChangeError::Damaged)?);
            }
        }
        let changes = again.iter().map(|change| change.raw_bytes().to_vec()).collect();
        let document = resting(self.kept.into_iter().chain(again).collect())?;
        Ok(SaidAgain { changes, document })
    }
}

fn resting(changes: Vec<Change>) -> Result<Vec<u8>, ChangeError> {
    rest::caught(|| {
        let mut document = Automerge::new();
        document.apply_changes(changes).map(|()| rest::whole(&document))
    })
    .and_then(Result::ok)
    .ok_or(ChangeError::Damaged)
}
