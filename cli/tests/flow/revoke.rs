//! A device is taken out: it is cut off, and what it had not sent waits for a coordinator.

use crate::device::Device;
use crate::server::Server;

#[test]
fn a_revoked_device_is_told_so_and_hands_in_what_it_had() {
    let server = Server::start();
    let office = Device::office(&server);
    let field = office.invited("sara");
    let other = office.invited("omar");
    field.record("Sent");
    field.ok(&["sync"]);
    office.ok(&["sync"]);
    let late = field.record("Typed too late");
    assert_eq!(field.fails(&["device", "revoke", "office"]).0, 3, "only a coordinator may");
    assert_eq!(office.fails(&["device", "revoke", "nobody"]).1["code"], "not_found");
    assert_eq!(office.fails(&["device", "revoke", "office"]).0, 3, "nobody revokes the own device");
    let revoked = office.ok(&["device", "revoke", "sara"]);
    assert_eq!((&revoked["circles_renewed"], &revoked["circles_left_open"]), (&1.into(), &0.into()));
    assert_eq!(office.fails(&["device", "revoke", "sara"]).1["code"], "not_found");
    assert!(office.words(&["device", "list"]).contains("sara  (revoked)"));

    for _ in 0..2 {
        let (status, error) = field.fails(&["sync"]);
        assert_eq!((status, &error["code"]), (3, &"no_longer_member".into()));
        assert!(error["hint"].as_str().unwrap().contains("handed to the coordinators"), "{error}");
    }
    assert_eq!(office.words(&["letter", "list"]), "There are no late letters.\n");
    let synced = office.words(&["sync"]);
    assert!(synced.contains("1 late letter arrived"), "{synced}");
    let letters = office.ok(&["letter", "list"])["letters"].clone();
    assert_eq!((&letters[0]["name"], &letters[0]["state"]), (&"sara".into(), &"waits".into()));
    assert_eq!(letters[0]["changes"], 1);
    assert!(office.words(&["letter", "list"]).contains(&late));
    assert_eq!(office.first_names(), ["Sent"]);
    assert_eq!(other.fails(&["letter", "list"]).0, 3);
    assert_eq!(office.fails(&["letter", "accept", "9"]).1["code"], "not_found");
    other.record("After");
    other.ok(&["sync"]);
    office.ok(&["sync"]);
    assert_eq!(office.first_names(), ["After", "Sent"], "work goes on under the new key");
    assert_eq!(office.ok(&["letter", "accept", "1"])["changed"], true);
    assert_eq!(office.ok(&["letter", "refuse", "1"])["changed"], false);
    office.ok(&["sync"]);
    other.ok(&["sync"]);
    assert_eq!(other.first_names(), ["After", "Sent", "Typed too late"]);
    assert_eq!(office.ok(&["letter", "list"])["letters"][0]["state"], "accepted");
}

#[test]
fn a_reader_is_invited_as_such_and_changes_nothing() {
    let server = Server::start();
    let office = Device::office(&server);
    let record = office.record("Ana");
    let reader = Device::new();
    let invitation = office.ok(&["invite", "--role", "reader"])["invitation"].clone();
    reader.ok(&["join", invitation.as_str().unwrap(), "--name", "donor"]);
    office.ok(&["sync"]);
    reader.ok(&["sync"]);
    assert_eq!(reader.first_names(), ["Ana"]);
    assert_eq!(reader.fails(&["record", "edit", &record, "--set", "prs_First_Name=X"]).0, 3);
    assert_eq!(reader.fails(&["record", "new", "--set", "prs_First_Name=X"]).0, 3);
    assert_eq!(office.ok(&["device", "list"])["devices"][1]["role"], "reader");
}
