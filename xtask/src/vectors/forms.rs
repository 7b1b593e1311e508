//! Vectors of forms: their questions, what is sealed, what travels apart.

use cairn_core::form::{Apart, Form, Kind, Question, Sheet};
use cairn_core::segment::Batch;
use cairn_core::wire::codec::hex;
use serde_json::{Value, json};

/// A form with everything that version 2 did not know, and its encoding.
pub(super) fn logical() -> Result<Value, String> {
    let json = json!({
        "id": "logical", "version": "1", "title": {"": "Logical"}, "default_language": "",
        "groups": [
            {"name": "adult", "label": {}, "parent": null, "relevant": "${age} > 17", "appearance": "field-list"},
            {"name": "child", "label": {}, "parent": null, "repeat": {"count": "${children}"}},
            {"name": "paper", "label": {}, "parent": 1, "repeat": {}},
        ],
        "questions": [
            {"name": "age", "kind": "integer", "label": {"": "Age"}, "logic": {
                "constraint": ". < 120", "constraint_message": {"English (en)": "Below 120"},
                "required_when": "${children} > 0", "required_message": {"": "Say it"},
                "readonly": "${children} = 9", "default": {"literal": "30"}},
             "merge": "max", "sensitivity": 2, "guidance_hint": {"": "In years"}},
            {"name": "children", "kind": "integer", "label": {}, "logic": {"default": {"expression": "1 + 1"}},
             "merge": "ctr"},
            {"name": "town", "kind": {"select_one": "towns"}, "label": {}, "group": 0,
             "logic": {"choice_filter": "land = ${land}"}, "media": {"image": {"": "map.png"}}},
            {"name": "land", "kind": "text", "label": {}, "merge": "imm"},
            {"name": "price", "kind": "calculate", "label": {}, "logic": {
                "calculation": "pulldata('prices', 'price', 'town', ${town})", "trigger": ["town"]}},
            {"name": "pain", "kind": "range", "label": {}, "parameters": {"start": "0", "end": "5"}},
            {"name": "order", "kind": {"rank": "towns"}, "label": {}},
            {"name": "called", "kind": "text", "label": {}, "group": 1, "part": "identity", "merge": "log"},
            {"name": "number", "kind": "text", "label": {}, "group": 2},
            {"name": "way", "kind": "geotrace", "label": {}},
            {"name": "field", "kind": "geoshape", "label": {}},
            {"name": "picture", "kind": "image", "label": {}},
            {"name": "sound", "kind": "audio", "label": {}},
            {"name": "film", "kind": "video", "label": {}},
            {"name": "scan", "kind": "file", "label": {}},
            {"name": "device", "kind": {"metadata": "deviceid"}, "label": {}},
        ],
        "lists": {"towns": [
            {"name": "khj", "label": {"": "Khujand"}, "columns": {"land": "tj"}, "media": {"audio": {"": "k.mp3"}}},
            {"name": "osh", "label": {"": "Osh"}, "columns": {"land": "kg"}},
        ]},
        "tables": {"prices": {"columns": ["town", "price"], "rows": [["khj", "3"], ["osh", "4"]]}},
        "instance_name": "concat(${age}, ' years')",
    });
    let text = serde_json::to_vec(&json).map_err(|error| error.to_string())?;
    let form = Form::from_json(&text).map_err(|error| error.to_string())?;
    Ok(json!({
        "about": "a form with all that version 2 did not know, and its encoding",
        "form": json,
        "encoded": hex(&form.encode()),
    }))
}

/// A form whose records are sealed when they are finished, and its encoding.
pub(super) fn sealed_form() -> Result<Value, String> {
    let json = json!({
        "id": "border", "version": "1", "title": {"": "Border"}, "default_language": "", "groups": [],
        "questions": [{"name": "seen", "kind": "text", "label": {"": "What was seen?"}}],
        "lists": {},
        "sealed": true,
    });
    let text = serde_json::to_vec(&json).map_err(|error| error.to_string())?;
    let form = Form::from_json(&text).map_err(|error| error.to_string())?;
    Ok(json!({
        "about": "a form whose records are sealed when they are finished, and its encoding",
        "form": json,
        "encoded": hex(&form.encode()),
    }))
}

/// A form of which rows are tasks, and its encoding.
pub(super) fn with_tasks() -> Result<Value, String> {
    let json = json!({
        "id": "help", "version": "1", "title": {"": "Help"}, "default_language": "",
        "groups": [{"name": "tasks", "label": {"": "To do"}, "parent": null, "repeat": {}}],
        "questions": [
            {"name": "who_is_it", "kind": "text", "label": {"": "Code"}},
            {"name": "what", "kind": "text", "label": {"": "What?"}, "group": 0, "task": "what"},
            {"name": "until", "kind": "date", "label": {"": "Until when?"}, "group": 0, "task": "due"},
            {"name": "by", "kind": "text", "label": {"": "Who?"}, "group": 0, "task": "who"},
            {"name": "done", "kind": {"select_one": "yes_no"}, "label": {"": "Done?"}, "group": 0, "task": "done"},
        ],
        "lists": {"yes_no": [{"name": "yes", "label": {"": "Yes"}}, {"name": "no", "label": {"": "No"}}]},
    });
    let text = serde_json::to_vec(&json).map_err(|error| error.to_string())?;
    let form = Form::from_json(&text).map_err(|error| error.to_string())?;
    Ok(json!({
        "about": "a form of which rows are tasks, and its encoding",
        "form": json,
        "encoded": hex(&form.encode()),
    }))
}

/// A form with a list and a table that travel apart, its encoding, and theirs, which are one piece each.
pub(super) fn apart() -> Result<Value, String> {
    let towns = [["khj", "Khujand", "Худжанд", "tj"], ["osh", "Osh", "", "kg"]];
    let prices = [["khj", "3"], ["osh", "4"]];
    let columns = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let towns =
        Sheet::new(columns(&["name", "label", "label::Русский (ru)", "land"]), 2, |row, column| {
            towns.get(row).and_then(|row| row.get(column)).copied().unwrap_or_default()
        });
    let prices = Sheet::new(columns(&["town", "price"]), 2, |row, column| {
        prices.get(row).and_then(|row| row.get(column)).copied().unwrap_or_default()
    });
    let (towns, prices) = towns.zip(prices).ok_or("no sheets")?;
    let pieces = json!({ "towns": hex(&towns.encode()), "prices": hex(&prices.encode()) });
    let sheets = json!({ "towns": towns, "prices": prices });
    let mut form = Form::new("apart", "1");
    form.questions = vec![Question::new("town", Kind::SelectOne("towns".to_owned()))];
    form.questions.extend(["price"].map(|name| Question::new(name, Kind::Calculate)));
    for question in form.questions.iter_mut().skip(1) {
        question.logic.calculation = Some("pulldata('prices', 'price', 'town', ${town})".to_owned());
    }
    for (name, sheet, is_list) in [("towns", towns, true), ("prices", prices, false)] {
        form.apart.insert(name.to_owned(), Apart::new(sheet, is_list).ok_or("too large")?);
    }
    form.is_sound().map_err(|error| error.to_string())?;
    Ok(json!({
        "about": "a form with a list and a table that travel apart, in one piece each",
        "form": form,
        "encoded": hex(&form.encode()),
        "sheets": sheets,
        "pieces": pieces,
        "batch": hex(&Batch { pieces: vec![vec![1, 2, 3], vec![4]], ..Batch::default() }.encode()),
    }))
}
