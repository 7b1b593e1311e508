//! Errors never repeat what somebody answered.

use crate::device::Device;
use crate::server::Server;

const CANARY: &str = "CANARY-7c1";

#[test]
fn no_error_repeats_an_answer() {
    let server = Server::start();
    let office = Device::office(&server);
    office.write(
        "answers.json",
        format!("{{\"prs_Birthdate\": \"{CANARY}\", \"con_Consent\": [\"{CANARY}\"]}}"),
    );
    office.write("torn.json", format!("{{\"prs_Birthdate\": \"{CANARY}"));
    office.write("list.json", format!("[\"{CANARY}\"]"));
    office.write("table.csv", format!("Name,Sex\n{CANARY},{CANARY}\n{CANARY}\n"));
    office.write("map.toml", "[fields]\nprs_Birthdate = \"Name\"\nprs_Gender = \"Sex\"\n");
    let record = office.record("Ana");
    let born = format!("prs_Birthdate={CANARY}");
    let sex = format!("prs_Gender={CANARY}");
    for line in [
        &["record", "new", "--set", &born, "--set", &sex][..],
        &["record", "new", "--set", CANARY],
        &["record", "new", "--file", "answers.json"],
        &["record", "new", "--file", "torn.json"],
        &["record", "new", "--file", "list.json"],
        &["record", "edit", &record, "--set", &born],
        &["record", "list", "--where", &sex],
        &["record", "list", "--where", CANARY],
        &["conflict", "settle", &record, "prs_Gender", "--set", CANARY],
        &["import", "table.csv", "--map", "map.toml"],
        &["import", "table.csv", "--map", "map.toml", "--json"],
    ] {
        let output = office.run(line);
        for said in [output.stdout, output.stderr] {
            let said = String::from_utf8(said).unwrap();
            assert!(!said.contains(CANARY), "{line:?}: {said}");
        }
    }
}
