//! Filling a draft by asking: the draft in the vault, and the interview in front of it.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use cairn_core::Vault;
use cairn_core::change::Lower;
use cairn_core::error::Error;
use cairn_core::form::expression::Moment;
use cairn_core::form::session::{Session, Surroundings};
use cairn_core::form::{Answers, Part, Prepared};
use cairn_core::wire::id::RecordId;

use crate::answers::Edits;
use crate::ask::Interview;
use crate::trouble::Trouble;

/// How asking ended.
pub(crate) enum Filled {
    /// The record is saved.
    Saved(RecordId),
    /// The person stopped; what was answered is kept in the draft.
    Kept,
    /// The person stopped and had answered nothing; there is no draft any more.
    Nothing,
}

/// Asks what a draft still lacks, keeps each answer in it, and makes it a record when the person says so.
pub(crate) fn fill(vault: &mut Vault, number: u64, language: &str, lower: Lower) -> Result<Filled, Trouble> {
    let draft = vault.draft(number)?;
    let known = vault.edition(&draft.about.form, &draft.about.version)?;
    let form = &*known.form;
    let unseen: BTreeSet<Part> = match &draft.about.record {
        Some(record) => vault.record(record)?.elsewhere.into_iter().collect(),
        None => vault.unseen(form, draft.about.team.as_deref())?,
    };
    let prepared = Prepared::new(form).map_err(|_| {
        let name = format!("{} {}", draft.about.form, draft.about.version);
        Error::NotFound { what: "form", name }
    })?;
    let seed = u64::from_be_bytes(cairn_core::crypto::generate().map_err(Error::from)?);
    let around = Surroundings::new(form, &prepared, language, now(), seed);
    let begun = draft.about.record.is_some() || !draft.given.is_empty();
    let before = vault.draft_answers(&draft)?;
    let mut session = Session::open(form, &prepared, &around, before.clone(), begun);
    let mut kept = before;
    let mut keep = |answers: &Answers| {
        let edits = difference(&kept, answers);
        if !edits.is_empty() {
            vault.answer_draft(number, &edits)?;
            kept.clone_from(answers);
        }
        Ok(())
    };
    let mut input = io::stdin().lock();
    let interview = Interview {
        form,
        session: &mut session,
        unseen: &unseen,
        language,
        keep: &mut keep,
        input: &mut input,
    };
    match interview.hold() {
        Ok(()) => Ok(Filled::Saved(vault.finish_draft(number, lower)?)),
        Err(Trouble::Cancelled) if vault.draft(number)?.given.is_empty() => {
            vault.discard_draft(number)?;
            Ok(Filled::Nothing)
        }
        Err(Trouble::Cancelled) => Ok(Filled::Kept),
        Err(trouble) => Err(trouble),
    }
}

/// By this machine's clock and time zone, which are those of the person who answers.
fn now() -> Moment {
    let now = jiff::Zoned::now();
    Moment::new(now.timestamp().as_millisecond(), now.offset().seconds() / 60)
}

/// The day it is where the person is, `YYYY-MM-DD`.
pub(crate) fn today() -> String {
    jiff::Zoned::now().date().to_string()
}

/// What must be said so that `before` becomes `after`.
fn difference(before: &Answers, after: &Answers) -> Edits {
    let gone = before.keys().filter(|field| !after.contains_key(*field)).map(|field| (field.clone(), None));
    let new = after.iter().filter(|(field, answer)| before.get(*field) != Some(answer));
    gone.chain(new.map(|(field, answer)| (field.clone(), Some(answer.clone())))).collect::<BTreeMap<_, _>>()
}
