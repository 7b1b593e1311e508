//! TLS 1.3 with a self-made certificate that carries exactly the server's key.
//!
//! No authority is asked: devices compare the certificate's public key with the pin of their
//! invitation. Names and dates in the certificate mean nothing.

use std::sync::Arc;

use rcgen::{CertificateParams, DistinguishedName, KeyPair};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::error::Error;
use crate::key::ServerKey;

/// The TLS side of every connection.
pub(crate) fn server_config(key: &ServerKey) -> Result<Arc<ServerConfig>, Error> {
    let pkcs8 = PrivatePkcs8KeyDer::from(key.pkcs8().to_vec());
    let pair = KeyPair::from_pkcs8_der_and_sign_algo(&pkcs8, &rcgen::PKCS_ED25519)
        .map_err(|_| Error::Tls("the key does not fit"))?;
    let mut params =
        CertificateParams::new(vec!["cairn".to_owned()]).map_err(|_| Error::Tls("the name does not fit"))?;
    params.distinguished_name = DistinguishedName::new();
    let certificate = params.self_signed(&pair).map_err(|_| Error::Tls("signing failed"))?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(|_| Error::Tls("TLS 1.3 is missing"))?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::Pkcs8(pkcs8))
        .map_err(|_| Error::Tls("the certificate does not fit the key"))?;
    // One ticket is enough to come back with fewer octets.
    config.send_tls13_tickets = 1;
    Ok(Arc::new(config))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_certificate_carries_exactly_the_pinned_key() {
        let folder = tempfile::tempdir().unwrap();
        let key = ServerKey::open(folder.path()).unwrap();
        let pkcs8 = PrivatePkcs8KeyDer::from(key.pkcs8().to_vec());
        let pair = KeyPair::from_pkcs8_der_and_sign_algo(&pkcs8, &rcgen::PKCS_ED25519).unwrap();
        let certificate =
            CertificateParams::new(vec!["cairn".to_owned()]).unwrap().self_signed(&pair).unwrap();
        let spki = key.public().spki();
        assert!(certificate.der().windows(spki.len()).any(|window| window == spki));
        assert!(server_config(&key).is_ok());
    }
}
