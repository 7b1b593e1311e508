//! ODK's own engine shows, works out and refuses the same in the built-in forms. What it said of forms filled at
//! random is checked in; `tests/odk/built_in.sh` asks it again.

use serde_json::Value;

use super::desk::Desk;
use super::tables::{FORMS, root};

fn words(json: &Value) -> Vec<&str> {
    json.as_str().expect("names").split_whitespace().collect()
}

/// How often both engines were asked, and where they differ.
fn compare(desks: &[(&str, Desk)], line: &str) -> (usize, Vec<String>) {
    let said: Value = serde_json::from_str(line).expect("JSON");
    let (form, seed) = (said["form"].as_str().expect("a form"), &said["seed"]);
    let (_, desk) = desks.iter().find(|(known, _)| *known == form).expect("a built-in form");
    let answers = said["answers"].as_array().expect("answers").iter();
    let answers: Vec<(&str, &str)> =
        answers.map(|pair| (pair[0].as_str().expect("a name"), pair[1].as_str().expect("text"))).collect();
    let sheet = desk.fill(&answers);
    let mut differences = Vec::new();
    let mut differ = |what: String| differences.push(format!("{form} {seed}: {what}"));

    let shown: Vec<&str> = sheet.shown().into_iter().map(|row| row.name()).collect();
    if shown != words(&said["shown"]) {
        differ(format!("shown {shown:?}"));
    }
    let values = said["values"].as_object().expect("values");
    for (name, value) in values {
        let ours = sheet.value(name);
        if ours.trim() != value.as_str().expect("text").trim() {
            differ(format!("{name} is {ours}, not {value}"));
        }
    }
    let outside =
        desk.tables.nested().into_iter().filter(|(row, around)| {
            row.is_asked() && !around.iter().any(|group| group.kind() == "begin_repeat")
        });
    let refused: Vec<&str> =
        outside.map(|(row, _)| row.name()).filter(|name| !sheet.is_valid(name)).collect();
    if refused != words(&said["refused"]) {
        differ(format!("refused {refused:?}"));
    }
    (shown.len() + values.len() + refused.len(), differences)
}

#[test]
fn odks_own_engine_says_the_same() {
    let desks = FORMS.map(|form| (form, Desk::by_clock(form, 3, 0)));
    let said = std::fs::read_to_string(root().join("tests/odk/built_in.jsonl")).expect("what ODK said");
    let (mut asked, mut refused) = (0, 0);
    for line in said.lines() {
        let (count, differences) = compare(&desks, line);
        assert_eq!(differences, [""; 0]);
        asked += count;
        refused += usize::from(!line.contains(r#""refused":"""#));
    }
    assert!(asked > 1000 && refused > 5, "{asked} {refused}");
    println!("ODK's engine agrees in {asked} of {asked} places");

    // The control: one answer that ODK did not see is noticed.
    let line = said.lines().next().expect("a line");
    let changed = line.replacen(r#"["safe_to_talk","yes"]"#, r#"["safe_to_talk","no"]"#, 1);
    let changed = if changed == line {
        line.replacen(r#"["safe_to_talk","no"]"#, r#"["safe_to_talk","yes"]"#, 1)
    } else {
        changed
    };
    assert_ne!(changed, line);
    assert_eq!(compare(&desks, &changed).1.len(), 1);
}
