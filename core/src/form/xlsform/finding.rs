//! Something an author should correct in a form, and where.

use std::fmt;

/// Something an author should correct in a form, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Which sheet: `survey`, `choices` or `settings`, as the file spells it.
    pub sheet: String,
    /// Which row, counted from 1 as spreadsheets do; none when it is about the whole sheet.
    pub row: Option<u32>,
    /// The column's heading as the file spells it; none when it is about the whole row.
    pub column: Option<String>,
    /// What is wrong.
    pub problem: super::Problem,
}

impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.sheet)?;
        if let Some(row) = self.row {
            write!(out, ", row {row}")?;
        }
        if let Some(column) = &self.column {
            write!(out, ", column {column}")?;
        }
        write!(out, ": {}; {}", self.problem, self.problem.advice())
    }
}

/// What was found so far, while a form is read.
#[derive(Debug, Default)]
pub(super) struct Findings {
    pub(super) errors: Vec<Finding>,
    pub(super) warnings: Vec<Finding>,
}

/// Where in the file the reader is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) sheet: &'a str,
    pub(super) row: Option<u32>,
    pub(super) column: Option<&'a str>,
}

impl<'a> Place<'a> {
    pub(super) fn sheet(sheet: &'a str) -> Self {
        Self { sheet, row: None, column: None }
    }

    pub(super) fn row(self, row: u32) -> Self {
        Self { row: Some(row), ..self }
    }

    pub(super) fn column(self, column: &'a str) -> Self {
        Self { column: Some(column), ..self }
    }

    fn finding(self, problem: super::Problem) -> Finding {
        Finding {
            sheet: self.sheet.to_owned(),
            row: self.row,
            column: self.column.map(str::to_owned),
            problem,
        }
    }
}

impl Findings {
    /// The form cannot be used like this.
    pub(super) fn error(&mut self, place: Place<'_>, problem: super::Problem) {
        self.errors.push(place.finding(problem));
    }

    /// The form can be used, but its author should know.
    pub(super) fn warn(&mut self, place: Place<'_>, problem: super::Problem) {
        self.warnings.push(place.finding(problem));
    }

    /// As an author goes through the file: sheet by sheet, each from the top.
    pub(super) fn in_order(mut self) -> Self {
        let sheet = |finding: &Finding| match finding.sheet.to_ascii_lowercase().as_str() {
            "survey" => 0,
            "choices" => 1,
            _ => 2,
        };
        self.errors.sort_by_key(|finding| (sheet(finding), finding.row));
        self.warnings.sort_by_key(|finding| (sheet(finding), finding.row));
        self
    }
}
