//! One row of the survey sheet.

use super::Problem;
use super::columns::{Column, Filled, Heading};
use super::finding::{Findings, Place};
use crate::form::name::quoted;
use crate::form::{Kind, Media, Merge, Part, Sensitivity, TaskRole, Translations};

/// What a column of the survey sheet is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Role {
    Type,
    Name,
    Label(String),
    Hint(String),
    Guidance(String),
    /// A picture or sound of the label.
    Media(Shown, String),
    Required,
    RequiredMessage(String),
    Relevant,
    Constraint,
    ConstraintMessage(String),
    Readonly,
    Default,
    Calculation,
    Trigger,
    ChoiceFilter,
    RepeatCount,
    Parameters,
    Appearance,
    /// What two concurrent answers mean.
    Merge,
    /// How dangerous the answer is in wrong hands.
    Sensitivity,
    /// Which part of the record the answer belongs to.
    Part,
    /// What the answer says of a task.
    Task,
    Disabled,
    /// Changes what is kept; not supported, so never left out in silence.
    Entity,
    /// Changes only how the form looks, or is unknown.
    Ignored,
}

/// What kind of picture or sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    Image,
    BigImage,
    Audio,
    Video,
}

impl Shown {
    /// What a heading means, with `media::` before it or without.
    pub(super) fn of(base: &str) -> Option<Self> {
        Some(match base.strip_prefix("media::").unwrap_or(base) {
            "image" => Self::Image,
            "big_image" => Self::BigImage,
            "audio" => Self::Audio,
            "video" => Self::Video,
            _ => return None,
        })
    }

    /// Where it is kept.
    pub(super) fn of_media(self, media: &mut Media) -> &mut Translations {
        match self {
            Self::Image => &mut media.image,
            Self::BigImage => &mut media.big_image,
            Self::Audio => &mut media.audio,
            Self::Video => &mut media.video,
        }
    }
}

/// What the heading of a survey sheet means.
pub(super) fn role(heading: &Heading) -> Role {
    let language = || heading.language.clone();
    match heading.base.as_str() {
        "type" | "command" => Role::Type,
        "name" | "tag" | "value" => Role::Name,
        "label" | "caption" => Role::Label(language()),
        "hint" => Role::Hint(language()),
        "guidance_hint" => Role::Guidance(language()),
        "required" => Role::Required,
        "required_message" | "jr:requiredmsg" => Role::RequiredMessage(language()),
        "relevant" | "relevance" => Role::Relevant,
        "constraint" => Role::Constraint,
        "constraint_message" | "constraint_msg" | "jr:constraintmsg" => Role::ConstraintMessage(language()),
        "readonly" | "read_only" => Role::Readonly,
        "default" => Role::Default,
        "calculation" | "calculate" => Role::Calculation,
        "trigger" => Role::Trigger,
        "choice_filter" => Role::ChoiceFilter,
        "repeat_count" | "repeat" | "count" | "jr:count" => Role::RepeatCount,
        "parameters" => Role::Parameters,
        "appearance" => Role::Appearance,
        "cairn::merge" => Role::Merge,
        "cairn::sensitivity" => Role::Sensitivity,
        "cairn::part" => Role::Part,
        "cairn::task" => Role::Task,
        "disabled" => Role::Disabled,
        "query" | "save_to" | "entities:saveto" => Role::Entity,
        base => Shown::of(base).map_or(Role::Ignored, |shown| Role::Media(shown, language())),
    }
}

/// A filled cell and where it stands.
pub(super) type Written<'a> = (&'a str, Place<'a>);

/// One filled row.
#[derive(Debug)]
pub(super) struct Line<'a> {
    pub(super) at: Place<'a>,
    pub(super) row: u32,
    pub(super) name: &'a str,
    pub(super) name_at: Place<'a>,
    cells: Vec<(&'a Role, Written<'a>)>,
}

impl<'a> Line<'a> {
    /// Sorts the cells of a row by what they are for.
    pub(super) fn read(
        sheet: Place<'a>,
        filled: Filled<'a, 'a, Role>,
        name_column: Option<&'a Column<Role>>,
    ) -> Self {
        let at = sheet.row(filled.row);
        let cells = filled.cells.into_iter();
        let cells = cells.map(|(column, text)| (&column.role, (text, at.column(&column.heading))));
        let name_at = name_column.map_or(at, |column| at.column(&column.heading));
        let mut line = Self { at, row: filled.row, name: "", name_at, cells: cells.collect() };
        line.name = line.cell(&Role::Name).map_or("", |(name, _)| name);
        line
    }

