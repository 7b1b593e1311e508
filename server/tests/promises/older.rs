//! A log that an earlier version has left.

use std::path::Path;

use cairn_server::{Config, Error, LogError, Server, doctor};
use cairn_wire::codec::unhex;
use rusqlite::Connection;

use crate::client::key_of;
use crate::people::Camp;
use crate::photos::{Photo, held};

/// What stood in `log.db`, as statements.
const LOG_4: &str = include_str!("older/log-4.sql");
/// The key of the server that wrote it.
const KEY: &str = "3051020101300506032b6570042204202037a4db2c28d3865e89da3d1ac694ac91ed8c11e6ddbdd118ec8ce90c76319f812100f5870ffda75ce92f2d187f30e9ccaf65a0bcbf71ab4565ecb3b8f8c593e241f6";

fn lay_down(folder: &Path) {
    Connection::open(folder.join("log.db")).unwrap().execute_batch(LOG_4).unwrap();
    std::fs::write(folder.join("server.key"), unhex::<83>(KEY).unwrap()).unwrap();
}

#[test]
fn a_log_from_before_attachments_goes_on_and_takes_them() {
    let folder = tempfile::tempdir().unwrap();
    lay_down(folder.path());
    let unexamined = doctor::examine(folder.path()).unwrap_err();
    assert!(matches!(unexamined, Error::Log(LogError::Older { found: 4, .. })), "{unexamined}");
    assert!(unexamined.to_string().contains("start this one once"), "old is not damaged");
    let server = Server::new(Config::in_folder(folder.path())).start().unwrap();
    let camp = Camp::planned(key_of(server.pin()));
    let old = camp.sync(&server, &camp.founder, &camp.ask(8), &[]);
    let (head, came) = (&old.head.circles[0], &old.steps[0]);
    assert_eq!((head.seq, head.height, came.len()), (5, 2, 4), "three of the worker's, and two of its own");
    let photo = Photo::of(&camp, 1, 3, 500);
    assert_eq!(photo.put(&server, &camp, &camp.worker, 0..3), held(3, 3));
    let row = camp.worker.row(&camp, 7, 4, 60);
    let new = camp.sync(&server, &camp.worker, &camp.ask(7), &row);
    assert_eq!((new.head.circles[0].seq, new.refused.len()), (6, 0), "three were there, the fourth is new");
    server.stop().unwrap();
    let report = doctor::examine(folder.path()).unwrap();
    assert_eq!((report.segments, report.attachments, report.problems), (6, 1, vec![]));
    let server = Server::new(Config::in_folder(folder.path())).start().unwrap();
    assert_eq!(photo.fetch(&server, &camp, &camp.founder, 0, 1 << 20).pieces, photo.pieces);
}
