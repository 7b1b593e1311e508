//! The survey sheet: groups and questions.

use std::collections::BTreeMap;

use super::book::Sheet;
use super::choices::Lists;
use super::columns::Table;
use super::companions::Companions;
use super::finding::{Findings, Place};
use super::kinds::{self, How, Word};
use super::line::{Line, Role, role};
use super::origins::Origins;
use super::{Problem, logic};
use crate::form::name::{is_name, quoted};
use crate::form::{Choice, Group, Kind, Part, Question, Repeat, Translations, limits};

/// What stands in the survey sheet.
#[derive(Default)]
pub(super) struct Read {
    pub(super) groups: Vec<Group>,
    pub(super) questions: Vec<Question>,
    pub(super) origins: Origins,
    /// Tables that rows of the type `csv-external` name.
    pub(super) tables: Vec<(String, u32)>,
}

/// What stands in the survey sheet, as far as it can be read. Lists from files and choices for "other" are added
/// to `lists`; `external` are those of the sheet `external_choices`.
pub(super) fn read(
    sheet: &Sheet,
    lists: &mut Lists,
    external: Lists,
    companions: &mut Companions<'_>,
    findings: &mut Findings,
) -> Read {
    let table = Table::read(sheet, role, |role| *role == Role::Ignored, findings);
    table.note_ignored(|role| *role == Role::Ignored, findings);
    let place = Place::sheet(&sheet.name);
    let names = BTreeMap::new();
    let mut survey =
        Survey { lists, external, companions, open: Vec::new(), names, read: Read::default(), findings };
    if sheet.rows.is_empty() {
        survey.findings.error(place, Problem::Empty);
        return survey.read;
    }
    let before = survey.findings.errors.len();
    for (role, column) in [(Role::Type, "type"), (Role::Name, "name")] {
        if table.column(&role).is_none() {
            survey.findings.error(place.row(table.top), Problem::ColumnMissing { column });
        }
    }
    if survey.findings.errors.len() > before {
        return survey.read;
    }
    let rows = table.rows(survey.findings);
    let lines: Vec<Line<'_>> =
        rows.into_iter().map(|filled| Line::read(place, filled, table.column(&Role::Name))).collect();
    lines.iter().for_each(|line| survey.line(line));
    for open in std::mem::take(&mut survey.open) {
        survey.findings.error(place.row(open.row), Problem::GroupNotEnded { name: quoted(&open.name) });
    }
    if survey.read.questions.is_empty() && survey.findings.errors.len() == before {
        survey.findings.error(place, Problem::Empty);
    }
    for line in lines.iter().filter(|line| !line.is_disabled()) {
        survey.note_references(line);
    }
    survey.read
}

struct Survey<'a, 'c, 'f> {
    lists: &'a mut Lists,
    external: Lists,
    companions: &'a mut Companions<'c>,
    /// Groups begun and not yet ended, outermost first.
    open: Vec<Open>,
    /// Where each name was used first: a question's in the whole form, a group's among its siblings.
    names: BTreeMap<(Scope, String), u32>,
    read: Read,
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
    /// Rows are named after their repeat, wherever it lies.
    Repeats,
}

