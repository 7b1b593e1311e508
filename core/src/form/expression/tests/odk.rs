//! The same expressions, asked of ODK's own engine and of this one.
//!
//! `tests/odk/expected.jsonl` holds what ODK's engine said (`tests/odk/generate.sh` asks it again);
//! `docs/FORMS-ODK.md` lists every expression on which we differ, with the reason. An unlisted difference
//! fails, and so does a listed one that is gone.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value as Json;

use super::bench::{Bench, Given, Surroundings};
use crate::form::expression::{Scene, function, parse};

fn read(name: &str) -> String {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../");
    fs::read_to_string(format!("{root}{name}")).expect(name)
}

/// One expression and what ODK's engine said: a value, or that it could not.
struct Case {
    set: String,
    at: String,
    kind: String,
    expression: String,
    odk: Result<String, String>,
}

impl Case {
    fn read(line: &str) -> Self {
        let json: Json = serde_json::from_str(line).expect("a line of JSON");
        let text = |key: &str| json[key].as_str().unwrap_or_default().to_owned();
        let odk = match json.get("result") {
            Some(result) => Ok(result.as_str().expect("text").to_owned()),
            None => Err(text("error")),
        };
        Self { set: text("set"), at: text("at"), kind: text("kind"), expression: text("expression"), odk }
    }

    /// As the list of differences names it.
    fn name(&self) -> String {
        let at = if self.at.is_empty() { "." } else { self.at.as_str() };
        format!("{} {at} {}: {}", self.set, self.kind, self.expression)
    }

    fn ours(&self, bench: &Bench, sets: &Json) -> Result<String, String> {
        let set = &sets[self.set.as_str()];
        let offset = if set["zone"] == "UTC" { 0 } else { 300 };
        let around = Surroundings::new(bench, offset);
        let mut given = Given::new(bench, &set["answers"]);
        for (place, condition) in &bench.relevant {
            let scene = Scene {
                outline: &bench.outline,
                answered: &given,
                around: &around,
                place: *place,
                rows: &[],
            };
            let holds = parse(condition).expect("a condition").holds(scene).expect("a value");
            if !holds {
                given.away.push(*place);
            }
        }
        let numbers = self.at.split('/').filter_map(|step| step.parse::<usize>().ok());
        let rows: Vec<usize> = numbers.map(|row| row - 1).collect();
        let question = match (self.kind.as_str(), self.at.as_str(), rows.len()) {
            ("value", "g", _) => "gout",
            ("value", _, 0) => "out",
            ("value", _, 1) => "pout",
            ("value", ..) => "nout",
            ("constraint", ..) => "checked",
            ("choices", ..) => "picked",
            _ => "shown",
        };
        let place = bench.outline.named(question).expect("a question");
        let scene = Scene { outline: &bench.outline, answered: &given, around: &around, place, rows: &rows };
        let expression = parse(&self.expression).map_err(|error| error.to_string())?;
        let fault = |error: crate::form::expression::EvaluationError| error.to_string();
        match self.kind.as_str() {
            "value" => expression.text(scene).map_err(fault),
            "constraint" => {
                // A check is only asked of an answer.
                let blank = crate::form::expression::Answered::answer(&given, place, &rows).is_empty();
                Ok((blank || expression.holds(scene).map_err(fault)?).to_string())
            }
            "choices" => {
                let rows = expression.rows("towns", scene).map_err(fault)?;
                let name = |row: usize| crate::form::expression::Around::cell(&around, "towns", row, "name");
                Ok(rows.into_iter().filter_map(name).collect::<Vec<_>>().join(" "))
            }
            _ => expression.holds(scene).map(|holds| holds.to_string()).map_err(fault),
        }
    }
}

/// Numbers may differ in their last digit: mathematical libraries do.
fn alike(one: &str, other: &str) -> bool {
    if one == other {
        return true;
    }
    match (one.parse::<f64>(), other.parse::<f64>()) {
        (Ok(one), Ok(other)) => one.is_finite() && (one - other).abs() <= 1e-12 * one.abs().max(other.abs()),
        _ => false,
    }
}

fn agree(ours: &Result<String, String>, odk: &Result<String, String>) -> bool {
    match (ours, odk) {
        (Ok(ours), Ok(odk)) => alike(ours, odk),
        (Err(_), Err(_)) => true,
        _ => false,
    }
}

fn cases() -> Vec<Case> {
    read("tests/odk/expected.jsonl").lines().map(Case::read).collect()
}

/// The differences that the document lists: lines of the form "- `set at kind: expression` …".
fn listed() -> BTreeSet<String> {
    let document = read("docs/FORMS-ODK.md");
    let lines = document.lines().filter_map(|line| line.strip_prefix("- ``")?.split_once("``"));
    let names = lines.map(|(name, _)| name.trim().to_owned());
    // Differences of whole forms are compared by the tests of sessions.
    names.filter(|name| !name.starts_with("whole ")).collect()
}

#[test]
fn expressions_are_worth_what_odks_own_engine_says_or_the_difference_is_listed() {
    let (bench, sets) = (Bench::new(), serde_json::from_str(&read("tests/odk/answers.json")).expect("JSON"));
    let cases = cases();
    assert!(cases.len() >= 400, "only {} expressions", cases.len());
    let mut listed = listed();
    let (mut agreed, mut unlisted) = (0, Vec::new());
    for case in &cases {
        let ours = case.ours(&bench, &sets);
        let name = case.name();
        let was_listed = listed.remove(&name);
        if agree(&ours, &case.odk) {
            agreed += 1;
            if was_listed {
                unlisted.push(format!("{name}\n    is listed, but no longer differs"));
            }
        } else if !was_listed {
            unlisted.push(format!("{name}\n    ours {ours:?}\n    ODK  {:?}", case.odk));
        }
    }
    let share = f64::from(agreed) / cases.len() as f64 * 100.0;
    println!("{agreed} of {} expressions agree with ODK's engine ({share:.1} %)", cases.len());
    assert!(unlisted.is_empty(), "{} differences:\n{}", unlisted.len(), unlisted.join("\n"));
    assert!(listed.is_empty(), "listed, but not asked: {listed:?}");
    let stated = format!("{agreed} of {} expressions agree", cases.len());
    assert!(read("docs/FORMS-ODK.md").contains(&stated), "docs/FORMS-ODK.md must say: {stated}");
}

#[test]
fn control_a_wrong_value_does_not_agree() {
    let ok = |text: &str| Ok(text.to_owned());
    assert!(agree(&ok("2.5000000000000001"), &ok("2.5")));
    for (ours, odk) in [("2", "3"), ("", "0"), ("true", "false"), ("1.0001", "1"), ("Infinity", "-Infinity")]
    {
        assert!(!agree(&ok(ours), &ok(odk)), "{ours} {odk}");
    }
    assert!(!agree(&Err("no".to_owned()), &ok("1")));
}

#[test]
fn every_function_is_asked_about() {
    let asked: String = cases().iter().map(|case| case.expression.as_str()).collect::<Vec<_>>().join("\n");
    // Nothing in ODK's engine answers these: they are said elsewhere in the tests.
    let alone = ["jr:itext", "property", "version"];
    for name in function::all().filter(|name| !alone.contains(name)) {
        assert!(asked.contains(&format!("{name}(")), "nothing asks for {name}()");
    }
}
