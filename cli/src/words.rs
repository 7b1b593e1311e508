//! How things are put into words and JSON, the same everywhere.

use cairn_core::form::edition::Difference;
use cairn_core::form::{Answer, Entry, Form, xlsform::Finding};
use cairn_core::record::instant;
use cairn_core::vault::KnownForm;
use cairn_core::view::{Author, ConflictView, LeftView, handle};
use serde_json::{Value, json};

/// Appends a line.
macro_rules! line {
    ($text:expr) => { $text.push('\n') };
    ($text:expr, $($words:tt)*) => {{
        $text.push_str(&format!($($words)*));
        $text.push('\n');
    }};
}
pub(crate) use line;

/// `1 record`, `2 records`.
pub(crate) fn count(number: u64, thing: &str) -> String {
    format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}

/// An instant for people, to the minute.
pub(crate) fn minute(seconds: u64) -> String {
    instant(seconds).get(..16).unwrap_or_default().replacen('T', " ", 1)
}

/// What colleagues call a device.
pub(crate) fn who(author: &Author) -> String {
    match (&author.name, &author.device) {
        (Some(name), _) => name.clone(),
        (None, Some(device)) => format!("device {}", device.short()),
        (None, None) => "a device not yet known".to_owned(),
    }
}

/// An author for machines.
pub(crate) fn author(author: &Author) -> Value {
    json!({
        "name": author.name,
        "device": author.device.map(|device| device.to_string()),
        "time": instant(author.time),
    })
}

/// An answer for machines; null where there is none.
pub(crate) fn answer(answer: Option<&Answer>) -> Value {
    answer.map_or(Value::Null, Answer::to_json)
}

/// An answer for people, by labels where the form is known.
pub(crate) fn shown(answer: Option<&Answer>, field: &str, form: Option<&Form>, language: &str) -> String {
    let Some(answer) = answer else { return "(empty)".to_owned() };
    if *answer == Answer::Row {
        return "(this row is there)".to_owned();
    }
    match form.and_then(|form| form.asked(field).map(|question| (form, question))) {
        Some((form, question)) => answer.display(form, question, language),
        None => match answer.to_json() {
            Value::String(text) => text,
            other => other.to_string(),
        },
    }
}

/// An answer as it stands in a record: as [`shown`], what was said in a log with its time.
pub(crate) fn standing(answer: &Answer, field: &str, form: Option<&Form>, language: &str) -> String {
    let Answer::Log(entries) = answer else { return shown(Some(answer), field, form, language) };
    let line = |entry: &Entry| format!("{}  {}", minute(entry.time.try_into().unwrap_or(0)), entry.text);
    entries.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// A question's label with its name, which is what `--set` needs.
pub(crate) fn named(field: &str, form: Option<&Form>, language: &str) -> String {
    let question = form.and_then(|form| form.asked(field).map(|question| form.label(question, language)));
    match question.map(str::trim) {
        Some(label) if label != field => format!("{} ({field})", label.replace('\n', " ")),
        _ => field.to_owned(),
    }
}

/// A conflict for machines.
pub(crate) fn conflict(view: &ConflictView) -> Value {
    let values = view.values.iter().zip(1..).map(
        |((value, by), pick)| json!({ "pick": pick, "answer": answer(value.as_ref()), "by": author(by) }),
    );
    json!({
        "record": view.record.to_string(),
        "handle": handle(&view.record),
        "field": view.field,
        "values": values.collect::<Value>(),
    })
}

/// A conflict for people: what stands, numbered, with who and when.
pub(crate) fn conflict_lines(view: &ConflictView, form: Option<&Form>, language: &str) -> String {
    let mut text = String::new();
    line!(text, "{}  {}", handle(&view.record), named(&view.field, form, language));
    for ((value, by), pick) in view.values.iter().zip(1..) {
        let value = indented(&shown(value.as_ref(), &view.field, form, language), 5);
        line!(text, "  {pick}  {value}  ({}, {})", who(by), minute(by.time));
    }
    text
}

/// Text of several lines, moved to the right from the second on.
pub(crate) fn indented(text: &str, by: usize) -> String {
    text.trim_end().replace('\n', &format!("\n{}", " ".repeat(by)))
}

/// What an author should correct in a form.
pub(crate) fn findings(findings: &[Finding]) -> Value {
    let each = findings.iter().map(|finding| {
        json!({
            "sheet": finding.sheet,
            "row": finding.row,
            "column": finding.column,
            "problem": finding.problem.to_string(),
            "advice": finding.problem.advice(),
        })
    });
    each.collect()
}

/// Differences between two editions of a form, for machines.
pub(crate) fn differences(all: &[Difference]) -> Value {
    let one = |one: &Difference| {
        json!({
            "name": one.name,
            "change": one.change.name(),
            "asks": one.asks(),
            "words": one.to_string(),
        })
    };
    all.iter().map(one).collect()
}

/// The same for people: what asks before a record goes along, and what does not.
pub(crate) fn difference_lines(all: &[Difference]) -> String {
    let (asks, adds): (Vec<_>, Vec<_>) = all.iter().partition(|one| one.asks());
    let mut text = String::new();
    for (heading, some) in [("asks first:", asks), ("goes along by itself:", adds)] {
        if !some.is_empty() {
            line!(text, "{heading}");
        }
        some.iter().for_each(|one| line!(text, "- {one}"));
    }
    text
}

/// What is left over of earlier editions, for machines.
pub(crate) fn left(left: &LeftView) -> Value {
    json!({
        "field": left.field,
        "answer": left.answer.to_json(),
        "version": left.version,
        "gone": left.gone.name(),
    })
}

/// A form's title.
pub(crate) fn title<'a>(form: &'a Form, language: &str) -> &'a str {
    cairn_core::form::text_in(&form.title, language, &form.default_language)
}

/// A form for machines, in short.
pub(crate) fn form(known: &KnownForm, language: &str) -> Value {
    json!({
        "id": known.form.id,
        "version": known.form.version,
        "title": title(&known.form, language),
        "questions": known.form.questions.iter().filter(|question| question.kind.is_asked()).count(),
        "publisher": known.publisher.to_string(),
    })
}

/// Without the end of the last line.
pub(crate) fn ended(mut text: String) -> String {
    let kept = text.trim_end_matches('\n').len();
    text.truncate(kept);
    text
}
