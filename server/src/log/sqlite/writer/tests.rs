//! One transaction for many jobs, and no job undone by another.

use super::*;

fn table() -> Connection {
    let connection = Connection::open_in_memory().unwrap();
    connection.execute_batch("CREATE TABLE t (n INTEGER PRIMARY KEY, fill BLOB)").unwrap();
    connection
}

type Fate = oneshot::Receiver<Result<(), LogError>>;

fn job(work: impl Fn(&Connection) -> Result<(), LogError> + Send + 'static) -> (Box<dyn Job>, Fate) {
    let room = Arc::new(Semaphore::new(1)).try_acquire_owned().unwrap();
    let (reply, fate) = oneshot::channel();
    (Box::new(Task { work, done: None, reply, _room: room }), fate)
}

fn insert(n: i64) -> impl Fn(&Connection) -> Result<(), LogError> + Send + 'static {
    move |connection| {
        connection.execute("INSERT INTO t (n) VALUES (?1)", [n])?;
        Ok(())
    }
}

fn rows(connection: &Connection) -> Vec<i64> {
    let mut statement = connection.prepare("SELECT n FROM t ORDER BY n").unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

#[test]
fn a_job_that_fails_undoes_itself_and_no_other() {
    let mut connection = table();
    let halfway = |connection: &Connection| {
        insert(100)(connection)?;
        Err(LogError::Damaged("on purpose"))
    };
    let (jobs, mut fates): (Vec<_>, Vec<_>) =
        [job(insert(1)), job(insert(1)), job(halfway), job(insert(2))].into_iter().unzip();
    commit(&mut connection, jobs);
    let fates: Vec<bool> = fates.iter_mut().map(|fate| fate.try_recv().unwrap().is_ok()).collect();
    assert_eq!(fates, [true, false, false, true]);
    assert_eq!(rows(&connection), [1, 2]);
}

#[test]
fn a_group_shares_one_transaction() {
    let mut connection = table();
    let commits = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counted = Arc::clone(&commits);
    connection
        .commit_hook(Some(move || {
            counted.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            false
        }))
        .unwrap();
    let (jobs, _fates): (Vec<_>, Vec<_>) = (0..50).map(|n| job(insert(n))).unzip();
    commit(&mut connection, jobs);
    assert_eq!(rows(&connection).len(), 50);
    assert_eq!(commits.load(std::sync::atomic::Ordering::Relaxed), 1);
}

#[test]
fn when_the_transaction_is_lost_what_fits_still_goes_in() {
    let mut connection = table();
    // A job that ends the transaction under everybody's feet, as SQLite does on a full disk.
    let lost = |connection: &Connection| {
        connection.execute_batch("ROLLBACK")?;
        Err(LogError::Full)
    };
    let (jobs, mut fates): (Vec<_>, Vec<_>) = [job(insert(1)), job(lost), job(insert(2))].into_iter().unzip();
    commit(&mut connection, jobs);
    let fates: Vec<bool> = fates.iter_mut().map(|fate| fate.try_recv().unwrap().is_ok()).collect();
    assert_eq!(fates, [true, false, true]);
    assert_eq!(rows(&connection), [1, 2]);
}

#[test]
fn a_commit_that_fails_is_no_success() {
    let mut connection = table();
    connection.commit_hook(Some(|| true)).unwrap();
    let (job, mut fate) = job(insert(1));
    commit(&mut connection, vec![job]);
    assert!(fate.try_recv().unwrap().is_err());
    connection.commit_hook(None::<fn() -> bool>).unwrap();
    assert!(rows(&connection).is_empty());
}

#[tokio::test]
async fn a_closed_writer_says_so() {
    let writer = Writer::start(table()).unwrap();
    writer.call(0, insert(1)).await.unwrap();
    writer.close().await.unwrap();
    assert!(matches!(writer.call(0, insert(2)).await, Err(LogError::Closed)));
}
