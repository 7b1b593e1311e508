//! `POST /v1/roster`: a coordinator changes who belongs.

use axum::extract::Request;
use cairn_wire::hello::{Hello, Purpose};
use cairn_wire::refusal::Reason;
use cairn_wire::roster::Roster;
use cairn_wire::sync::{RosterPost, RosterReceipt};

use crate::auth::{Caller, Denial};
use crate::body::Inflow;
use crate::log::RosterOutcome;
use crate::office::Office;
use crate::posted;

/// Appends entries if nobody else has. The same post again gets the same receipt.
pub(crate) async fn append(office: &Office, request: Request) -> Result<Vec<u8>, Denial> {
    let mut inflow = Inflow::new(request, &office.network)?;
    let hello = inflow.hello().await?;
    let caller = office.door.admit(&hello, Purpose::Roster, &office.rosters, &*office.log).await?;
    let _room = office.bodies.acquire().await.map_err(|_| Reason::Busy)?;
    let body = inflow.rest().await?;
    if Hello::digest_of(&body) != caller.hello.body_digest || body.is_empty() {
        return Err(Reason::Malformed.into());
    }
    let post = RosterPost::decode(&body).map_err(|_| Reason::Malformed)?;
    drop(body);
    if post.entries.is_empty() {
        return Err(Reason::Malformed.into());
    }
    if post.expected_seq != caller.roster.seq() {
        return again(office, &caller, &post).await;
    }
    let mut roster = Roster::clone(&caller.roster);
    let mut entries = Vec::with_capacity(post.entries.len());
    for bytes in &post.entries {
        let entry = roster.append(bytes).map_err(|error| posted::reason(&error))?;
        // A coordinator answers for what it brings: nobody else's entries.
        if entry.author != caller.device() {
            return Err(Reason::RosterRefused.into());
        }
        entries.push(entry);
    }
    let append = posted::append(post, &entries, &roster)?;
    match office.log.append_roster(roster.workspace(), append).await? {
        RosterOutcome::Appended => {
            let receipt = RosterReceipt { seq: roster.seq(), head: roster.head() };
            Ok(office.receipt(&[caller.server_key], roster.workspace(), &receipt))
        }
        RosterOutcome::Moved => Err(Reason::RosterMoved.into()),
    }
}

/// A post that does not continue the roster: either the answer to it was lost, or it came too late.
async fn again(office: &Office, caller: &Caller, post: &RosterPost) -> Result<Vec<u8>, Denial> {
    let roster = &caller.roster;
    let held = office.log.roster_after(roster.workspace(), post.expected_seq).await?.unwrap_or_default();
    let seq = post.expected_seq.saturating_add(post.entries.len() as u64);
    let head = roster.head_at(seq).filter(|_| held.starts_with(&post.entries));
    match head {
        Some(head) => {
            let receipt = RosterReceipt { seq, head };
            Ok(office.receipt(&[caller.server_key], roster.workspace(), &receipt))
        }
        None => Err(Reason::RosterMoved.into()),
    }
}
