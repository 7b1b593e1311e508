//! A server in the process that starts it.

use std::fs::File;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};

use tokio::net::TcpListener;
use tokio::runtime;
use tokio::sync::watch;

use crate::clock::Clock;
use crate::config::Config;
use crate::error::Error;
use crate::key::{Keys, make_folder};
use crate::log::Log;
use crate::log::sqlite::{Room, Sqlite};
use crate::notice::{Notice, Notices};
use crate::office::Office;
use crate::{accept, collect, router, tls};

/// A server about to start.
///
/// ```no_run
/// # fn main() -> Result<(), cairn_server::Error> {
/// use cairn_server::{Config, Server};
///
/// let running = Server::new(Config::in_folder("some/folder")).start()?;
/// println!("https://{} {}", running.address(), running.pin());
/// running.stop()
/// # }
/// ```
#[derive(Debug)]
pub struct Server {
    config: Config,
    clock: Clock,
    notices: Notices,
}

impl Server {
    /// A server with these settings, the machine's clock, and nobody to tell of trouble.
    pub fn new(config: Config) -> Self {
        let clock = Clock::system(config.clock_offset);
        Self { config, clock, notices: Notices::new(|_| ()) }
    }

    /// Uses another clock.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Tells `tell` what the operator should know; each kind of notice at most once a minute.
    pub fn notices(mut self, tell: impl Fn(&Notice) + Send + Sync + 'static) -> Self {
        self.notices = Notices::new(tell);
        self
    }

    /// Starts on threads of its own and returns once it is listening.
    pub fn start(self) -> Result<Running, Error> {
        let (ready, started) = mpsc::channel();
        let (stop, stopped) = watch::channel(false);
        let thread = thread::Builder::new()
            .name("server".to_owned())
            .spawn(move || self.run(&ready, stopped))
            .map_err(Error::Threads)?;
        match started.recv() {
            Ok(ready) => Ok(Running { address: ready.address, pin: ready.pin, stop, thread: Some(thread) }),
            // It ended before it was ready and says why.
            Err(_) => Err(join(thread).err().unwrap_or(Error::InUse)),
        }
    }

    fn run(self, ready: &mpsc::Sender<Ready>, stop: watch::Receiver<bool>) -> Result<(), Error> {
        let mut builder = runtime::Builder::new_multi_thread();
        if self.config.threads > 0 {
            builder.worker_threads(self.config.threads);
        }
        let runtime = builder.enable_all().build().map_err(Error::Threads)?;
        runtime.block_on(self.serve(ready, stop))
    }

    async fn serve(self, ready: &mpsc::Sender<Ready>, stop: watch::Receiver<bool>) -> Result<(), Error> {
        let Config { data, listen, store, network, .. } = self.config;
        make_folder(&data)?;
        let _alone = alone(&data)?;
        let keys = Keys::open(&data)?;
        let pin = keys.current().pin();
        let tls = tls::server_config(&keys)?;
        let log = Arc::new(Sqlite::open(
            &data,
            Room { quota: store.quota, attachments: store.attachments_quota, store: store.max_store },
        )?);
        let listener = TcpListener::bind(listen).await.map_err(Error::Listen)?;
        let address = listener.local_addr().map_err(Error::Listen)?;
        let office = Office::new(
            keys,
            Arc::clone(&log) as Arc<dyn Log>,
            self.clock,
            store,
            network.clone(),
            self.notices.clone(),
        );
        let office = Arc::new(office);
        let collector = tokio::spawn(collect::now_and_then(Arc::clone(&office), stop.clone()));
        let router = router::router(office);
        // Whoever started it may have lost interest; then it stops at once.
        let _ = ready.send(Ready { address, pin });
        accept::run(listener, tls, router, network, stop, &self.notices).await;
        // It stops between two workspaces.
        let _ = collector.await;
        log.close().await?;
        Ok(())
    }
}

/// Keeps a second server away for as long as the file is open.
pub(crate) fn alone(folder: &Path) -> Result<File, Error> {
    let lock = File::create(folder.join("lock"))
        .map_err(|source| Error::Folder { what: "making the lock", source })?;
    lock.try_lock().map_err(|_| Error::InUse)?;
    Ok(lock)
}

struct Ready {
    address: SocketAddr,
    pin: String,
}

/// A server that listens. Dropping it stops it too, but hides what went wrong.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    pin: String,
    stop: watch::Sender<bool>,
    thread: Option<JoinHandle<Result<(), Error>>>,
}

impl Running {
    /// Where it listens, with the real port.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What devices know it by: its public key in 64 hexadecimal digits.
    pub fn pin(&self) -> &str {
        &self.pin
    }

    /// Finishes requests under way, closes the log, and returns when all is on disk.
    pub fn stop(mut self) -> Result<(), Error> {
        self.end()
    }

    fn end(&mut self) -> Result<(), Error> {
        let _ = self.stop.send(true);
        self.thread.take().map_or(Ok(()), join)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.end();
    }
}

fn join(thread: JoinHandle<Result<(), Error>>) -> Result<(), Error> {
    let panicked = || Err(Error::Threads(std::io::Error::other("a thread panicked")));
    thread.join().unwrap_or_else(|_| panicked())
}
