//! Judges a segment without reading it: whose it is, whether they may, and whether it continues.
//!
//! The judge looks ahead within one request, so that a row of segments can be queued without waiting
//! for each; the log decides again, in order, when it stores them.

use std::collections::HashMap;

use cairn_wire::id::{ChainId, CircleId};
use cairn_wire::limits;
use cairn_wire::refusal::SegmentRefusal;
use cairn_wire::roster::{Roster, Standing};
use cairn_wire::segment::{self, Parsed};

use crate::log::{Chain, Log, LogError, SegmentEntry};

/// What became of one segment.
pub(crate) struct Judged {
    /// Whose row it claims to be in, if that much can be read.
    pub(crate) chain: Option<ChainId>,
    /// What is to be done with it.
    pub(crate) verdict: Verdict,
}

/// What is to be done with a segment.
pub(crate) enum Verdict {
    /// Nothing: it is held already.
    Held,
    /// Store it, if it still continues its chain when its turn comes.
    Good(Box<SegmentEntry>),
    /// Tell the sender why not.
    Refused(SegmentRefusal),
}

/// A chain as it will be once the segments before have been stored.
struct Prospect {
    chain: Option<Chain>,
    stopped: bool,
}

/// Judges the segments of one request.
pub(crate) struct Judge<'a> {
    log: &'a dyn Log,
    roster: &'a Roster,
    today: u64,
    /// Whether segments of earlier epochs are given back to a log that has lost them.
    healing: bool,
    chains: HashMap<ChainId, Prospect>,
}

impl<'a> Judge<'a> {
    /// A judge by this roster.
    pub(crate) fn new(log: &'a dyn Log, roster: &'a Roster, today: u64, healing: bool) -> Self {
        Self { log, roster, today, healing, chains: HashMap::new() }
    }

    /// Judges the next segment of the request.
    pub(crate) async fn judge(&mut self, circle: CircleId, bytes: Vec<u8>) -> Result<Judged, LogError> {
        let refused = |chain, refusal| Ok(Judged { chain, verdict: Verdict::Refused(refusal) });
        if bytes.len() > limits::SEGMENT {
            return refused(None, SegmentRefusal::TooLarge);
        }
        let Ok(parsed) = segment::parse(&bytes) else {
            return refused(None, SegmentRefusal::Malformed);
        };
        let workspace = self.roster.workspace();
        let id = parsed.header.chain;
        if !self.chains.contains_key(&id) {
            let chain = self.log.chain(workspace, id).await?;
            self.chains.insert(id, Prospect { chain, stopped: false });
        }
        let Some(prospect) = self.chains.get_mut(&id) else {
            return refused(Some(id), SegmentRefusal::AfterRefused);
        };
        if prospect.stopped {
            return refused(Some(id), SegmentRefusal::AfterRefused);
        }
        let seq = parsed.header.seq;
        let held = prospect.chain.as_ref().filter(|chain| seq <= chain.height);
        if held.is_some() && self.log.segment_hash(workspace, id, seq).await? == Some(parsed.hash) {
            return Ok(Judged { chain: Some(id), verdict: Verdict::Held });
        }
        match entitled(self.roster, circle, prospect.chain.as_ref(), &parsed, self.healing) {
            Err(refusal) => {
                prospect.stopped = true;
                refused(Some(id), refusal)
            }
            Ok(device) => {
                let (hash, link) = (parsed.hash, parsed.link());
                let header = parsed.header;
                if held.is_none() {
                    let last = prospect.chain.as_ref().and_then(|chain| chain.last);
                    prospect.chain = Some(Chain { circle, device, height: seq, link, frozen: false, last });
                }
                let entry = SegmentEntry {
                    workspace,
                    circle,
                    chain: id,
                    device,
                    seq,
                    epoch: header.epoch,
                    prev: header.prev,
                    hash,
                    bytes,
                    day: self.today,
                    healing: self.healing,
                };
                Ok(Judged { chain: Some(id), verdict: Verdict::Good(Box::new(entry)) })
            }
        }
    }
}

/// The author, if the segment is theirs, they may write there, and it continues what is held (or
/// proves a fork, which is for the log to say).
fn entitled(
    roster: &Roster,
    circle: CircleId,
    chain: Option<&Chain>,
    parsed: &Parsed<'_>,
    healing: bool,
) -> Result<cairn_wire::id::DeviceId, SegmentRefusal> {
    let header = &parsed.header;
    let opener = header.opens_for();
    let author = match (chain, opener) {
        (None, None) => return Err(SegmentRefusal::Gap),
        (None, Some(opener)) => opener,
        (Some(chain), _) if chain.frozen => return Err(SegmentRefusal::Fork),
        (Some(chain), Some(opener)) if opener != chain.device => return Err(SegmentRefusal::NotEntitled),
        (Some(chain), _) if chain.circle != circle => return Err(SegmentRefusal::NotEntitled),
        (Some(chain), _) => chain.device,
    };
    if header.roster_seq > roster.seq() {
        return Err(SegmentRefusal::RosterAhead);
    }
    let member = roster.member(&author).ok_or(SegmentRefusal::NotEntitled)?;
    let roster_head = roster.head_at(header.roster_seq).ok_or(SegmentRefusal::NotEntitled)?;
    let standing = roster.standing(&author, &circle, header);
    if standing == Standing::Nothing {
        return Err(SegmentRefusal::NotEntitled);
    }
    if !parsed.verify(&member.keys.signing, roster.workspace(), circle, &roster_head) {
        return Err(SegmentRefusal::BadSignature);
    }
    if standing == Standing::Late {
        return Err(SegmentRefusal::Late);
    }
    let (height, link) = chain.map_or((0, [0; 16]), |chain| (chain.height, chain.link));
    // What is given back was sealed under what was the newest epoch then.
    let at = if healing { header.roster_seq } else { roster.seq() };
    let epoch = roster.epoch_at(&circle, at);
    if header.seq <= height && epoch <= Some(header.epoch) {
        return Ok(author);
    }
    if epoch != Some(header.epoch) {
        return Err(SegmentRefusal::StaleEpoch);
    }
    if header.seq != height + 1 || (height > 0 && header.prev != link) {
        return Err(SegmentRefusal::Gap);
    }
    Ok(author)
}
