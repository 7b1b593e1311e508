//! Whole forms, filled in one answer after the other: what ODK's own engine shows after each, and what this one
//! shows. `tests/odk/whole/generate.sh` asks ODK again; `docs/FORMS-ODK.md` lists every difference.
#![cfg(feature = "office")]

use std::fs;

use serde_json::Value as Json;

use super::*;
use crate::form::xlsform::read_tables;

fn file(name: &str) -> String {
    fs::read_to_string(format!("{}/../{name}", env!("CARGO_MANIFEST_DIR"))).expect(name)
}

/// A sheet of JSON objects as a text table.
fn table(rows: &[Json]) -> String {
    let mut columns: Vec<&String> = Vec::new();
    for column in rows.iter().flat_map(|row| row.as_object().expect("a row").keys()) {
        if !columns.contains(&column) {
            columns.push(column);
        }
    }
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let heading: Vec<String> = columns.iter().map(|column| quoted(column)).collect();
    let mut text = heading.join(",") + "\n";
    for row in rows {
        let cells = columns.iter().map(|column| quoted(row[column.as_str()].as_str().unwrap_or_default()));
        text += &(cells.collect::<Vec<_>>().join(",") + "\n");
    }
    text
}

fn read(json: &Json) -> Form {
    let name = json["name"].as_str().expect("a name");
    let find = |file: &str| match file {
        "survey.csv" => Some(table(json["survey"].as_array()?).into_bytes()),
        "choices.csv" => Some(table(json["choices"].as_array()?).into_bytes()),
        "settings.csv" => Some(b"version\n1\n".to_vec()),
        other => Some(json["files"][other].as_str()?.as_bytes().to_vec()),
    };
    read_tables(name, &find).expect(name).form
}

/// As ODK's engine does at the beginning, and Cairn does not by itself: a repeat without a count has one row.
fn begin_rows(session: &mut Session<'_>, inside: Option<usize>, outer: &[&str]) {
    for (index, group) in session.form.groups.iter().enumerate() {
        let around = session.form.ancestry(group.parent).into_iter();
        let repeat = around.rev().find(|group| session.form.groups[*group].repeat.is_some());
        let free = group.repeat.as_ref().is_some_and(|repeat| repeat.count.is_none());
        if free && repeat == inside {
            let (row, _) = session.add_row(&group.name, outer).expect("a repeat");
            let path: Vec<&str> = outer.iter().copied().chain([row.as_str()]).collect();
            begin_rows(session, Some(index), &path);
        }
    }
}

/// The identifiers of the rows on a path of names and numbers, `person/1/paper/2/number`, and its last name.
fn walk(session: &Session<'_>, path: &str) -> (Vec<String>, String) {
    let steps: Vec<&str> = path.split('/').collect();
    let mut ids: Vec<String> = Vec::new();
    for pair in steps.chunks(2) {
        let [repeat, row] = pair else { break };
        let outer: Vec<&str> = ids.iter().map(String::as_str).collect();
        let row: usize = row.parse().expect("a row");
        let id = rows(session.answers(), repeat, &outer)[row - 1].to_owned();
        ids.push(id);
    }
    let last = if steps.len() % 2 == 1 { steps[steps.len() - 1] } else { steps[steps.len() - 2] };
    (ids, last.to_owned())
}

fn take(session: &mut Session<'_>, step: &Json) {
    let words: Vec<&str> =
        step.as_array().expect("a step").iter().map(|word| word.as_str().expect("a word")).collect();
    let (ids, name) = walk(session, words[1]);
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    match words[0] {
        "add" => {
            session.add_row(&name, &ids).expect("a repeat");
        }
        "remove" => drop(session.remove_row(&name, &ids).expect("a row")),
        _ => {
            let question = session.form.question(&name).expect("a question");
            let answer = session.form.parse_text(question, words[2]).expect("an answer");
            session.answer(&field::field(&name, &ids), answer).expect("a field");
        }
    }
}

/// What every question shows, in the words of `drive.mjs`.
fn states(session: &Session<'_>) -> BTreeMap<String, String> {
    let mut states = BTreeMap::new();
    for (index, question) in session.form.questions.iter().enumerate() {
        let place = session.prepared.question(index).expect("a place");
        for key in session.form.keys(question, session.answers()) {
            let (_, at) = session.spot(&key).expect("a spot");
            if !session.is_counted(&(place, at.clone())) {
                continue;
            }
            let repeats = session.form.repeats_around(question).into_iter().zip(&at);
            let mut path: String = repeats.map(|(repeat, row)| format!("{repeat}/{}/", row + 1)).collect();
            path += &question.name;
            let state = if session.is_relevant(&key) {
                let required = if session.is_required(&key) { "!" } else { "" };
                let readonly =
                    if session.is_readonly(&key) || question.kind == Kind::Note { "~" } else { "" };
                let wrong = match session.broken(question, &key, &(place, at.clone())) {
                    None => "",
                    Some(Rule::Required) => " #required",
                    Some(Rule::Constraint) => " #constraint",
                    Some(_) => " #other",
                };
                format!("{required}{readonly}={}{wrong}", session.filling.value(place, &at))
            } else {
                "-".to_owned()
            };
            states.insert(path, state);
        }
    }
    states
}

