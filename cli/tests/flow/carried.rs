//! A passphrase is forgotten: what was finished is carried to the office all the same.

use std::fs;

use serde_json::Value;

use crate::device::Device;
use crate::server::Server;

#[test]
fn what_was_not_sent_is_carried_to_the_office_without_a_passphrase() {
    let server = Server::start();
    let office = Device::office(&server);
    let field = office.invited("sara");
    field.record("Before the road was cut");
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("for the office").display().to_string();
    let mut carry = field.command(&["outbox", "carry", &file, "--json"]);
    let output = carry.env_remove("CAIRN_PASSPHRASE").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let carried: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(carried["octets"], fs::metadata(&file).unwrap().len());
    assert!(carried["as_of"].as_u64().is_some_and(|seconds| seconds > 1_700_000_000), "{carried}");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "nothing else is left there");
    assert_eq!(field.fails(&["outbox", "carry", &file]).1["code"], "file", "nothing is written over");
    assert_eq!(field.fails(&["outbox", "take", &file]).1["code"], "not_allowed");
    assert!(office.first_names().is_empty(), "control");
    let taken = office.ok(&["outbox", "take", &file]);
    assert_eq!((&taken["taken"], &taken["not_taken"], &taken["torn"]), (&1.into(), &0.into(), &false.into()));
    assert_eq!(office.first_names(), ["Before the road was cut"]);
    let words = office.words(&["outbox", "take", &file]);
    assert!(words.starts_with("The server has 1 segment of it now."), "{words}");
    field.ok(&["sync"]);
    assert_eq!(field.first_names(), ["Before the road was cut"]);
    let empty = Device::new();
    assert_eq!(empty.fails(&["outbox", "carry", "x"]).1["code"], "no_vault");
    // Without the slot file no passphrase opens anything, and this needs none.
    fs::remove_file(field.path("vault").join("slots")).unwrap();
    let again = dir.path().join("again").display().to_string();
    field.ok(&["outbox", "carry", &again]);
    assert!(fs::metadata(&again).unwrap().len() > 0);
}
