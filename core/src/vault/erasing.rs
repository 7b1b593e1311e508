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

use cairn_wire::digest::{Hash, half};
use cairn_wire::id::{CircleId, DeviceId, RecordId};
use cairn_wire::refusal::Reason;
use cairn_wire::roster::{ERASED, Erased, Role, Roster};

use super::burying::written;
use super::merge::Taking;
use super::packing::{Offered, PackMade};
use super::parts;
use super::sync::{Progress, SyncReport, Tally};
use super::vouching::Agreement;
use super::{ServerAddress, Vault};
use crate::crypto::generate;
use crate::error::Error;
use crate::form::Part;
use crate::roster::erase;
use crate::segment::{ErasureEntry, REASON};
use crate::store::{ErasureRow, OutboxKind, OutboxRow};
use crate::transport::Transport;

/// Other coordinators may change the roster meanwhile; so often it is tried.
const TRIES: usize = 5;
/// For so many days after an erasure a circle's devices keep the keys from before it: what a phone that slept
/// hands in under them late can still be opened.
pub(super) const KEYS_KEPT_DAYS: u64 = 30;

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

/// Whether a device has carried an erasure out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carried {
    /// It had the record erased.
    Author,
    /// It has said so, at this time by its clock: seconds since 1970.
    Said(u64),
    /// Not that is known.
    NotYet,
    /// Not that is known, and it has been taken out of the circle since.
    TakenOut,
    /// It carries what is sealed and cannot say anything: it lets go at its next sync.
    Carries,
}

