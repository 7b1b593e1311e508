//! `POST /v1/attachments`: photos, sounds and files, sealed and in pieces.
//!
//! Whoever belongs may put and fetch what it can name: what is put under a name can only be what the name was
//! made from. Pieces are kept as they arrive, so a cut in the middle costs the piece it fell into. Who has been
//! revoked may still put what its late letters name, so much and no more, and gets nothing.

use axum::body::Bytes;
use axum::extract::Request;
use cairn_wire::attachment::{Ask, Part, PutStream, State, States, name};
use cairn_wire::digest::{Running, sha256};
use cairn_wire::hello::Purpose;
use cairn_wire::id::AttachmentId;
use cairn_wire::limits;
use cairn_wire::refusal::Reason;
use cairn_wire::roster::Role;

use crate::auth::{Caller, Denial};
use crate::body::Inflow;
use crate::log::{AttachmentEntry, AttachmentPiece, PieceOutcome};
use crate::office::Office;

/// What an answer leaves free for one piece beyond the budget, and for the lengths of all pieces.
const SPARE: u64 = (64 << 10) + limits::ATTACHMENT_PIECE as u64;

/// Answers one ask.
pub(crate) async fn answer(office: &Office, request: Request) -> Result<Bytes, Denial> {
    let mut inflow = Inflow::new(request, &office.network)?;
    let hello = inflow.hello().await?;
    let caller = office.door.admit(&hello, Purpose::Attachments, &office.rosters, &*office.log).await?;
    let ask = Ask::decode(&caller.hello.ask).map_err(|_| Reason::Malformed)?;
    let workspace = caller.hello.workspace;
    if !matches!(ask, Ask::Put { .. })
        && (caller.hello.body_digest.is_some() || inflow.piece().await?.is_some())
    {
        return Err(Reason::Malformed.into());
    }
    if !caller.belongs && !matches!(ask, Ask::Put { .. } | Ask::States(_)) {
        return Err(Reason::Revoked.into());
    }
    match ask {
        Ask::States(named) => {
            let states = office.log.attachment_states(workspace, named).await?;
            Ok(said(office, &caller, states))
        }
        Ask::Put { attachment, first } => {
            let state = put(office, &caller, attachment, first, inflow).await?;
            Ok(said(office, &caller, vec![state]))
        }
        Ask::Fetch { attachment, first, budget } => {
            let room = office.room(budget.min(limits::RESPONSE as u64 - SPARE));
            let fetched = office.log.attachment_pieces(workspace, attachment, first, room.budget).await?;
            Ok(room.fill(fetched.encode()))
        }
        Ask::Drop(named) => {
            if caller.role != Role::Coordinator {
                return Err(Reason::RosterRefused.into());
            }
            office.log.drop_attachments(workspace, named.clone()).await?;
            let states = office.log.attachment_states(workspace, named).await?;
            Ok(said(office, &caller, states))
        }
    }
}

/// States under this server's signature.
fn said(office: &Office, caller: &Caller, states: Vec<State>) -> Bytes {
    let states = States(states);
    let signed = states.signed_bytes(caller.hello.workspace, caller.device(), &caller.hello.nonce);
    states.encode(&office.sign(&[caller.server_key], &signed)).into()
}

/// Keeps pieces as they arrive; gives how far the attachment is held then.
async fn put(
    office: &Office,
    caller: &Caller,
    attachment: AttachmentId,
    first: u64,
    mut inflow: Inflow,
) -> Result<State, Denial> {
    let (workspace, day) = (caller.hello.workspace, office.clock.today());
    let late = (!caller.belongs).then(|| caller.device());
    let mut stream = PutStream::new(first);
    let mut digest = Running::new();
    let mut number = first;
    let mut state = None;
    while let Some(octets) = inflow.piece().await? {
        // A hello that announces no body is followed by none.
        if caller.hello.body_digest.is_none() {
            return Err(Reason::Malformed.into());
        }
        digest.update(&octets);
        stream.push(&octets);
        while let Some(part) = stream.next_part().map_err(|_| Reason::Malformed)? {
            match part {
                Part::Hashes(hashes) if name(workspace, &hashes) == attachment => {
                    let entry = AttachmentEntry { workspace, attachment, hashes, day, late };
                    state = Some(office.log.begin_attachment(entry).await?);
                }
                Part::Hashes(_) => return Err(Reason::OtherContent.into()),
                Part::Piece(bytes) => {
                    let hash = sha256(&[&bytes]);
                    let piece = AttachmentPiece { workspace, attachment, number, hash, bytes, day, late };
                    match office.log.put_attachment_piece(piece).await? {
                        PieceOutcome::Now(now) => state = Some(now),
                        PieceOutcome::OtherContent => return Err(Reason::OtherContent.into()),
                    }
                    number = number.saturating_add(1);
                }
            }
        }
    }
    if let Some(announced) = caller.hello.body_digest
        && digest.finish() != announced
    {
        return Err(Reason::Malformed.into());
    }
    if !stream.is_complete() {
        return Err(Reason::Malformed.into());
    }
    match state {
        Some(state) => Ok(state),
        // Nothing was sent but the question.
        None => {
            let states = office.log.attachment_states(workspace, vec![attachment]).await?;
            Ok(states.first().copied().unwrap_or(State::Unknown))
        }
    }
}
