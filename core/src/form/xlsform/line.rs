//! One row of the survey sheet.

use super::columns::{Column, Filled, Heading};
use super::finding::{Findings, Place};
use super::{Problem, literal};
use crate::form::name::quoted;
use crate::form::{Kind, Part, Translations};

/// What a column of the survey sheet is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Role {
    Type,
    Name,
    Label(String),
    Hint(String),
    Required,
    Appearance,
    Calculation,
    /// What two concurrent answers mean.
    Merge,
    /// Which part of the record the answer belongs to.
    Part,
    Disabled,
    /// Changes what is asked, kept or seen by whom; not supported yet, so never left out in silence.
    Logic,
    /// Changes only how the form looks, or is unknown.
    Ignored,
}

/// What the heading of a survey sheet means.
pub(super) fn role(heading: &Heading) -> Role {
    match heading.base.as_str() {
        "type" | "command" => Role::Type,
        "name" | "tag" | "value" => Role::Name,
        "label" | "caption" => Role::Label(heading.language.clone()),
        "hint" => Role::Hint(heading.language.clone()),
        "required" => Role::Required,
        "appearance" => Role::Appearance,
        "calculation" | "calculate" => Role::Calculation,
        "cairn::merge" => Role::Merge,
        "cairn::part" => Role::Part,
        "disabled" => Role::Disabled,
        "relevant" | "relevance" | "constraint" | "choice_filter" | "repeat" | "repeat_count" | "count"
        | "jr:count" | "default" | "readonly" | "read_only" | "trigger" | "query" | "save_to"
        | "entities:saveto" | "cairn::sensitivity" => Role::Logic,
        _ => Role::Ignored,
    }
}

/// One filled row.
#[derive(Debug)]
pub(super) struct Line<'a> {
    pub(super) at: Place<'a>,
    pub(super) row: u32,
    pub(super) name: &'a str,
    pub(super) name_at: Place<'a>,
    pub(super) label: Translations,
    pub(super) hint: Translations,
    pub(super) appearance: Option<(&'a str, Place<'a>)>,
    pub(super) disabled: bool,
    /// Where logic stands that is not supported yet.
    pub(super) logic: Vec<Place<'a>>,
    kind: Option<(&'a str, Place<'a>)>,
    required: Option<(&'a str, Place<'a>)>,
    calculation: Option<(&'a str, Place<'a>)>,
    merge: Option<(&'a str, Place<'a>)>,
    part: Option<(&'a str, Place<'a>)>,
    references: Vec<Place<'a>>,
}

impl<'a> Line<'a> {
    /// Sorts the cells of a row by what they are for.
    pub(super) fn read(
        sheet: Place<'a>,
        filled: Filled<'a, 'a, Role>,
        name_column: Option<&'a Column<Role>>,
    ) -> Self {
        let at = sheet.row(filled.row);
        let mut line = Self {
            at,
            row: filled.row,
            name: "",
            name_at: name_column.map_or(at, |column| at.column(&column.heading)),
            label: Translations::new(),
            hint: Translations::new(),
            appearance: None,
            disabled: false,
            logic: Vec::new(),
            kind: None,
            required: None,
            calculation: None,
            merge: None,
            part: None,
            references: Vec::new(),
        };
        for (column, text) in filled.cells {
            let at = at.column(&column.heading);
            match &column.role {
                Role::Type => line.kind = Some((text, at)),
                Role::Name => line.name = text,
                Role::Label(language) | Role::Hint(language) => {
                    let texts =
                        if matches!(column.role, Role::Hint(_)) { &mut line.hint } else { &mut line.label };
                    texts.insert(language.clone(), text.to_owned());
                    if text.contains("${") {
                        line.references.push(at);
                    }
                }
                Role::Required => line.required = Some((text, at)),
                Role::Appearance => line.appearance = Some((text, at)),
                Role::Calculation => line.calculation = Some((text, at)),
                Role::Merge => line.merge = Some((text, at)),
                Role::Part => line.part = Some((text, at)),
                Role::Disabled => line.disabled = truth(text) == Some(true),
                Role::Logic => line.logic.push(at),
                Role::Ignored => {}
            }
        }
        line
    }

    /// The type as written, and where.
    pub(super) fn kind(&self) -> Option<(&'a str, Place<'a>)> {
        self.kind
    }

    /// Text becomes a narrative where the author wants long text or lets two people write in it.
    pub(super) fn kind_with_merge(&self, kind: Kind, findings: &mut Findings) -> Kind {
        let mut looks = self.appearance.map_or("", |(text, _)| text).split_whitespace();
        let mut long = looks.any(|word| word.eq_ignore_ascii_case("multiline"));
        if let Some((merge, at)) = self.merge {
            match (merge.to_ascii_lowercase().as_str(), &kind) {
                ("txt", Kind::Text) => long = true,
                ("mv", Kind::Text) => long = false,
                // Both are what Cairn does by itself.
                ("mv", kind) if !matches!(kind, Kind::SelectMultiple(_)) => {}
                ("set", Kind::SelectMultiple(_)) => {}
                _ => findings.error(at, Problem::MergeUnsupported { merge: quoted(merge) }),
            }
        }
        if kind == Kind::Text && long { Kind::Narrative } else { kind }
    }

    /// The part the row names; nothing if it names none.
    pub(super) fn part(&self, findings: &mut Findings) -> Option<Part> {
        let (text, at) = self.part?;
        let part = Part::from_name(&text.to_ascii_lowercase());
        if part.is_none() {
            findings.error(at, Problem::PartUnknown { part: quoted(text) });
        }
        part
    }

    /// The constant a `calculate` supplies.
    pub(super) fn constant(&self, kind: &Kind, findings: &mut Findings) -> Option<String> {
        match (self.calculation, kind) {
            (None, Kind::Calculate) => findings.error(self.at, Problem::CalculationMissing),
            (Some((text, at)), Kind::Calculate) => match literal::read(text) {
                None => findings.error(at, Problem::CalculationUnsupported),
                constant => return constant,
            },
            (Some((_, at)), _) => findings.error(at, Problem::CalculationMisplaced),
            (None, _) => {}
        }
        None
    }

    /// Whether a finished record must answer.
    pub(super) fn is_required(&self, kind: &Kind, findings: &mut Findings) -> bool {
        let Some((text, at)) = self.required else { return false };
        match truth(text) {
            Some(true) if !kind.is_asked() => {
                findings.warn(at, Problem::RequiredIgnored);
                false
            }
            Some(required) => required,
            None => {
                findings.error(at, Problem::RequiredUnsupported);
                false
            }
        }
    }

    /// Warns of texts that are missing or cannot be shown as meant.
    pub(super) fn note_texts(&self, kind: &Kind, findings: &mut Findings) {
        for at in &self.references {
            findings.warn(*at, Problem::LabelReference);
        }
        if self.label.is_empty() && (kind.is_asked() || *kind == Kind::Note) {
            findings.warn(self.at, Problem::LabelMissing { name: quoted(self.name) });
        }
    }
}

/// Yes and no as XLSForm writes them.
fn truth(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "yes" | "true" | "true()" | "1" => Some(true),
        "no" | "false" | "false()" | "0" => Some(false),
        _ => None,
    }
}
