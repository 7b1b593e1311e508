//! `cairn recovery …`: a coordinator on paper.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use cairn_core::Vault;
use cairn_core::error::Error;
use cairn_core::vault::{Progress, Restored, ServerAddress, Share};
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::invite::drawn;
use super::server::{address, pinned, proxy};
use super::sync::watched;
use crate::door::{Door, road};
use crate::out::Said;
use crate::passphrase;
use crate::pick;
use crate::progress::spinner;
use crate::trouble::Trouble;
use crate::words::{count, ended, line, minute};

/// A file with a share is never larger, in MiB.
const MOST: u64 = 1;

/// Lays a coordinator down on paper, in shares, for the day on which every other one is lost.
#[derive(Debug, Subcommand)]
pub(crate) enum Recovery {
    Make(Make),
    /// Tries shares without using them: whether they would bring everything back
    Drill {
        /// Files with a share each, as `recovery make` wrote them or with the words typed off the paper
        #[arg(value_name = "FILE", required = true)]
        shares: Vec<PathBuf>,
    },
    Restore(Restore),
}

/// Makes the shares, each in a file to be printed
///
/// Any so many of them as are needed bring back a coordinator who reads everything: lay them with different people,
/// far from each other and from the devices. Print them, delete the files, and try with `recovery drill` what was
/// printed. Shares of an earlier set stay good until its coordinator is taken out with `device revoke`.
#[derive(Debug, Args)]
pub(crate) struct Make {
    /// How many shares
    #[arg(long, value_name = "NUMBER", default_value_t = 3, value_parser = clap::value_parser!(u8).range(2..=16))]
    shares: u8,
    /// How many of them are needed
    #[arg(long, value_name = "NUMBER", default_value_t = 2, value_parser = clap::value_parser!(u8).range(2..=16))]
    needed: u8,
    /// The folder for the files; it is made, and must not be there
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
}

/// Brings the coordinator on paper into a new vault
///
/// From the server, or without any network from a file that `cairn backup` has written; with both, first from the
/// file. What was cut off goes on when it is run again with the same passphrase.
#[derive(Debug, Args)]
pub(crate) struct Restore {
    /// Files with a share each, as `recovery make` wrote them or with the words typed off the paper
    #[arg(value_name = "FILE", required = true)]
    shares: Vec<PathBuf>,
    /// A file that `cairn backup` has written; no server is asked then, unless --server is given too
    #[arg(long, value_name = "FILE", required_unless_present = "server")]
    backup: Option<PathBuf>,
    /// The server's address, https://host:port
    #[arg(long, value_name = "URL", requires = "pin")]
    server: Option<String>,
    /// The server's key, 64 hexadecimal digits; its operator reads it with `cairn-server pin`
    #[arg(long, value_name = "HEX", requires = "server")]
    pin: Option<String>,
    /// A SOCKS proxy that everything is to go through, like socks5h://127.0.0.1:9050
    #[arg(long, value_name = "URL")]
    proxy: Option<String>,
}

impl Recovery {
    pub(crate) fn run(self, door: &Door) -> Result<Said, Trouble> {
        match self {
            Self::Make(make) => make.run(door),
            Self::Drill { shares } => drill(door, &shares),
            Self::Restore(restore) => restore.run(door),
        }
    }
}

impl Make {
    fn run(self, door: &Door) -> Result<Said, Trouble> {
        let mut vault = door.open()?;
        // Before anything is done that the shares are needed for.
        fs::create_dir(&self.out).map_err(Trouble::file(&self.out))?;
        let road = road(&vault)?;
        let made = vault.make_recovery(&road, self.needed, self.shares);
        let shares = match made {
            Ok(shares) => shares,
            Err(error) => {
                _ = fs::remove_dir(&self.out);
                return Err(error.into());
            }
        };
        vault.lock()?;
        let mut files = Vec::new();
        for share in &shares {
            let name = self.out.join(format!("share-{}-of-{}.txt", share.number(), share.count));
            write(&name, &sheet(share, &door.language))?;
            files.push(name.display().to_string());
        }
        let mut text = String::new();
        line!(
            text,
            "Wrote {} into {}; any {} bring a coordinator back.",
            count(files.len() as u64, "share"),
            self.out.display(),
            self.needed
        );
        line!(text, "Print each, lay them in different places, delete the files, and try what was printed:");
        line!(
            text,
            "`cairn recovery drill FILE FILE`. Whoever has {} of them reads everything.",
            self.needed
        );
        let json = json!({ "files": files, "needed": self.needed, "shares": shares.len() });
        Ok(Said::new(ended(text), json))
    }
}

/// What is printed of a share.
fn sheet(share: &Share, language: &str) -> String {
    let mut text = String::new();
    let text_form = share.to_text();
    line!(text, "Cairn recovery share {} of {}; {} are needed.", share.number(), share.count, share.needed);
    line!(text, "Set {}. Workspace {}.", hex(&share.set), share.workspace.short());
    line!(text, "Keep it apart from the others. Show it to nobody who does not need it.");
    line!(text);
    line!(text, "{text_form}");
    line!(text);
    if let Some(code) = drawn(&text_form) {
        line!(text, "{code}");
        line!(text);
    }
    line!(text, "The same in words:");
    let words = share.to_words(language);
    for (row, words) in words.chunks(4).enumerate() {
        let numbered = (row * 4 + 1..).zip(words).map(|(number, word)| format!("{number:>2} {word:<10}"));
        line!(text, "{}", numbered.collect::<String>().trim_end());
    }
    ended(text)
}

