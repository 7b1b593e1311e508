//! A village: several devices and one server, bad roads between them, and seeded days of work.
//!
//! One seed is one schedule: who does what, and what the roads do to whom. Keys and salts differ from
//! run to run; nothing in the schedule depends on them.

use std::collections::BTreeSet;

use cairn_core::form::{Answer, Answers};
use cairn_core::wire::id::RecordId;
use cairn_core::wire::refusal::Reason;
use cairn_core::wire::roster::Role;
use cairn_core::{Error, Vault};

use crate::dice::Dice;
use crate::fork::copy_folder;
use crate::ground::Ground;
use crate::level::{differences, level};
use crate::road::{BadRoad, Letter};
use crate::sample;

/// One request in so many meets with something.
const TROUBLE: usize = 3;
/// Vaults in one village, copies included.
const MOST: usize = 8;

/// A village at work.
pub struct Village {
    ground: Ground,
    devices: Vec<Device>,
    /// Every record somebody was told is saved.
    records: Vec<RecordId>,
    /// Every edit somebody was told is saved.
    edits: Vec<Edit>,
    /// What went wrong on the way.
    findings: Vec<String>,
    /// Numbers that make each value unlike all others.
    next: i64,
}

struct Device {
    name: String,
    vault: Option<Vault>,
    letters: Vec<Letter>,
}

enum Edit {
    /// This answer was given to this field.
    Value(RecordId, &'static str, Answer),
    /// This word was put into the story.
    Word(RecordId, String),
}

impl Village {
    /// A village of 4 to 6 devices with a form and a few records, all level.
    pub fn new(dice: &mut Dice) -> Self {
        let ground = Ground::new();
        let mut office = ground.office("office");
        office.publish_form(&sample::form()).expect("a form");
        ground.sync(&mut office);
        let mut devices = Vec::new();
        let fields = 3 + dice.below(3);
        for number in 1..=fields {
            // A second coordinator, so that two may renew keys.
            let role = if number == 1 { Role::Coordinator } else { Role::Field };
            let name = format!("field{number}");
            let vault = ground.member(&mut office, &name, role);
            devices.push(Device { name, vault: Some(vault), letters: Vec::new() });
        }
        devices.insert(0, Device { name: "office".to_owned(), vault: Some(office), letters: Vec::new() });
        let mut village =
            Self { ground, devices, records: Vec::new(), edits: Vec::new(), findings: Vec::new(), next: 0 };
        for who in 0..2 {
            village.save(who, &mut dice.clone());
        }
        for _ in 0..2 {
            for who in 0..village.devices.len() {
                village.sync(who, 0, 0);
            }
        }
        village
    }

    /// So many things happen.
    pub fn live(&mut self, dice: &mut Dice, steps: usize) {
        for _ in 0..steps {
            let mut dice = Dice::new(dice.bits());
            let who = dice.below(self.devices.len());
            match dice.below(32) {
                0..=5 => self.save(who, &mut dice),
                6..=16 => self.edit(who, &mut dice),
                17..=18 => self.settle(who, &mut dice),
                19..=26 => self.sync(who, dice.bits(), TROUBLE),
                27..=28 => self.renew(who % 2, &mut dice),
                29 => self.restart(),
                30 => self.copy(who),
                _ => self.reopen(who, &mut dice),
            }
        }
    }

