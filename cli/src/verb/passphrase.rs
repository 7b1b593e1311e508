//! `cairn passphrase …`: what opens this device.

use std::path::PathBuf;
use std::time::Duration;

use cairn_core::Vault;
use cairn_core::form::Answers;
use cairn_core::vault::offer_passphrase;
use clap::{Args, Subcommand};
use serde_json::json;

use super::form::{file, samples};
use crate::door::Door;
use crate::out::Said;
use crate::passphrase;
use crate::trouble::Trouble;
use crate::words::count;

/// Changes the passphrase, and sets one for the moment somebody forces you to open this device.
#[derive(Debug, Subcommand)]
pub(crate) enum Passphrase {
    /// Puts another passphrase in the place of this one; records are not encrypted again
    Change {
        /// A file whose first line is the new passphrase; else CAIRN_NEW_PASSPHRASE, else it is asked for
        #[arg(long, value_name = "FILE")]
        new_passphrase_file: Option<PathBuf>,
    },
    Duress(Duress),
    /// Draws ordinary words at random, in the chosen language where it has a list
    Suggest {
        /// How many words; each is one of 1,024
        #[arg(long, value_name = "NUMBER", default_value_t = passphrase::OFFERED, value_parser = words)]
        words: usize,
    },
    /// Shows or sets after how many wrong passphrases in a row everything on this device is wiped
    Tries {
        /// A number from 5, or `never`
        #[arg(long, value_name = "NUMBER", value_parser = tries)]
        wipe_after: Option<After>,
    },
    /// Shows or sets after how long a program that stays open, as on a phone, asks for the passphrase again
    Idle {
        /// Seconds without a touch, at most an hour
        #[arg(long, value_name = "SECONDS")]
        untouched: Option<u64>,
        /// Seconds in the background, at most an hour; 0 asks at once
        #[arg(long, value_name = "SECONDS")]
        background: Option<u64>,
    },
}

/// As many as one can remember, and not so few that they are guessed.
fn words(typed: &str) -> Result<usize, String> {
    let within = typed.parse().ok().filter(|number| (5..=24).contains(number));
    within.ok_or_else(|| "a number from 5 to 24".to_owned())
}

/// After how many; none for never.
#[derive(Debug, Clone, Copy)]
pub(crate) struct After(Option<u32>);

fn tries(typed: &str) -> Result<After, String> {
    match typed {
        "never" => Ok(After(None)),
        number => {
            number.parse().map(|after| After(Some(after))).map_err(|_| "a number, or `never`".to_owned())
        }
    }
}

/// Sets a second passphrase, which opens a decoy and makes this vault unreadable for ever
///
/// The decoy is made now, from the form and the records that you give: what a person under threat shows. It says
/// that it is offline. Whatever decoy there was is gone. A vault opened so never comes back: what was not synced is
/// lost. It deceives whoever looks at the screen, not a laboratory; on flash memory the old key may survive as long
/// as the device keeps it in a file.
#[derive(Debug, Args)]
pub(crate) struct Duress {
    /// The form that the decoy shows: harmless, and likely for you to have
    #[arg(long, value_name = "FILE", required_unless_present = "none")]
    form: Option<PathBuf>,
    /// Forgets the second passphrase and its decoy instead
    #[arg(long, conflicts_with_all = ["form", "records", "new_passphrase_file"])]
    none: bool,
    /// Invented records that the decoy shows, one in each line as `record show --json` writes its `answers`
    #[arg(long, value_name = "FILE.jsonl")]
    records: Option<PathBuf>,
    /// A file whose first line is the second passphrase; else CAIRN_NEW_PASSPHRASE, else it is asked for
    #[arg(long, value_name = "FILE")]
    new_passphrase_file: Option<PathBuf>,
}

