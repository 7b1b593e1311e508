//! What stays: across a restart, in a full store, and under the doctor's eye.

use std::io::ErrorKind;
use std::sync::{Arc, Mutex};

use cairn_server::{Config, Error, LogError, Notice, Server, doctor};
use cairn_wire::path;
use cairn_wire::refusal::Reason;
use rusqlite::Connection;

use crate::client::{Line, head, post};
use crate::people::{Camp, Row, server};
use crate::photos::Photo;

#[test]
fn a_restart_keeps_state_pin_and_generation_and_a_wiped_folder_does_not() {
    let (first, folder) = server();
    let camp = Camp::on(&first);
    let row = camp.worker.row(&camp, 7, 3, 100);
    let before = camp.sync(&first, &camp.worker, &camp.ask(7), &row);
    let pin = first.pin().to_owned();
    first.stop().unwrap();
    let second = Server::new(Config::in_folder(folder.path())).start().unwrap();
    assert_eq!(second.pin(), pin);
    let after = camp.sync(&second, &camp.worker, &camp.ask(7), &[]);
    assert_eq!((&after.head.circles, after.head.generation), (&before.head.circles, before.head.generation));
    second.stop().unwrap();
    std::fs::remove_file(folder.path().join("log.db")).unwrap();
    let third = Server::new(Config::in_folder(folder.path())).start().unwrap();
    assert_eq!(third.pin(), pin, "the key is another file");
    let (_, request) = camp.sync_request(&camp.worker, &camp.ask(7), &[]);
    assert_eq!(post(&third, path::SYNC, &request).reason(), Reason::UnknownWorkspace);
    let camp = Camp::on(&third);
    let healed = camp.sync(&third, &camp.founder, &camp.ask(1), &row);
    assert_ne!(healed.head.generation, before.head.generation);
    assert_eq!(healed.head.circles[0].root, before.head.circles[0].root, "any member heals it");
}

#[test]
fn two_servers_never_share_a_folder() {
    let (running, folder) = server();
    let second = Server::new(Config::in_folder(folder.path())).start();
    assert!(matches!(second, Err(Error::InUse)));
    running.stop().unwrap();
    Server::new(Config::in_folder(folder.path())).start().unwrap();
}

#[test]
fn a_newer_log_is_refused_with_advice() {
    let (running, folder) = server();
    running.stop().unwrap();
    let connection = Connection::open(folder.path().join("log.db")).unwrap();
    connection.pragma_update(None, "user_version", 77).unwrap();
    let error = Server::new(Config::in_folder(folder.path())).start().unwrap_err();
    assert!(matches!(error, Error::Log(LogError::Newer { found: 77, .. })));
    assert!(error.to_string().contains("update"));
}

#[test]
fn a_full_store_is_told_once_still_serves_and_recovers() {
    let folder = tempfile::tempdir().unwrap();
    let told = Arc::new(Mutex::new(Vec::new()));
    let mut config = Config::in_folder(folder.path());
    config.store.max_store = 300 << 10;
    let sink = Arc::clone(&told);
    let server =
        Server::new(config).notices(move |notice| sink.lock().unwrap().push(notice.clone())).start().unwrap();
    let camp = Camp::on(&server);
    let mut row = Row::new(&camp.worker, 7);
    let segments: Vec<_> = (0..40).map(|_| row.next(&camp, 20_000)).collect();
    for _ in 0..2 {
        let (_, request) = camp.sync_request(&camp.worker, &camp.ask(7), &segments);
        assert_eq!(post(&server, path::SYNC, &request).reason(), Reason::Full);
    }
    assert_eq!(*told.lock().unwrap(), [Notice::Full]);
    let held = camp.sync(&server, &camp.founder, &camp.ask(1), &[]);
    let (seq, steps) = (held.head.circles[0].seq, held.steps[0].len() as u64);
    assert!(seq > 0 && seq < 40 && seq == steps, "what fits is kept and served: {seq}");
    server.stop().unwrap();
    let server = Server::new(Config::in_folder(folder.path())).start().unwrap();
    let got = camp.sync(&server, &camp.worker, &camp.ask(7), &segments);
    assert_eq!((got.head.circles[0].seq, got.refused.len()), (40, 0));
    server.stop().unwrap();
    assert!(doctor::examine(folder.path()).unwrap().is_sound());
}

#[test]
fn a_quota_stops_what_goes_beyond_it_and_serves_the_rest() {
    let (server, _folder) = crate::people::server_with(|config| config.store.quota = 10_000);
    let camp = Camp::on(&server);
    let row = camp.worker.row(&camp, 7, 4, 2_000);
    let (_, request) = camp.sync_request(&camp.worker, &camp.ask(7), &row);
    assert_eq!(post(&server, path::SYNC, &request).reason(), Reason::Full);
    let held = camp.sync(&server, &camp.founder, &camp.ask(1), &[]);
    assert_eq!((held.head.circles[0].seq, held.steps[0].len()), (2, 2));
}

