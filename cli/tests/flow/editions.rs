//! Two editions of a form, an office that moves records on, and a field device that writes meanwhile.

use serde_json::{Value, json};

use crate::device::Device;
use crate::server::Server;

/// An edition of a form; `questions` are texts.
fn visit(version: &str, questions: &[&str], towns: &[&str]) -> String {
    let text = |name: &&str| json!({ "name": name, "kind": "text", "label": { "": format!("The {name}") } });
    let mut questions: Vec<Value> = questions.iter().map(text).collect();
    questions.push(json!({ "name": "town", "kind": { "select_one": "towns" }, "label": { "": "Town" } }));
    let towns: Vec<Value> =
        towns.iter().map(|name| json!({ "name": name, "label": { "": name.to_uppercase() } })).collect();
    let form = json!({
        "id": "visit", "version": version, "title": { "": "Visit" }, "default_language": "",
        "groups": [], "questions": questions, "lists": { "towns": towns },
    });
    form.to_string()
}

#[test]
fn records_go_on_with_later_editions_and_keep_what_these_no_longer_ask() {
    let server = Server::start();
    let office = Device::new();
    office.ok(&["init", "--server", &server.url, "--pin", &server.pin]);
    office.write("one.json", visit("9", &["name", "nick"], &["khujand", "kulob"]));
    office.write("two.json", visit("10", &["name", "nick", "phone"], &["khujand", "kulob"]));
    office.write("three.json", visit("11", &["name", "phone"], &["khujand"]));
    assert_eq!(office.ok(&["form", "add", "one.json"])["since"], Value::Null);
    office.ok(&["sync"]);
    let field = office.invited("sara");
    let sets = ["--set", "name=Mira", "--set", "nick=Swallow", "--set", "town=kulob"];
    let made = field.ok(&[&["record", "new"][..], &sets].concat());
    let record = made["handle"].as_str().unwrap().to_owned();
    let other = field.ok(&["record", "new", "--set", "name=Nina"])["handle"].as_str().unwrap().to_owned();
    field.ok(&["sync"]);

    // What is different is told before it is published, and when.
    let words = office.words(&["form", "compare", "one.json", "three.json"]);
    for word in
        ["asks first:", "`nick` is no longer asked", "`towns/kulob` is no longer offered", "`phone` is asked"]
    {
        assert!(words.contains(word), "{word} in {words}");
    }
    let added = office.ok(&["form", "add", "two.json"]);
    assert_eq!(
        (&added["since"], &added["differences"][0]["change"]),
        (&json!("9"), &json!("question_added"))
    );
    let told = office.ok(&["form", "compare", "visit", "9", "10"]);
    assert_eq!((&told["asks"], told["differences"].as_array().unwrap().len()), (&json!(false), 1));
    let back = office.words(&["form", "compare", "visit", "10", "9"]);
    assert!(back.contains("warning: version 9 comes before 10"), "{back}");
    assert_eq!(office.fails(&["form", "compare", "visit", "9", "8"]).1["code"], "not_found");

    // What is only added comes along with an edit.
    office.ok(&["sync"]);
    assert_eq!(office.ok(&["record", "show", &record])["version"], "9");
    let edited = office.ok(&["record", "edit", &record, "--set", "phone=17"]);
    assert_eq!(edited["version"], "10");
    office.ok(&["sync"]);

    // The field device has not heard of it, and its answer stands.
    field.ok(&["record", "edit", &record, "--set", "nick=Swift"]);
    field.ok(&["sync"]);
    office.ok(&["sync"]);
    let show = |device: &Device| device.ok(&["record", "show", &record]);
    for device in [&office, &field] {
        let shown = show(device);
        assert_eq!((&shown["version"], &shown["answers"]["phone"]), (&json!("10"), &json!("17")));
        assert_eq!(shown["answers"]["nick"], "Swift");
    }

    // What takes something away asks.
    let output = office.run(&["form", "add", "three.json"]);
    let warned = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success() && warned.contains("`nick` is no longer asked"), "{warned}");
    let would = office.ok(&["record", "move", &record]);
    assert_eq!((&would["moved"], &would["asks"]), (&json!(false), &json!(true)));
    let words = office.words(&["record", "move", &record]);
    assert!(words.ends_with("Nothing was changed. Add --yes to go on.\n"), "{words}");
    let all = office.ok(&["record", "move", "--all", "--to", "10"]);
    assert_eq!((all["moved"].as_array().unwrap().len(), all["asking"].as_array().unwrap().len()), (1, 0));
    assert_eq!(office.ok(&["record", "show", &other])["version"], "10");
    let all = office.ok(&["record", "move", "--all", "--form", "visit"]);
    assert_eq!((all["moved"].as_array().unwrap().len(), all["asking"].as_array().unwrap().len()), (0, 2));
    assert_eq!(office.ok(&["record", "move", &record, "--yes"])["moved"], true);
    assert_eq!(office.ok(&["record", "move", &record, "--yes"])["moved"], false);
    assert_eq!(office.fails(&["record", "move", &record, "--to", "10"]).1["code"], "not_later");
    office.ok(&["sync"]);
    field.ok(&["sync"]);

    // Nothing is lost: it is shown apart, in the words of the edition that asked it, exported and in the history.
    for device in [&office, &field] {
        let left = show(device)["left"].clone();
        assert_eq!(
            left[0],
            json!({ "field": "nick", "answer": "Swift", "version": "10", "gone": "question" })
        );
        assert_eq!((&left[1]["field"], &left[1]["gone"]), (&json!("town"), &json!("choice")));
        let words = device.words(&["record", "show", &record]);
        assert!(words.contains("No longer asked (version 10):\nThe nick (nick): Swift"), "{words}");
        assert!(words.contains("No longer offered (version 10):\nTown (town): KULOB"), "{words}");
        let history = device.words(&["record", "history", &record, "nick"]);
        assert!(history.contains("The nick (nick): Swallow -> Swift"), "{history}");
    }
    office.ok(&["export", "--format", "csv", "--out", "out.csv"]);
    let exported = std::fs::read_to_string(office.path("out.csv")).unwrap();
    assert!(exported.contains("Swift") && exported.contains("kulob"), "{exported}");
    assert_eq!(field.fails(&["record", "edit", &record, "--set", "nick=Mira"]).1["code"], "invalid");
    assert_eq!(field.ok(&["record", "edit", &record, "--set", "town=khujand"])["version"], "11");
}
