//! A form as octets between devices: one octet of version, then JSON without blanks, its keys in a
//! fixed order, so that one form is always the same octets.

use super::{Form, Unsound, limits};

/// The version this code writes. Anything added to a form's JSON needs the next one: a device that
/// left out what it does not know would ask something else than the author wrote.
const VERSION: u8 = 1;
/// A form that keeps some answers in other parts than the case; written for no other form.
const PARTED: u8 = 2;

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
        let mut octets = vec![if self.is_parted() { PARTED } else { VERSION }];
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
            Some((&(VERSION | PARTED), json)) => Self::from_json(json)?,
            Some((&version, _)) if version > PARTED => return Err(FormError::TooNew { version }),
            _ => return Err(FormError::Malformed { line: 0, column: 0 }),
        };
        // A reader of version 1 must never meet a part it would leave out.
        if form.is_parted() != (octets.first() == Some(&PARTED)) {
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
        Ok(form)
    }

    fn is_parted(&self) -> bool {
        self.questions.iter().any(|question| !question.part.is_case())
    }
}
