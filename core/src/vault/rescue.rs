//! What can be read of a damaged vault, without changing it.
//!
//! What is whole of its database ([`Salvage`]) is put into a new one, in a folder for the time being and under a key
//! that nobody keeps; there everything is read in the usual way. Records whose documents are damaged are made again
//! from the log, which holds each of their changes sealed.

mod forms;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use cairn_wire::id::{DocumentId, RecordId, WorkspaceId};
use cairn_wire::roster::Roster;

use super::slotfile::Unlocked;
use super::sync::Tally;
use super::{Draft, FileView, Machine, Presence, Vault, database, fact, lock, slotfile};
use crate::change;
use crate::crypto::{VaultKey, Which};
use crate::error::Error;
use crate::form::Answer;
use crate::store::{AttachmentState, Refill, Refilled, Salvage, Store, StoreError};
use forms::HeldForms;

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
    /// Whether the log goes on behind its last commit: a power cut, or damage to what was done last.
    pub ends_torn: bool,
    /// Rows that were read, by table.
    pub rows: Refilled,
    /// Rows of which a part could not be read, by table.
    pub torn: Refilled,
    /// Rows that are not what their table may hold, by table.
    pub left_out: Refilled,
    /// Rows that were read and may have been changed or removed since, by table.
    pub older: Refilled,
    /// Records of which such rows are: what stands in them may not be what was written last.
    pub older_records: BTreeSet<RecordId>,
    /// Numbers of the drafts of which such rows are.
    pub older_drafts: BTreeSet<u64>,
    /// Forms that cannot be read: name and version.
    pub forms_lost: Vec<(String, String)>,
    /// Forms of which lists or tables are lost, and nothing else.
    pub lists_lost: Vec<(String, String)>,
    /// Numbers of the drafts that are there and cannot be read.
    pub drafts_lost: Vec<u64>,
    /// Records that are known to have been there and cannot be read.
    pub lost: Vec<RecordId>,
    /// Records of which a document could not be read and was made again from the log.
    pub from_log: Vec<RecordId>,
    /// Records with changes that the server has not been seen to have.
    pub unsent: BTreeSet<RecordId>,
    /// Records that were sealed when they were finished, and that the server has not been seen to have. Nobody can
    /// read them here; they leave by the outbox that lies beside the damaged vault.
    pub sealed: BTreeSet<RecordId>,
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
    /// Drafts, as far as they can be read.
    pub drafts: Vec<Draft>,
    /// What was given in drafts of which nothing else is left.
    pub loose: Vec<LooseAnswers>,
    /// What has not been sent, byte for byte: the document, if that is known, and the change or sealed segment.
    pub unsent: Vec<(Vec<u8>, Vec<u8>)>,
}

/// What was given in a draft that is lost itself: nobody knows of which form it was.
#[derive(Debug, Clone, PartialEq)]
pub struct LooseAnswers {
    /// The draft's number.
    pub number: u64,
    /// What was given, by field; `None` where an answer was emptied.
    pub given: BTreeMap<String, Option<Answer>>,
    /// The fields whose answers cannot be read.
    pub unread: BTreeSet<String>,
}

