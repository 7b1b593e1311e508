//! One exchange: what goes up and what comes down.
//!
//! Request body, for each circle of the ask in order:
//! ```text
//! (length | segment)* 0
//! ```
//! Response:
//! ```text
//! version u8 | server time | generation[8]
//! per circle of the ask:  seq | root[32] | chain height | chain link[16] if height > 0
//! signature[64]           over "cairn/head/1" ‖ workspace ‖ device ‖ nonce ‖ everything before it
//! roster entries          count | (blob)*
//! wraps                   count | (circle[16] | epoch | blob)*
//! join requests           count | (blob)*          coordinators only
//! refused segments        count | (index | code u8)*
//! per circle of the ask:  (token …)* 0             token 1: count of the asker's own segments; token n+1: segment of n octets
//! ```
//! The chain heights are the acknowledgement: the server answers only after what they count is on
//! disk. A device's own segments come back as a count, since it has their hashes.

mod post;
mod stream;

pub use post::{CreateRequest, RosterPost, RosterReceipt, wraps_root};
pub use stream::{SegmentStream, request_body};

use crate::codec::{Malformed, Reader, Writer};
use crate::digest::{Hash, VerifyingKey};
use crate::id::{ChainId, CircleId, DeviceId, WorkspaceId};
use crate::limits;
use crate::refusal::SegmentRefusal;

const HEAD_LABEL: &[u8] = b"cairn/head/1";

/// What a device has of one circle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CircleAsk {
    /// Which circle.
    pub circle: CircleId,
    /// How many segments of the circle's log it holds.
    pub cursor: u64,
    /// Half of its root there.
    pub root: [u8; 16],
    /// Its own chain in this circle.
    pub chain: ChainId,
}

/// What a device has, and how much it can take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncAsk {
    /// How many roster entries it holds.
    pub roster_seq: u64,
    /// How many octets of segments it wants at most.
    pub budget: u64,
    /// Per circle.
    pub circles: Vec<CircleAsk>,
}

impl SyncAsk {
    /// The bytes for [`crate::hello::Hello::ask`].
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.int(self.roster_seq).int(self.budget).count(self.circles.len());
        for ask in &self.circles {
            writer.raw(&ask.circle.0).int(ask.cursor).raw(&ask.root).raw(&ask.chain.0);
        }
        writer.finish()
    }

    /// Reads [`SyncAsk::encode`].
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        let roster_seq = reader.int("roster number")?;
        let budget = reader.int("budget")?;
        let count = reader.count(limits::CIRCLES, "circles")?;
        let mut circles = Vec::with_capacity(count);
        for _ in 0..count {
            circles.push(CircleAsk {
                circle: CircleId::read(&mut reader)?,
                cursor: reader.int("cursor")?,
                root: reader.array("root")?,
                chain: ChainId::read(&mut reader)?,
            });
        }
        reader.end()?;
        Ok(Self { roster_seq, budget, circles })
    }
}

/// What the server holds of one circle, and of the asker's chain in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CircleHead {
    /// How many segments.
    pub seq: u64,
    /// The root over all of them ([`crate::digest::next_root`]).
    pub root: Hash,
    /// How many segments of the asker's chain: all durable.
    pub height: u64,
    /// Half hash of the newest of those; `None` when there is none.
    pub link: Option<[u8; 16]>,
}

/// A signed statement of what the server holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The server's clock, seconds since 1970.
    pub server_time: u64,
    /// Random, made with the server's data folder: another one means another folder.
    pub generation: [u8; 8],
    /// In the order of the ask.
    pub circles: Vec<CircleHead>,
}

impl Head {
    fn unsigned(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.octet(crate::PROTOCOL).int(self.server_time).raw(&self.generation);
        for head in &self.circles {
            writer.int(head.seq).raw(&head.root).int(head.height);
            if let Some(link) = &head.link {
                writer.raw(link);
            }
        }
        writer.finish()
    }

