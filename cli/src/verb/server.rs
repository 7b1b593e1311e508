//! `cairn server …`: where the server is.

use cairn_core::Vault;
use cairn_core::error::Error;
use cairn_core::transport::Https;
use cairn_core::vault::ServerAddress;
use cairn_core::wire::codec::hex;
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
            Self::Show | Self::Proxy { .. } => door.open()?,
        };
        match self {
            Self::Show => {}
            Self::Move { server } => vault.use_address(&address(&server)?)?,
            Self::Proxy { proxy } if proxy == "none" => vault.use_proxy(None)?,
            Self::Proxy { proxy } => {
                let server = known(&vault)?;
                Https::new(&server.url, server.key, Some(&proxy)).map_err(Error::from)?;
                vault.use_proxy(Some(&proxy))?;
            }
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
    let strange = |letter: char| matches!(letter, '/' | '?' | '#' | '@' | '\\') || letter.is_whitespace();
    if host.is_empty() || host.contains(strange) || url.len() > LONGEST {
        return Err(Error::BadAddress.into());
    }
    Ok(url.to_owned())
}

#[cfg(test)]
mod tests {
    use super::address;

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
}