    /// What stands in the column of that role.
    pub(super) fn cell(&self, role: &Role) -> Option<Written<'a>> {
        self.cells.iter().find(|(known, _)| *known == role).map(|(_, written)| *written)
    }

    /// What stands in columns of which there can be one for each language.
    pub(super) fn texts(&self, language: fn(&Role) -> Option<&String>) -> Translations {
        let cells = self.cells.iter();
        cells.filter_map(|(role, (text, _))| Some((language(role)?.clone(), (*text).to_owned()))).collect()
    }

    pub(super) fn label(&self) -> Translations {
        self.texts(|role| if let Role::Label(language) = role { Some(language) } else { None })
    }

    pub(super) fn hint(&self) -> Translations {
        self.texts(|role| if let Role::Hint(language) = role { Some(language) } else { None })
    }

    pub(super) fn guidance(&self) -> Translations {
        self.texts(|role| if let Role::Guidance(language) = role { Some(language) } else { None })
    }

    pub(super) fn constraint_message(&self) -> Translations {
        self.texts(|role| if let Role::ConstraintMessage(language) = role { Some(language) } else { None })
    }

    pub(super) fn required_message(&self) -> Translations {
        self.texts(|role| if let Role::RequiredMessage(language) = role { Some(language) } else { None })
    }

    pub(super) fn media(&self, findings: &mut Findings) -> Media {
        let mut media = Media::default();
        for (role, (text, at)) in &self.cells {
            let Role::Media(shown, language) = role else { continue };
            if !crate::form::name::is_file(text) {
                findings.error(*at, Problem::MediaBad { name: quoted(text) });
                continue;
            }
            shown.of_media(&mut media).insert(language.clone(), (*text).to_owned());
        }
        media
    }

    /// The type as written, and where.
    pub(super) fn kind(&self) -> Option<Written<'a>> {
        self.cell(&Role::Type)
    }

    pub(super) fn is_disabled(&self) -> bool {
        self.cell(&Role::Disabled).is_some_and(|(text, _)| truth(text) == Some(true))
    }

    /// Whether there is nothing that could have been meant as a question.
    pub(super) fn is_remark(&self) -> bool {
        let telling = |role: &Role| {
            matches!(
                role,
                Role::Name
                    | Role::Label(_)
                    | Role::Relevant
                    | Role::Constraint
                    | Role::Calculation
                    | Role::Default
                    | Role::Trigger
                    | Role::ChoiceFilter
                    | Role::RepeatCount
                    | Role::Entity
            )
        };
        !self.cells.iter().any(|(role, _)| telling(role))
    }

    /// Cells of which nothing is understood, so that the form cannot be read.
    pub(super) fn note_unsupported(&self, findings: &mut Findings) {
        if let Some((_, at)) = self.cell(&Role::Entity) {
            findings.error(at, Problem::LogicUnsupported);
        }
    }

    /// How the answer merges, as far as the kind does not imply it; text that two people may write in becomes
    /// a narrative.
    pub(super) fn kind_with_merge(&self, kind: Kind, findings: &mut Findings) -> (Kind, Option<Merge>) {
        let mut looks = self.appearance().split_whitespace();
        let long = looks.any(|word| word.eq_ignore_ascii_case("multiline"));
        let narrative = |long: bool| if kind == Kind::Text && long { Kind::Narrative } else { kind.clone() };
        let Some((written, at)) = self.cell(&Role::Merge) else { return (narrative(long), None) };
        let Some(merge) = Merge::from_name(&written.to_ascii_lowercase()) else {
            findings.error(at, Problem::MergeUnknown { merge: quoted(written) });
            return (kind, None);
        };
        let kind = match merge {
            Merge::Text => narrative(true),
            // What is whole, fixed or only grows is no text that two people write in.
            Merge::Several | Merge::Immutable | Merge::Log => kind,
            _ => narrative(long),
        };
        if !merge.fits(&kind) {
            findings.error(at, Problem::MergeMisfit { merge: merge.name() });
            return (kind, None);
        }
        let implied = crate::form::Question::new("", kind.clone()).merge() == merge;
        (kind, (!implied).then_some(merge))
    }

    pub(super) fn sensitivity(&self, findings: &mut Findings) -> Option<Sensitivity> {
        let (text, at) = self.cell(&Role::Sensitivity)?;
        let level = text.parse().ok().and_then(Sensitivity::new);
        if level.is_none() {
            findings.error(at, Problem::SensitivityBad);
        }
        level
    }

    /// What the question says of a task.
    pub(super) fn task(&self, findings: &mut Findings) -> Option<TaskRole> {
        let (text, at) = self.cell(&Role::Task)?;
        let role = TaskRole::from_name(&text.to_ascii_lowercase());
        if role.is_none() {
            findings.error(at, Problem::TaskUnknown { role: quoted(text) });
        }
        role
    }

    pub(super) fn appearance(&self) -> &'a str {
        self.cell(&Role::Appearance).map_or("", |(text, _)| text)
    }

    /// The part the row names; nothing if it names none.
    pub(super) fn part(&self, findings: &mut Findings) -> Option<Part> {
        let (text, at) = self.cell(&Role::Part)?;
        let part = Part::from_name(&text.to_ascii_lowercase());
        if part.is_none() {
            findings.error(at, Problem::PartUnknown { part: quoted(text) });
        }
        part
    }

    /// Warns of a text that is missing.
    pub(super) fn note_label(&self, kind: &Kind, findings: &mut Findings) {
        let shown = |role: &Role| matches!(role, Role::Label(_) | Role::Media(..));
        if (kind.is_asked() || *kind == Kind::Note) && !self.cells.iter().any(|(role, _)| shown(role)) {
            findings.warn(self.at, Problem::LabelMissing { name: quoted(self.name) });
        }
    }

    /// Every text that people read, where it may refer to answers.
    pub(super) fn shown_texts(&self) -> impl Iterator<Item = Written<'a>> {
        let shown = |role: &Role| {
            matches!(
                role,
                Role::Label(_)
                    | Role::Hint(_)
                    | Role::Guidance(_)
                    | Role::ConstraintMessage(_)
                    | Role::RequiredMessage(_)
            )
        };
        self.cells.iter().filter(move |(role, _)| shown(role)).map(|(_, written)| *written)
    }
}

/// Yes and no as XLSForm writes them.
pub(super) fn truth(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "yes" | "true" | "true()" | "1" => Some(true),
        "no" | "false" | "false()" | "0" => Some(false),
        _ => None,
    }
}
