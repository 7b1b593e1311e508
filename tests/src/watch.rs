//! A road on which somebody notes every segment that leaves and every refusal that comes back.

use std::cell::RefCell;
use std::collections::BTreeMap;

use cairn_core::transport::{Reply, Transport, TransportError};
use cairn_core::wire::codec::Reader;
use cairn_core::wire::digest::Hash;
use cairn_core::wire::id::ChainId;
use cairn_core::wire::limits;
use cairn_core::wire::refusal::SegmentRefusal;
use cairn_core::wire::segment::parse;
use cairn_core::wire::sync::{SegmentStream, SyncResponse};

/// What was seen on the road.
#[derive(Debug, Default)]
pub struct Seen {
    /// Every segment that left, by chain and number.
    segments: BTreeMap<(ChainId, u64), Hash>,
    /// What must not happen, in words.
    pub findings: Vec<String>,
}

/// A road over `inner` that notes what passes, for an ask about one circle.
pub struct Watched<'a> {
    /// The road itself.
    pub inner: &'a dyn Transport,
    /// What was seen so far.
    pub seen: &'a RefCell<Seen>,
}

impl Transport for Watched<'_> {
    fn post(&self, path: &str, body: Vec<u8>) -> Result<Reply, TransportError> {
        let mut reader = Reader::new(&body);
        if path == cairn_core::wire::path::SYNC && reader.blob(limits::HELLO, "hello").is_ok() {
            self.note(reader.rest());
        }
        let reply = self.inner.post(path, body)?;
        if path == cairn_core::wire::path::SYNC && reply.status == 200 {
            let response = SyncResponse::decode(&reply.body, 1).expect("an answer");
            let mut seen = self.seen.borrow_mut();
            for (_, why) in response.refused.iter().filter(|(_, why)| *why != SegmentRefusal::StaleEpoch) {
                seen.findings.push(format!("refused: {why:?}"));
            }
        }
        Ok(reply)
    }
}

impl Watched<'_> {
    fn note(&self, body: &[u8]) {
        let mut stream = SegmentStream::new(1);
        stream.push(body);
        let mut seen = self.seen.borrow_mut();
        while let Ok(Some((_, bytes))) = stream.next_segment() {
            let parsed = parse(&bytes).expect("a segment");
            let place = (parsed.header.chain, parsed.header.seq);
            if *seen.segments.entry(place).or_insert(parsed.hash) != parsed.hash {
                seen.findings.push(format!("reused: number {} of chain {}", place.1, place.0.short()));
            }
        }
    }
}
