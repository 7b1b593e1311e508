//! Beginning and joining, with everything that can go wrong at the door.

use std::os::unix::fs::PermissionsExt;

use crate::device::Device;
use crate::server::Server;

#[test]
fn a_workspace_begun_without_a_network_reaches_the_server_later() {
    let mut server = Server::absent();
    let (url, pin) = (server.url.clone(), server.pin.clone());
    let office = Device::new();
    let init = ["init", "--server", &url, "--pin", &pin];
    let (status, error) = office.fails(&init);
    assert_eq!((status, &error["code"]), (5, &"unpublished".into()));
    let (status, error) = office.fails(&["sync"]);
    assert_eq!((status, &error["code"]), (5, &"offline".into()));
    office.ok(&["form", "add", crate::device::FORM]);
    office.record("Ana");
    server.appear();
    office.ok(&init);
    assert_eq!(office.ok(&init)["server"], server.url.as_str(), "again is no error");
    let field = office.invited("sara");
    assert_eq!(field.first_names(), ["Ana"]);
}

#[test]
fn under_a_wrong_pin_nothing_is_created() {
    let server = Server::start();
    let office = Device::new();
    let wrong = "07".repeat(32);
    let (status, error) = office.fails(&["init", "--server", &server.url, "--pin", &wrong]);
    assert_eq!((status, &error["who"]), (7, &"alarm".into()));
    assert!(!office.path("vault").exists());
}

#[test]
fn a_wrong_passphrase_opens_nothing_and_a_weak_one_makes_nothing() {
    let server = Server::start();
    let office = Device::office(&server);
    let with = |device: &Device, line: &[&str], passphrase: &str| {
        let output = device.command(line).env("CAIRN_PASSPHRASE", passphrase).output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let (status, error) = with(&office, &["record", "list"], "incorrect horse battery");
    assert!(status == Some(1) && error.starts_with("error: wrong passphrase\n\nhint: "), "{error}");
    let new = Device::new();
    let init = ["init", "--server", &server.url, "--pin", &server.pin];
    let (status, error) = with(&new, &init, "short");
    assert!(status == Some(1) && error.contains("at least 14 characters"), "{error}");
    assert!(!new.path("vault").exists());
}

#[test]
fn only_the_owner_can_look_into_the_vault() {
    let server = Server::start();
    let office = Device::office(&server);
    let mode = office.path("vault").metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0);
    office.write("secret", "correct horse battery\nsecond line\n");
    let by_file = ["--passphrase-file", "secret", "device", "list"];
    let output = office.command(&by_file).env_remove("CAIRN_PASSPHRASE").output().unwrap();
    assert!(output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).starts_with("warning: others on this machine"));
    std::fs::set_permissions(office.path("secret"), PermissionsExt::from_mode(0o600)).unwrap();
    assert_eq!(office.run(&by_file).stderr, b"");
}

#[test]
fn while_waiting_another_invitation_can_take_the_place_of_the_first() {
    let server = Server::start();
    let office = Device::office(&server);
    let invitation = || office.ok(&["invite"])["invitation"].as_str().unwrap().to_owned();
    let (first, second) = (invitation(), invitation());
    let (early, late) = (Device::new(), Device::new());
    early.ok(&["join", &first]);
    office.ok(&["sync"]);
    let (status, error) = late.fails(&["join", &first]);
    assert_eq!((status, &error["code"]), (3, &"invitation_used".into()));
    assert_eq!(late.ok(&["join", &second, "--name", "late"])["state"], "waiting");
    office.ok(&["sync"]);
    late.write("invitation", &second);
    assert_eq!(late.ok(&["join", "@invitation"])["state"], "joined");
    assert_eq!(late.ok(&["join", &second])["role"], "field", "again is a sync");

    let other = Device::office(&server);
    let foreign = other.ok(&["invite"])["invitation"].as_str().unwrap().to_owned();
    assert_eq!(late.fails(&["join", &foreign]).1["code"], "has_workspace");
}

