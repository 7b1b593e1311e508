//! The expressions of one row: taken as they are written, read later when all names are known.

use std::collections::BTreeMap;

use super::finding::Findings;
use super::line::{Line, Role, Written, truth};
use super::{Problem, literal, origins::Origins};
use crate::form::expression::Purpose;
use crate::form::name::quoted;
use crate::form::{Kind, Logic, Preset};

/// What a row says about when and how it is answered.
#[derive(Debug, Default)]
pub(super) struct Said {
    pub(super) logic: Logic,
    pub(super) required: bool,
    pub(super) constant: Option<String>,
}

/// Reads the logic of a question. `origins` keeps where each expression stands.
pub(super) fn of_question(
    line: &Line<'_>,
    kind: &Kind,
    origins: &mut Origins,
    findings: &mut Findings,
) -> Said {
    let mut said = Said::default();
    let mut take = |role: &Role, purpose: Purpose| {
        line.cell(role).map(|(text, at)| {
            origins.note(line.row, purpose, at);
            straight(text)
        })
    };
    let logic = &mut said.logic;
    logic.relevant = take(&Role::Relevant, Purpose::Relevant);
    logic.constraint = take(&Role::Constraint, Purpose::Constraint);
    logic.choice_filter = take(&Role::ChoiceFilter, Purpose::Choices);
    logic.calculation = take(&Role::Calculation, Purpose::Calculation);
    let required = take(&Role::Required, Purpose::Required);
    let readonly = take(&Role::Readonly, Purpose::Readonly);
    let default = take(&Role::Default, Purpose::Default);
    logic.constraint_message = line.constraint_message();
    logic.required_message = line.required_message();
    logic.default = default.map(|text| preset(&text, kind));
    logic.readonly = readonly.and_then(|text| match truth(&text) {
        Some(true) => Some("true()".to_owned()),
        Some(false) => None,
        None => Some(text),
    });
    match required.as_deref().map(|text| (truth(text), text)) {
        Some((Some(required), _)) => said.required = required,
        Some((None, text)) => logic.required_when = Some(text.to_owned()),
        None => {}
    }
    if let Some((_, at)) = line.cell(&Role::Required)
        && !kind.is_asked()
        && (said.required || logic.required_when.is_some())
    {
        findings.warn(at, Problem::RequiredIgnored);
        said.required = false;
        logic.required_when = None;
    }
    logic.trigger = line.cell(&Role::Trigger).map(|written| triggers(written, findings)).unwrap_or_default();
    said.note_misplaced(line, kind, findings);
    said.settle_constant(kind);
    said
}

impl Said {
    /// A `calculate` of a constant needs no working out, and forms of before say it so.
    fn settle_constant(&mut self, kind: &Kind) {
        if *kind == Kind::Calculate && self.logic.trigger.is_empty() {
            self.constant = self.logic.calculation.as_deref().and_then(literal::read);
            if self.constant.is_some() {
                self.logic.calculation = None;
            }
        }
    }

    fn note_misplaced(&mut self, line: &Line<'_>, kind: &Kind, findings: &mut Findings) {
        if *kind == Kind::Calculate && self.logic.calculation.is_none() && self.logic.default.is_none() {
            findings.error(line.at, Problem::CalculationMissing);
        }
        if let Some((_, at)) = line.cell(&Role::ChoiceFilter)
            && kind.list().is_none()
        {
            findings.error(at, Problem::FilterMisplaced);
            self.logic.choice_filter = None;
        }
        if let Some((_, at)) = line.cell(&Role::Trigger)
            && self.logic.calculation.is_none()
        {
            findings.error(at, Problem::TriggerMisplaced);
            self.logic.trigger.clear();
        }
        if let Some((_, at)) = line.cell(&Role::RepeatCount) {
            findings.error(at, Problem::CountMisplaced);
        }
    }
}

