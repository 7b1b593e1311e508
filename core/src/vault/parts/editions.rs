//! What the editions of a record's documents say together.

use std::sync::Arc;

use super::super::KnownForm;
use super::super::forms::{find, lookup};
use super::Held;
use crate::change::Conflict;
use crate::form::{Answers, Form, edition};
use crate::record::{Projection, Unsettled, project};

/// What is asked of what has been in these editions, where there are several.
pub(super) fn asked(forms: &[Arc<KnownForm>], form: &str, editions: &[String]) -> Option<Arc<Form>> {
    if editions.len() < 2 {
        return None;
    }
    let forms = lookup(forms);
    let known: Option<Vec<_>> = editions.iter().map(|version| forms(form, version)).collect();
    edition::standing(&known?)
}

/// What is no longer asked is not unsettled either: nobody could settle it. All of it is left over.
pub(super) fn can_be_settled(form: &Form, field: &str) -> bool {
    form.asked(field).is_some() || form.is_row(field)
}

/// Whether a form asks what a key answers in this part, or nowhere else.
pub(super) fn belongs(form: &Form, part: &str, key: &str) -> bool {
    form.asked(key).is_none_or(|asked| asked.part.name() == part)
}

/// All editions that documents have been in, the latest last.
pub(super) fn editions(held: &[Held]) -> Vec<String> {
    let mut all: Vec<String> = held.iter().flat_map(|one| one.content.editions.iter().cloned()).collect();
    all.sort_by(|one, other| edition::compare(one, other));
    all.dedup();
    all
}

/// What the latest of some editions makes of answers; what only an earlier one asks is found by what that makes of it.
pub(super) fn projected(
    forms: &[Arc<KnownForm>],
    (form, editions): (&str, &[String]),
    answers: &Answers,
    conflicts: &[Conflict],
    changed: u64,
) -> Projection {
    let known: Vec<_> = editions.iter().map(|version| find(forms, form, version)).collect();
    let latest = known.last().and_then(Option::as_ref);
    let asked = asked(forms, form, editions);
    let open = |field: &String| asked.as_ref().is_none_or(|form| can_be_settled(form, field));
    let unsettled = conflicts.iter().filter(|conflict| open(&conflict.field));
    let values = |conflict: &Conflict| conflict.values.iter().map(|value| value.answer.clone()).collect();
    let unsettled: Unsettled = unsettled.map(|conflict| (conflict.field.clone(), values(conflict))).collect();
    let form = latest.map(|known| (&*known.form, known.number));
    let mut projection = project(form, answers, &unsettled, changed);
    let Some(latest) = latest.filter(|_| editions.len() > 1) else { return projection };
    let mut left = answers.clone();
    left.retain(|key, _| latest.form.asked(key).is_none());
    for earlier in known.iter().rev().skip(1).flatten() {
        let (asked, rest): (Answers, Answers) =
            left.into_iter().partition(|(key, _)| earlier.form.asked(key).is_some());
        let more = project(Some((&*earlier.form, earlier.number)), &asked, &Unsettled::new(), changed);
        projection.facets.extend(more.facets);
        projection.words.push_str(&more.words);
        left = rest;
    }
    projection
}
