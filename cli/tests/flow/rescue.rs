//! A damaged vault, and what is taken out of it.

use std::fs;

use serde_json::json;

use crate::device::Device;
use crate::server::Server;

#[test]
fn what_is_whole_of_a_damaged_vault_is_taken_out_and_the_vault_stays_as_it_is() {
    let server = Server::start();
    let office = Device::office(&server);
    for name in ["Ana", "Bela", "Cora"] {
        office.record(name);
    }
    let database = office.path("vault").join("vault.db");
    let mut bytes = fs::read(&database).unwrap();
    // The first page, without which nothing opens.
    bytes[..4096].fill(0);
    fs::write(&database, &bytes).unwrap();
    let (vault, out) = (office.path("vault").display().to_string(), office.path("out"));
    let inside = office.path("vault").join("out").display().to_string();
    assert_eq!(office.fails(&["rescue", &vault, "--to", &inside]).1["code"], "inside_the_vault");
    let output =
        office.command(&["rescue", &vault, "--to", &out.display().to_string(), "--json"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    let said: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&said["records"], &said["unsent"], &said["pages_damaged"]),
        (&json!(3), &json!(3), &json!(1)),
        "{said}"
    );
    let mut table = fs::read_dir(out.join("unsent")).unwrap().flatten().map(|entry| entry.path());
    let table = table.find(|path| path.extension().is_some_and(|end| end == "csv")).unwrap();
    let table = fs::read_to_string(table).unwrap();
    assert!(["Ana", "Bela", "Cora"].iter().all(|name| table.contains(name)), "{table}");
    assert!(fs::read_to_string(out.join("REPORT.txt")).unwrap().contains("What to do next"));
    assert_eq!((&said["may_be_older"], &said["sealed_unsent"]), (&json!([]), &json!(0)), "{said}");
    let lines = fs::read_dir(out.join("unsent")).unwrap().flatten().map(|entry| entry.path());
    let lines: Vec<_> = lines.filter(|path| path.extension().is_some_and(|end| end == "jsonl")).collect();
    let lines = fs::read_to_string(&lines[0]).unwrap();
    assert_eq!(lines.matches("\"may_be_older\":false").count(), 3, "{lines}");
    assert!(out.join("quarantine/page-1").exists() && !out.join("work").exists());
    assert_eq!(fs::read(&database).unwrap(), bytes, "the damaged vault stays as it is");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&out).unwrap().permissions().mode() & 0o077, 0);
        assert_eq!(fs::metadata(out.join("drafts.json")).unwrap().permissions().mode() & 0o077, 0);
    }
    let again = office.fails(&["rescue", &vault, "--to", &out.display().to_string()]);
    assert_eq!(again.1["code"], "file", "what is there is not written over");
}
