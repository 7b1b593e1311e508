//! What is shown of a record that is being filled.

use cairn_core::form::rows::rows;
use cairn_core::form::session::{Changed, Told};
use cairn_core::form::{self, Answer, Fault, Form, Kind, text_in};
use cairn_core::vault::Opened;

use super::{Filling, fault};
use crate::answers::{AnswerValue, grows, said};
use crate::attachments::{AttachedFile, attached};
use crate::trouble::AnswerFault;

/// Longer lists are searched ([`Filling::choices`]) rather than shown whole. Of all that [`Filling::steps`] says of a
/// form, lists of countries would be nine tenths, and one screen in a hundred shows one.
const SHOWN: usize = 40;

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
    /// A picture, attached, or by the name of its file.
    Picture,
    /// A sound, likewise.
    Sound,
    /// A film, likewise.
    Film,
    /// Some other file, likewise.
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
    /// The file that was attached, if one was; where only a name is known, that is the answer and this is none.
    pub file: Option<AttachedFile>,
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

impl Filling {
    pub(super) fn step(&self, opened: &Opened<'_, '_>, step: form::Step, told: &[Told]) -> Step {
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
            file: answer.and_then(Answer::file).map(|file| {
                let here = opened.here.contains(&file.reference.id);
                attached(file, here)
            }),
        })
    }

    /// The choices that go with the other answers.
    pub(super) fn offered<'a>(
        &'a self,
        opened: &'a Opened<'_, '_>,
        key: &'a str,
    ) -> impl Iterator<Item = Choice> + 'a {
        let left = opened.session.choices(key);
        let choices = opened.form.asked(key).map(|question| opened.form.choices(question));
        let choices = choices.into_iter().flat_map(|choices| choices.iter().enumerate());
        choices.filter(move |(index, _)| left.is_none_or(|left| left.contains(index))).map(|(_, choice)| {
            let label = choice.label(&self.language, &opened.form.default_language);
            let label = if label.is_empty() { choice.name } else { label };
            Choice { name: choice.name.to_owned(), label: label.to_owned() }
        })
    }

    pub(crate) fn change(&self, opened: &Opened<'_, '_>, changed: Changed) -> FillingChange {
        let steps_changed = !changed.relevant.is_empty() || !changed.rows.is_empty();
        // Only what is wrong now is told in the form's words.
        let is_wrong = changed.wrong.values().any(Option::is_some);
        let told = if is_wrong { opened.session.faults() } else { Vec::new() };
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
