//! Attaching a file to a draft: it is sealed at once, and its pieces rest beside the answer that names it.

use std::collections::BTreeMap;

use super::{Opened, Reader, Vault};
use crate::attachment::{SealedFile, seal};
use crate::error::Error;
use crate::form::session::Changed;
use crate::form::{Answer, Fault, FileAnswer, Form, Rule, limits};
use crate::store::{AttachmentRow, AttachmentState, Rows, StoreError};

/// A file as it comes from a camera, a microphone or a folder.
#[derive(Debug, Clone, Copy)]
pub struct NewFile<'a> {
    /// What it is called there.
    pub name: &'a str,
    /// What it is, as `image/jpeg`; empty if nobody knows.
    pub media_type: &'a str,
    /// What is in it.
    pub content: &'a [u8],
}

impl Vault {
    /// Attaches a file as the answer to a question of a draft. It is sealed under a secret of its own; its pieces, the
    /// answer and what follows from it are kept in one gesture. A file that stood there before goes, unless a record
    /// names it. `then` sees what the answer has changed.
    ///
    /// # Errors
    /// [`Error::NotFound`] for the draft or its form; [`Error::Invalid`] for a question that no file answers;
    /// [`Error::EmptyFile`]; [`Error::TooLarge`] for more than 32 MiB; what the disk says. The draft is as it was then.
    pub fn attach<T>(
        &mut self,
        draft: u64,
        reader: &Reader,
        field: &str,
        file: &NewFile<'_>,
        then: impl FnOnce(&mut Opened<'_, '_>, Changed) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let about = self.draft(draft)?.about;
        let known = self.edition(&about.form, &about.version)?;
        let invalid = |rule| Error::Invalid(vec![Fault { field: field.to_owned(), rule }]);
        // Before the work of sealing.
        let question = known.form.asked(field).ok_or_else(|| invalid(Rule::UnknownField))?;
        if !question.kind.is_file() {
            return Err(invalid(Rule::NotFile));
        }
        let (answer, sealed) = self.seal_file(file)?;
        self.fill_draft_with(draft, reader, Some(&sealed), |opened| {
            let answer = Answer::File(Box::new(answer));
            let changed =
                opened.session.answer(field, Some(answer)).map_err(|fault| Error::Invalid(vec![fault]))?;
            then(opened, changed)
        })
    }

    fn seal_file(&self, file: &NewFile<'_>) -> Result<(FileAnswer, SealedFile), Error> {
        match file.content.len() {
            0 => return Err(Error::EmptyFile),
            1..=limits::ATTACHED => {}
            _ => return Err(Error::TooLarge("the file")),
        }
        let sealed = seal(self.stored_workspace()?, file.content)?;
        let media_type = FileAnswer::plain_media_type(file.media_type);
        let name = FileAnswer::plain_name(file.name);
        Ok((FileAnswer { name, media_type, reference: sealed.reference.clone() }, sealed))
    }
}

/// Keeps the pieces of a file that a draft is about to name.
pub(super) fn keep(rows: &Rows<'_>, file: &SealedFile) -> Result<(), StoreError> {
    let pieces = u32::try_from(file.pieces.len()).map_err(|_| StoreError::Unreadable("attachment"))?;
    let (id, octets, state) = (file.reference.id, file.octets(), AttachmentState::Draft);
    rows.put_attachment(&AttachmentRow { id, pieces, octets, state, height: 0, lets_go: false })?;
    for ((hash, piece), number) in file.pieces.iter().zip(0..) {
        rows.put_attachment_piece(&id, number, hash, piece)?;
    }
    Ok(())
}

/// Lets everything leave that a record names from now on; and go then, where this device cannot open the record again.
pub(super) fn queue<'a>(
    rows: &Rows<'_>,
    answers: impl IntoIterator<Item = &'a Answer>,
    lets_go: bool,
) -> Result<(), StoreError> {
    let mut files = answers.into_iter().filter_map(Answer::file);
    files.try_for_each(|file| rows.queue_attachment(&file.reference.id, lets_go))
}

/// A file is shown by its name, so its name may be given back as the answer: then the file stays. `standing` are
/// answers that stand in each field. For what people and programs give; what stood before is put back as it was.
pub(super) fn by_name(
    form: &Form,
    edits: &BTreeMap<String, Option<Answer>>,
    standing: impl Fn(&str) -> Vec<Answer>,
) -> BTreeMap<String, Option<Answer>> {
    let same = |field: &String, answer: &Option<Answer>| {
        let Some(Answer::Text(name)) = answer else { return None };
        form.asked(field).filter(|question| question.kind.is_file())?;
        let is_called = |file: &FileAnswer| file.shown_name() == *name || file.name == *name;
        standing(field).into_iter().find(|stands| stands.file().is_some_and(is_called))
    };
    let kept = |(field, answer): (&String, &Option<Answer>)| {
        (field.clone(), same(field, answer).or_else(|| answer.clone()))
    };
    edits.iter().map(kept).collect()
}
