//! `POST /v1/sync`: one exchange. Segments go in as they arrive, the log after the cursor comes back.
//!
//! The caller is known before its body is read. Each whole segment is judged and queued at once, so
//! a connection cut in the middle keeps what had arrived; the answer comes after all of it is
//! durable. A refused segment stops only its own chain, and never the answer.

use std::collections::HashSet;

use axum::body::Bytes;
use axum::extract::Request;
use cairn_wire::digest::{Running, half};
use cairn_wire::hello::Purpose;
use cairn_wire::id::{ChainId, CircleId};
use cairn_wire::letter;
use cairn_wire::limits;
use cairn_wire::pack;
use cairn_wire::refusal::{Reason, SegmentRefusal};
use cairn_wire::roster::Role;
use cairn_wire::sync::{CircleAsk, CircleHead, Head, SegmentStream, SyncAsk, SyncResponse};

use crate::auth::{Caller, Denial};
use crate::body::Inflow;
use crate::judge::{Judge, Verdict};
use crate::log::{LogError, Pull, PullAsk, Queued, SegmentOutcome};
use crate::office::Office;
use crate::routes::late;

/// Segments judged before other requests get a turn.
const TURN: u64 = 16;

/// One exchange.
pub(crate) async fn exchange(office: &Office, request: Request) -> Result<Bytes, Denial> {
    exchange_for(office, request, Purpose::Sync).await
}

/// One exchange for a purpose: [`Purpose::Sync`], or [`Purpose::Heal`], by which older epochs are taken.
pub(super) async fn exchange_for(
    office: &Office,
    request: Request,
    purpose: Purpose,
) -> Result<Bytes, Denial> {
    let mut inflow = Inflow::new(request, &office.network)?;
    let hello = inflow.hello().await?;
    let caller = office.door.admit(&hello, purpose, &office.rosters, &*office.log).await?;
    let ask = SyncAsk::decode(&caller.hello.ask).map_err(|_| Reason::Malformed)?;
    // Whoever was revoked by entries that are lost would be let in again.
    if purpose == Purpose::Sync && ask.roster_seq > caller.roster.seq() {
        return Err(Reason::RosterBehind.into());
    }
    let behind = match purpose {
        // A hello without a body pushes nothing.
        Purpose::Sync if caller.hello.body_digest.is_some() => behind(office, &caller, &ask).await?,
        _ => vec![false; ask.circles.len()],
    };
    let mut push = Push { behind, healing: purpose == Purpose::Heal, ..Push::default() };
    let read = push.receive(office, &caller, &ask, inflow).await;
    // What was queued becomes durable whether or not the rest arrived.
    let late = std::mem::take(&mut push.late);
    let refused = push.settle().await;
    read?;
    for (circle, bytes) in late {
        // A log that had forgotten a revocation let it in, and others may have built on it.
        late::keep(office, &caller.roster, circle, bytes).await?;
    }
    answer(office, &caller, ask, refused?).await
}

/// The segments of one request, in their order.
#[derive(Default)]
struct Push {
    healing: bool,
    /// Per circle of the ask, whether the log has lost something that the sender has seen.
    behind: Vec<bool>,
    segments: Vec<(Option<ChainId>, Fate)>,
    /// What was given back and does not count, or not yet.
    late: Vec<(CircleId, Vec<u8>)>,
}

enum Fate {
    Held,
    Refused(SegmentRefusal),
    Queued(Queued),
}

impl Push {
    /// Reads the body to its end, judging and queueing every segment as it is complete.
    async fn receive(
        &mut self,
        office: &Office,
        caller: &Caller,
        ask: &SyncAsk,
        mut inflow: Inflow,
    ) -> Result<(), Denial> {
        let mut stream = SegmentStream::new(ask.circles.len());
        let mut judge = Judge::new(&*office.log, &caller.roster, office.clock.today(), self.healing);
        let mut digest = Running::new();
        let mut empty = true;
        while let Some(piece) = inflow.piece().await? {
            // A hello that announces no body is followed by none.
            if caller.hello.body_digest.is_none() {
                return Err(Reason::Malformed.into());
            }
            empty = false;
            digest.update(&piece);
            stream.push(&piece);
            while let Some((index, bytes)) = stream.next_segment().map_err(|_| Reason::Malformed)? {
                let circle = ask.circles.get(index).ok_or(Reason::Malformed)?.circle;
                if self.segments.len() >= limits::SEGMENTS {
                    return Err(Reason::TooLarge.into());
                }
                if self.behind.get(index).is_some_and(|behind| *behind) {
                    self.segments.push((None, Fate::Refused(SegmentRefusal::Behind)));
                    continue;
                }
                let late = self.healing.then(|| bytes.clone());
                let judged = judge.judge(circle, bytes).await?;
                if let (Verdict::Refused(_), Some(late)) = (&judged.verdict, late) {
                    self.late.push((circle, late));
                }
                let fate = match judged.verdict {
                    Verdict::Held => Fate::Held,
                    Verdict::Refused(refusal) => Fate::Refused(refusal),
                    Verdict::Good(entry) => Fate::Queued(office.log.append_segment(*entry).await?),
                };
                self.segments.push((judged.chain, fate));
                if (self.segments.len() as u64).is_multiple_of(TURN) {
                    tokio::task::yield_now().await;
                }
            }
        }
        let Some(announced) = caller.hello.body_digest else { return Ok(()) };
        if empty || !stream.is_complete() || digest.finish() != announced {
            return Err(Reason::Malformed.into());
        }
        Ok(())
    }

