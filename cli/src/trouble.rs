//! What can go wrong at the command line, sorted by who must act. Nothing here repeats what a record
//! holds.

use std::io;

use cairn_core::error::{Error, Who};
use cairn_core::form::{Fault, Form, FormError, xlsform::XlsformError};
use cairn_core::view::export::ExportError;
use serde_json::{Value, json};

use crate::table::{MapTrouble, TableTrouble};

/// What went wrong.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Trouble {
    /// The front door refused.
    #[error("{}", words(.0))]
    Core(Error),
    /// Answers that the form does not allow, with what it says about them itself.
    #[error("{}", listed(.0))]
    Unfit(Vec<(Fault, Option<String>)>),
    /// The workspace stands here and not yet on the server.
    #[error("the workspace stands on this device and not yet on the server: {0}")]
    Unpublished(Error),
    #[error("no passphrase was given, and there is no terminal to ask for it")]
    NoPassphrase,
    #[error("the two passphrases differ")]
    PassphrasesDiffer,
    #[error("the server's pin must be 64 hexadecimal digits")]
    BadPin,
    #[error("this is not the address of a SOCKS proxy")]
    BadProxy,
    /// A file on the command line.
    #[error("{name}: {source}")]
    File { name: String, source: io::Error },
    #[error("{name} lies in the damaged vault, in which nothing may be changed")]
    InsideTheVault { name: String },
    #[error("{name} is larger than {most} MiB")]
    FileTooLarge { name: String, most: u64 },
    #[error("{name} holds no JSON object of answers (line {line})")]
    NotAnswers { name: String, line: usize },
    /// A line of made-up answers for a form.
    #[error("{name}, line {line}: {}", words(.source))]
    Sample { name: String, line: usize, source: Error },
    #[error("there is no = in the --set number {number}")]
    NotSet { number: usize },
    #[error("there is no = in the --where number {number}")]
    NotWhere { number: usize },
    #[error("{field} is given twice")]
    SetTwice { field: String },
    #[error("no answers were given, and there is no terminal to ask for them")]
    NoAnswers,
    #[error("nothing was saved")]
    Cancelled,
    #[error("there is no form yet")]
    NoForms,
    #[error("there is more than one form: {}", .0.join(", "))]
    ManyForms(Vec<String>),
    #[error("{name}: {source}")]
    Spreadsheet { name: String, source: XlsformError },
    #[error("{name}: {source}")]
    FormFile { name: String, source: FormError },
    #[error("there are only {count} answers to pick from")]
    NoSuchPick { count: usize },
    #[error("{0}")]
    Map(#[from] MapTrouble),
    #[error("{0}")]
    Table(#[from] TableTrouble),
    #[error("{0}")]
    Export(ExportError),
    /// Standard output.
    #[error("what was done could not be printed: {0}")]
    Output(io::Error),
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self::Core(error)
    }
}

/// Several faults read better one to a line.
fn words(error: &Error) -> String {
    match error {
        Error::Invalid(faults) if faults.len() > 1 => {
            let faults: Vec<_> = faults.iter().map(|fault| (fault.clone(), None)).collect();
            listed(&faults)
        }
        other => other.to_string(),
    }
}

fn listed(faults: &[(Fault, Option<String>)]) -> String {
    let said = |(fault, own): &(Fault, Option<String>)| match own {
        Some(own) => format!("{}: {own}", fault.field),
        None => fault.to_string(),
    };
    match faults {
        [one] => said(one),
        several => {
            let lines: Vec<String> = several.iter().map(|fault| format!("\n- {}", said(fault))).collect();
            format!("{} answers do not fit the form:{}", several.len(), lines.concat())
        }
    }
}

impl Trouble {
    /// A file that could not be read or written.
    pub(crate) fn file(name: impl AsRef<std::path::Path>) -> impl FnOnce(io::Error) -> Self {
        let name = name.as_ref().display().to_string();
        move |source| Self::File { name, source }
    }

    /// The same, and where answers do not fit, what the form says about it itself.
    pub(crate) fn in_words_of(self, form: &Form, language: &str) -> Self {
        let Self::Core(Error::Invalid(faults)) = self else { return self };
        let told = |fault: Fault| {
            let own = form.own_words(&fault, language).map(str::to_owned);
            (fault, own)
        };
        Self::Unfit(faults.into_iter().map(told).collect())
    }

    /// Who must act.
    pub(crate) fn who(&self) -> Who {
        match self {
            Self::Core(error) | Self::Unpublished(error) => error.who(),
            Self::FormFile { source: FormError::TooNew { .. }, .. } => Who::Update,
            Self::File { source, .. } | Self::Output(source) | Self::Export(ExportError::Write(source))
                if source.kind() == io::ErrorKind::StorageFull =>
            {
                Who::Storage
            }
            _ => Who::Person,
        }
    }

