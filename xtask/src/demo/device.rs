//! One device: a vault, and the command line that opens it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use super::expect;
use crate::trouble::Trouble;

/// One vault.
#[derive(Debug)]
pub(super) struct Device {
    program: PathBuf,
    name: String,
    folder: PathBuf,
}

impl Device {
    pub(super) fn new(program: &Path, name: &str, folder: &Path) -> Self {
        Self { program: program.to_owned(), name: name.to_owned(), folder: folder.to_owned() }
    }

    /// What people call it.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The vault's folder.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Runs a command and gives back its answer for machines.
    pub(super) fn json(&self, arguments: &[&str]) -> Result<Value, Trouble> {
        let output = self.run(arguments)?;
        expect(output.status.success(), || {
            let said = String::from_utf8_lossy(if output.stderr.is_empty() {
                &output.stdout
            } else {
                &output.stderr
            });
            format!("`cairn {}` on {}: {}, {}", arguments.join(" "), self.name, output.status, said.trim())
        })?;
        Ok(serde_json::from_slice(&output.stdout)?)
    }

    /// Runs a command that must fail with this error and exit status.
    pub(super) fn fails(&self, arguments: &[&str], code: &str, status: i32) -> Result<Value, Trouble> {
        let output = self.run(arguments)?;
        let said: Value = serde_json::from_slice(&output.stderr).unwrap_or_default();
        let error = &said["error"];
        expect(output.status.code() == Some(status) && error["code"] == code, || {
            let line = arguments.join(" ");
            format!(
                "`cairn {line}` on {} should have failed with {code}: {}, {said}",
                self.name, output.status
            )
        })?;
        Ok(error.clone())
    }

    fn run(&self, arguments: &[&str]) -> Result<Output, Trouble> {
        Command::new(&self.program)
            .arg("--json")
            .arg("--vault")
            .arg(&self.folder)
            .args(arguments)
            .env_clear()
            .env("CAIRN_TEST_LEAST_WORK", "1")
            .env("CAIRN_PASSPHRASE", format!("only for the demo of {}", self.name))
            .stdin(Stdio::null())
            .output()
            .map_err(|error| Trouble::at(&self.program, error))
    }

    /// The answers of a record.
    pub(super) fn answers(&self, record: &str) -> Result<Value, Trouble> {
        Ok(self.json(&["record", "show", record])?["answers"].clone())
    }

    /// Every unsettled field.
    pub(super) fn conflicts(&self) -> Result<Vec<Value>, Trouble> {
        let said = self.json(&["conflict", "list"])?;
        Ok(said["conflicts"].as_array().cloned().unwrap_or_default())
    }

    /// How many records it holds.
    pub(super) fn records(&self) -> Result<usize, Trouble> {
        let said = self.json(&["record", "list", "--limit", "1000000"])?;
        Ok(said["records"].as_array().map_or(0, Vec::len))
    }
}
