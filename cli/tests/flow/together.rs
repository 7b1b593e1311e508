//! Two people work together and do not lose each other's words.

use crate::device::Device;
use crate::server::Server;

#[test]
fn records_travel_both_ways_and_sync_says_what_it_cost() {
    let server = Server::start();
    let office = Device::office(&server);
    let field = office.invited("sara");
    office.record("Ana");
    field.record("Bea");
    let sent = field.ok(&["sync"]);
    assert_eq!(sent["records_up"], 1);
    for number in ["segments_up", "segments_down", "bytes_up", "bytes_down", "round_trips", "late"] {
        assert!(sent[number].is_u64(), "{number}");
    }
    assert!(sent["bytes_up"].as_u64() > Some(100) && sent["round_trips"] == 1);
    assert_eq!(office.ok(&["sync"])["records_down"], 1);
    field.ok(&["sync"]);
    assert_eq!(office.first_names(), ["Ana", "Bea"]);
    assert_eq!(field.first_names(), ["Ana", "Bea"]);
    assert!(field.words(&["sync"]).starts_with("Nothing to send and nothing new."));
    let devices = field.ok(&["device", "list"]);
    assert_eq!(devices["devices"][0]["name"], "office");
    assert_eq!(devices["devices"][1]["role"], "field");
    assert_eq!(devices["devices"][1]["this"], true);
}

#[test]
fn two_answers_to_one_question_are_both_kept_until_somebody_settles_it() {
    let server = Server::start();
    let office = Device::office(&server);
    let field = office.invited("sara");
    let record = field.record("Amina");
    field.ok(&["sync"]);
    office.ok(&["sync"]);
    field.ok(&["record", "edit", &record, "--set", "prs_First_Name=Aminah"]);
    office.ok(&["record", "edit", &record, "--set", "prs_First_Name=Amena"]);
    field.ok(&["sync"]);
    office.ok(&["sync"]);
    let list = office.words(&["conflict", "list"]);
    for word in ["Aminah", "Amena", "sara", "office", "First Name (prs_First_Name)", &record] {
        assert!(list.contains(word), "{word} in {list}");
    }
    assert!(office.words(&["record", "show", &record]).contains("Not settled"));
    let conflict = office.ok(&["conflict", "list"])["conflicts"][0].clone();
    let values = conflict["values"].as_array().unwrap();
    let mine = values.iter().find(|value| value["answer"] == "Amena").unwrap();
    assert_eq!(mine["by"]["name"], "office");
    let pick = mine["pick"].to_string();

    let settle = ["conflict", "settle", &record, "prs_First_Name"];
    assert_eq!(office.fails(&[&settle[..], &["--pick", "3"]].concat()).1["code"], "no_such_pick");
    office.ok(&[&settle[..], &["--pick", &pick]].concat());
    assert_eq!(office.fails(&[&settle[..], &["--pick", "1"]].concat()).1["code"], "not_found");
    office.ok(&["sync"]);
    field.ok(&["sync"]);
    assert_eq!(field.first_names(), ["Amena"]);
    assert_eq!(field.ok(&["conflict", "list"])["conflicts"], serde_json::json!([]));

    let history = field.ok(&["record", "history", &record, "--field", "prs_First_Name"]);
    let past: Vec<&str> =
        history["history"].as_array().unwrap().iter().map(|one| one["answer"].as_str().unwrap()).collect();
    assert!(past.contains(&"Amina") && past.contains(&"Aminah") && past.contains(&"Amena"), "{past:?}");
    let (_, error) = field.fails(&["record", "history", &record, "--field", "nothing"]);
    assert_eq!(error["code"], "not_found");
}

#[test]
fn a_conflict_can_be_settled_with_a_third_answer() {
    let server = Server::start();
    let office = Device::office(&server);
    let field = office.invited("sara");
    let record = field.record("Amina");
    field.ok(&["sync"]);
    office.ok(&["sync"]);
    field.ok(&["record", "edit", &record, "--set", "prs_Gender=Masculine"]);
    office.ok(&["record", "edit", &record, "--set", "prs_Gender="]);
    field.ok(&["sync"]);
    office.ok(&["sync"]);
    let settle = ["conflict", "settle", &record, "prs_Gender", "--set"];
    assert_eq!(office.fails(&[&settle[..], &["unknown"]].concat()).1["code"], "invalid");
    office.ok(&[&settle[..], &["Non-Conforming"]].concat());
    assert_eq!(office.ok(&["record", "show", &record])["answers"]["prs_Gender"], "NonConforming");
}

#[test]
fn renewed_keys_and_a_clock_years_off_keep_nobody_from_working() {
    let server = Server::start();
    let office = Device::office(&server);
    let field = office.invited("sara");
    field.record("Before");
    office.ok(&["circle", "renew"]);
    assert_eq!(field.fails(&["circle", "renew"]).0, 3, "only a coordinator may");
    let late = |line: &[&str]| {
        let status = field.command(line).env("CAIRN_TEST_CLOCK_OFFSET", "-99999999").status().unwrap();
        assert!(status.success(), "{line:?}");
    };
    late(&["record", "new", "--set", "prs_First_Name=Late"]);
    late(&["sync"]);
    office.ok(&["sync"]);
    assert_eq!(office.first_names(), ["Before", "Late"]);
    for device in [&office, &field] {
        assert_eq!(device.ok(&["doctor"])["sound"], true);
    }
}