#[test]
fn an_expired_invitation_is_refused() {
    let server = Server::start();
    let office = Device::office(&server);
    let output =
        office.command(&["invite", "--hours", "1", "--json"]).env("CAIRN_TEST_CLOCK_OFFSET", "-200").output();
    let invite: serde_json::Value = serde_json::from_slice(&output.unwrap().stdout).unwrap();
    assert_eq!(invite["role"], "field");
    let long_ago = office
        .command(&["invite", "--hours", "1", "--json"])
        .env("CAIRN_TEST_CLOCK_OFFSET", "-9000")
        .output();
    let invite: serde_json::Value = serde_json::from_slice(&long_ago.unwrap().stdout).unwrap();
    let late = Device::new();
    let (status, error) = late.fails(&["join", invite["invitation"].as_str().unwrap()]);
    assert_eq!((status, &error["code"]), (3, &"invitation_expired".into()));
}

#[test]
fn a_second_coordinator_can_do_what_the_first_can() {
    let server = Server::start();
    let office = Device::office(&server);
    let second = Device::new();
    let invite = office.ok(&["invite", "--role", "coordinator"]);
    let typed = second.typing(&["join", "-", "--name", "second"], invite["invitation"].as_str().unwrap());
    assert!(typed.status.success());
    office.ok(&["sync"]);
    second.ok(&["sync"]);
    let third = second.invited("third");
    office.ok(&["sync"]);
    assert_eq!(office.ok(&["device", "list"])["devices"].as_array().unwrap().len(), 3);
    assert_eq!(third.fails(&["invite"]).1["code"], "not_allowed");
    assert_eq!(third.fails(&["form", "add", crate::device::FORM]).0, 3);
}

#[test]
fn a_newcomer_whose_words_are_compared_waits_for_them() {
    let server = Server::start();
    let office = Device::office(&server);
    let invite = office.ok(&["invite", "--confirm", "--hours", "1"]);
    assert_eq!(invite["confirm"], true);
    let newcomer = Device::new();
    let invitation = invite["invitation"].as_str().unwrap();
    let asked = newcomer.ok(&["join", invitation, "--name", "sara"]);
    assert_eq!(asked["state"], "waiting");
    let words = asked["words"].as_str().unwrap();
    assert!(newcomer.words(&["join", invitation]).contains(words), "people see them too");
    let synced = office.ok(&["sync"]);
    assert_eq!((&synced["admitted"], &synced["to_compare"]), (&0.into(), &1.into()));
    let listed = office.ok(&["device", "list"]);
    assert_eq!(listed["waiting"][0]["words"], words);
    assert!(office.words(&["device", "list"]).contains(words));
    let (status, error) = office.fails(&["device", "admit", "lusab", "babad", "gutih", "tugad"]);
    assert_eq!((status, &error["code"]), (1, &"no_such_words".into()));
    let typed: Vec<&str> = words.split(' ').collect();
    let admitted = office.ok(&[&["device", "admit"], &typed[..]].concat());
    assert_eq!(admitted["admitted"], true);
    assert_eq!(newcomer.ok(&["join", invitation])["words"], words);
    let listed = office.ok(&["device", "list"]);
    assert_eq!(listed["waiting"].as_array().unwrap().len(), 0);
    assert_eq!(listed["devices"][1]["words"], words);

    let stranger = Device::new();
    let invite = office.ok(&["invite", "--confirm"]);
    let words = stranger.ok(&["join", invite["invitation"].as_str().unwrap()])["words"].clone();
    office.ok(&["sync"]);
    office.ok(&["device", "refuse", words.as_str().unwrap()]);
    assert_eq!(office.ok(&["sync"])["to_compare"], 0);
    assert_eq!(office.ok(&["device", "list"])["devices"].as_array().unwrap().len(), 2);
}
