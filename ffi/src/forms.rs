//! Forms: which there are, and publishing one.

use std::collections::BTreeSet;
use std::path::Path;

use cairn_core::Error;
use cairn_core::form::{Form, text_in};

use crate::form_file::{self, FileForm, spreadsheet};
use crate::trouble::CairnError;
use crate::vault::OpenVault;

/// One edition of a form.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct FormLine {
    /// Its name for machines.
    pub form: String,
    /// Which edition.
    pub version: String,
    /// Its title in the language that was asked for.
    pub title: String,
    /// The languages it speaks, as it names them: `English (en)`.
    pub languages: Vec<String>,
    /// How many questions people are asked at most.
    pub questions: u64,
    /// Whether it is the newest edition here: the one that new records are begun with.
    pub is_newest: bool,
    /// Whether its records are sealed to the office when they are finished.
    pub is_sealed: bool,
}

/// What publishing a form did.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct FormAdded {
    /// Its name for machines.
    pub form: String,
    /// Which edition.
    pub version: String,
    /// Whether it is new here; the very same edition again changes nothing.
    pub is_new: bool,
    /// What its author should look at, in English.
    pub warnings: Vec<String>,
}

/// The names of the forms that come with Cairn; none in a build without spreadsheets.
#[uniffi::export]
#[must_use]
pub fn built_in_forms() -> Vec<String> {
    spreadsheet::built_in()
}

/// A form's title in a language; its name where it has none.
pub(crate) fn title(form: &Form, language: &str) -> String {
    let title = text_in(&form.title, language, &form.default_language).trim();
    if title.is_empty() { form.id.clone() } else { title.to_owned() }
}

fn languages(form: &Form) -> Vec<String> {
    let labels = form.questions.iter().flat_map(|question| question.label.keys());
    let all: BTreeSet<&String> = form.title.keys().chain(labels).filter(|name| !name.is_empty()).collect();
    let default = all.iter().filter(|name| **name == &form.default_language);
    let others = all.iter().filter(|name| **name != &form.default_language);
    default.chain(others).map(|name| (*name).clone()).collect()
}

#[uniffi::export]
impl OpenVault {
    /// Every form and edition, by name, the latest edition of each at first.
    ///
    /// # Errors
    /// `locked`.
    pub fn forms(&self, language: &str) -> Result<Vec<FormLine>, CairnError> {
        self.with(|vault| {
            let names: BTreeSet<&str> = vault.forms().iter().map(|known| known.form.id.as_str()).collect();
            let mut lines = Vec::new();
            for name in names {
                for (at, known) in vault.editions(name).iter().rev().enumerate() {
                    let form = &*known.form;
                    let asked = form.questions.iter().filter(|question| question.kind.is_asked());
                    lines.push(FormLine {
                        form: form.id.clone(),
                        version: form.version.clone(),
                        title: title(form, language),
                        languages: languages(form),
                        questions: asked.count() as u64,
                        is_newest: at == 0,
                        is_sealed: form.sealed,
                    });
                }
            }
            Ok(lines)
        })
    }

    /// Publishes a form to the workspace; others have it after they sync. `path` is an XLSForm spreadsheet, a folder
    /// with `survey.csv`, or a form as Cairn writes it; tables it names are looked for beside it.
    ///
    /// # Errors
    /// `bad_file`, `bad_form`, `no_office` for spreadsheets in a build without them; `not_allowed` unless this device
    /// is a coordinator's, `form_differs`, `sealed_differs`, `too_large`.
    pub fn add_form(&self, path: &str) -> Result<FormAdded, CairnError> {
        self.publish(form_file::read(Path::new(path))?)
    }

    /// Publishes one of the forms that come with Cairn.
    ///
    /// # Errors
    /// `not_found`; as [`OpenVault::add_form`].
    pub fn add_built_in_form(&self, name: &str) -> Result<FormAdded, CairnError> {
        let missing = || Error::NotFound { what: "built-in form", name: name.to_owned() };
        self.publish(spreadsheet::named(name)?.ok_or_else(missing)?)
    }
}

impl OpenVault {
    fn publish(&self, read: FileForm) -> Result<FormAdded, CairnError> {
        let FileForm { form, warnings } = read;
        self.with(|vault| {
            let before = vault.forms().len();
            let known = vault.publish_form(&form)?;
            let is_new = vault.forms().len() > before;
            let (form, version) = (known.form.id.clone(), known.form.version.clone());
            Ok(FormAdded { form, version, is_new, warnings })
        })
    }
}
