//! Filling a record in, one screen at a time. Every answer rests in the vault when the call that gives it returns.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};

use cairn_core::change::Lower;
use cairn_core::form::rows::rows;
use cairn_core::form::session::{Changed, Told};
use cairn_core::form::{self, Fault, Form, Kind, is_right_to_left, steps, text_in};
use cairn_core::keeper::Keeper;
use cairn_core::vault::{Opened, Reader};
use cairn_core::{Error, Vault};

use crate::answers::{AnswerValue, answer_to, grows, said};
use crate::forms::title;
use crate::trouble::{AnswerFault, CairnError};
use crate::vault::OpenVault;

/// Longer lists are searched ([`Filling::choices`]) rather than shown whole.
const SHOWN: usize = 300;

/// A record that is being filled. It keeps nothing itself: after the vault is locked every call answers `locked`, and
/// what was answered waits in the draft.
#[derive(uniffi::Object)]
pub struct Filling {
    keeper: Weak<Keeper>,
    number: u64,
    language: String,
    offset: i32,
    /// Whether it was opened before, so that defaults are left alone.
    begun: AtomicBool,
}

/// What is being filled.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct About {
    /// The draft's number.
    pub draft: u64,
    /// The form's name for machines.
    pub form: String,
    /// Its edition.
    pub version: String,
    /// Its title.
    pub title: String,
    /// The record it changes; none for a new one.
    pub record: Option<String>,
    /// What the record is called so far, if the form says it.
    pub name: Option<String>,
    /// Whether the language is written from right to left.
    pub right_to_left: bool,
    /// Whether the record is sealed to the office when it is finished.
    pub is_sealed: bool,
    /// Parts of the record that this device is not to see.
    pub elsewhere: Vec<String>,
}

/// One screen: one question, or those that the form wants shown together, or the place where rows are added.
#[derive(Debug, Clone, PartialEq, uniffi::Record)]
pub struct Step {
    /// The heading of the innermost group it lies in; empty outside groups.
    pub heading: String,
    /// In a repeat: which row this is, from 1.
    pub row_number: Option<u64>,
    /// The rows it lies in, the outermost first: what [`Filling::remove_row`] takes.
    pub rows: Vec<String>,
    /// The innermost repeat around it.
    pub repeat: Option<String>,
    /// The questions, at least one unless `more` is there.
    pub questions: Vec<Question>,
    /// Where a row can be added or taken away.
    pub more: Option<MoreRows>,
}

/// Behind the last row of a repeat.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct MoreRows {
    /// The repeat's name.
    pub repeat: String,
    /// What people call it.
    pub label: String,
    /// The rows around it, the outermost first.
    pub outer: Vec<String>,
    /// The rows that are there, in their order.
    pub held: Vec<String>,
}

/// What kind of answer a question takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum QuestionKind {
    /// Short text.
    Text,
    /// Long text, in which two people may write at once.
    LongText,
    /// Text that only grows: what is typed is added.
    Log,
    /// A whole number.
    Integer,
    /// A number.
    Decimal,
    /// A day, `YYYY-MM-DD`.
    Date,
    /// A time of day, `hh:mm`.
    Time,
    /// A day and time, ISO 8601.
    DateTime,
    /// One choice.
    SelectOne,
    /// Any number of choices.
    SelectMany,
    /// The choices in an order.
    Rank,
    /// Shown, never answered.
    Note,
    /// A place, `latitude longitude [altitude [accuracy]]`.
    Place,
    /// A line: places with `;` between.
    Line,
    /// An area: places with `;` between, the last like the first.
    Area,
    /// A number between two others.
    Range,
    /// `OK`, when it was read.
    Acknowledge,
    /// The code read from a label.
    Barcode,
    /// A picture, by the name of its file.
    Picture,
    /// A sound, by the name of its file.
    Sound,
    /// A film, by the name of its file.
    Film,
    /// Some other file, by its name.
    File,
    /// Something this version of the app does not know: shown, not answered.
    Other,
}

