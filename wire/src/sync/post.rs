//! What changes the roster: posts, the creation of a workspace, and the receipt for both.

use super::{Wrap, read_blobs, write_blobs};
use crate::codec::{Malformed, Reader, Writer};
use crate::digest::{Hash, VerifyingKey, sha256};
use crate::id::{CircleId, DeviceId, WorkspaceId};
use crate::limits;

/// New roster entries and the wraps that come with them; posted as the body of a roster request,
/// or alone (without a hello) to create a workspace.
///
/// ```text
/// expected seq | count | (blob)* | count | (device[16] | circle[16] | epoch | blob)*
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RosterPost {
    /// The newest entry the author knew: the server refuses if there is a newer one.
    pub expected_seq: u64,
    /// The entries, in order.
    pub entries: Vec<Vec<u8>>,
    /// Secrets wrapped for devices.
    pub wraps: Vec<(DeviceId, Wrap)>,
}

impl RosterPost {
    /// The bytes of the post.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.int(self.expected_seq);
        write_blobs(&mut writer, &self.entries);
        writer.count(self.wraps.len());
        for (device, wrap) in &self.wraps {
            writer.raw(&device.0).raw(&wrap.circle.0).int(wrap.epoch).blob(&wrap.sealed);
        }
        writer.finish()
    }

    /// Reads [`RosterPost::encode`].
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        let expected_seq = reader.int("roster number")?;
        let entries = read_blobs(&mut reader, limits::ROSTER_BATCH, limits::ROSTER_ENTRY, "roster entry")?;
        let count = reader.count(limits::WRAPS, "wraps")?;
        let mut wraps = Vec::with_capacity(count);
        for _ in 0..count {
            let device = DeviceId::read(&mut reader)?;
            wraps.push((
                device,
                Wrap {
                    circle: CircleId::read(&mut reader)?,
                    epoch: reader.int("epoch")?,
                    sealed: reader.blob(limits::WRAP, "wrap")?.to_vec(),
                },
            ));
        }
        reader.end()?;
        Ok(Self { expected_seq, entries, wraps })
    }
}

/// Begins a workspace on a server; the only request without a hello, since nobody belongs yet.
///
/// ```text
/// version u8 | token blob | workspace[16] | RosterPost with expected seq 0
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateRequest {
    /// The operator's word that allows new workspaces; empty where the server asks for none.
    pub token: Vec<u8>,
    /// The workspace, which the genesis entry must prove.
    pub workspace: WorkspaceId,
    /// Genesis and what follows at once.
    pub post: RosterPost,
}

impl CreateRequest {
    /// The longest token.
    pub const TOKEN: usize = 256;

    /// The bytes of the request.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.octet(crate::PROTOCOL).blob(&self.token).raw(&self.workspace.0).raw(&self.post.encode());
        writer.finish()
    }

    /// Reads [`CreateRequest::encode`].
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        if reader.octet("protocol version")? != crate::PROTOCOL {
            return Err(Malformed { at: 0, what: "protocol version" });
        }
        let token = reader.blob(Self::TOKEN, "token")?.to_vec();
        let workspace = WorkspaceId::read(&mut reader)?;
        let post = RosterPost::decode(reader.rest())?;
        Ok(Self { token, workspace, post })
    }
}

/// The body of an accepted workspace or roster post: `version u8 | seq | head[32] | signature[64]`, the
/// signature over `"cairn/roster-head/1" ‖ workspace ‖` everything before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RosterReceipt {
    /// The newest entry the server now holds durably.
    pub seq: u64,
    /// Its hash.
    pub head: Hash,
}

impl RosterReceipt {
    /// What the server signs.
    pub fn signed_bytes(&self, workspace: WorkspaceId) -> Vec<u8> {
        [b"cairn/roster-head/1", &workspace.0[..], &self.unsigned()].concat()
    }

    fn unsigned(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.octet(crate::PROTOCOL).int(self.seq).raw(&self.head);
        writer.finish()
    }

    /// The bytes of the receipt.
    pub fn encode(&self, signature: &[u8; 64]) -> Vec<u8> {
        [&self.unsigned()[..], signature].concat()
    }

    /// Reads and verifies a receipt of the pinned server.
    pub fn decode(bytes: &[u8], server: &VerifyingKey, workspace: WorkspaceId) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        reader.octet("protocol version")?;
        let receipt = Self { seq: reader.int("roster number")?, head: reader.array("roster head")? };
        let signature = reader.array("signature")?;
        reader.end()?;
        if !server.verifies(&receipt.signed_bytes(workspace), &signature) {
            return Err(Malformed { at: 0, what: "server signature" });
        }
        Ok(receipt)
    }
}

/// SHA-256 over wraps in order, as an epoch entry names it.
pub fn wraps_root<'a>(wraps: impl IntoIterator<Item = &'a [u8]>) -> Hash {
    let hashes: Vec<u8> = wraps.into_iter().flat_map(|wrap| sha256(&[wrap])).collect();
    sha256(&[b"cairn/wraps/1", &hashes])
}