    /// What the server signs, for one asker and one nonce.
    pub fn signed_bytes(&self, workspace: WorkspaceId, device: DeviceId, nonce: &[u8; 16]) -> Vec<u8> {
        [HEAD_LABEL, &workspace.0, &device.0, nonce, &self.unsigned()].concat()
    }
}

/// A wrapped epoch secret, for one device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrap {
    /// Which circle.
    pub circle: CircleId,
    /// Which epoch.
    pub epoch: u64,
    /// HPKE encapsulated key and ciphertext.
    pub sealed: Vec<u8>,
}

/// One step of a circle's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// So many segments of the asker's own chain, in their order.
    Own(u64),
    /// Somebody else's segment (or one of an earlier chain of the asker).
    Segment(Vec<u8>),
}

/// The answer to a sync request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncResponse {
    /// What the server holds.
    pub head: Head,
    /// Its signature over that.
    pub signature: [u8; 64],
    /// Roster entries after the asker's.
    pub roster: Vec<Vec<u8>>,
    /// Secrets wrapped for the asker that came with those entries.
    pub wraps: Vec<Wrap>,
    /// Join requests that wait for a coordinator.
    pub joins: Vec<Vec<u8>>,
    /// Which segments of the request were refused: index over the whole request, and why.
    pub refused: Vec<(u64, SegmentRefusal)>,
    /// Per circle of the ask, the log after the asker's cursor.
    pub steps: Vec<Vec<Step>>,
}

impl SyncResponse {
    /// The bytes of the response.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.raw(&self.head.unsigned()).raw(&self.signature);
        write_blobs(&mut writer, &self.roster);
        writer.count(self.wraps.len());
        for wrap in &self.wraps {
            writer.raw(&wrap.circle.0).int(wrap.epoch).blob(&wrap.sealed);
        }
        write_blobs(&mut writer, &self.joins);
        writer.count(self.refused.len());
        for (index, refusal) in &self.refused {
            writer.int(*index).octet(refusal.code());
        }
        for steps in &self.steps {
            for step in steps {
                match step {
                    Step::Own(count) => writer.int(1).int(*count),
                    Step::Segment(bytes) => writer.count(bytes.len() + 1).raw(bytes),
                };
            }
            writer.int(0);
        }
        writer.finish()
    }

    /// Reads the answer to an ask about `circles` circles.
    pub fn decode(bytes: &[u8], circles: usize) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        if reader.octet("protocol version")? != crate::PROTOCOL {
            return Err(Malformed { at: 0, what: "protocol version" });
        }
        let head = Head {
            server_time: reader.int("server time")?,
            generation: reader.array("generation")?,
            circles: (0..circles).map(|_| read_head(&mut reader)).collect::<Result<_, _>>()?,
        };
        let signature = reader.array("signature")?;
        let roster = read_blobs(&mut reader, limits::ROSTER_BATCH, limits::ROSTER_ENTRY, "roster entry")?;
        let wraps = read_wraps(&mut reader)?;
        // One more than join requests: a notice of late letters stands among them.
        let joins = read_blobs(&mut reader, limits::JOINS + 1, limits::JOIN, "join request")?;
        let count = reader.count(limits::SEGMENTS, "refused segments")?;
        let mut refused = Vec::with_capacity(count);
        for _ in 0..count {
            let index = reader.int("segment index")?;
            refused.push((index, SegmentRefusal::from_code(reader.octet("refusal")?)));
        }
        let mut steps = Vec::with_capacity(circles);
        for _ in 0..circles {
            steps.push(read_steps(&mut reader)?);
        }
        reader.end()?;
        Ok(Self { head, signature, roster, wraps, joins, refused, steps })
    }

    /// Whether the pinned server made this head for this asker and nonce.
    pub fn verify(
        &self,
        server: &VerifyingKey,
        workspace: WorkspaceId,
        device: DeviceId,
        nonce: &[u8; 16],
    ) -> bool {
        server.verifies(&self.head.signed_bytes(workspace, device, nonce), &self.signature)
    }
}

