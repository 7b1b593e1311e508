//! `POST /v1/join`: a newcomer asks to belong.
//!
//! The server can check neither the secret nor the keys; it keeps one request for each invitation
//! until a coordinator has fetched and answered it.

use axum::extract::Request;
use cairn_wire::join::{JoinReceipt, JoinRequest};
use cairn_wire::limits;
use cairn_wire::refusal::Reason;

use crate::auth::Denial;
use crate::body::Inflow;
use crate::log::{JoinEntry, JoinOutcome};
use crate::office::Office;

/// Takes a request to belong, or says that the device belongs already.
pub(crate) async fn ask(office: &Office, request: Request) -> Result<Vec<u8>, Denial> {
    let bytes = read(Inflow::new(request, &office.network)?).await?;
    let join = JoinRequest::decode(&bytes).map_err(|malformed| match malformed.what {
        "protocol version" => Reason::Version,
        _ => Reason::Malformed,
    })?;
    let roster = office.rosters.current(join.workspace, &*office.log).await?;
    let roster = roster.ok_or(Reason::UnknownWorkspace)?;
    if !office.door.allow(join.workspace.0) {
        return Err(Reason::Busy.into());
    }
    let now = office.clock.now();
    let device = join.keys.id();
    let receipt = |admitted| Ok(JoinReceipt { admitted, server_time: now }.encode());
    if roster.has_used(&join.invite) {
        return match roster.member(&device) {
            Some(_) => receipt(true),
            None => Err(Reason::InvitationUsed.into()),
        };
    }
    if join.expiry < now {
        return Err(Reason::InvitationExpired.into());
    }
    let entry = JoinEntry { invite: join.invite, device, expiry: join.expiry, bytes };
    match office.log.put_join(join.workspace, entry, now).await? {
        JoinOutcome::Waiting => receipt(false),
        JoinOutcome::Taken => Err(Reason::InvitationUsed.into()),
        JoinOutcome::Crowded => Err(Reason::Busy.into()),
    }
}

/// A whole request, no longer than one can be.
async fn read(mut inflow: Inflow) -> Result<Vec<u8>, Reason> {
    let mut bytes = Vec::new();
    while let Some(piece) = inflow.piece().await? {
        bytes.extend(piece);
        if bytes.len() > limits::JOIN {
            return Err(Reason::TooLarge);
        }
    }
    Ok(bytes)
}
