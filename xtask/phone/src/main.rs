//! A phone in a process of its own: the calls that the app makes, with the allocator that the app has. Says how much
//! memory each part of its day took at most, or what unlocking asked of the database.
//!
//! `phone nothing`, `phone day FOLDER`, `phone first FOLDER`, `phone all FOLDER`, with the passphrase on standard
//! input. A line for each figure: its name and its number. `phone costs` does as it is told and says what that cost.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "this is how it speaks to whoever measures")]

mod costs;
mod day;
mod first;
mod proc;

use std::error::Error;
use std::process::ExitCode;

/// Whatever can go wrong while measuring.
type Failure = Box<dyn Error>;

fn run() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let deed = arguments.next().unwrap_or_default();
    if deed == "costs" {
        return costs::tell();
    }
    let mut passphrase = String::new();
    std::io::stdin().read_line(&mut passphrase)?;
    let passphrase = passphrase.trim_end_matches('\n');
    let mut folder = || arguments.next().ok_or("phone DEED FOLDER");
    match deed.as_str() {
        "nothing" => Ok(proc::tell_peak("nothing")?),
        "day" => day::spend(&folder()?, passphrase),
        "first" => first::count(&folder()?, passphrase, false),
        "all" => first::count(&folder()?, passphrase, true),
        other => Err(format!("no such deed: {other}").into()),
    }
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}
