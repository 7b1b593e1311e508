//! What stands in the roster besides devices: policy, the server's keys, and who changed what.

use crate::device::Device;
use crate::server::Server;

#[test]
fn every_device_shows_the_same_roster_and_policy() {
    let server = Server::start();
    let office = Device::office(&server);
    assert_eq!(office.ok(&["policy", "show"])["renew_days"], 30);
    assert_eq!(office.ok(&["policy", "set", "--renew-days", "7"])["renew_days"], 7);
    let field = office.invited("sara");
    office.ok(&["sync"]);
    let log = office.ok(&["roster", "log"]);
    assert_eq!(log["changes"], field.ok(&["roster", "log"])["changes"]);
    let kinds: Vec<&str> =
        log["changes"].as_array().unwrap().iter().map(|change| change["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["genesis", "epoch", "policy", "add_device", "grant"]);
    let words = field.words(&["roster", "log"]);
    assert!(words.contains("office: admitted sara (") && words.contains("every 7 days"), "{words}");
    assert_eq!(field.ok(&["policy", "show"])["renew_days"], 7);
    assert_eq!(field.fails(&["policy", "set", "--renew-days", "1"]).1["code"], "not_allowed");
    assert_eq!(office.fails(&["policy", "set", "--protocol", "9"]).1["code"], "too_new");
    assert!(!office.words(&["doctor"]).contains("due"));
    let later = (40 * 86_400).to_string();
    let doctor = office.command(&["doctor"]).env("CAIRN_TEST_CLOCK_OFFSET", later).output().unwrap();
    let said = String::from_utf8(doctor.stdout).unwrap();
    assert!(
        said.contains("The keys are due to be renewed, since 33 days: run `cairn circle renew`."),
        "{said}"
    );
}

#[test]
fn a_server_comes_to_another_key_step_by_step() {
    let mut server = Server::start();
    let office = Device::office(&server);
    let (field, late) = (office.invited("sara"), office.invited("late"));
    let next = server.key("next")["next"].as_str().unwrap().to_owned();
    let old = server.pin.clone();
    let (status, error) = office.fails(&["server", "drop-key", &old]);
    assert_eq!((status, &error["code"]), (4, &"no_other_server_key".into()));
    assert_eq!(office.fails(&["server", "add-key", "abc"]).1["code"], "bad_pin");
    assert_eq!(office.ok(&["server", "add-key", &next])["pins"][0], next.as_str());
    server.vanish();
    assert_eq!(server.key("switch")["current"], next.as_str());
    server.appear();
    field.ok(&["sync"]);
    assert_eq!(office.ok(&["server", "drop-key", &old])["pin"], next.as_str());
    field.ok(&["sync"]);
    assert_eq!(field.ok(&["server", "show"])["pins"].as_array().unwrap().len(), 1);
    server.vanish();
    assert_eq!(server.key("retire")["old"], serde_json::Value::Null);
    server.appear();
    field.ok(&["sync"]);
    let (status, error) = late.fails(&["sync"]);
    assert_eq!((status, &error["code"]), (7, &"not_the_pinned_server".into()));
    late.ok(&["server", "move", &server.url, "--pin", &next]);
    late.ok(&["sync"]);
}
