//! The suite every log must pass, and what is special about this one.

use tempfile::TempDir;

use super::*;
use cairn_wire::attachment::State;
use cairn_wire::limits;

use crate::log::conformance::{W, begun, conformance, photo, row, store};
use crate::log::sqlite::attachments::NAME;
use crate::log::{Creation, LogError, PieceOutcome, SegmentOutcome};

const ROOMY: Room = Room { quota: 1 << 30, attachments: 1 << 30, store: 0 };

fn fresh() -> (Sqlite, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    (Sqlite::open(folder.path(), ROOMY).unwrap(), folder)
}

conformance!(fresh());

#[tokio::test]
async fn everything_answered_is_there_after_reopening() {
    let (log, folder) = fresh();
    begun(&log, W).await;
    let row = row(7, 20, 100);
    let mut queued = Vec::new();
    for entry in &row {
        queued.push(log.append_segment(entry.clone()).await.unwrap());
    }
    for queued in queued {
        assert_eq!(queued.outcome().await.unwrap(), SegmentOutcome::Stored);
    }
    let generation = log.generation();
    log.close().await.unwrap();
    assert!(matches!(log.check().await, Err(LogError::Closed)));
    assert!(!folder.path().join("log.db-wal").exists(), "the file stands alone after closing");
    let log = Sqlite::open(folder.path(), ROOMY).unwrap();
    assert_eq!(log.generation(), generation);
    assert_eq!(store(&log, &row[19]).await, SegmentOutcome::Held);
}

#[tokio::test]
async fn another_folder_has_another_generation() {
    let ((one, _one), (two, _two)) = (fresh(), fresh());
    assert_ne!(one.generation(), two.generation());
}

#[tokio::test]
async fn a_full_store_refuses_and_goes_on_when_there_is_room() {
    let (log, _folder) = fresh();
    begun(&log, W).await;
    let row = row(7, 60, 10_000);
    assert_eq!(store(&log, &row[0]).await, SegmentOutcome::Stored);
    log.writer.call(0, |connection| schema::limit(connection, 200_000)).await.unwrap();
    let mut stored = 1;
    let failure = loop {
        match log.append_segment(row[stored].clone()).await.unwrap().outcome().await {
            Ok(SegmentOutcome::Stored) => stored += 1,
            other => break other.unwrap_err(),
        }
    };
    assert!(matches!(failure, LogError::Full), "{failure:?}");
    log.check().await.unwrap();
    assert_eq!(store(&log, &row[0]).await, SegmentOutcome::Held, "what is held is still served");
    log.writer.call(0, |connection| schema::limit(connection, 0)).await.unwrap();
    for entry in &row[stored..] {
        assert_eq!(store(&log, entry).await, SegmentOutcome::Stored);
    }
}

#[tokio::test]
async fn a_workspace_stays_within_its_quota() {
    let folder = tempfile::tempdir().unwrap();
    let log = Sqlite::open(folder.path(), Room { quota: 2_500, ..ROOMY }).unwrap();
    begun(&log, W).await;
    let row = row(7, 3, 1_000);
    assert_eq!(store(&log, &row[0]).await, SegmentOutcome::Stored);
    assert_eq!(store(&log, &row[1]).await, SegmentOutcome::Stored);
    let refused = log.append_segment(row[2].clone()).await.unwrap().outcome().await;
    assert!(matches!(refused, Err(LogError::Quota)));
    let log = reopened(log, &folder, ROOMY).await;
    assert_eq!(store(&log, &row[2]).await, SegmentOutcome::Stored, "a raised quota lets it in");
}

async fn reopened(log: Sqlite, folder: &TempDir, room: Room) -> Sqlite {
    log.close().await.unwrap();
    Sqlite::open(folder.path(), room).unwrap()
}