    /// Waits until every queued segment is durable or refused.
    async fn settle(self) -> Result<Vec<(u64, SegmentRefusal)>, LogError> {
        let mut refused = Vec::new();
        let mut stopped = HashSet::new();
        let mut failure = None;
        for (index, (chain, fate)) in (0u64..).zip(self.segments) {
            let refusal = match fate {
                Fate::Held => continue,
                Fate::Refused(refusal) => refusal,
                Fate::Queued(queued) => match queued.outcome().await {
                    Ok(SegmentOutcome::Stored | SegmentOutcome::Held) => continue,
                    Ok(SegmentOutcome::Refused(refusal)) => refusal,
                    Err(error) => {
                        failure.get_or_insert(error);
                        continue;
                    }
                },
            };
            // The first refusal of a chain tells why; what follows could not be judged by itself.
            let first = chain.is_none_or(|chain| stopped.insert(chain));
            refused.push((index, if first { refusal } else { SegmentRefusal::AfterRefused }));
        }
        failure.map_or(Ok(refused), Err)
    }
}

/// Which circles of the ask the caller has seen more of than the log holds, or otherwise. What it writes now
/// would make the log go another way for good; it is told, and heals the log first.
async fn behind(office: &Office, caller: &Caller, ask: &SyncAsk) -> Result<Vec<bool>, Denial> {
    let readable = |ask: &CircleAsk| caller.roster.may_carry(&caller.device(), &ask.circle);
    // From far behind any log, so that no segment comes with the heads.
    let circles = ask.circles.iter().map(|ask| CircleAsk { cursor: u64::MAX, ..ask.clone() });
    let pull = PullAsk {
        workspace: caller.hello.workspace,
        device: caller.device(),
        roster_seq: caller.roster.seq(),
        circles: circles.map(|ask| Some(ask).filter(&readable)).collect(),
        budget: 0,
        joins_at: None,
    };
    let heads = office.log.pull(pull).await?.heads;
    let lost = |(ask, head): (&CircleAsk, &CircleHead)| {
        readable(ask) && (ask.cursor > head.seq || (ask.cursor == head.seq && ask.root != half(&head.root)))
    };
    Ok(ask.circles.iter().zip(&heads).map(lost).collect())
}

async fn answer(
    office: &Office,
    caller: &Caller,
    ask: SyncAsk,
    refused: Vec<(u64, SegmentRefusal)>,
) -> Result<Bytes, Denial> {
    let roster = &caller.roster;
    let room = office.room(ask.budget.min(limits::RESPONSE as u64));
    let server_time = office.clock.now();
    let device = caller.device();
    // Whoever only hands in learns what is held of its own chain, and nothing of the circle.
    let hands_in: Vec<bool> =
        ask.circles.iter().map(|ask| roster.only_hands_in(&device, &ask.circle)).collect();
    let asked = |ask: CircleAsk| match roster.only_hands_in(&device, &ask.circle) {
        true => Some(CircleAsk { cursor: u64::MAX, ..ask }),
        false => roster.may_carry(&device, &ask.circle).then_some(ask),
    };
    let mut pull = office
        .log
        .pull(PullAsk {
            workspace: caller.hello.workspace,
            device,
            roster_seq: ask.roster_seq,
            circles: ask.circles.into_iter().map(asked).collect(),
            budget: room.budget,
            joins_at: (caller.role == Role::Coordinator).then_some(server_time),
        })
        .await?;
    for (head, _) in pull.heads.iter_mut().zip(hands_in).filter(|(_, hands_in)| *hands_in) {
        (head.seq, head.root) = (0, [0; 32]);
    }
    let Pull { roster: entries, wraps, joins, newest_letter, packs, heads, steps } = pull;
    let head = Head { server_time, generation: office.log.generation(), circles: heads };
    let signed = head.signed_bytes(caller.hello.workspace, caller.device(), &caller.hello.nonce);
    let signature = office.sign(&[caller.server_key], &signed);
    let joins = joins.into_iter().filter(|(invite, _)| !roster.has_used(invite)).map(|(_, bytes)| bytes);
    let notice = (newest_letter > 0).then(|| letter::notice(newest_letter));
    let packs = (packs > 0).then(|| pack::notice(packs));
    let joins = joins.chain(notice).chain(packs).collect();
    let response = SyncResponse { head, signature, roster: entries, wraps, joins, refused, steps };
    Ok(room.fill(response.encode()))
}
