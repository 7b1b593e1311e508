//! What must hold in every form, wherever it comes from.

use std::collections::BTreeSet;

use super::name::{is_id, is_name, is_word, quoted};
use super::{Form, limits};

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
        self.groups_are_sound()?;
        self.questions_are_sound()?;
        self.lists_are_sound()
    }

    fn counts(&self) -> Result<(), Unsound> {
        let choices = self.lists.values().map(Vec::len).sum();
        for (what, count, limit) in [
            ("groups", self.groups.len(), limits::GROUPS),
            ("questions", self.questions.len(), limits::QUESTIONS),
            ("choices", choices, limits::CHOICES),
        ] {
            if count > limit {
                return Err(Unsound::TooMany { what, limit });
            }
        }
        Ok(())
    }

    fn groups_are_sound(&self) -> Result<(), Unsound> {
        let mut depths: Vec<usize> = Vec::with_capacity(self.groups.len());
        for group in &self.groups {
            named("group", &group.name, is_name)?;
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
        for question in &self.questions {
            named("question", &question.name, is_name)?;
            if !names.insert(&question.name) {
                return Err(Unsound::Twice { what: "question", name: quoted(&question.name) });
            }
            if question.group.is_some_and(|group| group >= self.groups.len()) {
                return Err(Unsound::Group { name: quoted(&question.name) });
            }
            if question.kind.list().is_some_and(|list| !self.lists.contains_key(list)) {
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
            }
        }
        Ok(())
    }
}

fn named(what: &'static str, name: &str, fits: fn(&str) -> bool) -> Result<(), Unsound> {
    if fits(name) { Ok(()) } else { Err(Unsound::Name { what, name: quoted(name) }) }
}
