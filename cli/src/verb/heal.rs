//! `cairn heal`: gives the server back what it has lost.

use cairn_core::vault::Healed;
use clap::Args;
use serde_json::json;

use super::server::{address, pinned};
use super::sync::{numbers, report};
use crate::door::{Door, road};
use crate::out::Said;
use crate::progress::spinner;
use crate::trouble::Trouble;
use crate::words::{count, ended, line};

/// Gives the server back what it has lost, from this device's copy
///
/// For a server that was wiped or put back from an older backup, and still has its key. Any member can
/// do it, and it does no harm where nothing is lost. Afterwards a coordinator renews the keys with
/// `cairn circle renew`, so that whoever had not fetched theirs gets new ones.
///
/// Where the server is lost together with its key, a coordinator gives everything to another one with --new-server
/// and --pin; the others follow with `cairn server move URL --pin HEX`. Never do this while the old server still
/// answers anybody: the workspace would go two ways.
#[derive(Debug, Args)]
pub(crate) struct Heal {
    /// The word with which the server lets workspaces begin, if it wants one and has lost this one
    #[arg(long, env = "CAIRN_CREATE_TOKEN", value_name = "WORD", hide_env_values = true)]
    token: Option<String>,
    /// Another server, whose key nobody knows yet: its address, https://host:port
    #[arg(long, value_name = "URL", requires = "pin")]
    new_server: Option<String>,
    /// That server's key, 64 hexadecimal digits; its operator reads it with `cairn-server pin`
    #[arg(long, value_name = "HEX", requires = "new_server")]
    pin: Option<String>,
}

impl Heal {
    pub(crate) fn run(self, door: &Door) -> Result<Said, Trouble> {
        let other = match (&self.new_server, &self.pin) {
            (Some(url), Some(pin)) => Some((address(url)?, pinned(pin)?)),
            _ => None,
        };
        let mut vault = door.open()?;
        if let Some((url, key)) = other {
            vault.replace_server(&url, key)?;
        }
        let road = road(&vault)?;
        let bar = spinner(door, "healing");
        let token = self.token.as_deref().unwrap_or_default().as_bytes();
        let healed = vault.heal(&road, token, |progress| {
            bar.set_message(format!("gave back {}, fetched {}", progress.up, progress.down));
        });
        bar.finish_and_clear();
        let healed = healed?;
        vault.lock()?;
        let mut json = numbers(&healed.sync);
        if let Some(json) = json.as_object_mut() {
            json.insert("given_back".to_owned(), json!(healed.given_back));
            json.insert("packs_given_back".to_owned(), json!(healed.packs));
            json.insert("not_taken_back".to_owned(), json!(healed.refused));
            json.insert("reordered".to_owned(), json!(healed.reordered));
        }
        Ok(Said::new(words(&healed), json))
    }
}

fn words(healed: &Healed) -> String {
    let mut text = String::new();
    if healed.given_back == 0 && healed.reordered == 0 && healed.packs == 0 {
        line!(text, "The server had lost nothing that this device has.");
    } else {
        line!(text, "The server has {} again.", count(healed.given_back, "lost segment"));
    }
    if healed.packs > 0 {
        line!(text, "It also has {} again, with all that went before.", count(healed.packs, "pack"));
    }
    if healed.reordered > 0 {
        line!(text, "Others had written to it meanwhile; this device now follows the server's order.");
        line!(text, "Whoever is told that the server has lost something runs `cairn heal` too.");
    }
    if healed.refused > 0 {
        line!(text, "It did not take back {}; they are kept here.", count(healed.refused, "segment"));
    }
    if healed.given_back > 0 || healed.packs > 0 {
        line!(text, "A coordinator should now run `cairn circle renew`.");
    }
    text.push_str(&report(&healed.sync));
    ended(text)
}
