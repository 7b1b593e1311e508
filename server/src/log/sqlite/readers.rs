//! Read-only connections, lent to one reader at a time.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use tokio::sync::Semaphore;

use super::super::{LogError, Reply};
use super::schema;

/// Reads at one time; more wait.
const READERS: usize = 4;

/// A small pool of connections.
pub(super) struct Readers {
    path: PathBuf,
    idle: Arc<Mutex<Vec<Connection>>>,
    free: Arc<Semaphore>,
}

impl Readers {
    /// Opens all of them.
    pub(super) fn open(path: &Path) -> Result<Self, LogError> {
        let idle: Vec<_> = (0..READERS).map(|_| schema::open_reader(path)).collect::<Result<_, _>>()?;
        Ok(Self {
            path: path.to_owned(),
            idle: Arc::new(Mutex::new(idle)),
            free: Arc::new(Semaphore::new(READERS)),
        })
    }

    /// Runs `read` in one read transaction on a thread that may block.
    pub(super) fn call<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, LogError> + Send + 'static,
    ) -> Reply<'_, T> {
        Box::pin(async move {
            let permit = Arc::clone(&self.free).acquire_owned().await.map_err(|_| LogError::Closed)?;
            let (idle, path) = (Arc::clone(&self.idle), self.path.clone());
            let reading = tokio::task::spawn_blocking(move || {
                let _permit = permit;
                let lent = idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
                // One that was lost with its reader is replaced.
                let connection = lent.map_or_else(|| schema::open_reader(&path), Ok)?;
                let found = moment(&connection, read);
                idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
                found
            });
            reading.await.map_err(|error| LogError::Backend(Box::new(error)))?
        })
    }

    /// Waits for readers under way and closes all connections.
    pub(super) async fn close(&self) {
        let all = u32::try_from(READERS).unwrap_or(u32::MAX);
        let _all = self.free.acquire_many(all).await;
        self.free.close();
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// Everything `read` sees is from one moment.
fn moment<T>(
    connection: &Connection,
    read: impl FnOnce(&Connection) -> Result<T, LogError>,
) -> Result<T, LogError> {
    // Cached: parsing these two words each time costs as much as a small read.
    connection.prepare_cached("BEGIN")?.execute([])?;
    let found = read(connection);
    // A reader that found an error has a transaction to end all the same.
    connection.prepare_cached("ROLLBACK")?.execute([])?;
    found
}
