//! Records and drafts: lists, search, one record, its past.

use cairn_core::Vault;
use cairn_core::change::Lower;
use cairn_core::form::{Answer, Form, text_in};
use cairn_core::vault::Query;
use cairn_core::view::{Gone, LeftView, RecordView, handle};

use crate::answers::{AnswerValue, NoAnswer, label, said, why};
use crate::attachments::{AttachedFile, shown};
use crate::conflicts::{Conflict, conflict, edition, who};
use crate::forms::title;
use crate::trouble::CairnError;
use crate::vault::OpenVault;

/// A record that is being filled on this device.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct DraftLine {
    /// Its number.
    pub draft: u64,
    /// The form's name for machines.
    pub form: String,
    /// Its edition.
    pub version: String,
    /// The form's title.
    pub form_title: String,
    /// The record it changes, by its handle; none for a new one.
    pub handle: Option<String>,
    /// When it was begun, seconds since 1970.
    pub begun: u64,
    /// When it was last changed.
    pub changed: u64,
    /// How many answers were given in it.
    pub answers: u64,
    /// Whether this version of the app can read all of it.
    pub is_readable: bool,
}

/// Which records to list, newest first.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct RecordQuery {
    /// Only records with words that begin like each word of this; empty for all.
    pub text: String,
    /// Only records of this form.
    pub form: Option<String>,
    /// Only records with all of these choices.
    pub choices: Vec<ChoiceTerm>,
    /// Only records after the page before: its `next`.
    pub after: Option<u64>,
    /// At most so many.
    pub limit: u64,
}

/// A choice that must have been made.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct ChoiceTerm {
    /// The question's name.
    pub question: String,
    /// The choice's name.
    pub choice: String,
}

/// A page of records.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Records {
    /// The records, newest first.
    pub rows: Vec<RecordRow>,
    /// What the next page comes after; none when this was the last.
    pub next: Option<u64>,
    /// On the first page without words and choices: records that were sealed when they were finished.
    pub sealed: Vec<SealedRow>,
}

/// One record of a list.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct RecordRow {
    /// Its identifier.
    pub record: String,
    /// What people call it on a radio.
    pub handle: String,
    /// One line that a person recognises it by; empty where its case is kept elsewhere.
    pub title: String,
    /// The form's name for machines; empty while the form has not arrived.
    pub form: String,
    /// The form's title.
    pub form_title: String,
    /// When it was last changed, by its author's clock, seconds since 1970.
    pub changed: u64,
    /// Whether its case is kept in a circle that this device is not in.
    pub without_case: bool,
}

/// A record that nobody can open on this device any more.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct SealedRow {
    /// Its identifier.
    pub record: String,
    /// What people call it.
    pub handle: String,
    /// The form's name for machines.
    pub form: String,
    /// When it was finished, seconds since 1970.
    pub finished: u64,
    /// Whether it has left this device.
    pub has_left: bool,
}

/// One record.
#[derive(Debug, Clone, PartialEq, uniffi::Record)]
pub struct RecordPage {
    /// Its identifier.
    pub record: String,
    /// What people call it.
    pub handle: String,
    /// One line that a person recognises it by.
    pub title: String,
    /// The form's name for machines.
    pub form: String,
    /// Its edition.
    pub version: String,
    /// The form's title; its name while it has not arrived.
    pub form_title: String,
    /// When it was last changed, by its author's clock, seconds since 1970.
    pub changed: u64,
    /// What was answered, in the form's order, row by row.
    pub lines: Vec<RecordLine>,
    /// What this edition of the form no longer asks or offers.
    pub left: Vec<LeftLine>,
    /// Fields on which several answers stand.
    pub conflicts: Vec<Conflict>,
    /// Parts kept in circles that this device is not in: whether they hold anything is not known here.
    pub elsewhere: Vec<String>,
    /// Copies of it that were made for other circles.
    pub shared: Vec<SharedCopy>,
}

/// One answer of a record.
#[derive(Debug, Clone, PartialEq, uniffi::Record)]
pub struct RecordLine {
    /// The question's key.
    pub key: String,
    /// What is asked.
    pub label: String,
    /// The heading of its group; empty outside groups.
    pub heading: String,
    /// The rows it lies in, the outermost first.
    pub rows: Vec<String>,
    /// The answer.
    pub answer: AnswerValue,
    /// The same for people.
    pub said: String,
    /// Whether other answers stand beside it.
    pub is_unsettled: bool,
    /// The file that was attached, if one was.
    pub file: Option<AttachedFile>,
}

