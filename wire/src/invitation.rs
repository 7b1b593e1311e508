//! What stands in the QR code: all a newcomer needs to find the server, know it again, and prove
//! that somebody of the workspace showed it the code.
//!
//! ```text
//! "cairn1:" ‖ base64url, without padding, of
//! version u8 = 2 | workspace[16] | server key[32] | roster seq | roster head[16] | invite[16] | secret[16] | expiry | url blob | role u8
//! ```
//! Version 1 ends with the address. The text can be typed, sent on paper, or drawn as a QR code.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::codec::{Malformed, Reader, Writer};
use crate::digest::{Hash, VerifyingKey, sha256};
use crate::id::{InviteId, WorkspaceId};
use crate::roster::Role;

const PREFIX: &str = "cairn1:";
/// Without a role: still read, no longer made.
const WITHOUT_ROLE: u8 = 1;
const WITH_ROLE: u8 = 2;
/// A server's address is at most this long.
const URL_MAX: usize = 512;

/// An invitation. Whoever holds it before it is used can ask to join: treat it like a key.
#[derive(Clone, PartialEq, Eq)]
pub struct Invitation {
    /// Which workspace.
    pub workspace: WorkspaceId,
    /// The only server key to trust.
    pub server_key: VerifyingKey,
    /// The newest roster entry when it was made.
    pub roster_seq: u64,
    /// Half of that entry's hash.
    pub roster_head: [u8; 16],
    /// Its name.
    pub invite: InviteId,
    /// The one-time secret.
    pub secret: [u8; 16],
    /// When it ends, seconds since 1970.
    pub expiry: u64,
    /// Where the server is.
    pub url: String,
    /// What the newcomer may do. An invitation of version 1 does not say.
    pub role: Option<Role>,
}

impl std::fmt::Debug for Invitation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Invitation({})", self.invite.short())
    }
}

impl Invitation {
    /// The text to show or draw.
    pub fn to_text(&self) -> String {
        format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(self.encode()))
    }

    /// `SHA-256("cairn/invitation/2" ‖ the whole invitation)`: a request to join is bound to it, so that
    /// nothing of an invitation can be altered on its way. Version 1 binds nothing.
    pub fn binding(&self) -> Option<Hash> {
        self.role.map(|_| sha256(&[b"cairn/invitation/2", &self.encode()]))
    }

    fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer
            .octet(if self.role.is_some() { WITH_ROLE } else { WITHOUT_ROLE })
            .raw(&self.workspace.0)
            .raw(&self.server_key.0)
            .int(self.roster_seq)
            .raw(&self.roster_head)
            .raw(&self.invite.0)
            .raw(&self.secret)
            .int(self.expiry)
            .blob(self.url.as_bytes());
        if let Some(role) = self.role {
            writer.octet(role.code());
        }
        writer.finish()
    }

    /// Reads [`Invitation::to_text`]; blanks and line breaks around and inside it are ignored.
    pub fn from_text(text: &str) -> Result<Self, Malformed> {
        let malformed = Malformed { at: 0, what: "invitation" };
        if text.len() > 4 * URL_MAX {
            return Err(malformed);
        }
        let text: String = text.split_whitespace().collect();
        let body = text.strip_prefix(PREFIX).ok_or(malformed)?;
        let bytes = URL_SAFE_NO_PAD.decode(body).map_err(|_| malformed)?;
        let mut reader = Reader::new(&bytes);
        let newer = Malformed { at: 0, what: "invitation version" };
        let version = reader.octet("invitation version")?;
        if version != WITHOUT_ROLE && version != WITH_ROLE {
            return Err(newer);
        }
        let invitation = Self {
            workspace: WorkspaceId::read(&mut reader)?,
            server_key: VerifyingKey(reader.array("server key")?),
            roster_seq: reader.int("roster number")?,
            roster_head: reader.array("roster head")?,
            invite: InviteId::read(&mut reader)?,
            secret: reader.array("secret")?,
            expiry: reader.int("expiry")?,
            url: String::from_utf8(reader.blob(URL_MAX, "url")?.to_vec()).map_err(|_| malformed)?,
            role: match version {
                WITHOUT_ROLE => None,
                _ => Some(Role::from_code(reader.octet("role")?).ok_or(newer)?),
            },
        };
        reader.end()?;
        Ok(invitation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn invitation(role: Option<Role>) -> Invitation {
        Invitation {
            workspace: WorkspaceId([1; 16]),
            server_key: VerifyingKey([2; 32]),
            roster_seq: 300,
            roster_head: [3; 16],
            invite: InviteId([4; 16]),
            secret: [5; 16],
            expiry: 1_900_000_000,
            url: "https://cairn.example:8443".to_owned(),
            role,
        }
    }

    #[test]
    fn an_invitation_comes_back_even_from_a_wrapped_line() {
        let new = [Role::SubmitOnly, Role::Courier].map(Some);
        for role in
            [None, Some(Role::Field), Some(Role::Coordinator), Some(Role::Reader)].into_iter().chain(new)
        {
            let invitation = invitation(role);
            let text = invitation.to_text();
            let wrapped = format!("  {}\n {}\n", &text[..40], &text[40..]);
            assert_eq!(Invitation::from_text(&wrapped), Ok(invitation));
            assert!(text.len() < 240, "{}", text.len());
            assert!(Invitation::from_text(&text[..text.len() - 2]).is_err());
        }
        assert!(Invitation::from_text("hello").is_err());
    }

    #[test]
    fn what_a_later_version_wrote_asks_for_an_update() {
        let text = |bytes: &[u8]| format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes));
        let good = invitation(Some(Role::Field)).encode();
        let (mut version, mut role) = (good.clone(), good.clone());
        version[0] = 3;
        *role.last_mut().unwrap() = 99;
        for newer in [version, role] {
            assert_eq!(Invitation::from_text(&text(&newer)).unwrap_err().what, "invitation version");
        }
        assert!(Invitation::from_text(&text(&good)).is_ok(), "control");
    }

    #[test]
    fn every_part_of_an_invitation_is_in_what_binds_it() {
        let good = invitation(Some(Role::Field));
        let changed: [fn(&mut Invitation); 9] = [
            |one| one.workspace.0[0] ^= 1,
            |one| one.server_key.0[0] ^= 1,
            |one| one.roster_seq ^= 1,
            |one| one.roster_head[0] ^= 1,
            |one| one.invite.0[0] ^= 1,
            |one| one.secret[0] ^= 1,
            |one| one.expiry ^= 1,
            |one| one.url.push('1'),
            |one| one.role = Some(Role::Coordinator),
        ];
        for change in changed {
            let mut bent = good.clone();
            change(&mut bent);
            assert_ne!(bent.binding(), good.binding());
        }
        assert_eq!(good.clone().binding(), good.binding(), "control");
        assert_eq!(invitation(None).binding(), None);
    }
}
