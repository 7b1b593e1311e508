//! Exports, and a last look at everything.

use std::fs;

use calamine::{Reader, Xlsx};

use super::{Stage, Who, expect};
use crate::trouble::Trouble;

/// The office's table, which later serves as the control of the search.
pub(super) const TABLE: &str = "office.csv";

/// Every device exports; what leaves is the same everywhere.
pub(super) fn export(stage: &mut Stage) -> Result<(), Trouble> {
    stage.story.chapter("Tables for other programs");
    stage.story.say(
        "CSV for statistics, JSON lines for programs, a workbook for spreadsheets. Whoever gets such a file can \
         read it: only here does anything leave the vaults. All four devices export, and the files are compared \
         line by line.",
    );
    let folder = stage.folder.join("exports");
    fs::create_dir_all(&folder).map_err(|error| Trouble::at(&folder, error))?;
    for format in ["csv", "jsonl"] {
        let mut first: Option<Vec<String>> = None;
        for device in stage.devices() {
            let out = folder.join(format!("{}.{format}", device.name().replace(' ', "-")));
            let name = out.to_string_lossy();
            let export = ["export", "--format", format, "--out", &name];
            let said = device.json(&export)?;
            expect(said["records"] == stage.cases, || {
                format!("{} exported {}", device.name(), said["records"])
            })?;
            if first.is_none() {
                stage.story.typed(device, &export);
            }
            let written = fs::read_to_string(&out).map_err(|error| Trouble::at(&out, error))?;
            // Each device lists records in the order in which they came to it.
            let mut lines: Vec<String> = written.lines().map(str::to_owned).collect();
            lines.sort();
            match &first {
                None => first = Some(lines),
                Some(first) => expect(*first == lines, || format!("{name} differs from the office's"))?,
            }
        }
        stage.story.note(&format!("the same {} records on all four devices", stage.cases));
    }
    let book = folder.join("office.xlsx");
    let name = book.to_string_lossy();
    let export = ["export", "--format", "xlsx", "--labels", "--out", &name];
    stage.office.json(&export)?;
    stage.story.typed(&stage.office, &export);
    let file = fs::File::open(&book).map_err(|error| Trouble::at(&book, error))?;
    let read = Xlsx::new(std::io::BufReader::new(file)).and_then(|mut book| book.worksheet_range("records"));
    let rows = read.map_err(|error| Trouble::at(&book, error))?.height() as u64;
    expect(rows == stage.cases + 1, || format!("the workbook has {rows} rows"))?;
    stage.story.note(&format!("{} rows under one row of headings", stage.cases));
    Ok(())
}

/// Every vault and the server examine themselves.
pub(super) fn examine(stage: &mut Stage) -> Result<(), Trouble> {
    stage.story.chapter("A last look");
    stage.story.say(
        "Every vault reads each of its pages, the roster and every record; then the server is switched off and \
         examines what it keeps. One more sync shows what it costs to learn that nothing is new.",
    );
    for who in Who::ALL {
        let name = who.of(stage).name().to_owned();
        let line = stage.sync(who, &format!("{name}: a last time"))?;
        expect(!line.moved(), || format!("{name} should have had nothing new"))?;
    }
    for device in stage.devices() {
        let found = device.json(&["doctor"])?;
        let counts = &found["counts"];
        let settled = ["conflicts", "outbox", "unacknowledged", "waiting", "refused", "quarantined"];
        let clean = settled.iter().all(|count| counts[*count] == 0);
        expect(found["sound"] == true && clean && counts["records"] == stage.cases, || {
            format!("the doctor of {} is not content: {found}", device.name())
        })?;
        stage.story.typed(device, &["doctor"]);
        stage.story.note(&format!("{} records, nothing is wrong", counts["records"]));
    }
    stage.server.cut_off();
    stage.server.doctor()?;
    stage.story.command("cairn-server doctor", &["--data", "server"]);
    stage.story.note("nothing is wrong");
    Ok(())
}
