//! Vectors of what the server sees and of invitations.

use cairn_core::roster::words;
use cairn_core::wire::attachment::{Ask, Fetched, State, States, name, put_body};
use cairn_core::wire::codec::hex;
use cairn_core::wire::digest::{VerifyingKey, sha256};
use cairn_core::wire::hello::{Hello, Purpose};
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

/// An attachment of two pieces: its name, what is asked of it, the body that puts it, and what is answered.
pub(super) fn attachment() -> Result<Value, String> {
    let (asker, server) = (device(1)?, device(2)?);
    let workspace = WorkspaceId([0x11; 16]);
    let pieces = vec![vec![0x88; 40], vec![0x99; 20]];
    let hashes: Vec<_> = pieces.iter().map(|piece| sha256(&[piece])).collect();
    let attachment = name(workspace, &hashes);
    let ask = |ask: Ask| hex(&ask.encode());
    let body = put_body(Some(&hashes), &pieces);
    let nonce = [0x33; 16];
    let hello = Hello {
        workspace,
        device: asker.id(),
        time: 1_800_000_000,
        nonce,
        body_digest: Hello::digest_of(&body),
        ask: Ask::Put { attachment, first: 0 }.encode(),
    };
    let server_key = server.keys().signing;
    let signature = asker.sign(&hello.signed_bytes(Purpose::Attachments, &server_key));
    let states = States(vec![State::Unknown, State::Held { held: 1, count: 2 }, State::Dropped]);
    let said = server.sign(&states.signed_bytes(workspace, asker.id(), &nonce));
    let fetched = Fetched {
        state: State::Held { held: 2, count: 2 },
        pieces: pieces.iter().skip(1).cloned().collect(),
    };
    Ok(json!({
        "about": "an attachment of two pieces in workspace 11…: the request that puts it, the answer to three names \
                  under nonce 33…, and the fetched second piece; the seed of the server is that of its key",
        "device_seed": hex(&asker.seed()[..]),
        "server_seed": hex(&server.seed()[..]),
        "pieces": pieces.iter().map(|piece| hex(piece)).collect::<Vec<_>>(),
        "attachment": hex(&attachment.0),
        "ask_states": ask(Ask::States(vec![attachment])),
        "ask_put": ask(Ask::Put { attachment, first: 0 }),
        "ask_fetch": ask(Ask::Fetch { attachment, first: 1, budget: 65_536 }),
        "ask_drop": ask(Ask::Drop(vec![attachment])),
        "put": hex(&[hello.encode(&signature), body].concat()),
        "states": hex(&states.encode(&said)),
        "fetched": hex(&fetched.encode()),
    }))
}
