//! Pictures and sounds that a form shows with a question or a choice.

use serde::{Deserialize, Serialize};

use super::Translations;

/// Names of files in each language. The files themselves do not travel with the form.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Media {
    /// A picture.
    #[serde(skip_serializing_if = "Translations::is_empty")]
    pub image: Translations,
    /// The same picture, larger.
    #[serde(skip_serializing_if = "Translations::is_empty")]
    pub big_image: Translations,
    /// A sound.
    #[serde(skip_serializing_if = "Translations::is_empty")]
    pub audio: Translations,
    /// A film.
    #[serde(skip_serializing_if = "Translations::is_empty")]
    pub video: Translations,
}

impl Media {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