/// One question as it stands now.
#[derive(Debug, Clone, PartialEq, uniffi::Record)]
pub struct Question {
    /// The key of its answer; in a row it names the row too.
    pub key: String,
    /// Its name in the form.
    pub name: String,
    /// What is asked, with answers filled in.
    pub label: String,
    /// What helps to answer it; empty if nothing does.
    pub hint: String,
    /// More help, for those who want it.
    pub guidance: String,
    /// What kind of answer it takes.
    pub kind: QuestionKind,
    /// What may be chosen now; empty where the list is too long to show ([`Filling::choices`]).
    pub choices: Vec<Choice>,
    /// How many choices there are now.
    pub choice_count: u64,
    /// For a range: between what.
    pub range: Option<RangeTerms>,
    /// Whether it must be answered.
    pub required: bool,
    /// Whether nobody can change it by hand now.
    pub read_only: bool,
    /// The answer that stands.
    pub answer: Option<AnswerValue>,
    /// The same for people; empty if there is none.
    pub said: String,
    /// The rule that keeps the record from being finished, if any does: also `required` before it was answered.
    pub fault: Option<AnswerFault>,
    /// How other tools should show it, as the form says.
    pub appearance: String,
}

/// One choice.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Choice {
    /// Its name for machines: the answer.
    pub name: String,
    /// What people read.
    pub label: String,
}

/// Between what a number is asked.
#[derive(Debug, Clone, PartialEq, uniffi::Record)]
pub struct RangeTerms {
    /// The least.
    pub start: f64,
    /// The greatest.
    pub end: f64,
    /// From one to the next, for the eye.
    pub step: f64,
}

/// What one answer changed, by key, so that a screen draws only that anew.
#[derive(Debug, Clone, Default, PartialEq, uniffi::Record)]
pub struct FillingChange {
    /// Asked now.
    pub relevant: Vec<String>,
    /// Not asked any more; what was answered is kept.
    pub irrelevant: Vec<String>,
    /// Must be answered now.
    pub required: Vec<String>,
    /// Need not be answered any more.
    pub optional: Vec<String>,
    /// Cannot be changed by hand any more.
    pub read_only: Vec<String>,
    /// Can be changed by hand again.
    pub editable: Vec<String>,
    /// Worked out anew.
    pub computed: Vec<Computed>,
    /// Does not fit now.
    pub wrong: Vec<AnswerFault>,
    /// Fits now.
    pub right: Vec<String>,
    /// Offers other choices.
    pub choices: Vec<String>,
    /// Repeats that have more or fewer rows.
    pub rows: Vec<String>,
    /// Whether the screens may be others than before: fetch [`Filling::steps`] again.
    pub steps_changed: bool,
}

/// What was worked out.
#[derive(Debug, Clone, PartialEq, uniffi::Record)]
pub struct Computed {
    /// The question's key.
    pub key: String,
    /// Its value; none if it has none any more.
    pub answer: Option<AnswerValue>,
    /// The same for people.
    pub said: String,
}

/// A row that was added.
#[derive(Debug, Clone, PartialEq, uniffi::Record)]
pub struct RowAdded {
    /// Its identifier.
    pub row: String,
    /// What that changed.
    pub change: FillingChange,
}

#[uniffi::export]
impl OpenVault {
    /// Says how many minutes the phone's clock is ahead of UTC, so that a form that asks for the day gets the
    /// person's own. Holds for fillings begun afterwards.
    pub fn set_utc_offset(&self, minutes: i32) {
        self.offset.store(minutes, Ordering::SeqCst);
    }

    /// Begins a record of a form's newest edition. Which team it is of need only be said where this device works for
    /// several; the empty name means everybody's.
    ///
    /// # Errors
    /// `not_found` for the form or team, `ambiguous` without a team where there are several, `not_allowed`,
    /// `needs_handout`, `no_sealed_circle`, `other_circle`.
    pub fn begin(
        &self,
        form: &str,
        team: Option<String>,
        language: &str,
    ) -> Result<Arc<Filling>, CairnError> {
        let number = self.with(|vault| vault.begin_draft(form, team.as_deref()))?;
        self.filling(number, language)
    }

    /// Goes on with a draft.
    ///
    /// # Errors
    /// `not_found`, also while the form has not arrived.
    pub fn resume(&self, draft: u64, language: &str) -> Result<Arc<Filling>, CairnError> {
        self.filling(draft, language)
    }

    /// Begins to change a record, by its handle or identifier; goes on where that was begun before.
    ///
    /// # Errors
    /// `not_found`, `ambiguous`, `not_allowed`, `sealed_away`.
    pub fn edit(&self, record: &str, language: &str) -> Result<Arc<Filling>, CairnError> {
        let number = self.with(|vault| {
            let record = vault.find_record(record)?;
            vault.begin_draft_of(&record)
        })?;
        self.filling(number, language)
    }
}

