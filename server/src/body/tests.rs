//! Time stands still here and is moved by hand.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::body::{Bytes, HttpBody};
use hyper::body::Frame;
use tokio::time::{Sleep, sleep};

use super::*;

/// Gives so many octets, again and again, each time after a pause.
struct Drip {
    octets: usize,
    times: usize,
    pause: Duration,
    waiting: Pin<Box<Sleep>>,
}

impl HttpBody for Drip {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        ready!(self.waiting.as_mut().poll(cx));
        if self.times == 0 {
            return Poll::Ready(None);
        }
        self.times -= 1;
        self.waiting = Box::pin(sleep(self.pause));
        Poll::Ready(Some(Ok(Frame::data(vec![b'x'; self.octets].into()))))
    }
}

fn dripping(octets: usize, times: usize, pause: u64) -> Inflow {
    let network = Network { body_timeout: Duration::from_secs(20), body_pace: 100, ..Network::default() };
    let pause = Duration::from_secs(pause);
    let body = Body::new(Drip { octets, times, pause, waiting: Box::pin(sleep(pause)) });
    Inflow::new(Request::new(body), &network).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_slow_line_is_waited_for() {
    // 100 octets a second, as slow as allowed, for an hour.
    assert_eq!(dripping(1_000, 360, 10).rest().await.unwrap().len(), 360_000);
}

#[tokio::test(start_paused = true)]
async fn a_body_that_drips_is_cut_though_it_never_pauses_long() {
    let began = Instant::now();
    assert_eq!(dripping(100, 1_000, 3).rest().await, Err(Reason::Malformed));
    // After n pieces 20 + n seconds are allowed and 3n have passed.
    assert_eq!(began.elapsed().as_secs(), 29);
}

#[tokio::test(start_paused = true)]
async fn a_long_silence_is_cut_whatever_came_before() {
    let mut inflow = dripping(100_000, 2, 19);
    assert!(inflow.piece().await.unwrap().is_some());
    let mut silent = dripping(100_000, 2, 21);
    assert_eq!(silent.piece().await, Err(Reason::Malformed));
    assert!(inflow.piece().await.unwrap().is_some());
}

#[tokio::test(start_paused = true)]
async fn a_hello_may_come_in_any_pieces_and_nothing_after_it_is_lost() {
    let hello = [7; 200];
    let bytes = [&[0xc8, 0x01][..], &hello, b"body"].concat();
    for piece in [1, 2, 3, 150, 300] {
        let pieces: Vec<Bytes> = bytes.chunks(piece).map(Bytes::copy_from_slice).collect();
        let body = Body::new(Pieces(pieces.into_iter()));
        let mut inflow = Inflow::new(Request::new(body), &Network::default()).unwrap();
        assert_eq!(inflow.hello().await.unwrap(), hello);
        assert_eq!(inflow.rest().await.unwrap(), b"body");
    }
}

/// Gives one piece after the other.
struct Pieces(std::vec::IntoIter<Bytes>);

impl HttpBody for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.next().map(|piece| Ok(Frame::data(piece))))
    }
}
