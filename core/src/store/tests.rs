use super::*;
use crate::record::Projection;

fn key(seed: u8) -> VaultKey {
    VaultKey::from_bytes([seed; 32])
}

#[test]
fn a_wrong_key_is_told_and_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("vault.db");
    Store::open(&path, &key(1)).unwrap().rows().put_fact("name", b"value").unwrap();
    let before = std::fs::read(&path).unwrap();
    assert!(matches!(Store::open(&path, &key(2)).err(), Some(StoreError::WrongKey)));
    assert_eq!(std::fs::read(&path).unwrap(), before);
    let store = Store::open(&path, &key(1)).unwrap();
    assert_eq!(store.rows().fact("name").unwrap().as_deref(), Some(&b"value"[..]));
}

#[test]
fn a_newer_vault_asks_for_an_update_and_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("vault.db");
    let store = Store::open(&path, &key(1)).unwrap();
    store.connection.execute_batch("PRAGMA user_version = 99").unwrap();
    drop(store);
    let error = Store::open(&path, &key(1)).err().unwrap();
    assert!(matches!(error, StoreError::TooNew { found: 99, .. }), "{error}");
}

#[test]
fn a_gesture_that_fails_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = Store::open(&dir.path().join("vault.db"), &key(1)).unwrap();
    let failed: Result<(), StoreError> = store.gesture(|rows| {
        rows.put_fact("name", b"value")?;
        Err(StoreError::Full)
    });
    assert!(failed.is_err());
    assert_eq!(store.rows().fact("name").unwrap(), None);
}

#[test]
fn a_word_of_an_undone_gesture_is_forgotten() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = Store::open(&dir.path().join("vault.db"), &key(1)).unwrap();
    let undone: Result<(), StoreError> = store.gesture(|rows| {
        rows.intern("one")?;
        Err(StoreError::Full)
    });
    assert!(undone.is_err());
    let (two, one) =
        store.gesture(|rows| Ok::<_, StoreError>((rows.intern("two")?, rows.intern("one")?))).unwrap();
    assert_ne!(two, one);
    assert_eq!(store.rows().word("one").unwrap(), Some(one));
}

#[test]
fn a_full_disk_is_told_as_such_and_what_was_kept_stays() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = Store::open(&dir.path().join("vault.db"), &key(1)).unwrap();
    store.gesture(|rows| rows.put_fact("kept", b"value")).unwrap();
    store.limit_pages(80).unwrap();
    let full = store.gesture(|rows| rows.put_fact("large", &vec![7; 1 << 20]));
    assert!(matches!(full, Err(StoreError::Full)), "{full:?}");
    assert_eq!(store.rows().fact("kept").unwrap().as_deref(), Some(&b"value"[..]));
    store.limit_pages(100_000).unwrap();
    store.gesture(|rows| rows.put_fact("large", &vec![7; 1 << 20])).unwrap();
}

#[test]
fn every_pragma_is_as_the_storage_page_says() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(&dir.path().join("vault.db"), &key(1)).unwrap();
    let value = |pragma: &str| -> String {
        let sql = format!("PRAGMA {pragma}");
        store
            .connection
            .query_row(&sql, [], |row| {
                let value: rusqlite::types::Value = row.get(0)?;
                Ok(match value {
                    rusqlite::types::Value::Integer(number) => number.to_string(),
                    rusqlite::types::Value::Text(text) => text,
                    other => format!("{other:?}"),
                })
            })
            .unwrap()
    };
    for (pragma, expected) in [
        ("journal_mode", "wal"),
        ("synchronous", "2"),
        ("secure_delete", "1"),
        ("temp_store", "2"),
        ("trusted_schema", "0"),
        ("foreign_keys", "1"),
        ("mmap_size", "0"),
        ("cipher_memory_security", "1"),
    ] {
        assert_eq!(value(pragma), expected, "{pragma}");
    }
}

