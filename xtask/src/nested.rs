//! Cargo, called by a program that Cargo runs.
#![allow(clippy::indexing_slicing, reason = "what is missing in a JSON value reads as null")]

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::trouble::Trouble;

/// What Cargo tells a program about the package it is of. Some build scripts look at these and would run anew, and all
/// that is built on what they make.
const ABOUT_US: [&str; 5] = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_CRATE_", "CARGO_BIN_", "CARGO_PRIMARY_"];

/// Cargo at the root of the workspace, as a person would call it there.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    for (name, _) in env::vars_os() {
        if ABOUT_US.iter().any(|begin| name.to_string_lossy().starts_with(begin)) {
            command.env_remove(name);
        }
    }
    command
}

/// Builds what `arguments` of `cargo build` name, which does nothing if it is up to date, and says which files came
/// of it: the name of each target, and a file.
pub(crate) fn build(arguments: &[&str]) -> Result<Vec<(String, PathBuf)>, Trouble> {
    let mut command = cargo();
    command.args(["build", "--quiet", "--message-format", "json-render-diagnostics"]).args(arguments);
    let built = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output()?;
    if !built.status.success() {
        return Err(Trouble(format!("`cargo build {}` failed", arguments.join(" "))));
    }
    let lines = built.stdout.split(|octet| *octet == b'\n');
    let messages = lines.filter_map(|line| serde_json::from_slice::<Value>(line).ok());
    let files = messages.flat_map(|message| {
        let name = message["target"]["name"].as_str().unwrap_or_default().to_owned();
        let files = message["filenames"].as_array().cloned().unwrap_or_default();
        files.into_iter().filter_map(move |file| Some((name.clone(), PathBuf::from(file.as_str()?))))
    });
    Ok(files.collect())
}

/// The file of a target that ends with these letters; the empty ending for programs.
pub(crate) fn file(built: &[(String, PathBuf)], name: &str, ending: &str) -> Result<PathBuf, Trouble> {
    let fits = |path: &Path| path.extension().unwrap_or_default() == ending;
    let found = built.iter().find(|(target, path)| target == name && fits(path));
    found.map(|(_, path)| path.clone()).ok_or_else(|| Trouble(format!("Cargo did not say where {name} is")))
}

/// The folder with the workspace's Cargo.toml.
pub(crate) fn root() -> PathBuf {
    let package = env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from("xtask"), PathBuf::from);
    package.parent().map_or_else(|| PathBuf::from("."), Path::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_inner_cargo_is_told_nothing_about_this_package() {
        assert!(env::var_os("CARGO_MANIFEST_DIR").is_some(), "control: Cargo has told it to this program");
        let command = cargo();
        let removed = |name: &str| command.get_envs().any(|(told, value)| told == name && value.is_none());
        for name in ["CARGO_MANIFEST_DIR", "CARGO_PKG_NAME", "CARGO_PKG_VERSION"] {
            assert!(removed(name), "{name}");
        }
    }
}
