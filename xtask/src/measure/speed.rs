//! Processor time of saving, importing and merging, as ratios to the same done by hand in the same run.

use std::fs;
use std::path::Path;

use automerge::transaction::Transactable;
use automerge::{AutoCommit, Automerge, ObjType, ROOT, ScalarValue};
use cairn_core::change;
use cairn_core::form::{Answer, Answers};
use cairn_core::wire::id::{ChainId, RecordId};
use cairn_tests::ground::Ground;
use rusqlite::Connection;

use super::figure::Figure;
use super::workload::{self, Workload};
use super::{Failure, Figures, bytes};

pub(super) fn measure(quick: bool) -> Figures {
    let count = if quick { 1_000 } else { 10_000 };
    let work = workload::generate(count)?;
    let mut figures = vec![save(&work, 1_000)?];
    figures.extend(import_and_merge(&work, count)?);
    figures.extend(growth(&work, count)?);
    Ok(figures)
}

/// Saving records one by one, each durable, against a bare insert of the same octets and the document
/// library's own making of such a document.
fn save(work: &Workload, count: usize) -> Result<Figure, Failure> {
    let ground = Ground::new();
    let mut office = bytes::begun(&ground, work)?;
    let bare = bare_database(&ground.path().join("bare.db"))?;
    let (mut ours, mut by_hand) = (0.0, 0.0);
    // In turns, so that both meet the same weather.
    for chunk in work.records.iter().take(count).collect::<Vec<_>>().chunks(50) {
        let begun = cpu()?;
        for answers in chunk {
            office.new_record("case", (*answers).clone())?;
        }
        ours += cpu()? - begun;
        let begun = cpu()?;
        for answers in chunk {
            let document = automerge_create(answers)?;
            bare.execute("INSERT INTO bare (bytes) VALUES (?1)", [document])?;
        }
        by_hand += cpu()? - begun;
    }
    Ok(Figure::new("save.1.cpu_over_bare", ours / by_hand, "×").at_most(2.0))
}

fn import_and_merge(work: &Workload, count: usize) -> Figures {
    let ground = Ground::new();
    let mut office = bytes::begun(&ground, work)?;
    office.sync(&ground.transport(), |_| {})?;
    let begun = cpu()?;
    bytes::save(&mut office, work, count)?;
    let ours = cpu()? - begun;

    let mut bare = bare_database(&ground.path().join("bare.db"))?;
    let begun = cpu()?;
    let documents: Vec<Vec<u8>> =
        work.records.iter().take(count).map(automerge_create).collect::<Result<_, _>>()?;
    insert_all(&mut bare, &documents)?;
    let by_hand = cpu()? - begun;
    let mut figures =
        vec![Figure::new(format!("import.{count}.cpu_over_bare"), ours / by_hand, "×").at_most(2.0)];

    office.sync(&ground.transport(), |_| {})?;
    let begun = cpu()?;
    let (fresh, _) = bytes::bootstrap(&ground, &mut office)?;
    let ours = cpu()? - begun;
    drop(fresh);
    let changes = first_changes(work, count)?;
    let frames = frames(&changes)?;
    let mut bare = bare_database(&ground.path().join("merged.db"))?;
    let begun = cpu()?;
    for frame in &frames {
        let opened = zstd::bulk::decompress(frame, 8 << 20)?;
        let lengths = opened.get(..4).and_then(|bytes| bytes.try_into().ok()).map_or(0, u32::from_le_bytes);
        let mut rest = opened.get(4..).unwrap_or_default();
        let mut documents = Vec::new();
        for _ in 0..lengths {
            let (length, after) = rest.split_at(4);
            let length = u32::from_le_bytes(length.try_into()?) as usize;
            let (change, after) = after.split_at(length);
            let document = Automerge::load(change)?;
            documents.push(document.save());
            rest = after;
        }
        insert_all(&mut bare, &documents)?;
    }
    let by_hand = cpu()? - begun;
    figures.push(Figure::new(format!("merge.{count}.cpu_over_bare"), ours / by_hand, "×").at_most(1.5));
    Ok(figures)
}