#[test]
fn words_are_found_by_their_beginning_in_every_script() {
    use cairn_wire::id::{CircleId, DocumentId, RecordId};
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(&dir.path().join("vault.db"), &key(1)).unwrap();
    let rows = store.rows();
    for (n, words) in ["Ivanova Мария", "مريم القاسم", "Ёлка Ünal"].iter().enumerate() {
        let n = n as u8 + 1;
        let projection = Projection {
            words: (*words).to_owned(),
            facets: [("sex".to_owned(), "female".to_owned())].into(),
            ..Projection::default()
        };
        let (id, record, circle) = (&DocumentId([n; 16]), &RecordId([n; 16]), &CircleId([0; 16]));
        let new = NewDocument { id, record, part: "case", circle, bytes: b"document" };
        rows.put_document(&new, &Projection::default(), &projection).unwrap();
    }
    let found = |words: &[&str]| -> Vec<u64> {
        let words = words.iter().map(|word| (*word).to_owned()).collect();
        let filter = Filter { words, most: 10, ..Filter::default() };
        rows.list(&filter).unwrap().iter().map(|listed| listed.number).collect()
    };
    assert_eq!(found(&["мар"]), [1]);
    assert_eq!(found(&["مري"]), [2]);
    assert_eq!(found(&["unal"]), [3]);
    assert_eq!(found(&["ivan", "мария"]), [1]);
    assert_eq!(found(&["\" OR *"]), Vec::<u64>::new());
    assert_eq!(found(&[]), [3, 2, 1]);
    let facets = vec![("sex".to_owned(), "female".to_owned())];
    let filter = Filter { facets, before: Some(3), most: 10, ..Filter::default() };
    assert_eq!(rows.list(&filter).unwrap().len(), 2);
}

#[test]
fn a_log_that_was_kept_without_roots_gets_them() {
    use cairn_wire::digest::{half, next_root, sha256};
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("vault.db");
    let connection = rusqlite::Connection::open(&path).unwrap();
    schema::prepare(&connection, &key(1)).unwrap();
    connection.execute_batch(include_str!("schema.sql")).unwrap();
    connection.execute_batch("PRAGMA user_version = 1").unwrap();
    let circle = cairn_wire::id::CircleId([3; 16]);
    let sql = "INSERT INTO circle (circle, root, chain) VALUES (?1, ?2, ?3)";
    connection.execute(sql, rusqlite::params![circle.0, [0u8; 32], [4u8; 16]]).unwrap();
    let mut root = [0; 32];
    let mut roots = Vec::new();
    for seq in 1..=3i64 {
        let bytes = format!("segment {seq}").into_bytes();
        root = next_root(&root, &sha256(&[&bytes]));
        roots.push(half(&root));
        let sql = "INSERT INTO segment (circle, seq, bytes) VALUES (?1, ?2, ?3)";
        connection.execute(sql, rusqlite::params![circle.0, seq, bytes]).unwrap();
    }
    drop(connection);
    let store = Store::open(&path, &key(1)).unwrap();
    for (seq, root) in (1..).zip(roots) {
        assert_eq!(store.rows().half_root(&circle, seq).unwrap(), Some(root));
    }
    assert_eq!(store.rows().half_root(&circle, 4).unwrap(), None);
}

#[test]
fn letters_of_an_older_vault_get_numbers_of_its_own_and_count_once() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("vault.db");
    let connection = rusqlite::Connection::open(&path).unwrap();
    schema::prepare(&connection, &key(1)).unwrap();
    schema::STEPS[..10].iter().for_each(|step| connection.execute_batch(step).unwrap());
    connection.execute_batch("PRAGMA user_version = 10").unwrap();
    let half = |bytes: &[u8]| cairn_wire::digest::half(&cairn_wire::digest::sha256(&[bytes]));
    for (number, bytes) in [(7, b"one"), (9, b"two"), (12, b"one")] {
        let sql = "INSERT INTO letter (number, circle, device, hash, bytes) VALUES (?1, ?2, ?3, ?4, ?5)";
        let values = rusqlite::params![number, [3u8; 16], [4u8; 16], half(bytes), bytes];
        connection.execute(sql, values).unwrap();
    }
    drop(connection);
    let store = Store::open(&path, &key(1)).unwrap();
    let held: Vec<_> =
        store.rows().letters().unwrap().into_iter().map(|row| (row.number, row.bytes)).collect();
    assert_eq!(held, [(1, b"one".to_vec()), (2, b"two".to_vec())]);
    let (circle, device) = (cairn_wire::id::CircleId([3; 16]), cairn_wire::id::DeviceId([4; 16]));
    assert!(!store.rows().put_letter(&circle, &device, b"two").unwrap(), "however it comes");
    assert!(store.rows().put_letter(&circle, &device, b"three").unwrap());
}

