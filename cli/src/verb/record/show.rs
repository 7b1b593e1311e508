//! `cairn record show` and `cairn record history`.

use std::sync::Arc;

use cairn_core::error::Error;
use cairn_core::form::{Answer, Form, answers_to_json};
use cairn_core::record::instant;
use cairn_core::vault::KnownForm;
use cairn_core::view::{Gone, PastView, RecordView, SharedView, handle};
use serde_json::{Value, json};

use super::super::circle;
use super::rows;
use crate::door::Door;
use crate::out::Said;
use crate::pick;
use crate::trouble::Trouble;
use crate::words::{self, ended, indented, line, minute, named, shown, standing, who};

pub(super) fn show(door: &Door, name: &str) -> Result<Said, Trouble> {
    let vault = door.open()?;
    let view = vault.record(&vault.find_record(name)?)?;
    let known = pick::form_of(&vault, &view);
    let earlier = view.left.iter().map(|left| pick::edition(&vault, &view.form, &left.version)).collect();
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
        "left": view.left.iter().map(words::left).collect::<Value>(),
        "conflicts": view.conflicts.iter().map(words::conflict).collect::<Value>(),
        "elsewhere": view.elsewhere.iter().map(|part| part.name()).collect::<Value>(),
        "shared": view.shared.iter().map(shared).collect::<Value>(),
    });
    Ok(Said::new(in_words(&view, form, earlier, &door.language), json))
}

fn shared(shared: &SharedView) -> Value {
    json!({ "copy": shared.copy.to_string(), "handle": handle(&shared.copy), "circle": shared.circle })
}

fn in_words(
    view: &RecordView,
    form: Option<&Form>,
    earlier: Vec<Option<Arc<KnownForm>>>,
    language: &str,
) -> String {
    let mut text = String::new();
    line!(text, "{}  {}", handle(&view.id), view.title);
    line!(text, "{} {}, changed {} UTC", view.form, view.version, minute(view.changed));
    line!(text);
    let mut one = |field: &str, answer: &Answer| {
        let answer = indented(&standing(answer, field, form, language), 4);
        line!(text, "{}: {answer}", named(field, form, language));
    };
    let asked = form.map(|form| form.questions.as_slice()).unwrap_or_default();
    for question in asked {
        if let Some(answer) = view.answers.get(&question.name) {
            one(&question.name, answer);
        }
    }
    // Answers to questions that this device's form does not have are shown all the same.
    let apart = |key: &str| view.left.iter().any(|left| left.field == key);
    let strange =
        |key: &str| form.is_none_or(|form| form.asked(key).is_none() && !form.is_row(key)) && !apart(key);
    for (field, answer) in view.answers.iter().filter(|(field, _)| strange(field)) {
        one(field, answer);
    }
    if let Some(form) = form.filter(|form| form.has_repeats()) {
        text.push_str(&rows::in_words(form, &view.answers, language));
    }
    text.push_str(&left_over(view, earlier, language));
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

/// What the record's edition of the form no longer asks or offers, by the words of the one that did.
fn left_over(view: &RecordView, earlier: Vec<Option<Arc<KnownForm>>>, language: &str) -> String {
    let mut text = String::new();
    let mut headed = None;
    for (left, known) in view.left.iter().zip(earlier) {
        let form = known.as_ref().map(|known| &*known.form);
        if headed.replace((left.gone, &left.version)) != Some((left.gone, &left.version)) {
            let what = match left.gone {
                Gone::Question => "asked",
                Gone::Choice => "offered",
            };
            line!(text);
            line!(text, "No longer {what} (version {}):", left.version);
        }
        let answer = indented(&standing(&left.answer, &left.field, form, language), 4);
        line!(text, "{}: {answer}", named(&left.field, form, language));
    }
    text
}

pub(super) fn history(door: &Door, name: &str, field: Option<&str>) -> Result<Said, Trouble> {
    let vault = door.open()?;
    let record = vault.find_record(name)?;
    let past = vault.history(&record, field)?;
    let view = vault.record(&record)?;
    let known = pick::form_of(&vault, &view);
    let editions = vault.editions(&view.form);
    vault.lock()?;
    let form = known.as_ref().map(|known| &*known.form);
    // What is no longer asked is told in the words of the latest edition that asked it.
    let told = |field: &str| {
        let asks = |form: &&Form| form.asked(field).is_some() || form.is_row(field);
        let others = editions.iter().rev().map(|known| &*known.form);
        form.into_iter().chain(others).find(asks)
    };
    let unknown = |field: &&str| past.is_empty() && form.is_some() && told(field).is_none();
    if let Some(field) = field.filter(unknown) {
        return Err(Error::NotFound { what: "field", name: field.to_owned() }.into());
    }
    let mut text = String::new();
    for one in &past {
        line!(text, "{}", happened(one, told(&one.field).or(form), &door.language));
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
