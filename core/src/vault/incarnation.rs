//! One vault, one writer: a copy of a vault must never write as its original.
//!
//! A chain is also the Automerge actor, and the same number used twice in it poisons documents for good. So
//! a vault that finds itself copied or restored begins a new chain in every circle. It finds out
//! - at opening, by a mark that neither copies nor backups carry over ([`Anchor`]);
//! - at a sync, when the server knows more of its chain than itself, or another segment in its place.
//!
//! What was saved and has not left was written in the old chain's name. In the first case the other copy, if
//! there is one, has the same octets: they are carried verbatim. In the second the two may have used the
//! same numbers for different things: what the log does not show to be the same is said again in the
//! new chain's name, once the log has been fetched. A mark that is wrong costs a new chain, nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::Arc;

use cairn_wire::codec::Writer;
use cairn_wire::digest::{Hash, sha256};
use cairn_wire::id::{ChainId, CircleId, DeviceId, DocumentId, RecordId};
use cairn_wire::roster::Roster;
use cairn_wire::segment::parse;

use super::burying;
use super::merge::Taking;
use super::parts::{self, Held};
use super::shelves::{Shelves, written};
use super::submitting::kept_batch;
use super::sync::Tally;
use super::{Vault, fact, forms, sealing};
use crate::change::{self, About, TakenBack};
use crate::crypto::generate;
use crate::error::Error;
use crate::form::Part;
use crate::segment::{Batch, DepartureEntry, Dictionary, verify_own};
use crate::store::{ChainRow, CircleRow, OutboxKind, OutboxRow, PartRow, Rows, SealedRow, StoreError};

/// Keeps a mark where neither copies nor backups of the vault's folder carry it over. A laptop has a file
/// that is known by where it lies; a phone has better places, and its own way to name the installation.
pub trait Anchor: Send + Sync {
    /// The mark that lies there now; none where there never was one.
    ///
    /// # Errors
    /// What the disk says.
    fn read(&self, folder: &Path) -> io::Result<Option<Hash>>;

    /// Puts another mark there and gives it. It is on disk when this returns.
    ///
    /// # Errors
    /// What the disk says.
    fn renew(&self, folder: &Path) -> io::Result<Hash>;
}

/// No mark is longer.
const MARK: u64 = 64;

/// A file `mark` in the vault's folder. The mark is a hash over its random octets, the machine, and what
/// no copy has in common with it: device, file number, time of birth, time of the last change to any of it.
#[derive(Debug, Clone, Copy, Default)]
pub struct FileAnchor;

impl Anchor for FileAnchor {
    fn read(&self, folder: &Path) -> io::Result<Option<Hash>> {
        let path = folder.join("mark");
        let about = match fs::metadata(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            about => about?,
        };
        let machine = ["/etc/machine-id", "/var/lib/dbus/machine-id"];
        let machine = machine.iter().find_map(|path| fs::read(path).ok()).unwrap_or_default();
        let mut octets = Vec::new();
        // It has 16; whatever somebody put there, not more than that is read.
        File::open(path)?.take(MARK).read_to_end(&mut octets)?;
        let octets = sha256(&[&octets]);
        Ok(Some(sha256(&[b"cairn/mark/1", &sha256(&[&machine]), &octets, &sha256(&[&place(&about)])])))
    }

    fn renew(&self, folder: &Path) -> io::Result<Hash> {
        let octets: [u8; 16] = generate().map_err(|_| io::ErrorKind::Other)?;
        let (fresh, path) = (folder.join("mark.new"), folder.join("mark"));
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&fresh)?;
        file.write_all(&octets)?;
        file.sync_all()?;
        fs::rename(&fresh, &path)?;
        File::open(folder)?.sync_all()?;
        self.read(folder)?.ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

/// What a copy of a file has different.
fn place(about: &fs::Metadata) -> Vec<u8> {
    let since = |time: io::Result<std::time::SystemTime>| {
        let since = time.ok().and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
        since.map_or([0; 16], |since| since.as_nanos().to_be_bytes())
    };
    let mut place = since(about.created()).to_vec();
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        place.extend(about.dev().to_be_bytes());
        place.extend(about.ino().to_be_bytes());
        place.extend(about.ctime().to_be_bytes());
        place.extend(about.ctime_nsec().to_be_bytes());
    }
    #[cfg(not(unix))]
    place.extend(since(about.modified()));
    place
}

/// What becomes of changes that were saved in the old chain's name and have not left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unsent {
    /// They leave as they are.
    Carried,
    /// They wait until the log has been fetched.
    Held,
}

