//! A person answers one question after the other.

use std::io::{Read, Write};
use std::process::Stdio;

use crate::device::Device;
use crate::server::Server;

const VISIT: &str = include_str!("../cmd/forms.in/visit.json");

fn office(server: &Server) -> Device {
    let office = Device::new();
    office.ok(&["init", "--server", &server.url, "--pin", &server.pin]);
    office.write("visit.json", VISIT);
    office.ok(&["form", "add", "visit.json"]);
    office
}

#[test]
fn a_record_is_typed_in_with_mistakes_and_mended() {
    let server = Server::start();
    let office = office(&server);
    let typed = "\nAmina\n?\nthirty\n31\nyesterday\n<\n32\n2026-02-03\n1 2\nfirst\nsecond\n\n\n";
    let output = office.typing(&["record", "new", "--ask", "--language", "ru", "--json"], typed);
    let asked = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{asked}");
    for words in ["Имя (required)", "an answer is required", "expected a whole number", "1  Food"] {
        assert!(asked.contains(words), "{words} in {asked}");
    }
    let made: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let record = made["handle"].as_str().unwrap();
    let answers = office.ok(&["record", "show", record])["answers"].clone();
    let wanted = serde_json::json!({
        "name": "Amina", "age": 32, "seen": "2026-02-03", "needs": ["food", "law"], "story": "first\nsecond",
    });
    assert_eq!(answers, wanted);

    // Enter keeps, a dash empties, and only what differs is saved.
    let output = office.typing(&["record", "edit", record, "--ask"], "\n-\n\n\n\n\n");
    assert!(output.status.success());
    assert_eq!(String::from_utf8(output.stdout).unwrap(), format!("Saved {record}.\n"));
    assert_eq!(office.ok(&["record", "show", record])["answers"]["age"], serde_json::Value::Null);
}

#[test]
fn what_is_not_finished_is_not_saved() {
    let server = Server::start();
    let office = office(&server);
    let output = office.typing(&["record", "new", "--ask"], "");
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("nothing was saved"));
    assert_eq!(office.ok(&["draft", "list"])["drafts"], serde_json::json!([]), "nothing was answered");
    for (typed, answers) in [("Amina\n", 1), ("Amina\n31\n\n\n\n", 2)] {
        let output = office.typing(&["record", "new", "--ask", "--json"], typed);
        assert_eq!(output.status.code(), Some(0));
        let kept: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let shown = office.ok(&["draft", "show", &kept["draft"].to_string()]);
        assert_eq!(shown["answers"].as_object().unwrap().len(), answers);
    }
    assert_eq!(office.first_names(), [""; 0]);
    let (status, error) = office.fails(&["record", "new"]);
    assert_eq!((status, &error["code"]), (1, &"no_answers".into()), "standard input is no terminal");
}

#[test]
fn what_was_answered_before_the_program_was_killed_is_asked_no_more() {
    let server = Server::start();
    let office = office(&server);
    let mut command = office.command(&["record", "new", "--ask"]);
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut typing = child.stdin.take().unwrap();
    typing.write_all(b"Amina\n31\n2026-02-").unwrap();
    // The question after the second answer is there: so that answer must be safe, and the third is not given yet.
    let mut asked = Vec::new();
    let mut screen = child.stderr.take().unwrap();
    while !String::from_utf8_lossy(&asked).contains("Day of the visit") {
        let mut octets = [0; 256];
        let more = screen.read(&mut octets).unwrap();
        assert!(more > 0, "it ended by itself: {}", String::from_utf8_lossy(&asked));
        asked.extend_from_slice(&octets[..more]);
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let drafts = office.ok(&["draft", "list"])["drafts"].clone();
    let number = drafts[0]["draft"].to_string();
    let shown = office.ok(&["draft", "show", &number]);
    assert_eq!(shown["answers"], serde_json::json!({ "name": "Amina", "age": 31 }));
    assert_eq!(office.first_names(), [""; 0]);
    let output = office.typing(&["draft", "continue", &number, "--json"], "\n\n2026-02-03\n\n\n\n");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(office.first_names(), ["Amina"]);
    assert_eq!(office.ok(&["draft", "list"])["drafts"], serde_json::json!([]));
}

#[test]
fn a_reader_that_has_read_enough_is_no_error() {
    let server = Server::start();
    let office = office(&server);
    let mut child = office
        .command(&["form", "show", "--json"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr), (Some(0), Vec::new()));
}

#[test]
fn what_does_not_fit_is_told_in_the_form_s_own_words() {
    let server = Server::start();
    let office = Device::new();
    office.ok(&["init", "--server", &server.url, "--pin", &server.pin]);
    std::fs::create_dir(office.path("visit")).unwrap();
    office.write(
        "visit/survey.csv",
        "type,name,label::English (en),required,required_message::English (en),constraint,\
         constraint_message::English (en),constraint_message::Русский (ru)\n\
         text,who,Who?,yes,Say at least a nickname,,,\n\
         integer,age,Age?,,,. < 120,Nobody is that old,Столько не живут\n\
         integer,other,Other?,,,. < ${age},Less than ${age} please,Меньше ${age}\n",
    );
    office.write(
        "visit/settings.csv",
        "form_id,version,form_title,default_language\nvisit,1,Visit,English (en)\n",
    );
    office.ok(&["form", "add", "visit"]);
    for (set, said) in [("age=3", "Say at least a nickname"), ("who=A;age=130", "Nobody is that old")] {
        let sets: Vec<&str> = set.split(';').flat_map(|set| ["--set", set]).collect();
        let (_, error) = office.fails(&[&["record", "new"], &sets[..]].concat());
        assert_eq!(
            (&error["code"], &error["faults"][0]["message"]),
            (&"invalid".into(), &said.into()),
            "{error}"
        );
    }
    let line = ["record", "new", "--set", "who=A", "--set", "age=30", "--language", "ru", "--set"];
    let (_, error) = office.fails(&[&line[..], &["other=40"]].concat());
    assert!(error["faults"][0]["message"].is_null() && !error.to_string().contains("30"), "{error}");
    let made = office.ok(&[&line[..], &["other=20"]].concat());
    let record = made["handle"].as_str().unwrap();
    let (_, error) = office.fails(&["record", "edit", record, "--set", "age=130", "--language", "ru"]);
    assert_eq!(error["message"], "age: Столько не живут", "{error}");
}
