//! The settings sheet: what the form is called.

use super::Problem;
use super::book::Sheet;
use super::columns::{Filled, Heading, Table};
use super::finding::{Findings, Place};
use super::line::truth;
use crate::form::Translations;
use crate::form::name::{is_id, quoted};

/// What a form is called that does not say its version.
const FIRST: &str = "1";
/// What a form is called that has no id and no file name.
const NAMELESS: &str = "form";

/// What the form is called.
#[derive(Debug)]
pub(super) struct Settings {
    pub(super) id: String,
    pub(super) version: String,
    pub(super) title: Translations,
    pub(super) default_language: String,
    pub(super) instance_name: Option<String>,
    pub(super) sealed: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Role {
    Title(String),
    Id,
    Version,
    Language,
    InstanceName,
    Sealed,
    Ignored,
}

fn role(heading: &Heading) -> Role {
    match heading.base.as_str() {
        "form_title" | "title" | "set_form_title" => Role::Title(heading.language.clone()),
        "form_id" | "id_string" | "set_form_id" => Role::Id,
        "version" => Role::Version,
        "default_language" => Role::Language,
        "instance_name" => Role::InstanceName,
        "sealed" => Role::Sealed,
        _ => Role::Ignored,
    }
}

/// Reads the first row of settings; without a sheet, everything falls back.
pub(super) fn read(sheet: Option<&Sheet>, fallback_id: &str, findings: &mut Findings) -> Settings {
    let mut settings = Settings {
        id: String::new(),
        version: String::new(),
        title: Translations::new(),
        default_language: String::new(),
        instance_name: None,
        sealed: false,
    };
    let place = Place::sheet(sheet.map_or("settings", |sheet| &sheet.name));
    let mut last = None;
    if let Some(sheet) = sheet {
        let table = Table::read(sheet, role, |role| *role == Role::Ignored, findings);
        table.note_ignored(|role| *role == Role::Ignored, findings);
        let mut rows = table.rows(findings).into_iter();
        if let Some(Filled { row, cells }) = rows.next() {
            last = Some(row);
            for (column, text) in cells {
                settings.take(&column.role, text, place.row(row).column(&column.heading), findings);
            }
        }
        if let Some(Filled { row, .. }) = rows.next() {
            findings.warn(place.row(row), Problem::SettingsTwice);
        }
    }
    if settings.id.is_empty() {
        settings.id = Some(fallback_id.trim()).filter(|id| is_id(id)).unwrap_or(NAMELESS).to_owned();
    }
    if settings.version.is_empty() {
        let here = last.map_or(place, |row| place.row(row));
        findings.warn(here, Problem::VersionMissing { used: FIRST });
        settings.version = FIRST.to_owned();
    }
    if settings.title.is_empty() {
        settings.title.insert(String::new(), settings.id.clone());
    }
    settings
}

impl Settings {
    fn take(&mut self, role: &Role, text: &str, at: Place<'_>, findings: &mut Findings) {
        match role {
            Role::Id | Role::Version if !is_id(text) => {
                findings.error(at, Problem::IdBad { id: quoted(text) });
            }
            Role::Id => text.clone_into(&mut self.id),
            Role::Version => text.clone_into(&mut self.version),
            Role::Language => text.clone_into(&mut self.default_language),
            Role::Sealed => match truth(text) {
                Some(sealed) => self.sealed = sealed,
                None => findings.error(at, Problem::SealedBad),
            },
            Role::InstanceName => self.instance_name = Some(text.to_owned()),
            Role::Title(language) => {
                self.title.insert(language.clone(), text.to_owned());
            }
            Role::Ignored => {}
        }
    }
}
