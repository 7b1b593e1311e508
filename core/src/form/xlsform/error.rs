//! Why a spreadsheet did not become a form.

use super::Finding;

/// Why a spreadsheet did not become a form. Whoever wrote the form must act; nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum XlsformError {
    /// It is some other kind of file.
    #[error("this is not a spreadsheet: choose the form's .xlsx file")]
    NotSpreadsheet,
    /// It is in the format of before 2007, or locked with a password; both look alike outside.
    #[error("this is an old .xls file or is locked with a password: save it as .xlsx, without a password")]
    OldOrLocked,
    /// It is larger than any form.
    #[error("this is too large for a form: more than {limit} {what}; remove what is not part of the form")]
    TooLarge {
        /// What there is too much of.
        what: &'static str,
        /// How much would be accepted.
        limit: u64,
    },
    /// A table is not in UTF-8, or a quote in it is not closed.
    #[error("{file}, line {line}: {what}")]
    Table {
        /// The file's name.
        file: String,
        /// The line, counted from 1.
        line: u32,
        /// What is wrong, and what to do.
        what: &'static str,
    },
    /// The file is damaged.
    #[error("this file is damaged{}: get it again from whoever made it", in_part(.part.as_deref()))]
    Torn {
        /// The part of the file that cannot be read, when that much is known.
        part: Option<String>,
    },
    /// The spreadsheet can be read, but what stands in it is no form that Cairn can use.
    #[error("{}", list(.findings))]
    Faulty {
        /// Everything that must be corrected; never empty.
        findings: Vec<Finding>,
        /// What may be corrected too.
        warnings: Vec<Finding>,
    },
}

fn in_part(part: Option<&str>) -> String {
    part.map_or_else(String::new, |part| format!(" (in {part})"))
}

fn list(findings: &[Finding]) -> String {
    let mut text = match findings.len() {
        1 => "one thing in this form must be corrected:".to_owned(),
        count => format!("{count} things in this form must be corrected:"),
    };
    for finding in findings {
        text.push_str("\n- ");
        text.push_str(&finding.to_string());
    }
    text
}