#[tokio::test]
async fn many_writers_at_once_all_get_their_answer() {
    let (log, _folder) = fresh();
    begun(&log, W).await;
    let log = std::sync::Arc::new(log);
    let tasks: Vec<_> = (10..40)
        .map(|chain| {
            let log = std::sync::Arc::clone(&log);
            tokio::spawn(async move {
                for entry in row(chain, 10, 50) {
                    assert_eq!(store(&*log, &entry).await, SegmentOutcome::Stored);
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let again = log.create_workspace(W, RosterAppend::default(), 10, 1).await.unwrap();
    assert_eq!(again, Creation::Exists);
}

#[tokio::test]
async fn attachments_are_charged_to_the_octet_and_apart_from_everything_else() {
    let folder = tempfile::tempdir().unwrap();
    let [one, two] = [1, 2].map(|seed| photo(W, seed, 2, 1_000));
    // Room for both, but for one octet.
    let all = 2 * (NAME + 2 * 32 + 2 * 1_000);
    let tight = Room { attachments: all - 1, ..ROOMY };
    let log = Sqlite::open(folder.path(), tight).unwrap();
    begun(&log, W).await;
    for photo in [&one, &two] {
        photo.begin(&log).await;
        photo.put(&log, 0).await;
    }
    assert_eq!(one.put(&log, 1).await, PieceOutcome::Now(State::Held { held: 2, count: 2 }));
    let refused = |put: Result<_, LogError>| assert!(matches!(put, Err(LogError::AttachmentsQuota)));
    refused(log.put_attachment_piece(two.pieces[1].clone()).await.map(|_| ()));
    assert_eq!(two.state(&log).await, State::Held { held: 1, count: 2 }, "what is held stays");
    let never = photo(W, 3, 1, 1_000 - 2 * NAME as usize);
    let log = reopened(log, &folder, Room { attachments: all - 1_000, ..ROOMY }).await;
    refused(log.begin_attachment(never.entry.clone()).await.map(|_| ()));
    refused(log.drop_attachments(W, vec![never.name()]).await);
    assert_eq!(never.state(&log).await, State::Unknown, "a name needs room too");
    assert_eq!(store(&log, &row(7, 1, 5_000)[0]).await, SegmentOutcome::Stored, "segments have their own");
    log.drop_attachments(W, vec![one.name()]).await.unwrap();
    assert_eq!(two.put(&log, 1).await, PieceOutcome::Now(State::Held { held: 2, count: 2 }));
    let log = reopened(log, &folder, Room { attachments: all, ..ROOMY }).await;
    log.drop_attachments(W, vec![one.name(), two.name(), never.name()]).await.unwrap();
    let charged: i64 = log
        .writer
        .call(0, |connection| {
            Ok(connection.query_row("SELECT attachments FROM workspace", [], |row| row.get(0))?)
        })
        .await
        .unwrap();
    assert_eq!(charged, 3 * i64::try_from(NAME).unwrap(), "of what was dropped only the names are left");
    let log = reopened(log, &folder, Room { attachments: 0, quota: 0, store: 0 }).await;
    log.drop_attachments(W, vec![one.name()]).await.unwrap();
    assert!(matches!(log.begin_attachment(photo(W, 9, 1, 9).entry).await, Err(LogError::AttachmentsQuota)));
}

#[tokio::test]
async fn a_device_that_was_revoked_brings_so_much_and_no_more_whatever_becomes_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let log = Sqlite::open(folder.path(), ROOMY).unwrap();
    begun(&log, W).await;
    let [mut one, mut two] = [1, 2].map(|seed| photo(W, seed, 2, 1_000));
    for photo in [&mut one, &mut two] {
        photo.entry.late = Some(DeviceId([7; 16]));
        photo.pieces.iter_mut().for_each(|piece| piece.late = photo.entry.late);
    }
    one.begin(&log).await;
    one.put(&log, 0).await;
    log.drop_attachments(W, vec![one.name()]).await.unwrap();
    // As if it had brought nearly all that it may.
    let charged = NAME + 2 * 32 + 1_000;
    let most = limits::LATE_ATTACHMENTS - NAME - 2 * 32 - 1_000;
    let brought = log.writer.call(0, move |connection| {
        let sql = "UPDATE late_attachments SET octets = octets + ?1 - ?2 RETURNING octets";
        Ok(connection.query_row(sql, (int(most), int(charged)), |row| row.get::<_, i64>(0))?)
    });
    assert_eq!(brought.await.unwrap(), int(most), "what was dropped counts too");
    two.begin(&log).await;
    assert_eq!(two.put(&log, 0).await, PieceOutcome::Now(State::Held { held: 1, count: 2 }));
    let more = log.put_attachment_piece(two.pieces[1].clone()).await;
    assert!(matches!(more, Err(LogError::LateAttachments)));
    let other = AttachmentPiece { late: Some(DeviceId([8; 16])), ..two.pieces[1].clone() };
    let whole = PieceOutcome::Now(State::Held { held: 2, count: 2 });
    assert_eq!(log.put_attachment_piece(other).await.unwrap(), whole, "each device has its own");
}
