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

#[test]
fn a_backup_and_two_sheets_bring_everything_back_where_there_is_no_server() {
    let server = Server::start();
    let office = Device::office(&server);
    for name in ["Ana", "Ben"] {
        office.record(name);
    }
    assert_eq!(office.fails(&["backup", "all.cairn"]).1["code"], "no_recovery");
    office.ok(&["sync"]);
    let made = office.ok(&["recovery", "make", "--out", "sheets"]);
    let sheets: Vec<String> =
        made["files"].as_array().unwrap().iter().map(|file| file.as_str().unwrap().into()).collect();
    office.record("Later");
    assert_eq!(office.fails(&["backup", "all.cairn"]).1["code"], "unsent");
    assert_eq!(office.fails(&["backup", "nowhere/all.cairn"]).1["code"], "unsent");
    assert!(!office.path("all.cairn").exists());
    office.ok(&["sync"]);
    let done = office.ok(&["backup", "all.cairn"]);
    assert_eq!((&done["circles"], &done["of"], &done["unsent"]), (&1.into(), &1.into(), &0.into()));
    assert_eq!(office.fails(&["backup", "all.cairn"]).1["code"], "file", "nothing is written over");
    assert_eq!(office.fails(&["backup", "nowhere/all.cairn"]).1["code"], "disk");
    office.ok(&["export", "--format", "jsonl", "--out", "all.jsonl"]);
    let lines = |device: &Device| {
        let text = std::fs::read_to_string(device.path("all.jsonl")).unwrap();
        text.lines().map(str::to_owned).collect::<std::collections::BTreeSet<_>>()
    };
    let said = lines(&office);
    assert_eq!(said.len(), 3, "control");

    // Another machine, without a server, with the file and two sheets.
    let other = Device::new();
    for (name, from) in
        [("one.txt", &sheets[0]), ("two.txt", &sheets[2]), ("all.cairn", &"all.cairn".to_owned())]
    {
        other.write(name, std::fs::read(office.path(from)).unwrap());
    }
    drop((server, office));
    let restore = ["recovery", "restore", "one.txt", "two.txt", "--backup", "all.cairn"];
    assert_eq!(
        other.fails(&["recovery", "restore", "one.txt", "--backup", "all.cairn"]).1["code"],
        "too_few_shares"
    );
    assert_eq!(
        other.fails(&["recovery", "restore", "one.txt", "two.txt", "--backup", "one.txt"]).1["code"],
        "bad_backup"
    );
    let back = other.ok(&restore);
    assert_eq!((&back["records"], &back["backup"]["torn"]), (&3.into(), &false.into()));
    other.ok(&["export", "--format", "jsonl", "--out", "all.jsonl"]);
    assert_eq!(lines(&other), said, "every record is the same");
    assert_eq!(other.fails(&["sync"]).1["code"], "offline", "control: there is no server");
    assert_eq!(other.ok(&restore)["records"], 3, "and again");
}
