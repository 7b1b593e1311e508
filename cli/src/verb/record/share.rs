//! `cairn record share`: a copy of one record for people outside.

use cairn_core::view::handle;
use clap::Args;
use serde_json::{Value, json};

use super::super::circle::{named, parts, typed};
use crate::door::Door;
use crate::out::Said;
use crate::trouble::Trouble;
use crate::words::{count, ended, line};

/// Copies a record into a circle for sharing
///
/// The copy is a record of its own: later changes of the original do not follow, and changes of the copy do
/// not come back. It leaves at the next sync.
#[derive(Debug, Args)]
pub(crate) struct Share {
    /// Its handle, like 7f3a-12, or its whole identifier
    #[arg(value_name = "RECORD")]
    record: String,
    /// The circle, made with `cairn circle new --for-sharing`
    #[arg(long, value_name = "CIRCLE")]
    circle: String,
    /// A part that is to be in the copy
    #[arg(long, value_name = "PART", value_parser = parts(), default_value = "case")]
    part: Vec<String>,
}

impl Share {
    pub(crate) fn run(self, door: &Door) -> Result<Said, Trouble> {
        let mut vault = door.open()?;
        let record = vault.find_record(&self.record)?;
        let circle = vault.find_circle(&self.circle)?;
        let done = vault.share_record(&record, &circle.id, &typed(&self.part))?;
        vault.lock()?;
        let mut text = String::new();
        let name = circle.name.unwrap_or_default();
        line!(text, "Copied {} as {} into the circle {name}.", handle(&record), handle(&done.copy));
        line!(text, "In it: {}.", named(&done.parts));
        if !done.left_out.is_empty() {
            line!(text, "Left out: {}.", named(&done.left_out));
        }
        if done.unsettled > 0 {
            let fields = count(done.unsettled, "field");
            line!(text, "{fields} not settled: the copy has what `record show` shows.");
        }
        line!(text, "Later changes of {} do not follow: share it again if they should.", handle(&record));
        let names = |parts: &std::collections::BTreeSet<cairn_core::form::Part>| {
            parts.iter().map(|part| part.name()).collect::<Value>()
        };
        let json = json!({
            "record": record.to_string(),
            "copy": done.copy.to_string(),
            "handle": handle(&done.copy),
            "circle": circle.id.to_string(),
            "parts": names(&done.parts),
            "left_out": names(&done.left_out),
            "unsettled": done.unsettled,
        });
        Ok(Said::new(ended(text), json))
    }
}
