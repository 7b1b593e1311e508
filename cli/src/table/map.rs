//! A map that fits both the form and the table.

use cairn_core::form::{Answer, Answers, Fault, Form, Kind, Question, Rule};
use cairn_core::view::export::unguarded;
use encoding_rs::{Encoding, UTF_8};

use super::field::{Field, is_moment, text};
use super::plan::{Place, Plan};
use super::refused::by_rule;
use super::{MapTrouble, Reason, Refused, Row};

/// Which column answers which question, checked.
#[derive(Debug)]
pub(crate) struct Map {
    encoding: &'static Encoding,
    width: usize,
    fields: Vec<Field>,
    constants: Answers,
}

impl Map {
    /// Holds a plan against form and headings. `encoding` takes precedence over the plan's own.
    ///
    /// # Errors
    /// Whatever would go wrong in every row.
    pub(crate) fn new(
        plan: &Plan,
        form: &Form,
        headings: &[Vec<u8>],
        encoding: Option<&str>,
    ) -> Result<Self, MapTrouble> {
        let encoding = self::encoding(encoding.or(plan.encoding.as_deref()))?;
        let mut map = Self { encoding, width: headings.len(), fields: Vec::new(), constants: Answers::new() };
        let headings: Vec<String> =
            headings.iter().map(|cell| text(encoding, cell).unwrap_or_default().trim().to_owned()).collect();
        for (name, place) in plan.places()? {
            let column = column(&headings, place.column.trim())?;
            let question = question(form, name)?;
            check(form, question, &place)?;
            let Place { split, values, format, .. } = place;
            map.fields.push(Field { name: name.clone(), column, split, values, format });
        }
        for (name, constant) in plan.constants()? {
            let question = question(form, name)?;
            if map.fields.iter().any(|field| field.name == *name) {
                return Err(MapTrouble::FieldTwice { field: name.clone() });
            }
            let answer = form.parse_text(question, &constant).map_err(MapTrouble::Value)?;
            map.constants.extend(answer.map(|answer| (name.clone(), answer)));
        }
        if map.fields.is_empty() {
            return Err(MapTrouble::Nothing);
        }
        let is_given = |question: &Question| {
            map.constants.contains_key(&question.name)
                || map.fields.iter().any(|field| field.name == question.name)
        };
        let mut required = form
            .questions
            .iter()
            .filter(|question| question.required && question.kind.is_asked() && !question.is_repeated(form));
        match required.find(|question| !is_given(question)) {
            Some(question) => Err(MapTrouble::RequiredMissing { field: question.name.clone() }),
            None => Ok(map),
        }
    }

    /// The answers of a row; `None` when nothing stands in it.
    ///
    /// # Errors
    /// Everything that is wrong with the row.
    pub(crate) fn answers(&self, form: &Form, row: &Row) -> Result<Option<Answers>, Refused> {
        let refused = |faults| Refused { line: row.line, faults };
        if row.cells.iter().all(|cell| cell.trim_ascii().is_empty()) {
            return Ok(None);
        }
        let too_many = row.cells.iter().skip(self.width).any(|cell| !cell.trim_ascii().is_empty());
        if row.cells.len() < self.width || too_many {
            let reason = Reason::Cells { found: row.cells.len() as u64, expected: self.width as u64 };
            return Err(refused(vec![(None, reason)]));
        }
        let mut answers = self.constants.clone();
        let mut faults = Vec::new();
        for field in &self.fields {
            match self.answer(form, field, row) {
                Ok(answer) => answers.extend(answer.map(|answer| (field.name.clone(), answer))),
                Err(reason) => faults.push((Some(field.name.clone()), reason)),
            }
        }
        for fault in form.check(&answers) {
            if !faults.iter().any(|(field, _)| field.as_ref() == Some(&fault.field)) {
                faults.push(by_rule(fault));
            }
        }
        if faults.is_empty() { Ok(Some(answers)) } else { Err(refused(faults)) }
    }

    fn answer(&self, form: &Form, field: &Field, row: &Row) -> Result<Option<Answer>, Reason> {
        let question = form.question(&field.name).ok_or(Reason::Rule(Rule::UnknownField))?;
        let cell = row.cells.get(field.column).unwrap_or_default();
        let cell = text(self.encoding, cell).ok_or(Reason::Encoding)?;
        // Tables that were made for spreadsheets guard some cells with an apostrophe.
        field.answer(form, question, unguarded(&cell))
    }
}

fn encoding(name: Option<&str>) -> Result<&'static Encoding, MapTrouble> {
    let Some(name) = name else { return Ok(UTF_8) };
    let found = Encoding::for_label(name.as_bytes()).filter(|found| found.is_ascii_compatible());
    found.ok_or_else(|| MapTrouble::Encoding { name: name.to_owned() })
}

fn question<'a>(form: &'a Form, name: &str) -> Result<&'a Question, MapTrouble> {
    match form.asked(name) {
        Some(question) if question.kind != Kind::Note => Ok(question),
        _ => Err(MapTrouble::UnknownField { field: name.to_owned() }),
    }
}

fn column(headings: &[String], wanted: &str) -> Result<usize, MapTrouble> {
    let mut places = headings.iter().zip(0..).filter(|(heading, _)| *heading == wanted);
    match (places.next(), places.next()) {
        (Some((_, place)), None) => Ok(place),
        (Some(_), Some(_)) => Err(MapTrouble::ColumnTwice { column: wanted.to_owned() }),
        (None, _) => Err(MapTrouble::UnknownColumn { column: wanted.to_owned() }),
    }
}

/// What would go wrong in every row is found here, once.
fn check(form: &Form, question: &Question, place: &Place) -> Result<(), MapTrouble> {
    let field = || question.name.clone();
    let splits = place.split.as_ref().is_some_and(|split| !split.is_empty());
    if place.split.is_some() && !(splits && matches!(question.kind, Kind::SelectMultiple(_))) {
        return Err(MapTrouble::SplitOne { field: field() });
    }
    if place.format.is_some() && !is_moment(&question.kind) {
        return Err(MapTrouble::FormatOther { field: field() });
    }
    if place.format.is_none() {
        let mut meant = place.values.values();
        meant
            .try_for_each(|value| form.parse_text(question, value).map(|_| ()))
            .map_err(|fault: Fault| MapTrouble::Value(fault))?;
    }
    Ok(())
}
