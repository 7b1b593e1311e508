//! Records leave for other programs, and come back.

use std::os::unix::fs::PermissionsExt;

use crate::device::Device;
use crate::server::Server;

#[test]
fn every_format_is_written_whole_and_for_its_owner_only() {
    let server = Server::start();
    let office = Device::office(&server);
    office.record("Ana");
    office.record("=1+1");
    for format in ["csv", "jsonl", "xlsx"] {
        let out = format!("records.{format}");
        office.write(&out, "something older");
        let words = office.words(&["export", "--format", format, "--out", &out, "--labels"]);
        assert!(words.contains("Wrote 2 records") && words.contains("warning"), "{words}");
        let about = office.path(&out).metadata().unwrap();
        assert_eq!(about.permissions().mode() & 0o777, 0o600);
        assert!(about.len() > 100);
    }
    let left: Vec<_> =
        std::fs::read_dir(office.path("")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 4, "the vault, three files and no half-written ones: {left:?}");
    let lines = std::fs::read_to_string(office.path("records.jsonl")).unwrap();
    assert_eq!(lines.lines().count(), 2);
    assert!(office.ok(&["export", "--format", "jsonl", "--out", "x"])["records"] == 2);
}

#[test]
fn what_was_exported_can_be_imported_elsewhere() {
    let server = Server::start();
    let office = Device::office(&server);
    let methods = "vic_MethodOfRecruitment=AtWork;Other";
    office.ok(&["record", "new", "--set", "prs_First_Name=-Ana, \"A\"", "--set", methods]);
    office.ok(&["export", "--format", "csv", "--out", "records.csv"]);
    let map = office.ok(&["import", "records.csv", "--make-map"]);
    let other = Device::office(&server);
    other.write("map.toml", map["map"].as_str().unwrap());
    other.write("records.csv", std::fs::read(office.path("records.csv")).unwrap());
    let done = other.ok(&["import", "records.csv", "--map", "map.toml"]);
    assert_eq!((&done["taken"], &done["refused"]), (&1.into(), &0.into()), "{done}");
    assert_eq!(other.first_names(), ["-Ana, \"A\""]);
    let listed = other.ok(&["record", "list", "--where", "vic_MethodOfRecruitment=At work"]);
    assert_eq!(listed["records"].as_array().unwrap().len(), 1);
}

#[test]
fn a_form_travels_to_another_workspace_as_json() {
    let server = Server::start();
    let office = Device::office(&server);
    let form = office.ok(&["form", "show"]);
    let other = Device::new();
    other.ok(&["init", "--server", &server.url, "--pin", &server.pin]);
    other.write("form.json", form.to_string());
    assert_eq!(other.ok(&["form", "add", "form.json"])["new"], true);
    assert_eq!(other.ok(&["form", "show"]), form);
}
