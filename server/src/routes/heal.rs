//! `POST /v1/heal/roster` and `POST /v1/heal`: members give back what the server has lost.
//!
//! Roster entries and segments prove themselves, so whoever has them may bring them. The roster comes first
//! and without a hello: a server that has lost it knows nobody. Wraps are not among it; coordinators
//! make new keys afterwards. Segments come as in a sync, under a purpose of their own: only then are
//! those of earlier epochs taken.

use axum::body::Bytes;
use axum::extract::Request;
use cairn_wire::digest::sha256;
use cairn_wire::hello::Purpose;
use cairn_wire::refusal::Reason;
use cairn_wire::roster::{Body, Entry, Roster};
use cairn_wire::sync::{CreateRequest, RosterReceipt};

use super::{sync, workspaces};
use crate::auth::Denial;
use crate::body::Inflow;
use crate::log::{Creation, RosterAppend, RosterOutcome};
use crate::office::Office;
use crate::posted;

/// One exchange in which segments of earlier epochs are taken.
pub(crate) async fn segments(office: &Office, request: Request) -> Result<Bytes, Denial> {
    sync::exchange_for(office, request, Purpose::Heal).await
}

/// Takes the roster entries that are missing behind those that are held.
pub(crate) async fn roster(office: &Office, request: Request) -> Result<Vec<u8>, Denial> {
    let inflow = Inflow::new(request, &office.network)?;
    let _room = office.strangers.acquire().await.map_err(|_| Reason::Busy)?;
    let bytes = inflow.rest().await?;
    let request = CreateRequest::decode(&bytes).map_err(|malformed| match malformed.what {
        "protocol version" => Reason::Version,
        _ => Reason::Malformed,
    })?;
    drop(bytes);
    let CreateRequest { token, workspace, post } = request;
    if !office.door.allow(workspace.0) {
        return Err(Reason::Busy.into());
    }
    let Some(current) = office.rosters.current(workspace, &*office.log).await? else {
        if !workspaces::allowed(office.store.create_token.as_deref(), &token) {
            return Err(Reason::CreationRefused.into());
        }
        if post.expected_seq != 0 {
            return Err(Reason::RosterMoved.into());
        }
        let roster = Roster::fold(workspace, post.entries.iter().map(Vec::as_slice))
            .map_err(|error| posted::reason(&error))?;
        let entries = posted::decode(&post.entries)?;
        let append = missing(0, &post.entries, &entries);
        let most = office.store.max_workspaces;
        return match office.log.create_workspace(workspace, append, most, office.clock.today()).await? {
            Creation::Created => Ok(receipt(office, &roster)),
            // Somebody else heals it at this moment.
            Creation::Exists => Err(Reason::RosterMoved.into()),
            Creation::TooMany => Err(Reason::Full.into()),
        };
    };
    // What overlaps must be the same; only what comes after it is new.
    let mut roster = Roster::clone(&current);
    let overlap = current.seq().checked_sub(post.expected_seq).ok_or(Reason::RosterMoved)?;
    let held = usize::try_from(overlap).unwrap_or(usize::MAX);
    let mut both = (post.expected_seq + 1..).zip(&post.entries).take(held);
    if !both.all(|(seq, entry)| current.head_at(seq) == Some(sha256(&[entry]))) {
        return Err(Reason::RosterMoved.into());
    }
    let news = post.entries.get(held..).unwrap_or_default();
    let mut entries = Vec::with_capacity(news.len());
    for bytes in news {
        entries.push(roster.append(bytes).map_err(|error| posted::reason(&error))?);
    }
    if !entries.is_empty() {
        let append = missing(current.seq(), news, &entries);
        match office.log.append_roster(workspace, append).await? {
            RosterOutcome::Appended => {}
            RosterOutcome::Moved => return Err(Reason::RosterMoved.into()),
        }
    }
    Ok(receipt(office, &roster))
}

fn receipt(office: &Office, roster: &Roster) -> Vec<u8> {
    let receipt = RosterReceipt { seq: roster.seq(), head: roster.head() };
    office.receipt(roster.server_keys(), roster.workspace(), &receipt)
}

/// What the log is to store: entries without the wraps that once came with them.
fn missing(expected_seq: u64, bytes: &[Vec<u8>], entries: &[Entry]) -> RosterAppend {
    let mut append = RosterAppend { expected_seq, healing: true, ..RosterAppend::default() };
    append.entries = bytes.iter().map(|bytes| (sha256(&[bytes]), bytes.clone())).collect();
    for entry in entries {
        match &entry.body {
            Body::Epoch { circle, epoch, .. } => {
                append.epochs.retain(|(known, _)| known != circle);
                append.epochs.push((*circle, *epoch));
            }
            Body::AddDevice { invite, .. } => append.used.push(*invite),
            _ => {}
        }
    }
    append
}
