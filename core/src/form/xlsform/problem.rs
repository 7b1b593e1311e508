//! What can be wrong in a spreadsheet form, and what to write instead.
//!
//! Texts quoted here are the form's own, shortened; a form holds no answers.

use crate::form::expression::ExpressionError;
use crate::form::{Rule, TaskFault, TaskRole};

/// What is wrong in a spreadsheet form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[allow(missing_docs, reason = "each variant is documented by the sentence it displays")]
pub enum Problem {
    // The sheets and their headings.
    #[error("the sheet is missing")]
    SheetMissing,
    #[error("there is no question in it")]
    Empty,
    #[error("the column `{column}` is missing")]
    ColumnMissing { column: &'static str },
    #[error("this column stands there twice")]
    ColumnTwice,
    #[error("the cell shows {shown} instead of a value")]
    Broken { shown: String },
    #[error("more than {limit} columns have a heading")]
    ColumnsMany { limit: usize },
    #[error("the text is longer than {limit} letters")]
    CellTooLong { limit: usize },

    // The survey sheet.
    #[error("the row has no type")]
    TypeMissing,
    #[error("`{kind}` is not a type of question (question `{name}`)")]
    TypeUnknown { kind: String, name: String },
    #[error("the type `{kind}` is not supported yet (question `{name}`)")]
    TypeUnsupported { kind: String, name: String },
    #[error("the row has no name")]
    NameMissing,
    #[error("`{name}` cannot be a name")]
    NameBad { name: String },
    #[error("the name `{name}` is used before, in row {first}")]
    NameTwice { name: String, first: u32 },
    #[error("the type names no list of choices")]
    ListMissing,
    #[error("there is no list `{list}` of choices")]
    ListUnknown { list: String },
    #[error("this logic is not supported yet, and leaving it out would change what the form asks or keeps")]
    LogicUnsupported,
    #[error("{error}")]
    Expression { error: ExpressionError },
    #[error("these questions need each other's answers: {names}")]
    Circle { names: String },
    #[error("the expressions of this form look at too many answers")]
    TooMuchLogic,
    #[error("the text refers to `{name}`, and no question is called so")]
    ReferenceUnknown { name: String },
    #[error("only a question with choices can have a choice_filter")]
    FilterMisplaced,
    #[error("only a question with a calculation can have a trigger")]
    TriggerMisplaced,
    #[error("`{text}` names no question")]
    TriggerBad { text: String },
    #[error("only `begin_repeat` can have a repeat_count")]
    CountMisplaced,
    #[error("a group has no answer, so this means nothing here")]
    LogicOnGroup,
    #[error("`{text}` is no parameter")]
    ParametersBad { text: String },
    #[error("these parameters are no range")]
    RangeBad,
    #[error("this default is no answer to the question: {rule}")]
    DefaultBad { rule: Rule },
    #[error("`{name}` cannot be the name of a file")]
    MediaBad { name: String },
    #[error("`or_other` and a choice_filter do not go together: the added choice would be filtered out")]
    OtherFiltered,
    #[error("a sensitivity is a number from 0 to 4")]
    SensitivityBad,
    #[error("the calculation is missing")]
    CalculationMissing,
    #[error("`{merge}` is no way to merge answers")]
    MergeUnknown { merge: String },
    #[error("answers of this type cannot be merged as `{merge}`")]
    MergeMisfit { merge: &'static str },
    #[error("`{part}` is no part of a record")]
    PartUnknown { part: String },
    #[error("`{role}` is nothing that a question says of a task")]
    TaskUnknown { role: String },
    #[error("{fault}")]
    TaskBad { fault: TaskFault },
    #[error("this ends a group that was not begun")]
    GroupNotBegun,
    #[error("the group `{name}` is not ended")]
    GroupNotEnded { name: String },
    #[error("groups lie more than {limit} deep in each other")]
    TooDeep { limit: usize },

    // The choices sheet.
    #[error("the choice belongs to no list")]
    ChoiceListMissing,
    #[error("`{name}` cannot name a choice or a list")]
    ChoiceNameBad { name: String },
    #[error("the choice `{name}` is in this list before, in row {first}")]
    ChoiceTwice { name: String, first: u32 },

    // Files beside the form.
    #[error("the file `{file}` is missing")]
    FileMissing { file: String },
    #[error("{why}")]
    FileBad { why: String },
    #[error("`{file}` is no table that can be used")]
    FileKind { file: String },
    #[error("the first row of `{file}` does not give each column a name of its own")]
    FileHeadings { file: String },
    #[error("`{file}` has no column `{column}`")]
    FileColumn { file: String, column: String },
    #[error("`{name}` in `{file}` cannot name a choice")]
    FileChoice { file: String, name: String },
    #[error("the choice `{name}` stands in `{file}` twice")]
    FileTwice { file: String, name: String },
    #[error("`or_other` cannot add a choice to the list `{list}`, which is too large to stand in the form")]
    OtherApart { list: String },
    #[error("there are two different lists `{list}`")]
    FileNamedTwice { list: String },

    // The settings sheet.
    #[error("`{id}` cannot be a form's id")]
    IdBad { id: String },

    // The form as a whole.
    #[error("the form has a fault: {fault}")]
    Unsound { fault: super::super::Unsound },
    #[error("the form is too large to send to a phone: {octets} octets, and {limit} are allowed")]
    FormTooLarge { octets: usize, limit: usize },

    // Warnings.
    #[error("there is no text to show for `{name}`")]
    LabelMissing { name: String },
    #[error("the text refers to an answer; in a choice the reference is shown as it is written")]
    LabelReference,
    #[error("this column is not used by Cairn")]
    ColumnIgnored,
    #[error("there is something under a column without a heading; it is left out")]
    HeadingMissing,
    #[error("whether records are sealed must be `yes` or `no`")]
    SealedBad,
    #[error("the row has neither type nor name nor label; it is left out")]
    RowIgnored,
    #[error("only the first row of settings counts; this one is left out")]
    SettingsTwice,
    #[error("the row is disabled; it is left out")]
    RowDisabled,
    #[error("Cairn tells a form nothing of the device or its owner; this stays unanswered")]
    NeverTold,
    #[error("`or_other` adds a choice `other` to the list `{list}` that is called Other in every language")]
    OtherUntranslated { list: String },
    #[error("nobody answers a question of this type; that it is required is left out")]
    RequiredIgnored,
    #[error("the form has no version; it is called version {used}")]
    VersionMissing { used: &'static str },
    #[error("no text of the form is in the language `{language}`")]
    LanguageUnknown { language: String },
}

impl Problem {
    /// What to do about it: what to write instead.
    pub fn advice(&self) -> String {
        match self {
            Self::SheetMissing => "add a sheet of that name".into(),
            Self::Empty => "write at least one row with a type and a name".into(),
            Self::ColumnMissing { column } => format!("write the heading `{column}` in the first row"),
            Self::ColumnTwice => "keep one of the two, or name a language in each: `label::English (en)`".into(),
            Self::Broken { .. } => "correct the formula or write the value itself".into(),
            Self::ColumnsMany { .. } => "remove columns that belong to no question".into(),
            Self::CellTooLong { .. } => "shorten it".into(),
            Self::TypeMissing => "write a type, for example `text`".into(),
            Self::TypeUnknown { .. } => "write one of the types in docs/FORMS.md".into(),
            Self::TypeUnsupported { .. } => {
                "use another type from docs/FORMS.md, or remove the row until Cairn supports it".into()
            }
            Self::NameMissing => "write a short name without blanks, for example `first_name`".into(),
            Self::NameBad { .. } => {
                "begin with a letter or `_`, then only letters, digits, `_`, `-` and `.`; for example `first_name`"
                    .into()
            }
            Self::NameTwice { .. } => "give each question another name".into(),
            Self::ListMissing => "write the list's name after the type: `select_one yes_no`".into(),
            Self::ListUnknown { list } => {
                format!("write `{list}` under list_name in the choices sheet, one row for each choice")
            }
            Self::LogicUnsupported => "empty the cell, or wait with this form until Cairn supports it".into(),
            // It says itself what to write instead.
            Self::Expression { .. } => "see docs/FORMS-ODK.md for what can be written".into(),
            Self::Circle { .. } => "take one of the references away".into(),
            Self::TooMuchLogic => "write `${name}` instead of paths with `*` or `//`".into(),
            Self::ReferenceUnknown { .. } => "write the name of a question of this form".into(),
            Self::FilterMisplaced | Self::TriggerMisplaced | Self::LogicOnGroup => "empty the cell".into(),
            Self::TriggerBad { .. } => "write `${name}`, or several with commas between".into(),
            Self::CountMisplaced => "empty the cell, or change the type to `begin_repeat`".into(),
            Self::ParametersBad { .. } => "write name=value, with blanks between: `start=0 end=10 step=1`".into(),
            Self::RangeBad => "write numbers, with a step that is not 0 and not larger than the range: `start=0 end=10 step=1`".into(),
            Self::DefaultBad { .. } => "write what somebody could answer; a choice by its name".into(),
            Self::MediaBad { .. } => "write the name alone, without a folder: `picture.png`".into(),
            Self::OtherFiltered => "write the choice and the question for it yourself".into(),
            Self::SealedBad => "write yes, or no; or leave it empty".into(),
            Self::SensitivityBad => {
                "write 0 (administrative), 1 (coded), 2 (quasi-identifier), 3 (identifier) or 4 (life-safety)".into()
            }
            Self::CalculationMissing => "write what answers it under calculation, for example `${a} + 1` or `'abc'`".into(),
            Self::MergeUnknown { .. } => "write imm, mv, set, log, txt, max or ctr, or empty the cell".into(),
            Self::MergeMisfit { .. } => "empty the cell, or see docs/FORMS.md for what fits the type".into(),
            Self::FileMissing { .. } => "put it beside the form, or into a folder `media` there".into(),
            Self::FileBad { .. } => "correct the file".into(),
            Self::FileKind { .. } => "save it as .csv in UTF-8 and name it so, without blanks".into(),
            Self::FileHeadings { .. } => "write short names without blanks in its first row, each once".into(),
            Self::FileColumn { .. } => {
                "add the column, or name another under parameters: `value=code label=title`".into()
            }
            Self::FileChoice { .. } => "write one word without `/`".into(),
            Self::FileTwice { .. } => "give each choice another name".into(),
            Self::OtherApart { .. } => "write a choice `other` into the file, and ask for the rest in a question".into(),
            Self::FileNamedTwice { .. } => "give one of them another name".into(),
            Self::PartUnknown { .. } => "write case, identity, health, legal, shelter or intel".into(),
            Self::TaskUnknown { .. } => "write what, due, who or done, or empty the cell".into(),
            Self::TaskBad { fault } => task_advice(*fault).into(),
            Self::GroupNotBegun => "remove the row, or write `begin_group` before".into(),
            Self::GroupNotEnded { .. } => "write `end_group` after its last question".into(),
            Self::TooDeep { .. } => "make the form flatter".into(),
            Self::ChoiceListMissing => "write the name of its list under list_name".into(),
            Self::ChoiceNameBad { .. } => "write one word without `/`, for example `not_known`".into(),
            Self::ChoiceTwice { .. } => "give each choice of a list another name".into(),
            Self::IdBad { .. } => "write a short name under form_id".into(),
            Self::Unsound { .. } => "correct it and read the form again".into(),
            Self::FormTooLarge { .. } => "split the form, or shorten lists with pictures or sounds: other long lists travel apart".into(),
            Self::LabelMissing { .. } => "write one under label; until then the name is shown".into(),
            Self::LabelReference => "write the text so that it needs no `${…}`".into(),
            Self::ColumnIgnored => "nothing need be done".into(),
            Self::HeadingMissing => "write a heading in the first row, or empty the cells".into(),
            Self::RowIgnored => "nothing need be done if it is a remark".into(),
            Self::SettingsTwice => "write one setting in each column, in the row under the headings".into(),
            Self::RowDisabled => "nothing need be done".into(),
            Self::NeverTold => "nothing need be done".into(),
            Self::OtherUntranslated { .. } => {
                "write the choice `other` into the list yourself, in each language".into()
            }
            Self::RequiredIgnored => "empty the cell".into(),
            Self::VersionMissing { .. } => {
                "write one under version in the settings sheet, and another each time the form changes".into()
            }
            Self::LanguageUnknown { .. } => {
                "write default_language exactly like after `label::`, for example `English (en)`".into()
            }
        }
    }
}

fn task_advice(fault: TaskFault) -> &'static str {
    match fault {
        TaskFault::Misfit { role: TaskRole::What } => "change its type to `text`",
        TaskFault::Misfit { role: TaskRole::Due } => "change its type to `date`",
        TaskFault::Misfit { role: TaskRole::Who } => "change its type to `text`, without `multiline`",
        TaskFault::Misfit { role: TaskRole::Done } => {
            "make it a `select_one` with a list that has the choice `yes`, or `acknowledge`, without a calculation and not merged as `imm`"
        }
        TaskFault::Twice { .. } => "empty one of the two cells",
        TaskFault::Missing { .. } => "write it beside a question of the same rows, or empty the cells",
        TaskFault::Parts => "name the same part for all questions of the task",
    }
}