impl Vault {
    /// Begins new chains if this is not the vault that was closed here last.
    pub(super) fn notice_copy(&mut self) -> Result<(), Error> {
        let stored = self.store.rows().fact(fact::MARK)?;
        let found = self.anchor.read(&self.folder).map_err(mark_trouble)?;
        let same = stored.as_deref() == found.as_ref().map(|mark| &mark[..]);
        if same && found.is_some() {
            return Ok(());
        }
        // A vault that never had a mark is a new one, or one of an earlier version.
        if !same {
            self.begin_chains(Unsent::Carried)?;
        }
        self.renew_mark()
    }

    /// Another mark, once after each opening, before the first segment is sealed: an older state of the
    /// database that is put back into its old place is then known by its older mark.
    pub(super) fn renew_mark(&mut self) -> Result<(), Error> {
        if !self.marked {
            let mark = self.anchor.renew(&self.folder).map_err(mark_trouble)?;
            self.store.gesture(|rows| rows.put_fact(fact::MARK, &mark))?;
            self.marked = true;
        }
        Ok(())
    }

    /// Begins a new chain in every circle. All of it is one gesture.
    pub(super) fn begin_chains(&mut self, unsent: Unsent) -> Result<(), Error> {
        let mut anew = Vec::new();
        for circle in self.store.rows().circles()? {
            anew.push(self.anew(circle, unsent, 0)?);
        }
        let (count, device) = (anew.len() as u64, self.device.id());
        self.store.gesture(|rows| anew.into_iter().try_for_each(|anew| anew.begin(&rows, &device)))?;
        self.new_chains += count;
        Ok(())
    }

    /// A new chain for a circle that this device was let into again: its old one was ended when it left.
    /// What was handed in meanwhile as late letters is for a coordinator to decide, and is not carried.
    pub(super) fn entered_again(&self, circle: CircleRow) -> Result<Anew, Error> {
        let handed_in = circle.acknowledged;
        self.anew(circle, Unsent::Carried, handed_in)
    }

    pub(super) fn anew(&self, circle: CircleRow, unsent: Unsent, after: u64) -> Result<Anew, Error> {
        let outbox = self.outgoing_of(&circle, unsent, after)?;
        Ok(Anew { circle, chain: ChainId(generate()?), outbox })
    }

    /// Everything of a circle that has not been seen in the log, oldest first, as it waits from now on.
    fn outgoing_of(&self, circle: &CircleRow, unsent: Unsent, after: u64) -> Result<Vec<OutboxRow>, Error> {
        let rows = self.store.rows();
        let origin = circle.chain.0.to_vec();
        let kind = match unsent {
            Unsent::Carried => OutboxKind::Carried,
            Unsent::Held => OutboxKind::Held,
        };
        let row =
            |kind, document, bytes, extra| OutboxRow { number: 0, kind, document, form: 0, bytes, extra };
        let mut waiting = Vec::new();
        for sealed in rows.sealed_from(&circle.circle, after + 1, usize::MAX)? {
            let batch = self.own_batch(&circle.circle, &sealed)?;
            let names = batch.names.into_iter();
            waiting.extend(names.map(|name| row(OutboxKind::Name, None, name.into_bytes(), Vec::new())));
            let forms = batch.forms.into_iter();
            waiting.extend(forms.map(|form| row(OutboxKind::Form, None, form.form, form.dictionary)));
            let pieces = batch.pieces.into_iter();
            waiting.extend(pieces.map(|piece| row(OutboxKind::Piece, None, piece, Vec::new())));
            waiting.extend(batch.verdicts.into_iter().map(|verdict| {
                let mut writer = Writer::new();
                verdict.write(&mut writer);
                row(OutboxKind::Verdict, None, writer.finish(), Vec::new())
            }));
            waiting.extend(
                batch.labels.iter().map(|label| row(OutboxKind::Label, None, written(label), Vec::new())),
            );
            waiting.extend(batch.shares.iter().map(|share| {
                let mut writer = Writer::new();
                share.write(&mut writer);
                row(OutboxKind::Share, None, writer.finish(), Vec::new())
            }));
            waiting.extend(
                batch
                    .erasures
                    .iter()
                    .map(|erasure| row(OutboxKind::Erasure, None, burying::written(erasure), Vec::new())),
            );
            waiting.extend(batch.sealed.iter().map(sealing::outgoing));
            let confirmed = batch.confirmed.iter();
            waiting.extend(confirmed.map(|half| row(OutboxKind::Confirmed, None, half.to_vec(), Vec::new())));
            let departures = batch.departures.iter().map(DepartureEntry::to_bytes);
            waiting.extend(departures.map(|said| row(OutboxKind::Departure, None, said, Vec::new())));
            waiting.extend(batch.carried.into_iter().map(|carried| {
                let change = change::restore(&carried.entry.change);
                row(OutboxKind::Carried, Some(carried.entry.document), change, carried.origin.0.to_vec())
            }));
            waiting.extend(batch.changes.into_iter().map(|entry| {
                row(kind, Some(entry.document), change::restore(&entry.change), origin.clone())
            }));
        }
        for mut row in rows.outbox(&circle.circle, usize::MAX, usize::MAX)? {
            if row.kind == OutboxKind::Change {
                row.kind = kind;
                row.extra.clone_from(&origin);
            }
            waiting.push(row);
        }
        Ok(waiting)
    }

