//! What the columns of a table are, and what they are called.

use std::collections::BTreeMap;

use super::Options;
use crate::form::{Choices, Form, Kind, Offered, Question};

/// One column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Column<'f> {
    Record,
    Id,
    Version,
    Changed,
    Title,
    Row,
    Parent,
    Answer(&'f Question),
    Choice(&'f Question, Offered<'f>),
    Conflicts,
    Elsewhere,
    Other,
}

/// The columns for a form, in order: of its records, or of the rows of one of its repeats.
pub(super) fn columns<'f>(form: &'f Form, repeat: Option<&str>) -> Vec<Column<'f>> {
    let mut columns = vec![Column::Record, Column::Id];
    match repeat {
        None => columns.extend([Column::Version, Column::Changed, Column::Title]),
        Some(repeat) if form.repeats_to(repeat).len() > 1 => columns.extend([Column::Row, Column::Parent]),
        Some(_) => columns.push(Column::Row),
    }
    let here = |question: &&Question| form.repeats_around(question).last().copied() == repeat;
    let answered = form.questions.iter().filter(|question| question.kind != Kind::Note);
    for question in answered.filter(here) {
        columns.push(Column::Answer(question));
        // Nobody reads a table with a column for each of a hundred thousand towns.
        let choices = form.choices(question);
        if matches!(question.kind, Kind::SelectMultiple(_)) && matches!(choices, Choices::Inside(_)) {
            columns.extend(choices.iter().map(|choice| Column::Choice(question, choice)));
        }
    }
    if repeat.is_some() {
        return columns;
    }
    columns.push(Column::Conflicts);
    if form.parts().len() > 1 {
        columns.push(Column::Elsewhere);
    }
    columns.push(Column::Other);
    columns
}

/// What the columns are called, no two alike.
pub(super) fn headers(form: &Form, columns: &[Column<'_>], options: &Options) -> Vec<String> {
    let names: Vec<String> = columns.iter().map(Column::name).collect();
    if !options.labels {
        return names;
    }
    let labels: Vec<String> = columns.iter().map(|column| column.label(form, &options.language)).collect();
    let mut times: BTreeMap<&str, usize> = BTreeMap::new();
    for label in &labels {
        *times.entry(label).or_default() += 1;
    }
    let unlike = |(label, name): (&String, &String)| match times.get(label.as_str()) {
        Some(1) => label.clone(),
        _ => format!("{label} [{name}]"),
    };
    labels.iter().zip(&names).map(unlike).collect()
}

impl Column<'_> {
    /// The name for machines.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Record => "_record".to_owned(),
            Self::Id => "_id".to_owned(),
            Self::Version => "_version".to_owned(),
            Self::Changed => "_changed".to_owned(),
            Self::Title => "_title".to_owned(),
            Self::Row => "_row".to_owned(),
            Self::Parent => "_parent".to_owned(),
            Self::Answer(question) => question.name.clone(),
            Self::Choice(question, choice) => format!("{}/{}", question.name, choice.name),
            Self::Conflicts => "_conflicts".to_owned(),
            Self::Elsewhere => "_elsewhere".to_owned(),
            Self::Other => "_other".to_owned(),
        }
    }

    fn label(&self, form: &Form, language: &str) -> String {
        match self {
            Self::Answer(question) => form.label(question, language).to_owned(),
            Self::Choice(question, choice) => {
                let label = choice.label(language, &form.default_language);
                let label = if label.is_empty() { choice.name } else { label };
                format!("{}/{label}", form.label(question, language))
            }
            fixed => fixed.name(),
        }
    }
}
