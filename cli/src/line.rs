//! What can be typed.

use std::path::PathBuf;

use clap::Parser;

use crate::door::Door;
use crate::verb::Verb;

/// Case records that work without a network and that no server can read.
#[derive(Parser)]
#[command(name = "cairn", version, after_help = AFTER_HELP)]
pub(crate) struct Line {
    /// Folder of the vault [default: cairn in the folder for applications' data]
    #[arg(
        long,
        env = "CAIRN_VAULT",
        value_name = "DIR",
        global = true,
        help_heading = "Everywhere",
        hide_env_values = true
    )]
    vault: Option<PathBuf>,
    /// Answers with one JSON object; errors too, on standard error
    #[arg(long, global = true, help_heading = "Everywhere")]
    json: bool,
    /// Takes the passphrase from the first line of a file
    #[arg(long, value_name = "FILE", global = true, help_heading = "Everywhere")]
    passphrase_file: Option<PathBuf>,
    /// Language of labels, as the form names it or by its code [default: that of the system]
    #[arg(
        long,
        env = "CAIRN_LANGUAGE",
        value_name = "LANGUAGE",
        global = true,
        help_heading = "Everywhere",
        hide_env_values = true
    )]
    language: Option<String>,
    /// Seconds to add to this machine's clock
    #[arg(
        long,
        env = "CAIRN_TEST_CLOCK_OFFSET",
        global = true,
        help_heading = "Everywhere",
        hide = true,
        allow_hyphen_values = true
    )]
    clock_offset: Option<i64>,
    #[command(subcommand)]
    verb: Verb,
}

const AFTER_HELP: &str = "\
The passphrase is asked for at the terminal, unless --passphrase-file or the variable CAIRN_PASSPHRASE \
gives it. Records are named by handles like 7f3a-12.

Exit status, by who must act:
  0  done
  1  the person at this device
  2  the person: the command line is wrong
  3  a coordinator of the workspace
  4  the operator of the server
  5  nobody: wait and try again
  6  the person: update Cairn
  7  everybody: something was tampered with
  8  the person: make room on the disk, or look after it
  9  the makers of Cairn

With --json an error is one object on standard error:
  {\"error\": {\"code\", \"message\", \"hint\", \"who\"}}";

impl Line {
    /// The way to the vault, and what to do there.
    pub(crate) fn open(self) -> (Door, Verb) {
        let door = Door {
            folder: self.vault.filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(default_vault),
            passphrase_file: self.passphrase_file,
            clock_offset: self.clock_offset.unwrap_or(0),
            language: self.language.or_else(system_language).unwrap_or_default(),
            json: self.json,
        };
        (door, self.verb)
    }
}

/// `$XDG_DATA_HOME/cairn`, or what the system has for it.
fn default_vault() -> PathBuf {
    let folder =
        |variable: &str| std::env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from);
    let data = folder("XDG_DATA_HOME")
        .or_else(|| cfg!(windows).then(|| folder("LOCALAPPDATA")).flatten())
        .or_else(|| folder("HOME").map(|home| home.join(".local").join("share")));
    data.unwrap_or_default().join("cairn")
}

/// What the system is set to, like `tg_TJ`; nothing for the language of machines.
fn system_language() -> Option<String> {
    let variables = ["LC_ALL", "LC_MESSAGES", "LANG"];
    let set = variables.iter().find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))?;
    let language = set.split('.').next()?;
    (!matches!(language, "C" | "POSIX")).then(|| language.to_owned())
}
