//! `cairn record show` and `cairn record history`.

use cairn_core::error::Error;
use cairn_core::form::{Answer, Form, answers_to_json};
use cairn_core::record::instant;
use cairn_core::view::{PastView, RecordView, SharedView, handle};
use serde_json::{Value, json};

use super::super::circle;
use super::rows;
use crate::door::Door;
use crate::out::Said;
use crate::pick;
use crate::trouble::Trouble;
use crate::words::{self, ended, indented, line, minute, named, shown, who};

pub(super) fn show(door: &Door, name: &str) -> Result<Said, Trouble> {
    let vault = door.open()?;
    let view = vault.record(&vault.find_record(name)?)?;
    let known = pick::form_of(&vault, &view);
    vault.lock()?;
    let form = known.as_ref().map(|known| &*known.form);
    let answers = answers_to_json(form, &view.answers);
    let json = json!({
        "id": view.id.to_string(),
        "handle": handle(&view.id),
        "form": view.form,
        "version": view.version,
        "title": view.title,
        "changed": instant(view.changed),
        "answers": answers,
        "conflicts": view.conflicts.iter().map(words::conflict).collect::<Value>(),
        "elsewhere": view.elsewhere.iter().map(|part| part.name()).collect::<Value>(),
        "shared": view.shared.iter().map(shared).collect::<Value>(),
    });
    Ok(Said::new(in_words(&view, form, &door.language), json))
}

fn shared(shared: &SharedView) -> Value {
    json!({ "copy": shared.copy.to_string(), "handle": handle(&shared.copy), "circle": shared.circle })
}

fn in_words(view: &RecordView, form: Option<&Form>, language: &str) -> String {
    let mut text = String::new();
    line!(text, "{}  {}", handle(&view.id), view.title);
    line!(text, "{} {}, changed {} UTC", view.form, view.version, minute(view.changed));
    line!(text);
    let mut one = |field: &str, answer: &Answer| {
        let answer = indented(&shown(Some(answer), field, form, language), 4);
        line!(text, "{}: {answer}", named(field, form, language));
    };
    let asked = form.map(|form| form.questions.as_slice()).unwrap_or_default();
    for question in asked {
        if let Some(answer) = view.answers.get(&question.name) {
            one(&question.name, answer);
        }
    }
    // Answers to questions that this device's form does not have are shown all the same.
    let strange = |key: &str| form.is_none_or(|form| form.asked(key).is_none() && !form.is_row(key));
    for (field, answer) in view.answers.iter().filter(|(field, _)| strange(field)) {
        one(field, answer);
    }
    if let Some(form) = form.filter(|form| form.has_repeats()) {
        text.push_str(&rows::in_words(form, &view.answers, language));
    }
    if !view.elsewhere.is_empty() {
        line!(text);
        line!(text, "Kept in another circle: {}", circle::named(&view.elsewhere));
    }
    for shared in &view.shared {
        let circle = shared.circle.as_deref().unwrap_or("(this device is not in it)");
        line!(text);
        line!(text, "Copied as {} into the circle {circle}; changes do not follow", handle(&shared.copy));
    }
    for conflict in &view.conflicts {
        line!(text);
        line!(text, "Not settled: {}", words::conflict_lines(conflict, form, language).trim_end());
        line!(text, "  hint: cairn conflict settle {} {} --pick N", handle(&view.id), conflict.field);
    }
    ended(text)
}

pub(super) fn history(door: &Door, name: &str, field: Option<&str>) -> Result<Said, Trouble> {
    let vault = door.open()?;
    let record = vault.find_record(name)?;
    let past = vault.history(&record, field)?;
    let view = vault.record(&record)?;
    let known = pick::form_of(&vault, &view);
    vault.lock()?;
    let form = known.as_ref().map(|known| &*known.form);
    let unknown = |field: &&str| {
        past.is_empty() && form.is_some_and(|form| form.asked(field).is_none() && !form.is_row(field))
    };
    if let Some(field) = field.filter(unknown) {
        return Err(Error::NotFound { what: "field", name: field.to_owned() }.into());
    }
    let mut text = String::new();
    for one in &past {
        line!(text, "{}", happened(one, form, &door.language));
    }
    if past.is_empty() {
        line!(text, "Nothing was answered.");
    }
    let json = json!({
        "id": record.to_string(),
        "handle": handle(&record),
        "history": past.iter().map(for_machines).collect::<Value>(),
    });
    Ok(Said::new(ended(text), json))
}

fn happened(past: &PastView, form: Option<&Form>, language: &str) -> String {
    let field = named(&past.field, form, language);
    let value = |answer: Option<&Answer>| indented(&shown(answer, &past.field, form, language), 4);
    let now = value(past.answer.as_ref());
    let change = match &past.before {
        Some(before) => format!("{} -> {now}", value(Some(before))),
        None => now,
    };
    let lowered = if past.lowered { " (lowered on purpose)" } else { "" };
    format!("{}  {}  {field}: {change}{lowered}", minute(past.author.time), who(&past.author))
}

fn for_machines(past: &PastView) -> Value {
    json!({
        "field": past.field,
        "before": words::answer(past.before.as_ref()),
        "answer": words::answer(past.answer.as_ref()),
        "lowered": past.lowered,
        "by": words::author(&past.author),
    })
}
