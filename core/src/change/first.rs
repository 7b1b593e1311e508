//! A record's first change, built directly.
//!
//! Putting thirty answers one by one into an empty Automerge document and committing takes twenty times
//! as long as writing down the operations that this would lead to. So a first change is built from its
//! operations, and read back from them, without a document. Tests hold it to the octet against what the
//! ordinary way makes.

use std::{borrow::Cow, collections::BTreeMap, num::NonZeroU64};

use automerge::{
    ActorId, Change, ExpandedChange, ObjType, ScalarValue,
    legacy::{ElementId, Key, ObjectId, Op, OpId, OpType, SortedVec},
};
use cairn_wire::{id::RecordId, limits};

use super::{
    About, ChangeError, Stamp, Written, bounds,
    layout::{self, FORM, Mark, PART, RECORD, Shape, VERSION, Way},
    rest::{self, Needs},
};
use crate::form::{
    self, Answer, Answers, Form, Part, Question,
    field::{IN, field, split},
    rows::{every_row, within},
};

/// Begins a document.
///
/// # Errors
/// [`ChangeError`] about the answers: unasked, unfit, unoffered, too long, too large.
pub fn first(form: &Form, about: &About<'_>, answers: &Answers, by: &Stamp) -> Result<Written, ChangeError> {
    let answers =
        if form.has_repeats() { Cow::Owned(form.with_rows(answers.clone())) } else { Cow::Borrowed(answers) };
    let change = build(form, about, &answers, by)?;
    let needs = needs(form, &answers);
    let bytes = change.raw_bytes();
    if bytes.len() > limits::CHANGE || change.len() as u64 > bounds::OPERATIONS {
        return Err(ChangeError::TooLarge);
    }
    Ok(Written { change: bytes.to_vec(), hash: change.hash().0, document: rest::single(bytes, needs) })
}

/// What a reader of a first change with these answers must know.
pub(super) fn needs(form: &Form, answers: &Answers) -> Needs {
    let other = |question: &Question| Way::of(question) != Way::Plain && answers.contains_key(&question.name);
    let new = |(key, answer): (&String, &Answer)| key.contains(IN) || matches!(answer, Answer::Missing(_));
    let second = answers.iter().any(new) || form.questions.iter().any(other);
    match second {
        _ if answers.values().any(|answer| answer.file().is_some()) => Needs::Files,
        true => Needs::Second,
        false => Needs::First,
    }
}

/// The change itself.
pub(super) fn build(
    form: &Form,
    about: &About<'_>,
    answers: &Answers,
    by: &Stamp,
) -> Result<Change, ChangeError> {
    if about.part.len() > form::limits::NAME {
        return Err(ChangeError::TooLarge);
    }
    let own = Part::from_name(about.part);
    fits(form, own, answers)?;
    let mut pen =
        Pen { actor: layout::actor(by.chain), operations: Vec::with_capacity(4 + 2 * form.questions.len()) };
    pen.put(FORM, form.id.as_str());
    pen.put(VERSION, form.version.as_str());
    pen.put(RECORD, about.record.0.to_vec());
    pen.put(PART, about.part);
    for row in rows(form, answers) {
        pen.put(&row, 1);
    }
    let repeats = form.has_repeats();
    // What other parts ask has no place here, not even as an empty text.
    for question in form.questions.iter().filter(|question| Some(question.part) == own) {
        let around = if repeats { form.repeats_around(question) } else { Vec::new() };
        match around.as_slice() {
            [] => pen.answer(form, question, &question.name, answers.get(&question.name)),
            repeats => {
                for rows in every_row(answers, repeats) {
                    let field = field(&question.name, &rows);
                    pen.answer(form, question, &field, answers.get(&field));
                }
            }
        }
    }
    Ok(Change::from(ExpandedChange {
        operations: pen.operations,
        actor_id: pen.actor,
        hash: None,
        seq: 1,
        start_op: NonZeroU64::MIN,
        time: by.time,
        message: None,
        deps: Vec::new(),
        extra_bytes: Vec::new(),
        author: None,
    }))
}

