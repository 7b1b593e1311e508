//! The bench: one form with a question of each kind, as `tests/odk/bench.json` describes it.

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::form::expression::{Answered, Around, Moment, Outline, PlaceKind};

/// A list or table: its columns and rows.
struct Table {
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
}

pub(super) struct Bench {
    pub(super) outline: Outline,
    /// The conditions under which questions are asked, by their place.
    pub(super) relevant: BTreeMap<usize, String>,
    lists: BTreeMap<usize, String>,
    tables: BTreeMap<String, Table>,
    now: i64,
}

impl Bench {
    pub(super) fn new() -> Self {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/odk/bench.json");
        let json: Json =
            serde_json::from_str(&std::fs::read_to_string(path).expect("the bench")).expect("JSON");
        let mut outline = Outline::new("data");
        let mut groups = vec![Outline::ROOT];
        let mut lists = BTreeMap::new();
        for row in json["survey"].as_array().expect("rows") {
            let (kind, name) = (row[0].as_str().expect("a type"), row[1].as_str().expect("a name"));
            let parent = *groups.last().expect("the form");
            match kind {
                "begin_group" => groups.push(outline.add(parent, name, PlaceKind::Group)),
                "begin_repeat" => groups.push(outline.add(parent, name, PlaceKind::Repeat)),
                "end_group" | "end_repeat" => drop(groups.pop()),
                _ => {
                    let place = outline.add(parent, name, PlaceKind::Question);
                    if let Some((_, list)) = kind.split_once(' ') {
                        lists.insert(place, list.to_owned());
                    }
                }
            }
        }
        let mut tables = BTreeMap::new();
        for kind in ["choices", "tables"] {
            for (name, table) in json[kind].as_object().expect("tables") {
                tables.insert(
                    name.clone(),
                    Table { columns: strings(&table["columns"]), rows: rows(&table["rows"]) },
                );
            }
        }
        let relevant = json["relevant"].as_object().expect("conditions").iter();
        let relevant = relevant.map(|(name, text)| {
            (outline.named(name).expect("a name"), text.as_str().expect("text").to_owned())
        });
        let relevant = relevant.collect();
        let now = json["now"].as_str().expect("a time");
        let now = (Moment::read(now, 0).expect("a time").days() * 86_400_000.0).round() as i64;
        Self { outline, relevant, lists, tables, now }
    }
}

fn strings(json: &Json) -> Vec<String> {
    json.as_array().expect("a list").iter().map(|text| text.as_str().expect("text").to_owned()).collect()
}

fn rows(json: &Json) -> Vec<Vec<String>> {
    json.as_array().expect("rows").iter().map(strings).collect()
}

/// What is around the bench's record, at some offset from UTC.
pub(super) struct Surroundings<'a> {
    bench: &'a Bench,
    offset: i32,
    dice: Cell<u64>,
}

impl<'a> Surroundings<'a> {
    pub(super) fn new(bench: &'a Bench, offset: i32) -> Self {
        Self { bench, offset, dice: Cell::new(7) }
    }
}

impl Around for Surroundings<'_> {
    fn now(&self) -> Moment {
        Moment::new(self.bench.now, self.offset)
    }

    fn random(&self) -> u64 {
        // xorshift: enough to give names that differ.
        let mut dice = self.dice.get();
        dice ^= dice << 13;
        dice ^= dice >> 7;
        dice ^= dice << 17;
        self.dice.set(dice);
        dice
    }

    fn table_rows(&self, table: &str) -> Option<usize> {
        self.bench.tables.get(table).map(|table| table.rows.len())
    }

    fn cell(&self, table: &str, row: usize, column: &str) -> Option<Cow<'_, str>> {
        let table = self.bench.tables.get(table)?;
        let column = table.columns.iter().position(|known| known == column)?;
        table.rows.get(row).map(|row| Cow::Borrowed(row[column].as_str()))
    }

    fn choice_label(&self, place: usize, choice: &str) -> Option<String> {
        let list = self.bench.lists.get(&place)?;
        let row = self.find(list, "name", choice)?;
        self.cell(list, row, "label").map(Cow::into_owned)
    }

    fn version(&self) -> String {
        "7".to_owned()
    }
}

/// The answers of one set: nested as the form is, a repeat as a list of rows.
pub(super) struct Given<'a> {
    bench: &'a Bench,
    json: &'a Json,
    /// Places that are not relevant.
    pub(super) away: Vec<usize>,
}

impl<'a> Given<'a> {
    pub(super) fn new(bench: &'a Bench, json: &'a Json) -> Self {
        Self { bench, json, away: Vec::new() }
    }

    fn at(&self, place: usize, rows: &[usize]) -> Option<&Json> {
        let outline = &self.bench.outline;
        let mut rows = rows.iter();
        let mut json = self.json;
        for step in outline.ancestry(place).into_iter().skip(1) {
            json = json.get(outline.name(step))?;
            if outline.is_repeat(step)
                && let Some(row) = rows.next()
            {
                json = json.get(*row)?;
            }
        }
        Some(json)
    }
}

impl Answered for Given<'_> {
    fn answer(&self, place: usize, rows: &[usize]) -> Cow<'_, str> {
        let hidden = self.away.contains(&place);
        let text = if hidden { None } else { self.at(place, rows).and_then(Json::as_str) };
        Cow::Borrowed(text.unwrap_or_default())
    }

    fn rows(&self, repeat: usize, outer: &[usize]) -> usize {
        // A repeat that the set does not mention has one row, as a new form has.
        self.at(repeat, outer).map_or(1, |rows| rows.as_array().map_or(0, Vec::len))
    }
}
