//! A coordinator on paper.

use crate::device::Device;
use crate::server::Server;

#[test]
fn shares_are_written_tried_and_bring_everything_back_on_another_machine() {
    let server = Server::start();
    let office = Device::office(&server);
    office.record("Ana");
    office.ok(&["sync"]);
    let made = office.ok(&["recovery", "make", "--out", "sheets"]);
    let files: Vec<&str> =
        made["files"].as_array().unwrap().iter().map(|file| file.as_str().unwrap()).collect();
    assert_eq!((files.len(), &made["needed"]), (3, &2.into()));
    assert_eq!(
        office.fails(&["recovery", "make", "--out", "sheets"]).1["code"],
        "file",
        "nothing is written over"
    );
    let drill = office.ok(&["recovery", "drill", files[0], files[2]]);
    assert_eq!((&drill["circles"], &drill["of"]), (&1.into(), &1.into()));
    assert_eq!(office.fails(&["recovery", "drill", files[1]]).1["code"], "too_few_shares");
    let listed = office.ok(&["device", "list"]).to_string();
    assert!(listed.contains("Recovery (on paper)"), "{listed}");

    // The words alone, typed off the paper.
    let sheet = std::fs::read_to_string(office.path(files[1])).unwrap();
    let words = sheet.split("The same in words:").nth(1).unwrap();
    let other = Device::new();
    other.write("typed.txt", words);
    other.write("scanned.txt", std::fs::read(office.path(files[0])).unwrap());
    other.write("torn.txt", &words[..words.len() / 2]);
    let place = ["--server", &server.url, "--pin", &server.pin];
    let torn = other.fails(&[&["recovery", "restore", "typed.txt", "torn.txt"], &place[..]].concat());
    assert_eq!(torn.1["code"], "bad_share");
    let back = other.ok(&[&["recovery", "restore", "typed.txt", "scanned.txt"], &place[..]].concat());
    assert_eq!(back["records"], 1);
    assert_eq!(other.first_names(), ["Ana"]);
    let newcomer = other.invited_as("second", "coordinator");
    assert_eq!(newcomer.first_names(), ["Ana"]);
    let (_, error) =
        other.fails(&[&["recovery", "restore", "typed.txt", "scanned.txt"], &place[..]].concat());
    assert_eq!(error["code"], "vault_exists");
}