/// Brings what ODK showed up to a step.
fn expect(shown: &mut BTreeMap<String, String>, line: &Json) {
    for (path, state) in line["changes"].as_object().expect("changes") {
        match state.as_str() {
            Some(state) => drop(shown.insert(path.clone(), state.to_owned())),
            None => drop(shown.remove(path)),
        }
    }
}

/// The differences that the document lists: lines of the form "- `` whole: form, step: path ``".
fn listed() -> BTreeSet<String> {
    let document = file("docs/FORMS-ODK.md");
    let lines = document.lines().filter_map(|line| line.strip_prefix("- ``whole ")?.split_once("``"));
    lines.map(|(name, _)| name.trim().to_owned()).collect()
}

#[test]
fn whole_forms_show_after_each_answer_what_odks_own_engine_shows_or_the_difference_is_listed() {
    let forms: Json = serde_json::from_str(&file("tests/odk/whole/forms.json")).expect("forms");
    let expected = file("tests/odk/whole/expected.jsonl");
    let mut expected = expected.lines().map(|line| serde_json::from_str::<Json>(line).expect("a line"));
    let mut listed = listed();
    let (mut agreed, mut asked, mut unlisted) = (0_u32, 0_u32, Vec::new());
    for json in forms.as_array().expect("forms") {
        let form = read(json);
        let mut shown = BTreeMap::new();
        let prepared = Prepared::new(&form).expect("a sound form");
        // 2024-02-29T10:30 in UTC, as drive.mjs has it.
        let around = Surroundings::new(&form, &prepared, "", Moment::new(1_709_202_600_000, 0), 7);
        let mut session = Session::open(&form, &prepared, &around, Answers::new(), false);
        begin_rows(&mut session, None, &[]);
        let steps = json["steps"].as_array().expect("steps");
        for step in std::iter::once(None).chain(steps.iter().map(Some)) {
            if let Some(step) = step {
                take(&mut session, step);
            }
            let line = expected.next().expect("a line for each step");
            assert_eq!(line["form"].as_str(), Some(form.id.as_str()), "expected.jsonl is of other forms");
            expect(&mut shown, &line);
            let ours = states(&session);
            let paths: BTreeSet<&String> = ours.keys().chain(shown.keys()).collect();
            for path in paths {
                asked += 1;
                let same = ours.get(path) == shown.get(path);
                agreed += u32::from(same);
                let name = format!("{}, {}: {path}", form.id, line["step"].as_str().expect("a step"));
                let was_listed = listed.remove(&name);
                if same == was_listed {
                    unlisted.push(format!("{name}: ours {:?}, ODK {:?}", ours.get(path), shown.get(path)));
                }
            }
        }
    }
    assert_eq!(expected.next(), None, "expected.jsonl has more steps");
    println!("{agreed} of {asked} states agree with ODK's engine");
    assert!(unlisted.is_empty(), "{} differences:\n{}", unlisted.len(), unlisted.join("\n"));
    assert!(listed.is_empty(), "listed, but not asked: {listed:?}");
    let stated = format!("{agreed} of {asked} states agree");
    assert!(file("docs/FORMS-ODK.md").contains(&stated), "docs/FORMS-ODK.md must say: {stated}");
}

#[test]
fn control_a_form_that_asks_something_else_does_not_agree() {
    let forms: Json = serde_json::from_str(&file("tests/odk/whole/forms.json")).expect("forms");
    let mut json = forms[0].clone();
    json["survey"][1]["calculation"] = "if(${age} >= 31, 'yes', 'no')".into();
    let form = read(&json);
    let prepared = Prepared::new(&form).expect("a sound form");
    let around = Surroundings::new(&form, &prepared, "", Moment::new(NOON, 0), 7);
    let mut session = Session::open(&form, &prepared, &around, Answers::new(), false);
    take(&mut session, &json["steps"][0]);
    let mut shown = BTreeMap::new();
    let expected = file("tests/odk/whole/expected.jsonl");
    expected
        .lines()
        .take(2)
        .for_each(|line| expect(&mut shown, &serde_json::from_str(line).expect("a line")));
    assert_ne!(states(&session)["is_adult"], shown["is_adult"]);
}
