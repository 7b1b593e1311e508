//! Certificates of erasure: a device's signature over the words, and what the roster says to them.

use cairn_wire::digest::Hash;
use cairn_wire::id::{CircleId, DeviceId, RecordId};
use cairn_wire::roster::erasure_commitment;

use super::Vault;
use crate::error::Error;

/// What every signature over a certificate begins with.
const LABEL: &[u8] = b"cairn/certificate/1";

/// What a certificate says of one circle, as far as it can be checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// From which circle.
    pub circle: CircleId,
    /// The roster entry that says so, and its hash.
    pub entry: (u64, Hash),
    /// The record.
    pub record: RecordId,
    /// What the commitment was made with.
    pub salt: [u8; 32],
}

impl Vault {
    /// This device's Ed25519 signature over `"cairn/certificate/1" ‖ workspace ‖ text`.
    ///
    /// # Errors
    /// [`Error::NoWorkspace`].
    pub fn sign_certificate(&self, text: &[u8]) -> Result<[u8; 64], Error> {
        Ok(self.device.sign(&self.certified(text)?))
    }

    /// Whether a device of this workspace signed these words, and the roster says what each claim says.
    ///
    /// # Errors
    /// [`Error::NoWorkspace`].
    pub fn check_certificate(
        &self,
        text: &[u8],
        device: &DeviceId,
        signature: &[u8; 64],
        claims: &[Claim],
    ) -> Result<bool, Error> {
        let roster = self.roster()?;
        let Some(member) = roster.member(device) else { return Ok(false) };
        let signed = member.keys.signing.verifies(&self.certified(text)?, signature);
        let stands = |claim: &Claim| {
            let commitment =
                erasure_commitment(roster.workspace(), claim.circle, &claim.record.0, &claim.salt);
            let said = roster.circles().get(&claim.circle).and_then(|known| known.erasure(&commitment));
            said.is_some_and(|said| said.since == claim.entry.0)
                && roster.head_at(claim.entry.0) == Some(claim.entry.1)
        };
        Ok(signed && !claims.is_empty() && claims.iter().all(stands))
    }

    fn certified(&self, text: &[u8]) -> Result<Vec<u8>, Error> {
        Ok([LABEL, &self.roster()?.workspace().0, text].concat())
    }
}
