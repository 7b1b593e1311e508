//! One JSON object a line, for programs: names only, and everything that stands.

use std::io::Write;

use serde_json::{Map, Value, json};

use super::ExportError;
use crate::form::{Answer, Form, answers_to_json};
use crate::record::instant;
use crate::view::{ConflictView, LeftView, RecordView, handle};

pub(super) struct Lines<'f, W: Write> {
    form: &'f Form,
    out: W,
}

impl<'f, W: Write> Lines<'f, W> {
    pub(super) fn new(form: &'f Form, out: W) -> Self {
        Self { form, out }
    }

    pub(super) fn record(&mut self, record: &RecordView) -> Result<(), ExportError> {
        let mut line = object(self.form, record).to_string();
        line.push('\n');
        Ok(self.out.write_all(line.as_bytes())?)
    }

    pub(super) fn finish(self) -> W {
        self.out
    }
}

/// A question that is missing under `answers` was not answered. Under `conflicts` stands every answer to
/// a question on which several stand; the first of them is also under `answers`. Under `left` stands what the
/// record's edition of the form no longer asks or offers.
fn object(form: &Form, record: &RecordView) -> Value {
    let answers = answers_to_json(Some(form), &record.answers);
    let conflicts: Map<String, Value> =
        record.conflicts.iter().map(|conflict| (conflict.field.clone(), all(conflict))).collect();
    json!({
        "record": handle(&record.id),
        "id": record.id.to_string(),
        "form": record.form,
        "version": record.version,
        "changed": instant(record.changed),
        "title": record.title,
        "answers": answers,
        "left": record.left.iter().map(left).collect::<Value>(),
        "conflicts": conflicts,
        "elsewhere": record.elsewhere.iter().map(|part| part.name()).collect::<Value>(),
    })
}

fn left(left: &LeftView) -> Value {
    json!({
        "field": left.field,
        "answer": left.answer.to_json(),
        "version": left.version,
        "gone": left.gone.name(),
    })
}

fn all(conflict: &ConflictView) -> Value {
    let values = conflict.values.iter().map(|(answer, author)| {
        json!({
            "answer": answer.as_ref().map(Answer::to_json),
            "device": author.device.map(|device| device.to_string()),
            "name": author.name,
            "time": instant(author.time),
        })
    });
    values.collect()
}