impl OpenVault {
    fn filling(&self, number: u64, language: &str) -> Result<Arc<Filling>, CairnError> {
        let filling = Filling {
            keeper: Arc::downgrade(&self.keeper),
            number,
            language: language.to_owned(),
            offset: self.offset.load(Ordering::SeqCst),
            begun: AtomicBool::new(false),
        };
        // What the form gives by itself is kept before anybody answers.
        filling.open(|_| Ok(()))?;
        Ok(Arc::new(filling))
    }
}

#[uniffi::export]
impl Filling {
    /// The draft's number, for [`OpenVault::resume`].
    pub fn number(&self) -> u64 {
        self.number
    }

    /// What is being filled.
    ///
    /// # Errors
    /// `locked`, `not_found` once it is finished or discarded.
    pub fn about(&self) -> Result<About, CairnError> {
        self.open(|opened| {
            let about = &opened.draft.about;
            Ok(About {
                draft: self.number,
                form: about.form.clone(),
                version: about.version.clone(),
                title: title(opened.form, &self.language),
                record: about.record.map(|record| record.to_string()),
                name: opened.session.name(),
                right_to_left: is_right_to_left(&self.language),
                is_sealed: opened.form.sealed,
                elsewhere: opened.unseen.iter().map(|part| part.name().to_owned()).collect(),
            })
        })
    }

    /// Every screen as it stands now, in the form's order.
    ///
    /// # Errors
    /// As [`Filling::about`].
    pub fn steps(&self) -> Result<Vec<Step>, CairnError> {
        self.open(|opened| {
            let told = opened.session.faults();
            let screens = steps(opened.form, opened.session, opened.unseen);
            Ok(screens.into_iter().map(|step| self.step(opened, step, &told)).collect())
        })
    }

    /// Choices of a question that go with the other answers and hold `typed` in name or label; at most so many.
    ///
    /// # Errors
    /// As [`Filling::about`].
    pub fn choices(&self, key: &str, typed: &str, most: u64) -> Result<Vec<Choice>, CairnError> {
        let part = typed.trim().to_lowercase();
        self.open(|opened| {
            let fits = |choice: &Choice| {
                choice.label.to_lowercase().contains(&part) || choice.name.to_lowercase().contains(&part)
            };
            let most = usize::try_from(most).unwrap_or(usize::MAX);
            Ok(self.offered(opened, key).filter(fits).take(most).collect())
        })
    }

    /// Answers a question, or takes its answer away, and keeps that. What the form's own checks do not like may stay
    /// until the end.
    ///
    /// # Errors
    /// `invalid` for what can be no answer to the question (nothing is kept then); as [`Filling::about`].
    pub fn answer(&self, key: &str, value: Option<AnswerValue>) -> Result<FillingChange, CairnError> {
        self.open(|opened| {
            let before = opened.session.answers().get(key).cloned();
            let answer = match value {
                Some(value) => answer_to(opened.form, key, before.as_ref(), value).map_err(invalid)?,
                None => None,
            };
            let changed = opened.session.answer(key, answer).map_err(invalid)?;
            Ok(self.change(opened, changed))
        })
    }

    /// Adds a row at the end of a repeat, inside the given rows of those around it.
    ///
    /// # Errors
    /// `invalid` if there is no such repeat, or if the form works out how many rows it has; as [`Filling::about`].
    pub fn add_row(&self, repeat: &str, outer: Vec<String>) -> Result<RowAdded, CairnError> {
        self.open(|opened| {
            let outer: Vec<&str> = outer.iter().map(String::as_str).collect();
            let (row, changed) = opened.session.add_row(repeat, &outer).map_err(invalid)?;
            Ok(RowAdded { row, change: self.change(opened, changed) })
        })
    }

    /// Takes a row away with all that was answered in it; `path` ends with its identifier.
    ///
    /// # Errors
    /// `invalid` if there is no such row; as [`Filling::about`].
    pub fn remove_row(&self, repeat: &str, path: Vec<String>) -> Result<FillingChange, CairnError> {
        self.open(|opened| {
            let path: Vec<&str> = path.iter().map(String::as_str).collect();
            let changed = opened.session.remove_row(repeat, &path).map_err(invalid)?;
            Ok(self.change(opened, changed))
        })
    }

    /// Everything that keeps the record from being finished, in the form's order.
    ///
    /// # Errors
    /// As [`Filling::about`].
    pub fn faults(&self) -> Result<Vec<AnswerFault>, CairnError> {
        self.open(|opened| {
            let seen = |told: &Told| {
                let asked = opened.form.asked(&told.fault.field);
                asked.is_none_or(|question| !opened.unseen.contains(&question.part))
            };
            Ok(opened.session.faults().into_iter().filter(seen).map(fault).collect())
        })
    }

