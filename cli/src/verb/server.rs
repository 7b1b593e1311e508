//! `cairn server …`: where the server is.

use cairn_core::Vault;
use cairn_core::error::Error;
use cairn_core::transport::Https;
use cairn_core::vault::ServerAddress;
use cairn_core::wire::codec::hex;
use cairn_core::wire::digest::VerifyingKey;
use clap::Subcommand;
use serde_json::json;

use crate::door::Door;
use crate::out::Said;
use crate::trouble::Trouble;

/// A longer address does not fit into an invitation.
const LONGEST: usize = 512;

/// Shows where the server is, or follows it to another address.
#[derive(Debug, Subcommand)]
pub(crate) enum Server {
    /// Shows the server's address, pin and proxy
    Show,
    /// Looks for the server at another address from now on; it must hold the same key
    Move {
        /// The new address, https://host:port
        #[arg(value_name = "URL")]
        server: String,
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
        let mut vault = match &self {
            Self::Move { server } => {
                address(server)?;
                door.open()?
            }
            Self::Proxy { proxy } if proxy != "none" => {
                self::proxy(proxy)?;
                door.open()?
            }
            Self::Show | Self::Proxy { .. } => door.open()?,
        };
        match self {
            Self::Show => {}
            Self::Move { server } => vault.use_address(&address(&server)?)?,
            Self::Proxy { proxy } if proxy == "none" => vault.use_proxy(None)?,
            Self::Proxy { proxy } => vault.use_proxy(Some(&proxy))?,
        }
        let server = known(&vault)?;
        vault.lock()?;
        let proxy = server.proxy.as_deref();
        let text = format!("{}\npin {}\nproxy {}", server.url, hex(&server.key.0), proxy.unwrap_or("none"));
        Ok(Said::new(text, json!({ "server": server.url, "pin": hex(&server.key.0), "proxy": proxy })))
    }
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