/// An erasure, as people see it and as a certificate tells of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErasureView {
    /// The record.
    pub record: RecordId,
    /// The circle it was erased from.
    pub circle: CircleId,
    /// What people call that.
    pub circle_name: Option<String>,
    /// Why.
    pub reason: String,
    /// Who had it erased.
    pub author: DeviceId,
    /// The author's clock then, seconds since 1970.
    pub time: u64,
    /// The roster entry that says so, and its hash.
    pub entry: (u64, Hash),
    /// What that entry says: a commitment to the record.
    pub commitment: Hash,
    /// With this anybody can check the commitment.
    pub salt: [u8; 32],
    /// Every device that was in the circle, with what it is called and whether it has carried it out.
    pub devices: Vec<(DeviceId, Option<String>, Carried)>,
    /// Copies that were made for other circles and are not known to be erased: records of their own.
    pub copies: Vec<RecordId>,
    /// Whether two devices stand for a pack without the record, so that the server lets go of all before it.
    pub left_server: bool,
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
        if reason.len() > REASON || records.len() > ERASED / 2 {
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
            let whole = parts::whole(&held)?;
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
            rows_wanted.push(ErasureRow { circle, record, salt, commitment, reason, said: false, seq: 0 });
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

    /// Circles in which something was erased that has not arrived here: what waits there may be of it, and does
    /// not leave while more of the log is to come.
    pub(super) fn awaiting_erasures(&self) -> Result<BTreeSet<CircleId>, Error> {
        let mut awaiting = BTreeSet::new();
        let (Some(roster), true) = (&self.roster, self.need_reader().is_ok()) else { return Ok(awaiting) };
        let rows = self.store.rows();
        let own = self.device.id();
        for (circle, known) in roster.circles().iter().filter(|(_, known)| known.holds(&own)) {
            for erased in &known.erased {
                if !rows.is_said(&erased.commitment)? {
                    awaiting.insert(*circle);
                }
            }
        }
        Ok(awaiting)
    }

    /// Circles with erasures that no pack stands for yet on this device.
    pub(super) fn unpacked_erasures(&self) -> Result<BTreeMap<CircleId, u64>, Error> {
        let rows = self.store.rows();
        let mut open: BTreeMap<CircleId, u64> = BTreeMap::new();
        for row in rows.erasures()?.into_iter().filter(|row| row.said) {
            let base = rows.circle(&row.circle)?.map_or(u64::MAX, |circle| circle.base);
            if row.seq == 0 || row.seq > base {
                *open.entry(row.circle).or_default() += 1;
            }
        }
        Ok(open)
    }

    /// Erased records that may still rest on the server.
    pub(super) fn erased_on_server(&self) -> Result<u64, Error> {
        Ok(self.unpacked_erasures()?.values().sum())
    }

    /// Where two devices stand for a pack without erased records, and this device's copy says the same: lets go
    /// of the log before it, as the server does, and notes who vouched.
    pub(super) fn let_go(&mut self, offered: &Offered, vouched_by: &[DeviceId]) -> Result<(), Error> {
        let manifest = &offered.signed.manifest;
        let circle = manifest.circle;
        let rows = self.store.rows();
        let Some(row) = rows.circle(&circle)? else { return Ok(()) };
        let covered = |one: &ErasureRow| {
            let since = self.roster.as_ref().and_then(|roster| since(roster, one)).unwrap_or(u64::MAX);
            one.said
                && one.circle == circle
                && one.seq > row.base
                && one.seq <= manifest.seq
                && since <= manifest.roster_seq
        };
        let erased: Vec<ErasureRow> = rows.erasures()?.into_iter().filter(covered).collect();
        if erased.is_empty() || self.agrees(manifest)? != Agreement::Same {
            return Ok(());
        }
        let now = self.clock.now();
        let stands = vouched_by.len() >= 2;
        self.store.gesture(|rows| {
            for one in &erased {
                for device in vouched_by {
                    rows.put_confirmed(&half(&one.commitment), device, now)?;
                }
            }
            if stands {
                let mut row = row;
                (row.base, row.base_root) = (manifest.seq, manifest.root);
                rows.put_circle(&row)?;
                rows.clear_log(&circle, manifest.seq)?;
                match rows.kept(&circle)? {
                    Some(kept) if kept.pack == offered.signed.hash => {
                        rows.keep_pack(&circle, &offered.kept())?
                    }
                    _ => rows.forget_kept(&circle)?,
                }
            }
            Ok::<_, Error>(())
        })
    }

    /// A courier lets go of the sealed segments from before an erasure once two devices stand for a pack without
    /// them: it cannot tell which of them held anything of the record.
    pub(super) fn carrier_lets_go(
        &mut self,
        transport: &dyn Transport,
        server: &ServerAddress,
        tally: &mut Tally<'_>,
    ) -> Result<(), Error> {
        let Some(roster) = self.roster.clone().filter(|_| self.carries_only()) else { return Ok(()) };
        let (own, now) = (self.device.id(), self.clock.now());
        let mut open: BTreeMap<CircleId, Vec<Erased>> = BTreeMap::new();
        for (circle, known) in roster.circles().iter().filter(|(_, known)| known.holds(&own)) {
            for erased in &known.erased {
                let done = self.store.rows().confirmed(&erased.commitment)?;
                if !done.iter().any(|(device, _)| *device == own) {
                    open.entry(*circle).or_default().push(*erased);
                }
            }
        }
        if open.is_empty() {
            return Ok(());
        }
        let circles: Vec<CircleId> = open.keys().copied().collect();
        for offered in self.offered(transport, server, &circles, tally)? {
            let manifest = &offered.signed.manifest;
            let Some(mut row) = self.store.rows().circle(&manifest.circle)? else { continue };
            let root = match manifest.seq {
                seq if seq == row.cursor => Some(half(&row.root)),
                seq => self.store.rows().half_root(&row.circle, seq)?,
            };
            // What it has is from later on already, or the pack is of another log than the one it has.
            let covered = manifest.seq <= row.base || root == Some(half(&manifest.root));
            if !covered || self.standing(&offered)?.len() < 2 {
                continue;
            }
            let known = open.get(&manifest.circle).into_iter().flatten();
            let done: Vec<_> = known.filter(|erased| erased.since <= manifest.roster_seq).collect();
            self.store.gesture(|rows| {
                for erased in &done {
                    rows.put_confirmed(&half(&erased.commitment), &own, now)?;
                }
                if !done.is_empty() && manifest.seq > row.base {
                    (row.base, row.base_root) = (manifest.seq, manifest.root);
                    rows.put_circle(&row)?;
                    rows.drop_log(&row.circle, manifest.seq)?;
                }
                Ok::<_, Error>(())
            })?;
        }
        Ok(())
    }

    /// Forgets keys from before an erasure once nothing that is held needs them and the time for what comes
    /// late is over.
    pub(super) fn forget_old_keys(&mut self) -> Result<(), Error> {
        let Some(roster) = self.roster.clone() else { return Ok(()) };
        let today = self.time()?;
        let open = self.unpacked_erasures()?;
        for (circle, known) in roster.circles() {
            let first = known.first_reachable();
            let rows = self.store.rows();
            let Some(row) = rows.circle(circle)?.filter(|_| first > 1) else { continue };
            let newest = known.erased.iter().map(|erased| erased.time).max();
            let over = newest.is_some_and(|time| time.saturating_add(KEYS_KEPT_DAYS * 86_400) <= today);
            let needed = open.contains_key(circle)
                || row.sealed > row.acknowledged
                || !rows.troubled_segments(circle)?.is_empty()
                || rows.letters()?.iter().any(|letter| letter.circle == *circle);
            if over && !needed && rows.epoch(circle, first)?.is_some() {
                self.store.gesture(|rows| rows.forget_epochs(circle, first))?;
            }
        }
        Ok(())
    }

    /// Every erasure that this device knows of, oldest first.
    ///
    /// # Errors
    /// [`Error::NoWorkspace`], and what the disk says.
    pub fn erasures(&self) -> Result<Vec<ErasureView>, Error> {
        let (roster, rows, shelves) = (self.roster()?, self.store.rows(), self.shelves()?);
        let mut views = Vec::new();
        for row in rows.erasures()?.into_iter().filter(|row| row.said) {
            let Some(known) = roster.circles().get(&row.circle) else { continue };
            let Some(said) = known.erasure(&row.commitment) else { continue };
            let confirmed: BTreeMap<DeviceId, u64> = rows.confirmed(&row.commitment)?.into_iter().collect();
            let mut devices = Vec::new();
            for (device, member) in roster.members() {
                // Who only hands in holds nothing that it has handed in.
                if !roster.was_in(device, &row.circle, said.since) || member.role == Role::SubmitOnly {
                    continue;
                }
                let carried = match confirmed.get(device) {
                    _ if *device == said.author => Carried::Author,
                    Some(time) => Carried::Said(*time),
                    None if *device == self.device.id() => Carried::Said(said.time),
                    None if known.holds(device) && member.role == Role::Courier => Carried::Carries,
                    None if known.holds(device) => Carried::NotYet,
                    None => Carried::TakenOut,
                };
                devices.push((*device, rows.name(device)?, carried));
            }
            let mut copies = Vec::new();
            for shared in rows.shared(&row.record)? {
                if !rows.is_erased(&shared.copy, &shared.circle)? {
                    copies.push(shared.copy);
                }
            }
            let base = rows.circle(&row.circle)?.map_or(0, |circle| circle.base);
            views.push(ErasureView {
                copies,
                record: row.record,
                circle: row.circle,
                circle_name: shelves.name(&row.circle).map(str::to_owned),
                reason: row.reason,
                author: said.author,
                time: said.time,
                entry: (said.since, roster.head_at(said.since).unwrap_or_default()),
                commitment: row.commitment,
                salt: row.salt,
                devices,
                left_server: row.seq > 0 && row.seq <= base,
            });
        }
        Ok(views)
    }
}

/// The roster entry that says so.
fn since(roster: &Roster, row: &ErasureRow) -> Option<u64> {
    Some(roster.circles().get(&row.circle)?.erasure(&row.commitment)?.since)
}