#[test]
fn requests_under_way_are_finished_when_the_server_stops() {
    let (server, folder) = server();
    let camp = Camp::on(&server);
    let row = camp.worker.row(&camp, 7, 2, 5_000);
    let (_, request) = camp.sync_request(&camp.worker, &camp.ask(7), &row);
    let mut line = Line::to(&server);
    line.send(&head(path::SYNC, request.len())).unwrap();
    let (front, rest) = request.split_at(request.len() - 2_000);
    line.send(front).unwrap();
    // It is under way once its first segment is in.
    let watch = || camp.sync(&server, &camp.founder, &camp.ask(1), &[]).head.circles[0].seq;
    while watch() == 0 {
        std::thread::yield_now();
    }
    let resting = Line::to(&server);
    let address = server.address();
    let stopping = std::thread::spawn(move || server.stop());
    // It has begun to stop once nobody new gets in.
    while std::net::TcpStream::connect(address).map_err(|e| e.kind()).err()
        != Some(ErrorKind::ConnectionRefused)
    {
        std::thread::yield_now();
    }
    line.send(rest).unwrap();
    assert_eq!(line.answer().unwrap().status, 200);
    stopping.join().unwrap().unwrap();
    drop(resting);
    let report = doctor::examine(folder.path()).unwrap();
    assert_eq!((report.segments, report.problems), (2, vec![]));
}

#[test]
fn the_doctor_finds_what_was_tampered_with() {
    let (server, folder) = server();
    let camp = Camp::on(&server);
    camp.sync(&server, &camp.worker, &camp.ask(7), &camp.worker.row(&camp, 7, 5, 100));
    camp.sync(&server, &camp.founder, &camp.ask(8), &camp.founder.row(&camp, 8, 2, 100));
    let [whole, part, dropped] = [1, 2, 3].map(|seed| Photo::of(&camp, seed, 3, 200));
    whole.put(&server, &camp, &camp.worker, 0..3);
    part.put(&server, &camp, &camp.worker, 0..2);
    dropped.put(&server, &camp, &camp.worker, 0..1);
    dropped.drop(&server, &camp, &camp.founder);
    let live = doctor::examine(folder.path()).unwrap();
    assert_eq!((live.workspaces, live.roster_entries, live.segments, live.attachments), (1, 4, 7, 2));
    assert!(live.is_sound(), "{live}");
    server.stop().unwrap();
    let path = folder.path().join("log.db");
    let pristine = std::fs::read(&path).unwrap();
    let tampering = [
        "UPDATE segment SET bytes = zeroblob(length(bytes)) WHERE seq = 3",
        "UPDATE segment SET hash = zeroblob(32) WHERE seq = 3",
        "DELETE FROM segment WHERE seq = 3",
        "DELETE FROM segment WHERE seq = 7",
        "UPDATE segment SET seq = seq + 100 WHERE seq = 4",
        "UPDATE circle SET root = zeroblob(32)",
        "UPDATE circle SET seq = seq - 1",
        "UPDATE circle SET epoch = 2",
        "DELETE FROM circle",
        "UPDATE chain SET height = 4 WHERE height = 5",
        "UPDATE chain SET device = zeroblob(16)",
        "DELETE FROM chain",
        "UPDATE roster_entry SET hash = zeroblob(32) WHERE seq = 2",
        "DELETE FROM roster_entry WHERE seq = 4",
        "DELETE FROM roster_entry",
        "UPDATE workspace SET bytes = 1",
        "UPDATE attachment_piece SET bytes = zeroblob(length(bytes)) WHERE number = 1",
        "UPDATE attachment_piece SET number = 5 WHERE number = 2",
        "DELETE FROM attachment_piece WHERE number = 0",
        "DELETE FROM attachment_piece WHERE number = 2",
        "UPDATE attachment SET held = held - 1 WHERE held > 0",
        "UPDATE attachment SET held = pieces WHERE held = 2",
        "UPDATE attachment SET pieces = pieces + 1 WHERE held = 2",
        "UPDATE attachment SET hashes = zeroblob(96) WHERE held = 3",
        "UPDATE attachment SET hashes = zeroblob(32) WHERE pieces = 0",
        "UPDATE attachment SET attachment = zeroblob(16) WHERE held = 2",
        "UPDATE attachment SET day = 0",
        "UPDATE attachment SET day = 20000",
        "DELETE FROM attachment WHERE held = 3",
        "DELETE FROM attachment WHERE pieces = 0",
        "UPDATE workspace SET attachments = attachments - 1",
    ];
    for sql in tampering {
        std::fs::write(&path, &pristine).unwrap();
        let connection = Connection::open(&path).unwrap();
        assert!(connection.execute(sql, []).unwrap() > 0, "{sql}");
        connection.close().unwrap();
        assert!(!doctor::examine(folder.path()).unwrap().is_sound(), "{sql}");
    }
    std::fs::write(&path, &pristine).unwrap();
    assert!(doctor::examine(folder.path()).unwrap().is_sound(), "control");
    std::fs::write(&path, &pristine[..pristine.len() / 2]).unwrap();
    assert!(!doctor::examine(folder.path()).unwrap().is_sound());
    std::fs::remove_file(folder.path().join("server.key")).unwrap();
    std::fs::write(&path, &pristine).unwrap();
    assert!(!doctor::examine(folder.path()).unwrap().is_sound());
    assert!(!folder.path().join("server.key").exists(), "the doctor makes nothing");
}