    /// What an own segment holds that has not been seen in the log.
    pub(super) fn own_batch(&self, circle: &CircleId, sealed: &SealedRow) -> Result<Batch, Error> {
        let rows = self.store.rows();
        if let Some(plain) = rows.plain(circle, sealed.seq)? {
            return Ok(kept_batch(&rows, plain)?);
        }
        let unreadable = || StoreError::Unreadable("sealed segment");
        let parsed = parse(&sealed.bytes).map_err(|_| unreadable())?;
        let secret = rows.epoch(circle, parsed.header.epoch)?.ok_or_else(unreadable)?;
        let verified = verify_own(parsed, self.roster()?, *circle, self.device.id());
        let batch = verified.and_then(|verified| {
            verified.open(&secret, |id| {
                let bytes = rows.dictionary(id).ok().flatten()?;
                Dictionary::new(bytes).map(Arc::new)
            })
        });
        Ok(batch.map_err(|_| unreadable())?)
    }

    /// Whether the newest key of a circle is still to come; with it come the older ones.
    fn lacks_key(&self, roster: &Roster, circle: &CircleId) -> Result<bool, Error> {
        let Some(known) = roster.circles().get(circle) else { return Ok(false) };
        let missing = self.store.rows().epoch(circle, known.epoch())?.is_none();
        Ok(missing && roster.may_read(&self.device.id(), circle))
    }

    /// Says again, in the new chain's name, what was held back and is not in the log; `true` if anything
    /// was. Called when the whole log has been fetched.
    pub(super) fn settle_held(&mut self, tally: &mut Tally<'_>) -> Result<bool, Error> {
        let Some(roster) = self.roster.clone() else { return Ok(false) };
        let mut holding = Vec::new();
        for circle in self.store.rows().circles()? {
            // What cannot be read yet may be just what is held back.
            if self.store.rows().holds_back(&circle.circle)? && !self.lacks_key(&roster, &circle.circle)? {
                holding.push(circle.circle);
            }
        }
        let (forms, own, shelves) = (self.forms.clone(), self.device.id(), self.shelves()?);
        self.store.gesture(|rows| {
            // A case that is begun anew has a new name, which its other parts must say: cases come first.
            let mut settling = Settling { rows, forms: &forms, shelves: &shelves, anew: BTreeMap::new() };
            let mut settled = Vec::new();
            for cases in [true, false] {
                for circle in &holding {
                    settled.push((circle, settling.settle(circle, cases)?));
                }
            }
            for (circle, documents) in settled {
                let (forms, shelves) = (forms.clone(), shelves.clone());
                let tally = &mut *tally;
                let mut take = Taking::begin(rows, &roster, circle, own, (forms, shelves), tally);
                for document in documents {
                    rows.retry(circle, &document)?;
                    take.changes.entry(document).or_default();
                }
                take.merge_all()?;
            }
            Ok::<_, Error>(())
        })?;
        Ok(!holding.is_empty())
    }
}

/// A chain that is about to begin, and what waits to leave under it.
pub(super) struct Anew {
    circle: CircleRow,
    chain: ChainId,
    outbox: Vec<OutboxRow>,
}

impl Anew {
    /// Leaves out what belongs to records that were erased meanwhile.
    pub(super) fn drop_erased(&mut self, rows: &Rows<'_>) -> Result<(), StoreError> {
        let mut kept = Vec::with_capacity(self.outbox.len());
        for row in std::mem::take(&mut self.outbox) {
            let erased = match row.document {
                Some(document) => rows.erased(&document, &self.circle.circle)?.is_some(),
                None => false,
            };
            if !erased {
                kept.push(row);
            }
        }
        self.outbox = kept;
        Ok(())
    }

    pub(super) fn circle(&self) -> CircleId {
        self.circle.circle
    }

