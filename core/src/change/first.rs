//! A record's first change, built directly.
//!
//! Putting thirty answers one by one into an empty Automerge document and committing takes twenty times
//! as long as writing down the operations that this would lead to. So a first change is built from its
//! operations, and read back from them, without a document. Tests hold it to the octet against what the
//! ordinary way makes.

use std::{collections::BTreeMap, num::NonZeroU64};

use automerge::{
    ActorId, Change, ExpandedChange, ObjType, ScalarValue,
    legacy::{ElementId, Key, ObjectId, Op, OpId, OpType, SortedVec},
};
use cairn_wire::{id::RecordId, limits};

use super::{
    About, ChangeError, Stamp, Written, bounds,
    layout::{self, FORM, PART, RECORD, Shape, VERSION},
    rest,
};
use crate::form::{self, Answer, Answers, Form, Part, Question};

/// Begins a document.
///
/// # Errors
/// [`ChangeError`] about the answers: unasked, unfit, unoffered, too long, too large.
pub fn first(form: &Form, about: &About<'_>, answers: &Answers, by: &Stamp) -> Result<Written, ChangeError> {
    let change = build(form, about, answers, by)?;
    let bytes = change.raw_bytes();
    if bytes.len() > limits::CHANGE || change.len() as u64 > bounds::OPERATIONS {
        return Err(ChangeError::TooLarge);
    }
    Ok(Written { change: bytes.to_vec(), hash: change.hash().0, document: rest::single(bytes) })
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
    // What other parts ask has no place here, not even as an empty text.
    for question in form.questions.iter().filter(|question| Some(question.part) == own) {
        let name = question.name.as_str();
        match (Shape::of(&question.kind), answers.get(name)) {
            (Shape::Narrative, Some(Answer::Narrative(text))) => pen.narrative(name, text),
            (Shape::Narrative, _) => pen.narrative(name, ""),
            (_, Some(Answer::Choices(chosen))) if chosen.is_empty() => pen.put(name, true),
            (_, Some(Answer::Choices(chosen))) => {
                let offered = form.choices(question).iter().filter(|choice| chosen.contains(&choice.name));
                offered.for_each(|choice| pen.put(&layout::flag(name, &choice.name), true));
            }
            (_, Some(answer)) => layout::scalar(answer).into_iter().for_each(|value| pen.put(name, value)),
            (_, None) => {}
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

/// Whether every answer answers a question of the part. Goes through the questions once, as looking each up would
/// take longer than all the rest.
fn fits(form: &Form, part: Option<Part>, answers: &Answers) -> Result<(), ChangeError> {
    let mut known = 0;
    let own = |question: &&Question| Some(question.part) == part;
    for question in form.questions.iter().filter(own) {
        if let Some(answer) = answers.get(&question.name) {
            layout::check(form, question, answer)?;
            known += 1;
        }
    }
    if known == answers.len() {
        return Ok(());
    }
    let unasked = answers.keys().find(|field| !form.question(field).is_some_and(|asked| own(&asked)));
    Err(ChangeError::Unasked { field: unasked.cloned().unwrap_or_default() })
}

/// Writes operations down, numbering them from 1.
struct Pen {
    actor: ActorId,
    operations: Vec<Op>,
}

impl Pen {
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
        let (question, choice) = layout::split(key);
        match (value, choice) {
            (ScalarValue::Boolean(true), choice) => {
                let chosen =
                    answers.entry(question.to_owned()).or_insert_with(|| Answer::Choices(<_>::default()));
                if let (Answer::Choices(chosen), Some(choice)) = (chosen, choice) {
                    chosen.insert(choice.to_owned());
                }
            }
            (value, None) => {
                answers.insert(question.to_owned(), layout::answer(value)?);
            }
            _ => return None,
        }
    }
    let told = narratives.into_iter().filter(|(_, _, text)| !text.is_empty());
    answers.extend(told.map(|(_, key, text)| (key.to_owned(), Answer::Narrative(text))));
    Some(Beginning { form, version, record, part, answers })
}
