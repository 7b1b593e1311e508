//! Records that leave a phone when they are finished, on the command line.

use crate::device::Device;
use crate::server::Server;

/// G5. The office reads it, which is the control; the phone says why it does not.
#[test]
fn a_sealed_record_is_a_line_on_the_phone_and_a_record_at_the_office() {
    let server = Server::start();
    let office = Device::new();
    office.ok(&["init", "--server", &server.url, "--pin", &server.pin, "--name", "office"]);
    office.write("border.json", BORDER);
    office.ok(&["form", "add", office.path("border.json").to_str().unwrap()]);
    office.ok(&["sync"]);
    let phone = office.invited_as("phone", "field");
    assert!(phone.words(&["form", "show"]).contains("only the office can open it"));
    let set = ["record", "new", "--set", "seen=Zq8Border"];
    let (status, error) = phone.fails(&set);
    assert_eq!((status, &error["code"]), (3, &"no_sealed_circle".into()));
    assert!(error["hint"].as_str().unwrap().contains("--sealed"), "{error}");

    let made = office.ok(&["circle", "new", "eyes", "--sealed"]);
    assert_eq!((&made["sealed"], made["handing_in"].as_array().unwrap().len()), (&true.into(), 1));
    phone.ok(&["sync"]);
    let saved = phone.ok(&set);
    assert_eq!(saved["sealed"], true);
    let handle = saved["handle"].as_str().unwrap();
    let listed = phone.ok(&["record", "list"]);
    assert_eq!((&listed["records"], &listed["sealed"][0]["left"]), (&serde_json::json!([]), &false.into()));
    assert!(phone.words(&["record", "list"]).contains("(sealed; it waits for the next sync)"));
    phone.ok(&["sync"]);
    assert_eq!(phone.ok(&["record", "list"])["sealed"][0]["left"], true);
    for refused in [&["record", "show", handle][..], &["record", "edit", handle, "--set", "seen=x"]] {
        let (status, error) = phone.fails(refused);
        assert_eq!((status, &error["code"]), (3, &"sealed_away".into()), "{refused:?}");
    }
    office.ok(&["sync"]);
    assert_eq!(office.ok(&["record", "show", handle])["answers"]["seen"], "Zq8Border");
    assert!(office.words(&["circle", "list"]).contains("sealed records"));
    assert!(office.words(&["roster", "log"]).contains("hand in to circle"));
    let phones = office.ok(&["device", "list"])["devices"].clone();
    let id = phones.as_array().unwrap().iter().find(|one| one["role"] == "field").unwrap()["id"].clone();
    let grant = ["circle", "grant", id.as_str().unwrap(), "eyes", "--hand-in"];
    assert_eq!(office.ok(&grant)["changed"], false);
    office.ok(&["circle", "withdraw", id.as_str().unwrap(), "eyes"]);
    phone.ok(&["sync"]);
    assert_eq!(phone.fails(&set).1["code"], "no_sealed_circle");
    assert_eq!(office.ok(&grant)["changed"], true);
    phone.ok(&["sync"]);
    assert_eq!(phone.ok(&set)["sealed"], true);
}

const BORDER: &str = r#"{"id":"border","version":"1","title":{"":"Border"},"default_language":"","groups":[],
"questions":[{"name":"seen","kind":"text","label":{"":"Seen"}}],"lists":{},"sealed":true}"#;
