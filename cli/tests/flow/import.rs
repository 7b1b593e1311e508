//! Tables with bad rows, cut off and gone on with.

use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::device::Device;
use crate::server::Server;

const MAP: &str = r#"
delimiter = ";"
[fields]
prs_First_Name = "Name"
prs_Birthdate = { column = "Born", format = "%d.%m.%Y" }
prs_Gender = { column = "Sex", values = { F = "Feminine", M = "Masculine" } }
[constants]
con_Consent = "TRUE"
"#;

#[test]
fn bad_rows_are_refused_by_line_and_the_good_ones_kept() {
    let server = Server::start();
    let office = Device::office(&server);
    office.write("map.toml", MAP);
    let mut table =
        "\u{feff}Name;Born;Sex\nAna;03.02.1999;F\nSECRET1;31.02.1999;M\n\"Bea;x\";;\n".as_bytes().to_vec();
    table.extend_from_slice(b"\xff\xfe;;F\nSECRET2;;queer\nCarla;;;;\nSECRET3;\n");
    table.extend_from_slice("Dora;٠٣.٠٢.١٩٩٩;M\n".as_bytes());
    office.write("table.csv", &table);
    let import = ["import", "table.csv", "--map", "map.toml", "--refused", "refused.csv"];
    let done = office.ok(&import);
    assert_eq!((&done["taken"], &done["refused"]), (&4.into(), &4.into()));
    let lines: Vec<u64> =
        done["rows"].as_array().unwrap().iter().map(|row| row["line"].as_u64().unwrap()).collect();
    assert_eq!(lines, [3, 5, 6, 8]);
    assert_eq!(office.first_names(), ["Ana", "Bea;x", "Carla", "Dora"]);
    let refused = std::fs::read_to_string(office.path("refused.csv")).unwrap();
    assert!(refused.starts_with("line,field,reason\n3,prs_Birthdate,"), "{refused}");
    assert!(!refused.contains("SECRET") && !done.to_string().contains("SECRET"));
    let again = office.ok(&import);
    assert_eq!((&again["taken"], &again["taken_now"]), (&4.into(), &0.into()), "nothing is taken twice");
    assert_eq!(office.ok(&["sync"])["records_up"], 4);
}

#[test]
fn an_import_that_is_killed_goes_on_and_takes_nothing_twice() {
    const ROWS: usize = 3000;
    let server = Server::start();
    let office = Device::office(&server);
    office.write("map.toml", MAP);
    let rows: String = (0..ROWS).map(|row| format!("Name{row:05};03.02.1999;F\n")).collect();
    office.write("table.csv", format!("Name;Born;Sex\n{rows}"));
    let import = ["import", "table.csv", "--map", "map.toml"];
    let mut before = 0;
    for _ in 0..3 {
        let mut child = office.command(&import).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_millis(350) && child.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(5));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let now = office.first_names().len();
        assert!(now >= before && (now == ROWS || now.is_multiple_of(200)), "{now}: whole batches only");
        before = now;
    }
    let done = office.ok(&import);
    assert_eq!(done["taken"], ROWS);
    assert_eq!(done["taken_now"].as_u64().unwrap() as usize, ROWS - before);
    let mut names = office.first_names();
    assert_eq!(names.len(), ROWS);
    names.dedup();
    assert_eq!(names.len(), ROWS, "nobody twice");
}
