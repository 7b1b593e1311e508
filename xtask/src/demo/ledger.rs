//! What every sync moved, and a table of it.

use std::fmt;

use serde_json::Value;

use crate::trouble::Trouble;

/// What one sync moved.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Line {
    step: String,
    records_up: u64,
    records_down: u64,
    segments_up: u64,
    segments_down: u64,
    bytes_up: u64,
    bytes_down: u64,
    round_trips: u64,
    admitted: u64,
}

impl Line {
    /// Reads what `cairn sync --json` said.
    pub(super) fn read(step: &str, said: &Value) -> Result<Self, Trouble> {
        let number = |name: &str| {
            said[name].as_u64().ok_or_else(|| Trouble(format!("the sync \"{step}\" did not say its {name}")))
        };
        Ok(Self {
            step: step.to_owned(),
            records_up: number("records_up")?,
            records_down: number("records_down")?,
            segments_up: number("segments_up")?,
            segments_down: number("segments_down")?,
            bytes_up: number("bytes_up")?,
            bytes_down: number("bytes_down")?,
            round_trips: number("round_trips")?,
            admitted: number("admitted")?,
        })
    }

    /// Whether anything went or came.
    pub(super) fn moved(&self) -> bool {
        self.segments_up > 0 || self.segments_down > 0
    }

    pub(super) fn records_up(&self) -> u64 {
        self.records_up
    }

    pub(super) fn in_words(&self) -> String {
        let mut words = Vec::new();
        if self.admitted > 0 {
            words.push(format!("let {} in", count(self.admitted, "device")));
        }
        if self.segments_up > 0 {
            words.push(format!("sent {}", carried(self.records_up, self.segments_up)));
        }
        if self.segments_down > 0 {
            words.push(format!("fetched {}", carried(self.records_down, self.segments_down)));
        }
        if words.is_empty() {
            words.push("nothing new".to_owned());
        }
        format!("{} ({} bytes up, {} down)", words.join(", "), self.bytes_up, self.bytes_down)
    }

    fn total(step: &str, lines: &[Self]) -> Self {
        let sum = |of: fn(&Self) -> u64| lines.iter().map(of).sum();
        Self {
            step: step.to_owned(),
            records_up: sum(|line| line.records_up),
            records_down: sum(|line| line.records_down),
            segments_up: sum(|line| line.segments_up),
            segments_down: sum(|line| line.segments_down),
            bytes_up: sum(|line| line.bytes_up),
            bytes_down: sum(|line| line.bytes_down),
            round_trips: sum(|line| line.round_trips),
            admitted: sum(|line| line.admitted),
        }
    }

    fn numbers(&self) -> [u64; 7] {
        [
            self.records_up,
            self.records_down,
            self.segments_up,
            self.segments_down,
            self.bytes_up,
            self.bytes_down,
            self.round_trips,
        ]
    }
}

/// What went one way: records in segments, or segments with names, forms and keys.
fn carried(records: u64, segments: u64) -> String {
    match records {
        0 => count(segments, "segment"),
        _ => format!("{} in {}", count(records, "record"), count(segments, "segment")),
    }
}

fn count(number: u64, thing: &str) -> String {
    format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}

/// What all syncs moved.
#[derive(Debug, Default)]
pub(super) struct Ledger(Vec<Line>);

impl Ledger {
    pub(super) fn add(&mut self, line: Line) {
        self.0.push(line);
    }

    /// Notes syncs that found nothing new as one line.
    pub(super) fn add_together(&mut self, step: &str, lines: &[Line]) {
        self.0.push(Line::total(step, lines));
    }
}

impl fmt::Display for Ledger {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let total = Line::total("all together", &self.0);
        let steps = self.0.iter().chain([&total]).map(|line| line.step.chars().count());
        let width = steps.max().unwrap_or(0);
        let above = ["records", "", "segments", "", "bytes", "", "round"];
        let below = ["up", "down", "up", "down", "up", "down", "trips"];
        let head = |heads: [&str; 7]| heads.map(|head| format!("{head:>9}")).concat();
        writeln!(to, "  {:width$}{}", "", head(above))?;
        writeln!(to, "  {:width$}{}", "step", head(below))?;
        let rule = "-".repeat(width + 7 * 9);
        writeln!(to, "  {rule}")?;
        for line in &self.0 {
            let numbers = line.numbers().map(|number| format!("{number:>9}")).concat();
            writeln!(to, "  {:width$}{numbers}", line.step)?;
        }
        writeln!(to, "  {rule}")?;
        let numbers = total.numbers().map(|number| format!("{number:>9}")).concat();
        write!(to, "  {:width$}{numbers}", total.step)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn columns_stand_under_their_heads() {
        let said = json!({"records_up": 1, "records_down": 0, "segments_up": 2, "segments_down": 0,
            "bytes_up": 1_234_567, "bytes_down": 89, "round_trips": 3, "admitted": 0});
        let mut ledger = Ledger::default();
        ledger.add(Line::read("field 1: première", &said).unwrap());
        let table = ledger.to_string();
        let widths: Vec<usize> = table.lines().skip(1).map(|line| line.chars().count()).collect();
        assert!(widths.iter().all(|width| *width == widths[0]), "{table}");
        assert!(Line::read("x", &json!({})).is_err());
    }
}
