//! Why a chore stopped.

use std::fmt;
use std::path::Path;

/// Why a chore stopped, in words for whoever runs it. Chores are for developers: a sentence is enough.
#[derive(Debug)]
pub(crate) struct Trouble(pub(crate) String);

impl Trouble {
    /// That something could not be done with a file or folder.
    pub(crate) fn at(path: &Path, why: impl fmt::Display) -> Self {
        Self(format!("{}: {why}", path.display()))
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(&self.0)
    }
}

impl From<std::io::Error> for Trouble {
    fn from(error: std::io::Error) -> Self {
        Self(error.to_string())
    }
}

impl From<serde_json::Error> for Trouble {
    fn from(error: serde_json::Error) -> Self {
        Self(error.to_string())
    }
}

impl From<String> for Trouble {
    fn from(what: String) -> Self {
        Self(what)
    }
}
