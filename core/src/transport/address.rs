//! What people type where a server's address or a proxy is wanted.

use cairn_wire::digest::VerifyingKey;

use super::{Https, TransportError};

/// A longer address does not fit into an invitation.
const LONGEST: usize = 512;

/// An address as it is kept: `https://host:port` and nothing behind it.
///
/// # Errors
/// [`TransportError::BadAddress`].
pub fn server_address(typed: &str) -> Result<String, TransportError> {
    let url = typed.trim().trim_end_matches('/');
    let host = url.strip_prefix("https://").unwrap_or_default();
    if !is_place(host) || url.len() > LONGEST {
        return Err(TransportError::BadAddress);
    }
    // Any key will do here: only the address is looked at.
    Https::new(url, VerifyingKey([0; 32]), None)?;
    Ok(url.to_owned())
}

/// Whether a proxy is one that everything can go through, names of hosts included: `socks5h://host:port`.
pub fn is_socks_proxy(typed: &str) -> bool {
    let place = ["socks5h://", "socks5://"].into_iter().find_map(|scheme| typed.strip_prefix(scheme));
    place.is_some_and(|place| is_place(place.rsplit('@').next().unwrap_or_default()))
}

/// Whether this can be host and port, with nothing before or behind.
fn is_place(text: &str) -> bool {
    let strange = |letter: char| matches!(letter, '/' | '?' | '#' | '@' | '\\') || letter.is_whitespace();
    !text.is_empty() && !text.contains(strange)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_host_and_port_and_nothing_else() {
        assert_eq!(server_address(" https://[::1]:8443/ ").unwrap(), "https://[::1]:8443");
        for bad in ["", "https://", "http://cairn.example", "https://a/b", "https://u@a", "https://a b"] {
            assert_eq!(server_address(bad), Err(TransportError::BadAddress), "{bad}");
        }
        let long = format!("https://{}", "a".repeat(LONGEST));
        assert_eq!(server_address(&long), Err(TransportError::BadAddress));
    }

    #[test]
    fn a_proxy_is_a_socks_proxy() {
        assert!(is_socks_proxy("socks5h://me:word@127.0.0.1:9050"));
        for bad in ["", "127.0.0.1:9050", "http://127.0.0.1:3128", "socks5h://", "socks5h://a/b"] {
            assert!(!is_socks_proxy(bad), "{bad}");
        }
    }
}
