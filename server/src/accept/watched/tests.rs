//! Time stands still here and is moved by hand.

use std::io::ErrorKind;

use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
use tokio::time::advance;

use super::*;

fn network() -> Network {
    Network {
        idle_timeout: Duration::from_secs(120),
        header_timeout: Duration::from_secs(20),
        write_timeout: Duration::from_secs(60),
        ..Network::default()
    }
}

#[tokio::test(start_paused = true)]
async fn silence_ends_the_connection() {
    let (_peer, stream) = duplex(64);
    let mut watched = Watched::new(stream, &network());
    let began = Instant::now();
    assert_eq!(watched.read_u8().await.unwrap_err().kind(), ErrorKind::TimedOut);
    assert_eq!(began.elapsed().as_secs(), 120);
}

#[tokio::test(start_paused = true)]
async fn a_header_that_drips_ends_though_it_never_pauses_long() {
    let (mut peer, stream) = duplex(64);
    let mut watched = Watched::new(stream, &network());
    let began = Instant::now();
    tokio::spawn(async move {
        while peer.write_u8(b'x').await.is_ok() {
            tokio::time::sleep(Duration::from_secs(3)).await;
        }
    });
    let error = loop {
        if let Err(error) = watched.read_u8().await {
            break error;
        }
    };
    assert_eq!(error.kind(), ErrorKind::TimedOut);
    assert_eq!(began.elapsed().as_secs(), 20);
}

#[tokio::test(start_paused = true)]
async fn a_request_that_is_being_answered_may_take_its_time() {
    let (mut peer, stream) = duplex(64);
    let mut watched = Watched::new(stream, &network());
    watched.phase().set(Phase::Serving);
    let reading = tokio::spawn(async move { watched.read_u8().await });
    advance(Duration::from_secs(1_000)).await;
    peer.write_u8(7).await.unwrap();
    assert_eq!(reading.await.unwrap().unwrap(), 7);
}

#[tokio::test(start_paused = true)]
async fn a_reader_who_takes_nothing_is_left_and_a_slow_one_is_not() {
    let (mut peer, stream) = duplex(8);
    let mut watched = Watched::new(stream, &network());
    let slow = tokio::spawn(async move {
        for _ in 0..10 {
            tokio::time::sleep(Duration::from_secs(50)).await;
            peer.read_exact(&mut [0; 8]).await.unwrap();
        }
        peer
    });
    watched.write_all(&[1; 80]).await.unwrap();
    let _peer = slow.await.unwrap();
    watched.write_all(&[1; 8]).await.unwrap();
    let began = Instant::now();
    assert_eq!(watched.write_all(&[1; 8]).await.unwrap_err().kind(), ErrorKind::TimedOut);
    assert_eq!(began.elapsed().as_secs(), 60);
}
