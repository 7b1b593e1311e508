//! Lists, filters and search through the front door, against the bare SQL of the same question.

use std::hint::black_box;
use std::time::Instant;

use cairn_core::Vault;
use cairn_core::crypto::{Held, Slots, UnlockKey, Which};
use cairn_core::vault::{DeviceKey, FileDeviceKey, Query};
use cairn_core::wire::codec::hex;
use cairn_tests::ground::{Ground, PASSPHRASE};
use rusqlite::Connection;

use super::figure::Figure;
use super::workload::{self, Workload};
use super::{Failure, Figures, bytes};

/// Each question is asked so often, in turns with its bare twin.
const TURNS: usize = 60;

pub(super) fn measure(quick: bool) -> Figures {
    let work = workload::generate(if quick { 2_000 } else { 10_000 })?;
    let mut figures = Vec::new();
    for count in if quick { vec![2_000] } else { vec![10_000, 100_000] } {
        figures.extend(of(&work, count)?);
    }
    Ok(figures)
}

fn of(work: &Workload, count: usize) -> Figures {
    let ground = Ground::new();
    let mut office = bytes::begun(&ground, work)?;
    let mut left = count;
    while left > 0 {
        let some = left.min(work.records.len());
        bytes::save(&mut office, work, some)?;
        left -= some;
    }
    let bare = bare(&ground)?;
    let page = Query { most: 50, ..Query::default() };
    let filter = Query { choices: vec![("risk".to_owned(), "high".to_owned())], ..page.clone() };
    let search = Query { words: "sta".to_owned(), ..page.clone() };
    let both = Query { choices: filter.choices.clone(), words: "sta".to_owned(), ..page.clone() };
    let record = "SELECT r.number, r.id, r.form, r.title, r.changed FROM ";
    let newest = " ORDER BY r.number DESC LIMIT 50";
    let facet = "EXISTS (SELECT 1 FROM facet f WHERE f.question = (SELECT number FROM word WHERE word = 'risk') \
                 AND f.choice = (SELECT number FROM word WHERE word = 'high') AND f.record = r.number)";
    let found = "search s JOIN document d ON d.number = s.rowid JOIN record r ON r.number = d.record \
                 WHERE search MATCH '\"sta\" *'";
    let questions = [
        ("page", &page, format!("{record} record r{newest}")),
        ("filter", &filter, format!("{record} record r WHERE {facet}{newest}")),
        ("search", &search, format!("{record} {found} ORDER BY s.rowid DESC LIMIT 50")),
        ("filtered_search", &both, format!("{record} {found} AND {facet} ORDER BY s.rowid DESC LIMIT 50")),
    ];
    let mut figures = Vec::new();
    for (name, query, sql) in questions {
        let ratio = ratio(&office, query, &bare, &sql)?;
        figures.push(Figure::new(format!("list.{name}.{count}.over_bare"), ratio, "×").at_most(3.0));
    }
    Ok(figures)
}

/// The median of our times over the median of the bare ones.
fn ratio(office: &Vault, query: &Query, bare: &Connection, sql: &str) -> Result<f64, Failure> {
    let mut statement = bare.prepare(sql)?;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    let (mut our_rows, mut their_rows) = (0, 0);
    for _ in 0..TURNS {
        let begun = Instant::now();
        our_rows = black_box(office.list(query)?).len();
        ours.push(begun.elapsed());
        let begun = Instant::now();
        let rows = statement.query_map([], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?, row.get::<_, String>(3)?))
        })?;
        their_rows = black_box(rows.collect::<Result<Vec<_>, _>>()?).len();
        theirs.push(begun.elapsed());
    }
    if our_rows != their_rows || our_rows == 0 {
        return Err(format!("{our_rows} rows through the front door, {their_rows} bare").into());
    }
    ours.sort();
    theirs.sort();
    Ok(ours[TURNS / 2].as_secs_f64() / theirs[TURNS / 2].as_secs_f64())
}

/// A second connection to the office's database, straight to the tables.
fn bare(ground: &Ground) -> Result<Connection, Failure> {
    let folder = ground.folder("office");
    let slots = Slots::from_bytes(&std::fs::read(folder.join("slots"))?).map_err(|_| "no slot file")?;
    let device = FileDeviceKey::of(&folder);
    let unlock = device.mac(Which::A, slots.stretch(PASSPHRASE)?.as_bytes())?;
    let Some(Held::Key(content)) = slots.open(&[UnlockKey::from_bytes(unlock)]).map(|found| found.held)
    else {
        return Err("no slot opens".into());
    };
    let bare = Connection::open(folder.join("vault.db"))?;
    // The same pragmas as the vault's: locking and wiping memory costs more than many a query.
    bare.execute_batch(&format!(
        "PRAGMA cipher_memory_security = ON; PRAGMA key = \"x'{}'\"; PRAGMA temp_store = MEMORY;",
        hex(content.key.as_bytes())
    ))?;
    Ok(bare)
}