fn hex(octets: &[u8]) -> String {
    cairn_core::wire::codec::hex(octets)
}

fn write(name: &Path, text: &str) -> Result<(), Trouble> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(name).map_err(Trouble::file(name))?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(Trouble::file(name))
}

/// Shares out of files: the text if it stands there, else the words.
fn read(files: &[PathBuf]) -> Result<Vec<Share>, Trouble> {
    let mut shares = Vec::new();
    for file in files {
        let bytes = pick::whole(file, MOST)?;
        let text = String::from_utf8(bytes).map_err(|_| Error::BadShare)?;
        shares.push(Share::read(&text)?);
    }
    Ok(shares)
}

fn drill(door: &Door, files: &[PathBuf]) -> Result<Said, Trouble> {
    let shares = read(files)?;
    let vault = door.open()?;
    let drill = vault.drill_recovery(&shares)?;
    vault.lock()?;
    let mut text = String::new();
    line!(text, "These shares are good: they bring back a coordinator who belongs.");
    if drill.circles < drill.of {
        line!(
            text,
            "It is in {} of {} circles: let it into the others with `cairn circle grant`.",
            drill.circles,
            drill.of
        );
    }
    let device = drill.device.to_string();
    Ok(Said::new(ended(text), json!({ "device": device, "circles": drill.circles, "of": drill.of })))
}

impl Restore {
    fn run(self, door: &Door) -> Result<Said, Trouble> {
        let shares = read(&self.shares)?;
        self.proxy.as_deref().map_or(Ok(()), proxy)?;
        let server = self.address()?;
        let machine = door.machine();
        // One that an earlier attempt has left opens with the passphrase that was chosen then.
        let passphrase = if door.exists() {
            passphrase::known(door.passphrase_file.as_deref(), door.json)?
        } else {
            let chosen = passphrase::new(door.passphrase_file.as_deref(), door.json, &door.language)?;
            machine.check_passphrase(&door.folder, &chosen)?;
            chosen
        };
        let (mut vault, restored) = match (&self.backup, &server) {
            (Some(file), server) => {
                let bar = spinner(door, "restoring");
                let watch = |progress: Progress| {
                    bar.set_message(format!("took in {}, {} to come", progress.down, progress.waiting));
                };
                door.make_folder()?;
                let (folder, server) = (&door.folder, server.as_ref());
                let made =
                    Vault::restore_from_backup(folder, &passphrase, &machine, &shares, file, server, watch);
                bar.finish_and_clear();
                let (mut vault, restored) = made?;
                if self.proxy.is_some() {
                    vault.use_proxy(self.proxy.as_deref())?;
                }
                (vault, Some(restored))
            }
            (None, Some(server)) => {
                door.make_folder()?;
                (Vault::restore_from_shares(&door.folder, &passphrase, &machine, &shares, server)?, None)
            }
            (None, None) => return Err(Error::BadAddress.into()),
        };
        let mut report = None;
        if server.is_some() {
            let road = road(&vault)?;
            report = Some(watched(door, |progress| vault.sync(&road, progress))?);
        }
        let records = vault.counts()?.records;
        vault.lock()?;
        let mut text = String::new();
        if let Some(restored) = &restored {
            tell(&mut text, restored);
        }
        line!(text, "This device is the coordinator on paper now; {} are here.", count(records, "record"));
        if server.is_none() {
            line!(
                text,
                "No server was asked. `cairn sync` goes on with the one there was; if it has lost its data,"
            );
            line!(text, "`cairn heal` gives it all of this back.");
        }
        line!(
            text,
            "Invite new coordinators, have one of them take this one out with `cairn device revoke`, and make"
        );
        line!(text, "new shares: these have met.");
        let json = json!({
            "records": records,
            "records_down": report.map(|report| report.records_down),
            "backup": restored.as_ref().map(numbers),
        });
        Ok(Said::new(ended(text), json))
    }

    fn address(&self) -> Result<Option<ServerAddress>, Trouble> {
        let (Some(url), Some(pin)) = (&self.server, &self.pin) else { return Ok(None) };
        Ok(Some(ServerAddress { url: address(url)?, key: pinned(pin)?, proxy: self.proxy.clone() }))
    }
}

fn tell(text: &mut String, restored: &Restored) {
    line!(text, "The backup was made {}.", minute(restored.time));
    if restored.torn {
        line!(text, "IT IS DAMAGED: it was cut off or changed somewhere. What stood before that is here.");
    }
    for missing in &restored.missing {
        let name = missing.name.clone().unwrap_or_else(|| missing.circle.short());
        line!(text, "Missing: {} of the circle {name}.", count(missing.segments, "segment"));
    }
    if restored.torn || !restored.missing.is_empty() {
        line!(text, "Try another copy of the backup: run this again with it, and what is missing is added.");
    }
}

fn numbers(restored: &Restored) -> Value {
    let missing: Vec<Value> = restored
        .missing
        .iter()
        .map(|one| json!({ "circle": one.circle.to_string(), "name": one.name, "segments": one.segments }))
        .collect();
    json!({
        "time": restored.time, "segments": restored.segments, "letters": restored.letters,
        "torn": restored.torn, "missing": missing,
    })
}
