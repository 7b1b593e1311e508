//! The Cairn command line, for coordinators and for field work on laptops.
//!
//! ```text
//! line (what was typed) ─► verb (one file each) ─► Said or Trouble ─► out (the only place that prints)
//! ```
//! A verb opens the vault through [`door::Door`], asks the front door of `cairn-core`, and says what
//! happened in words and as JSON at once.

mod answers;
mod ask;
mod door;
mod line;
mod out;
mod passphrase;
mod pick;
mod progress;
mod table;
mod trouble;
mod verb;
mod words;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let line = match line::Line::try_parse() {
        Ok(line) => line,
        Err(error) => return out::usage(&error),
    };
    let (door, verb) = line.open();
    match verb.run(&door) {
        Ok(said) => out::say(&said, door.json),
        Err(trouble) => out::complain(&trouble, door.json),
    }
}
