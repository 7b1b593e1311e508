//! A request's body as it arrives: bounded in size, in silence and in pace.

use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::CONTENT_LENGTH;
use cairn_wire::codec::Reader;
use cairn_wire::limits;
use cairn_wire::refusal::Reason;
use http_body_util::BodyExt;
use tokio::time::{Instant, timeout_at};

use crate::config::Network;

/// The first piece that a body is asked for may hold at most this many octets of a length.
const LENGTH: usize = 3;

/// A body that is still coming in.
pub(crate) struct Inflow {
    body: Body,
    pending: Vec<u8>,
    received: usize,
    began: Instant,
    silence: Duration,
    pace: u32,
}

impl Inflow {
    /// Begins to read; refuses at once what says it is too large.
    pub(crate) fn new(request: Request, network: &Network) -> Result<Self, Reason> {
        let declared = request.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok());
        if declared.and_then(|text| text.parse::<u64>().ok()).is_some_and(|len| len > limits::REQUEST as u64)
        {
            return Err(Reason::TooLarge);
        }
        Ok(Self {
            body: request.into_body(),
            pending: Vec::new(),
            received: 0,
            began: Instant::now(),
            silence: network.body_timeout,
            pace: network.body_pace.max(1),
        })
    }

    /// The next piece, or `None` at the end. A body that stalls or drips is as good as malformed.
    pub(crate) async fn piece(&mut self) -> Result<Option<Vec<u8>>, Reason> {
        if !self.pending.is_empty() {
            return Ok(Some(std::mem::take(&mut self.pending)));
        }
        loop {
            let earned = Duration::from_secs(self.received as u64 / u64::from(self.pace));
            let deadline = (Instant::now() + self.silence).min(self.began + self.silence + earned);
            let frame = timeout_at(deadline, self.body.frame()).await.map_err(|_| Reason::Malformed)?;
            let Some(frame) = frame else { return Ok(None) };
            let Ok(data) = frame.map_err(|_| Reason::Malformed)?.into_data() else { continue };
            self.received += data.len();
            if self.received > limits::REQUEST {
                return Err(Reason::TooLarge);
            }
            if !data.is_empty() {
                return Ok(Some(data.into()));
            }
        }
    }

    /// The hello at the front, without its length. What has come after it waits for `piece`.
    pub(crate) async fn hello(&mut self) -> Result<Vec<u8>, Reason> {
        let mut front = Vec::new();
        loop {
            let mut reader = Reader::new(&front);
            match reader.count(limits::HELLO, "hello") {
                Ok(len) => {
                    if let Ok(hello) = reader.take(len, "hello") {
                        let hello = hello.to_vec();
                        self.pending = reader.rest().to_vec();
                        return Ok(hello);
                    }
                }
                Err(_) if front.len() < LENGTH && front.iter().all(|octet| octet & 0x80 != 0) => {}
                Err(_) => return Err(Reason::Malformed),
            }
            front.extend(self.piece().await?.ok_or(Reason::Malformed)?);
        }
    }

    /// All that is left.
    pub(crate) async fn rest(mut self) -> Result<Vec<u8>, Reason> {
        let mut all = Vec::new();
        while let Some(piece) = self.piece().await? {
            all.extend(piece);
        }
        Ok(all)
    }
}

#[cfg(test)]
mod tests;
