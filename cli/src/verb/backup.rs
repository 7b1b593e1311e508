//! `cairn backup`: the whole workspace in one file for the coordinator on paper.

use std::path::PathBuf;

use cairn_core::vault::BackedUp;
use cairn_core::wire::id::DeviceId;
use clap::Args;
use serde_json::{Value, json};

use crate::door::{Door, road};
use crate::out::Said;
use crate::progress::spinner;
use crate::trouble::Trouble;
use crate::words::{count, ended, line};

/// Writes the whole workspace into one file that only enough recovery shares open
///
/// Sync first: the file holds what this device knows. It needs neither this device nor a server to be restored, only
/// the file and the shares (`cairn recovery restore --backup`). It tells nothing to whoever has no shares, so it may
/// lie on a stick or with a partner; how large it is shows. After records were erased, make a new one and destroy
/// the old ones: they still hold what was erased.
#[derive(Debug, Args)]
pub(crate) struct Backup {
    /// The file; it must not be there
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Goes on although something of this device has not been sent, and leaves that out
    #[arg(long)]
    without_unsent: bool,
}

impl Backup {
    pub(crate) fn run(self, door: &Door) -> Result<Said, Trouble> {
        // Before a passphrase is asked for.
        if self.file.try_exists().map_err(Trouble::file(&self.file))? {
            let there = std::io::Error::from(std::io::ErrorKind::AlreadyExists);
            return Err(Trouble::file(&self.file)(there));
        }
        let mut vault = door.open()?;
        let road = road(&vault)?;
        let bar = spinner(door, "backing up");
        let done = vault.back_up(&road, &self.file, self.without_unsent, |progress| {
            bar.set_message(format!("wrote {}, {} to come", progress.up, progress.waiting));
        });
        bar.finish_and_clear();
        let done = done?;
        vault.lock()?;
        let json = json!({
            "file": self.file.display().to_string(), "papers": done.papers.iter().map(ToString::to_string).collect::<Value>(), "circles": done.circles,
            "of": done.of, "segments": done.segments, "letters": done.letters, "unsent": done.unsent,
            "octets": done.octets,
        });
        Ok(Said::new(self.words(&done), json))
    }

    fn words(&self, done: &BackedUp) -> String {
        let mut text = String::new();
        let octets = done.octets.div_ceil(1024);
        line!(
            text,
            "Wrote {} ({octets} KiB), with {}.",
            self.file.display(),
            count(done.segments, "segment")
        );
        let papers: Vec<_> = done.papers.iter().map(DeviceId::short).collect();
        line!(text, "Only the shares of the coordinator on paper open it ({}).", papers.join(", "));
        if papers.len() > 1 {
            line!(
                text,
                "{} devices call themselves so, and each of them opens it. Find out with",
                papers.len()
            );
            line!(text, "`cairn recovery drill` whose shares you have, and revoke the others.");
        }
        if done.circles < done.of {
            line!(
                text,
                "It holds {} of {} circles: the others are closed to this device or",
                done.circles,
                done.of
            );
            line!(text, "to the coordinator on paper. Let it in with `cairn circle grant`.");
        }
        line!(
            text,
            "Attached files are not in it: they stay on the server and on the devices that hold them."
        );
        if done.unsent > 0 {
            line!(
                text,
                "NOT in it: {} of this device that have not been sent.",
                count(done.unsent, "change")
            );
        }
        ended(text)
    }
}
