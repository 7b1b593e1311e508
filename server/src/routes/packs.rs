//! Packs: `POST /v1/pack` hands one over in pieces, `/v1/packs` tells which there are, `/v1/pack/pieces`
//! hands out pieces, `/v1/pack/attest` vouches for one.

use axum::body::Bytes;
use axum::extract::Request;
use cairn_wire::digest::sha256;
use cairn_wire::hello::{Hello, Purpose};
use cairn_wire::id::CircleId;
use cairn_wire::limits;
use cairn_wire::pack::{
    Attestation, Offers, PackPost, PackReceipt, PacksAsk, Pieces, PiecesAsk, SignedManifest,
};
use cairn_wire::refusal::Reason;
use cairn_wire::roster::{Role, Roster};

use crate::auth::{Caller, Denial};
use crate::body::Inflow;
use crate::collect;
use crate::log::{PackEntry, PackOutcome};
use crate::office::Office;

/// What an answer leaves free for one piece beyond the budget.
const SPARE: u64 = (64 << 10) + limits::PACK_PIECE as u64;
/// Octets of manifests in one answer.
const OFFERS: usize = 4 << 20;

/// Keeps pieces of a coordinator's pack, and says how many are held.
pub(crate) async fn put(office: &Office, request: Request) -> Result<Vec<u8>, Denial> {
    let mut inflow = Inflow::new(request, &office.network)?;
    let hello = inflow.hello().await?;
    let caller = office.door.admit(&hello, Purpose::Pack, &office.rosters, &*office.log).await?;
    let _room = office.bodies.acquire().await.map_err(|_| Reason::Busy)?;
    let body = inflow.rest().await?;
    if Hello::digest_of(&body) != caller.hello.body_digest || body.is_empty() {
        return Err(Reason::Malformed.into());
    }
    let post = PackPost::decode(&body).map_err(|_| Reason::Malformed)?;
    drop(body);
    let signed = SignedManifest::decode(&post.manifest).map_err(|_| Reason::Malformed)?;
    if !entitled(&caller, &signed) {
        return Err(Reason::RosterRefused.into());
    }
    let first = usize::try_from(post.first).unwrap_or(usize::MAX);
    let named = signed.manifest.pieces.iter().skip(first);
    let honest = named.zip(&post.pieces).filter(|(hash, piece)| sha256(&[piece]) == **hash).count();
    if honest != post.pieces.len() {
        return Err(Reason::Malformed.into());
    }
    let manifest = signed.manifest;
    let entry = PackEntry {
        workspace: caller.hello.workspace,
        circle: manifest.circle,
        pack: signed.hash,
        device: manifest.device,
        seq: manifest.seq,
        root: manifest.root,
        pieces: manifest.pieces.len() as u64,
        manifest: post.manifest,
        day: office.clock.today(),
    };
    let PackOutcome::Held(held) = office.log.put_pack(entry, post.first, post.pieces).await? else {
        return Err(Reason::RosterMoved.into());
    };
    collect::workspace(office, &caller.roster).await?;
    let (receipt, device) = (PackReceipt { held }, caller.device());
    let signed = receipt.signed_bytes(caller.hello.workspace, device, &caller.hello.nonce, &signed.hash);
    Ok(receipt.encode(&office.sign(&[caller.server_key], &signed)))
}

/// A pack is made by a coordinator who is in the circle, under its newest key, and handed over by whoever
/// made it.
fn entitled(caller: &Caller, signed: &SignedManifest) -> bool {
    let (roster, manifest) = (&caller.roster, &signed.manifest);
    let head = roster.head_at(manifest.roster_seq);
    let member = roster.member(&manifest.device).filter(|member| member.role == Role::Coordinator);
    let (Some(head), Some(member)) = (head, member) else { return false };
    manifest.device == caller.device()
        && roster.may_write(&manifest.device, &manifest.circle, roster.seq())
        && roster.epoch_at(&manifest.circle, roster.seq()) == Some(manifest.epoch)
        && signed.verify(&member.keys.signing, roster.workspace(), &head)
}

fn readable(roster: &Roster, caller: &Caller, circles: impl Iterator<Item = CircleId>) -> Vec<CircleId> {
    circles.filter(|circle| roster.may_carry(&caller.device(), circle)).collect()
}

/// The packs of the circles the caller names and may read.
pub(crate) async fn offers(office: &Office, request: Request) -> Result<Vec<u8>, Denial> {
    let mut inflow = Inflow::new(request, &office.network)?;
    let hello = inflow.hello().await?;
    let caller = office.door.admit(&hello, Purpose::Packs, &office.rosters, &*office.log).await?;
    let PacksAsk(circles) = PacksAsk::decode(&caller.hello.ask).map_err(|_| Reason::Malformed)?;
    let circles = readable(&caller.roster, &caller, circles.into_iter());
    let mut offers = office.log.packs(caller.hello.workspace, circles).await?;
    let mut octets = 0;
    offers.retain(|offer| {
        octets +=
            offer.manifest.len() + offer.attestations.iter().map(|bytes| bytes.len() + 2).sum::<usize>();
        octets <= OFFERS
    });
    offers.truncate(limits::CIRCLES);
    Ok(Offers(offers).encode())
}

/// Pieces of a pack of a circle the caller may read.
pub(crate) async fn pieces(office: &Office, request: Request) -> Result<Bytes, Denial> {
    let mut inflow = Inflow::new(request, &office.network)?;
    let hello = inflow.hello().await?;
    let caller = office.door.admit(&hello, Purpose::Pieces, &office.rosters, &*office.log).await?;
    let ask = PiecesAsk::decode(&caller.hello.ask).map_err(|_| Reason::Malformed)?;
    let room = office.room(ask.budget.min(limits::RESPONSE as u64 - SPARE));
    let circles = readable(&caller.roster, &caller, caller.roster.circles().keys().copied());
    let pieces = office.log.pieces(caller.hello.workspace, circles, ask.pack, ask.first, room.budget).await?;
    Ok(room.fill(Pieces(pieces).encode()))
}

/// Keeps a member's word for a pack.
pub(crate) async fn attest(office: &Office, request: Request) -> Result<Vec<u8>, Denial> {
    let mut inflow = Inflow::new(request, &office.network)?;
    let hello = inflow.hello().await?;
    let caller = office.door.admit(&hello, Purpose::Attest, &office.rosters, &*office.log).await?;
    let (attestation, signature) = Attestation::decode(&caller.hello.ask).map_err(|_| Reason::Malformed)?;
    let workspace = caller.hello.workspace;
    let member = caller.roster.member(&caller.device()).ok_or(Reason::NotMember)?;
    let own = attestation.device == caller.device()
        && caller.roster.may_read(&attestation.device, &attestation.circle)
        && member.keys.signing.verifies(&attestation.signed_bytes(workspace), &signature);
    if !own {
        return Err(Reason::RosterRefused.into());
    }
    let Attestation { circle, pack, device } = attestation;
    if !office.log.put_attestation(workspace, circle, pack, device, caller.hello.ask.clone()).await? {
        return Err(Reason::RosterMoved.into());
    }
    collect::workspace(office, &caller.roster).await?;
    Ok(vec![cairn_wire::PROTOCOL])
}
