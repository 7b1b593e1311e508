//! How each thing happens.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::fs;

use cairn_core::form::field::{field, next_row_id};
use cairn_core::form::rows::rows;
use cairn_core::form::{Answer, Entry};
use cairn_core::transport::{Reply, Transport, TransportError};
use cairn_core::vault::InviteTerms;
use cairn_core::wire::refusal::Reason;
use cairn_core::wire::roster::Role;
use cairn_core::{Error, Vault};

use super::ledger::Said;
use super::{Device, EMPTY, Kept, MOST, Mark, Step, World};
use crate::dice::Dice;
use crate::fork::copy_folder;
use crate::ground::Ground;
use crate::level::shown;
use crate::sample;

/// A road on which one request is cut.
struct Cut<'a> {
    inner: &'a dyn Transport,
    /// Requests before it.
    before: Cell<usize>,
    part: usize,
    up: bool,
}

impl Transport for Cut<'_> {
    fn post(&self, path: &str, body: Vec<u8>) -> Result<Reply, TransportError> {
        let before = self.before.get();
        self.before.set(before.wrapping_sub(1));
        if before != 0 {
            return self.inner.post(path, body);
        }
        let octets = if self.up { body.len() * self.part / 1000 } else { body.len() };
        // Whatever the server says is lost.
        let _ = self.inner.post(path, body[..octets].to_vec());
        Err(TransportError::Offline)
    }
}

