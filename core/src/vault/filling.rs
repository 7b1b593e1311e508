//! Filling a draft step by step: the draft in the vault, and the session that says what follows from each answer.

use std::collections::{BTreeMap, BTreeSet};

use cairn_wire::id::AttachmentId;

use super::{Draft, Presence, Vault};
use crate::attachment::SealedFile;
use crate::crypto::generate;
use crate::error::Error;
use crate::form::expression::Moment;
use crate::form::session::{Session, Surroundings};
use crate::form::{Answer, Answers, Form, Part, Prepared};

/// Whoever fills a draft, and how often it was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reader {
    /// The language of labels, as [`crate::form::text_in`] takes it.
    pub language: String,
    /// Minutes that the reader's clock is ahead of UTC: which day it is.
    pub offset: i32,
    /// Whether the draft was opened before, so that defaults are left alone.
    pub begun: bool,
}

/// A draft while it is open.
pub struct Opened<'a, 'f> {
    /// Which draft.
    pub draft: &'a Draft,
    /// Its form.
    pub form: &'f Form,
    /// What was answered so far, and what follows from it.
    pub session: &'a mut Session<'f>,
    /// Parts of the record that whoever fills it is not to see.
    pub unseen: &'a BTreeSet<Part>,
    /// The attached files among the answers that are on this device.
    pub here: &'a BTreeSet<AttachmentId>,
}

impl Vault {
    /// Opens a draft for one step of filling it, and keeps what `act` has answered, with all that follows from it,
    /// in one gesture. What can be no answer is refused and leaves the draft as it was.
    ///
    /// # Errors
    /// [`Error::NotFound`] for the draft or its form; [`Error::Invalid`]; what `act` says; what the disk says.
    pub fn fill_draft<T>(
        &mut self,
        number: u64,
        reader: &Reader,
        act: impl FnOnce(&mut Opened<'_, '_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.fill_draft_with(number, reader, None, act)
    }

    /// As [`Vault::fill_draft`]; the pieces of a file that `act` answers with are kept in the same gesture.
    pub(super) fn fill_draft_with<T>(
        &mut self,
        number: u64,
        reader: &Reader,
        file: Option<&SealedFile>,
        act: impl FnOnce(&mut Opened<'_, '_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let draft = self.draft(number)?;
        let known = self.edition(&draft.about.form, &draft.about.version)?;
        let form = &*known.form;
        let unseen: BTreeSet<Part> = match &draft.about.record {
            Some(record) => self.record(record)?.elsewhere.into_iter().collect(),
            None => self.unseen(form, draft.about.team.as_deref())?,
        };
        let own;
        let prepared = match known.prepared() {
            Some(prepared) => prepared,
            None => {
                own = Prepared::new(form).map_err(|_| Error::Damaged { what: "a form".to_owned() })?;
                &own
            }
        };
        let seed = u64::from_be_bytes(generate()?);
        let now = i64::try_from(self.clock.now()).unwrap_or(i64::MAX).saturating_mul(1_000);
        let around =
            Surroundings::new(form, prepared, &reader.language, Moment::new(now, reader.offset), seed);
        let begun = reader.begun || draft.about.record.is_some() || !draft.given.is_empty();
        let before = self.draft_answers(&draft)?;
        let mut here: BTreeSet<AttachmentId> = file.map(|file| file.reference.id).into_iter().collect();
        for file in before.values().filter_map(Answer::file) {
            if self.presence(file)? == Presence::Here {
                here.insert(file.reference.id);
            }
        }
        let mut session = Session::open(form, prepared, &around, before.clone(), begun);
        let done =
            act(&mut Opened { draft: &draft, form, session: &mut session, unseen: &unseen, here: &here })?;
        let edits = difference(&before, session.answers());
        if !edits.is_empty() {
            self.answer_draft_with(number, &edits, file)?;
        }
        Ok(done)
    }
}

/// What must be said so that `before` becomes `after`.
fn difference(before: &Answers, after: &Answers) -> BTreeMap<String, Option<Answer>> {
    let gone = before.keys().filter(|field| !after.contains_key(*field)).map(|field| (field.clone(), None));
    let new = after.iter().filter(|(field, answer)| before.get(*field) != Some(answer));
    gone.chain(new.map(|(field, answer)| (field.clone(), Some(answer.clone())))).collect()
}

#[cfg(test)]
mod tests {
    use cairn_wire::digest::VerifyingKey;

    use super::*;
    use crate::form::{Kind, Logic, Preset, Question};
    use crate::vault::ServerAddress;

    fn reader(begun: bool) -> Reader {
        Reader { language: String::new(), offset: 0, begun }
    }

    fn form() -> Form {
        let logic =
            |calculation: &str| Logic { calculation: Some(calculation.to_owned()), ..Logic::default() };
        let default = Logic { default: Some(Preset::Literal("4".to_owned())), ..Logic::default() };
        let mut form = Form::new("f", "1");
        form.questions = vec![
            Question { logic: default, ..Question::new("count", Kind::Integer) },
            Question { logic: logic("${count} * 2"), ..Question::new("twice", Kind::Integer) },
        ];
        form
    }

    #[test]
    fn each_answer_is_kept_with_what_follows_and_a_default_that_was_emptied_stays_away() {
        let dir = tempfile::tempdir().unwrap();
        let mut vault = Vault::create(dir.path(), "correct horse battery staple").unwrap();
        let key = VerifyingKey([9; 32]);
        vault.found(&ServerAddress { url: "https://a:1".to_owned(), key, proxy: None }, "office").unwrap();
        vault.publish_form(&form()).unwrap();
        let draft = vault.begin_draft("f", None).unwrap();
        let held = |vault: &Vault| vault.draft(draft).unwrap().answers(Answers::new());
        vault.fill_draft(draft, &reader(false), |_| Ok(())).unwrap();
        assert_eq!(held(&vault).get("twice"), Some(&Answer::Integer(8)), "the default, and what follows");
        let give = |vault: &mut Vault, answer: Option<Answer>| {
            vault.fill_draft(draft, &reader(true), |opened| {
                opened.session.answer("count", answer).map_err(|fault| Error::Invalid(vec![fault]))
            })
        };
        give(&mut vault, Some(Answer::Integer(5))).unwrap();
        assert_eq!(held(&vault).get("twice"), Some(&Answer::Integer(10)));
        let strange = give(&mut vault, Some(Answer::Text("x".to_owned())));
        assert!(matches!(strange, Err(Error::Invalid(_))), "{strange:?}");
        assert_eq!(held(&vault).get("count"), Some(&Answer::Integer(5)), "refused, it leaves all as it was");
        give(&mut vault, None).unwrap();
        vault.fill_draft(draft, &reader(true), |_| Ok(())).unwrap();
        assert_eq!(held(&vault).get("count"), None);
        vault.fill_draft(draft, &reader(false), |_| Ok(())).unwrap();
        assert_eq!(
            held(&vault).get("count"),
            Some(&Answer::Integer(4)),
            "control: opened as if for the first time"
        );
    }
}
