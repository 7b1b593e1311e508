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
mod fill;
mod line;
mod out;
mod passphrase;
mod pick;
mod progress;
mod table;
mod trouble;
mod verb;
mod words;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::{Arc, Mutex};

use cairn_core::Error;
use clap::Parser;

use trouble::Trouble;

/// What is given back to the system is wiped first: keys and answers do not stay in memory.
#[global_allocator]
static ALLOCATOR: zeroizing_alloc::ZeroAlloc<std::alloc::System> =
    zeroizing_alloc::ZeroAlloc(std::alloc::System);

fn main() -> ExitCode {
    let line = match line::Line::try_parse() {
        Ok(line) => line,
        Err(error) => return out::usage(&error),
    };
    let (door, verb) = line.open();
    // A panic's own words may hold what a record says: only its place is told, and nothing at all of
    // one that the core has caught.
    let place = Arc::new(Mutex::new(String::new()));
    let noted = Arc::clone(&place);
    std::panic::set_hook(Box::new(move |panic| {
        if let (Ok(mut noted), Some(location)) = (noted.lock(), panic.location()) {
            *noted = location.to_string();
        }
    }));
    match catch_unwind(AssertUnwindSafe(|| verb.run(&door))) {
        Ok(Ok(said)) => out::say(&said, door.json),
        Ok(Err(trouble)) => out::complain(&trouble, door.json),
        Err(_) => {
            let place = place.lock().map(|place| place.clone()).unwrap_or_default();
            out::complain(&Trouble::from(Error::Bug(place)), door.json)
        }
    }
}
