//! `cairn join`: into a workspace with an invitation.

use std::fs;
use std::io::{self, Read};

use cairn_core::error::Error;
use cairn_core::transport::Https;
use cairn_core::wire::invitation::Invitation;
use clap::Args;
use serde_json::json;

use super::server::proxy;
use super::sync::{report, watched};
use crate::door::{Door, road};
use crate::out::Said;
use crate::trouble::Trouble;
use crate::words::{ended, line};

/// An invitation is never longer.
const LONGEST: u64 = 4096;

/// Joins a workspace with an invitation
///
/// The coordinator who made it admits this device by syncing. Run again while waiting, it asks again.
#[derive(Debug, Args)]
pub(crate) struct Join {
    /// The invitation's text; @FILE reads it from a file, - from standard input
    #[arg(value_name = "INVITATION")]
    invitation: String,
    /// What colleagues see beside what this device writes [default: field and the device's number]
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// A SOCKS proxy that everything is to go through, like socks5h://127.0.0.1:9050
    #[arg(long, value_name = "URL")]
    proxy: Option<String>,
}

impl Join {
    pub(crate) fn run(self, door: &Door) -> Result<Said, Trouble> {
        self.proxy.as_deref().map_or(Ok(()), proxy)?;
        let text = self.text()?;
        // A bad invitation is refused before anything is created.
        let invitation = Invitation::from_text(&text).map_err(|error| match error.what {
            "invitation version" => Error::TooNew { what: "this invitation" },
            _ => Error::BadInvitation,
        })?;
        Https::new(&invitation.url, invitation.server_key, self.proxy.as_deref()).map_err(Error::from)?;
        let mut vault = if door.exists() { door.open()? } else { door.create()? };
        match vault.workspace() {
            None => {
                let name = self.name.unwrap_or_else(|| format!("field {}", vault.device().short()));
                vault.accept(&text, &name)?;
            }
            Some(workspace) if workspace == invitation.workspace => {}
            Some(_) => return Err(Error::HasWorkspace.into()),
        }
        if self.proxy.is_some() {
            vault.use_proxy(self.proxy.as_deref())?;
        }
        let road = road(&vault)?;
        let synced = watched(door, |progress| vault.sync(&road, progress));
        let (device, role, words) = (vault.device(), vault.role(), vault.words()?);
        vault.lock()?;
        match synced {
            Ok(synced) => {
                let role = role.map_or("no", |role| role.name());
                let mut text = String::new();
                line!(text, "This device belongs to the workspace, with {role} rights. Its words are");
                line!(text, "  {words}");
                text.push_str(&report(&synced));
                let json =
                    json!({ "state": "joined", "device": device.to_string(), "role": role, "words": words });
                Ok(Said::new(text, json))
            }
            Err(Error::Waiting) => {
                let mut text = String::new();
                line!(text, "This device has asked to join and waits to be admitted. Its words are");
                line!(text, "  {words}");
                line!(
                    text,
                    "Ask the coordinator who invited you to run `cairn sync`, and compare the words with what"
                );
                line!(text, "`cairn device list` shows there; then run `cairn sync` here.");
                let json = json!({ "state": "waiting", "device": device.to_string(), "words": words });
                Ok(Said::new(ended(text), json))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The invitation's text, from wherever it is.
    fn text(&self) -> Result<String, Trouble> {
        let mut text = String::new();
        match self.invitation.strip_prefix('@') {
            Some(name) => {
                let file = fs::File::open(name).map_err(Trouble::file(name))?;
                file.take(LONGEST).read_to_string(&mut text).map_err(Trouble::file(name))?;
            }
            None if self.invitation == "-" => {
                io::stdin()
                    .take(LONGEST)
                    .read_to_string(&mut text)
                    .map_err(Trouble::file("standard input"))?;
            }
            None => text.push_str(&self.invitation),
        }
        Ok(text)
    }
}
