//! What the library's calls cost without another language around them, in processor time; `cargo xtask measure ffi`
//! runs it beside the core.
//!
//! Told on standard input: the vault's folder, its passphrase, a draft's number, the key of a question in it; then what
//! to do and how often, a line each. Answers each with nanoseconds of this thread and of the process.

use std::hint::black_box;
use std::io::{self, Lines, StdinLock};
use std::sync::Arc;

use cairn_ffi::{AnswerValue, Filling, OpenVault, RecordQuery};

use crate::first::{self, LANGUAGE};
use crate::{Failure, proc};

struct Work {
    vault: OpenVault,
    filling: Arc<Filling>,
    key: String,
    records: Vec<String>,
}

/// Does what it is told until there is nothing more.
pub(crate) fn tell() -> Result<(), Failure> {
    let mut lines = io::stdin().lines();
    let (folder, passphrase) = (line(&mut lines)?, line(&mut lines)?);
    let vault = OpenVault::open(&folder, &passphrase)?;
    let filling = vault.resume(line(&mut lines)?.parse()?, LANGUAGE)?;
    let key = line(&mut lines)?;
    let records = vault.records(page(1_000), LANGUAGE)?.rows.into_iter().map(|row| row.record).collect();
    let work = Work { vault, filling, key, records };
    for order in lines {
        let order = order?;
        let (deed, times) = order.split_once(' ').ok_or("an order of one word")?;
        let before = (proc::thread_time()?, proc::process_time()?);
        for at in 0..times.parse()? {
            work.does(deed, at)?;
        }
        println!("{} {}", proc::thread_time()? - before.0, proc::process_time()? - before.1);
    }
    Ok(work.vault.lock()?)
}

fn line(lines: &mut Lines<StdinLock<'static>>) -> Result<String, Failure> {
    Ok(lines.next().ok_or("too few lines")??)
}

fn page(limit: u64) -> RecordQuery {
    RecordQuery { limit, ..first::query("", None) }
}

impl Work {
    fn does(&self, deed: &str, at: usize) -> Result<(), Failure> {
        if let Some(most) = deed.strip_prefix("page_") {
            let most = most.parse()?;
            let found = self.vault.records(page(most), LANGUAGE)?.rows.len() as u64;
            return if found == most { Ok(()) } else { Err("a page that is not full".into()) };
        }
        match deed {
            "cross" => _ = black_box(self.filling.number()),
            "counts" => drop(black_box(self.vault.counts()?)),
            "record" => {
                let record = self.records.get(at % self.records.len()).ok_or("no record")?;
                drop(black_box(self.vault.record(record, LANGUAGE)?));
            }
            "answer" => {
                let text = if at.is_multiple_of(2) { "One" } else { "Two" };
                drop(self.filling.answer(&self.key, Some(AnswerValue::Text { text: text.to_owned() }))?);
            }
            "steps" => drop(black_box(self.filling.steps()?)),
            other => return Err(format!("no such deed: {other}").into()),
        }
        Ok(())
    }
}
