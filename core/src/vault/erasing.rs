//! Erasing records: gone from every device of the circles they were in, from the server once two devices
//! stand for a pack without them, and never to return.
//!
//! ```text
//! wanted (vault) ─► roster: commitment, and a key that leads back to no earlier one
//!                ─► sealed entry in the circle ─► every device buries and confirms
//!                ─► pack ─► vouched for ─► server lets go at once ─► devices let go of log and old keys
//! ```
//! Each step is taken up again by the next sync if it was cut off.

use std::collections::{BTreeMap, BTreeSet};

use cairn_wire::digest::Hash;
use cairn_wire::id::{CircleId, RecordId};
use cairn_wire::refusal::Reason;

use super::Vault;
use super::burying::written;
use super::merge::Taking;
use super::packing::PackMade;
use super::parts;
use super::sync::{Progress, SyncReport, Tally};
use crate::crypto::generate;
use crate::error::Error;
use crate::form::Part;
use crate::roster::erase;
use crate::segment::{ErasureEntry, REASON};
use crate::store::{ErasureRow, OutboxKind, OutboxRow};
use crate::transport::Transport;

/// Records erased by one command.
const MOST: usize = 64;
/// Other coordinators may change the roster meanwhile; so often it is tried.
const TRIES: usize = 5;

/// What erasing records did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Erasing {
    /// The records, copies that were made for other circles among them.
    pub records: BTreeSet<RecordId>,
    /// How many documents of them this device held.
    pub documents: u64,
    /// Circles they were erased from.
    pub circles: u64,
    /// Parts that are kept in circles in which this device is not: a coordinator there must erase them too.
    pub elsewhere: BTreeSet<Part>,
    /// Copies that were made for circles in which this device is not.
    pub copies_elsewhere: u64,
    /// The packs that say what is left.
    pub packs: Vec<PackMade>,
    /// The syncs it took.
    pub sync: SyncReport,
}

/// What is to be erased from one circle.
struct Wanted {
    circle: CircleId,
    record: RecordId,
    /// Whether anything of it is there.
    held: bool,
}

impl Vault {
    /// Erases records for everybody in the circles of this device, with the copies that were made of them for
    /// other circles. Nothing brings them back.
    ///
    /// # Errors
    /// [`Error::NotAllowed`] unless this device is a coordinator's; [`Error::NoReason`], [`Error::NotFound`],
    /// [`Error::Erased`], [`Error::LettersWait`]; and as [`Vault::sync`]: what was cut off is taken up by the
    /// next sync.
    pub fn erase_records(
        &mut self,
        transport: &dyn Transport,
        records: &[RecordId],
        reason: &str,
        mut watch: impl FnMut(Progress),
    ) -> Result<Erasing, Error> {
        self.need_coordinator()?;
        let reason = reason.trim();
        if reason.is_empty() {
            return Err(Error::NoReason);
        }
        if reason.len() > REASON || records.len() > MOST {
            return Err(Error::TooLarge("what is to be erased"));
        }
        self.sync(transport, &mut watch)?;
        self.store.gesture(|rows| rows.forget_unsaid())?;
        let mut erasing = Erasing::default();
        let wanted = self.wanted(records, &mut erasing)?;
        self.no_letter_speaks_of(&erasing.records)?;
        let cut: BTreeSet<CircleId> = wanted.iter().filter(|one| one.held).map(|one| one.circle).collect();
        erasing.circles = cut.len() as u64;
        self.want(wanted, reason)?;
        self.say_erased(transport, &cut)?;
        erasing.documents = self.carry_out()?;
        let sync = self.sync(transport, &mut watch)?;
        erasing.packs = match self.make_packs_of(transport, |circle| cut.contains(circle), &mut watch) {
            // The record is gone; a later pack does as well.
            Err(Error::Unsent(_)) => Vec::new(),
            made => made?,
        };
        erasing.sync = sync;
        Ok(erasing)
    }

    /// What erasing these records would do, as far as it can be told without the server. Nothing is changed.
    ///
    /// # Errors
    /// As [`Vault::erase_records`].
    pub fn would_erase(&self, records: &[RecordId]) -> Result<Erasing, Error> {
        self.need_coordinator()?;
        let mut erasing = Erasing::default();
        let wanted = self.wanted(records, &mut erasing)?;
        self.no_letter_speaks_of(&erasing.records)?;
        let circles: BTreeSet<_> = wanted.iter().filter(|one| one.held).map(|one| one.circle).collect();
        erasing.circles = circles.len() as u64;
        for record in &erasing.records {
            let parts = self.store.rows().parts(record)?.into_iter();
            erasing.documents += parts.filter(|part| circles.contains(&part.circle)).count() as u64;
        }
        Ok(erasing)
    }

