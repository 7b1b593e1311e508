//! What was erased: what has not arrived yet, who has carried it out, and how device and server let go of all
//! from before.

use std::collections::{BTreeMap, BTreeSet};

use cairn_wire::digest::{Hash, half};
use cairn_wire::id::{CircleId, DeviceId, RecordId};
use cairn_wire::roster::{Erased, Role, Roster};

use super::packing::Offered;
use super::sync::Tally;
use super::vouching::Agreement;
use super::{ServerAddress, Vault};
use crate::error::Error;
use crate::store::ErasureRow;
use crate::transport::Transport;

/// For so many days after an erasure a circle's devices keep the keys from before it: what a phone that slept
/// hands in under them late can still be opened.
const KEYS_KEPT_DAYS: u64 = 30;

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
    /// How many attached files the documents named that went with it here.
    pub attachments: u64,
    /// Whether two devices stand for a pack without the record, so that the server lets go of all before it.
    pub left_server: bool,
}

impl Vault {
    /// Circles in which something was erased that has not arrived here: what waits there may be of it, and does
    /// not leave while more of the log is to come.
    pub(super) fn awaiting_erasures(&self) -> Result<BTreeSet<CircleId>, Error> {
        let mut awaiting = BTreeSet::new();
        let (Some(roster), true) = (&self.roster, self.need_reader().is_ok()) else { return Ok(awaiting) };
        let rows = self.store.rows();
        let own = self.device.id();
        for (circle, known) in roster.circles().iter().filter(|(_, known)| known.lets_read(&own)) {
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

    /// Whether an erasure waits for a pack that somebody else could stand for.
    pub(super) fn awaits_standing(&self) -> Result<bool, Error> {
        let (roster, own) = (self.roster()?, self.device.id());
        let others = |circle: &CircleId| {
            let known = roster.circles().get(circle);
            known.is_some_and(|known| {
                let mut others = known.devices().filter(|device| **device != own);
                others.any(|device| roster.may_read(device, circle))
            })
        };
        Ok(self.unpacked_erasures()?.keys().any(others))
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
                let role = roster.role_in(device, &row.circle, said.since);
                if role.is_none_or(|role| role == Role::SubmitOnly) {
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
                attachments: row.attachments,
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
