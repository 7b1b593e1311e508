//! A newcomer's request to belong.
//!
//! ```text
//! version u8 | workspace[16] | invite[16] | expiry | device keys | mac[32]
//! ```
//! `mac = HMAC-SHA-256(one-time secret, "cairn/join/1" ‖ everything before it)`: the server, which does
//! not know the secret, can neither swap the keys nor extend the expiry.

use ring::hmac;

use crate::codec::{Malformed, Reader, Writer};
use crate::id::{InviteId, WorkspaceId};
use crate::roster::DeviceKeys;

const LABEL: &[u8] = b"cairn/join/1";

/// A request to belong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JoinRequest {
    /// Which workspace.
    pub workspace: WorkspaceId,
    /// Which invitation.
    pub invite: InviteId,
    /// When the invitation ends, seconds since 1970.
    pub expiry: u64,
    /// The newcomer's public keys.
    pub keys: DeviceKeys,
    /// Proof that the sender holds the invitation's secret.
    pub mac: [u8; 32],
}

impl JoinRequest {
    /// A request made with the invitation's secret.
    pub fn new(
        workspace: WorkspaceId,
        invite: InviteId,
        expiry: u64,
        keys: DeviceKeys,
        secret: &[u8; 16],
    ) -> Self {
        let mut request = Self { workspace, invite, expiry, keys, mac: [0; 32] };
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), &request.authenticated());
        request.mac.copy_from_slice(tag.as_ref());
        request
    }

    /// Whether it was made with the invitation's secret.
    pub fn verify(&self, secret: &[u8; 16]) -> bool {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
        hmac::verify(&key, &self.authenticated(), &self.mac).is_ok()
    }

    fn authenticated(&self) -> Vec<u8> {
        [LABEL, &self.unauthenticated()].concat()
    }

    fn unauthenticated(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.octet(crate::PROTOCOL).raw(&self.workspace.0).raw(&self.invite.0).int(self.expiry);
        self.keys.write(&mut writer);
        writer.finish()
    }

    /// The bytes of the request.
    pub fn encode(&self) -> Vec<u8> {
        [&self.unauthenticated()[..], &self.mac].concat()
    }

    /// Reads [`JoinRequest::encode`].
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        if reader.octet("protocol version")? != crate::PROTOCOL {
            return Err(Malformed { at: 0, what: "protocol version" });
        }
        let request = Self {
            workspace: WorkspaceId::read(&mut reader)?,
            invite: InviteId::read(&mut reader)?,
            expiry: reader.int("expiry")?,
            keys: DeviceKeys::read(&mut reader)?,
            mac: reader.array("mac")?,
        };
        reader.end()?;
        Ok(request)
    }
}

/// The server's answer: `version u8 | state u8 | server time`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JoinReceipt {
    /// Whether the device already belongs.
    pub admitted: bool,
    /// The server's clock, seconds since 1970.
    pub server_time: u64,
}

impl JoinReceipt {
    /// The bytes of the receipt.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.octet(crate::PROTOCOL).octet(u8::from(self.admitted)).int(self.server_time);
        writer.finish()
    }

    /// Reads [`JoinReceipt::encode`].
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        reader.octet("protocol version")?;
        let admitted = match reader.octet("state")? {
            0 => false,
            1 => true,
            _ => return Err(reader.malformed("state")),
        };
        let receipt = Self { admitted, server_time: reader.int("server time")? };
        reader.end()?;
        Ok(receipt)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::VerifyingKey;
    use crate::roster::HPKE_PUBLIC;

    #[test]
    fn a_request_proves_the_secret_and_nothing_in_it_can_be_swapped() {
        let keys = DeviceKeys { signing: VerifyingKey([1; 32]), wrapping: Box::new([2; HPKE_PUBLIC]) };
        let request = JoinRequest::new(WorkspaceId([3; 16]), InviteId([4; 16]), 99, keys, &[5; 16]);
        let bytes = request.encode();
        assert!(JoinRequest::decode(&bytes).unwrap().verify(&[5; 16]));
        assert!(!request.verify(&[6; 16]));
        for index in 1..bytes.len() {
            let mut swapped = bytes.clone();
            swapped[index] ^= 1;
            if let Ok(request) = JoinRequest::decode(&swapped) {
                assert!(!request.verify(&[5; 16]), "byte {index}");
            }
        }
    }
}
