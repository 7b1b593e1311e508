//! `cairn outbox`: what has not been sent, carried to the office by hand.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use cairn_core::vault::{Aside, Brought};
use cairn_core::{Error, Vault};
use clap::Subcommand;
use serde_json::json;

use super::sync::{numbers, report};
use crate::door::{Door, road};
use crate::out::Said;
use crate::progress::spinner;
use crate::trouble::Trouble;
use crate::words::{count, ended, line, minute};

/// Carries what has not been sent to the office, where a passphrase is forgotten or no network comes
///
/// Whenever the vault is closed, what is finished and not yet on the server is laid beside it, sealed for the
/// coordinators. Nobody else can open it, and whoever carries it needs no passphrase. Records that are not finished
/// yet stay in the vault.
#[derive(Debug, Subcommand)]
pub(crate) enum Outbox {
    /// Writes what has not been sent into a file; asks for no passphrase
    Carry {
        /// Where to write it
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Takes in a file that was brought, and sends it to the server
    ///
    /// Only coordinators can open it. Taking it twice does no harm.
    Take {
        /// The file
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
}

impl Outbox {
    pub(crate) fn run(self, door: &Door) -> Result<Said, Trouble> {
        match self {
            Self::Carry { file } => carry(door, &file),
            Self::Take { file } => take(door, &file),
        }
    }
}

fn carry(door: &Door, file: &Path) -> Result<Said, Trouble> {
    // Also where the slot file is gone: this needs no passphrase.
    let none = if door.exists() { Error::NothingToCarry } else { Error::NoVault };
    let lies = Vault::outbox_file(&door.folder).ok_or(none)?;
    let mut from = File::open(&lies).map_err(Trouble::file(&lies))?;
    let closed = from.metadata().and_then(|about| about.modified()).map_err(Trouble::file(&lies))?;
    let closed = closed.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let aside = Aside::new(file).map_err(Trouble::file(file))?;
    let copied = io::copy(&mut from, &mut aside.file());
    let octets = copied.and_then(|_| aside.put_in_place()).map_err(Trouble::file(file))?;
    let mut text = String::new();
    line!(text, "Wrote {}.", file.display());
    line!(
        text,
        "It holds what waited when the vault was last closed with something new: {}.",
        minute(closed)
    );
    line!(text, "Bring it to a coordinator by any road; `cairn outbox take FILE` takes it in there.");
    line!(text, "Attached files are not in it: they leave with a sync of this device.");
    let json = json!({ "file": file.display().to_string(), "octets": octets, "as_of": closed });
    Ok(Said::new(ended(text), json))
}

fn take(door: &Door, name: &Path) -> Result<Said, Trouble> {
    let file = File::open(name).map_err(Trouble::file(name))?;
    let mut vault = door.open()?;
    let road = road(&vault)?;
    let bar = spinner(door, "taking in");
    let brought = vault.take_outbox(&road, file, |progress| {
        bar.set_message(format!("sent {}, fetched {}", progress.up, progress.down));
    });
    bar.finish_and_clear();
    let brought = brought?;
    vault.lock()?;
    let mut json = numbers(&brought.sync);
    if let Some(json) = json.as_object_mut() {
        json.insert("device".to_owned(), json!(brought.device.map(|device| device.to_string())));
        json.insert("in_file".to_owned(), json!(brought.segments));
        json.insert("taken".to_owned(), json!(brought.given));
        json.insert("late_letters".to_owned(), json!(brought.letters));
        json.insert("of_other_circles".to_owned(), json!(brought.elsewhere));
        json.insert("not_taken".to_owned(), json!(brought.refused));
        json.insert("torn".to_owned(), json!(brought.torn));
    }
    Ok(Said::new(words(&brought), json))
}

fn words(brought: &Brought) -> String {
    let mut text = String::new();
    if brought.segments == 0 {
        line!(text, "There is nothing in it: everything had been sent, or nothing was finished.");
    }
    if brought.given > 0 {
        line!(text, "The server has {} of it now.", count(brought.given, "segment"));
    }
    if brought.letters > 0 {
        let letters = count(brought.letters, "segment");
        line!(text, "{letters} came after the device was taken out: `cairn letter list` shows them, for a");
        line!(text, "coordinator to decide.");
    }
    if brought.elsewhere > 0 {
        let segments = count(brought.elsewhere, "segment");
        line!(
            text,
            "{segments} are of circles that you are not in. Keep the file: a coordinator who is takes"
        );
        line!(text, "it in too.");
    }
    if brought.refused > 0 {
        let segments = count(brought.refused, "segment");
        line!(text, "{segments} were not taken. Keep the file, and run `cairn doctor`.");
    }
    if brought.torn {
        line!(
            text,
            "The file is cut off or damaged; what stands before that was taken. Have it carried again."
        );
    }
    text.push_str(&report(&brought.sync));
    ended(text)
}
