//! A connection that ends itself when nothing moves.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::service::Service;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

use crate::config::Network;

/// What a connection is doing.
#[derive(Debug, Clone, Copy)]
enum Phase {
    /// Between requests, since.
    Waiting(Instant),
    /// Part of a header has come; it began then.
    Header(Instant),
    /// A request is being answered; its body has limits of its own.
    Serving,
}

/// What a connection is doing, known to its reader and its service.
#[derive(Clone)]
pub(super) struct Shared(Arc<Mutex<Phase>>);

impl Shared {
    fn get(&self) -> Phase {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, phase: Phase) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = phase;
    }
}

/// A stream with limits on silence and on slow headers.
pub(super) struct Watched<S> {
    stream: S,
    phase: Shared,
    idle: Duration,
    header: Duration,
    write: Duration,
    reading: Pin<Box<Sleep>>,
    writing: Pin<Box<Sleep>>,
    stuck: bool,
}

impl<S> Watched<S> {
    /// Watches a stream from now.
    pub(super) fn new(stream: S, network: &Network) -> Self {
        let now = Instant::now();
        Self {
            stream,
            phase: Shared(Arc::new(Mutex::new(Phase::Waiting(now)))),
            idle: network.idle_timeout,
            header: network.header_timeout,
            write: network.write_timeout,
            reading: Box::pin(sleep_until(now)),
            writing: Box::pin(sleep_until(now)),
            stuck: false,
        }
    }

    /// For the service on this connection.
    pub(super) fn phase(&self) -> Shared {
        self.phase.clone()
    }

    /// When the silence becomes too long, if it can.
    fn deadline(&self) -> Option<Instant> {
        match self.phase.get() {
            Phase::Waiting(since) => Some(since + self.idle),
            Phase::Header(since) => Some(since + self.header),
            Phase::Serving => None,
        }
    }

    /// After a write: it moved, or it is stuck and a time runs.
    fn moved<T>(&mut self, cx: &mut Context<'_>, poll: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if poll.is_ready() {
            self.stuck = false;
            // A slow reader is not an idle one.
            if matches!(self.phase.get(), Phase::Waiting(_)) {
                self.phase.set(Phase::Waiting(Instant::now()));
            }
            return poll;
        }
        if !self.stuck {
            self.stuck = true;
            self.writing.as_mut().reset(Instant::now() + self.write);
        }
        match self.writing.as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let poll = Pin::new(&mut self.stream).poll_read(cx, buffer);
        if poll.is_ready() {
            if buffer.filled().len() > before && matches!(self.phase.get(), Phase::Waiting(_)) {
                self.phase.set(Phase::Header(Instant::now()));
            }
            return poll;
        }
        // The phase may have changed since the timer was set, so it is asked again each time.
        while let Some(deadline) = self.deadline() {
            self.reading.as_mut().reset(deadline);
            if self.reading.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
            if self.deadline() <= Some(Instant::now()) {
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
        }
        Poll::Pending
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let poll = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.moved(cx, poll)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let poll = Pin::new(&mut self.stream).poll_flush(cx);
        self.moved(cx, poll)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let poll = Pin::new(&mut self.stream).poll_shutdown(cx);
        self.moved(cx, poll)
    }
}

/// A service that tells the connection when it is at work.
pub(super) struct Counted<S> {
    service: S,
    phase: Shared,
}

impl<S> Counted<S> {
    /// Wraps the service of one connection.
    pub(super) fn new(service: S, phase: Shared) -> Self {
        Self { service, phase }
    }
}

impl<S, R> Service<R> for Counted<S>
where
    S: Service<R>,
    S::Future: Send + 'static,
    S::Response: Send,
    S::Error: Send,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn call(&self, request: R) -> Self::Future {
        let phase = self.phase.clone();
        phase.set(Phase::Serving);
        let served = self.service.call(request);
        Box::pin(async move {
            let response = served.await;
            phase.set(Phase::Waiting(Instant::now()));
            response
        })
    }
}

#[cfg(test)]
mod tests;
