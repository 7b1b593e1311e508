//! `cairn form …`: what may be asked.

mod built_in;
mod compare;
pub(super) mod file;
mod handout;
pub(super) mod samples;
mod show;

use std::path::{Path, PathBuf};

use cairn_core::form::{self, xlsform::Finding, xlsform::Reading, xlsform::XlsformError};
use clap::Subcommand;
use serde_json::{Value, json};

use crate::door::Door;
use crate::out::{self, Said};
use crate::trouble::Trouble;
use crate::words::{self, count, ended, line};

/// Adds, checks and shows forms.
#[derive(Debug, Subcommand)]
pub(crate) enum Form {
    /// Publishes a form to the workspace; others have it after they sync
    Add {
        /// An XLSForm spreadsheet, a folder with survey.csv, choices.csv and settings.csv, or a form as
        /// `form show --json` writes it. Tables it names are looked for beside it, in `media` and in `NAME-media`
        #[arg(value_name = "FILE.xlsx")]
        file: PathBuf,
        /// Made-up answers in the words and languages of real ones, a JSON object a line: what travels
        /// becomes smaller. Never real ones: pieces of them travel with the form
        #[arg(long, value_name = "SAMPLES.jsonl")]
        samples: Option<PathBuf>,
    },
    /// Reads a form and lists what is wrong with it; changes nothing and needs no vault
    Check {
        /// An XLSForm spreadsheet, a folder with survey.csv, choices.csv and settings.csv, or a form as
        /// `form show --json` writes it. Tables it names are looked for beside it, in `media` and in `NAME-media`
        #[arg(value_name = "FILE.xlsx")]
        file: PathBuf,
    },
    /// The forms that come with Cairn
    #[command(subcommand)]
    BuiltIn(BuiltIn),
    Compare(compare::Compare),
    /// Lists every form and version, oldest first
    List,
    /// Writes a file for a device that only hands in: all forms, and what its circles hold. Only that device
    /// can open it
    HandOut {
        /// Its identifier as `device list` shows it, or its name
        #[arg(value_name = "DEVICE")]
        device: String,
        /// The file to write; one that is there is replaced
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Takes in what a coordinator has handed out for this device
    Take {
        /// The file
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Shows the questions of a form and what each may be answered
    Show {
        /// The form; the only one when none is named
        #[arg(value_name = "FORM")]
        form: Option<String>,
    },
}

/// What comes with the program: victim support and border observation.
#[derive(Debug, Subcommand)]
pub(crate) enum BuiltIn {
    /// Lists them; needs no vault
    List,
    /// Publishes one of them to the workspace; others have it after they sync
    Add {
        /// Its name
        #[arg(value_name = "NAME")]
        name: String,
        /// Made-up answers, as for `form add`
        #[arg(long, value_name = "SAMPLES.jsonl")]
        samples: Option<PathBuf>,
    },
}

impl Form {
    pub(crate) fn run(self, door: &Door) -> Result<Said, Trouble> {
        match self {
            Self::Add { file, samples } => add(door, file::read(&file)?, samples.as_deref()),
            Self::Check { file } => check(door, &file),
            Self::BuiltIn(BuiltIn::List) => built_in::list(door),
            Self::BuiltIn(BuiltIn::Add { name, samples }) => {
                add(door, built_in::named(&name)?, samples.as_deref())
            }
            Self::Compare(compare) => compare.run(door),
            Self::List => list(door),
            Self::HandOut { device, out } => handout::make(door, &device, &out),
            Self::Take { file } => handout::take(door, &file),
            Self::Show { form } => show::run(door, form.as_deref()),
        }
    }
}

fn add(door: &Door, read: Reading, samples: Option<&Path>) -> Result<Said, Trouble> {
    let samples = samples.map_or(Ok(Vec::new()), |name| samples::read(&read.form, name))?;
    let mut vault = door.open()?;
    let before = vault.forms().len();
    // What is different is told before it is published.
    let editions = vault.editions(&read.form.id);
    let is_new = editions.iter().all(|known| known.form.version != read.form.version);
    let latest = editions.last().filter(|_| is_new);
    let differences = latest.map(|latest| latest.form.towards(&read.form)).unwrap_or_default();
    if let Some(latest) = latest.filter(|_| !door.json) {
        out::note(&compare::told(&latest.form, &read.form, &differences));
    }
    let known = vault.publish_form_with(&read.form, &samples)?;
    let new = vault.forms().len() > before;
    vault.lock()?;
    if !door.json {
        read.warnings.iter().for_each(|warning| out::note(&format!("warning: {warning}")));
    }
    let form = &known.form;
    let text = if new {
        format!("Added {} {}; `cairn sync` brings it to the others.", form.id, form.version)
    } else {
        format!("{} {} is there already; nothing was changed.", form.id, form.version)
    };
    let mut json = words::form(&known, &door.language);
    if let Some(json) = json.as_object_mut() {
        json.insert("new".to_owned(), json!(new));
        json.insert("samples".to_owned(), json!(samples.len()));
        json.insert("warnings".to_owned(), words::findings(&read.warnings));
        json.insert("since".to_owned(), json!(latest.map(|latest| &latest.form.version)));
        json.insert("differences".to_owned(), words::differences(&differences));
    }
    Ok(Said::new(text, json))
}

fn check(door: &Door, name: &Path) -> Result<Said, Trouble> {
    match file::read(name) {
        Ok(read) => Ok(checked(Some(&read.form), &[], &read.warnings, &door.language)),
        Err(Trouble::Spreadsheet { source: XlsformError::Faulty { findings, warnings }, .. }) => {
            Ok(checked(None, &findings, &warnings, &door.language))
        }
        Err(trouble) => Err(trouble),
    }
}

fn checked(form: Option<&form::Form>, errors: &[Finding], warnings: &[Finding], language: &str) -> Said {
    let mut text = String::new();
    for (word, findings) in [("error", errors), ("warning", warnings)] {
        for finding in findings {
            line!(text, "{word}: {finding}");
        }
    }
    if let Some(form) = form {
        let questions = form.questions.iter().filter(|question| question.kind.is_asked()).count() as u64;
        let title = words::title(form, language);
        line!(text, "{} {} can be used: {}, {title}", form.id, form.version, count(questions, "question"));
    } else {
        line!(
            text,
            "{} must be corrected before this form can be used.",
            count(errors.len() as u64, "thing")
        );
    }
    let json = json!({
        "sound": errors.is_empty(),
        "id": form.map(|form| &form.id),
        "version": form.map(|form| &form.version),
        "errors": words::findings(errors),
        "warnings": words::findings(warnings),
    });
    Said { text: ended(text), json, status: u8::from(!errors.is_empty()) }
}

fn list(door: &Door) -> Result<Said, Trouble> {
    let vault = door.open()?;
    let mut text = String::new();
    for known in vault.forms() {
        let title = words::title(&known.form, &door.language);
        line!(text, "{}  {}  {title}", known.form.id, known.form.version);
    }
    if vault.forms().is_empty() {
        line!(text, "There is no form yet.");
    }
    let waiting = vault.forms_waiting()?;
    if waiting > 0 {
        line!(text, "{} on the way: `cairn sync` brings the rest of its lists.", count(waiting, "form"));
    }
    let forms: Value = vault.forms().iter().map(|known| words::form(known, &door.language)).collect();
    vault.lock()?;
    Ok(Said::new(ended(text), json!({ "forms": forms, "waiting": waiting })))
}
