//! `cairn conflict …`: what two people answered differently.

use cairn_core::error::Error;
use cairn_core::form::Answer;
use cairn_core::view::handle;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::door::Door;
use crate::out::Said;
use crate::pick;
use crate::trouble::Trouble;
use crate::words::{conflict, conflict_lines, ended, line};

/// Shows and settles what two people answered differently.
#[derive(Debug, Subcommand)]
pub(crate) enum Conflict {
    /// Lists every unsettled answer, with who gave it and when
    List {
        /// At most so many
        #[arg(long, value_name = "COUNT", default_value_t = 100)]
        limit: u64,
    },
    /// Lets one answer stand alone; the others stay in the history
    Settle(Settle),
}

/// Lets one answer stand alone.
#[derive(Debug, Args)]
pub(crate) struct Settle {
    /// The record's handle, like 7f3a-12, or its whole identifier
    #[arg(value_name = "RECORD")]
    record: String,
    /// The field
    #[arg(value_name = "FIELD")]
    field: String,
    #[command(flatten)]
    by: By,
}

/// Which answer is to stand.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct By {
    /// The answer with this number in the list
    #[arg(long, value_name = "NUMBER")]
    pick: Option<usize>,
    /// Another answer; an empty one empties the field
    #[arg(long, value_name = "VALUE", allow_hyphen_values = true)]
    set: Option<String>,
}

impl Conflict {
    pub(crate) fn run(self, door: &Door) -> Result<Said, Trouble> {
        match self {
            Self::List { limit } => list(door, limit),
            Self::Settle(settle) => settle.run(door),
        }
    }
}

fn list(door: &Door, limit: u64) -> Result<Said, Trouble> {
    let vault = door.open()?;
    vault.need_reader()?;
    let conflicts = vault.conflicts(limit)?;
    let mut text = String::new();
    for view in &conflicts {
        let known = pick::form_of(&vault, &vault.record(&view.record)?);
        let form = known.as_ref().map(|known| &*known.form);
        line!(text, "{}", conflict_lines(view, form, &door.language));
    }
    vault.lock()?;
    if conflicts.is_empty() {
        line!(text, "Everything is settled.");
    } else {
        line!(text, "hint: cairn conflict settle RECORD FIELD --pick N");
    }
    let each = conflicts.iter().map(conflict);
    Ok(Said::new(ended(text), json!({ "conflicts": each.collect::<Value>() })))
}

impl Settle {
    fn run(self, door: &Door) -> Result<Said, Trouble> {
        let mut vault = door.open()?;
        let record = vault.find_record(&self.record)?;
        let view = vault.record(&record)?;
        let missing = || Error::NotFound { what: "conflict on", name: self.field.clone() };
        let unsettled = view.conflicts.iter().find(|conflict| conflict.field == self.field);
        let unsettled = unsettled.ok_or_else(missing)?;
        let answer: Option<Answer> = match (self.by.pick, &self.by.set) {
            (Some(pick), _) => {
                let count = unsettled.values.len();
                let picked = pick.checked_sub(1).and_then(|index| unsettled.values.get(index));
                picked.ok_or(Trouble::NoSuchPick { count })?.0.clone()
            }
            (None, value) => {
                let value = value.as_deref().unwrap_or_default();
                let known = pick::form_of(&vault, &view).ok_or_else(|| Error::NotFound {
                    what: "form",
                    name: format!("{} {}", view.form, view.version),
                })?;
                known.form.parse_field(&self.field, value).map_err(|fault| Error::Invalid(vec![fault]))?
            }
        };
        vault.settle(&record, &self.field, answer)?;
        vault.lock()?;
        let handle = handle(&record);
        let text = format!("Settled {} in {handle}; `cairn sync` tells the others.", self.field);
        Ok(Said::new(text, json!({ "id": record.to_string(), "handle": handle, "field": self.field })))
    }
}