/// The condition of a group, and how often it is filled.
pub(super) fn of_group(
    line: &Line<'_>,
    repeats: bool,
    origins: &mut Origins,
    findings: &mut Findings,
) -> (Option<String>, Option<String>) {
    let mut take = |role: &Role, purpose: Purpose| {
        line.cell(role).map(|(text, at)| {
            origins.note(line.row, purpose, at);
            straight(text)
        })
    };
    let relevant = take(&Role::Relevant, Purpose::Relevant);
    let count = take(&Role::RepeatCount, Purpose::Count);
    if let Some((_, at)) = line.cell(&Role::RepeatCount)
        && !repeats
    {
        findings.error(at, Problem::CountMisplaced);
    }
    for role in [
        Role::Constraint,
        Role::Readonly,
        Role::Default,
        Role::Calculation,
        Role::Trigger,
        Role::ChoiceFilter,
        Role::Task,
    ] {
        if let Some((_, at)) = line.cell(&role) {
            findings.error(at, Problem::LogicOnGroup);
        }
    }
    (relevant, count.filter(|_| repeats))
}

/// `start=0 end=10 step=2`, also with commas or semicolons between.
pub(super) fn parameters(line: &Line<'_>, findings: &mut Findings) -> BTreeMap<String, String> {
    let Some((text, at)) = line.cell(&Role::Parameters) else { return BTreeMap::new() };
    let mut all = BTreeMap::new();
    let pieces = text.split(|letter: char| letter.is_whitespace() || matches!(letter, ',' | ';'));
    for piece in pieces.filter(|piece| !piece.is_empty()) {
        let pair = piece.split_once('=').filter(|(name, value)| !name.is_empty() && !value.is_empty());
        match pair {
            Some((name, value)) => drop(all.insert(name.to_ascii_lowercase(), value.to_owned())),
            None => findings.error(at, Problem::ParametersBad { text: quoted(piece) }),
        }
    }
    all
}

/// Questions whose change works a calculation out anew: `${a}` or `${a}, ${b}`.
fn triggers((text, at): Written<'_>, findings: &mut Findings) -> Vec<String> {
    let mut names = Vec::new();
    for piece in text.split(',').map(str::trim).filter(|piece| !piece.is_empty()) {
        let inner = piece.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
        match inner.map(str::trim).filter(|name| crate::form::name::is_name(name)) {
            Some(name) => names.push(name.to_owned()),
            None => findings.error(at, Problem::TriggerBad { text: quoted(piece) }),
        }
    }
    names
}

/// A default is worked out if it refers to an answer or calls a function, or is a sum of numbers where a number
/// is asked for; else it is the answer itself.
fn preset(text: &str, kind: &Kind) -> Preset {
    let numeric = matches!(kind, Kind::Integer | Kind::Decimal | Kind::Range);
    let sum = numeric
        && literal::read(text).is_none()
        && text.chars().any(|letter| letter.is_ascii_digit())
        && text.chars().all(|letter| letter.is_ascii_digit() || " .+-*()".contains(letter));
    if text.contains("${") || calls_function(text) || sum {
        Preset::Expression(text.to_owned())
    } else {
        Preset::Literal(text.to_owned())
    }
}

/// Whether a name stands right before a bracket, outside of quotes.
fn calls_function(text: &str) -> bool {
    let (mut quote, mut before) = (None, ' ');
    for letter in text.chars() {
        match (quote, letter) {
            (Some(open), letter) if open == letter => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(letter),
            (None, '(') if before.is_ascii_alphanumeric() => return true,
            (None, _) => {}
        }
        before = letter;
    }
    false
}

/// With straight quotes: spreadsheet programs put curly ones in by themselves.
fn straight(text: &str) -> String {
    text.chars()
        .map(|letter| match letter {
            '\u{2018}' | '\u{2019}' => '\'',
            '\u{201C}' | '\u{201D}' => '"',
            other => other,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_default_that_is_only_a_text_is_not_worked_out() {
        for (text, kind) in [
            ("Khujand (north)", Kind::Text),
            ("2026-01-01", Kind::Date),
            ("+992 90", Kind::Text),
            ("a-b", Kind::Text),
            ("it's (so)", Kind::Text),
            ("-5", Kind::Integer),
            ("a b", Kind::SelectMultiple("l".into())),
        ] {
            assert_eq!(preset(text, &kind), Preset::Literal(text.to_owned()));
        }
        for (text, kind) in [
            ("today()", Kind::Date),
            ("${a}", Kind::Text),
            ("1 + 2", Kind::Integer),
            ("once(uuid())", Kind::Text),
        ] {
            assert_eq!(preset(text, &kind), Preset::Expression(text.to_owned()));
        }
    }
}
