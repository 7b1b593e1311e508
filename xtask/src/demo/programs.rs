//! The two programs on stage, built if need be.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::trouble::Trouble;

/// Where the programs are.
#[derive(Debug)]
pub(super) struct Programs {
    pub(super) cairn: PathBuf,
    pub(super) server: PathBuf,
}

impl Programs {
    /// Builds both, which does nothing if they are up to date, and asks Cargo where they are.
    pub(super) fn build(root: &Path, dev: bool) -> Result<Self, Trouble> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(cargo);
        command.current_dir(root).args([
            "build",
            "--quiet",
            "--package",
            "cairn-cli",
            "--package",
            "cairn-server",
        ]);
        command.args(["--bins", "--message-format", "json-render-diagnostics"]);
        if !dev {
            command.arg("--release");
        }
        // What Cargo told this program about itself would make some build scripts run anew.
        for (name, _) in std::env::vars_os() {
            let about_us = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_CRATE_", "CARGO_BIN_", "CARGO_PRIMARY_"];
            if about_us.iter().any(|begin| name.to_string_lossy().starts_with(begin)) {
                command.env_remove(name);
            }
        }
        let built = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output()?;
        if !built.status.success() {
            return Err(Trouble("the programs could not be built".to_owned()));
        }
        let messages: Vec<Value> = built
            .stdout
            .split(|octet| *octet == b'\n')
            .filter_map(|line| serde_json::from_slice(line).ok())
            .collect();
        Ok(Self { cairn: program(&messages, "cairn")?, server: program(&messages, "cairn-server")? })
    }
}

fn program(messages: &[Value], name: &str) -> Result<PathBuf, Trouble> {
    let built = messages.iter().filter(|message| message["target"]["name"] == name);
    let path = built.filter_map(|message| message["executable"].as_str()).next();
    path.map(PathBuf::from).ok_or_else(|| Trouble(format!("Cargo did not say where {name} is")))
}
