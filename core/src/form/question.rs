//! One question, and what kind of answer it takes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Form, Logic, Media, Merge, Part, Sensitivity, TaskRole, Translations};

/// One question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Its name for machines, unique in the form; the key of its answer. Never holds `/`.
    pub name: String,
    /// What kind of answer it takes.
    pub kind: Kind,
    /// What is asked.
    pub label: Translations,
    /// What helps to answer it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub hint: Translations,
    /// Whether a finished record must answer it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub required: bool,
    /// Index into [`Form::groups`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<usize>,
    /// A constant the form itself supplies (a `calculate` with a literal).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub constant: Option<String>,
    /// How other tools should show it; kept as written.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub appearance: String,
    /// Which part of the record its answer belongs to.
    #[serde(default, skip_serializing_if = "Part::is_case")]
    pub part: Part,
    /// Conditions, checks, calculations.
    #[serde(default, skip_serializing_if = "Logic::is_empty")]
    pub logic: Logic,
    /// What two concurrent answers mean; what the kind implies if the form does not say.
    /// [`Question::merge`] resolves it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merge: Option<Merge>,
    /// How dangerous its answer is in wrong hands; what the kind implies if the form does not say.
    /// [`Question::sensitivity`] resolves it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sensitivity: Option<Sensitivity>,
    /// Pictures and sounds of what is asked.
    #[serde(default, skip_serializing_if = "Media::is_empty")]
    pub media: Media,
    /// More help, for those who want it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub guidance_hint: Translations,
    /// What else the kind needs to know, by name: `start`, `end` and `step` of a range, and so on.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<String, String>,
    /// What it says of a task, if its rows are some.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<TaskRole>,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
fn is_false(value: &bool) -> bool {
    !*value
}

/// What kind of answer a question takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Kind {
    /// Short text: one value as a whole.
    Text,
    /// Long text that two people may write in at once.
    Narrative,
    /// A whole number.
    Integer,
    /// A number.
    Decimal,
    /// A day, `YYYY-MM-DD`.
    Date,
    /// A time of day, `hh:mm[:ss[.sss]]` with an optional offset.
    Time,
    /// A day and time, ISO 8601.
    DateTime,
    /// One choice of the named list.
    SelectOne(String),
    /// Any number of choices of the named list.
    SelectMultiple(String),
    /// A place: `latitude longitude [altitude [accuracy]]`.
    Geopoint,
    /// "I have read this": `OK`.
    Acknowledge,
    /// The code read from a label.
    Barcode,
    /// When the record was begun; the device fills it in.
    Start,
    /// When it was finished; the device fills it in.
    End,
    /// The day it was begun; the device fills it in.
    Today,
    /// A value the form supplies.
    Calculate,
    /// Carried, never shown.
    Hidden,
    /// Shown, never answered.
    Note,
    /// A number between two others, as [`Question::parameters`] say.
    Range,
    /// The choices of the named list in an order, their names with blanks between.
    Rank(String),
    /// A line: places with `;` between.
    Geotrace,
    /// An area: places with `;` between, the last like the first.
    Geoshape,
    /// A picture: attached, or by the name of its file.
    Image,
    /// A sound: likewise.
    Audio,
    /// A film: likewise.
    Video,
    /// Some other file: likewise.
    File,
    /// Something about the device or its owner. Cairn tells a form nothing of that: it stays unanswered.
    Metadata(Metadata),
}

/// What a form may want to know of the device or its owner, and never learns from Cairn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Metadata {
    /// What the device is called.
    Deviceid,
    /// Its telephone number.
    Phonenumber,
    /// The number of its card.
    Simserial,
    /// The subscriber's number.
    Subscriberid,
    /// Who uses it.
    Username,
    /// The address for electronic letters of who uses it.
    Email,
    /// Where it was when the record was begun.
    StartGeopoint,
    /// Where it was when an answer changed.
    BackgroundGeopoint,
    /// What it heard meanwhile.
    BackgroundAudio,
    /// How it was filled in, touch by touch.
    Audit,
}

impl Question {
    /// A question that says nothing more than its name and kind.
    pub fn new(name: &str, kind: Kind) -> Self {
        Self {
            name: name.to_owned(),
            kind,
            label: Translations::new(),
            hint: Translations::new(),
            required: false,
            group: None,
            constant: None,
            appearance: String::new(),
            part: Part::Case,
            logic: Logic::default(),
            merge: None,
            sensitivity: None,
            media: Media::default(),
            guidance_hint: Translations::new(),
            parameters: BTreeMap::new(),
            task: None,
        }
    }

    /// Whether it is answered once in each row of a repeat.
    pub fn is_repeated(&self, form: &Form) -> bool {
        !form.repeats_of(self).is_empty()
    }
}

impl Kind {
    /// Whether a person answers it (rather than the form or the device).
    pub fn is_asked(&self) -> bool {
        !matches!(
            self,
            Self::Start
                | Self::End
                | Self::Today
                | Self::Calculate
                | Self::Hidden
                | Self::Note
                | Self::Metadata(_)
        )
    }

    /// Whether a file answers it.
    pub fn is_file(&self) -> bool {
        matches!(self, Self::Image | Self::Audio | Self::Video | Self::File)
    }

    /// The choice list it draws from.
    pub fn list(&self) -> Option<&str> {
        match self {
            Self::SelectOne(list) | Self::SelectMultiple(list) | Self::Rank(list) => Some(list),
            _ => None,
        }
    }
}