/// The keys of all rows that are there.
fn rows(form: &Form, answers: &Answers) -> Vec<String> {
    if !form.has_repeats() {
        return Vec::new();
    }
    answers.keys().filter(|key| layout::is_row(key)).cloned().collect()
}

/// Whether every answer answers a question of the part, and every row is one. Goes through the questions once, as
/// looking each up would take longer than all the rest.
fn fits(form: &Form, part: Option<Part>, answers: &Answers) -> Result<(), ChangeError> {
    let mut known = 0;
    let repeats = form.has_repeats();
    let own = |question: &&Question| Some(question.part) == part;
    for question in form.questions.iter().filter(own) {
        if repeats && question.is_repeated(form) {
            for (_, answer) in within(answers, &question.name).filter(|(key, _)| form.asked(key).is_some()) {
                layout::check(form, question, answer)?;
                known += 1;
            }
        } else if let Some(answer) = answers.get(&question.name) {
            layout::check(form, question, answer)?;
            known += 1;
        }
    }
    let here = |row: &str| form.parts_of_repeat(split(row).name).iter().any(|asked| Some(*asked) == part);
    let rows = rows(form, answers);
    let told =
        rows.iter().filter(|row| answers.get(*row) == Some(&Answer::Row) && form.is_row(row) && here(row));
    if known + told.count() == answers.len() {
        return Ok(());
    }
    let asked = |key: &str| form.is_row(key) && here(key) || form.asked(key).is_some_and(|asked| own(&asked));
    let unasked = answers.keys().find(|key| !asked(key));
    Err(ChangeError::Unasked { field: unasked.cloned().unwrap_or_default() })
}

/// Writes operations down, numbering them from 1.
struct Pen {
    actor: ActorId,
    operations: Vec<Op>,
}

impl Pen {
    /// Writes down what a field says; a narrative is begun even if it says nothing.
    fn answer(&mut self, form: &Form, question: &Question, field: &str, answer: Option<&Answer>) {
        let (way, shape) = (Way::of(question), Shape::of(&question.kind));
        if way == Way::Plain && shape == Shape::Narrative {
            let text = match answer {
                Some(Answer::Narrative(text)) => text.as_str(),
                _ => "",
            };
            self.narrative(field, text);
        }
        match (way, answer) {
            (_, None) | (_, Some(Answer::Narrative(_) | Answer::Row)) => {}
            (_, Some(missing @ Answer::Missing(_))) => {
                let key = layout::missing(field, question).unwrap_or_else(|| layout::short(field, way));
                layout::scalar(form, question, missing).into_iter().for_each(|value| self.put(&key, value));
            }
            (Way::Log, Some(Answer::Log(entries))) => {
                for (entry, number) in entries.iter().zip(0_u8..=u8::MAX) {
                    let key = layout::entry(field, 1, &self.actor, number);
                    self.put(&key, entry.text.as_str());
                }
            }
            (Way::Count, Some(Answer::Integer(counted))) => {
                let key = layout::count(field, &self.actor);
                self.put(&key, *counted);
            }
            (Way::Plain, Some(Answer::Choices(chosen))) if chosen.is_empty() => self.put(field, true),
            (Way::Plain, Some(Answer::Choices(chosen))) => {
                let offered = form.choices(question).iter().filter(|choice| chosen.contains(choice.name));
                offered.for_each(|choice| self.put(&layout::flag(field, choice.name), true));
            }
            (_, Some(answer)) => {
                let value = layout::scalar(form, question, answer);
                value.into_iter().for_each(|value| self.put(&layout::short(field, way), value));
            }
        }
    }

    fn put(&mut self, key: &str, value: impl Into<ScalarValue>) {
        self.write(OpType::Put(value.into()), ObjectId::Root, key.into(), false);
    }

