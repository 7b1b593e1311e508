//! Files that records and drafts name: whether they are here, and what is in them.

use cairn_wire::id::RecordId;

use super::Vault;
use crate::attachment::{OpenError, Opener, shape};
use crate::error::Error;
use crate::form::{Answer, FileAnswer};
use crate::store::AttachmentState;

/// How much of a file is on this device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// All of it.
    Here,
    /// So many pieces of so many.
    InPart {
        /// How many are here.
        held: u32,
        /// How many there are.
        pieces: u32,
    },
    /// Nothing of it.
    Away,
}

/// A file that a record names.
#[derive(Debug, Clone, PartialEq)]
pub struct FileView {
    /// The question's key.
    pub field: String,
    /// The answer.
    pub file: FileAnswer,
    /// How much of it is here.
    pub presence: Presence,
    /// Whether it waits to be sent from here.
    pub waits: bool,
}

impl Vault {
    /// How much of a file is on this device.
    ///
    /// # Errors
    /// What the disk says.
    pub fn presence(&self, file: &FileAnswer) -> Result<Presence, Error> {
        let held = self.store.rows().attachment_held(&file.reference.id)?;
        let (pieces, _) = shape(file.reference.octets);
        Ok(match held {
            0 => Presence::Away,
            held if held >= pieces => Presence::Here,
            held => Presence::InPart { held, pieces },
        })
    }

    /// What is in a file. Every piece, the length and the digest are checked: what is given is exactly what was
    /// attached.
    ///
    /// # Errors
    /// [`Error::FileAway`] where it is not here or not all of it; [`Error::Damaged`] where what is here is not what was
    /// attached; what the disk says.
    pub fn read_attachment(&self, file: &FileAnswer) -> Result<Vec<u8>, Error> {
        if self.presence(file)? != Presence::Here {
            return Err(Error::FileAway);
        }
        let (rows, reference) = (self.store.rows(), &file.reference);
        let (pieces, _) = shape(reference.octets);
        let opener = Opener::new(self.stored_workspace()?, reference)?;
        opener.whole((0..pieces).map(|number| {
            let piece = rows.attachment_piece(&reference.id, number)?;
            piece.ok_or(Error::FileAway)
        }))
    }

    /// The file that stands as the answer to a question of a record.
    ///
    /// # Errors
    /// [`Error::NotFound`] where no file was attached there, and as [`Vault::record`].
    pub fn file_of(&self, record: &RecordId, field: &str) -> Result<FileAnswer, Error> {
        let missing = || Error::NotFound { what: "attachment to", name: field.to_owned() };
        let view = self.record(record)?;
        view.answers.get(field).and_then(Answer::file).cloned().ok_or_else(missing)
    }

    /// The file that stands as the answer to a question of a draft.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn file_in_draft(&self, draft: u64, field: &str) -> Result<FileAnswer, Error> {
        let missing = || Error::NotFound { what: "attachment to", name: field.to_owned() };
        let answers = self.draft_answers(&self.draft(draft)?)?;
        answers.get(field).and_then(Answer::file).cloned().ok_or_else(missing)
    }

    /// Every file that stands in a record, those of unsettled conflicts among them.
    ///
    /// # Errors
    /// As [`Vault::record`].
    pub fn files_of(&self, record: &RecordId) -> Result<Vec<FileView>, Error> {
        let view = self.record(record)?;
        let rivals = view.conflicts.iter().flat_map(|conflict| {
            conflict.values.iter().filter_map(|(answer, _)| Some((&conflict.field, answer.as_ref()?)))
        });
        let mut files: Vec<FileView> = Vec::new();
        for (field, answer) in view.answers.iter().chain(rivals) {
            let Some(file) = answer.file() else { continue };
            if files.iter().any(|known| known.field == *field && known.file == *file) {
                continue;
            }
            let row = self.store.rows().attachment(&file.reference.id)?;
            let waits = row.is_some_and(|row| row.state == AttachmentState::Waits);
            let presence = self.presence(file)?;
            files.push(FileView { field: field.clone(), file: file.clone(), presence, waits });
        }
        Ok(files)
    }

    /// How many files of this device are not whole, and the server does not have them.
    pub(super) fn torn_attachments(&self) -> Result<u64, Error> {
        let rows = self.store.rows();
        let mut torn = 0;
        for state in [AttachmentState::Draft, AttachmentState::Waits, AttachmentState::Stuck] {
            for row in rows.attachments(state)? {
                torn += u64::from(rows.attachment_held(&row.id)? < row.pieces);
            }
        }
        Ok(torn)
    }

    /// How many files wait to be sent from here.
    ///
    /// # Errors
    /// What the disk says.
    pub fn attachments_waiting(&self) -> Result<u64, Error> {
        Ok(self.store.rows().waiting_attachments()?)
    }
}

impl From<OpenError> for Error {
    fn from(_: OpenError) -> Self {
        Self::Damaged { what: "an attached file".to_owned() }
    }
}