impl Survey<'_, '_, '_> {
    fn line(&mut self, line: &Line<'_>) {
        let Some((kind, kind_at)) = line.kind() else {
            return self.without_type(line);
        };
        if line.is_disabled() {
            return self.findings.warn(line.at, Problem::RowDisabled);
        }
        line.note_unsupported(self.findings);
        let word = kind.split_whitespace().collect::<Vec<_>>().join(" ");
        match kinds::read(&word) {
            Word::Question(kind) => self.question(line, kind),
            Word::Select { list, how, other } => self.select(line, list, how, other, kind_at),
            Word::Table => self.read.tables.push((line.name.to_owned(), line.row)),
            Word::BeginGroup => self.begin(line, false),
            Word::BeginRepeat => self.begin(line, true),
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
        if line.is_remark() {
            self.findings.warn(line.at, Problem::RowIgnored);
        } else {
            self.findings.error(line.at, Problem::TypeMissing);
        }
    }

    fn select(&mut self, line: &Line<'_>, list: &str, how: How, other: bool, at: Place<'_>) {
        let list = match how {
            How::OneOfFile | How::ManyOfFile => {
                let parameters = logic::parameters(line, &mut Findings::default());
                self.companions.list(list, &parameters, at, self.lists, self.findings)
            }
            How::External => {
                let found = self.external.get(list).cloned();
                if let Some(choices) = found {
                    self.lists.entry(list.to_owned()).or_insert(choices);
                }
                self.listed(list, at)
            }
            _ => self.listed(list, at),
        };
        // What is wrong with the rest of the row is told all the same.
        let found = list.is_some();
        let list = list.unwrap_or_default();
        self.question(
            line,
            match how {
                How::One | How::External | How::OneOfFile => Kind::SelectOne(list.clone()),
                How::Many | How::ManyOfFile => Kind::SelectMultiple(list.clone()),
                How::Ranked => Kind::Rank(list.clone()),
            },
        );
        if other && found {
            self.other(line, &list, at);
        }
    }

    fn listed(&mut self, list: &str, at: Place<'_>) -> Option<String> {
        if list.is_empty() {
            self.findings.error(at, Problem::ListMissing);
        } else if !self.lists.contains_key(list) && !self.companions.has_apart(list) {
            self.findings.error(at, Problem::ListUnknown { list: quoted(list) });
        } else {
            return Some(list.to_owned());
        }
        None
    }

    /// `or_other` adds a choice to the list and a question after this one.
    fn other(&mut self, line: &Line<'_>, list: &str, at: Place<'_>) {
        if let Some((_, at)) = line.cell(&Role::ChoiceFilter) {
            return self.findings.error(at, Problem::OtherFiltered);
        }
        if self.companions.has_apart(list) {
            return self.findings.error(at, Problem::OtherApart { list: quoted(list) });
        }
        let choices = self.lists.entry(list.to_owned()).or_default();
        if !choices.iter().any(|choice| choice.name == OTHER) {
            if choices.iter().any(|choice| choice.label.keys().any(|language| !language.is_empty())) {
                self.findings.warn(at, Problem::OtherUntranslated { list: quoted(list) });
            }
            choices.push(Choice::new(OTHER, "Other"));
        }
        let name = format!("{}_{OTHER}", line.name);
        let first = *self.names.entry((Scope::Form, name.clone())).or_insert(line.row);
        if first != line.row {
            return self.findings.error(line.name_at, Problem::NameTwice { name: quoted(&name), first });
        }
        let mut question = Question::new(&name, Kind::Text);
        question.label = Translations::from([(String::new(), "Specify other.".to_owned())]);
        question.logic.relevant = Some(format!("selected(${{{}}}, '{OTHER}')", line.name));
        question.group = self.open.last().map(|group| group.index);
        question.part = self.part(line);
        self.read.questions.push(question);
        self.read.origins.questions.push(line.row);
    }

    fn question(&mut self, line: &Line<'_>, kind: Kind) {
        let (kind, merge) = line.kind_with_merge(kind, self.findings);
        let said = logic::of_question(line, &kind, &mut self.read.origins, self.findings);
        line.note_label(&kind, self.findings);
        if let (Kind::Metadata(_), Some((_, at))) = (&kind, line.kind()) {
            self.findings.warn(at, Problem::NeverTold);
        }
        let name = if kind == Kind::Note && line.name.is_empty() {
            // Other tools let a note be nameless; nobody answers it, so any name will do.
            Some(format!("generated_note_name_{}", line.row))
        } else {
            self.name(line, Scope::Form)
        };
        let part = self.part(line);
        let (media, sensitivity) = (line.media(self.findings), line.sensitivity(self.findings));
        let parameters = logic::parameters(line, self.findings);
        let task = line.task(self.findings);
        let Some(name) = name else { return };
        let question = Question {
            label: line.label(),
            hint: line.hint(),
            required: said.required,
            group: self.open.last().map(|group| group.index),
            constant: said.constant,
            appearance: line.appearance().to_owned(),
            part,
            logic: said.logic,
            merge,
            sensitivity,
            media,
            guidance_hint: line.guidance(),
            parameters,
            task,
            ..Question::new(&name, kind)
        };
        if let (Kind::Range, None, Some((_, at))) =
            (&question.kind, question.range(), line.cell(&Role::Parameters))
        {
            self.findings.error(at, Problem::RangeBad);
        }
        self.read.questions.push(question);
        self.read.origins.questions.push(line.row);
    }

    fn begin(&mut self, line: &Line<'_>, repeats: bool) {
        if self.open.len() == limits::DEPTH {
            self.findings.error(line.at, Problem::TooDeep { limit: limits::DEPTH });
        }
        let parent = self.open.last().map(|group| group.index);
        let name = self.name(line, Scope::Group(parent));
        let name = name.filter(|_| !repeats || self.name(line, Scope::Repeats).is_some()).unwrap_or_default();
        let index = self.read.groups.len();
        let (relevant, count) = logic::of_group(line, repeats, &mut self.read.origins, self.findings);
        self.read.groups.push(Group {
            name: name.clone(),
            label: line.label(),
            parent,
            repeat: repeats.then_some(Repeat { count }),
            relevant,
            appearance: line.appearance().to_owned(),
        });
        self.read.origins.groups.push(line.row);
        let part = self.part(line);
        self.open.push(Open { name, row: line.row, repeats, part, index });
    }

    /// Names in texts that people read: `${name}` shows an answer.
    fn note_references(&mut self, line: &Line<'_>) {
        for (text, at) in line.shown_texts() {
            for name in crate::form::references(text) {
                let known = |scope: &Scope| self.names.contains_key(&(*scope, name.to_owned()));
                if !known(&Scope::Form) {
                    self.findings.error(at, Problem::ReferenceUnknown { name: quoted(name) });
                }
            }
        }
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

/// The name of the choice that `or_other` adds, and what the name of its question ends with.
const OTHER: &str = "other";
