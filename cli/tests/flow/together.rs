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

/// A form with rows, and with answers that merge in ways of their own.
fn care() -> String {
    let question = |name: &str, kind: serde_json::Value, more: serde_json::Value| {
        let mut question = serde_json::json!({ "name": name, "kind": kind, "label": { "": name } });
        question.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        question
    };
    let select = serde_json::json!({ "select_one": "danger" });
    let choice = |name: &str| serde_json::json!({ "name": name, "label": { "": name } });
    let form = serde_json::json!({
        "id": "care", "version": "1", "title": { "": "Care" }, "default_language": "",
        "groups": [{ "name": "people", "label": { "": "Person" }, "parent": null, "repeat": {} }],
        "questions": [
            question("name", "text".into(), serde_json::json!({ "required": true })),
            question("danger", select, serde_json::json!({ "merge": "max" })),
            question("visits", "integer".into(), serde_json::json!({ "merge": "ctr" })),
            question("calls", "text".into(), serde_json::json!({ "merge": "log" })),
            question("who", "text".into(), serde_json::json!({ "group": 0 })),
            question("age", "integer".into(), serde_json::json!({ "group": 0 })),
        ],
        "lists": { "danger": [choice("none"), choice("low"), choice("high")] },
    });
    form.to_string()
}

#[test]
fn rows_dangers_and_counts_are_written_shown_lowered_and_undone() {
    let server = Server::start();
    let office = Device::new();
    office.ok(&["init", "--server", &server.url, "--pin", &server.pin]);
    office.write("care.json", care());
    office.ok(&["form", "add", "care.json"]);
    let answers = serde_json::json!({
        "name": "Mira", "danger": "high", "visits": 2,
        "people": [{ "who": "her brother", "age": { "missing": "declined" } }, { "who": "a friend" }],
    });
    office.write("answers.json", answers.to_string());
    let record =
        office.ok(&["record", "new", "--file", "answers.json"])["handle"].as_str().unwrap().to_owned();
    let shown = || office.ok(&["record", "show", &record])["answers"].clone();
    let row = shown()["people"][0]["~row"].as_str().unwrap().to_owned();
    assert_eq!(shown()["people"][0]["age"], serde_json::json!({ "missing": "declined" }));
    let words = office.words(&["record", "show", &record]);
    for word in ["Person 1  (#people#", "who: her brother", "age: (declined)", "Person 2", "danger: high"] {
        assert!(words.contains(word), "{word} in {words}");
    }
    let edit = |set: &str| ["record", "edit", &record, "--set", set].map(str::to_owned);
    let run = |line: &[String]| office.ok(&line.iter().map(String::as_str).collect::<Vec<_>>());

    // Nothing is lowered by mistake, and on purpose it is told.
    let (_, error) = office.fails(&["record", "edit", &record, "--set", "danger=none"]);
    assert_eq!(error["code"], "invalid");
    let (_, error) = office.fails(&["record", "edit", &record, "--set", "danger=~declined"]);
    assert_eq!(error["code"], "invalid");
    office.ok(&["record", "edit", &record, "--set", "danger=low", "--lower"]);
    let history = office.words(&["record", "history", &record, "danger"]);
    assert!(history.contains("high -> low (lowered on purpose)"), "{history}");
    office.ok(&["record", "undo", &record, "danger"]);
    assert_eq!(shown()["danger"], "high");
    assert!(office.fails(&["record", "undo", &record, "danger"]).1["code"] == "invalid");

    // A count is undone by what was added; what was said stays.
    run(&edit("visits=5"));
    office.ok(&["record", "undo", &record, "visits"]);
    assert_eq!(shown()["visits"], 2);
    run(&edit("calls=no answer"));
    run(&edit("calls=she called back"));
    assert_eq!(shown()["calls"].as_array().unwrap().len(), 2);
    assert_eq!(office.fails(&["record", "undo", &record, "calls"]).1["code"], "invalid");
    assert_eq!(office.fails(&["record", "undo", &record, "nothing"]).1["code"], "not_found");

    // A row is written in by its name, taken away, and brought back.
    run(&edit(&format!("age#{row}=14")));
    assert_eq!(shown()["people"][0]["age"], 14);
    run(&edit(&format!("#people#{row}=")));
    assert_eq!(shown()["people"].as_array().unwrap().len(), 1);
    office.ok(&["record", "undo", &record, &format!("#people#{row}")]);
    assert_eq!(shown()["people"][0]["age"], 14);
    let history = office.words(&["record", "history", &record, &format!("age#{row}")]);
    assert!(history.contains("(declined) -> 14"), "{history}");
    assert_eq!(office.ok(&["record", "list", "--where", "age=~declined"])["records"], serde_json::json!([]));
    run(&edit(&format!("age#{row}=~unknown")));
    let found = office.ok(&["record", "list", "--where", "age=~unknown"]);
    assert_eq!(found["records"].as_array().unwrap().len(), 1);
}
