//! `cairn import`: records from a table.

use std::fs::File;
use std::io::{Read, Seek};
use std::path::{Path, PathBuf};

use cairn_core::Vault;
use cairn_core::form::{Answers, Form};
use cairn_core::vault::Imported;
use clap::Args;
use indicatif::ProgressBar;
use serde_json::{Value, json};

use crate::door::Door;
use crate::out::Said;
use crate::pick;
use crate::progress::bar;
use crate::table::{Ledger, Map, MapTrouble, Plan, Refused, Row, Rows, Standard, guess, identity, starter};
use crate::trouble::Trouble;
use crate::words::{count, ended, line};

/// Rows in one transaction.
const BATCH: usize = 200;
/// A map is at most so many MiB.
const MAP: u64 = 4;

/// Takes records from a CSV file
///
/// Refused rows are listed and the others kept. An import that was cut off goes on where it stopped when
/// the same command is run again.
#[derive(Debug, Args)]
pub(crate) struct Import {
    /// The table; its first line holds the headings
    #[arg(value_name = "FILE.csv")]
    file: PathBuf,
    /// The form; the only one when none is named
    #[arg(long, value_name = "FORM")]
    form: Option<String>,
    /// Which column answers which question
    #[arg(long, value_name = "MAP.toml", required_unless_present_any = ["make_map", "htcds"])]
    map: Option<PathBuf>,
    /// Prints a map to begin with, and imports nothing
    #[arg(long, conflicts_with = "map")]
    make_map: bool,
    /// The table is in the words of HTCDS 2.0, so that it needs no map
    #[arg(long, conflicts_with_all = ["map", "make_map", "encoding"])]
    htcds: bool,
    /// Writes line, field and reason of every refused row
    #[arg(long, value_name = "FILE.csv")]
    refused: Option<PathBuf>,
    /// The table's encoding, like windows-1251 [default: what the map says, else utf-8]
    #[arg(long, value_name = "NAME")]
    encoding: Option<String>,
}

impl Import {
    pub(crate) fn run(self, door: &Door) -> Result<Said, Trouble> {
        let mut file = File::open(&self.file).map_err(Trouble::file(&self.file))?;
        let map = self.map.as_deref().map(|map| pick::whole(map, MAP)).transpose()?;
        let mut vault = door.open()?;
        let known = pick::form(&vault, self.form.as_deref())?;
        let form = &known.form;
        let encoding = self.encoding.as_deref();
        let length = file.metadata().map_err(Trouble::file(&self.file))?.len();
        let (source, rows, words) = if self.htcds {
            let source = identity(&mut file, &self.file, form, b"htcds", "")?;
            let rows = Rows::new(file, &self.file, b',')?;
            let standard = Standard::new(rows.headings());
            (source, rows, Words::Htcds(standard))
        } else {
            let Some(map) = map else { return make_map(file, &self.file, form) };
            let plan =
                String::from_utf8(map.clone()).map_err(|_| MapTrouble::NotToml("not UTF-8".to_owned()))?;
            let plan = Plan::read(&plan)?;
            let source = identity(&mut file, &self.file, form, &map, encoding.unwrap_or_default())?;
            let rows = Rows::new(file, &self.file, plan.delimiter()?)?;
            let map = Map::new(&plan, form, rows.headings(), encoding)?;
            (source, rows, Words::Mapped(map))
        };
        let before = vault.import_state(&source)?;
        let ledger = Ledger::open(self.refused.as_deref(), before.line > 0)?;
        let bar = bar(door, length, "{bar:40} {percent}%  {msg}");
        let mut run = Run { vault: &mut vault, form, words, source, before, blank: 0, bar, ledger };
        run.all(rows)?;
        run.bar.finish_and_clear();
        run.ledger.flush()?;
        let Run { blank, ledger, words, .. } = run;
        let after = vault.import_state(&source)?;
        vault.lock()?;
        Ok(said(before, after, blank, &ledger, &words))
    }
}

/// One import under way.
struct Run<'a> {
    vault: &'a mut Vault,
    form: &'a Form,
    words: Words,
    source: [u8; 32],
    before: Imported,
    blank: u64,
    bar: ProgressBar,
    ledger: Ledger,
}

/// In whose words the table is.
enum Words {
    Mapped(Map),
    Htcds(Standard),
}

impl Words {
    fn answers(&mut self, form: &Form, row: &Row) -> Result<Option<Answers>, Refused> {
        match self {
            Self::Mapped(map) => map.answers(form, row),
            Self::Htcds(standard) => standard.answers(form, row),
        }
    }

