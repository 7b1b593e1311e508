//! What must hold in every form, wherever it comes from.

use std::collections::BTreeSet;

use super::name::{is_id, is_name, is_word, quoted};
use super::{Form, Holder, Kind, Prepared, TaskFault, Unready, limits};

/// What does not hold in a form. Whoever wrote the form must act.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unsound {
    /// There is more of something than any form needs.
    #[error("there are more than {limit} {what}")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many would be accepted.
        limit: usize,
    },
    /// Something has a name it cannot have.
    #[error("`{name}` cannot name a {what}")]
    Name {
        /// What is named so.
        what: &'static str,
        /// Its name, shortened.
        name: String,
    },
    /// Two things have one name.
    #[error("there are two {what}s `{name}`")]
    Twice {
        /// What is named so.
        what: &'static str,
        /// Their name.
        name: String,
    },
    /// A question draws from a list that is not there.
    #[error("the question `{question}` draws from a missing list of choices")]
    List {
        /// The question's name.
        question: String,
    },
    /// A question or group lies in a group that is not there, or that comes after it.
    #[error("`{name}` lies in a missing group")]
    Group {
        /// Its name.
        name: String,
    },
    /// Answers to a question cannot be merged as it says.
    #[error("answers to the question `{question}` cannot be merged so")]
    Merge {
        /// The question's name.
        question: String,
    },
    /// A range has no beginning, end or step.
    #[error("the range of the question `{question}` is none")]
    Range {
        /// The question's name.
        question: String,
    },
    /// A table is not as wide as its columns, or is missing.
    #[error("the table `{table}` is missing or is no table")]
    Table {
        /// The table's name.
        table: String,
    },
    /// An expression cannot be used.
    #[error("{name}, {unready}")]
    Logic {
        /// The question or group it belongs to.
        name: String,
        /// What is wrong.
        unready: Box<Unready>,
    },
    /// A record that is sealed as a whole has parts for other circles.
    #[error("the question `{question}` belongs to a part, and records of a sealed form have none")]
    SealedPart {
        /// The question's name.
        question: String,
    },
    /// What questions say of tasks makes none.
    #[error("the question `{question}`: {fault}")]
    Task {
        /// The question's name.
        question: String,
        /// What is wrong.
        fault: TaskFault,
    },
    /// Groups lie too deep in each other.
    #[error("the group `{name}` lies more than {} deep in others", limits::DEPTH)]
    Depth {
        /// The innermost group's name.
        name: String,
    },
}

impl Form {
    /// Checks what other code relies on: names are unique and safe, lists and groups exist, a
    /// group comes after the one around it, and nothing is more than [`limits`] allow.
    ///
    /// # Errors
    /// The first thing that does not hold.
    pub fn is_sound(&self) -> Result<(), Unsound> {
        named("form", &self.id, is_id)?;
        named("version", &self.version, is_id)?;
        self.counts()?;
        let apart = self.questions.iter().find(|question| self.sealed && !question.part.is_case());
        if let Some(question) = apart {
            return Err(Unsound::SealedPart { question: question.name.clone() });
        }
        self.groups_are_sound()?;
        self.questions_are_sound()?;
        self.lists_are_sound()?;
        self.tables_are_sound()?;
        self.apart_is_sound()?;
        self.tasks_are_sound()?;
        self.logic_is_sound()
    }

    fn counts(&self) -> Result<(), Unsound> {
        let inside: usize = self.lists.values().map(Vec::len).sum();
        let lists = self.apart.values().filter(|apart| apart.is_list);
        let apart = lists.map(|apart| usize::try_from(apart.rows).unwrap_or(usize::MAX));
        let choices = apart.fold(inside, usize::saturating_add);
        for (what, count, limit) in [
            ("groups", self.groups.len(), limits::GROUPS),
            ("questions", self.questions.len(), limits::QUESTIONS),
            ("choices", choices, limits::CHOICES),
            ("tables", self.tables.len().saturating_add(self.apart.len()), limits::TABLES),
        ] {
            if count > limit {
                return Err(Unsound::TooMany { what, limit });
            }
        }
        Ok(())
    }

    fn groups_are_sound(&self) -> Result<(), Unsound> {
        let mut depths: Vec<usize> = Vec::with_capacity(self.groups.len());
        let mut repeats = BTreeSet::new();
        for group in &self.groups {
            named("group", &group.name, is_name)?;
            // Rows are named after their repeat, wherever it lies.
            if group.repeat.is_some() && !repeats.insert(&group.name) {
                return Err(Unsound::Twice { what: "repeat", name: quoted(&group.name) });
            }
            // Looking only at groups that came before also means that no group can lie in itself.
            let depth = match group.parent {
                None => 1,
                Some(parent) => {
                    let around = depths.get(parent);
                    around.ok_or_else(|| Unsound::Group { name: quoted(&group.name) })?.saturating_add(1)
                }
            };
            if depth > limits::DEPTH {
                return Err(Unsound::Depth { name: quoted(&group.name) });
            }
            depths.push(depth);
        }
        Ok(())
    }

