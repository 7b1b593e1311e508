//! XLSForm: a form as people write it in a spreadsheet (<https://xlsform.org>).
//!
//! What a sheet says is either understood, or reported with its place: nothing is left out in
//! silence. `docs/FORMS.md` tells authors what is understood.

use super::{Form, limits};

mod archive;
mod book;
mod choices;
mod columns;
mod error;
mod finding;
mod kinds;
mod line;
mod literal;
mod problem;
mod settings;
mod survey;
#[cfg(test)]
mod tests;

pub use error::XlsformError;
pub use finding::Finding;
pub use problem::Problem;

use finding::{Findings, Place};

/// A form read from a spreadsheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// The form; it satisfies [`Form::is_sound`] and can be encoded.
    pub form: Form,
    /// What its author should know although it can be used.
    pub warnings: Vec<Finding>,
}

/// Reads an `.xlsx` file. `fallback_id` names a form that does not name itself: the file's name
/// without its ending.
///
/// # Errors
/// [`XlsformError::Faulty`] lists everything that must be corrected; the others mean that the file
/// itself cannot be read.
pub fn read(bytes: &[u8], fallback_id: &str) -> Result<Reading, XlsformError> {
    archive::inspect(bytes)?;
    let book = book::open(bytes)?;
    let mut findings = Findings::default();
    let form = form(&book, fallback_id, &mut findings);
    if findings.errors.is_empty() {
        note_faults(&form, &mut findings);
    }
    let Findings { errors, warnings } = findings.in_order();
    if errors.is_empty() {
        Ok(Reading { form, warnings })
    } else {
        Err(XlsformError::Faulty { findings: errors, warnings })
    }
}

fn form(book: &book::Book, fallback_id: &str, findings: &mut Findings) -> Form {
    let settings = settings::read(book.settings.as_ref(), fallback_id, findings);
    let lists = book.choices.as_ref().map(|sheet| choices::read(sheet, findings)).unwrap_or_default();
    let (groups, questions) = match &book.survey {
        Some(sheet) => survey::read(sheet, &lists, findings),
        None => {
            findings.error(Place::sheet("survey"), Problem::SheetMissing);
            Default::default()
        }
    };
    let form = Form {
        id: settings.id,
        version: settings.version,
        title: settings.title,
        default_language: settings.default_language,
        groups,
        questions,
        lists,
        tables: std::collections::BTreeMap::new(),
        instance_name: None,
    };
    let language = &form.default_language;
    // `default` is what other tools call texts without a language.
    if !language.is_empty() && language != "default" && !languages(&form).any(|known| known == language) {
        let sheet = book.settings.as_ref().map_or("settings", |sheet| &sheet.name);
        let problem = Problem::LanguageUnknown { language: super::name::quoted(language) };
        findings.warn(Place::sheet(sheet), problem);
    }
    form
}

/// Every language of every text a person sees.
fn languages(form: &Form) -> impl Iterator<Item = &String> {
    let questions = form.questions.iter().map(|question| &question.label);
    let choices = form.lists.values().flatten().map(|choice| &choice.label);
    questions.chain(choices).flat_map(|texts| texts.keys())
}

/// The last gate: what was read must also be acceptable to the device that receives it.
fn note_faults(form: &Form, findings: &mut Findings) {
    let place = Place::sheet("survey");
    if let Err(fault) = form.is_sound() {
        findings.error(place, Problem::Unsound { fault });
    }
    let octets = form.encode().len();
    if octets > limits::FORM {
        findings.error(place, Problem::FormTooLarge { octets, limit: limits::FORM });
    }
}