    /// The roads are good again: all that is under way arrives, everybody syncs, and a newcomer joins.
    /// Gives everything that is not as it must be.
    pub fn rest(mut self, before_newcomer: impl FnOnce(&mut Ground)) -> Vec<String> {
        let transport = self.ground.transport();
        for device in &mut self.devices {
            let letters = std::mem::take(&mut device.letters);
            BadRoad::with_letters(&transport, 0, 0, letters).deliver_all();
        }
        let mut vaults: Vec<(String, Vault)> = self
            .devices
            .drain(..)
            .map(|device| (device.name, device.vault.expect("every vault is open")))
            .collect();
        if let Err(trouble) = level(&self.ground, &mut vaults) {
            self.findings.push(trouble);
        }
        before_newcomer(&mut self.ground);
        let mut newcomer = self.ground.vault("newcomer", 0);
        let joined = join(&self.ground, &mut vaults[0].1, &mut newcomer);
        vaults.push(("newcomer".to_owned(), newcomer));
        if let Err(trouble) = joined.and_then(|()| level(&self.ground, &mut vaults)) {
            self.findings.push(trouble);
        }
        self.findings.extend(differences(&vaults));
        self.findings.extend(self.lost(&vaults[0].1));
        self.ground.stop();
        let report = cairn_server::doctor::examine(&self.ground.data()).expect("a data folder");
        self.findings.extend(report.problems.iter().map(|problem| format!("server: {problem}")));
        if report.frozen_chains > 0 {
            self.findings.push(format!("server: {} chains are frozen", report.frozen_chains));
        }
        self.findings
    }

    /// What somebody was told is saved, and is not there.
    fn lost(&self, vault: &Vault) -> Vec<String> {
        let mut findings = Vec::new();
        let shown = crate::level::shown(vault);
        let saved: BTreeSet<_> = self.records.iter().collect();
        if saved.len() != shown.len() || !shown.keys().all(|id| saved.contains(id)) {
            findings.push(format!("{} records were saved, {} are shown", saved.len(), shown.len()));
        }
        for edit in &self.edits {
            match edit {
                Edit::Value(record, field, answer) => {
                    let past = vault.history(record, Some(field)).unwrap_or_default();
                    if !past.iter().any(|past| past.answer.as_ref() == Some(answer)) {
                        findings.push(format!("{field}: {answer:?} is in no history"));
                    }
                }
                Edit::Word(record, word) => {
                    let story = shown.get(record).and_then(|view| view.answers.get("story"));
                    let Some(Answer::Narrative(story)) = story else {
                        findings.push("a story is gone".to_owned());
                        continue;
                    };
                    let told = story.split_whitespace().filter(|told| told == word).count();
                    if told != 1 {
                        findings.push(format!("the word {word} is told {told} times"));
                    }
                }
            }
        }
        findings
    }

    fn vault(&mut self, who: usize) -> &mut Vault {
        self.devices[who].vault.as_mut().expect("the vault is open")
    }

    fn number(&mut self) -> i64 {
        self.next += 1;
        self.next
    }

    fn save(&mut self, who: usize, dice: &mut Dice) {
        let name = format!("Sample {}", self.number());
        let answers: Answers = sample::answers(&name, dice);
        match self.vault(who).new_record("sample", answers) {
            Ok(record) => self.records.push(record),
            Err(error) => self.findings.push(format!("a record could not be saved: {error}")),
        }
    }

    fn edit(&mut self, who: usize, dice: &mut Dice) {
        let record = *dice.pick(&self.records);
        let (field, choice) = (dice.below(5), *dice.pick(&["legal", "shelter", "food", "medical"]));
        let number = self.number();
        // A record that has not arrived here cannot be edited here.
        let Ok(view) = self.vault(who).record(&record) else { return };
        let (field, answer) = match field {
            0 => ("age", Answer::Integer(1000 + number)),
            1 => ("name", sample::text(&format!("Renamed {number}"))),
            2 => ("sex", sample::text(if number % 2 == 0 { "female" } else { "other" })),
            3 => {
                let mut chosen = match view.answers.get("needs") {
                    Some(Answer::Choices(chosen)) => chosen.clone(),
                    _ => BTreeSet::new(),
                };
                if !chosen.remove(choice) {
                    chosen.insert(choice.to_owned());
                }
                ("needs", Answer::Choices(chosen))
            }
            _ => {
                let Some(Answer::Narrative(story)) = view.answers.get("story") else { return };
                let word = format!("word{number}");
                let story =
                    if number % 2 == 0 { format!("{story} {word}") } else { format!("{word} {story}") };
                ("story", Answer::Narrative(story))
            }
        };
        match self.vault(who).edit_record(&record, &sample::edit(field, answer.clone())) {
            Ok(true) if field == "story" => self.edits.push(Edit::Word(record, format!("word{number}"))),
            // An emptied list of choices is no answer; its history says so in another way.
            Ok(true) if answer.is_blank() => {}
            Ok(true) => self.edits.push(Edit::Value(record, field, answer)),
            Ok(false) => {}
            Err(error) => self.findings.push(format!("{field} could not be edited: {error}")),
        }
    }

