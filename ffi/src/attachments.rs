//! Files that answer questions: attaching, looking at, fetching.

use std::sync::Arc;

use cairn_core::form::FileAnswer;
use cairn_core::vault::{NewFile, Presence};
use cairn_core::{Error, Vault};

use crate::filling::{Filling, FillingChange};
use crate::syncing::{SyncOutcome, SyncWatcher, told};
use crate::trouble::CairnError;
use crate::vault::OpenVault;

/// A file that answers a question. What opens it stays in the vault.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct AttachedFile {
    /// Tells it from another of the same name.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// What it is, as `image/jpeg`; empty if nobody said.
    pub media_type: String,
    /// How many octets it has.
    pub octets: u64,
    /// Whether all of it is on this device; if not, it can be fetched.
    pub here: bool,
}

/// A file as it is shown.
pub(crate) fn attached(file: &FileAnswer, here: bool) -> AttachedFile {
    AttachedFile {
        id: file.reference.id.to_string(),
        name: file.shown_name(),
        media_type: file.media_type.clone(),
        octets: file.reference.octets,
        here,
    }
}

/// A file of this vault as it is shown. Where the disk will not say whether it is here, it is not.
pub(crate) fn shown(vault: &Vault, file: &FileAnswer) -> AttachedFile {
    attached(file, vault.presence(file).is_ok_and(|presence| presence == Presence::Here))
}

#[uniffi::export]
impl Filling {
    /// Attaches a file as the answer to a question: its octets are sealed and kept, with the answer, when this
    /// returns. A file that was attached there before goes, unless a record names it. Emptying the answer takes it
    /// away.
    ///
    /// # Errors
    /// `invalid` for a question that no file answers, `empty_file`, `too_large` for more than 32 MiB; nothing is kept
    /// then. As [`Filling::about`].
    pub fn attach(
        &self,
        field: &str,
        name: &str,
        media_type: &str,
        bytes: Vec<u8>,
    ) -> Result<FillingChange, CairnError> {
        let file = NewFile { name, media_type, content: &bytes };
        self.open_with(field, &file, |opened, changed| Ok(self.change(opened, changed)))
    }

    /// What is in the file that answers a question.
    ///
    /// # Errors
    /// `not_found` where no file was attached, `file_away` where it has to be fetched first, `damaged`; as
    /// [`Filling::about`].
    pub fn read_attachment(&self, field: &str) -> Result<Vec<u8>, CairnError> {
        Ok(self.with(|vault| vault.read_attachment(&vault.file_in_draft(self.number(), field)?))?)
    }
}

#[uniffi::export]
impl OpenVault {
    /// The file that stands as the answer to a question of a record.
    ///
    /// # Errors
    /// `not_found` where no file was attached, `ambiguous`, `sealed_away`, `locked`.
    pub fn attachment(&self, record: &str, field: &str) -> Result<AttachedFile, CairnError> {
        self.with(|vault| Ok(shown(vault, &file_of(vault, record, field)?)))
    }

    /// What is in it: exactly what was attached.
    ///
    /// # Errors
    /// As [`OpenVault::attachment`]; `file_away` where it has to be fetched first; `damaged`.
    pub fn read_attachment(&self, record: &str, field: &str) -> Result<Vec<u8>, CairnError> {
        self.with(|vault| vault.read_attachment(&file_of(vault, record, field)?))
    }

    /// Fetches it from the server, going on where that was cut off; what comes rests sealed in the vault.
    ///
    /// # Errors
    /// As [`OpenVault::attachment`]; `file_not_sent` while the server does not have all of it, `other_file` where the
    /// server gives something else; as [`OpenVault::sync`].
    pub fn fetch_attachment(
        &self,
        record: &str,
        field: &str,
        watcher: Option<Arc<dyn SyncWatcher>>,
    ) -> Result<SyncOutcome, CairnError> {
        self.with_server(watcher, |vault, road, watcher| {
            let file = file_of(vault, record, field)?;
            Ok(vault.fetch_attachment(road, &file, told(watcher))?.into())
        })
    }

    /// What is in one of the files of a record, those of unsettled answers among them, by its `id`.
    ///
    /// # Errors
    /// As [`OpenVault::read_attachment`].
    pub fn read_attachment_by_id(&self, record: &str, id: &str) -> Result<Vec<u8>, CairnError> {
        self.with(|vault| vault.read_attachment(&named(vault, record, id)?.1))
    }

    /// Fetches one of the files of a record, by its `id`.
    ///
    /// # Errors
    /// As [`OpenVault::fetch_attachment`].
    pub fn fetch_attachment_by_id(
        &self,
        record: &str,
        id: &str,
        watcher: Option<Arc<dyn SyncWatcher>>,
    ) -> Result<SyncOutcome, CairnError> {
        self.with_server(watcher, |vault, road, watcher| {
            let (_, file) = named(vault, record, id)?;
            Ok(vault.fetch_attachment(road, &file, told(watcher))?.into())
        })
    }

    /// Settles a question with one of the files that stand there, by its `id`; two may have the same name.
    ///
    /// # Errors
    /// As [`OpenVault::settle`].
    pub fn settle_attachment(&self, record: &str, id: &str) -> Result<(), CairnError> {
        self.with(|vault| {
            let (field, file) = named(vault, record, id)?;
            let answer = cairn_core::form::Answer::File(Box::new(file));
            vault.settle(&vault.find_record(record)?, &field, Some(answer))
        })
    }
}

fn file_of(vault: &Vault, record: &str, field: &str) -> Result<FileAnswer, Error> {
    vault.file_of(&vault.find_record(record)?, field)
}

/// The file of this `id` in a record, and the question it answers.
fn named(vault: &Vault, record: &str, id: &str) -> Result<(String, FileAnswer), Error> {
    let files = vault.files_of(&vault.find_record(record)?)?;
    let found = files.into_iter().find(|view| view.file.reference.id.to_string() == id);
    let missing = || Error::NotFound { what: "attachment", name: id.chars().take(40).collect() };
    found.map(|view| (view.field, view.file)).ok_or_else(missing)
}
