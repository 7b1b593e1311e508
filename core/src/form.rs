//! What may be asked: the definition of a form, and what an answer to it may be.
//!
//! A form is data. XLSForm is how it is exchanged with people and other tools (`xlsform`); between
//! devices it travels as canonical bytes ([`Form::encode`]) inside a signed segment.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

mod answer;
pub mod apart;
mod attached;
#[cfg(feature = "office")]
pub mod built_in;
mod bytes;
mod check;
mod choices;
mod choose;
mod digits;
pub mod edition;
pub mod expression;
mod fault;
pub mod field;
mod json;
mod language;
pub mod limits;
mod logic;
mod media;
mod merge;
mod missing;
mod moment;
mod name;
mod number;
mod parse;
mod part;
mod place;
mod prepare;
mod question;
mod range;
mod reference;
pub mod rows;
mod sensitivity;
pub mod session;
mod sheet;
mod sound;
mod steps;
mod table;
mod task;
#[cfg(test)]
mod tests;
#[cfg(feature = "office")]
pub mod xlsform;

pub use answer::{Answer, Answers, Entry};
pub use apart::Apart;
pub use attached::{AttachmentRef, FileAnswer};
pub use bytes::FormError;
pub use choices::{Choices, Offered};
pub use digits::latin;
pub use fault::{Fault, Rule};
pub use json::answers_to_json;
pub use language::{is_right_to_left, text_in};
pub use logic::{Logic, Preset, Repeat};
pub use media::Media;
pub use merge::Merge;
pub use missing::Missing;
pub use moment::is_day;
pub use part::Part;
pub use prepare::{Holder, Prepared, Unready};
pub use question::{Kind, Metadata, Question};
pub use range::Range;
#[cfg(feature = "office")]
use reference::references;
pub use sensitivity::Sensitivity;
pub use sheet::Sheet;
pub use sound::Unsound;
pub use steps::{Step, steps};
pub use table::Table;
pub use task::{TaskFault, TaskQuestions, TaskRole};

/// A piece of text in each language the form gives it in. The key is the language as the form
/// names it (`English (en)`), or empty for text without a language.
pub type Translations = BTreeMap<String, String>;

/// A definition of what may be asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Form {
    /// The form's name for machines, stable over versions.
    pub id: String,
    /// Which edition of it.
    pub version: String,
    /// The form's name for people.
    pub title: Translations,
    /// The language to show when the reader's own is missing; empty when the form names none.
    pub default_language: String,
    /// Groups, outermost first; a question names its group by index.
    pub groups: Vec<Group>,
    /// All questions in the order they are asked.
    pub questions: Vec<Question>,
    /// Choice lists by name.
    pub lists: BTreeMap<String, Vec<Choice>>,
    /// Tables that expressions look into, by name. No list has the name of a table.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tables: BTreeMap<String, Table>,
    /// Lists and tables that are too large to travel inside, by name. None has the name of a list or table.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub apart: BTreeMap<String, Apart>,
    /// An expression that names one record of this form for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance_name: Option<String>,
    /// Whether a record of it is sealed to the office when it is finished: what the phone could open goes.
    #[serde(default, skip_serializing_if = "is_false")]
    pub sealed: bool,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

/// Questions that belong together.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// Its name for machines.
    pub name: String,
    /// Its heading.
    pub label: Translations,
    /// The group around it.
    pub parent: Option<usize>,
    /// Whether it is filled any number of times, and how often.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeat: Option<Repeat>,
    /// An expression: when it is asked at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relevant: Option<String>,
    /// How other tools should show it; kept as written.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub appearance: String,
}

/// One choice of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// Its name for machines. Never holds `/` or a blank.
    pub name: String,
    /// Its name for people.
    pub label: Translations,
    /// What else its list says of it; filters and calculations look at it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub columns: BTreeMap<String, String>,
    /// Pictures and sounds of it.
    #[serde(default, skip_serializing_if = "Media::is_empty")]
    pub media: Media,
}

impl Group {
    /// A group of that name that lies in no other and says nothing more.
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }
}

impl Choice {
    /// A choice of that name; `label` is what people read, in no language in particular.
    pub fn new(name: &str, label: &str) -> Self {
        let label = Translations::from([(String::new(), label.to_owned())]);
        Self { name: name.to_owned(), label, ..Self::default() }
    }

    /// A choice that is shown by its name.
    pub fn unlabelled(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }
}

impl Form {
    /// A form that asks nothing yet.
    pub fn new(id: &str, version: &str) -> Self {
        Self {
            id: id.to_owned(),
            version: version.to_owned(),
            title: Translations::new(),
            default_language: String::new(),
            groups: Vec::new(),
            questions: Vec::new(),
            lists: BTreeMap::new(),
            tables: BTreeMap::new(),
            apart: BTreeMap::new(),
            instance_name: None,
            sealed: false,
        }
    }

    /// The question of that name.
    pub fn question(&self, name: &str) -> Option<&Question> {
        self.questions.iter().find(|question| question.name == name)
    }

    /// The parts a record of this form can have; [`Part::Case`] always is one.
    pub fn parts(&self) -> BTreeSet<Part> {
        let asked = self.questions.iter().map(|question| question.part);
        asked.chain([Part::Case]).collect()
    }

    /// The answers that belong to one part.
    pub fn of_part(&self, part: Part, answers: &Answers) -> Answers {
        self.given_of_part(part, answers)
    }

    /// The groups that repeat around a question, by index, the outermost first.
    pub fn repeats_of(&self, question: &Question) -> Vec<usize> {
        let mut around = self.ancestry(question.group);
        around.retain(|group| self.groups.get(*group).is_some_and(|group| group.repeat.is_some()));
        around
    }

    /// A group and those around it, by index, the outermost first.
    pub fn ancestry(&self, innermost: Option<usize>) -> Vec<usize> {
        let mut line = Vec::new();
        let mut next = innermost;
        while let Some(index) = next {
            line.push(index);
            // A group that is not after its parent is refused when a form is read; here it ends the line.
            let parent = self.groups.get(index).and_then(|group| group.parent);
            next = parent.filter(|parent| *parent < index);
        }
        line.reverse();
        line
    }
}
