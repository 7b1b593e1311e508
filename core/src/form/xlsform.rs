//! XLSForm: a form as people write it in a spreadsheet (<https://xlsform.org>).
//!
//! What a sheet says is either understood, or reported with its place: nothing is left out in
//! silence. `docs/FORMS.md` tells authors what is understood.

use super::{Form, Kind, Prepared, Preset, limits};

mod archive;
mod book;
mod choices;
mod columns;
mod companions;
mod error;
mod finding;
mod kinds;
mod line;
mod literal;
mod logic;
mod origins;
mod problem;
mod settings;
mod survey;
#[cfg(test)]
mod tests;
mod text_table;

pub use error::XlsformError;
pub use finding::Finding;
pub use problem::Problem;

use companions::Companions;
use finding::{Findings, Place};
use origins::Origins;

/// A form read from a spreadsheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// The form; it satisfies [`Form::is_sound`] and can be encoded.
    pub form: Form,
    /// What its author should know although it can be used.
    pub warnings: Vec<Finding>,
}

/// Finds a file that belongs to the form by its name: `towns.csv`.
pub type Companion<'c> = dyn Fn(&str) -> Option<Vec<u8>> + 'c;

/// Reads an `.xlsx` file that needs no other file. `fallback_id` names a form that does not name itself: the file's
/// name without its ending.
///
/// # Errors
/// As [`read_with`].
pub fn read(bytes: &[u8], fallback_id: &str) -> Result<Reading, XlsformError> {
    read_with(bytes, fallback_id, &|_| None)
}

/// Reads an `.xlsx` file. `companion` finds tables that the form names.
///
/// # Errors
/// [`XlsformError::Faulty`] lists everything that must be corrected; the others mean that the file
/// itself cannot be read.
pub fn read_with(
    bytes: &[u8],
    fallback_id: &str,
    companion: &Companion<'_>,
) -> Result<Reading, XlsformError> {
    archive::inspect(bytes)?;
    reading(&book::open(bytes)?, fallback_id, companion)
}

/// Reads a form that is kept as tables, each sheet in a file: `survey.csv`, and if they are there `choices.csv`,
/// `settings.csv` and `external_choices.csv`. `file` finds them, and tables that the form names.
///
/// # Errors
/// As [`read_with`].
pub fn read_tables(fallback_id: &str, file: &Companion<'_>) -> Result<Reading, XlsformError> {
    let sheet = |name: &str| {
        let bytes = file(&format!("{name}.csv"));
        bytes.map(|bytes| text_table::sheet(&bytes, name)).transpose()
    };
    let book = book::Book {
        survey: sheet("survey")?,
        choices: sheet("choices")?,
        settings: sheet("settings")?,
        external: sheet("external_choices")?,
    };
    reading(&book, fallback_id, file)
}

fn reading(book: &book::Book, fallback_id: &str, companion: &Companion<'_>) -> Result<Reading, XlsformError> {
    let mut findings = Findings::default();
    let form = form(book, fallback_id, companion, &mut findings);
    let Findings { errors, warnings } = findings.in_order();
    if errors.is_empty() {
        Ok(Reading { form, warnings })
    } else {
        Err(XlsformError::Faulty { findings: errors, warnings })
    }
}

fn form(book: &book::Book, fallback_id: &str, companion: &Companion<'_>, findings: &mut Findings) -> Form {
    let settings = settings::read(book.settings.as_ref(), fallback_id, findings);
    let mut lists = book.choices.as_ref().map(|sheet| choices::read(sheet, findings)).unwrap_or_default();
    let external = book.external.as_ref().map(|sheet| choices::read(sheet, findings)).unwrap_or_default();
    let mut companions = Companions::new(companion);
    let read = match &book.survey {
        Some(sheet) => survey::read(sheet, &mut lists, external, &mut companions, findings),
        None => {
            findings.error(Place::sheet("survey"), Problem::SheetMissing);
            survey::Read::default()
        }
    };
    let mut form = Form {
        title: settings.title,
        default_language: settings.default_language,
        groups: read.groups,
        questions: read.questions,
        lists,
        apart: companions.take_apart(),
        instance_name: settings.instance_name,
        sealed: settings.sealed,
        ..Form::new(&settings.id, &settings.version)
    };
    let sheet = book.survey.as_ref().map_or("survey", |sheet| &sheet.name);
    for (name, row) in &read.tables {
        companions.keep(name, &mut form, Place::sheet(sheet).row(*row), findings);
    }
    note_language(&form, book, findings);
    if findings.errors.is_empty() {
        note_defaults(&form, &read.origins, sheet, findings);
        note_tasks(&form, &read.origins, sheet, findings);
        let settings = book.settings.as_ref().map_or("settings", |sheet| &sheet.name);
        origins::note_logic(&form, &read.origins, (sheet, settings), findings);
    }
    if findings.errors.is_empty() {
        let tables = Prepared::new(&form).map(|ready| ready.plan().tables().map(str::to_owned).collect());
        for table in tables.unwrap_or_else(|_| Vec::new()) {
            companions.keep(&table, &mut form, Place::sheet(sheet), findings);
        }
    }
    if findings.errors.is_empty() {
        // Whatever has always fitted stays as it is.
        if form.encode().len() > limits::FORM {
            form.put_apart();
        }
        note_faults(&form, findings);
    }
    form
}

fn note_language(form: &Form, book: &book::Book, findings: &mut Findings) {
    let language = &form.default_language;
    // `default` is what other tools call texts without a language.
    let sheets = form.apart.values().filter_map(super::Apart::sheet);
    let mut columns = sheets.flat_map(super::Sheet::columns);
    let in_sheets = columns.any(|column| column.strip_prefix("label::") == Some(language.as_str()));
    let known = in_sheets || languages(form).any(|known| known == language);
    if !language.is_empty() && language != "default" && !known {
        let sheet = book.settings.as_ref().map_or("settings", |sheet| &sheet.name);
        let problem = Problem::LanguageUnknown { language: super::name::quoted(language) };
        findings.warn(Place::sheet(sheet), problem);
    }
}

/// A default that is written out must be an answer.
fn note_defaults(form: &Form, origins: &Origins, sheet: &str, findings: &mut Findings) {
    for (question, row) in form.questions.iter().zip(&origins.questions) {
        let Some(Preset::Literal(text)) = &question.logic.default else { continue };
        let fits = match &question.kind {
            Kind::Note | Kind::Calculate | Kind::Hidden => Ok(None),
            _ => form.parse_text(question, text),
        };
        if let Err(fault) = fits {
            let problem = Problem::DefaultBad { rule: fault.rule };
            findings.error(Place::sheet(sheet).row(*row).column("default"), problem);
        }
    }
}

/// What questions say of tasks must make some.
fn note_tasks(form: &Form, origins: &Origins, sheet: &str, findings: &mut Findings) {
    for (index, fault) in form.task_faults() {
        let mut place = Place::sheet(sheet).column("cairn::task");
        place.row = origins.questions.get(index).copied();
        findings.error(place, Problem::TaskBad { fault });
    }
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
