//! `POST /v1/workspaces`: a founder begins a workspace.

use axum::extract::Request;
use cairn_wire::refusal::Reason;
use cairn_wire::roster::Roster;
use cairn_wire::sync::{CreateRequest, RosterReceipt};
use ring::hmac;

use crate::auth::Denial;
use crate::body::Inflow;
use crate::log::Creation;
use crate::office::Office;
use crate::posted;

/// Keeps a new workspace, if the operator allows it. The same request again gets the same receipt.
pub(crate) async fn create(office: &Office, request: Request) -> Result<Vec<u8>, Denial> {
    let inflow = Inflow::new(request, &office.network)?;
    let _room = office.strangers.acquire().await.map_err(|_| Reason::Busy)?;
    let bytes = inflow.rest().await?;
    let request = CreateRequest::decode(&bytes).map_err(|malformed| match malformed.what {
        "protocol version" => Reason::Version,
        _ => Reason::Malformed,
    })?;
    drop(bytes);
    if !allowed(office.store.create_token.as_deref(), &request.token) {
        return Err(Reason::CreationRefused.into());
    }
    let CreateRequest { workspace, post, .. } = request;
    if post.expected_seq != 0 || post.entries.is_empty() {
        return Err(Reason::Malformed.into());
    }
    let roster = Roster::fold(workspace, post.entries.iter().map(Vec::as_slice))
        .map_err(|error| posted::reason(&error))?;
    let receipt = RosterReceipt { seq: roster.seq(), head: roster.head() };
    if let Some(held) = office.log.roster_after(workspace, 0).await? {
        return again(office, &roster, &held, &post.entries, &receipt);
    }
    let entries = posted::decode(&post.entries)?;
    let append = posted::append(post, &entries, &roster)?;
    let most = office.store.max_workspaces;
    match office.log.create_workspace(workspace, append, most, office.clock.today()).await? {
        Creation::Created => Ok(office.receipt(roster.server_keys(), workspace, &receipt)),
        // Somebody was faster by a moment; asking again tells whether it was the same.
        Creation::Exists => Err(Reason::WorkspaceExists.into()),
        Creation::TooMany => Err(Reason::Full.into()),
    }
}

fn again(
    office: &Office,
    roster: &Roster,
    held: &[Vec<u8>],
    posted: &[Vec<u8>],
    receipt: &RosterReceipt,
) -> Result<Vec<u8>, Denial> {
    if held.starts_with(posted) {
        Ok(office.receipt(roster.server_keys(), roster.workspace(), receipt))
    } else {
        Err(Reason::WorkspaceExists.into())
    }
}

/// Compares in constant time, whatever the lengths.
pub(super) fn allowed(wanted: Option<&str>, given: &[u8]) -> bool {
    let Some(wanted) = wanted else { return true };
    let key = hmac::Key::new(hmac::HMAC_SHA256, b"cairn/create-token/1");
    let tag = hmac::sign(&key, wanted.as_bytes());
    hmac::verify(&key, given, tag.as_ref()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_operator_s_word_allows_and_no_word_allows_everybody() {
        assert!(allowed(Some("word"), b"word"));
        assert!(!allowed(Some("word"), b"wore"));
        assert!(!allowed(Some("word"), b""));
        assert!(allowed(None, b"anything"));
    }
}
