//! Workload W: synthetic records of about 30 fields with a narrative, and later edits.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use cairn_core::form::{Answer, Answers, Choice, Form, Kind, Question, Translations};
use serde_json::Value;

use super::Failure;

/// The generator, as it stands in the repository.
const GENERATOR: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/workload/gen.py");

/// One later edit.
pub(super) struct Edit {
    pub(super) record: usize,
    pub(super) field: String,
    pub(super) answer: Answer,
}

/// Records and edits, ready to be saved.
pub(super) struct Workload {
    pub(super) form: Form,
    pub(super) records: Vec<Answers>,
    pub(super) edits: Vec<Edit>,
    /// Synthetic samples of the same language and other records, for the form's dictionary.
    pub(super) samples: Vec<Answers>,
    /// Octets of the records as JSON.
    pub(super) json: usize,
}

/// The seed of the samples; the records have another.
const SAMPLE_SEED: &str = "7";
const SAMPLES: usize = 4_000;

/// Generates `count` records.
pub(super) fn generate(count: usize) -> Result<Workload, Failure> {
    let dir = tempfile::tempdir()?;
    run(&[&count.to_string(), &dir.path().display().to_string()])?;
    let form = form(dir.path())?;
    let text = fs::read_to_string(dir.path().join("records.jsonl"))?;
    let records = text.lines().map(|line| answers(&form, line)).collect::<Result<Vec<_>, _>>()?;
    let mut edits = Vec::new();
    for line in fs::read_to_string(dir.path().join("edits.jsonl"))?.lines() {
        let edit: Value = serde_json::from_str(line)?;
        if edit["concurrent"] == Value::Bool(true) {
            continue;
        }
        let field = edit["field"].as_str().ok_or("an edit without a field")?.to_owned();
        let question = form.question(&field).ok_or("an edit of an unknown field")?;
        edits.push(Edit {
            record: edit["rec"].as_u64().ok_or("an edit without a record")? as usize,
            answer: answer(question, &edit["value"])?,
            field,
        });
    }
    run(&[&SAMPLES.to_string(), &dir.path().display().to_string(), SAMPLE_SEED])?;
    let sampled = fs::read_to_string(dir.path().join("records.jsonl"))?;
    let samples = sampled.lines().map(|line| answers(&form, line)).collect::<Result<Vec<_>, _>>()?;
    Ok(Workload { form, records, edits, samples, json: text.len() })
}

fn run(arguments: &[&str]) -> Result<(), Failure> {
    let made = Command::new("python3").arg(GENERATOR).args(arguments).output()?;
    if made.status.success() {
        Ok(())
    } else {
        Err(String::from_utf8_lossy(&made.stderr).into_owned().into())
    }
}

fn answers(form: &Form, line: &str) -> Result<Answers, Failure> {
    let record: BTreeMap<String, Value> = serde_json::from_str(line)?;
    let asked = form.questions.iter().filter_map(|question| Some((question, record.get(&question.name)?)));
    asked.map(|(question, value)| Ok((question.name.clone(), answer(question, value)?))).collect()
}

fn answer(question: &Question, value: &Value) -> Result<Answer, Failure> {
    let text = || value.as_str().map(str::to_owned).ok_or("text expected");
    Ok(match &question.kind {
        Kind::Integer => Answer::Integer(value.as_i64().ok_or("an integer expected")?),
        Kind::Decimal => Answer::Decimal(value.as_f64().ok_or("a number expected")?),
        Kind::Narrative => Answer::Narrative(text()?),
        Kind::SelectMultiple(_) => {
            let list = value.as_array().ok_or("a list expected")?;
            Answer::Choices(list.iter().filter_map(Value::as_str).map(str::to_owned).collect())
        }
        Kind::SelectOne(_) if value.is_boolean() => Answer::Text(value.to_string()),
        _ => Answer::Text(text()?),
    })
}

/// The form of W: kinds by field name, choices as the generator lists them.
fn form(records: &Path) -> Result<Form, Failure> {
    let mut lists: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in fs::read_to_string(records.join("records.jsonl"))?.lines().take(2000) {
        let record: BTreeMap<String, Value> = serde_json::from_str(line)?;
        for (name, value) in record {
            let names = match &value {
                Value::Array(values) => values.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
                Value::String(text) => vec![text.clone()],
                Value::Bool(_) => vec!["true".to_owned(), "false".to_owned()],
                _ => Vec::new(),
            };
            lists.entry(name).or_default().extend(names);
        }
    }
    let label = |text: &str| Translations::from([(String::new(), text.to_owned())]);
    let mut form = Form { title: label("Case"), ..Form::new("case", "3") };
    for (name, kind) in FIELDS {
        let kind = match *kind {
            "text" => Kind::Text,
            "date" => Kind::Date,
            "integer" => Kind::Integer,
            "decimal" => Kind::Decimal,
            "narrative" => Kind::Narrative,
            select => {
                let mut names = lists.remove(*name).unwrap_or_default();
                names.sort();
                names.dedup();
                let choices = names.iter().map(|name| Choice::new(name, name));
                form.lists.insert((*name).to_owned(), choices.collect());
                if select == "one" {
                    Kind::SelectOne((*name).to_owned())
                } else {
                    Kind::SelectMultiple((*name).to_owned())
                }
            }
        };
        form.questions.push(Question { label: label(name), ..Question::new(name, kind) });
    }
    Ok(form)
}

const FIELDS: &[(&str, &str)] = &[
    ("case_no", "text"),
    ("interview_date", "date"),
    ("incident_date", "date"),
    ("first_name", "text"),
    ("last_name", "text"),
    ("age", "integer"),
    ("sex", "one"),
    ("nationality", "one"),
    ("language", "one"),
    ("marital", "one"),
    ("education", "one"),
    ("employment", "one"),
    ("housing", "one"),
    ("phone", "text"),
    ("address", "text"),
    ("district", "text"),
    ("lat", "decimal"),
    ("lon", "decimal"),
    ("household_size", "integer"),
    ("children", "integer"),
    ("referral_source", "one"),
    ("violence_types", "many"),
    ("violence_context", "one"),
    ("perpetrators", "many"),
    ("injuries", "many"),
    ("property", "many"),
    ("needs", "many"),
    ("risk", "one"),
    ("status", "one"),
    ("consent", "one"),
    ("worker", "one"),
    ("follow_up", "date"),
    ("narrative", "narrative"),
];
