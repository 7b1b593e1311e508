//! Need to know, on the command line: circles for parts of records, grants, copies for outsiders.

use crate::device::Device;
use crate::server::Server;

const FORM: &str = r#"{"id":"visit","version":"1","title":{"":"Visit"},"default_language":"","groups":[],
"questions":[
{"name":"town","kind":"text","label":{"":"Town"}},
{"name":"diagnosis","kind":"text","label":{"":"Diagnosis"},"required":true,"part":"health"}],"lists":{}}"#;

fn office(server: &Server) -> Device {
    let office = Device::new();
    office.ok(&["init", "--server", &server.url, "--pin", &server.pin, "--name", "office"]);
    office.write("visit.json", FORM);
    office.ok(&["form", "add", office.path("visit.json").to_str().unwrap()]);
    office.ok(&["sync"]);
    office
}

#[test]
fn a_part_is_kept_in_its_circle_and_granted_by_name() {
    let server = Server::start();
    let office = office(&server);
    let field = office.invited("sara");
    assert_eq!(field.fails(&["circle", "new", "clinic", "--part", "health"]).0, 3);
    let made = office.ok(&["circle", "new", "clinic", "--part", "health"]);
    assert_eq!((&made["parts"], &made["sharing"]), (&serde_json::json!(["health"]), &false.into()));
    let again = office.fails(&["circle", "new", "clinic", "--part", "legal"]);
    assert_eq!((again.0, &again.1["code"]), (1, &"bad_circle".into()));
    let set = ["record", "new", "--set", "town=Khujand", "--set", "diagnosis=zorblatt"];
    let record = office.ok(&set)["handle"].as_str().unwrap().to_owned();
    office.ok(&["sync"]);
    field.ok(&["sync"]);

    let shown = field.ok(&["record", "show", &record]);
    assert_eq!(shown["elsewhere"], serde_json::json!(["health"]));
    assert_eq!(shown["answers"], serde_json::json!({ "town": "Khujand" }));
    let words = field.words(&["record", "show", &record]);
    assert!(words.contains("Kept in another circle: health") && !words.contains("zorblatt"), "{words}");
    assert_eq!(field.ok(&["record", "search", "zorblatt"])["records"], serde_json::json!([]));
    let (status, error) = field.fails(&["record", "edit", &record, "--set", "diagnosis=flu"]);
    assert_eq!((status, &error["code"]), (3, &"other_circle".into()));
    assert!(error["hint"].as_str().unwrap().contains("cairn circle grant"), "{error}");
    assert_eq!(field.fails(&set).1["code"], "other_circle");
    // A required question of a part that is kept elsewhere keeps nobody from working.
    field.ok(&["record", "new", "--set", "town=Panjakent"]);
    assert_eq!(office.fails(&["record", "new", "--set", "town=Panjakent"]).1["code"], "invalid", "control");
    field.ok(&["export", "--format", "csv", "--out", field.path("all.csv").to_str().unwrap()]);
    let table = std::fs::read_to_string(field.path("all.csv")).unwrap();
    assert!(
        table.contains("_elsewhere") && table.contains(",health,") && !table.contains("zorblatt"),
        "{table}"
    );

    assert_eq!(office.ok(&["circle", "grant", "sara", "clinic"])["changed"], true);
    assert_eq!(office.ok(&["circle", "grant", "sara", "clinic"])["changed"], false);
    field.ok(&["sync"]);
    assert_eq!(field.ok(&["record", "show", &record])["answers"]["diagnosis"], "zorblatt");
    let circles = office.ok(&["circle", "list"])["circles"].clone();
    assert_eq!(circles[0]["name"], "everything");
    assert_eq!(circles[1]["devices"].as_array().unwrap().len(), 2);
    assert!(office.words(&["circle", "list"]).contains("clinic: health"));
    assert_eq!(office.ok(&["circle", "withdraw", "sara", "clinic"])["circles_renewed"], 1);
    field.ok(&["sync"]);
    let (status, error) = field.fails(&["record", "edit", &record, "--set", "diagnosis=flu"]);
    assert_eq!((status, &error["code"]), (3, &"other_circle".into()));
    assert_eq!(field.fails(&["circle", "grant", "sara", "clinic"]).0, 1, "it no longer knows that circle");
}

#[test]
fn a_copy_is_made_for_outsiders_and_says_that_nothing_follows() {
    let server = Server::start();
    let office = office(&server);
    office.ok(&["circle", "new", "court", "--for-sharing"]);
    let set = ["record", "new", "--set", "town=Khujand", "--set", "diagnosis=zorblatt"];
    let record = office.ok(&set)["handle"].as_str().unwrap().to_owned();
    let lawyer = Device::new();
    let invitation = office.ok(&["invite", "--circle", "court"])["invitation"].clone();
    lawyer.ok(&["join", invitation.as_str().unwrap(), "--name", "lawyer"]);
    office.ok(&["sync"]);
    assert_eq!(office.fails(&["record", "share", &record, "--circle", "everything"]).1["code"], "bad_circle");
    let text = office.words(&["record", "share", &record, "--circle", "court"]);
    assert!(text.contains("Left out: health.") && text.contains("do not follow"), "{text}");
    office.ok(&["sync"]);
    lawyer.ok(&["sync"]);
    let records = lawyer.ok(&["record", "list"])["records"].clone();
    assert_eq!(records.as_array().unwrap().len(), 1);
    let copy = records[0]["handle"].as_str().unwrap();
    assert_eq!(lawyer.ok(&["record", "show", copy])["answers"], serde_json::json!({ "town": "Khujand" }));
    let shown = office.ok(&["record", "show", &record]);
    assert_eq!(
        (&shown["shared"][0]["handle"], &shown["shared"][0]["circle"]),
        (&copy.into(), &"court".into())
    );
}
