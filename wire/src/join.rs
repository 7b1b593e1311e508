//! A newcomer's request to belong.
//!
//! ```text
//! version u8 = 2 | workspace[16] | invite[16] | expiry | role u8 | device keys | mac[32]
//! ```
//! `mac = HMAC-SHA-256(one-time secret, "cairn/join/2" ‖ binding ‖ everything before it)`, where the binding
//! is the hash of the whole invitation: the server, which does not know the secret, can neither swap the
//! keys nor extend the expiry nor raise the role, and nobody who passed the invitation on has altered it.
//!
//! Version 1, for invitations of version 1, has no role and no binding, and the label `"cairn/join/1"`.

use ring::hmac;

use crate::codec::{Malformed, Reader, Writer};
use crate::digest::Hash;
use crate::id::{InviteId, WorkspaceId};
use crate::invitation::Invitation;
use crate::roster::{DeviceKeys, Role};

const WITHOUT_ROLE: u8 = 1;
const WITH_ROLE: u8 = 2;

/// A request to belong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JoinRequest {
    /// Which workspace.
    pub workspace: WorkspaceId,
    /// Which invitation.
    pub invite: InviteId,
    /// When the invitation ends, seconds since 1970.
    pub expiry: u64,
    /// What the newcomer was invited to be. A request of version 1 does not say.
    pub role: Option<Role>,
    /// The newcomer's public keys.
    pub keys: DeviceKeys,
    /// Proof that the sender holds the invitation's secret.
    pub mac: [u8; 32],
}

impl JoinRequest {
    /// The request of whoever holds `invitation`, in the version that fits it.
    pub fn new(invitation: &Invitation, keys: DeviceKeys) -> Self {
        let Invitation { workspace, invite, expiry, role, .. } = *invitation;
        let mut request = Self { workspace, invite, expiry, role, keys, mac: [0; 32] };
        let key = hmac::Key::new(hmac::HMAC_SHA256, &invitation.secret);
        let tag = hmac::sign(&key, &request.authenticated(invitation.binding().as_ref()));
        request.mac.copy_from_slice(tag.as_ref());
        request
    }

    /// Whether it was made with the invitation's secret and, from version 2 on, from exactly the invitation
    /// with this binding. A request of another version than the invitation proves nothing.
    pub fn verify(&self, secret: &[u8; 16], binding: Option<&Hash>) -> bool {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
        self.role.is_some() == binding.is_some()
            && hmac::verify(&key, &self.authenticated(binding), &self.mac).is_ok()
    }

    fn authenticated(&self, binding: Option<&Hash>) -> Vec<u8> {
        match binding {
            Some(binding) => [&b"cairn/join/2"[..], binding, &self.unauthenticated()].concat(),
            None => [&b"cairn/join/1"[..], &self.unauthenticated()].concat(),
        }
    }

    fn unauthenticated(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.octet(if self.role.is_some() { WITH_ROLE } else { WITHOUT_ROLE });
        writer.raw(&self.workspace.0).raw(&self.invite.0).int(self.expiry);
        if let Some(role) = self.role {
            writer.octet(role.code());
        }
        self.keys.write(&mut writer);
        writer.finish()
    }

    /// The bytes of the request.
    pub fn encode(&self) -> Vec<u8> {
        [&self.unauthenticated()[..], &self.mac].concat()
    }

    /// Reads [`JoinRequest::encode`]; `Err` with `what == "protocol version"` asks for an update.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let newer = Malformed { at: 0, what: "protocol version" };
        let mut reader = Reader::new(bytes);
        let version = reader.octet("protocol version")?;
        if version != WITHOUT_ROLE && version != WITH_ROLE {
            return Err(newer);
        }
        let request = Self {
            workspace: WorkspaceId::read(&mut reader)?,
            invite: InviteId::read(&mut reader)?,
            expiry: reader.int("expiry")?,
            role: match version {
                WITHOUT_ROLE => None,
                _ => Some(Role::from_code(reader.octet("role")?).ok_or(newer)?),
            },
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

    fn invitation(role: Option<Role>) -> Invitation {
        Invitation {
            workspace: WorkspaceId([3; 16]),
            server_key: VerifyingKey([2; 32]),
            roster_seq: 1,
            roster_head: [6; 16],
            invite: InviteId([4; 16]),
            secret: [5; 16],
            expiry: 99,
            url: "https://cairn.example:8443".to_owned(),
            role,
        }
    }

    fn keys() -> DeviceKeys {
        DeviceKeys { signing: VerifyingKey([1; 32]), wrapping: Box::new([2; HPKE_PUBLIC]) }
    }

    /// G19, at the request itself.
    #[test]
    fn a_request_proves_the_secret_and_nothing_in_it_can_be_swapped() {
        for role in [None, Some(Role::Field)] {
            let invitation = invitation(role);
            let binding = invitation.binding();
            let request = JoinRequest::new(&invitation, keys());
            let bytes = request.encode();
            assert!(JoinRequest::decode(&bytes).unwrap().verify(&[5; 16], binding.as_ref()), "control");
            assert!(!request.verify(&[6; 16], binding.as_ref()));
            for index in 0..bytes.len() {
                let mut swapped = bytes.clone();
                swapped[index] ^= 1;
                if let Ok(request) = JoinRequest::decode(&swapped) {
                    assert!(!request.verify(&[5; 16], binding.as_ref()), "byte {index}");
                }
            }
        }
    }

    #[test]
    fn a_request_from_an_altered_invitation_does_not_fit_the_one_that_was_made() {
        let made = invitation(Some(Role::Field));
        let binding = made.binding();
        let altered: [fn(&mut Invitation); 5] = [
            |one| one.role = Some(Role::Coordinator),
            |one| one.server_key.0[7] ^= 1,
            |one| one.roster_head[0] ^= 1,
            |one| one.url = "https://elsewhere.example:8443".to_owned(),
            // Back to the version that binds nothing.
            |one| one.role = None,
        ];
        for alter in altered {
            let mut invitation = made.clone();
            alter(&mut invitation);
            assert!(!JoinRequest::new(&invitation, keys()).verify(&made.secret, binding.as_ref()));
        }
        assert!(JoinRequest::new(&made, keys()).verify(&made.secret, binding.as_ref()), "control");
    }
}
