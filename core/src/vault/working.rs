//! Working out what a form calculates when a record is saved, and what is wrong with it then.
//!
//! Without logic in the form, answers are only compared with their questions.

use std::collections::{BTreeMap, BTreeSet};

use super::KnownForm;
use crate::crypto;
use crate::error::Error;
use crate::form::expression::Moment;
use crate::form::session::{self, Surroundings};
use crate::form::{Answer, Answers, Fault, Form, Part, Prepared, Rule};

/// A record that is finished: its answers with defaults and calculations, and everything that is wrong with them.
pub(super) fn finished(
    known: &KnownForm,
    answers: Answers,
    seen: &BTreeSet<Part>,
    now: u64,
) -> Result<(Answers, Vec<Fault>), Error> {
    let form = &*known.form;
    let Some(prepared) = known.prepared() else {
        let faults = form.check(&answers);
        return Ok((answers, faults));
    };
    let around = surroundings(form, prepared, now)?;
    Ok(session::finished(form, prepared, &around, answers, seen))
}

/// An edit, with the calculations that follow from it.
///
/// # Errors
/// [`Error::Invalid`] with what is wrong with the edited fields. Faults that were there before do not stop a
/// correction elsewhere.
pub(super) fn edited(
    known: &KnownForm,
    before: &Answers,
    edits: &BTreeMap<String, Option<Answer>>,
    seen: &BTreeSet<Part>,
    now: u64,
) -> Result<BTreeMap<String, Option<Answer>>, Error> {
    let form = &*known.form;
    let (all, faults) = match known.prepared() {
        Some(prepared) => {
            let around = surroundings(form, prepared, now)?;
            session::consequences(form, prepared, &around, before, edits, seen)
        }
        None => (edits.clone(), form.check(&form.with_rows(after(before, edits)))),
    };
    let mut faults: Vec<Fault> =
        faults.into_iter().filter(|fault| edits.contains_key(&fault.field)).collect();
    let strange = edits.keys().filter(|key| form.asked(key).is_none() && !form.is_row(key));
    for key in strange {
        if !faults.iter().any(|fault| fault.field == *key) {
            faults.insert(0, Fault { field: key.clone(), rule: Rule::UnknownField });
        }
    }
    if faults.is_empty() { Ok(all) } else { Err(Error::Invalid(faults)) }
}

fn after(before: &Answers, edits: &BTreeMap<String, Option<Answer>>) -> Answers {
    let mut after = before.clone();
    for (field, answer) in edits {
        match answer {
            Some(answer) => drop(after.insert(field.clone(), answer.clone())),
            None => drop(after.remove(field)),
        }
    }
    after
}

/// Days are those of Greenwich here, as in [`crate::record::complete`]: the device's own time zone is the business
/// of whoever shows the form.
fn surroundings<'f>(form: &'f Form, prepared: &'f Prepared, now: u64) -> Result<Surroundings<'f>, Error> {
    let milliseconds = i64::try_from(now).unwrap_or(i64::MAX).saturating_mul(1_000);
    let seed = u64::from_le_bytes(crypto::generate()?);
    Ok(Surroundings::new(form, prepared, "", Moment::new(milliseconds, 0), seed))
}
