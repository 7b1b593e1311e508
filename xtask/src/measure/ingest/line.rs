//! One kept-alive connection: a blocking client that costs as little as it can.
//!
//! The product's own client would do, but it shares the processors with what is measured.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use cairn_wire::digest::VerifyingKey;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{
    CertificateError, ClientConfig, ClientConnection, DigitallySignedStruct, Error, SignatureScheme,
    StreamOwned,
};

use super::Failure;

/// Longer than the slowest disk; only a server that hangs meets it.
const PATIENCE: Duration = Duration::from_secs(120);

/// An open connection.
pub(super) struct Line {
    stream: StreamOwned<ClientConnection, TcpStream>,
}

impl Line {
    /// Connects and shakes hands with the holder of the key.
    pub(super) fn connect(address: SocketAddr, key: VerifyingKey) -> Result<Self, Failure> {
        let provider = Arc::new(ring::default_provider());
        let verifier = Arc::new(Pinned { key, provider: Arc::clone(&provider) });
        let config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13])?
            .dangerous()
            .with_custom_certificate_verifier(verifier)
            .with_no_client_auth();
        let connection = ClientConnection::new(Arc::new(config), "cairn".try_into()?)?;
        let socket = TcpStream::connect(address)?;
        socket.set_read_timeout(Some(PATIENCE))?;
        socket.set_nodelay(true)?;
        let mut stream = StreamOwned::new(connection, socket);
        while stream.conn.is_handshaking() {
            stream.conn.complete_io(&mut stream.sock)?;
        }
        Ok(Self { stream })
    }

    /// Sends a request as [`post`] makes it; gives the body of the answer, which must be a 200.
    pub(super) fn ask(&mut self, request: &[u8]) -> io::Result<Vec<u8>> {
        self.stream.write_all(request)?;
        self.stream.flush()?;
        let mut answer = Vec::with_capacity(1 << 10);
        let (body, whole) = loop {
            self.more(&mut answer)?;
            if let Some(end) = answer.windows(4).position(|window| window == b"\r\n\r\n") {
                break (end + 4, end + 4 + length(&answer[..end])?);
            }
        };
        while answer.len() < whole {
            self.more(&mut answer)?;
        }
        Ok(answer.split_off(body))
    }

    fn more(&mut self, answer: &mut Vec<u8>) -> io::Result<()> {
        let mut piece = [0; 4 << 10];
        match self.stream.read(&mut piece)? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            read => {
                answer.extend_from_slice(&piece[..read]);
                Ok(())
            }
        }
    }
}

/// A whole request, ready to be sent.
pub(super) fn post(path: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("POST {path} HTTP/1.1\r\nhost: cairn\r\ncontent-length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

/// How long the body is that follows this header.
fn length(head: &[u8]) -> io::Result<usize> {
    let head = String::from_utf8_lossy(head);
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    match length {
        Some(length) if head.starts_with("HTTP/1.1 200 ") => Ok(length),
        _ => Err(io::Error::other(format!("refused: {head}"))),
    }
}

/// Accepts exactly one key.
#[derive(Debug)]
struct Pinned {
    key: VerifyingKey,
    provider: Arc<CryptoProvider>,
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
        let parsed = ParsedCertificate::try_from(certificate)?;
        if parsed.subject_public_key_info().as_ref() == self.key.spki() {
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
        Err(Error::General("TLS 1.2 is not spoken".to_owned()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ED25519]
    }
}
