//! TLS 1.3 with a certificate of the server's own making that carries exactly its key.
//!
//! No authority is asked: devices compare the certificate's public key with the pins they hold. Names and
//! dates in the certificate mean nothing. While an old key is kept, that key signs the certificate: a device
//! that knows only the old one accepts what it vouches for, and learns the new one from the roster.

use std::sync::Arc;

use rcgen::{CertificateParams, DistinguishedName, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::error::Error;
use crate::key::{Keys, ServerKey};

/// The TLS side of every connection.
pub(crate) fn server_config(keys: &Keys) -> Result<Arc<ServerConfig>, Error> {
    let certificate = certificate(keys)?;
    let pkcs8 = PrivatePkcs8KeyDer::from(keys.current().pkcs8().to_vec());
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(|_| Error::Tls("TLS 1.3 is missing"))?
        .with_no_client_auth()
        .with_single_cert(vec![certificate], PrivateKeyDer::Pkcs8(pkcs8))
        .map_err(|_| Error::Tls("the certificate does not fit the key"))?;
    // One ticket is enough to come back with fewer octets.
    config.send_tls13_tickets = 1;
    Ok(Arc::new(config))
}

/// Carries the current key; signed by the old one while that is kept, else by itself.
fn certificate(keys: &Keys) -> Result<CertificateDer<'static>, Error> {
    let mut params =
        CertificateParams::new(vec!["cairn".to_owned()]).map_err(|_| Error::Tls("the name does not fit"))?;
    params.distinguished_name = DistinguishedName::new();
    let pair = pair(keys.current())?;
    let signed = match keys.old() {
        Some(old) => params.signed_by(&pair, &Issuer::from_params(&params, self::pair(old)?)),
        None => params.self_signed(&pair),
    };
    Ok(signed.map_err(|_| Error::Tls("signing failed"))?.der().clone())
}

fn pair(key: &ServerKey) -> Result<KeyPair, Error> {
    let pkcs8 = PrivatePkcs8KeyDer::from(key.pkcs8().to_vec());
    KeyPair::from_pkcs8_der_and_sign_algo(&pkcs8, &rcgen::PKCS_ED25519)
        .map_err(|_| Error::Tls("the key does not fit"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::rotation;

    fn carries(certificate: &[u8], key: &ServerKey) -> bool {
        certificate.windows(44).any(|window| window == key.public().spki())
    }

    #[test]
    fn the_certificate_carries_exactly_the_pinned_key() {
        let folder = tempfile::tempdir().unwrap();
        let keys = Keys::open(folder.path()).unwrap();
        assert!(carries(&certificate(&keys).unwrap(), keys.current()));
        assert!(server_config(&keys).is_ok());
        rotation::next(folder.path()).unwrap();
        rotation::switch(folder.path()).unwrap();
        let switched = Keys::open(folder.path()).unwrap();
        let made = certificate(&switched).unwrap();
        assert!(carries(&made, switched.current()) && !carries(&made, keys.current()));
        assert!(server_config(&switched).is_ok());
    }
}
