//! HTTPS to the pinned server.

use std::io::Read;
use std::time::Duration;

use cairn_wire::limits;
use reqwest::Url;
use reqwest::blocking::{Client, Response};
use reqwest::header::{ACCEPT, HeaderMap, HeaderValue};
use reqwest::redirect::Policy;

use super::{Pins, Reply, Transport, TransportError, pin};

/// How long a connection may take to come about: three tries of a slow handshake.
const CONNECT: Duration = Duration::from_secs(60);
/// The slowest line that is waited for, in octets a second.
const SLOWEST: u64 = 512;

/// A connection that is kept open between requests.
#[derive(Debug)]
pub struct Https {
    client: Client,
    base: Url,
}

impl Https {
    /// For the server at `url` (`https://host:port`) that is known by `pins`. `proxy`, if given, is a SOCKS
    /// proxy (`socks5h://…`: it also resolves the name); nothing goes around it.
    ///
    /// # Errors
    /// [`TransportError::BadAddress`] when `url` or `proxy` is not an address.
    pub fn new(url: &str, pins: impl Into<Pins>, proxy: Option<&str>) -> Result<Self, TransportError> {
        let base = Url::parse(url).map_err(|_| TransportError::BadAddress)?;
        if base.scheme() != "https" || base.host_str().is_none() {
            return Err(TransportError::BadAddress);
        }
        let config = pin::client_config(pins.into()).map_err(|_| TransportError::BadAddress)?;
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("*/*"));
        let mut builder = Client::builder()
            .tls_backend_preconfigured(config)
            .no_proxy()
            .redirect(Policy::none())
            .http1_only()
            .default_headers(headers)
            .connect_timeout(CONNECT)
            .pool_max_idle_per_host(1);
        if let Some(proxy) = proxy {
            builder = builder.proxy(reqwest::Proxy::all(proxy).map_err(|_| TransportError::BadAddress)?);
        }
        let client = builder.build().map_err(|_| TransportError::BadAddress)?;
        Ok(Self { client, base })
    }

    /// Octets of an HTTP/1.1 request as hyper writes it: request line, then each header.
    fn request_octets(&self, path: &str, body: usize) -> u64 {
        let host = self.base.host_str().map_or(0, str::len)
            + self.base.port().map_or(0, |port| 1 + port.to_string().len());
        let line = "POST ".len() + path.len() + " HTTP/1.1\r\n".len();
        let headers = "accept: */*\r\n".len()
            + "host: \r\n".len()
            + host
            + "content-length: \r\n".len()
            + body.to_string().len();
        (line + headers + "\r\n".len() + body) as u64
    }
}

/// Octets of an HTTP/1.1 response head as it came.
fn response_octets(response: &Response) -> u64 {
    let reason = response.status().canonical_reason().unwrap_or_default();
    let line = "HTTP/1.1 200 \r\n".len() + reason.len();
    let headers: usize =
        response.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    (line + headers + 2) as u64
}

impl Transport for Https {
    fn post(&self, path: &str, body: Vec<u8>) -> Result<Reply, TransportError> {
        let url = self.base.join(path).map_err(|_| TransportError::BadAddress)?;
        let bytes_up = self.request_octets(path, body.len());
        let patience = CONNECT.as_secs() + (body.len() + limits::RESPONSE) as u64 / SLOWEST;
        let response =
            self.client.post(url).timeout(Duration::from_secs(patience)).body(body).send().map_err(
                |error| {
                    if is_wrong_key(&error) {
                        TransportError::NotThePinnedServer
                    } else {
                        TransportError::Offline
                    }
                },
            )?;
        let status = response.status().as_u16();
        let head = response_octets(&response);
        let mut body = Vec::new();
        let most = limits::RESPONSE as u64;
        response.take(most + 1).read_to_end(&mut body).map_err(|_| TransportError::Offline)?;
        if body.len() as u64 > most {
            return Err(TransportError::TooLarge);
        }
        let bytes_down = head + body.len() as u64;
        Ok(Reply { status, body, bytes_up, bytes_down })
    }
}

/// Whether the handshake failed because of the certificate's key, or for want of TLS 1.3.
fn is_wrong_key(error: &(dyn std::error::Error + 'static)) -> bool {
    if let Some(tls) = error.downcast_ref::<rustls::Error>() {
        return matches!(tls, rustls::Error::InvalidCertificate(_) | rustls::Error::PeerIncompatible(_));
    }
    // An I/O error's `source` passes over what it wraps, and it may wrap another I/O error.
    let wrapped = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    let wrapped = wrapped.map(|inner| inner as &(dyn std::error::Error + 'static));
    wrapped.or_else(|| error.source()).is_some_and(is_wrong_key)
}
