//! A circle's submit key: whoever has only its public half can seal for the circle and open nothing.

use cairn_wire::id::CircleId;
use cairn_wire::roster::HPKE_PUBLIC;
use ring::hkdf::{HKDF_SHA256, Salt};

use super::epoch::expand;
use super::{CryptoError, EpochSecret, hybrid};

/// What HPKE's key schedule is bound to; all that is particular stands in the associated data.
const INFO: &[u8] = b"cairn/submitted/1";
/// The same for a record that is sealed when it is finished, within whatever segment takes it along.
const FINISHED: &[u8] = b"cairn/sealed/1";

impl EpochSecret {
    /// The public half of `X-Wing(HKDF-SHA-256(secret, "", "cairn/submit/1" ‖ circle))`: the 32 octets are the
    /// private key. So whoever holds the secret holds the private half, and no wrap has to carry it.
    pub fn submit_key(&self, circle: CircleId) -> Result<Box<[u8; HPKE_PUBLIC]>, CryptoError> {
        Ok(self.submit_pair(circle)?.1)
    }

    /// Opens [`seal_submitted`].
    pub fn open_submitted(
        &self,
        circle: CircleId,
        associated_data: &[u8],
        sealed: &[u8],
    ) -> Result<Vec<u8>, CryptoError> {
        hybrid::open(&self.submit_pair(circle)?.0, INFO, associated_data, sealed)
    }

    /// Opens [`seal_finished`].
    pub fn open_finished(
        &self,
        circle: CircleId,
        associated_data: &[u8],
        sealed: &[u8],
    ) -> Result<Vec<u8>, CryptoError> {
        hybrid::open(&self.submit_pair(circle)?.0, FINISHED, associated_data, sealed)
    }

    fn submit_pair(
        &self,
        circle: CircleId,
    ) -> Result<(hybrid::Private, Box<[u8; HPKE_PUBLIC]>), CryptoError> {
        let prk = Salt::new(HKDF_SHA256, &[]).extract(&self.as_bytes()[..]);
        let seed = expand(&prk, &[b"cairn/submit/1", &circle.0])?;
        hybrid::pair(&seed)
    }
}

/// `HPKE(submit key, "cairn/submitted/1", associated data, message)`: `encapsulated key[1120] ‖ ciphertext`.
pub fn seal_submitted(
    to: &[u8; HPKE_PUBLIC],
    associated_data: &[u8],
    message: &[u8],
) -> Result<Vec<u8>, CryptoError> {
    hybrid::seal(to, INFO, associated_data, message)
}

/// `HPKE(submit key, "cairn/sealed/1", associated data, message)`.
pub fn seal_finished(
    to: &[u8; HPKE_PUBLIC],
    associated_data: &[u8],
    message: &[u8],
) -> Result<Vec<u8>, CryptoError> {
    hybrid::seal(to, FINISHED, associated_data, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use cairn_wire::codec::hex;
    use cairn_wire::digest::sha256;
    use ring::hmac;

    const CIRCLE: CircleId = CircleId([2; 16]);

    #[test]
    fn only_who_holds_the_secret_opens_what_was_handed_in() {
        let secret = EpochSecret::from_bytes(&[7; 32]).unwrap();
        let key = secret.submit_key(CIRCLE).unwrap();
        let sealed = seal_submitted(&key, b"data", b"message").unwrap();
        assert_eq!(sealed.len(), 1120 + 7 + 16);
        assert_eq!(secret.open_submitted(CIRCLE, b"data", &sealed).unwrap(), b"message");
        let other = EpochSecret::from_bytes(&[8; 32]).unwrap();
        assert!(other.open_submitted(CIRCLE, b"data", &sealed).is_err());
        assert!(secret.open_submitted(CircleId([3; 16]), b"data", &sealed).is_err(), "another circle");
        assert!(secret.open_submitted(CIRCLE, b"other", &sealed).is_err());
        for index in [0, 1087, 1088, 1119, 1120, sealed.len() - 1] {
            let mut bad = sealed.clone();
            bad[index] ^= 1;
            assert!(secret.open_submitted(CIRCLE, b"data", &bad).is_err(), "octet {index}");
        }
        assert!(secret.open_submitted(CIRCLE, b"data", &sealed[..1119]).is_err());
    }

    #[test]
    fn the_submit_key_of_a_secret_is_always_the_same() {
        let secret = EpochSecret::from_bytes(&[7; 32]).unwrap();
        let key = secret.submit_key(CIRCLE).unwrap();
        let known = "7ad61c0241c70c4c6cd70d81e0b7bd5b097db039493c93fd1e8d49d3c3e79a50";
        assert_eq!(hex(&sha256(&[&key[..]])), known);
        // HKDF by hand (RFC 5869): no salt is a salt of zeros, and one block is enough.
        let prk = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &[0; 32]), &[7; 32]);
        let info = [b"cairn/submit/1", &CIRCLE.0[..], &[1]].concat();
        let seed = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, prk.as_ref()), &info);
        assert_eq!(hybrid::pair(seed.as_ref().try_into().unwrap()).unwrap().1, key);
        assert_ne!(key, secret.submit_key(CircleId([3; 16])).unwrap());
    }
}
