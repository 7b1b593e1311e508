//! Somebody in the middle: answers TLS with a certificate and key of their choice, and passes everything on to
//! the real server.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use cairn_core::transport::{Https, Transport};
use cairn_wire::digest::VerifyingKey;
use rcgen::{BasicConstraints, CertificateParams, DistinguishedName, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// What somebody shows for a name.
pub struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: Vec<u8>,
}

/// A new key.
pub fn key_pair() -> KeyPair {
    KeyPair::generate_for(&rcgen::PKCS_ED25519).expect("a key")
}

/// A server's own key, from its data folder.
pub fn key_of(folder: &Path) -> KeyPair {
    let pkcs8 = std::fs::read(folder.join("server.key")).expect("a key");
    let pkcs8 = PrivatePkcs8KeyDer::from(pkcs8);
    KeyPair::from_pkcs8_der_and_sign_algo(&pkcs8, &rcgen::PKCS_ED25519).expect("a key")
}

/// The public half, as devices pin it.
pub fn public(key: &KeyPair) -> VerifyingKey {
    VerifyingKey(key.public_key_raw().try_into().expect("32 octets"))
}

/// Certificates with the names that the real server's have, and its address.
fn named() -> CertificateParams {
    let names = vec!["cairn".to_owned(), "127.0.0.1".to_owned()];
    let mut params = CertificateParams::new(names).expect("names");
    params.distinguished_name = DistinguishedName::new();
    params
}

impl Identity {
    /// A certificate for `key` by itself.
    pub fn own(key: &KeyPair) -> Self {
        Self::with(vec![named().self_signed(key).expect("a certificate").der().clone()], key)
    }

    /// Another certificate for `key`: other names, and out of date since long ago.
    pub fn out_of_date(key: &KeyPair) -> Self {
        let mut params = CertificateParams::new(vec!["elsewhere.example".to_owned()]).expect("a name");
        params.not_before = date_time_ymd(1999, 1, 1);
        params.not_after = date_time_ymd(2000, 1, 1);
        Self::with(vec![params.self_signed(key).expect("a certificate").der().clone()], key)
    }

    /// A certificate for `key` that `authority` has signed, with the authority's own behind it.
    pub fn signed_by(key: &KeyPair, authority: &KeyPair) -> Self {
        let mut above = named();
        above.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let root = above.self_signed(authority).expect("a certificate").der().clone();
        let issuer = Issuer::from_params(&above, authority);
        let leaf = named().signed_by(key, &issuer).expect("a certificate").der().clone();
        Self::with(vec![leaf, root], key)
    }

    /// The certificate of one key, used with another.
    pub fn borrowed(certificate_of: &KeyPair, key: &KeyPair) -> Self {
        Self { key: key.serialize_der(), ..Self::own(certificate_of) }
    }

    fn with(chain: Vec<CertificateDer<'static>>, key: &KeyPair) -> Self {
        Self { chain, key: key.serialize_der() }
    }
}

#[derive(Debug)]
struct Always(Arc<CertifiedKey>);

impl ResolvesServerCert for Always {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }
}

/// Somebody in the middle.
pub struct Impostor {
    address: SocketAddr,
    heard: Arc<AtomicUsize>,
}

impl Impostor {
    /// Stands before `server` with this identity.
    pub fn before(server: Https, identity: Identity) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let address = listener.local_addr().expect("an address");
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(identity.key));
        let key = ring::sign::any_supported_type(&key).expect("a key");
        let certified = Arc::new(CertifiedKey::new(identity.chain, key));
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(&[&rustls::version::TLS13])
            .expect("TLS 1.3")
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(Always(certified)));
        let config = Arc::new(config);
        let heard = Arc::new(AtomicUsize::new(0));
        let (server, theirs) = (Arc::new(server), Arc::clone(&heard));
        thread::spawn(move || {
            for socket in listener.incoming().flatten() {
                let (config, server, heard) = (Arc::clone(&config), Arc::clone(&server), Arc::clone(&theirs));
                thread::spawn(move || {
                    let connection = ServerConnection::new(config).expect("a connection");
                    let mut stream = StreamOwned::new(connection, socket);
                    while pass_on(&mut stream, &server, &heard).is_some() {}
                });
            }
        });
        Self { address, heard }
    }

    /// Its address, as devices write it.
    pub fn url(&self) -> String {
        format!("https://{}", self.address)
    }

    /// How many requests it has read.
    pub fn heard(&self) -> usize {
        self.heard.load(Ordering::SeqCst)
    }
}

/// One request and its answer; `None` when the device has hung up.
fn pass_on(
    stream: &mut StreamOwned<ServerConnection, TcpStream>,
    server: &Https,
    heard: &AtomicUsize,
) -> Option<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut octet = [0];
        stream.read_exact(&mut octet).ok()?;
        head.push(octet[0]);
    }
    let head = String::from_utf8(head).ok()?;
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap_or("0");
    let mut body = vec![0; length.parse().ok()?];
    stream.read_exact(&mut body).ok()?;
    heard.fetch_add(1, Ordering::SeqCst);
    let reply = server.post(head.split(' ').nth(1)?, body).ok()?;
    let answer = format!("HTTP/1.1 {} X\r\ncontent-length: {}\r\n\r\n", reply.status, reply.body.len());
    stream.write_all(answer.as_bytes()).ok()?;
    stream.write_all(&reply.body).ok()?;
    stream.flush().ok()
}
