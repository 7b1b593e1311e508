//! `cairn form show`: the questions of a form.

use cairn_core::error::Error;
use cairn_core::form::{Form, Kind, Question, text_in};

use crate::door::Door;
use crate::out::Said;
use crate::pick;
use crate::trouble::Trouble;
use crate::words::{ended, indented, line, title};

/// Longer lists are counted and not listed.
const LISTED: usize = 40;

pub(super) fn run(door: &Door, name: Option<&str>) -> Result<Said, Trouble> {
    let vault = door.open()?;
    let known = pick::form(&vault, name)?;
    vault.lock()?;
    let json =
        serde_json::to_value(known.form.with_cells()).map_err(|error| Error::Bug(error.to_string()))?;
    Ok(Said::new(words(&known.form, &door.language), json))
}

fn words(form: &Form, language: &str) -> String {
    let mut text = String::new();
    line!(text, "{}  ({} {})", title(form, language), form.id, form.version);
    if form.sealed {
        line!(text, "Sealed: once a record is finished, only the office can open it.");
    }
    let mut group = None;
    for question in form.questions.iter().filter(|question| question.kind.is_asked()) {
        if question.group != group {
            group = question.group;
            line!(text);
            if let Some(group) = group.and_then(|group| form.groups.get(group)) {
                line!(
                    text,
                    "{}",
                    heading(text_in(&group.label, language, &form.default_language), &group.name)
                );
            }
        }
        one(&mut text, form, question, language);
    }
    ended(text)
}

fn one(text: &mut String, form: &Form, question: &Question, language: &str) {
    let required = if question.required { ", required" } else { "" };
    let label = indented(form.label(question, language), 4);
    line!(text, "  {}  ({}{required})", question.name, kind(&question.kind));
    if label != question.name {
        line!(text, "    {label}");
    }
    let choices = form.choices(question);
    if choices.len() > LISTED {
        line!(text, "      {} choices; `--json` lists them", choices.len());
        return;
    }
    for choice in choices {
        let label = form.choice_label(question, choice.name, language).trim();
        if label == choice.name {
            line!(text, "      {label}");
        } else {
            line!(text, "      {}  {label}", choice.name);
        }
    }
}

fn heading<'a>(label: &'a str, name: &'a str) -> &'a str {
    if label.trim().is_empty() { name } else { label }
}

/// What kind of answer a question takes, in a word or two.
fn kind(kind: &Kind) -> &'static str {
    match kind {
        Kind::Text => "text",
        Kind::Narrative => "long text",
        Kind::Integer => "whole number",
        Kind::Decimal => "number",
        Kind::Date | Kind::Today => "day",
        Kind::Time => "time",
        Kind::DateTime | Kind::Start | Kind::End => "day and time",
        Kind::SelectOne(_) => "one choice",
        Kind::SelectMultiple(_) => "any choices",
        Kind::Geopoint => "place",
        Kind::Acknowledge => "OK",
        Kind::Barcode => "code",
        Kind::Range => "number",
        Kind::Rank(_) => "choices in an order",
        Kind::Geotrace => "line",
        Kind::Geoshape => "area",
        Kind::Image => "picture",
        Kind::Audio => "sound",
        Kind::Video => "film",
        Kind::File => "file",
        _ => "filled in by the form",
    }
}
