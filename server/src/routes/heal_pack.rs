//! `POST /v1/heal/pack`: a member gives back a pack that the server has lost, with what vouches for it.
//!
//! Whoever began with a pack does not hold the log before it. Author and attestations prove the pack as they
//! did when the log before it was let go; any member may bring it.

use axum::extract::Request;
use cairn_wire::digest::sha256;
use cairn_wire::hello::{Hello, Purpose};
use cairn_wire::limits;
use cairn_wire::pack::{DEVICES, PackBack, PackReceipt, SignedManifest};
use cairn_wire::refusal::Reason;
use cairn_wire::segment::parse;

use crate::auth::Denial;
use crate::body::Inflow;
use crate::log::{Beginning, PackEntry, PackOutcome};
use crate::office::Office;

fn prev(segment: &[u8]) -> Option<[u8; 16]> {
    Some(parse(segment).ok()?.header.prev)
}

/// Keeps pieces of a lost pack, and says how many are held.
pub(crate) async fn put(office: &Office, request: Request) -> Result<Vec<u8>, Denial> {
    let mut inflow = Inflow::new(request, &office.network)?;
    let hello = inflow.hello().await?;
    let caller = office.door.admit(&hello, Purpose::HealPack, &office.rosters, &*office.log).await?;
    let _room = office.bodies.acquire().await.map_err(|_| Reason::Busy)?;
    let body = inflow.rest().await?;
    if Hello::digest_of(&body) != caller.hello.body_digest || body.is_empty() {
        return Err(Reason::Malformed.into());
    }
    let PackBack { attestations, post } = PackBack::decode(&body).map_err(|_| Reason::Malformed)?;
    drop(body);
    let signed = SignedManifest::decode(&post.manifest).map_err(|_| Reason::Malformed)?;
    let (roster, device) = (&caller.roster, caller.device());
    let vouched = signed.vouched(roster, &attestations);
    if !roster.may_read(&device, &signed.manifest.circle)
        || !signed.is_believed(roster)
        || signed.stand_for(roster, vouched.iter().map(|(device, _)| *device)) < DEVICES
    {
        return Err(Reason::RosterRefused.into());
    }
    let first = usize::try_from(post.first).unwrap_or(usize::MAX);
    let named = signed.manifest.pieces.iter().skip(first);
    let honest = named.zip(&post.pieces).filter(|(hash, piece)| sha256(&[piece]) == **hash).count();
    if honest != post.pieces.len() {
        return Err(Reason::Malformed.into());
    }
    let mut kept: Vec<_> = vouched.into_iter().map(|(device, bytes)| (device, bytes.to_vec())).collect();
    kept.truncate(limits::ATTESTATIONS);
    let SignedManifest { manifest, hash, .. } = signed;
    let beginning = Beginning { chains: manifest.chains, attestations: kept, prev };
    let entry = PackEntry {
        workspace: caller.hello.workspace,
        circle: manifest.circle,
        pack: hash,
        device: manifest.device,
        seq: manifest.seq,
        root: manifest.root,
        pieces: manifest.pieces.len() as u64,
        manifest: post.manifest,
        day: office.clock.today(),
    };
    let held = match office.log.put_lost_pack(entry, beginning, post.first, post.pieces).await? {
        PackOutcome::Held(held) => held,
        // Its log holds all that the pack covers.
        PackOutcome::Known => return Err(Reason::RosterMoved.into()),
        PackOutcome::Refused => return Err(Reason::RosterRefused.into()),
    };
    let receipt = PackReceipt { held };
    let said = receipt.signed_bytes(caller.hello.workspace, device, &caller.hello.nonce, &hash);
    Ok(receipt.encode(&office.sign(&[caller.server_key], &said)))
}
