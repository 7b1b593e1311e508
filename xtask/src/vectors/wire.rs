//! Vectors of what the server sees and of invitations.

use cairn_core::roster::words;
use cairn_core::wire::codec::hex;
use cairn_core::wire::digest::VerifyingKey;
use cairn_core::wire::hello::Hello;
use cairn_core::wire::id::{DeviceId, InviteId, WorkspaceId};
use cairn_core::wire::invitation::Invitation;
use cairn_core::wire::join::JoinRequest;
use cairn_core::wire::roster::Role;
use serde_json::{Value, json};

use super::device;

/// Small things in one encoding each: hello, join request, invitation.
pub(super) fn wire() -> Result<Value, String> {
    let author = device(1)?;
    let workspace = WorkspaceId([0x11; 16]);
    let hello = Hello {
        workspace,
        device: DeviceId([0x22; 16]),
        time: 1_800_000_000,
        nonce: [0x33; 16],
        body_digest: Hello::digest_of(b"body"),
        ask: vec![1, 2, 3],
    };
    let invitation = invitation(None);
    let join = JoinRequest::new(&invitation, author.keys().clone());
    Ok(json!({
        "about": "a hello with a signature of zeros, a join request under secret 55…, an invitation",
        "device_seed": hex(&author.seed()[..]),
        "hello": hex(&hello.encode(&[0; 64])),
        "join": hex(&join.encode()),
        "invitation": invitation.to_text(),
    }))
}

fn invitation(role: Option<Role>) -> Invitation {
    Invitation {
        workspace: WorkspaceId([0x11; 16]),
        server_key: VerifyingKey([0x66; 32]),
        roster_seq: 300,
        roster_head: [0x77; 16],
        invite: InviteId([0x44; 16]),
        secret: [0x55; 16],
        expiry: 1_800_086_400,
        url: "https://cairn.example:8443".to_owned(),
        role,
    }
}

/// An invitation of version 2, the request that is bound to it, and the words of the device that asks.
pub(super) fn invited() -> Result<Value, String> {
    let author = device(1)?;
    let invitation = invitation(Some(Role::Field));
    let join = JoinRequest::new(&invitation, author.keys().clone());
    Ok(json!({
        "about": "an invitation that names a role, and the request that is bound to it",
        "device_seed": hex(&author.seed()[..]),
        "invitation": invitation.to_text(),
        "binding": hex(&invitation.binding().unwrap_or_default()),
        "join": hex(&join.encode()),
        "words": words(invitation.workspace, &author.id()),
    }))
}
