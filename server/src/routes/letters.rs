//! `POST /v1/letters`: a coordinator fetches late letters of the circles it is in.

use axum::body::Bytes;
use axum::extract::Request;
use cairn_wire::hello::Purpose;
use cairn_wire::letter::{Letters, LettersAsk};
use cairn_wire::limits;
use cairn_wire::refusal::Reason;
use cairn_wire::roster::Role;

use crate::auth::Denial;
use crate::body::Inflow;
use crate::office::Office;

/// What every answer leaves free for one letter beyond the budget.
const SPARE: u64 = (64 << 10) + limits::SEGMENT as u64;

/// Letters after the one the coordinator names.
pub(crate) async fn fetch(office: &Office, request: Request) -> Result<Bytes, Denial> {
    let mut inflow = Inflow::new(request, &office.network)?;
    let hello = inflow.hello().await?;
    let caller = office.door.admit(&hello, Purpose::Letters, &office.rosters, &*office.log).await?;
    if caller.role != Role::Coordinator {
        return Err(Reason::RosterRefused.into());
    }
    let ask = LettersAsk::decode(&caller.hello.ask).map_err(|_| Reason::Malformed)?;
    let room = office.room(ask.budget.min(limits::RESPONSE as u64 - SPARE));
    let roster = &caller.roster;
    let readable = roster.circles().keys().filter(|circle| roster.may_read(&caller.device(), circle));
    let letters =
        office.log.letters(roster.workspace(), readable.copied().collect(), ask.after, room.budget).await?;
    Ok(room.fill(Letters(letters).encode()))
}
