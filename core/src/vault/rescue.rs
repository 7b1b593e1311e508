//! What can be read of a damaged vault, without changing it.
//!
//! What is whole of its database ([`Salvage`]) is put into a new one, in a folder for the time being and under a key
//! that nobody keeps; there everything is read in the usual way. Records whose documents are damaged are made again
//! from the log, which holds each of their changes sealed.

use std::collections::BTreeSet;
use std::path::Path;

use cairn_wire::id::{RecordId, WorkspaceId};
use cairn_wire::roster::Roster;

use super::slotfile::Unlocked;
use super::sync::Tally;
use super::{Machine, Vault, database, fact, lock, slotfile};
use crate::change;
use crate::crypto::{VaultKey, Which};
use crate::error::Error;
use crate::store::{Refilled, Salvage, Store, StoreError};

/// What was read of a damaged vault, and what was not.
#[derive(Debug, Clone, Default)]
pub struct Rescue {
    /// Pages of the database, of 4 KiB each.
    pub pages: u32,
    /// How many of them are damaged.
    pub damaged: u32,
    /// How many are missing at its end, as far as that is known.
    pub missing: u32,
    /// Pages in the write-ahead log, and how many of them are damaged.
    pub logged: (u32, u32),
    /// Rows that were read, by table.
    pub rows: Refilled,
    /// Rows of which a part could not be read, by table.
    pub torn: Refilled,
    /// Records that are known to have been there and cannot be read.
    pub lost: Vec<RecordId>,
    /// Records of which a document could not be read and was made again from the log.
    pub from_log: Vec<RecordId>,
    /// Records with changes that the server has not been seen to have.
    pub unsent: BTreeSet<RecordId>,
    /// Why the log could not be asked, if it was needed.
    pub log_trouble: Option<String>,
}

