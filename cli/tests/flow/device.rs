//! One device: a vault, and the command line on it.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::server::Server;

/// The form that workers bring: the one of the fixture.
pub(crate) const FORM: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/fixtures/htcds/htcds_xlsform.xlsx");

/// A vault, and the command line on it.
pub(crate) struct Device {
    folder: TempDir,
}

impl Device {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// The coordinator of a new workspace with the fixture's form, on the server already.
    pub(crate) fn office(server: &Server) -> Self {
        let office = Self::new();
        office.ok(&["init", "--server", &server.url, "--pin", &server.pin, "--name", "office"]);
        office.ok(&["form", "add", FORM]);
        office.ok(&["sync"]);
        office
    }

    /// A device that this coordinator's has invited and admitted.
    pub(crate) fn invited(&self, name: &str) -> Self {
        self.invited_as(name, "field")
    }

    /// The same, in another role.
    pub(crate) fn invited_as(&self, name: &str, role: &str) -> Self {
        let newcomer = Self::new();
        let invitation = self.ok(&["invite", "--role", role])["invitation"].clone();
        let joined = newcomer.ok(&["join", invitation.as_str().unwrap(), "--name", name]);
        assert_eq!(joined["state"], "waiting");
        assert_eq!(self.ok(&["sync"])["admitted"], 1);
        newcomer.ok(&["sync"]);
        newcomer
    }

    /// A file beside the vault.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), text).unwrap();
    }

    /// The command, ready to run in the folder of the vault.
    pub(crate) fn command(&self, line: &[&str]) -> Command {
        let mut command = Command::new(Path::new(env!("CARGO_BIN_EXE_cairn")));
        command.args(line).current_dir(self.folder.path()).stdin(Stdio::null());
        command.env("CAIRN_VAULT", "vault").env("CAIRN_PASSPHRASE", "correct horse battery");
        command.env("CAIRN_LANGUAGE", "en").env_remove("CAIRN_TEST_CLOCK_OFFSET");
        command.env("CAIRN_TEST_LEAST_WORK", "1");
        command
    }

    pub(crate) fn run(&self, line: &[&str]) -> Output {
        self.command(line).output().unwrap()
    }

    /// Runs with `--json`; it must succeed, and gives one object.
    pub(crate) fn ok(&self, line: &[&str]) -> Value {
        let output = self.run(&[line, &["--json"]].concat());
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{line:?}: {errors}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Runs with `--json`; it must fail, and gives the exit status and the error.
    pub(crate) fn fails(&self, line: &[&str]) -> (i32, Value) {
        let output = self.run(&[line, &["--json"]].concat());
        assert!(!output.status.success(), "{line:?} should fail");
        assert_eq!(output.stdout, b"", "{line:?} says nothing but its error");
        let error: Value = serde_json::from_slice(&output.stderr).unwrap();
        (output.status.code().unwrap(), error["error"].clone())
    }

    /// Runs and gives what people see; it must succeed.
    pub(crate) fn words(&self, line: &[&str]) -> String {
        let output = self.run(line);
        assert!(output.status.success(), "{line:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs with something to read on standard input.
    pub(crate) fn typing(&self, line: &[&str], typed: &str) -> Output {
        let mut command = self.command(line);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(typed.as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    }

    /// Saves a record of the fixture's form and gives its handle.
    pub(crate) fn record(&self, first_name: &str) -> String {
        let set = format!("prs_First_Name={first_name}");
        let made = self.ok(&["record", "new", "--set", &set, "--set", "prs_Gender=Feminine"]);
        made["handle"].as_str().unwrap().to_owned()
    }

    /// The first names of all records, in the order of their letters.
    pub(crate) fn first_names(&self) -> Vec<String> {
        let listed = self.ok(&["record", "list", "--limit", "100000"]);
        let records = listed["records"].as_array().unwrap().iter();
        let mut names: Vec<String> =
            records.map(|record| record["title"].as_str().unwrap().to_owned()).collect();
        names.sort();
        names
    }
}
