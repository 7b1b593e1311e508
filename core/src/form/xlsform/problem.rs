//! What can be wrong in a spreadsheet form, and what to write instead.
//!
//! Texts quoted here are the form's own, shortened; a form holds no answers.

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
    #[error("whether an answer is required can only be `yes` or `no` yet")]
    RequiredUnsupported,
    #[error("only a constant can be calculated yet")]
    CalculationUnsupported,
    #[error("only the type `calculate` can have a calculation yet")]
    CalculationMisplaced,
    #[error("the calculation is missing")]
    CalculationMissing,
    #[error("`{merge}` does not fit the type or is not supported yet")]
    MergeUnsupported { merge: String },
    #[error("`{part}` is no part of a record")]
    PartUnknown { part: String },
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
    #[error("the text refers to an answer; the reference is shown as it is written")]
    LabelReference,
    #[error("this column is not used by Cairn")]
    ColumnIgnored,
    #[error("there is something under a column without a heading; it is left out")]
    HeadingMissing,
    #[error("the row has neither type nor name nor label; it is left out")]
    RowIgnored,
    #[error("only the first row of settings counts; this one is left out")]
    SettingsTwice,
    #[error("the row is disabled; it is left out")]
    RowDisabled,
    #[error("the appearance of a group is not used by Cairn")]
    AppearanceIgnored,
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
            Self::RequiredUnsupported => "write `yes` or `no`".into(),
            Self::CalculationUnsupported => "write a number, or a text in quotes: `'abc'`".into(),
            Self::CalculationMisplaced => "empty the cell, or change the type to `calculate`".into(),
            Self::CalculationMissing => "write a number, or a text in quotes: `'abc'`, under calculation".into(),
            Self::MergeUnsupported { .. } => "write `txt` for long text of the type `text`, else empty the cell".into(),
            Self::PartUnknown { .. } => "write case, identity, health, legal, shelter or intel".into(),
            Self::GroupNotBegun => "remove the row, or write `begin_group` before".into(),
            Self::GroupNotEnded { .. } => "write `end_group` after its last question".into(),
            Self::TooDeep { .. } => "make the form flatter".into(),
            Self::ChoiceListMissing => "write the name of its list under list_name".into(),
            Self::ChoiceNameBad { .. } => "write one word without `/`, for example `not_known`".into(),
            Self::ChoiceTwice { .. } => "give each choice of a list another name".into(),
            Self::IdBad { .. } => "write a short name under form_id".into(),
            Self::Unsound { .. } => "correct it and read the form again".into(),
            Self::FormTooLarge { .. } => "shorten long lists of choices or split the form".into(),
            Self::LabelMissing { .. } => "write one under label; until then the name is shown".into(),
            Self::LabelReference => "write the text so that it needs no `${…}`".into(),
            Self::ColumnIgnored => "nothing need be done".into(),
            Self::HeadingMissing => "write a heading in the first row, or empty the cells".into(),
            Self::RowIgnored => "nothing need be done if it is a remark".into(),
            Self::SettingsTwice => "write one setting in each column, in the row under the headings".into(),
            Self::RowDisabled => "nothing need be done".into(),
            Self::AppearanceIgnored => "nothing need be done".into(),
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