    fn settle(&mut self, who: usize, dice: &mut Dice) {
        let start = dice.below(self.records.len());
        let order: Vec<RecordId> =
            self.records.iter().cycle().skip(start).take(self.records.len()).copied().collect();
        for record in order {
            let Ok(view) = self.vault(who).record(&record) else { continue };
            let Some(conflict) = view.conflicts.first() else { continue };
            let answer = conflict.values.last().and_then(|(answer, _)| answer.clone());
            if let Err(error) = self.vault(who).settle(&record, &conflict.field, answer) {
                self.findings.push(format!("a conflict could not be settled: {error}"));
            }
            return;
        }
    }

    fn sync(&mut self, who: usize, seed: u64, trouble: usize) {
        self.on_road(who, seed, trouble, |vault, road| vault.sync(road, |_| {}).map(drop));
    }

    fn renew(&mut self, who: usize, dice: &mut Dice) {
        self.on_road(who, dice.bits(), TROUBLE, |vault, road| vault.renew_keys(road).map(drop));
    }

    fn on_road(
        &mut self,
        who: usize,
        seed: u64,
        trouble: usize,
        act: impl FnOnce(&mut Vault, &BadRoad<'_>) -> Result<(), Error>,
    ) {
        let transport = self.ground.transport();
        let device = &mut self.devices[who];
        let road = BadRoad::with_letters(&transport, seed, trouble, std::mem::take(&mut device.letters));
        let acted = act(device.vault.as_mut().expect("the vault is open"), &road);
        device.letters = road.into_letters();
        match acted {
            Ok(()) | Err(Error::Offline) => {}
            // A request that arrives twice is refused the second time, and somebody else may be faster.
            Err(Error::Refused { reason: Reason::Replay | Reason::RosterMoved }) if trouble > 0 => {}
            Err(error) => self.findings.push(format!("{} was told: {error}", self.devices[who].name)),
        }
    }

    fn restart(&mut self) {
        self.ground.stop();
        self.ground.start();
    }

    /// Somebody copies a vault's folder, and both copies go on.
    fn copy(&mut self, who: usize) {
        if self.devices.len() >= MOST {
            return;
        }
        let name = format!("copy{}", self.devices.len());
        let device = &mut self.devices[who];
        drop(device.vault.take().expect("the vault is open"));
        copy_folder(&self.ground.folder(&device.name), &self.ground.folder(&name));
        device.vault = Some(self.ground.reopen(&device.name));
        let vault = Some(self.ground.reopen(&name));
        self.devices.push(Device { name, vault, letters: Vec::new() });
    }

    fn reopen(&mut self, who: usize, dice: &mut Dice) {
        let device = &mut self.devices[who];
        let vault = device.vault.take().expect("the vault is open");
        if dice.once_in(2) {
            vault.lock().expect("the vault locks");
        } else {
            // As when the program is ended by force: nothing is tidied up.
            drop(vault);
        }
        device.vault = Some(self.ground.reopen(&device.name));
    }
}

fn join(ground: &Ground, office: &mut Vault, newcomer: &mut Vault) -> Result<(), String> {
    let terms = cairn_core::vault::InviteTerms { role: Role::Field, hours: 1 };
    let invitation = office.invite(&terms).map_err(|error| format!("no invitation: {error}"))?;
    newcomer.accept(&invitation.to_text(), "newcomer").map_err(|error| format!("not accepted: {error}"))?;
    let transport = ground.transport();
    match newcomer.sync(&transport, |_| {}) {
        Err(Error::Waiting) => {}
        other => return Err(format!("the newcomer was not asked to wait: {other:?}")),
    }
    office.sync(&transport, |_| {}).map(drop).map_err(|error| format!("office cannot sync: {error}"))
}