/// A damaged vault, read as far as it can be.
pub struct Rescued {
    /// All that could be read, as a vault. It must not be synced, and goes with the folder it was made in.
    pub vault: Vault,
    /// What could be read and what not.
    pub rescue: Rescue,
    /// Damaged pages as they are: number and octets.
    pub quarantine: Vec<(u32, Vec<u8>)>,
    /// What has not been sent, byte for byte: the document, if that is known, and the change or sealed segment.
    pub unsent: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Vault {
    /// Reads a damaged vault as far as it can be read. In `folder` nothing is written but the count of wrong
    /// passphrases; in `work`, an empty folder that has to be removed afterwards, nothing rests unencrypted.
    ///
    /// # Errors
    /// [`Error::NoVault`], [`Error::InUse`], [`Error::WrongPassphrase`]; [`Error::Damaged`] when not even what the
    /// passphrase opens can be read, or not one page of the database.
    pub fn rescue(folder: &Path, passphrase: &str, machine: &Machine, work: &Path) -> Result<Rescued, Error> {
        if !slotfile::exists(folder) {
            return Err(Error::NoVault);
        }
        // A folder that cannot be written to at all can still be read.
        let _lock = match lock(folder) {
            Err(Error::InUse) => return Err(Error::InUse),
            locked => locked.ok(),
        };
        let Unlocked { vault, key } =
            Self::trying(folder, machine, || slotfile::unlock(folder, passphrase, machine))?;
        let damaged = database(&slotfile::home(folder, vault));
        let salvage = Salvage::read(&damaged, &key, &work.join("pages"));
        let salvage = salvage.map_err(|error| match error {
            StoreError::WrongKey => Error::Damaged { what: "every page of the vault's database".to_owned() },
            other => other.into(),
        })?;
        let fresh = VaultKey::generate()?;
        let rows = fill(&database(work), &fresh, &salvage)?;
        let mut vault = Self::begin(work, Which::A, &fresh, machine, None)?;
        let mut rescue = Rescue {
            pages: salvage.pages,
            damaged: u32::try_from(salvage.damaged.len()).unwrap_or(u32::MAX),
            missing: salvage.missing,
            logged: salvage.logged,
            rows,
            torn: salvage.torn.clone(),
            ..Rescue::default()
        };
        vault.make_again(&salvage, &mut rescue)?;
        rescue.unsent = vault.unsent_records()?;
        let unsent = vault.store.rows().every_unsent()?;
        Ok(Rescued { vault, rescue, quarantine: salvage.damaged, unsent })
    }

    /// Makes records from the log of which documents could not be read.
    fn make_again(&mut self, salvage: &Salvage, rescue: &mut Rescue) -> Result<(), Error> {
        let mut before: BTreeSet<RecordId> = self.store.rows().without_documents()?.into_iter().collect();
        // A case is called as its record.
        before.extend(salvage.torn_documents.iter().map(|document| RecordId(document.0)));
        // A page that is gone may have held documents and the lines of their records alike.
        if !before.is_empty() || rescue.damaged + rescue.missing + rescue.logged.1 > 0 {
            let mut watch = |_| {};
            if let Err(error) = self.take_in(&mut Tally::new(&mut watch)) {
                rescue.log_trouble = Some(error.to_string());
            }
            self.reload_forms()?;
        }
        for record in before {
            let is_there = self.record(&record).is_ok();
            if is_there { &mut rescue.from_log } else { &mut rescue.lost }.push(record);
        }
        Ok(())
    }

    /// Records with changes in the outbox, or in own segments that the server has not been seen to have.
    fn unsent_records(&self) -> Result<BTreeSet<RecordId>, Error> {
        let (rows, mut documents) = (self.store.rows(), BTreeSet::new());
        for circle in rows.circles()? {
            let waiting = rows.outbox(&circle.circle, usize::MAX, usize::MAX).unwrap_or_default();
            documents.extend(waiting.into_iter().filter_map(|row| row.document));
            for sealed in rows.sealed_from(&circle.circle, circle.acknowledged + 1, usize::MAX)? {
                // One that cannot be opened is kept as it is.
                let Ok(batch) = self.own_batch(&circle.circle, &sealed) else { continue };
                documents.extend(batch.changes.iter().map(|entry| entry.document));
                documents.extend(batch.carried.iter().map(|carried| carried.entry.document));
            }
        }
        let mut records = BTreeSet::new();
        for document in documents {
            records.extend(rows.record_of(&document)?);
        }
        Ok(records)
    }
}

/// Puts what was read into a new database.
fn fill(path: &Path, key: &VaultKey, salvage: &Salvage) -> Result<Refilled, Error> {
    let mut store = Store::open(path, key)?;
    let mut rows = store.refill(salvage)?;
    let workspace = store.rows().fact(fact::WORKSPACE)?;
    let entries = workspace.and_then(|id| WorkspaceId::from_slice(&id)).map(|id| roster(id, salvage));
    store.gesture(|rows| {
        // It is no copy that goes on: nothing will be sent from here.
        rows.forget_fact(fact::MARK)?;
        for (number, entry) in entries.iter().flatten() {
            rows.put_roster(*number, entry)?;
        }
        for (number, bytes) in rows.without_record()? {
            if let Ok(content) = change::read(&bytes) {
                rows.put_record_line(number, &content.record)?;
            }
        }
        Ok::<_, StoreError>(())
    })?;
    rows.insert("roster", entries.map_or(0, |entries| entries.len() as u64));
    store.checkpoint()?;
    Ok(rows)
}

/// The entries of the roster that follow from each other, from its first on.
fn roster(workspace: WorkspaceId, salvage: &Salvage) -> Vec<(u64, Vec<u8>)> {
    let mut entries: Vec<(u64, Vec<u8>)> = Vec::new();
    for (number, entry) in salvage.roster() {
        let all = entries.iter().map(|(_, entry)| entry.as_slice()).chain([entry.as_slice()]);
        if Roster::fold(workspace, all).is_ok() {
            entries.push((number, entry));
        }
    }
    entries
}
