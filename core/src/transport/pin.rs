//! Trust in a few named keys and no authority.

use std::sync::Arc;
use std::time::Duration;

use cairn_wire::digest::VerifyingKey;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::verify_server_cert_signed_by_trust_anchor;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, Der, ServerName, TrustAnchor, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};

/// Well inside the dates of any certificate that a server makes for itself: this device's clock may be wrong.
const SOME_DAY: Duration = Duration::from_secs(2_000_000_000);

/// The keys by which a server is known. It is one of them, or one of them has signed its certificate: so a
/// server that has come to another key is known again by devices that slept meanwhile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pins(Vec<VerifyingKey>);

impl From<VerifyingKey> for Pins {
    fn from(key: VerifyingKey) -> Self {
        Self(vec![key])
    }
}

impl From<Vec<VerifyingKey>> for Pins {
    fn from(keys: Vec<VerifyingKey>) -> Self {
        Self(keys)
    }
}

/// Accepts a certificate if and only if its key is a pinned one, or a pinned one has signed it. Names and
/// dates do not matter: the keys were learnt face to face or from the roster.
#[derive(Debug)]
struct Pinned {
    pins: Pins,
    vouchers: RootCertStore,
    provider: Arc<CryptoProvider>,
}

impl Pinned {
    fn new(pins: Pins, provider: Arc<CryptoProvider>) -> Self {
        let mut vouchers = RootCertStore::empty();
        vouchers.roots.extend(pins.0.iter().map(|key| {
            // A server's certificates have no names; what an anchor holds comes without its outermost tag.
            let spki = key.spki().get(2..).unwrap_or_default().to_vec();
            let (subject, name_constraints) = (Der::from(Vec::new()), None);
            TrustAnchor { subject, subject_public_key_info: Der::from(spki), name_constraints }
        }));
        Self { pins, vouchers, provider }
    }
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let parsed = ParsedCertificate::try_from(end_entity)?;
        let key = parsed.subject_public_key_info();
        let known = self.pins.0.iter().any(|pin| key.as_ref() == pin.spki());
        let vouched = || {
            let (now, algorithms) =
                (UnixTime::since_unix_epoch(SOME_DAY), self.provider.signature_verification_algorithms.all);
            verify_server_cert_signed_by_trust_anchor(&parsed, &self.vouchers, &[], now, algorithms).is_ok()
        };
        if known || vouched() {
            Ok(ServerCertVerified::assertion())
        } else {
            Err(Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure))
        }
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(Error::General("TLS 1.2 is not spoken".to_owned()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, cert, dss, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ED25519]
    }
}

/// TLS 1.3 only, towards a holder of `pins` only, without naming the server on the wire.
pub(super) fn client_config(pins: Pins) -> Result<ClientConfig, Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = Arc::new(Pinned::new(pins, provider.clone()));
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    config.enable_sni = false;
    Ok(config)
}