    fn narrative(&mut self, key: &str, text: &str) {
        let object = self.next();
        self.write(OpType::Make(ObjType::Text), ObjectId::Root, key.into(), false);
        let mut before = ElementId::Head;
        for letter in text.chars() {
            let this = self.next();
            self.write(OpType::Put(letter.into()), ObjectId::Id(object.clone()), Key::Seq(before), true);
            before = ElementId::Id(this);
        }
    }

    fn next(&self) -> OpId {
        OpId::new(self.operations.len() as u64 + 1, &self.actor)
    }

    fn write(&mut self, action: OpType, obj: ObjectId, key: Key, insert: bool) {
        self.operations.push(Op { action, obj, key, pred: SortedVec::new(), insert });
    }
}

/// What a first change says.
#[derive(Debug, PartialEq)]
pub(super) struct Beginning {
    pub(super) form: String,
    pub(super) version: String,
    pub(super) record: RecordId,
    pub(super) part: String,
    pub(super) answers: Answers,
}

/// Reads a first change back from its operations. Nothing if it is not one; what it gives for a change
/// that [`first`] did not make means nothing.
pub(super) fn beginning(change: &ExpandedChange) -> Option<Beginning> {
    let mut scalars: BTreeMap<&str, &ScalarValue> = BTreeMap::new();
    let mut narratives: Vec<(u64, &str, String)> = Vec::new();
    for (number, operation) in (1..).zip(&change.operations) {
        match (&operation.obj, &operation.key, &operation.action) {
            (ObjectId::Root, Key::Map(key), OpType::Put(value)) => {
                scalars.insert(key, value);
            }
            (ObjectId::Root, Key::Map(key), OpType::Make(ObjType::Text)) => {
                narratives.push((number, key, String::new()));
            }
            (ObjectId::Id(object), Key::Seq(_), OpType::Put(ScalarValue::Str(letter))) => {
                let (number, _, text) = narratives.last_mut()?;
                if object.counter() != *number {
                    return None;
                }
                text.push_str(letter);
            }
            _ => return None,
        }
    }
    let mut text = |key| match scalars.remove(key) {
        Some(ScalarValue::Str(text)) => Some(text.to_string()),
        _ => None,
    };
    let (form, version, part) = (text(FORM)?, text(VERSION)?, text(PART)?);
    let record = match scalars.remove(RECORD) {
        Some(ScalarValue::Bytes(bytes)) => RecordId::from_slice(bytes)?,
        _ => return None,
    };
    let mut answers = Answers::new();
    for (key, value) in scalars {
        let (field, mark) = layout::parse(key)?;
        match (mark, value) {
            (Mark::Own | Mark::Choice(_), ScalarValue::Boolean(true)) => {
                let chosen =
                    answers.entry(field.to_owned()).or_insert_with(|| Answer::Choices(<_>::default()));
                if let (Answer::Choices(chosen), Mark::Choice(choice)) = (chosen, mark) {
                    chosen.insert(choice.to_owned());
                }
            }
            (Mark::Own, value) if layout::is_row(field) => {
                if layout::is_there(value) {
                    answers.insert(field.to_owned(), Answer::Row);
                }
            }
            (Mark::Entry(id), value) => {
                let said = answers.entry(field.to_owned()).or_insert_with(|| Answer::Log(Vec::new()));
                if let Answer::Log(entries) = said {
                    entries.push(layout::said(id, change.time, value)?);
                }
            }
            (Mark::Choice(_) | Mark::Lowered, _) => return None,
            (mark, value) => {
                answers.insert(field.to_owned(), layout::answer(mark, value)?);
            }
        }
    }
    let told = narratives.into_iter().filter(|(_, _, text)| !text.is_empty());
    answers.extend(told.map(|(_, key, text)| (key.to_owned(), Answer::Narrative(text))));
    Some(Beginning { form, version, record, part, answers })
}
