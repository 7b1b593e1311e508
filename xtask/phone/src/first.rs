//! From the passphrase to the first screen, and what that asks of the database.

use cairn_core::store::rehearse_counting;
use cairn_ffi::{OpenVault, RecordQuery, TaskQuery};

use crate::{Failure, proc};

/// The language of every call.
pub(crate) const LANGUAGE: &str = "en";
/// How many tasks the first screen shows.
const TASKS: u64 = 5;

/// Opens the vault and asks for what the first screen shows: the calls that `FirstScreenTest` in `app-logic` counts,
/// in its order.
pub(crate) fn screen(folder: &str, passphrase: &str) -> Result<OpenVault, Failure> {
    let vault = OpenVault::open_with_key(folder, passphrase, None)?;
    vault.set_utc_offset(60);
    vault.membership()?;
    vault.state()?;
    let day = "2026-11-23".to_owned();
    vault
        .tasks(TaskQuery { today: day, done: false, overdue: false, after: None, limit: TASKS }, LANGUAGE)?;
    vault.drafts(LANGUAGE)?;
    vault.alarms()?;
    Ok(vault)
}

/// Every record, a page of 50 after the other; gives their identifiers.
pub(crate) fn all(vault: &OpenVault) -> Result<Vec<String>, Failure> {
    let (mut after, mut found) = (None, Vec::new());
    loop {
        let page = vault.records(query("", after), LANGUAGE)?;
        found.extend(page.rows.into_iter().map(|row| row.record));
        after = page.next;
        if after.is_none() {
            return Ok(found);
        }
    }
}

/// A page of 50 as the app asks for it.
pub(crate) fn query(text: &str, after: Option<u64>) -> RecordQuery {
    RecordQuery { text: text.to_owned(), form: None, choices: Vec::new(), after, limit: 50 }
}

/// Prints what it takes to come to the first screen; `further` pages through all records too, which must be seen.
pub(crate) fn count(folder: &str, passphrase: &str, further: bool) -> Result<(), Failure> {
    let before = proc::read_so_far()?;
    let (vault, counted) = rehearse_counting(|| {
        let vault = screen(folder, passphrase)?;
        if further {
            all(&vault)?;
        }
        Ok::<_, Failure>(vault)
    });
    let vault = vault?;
    let read = proc::read_so_far()?.saturating_sub(before);
    println!("statements {}", counted.statements);
    println!("instructions {}", counted.instructions);
    println!("read {read}");
    Ok(vault.lock()?)
}
