//! What can be wrong with a table or its map, found before anything is saved.

use cairn_core::form::Fault;

/// What is wrong with a map.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum MapTrouble {
    #[error("the map is not TOML: {0}")]
    NotToml(String),
    #[error("the map's `{field}`: {message}")]
    Entry { field: String, message: String },
    #[error("the map names {field}, and the form has no such question")]
    UnknownField { field: String },
    #[error("the map names the column `{column}`, and the table has no such heading")]
    UnknownColumn { column: String },
    #[error("the heading `{column}` stands in the table twice")]
    ColumnTwice { column: String },
    #[error("{field} has both a column and a constant")]
    FieldTwice { field: String },
    #[error("the form requires {field}, and the map does not say where it stands")]
    RequiredMissing { field: String },
    #[error("the delimiter must be one letter, like `,` or `;`")]
    Delimiter,
    #[error("`{name}` is not an encoding of tables")]
    Encoding { name: String },
    #[error("{field} takes one answer, so there is nothing to split")]
    SplitOne { field: String },
    #[error("{field} is no day or time, so it has no format")]
    FormatOther { field: String },
    #[error("a value or constant in the map does not fit: {0}")]
    Value(Fault),
    #[error("the map takes no column")]
    Nothing,
}

impl MapTrouble {
    /// What to do about it.
    pub(crate) fn hint(&self) -> &'static str {
        match self {
            Self::Encoding { .. } => {
                "Write `utf-8`, `windows-1251`, `windows-1256` or another name browsers know."
            }
            Self::UnknownField { .. } | Self::Value(_) => "`cairn form show` lists questions and choices.",
            Self::UnknownColumn { .. } => {
                "Check the spelling and the delimiter; --make-map writes a map to begin with."
            }
            Self::RequiredMissing { .. } => {
                "Name its column under [fields], or its answer under [constants]."
            }
            _ => "Correct the map; nothing was imported. --make-map writes one to begin with.",
        }
    }
}

/// What is wrong with a table.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TableTrouble {
    #[error("{name} is empty")]
    Empty { name: String },
    #[error("{name} is not a file that can be read twice")]
    NotAFile { name: String },
    #[error("{name} is in UTF-16")]
    Utf16 { name: String },
    #[error("{name} is a spreadsheet and not a CSV file")]
    Spreadsheet { name: String },
    #[error("the row that begins in line {line} has no end: more than {most} MiB")]
    Endless { line: u64, most: u64 },
}

impl TableTrouble {
    /// What to do about it.
    pub(crate) fn hint(&self) -> &'static str {
        match self {
            Self::Empty { .. } => "The first line must hold the headings.",
            Self::NotAFile { .. } => "Save it to a file first; nothing was imported.",
            Self::Utf16 { .. } | Self::Spreadsheet { .. } => "Save it as `CSV UTF-8`; nothing was imported.",
            Self::Endless { .. } => {
                "Probably a quote is not closed there. The rows before it were imported; correct the line, and \
                 import what follows from a file of its own."
            }
        }
    }
}
