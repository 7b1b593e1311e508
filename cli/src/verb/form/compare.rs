//! `cairn form compare`: what another edition of a form does differently.

use std::path::Path;
use std::sync::Arc;

use cairn_core::error::Error;
use cairn_core::form::Form;
use cairn_core::form::edition::Difference;
use clap::Args;
use serde_json::{Value, json};

use super::file;
use crate::door::Door;
use crate::out::{self, Said};
use crate::pick;
use crate::trouble::Trouble;
use crate::words::{self, count, ended, line};

/// Shows what a later edition of a form does differently, and what of it asks before a record goes along
///
/// Two files as `form check` takes them, which needs no vault; or a form of the workspace and two of its versions.
#[derive(Debug, Args)]
pub(crate) struct Compare {
    /// OLD.xlsx NEW.xlsx, or FORM OLDVERSION NEWVERSION
    #[arg(value_name = "OLD NEW", num_args = 2..=3, required = true)]
    what: Vec<String>,
}

impl Compare {
    pub(super) fn run(&self, door: &Door) -> Result<Said, Trouble> {
        let (older, newer) = match self.what.as_slice() {
            [form, older, newer] => {
                let vault = door.open()?;
                let edition = |version: &str| {
                    let missing = || Error::NotFound { what: "form", name: format!("{form} {version}") };
                    pick::edition(&vault, form, version).map(|known| known.form.clone()).ok_or_else(missing)
                };
                let both = (edition(older)?, edition(newer)?);
                vault.lock()?;
                both
            }
            [older, newer] => (read(door, older)?, read(door, newer)?),
            _ => return Err(Trouble::NoForms),
        };
        let differences = older.towards(&newer);
        let text = told(&older, &newer, &differences);
        let json = json!({
            "older": named(&older),
            "newer": named(&newer),
            "asks": differences.iter().any(Difference::asks),
            "differences": words::differences(&differences),
        });
        Ok(Said::new(text, json))
    }
}

fn read(door: &Door, name: &str) -> Result<Arc<Form>, Trouble> {
    let read = file::read(Path::new(name))?;
    if !door.json {
        read.warnings.iter().for_each(|warning| out::note(&format!("warning: {name}: {warning}")));
    }
    Ok(Arc::new(read.form))
}

fn named(form: &Form) -> Value {
    json!({ "id": form.id, "version": form.version })
}

/// The differences in words, and whether one edition can follow the other at all.
pub(super) fn told(older: &Form, newer: &Form, differences: &[Difference]) -> String {
    let mut text = String::new();
    let both = format!("{} {} -> {} {}", older.id, older.version, newer.id, newer.version);
    match differences.len() as u64 {
        0 => line!(text, "{both}: nothing is different."),
        number => line!(text, "{both}: {}", count(number, "difference")),
    }
    text.push_str(&words::difference_lines(differences));
    if older.id != newer.id {
        line!(text, "warning: these are two forms, not two editions of one: records of one stay with it.");
    } else if older.version == newer.version {
        line!(text, "warning: both are version {}: give the changed form a later one.", newer.version);
    } else if !newer.is_later_than(&older.version) {
        line!(
            text,
            "warning: version {} comes before {}: new records go on with {}. Give versions that grow.",
            newer.version,
            older.version,
            older.version
        );
    }
    ended(text)
}
