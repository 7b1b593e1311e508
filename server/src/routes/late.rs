//! `POST /v1/late`: segments of a device that has lost the right to write, handed in by itself or by
//! whoever carries them. They are kept apart from the log, for a coordinator to decide.

use axum::extract::Request;
use cairn_wire::hello::{Hello, Purpose};
use cairn_wire::id::CircleId;
use cairn_wire::letter::{LateHead, LateReceipt};
use cairn_wire::limits;
use cairn_wire::refusal::Reason;
use cairn_wire::roster::{Roster, Standing};
use cairn_wire::segment;
use cairn_wire::sync::{SegmentStream, SyncAsk};

use crate::auth::{Caller, Denial};
use crate::body::Inflow;
use crate::log::{Chain, LogError, SegmentEntry};
use crate::office::Office;

/// Keeps the letters that are in order, and says how far each named chain is held. A letter that is not
/// in order is left out, and the receipt's height shows it.
pub(crate) async fn hand_in(office: &Office, request: Request) -> Result<Vec<u8>, Denial> {
    let mut inflow = Inflow::new(request, &office.network)?;
    let hello = inflow.hello().await?;
    let caller = office.door.admit(&hello, Purpose::Late, &office.rosters, &*office.log).await?;
    let ask = SyncAsk::decode(&caller.hello.ask).map_err(|_| Reason::Malformed)?;
    let _room = office.bodies.acquire().await.map_err(|_| Reason::Busy)?;
    let body = inflow.rest().await?;
    if Hello::digest_of(&body) != caller.hello.body_digest {
        return Err(Reason::Malformed.into());
    }
    let mut stream = SegmentStream::new(ask.circles.len());
    stream.push(&body);
    drop(body);
    let mut segments = 0;
    while let Some((index, bytes)) = stream.next_segment().map_err(|_| Reason::Malformed)? {
        segments += 1;
        if segments > limits::LETTERS {
            return Err(Reason::TooLarge.into());
        }
        let circle = ask.circles.get(index).ok_or(Reason::Malformed)?.circle;
        keep(office, &caller.roster, circle, bytes).await?;
    }
    if segments > 0 && !stream.is_complete() {
        return Err(Reason::Malformed.into());
    }
    receipt(office, &caller, &ask).await
}

/// Keeps one letter if it is what it claims to be.
pub(super) async fn keep(
    office: &Office,
    roster: &Roster,
    circle: CircleId,
    bytes: Vec<u8>,
) -> Result<(), LogError> {
    if bytes.len() > limits::SEGMENT {
        return Ok(());
    }
    let Ok(parsed) = segment::parse(&bytes) else { return Ok(()) };
    let header = parsed.header.clone();
    let chain = office.log.late_chain(roster.workspace(), header.chain).await?;
    let author = match (&chain, header.opens_for()) {
        (Some(chain), _) if chain.circle != circle => return Ok(()),
        (Some(chain), _) => chain.device,
        (None, Some(opener)) => opener,
        (None, None) => return Ok(()),
    };
    let standing = roster.standing(&author, &circle, &header);
    let (Some(member), Some(head)) = (roster.member(&author), roster.head_at(header.roster_seq)) else {
        return Ok(());
    };
    let honest = standing == Standing::Late
        && parsed.verify(&member.keys.signing, roster.workspace(), circle, &head)
        && roster.epoch_at(&circle, header.roster_seq) == Some(header.epoch);
    if !honest {
        return Ok(());
    }
    let entry = SegmentEntry {
        workspace: roster.workspace(),
        circle,
        chain: header.chain,
        device: author,
        seq: header.seq,
        epoch: header.epoch,
        prev: header.prev,
        hash: parsed.hash,
        bytes,
        day: office.clock.today(),
        healing: false,
    };
    office.log.put_letter(entry).await?;
    Ok(())
}

async fn receipt(office: &Office, caller: &Caller, ask: &SyncAsk) -> Result<Vec<u8>, Denial> {
    let workspace = caller.hello.workspace;
    let mut chains = Vec::with_capacity(ask.circles.len());
    for circle in &ask.circles {
        let held = office.log.late_chain(workspace, circle.chain).await?;
        let own = |chain: &Chain| chain.circle == circle.circle && chain.device == caller.device();
        chains.push(match held.filter(own) {
            Some(chain) => LateHead { height: chain.height, link: Some(chain.link) },
            None => LateHead { height: 0, link: None },
        });
    }
    let receipt = LateReceipt { chains };
    let signed = receipt.signed_bytes(workspace, caller.device(), &caller.hello.nonce);
    Ok(receipt.encode(&office.sign(&[caller.server_key], &signed)))
}
