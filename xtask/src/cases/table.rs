//! Cases as a table: RFC 4180, one column for each question that any of them answers.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Case;

/// The table; several choices stand in one cell with semicolons between them.
pub(crate) fn csv(cases: &[&Case]) -> String {
    let columns: BTreeSet<&String> = cases.iter().flat_map(|case| case.answers.keys()).collect();
    let mut table = columns.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(",");
    table.push_str("\r\n");
    for case in cases {
        let cell =
            |name: &&String| case.answers.get(*name).map_or_else(String::new, |answer| quoted(&text(answer)));
        table.push_str(&columns.iter().map(cell).collect::<Vec<_>>().join(","));
        table.push_str("\r\n");
    }
    table
}

fn text(answer: &Value) -> String {
    match answer {
        Value::String(text) => text.clone(),
        Value::Array(choices) => choices.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(";"),
        other => other.to_string(),
    }
}

fn quoted(text: &str) -> String {
    if text.contains(['"', ',', '\r', '\n']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}
