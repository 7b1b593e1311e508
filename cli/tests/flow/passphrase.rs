//! What opens a device, and what makes it open for nobody.

use serde_json::json;

use crate::device::Device;
use crate::server::Server;

const VISIT: &str = include_str!("../cmd/forms.in/visit.json");

/// The same command with other passphrases; gives the status and what it printed.
fn with(device: &Device, passphrase: &str, new: &str, line: &[&str]) -> (bool, serde_json::Value) {
    let mut command = device.command(&[line, &["--json"]].concat());
    let output =
        command.env("CAIRN_PASSPHRASE", passphrase).env("CAIRN_NEW_PASSPHRASE", new).output().unwrap();
    let text = if output.status.success() { output.stdout } else { output.stderr };
    (output.status.success(), serde_json::from_slice(&text).unwrap())
}

const OWN: &str = "correct horse battery";
const NEW: &str = "paper lamp river tin";
const DURESS: &str = "nothing much to see here";

#[test]
fn a_changed_passphrase_opens_and_the_old_one_does_not() {
    let server = Server::start();
    let office = Device::office(&server);
    office.record("Ana");
    assert!(with(&office, OWN, NEW, &["passphrase", "change"]).0);
    let (opened, error) = with(&office, OWN, "", &["record", "list"]);
    assert_eq!((opened, &error["error"]["code"]), (false, &json!("wrong_passphrase")));
    let (opened, listed) = with(&office, NEW, "", &["record", "list"]);
    assert_eq!((opened, listed["records"][0]["title"].as_str()), (true, Some("Ana")));
    let (changed, error) = with(&office, NEW, "short", &["passphrase", "change"]);
    assert_eq!((changed, &error["error"]["code"]), (false, &json!("weak_passphrase")));
}

#[test]
fn under_duress_the_decoy_opens_and_the_vault_never_again() {
    let server = Server::start();
    let office = Device::office(&server);
    office.record("Ana");
    office.ok(&["sync"]);
    office.write("visit.json", VISIT);
    office.write("shown.jsonl", "{\"name\":\"Market\"}\n{\"name\":\"Bakery\",\"age\":3}\n");
    let set = ["passphrase", "duress", "--form", "visit.json", "--records", "shown.jsonl"];
    assert_eq!(with(&office, OWN, OWN, &set).1["error"]["code"], "passphrase_taken");
    let (done, said) = with(&office, OWN, DURESS, &set);
    assert_eq!((done, &said["records"]), (true, &json!(2)), "{said}");
    assert_eq!(office.first_names(), ["Ana"], "control: the vault opens as before");
    let titles = || {
        let (opened, listed) = with(&office, DURESS, "", &["record", "list"]);
        assert!(opened, "{listed}");
        let mut titles: Vec<String> = listed["records"]
            .as_array()
            .unwrap()
            .iter()
            .map(|record| record["title"].as_str().unwrap().to_owned())
            .collect();
        titles.sort();
        titles
    };
    assert_eq!(titles(), ["Bakery", "Market"]);
    let (opened, error) = with(&office, OWN, "", &["record", "list"]);
    assert_eq!((opened, &error["error"]["code"]), (false, &json!("wrong_passphrase")));
    assert_eq!(titles(), ["Bakery", "Market"]);
    let (synced, error) = with(&office, DURESS, "", &["sync"]);
    assert_eq!((synced, &error["error"]["code"]), (false, &json!("offline")), "it knows no server of ours");
}

#[test]
fn wiping_asks_once_and_leaves_nothing() {
    let server = Server::start();
    let office = Device::office(&server);
    office.record("Ana");
    assert_eq!(office.ok(&["wipe"])["wiped"], false);
    assert_eq!(office.first_names(), ["Ana"]);
    assert_eq!(office.ok(&["wipe", "--yes"])["wiped"], true);
    let left: Vec<_> =
        std::fs::read_dir(office.path("vault")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["lock"]);
    assert_eq!(office.fails(&["record", "list"]).1["code"], "no_vault");
}

#[test]
fn how_long_a_phone_stays_open_is_kept_in_the_vault() {
    let server = Server::start();
    let office = Device::office(&server);
    assert_eq!(office.ok(&["passphrase", "idle"])["background"], 120);
    assert_eq!(office.ok(&["passphrase", "idle", "--background", "0"])["background"], 0);
    assert_eq!(office.ok(&["passphrase", "idle", "--untouched", "60"])["background"], 0);
    let words = office.words(&["passphrase", "idle"]);
    assert_eq!(words, "It locks after 60 seconds without a touch, and whenever it is out of sight.\n");
    let (_, error) = office.fails(&["passphrase", "idle", "--background", "3601"]);
    assert_eq!(error["code"], "idle_too_long");
}
