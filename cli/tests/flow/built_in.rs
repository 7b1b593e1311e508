//! The forms that come with Cairn, kept as folders of text tables, and other standards' columns.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::device::Device;
use crate::server::Server;

const VICTIM_SUPPORT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../forms/victim-support");
const BORDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../forms/border-observation");

const CASES: &str = "\
prs_FirstName,prs_Gender,prs_MaritalStatus,org_Phone,\"a column of one's own\"
Sample-Ana,Feminine,Single,000,x
\"Sample \"\"B\"\", second\",Masculine,Married,,
Sample-Carla,Zweite,,,
";

fn office(server: &Server) -> Device {
    let office = Device::new();
    office.ok(&["init", "--server", &server.url, "--pin", &server.pin]);
    office
}

/// The rows of a table by their headings.
fn table(text: &str) -> Vec<BTreeMap<String, String>> {
    let mut lines = text.lines().map(cells);
    let headings = lines.next().unwrap();
    lines.map(|cells| headings.iter().cloned().zip(cells).collect()).collect()
}

/// The cells of one line, with `""` for a quotation mark inside quotation marks.
fn cells(line: &str) -> Vec<String> {
    let (mut cells, mut quoted) = (vec![String::new()], false);
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                cells.last_mut().unwrap().push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(String::new()),
            other => cells.last_mut().unwrap().push(other),
        }
    }
    cells
}

#[test]
fn a_folder_of_text_tables_is_checked_and_published_as_any_form() {
    let server = Server::start();
    let office = office(&server);
    let forms = [(VICTIM_SUPPORT, "victim-support"), (BORDER, "border-observation")];
    for (folder, _) in forms {
        assert_eq!(office.ok(&["form", "check", folder])["errors"], json!([]));
    }
    assert_eq!(office.ok(&["form", "list"])["forms"], json!([]), "checking adds nothing");
    for (folder, _) in forms {
        assert_eq!(office.ok(&["form", "add", folder])["new"], true);
    }
    office.ok(&["sync"]);
    let worker = office.invited("worker");
    for (_, id) in forms {
        assert_eq!(worker.ok(&["form", "show", id]), office.ok(&["form", "show", id]));
    }
    let (status, error) = office.fails(&["form", "add", "nowhere"]);
    assert_eq!((status, &error["code"]), (1, &"file".into()), "{error}");
}

#[test]
fn cases_in_the_words_of_htcds_come_in_and_go_out_again_and_the_codes_alone_hold_no_name() {
    let server = Server::start();
    let office = office(&server);
    office.ok(&["form", "add", VICTIM_SUPPORT]);
    office.write("cases.csv", CASES);
    let taken = office.ok(&["import", "cases.csv", "--htcds"]);
    assert_eq!(taken["taken"], 3, "{taken}");
    let left = taken["not_carried"].as_array().unwrap();
    let named = |name: &str| left.iter().any(|left| left["name"] == name && left["rows"] == 1);
    for name in ["org_Phone", "a column of one's own", "prs_Gender"] {
        assert!(named(name), "{name} in {left:?}");
    }
    assert!(!taken.to_string().contains("Zweite"), "losses are counted, not quoted");

    let written = office.ok(&["export", "--format", "htcds", "--out", "out.csv"]);
    assert_eq!(written["records"], 3);
    let out = std::fs::read_to_string(office.path("out.csv")).unwrap();
    let mut people: Vec<[String; 3]> = table(out.trim_start_matches('\u{feff}'))
        .into_iter()
        .map(|row| ["prs_FirstName", "prs_Gender", "prs_MaritalStatus"].map(|name| row[name].clone()))
        .collect();
    people.sort();
    let wanted = [
        ["Sample \"B\", second", "Masculine", "Married"],
        ["Sample-Ana", "Feminine", "Single"],
        ["Sample-Carla", "", ""],
    ];
    assert_eq!(people, wanted);

    let coded = office.ok(&["export", "--format", "ctdc", "--out", "codes.csv"]);
    assert_eq!(coded["records"], 3);
    let codes = std::fs::read_to_string(office.path("codes.csv")).unwrap();
    assert_eq!(codes.lines().count(), 4);
    assert!(!codes.contains("Sample") && out.contains("Sample"), "a name among the codes");

    // What went out comes in elsewhere, as it was.
    let other = self::office(&server);
    other.ok(&["form", "add", VICTIM_SUPPORT]);
    other.write("out.csv", &out);
    assert_eq!(other.ok(&["import", "out.csv", "--htcds"])["taken"], 3);
    other.ok(&["export", "--format", "htcds", "--out", "again.csv"]);
    let again = std::fs::read_to_string(other.path("again.csv")).unwrap();
    let sorted = |text: &str| {
        let mut rows = table(text.trim_start_matches('\u{feff}'));
        rows.sort();
        rows
    };
    let differing: Vec<Value> = sorted(&out)
        .into_iter()
        .zip(sorted(&again))
        .flat_map(|(one, two)| {
            let differs = one.into_iter().filter(move |(name, cell)| two.get(name) != Some(cell));
            differs.map(|(name, _)| Value::String(name)).collect::<Vec<_>>()
        })
        .collect();
    assert_eq!(differing, [] as [Value; 0], "columns that changed on the way");

    // The standard knows cases only.
    office.ok(&["form", "add", BORDER]);
    let border = ["--form", "border-observation", "--out", "x.csv"];
    let (status, error) = office.fails(&[&["export", "--format", "htcds"], &border[..]].concat());
    assert_eq!(status, 1, "{error}");
    assert!(!office.path("x.csv").exists());
}
