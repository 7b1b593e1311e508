//! The two programs on stage, built if need be.

use std::path::PathBuf;

use crate::nested;
use crate::trouble::Trouble;

/// Where the programs are.
#[derive(Debug)]
pub(super) struct Programs {
    pub(super) cairn: PathBuf,
    pub(super) server: PathBuf,
}

impl Programs {
    /// Builds both, which does nothing if they are up to date, and asks Cargo where they are.
    pub(super) fn build(dev: bool) -> Result<Self, Trouble> {
        let mut arguments = vec!["--package", "cairn-cli", "--package", "cairn-server", "--bins"];
        if !dev {
            arguments.push("--release");
        }
        let built = nested::build(&arguments)?;
        Ok(Self {
            cairn: nested::file(&built, "cairn", "")?,
            server: nested::file(&built, "cairn-server", "")?,
        })
    }
}