    /// Makes it a record, or changes the record it is about, and forgets the draft. Gives the record's identifier.
    /// `lower` says whether a better value may take the place of a worse one where the worse one stands.
    ///
    /// # Errors
    /// `invalid` with every fault, `other_circle`, `too_large`; the draft stays as it is then. As [`Filling::about`].
    pub fn finish(&self, lower: bool) -> Result<String, CairnError> {
        let lower = if lower { Lower::Allowed } else { Lower::Refused };
        let mut told = None;
        let done = self.with(|vault| {
            let draft = vault.draft(self.number)?;
            told = vault.edition(&draft.about.form, &draft.about.version).ok();
            vault.finish_draft(self.number, lower)
        });
        match (done, told) {
            (Ok(record), _) => Ok(record.to_string()),
            (Err(error), Some(known)) => Err(CairnError::in_words_of(error, &known.form, &self.language)),
            (Err(error), None) => Err(error.into()),
        }
    }

    /// Forgets the draft and all that was answered in it.
    ///
    /// # Errors
    /// As [`Filling::about`].
    pub fn discard(&self) -> Result<(), CairnError> {
        Ok(self.with(|vault| vault.discard_draft(self.number))?)
    }
}

impl Filling {
    fn with<T>(&self, act: impl FnOnce(&mut Vault) -> Result<T, Error>) -> Result<T, Error> {
        // Whoever let go of the vault has closed it.
        self.keeper.upgrade().ok_or(Error::Locked)?.with(act)
    }

    fn open<T>(&self, act: impl FnOnce(&mut Opened<'_, '_>) -> Result<T, Error>) -> Result<T, CairnError> {
        let begun = self.begun.load(Ordering::SeqCst);
        let reader = Reader { language: self.language.clone(), offset: self.offset, begun };
        let done = self.with(|vault| vault.fill_draft(self.number, &reader, act))?;
        self.begun.store(true, Ordering::SeqCst);
        Ok(done)
    }

    fn step(&self, opened: &Opened<'_, '_>, step: form::Step, told: &[Told]) -> Step {
        let (form, answers) = (opened.form, opened.session.answers());
        let heading = step.group.map(|group| self.heading(form, group)).unwrap_or_default();
        let around = form.ancestry(step.group).into_iter().filter_map(|group| form.groups.get(group));
        let mut repeats: Vec<&str> =
            around.filter(|group| group.repeat.is_some()).map(|group| group.name.as_str()).collect();
        // The place where rows are added lies outside of them.
        repeats.truncate(step.rows.len());
        let place = step.rows.split_last().zip(repeats.last()).and_then(|((own, outer), repeat)| {
            let outer: Vec<&str> = outer.iter().map(String::as_str).collect();
            rows(answers, repeat, &outer).iter().position(|row| row == own)
        });
        let more = step.more.map(|repeat| {
            let outer: Vec<&str> = step.rows.iter().map(String::as_str).collect();
            let held = rows(answers, &repeat, &outer).into_iter().map(str::to_owned).collect();
            let label = if heading.is_empty() { repeat.clone() } else { heading.clone() };
            MoreRows { repeat, label, outer: step.rows.clone(), held }
        });
        Step {
            heading,
            row_number: place.map(|index| index as u64 + 1),
            repeat: repeats.last().map(|name| (*name).to_owned()),
            questions: step.keys.iter().filter_map(|key| self.question(opened, key, told)).collect(),
            rows: step.rows,
            more,
        }
    }

    fn heading(&self, form: &Form, group: usize) -> String {
        let group = form.groups.get(group);
        let label = group.map(|group| text_in(&group.label, &self.language, &form.default_language));
        label.unwrap_or_default().trim().to_owned()
    }