impl Passphrase {
    pub(crate) fn run(self, door: &Door) -> Result<Said, Trouble> {
        match self {
            Self::Change { new_passphrase_file } => {
                let (vault, old) = door.open_knowing()?;
                let new = passphrase::another(new_passphrase_file.as_deref(), door.json)?;
                vault.change_passphrase(&old, &new)?;
                vault.lock()?;
                Ok(Said::new("The passphrase is changed.", json!({ "changed": true })))
            }
            Self::Duress(duress) => duress.run(door),
            Self::Suggest { words } => {
                let offered = offer_passphrase(words, &door.language)?;
                Ok(Said::new(offered.as_str(), json!({ "passphrase": offered.as_str() })))
            }
            Self::Idle { untouched, background } => {
                let mut vault = door.open()?;
                let mut lapses = vault.lapses()?;
                if untouched.or(background).is_some() {
                    lapses.idle = untouched.map_or(lapses.idle, Duration::from_secs);
                    lapses.background = background.map_or(lapses.background, Duration::from_secs);
                    vault.set_lapses(lapses)?;
                }
                vault.lock()?;
                let [untouched, background] = [lapses.idle, lapses.background].map(|lapse| lapse.as_secs());
                let mut text = format!("It locks after {} without a touch, ", count(untouched, "second"));
                match background {
                    0 => text.push_str("and whenever it is out of sight."),
                    _ => text.push_str(&format!("or {} out of sight.", count(background, "second"))),
                }
                Ok(Said::new(text, json!({ "untouched": untouched, "background": background })))
            }
            Self::Tries { wipe_after } => {
                let vault = door.open()?;
                if let Some(After(after)) = wipe_after {
                    vault.set_wipe_after(after)?;
                }
                let after = vault.wipe_after();
                vault.lock()?;
                let text = match after {
                    None => "However many wrong passphrases are tried, nothing is wiped.".to_owned(),
                    Some(after) => {
                        format!("After {after} wrong passphrases in a row everything here is wiped.")
                    }
                };
                Ok(Said::new(text, json!({ "wipe_after": after })))
            }
        }
    }
}

impl Duress {
    fn run(self, door: &Door) -> Result<Said, Trouble> {
        let Some(form) = &self.form else {
            let (vault, own) = door.open_knowing()?;
            vault.drop_duress(&own)?;
            vault.lock()?;
            return Ok(Said::new("No passphrase opens a decoy here.", json!({ "duress": false })));
        };
        let read = file::read(form)?;
        let records: Vec<Answers> =
            self.records.as_deref().map_or(Ok(Vec::new()), |name| samples::read(&read.form, name))?;
        let (vault, old) = door.open_knowing()?;
        let duress = passphrase::another(self.new_passphrase_file.as_deref(), door.json)?;
        let count = records.len();
        vault.set_duress(&old, &duress, &read.form, records)?;
        let certain = vault.erases_for_certain();
        vault.lock()?;
        let mut text =
            "The second passphrase opens the decoy from now on, and destroys this vault's key.".to_owned();
        if !certain {
            text.push_str(
                "\nThis device keeps the key in a file: nobody can promise that it is gone from the disk.",
            );
        }
        Ok(Said::new(text, json!({ "duress": true, "records": count, "erases_for_certain": certain })))
    }
}

/// Makes everything on this device unreadable, for ever
///
/// Destroys the keys first, then removes the files. No passphrase is needed. What was not synced is lost.
#[derive(Debug, Args)]
pub(crate) struct Wipe {
    /// Really wipe; without it, only says what would happen
    #[arg(long)]
    yes: bool,
}

impl Wipe {
    pub(crate) fn run(self, door: &Door) -> Result<Said, Trouble> {
        if !self.yes {
            let text = "This would make everything on this device unreadable for ever, also what was not synced.\n\
                        Nothing was changed. Add --yes to go on.";
            return Ok(Said::new(text, json!({ "wiped": false })));
        }
        let certain = Vault::wipe(&door.folder, &door.machine())?;
        let mut text = "Everything is wiped.".to_owned();
        if !certain {
            text.push_str("\nThe key was kept in a file: nobody can promise that it is gone from the disk.");
        }
        Ok(Said::new(text, json!({ "wiped": true, "erases_for_certain": certain })))
    }
}