/// What an earlier edition asked or offered.
#[derive(Debug, Clone, PartialEq, uniffi::Record)]
pub struct LeftLine {
    /// The question's key.
    pub key: String,
    /// What was asked.
    pub label: String,
    /// The answer for people; of several choices those that are gone.
    pub said: String,
    /// The latest edition that had it.
    pub version: String,
    /// What is gone: `question` or `choice`.
    pub gone: String,
}

/// A copy of a record for another circle.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct SharedCopy {
    /// The copy's handle.
    pub handle: String,
    /// What the circle is called, if this device is in it.
    pub circle: Option<String>,
}

/// One answer in a record's past.
#[derive(Debug, Clone, PartialEq, uniffi::Record)]
pub struct PastLine {
    /// The question's key.
    pub key: String,
    /// What was asked.
    pub label: String,
    /// What stood there before, for people; none if nothing did.
    pub before: Option<String>,
    /// Why there was no answer before, if that was said; an app has words of its own for it.
    pub before_missing: Option<NoAnswer>,
    /// What was answered, for people; none if it was emptied.
    pub said: Option<String>,
    /// Why there is no answer, if that was said.
    pub missing: Option<NoAnswer>,
    /// Whether a value of which the worse stands was lowered on purpose.
    pub lowered: bool,
    /// What its author is called.
    pub who: String,
    /// Its author's device.
    pub device: Option<String>,
    /// When, by its author's clock, seconds since 1970.
    pub time: u64,
}

#[uniffi::export]
impl OpenVault {
    /// Every draft, the one that was changed last at first.
    ///
    /// # Errors
    /// `locked`, or what the disk says.
    pub fn drafts(&self, language: &str) -> Result<Vec<DraftLine>, CairnError> {
        self.with(|vault| {
            let line = |draft: cairn_core::vault::Draft| {
                let known = edition(vault, &draft.about.form, &draft.about.version);
                DraftLine {
                    draft: draft.about.number,
                    form_title: known
                        .map_or_else(|| draft.about.form.clone(), |known| title(&known.form, language)),
                    form: draft.about.form,
                    version: draft.about.version,
                    handle: draft.about.record.as_ref().map(handle),
                    begun: draft.about.begun,
                    changed: draft.about.changed,
                    answers: draft.given.values().filter(|one| **one != Some(Answer::Row)).count() as u64,
                    is_readable: draft.unread.is_empty(),
                }
            };
            Ok(vault.drafts()?.into_iter().map(line).collect())
        })
    }

    /// A page of records, newest first.
    ///
    /// # Errors
    /// `not_found` for a form that is not there, `hands_in_only`, `carries_only`, `locked`.
    pub fn records(&self, query: RecordQuery, language: &str) -> Result<Records, CairnError> {
        self.with(|vault| {
            let choices = query.choices.into_iter().map(|term| (term.question, term.choice)).collect();
            let (form, words, before) = (query.form, query.text, query.after);
            let core = Query { form, choices, words, before, most: query.limit };
            let found = vault.list(&core)?;
            let is_full = found.len() as u64 == query.limit;
            let next = found.last().filter(|_| is_full).map(|last| last.number);
            let is_plain = core.words.is_empty() && core.choices.is_empty() && core.before.is_none();
            let mut finished = if is_plain { vault.finished()? } else { Vec::new() };
            finished.retain(|row| core.form.as_ref().is_none_or(|form| *form == row.form));
            let row = |listed: cairn_core::store::Listed| {
                let known = vault.forms().iter().find(|known| known.number == listed.form);
                RecordRow {
                    record: listed.id.to_string(),
                    handle: handle(&listed.id),
                    title: listed.title,
                    form: known.map(|known| known.form.id.clone()).unwrap_or_default(),
                    form_title: known.map(|known| title(&known.form, language)).unwrap_or_default(),
                    changed: listed.changed,
                    without_case: listed.without_case,
                }
            };
            let sealed = |row: cairn_core::vault::FinishedRow| SealedRow {
                record: row.record.to_string(),
                handle: handle(&row.record),
                form: row.form,
                finished: row.time,
                has_left: row.gone.is_some(),
            };
            Ok(Records {
                rows: found.into_iter().map(row).collect(),
                next,
                sealed: finished.into_iter().map(sealed).collect(),
            })
        })
    }

    /// One record, by its handle or identifier.
    ///
    /// # Errors
    /// `not_found`, `ambiguous`, `sealed_away`, `locked`.
    pub fn record(&self, record: &str, language: &str) -> Result<RecordPage, CairnError> {
        self.with(|vault| {
            let view = vault.record(&vault.find_record(record)?)?;
            Ok(page(vault, view, language))
        })
    }

