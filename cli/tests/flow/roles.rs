//! Roles that read nothing, on the command line.

use crate::device::Device;
use crate::server::Server;

/// G5, G15. The office reads what the hotline handed in, which is the control.
#[test]
fn a_hotline_hands_in_and_a_courier_carries_and_both_say_what_they_can_do_instead() {
    let server = Server::start();
    let office = Device::new();
    office.ok(&["init", "--server", &server.url, "--pin", &server.pin, "--name", "office"]);
    office.write("visit.json", VISIT);
    office.ok(&["form", "add", office.path("visit.json").to_str().unwrap()]);
    office.ok(&["sync"]);
    let courier = office.invited_as("courier", "courier");
    let hotline = office.invited_as("hotline", "submit-only");
    let listed = office.ok(&["device", "list"])["devices"].clone();
    let roles: Vec<_> = listed.as_array().unwrap().iter().map(|one| one["role"].as_str().unwrap()).collect();
    assert_eq!(roles, ["coordinator", "courier", "submit-only"]);
    let set = ["record", "new", "--set", "town=Khujand"];
    let (status, error) = hotline.fails(&set);
    assert_eq!((status, &error["code"]), (3, &"needs_handout".into()));
    assert!(error["hint"].as_str().unwrap().contains("cairn form hand-out"), "{error}");

    let file = office.path("for-the-hotline");
    let out = file.to_str().unwrap();
    office.ok(&["form", "hand-out", listed[2]["id"].as_str().unwrap(), "--out", out]);
    assert_eq!(hotline.ok(&["form", "take", out])["forms"], 1);
    let record = hotline.ok(&set)["handle"].as_str().unwrap().to_owned();
    assert_eq!(hotline.ok(&["record", "list"])["records"].as_array().unwrap().len(), 1, "it has not left");
    let sent = hotline.ok(&["sync"]);
    assert_eq!((&sent["handed_in_records"], &sent["left"]), (&1.into(), &0.into()));
    let after = hotline.ok(&["record", "list"]);
    assert_eq!((&after["records"], &after["handed_in"]), (&serde_json::json!([]), &1.into()));
    office.ok(&["sync"]);
    assert_eq!(office.ok(&["record", "show", &record])["answers"]["town"], "Khujand");
    assert!(courier.words(&["sync"]).contains("This device carries"));

    let csv = office.path("all.csv");
    let export = ["export", "--format", "csv", "--out", csv.to_str().unwrap()];
    let show = ["record", "show", record.as_str()];
    for (device, code, refused) in [
        (&hotline, "hands_in_only", &show[..]),
        (&hotline, "hands_in_only", &export),
        (&courier, "carries_only", &["record", "list"]),
        (&courier, "carries_only", &set),
    ] {
        let (status, error) = device.fails(refused);
        assert_eq!((status, &error["code"]), (1, &code.into()), "{refused:?}");
        assert!(error["hint"].as_str().unwrap().contains("another device"), "{error}");
    }
    assert!(!csv.exists());
}

const VISIT: &str = r#"{"id":"visit","version":"1","title":{"":"Visit"},"default_language":"","groups":[],
"questions":[{"name":"town","kind":"text","label":{"":"Town"}}],"lists":{}}"#;
