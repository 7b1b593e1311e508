//! `cairn server …`: where the server is.

use cairn_core::Vault;
use cairn_core::error::Error;
use cairn_core::transport::Https;
use cairn_core::vault::ServerAddress;
use cairn_core::wire::codec::{hex, unhex};
use cairn_core::wire::digest::VerifyingKey;
use clap::Subcommand;
use serde_json::json;

use crate::door::{Door, road};
use crate::out::Said;
use crate::trouble::Trouble;
use crate::words::{ended, line};

/// A longer address does not fit into an invitation.
const LONGEST: usize = 512;

/// Shows where the server is and how it is known, and follows it to another address or key.
#[derive(Debug, Subcommand)]
pub(crate) enum Server {
    /// Shows the server's address, pins and proxy
    Show,
    /// Looks for the server at another address from now on; it must hold a key that is known
    Move {
        /// The new address, https://host:port
        #[arg(value_name = "URL")]
        server: String,
        /// Its key as a coordinator reads it out, if it has come to another one while this device was away
        #[arg(long, value_name = "HEX")]
        pin: Option<String>,
    },
    /// Adds a key that the server will come to, for everybody; its operator reads it with
    /// `cairn-server key next`
    AddKey {
        /// The key, 64 hexadecimal digits
        #[arg(value_name = "HEX")]
        key: String,
    },
    /// Drops a key of the server, for everybody: nobody who learns of it accepts that key again
    DropKey {
        /// The key, 64 hexadecimal digits, as `server show` lists it
        #[arg(value_name = "HEX")]
        key: String,
    },
    /// Sends everything through a SOCKS proxy from now on
    Proxy {
        /// The proxy, like socks5h://127.0.0.1:9050, or `none`
        #[arg(value_name = "URL")]
        proxy: String,
    },
}

impl Server {
    pub(crate) fn run(self, door: &Door) -> Result<Said, Trouble> {
        // What was typed is looked at before the passphrase is asked for.
        let typed = match &self {
            Self::Move { server, pin } => {
                address(server)?;
                pin.as_deref().map(pinned).transpose()?
            }
            Self::Proxy { proxy } if proxy != "none" => self::proxy(proxy).map(|()| None)?,
            Self::AddKey { key } | Self::DropKey { key } => Some(pinned(key)?),
            Self::Show | Self::Proxy { .. } => None,
        };
        let mut vault = door.open()?;
        match (self, typed) {
            (Self::Move { server, .. }, Some(key)) => vault.use_server(&address(&server)?, key)?,
            (Self::Move { server, .. }, None) => vault.use_address(&address(&server)?)?,
            (Self::Proxy { proxy }, _) if proxy == "none" => vault.use_proxy(None)?,
            (Self::Proxy { proxy }, _) => vault.use_proxy(Some(&proxy))?,
            (Self::AddKey { .. }, Some(key)) => {
                vault.add_server_key(&road(&vault)?, key)?;
            }
            (Self::DropKey { .. }, Some(key)) => {
                vault.drop_server_key(&road(&vault)?, key)?;
            }
            (Self::Show | Self::AddKey { .. } | Self::DropKey { .. }, _) => {}
        }
        said(vault)
    }
}

fn said(vault: Vault) -> Result<Said, Trouble> {
    let (server, pins) = (known(&vault)?, vault.pins()?);
    vault.lock()?;
    let proxy = server.proxy.as_deref();
    let mut text = String::new();
    line!(text, "{}", server.url);
    line!(text, "pin {}", hex(&server.key.0));
    for other in pins.iter().filter(|pin| **pin != server.key) {
        line!(text, "also {}", hex(&other.0));
    }
    line!(text, "proxy {}", proxy.unwrap_or("none"));
    let pins: Vec<String> = pins.iter().map(|pin| hex(&pin.0)).collect();
    let json = json!({ "server": server.url, "pin": hex(&server.key.0), "pins": pins, "proxy": proxy });
    Ok(Said::new(ended(text), json))
}

/// A key as people write it.
pub(super) fn pinned(typed: &str) -> Result<VerifyingKey, Trouble> {
    unhex::<32>(typed.trim()).map(VerifyingKey).ok_or(Trouble::BadPin)
}

fn known(vault: &Vault) -> Result<ServerAddress, Trouble> {
    Ok(vault.server()?.ok_or(Error::NoWorkspace)?)
}

/// An address as it is kept: `https://host:port` and nothing behind it.
pub(super) fn address(typed: &str) -> Result<String, Trouble> {
    let url = typed.trim().trim_end_matches('/');
    let host = url.strip_prefix("https://").unwrap_or_default();
    let is_server = is_place(host) && url.len() <= LONGEST;
    // Any key will do here: only the address is looked at.
    let key = VerifyingKey([0; 32]);
    if !is_server || Https::new(url, key, None).is_err() {
        return Err(Error::BadAddress.into());
    }
    Ok(url.to_owned())
}

/// Looks whether a proxy is one that everything can go through.
pub(super) fn proxy(typed: &str) -> Result<(), Trouble> {
    let place = ["socks5h://", "socks5://"].into_iter().find_map(|scheme| typed.strip_prefix(scheme));
    if place.is_some_and(|place| is_place(place.rsplit('@').next().unwrap_or_default())) {
        Ok(())
    } else {
        Err(Trouble::BadProxy)
    }
}

/// Whether this can be host and port, with nothing before or behind.
fn is_place(text: &str) -> bool {
    let strange = |letter: char| matches!(letter, '/' | '?' | '#' | '@' | '\\') || letter.is_whitespace();
    !text.is_empty() && !text.contains(strange)
}

#[cfg(test)]
mod tests {
    use super::{address, proxy};

    #[test]
    fn an_address_is_host_and_port_and_nothing_else() {
        for good in ["https://cairn.example:8443", " https://[::1]:8443/ ", "https://10.0.0.1"] {
            assert!(address(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "https://",
            "http://cairn.example",
            "cairn.example",
            "https://a/b",
            "https://u@a",
            "https://a b",
        ] {
            assert!(address(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_proxy_is_a_socks_proxy() {
        for good in ["socks5h://127.0.0.1:9050", "socks5://localhost:1080", "socks5h://me:word@[::1]:1"] {
            assert!(proxy(good).is_ok(), "{good}");
        }
        for bad in ["", "none", "127.0.0.1:9050", "http://127.0.0.1:3128", "socks5h://", "socks5h://a/b"] {
            assert!(proxy(bad).is_err(), "{bad}");
        }
    }
}
