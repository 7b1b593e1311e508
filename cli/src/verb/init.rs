//! `cairn init`: a new workspace.

use cairn_core::Vault;
use cairn_core::error::Error;
use cairn_core::transport::{Https, Transport, TransportError};
use cairn_core::vault::ServerAddress;
use cairn_core::wire::path;
use clap::Args;
use serde_json::json;

use super::server::{address, pinned, proxy};
use super::sync::watched;
use crate::door::Door;
use crate::out::Said;
use crate::trouble::Trouble;
use crate::words::{ended, line};

/// Begins a new workspace, whose first coordinator is this device
///
/// If the server cannot be reached the workspace stands on this device all the same; `cairn sync`, or
/// the same `cairn init` again, brings it to the server later.
#[derive(Debug, Args)]
pub(crate) struct Init {
    /// The server's address, https://host:port
    #[arg(long, value_name = "URL")]
    server: String,
    /// The server's key, 64 hexadecimal digits; its operator reads it with `cairn-server pin`
    #[arg(long, value_name = "HEX")]
    pin: String,
    /// The word with which the server lets workspaces begin, if it wants one
    #[arg(long, env = "CAIRN_CREATE_TOKEN", value_name = "WORD", hide_env_values = true)]
    token: Option<String>,
    /// What colleagues see beside what this device writes
    #[arg(long, value_name = "NAME", default_value = "coordinator")]
    name: String,
    /// A SOCKS proxy that everything is to go through, like socks5h://127.0.0.1:9050
    #[arg(long, value_name = "URL")]
    proxy: Option<String>,
}

impl Init {
    pub(crate) fn run(self, door: &Door) -> Result<Said, Trouble> {
        let key = pinned(&self.pin)?;
        self.proxy.as_deref().map_or(Ok(()), proxy)?;
        let server = ServerAddress { url: address(&self.server)?, key, proxy: self.proxy.clone() };
        let road = Https::new(&server.url, server.key, server.proxy.as_deref()).map_err(Error::from)?;
        let mut vault = if door.exists() {
            self.again(door, &server)?
        } else {
            // Whoever answers under another key must not become this workspace's server for good.
            if road.post(path::HEALTH, Vec::new()) == Err(TransportError::NotThePinnedServer) {
                return Err(Error::NotThePinnedServer.into());
            }
            let mut vault = door.create()?;
            vault.found(&server, &self.name)?;
            vault
        };
        let token = self.token.as_deref().unwrap_or_default().as_bytes();
        vault.publish_workspace(&road, token).map_err(Trouble::Unpublished)?;
        watched(door, |progress| vault.sync(&road, progress))?;
        let said = said(&vault, &server);
        vault.lock()?;
        said
    }

    /// A vault is there: finishes what an earlier `init` began, with this server and no other.
    fn again(&self, door: &Door, server: &ServerAddress) -> Result<Vault, Trouble> {
        let mut vault = door.open()?;
        match vault.server()? {
            None => vault.found(server, &self.name)?,
            Some(_) if vault.pins()?.contains(&server.key) && vault.is_coordinator() => {
                vault.use_address(&server.url)?;
                if server.proxy.is_some() {
                    vault.use_proxy(server.proxy.as_deref())?;
                }
            }
            Some(_) => return Err(Error::HasWorkspace.into()),
        }
        Ok(vault)
    }
}

fn said(vault: &Vault, server: &ServerAddress) -> Result<Said, Trouble> {
    let workspace = vault.workspace().ok_or(Error::NoWorkspace)?;
    let mut text = String::new();
    line!(text, "The workspace {} stands, here and on the server.", workspace.short());
    line!(text);
    line!(text, "Nobody can recover a lost passphrase: invite a second coordinator soon, so that the work");
    line!(text, "outlives this device, and lay one down on paper: `cairn recovery make`.");
    line!(text, "Next: `cairn form add FORM.xlsx`, then `cairn invite`.");
    let json = json!({
        "workspace": workspace.to_string(),
        "device": vault.device().to_string(),
        "server": server.url,
    });
    Ok(Said::new(ended(text), json))
}
