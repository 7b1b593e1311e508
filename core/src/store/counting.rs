//! Counting what is asked of the database. Never in a product.

use std::cell::Cell;

use rusqlite::Connection;
use rusqlite::trace::{TraceEvent, TraceEventCodes};

use super::StoreError;

/// What the databases that were opened while somebody counted have done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counted {
    /// Statements that were begun, those of triggers among them.
    pub statements: u64,
    /// Instructions of SQLite's machine. Counting the rows of a table is one, however many they are.
    pub instructions: u64,
}

thread_local! {
    /// None while nobody counts.
    static COUNTED: Cell<Option<Counted>> = const { Cell::new(None) };
}

/// Counts what databases do on this thread that are opened while `act` goes on, from the moment that they have
/// taken their key.
pub fn rehearse_counting<T>(act: impl FnOnce() -> T) -> (T, Counted) {
    COUNTED.set(Some(Counted::default()));
    let done = act();
    (done, COUNTED.take().unwrap_or_default())
}

/// Looks at what a database does from now on, if somebody counts.
pub(super) fn watch(connection: &mut Connection) -> Result<(), StoreError> {
    if COUNTED.get().is_none() {
        return Ok(());
    }
    let begun = |event: TraceEvent<'_>| {
        if matches!(event, TraceEvent::Stmt(..)) {
            note(|counted| counted.statements += 1);
        }
    };
    connection.trace_v2(TraceEventCodes::SQLITE_TRACE_STMT, Some(begun))?;
    let instruction = || {
        note(|counted| counted.instructions += 1);
        false
    };
    connection.progress_handler(1, Some(instruction))?;
    Ok(())
}

fn note(count: impl FnOnce(&mut Counted)) {
    // Asked also while the thread ends and has nothing more to count with.
    let _ = COUNTED.try_with(|held| {
        if let Some(mut counted) = held.get() {
            count(&mut counted);
            held.set(Some(counted));
        }
    });
}

#[cfg(test)]
mod tests {
    use super::super::Store;
    use super::*;
    use crate::crypto::VaultKey;

    #[test]
    fn what_is_asked_is_counted_while_somebody_counts() {
        let dir = tempfile::tempdir().unwrap();
        let (key, path) = (VaultKey::generate().unwrap(), dir.path().join("vault.db"));
        let counts = |store: &Store| rehearse_counting(|| store.rows().counts().unwrap()).1;
        let (store, opened) = rehearse_counting(|| Store::open(&path, &key).unwrap());
        assert!(opened.statements > 100 && opened.instructions > opened.statements, "{opened:?}");
        assert_eq!(counts(&store).statements, 1);
        store.rows().counts().unwrap();
        drop(store);
        let unwatched = Store::open(&path, &key).unwrap();
        assert_eq!(counts(&unwatched), Counted::default(), "opened while nobody counted, it costs nothing");
    }
}
