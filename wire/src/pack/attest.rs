//! Vouching for a pack.

use super::VERSION;
use crate::codec::{Malformed, Reader, Writer};
use crate::digest::Hash;
use crate::id::{CircleId, DeviceId, WorkspaceId};

const ATTEST_LABEL: &[u8] = b"cairn/attest/1";

/// A device's word that a pack says what its own copy of the log says:
/// `version u8 | circle[16] | pack[32] | device[16] | signature[64]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attestation {
    /// Which circle.
    pub circle: CircleId,
    /// SHA-256 of the manifest.
    pub pack: Hash,
    /// Who says so.
    pub device: DeviceId,
}

impl Attestation {
    fn unsigned(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.octet(VERSION).raw(&self.circle.0).raw(&self.pack).raw(&self.device.0);
        writer.finish()
    }

    /// What the device signs: `"cairn/attest/1" ‖ workspace ‖` everything before the signature.
    pub fn signed_bytes(&self, workspace: WorkspaceId) -> Vec<u8> {
        [ATTEST_LABEL, &workspace.0, &self.unsigned()].concat()
    }

    /// The bytes of the attestation.
    pub fn encode(&self, signature: &[u8; 64]) -> Vec<u8> {
        [&self.unsigned()[..], signature].concat()
    }

    /// Reads [`Attestation::encode`], with its signature, not yet believed.
    pub fn decode(bytes: &[u8]) -> Result<(Self, [u8; 64]), Malformed> {
        let mut reader = Reader::new(bytes);
        if reader.octet("attestation version")? != VERSION {
            return Err(Malformed { at: 0, what: "attestation version" });
        }
        let attestation = Self {
            circle: CircleId::read(&mut reader)?,
            pack: reader.array("pack")?,
            device: DeviceId::read(&mut reader)?,
        };
        let signature = reader.array("signature")?;
        reader.end()?;
        Ok((attestation, signature))
    }
}
