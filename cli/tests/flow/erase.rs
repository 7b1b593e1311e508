//! A record is erased, and a certificate says so.

use std::fs;

use crate::device::Device;
use crate::server::Server;

#[test]
fn a_record_is_erased_and_the_certificate_can_be_checked() {
    let server = Server::start();
    let office = Device::office(&server);
    let field = office.invited("sara");
    field.record("Ana");
    let handle = field.record("Zahra");
    field.ok(&["sync"]);
    office.ok(&["sync"]);
    assert_eq!(office.words(&["record", "erased"]), "Nothing was erased.\n");
    let erase = ["record", "erase", &handle, "--reason", "Consent withdrawn"];
    let really = [&erase[..], &["--yes"]].concat();
    let would = office.ok(&erase);
    assert_eq!((&would["erased"], &would["documents"]), (&false.into(), &1.into()));
    assert_eq!(office.first_names().len(), 2, "control: it is only said what would be done");
    assert_eq!(field.fails(&really).0, 3);
    let silent = ["record", "erase", &handle, "--reason", " ", "--yes"];
    assert_eq!(office.fails(&silent).1["code"], "no_reason");
    let done = office.ok(&really);
    assert_eq!((&done["erased"], &done["packs"]), (&true.into(), &1.into()));
    assert_eq!(office.first_names(), ["Ana"]);
    let paper = office.path("certificate.txt");
    let path = paper.to_str().unwrap();
    let written = office.ok(&["record", "certificate", &handle, "--to", path]);
    assert_eq!(written["open"], 1, "one device has not synced since");
    assert!(fs::read_to_string(&paper).unwrap().contains("not known to have synced since"));
    let words = field.words(&["sync"]);
    assert!(words.contains("Erased 1 record here"), "{words}");
    assert_eq!(field.first_names(), ["Ana"]);
    office.ok(&["sync"]);
    assert_eq!(office.ok(&["record", "certificate", &handle, "--to", path])["open"], 0);
    let text = fs::read_to_string(&paper).unwrap();
    assert!(text.contains("carried out; said so at") && text.contains("the server: has let go"), "{text}");
    assert!(!text.contains("Zahra"), "it does not say what was erased");
    assert_eq!(field.ok(&["record", "check-certificate", path])["good"], true);
    for (from, to) in
        [("Consent withdrawn", "Consent withdrawm"), ("erased ", "erased 0"), ("signed ", "singed ")]
    {
        fs::write(&paper, text.replacen(from, to, 1)).unwrap();
        let checked = field.ok(&["record", "check-certificate", path]);
        assert_eq!(checked["good"], false, "{from}");
    }
    let shown = field.words(&["roster", "log"]);
    assert!(shown.contains("erased 1 record from circle"), "{shown}");
}