    fn questions_are_sound(&self) -> Result<(), Unsound> {
        let mut names = BTreeSet::new();
        // Rows go by the name of their repeat, and stand in JSON beside questions.
        for group in self.groups.iter().filter(|group| group.repeat.is_some()) {
            if !names.insert(&group.name) {
                return Err(Unsound::Twice { what: "repeat", name: quoted(&group.name) });
            }
        }
        for question in &self.questions {
            named("question", &question.name, is_name)?;
            if !names.insert(&question.name) {
                return Err(Unsound::Twice { what: "question", name: quoted(&question.name) });
            }
            if question.group.is_some_and(|group| group >= self.groups.len()) {
                return Err(Unsound::Group { name: quoted(&question.name) });
            }
            if !question.merge().fits(&question.kind) && question.merge.is_some() {
                return Err(Unsound::Merge { question: quoted(&question.name) });
            }
            if question.kind == Kind::Range && question.range().is_none() {
                return Err(Unsound::Range { question: quoted(&question.name) });
            }
            let count = question.parameters.len().max(question.logic.trigger.len());
            if count > limits::PARAMETERS {
                return Err(Unsound::TooMany { what: "parameters", limit: limits::PARAMETERS });
            }
            if question.kind.list().is_some_and(|list| self.list(list).is_none()) {
                return Err(Unsound::List { question: quoted(&question.name) });
            }
        }
        Ok(())
    }

    fn lists_are_sound(&self) -> Result<(), Unsound> {
        for (list, choices) in &self.lists {
            named("list", list, is_word)?;
            let mut names = BTreeSet::new();
            for choice in choices {
                named("choice", &choice.name, is_word)?;
                if !names.insert(&choice.name) {
                    return Err(Unsound::Twice { what: "choice", name: quoted(&choice.name) });
                }
                if choice.columns.len() > limits::COLUMNS {
                    return Err(Unsound::TooMany { what: "columns", limit: limits::COLUMNS });
                }
            }
        }
        Ok(())
    }

    fn tables_are_sound(&self) -> Result<(), Unsound> {
        let mut cells = 0_usize;
        for (name, table) in &self.tables {
            named("table", name, is_word)?;
            if self.lists.contains_key(name) {
                return Err(Unsound::Twice { what: "list or table", name: quoted(name) });
            }
            if table.columns.len() > limits::COLUMNS {
                return Err(Unsound::TooMany { what: "columns", limit: limits::COLUMNS });
            }
            let mut columns = BTreeSet::new();
            for column in &table.columns {
                named("column", column, is_word)?;
                if !columns.insert(column) {
                    return Err(Unsound::Twice { what: "column", name: quoted(column) });
                }
            }
            if table.rows.iter().any(|row| row.len() != table.columns.len()) {
                return Err(Unsound::Table { table: quoted(name) });
            }
            cells = cells.saturating_add(table.rows.len().saturating_mul(table.columns.len()));
        }
        if cells > limits::CELLS {
            return Err(Unsound::TooMany { what: "cells in tables", limit: limits::CELLS });
        }
        Ok(())
    }

    fn tasks_are_sound(&self) -> Result<(), Unsound> {
        let Some((index, fault)) = self.task_faults().into_iter().next() else { return Ok(()) };
        let name = self.questions.get(index).map(|question| quoted(&question.name));
        Err(Unsound::Task { question: name.unwrap_or_default(), fault })
    }

    /// Every expression can be read, looks at questions, lists and tables that are there, and waits for nothing
    /// that waits for it.
    fn logic_is_sound(&self) -> Result<(), Unsound> {
        let prepared = Prepared::new(self).map_err(|wrong| {
            let first = wrong.into_iter().next();
            first.map_or(Unsound::Table { table: String::new() }, |unready| self.unsound(unready))
        })?;
        let missing = prepared.plan().tables().find(|table| {
            !self.lists.contains_key(*table)
                && !self.tables.contains_key(*table)
                && !self.apart.contains_key(*table)
        });
        missing.map_or(Ok(()), |table| Err(Unsound::Table { table: quoted(table) }))
    }

    fn unsound(&self, unready: Unready) -> Unsound {
        let holder = match &unready {
            Unready::Expression { holder, .. } => *holder,
            _ => Holder::Form,
        };
        let name = match holder {
            Holder::Question(index) => self.questions.get(index).map(|question| question.name.as_str()),
            Holder::Group(index) => self.groups.get(index).map(|group| group.name.as_str()),
            Holder::InstanceName => Some("instance_name"),
            Holder::Form => None,
        };
        Unsound::Logic { name: quoted(name.unwrap_or(&self.id)), unready: Box::new(unready) }
    }
}

fn named(what: &'static str, name: &str, fits: fn(&str) -> bool) -> Result<(), Unsound> {
    if fits(name) { Ok(()) } else { Err(Unsound::Name { what, name: quoted(name) }) }
}