#[test]
fn a_vault_of_before_has_no_tasks_takes_some_and_keeps_none_of_a_record_that_is_gone() {
    use crate::record::Task;
    use cairn_wire::id::{CircleId, DocumentId, RecordId};
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("vault.db");
    let connection = rusqlite::Connection::open(&path).unwrap();
    schema::prepare(&connection, &key(1)).unwrap();
    let before = schema::STEPS.iter().position(|step| step.contains("CREATE TABLE task ")).unwrap();
    schema::STEPS[..before].iter().for_each(|step| connection.execute_batch(step).unwrap());
    connection.execute_batch(&format!("PRAGMA user_version = {before}")).unwrap();
    let sql = "INSERT INTO record (id, form, title, changed) VALUES (?1, 1, 'Mira', 0)";
    connection.execute(sql, [[1u8; 16]]).unwrap();
    let sql = "INSERT INTO document (id, record, part, circle, bytes) VALUES (?1, 1, 'case', ?2, x'01')";
    connection.execute(sql, [[1u8; 16], [3u8; 16]]).unwrap();
    drop(connection);
    let store = Store::open(&path, &key(1)).unwrap();
    let task = |key: &str, due: Option<&str>| Task {
        key: key.to_owned(),
        what: "Call".to_owned(),
        due: due.map(str::to_owned),
        who: None,
        is_done: false,
    };
    let with = |tasks: Vec<Task>| Projection { form: 1, tasks, ..Projection::default() };
    let listed = |rows: &Rows<'_>| -> Vec<Task> {
        let page = rows.tasks(None, false, None, None, 10).unwrap();
        page.into_iter().map(|row| row.task).collect()
    };
    assert_eq!(listed(&store.rows()), []);
    let both = vec![task("done#a", None), task("done#b", Some("2026-11-20"))];
    let update = |rows: &Rows<'_>, was: &[Task], is: &[Task]| {
        let row = rows.document(&DocumentId([1; 16])).unwrap().unwrap();
        rows.update_document(&row, &row.bytes, &with(was.to_vec()), &with(is.to_vec())).unwrap();
    };
    update(&store.rows(), &[], &both);
    assert_eq!(listed(&store.rows()), [both[1].clone(), both[0].clone()]);
    assert_eq!(store.rows().count_tasks("2026-11-21").unwrap(), (2, 1));
    let place = store.rows().tasks(None, false, None, None, 1).unwrap()[0].place();
    assert_eq!(place.to_string().parse::<TaskPlace>().unwrap(), place);
    assert_eq!(store.rows().tasks(None, false, None, Some(&place), 9).unwrap()[0].task, both[0]);
    assert!("1/2".parse::<TaskPlace>().is_err() && "".parse::<TaskPlace>().is_err());
    // What it had projected is not known any more; of a record that goes nothing stays all the same.
    let row = store.rows().document(&DocumentId([1; 16])).unwrap().unwrap();
    store.rows().remove_document(&row, &Projection::default(), &Projection::default()).unwrap();
    assert_eq!(store.rows().count_tasks("2026-11-21").unwrap(), (0, 0));
    // A device that only hands in forgets them with what has left.
    let id = RecordId([2; 16]);
    let new = NewDocument {
        id: &DocumentId([2; 16]),
        record: &id,
        part: "case",
        circle: &CircleId([3; 16]),
        bytes: b"x",
    };
    store.rows().put_document(&new, &Projection::default(), &with(both.clone())).unwrap();
    assert_eq!(listed(&store.rows()).len(), 2, "control");
    assert_eq!(store.rows().forget_records_without([]).unwrap(), 1);
    assert_eq!(store.rows().count_tasks("2026-11-21").unwrap(), (0, 0));
    let left: i64 = store.connection.query_row("SELECT count(*) FROM task", [], |row| row.get(0)).unwrap();
    assert_eq!(left, 0);
}
