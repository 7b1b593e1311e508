//! From one cell to one answer.

use std::collections::{BTreeMap, BTreeSet};

use cairn_core::form::{Answer, Form, Kind, Missing, Question, latin};
use encoding_rs::{Encoding, UTF_8};
use jiff::fmt::strtime;

use super::Reason;

/// One question that a column answers.
#[derive(Debug)]
pub(super) struct Field {
    /// The question.
    pub(super) name: String,
    /// The column's place.
    pub(super) column: usize,
    /// What parts several choices.
    pub(super) split: Option<String>,
    /// What stands in the cell, and what it means.
    pub(super) values: BTreeMap<String, String>,
    /// How days and times are written.
    pub(super) format: Option<String>,
}

impl Field {
    /// The answer a cell gives; `None` when it is blank.
    pub(super) fn answer(
        &self,
        form: &Form,
        question: &Question,
        cell: &str,
    ) -> Result<Option<Answer>, Reason> {
        if cell.trim().is_empty() {
            return Ok(None);
        }
        let Some(split) = &self.split else { return self.one(form, question, cell) };
        if let Some(missing) = Missing::from_marker(self.values.get(cell.trim()).map_or(cell, String::as_str))
        {
            return Ok(Some(Answer::Missing(missing)));
        }
        let mut chosen = BTreeSet::new();
        for piece in cell.split(split.as_str()) {
            if let Some(Answer::Choices(some)) = self.one(form, question, piece)? {
                chosen.extend(some);
            }
        }
        Ok((!chosen.is_empty()).then_some(Answer::Choices(chosen)))
    }

    fn one(&self, form: &Form, question: &Question, text: &str) -> Result<Option<Answer>, Reason> {
        let text = self.values.get(text.trim()).map_or(text, String::as_str);
        let parsed = match &self.format {
            Some(format) if !text.trim().is_empty() && Missing::from_marker(text).is_none() => {
                let canonical = moment(&question.kind, format, &latin(text)).ok_or(Reason::Format)?;
                form.parse_text(question, &canonical)
            }
            _ => form.parse_text(question, text),
        };
        parsed.map_err(|fault| Reason::Rule(fault.rule))
    }
}

/// A day or time in the table's way of writing, as forms have it.
fn moment(kind: &Kind, format: &str, text: &str) -> Option<String> {
    let parsed = strtime::parse(format, text).ok()?;
    let time = || parsed.to_time().ok();
    Some(match kind {
        Kind::Time => time()?.to_string(),
        Kind::DateTime | Kind::Start | Kind::End => {
            let day = parsed.to_date().ok()?;
            let moment = format!("{day}T{}", time().unwrap_or(jiff::civil::Time::midnight()));
            parsed.offset().map_or(moment.clone(), |offset| moment + &offset_text(offset.seconds()))
        }
        _ => parsed.to_date().ok()?.to_string(),
    })
}

fn offset_text(seconds: i32) -> String {
    let sign = if seconds < 0 { '-' } else { '+' };
    let minutes = seconds.unsigned_abs() / 60;
    format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

/// Whether a question's answers are days or times.
pub(super) fn is_moment(kind: &Kind) -> bool {
    matches!(kind, Kind::Date | Kind::Time | Kind::DateTime | Kind::Start | Kind::End | Kind::Today)
}

/// A cell as text; `None` when it is not in the table's encoding.
pub(super) fn text(encoding: &'static Encoding, cell: &[u8]) -> Option<String> {
    if encoding == UTF_8 {
        return std::str::from_utf8(cell).ok().map(str::to_owned);
    }
    let decoded = encoding.decode_without_bom_handling_and_without_replacement(cell)?;
    Some(decoded.into_owned())
}
