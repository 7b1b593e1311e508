//! One thing that another edition of a form does differently, and how it is told.

use std::fmt;

use crate::form::name::quoted;

/// One thing that is different.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The name of what it is about: a question, a group, `list/choice`, a table, a language; empty for the whole
    /// form.
    pub name: String,
    /// What is different about it.
    pub change: Change,
}

/// What can be different. The words for machines are those of [`Change::name`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
#[allow(missing_docs, reason = "each says itself what it is, and `told` says it for people")]
pub enum Change {
    QuestionRemoved,
    KindChanged,
    MergeChanged,
    PartChanged,
    RowsChanged,
    ListChanged,
    PlacesChanged,
    LessSensitive,
    ChoiceRemoved,
    QuestionAdded,
    ChoiceAdded,
    Required,
    NotRequired,
    LogicChanged,
    TaskChanged,
    MoreSensitive,
    QuestionReworded,
    ChoiceReworded,
    ColumnsChanged,
    GroupAdded,
    GroupRemoved,
    GroupChanged,
    TableChanged,
    LanguageAdded,
    LanguageRemoved,
    OrderChanged,
    TitleChanged,
}

impl Change {
    /// The word for machines.
    pub fn name(self) -> &'static str {
        self.words().0
    }

    /// Whether a person decides before a record goes along.
    pub fn asks(self) -> bool {
        self <= Self::ChoiceRemoved
    }

    /// For machines, and for people; `{}` stands for the name.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::QuestionRemoved => {
                ("question_removed", "{} is no longer asked; what was answered is kept and shown apart")
            }
            Self::KindChanged => (
                "kind_changed",
                "{} takes another kind of answer; records that move on keep the answer they have and take no \
                 other: better give the new question a name of its own",
            ),
            Self::MergeChanged => (
                "merge_changed",
                "two answers to {} at the same time mean something else; records that move on keep the answer \
                 they have and take no other: better give the new question a name of its own",
            ),
            Self::PartChanged => (
                "part_changed",
                "{} belongs to another part, so other people see it; what was answered stays where it is",
            ),
            Self::RowsChanged => (
                "rows_changed",
                "{} is asked in other rows; records that move on keep the answers they have and take no other: \
                 better give the new question a name of its own",
            ),
            Self::ListChanged => ("list_changed", "{} offers the choices of another list"),
            Self::PlacesChanged => (
                "places_changed",
                "the choices of {}, of which the worse one counts, stand in other places: answers given at the \
                 same time under both editions may be weighed wrongly",
            ),
            Self::LessSensitive => ("less_sensitive", "{} is no longer taken for as dangerous as it was"),
            Self::ChoiceRemoved => {
                ("choice_removed", "{} is no longer offered; where it was chosen it stays and is shown apart")
            }
            Self::QuestionAdded => ("question_added", "{} is asked"),
            Self::ChoiceAdded => ("choice_added", "{} is offered"),
            Self::Required => ("required", "{} must be answered"),
            Self::NotRequired => ("not_required", "{} need not be answered"),
            Self::LogicChanged => ("logic_changed", "{} has other conditions, checks or calculations"),
            Self::TaskChanged => ("task_changed", "{} says something else of tasks, or nothing"),
            Self::MoreSensitive => ("more_sensitive", "{} is taken for more dangerous than it was"),
            Self::QuestionReworded => ("question_reworded", "{} is asked in other words or pictures"),
            Self::ChoiceReworded => ("choice_reworded", "{} is called otherwise"),
            Self::ColumnsChanged => ("columns_changed", "{} has other columns for filters"),
            Self::GroupAdded => ("group_added", "the group {} is there"),
            Self::GroupRemoved => {
                ("group_removed", "the group {} is gone; its questions are told one by one")
            }
            Self::GroupChanged => ("group_changed", "the group {} has other words or conditions"),
            Self::TableChanged => ("table_changed", "the table {} is another one"),
            Self::LanguageAdded => ("language_added", "it can be read in {}"),
            Self::LanguageRemoved => ("language_removed", "it can no longer be read in {}"),
            Self::OrderChanged => {
                ("order_changed", "questions or choices stand in another order, or in other groups")
            }
            Self::TitleChanged => ("title_changed", "it is called otherwise, or its records are"),
        }
    }
}

impl Difference {
    /// Whether a person decides before a record goes along with it.
    pub fn asks(&self) -> bool {
        self.change.asks()
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let told = self.change.words().1;
        match told.split_once("{}") {
            None => f.write_str(told),
            // Of all names only a language's may be empty.
            Some((before, after)) if self.name.is_empty() => {
                write!(f, "{before}no language in particular{after}")
            }
            Some((before, after)) => write!(f, "{before}`{}`{after}", quoted(&self.name)),
        }
    }
}