fn read_head(reader: &mut Reader<'_>) -> Result<CircleHead, Malformed> {
    let seq = reader.int("circle head")?;
    let root = reader.array("root")?;
    let height = reader.int("chain height")?;
    let link = if height > 0 { Some(reader.array("chain link")?) } else { None };
    Ok(CircleHead { seq, root, height, link })
}

fn read_steps(reader: &mut Reader<'_>) -> Result<Vec<Step>, Malformed> {
    let mut steps = Vec::new();
    loop {
        match reader.count(limits::SEGMENT + 1, "segment length")? {
            0 => return Ok(steps),
            1 => steps.push(Step::Own(reader.int("own segments")?)),
            token => steps.push(Step::Segment(reader.take(token - 1, "segment")?.to_vec())),
        }
    }
}

fn write_blobs(writer: &mut Writer, blobs: &[Vec<u8>]) {
    writer.count(blobs.len());
    for blob in blobs {
        writer.blob(blob);
    }
}

fn read_blobs(
    reader: &mut Reader<'_>,
    most: usize,
    size: usize,
    what: &'static str,
) -> Result<Vec<Vec<u8>>, Malformed> {
    let count = reader.count(most, what)?;
    (0..count).map(|_| Ok(reader.blob(size, what)?.to_vec())).collect()
}

fn read_wraps(reader: &mut Reader<'_>) -> Result<Vec<Wrap>, Malformed> {
    let count = reader.count(limits::WRAPS, "wraps")?;
    (0..count)
        .map(|_| {
            Ok(Wrap {
                circle: CircleId::read(reader)?,
                epoch: reader.int("epoch")?,
                sealed: reader.blob(limits::WRAP, "wrap")?.to_vec(),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn response() -> SyncResponse {
        SyncResponse {
            head: Head {
                server_time: 1_800_000_000,
                generation: [1; 8],
                circles: vec![
                    CircleHead { seq: 7, root: [2; 32], height: 3, link: Some([4; 16]) },
                    CircleHead { seq: 0, root: [0; 32], height: 0, link: None },
                ],
            },
            signature: [5; 64],
            roster: vec![vec![6; 9], vec![]],
            wraps: vec![Wrap { circle: CircleId([7; 16]), epoch: 1, sealed: vec![8; 20] }],
            joins: vec![vec![9; 3]],
            refused: vec![(2, SegmentRefusal::Gap)],
            steps: vec![vec![Step::Own(3), Step::Segment(vec![1, 2, 3])], vec![]],
        }
    }

    #[test]
    fn a_response_comes_back() {
        assert_eq!(SyncResponse::decode(&response().encode(), 2), Ok(response()));
    }

    #[test]
    fn a_roster_post_comes_back() {
        let post = RosterPost {
            expected_seq: 4,
            entries: vec![vec![1; 5]],
            wraps: vec![(
                DeviceId([2; 16]),
                Wrap { circle: CircleId([3; 16]), epoch: 9, sealed: vec![4; 7] },
            )],
        };
        assert_eq!(RosterPost::decode(&post.encode()), Ok(post));
    }

    proptest! {
        #[test]
        fn a_body_in_any_pieces_gives_the_same_segments(
            first in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 1..300), 1..5),
            second in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 1..300), 0..5),
            piece in 1usize..64,
        ) {
            let sent = vec![first, second];
            let body = request_body(&sent);
            let mut stream = SegmentStream::new(2);
            let mut got = vec![Vec::new(), Vec::new()];
            for chunk in body.chunks(piece) {
                stream.push(chunk);
                while let Some((circle, segment)) = stream.next_segment().unwrap() {
                    got[circle].push(segment);
                }
            }
            prop_assert!(stream.is_complete());
            prop_assert_eq!(got, sent);
        }

        #[test]
        fn garbage_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = SyncResponse::decode(&bytes, 1);
            let _ = RosterPost::decode(&bytes);
            let _ = SyncAsk::decode(&bytes);
            let mut stream = SegmentStream::new(1);
            stream.push(&bytes);
            while let Ok(Some(_)) = stream.next_segment() {}
        }
    }
}
