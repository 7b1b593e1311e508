//! The segments of a request body, as they leave and as they arrive.

use crate::codec::{Malformed, Reader, Writer};
use crate::limits;

/// Reads the segments of a request body as its octets arrive.
///
/// Push what arrived, then call [`SegmentStream::next_segment`] until it gives `None`.
#[derive(Debug, Clone)]
pub struct SegmentStream {
    buffer: Vec<u8>,
    start: usize,
    circle: usize,
    circles: usize,
}

impl SegmentStream {
    /// For an ask about `circles` circles.
    pub fn new(circles: usize) -> Self {
        Self { buffer: Vec::new(), start: 0, circle: 0, circles }
    }

    /// Takes octets that have arrived.
    pub fn push(&mut self, bytes: &[u8]) {
        self.buffer.drain(..self.start);
        self.start = 0;
        self.buffer.extend_from_slice(bytes);
    }

    /// The next whole segment and the index of its circle, or `None` if more octets are needed.
    pub fn next_segment(&mut self) -> Result<Option<(usize, Vec<u8>)>, Malformed> {
        loop {
            let pending = self.buffer.get(self.start..).unwrap_or_default();
            if pending.is_empty() {
                return Ok(None);
            }
            if self.circle >= self.circles {
                return Err(Malformed { at: self.start, what: "end of segments" });
            }
            let mut reader = Reader::new(pending);
            // A length is at most three octets; with fewer at hand it may just not have arrived yet.
            let len = match reader.count(limits::SEGMENT, "segment length") {
                Ok(len) => len,
                Err(_) if pending.len() < 3 && pending.iter().all(|octet| octet & 0x80 != 0) => {
                    return Ok(None);
                }
                Err(error) => return Err(error),
            };
            if len == 0 {
                self.start += reader.position();
                self.circle += 1;
                continue;
            }
            let Ok(segment) = reader.take(len, "segment") else { return Ok(None) };
            let segment = segment.to_vec();
            self.start += reader.position();
            return Ok(Some((self.circle, segment)));
        }
    }

    /// Whether the body ended where it should: every circle closed, nothing left over.
    pub fn is_complete(&self) -> bool {
        self.circle == self.circles && self.start == self.buffer.len()
    }
}

/// The request body for the given segments, per circle of the ask. Empty when there is no segment
/// at all: a hello without a body asks only.
pub fn request_body(segments: &[Vec<Vec<u8>>]) -> Vec<u8> {
    if segments.iter().all(Vec::is_empty) {
        return Vec::new();
    }
    let mut writer = Writer::new();
    for circle in segments {
        for segment in circle {
            writer.blob(segment);
        }
        writer.int(0);
    }
    writer.finish()
}
