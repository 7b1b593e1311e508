//! The one thread that writes.
//!
//! Jobs wait in a bounded queue. The thread takes all that wait, runs each in a savepoint of one
//! transaction, syncs once, and only then answers: many small requests cost one sync. A job that
//! fails is rolled back alone. If the transaction itself is lost (a full disk can do that), every job
//! of the group gets a transaction of its own, so that what fits goes in.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};

use super::super::{LogError, Reply};

/// Jobs in the queue.
const QUEUE: usize = 1024;
/// Jobs in one transaction.
const GROUP: usize = 512;
/// Octets that may wait, in units of [`UNIT`].
const ROOM: usize = 16 << 10;
/// One permit stands for so many octets.
const UNIT: usize = 1 << 10;

/// A change to the log: run inside a transaction, perhaps twice, and answered once it is durable.
trait Job: Send {
    /// Makes the change; an error undoes it.
    fn run(&mut self, connection: &Connection) -> Result<(), LogError>;
    /// Tells whoever waits: what `run` gave, or why it is not on disk.
    fn answer(self: Box<Self>, durable: Result<(), LogError>);
}

struct Task<T, F> {
    work: F,
    done: Option<T>,
    reply: oneshot::Sender<Result<T, LogError>>,
    _room: OwnedSemaphorePermit,
}

impl<T, F> Job for Task<T, F>
where
    T: Send,
    F: Fn(&Connection) -> Result<T, LogError> + Send,
{
    fn run(&mut self, connection: &Connection) -> Result<(), LogError> {
        self.done = Some((self.work)(connection)?);
        Ok(())
    }

    fn answer(self: Box<Self>, durable: Result<(), LogError>) {
        let Self { done, reply, .. } = *self;
        // Whoever asked may be gone; the change stands all the same.
        let _ = reply.send(durable.and_then(|()| done.ok_or(LogError::Closed)));
    }
}

enum Message {
    Job(Box<dyn Job>),
    Close,
}

/// The queue's front end.
pub(super) struct Writer {
    queue: mpsc::Sender<Message>,
    room: Arc<Semaphore>,
    thread: Mutex<Option<JoinHandle<Result<(), LogError>>>>,
}

impl Writer {
    /// Gives the connection to a thread of its own.
    pub(super) fn start(mut connection: Connection) -> Result<Self, LogError> {
        let (queue, mut waiting) = mpsc::channel(QUEUE);
        let thread = thread::Builder::new()
            .name("log-writer".to_owned())
            .spawn(move || {
                while let Some(message) = waiting.blocking_recv() {
                    let mut group = Vec::new();
                    let mut open = take(message, &mut group);
                    while open && group.len() < GROUP {
                        let Ok(message) = waiting.try_recv() else { break };
                        open = take(message, &mut group);
                    }
                    commit(&mut connection, group);
                    if !open {
                        break;
                    }
                }
                finish(connection)
            })
            .map_err(|error| LogError::Backend(Box::new(error)))?;
        Ok(Self { queue, room: Arc::new(Semaphore::new(ROOM)), thread: Mutex::new(Some(thread)) })
    }

    /// Queues a change of about `size` octets; the receiver learns its fate once that is durable.
    pub(super) async fn queue<T: Send + 'static>(
        &self,
        size: usize,
        work: impl Fn(&Connection) -> Result<T, LogError> + Send + 'static,
    ) -> Result<oneshot::Receiver<Result<T, LogError>>, LogError> {
        let units = (size / UNIT + 1).min(ROOM);
        let permits = u32::try_from(units).unwrap_or(u32::MAX);
        let room = Arc::clone(&self.room).acquire_many_owned(permits).await.map_err(|_| LogError::Closed)?;
        let (reply, receiver) = oneshot::channel();
        let job = Box::new(Task { work, done: None, reply, _room: room });
        self.queue.send(Message::Job(job)).await.map_err(|_| LogError::Closed)?;
        Ok(receiver)
    }

    /// Queues a change and waits until it is durable.
    pub(super) fn call<T: Send + 'static>(
        &self,
        size: usize,
        work: impl Fn(&Connection) -> Result<T, LogError> + Send + 'static,
    ) -> Reply<'_, T> {
        Box::pin(async move { self.queue(size, work).await?.await.unwrap_or(Err(LogError::Closed)) })
    }

    /// Finishes what is queued, checkpoints, and closes the file.
    pub(super) async fn close(&self) -> Result<(), LogError> {
        // A thread that is gone already has closed its end.
        let _ = self.queue.send(Message::Close).await;
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(thread) = thread else { return Ok(()) };
        tokio::task::spawn_blocking(move || thread.join())
            .await
            .map_err(|error| LogError::Backend(Box::new(error)))?
            .unwrap_or(Err(LogError::Closed))
    }
}

/// Moves everything into the main file. Where there is no room for that it is safe as it lies.
fn finish(connection: Connection) -> Result<(), LogError> {
    let moved = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
    let closed = connection.close().map_err(|(_, error)| error);
    match moved.and(closed).map_err(LogError::from) {
        Err(LogError::Full) => Ok(()),
        other => other,
    }
}

/// Adds a job to the group; `false` when the queue is to be closed.
fn take(message: Message, group: &mut Vec<Box<dyn Job>>) -> bool {
    match message {
        Message::Job(job) => group.push(job),
        Message::Close => return false,
    }
    true
}

/// Makes a group durable with one sync, and answers each job.
fn commit(connection: &mut Connection, mut group: Vec<Box<dyn Job>>) {
    match run(connection, &mut group) {
        Ok(fates) => {
            for (job, fate) in group.into_iter().zip(fates) {
                job.answer(fate);
            }
        }
        // A group of one gets the error; a larger one is tried one by one.
        Err(error) if group.len() == 1 => {
            let mut error = Some(error);
            for job in group {
                job.answer(Err(error.take().unwrap_or(LogError::Closed)));
            }
        }
        Err(_) => {
            for job in group {
                commit(connection, vec![job]);
            }
        }
    }
}

/// One transaction; an error means that nothing of it is on disk.
fn run(
    connection: &mut Connection,
    group: &mut [Box<dyn Job>],
) -> Result<Vec<Result<(), LogError>>, LogError> {
    let mut fates = Vec::with_capacity(group.len());
    let mut transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for job in group {
        let savepoint = transaction.savepoint()?;
        let fate = job.run(&savepoint);
        match fate {
            Ok(()) => savepoint.commit()?,
            // SQLite has thrown the whole transaction away with the job.
            Err(error) if savepoint.is_autocommit() => return Err(error),
            // The savepoint rolls back as it is dropped.
            Err(_) => savepoint.finish()?,
        }
        fates.push(fate);
    }
    transaction.commit()?;
    Ok(fates)
}

#[cfg(test)]
mod tests;