    /// From which circles records are to be erased: where something of them is, and where a device that has
    /// slept may yet begin something of them.
    fn wanted(&self, records: &[RecordId], erasing: &mut Erasing) -> Result<Vec<Wanted>, Error> {
        let (rows, shelves) = (self.store.rows(), self.shelves()?);
        let mut wanted: BTreeMap<(CircleId, RecordId), bool> = BTreeMap::new();
        let mut open: Vec<RecordId> = records.to_vec();
        while let Some(record) = open.pop() {
            if !erasing.records.insert(record) {
                continue;
            }
            let held = parts::documents(&rows, &shelves, &record)?;
            if held.is_empty() {
                let erased = rows.erasures()?.iter().any(|row| row.record == record && row.said);
                let name = crate::view::handle(&record);
                return Err(if erased { Error::Erased } else { Error::NotFound { what: "record", name } });
            }
            let whole = parts::whole(&self.forms, &held)?;
            if let Ok(known) = self.form_of(&whole) {
                for part in known.form.parts() {
                    match shelves.of_record(part, whole.case.as_ref()) {
                        Some(circle) => drop(wanted.entry((circle, record)).or_default()),
                        None => drop(erasing.elsewhere.insert(part)),
                    }
                }
            }
            for part in rows.parts(&record)? {
                match shelves.is_held(&part.circle) {
                    true => drop(wanted.insert((part.circle, record), true)),
                    false => erasing.elsewhere.extend(Part::from_name(&part.part)),
                }
            }
            for copy in rows.shared(&record)? {
                match (shelves.is_held(&copy.circle), rows.record_exists(&copy.copy)?) {
                    (true, true) => open.push(copy.copy),
                    (true, false) => {}
                    (false, _) => erasing.copies_elsewhere += 1,
                }
            }
        }
        let wanted = wanted.into_iter().map(|((circle, record), held)| Wanted { circle, record, held });
        Ok(wanted.collect())
    }

    fn no_letter_speaks_of(&self, records: &BTreeSet<RecordId>) -> Result<(), Error> {
        let waits = self.letters()?.into_iter().filter(|letter| {
            letter.state == crate::store::LetterState::Waits
                && letter.records.iter().any(|record| records.contains(record))
        });
        match waits.count() as u64 {
            0 => Ok(()),
            waits => Err(Error::LettersWait(waits)),
        }
    }

    /// Remembers what is to be erased, before the roster says so: should this be cut off, the next sync knows.
    fn want(&mut self, wanted: Vec<Wanted>, reason: &str) -> Result<(), Error> {
        let workspace = self.stored_workspace()?;
        let mut rows_wanted = Vec::new();
        for Wanted { circle, record, .. } in wanted {
            let (salt, reason) = (generate()?, reason.to_owned());
            let entry = ErasureEntry { record, salt, documents: Vec::new(), reason };
            let commitment = entry.commitment(workspace, circle);
            let ErasureEntry { reason, .. } = entry;
            rows_wanted.push(ErasureRow {
                circle,
                record,
                salt,
                commitment,
                reason,
                said: false,
                seq: 0,
                attachments: 0,
            });
        }
        self.store.gesture(|rows| rows_wanted.iter().try_for_each(|row| rows.put_erasure(row).map(drop)))?;
        Ok(())
    }

    /// Lets the roster say what is wanted, and gives the circles that are `cut` a key that leads back nowhere.
    fn say_erased(&mut self, transport: &dyn Transport, cut: &BTreeSet<CircleId>) -> Result<(), Error> {
        let cut: Vec<CircleId> = cut.iter().copied().collect();
        for _ in 0..TRIES {
            let mut erased: BTreeMap<CircleId, Vec<Hash>> = BTreeMap::new();
            for row in self.store.rows().erasures()?.into_iter().filter(|row| !row.said) {
                erased.entry(row.circle).or_default().push(row.commitment);
            }
            let erased: Vec<_> = erased.into_iter().collect();
            let server = self.server()?.ok_or(Error::NoWorkspace)?;
            let done = erase(self.roster()?, &self.device, self.time()?, &erased, &cut)?;
            let mut watch = |_| {};
            let mut tally = Tally::new(&mut watch);
            if self.post_roster(transport, &server, &done.post, &mut tally)? {
                self.store.gesture(|rows| {
                    done.secrets
                        .iter()
                        .try_for_each(|(circle, epoch, secret)| rows.put_epoch(circle, *epoch, secret))
                })?;
                return Ok(());
            }
            self.sync(transport, |_| {})?;
        }
        Err(Error::Refused { reason: Reason::RosterMoved })
    }

    /// Carries out, here, what this device wanted erased and the roster says by now, and queues it for the
    /// others. Gives how many documents it was.
    pub(super) fn carry_out(&mut self) -> Result<u64, Error> {
        let Some(roster) = self.roster.clone() else { return Ok(0) };
        let wanted = self.store.rows().erasures()?.into_iter().filter(|row| !row.said);
        let said = |row: &ErasureRow| {
            roster.circles().get(&row.circle).is_some_and(|known| known.erasure(&row.commitment).is_some())
        };
        let now_said: Vec<ErasureRow> = wanted.filter(said).collect();
        if now_said.is_empty() {
            return Ok(0);
        }
        let (forms, own, shelves) = (self.forms.clone(), self.device.id(), self.shelves()?);
        let mut watch = |_| {};
        let mut tally = Tally::new(&mut watch);
        let documents = self.store.gesture(|rows| {
            let mut count = 0;
            for row in now_said {
                let parts = rows.parts(&row.record)?.into_iter().filter(|part| part.circle == row.circle);
                let documents: Vec<_> = parts.map(|part| part.id).collect();
                count += documents.len() as u64;
                let room = (forms.clone(), shelves.clone());
                let mut take = Taking::begin(rows, &roster, &row.circle, own, room, &mut tally);
                let row = ErasureRow { said: true, ..row };
                take.bury(&row, &documents, false)?;
                take.empty_segments()?;
                take.forget_older_packs()?;
                let ErasureRow { circle, record, salt, reason, .. } = row;
                let bytes = written(&ErasureEntry { record, salt, documents, reason });
                rows.put_outbox(
                    &circle,
                    &OutboxRow {
                        number: 0,
                        kind: OutboxKind::Erasure,
                        document: None,
                        form: 0,
                        bytes,
                        extra: Vec::new(),
                    },
                )?;
            }
            Ok::<_, Error>(count)
        })?;
        self.store.scrub()?;
        Ok(documents)
    }
}
