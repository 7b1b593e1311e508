//! Files on the command line: attached, sent, fetched, taken out.

use std::fs;

use serde_json::json;

use crate::device::Device;
use crate::server::Server;

const PHOTOGRAPHED: &str = r#"{"id":"photographed","version":"1","title":{"":"Photographed"},"default_language":"","groups":[],
"questions":[{"name":"seen","kind":"text","label":{"":"Seen"}},{"name":"photo","kind":"image","label":{"":"Photo"}}],"lists":{}}"#;

#[test]
fn a_file_is_attached_sent_fetched_and_taken_out_as_it_was() {
    let server = Server::start();
    let office = Device::new();
    office.ok(&["init", "--server", &server.url, "--pin", &server.pin, "--name", "office"]);
    office.write("form.json", PHOTOGRAPHED);
    office.ok(&["form", "add", office.path("form.json").to_str().unwrap()]);
    office.ok(&["sync"]);
    let phone = office.invited("phone");
    let content: Vec<u8> = (0..100_000u32).map(|n| (n % 251) as u8).collect();
    phone.write("photo.jpg", &content);
    phone.write("empty.jpg", "");

    let draft = phone.ok(&["draft", "begin"])["draft"].to_string();
    phone.ok(&["draft", "answer", &draft, "--set", "seen=a boat"]);
    let attach = |question: &str, file: &str| ["draft", "attach", &draft, question, file].map(str::to_owned);
    let fails = |line: [String; 5]| phone.fails(&line.each_ref().map(String::as_str)).1["code"].clone();
    assert_eq!(fails(attach("seen", "photo.jpg")), "invalid");
    assert_eq!(fails(attach("nothing", "photo.jpg")), "invalid");
    assert_eq!(fails(attach("photo", "empty.jpg")), "empty_file");
    assert_eq!(fails(attach("photo", "none.jpg")), "file");
    assert_eq!(phone.fails(&["draft", "attach", "99", "photo", "photo.jpg"]).1["code"], "not_found");
    let attached = phone.ok(&["draft", "attach", &draft, "photo", "photo.jpg", "--type", "image/jpeg"]);
    assert_eq!((&attached["name"], &attached["octets"]), (&json!("photo.jpg"), &json!(100_000)));
    assert_eq!(phone.ok(&["draft", "show", &draft])["answers"]["photo"], "photo.jpg");
    let record = phone.ok(&["draft", "finish", &draft])["handle"].as_str().unwrap().to_owned();
    assert!(phone.words(&["attachment", "list"]).contains("photo.jpg, 100 kB, here, not sent yet"));
    assert!(phone.words(&["doctor"]).contains("1 attached file"));
    let sent = phone.ok(&["sync"]);
    assert_eq!((&sent["attachments_up"], &sent["attachments_left"]), (&json!(1), &json!(0)));

    office.ok(&["sync"]);
    let listed = office.ok(&["attachment", "list", &record])["attachments"][0].clone();
    assert_eq!(
        (&listed["name"], &listed["media_type"], &listed["here"]),
        (&json!("photo.jpg"), &json!("image/jpeg"), &json!(false))
    );
    let save = ["attachment", "save", &record, "photo", "out.jpg"];
    assert_eq!(office.fails(&save).1["code"], "file_away");
    assert_eq!(office.ok(&["attachment", "fetch", &record])["fetched"], 1);
    assert_eq!(office.ok(&["attachment", "fetch", "--all"])["fetched"], 0);
    office.ok(&save);
    assert_eq!(fs::read(office.path("out.jpg")).unwrap(), content);
    assert_eq!(office.fails(&save).1["code"], "file", "what is there is not written over");
    assert_eq!(office.fails(&["attachment", "save", &record, "seen", "x"]).1["code"], "not_found");

    // Given back as it is shown, the photo stays.
    let shown = office.ok(&["record", "show", &record])["answers"].clone();
    assert_eq!(shown, json!({ "seen": "a boat", "photo": "photo.jpg" }));
    office.write("back.json", serde_json::to_vec(&shown).unwrap());
    office.ok(&["record", "edit", &record, "--file", "back.json", "--set", "seen=two boats"]);
    assert_eq!(office.ok(&["attachment", "list", &record])["attachments"][0], {
        let mut here = listed;
        here["here"] = json!(true);
        here
    });
    office.ok(&["record", "erase", &record, "--reason", "asked", "--yes"]);
    office.ok(&["record", "certificate", &record, "--to", "paper.txt"]);
    assert!(fs::read_to_string(office.path("paper.txt")).unwrap().contains("1 attached file"));
    assert_eq!(office.ok(&["attachment", "list"])["attachments"], json!([]));
    phone.ok(&["sync"]);
    assert_eq!(phone.ok(&["attachment", "list"])["attachments"], json!([]));
}