    /// Who gave which answer when, oldest first; of one question, by its key, or of all.
    ///
    /// # Errors
    /// `not_found`, `ambiguous`, `sealed_away`, `locked`.
    pub fn timeline(
        &self,
        record: &str,
        key: Option<String>,
        language: &str,
    ) -> Result<Vec<PastLine>, CairnError> {
        self.with(|vault| {
            let record = vault.find_record(record)?;
            let past = vault.history(&record, key.as_deref())?;
            let view = vault.record(&record)?;
            let own = edition(vault, &view.form, &view.version);
            let editions = vault.editions(&view.form);
            // What is no longer asked is told in the words of the latest edition that asked it.
            let asks = |key: &str| {
                let others = editions.iter().rev();
                own.iter().chain(others).map(|known| &*known.form).find(|form| form.asked(key).is_some())
            };
            let line = |one: cairn_core::view::PastView| {
                let form = asks(&one.field);
                let in_words = |answer: &Answer| said(Some(answer), &one.field, form, language);
                PastLine {
                    label: label(&one.field, form, language),
                    before: one.before.as_ref().map(in_words),
                    before_missing: why(one.before.as_ref()),
                    said: one.answer.as_ref().map(in_words),
                    missing: why(one.answer.as_ref()),
                    lowered: one.lowered,
                    who: who(&one.author),
                    device: one.author.device.map(|device| device.to_string()),
                    time: one.author.time,
                    key: one.field,
                }
            };
            Ok(past.into_iter().map(line).collect())
        })
    }

    /// Puts back what the author of a question's last change saw there: a change like any other. `false` if that
    /// stands again already.
    ///
    /// # Errors
    /// `not_found` where nothing was ever answered, `invalid`, `not_allowed`, `locked`.
    pub fn undo(&self, record: &str, key: &str, lower: bool) -> Result<bool, CairnError> {
        let lower = if lower { Lower::Allowed } else { Lower::Refused };
        self.with(|vault| {
            let record = vault.find_record(record)?;
            Ok(vault.undo(&record, key, lower)?.is_some())
        })
    }
}

fn page(vault: &Vault, view: RecordView, language: &str) -> RecordPage {
    let known = edition(vault, &view.form, &view.version);
    let form = known.as_ref().map(|known| &*known.form);
    let is_unsettled = |key: &str| view.conflicts.iter().any(|conflict| conflict.field == key);
    let apart = |key: &str| view.left.iter().any(|left| left.field == key);
    let keys: Vec<&str> = match form {
        Some(form) => form.in_order(&view.answers),
        None => view.answers.keys().map(String::as_str).collect(),
    };
    let line = |key: &str| {
        let answer = view.answers.get(key).filter(|answer| **answer != Answer::Row)?;
        // What is left over of earlier editions stands in a list of its own.
        let is_left = form.is_some_and(|form| form.asked(key).is_none()) && apart(key);
        (!is_left).then(|| RecordLine {
            key: key.to_owned(),
            label: label(key, form, language),
            heading: form.map(|form| heading(form, key, language)).unwrap_or_default(),
            rows: cairn_core::form::field::split(key).rows.into_iter().map(str::to_owned).collect(),
            answer: answer.into(),
            said: said(Some(answer), key, form, language),
            is_unsettled: is_unsettled(key),
            file: answer.file().map(|file| shown(vault, file)),
        })
    };
    let left = |left: &LeftView| {
        let known = edition(vault, &view.form, &left.version);
        let form = known.as_ref().map(|known| &*known.form);
        LeftLine {
            key: left.field.clone(),
            label: label(&left.field, form, language),
            said: said(Some(&left.answer), &left.field, form, language),
            version: left.version.clone(),
            gone: Gone::name(left.gone).to_owned(),
        }
    };
    let shared =
        view.shared.iter().map(|one| SharedCopy { handle: handle(&one.copy), circle: one.circle.clone() });
    RecordPage {
        record: view.id.to_string(),
        handle: handle(&view.id),
        lines: keys.into_iter().filter_map(line).collect(),
        left: view.left.iter().map(left).collect(),
        conflicts: view.conflicts.iter().map(|one| conflict(vault, one, form, language)).collect(),
        elsewhere: view.elsewhere.iter().map(|part| part.name().to_owned()).collect(),
        shared: shared.collect(),
        form_title: form.map_or_else(|| view.form.clone(), |form| title(form, language)),
        title: view.title,
        form: view.form,
        version: view.version,
        changed: view.changed,
    }
}

/// The heading of the group that a key's question lies in.
fn heading(form: &Form, key: &str, language: &str) -> String {
    let group = form.asked(key).and_then(|question| form.groups.get(question.group?));
    let label = group.map(|group| text_in(&group.label, language, &form.default_language));
    label.unwrap_or_default().trim().to_owned()
}