    /// What could not be taken in: heading, reason, number of rows of this run.
    fn left(&self) -> Vec<(&str, String, u64)> {
        match self {
            Self::Mapped(_) => Vec::new(),
            Self::Htcds(standard) => {
                let all = standard.left().all();
                all.map(|(heading, loss, rows)| (heading, loss.to_string(), rows)).collect()
            }
        }
    }
}

/// Rows that are taken together.
#[derive(Default)]
struct Batch {
    good: Vec<(u64, Answers)>,
    /// Which line each good row begins in.
    lines: Vec<u64>,
    refused: u64,
    last: u64,
    rows: usize,
}

impl Run<'_> {
    fn all(&mut self, mut rows: Rows) -> Result<(), Trouble> {
        let mut batch = Batch::default();
        loop {
            let row = match rows.read() {
                Ok(Some(row)) => row,
                Ok(None) => break,
                Err(trouble) => {
                    // What was read before the break is good all the same.
                    self.take(batch)?;
                    return Err(trouble);
                }
            };
            if row.number <= self.before.line {
                continue;
            }
            batch.last = row.number;
            batch.rows += 1;
            match self.words.answers(self.form, &row) {
                Ok(Some(answers)) => {
                    batch.good.push((row.number, answers));
                    batch.lines.push(row.line);
                }
                Ok(None) => self.blank += 1,
                Err(refused) => {
                    batch.refused += 1;
                    self.ledger.note(refused)?;
                }
            }
            if batch.rows == BATCH {
                self.bar.set_position(rows.octets());
                self.take(std::mem::take(&mut batch))?;
            }
        }
        self.take(batch)
    }

    fn take(&mut self, batch: Batch) -> Result<(), Trouble> {
        if batch.rows == 0 {
            return Ok(());
        }
        // Reasons are written before the rows are dealt with: better twice than never.
        self.ledger.flush()?;
        let taken = self.vault.import(&self.source, &self.form.id, batch.good, batch.refused, batch.last)?;
        for (line, (_, result)) in batch.lines.into_iter().zip(taken) {
            if let Err(error) = result {
                self.ledger.note(Refused::by(line, &error))?;
            }
        }
        self.bar.set_message(format!("row {}", batch.last));
        Ok(())
    }
}

fn said(before: Imported, after: Imported, blank: u64, ledger: &Ledger, words: &Words) -> Said {
    let taken = after.taken.saturating_sub(before.taken);
    let mut text = String::new();
    for refused in ledger.shown() {
        line!(text, "{refused}");
    }
    let unlisted = ledger.count().saturating_sub(ledger.shown().len() as u64);
    if unlisted > 0 {
        line!(text, "and {} more; --refused FILE.csv writes all of them", count(unlisted, "row"));
    }
    line!(text, "Imported {}; refused {}.", count(taken, "record"), count(ledger.count(), "row"));
    if before.line > 0 {
        line!(text, "{} of this file were dealt with before.", count(before.line, "row"));
        let (taken, refused) = (count(after.taken, "record"), count(after.refused, "row"));
        line!(text, "In all: imported {taken}, refused {refused}.");
    }
    if ledger.count() > 0 {
        line!(
            text,
            "hint: correct refused rows in a file that holds only them; the whole file again would make doubles."
        );
    }
    let left = words.left();
    if !left.is_empty() {
        line!(text, "Not taken in:");
    }
    for (heading, why, rows) in &left {
        line!(text, "  {heading} in {}: {why}", count(*rows, "row"));
    }
    let left = left.iter().map(|(heading, why, rows)| json!({ "name": heading, "why": why, "rows": rows }));
    let left: Value = left.collect();
    let rows: Value = ledger.shown().iter().map(Refused::json).collect();
    let json = json!({
        "taken": after.taken,
        "refused": after.refused,
        "taken_now": taken,
        "refused_now": ledger.count(),
        "blank": blank,
        "rows_before": before.line,
        "rows": rows,
        "not_carried": left,
    });
    Said::new(ended(text), json)
}

/// Prints a map to begin with.
fn make_map(mut file: File, name: &Path, form: &Form) -> Result<Said, Trouble> {
    let mut start = Vec::new();
    file.by_ref().take(1 << 16).read_to_end(&mut start).map_err(Trouble::file(name))?;
    file.rewind().map_err(Trouble::file(name))?;
    let first_line = start.split(|octet| matches!(octet, b'\n' | b'\r')).next().unwrap_or_default();
    let delimiter = guess(first_line);
    let rows = Rows::new(file, name, delimiter)?;
    let map = starter(form, rows.headings(), delimiter);
    let json = json!({ "map": map });
    Ok(Said::new(ended(map), json))
}
