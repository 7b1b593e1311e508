//! The accept loop: who may connect, and how long anybody may take.
//!
//! Every phase of a connection has an end: the first octet, the TLS handshake, each header, each body
//! (`body.rs`), each answer, and the silence in between. Addresses are counted in memory while they
//! are connected and appear nowhere else.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use rustls::ServerConfig;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

use crate::config::Network;
use crate::notice::{Notice, Notices};

mod addresses;
mod watched;
use addresses::Addresses;
use watched::{Counted, Watched};

/// A request's header, in octets.
const HEADER: usize = 16 << 10;
/// Lines of a header.
const LINES: usize = 64;
/// After an early answer, what is still coming in is swallowed this long, so that the answer arrives.
const LINGER: Duration = Duration::from_secs(5);
/// Swallowed at most.
const SWALLOW: usize = 1 << 20;
/// A pause after a failure to accept, so as not to spin.
const PAUSE: Duration = Duration::from_millis(100);

/// What every connection needs.
struct Line {
    tls: TlsAcceptor,
    router: Router,
    network: Network,
    stop: watch::Receiver<bool>,
}

/// Accepts connections until told to stop, then lets requests under way finish.
pub(crate) async fn run(
    listener: TcpListener,
    tls: Arc<ServerConfig>,
    router: Router,
    network: Network,
    stop: watch::Receiver<bool>,
    notices: &Notices,
) {
    let mut stopped = stop.clone();
    let places = Arc::new(Semaphore::new(network.max_connections.clamp(1, Semaphore::MAX_PERMITS)));
    let addresses = Addresses::new(network.max_connections_per_address.max(1));
    let grace = network.stop_timeout;
    let line = Arc::new(Line { tls: TlsAcceptor::from(tls), router, network, stop });
    let mut open = JoinSet::new();
    loop {
        while open.try_join_next().is_some() {}
        if places.available_permits() == 0 {
            notices.tell(&Notice::Crowded);
        }
        let accepted = tokio::select! {
            _ = stopped.wait_for(|stop| *stop) => break,
            accepted = async {
                let place = Arc::clone(&places).acquire_owned().await;
                (listener.accept().await, place)
            } => accepted,
        };
        let (Ok((stream, peer)), Ok(place)) = accepted else {
            notices.tell(&Notice::CannotAccept);
            sleep(PAUSE).await;
            continue;
        };
        let Some(counted) = addresses.enter(peer.ip()) else { continue };
        let line = Arc::clone(&line);
        open.spawn(async move {
            let _held = (place, counted);
            // How a connection ended concerns nobody but the two ends.
            let _ = line.serve(stream).await;
        });
    }
    drop(listener);
    let finished = timeout(grace, async { while open.join_next().await.is_some() {} }).await;
    if finished.is_err() {
        notices.tell(&Notice::StoppedEarly);
    }
}

impl Line {
    /// One connection from its first octet to its last; `None` when it was cut short.
    async fn serve(&self, stream: TcpStream) -> Option<()> {
        let mut stop = self.stop.clone();
        let network = &self.network;
        stream.set_nodelay(true).ok()?;
        let encrypted = async {
            timeout(network.first_byte_timeout, stream.peek(&mut [0])).await.ok()?.ok()?;
            timeout(network.tls_timeout, self.tls.accept(stream)).await.ok()?.ok()
        };
        let encrypted = tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return None,
            encrypted = encrypted => encrypted?,
        };
        let watched = Watched::new(encrypted, network);
        let service = Counted::new(TowerToHyperService::new(self.router.clone()), watched.phase());
        let mut connection = http1::Builder::new()
            .timer(TokioTimer::new())
            // `Watched` is stricter; this counts from the end of the request before.
            .header_read_timeout(network.header_timeout + network.idle_timeout)
            .max_buf_size(HEADER)
            .max_headers(LINES)
            .auto_date_header(false)
            .serve_connection(TokioIo::new(watched), service);
        let mut asked = false;
        loop {
            tokio::select! {
                // However it ended: what follows is only politeness.
                _ = &mut connection => break,
                _ = stop.wait_for(|stop| *stop), if !asked => {
                    asked = true;
                    std::pin::Pin::new(&mut connection).graceful_shutdown();
                }
            }
        }
        let mut watched = connection.into_parts().io.into_inner();
        // Closing with unread octets would reset the connection and lose the answer.
        let swallow = async {
            watched.shutdown().await.ok()?;
            let mut sink = vec![0; 4 << 10];
            let mut swallowed = 0;
            while swallowed < SWALLOW {
                match watched.read(&mut sink).await.ok()? {
                    0 => break,
                    read => swallowed += read,
                }
            }
            Some(())
        };
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => Some(()),
            swallowed = timeout(LINGER, swallow) => swallowed.ok()?,
        }
    }
}
