//! `cairn record list` and `cairn record search`.

use cairn_core::Vault;
use cairn_core::error::Error;
use cairn_core::form::{Answer, Fault, Form, Missing, Rule};
use cairn_core::record::instant;
use cairn_core::store::Listed;
use cairn_core::vault::Query;
use cairn_core::view::handle;
use clap::Args;
use serde_json::{Value, json};

use crate::door::Door;
use crate::out::Said;
use crate::trouble::Trouble;
use crate::words::{count, ended, line, minute};

/// What narrows a list down.
#[derive(Debug, Args)]
struct Narrow {
    /// Only records of this form
    #[arg(long, value_name = "FORM")]
    form: Option<String>,
    /// Only records with this choice, by name or label, or with ~unknown, ~declined or ~not_asked; each one given
    /// must hold
    #[arg(long = "where", value_name = "FIELD=CHOICE")]
    choices: Vec<String>,
    /// Only records older than this number, as the page before said
    #[arg(long, value_name = "NUMBER")]
    before: Option<u64>,
    /// At most so many
    #[arg(long, value_name = "COUNT", default_value_t = 50, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    limit: u64,
}

/// Lists records, newest first.
#[derive(Debug, Args)]
pub(crate) struct List {
    #[command(flatten)]
    narrow: Narrow,
}

/// Finds records by the beginnings of words in them.
#[derive(Debug, Args)]
pub(crate) struct Search {
    /// Words; a record is found when each begins one of its own
    #[arg(value_name = "WORDS", required = true)]
    words: Vec<String>,
    #[command(flatten)]
    narrow: Narrow,
}

impl List {
    pub(crate) fn run(self, door: &Door) -> Result<Said, Trouble> {
        self.narrow.run(door, String::new())
    }
}

impl Search {
    pub(crate) fn run(self, door: &Door) -> Result<Said, Trouble> {
        self.narrow.run(door, self.words.join(" "))
    }
}

impl Narrow {
    fn run(self, door: &Door, words: String) -> Result<Said, Trouble> {
        let vault = door.open()?;
        let choices = self.choices(&vault)?;
        let query = Query { form: self.form, choices, words, before: self.before, most: self.limit };
        let found = vault.list(&query)?;
        let more = (found.len() as u64 == self.limit).then(|| found.last().map(|last| last.number)).flatten();
        let mut text = String::new();
        for listed in &found {
            let form = form_of(&vault, listed).map_or("(form not yet here)", |form| form.id.as_str());
            line!(text, "{:<9}  {}  {form}  {}", handle(&listed.id), minute(listed.changed), title(listed));
        }
        let handed_in = vault.handed_in()?;
        match handed_in {
            Some(number) => {
                line!(text, "This device has handed in {}, and cannot read them.", count(number, "record"));
            }
            None if found.is_empty() && vault.finished()?.is_empty() => line!(text, "No record was found."),
            None => {}
        }
        // What was sealed has no form's choices to be found by, and no words.
        let plain = query.words.is_empty() && query.choices.is_empty() && query.before.is_none();
        let mut finished = if plain { vault.finished()? } else { Vec::new() };
        finished.retain(|row| query.form.as_ref().is_none_or(|form| *form == row.form));
        for row in &finished {
            let left = if row.gone.is_some() { "it has left" } else { "it waits for the next sync" };
            let (record, time) = (handle(&row.record), minute(row.time));
            line!(text, "{record:<9}  {time}  {}  (sealed; {left})", row.form);
        }
        if let Some(number) = more {
            line!(text);
            line!(text, "There may be more: --before {number}");
        }
        let records: Value =
            found.iter().map(|listed| for_machines(listed, form_of(&vault, listed))).collect();
        let sealed = finished.iter().map(|row| {
            json!({
                "id": row.record.to_string(),
                "handle": handle(&row.record),
                "form": row.form,
                "version": row.version,
                "finished": instant(row.time),
                "left": row.gone.is_some(),
            })
        });
        let sealed: Vec<Value> = sealed.collect();
        vault.lock()?;
        let mut json = json!({ "records": records, "next": more });
        if let (Some(number), Some(json)) = (handed_in, json.as_object_mut()) {
            json.insert("handed_in".to_owned(), number.into());
        }
        if let (false, Some(json)) = (sealed.is_empty(), json.as_object_mut()) {
            json.insert("sealed".to_owned(), sealed.into());
        }
        Ok(Said::new(ended(text), json))
    }

    /// Field and name of each choice; a label is as good as a name.
    fn choices(&self, vault: &Vault) -> Result<Vec<(String, String)>, Trouble> {
        let meant = self.form.as_deref();
        if let Some(form) = meant {
            vault.form(form)?;
        }
        let forms = vault.forms().iter().rev().map(|known| &*known.form);
        let forms: Vec<&Form> = forms.filter(|form| meant.is_none_or(|meant| form.id == meant)).collect();
        let mut choices = Vec::new();
        for (given, number) in self.choices.iter().zip(1..) {
            let (field, value) = given.split_once('=').ok_or(Trouble::NotWhere { number })?;
            choices.push((field.trim().to_owned(), choice(&forms, field.trim(), value)?));
        }
        Ok(choices)
    }
}

/// The name of the choice that is meant, in the newest form that knows it.
fn choice(forms: &[&Form], field: &str, value: &str) -> Result<String, Trouble> {
    let mut fault = Fault { field: field.to_owned(), rule: Rule::UnknownField };
    for form in forms {
        let Some(question) = form.question(field) else { continue };
        if let Some(missing) = Missing::from_marker(value).filter(|_| question.kind.is_asked()) {
            return Ok(missing.marker().to_owned());
        }
        fault.rule = Rule::NotChoices;
        if question.kind.list().is_none() {
            continue;
        }
        match form.parse_text(question, value) {
            Ok(Some(Answer::Text(name))) => return Ok(name),
            Ok(Some(Answer::Choices(names))) if names.len() == 1 => {
                return Ok(names.into_iter().next().unwrap_or_default());
            }
            Ok(_) => {}
            Err(broken) => fault = broken,
        }
    }
    Err(Error::Invalid(vec![fault]).into())
}

/// What stands in a list; without its case a record may have no title here.
fn title(listed: &Listed) -> &str {
    if listed.title.is_empty() && listed.without_case {
        "(its case is kept in another circle)"
    } else {
        &listed.title
    }
}

fn form_of<'a>(vault: &'a Vault, listed: &Listed) -> Option<&'a Form> {
    vault.forms().iter().find(|known| known.number == listed.form).map(|known| &*known.form)
}

fn for_machines(listed: &Listed, form: Option<&Form>) -> Value {
    json!({
        "number": listed.number,
        "id": listed.id.to_string(),
        "handle": handle(&listed.id),
        "form": form.map(|form| &form.id),
        "version": form.map(|form| &form.version),
        "title": listed.title,
        "without_case": listed.without_case,
        "changed": instant(listed.changed),
    })
}