    pub(super) fn begin(self, rows: &Rows<'_>, device: &DeviceId) -> Result<(), StoreError> {
        let Self { circle, chain, outbox } = self;
        // Whose chain it was must be known here even if no segment of it ever left.
        if rows.chain(&circle.chain)?.is_none() {
            let (old, device) = (circle.chain, *device);
            rows.put_chain(&ChainRow {
                chain: old,
                circle: circle.circle,
                device,
                height: 0,
                link: device.0,
            })?;
        }
        for sealed in rows.sealed_from(&circle.circle, 0, usize::MAX)? {
            rows.clear_sealed(&circle.circle, sealed.seq)?;
        }
        rows.clear_plain(&circle.circle, u64::MAX)?;
        rows.clear_outbox(&circle.circle, 0, u64::MAX)?;
        for row in &outbox {
            rows.put_outbox(&circle.circle, row)?;
        }
        rows.put_circle(&CircleRow {
            chain,
            next_document: 1,
            sealed: 0,
            sealed_link: Vec::new(),
            acknowledged: 0,
            in_doubt: false,
            ..circle
        })
    }
}

/// Settling what was held back, in one transaction.
struct Settling<'a> {
    rows: Rows<'a>,
    forms: &'a [Arc<super::KnownForm>],
    shelves: &'a Shelves,
    /// Records that were begun anew, and their new names.
    anew: BTreeMap<RecordId, RecordId>,
}

impl Settling<'_> {
    /// Settles the documents of a circle that are held back, the cases or the others; gives which.
    fn settle(&mut self, circle: &CircleId, cases: bool) -> Result<BTreeSet<DocumentId>, Error> {
        let rows = self.rows;
        let waiting = rows.outbox(circle, usize::MAX, usize::MAX)?;
        let held = waiting.iter().filter(|row| row.kind == OutboxKind::Held);
        let documents: BTreeSet<DocumentId> = held.filter_map(|row| row.document).collect();
        let mut settled = BTreeSet::new();
        for document in documents {
            let part = rows.document(&document)?;
            if part.as_ref().is_none_or(|row| row.part == Part::Case.name()) != cases {
                continue;
            }
            // What was written since builds on what is held back.
            let own = |row: &&OutboxRow| {
                row.document == Some(document) && matches!(row.kind, OutboxKind::Held | OutboxKind::Change)
            };
            let unsent: Vec<&OutboxRow> = waiting.iter().filter(own).collect();
            let hashes = unsent.iter().filter_map(|row| change::hash(&row.bytes)).collect();
            let parted =
                part.as_ref().map(|part| change::take_back(&part.bytes, &hashes)).transpose()?.flatten();
            for row in &unsent {
                rows.clear_outbox_row(row.number)?;
            }
            match (&part, parted) {
                (Some(part), Some(parted)) => self.say_again(part, parted)?,
                // Others build on it, so others have it: it is carried after all.
                _ => {
                    for row in unsent {
                        let kind = if row.kind == OutboxKind::Held { OutboxKind::Carried } else { row.kind };
                        rows.put_outbox(circle, &OutboxRow { kind, ..row.clone() })?;
                    }
                }
            }
            settled.insert(document);
        }
        Ok(settled)
    }

    /// Says what was taken back in the name of the circle's chain; a document that began with it is begun
    /// anew, and a record whose case was.
    fn say_again(&mut self, row: &PartRow, parted: TakenBack) -> Result<(), Error> {
        let rows = self.rows;
        let before = change::read(&row.bytes)?;
        let known = forms::find(self.forms, &before.form, &before.version);
        let known = known.ok_or_else(|| Error::NotFound { what: "form", name: before.form.clone() })?;
        let begins = parted.begins();
        let (chain, counter) = rows.take_documents(&row.circle, u64::from(begins))?;
        let document = if begins { DocumentId::of(chain, counter) } else { row.id };
        let record = match self.anew.get(&before.record) {
            _ if row.part == Part::Case.name() => RecordId(document.0),
            Some(anew) => *anew,
            None => before.record,
        };
        let forms = forms::lookup(self.forms);
        let again = parted.say(&forms, &About { record, part: &row.part }, chain)?;
        let content = change::read(&again.document)?;
        let held = parts::all(&rows, &before.record)?;
        if begins {
            parts::remove(&rows, self.forms, self.shelves, &held, &row.id)?;
            let new = parts::fresh(document, row.circle, again.document, content);
            parts::keep(&rows, self.forms, self.shelves, &parts::all(&rows, &record)?, new)?;
            if row.part == Part::Case.name() {
                self.anew.insert(before.record, record);
            }
        } else {
            let new = Held { row: PartRow { bytes: again.document, ..row.clone() }, content };
            parts::keep(&rows, self.forms, self.shelves, &held, new)?;
        }
        for bytes in again.changes {
            let (kind, form, extra) = (OutboxKind::Change, known.number, Vec::new());
            let outgoing = OutboxRow { number: 0, kind, document: Some(document), form, bytes, extra };
            rows.put_outbox(&row.circle, &outgoing)?;
        }
        Ok(())
    }
}

fn mark_trouble(source: io::Error) -> Error {
    Error::Disk { what: "the vault's mark", source }
}

#[cfg(test)]
mod tests;
