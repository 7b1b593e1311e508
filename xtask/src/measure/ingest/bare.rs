//! A server that only appends: what durable ingest costs before anything is checked.
//!
//! Its runtime, TLS and HTTP are set up as the real server's are. Every body becomes a row of one
//! table, written by one thread that syncs once for all that wait, and is answered after that with the
//! row's number. Nothing is read, limited or timed.

use std::error::Error;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::post;
use cairn_wire::digest::VerifyingKey;
use cairn_wire::path;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use rcgen::{CertificateParams, KeyPair};
use rusqlite::{Connection, TransactionBehavior};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{mpsc, oneshot};
use tokio_rustls::TlsAcceptor;

use super::Failure;

/// Bodies in the queue, as in the real server.
const QUEUE: usize = 1024;
/// Bodies in one transaction, as in the real server.
const GROUP: usize = 512;

/// A body on its way into the table.
struct Job {
    body: Bytes,
    stored: oneshot::Sender<i64>,
}

/// The server, listening.
pub(super) struct Bare {
    address: SocketAddr,
    key: VerifyingKey,
    database: PathBuf,
    runtime: Runtime,
    writer: JoinHandle<Result<(), rusqlite::Error>>,
}

impl Bare {
    /// Starts on threads of its own, with a new database.
    pub(super) fn start(database: &Path) -> Result<Self, Failure> {
        let pair = KeyPair::generate_for(&rcgen::PKCS_ED25519)?;
        let key = VerifyingKey(pair.public_key_raw().try_into()?);
        let tls = TlsAcceptor::from(Arc::new(tls(&pair)?));
        let connection = open(database)?;
        let (queue, waiting) = mpsc::channel(QUEUE);
        let writer =
            thread::Builder::new().name("bare-writer".to_owned()).spawn(|| write(connection, waiting))?;
        let router = Router::new().route(path::SYNC, post(append)).with_state(queue);
        let runtime = Builder::new_multi_thread().enable_all().build()?;
        let listener = runtime.block_on(TcpListener::bind(("127.0.0.1", 0)))?;
        let address = listener.local_addr()?;
        runtime.spawn(accept(listener, tls, router));
        Ok(Self { address, key, database: database.to_owned(), runtime, writer })
    }

    /// Where it listens.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The key in its certificate.
    pub(super) fn key(&self) -> VerifyingKey {
        self.key
    }

    /// Stops; gives how many bodies it has kept.
    pub(super) fn stop(self) -> Result<usize, Failure> {
        // Takes the queue with it, which ends the writer.
        drop(self.runtime);
        self.writer.join().map_err(|_| "the writer panicked")??;
        let kept: i64 =
            Connection::open(&self.database)?.query_row("SELECT count(*) FROM bare", [], |row| row.get(0))?;
        Ok(usize::try_from(kept)?)
    }
}

fn tls(pair: &KeyPair) -> Result<ServerConfig, Failure> {
    let certificate = CertificateParams::new(vec!["cairn".to_owned()])?.self_signed(pair)?;
    let pkcs8 = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(pair.serialize_der()));
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], pkcs8)?;
    config.send_tls13_tickets = 1;
    Ok(config)
}

/// The pragmas of the real server's log, and one table.
fn open(database: &Path) -> Result<Connection, Failure> {
    let connection = Connection::open(database)?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
         PRAGMA temp_store = MEMORY; PRAGMA journal_size_limit = 67108864;
         CREATE TABLE bare (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;",
    )?;
    Ok(connection)
}

async fn accept(listener: TcpListener, tls: TlsAcceptor, router: Router) {
    while let Ok((stream, _)) = listener.accept().await {
        // A client whose connection fails says so itself.
        tokio::spawn(serve(stream, tls.clone(), router.clone()));
    }
}

async fn serve(
    stream: TcpStream,
    tls: TlsAcceptor,
    router: Router,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    stream.set_nodelay(true)?;
    let encrypted = tls.accept(stream).await?;
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .auto_date_header(false)
        .serve_connection(TokioIo::new(encrypted), TowerToHyperService::new(router));
    Ok(connection.await?)
}

async fn append(State(queue): State<mpsc::Sender<Job>>, body: Bytes) -> Result<Response, StatusCode> {
    let (stored, number) = oneshot::channel();
    queue.send(Job { body, stored }).await.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    let number = number.await.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    Ok(Response::new(Body::from(number.to_be_bytes().to_vec())))
}

/// Takes all that wait, writes them in one transaction, and only then answers.
fn write(mut connection: Connection, mut waiting: mpsc::Receiver<Job>) -> Result<(), rusqlite::Error> {
    let mut group = Vec::with_capacity(GROUP);
    while waiting.blocking_recv_many(&mut group, GROUP) > 0 {
        let mut numbers = Vec::with_capacity(group.len());
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for job in &group {
            let mut insert = transaction.prepare_cached("INSERT INTO bare (bytes) VALUES (?1)")?;
            numbers.push(insert.insert([&job.body[..]])?);
        }
        transaction.commit()?;
        for (job, number) in group.drain(..).zip(numbers) {
            // A client that has gone is no longer counted.
            let _ = job.stored.send(number);
        }
    }
    Ok(())
}
