//! The survey sheet: groups and questions.

use std::collections::BTreeMap;

use super::Problem;
use super::book::Sheet;
use super::choices::Lists;
use super::columns::Table;
use super::finding::{Findings, Place};
use super::kinds::{self, Word};
use super::line::{Line, Role, role};
use crate::form::name::{is_name, quoted};
use crate::form::{Group, Kind, Part, Question, limits};

/// What stands in the survey sheet, as far as it can be read.
pub(super) fn read(sheet: &Sheet, lists: &Lists, findings: &mut Findings) -> (Vec<Group>, Vec<Question>) {
    let table = Table::read(sheet, role, |role| matches!(role, Role::Ignored | Role::Logic), findings);
    table.note_ignored(|role| *role == Role::Ignored, findings);
    let place = Place::sheet(&sheet.name);
    let mut survey = Survey {
        lists,
        open: Vec::new(),
        groups: Vec::new(),
        questions: Vec::new(),
        names: BTreeMap::new(),
        findings,
    };
    if sheet.rows.is_empty() {
        survey.findings.error(place, Problem::Empty);
        return (survey.groups, survey.questions);
    }
    let before = survey.findings.errors.len();
    for (role, column) in [(Role::Type, "type"), (Role::Name, "name")] {
        if table.column(&role).is_none() {
            survey.findings.error(place.row(table.top), Problem::ColumnMissing { column });
        }
    }
    if survey.findings.errors.len() > before {
        return (survey.groups, survey.questions);
    }
    for filled in table.rows(survey.findings) {
        survey.line(&Line::read(place, filled, table.column(&Role::Name)));
    }
    for open in std::mem::take(&mut survey.open) {
        survey.findings.error(place.row(open.row), Problem::GroupNotEnded { name: quoted(&open.name) });
    }
    if survey.questions.is_empty() && survey.findings.errors.len() == before {
        survey.findings.error(place, Problem::Empty);
    }
    (survey.groups, survey.questions)
}

struct Survey<'a, 'f> {
    lists: &'a Lists,
    /// Groups begun and not yet ended, outermost first.
    open: Vec<Open>,
    groups: Vec<Group>,
    questions: Vec<Question>,
    /// Where each name was used first: a question's in the whole form, a group's among its siblings.
    names: BTreeMap<(Scope, String), u32>,
    findings: &'f mut Findings,
}

struct Open {
    name: String,
    row: u32,
    repeats: bool,
    /// Which part its questions belong to, unless they say otherwise.
    part: Part,
    /// Index in the form's groups.
    index: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Scope {
    Form,
    Group(Option<usize>),
}

impl Survey<'_, '_> {
    fn line(&mut self, line: &Line<'_>) {
        let Some((kind, kind_at)) = line.kind() else {
            return self.without_type(line);
        };
        if line.disabled {
            return self.findings.warn(line.at, Problem::RowDisabled);
        }
        for at in &line.logic {
            self.findings.error(*at, Problem::LogicUnsupported);
        }
        let word = kind.split_whitespace().collect::<Vec<_>>().join(" ");
        match kinds::read(&word) {
            Word::Question(kind) => self.question(line, kind),
            Word::Select { list, many } => self.select(line, list, many, kind_at),
            Word::BeginGroup => self.begin(line, false),
            Word::BeginRepeat => {
                let (kind, name) = (quoted(&word), quoted(line.name));
                self.findings.error(kind_at, Problem::TypeUnsupported { kind, name });
                self.begin(line, true);
            }
            Word::EndGroup => self.end(false, kind_at),
            Word::EndRepeat => self.end(true, kind_at),
            Word::Unsupported => {
                let (kind, name) = (quoted(&word), quoted(line.name));
                self.findings.error(kind_at, Problem::TypeUnsupported { kind, name });
                self.name(line, Scope::Form);
            }
            Word::Unknown => {
                let (kind, name) = (quoted(&word), quoted(line.name));
                self.findings.error(kind_at, Problem::TypeUnknown { kind, name });
                self.name(line, Scope::Form);
            }
        }
    }

    fn without_type(&mut self, line: &Line<'_>) {
        if line.name.is_empty() && line.label.is_empty() && line.logic.is_empty() {
            self.findings.warn(line.at, Problem::RowIgnored);
        } else {
            self.findings.error(line.at, Problem::TypeMissing);
        }
    }

    fn select(&mut self, line: &Line<'_>, list: &str, many: bool, at: Place<'_>) {
        if list.is_empty() {
            self.findings.error(at, Problem::ListMissing);
        } else if !self.lists.contains_key(list) {
            self.findings.error(at, Problem::ListUnknown { list: quoted(list) });
        }
        let list = list.to_owned();
        self.question(line, if many { Kind::SelectMultiple(list) } else { Kind::SelectOne(list) });
    }

    fn question(&mut self, line: &Line<'_>, kind: Kind) {
        let kind = line.kind_with_merge(kind, self.findings);
        let constant = line.constant(&kind, self.findings);
        let required = line.is_required(&kind, self.findings);
        line.note_texts(&kind, self.findings);
        let name = if kind == Kind::Note && line.name.is_empty() {
            // Other tools let a note be nameless; nobody answers it, so any name will do.
            Some(format!("generated_note_name_{}", line.row))
        } else {
            self.name(line, Scope::Form)
        };
        let part = self.part(line);
        let Some(name) = name else { return };
        self.questions.push(Question {
            label: line.label.clone(),
            hint: line.hint.clone(),
            required,
            group: self.open.last().map(|group| group.index),
            constant,
            appearance: line.appearance.map_or("", |(text, _)| text).to_owned(),
            part,
            ..Question::new(&name, kind)
        });
    }

    fn begin(&mut self, line: &Line<'_>, repeats: bool) {
        if self.open.len() == limits::DEPTH {
            self.findings.error(line.at, Problem::TooDeep { limit: limits::DEPTH });
        }
        if let Some((_, at)) = line.appearance {
            self.findings.warn(at, Problem::AppearanceIgnored);
        }
        let parent = self.open.last().map(|group| group.index);
        let name = self.name(line, Scope::Group(parent)).unwrap_or_default();
        let index = self.groups.len();
        self.groups.push(Group { label: line.label.clone(), parent, ..Group::new(&name) });
        let part = self.part(line);
        self.open.push(Open { name, row: line.row, repeats, part, index });
    }

    /// The part a row names, or that of the group around it.
    fn part(&mut self, line: &Line<'_>) -> Part {
        let around = self.open.last().map_or(Part::Case, |group| group.part);
        line.part(self.findings).unwrap_or(around)
    }

    fn end(&mut self, repeats: bool, at: Place<'_>) {
        match self.open.last() {
            Some(open) if open.repeats == repeats => {
                self.open.pop();
            }
            _ => self.findings.error(at, Problem::GroupNotBegun),
        }
    }

    /// The row's name, if it is a good one that nothing else has.
    fn name(&mut self, line: &Line<'_>, scope: Scope) -> Option<String> {
        if line.name.is_empty() {
            self.findings.error(line.at, Problem::NameMissing);
            return None;
        }
        if !is_name(line.name) {
            self.findings.error(line.name_at, Problem::NameBad { name: quoted(line.name) });
            return None;
        }
        let first = *self.names.entry((scope, line.name.to_owned())).or_insert(line.row);
        if first != line.row {
            self.findings.error(line.name_at, Problem::NameTwice { name: quoted(line.name), first });
            return None;
        }
        Some(line.name.to_owned())
    }
}
