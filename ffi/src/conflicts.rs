//! What two people answered differently.

use cairn_core::form::{Answer, Form};
use cairn_core::view::{Author, ConflictView, handle};
use cairn_core::{Error, Vault};

use crate::answers::{AnswerValue, answer_to, label, said};
use crate::attachments::{AttachedFile, shown};
use crate::trouble::CairnError;
use crate::vault::OpenVault;

/// A field on which several answers stand.
#[derive(Debug, Clone, PartialEq, uniffi::Record)]
pub struct Conflict {
    /// The record's identifier.
    pub record: String,
    /// The record's handle.
    pub handle: String,
    /// The question's key.
    pub key: String,
    /// What is asked.
    pub label: String,
    /// What stands; the first is what is shown until somebody settles it.
    pub values: Vec<ConflictValue>,
}

/// One of several answers.
#[derive(Debug, Clone, PartialEq, uniffi::Record)]
pub struct ConflictValue {
    /// The answer; none where it was emptied.
    pub answer: Option<AnswerValue>,
    /// The same for people.
    pub said: String,
    /// What its author is called: a name, or the beginning of the device's identifier; empty if neither is known.
    pub who: String,
    /// Its author's device.
    pub device: Option<String>,
    /// When, by its author's clock, seconds since 1970.
    pub time: u64,
    /// The file that was attached, if one was ([`OpenVault::settle_attachment`]).
    pub file: Option<AttachedFile>,
}

/// What colleagues call a device.
pub(crate) fn who(author: &Author) -> String {
    author.name.clone().or_else(|| Some(author.device?.short())).unwrap_or_default()
}

/// A conflict in a reader's language.
pub(crate) fn conflict(vault: &Vault, view: &ConflictView, form: Option<&Form>, language: &str) -> Conflict {
    let values = view.values.iter().map(|(answer, by)| ConflictValue {
        answer: answer.as_ref().map(AnswerValue::from),
        said: said(answer.as_ref(), &view.field, form, language),
        who: who(by),
        device: by.device.map(|device| device.to_string()),
        time: by.time,
        file: answer.as_ref().and_then(Answer::file).map(|file| shown(vault, file)),
    });
    Conflict {
        record: view.record.to_string(),
        handle: handle(&view.record),
        key: view.field.clone(),
        label: label(&view.field, form, language),
        values: values.collect(),
    }
}

/// The edition of a form that a record has, once it has arrived.
pub(crate) fn edition(
    vault: &Vault,
    form: &str,
    version: &str,
) -> Option<std::sync::Arc<cairn_core::vault::KnownForm>> {
    vault.edition(form, version).ok()
}

#[uniffi::export]
impl OpenVault {
    /// Every unsettled field, newest record first; at most so many.
    ///
    /// # Errors
    /// `locked`, `hands_in_only`, `carries_only`.
    pub fn conflicts(&self, limit: u64, language: &str) -> Result<Vec<Conflict>, CairnError> {
        self.with(|vault| {
            vault.need_reader()?;
            let mut lines = Vec::new();
            for view in vault.conflicts(limit)? {
                let record = vault.record(&view.record)?;
                let known = edition(vault, &record.form, &record.version);
                lines.push(conflict(vault, &view, known.as_ref().map(|known| &*known.form), language));
            }
            Ok(lines)
        })
    }

    /// Settles a field: from now on this answer stands alone, one of those that stood or another; none empties it.
    /// The others stay in the history.
    ///
    /// # Errors
    /// `not_found` where nothing is unsettled, `invalid`, `not_allowed`, `locked`.
    pub fn settle(&self, record: &str, key: &str, answer: Option<AnswerValue>) -> Result<(), CairnError> {
        self.with(|vault| {
            let record = vault.find_record(record)?;
            let view = vault.record(&record)?;
            let known = vault.edition(&view.form, &view.version)?;
            let answer = answer.map(|value| answer_to(&known.form, key, None, value));
            let answer = answer.transpose().map_err(|fault| Error::Invalid(vec![fault]))?.flatten();
            vault.settle(&record, key, answer)
        })
    }
}