impl Vault {
    /// Reads a damaged vault as far as it can be read. In `folder` nothing is written but what passphrases do
    /// anywhere: wrong ones are counted, too many make the vault void where that was asked for, and the duress
    /// passphrase destroys the other vault's key. An interrupted departure is not ended. In `work`, an empty folder that has to be removed afterwards, nothing rests unencrypted.
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
            Self::trying(folder, machine, || slotfile::look(folder, passphrase, machine))?;
        let damaged = database(&slotfile::home(folder, vault));
        let salvage = Salvage::read(&damaged, &key, &work.join("pages"));
        let salvage = salvage.map_err(|error| match error {
            StoreError::WrongKey => Error::Damaged { what: "every page of the vault's database".to_owned() },
            other => other.into(),
        })?;
        let fresh = VaultKey::generate()?;
        let Filled { refill, held } = fill(&database(work), &fresh, &salvage)?;
        let mut vault = Self::begin(work, Which::A, &fresh, machine, None)?;
        let Refill { rows, left_out, older, older_documents, older_drafts } = refill;
        let mut rescue = Rescue {
            pages: salvage.pages,
            damaged: u32::try_from(salvage.damaged.len()).unwrap_or(u32::MAX),
            missing: salvage.missing,
            logged: salvage.logged,
            ends_torn: salvage.ends_torn,
            rows,
            torn: salvage.torn.clone(),
            left_out,
            older,
            older_drafts,
            ..Rescue::default()
        };
        vault.make_again(&salvage, held, &mut rescue)?;
        for document in older_documents {
            rescue.older_records.extend(vault.store.rows().record_of(&document)?);
        }
        rescue.unsent = vault.unsent_records()?;
        rescue.sealed = vault.sealed_and_unsent()?;
        let unsent = vault.store.rows().every_unsent()?;
        let (drafts, loose) = vault.what_was_begun(&mut rescue)?;
        Ok(Rescued { vault, rescue, quarantine: salvage.damaged, drafts, loose, unsent })
    }

    /// Whether a file that a rescued record names is not whole here and nothing tells that the server ever had it: it
    /// had not been sent, or it was attached here and what told how far it had come is gone. Of a colleague's file that
    /// was never fetched this device knows nothing.
    ///
    /// # Errors
    /// As [`Vault::history`].
    pub fn is_lost(&self, record: &RecordId, view: &FileView) -> Result<bool, Error> {
        if view.presence == Presence::Here {
            return Ok(false);
        }
        let (rows, id) = (self.store.rows(), &view.file.reference.id);
        if let Some(row) = rows.attachment(id)? {
            return Ok(row.state != AttachmentState::Sent);
        }
        let past = self.history(record, Some(&view.field))?;
        let named = past.iter().find(|past| past.answer.as_ref().and_then(Answer::file) == Some(&view.file));
        match named.and_then(|past| past.author.device) {
            Some(author) => Ok(author == self.device()),
            // Of one whose author is not known, what is left here may be all there is.
            None => Ok(!rows.attachment_hashes(id)?.is_empty()),
        }
    }

    /// Makes records from the log of which documents could not be read, and lists and tables of forms.
    fn make_again(&mut self, salvage: &Salvage, held: HeldForms, rescue: &mut Rescue) -> Result<(), Error> {
        let rows = self.store.rows();
        let mut before: BTreeSet<RecordId> = rows.without_documents()?.into_iter().collect();
        for document in &salvage.torn_documents {
            if rows.record_of(document)?.is_none() {
                // A case is called as its record.
                before.insert(RecordId(document.0));
            }
        }
        let is_damaged = rescue.damaged + rescue.missing + rescue.logged.1 > 0;
        // A page that is gone may have held documents and the lines of their records alike.
        if is_damaged || !before.is_empty() || !held.is_empty() {
            let mut watch = |_| {};
            if let Err(error) = self.take_in(&mut Tally::new(&mut watch)) {
                rescue.log_trouble = Some(error.to_string());
            }
        }
        self.store.gesture(|rows| held.put_back(&rows, rescue))?;
        self.forms.clear();
        self.reload_forms()?;
        for record in before {
            let is_there =
                self.record(&record).is_ok() || self.store.rows().record_of(&DocumentId(record.0))?.is_some();
            if is_there { &mut rescue.from_log } else { &mut rescue.lost }.push(record);
        }
        Ok(())
    }

    /// Drafts, and answers of drafts that are lost.
    fn what_was_begun(&self, rescue: &mut Rescue) -> Result<(Vec<Draft>, Vec<LooseAnswers>), Error> {
        let (mut drafts, mut loose) = (Vec::new(), Vec::new());
        for number in self.store.rows().draft_numbers()? {
            match self.draft(number) {
                Ok(draft) => drafts.push(draft),
                Err(Error::NotFound { .. }) => match self.given_in(number) {
                    Ok((given, unread)) => loose.push(LooseAnswers { number, given, unread }),
                    Err(_) => rescue.drafts_lost.push(number),
                },
                Err(_) => rescue.drafts_lost.push(number),
            }
        }
        Ok((drafts, loose))
    }

    /// Records that were sealed when they were finished and wait here, in whatever they wait.
    fn sealed_and_unsent(&self) -> Result<BTreeSet<RecordId>, Error> {
        let rows = self.store.rows();
        let mut sealed: BTreeSet<RecordId> = rows.waiting_boxes()?.into_iter().collect();
        sealed.extend(rows.finished()?.into_iter().filter(|row| row.gone.is_none()).map(|row| row.record));
        for circle in rows.circles()? {
            for segment in rows.sealed_from(&circle.circle, circle.acknowledged + 1, usize::MAX)? {
                let Ok(batch) = self.own_batch(&circle.circle, &segment) else { continue };
                sealed.extend(batch.sealed.iter().map(|entry| RecordId(entry.document.0)));
            }
        }
        Ok(sealed)
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

/// What a new database holds now.
struct Filled {
    refill: Refill,
    held: HeldForms,
}

/// Puts what was read into a new database.
fn fill(path: &Path, key: &VaultKey, salvage: &Salvage) -> Result<Filled, Error> {
    let mut store = Store::open(path, key)?;
    let mut refill = store.refill(salvage)?;
    let workspace = store.rows().fact(fact::WORKSPACE)?;
    let entries = workspace.and_then(|id| WorkspaceId::from_slice(&id)).map(|id| roster(id, salvage));
    let held = store.gesture(|rows| {
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
        HeldForms::take(&rows)
    })?;
    refill.rows.insert("roster", entries.map_or(0, |entries| entries.len() as u64));
    store.checkpoint()?;
    Ok(Filled { refill, held })
}

/// The entries of the roster that follow from each other, from its first on.
fn roster(workspace: WorkspaceId, salvage: &Salvage) -> Vec<(u64, Vec<u8>)> {
    let mut entries: Vec<(u64, Vec<u8>)> = Vec::new();
    let mut roster: Option<Roster> = None;
    for (number, entry) in salvage.roster() {
        let fits = match &mut roster {
            // Of several of one number the first that fits is taken.
            Some(roster) => number == roster.seq() + 1 && roster.append(&entry).is_ok(),
            None => {
                roster = Roster::fold(workspace, [entry.as_slice()]).ok();
                roster.is_some()
            }
        };
        if fits {
            entries.push((number, entry));
        }
    }
    entries
}
