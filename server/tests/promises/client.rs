//! A small blocking client: TLS by hand, HTTP by hand, so that every octet can be seen and bent.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use cairn_server::Running;
use cairn_wire::codec::unhex;
use cairn_wire::digest::VerifyingKey;
use cairn_wire::refusal::{Reason, Refusal};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, ClientConnection, DigitallySignedStruct, Error, SignatureScheme,
    StreamOwned,
};

/// Longer than anything here takes; only a hanging test meets it.
const PATIENCE: Duration = Duration::from_secs(60);

/// Accepts exactly one key.
#[derive(Debug)]
struct Pinned {
    key: VerifyingKey,
    provider: CryptoProvider,
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let spki = self.key.spki();
        if certificate.windows(spki.len()).any(|window| window == spki) {
            Ok(ServerCertVerified::assertion())
        } else {
            Err(CertificateError::ApplicationVerificationFailure.into())
        }
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(Error::General("TLS 1.2".to_owned()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(
            message,
            certificate,
            signature,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ED25519]
    }
}

/// The public key that a pin stands for.
pub fn key_of(pin: &str) -> VerifyingKey {
    VerifyingKey(unhex(pin).unwrap())
}

/// An open connection.
pub struct Line {
    stream: StreamOwned<ClientConnection, TcpStream>,
    left: Vec<u8>,
}

/// A response.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// Status line and header lines, as they came.
    pub head: String,
    /// What followed.
    pub body: Vec<u8>,
}

impl Answer {
    /// Why it was refused.
    pub fn refusal(&self) -> Refusal {
        let refusal = Refusal::decode(&self.body).unwrap();
        assert_eq!(refusal.reason.status(), self.status);
        refusal
    }

    /// The reason alone.
    pub fn reason(&self) -> Reason {
        self.refusal().reason
    }
}

impl Line {
    /// Connects to a running server, pinning its key.
    pub fn to(server: &Running) -> Self {
        Self::pinning(server.address(), key_of(server.pin())).unwrap()
    }

    /// Connects and shakes hands with whoever holds `key`.
    pub fn pinning(address: SocketAddr, key: VerifyingKey) -> io::Result<Self> {
        let provider = Arc::new(ring::default_provider());
        let verifier = Pinned { key, provider: ring::default_provider() };
        let config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13])
            .unwrap()
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth();
        let connection = ClientConnection::new(Arc::new(config), "cairn".try_into().unwrap()).unwrap();
        let socket = TcpStream::connect(address)?;
        socket.set_read_timeout(Some(PATIENCE))?;
        socket.set_nodelay(true)?;
        let mut stream = StreamOwned::new(connection, socket);
        while stream.conn.is_handshaking() {
            stream.conn.complete_io(&mut stream.sock)?;
        }
        Ok(Self { stream, left: Vec::new() })
    }

    /// Sends octets as they are.
    pub fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes)?;
        self.stream.flush()
    }

    /// Sends a whole request and reads the answer.
    pub fn post(&mut self, path: &str, body: &[u8]) -> Answer {
        self.send(&[&head(path, body.len())[..], body].concat()).unwrap();
        self.answer().unwrap()
    }

    /// Reads one response.
    pub fn answer(&mut self) -> io::Result<Answer> {
        let mut bytes = std::mem::take(&mut self.left);
        let end = loop {
            if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
                break end + 4;
            }
            self.more(&mut bytes)?;
        };
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap_or("0");
        let whole = end + length.parse::<usize>().unwrap();
        while bytes.len() < whole {
            self.more(&mut bytes)?;
        }
        self.left = bytes.split_off(whole);
        Ok(Answer { status, head, body: bytes.split_off(end) })
    }

    fn more(&mut self, bytes: &mut Vec<u8>) -> io::Result<()> {
        let mut piece = [0; 16 << 10];
        loop {
            match self.stream.conn.reader().read(&mut piece) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(read) => {
                    bytes.extend_from_slice(&piece[..read]);
                    return Ok(());
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
            // Only reads: the stream's own `read` first writes what is left, which fails when the server
            // has said its last word and hung up.
            if self.stream.conn.read_tls(&mut self.stream.sock)? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            self.stream.conn.process_new_packets().map_err(io::Error::other)?;
        }
    }

    /// Waits until the server has closed the connection; gives what it said before.
    pub fn until_closed(&mut self) -> Vec<u8> {
        let mut bytes = std::mem::take(&mut self.left);
        while self.more(&mut bytes).is_ok() {}
        bytes
    }

    /// The TCP socket below.
    pub fn socket(&self) -> &TcpStream {
        &self.stream.sock
    }
}

/// The header of a POST.
pub fn head(path: &str, length: usize) -> Vec<u8> {
    format!("POST {path} HTTP/1.1\r\nhost: cairn\r\ncontent-length: {length}\r\n\r\n").into_bytes()
}

/// One request on a connection of its own.
pub fn post(server: &Running, path: &str, body: &[u8]) -> Answer {
    Line::to(server).post(path, body)
}

/// Waits for the end of a plain TCP connection.
pub fn closed(socket: &mut TcpStream) {
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut sink = [0; 1024];
    loop {
        match socket.read(&mut sink) {
            Ok(0) => return,
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => panic!("still open"),
            Err(_) => return,
        }
    }
}
