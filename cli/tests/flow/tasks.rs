//! What is to be done, ticked off at the command line.

use serde_json::{Value, json};

use crate::device::Device;
use crate::server::Server;

fn keys(list: &Value) -> Vec<String> {
    let tasks = list["tasks"].as_array().unwrap().iter();
    tasks.map(|task| task["task"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn what_one_asks_for_the_other_ticks_off() {
    let server = Server::start();
    let office = Device::new();
    office.ok(&["init", "--server", &server.url, "--pin", &server.pin]);
    office.ok(&["form", "built-in", "add", "victim-support"]);
    let field = office.invited("sara");
    let tasks = json!({ "tasks": [
        { "task_what": "Call her back", "task_due": "2026-11-20" },
        { "task_what": "See a doctor" },
    ]});
    office.write("tasks.json", tasks.to_string());
    let record = office.ok(&["record", "new", "--file", "tasks.json"])["handle"].as_str().unwrap().to_owned();
    office.ok(&["sync"]);
    field.ok(&["sync"]);
    let list = field.ok(&["task", "list", "--day", "2026-11-23"]);
    assert_eq!((&list["open"], &list["overdue"]), (&json!(2), &json!(1)));
    let late = field.ok(&["task", "list", "--day", "2026-11-23", "--overdue"]);
    assert_eq!(late["tasks"][0]["what"], "Call her back");
    assert_eq!(field.fails(&["task", "done", &record]).1["code"], "ambiguous");
    assert_eq!(field.fails(&["task", "done", &record, "task_what"]).1["code"], "not_found");
    let key = &keys(&late)[0];
    assert_eq!(field.ok(&["task", "done", &record, key])["changed"], true);
    assert_eq!(field.ok(&["task", "done", &record, key])["changed"], false);
    field.ok(&["task", "done", &record]);
    assert_eq!(field.fails(&["task", "done", &record]).1["code"], "not_found");
    field.ok(&["sync"]);
    office.ok(&["sync"]);
    assert_eq!(keys(&office.ok(&["task", "list", "--done"])).len(), 2);
    office.ok(&["record", "undo", &record, key]);
    assert_eq!(keys(&office.ok(&["task", "list"])), std::slice::from_ref(key));
}
