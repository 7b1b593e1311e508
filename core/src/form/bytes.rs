//! A form as octets between devices: one octet of version, then JSON without blanks, its keys in a
//! fixed order, so that one form is always the same octets.

use super::{Choice, Form, Group, Kind, Question, Unsound, limits};

/// The version this code writes. Anything added to a form's JSON needs the next one: a device that
/// left out what it does not know would ask something else than the author wrote.
const VERSION: u8 = 1;
/// A form that keeps some answers in other parts than the case; written for no other form.
const PARTED: u8 = 2;
/// A form that says anything version 2 did not know: logic, repeats, tables, more kinds of questions. Written for
/// no other form, so that every form of before keeps its octets.
const LOGICAL: u8 = 3;
/// A form with lists or tables that travel apart. Written for no other form.
const APART: u8 = 4;
/// A form whose records are sealed when they are finished. Written for no other form.
const SEALED: u8 = 5;
/// A form of which rows are tasks. Written for no other form.
const TASKS: u8 = 6;

/// Why octets are not a form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FormError {
    /// A newer Cairn wrote it.
    #[error("this form is of version {version}, newer than this Cairn knows: update Cairn")]
    TooNew {
        /// The version it says.
        version: u8,
    },
    /// It is longer than any form; whoever wrote it must shorten it.
    #[error("this form has {octets} octets, and {} are allowed: shorten it", limits::FORM)]
    TooLarge {
        /// How long it is.
        octets: usize,
    },
    /// It is damaged; whoever sent it must send it again.
    #[error("this form is damaged at letter {column} of line {line}: have it sent again")]
    Malformed {
        /// Line of the JSON, from 1; 0 when there is no JSON at all.
        line: usize,
        /// Letter in that line, from 1.
        column: usize,
    },
    /// It can be read and does not fit together; whoever wrote it must correct it.
    #[error("this form does not fit together: {0}")]
    Unsound(#[from] Unsound),
}

impl Form {
    /// The form as octets for other devices.
    pub fn encode(&self) -> Vec<u8> {
        let mut octets = vec![self.encoding()];
        #[allow(
            clippy::expect_used,
            reason = "keys are texts and a Vec takes every write: JSON cannot fail"
        )]
        serde_json::to_writer(&mut octets, self).expect("a form is always valid JSON");
        octets
    }

    /// Reads what [`Form::encode`] wrote, here or on another device.
    ///
    /// # Errors
    /// Any octets that are not a form which [is sound](Form::is_sound) and within [`limits`].
    pub fn decode(octets: &[u8]) -> Result<Self, FormError> {
        if octets.len() > limits::FORM {
            return Err(FormError::TooLarge { octets: octets.len() });
        }
        let form = match octets.split_first() {
            Some((VERSION..=TASKS, json)) => Self::from_json(json)?,
            Some((&version, _)) if version > TASKS => return Err(FormError::TooNew { version }),
            _ => return Err(FormError::Malformed { line: 0, column: 0 }),
        };
        // One form has one encoding, and a reader of an earlier version must never meet what it does not know.
        if octets.first() != Some(&form.encoding()) {
            return Err(FormError::Malformed { line: 0, column: 0 });
        }
        Ok(form)
    }

    /// Reads a form's JSON, which travels after an octet of version.
    ///
    /// # Errors
    /// As [`Form::decode`].
    pub fn from_json(json: &[u8]) -> Result<Self, FormError> {
        if json.len() > limits::FORM {
            return Err(FormError::TooLarge { octets: json.len() });
        }
        let form: Self = serde_json::from_slice(json)
            .map_err(|error| FormError::Malformed { line: error.line(), column: error.column() })?;
        form.is_sound()?;
        // Octets that travel apart stand in files only.
        if form.has_cells() {
            return Err(FormError::Malformed { line: 0, column: 0 });
        }
        Ok(form)
    }

    /// Reads a form's JSON from a file for another workspace, with its tables in it. What is too large to travel
    /// inside is put apart.
    ///
    /// # Errors
    /// As [`Form::decode`].
    pub fn from_file(json: &[u8]) -> Result<Self, FormError> {
        if json.len() > limits::FILE {
            return Err(FormError::TooLarge { octets: json.len() });
        }
        let mut form: Self = serde_json::from_slice(json)
            .map_err(|error| FormError::Malformed { line: error.line(), column: error.column() })?;
        form.take_cells()?;
        if form.encode().len() > limits::FORM {
            form.put_apart();
        }
        form.is_sound()?;
        match form.encode().len() {
            octets if octets > limits::FORM => Err(FormError::TooLarge { octets }),
            _ => Ok(form),
        }
    }

    /// The first version that knows everything this form says.
    fn encoding(&self) -> u8 {
        let is_parted = |question: &Question| !question.part.is_case();
        let says_more = !self.tables.is_empty()
            || self.instance_name.is_some()
            || self.questions.iter().any(Question::says_more)
            || self.groups.iter().any(Group::says_more)
            || self.lists.values().flatten().any(Choice::says_more);
        match () {
            () if self.questions.iter().any(|question| question.task.is_some()) => TASKS,
            () if self.sealed => SEALED,
            () if !self.apart.is_empty() => APART,
            () if says_more => LOGICAL,
            () if self.questions.iter().any(is_parted) => PARTED,
            () => VERSION,
        }
    }
}

// What version 2 did not know.
impl Question {
    fn says_more(&self) -> bool {
        self.kind.is_newer()
            || !self.logic.is_empty()
            || self.merge.is_some()
            || self.sensitivity.is_some()
            || !self.media.is_empty()
            || !self.guidance_hint.is_empty()
            || !self.parameters.is_empty()
    }
}

impl Group {
    fn says_more(&self) -> bool {
        self.repeat.is_some() || self.relevant.is_some() || !self.appearance.is_empty()
    }
}

impl Choice {
    fn says_more(&self) -> bool {
        !self.columns.is_empty() || !self.media.is_empty()
    }
}

impl Kind {
    /// A kind that is added here some day needs a version of its own.
    fn is_newer(&self) -> bool {
        matches!(
            self,
            Self::Range
                | Self::Rank(_)
                | Self::Geotrace
                | Self::Geoshape
                | Self::Image
                | Self::Audio
                | Self::Video
                | Self::File
                | Self::Metadata(_)
        )
    }
}