/// How the cost of importing grows: the exponent between a tenth of the records and all of them.
fn growth(work: &Workload, count: usize) -> Figures {
    let cost = |count: usize| -> Result<f64, Failure> {
        let ground = Ground::new();
        let mut office = bytes::begun(&ground, work)?;
        let begun = cpu()?;
        bytes::save(&mut office, work, count)?;
        Ok(cpu()? - begun)
    };
    let exponent = (cost(count)? / cost(count / 10)?).log10();
    Ok(vec![Figure::new(format!("import.exponent.{}.{count}", count / 10), exponent, "").at_most(1.1)])
}

/// A database with the vault's pragmas and one table.
pub(super) fn bare_database(path: &Path) -> Result<Connection, Failure> {
    let _ = fs::remove_file(path);
    let bare = Connection::open(path)?;
    bare.execute_batch(
        "PRAGMA cipher_memory_security = ON;
         PRAGMA key = \"x'0101010101010101010101010101010101010101010101010101010101010101'\";
         PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;
         PRAGMA temp_store = MEMORY;
         CREATE TABLE bare (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;",
    )?;
    Ok(bare)
}

pub(super) fn insert_all(bare: &mut Connection, documents: &[Vec<u8>]) -> Result<(), Failure> {
    let transaction = bare.transaction()?;
    {
        let mut insert = transaction.prepare("INSERT INTO bare (bytes) VALUES (?1)")?;
        for document in documents {
            insert.execute([document])?;
        }
    }
    Ok(transaction.commit()?)
}

/// What Automerge's own interface makes of a record: puts, a commit, the change's octets.
fn automerge_create(answers: &Answers) -> Result<Vec<u8>, Failure> {
    let mut document = AutoCommit::new();
    for (name, answer) in answers {
        match answer {
            Answer::Text(text) => document.put(ROOT, name, ScalarValue::Str(text.as_str().into()))?,
            Answer::Integer(number) => document.put(ROOT, name, *number)?,
            Answer::Decimal(number) => document.put(ROOT, name, *number)?,
            Answer::Narrative(text) => {
                let object = document.put_object(ROOT, name, ObjType::Text)?;
                document.splice_text(&object, 0, 0, text)?;
            }
            Answer::Choices(choices) => {
                let object = document.put_object(ROOT, name, ObjType::Map)?;
                for choice in choices {
                    document.put(&object, choice, true)?;
                }
            }
            Answer::Missing(_) | Answer::Log(_) | Answer::File(_) | Answer::Row => {}
        }
    }
    document.commit();
    let change = document.get_last_local_change().ok_or("no change")?;
    Ok(change.raw_bytes().to_vec())
}

fn first_changes(work: &Workload, count: usize) -> Result<Vec<Vec<u8>>, Failure> {
    let stamp = change::Stamp { chain: ChainId([1; 16]), time: 1_800_000_000 };
    let about = change::About { record: RecordId([2; 16]), part: "case" };
    let records = work.records.iter().take(count);
    Ok(records
        .map(|answers| Ok(change::first(&work.form, &about, answers, &stamp)?.change))
        .collect::<Result<Vec<_>, change::ChangeError>>()?)
}

/// The changes in compressed frames of a hundred, as a segment holds them.
fn frames(changes: &[Vec<u8>]) -> Result<Vec<Vec<u8>>, Failure> {
    let mut frames = Vec::new();
    for chunk in changes.chunks(100) {
        let mut plain = (chunk.len() as u32).to_le_bytes().to_vec();
        for change in chunk {
            plain.extend_from_slice(&(change.len() as u32).to_le_bytes());
            plain.extend_from_slice(change);
        }
        frames.push(zstd::bulk::compress(&plain, 9)?);
    }
    Ok(frames)
}

/// Seconds of processor time that this thread has used.
pub(super) fn cpu() -> Result<f64, Failure> {
    let text = fs::read_to_string("/proc/thread-self/schedstat")?;
    let nanoseconds: f64 = text.split(' ').next().ok_or("no schedstat")?.parse()?;
    Ok(nanoseconds / 1e9)
}
