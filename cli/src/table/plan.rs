//! A map as it is written, before it is held against form and table.
//!
//! ```toml
//! delimiter = ";"
//! encoding = "windows-1251"
//!
//! [fields]
//! first_name = "First name"
//! sex = { column = "Sex", values = { F = "female", M = "male" } }
//! needs = { column = "Needs", split = ";" }
//! birth = { column = "Born", format = "%d.%m.%Y" }
//!
//! [constants]
//! source = "paper register"
//! ```

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Value;

use super::MapTrouble;

/// A map as it is written.
#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Plan {
    /// What parts cells.
    delimiter: Option<String>,
    /// In which encoding the table is.
    pub(super) encoding: Option<String>,
    /// By question, where its answer stands.
    #[serde(default)]
    fields: BTreeMap<String, Value>,
    /// By question, an answer for every row.
    #[serde(default)]
    constants: BTreeMap<String, Value>,
}

/// Where one answer stands and how it is written there.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Place {
    /// The heading.
    pub(super) column: String,
    /// What parts several choices.
    pub(super) split: Option<String>,
    /// What stands in the cell, and what it means.
    #[serde(default)]
    pub(super) values: BTreeMap<String, String>,
    /// How days and times are written, as `strftime` has it.
    pub(super) format: Option<String>,
}

impl Plan {
    /// Reads a map.
    pub(crate) fn read(text: &str) -> Result<Self, MapTrouble> {
        toml::from_str(text).map_err(|error| MapTrouble::NotToml(first_words(&error)))
    }

    /// What parts cells; a comma if nothing else is said.
    pub(crate) fn delimiter(&self) -> Result<u8, MapTrouble> {
        match self.delimiter.as_deref().unwrap_or(",").as_bytes() {
            [b'\\', b't'] => Ok(b'\t'),
            [delimiter] if delimiter.is_ascii() && !matches!(delimiter, b'"' | b'\n' | b'\r') => {
                Ok(*delimiter)
            }
            _ => Err(MapTrouble::Delimiter),
        }
    }

    /// Every field with its place.
    pub(super) fn places(&self) -> Result<Vec<(&String, Place)>, MapTrouble> {
        let places = self.fields.iter().map(|(field, value)| match value {
            Value::String(column) => {
                let column = column.clone();
                Ok((field, Place { column, split: None, values: BTreeMap::new(), format: None }))
            }
            other => match other.clone().try_into() {
                Ok(place) => Ok((field, place)),
                Err(error) => Err(MapTrouble::Entry { field: field.clone(), message: first_words(&error) }),
            },
        });
        places.collect()
    }

    /// Every constant as text.
    pub(super) fn constants(&self) -> Result<Vec<(&String, String)>, MapTrouble> {
        let constants = self.constants.iter().map(|(field, value)| match value {
            Value::String(text) => Ok((field, text.clone())),
            Value::Integer(_) | Value::Float(_) | Value::Boolean(_) | Value::Datetime(_) => {
                Ok((field, value.to_string()))
            }
            _ => {
                let message = "a constant is one text or number".to_owned();
                Err(MapTrouble::Entry { field: field.clone(), message })
            }
        });
        constants.collect()
    }
}

/// What is wrong, on one line.
fn first_words(error: &toml::de::Error) -> String {
    let words = error.message().lines().next().unwrap_or_default().to_owned();
    words.trim_end_matches(['\n', ' ']).to_owned()
}