    /// What to do about it, in a sentence.
    pub(crate) fn hint(&self) -> &'static str {
        match self {
            Self::Core(error) => error.hint(),
            Self::Unfit(_) => Error::Invalid(Vec::new()).hint(),
            Self::Unpublished(Error::Offline) => {
                "Nothing is lost. When the server can be reached, run `cairn sync`."
            }
            Self::Unpublished(error) => error.hint(),
            Self::NoPassphrase => "Give --passphrase-file, or set CAIRN_PASSPHRASE.",
            Self::PassphrasesDiffer => "Nothing was created. Try again, and type the same one twice.",
            Self::BadPin => "The server's operator reads it with `cairn-server pin`.",
            Self::BadProxy => "Write it like socks5h://127.0.0.1:9050; socks5h lets the proxy look up names.",
            Self::File { .. } => "Check the name and the permissions.",
            Self::InsideTheVault { .. } => "Choose a folder somewhere else; best on another disk.",
            Self::FileTooLarge { .. } => "Choose another file.",
            Self::NotAnswers { .. } => {
                "Write it like {\"field\": \"answer\"}; `cairn record show --json` does."
            }
            Self::Sample { .. } => "Correct that line; nothing was changed.",
            Self::NotSet { .. } => "Write --set FIELD=VALUE.",
            Self::NotWhere { .. } => "Write --where FIELD=CHOICE.",
            Self::SetTwice { .. } => "Give each field once; part several choices by semicolons.",
            Self::NoAnswers => "Give --set FIELD=VALUE or --file ANSWERS.json.",
            Self::Cancelled => "Begin again whenever you like.",
            Self::NoForms => {
                "A coordinator adds one with `cairn form add`; others receive it with `cairn sync`."
            }
            Self::ManyForms(_) => "Name one with --form.",
            Self::Spreadsheet { source: XlsformError::Faulty { .. }, .. } => {
                "Correct the form and try again; nothing was changed."
            }
            Self::Spreadsheet { .. } => "Nothing was changed.",
            Self::FormFile { source: FormError::TooNew { .. }, .. } => "Update Cairn on this device.",
            Self::FormFile { .. } => "Have it sent again by whoever made it.",
            Self::NoSuchPick { .. } => "`cairn conflict list` numbers them.",
            Self::Map(trouble) => trouble.hint(),
            Self::Table(trouble) => trouble.hint(),
            Self::Export(ExportError::Write(_) | ExportError::Workbook(_)) => {
                "Check the disk; nothing was written over."
            }
            Self::Export(ExportError::OtherSubject { .. }) => {
                "Nothing was written. These columns are for cases, by the names of the built-in form; take csv."
            }
            Self::Export(_) => "Nothing was written over. Use --format csv for what no sheet can hold.",
            Self::Output(_) => "What was done is done; look at it again with `cairn record list`.",
        }
    }

    /// A short name for machines.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Core(error) => error.code(),
            Self::Unfit(_) => Error::Invalid(Vec::new()).code(),
            Self::Unpublished(_) => "unpublished",
            Self::NoPassphrase => "no_passphrase",
            Self::PassphrasesDiffer => "passphrases_differ",
            Self::BadPin => "bad_pin",
            Self::BadProxy => "bad_proxy",
            Self::File { .. } => "file",
            Self::InsideTheVault { .. } => "inside_the_vault",
            Self::FileTooLarge { .. } => "file_too_large",
            Self::NotAnswers { .. } => "not_answers",
            Self::Sample { .. } => "bad_sample",
            Self::NotSet { .. } => "not_set",
            Self::NotWhere { .. } => "not_where",
            Self::SetTwice { .. } => "set_twice",
            Self::NoAnswers => "no_answers",
            Self::Cancelled => "cancelled",
            Self::NoForms => "no_forms",
            Self::ManyForms(_) => "many_forms",
            Self::Spreadsheet { .. } => "bad_spreadsheet",
            Self::FormFile { .. } => "bad_form",
            Self::NoSuchPick { .. } => "no_such_pick",
            Self::Map(_) => "bad_map",
            Self::Table(_) => "bad_table",
            Self::Export(_) => "export",
            Self::Output(_) => "output",
        }
    }

    /// What machines may want to know besides, and under which name.
    pub(crate) fn details(&self) -> Option<(&'static str, Value)> {
        match self {
            Self::Core(Error::Invalid(faults)) => {
                let faults = faults
                    .iter()
                    .map(|fault| json!({ "field": fault.field, "rule": fault.rule.to_string() }));
                Some(("faults", faults.collect()))
            }
            Self::Unfit(faults) => {
                let faults = faults.iter().map(|(fault, own)| {
                    let mut told = json!({ "field": fault.field, "rule": fault.rule.to_string() });
                    if let (Some(told), Some(own)) = (told.as_object_mut(), own) {
                        told.insert("message".to_owned(), json!(own));
                    }
                    told
                });
                Some(("faults", faults.collect()))
            }
            Self::Spreadsheet { source: XlsformError::Faulty { findings, .. }, .. } => {
                Some(("findings", crate::words::findings(findings)))
            }
            Self::Unpublished(error) => Some(("cause", json!(error.code()))),
            _ => None,
        }
    }
}

/// The exit status that says who must act; 2 is for the command line itself.
pub(crate) fn exit_status(who: Who) -> u8 {
    match who {
        Who::Person => 1,
        Who::Coordinator => 3,
        Who::Operator => 4,
        Who::Wait => 5,
        Who::Update => 6,
        Who::Alarm => 7,
        Who::Storage => 8,
        Who::Makers => 9,
    }
}
