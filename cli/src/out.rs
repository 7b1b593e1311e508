//! Everything this program prints is printed here.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "the one place that talks to the terminal")]

use std::io::{self, ErrorKind, IsTerminal, Write};
use std::process::ExitCode;

use serde_json::{Value, json};

use crate::trouble::{Trouble, exit_status};

/// What a verb has to say, in words and for machines.
#[derive(Debug)]
pub(crate) struct Said {
    /// For people: whole lines, the last without its end.
    pub(crate) text: String,
    /// One object.
    pub(crate) json: Value,
    /// The exit status.
    pub(crate) status: u8,
}

impl Said {
    /// All went well.
    pub(crate) fn new(text: impl Into<String>, json: Value) -> Self {
        Self { text: text.into(), json, status: 0 }
    }
}

/// Prints what a verb said.
pub(crate) fn say(said: &Said, json: bool) -> ExitCode {
    let text = if json { said.json.to_string() } else { clean(&said.text) };
    let mut out = io::stdout().lock();
    let written = if text.is_empty() { Ok(()) } else { writeln!(out, "{text}") };
    match written.and_then(|()| out.flush()) {
        Ok(()) => ExitCode::from(said.status),
        // Whoever read has read enough: `cairn record list | head`.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => ExitCode::from(said.status),
        Err(error) => complain(&Trouble::Output(error), json),
    }
}

/// Prints an error.
pub(crate) fn complain(trouble: &Trouble, json: bool) -> ExitCode {
    let status = exit_status(trouble.who());
    if json {
        let mut error = json!({
            "code": trouble.code(),
            "message": trouble.to_string(),
            "hint": trouble.hint(),
            "who": trouble.who().name(),
        });
        if let (Some(error), Some((key, details))) = (error.as_object_mut(), trouble.details()) {
            error.insert(key.to_owned(), details);
        }
        note(&json!({ "error": error }).to_string());
    } else {
        note(&format!("error: {trouble}\n\nhint: {}", trouble.hint()));
    }
    ExitCode::from(status)
}

/// Prints what was wrong with the command line, or the help that was asked for.
pub(crate) fn usage(error: &clap::Error) -> ExitCode {
    let asked = !error.use_stderr();
    if !asked && std::env::args_os().any(|argument| argument == "--json") {
        let text = error.render().to_string();
        let message = text.lines().next().unwrap_or_default().trim_start_matches("error: ");
        let hint = "Run the same command with --help.";
        let error = json!({ "code": "usage", "message": message, "hint": hint, "who": "person" });
        note(&json!({ "error": error }).to_string());
    } else if error.print().is_err() {
        // Nobody is listening.
    }
    ExitCode::from(if asked { 0 } else { 2 })
}

/// A line beside the answer: warnings and errors.
pub(crate) fn note(text: &str) {
    let written = writeln!(io::stderr().lock(), "{}", clean(text));
    drop(written);
}

/// A question to the person; the answer is typed on the same line.
pub(crate) fn prompt(text: &str) {
    let mut out = io::stderr().lock();
    let written = write!(out, "{}", clean(text)).and_then(|()| out.flush());
    drop(written);
}

/// Whether somebody watches while it happens.
pub(crate) fn is_watched() -> bool {
    io::stderr().is_terminal()
}

/// Text as a terminal may show it: what others wrote must not move the cursor or change its colours.
fn clean(text: &str) -> String {
    let shown = |letter: char| letter == '\n' || letter == '\t' || !letter.is_control();
    text.chars().map(|letter| if shown(letter) { letter } else { char::REPLACEMENT_CHARACTER }).collect()
}

#[cfg(test)]
mod tests {
    use super::clean;

    #[test]
    fn what_others_wrote_cannot_command_the_terminal() {
        assert_eq!(clean("a\u{1b}[2Jb\u{9b}c\rd"), "a\u{fffd}[2Jb\u{fffd}c\u{fffd}d");
        assert_eq!(clean("имя\tنام\nline"), "имя\tنام\nline");
    }
}