impl World<'_> {
    pub(super) fn act(&mut self, step: Step, dice: &mut Dice) {
        match step {
            Step::Capture(who) => self.capture(who, dice),
            Step::Edit(who) => self.edit(who, dice),
            Step::Sync(who) => self.sync(who),
            Step::CutSync { who, request, part, up } => self.cut_sync(who, request, part, up),
            Step::Renew(who) => self.renew(who),
            Step::Revoke(who) => self.revoke(who),
            Step::Pack(who) => self.pack(who),
            Step::Erase(who) => self.erase(who, dice),
            Step::Join => self.join(),
            Step::Clone(who) => self.clone(who),
            Step::KeepCopy(who) => self.keep_copy(who),
            Step::Restore(who) => self.restore(who),
            Step::Clock(who, days) => self.devices[who].clock.set(days * 86_400),
            Step::Reopen(who) => self.reopen(who, dice.once_in(2)),
            Step::Restart => {
                self.ground.stop();
                self.ground.start();
            }
            Step::Backup => self.back_up(),
            Step::RollBack => self.roll_back(),
            Step::Wipe => self.wipe(),
            Step::Heal(who) => {
                self.heal(who);
            }
            Step::HealAll => self.heal_all(),
        }
    }

    fn capture(&mut self, who: usize, dice: &mut Dice) {
        let name = format!("Record {}", self.ledger.tick());
        let mut answers = sample::answers(&name, dice);
        answers.remove("age");
        let device = &mut self.devices[who];
        let revoked = device.revoked;
        match device.vault().new_record("sample", answers) {
            Ok(_) => self.ledger.said(who, &name.clone(), Said::Record(name), revoked),
            Err(_) if revoked => {}
            Err(error) => self.find(who, "a record", &error),
        }
    }

    fn edit(&mut self, who: usize, dice: &mut Dice) {
        let number = self.ledger.tick();
        let device = &mut self.devices[who];
        let revoked = device.revoked;
        // By title: identifiers differ from run to run.
        let mut known: Vec<_> = shown(device.vault()).into_values().collect();
        known.sort_by_key(|view| view.title.clone());
        if known.is_empty() {
            return;
        }
        let view = dice.pick(&known);
        let age = dice.once_in(2);
        let word = format!("word{number}");
        let (field, answer, said) = match number % 5 {
            0 => {
                let last = rows(&view.answers, "people", &[]).last().copied();
                let row = next_row_id(last, number << 16);
                (field("who", &[&row]), sample::text(&word), Said::Row(word))
            }
            1 => ("calls".to_owned(), Answer::Log(vec![Entry::new(&word)]), Said::Call(word)),
            _ if age => {
                let age = 1000 + number as i64;
                ("age".to_owned(), Answer::Integer(age), Said::Age(age))
            }
            _ => {
                let Some(Answer::Narrative(story)) = view.answers.get("story") else { return };
                ("story".to_owned(), Answer::Narrative(format!("{story} {word}")), Said::Word(word))
            }
        };
        match device.vault().edit_record(&view.id, &sample::edit(&field, answer)) {
            Ok(_) => self.ledger.said(who, &view.title, said, revoked),
            Err(_) if revoked => {}
            Err(error) => self.find(who, &field, &error),
        }
    }

    /// A server may have forgotten a revocation, and let in what counts for nobody who knows of it. In the end
    /// the office accepts it, since others may have built on it.
    fn may_slip_in(&mut self, who: usize) {
        self.slipped |= self.lost && self.devices[who].revoked;
    }

    fn sync(&mut self, who: usize) {
        self.may_slip_in(who);
        let road = self.ground.transport();
        self.ledger.set_out(who);
        let synced = self.devices[who].vault().sync(&road, |_| {});
        match synced {
            Ok(report) => {
                if report.alarms > 0 && !self.ever_lost {
                    self.findings.push(format!("a false alarm at {:?}", self.steps.last()));
                }
                if report.left == 0 && !self.devices[who].revoked {
                    self.ledger.synced(who);
                }
            }
            Err(error) => self.told(who, &error),
        }
    }

    /// Whether a device may have been told that.
    fn told(&mut self, who: usize, error: &Error) {
        let fine = match error {
            Error::NoLongerMember { .. } => self.devices[who].revoked,
            Error::Refused { reason: Reason::Revoked } => self.devices[who].revoked,
            Error::Tampered(_) | Error::NotTaken(_) | Error::NoPack => self.lost,
            Error::Refused { reason } => {
                let forgotten = [Reason::UnknownWorkspace, Reason::NotMember, Reason::RosterMoved];
                self.lost && forgotten.contains(reason)
            }
            _ => false,
        };
        if !fine {
            self.find(who, "told", error);
        }
    }

    fn cut_sync(&mut self, who: usize, request: usize, part: usize, up: bool) {
        self.may_slip_in(who);
        let road = self.ground.transport();
        let cut = Cut { inner: &road, before: Cell::new(request), part, up };
        self.ledger.set_out(who);
        match self.devices[who].vault().sync(&cut, |_| {}) {
            Ok(report) if report.left == 0 && !self.devices[who].revoked => self.ledger.synced(who),
            Ok(_) | Err(Error::Offline) => {}
            Err(error) => self.told(who, &error),
        }
    }

    fn renew(&mut self, who: usize) {
        if self.lost || self.devices[who].revoked || !self.devices[who].vault().is_coordinator() {
            return;
        }
        let road = self.ground.transport();
        match self.devices[who].vault().renew_keys(&road) {
            Ok(_) => self.ledger.sent(who),
            Err(error) => self.find(who, "renewing", &error),
        }
        // As above: the office always has the newest key.
        if who != 0 {
            self.sync(0);
        }
    }

    fn pack(&mut self, who: usize) {
        let device = &mut self.devices[who];
        if self.lost || device.revoked || !device.vault().is_coordinator() {
            return;
        }
        let road = self.ground.transport();
        self.ledger.set_out(who);
        match self.devices[who].vault().make_packs(&road, |_| {}) {
            Ok(_) => self.ledger.sent(who),
            Err(error) => self.find(who, "packing", &error),
        }
    }

    fn wipe(&mut self) {
        if self.erased {
            return;
        }
        self.lost_after_letting_go |= self.has_let_go();
        self.ground.wipe();
        self.has_lost();
    }

    fn revoke(&mut self, who: usize) {
        let id = self.devices[who].id;
        if self.lost || who == 0 || self.devices[who].revoked || id == self.devices[0].id {
            return;
        }
        let road = self.ground.transport();
        match self.devices[0].vault().revoke(&road, &id, None) {
            Ok(_) => {
                self.ledger.sent(0);
                let theirs = |(_, device): &(usize, &mut Device)| device.id == id;
                let mut all = BTreeSet::new();
                for (who, device) in self.devices.iter_mut().enumerate().filter(theirs) {
                    device.revoked = true;
                    all.insert(who);
                }
                self.ledger.revoked(&all);
            }
            Err(error) => self.find(0, "revoking", &error),
        }
    }

    fn join(&mut self) {
        if self.lost || self.devices.len() >= MOST || self.joined + 1 >= EMPTY.len() {
            return;
        }
        let name = EMPTY[self.joined];
        self.joined += 1;
        let who = self.enter(name, Default::default(), Mark::default());
        let (office, rest) = self.devices.split_at_mut(1);
        let joined = join(&self.ground, office[0].vault(), rest[who - 1].vault(), name);
        match joined {
            Ok(()) => self.ledger.sent(0),
            Err(trouble) => self.findings.push(trouble),
        }
    }

    fn clone(&mut self, who: usize) {
        if self.devices.len() >= MOST {
            return;
        }
        let name = format!("copy{}", self.devices.len());
        let device = &self.devices[who];
        // As a backup program does it: the vault is open, and nobody writes just now.
        copy_folder(&self.ground.folder(&device.name), &self.ground.folder(&name));
        let mut copy = Device {
            name,
            vault: None,
            id: device.id,
            clock: Default::default(),
            mark: Mark::elsewhere(),
            revoked: device.revoked,
            copy: None,
        };
        copy.open(&self.ground);
        self.copied = true;
        self.devices.push(copy);
        self.ledger.copied(who, self.devices.len() - 1);
    }

    fn keep_copy(&mut self, who: usize) {
        let tick = self.ledger.tick();
        let device = &mut self.devices[who];
        let kept = self.ground.path().join(format!("{} {tick}", device.name));
        copy_folder(&self.ground.folder(&device.name), &kept);
        device.copy = Some(Kept { folder: kept, tick, mark: device.mark.value() });
    }

    fn restore(&mut self, who: usize) {
        // The office, which always belongs, fetches its keys before the server can lose its wraps as well:
        // with both gone nobody could renew them (THREATS).
        if who == 0 && self.lost {
            return;
        }
        let device = &mut self.devices[who];
        let Some(kept) = device.copy.clone() else { return };
        self.unnoticed += u64::from(kept.mark == device.mark.value());
        drop(device.vault.take());
        let folder = self.ground.folder(&device.name);
        fs::remove_dir_all(&folder).expect("a folder");
        copy_folder(&kept.folder, &folder);
        device.open(&self.ground);
        self.copied = true;
        self.ledger.put_back(who, kept.tick);
        if who == 0 {
            self.sync(0);
        }
    }

    fn reopen(&mut self, who: usize, in_order: bool) {
        let device = &mut self.devices[who];
        let vault = device.vault.take().expect("the vault is open");
        if in_order {
            vault.lock().expect("the vault locks");
        } else {
            // As when the program is ended by force: nothing is tidied up.
            drop(vault);
        }
        device.open(&self.ground);
    }

    fn back_up(&mut self) {
        // A copy of what has lost something would be a third history.
        if self.lost {
            return;
        }
        let kept = self.ground.path().join(format!("server {}", self.ledger.tick()));
        self.ground.stop();
        copy_folder(&self.ground.data(), &kept);
        self.ground.start();
        self.backup = Some(kept);
    }

    fn roll_back(&mut self) {
        let Some(kept) = self.backup.clone().filter(|_| !self.erased) else { return };
        self.lost_after_letting_go |= self.has_let_go();
        self.ground.stop();
        fs::remove_dir_all(self.ground.data()).expect("a folder");
        copy_folder(&kept, &self.ground.data());
        self.ground.start();
        self.has_lost();
    }

    fn has_lost(&mut self) {
        (self.lost, self.ever_lost) = (true, true);
        self.ledger.server_lost();
    }

    /// Gives back what the server lost; `false` if this device lacks some of that itself.
    fn heal(&mut self, who: usize) -> bool {
        if self.devices[who].revoked {
            return true;
        }
        let road = self.ground.transport();
        self.ledger.set_out(who);
        match self.devices[who].vault().heal(&road, &[], |_| {}) {
            Ok(_) => self.ledger.synced(who),
            Err(Error::CannotHeal) if self.lost => return false,
            Err(error) => self.told(who, &error),
        }
        true
    }

    /// Everybody who belongs gives back what the server lost; then the keys are renewed, since those that
    /// were wrapped for somebody who had not fetched them are gone.
    pub(super) fn heal_all(&mut self) {
        if !self.lost {
            return;
        }
        let mut order: Vec<usize> = (0..self.devices.len()).collect();
        for _ in 0..self.devices.len() {
            order.iter().for_each(|who| {
                self.heal(*who);
            });
            let Some(stuck) = order.iter().find(|who| !self.heal(**who)).copied() else { break };
            // The operator begins with an empty log, and whoever knows most goes first.
            self.wipe();
            order.retain(|who| *who != stuck);
            order.insert(0, stuck);
        }
        self.lost = false;
        self.renew(0);
        for who in 0..self.devices.len() {
            if !self.devices[who].revoked {
                self.sync(who);
            }
        }
    }
}

/// Lets an empty vault join the office's workspace.
pub(super) fn join(
    ground: &Ground,
    office: &mut Vault,
    newcomer: &mut Vault,
    name: &str,
) -> Result<(), String> {
    let road = ground.transport();
    // The clock may have jumped; the invitation's expiry is by the server's.
    office.sync(&road, |_| {}).map_err(|error| format!("the office cannot sync: {error}"))?;
    let terms = InviteTerms { role: Role::Field, hours: 24 };
    let invitation = office.invite(&terms).map_err(|error| format!("no invitation: {error}"))?;
    newcomer.accept(&invitation.to_text(), name).map_err(|error| format!("not accepted: {error}"))?;
    match newcomer.sync(&road, |_| {}) {
        Err(Error::Waiting) => {}
        other => return Err(format!("{name} was not asked to wait: {other:?}")),
    }
    let admitted = office.sync(&road, |_| {}).map_err(|error| format!("the office cannot sync: {error}"))?;
    if admitted.admitted != 1 {
        return Err(format!("{name} was not admitted"));
    }
    newcomer.sync(&road, |_| {}).map(drop).map_err(|error| format!("{name} cannot sync: {error}"))
}
