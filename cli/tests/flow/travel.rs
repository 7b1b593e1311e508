//! Crossing a border with a device that cannot open itself.

use serde_json::json;

use crate::device::Device;
use crate::server::Server;

#[test]
fn a_device_departs_stays_shut_is_readmitted_and_has_everything() {
    let server = Server::start();
    let office = Device::office(&server);
    let field = office.invited("sara");
    field.record("Ana");
    assert_eq!(office.fails(&["depart", "--yes"]).1["code"], "nobody_readmits");
    assert_eq!(field.ok(&["depart"])["departed"], false, "control: it asks first");
    assert_eq!(field.first_names(), ["Ana"]);
    let draft = field.ok(&["draft", "begin"]);
    assert!(draft["draft"].is_u64(), "{draft}");
    let gone = field.ok(&["depart", "--yes"]);
    assert_eq!((&gone["departed"], &gone["coordinators"][0]["name"]), (&json!(true), &json!("office")));
    assert_eq!((&gone["drafts"], &gone["erases_for_certain"]), (&json!(1), &json!(false)));
    let (status, error) = field.fails(&["record", "list"]);
    assert_eq!((status, &error["code"]), (3, &json!("departed")));
    assert!(error["hint"].as_str().unwrap().contains("cairn readmit"), "{error}");

    let would = office.ok(&["readmit", "sara"]);
    assert_eq!((&would["away"]["name"], would.get("code")), (&json!("sara"), None));
    let given = office.ok(&["readmit", "sara", "--yes"]);
    let words: Vec<&str> =
        given["words"].as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect();
    assert_eq!((words.len(), &given["before"], &given["told"]), (16, &json!([]), &json!(true)));
    let again = office.ok(&["readmit", "sara", "--yes"]);
    assert_eq!((&again["code"], &again["before"][0]["name"]), (&given["code"], &json!("office")));
    let listed = office.words(&["departures"]);
    assert!(listed.contains("sara") && listed.contains("readmitted by office"), "{listed}");

    let code = |text: &str| {
        field.write("code", text);
        ["return", "--code-file", "code"]
    };
    let other = "cairnreturn1:".to_owned() + &"0".repeat(40);
    assert_eq!(field.fails(&code(&other)).1["code"], "bad_return_code");
    assert_eq!(field.fails(&code(&words[..2].join(" "))).1["code"], "bad_return_code");
    let typed = field.run(&[&["return"], &words[..]].concat());
    assert!(!typed.status.success(), "nobody types a code where other programs see it");
    let back = field.ok(&code(&words.join("\n")));
    assert_eq!((&back["returned"], &back["drafts"]), (&json!(true), &json!(1)));
    assert_eq!(field.first_names(), ["Ana"]);
    let scanned = given["code"].as_str().unwrap();
    assert_eq!(field.fails(&code(scanned)).1["code"], "not_departed");
    field.ok(&["sync"]);
    office.ok(&["sync"]);
    assert_eq!(office.ok(&["departures"])["away"], json!([]));
    assert_eq!(office.fails(&["readmit", "sara", "--yes"]).1["code"], "not_away");
    assert_eq!(office.first_names(), ["Ana"]);

    field.ok(&["depart", "--yes"]);
    assert_eq!(field.fails(&code(scanned)).1["code"], "wrong_return_code", "an old code is none");
    office.ok(&["sync"]);
    office.ok(&["device", "revoke", "sara"]);
    assert_eq!(office.fails(&["readmit", "sara", "--yes"]).1["code"], "revoked");
}