    fn question(&self, opened: &Opened<'_, '_>, key: &str, told: &[Told]) -> Option<Question> {
        let (form, session) = (opened.form, &opened.session);
        let question = form.asked(key)?;
        let label = session.said(&question.label, key);
        let answer = session.answers().get(key);
        let choice_count = session.choices(key).map_or_else(|| form.choices(question).len(), <[usize]>::len);
        let shown = if choice_count > SHOWN { 0 } else { SHOWN };
        let kind = kind(question);
        let range = question.range().filter(|_| kind == QuestionKind::Range);
        Some(Question {
            key: key.to_owned(),
            name: question.name.clone(),
            label: if label.trim().is_empty() { question.name.clone() } else { label },
            hint: session.said(&question.hint, key),
            guidance: session.said(&question.guidance_hint, key),
            kind,
            choices: self.offered(opened, key).take(shown).collect(),
            choice_count: choice_count as u64,
            range: range.map(|range| RangeTerms { start: range.start, end: range.end, step: range.step }),
            required: session.is_required(key),
            read_only: question.logic.calculation.is_some() || session.is_readonly(key),
            answer: answer.map(AnswerValue::from),
            said: said(answer, key, Some(form), &self.language),
            fault: told.iter().find(|told| told.fault.field == key).cloned().map(fault),
            appearance: question.appearance.clone(),
        })
    }

    /// The choices that go with the other answers.
    fn offered<'a>(&'a self, opened: &'a Opened<'_, '_>, key: &'a str) -> impl Iterator<Item = Choice> + 'a {
        let left = opened.session.choices(key);
        let choices = opened.form.asked(key).map(|question| opened.form.choices(question));
        let choices = choices.into_iter().flat_map(|choices| choices.iter().enumerate());
        choices.filter(move |(index, _)| left.is_none_or(|left| left.contains(index))).map(|(_, choice)| {
            let label = choice.label(&self.language, &opened.form.default_language);
            let label = if label.is_empty() { choice.name } else { label };
            Choice { name: choice.name.to_owned(), label: label.to_owned() }
        })
    }

    fn change(&self, opened: &Opened<'_, '_>, changed: Changed) -> FillingChange {
        let steps_changed = !changed.relevant.is_empty() || !changed.rows.is_empty();
        let told = opened.session.faults();
        let mut change = FillingChange { steps_changed, ..FillingChange::default() };
        for (key, relevant) in changed.relevant {
            if relevant { &mut change.relevant } else { &mut change.irrelevant }.push(key);
        }
        for (key, required) in changed.required {
            if required { &mut change.required } else { &mut change.optional }.push(key);
        }
        for (key, readonly) in changed.readonly {
            if readonly { &mut change.read_only } else { &mut change.editable }.push(key);
        }
        for (key, rule) in changed.wrong {
            match rule {
                None => change.right.push(key),
                Some(rule) => {
                    let own = told.iter().find(|told| told.fault.field == key).cloned();
                    let bare = Told { fault: Fault { field: key, rule }, message: None };
                    change.wrong.push(fault(own.unwrap_or(bare)));
                }
            }
        }
        for (key, answer) in changed.values {
            let said = said(answer.as_ref(), &key, Some(opened.form), &self.language);
            change.computed.push(Computed { key, answer: answer.as_ref().map(AnswerValue::from), said });
        }
        change.choices = changed.choices.into_iter().collect();
        change.rows = changed.rows.into_iter().collect();
        change
    }
}

fn fault(told: Told) -> AnswerFault {
    AnswerFault::new(&told.fault, told.message)
}

fn invalid(fault: Fault) -> Error {
    Error::Invalid(vec![fault])
}

fn kind(question: &form::Question) -> QuestionKind {
    match question.kind {
        Kind::Text | Kind::Narrative if grows(question) => QuestionKind::Log,
        Kind::Text => QuestionKind::Text,
        Kind::Narrative => QuestionKind::LongText,
        Kind::Integer => QuestionKind::Integer,
        Kind::Decimal => QuestionKind::Decimal,
        Kind::Date => QuestionKind::Date,
        Kind::Time => QuestionKind::Time,
        Kind::DateTime => QuestionKind::DateTime,
        Kind::SelectOne(_) => QuestionKind::SelectOne,
        Kind::SelectMultiple(_) => QuestionKind::SelectMany,
        Kind::Rank(_) => QuestionKind::Rank,
        Kind::Note => QuestionKind::Note,
        Kind::Geopoint => QuestionKind::Place,
        Kind::Geotrace => QuestionKind::Line,
        Kind::Geoshape => QuestionKind::Area,
        Kind::Range => QuestionKind::Range,
        Kind::Acknowledge => QuestionKind::Acknowledge,
        Kind::Barcode => QuestionKind::Barcode,
        Kind::Image => QuestionKind::Picture,
        Kind::Audio => QuestionKind::Sound,
        Kind::Video => QuestionKind::Film,
        Kind::File => QuestionKind::File,
        _ => QuestionKind::Other,
    }
}

#[cfg(test)]
mod tests;
