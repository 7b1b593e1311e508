use super::*;
use crate::crypto::VaultKey;
use crate::store::{Store, schema};

fn id(number: u8) -> AttachmentId {
    AttachmentId([number; 16])
}

fn row(number: u8, state: AttachmentState) -> AttachmentRow {
    AttachmentRow {
        id: id(number),
        pieces: 2,
        octets: 100 - u64::from(number),
        state,
        height: 0,
        lets_go: false,
    }
}

fn store() -> (tempfile::TempDir, Store) {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(&dir.path().join("vault.db"), &VaultKey::generate().unwrap()).unwrap();
    (dir, store)
}

#[test]
fn a_vault_from_before_there_were_attachments_keeps_what_it_holds_and_takes_them() {
    let dir = tempfile::tempdir().unwrap();
    let (path, key) = (dir.path().join("vault.db"), VaultKey::generate().unwrap());
    let connection = rusqlite::Connection::open(&path).unwrap();
    schema::prepare(&connection, &key).unwrap();
    schema::STEPS[..15].iter().for_each(|step| connection.execute_batch(step).unwrap());
    connection.execute_batch("PRAGMA user_version = 15").unwrap();
    let sql =
        "INSERT INTO erasure (circle, record, salt, commitment, reason, said) VALUES (?1, ?2, ?3, ?4, '', 1)";
    connection.execute(sql, params![[1u8; 16], [2u8; 16], [3u8; 32], [4u8; 32]]).unwrap();
    drop(connection);
    let store = Store::open(&path, &key).unwrap();
    assert_eq!(store.rows().erasures().unwrap().len(), 1);
    assert_eq!(store.rows().erasures().unwrap()[0].attachments, 0);
    store.rows().put_attachment(&row(1, AttachmentState::Draft)).unwrap();
    assert!(store.rows().attachment(&id(1)).unwrap().is_some());
}

#[test]
fn a_vault_from_before_files_had_ends_keeps_all_of_them_and_what_is_to_be_dropped() {
    let dir = tempfile::tempdir().unwrap();
    let (path, key) = (dir.path().join("vault.db"), VaultKey::generate().unwrap());
    let connection = rusqlite::Connection::open(&path).unwrap();
    schema::prepare(&connection, &key).unwrap();
    schema::STEPS[..18].iter().for_each(|step| connection.execute_batch(step).unwrap());
    connection.execute_batch("PRAGMA user_version = 18").unwrap();
    let sql = "INSERT INTO attachment (id, pieces, octets, state) VALUES (?1, 2, 99, 2)";
    connection.execute(sql, [[1u8; 16]]).unwrap();
    connection.execute("INSERT INTO attachment_drop (id) VALUES (?1)", [[2u8; 16]]).unwrap();
    drop(connection);
    let store = Store::open(&path, &key).unwrap();
    let rows = store.rows();
    assert_eq!(rows.attachment(&id(1)).unwrap(), Some(row(1, AttachmentState::Sent)));
    assert_eq!(rows.attachment_drops().unwrap(), [id(2)]);
    rows.put_attachment_dropped(&id(2)).unwrap();
    assert!(rows.attachment_drops().unwrap().is_empty());
    rows.doubt_attachment_drops().unwrap();
    assert_eq!(rows.attachment_drops().unwrap(), [id(2)], "a server that was put back is told again");
}

#[test]
fn the_smallest_leaves_first_and_only_what_a_record_names() {
    let (_dir, store) = store();
    let rows = store.rows();
    for (number, state) in
        [(1, AttachmentState::Waits), (2, AttachmentState::Draft), (3, AttachmentState::Waits)]
    {
        rows.put_attachment(&row(number, state)).unwrap();
    }
    let waiting = || rows.attachments(AttachmentState::Waits).unwrap().into_iter().map(|row| row.id);
    assert_eq!(waiting().collect::<Vec<_>>(), [id(3), id(1)]);
    rows.queue_attachment(&id(2), false).unwrap();
    assert_eq!(waiting().collect::<Vec<_>>(), [id(3), id(2), id(1)]);
    rows.put_attachment_height(&id(3), 2, AttachmentState::Sent).unwrap();
    rows.queue_attachment(&id(3), false).unwrap();
    assert_eq!(rows.waiting_attachments().unwrap(), 2, "what was sent does not wait again for being named");
}

#[test]
fn only_what_is_whole_here_is_sent_again_to_a_server_that_may_have_lost_it() {
    let (_dir, store) = store();
    let rows = store.rows();
    for number in [1, 2] {
        rows.put_attachment(&row(number, AttachmentState::Sent)).unwrap();
    }
    rows.put_attachment_piece(&id(1), 0, &[0; 32], b"a").unwrap();
    rows.put_attachment_piece(&id(1), 1, &[0; 32], b"b").unwrap();
    rows.put_attachment_piece(&id(2), 1, &[0; 32], b"b").unwrap();
    assert_eq!((rows.attachment_held(&id(1)).unwrap(), rows.attachment_held(&id(2)).unwrap()), (2, 0));
    rows.doubt_attachments().unwrap();
    let waiting = rows.attachments(AttachmentState::Waits).unwrap();
    assert_eq!(waiting.iter().map(|row| row.id).collect::<Vec<_>>(), [id(1)]);
}

#[test]
fn what_no_draft_names_is_forgotten_and_what_was_sent_or_waits_never_is() {
    let (_dir, store) = store();
    let rows = store.rows();
    for (number, state) in [
        (1, AttachmentState::Draft),
        (2, AttachmentState::Draft),
        (3, AttachmentState::Waits),
        (4, AttachmentState::Sent),
    ] {
        rows.put_attachment(&row(number, state)).unwrap();
        rows.put_attachment_piece(&id(number), 0, &[0; 32], b"a").unwrap();
    }
    let draft = crate::store::DraftRow {
        number: 0,
        form: "f".to_owned(),
        version: "1".to_owned(),
        team: None,
        record: None,
        begun: 0,
        changed: 0,
    };
    let draft = rows.put_draft(&draft).unwrap();
    rows.put_draft_answer(draft, "photo", &format!("{{\"file\":\"ff01{}00\"}}", hex(&id(2).0))).unwrap();
    rows.forget_unnamed_attachments().unwrap();
    let left: Vec<bool> = (1..=4).map(|number| rows.attachment(&id(number)).unwrap().is_some()).collect();
    assert_eq!(left, [false, true, true, true]);
    assert_eq!(rows.attachment_held(&id(1)).unwrap(), 0, "its pieces too");
    assert!(rows.is_named(&id(2)).unwrap() && !rows.is_named(&id(3)).unwrap());
}
