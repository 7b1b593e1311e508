//! A seeded world: a few devices, one server, and everything that can happen to them.
//!
//! One seed is one schedule. Keys, salts and chains differ from run to run; nothing in the schedule depends
//! on them. At the end the server is healed, everybody who still belongs syncs until nothing moves, and then
//! all show the same, nothing that anybody was told is saved is missing, and nothing that a revoked device
//! wrote afterwards is anywhere.
//!
//! To add a kind of event: a variant of [`Step`], its weight in `Step::draw`, its method in `simulation/acts.rs`.

mod acts;
mod clock;
mod erasing;
mod ledger;
mod step;

pub use clock::{JumpingClock, Mark};
pub use step::Step;

use std::path::PathBuf;
use std::sync::Arc;

use cairn_core::vault::Machine;
use cairn_core::wire::digest::Hash;
use cairn_core::wire::id::DeviceId;
use cairn_core::wire::roster::Role;
use cairn_core::{Error, Vault};

use crate::dice::Dice;
use crate::ground::Ground;
use crate::level::{differences, level};
use crate::sample;
use crate::stage::Stage;
use ledger::Ledger;

/// Members that stand ready: two coordinators, and four who work in the field.
const MEMBERS: [&str; 6] = ["office", "second", "ana", "ben", "carl", "dora"];
/// Vaults that belong to nobody yet.
const EMPTY: [&str; 3] = ["new1", "new2", "last"];
/// Vaults in one world, copies and newcomers included.
const MOST: usize = 7;

/// The scene from which every world begins.
pub struct Beginning {
    stage: Stage,
}

impl Beginning {
    /// A workspace with six members, a form and two records; all level.
    pub fn new() -> Self {
        let ground = Ground::new();
        let mut office = Stage::new_vault(&ground, MEMBERS[0]);
        office.found(&ground.address(), MEMBERS[0]).expect("a workspace");
        office.publish_form(&sample::lived()).expect("a form");
        ground.sync(&mut office);
        let mut vaults = vec![("office", office)];
        for name in &MEMBERS[1..] {
            let role = if *name == "second" { Role::Coordinator } else { Role::Field };
            let mut vault = Stage::new_vault(&ground, name);
            ground.join(&mut vaults[0].1, &mut vault, name, role);
            vaults.push((name, vault));
        }
        for _ in 0..2 {
            for (_, vault) in &mut vaults {
                ground.sync(vault);
            }
        }
        vaults.extend(EMPTY.map(|name| (name, Stage::new_vault(&ground, name))));
        Self { stage: Stage::keep(ground, vaults) }
    }
}

impl Default for Beginning {
    fn default() -> Self {
        Self::new()
    }
}

/// One device of a world.
pub(crate) struct Device {
    pub(crate) name: String,
    pub(crate) vault: Option<Vault>,
    pub(crate) id: DeviceId,
    pub(crate) clock: Arc<JumpingClock>,
    pub(crate) mark: Mark,
    pub(crate) revoked: bool,
    /// An older copy of its folder.
    pub(crate) copy: Option<Kept>,
}

/// A copy of a vault's folder that was kept.
#[derive(Clone)]
pub(crate) struct Kept {
    pub(crate) folder: PathBuf,
    /// When it was made.
    pub(crate) tick: u64,
    /// The mark that lay there then.
    pub(crate) mark: Hash,
}

/// A world at work.
pub struct World<'a> {
    beginning: &'a Beginning,
    ground: Ground,
    devices: Vec<Device>,
    ledger: Ledger,
    findings: Vec<String>,
    /// What happened, in order.
    pub steps: Vec<Step>,
    /// Newcomers so far.
    joined: usize,
    /// Whether the server has an older copy of its folder, and since when.
    backup: Option<PathBuf>,
    /// How often a vault was put back that could not notice it by its mark: as with the image of a whole
    /// machine, one chain may be written twice then, and frozen.
    unnoticed: u64,
    /// Whether the server has lost something that was not given back.
    lost: bool,
    /// Whether it ever had.
    ever_lost: bool,
    /// Whether a revoked device may have written to a server that had forgotten its revocation.
    slipped: bool,
    /// Whether something was erased.
    erased: bool,
    /// Whether a vault was copied or put back.
    copied: bool,
    /// Whether it had let go of a part of the log before it lost something.
    pub lost_after_letting_go: bool,
}

impl<'a> World<'a> {
    /// A world of 3 to 6 devices.
    pub fn new(beginning: &'a Beginning, dice: &mut Dice) -> Self {
        let mut world = Self {
            beginning,
            ground: beginning.stage.ground(),
            devices: Vec::new(),
            ledger: Ledger::default(),
            findings: Vec::new(),
            steps: Vec::new(),
            joined: 0,
            backup: None,
            unnoticed: 0,
            lost: false,
            ever_lost: false,
            slipped: false,
            erased: false,
            copied: false,
            lost_after_letting_go: false,
        };
        world.ground.restart_with(|config| config.store.pack_grace_days = 0);
        let mut names = vec![MEMBERS[0]];
        names.extend(dice.once_in(2).then_some(MEMBERS[1]));
        let fields = 2 + dice.below(3);
        names.extend(&MEMBERS[2..2 + fields]);
        for name in names {
            let (clock, mark) = (Arc::new(JumpingClock::default()), Mark::default());
            world.enter(name, clock, mark);
        }
        world
    }

    /// A vault of the beginning becomes a device of the world.
    fn enter(&mut self, name: &str, clock: Arc<JumpingClock>, mark: Mark) -> usize {
        self.beginning.stage.place(&self.ground, name);
        let mut device = Device {
            name: name.to_owned(),
            vault: None,
            id: DeviceId([0; 16]),
            clock,
            mark,
            revoked: false,
            copy: None,
        };
        device.open(&self.ground);
        self.devices.push(device);
        self.devices.len() - 1
    }

    /// So many things happen.
    pub fn live(&mut self, dice: &mut Dice, steps: usize) {
        for _ in 0..steps {
            // Each step has dice of its own: what one does cannot shift what the next will be.
            let mut dice = Dice::new(dice.bits());
            let step = Step::draw(&mut dice, self.devices.len());
            self.steps.push(step);
            self.act(step, &mut dice);
        }
    }

    /// The end: everything is given back, everybody who belongs syncs to quiet, and a last newcomer joins.
    /// Gives everything that is not as it must be. `meddle` may harm the server before the newcomer comes.
    pub fn end(mut self, meddle: impl FnOnce(&mut Ground)) -> Vec<String> {
        for device in &mut self.devices {
            device.clock.set(0);
        }
        self.heal_all();
        let devices = std::mem::take(&mut self.devices);
        let mut vaults: Vec<(String, Vault)> = devices
            .into_iter()
            .filter(|device| !device.revoked)
            .filter_map(|device| Some((device.name, device.vault?)))
            .collect();
        if let Err(trouble) = level(&self.ground, &mut vaults) {
            self.findings.push(trouble);
        }
        if self.slipped {
            self.ledger.accepted();
            let letters = vaults[0].1.letters().expect("letters");
            for letter in letters {
                if let Err(error) = vaults[0].1.decide_letter(letter.number, true) {
                    self.findings.push(format!("a letter cannot be accepted: {error}"));
                }
            }
            if let Err(trouble) = level(&self.ground, &mut vaults) {
                self.findings.push(trouble);
            }
        }
        meddle(&mut self.ground);
        let last = self.enter("last", Arc::default(), Mark::default());
        let mut newcomer = self.devices.remove(last).vault.expect("the vault is open");
        let joined = acts::join(&self.ground, &mut vaults[0].1, &mut newcomer, "last");
        vaults.push(("last".to_owned(), newcomer));
        if let Err(trouble) = joined.and_then(|()| level(&self.ground, &mut vaults)) {
            self.findings.push(trouble);
        }
        let alarm = |finding: &String| self.ever_lost && finding.contains("alarm");
        self.findings.extend(differences(&vaults).into_iter().filter(|finding| !alarm(finding)));
        self.findings.extend(self.ledger.missing(&vaults[0].1));
        self.ground.stop();
        let report = cairn_server::doctor::examine(&self.ground.data()).expect("a data folder");
        self.findings.extend(report.problems.iter().map(|problem| format!("server: {problem}")));
        if report.frozen_chains > self.unnoticed {
            self.findings.push(format!("server: {} chains are frozen", report.frozen_chains));
        }
        self.findings
    }

    /// Whether the server has let go of a part of the log.
    pub fn has_let_go(&self) -> bool {
        let log = rusqlite::Connection::open(self.ground.data().join("log.db")).expect("the server's log");
        let sql = "SELECT count(*) FROM circle WHERE base > 0";
        log.query_row(sql, [], |row| row.get::<_, i64>(0)).expect("circles") > 0
    }

    /// Makes the ledger claim what nobody ever saved.
    pub fn forge_ledger(&mut self) {
        self.ledger.forge();
    }

    /// Makes the ledger claim that what everybody has was said too late.
    pub fn forge_late(&mut self) {
        self.ledger.forge_late();
    }

    fn find(&mut self, who: usize, what: &str, error: &Error) {
        let (name, step) = (self.devices[who].name.clone(), self.steps.last().copied());
        self.findings.push(format!("{name} at {step:?}, {what}: {error}"));
    }
}

impl Device {
    /// Opens its folder, with its own clock and mark.
    pub(crate) fn open(&mut self, ground: &Ground) {
        let (clock, mark) = (Arc::clone(&self.clock), Arc::new(self.mark.clone()));
        let folder = ground.folder(&self.name);
        let machine = Machine::default().with_clock(clock).with_anchor(mark);
        let vault = Vault::open_on(&folder, crate::ground::PASSPHRASE, &machine).expect("it opens");
        self.id = vault.device();
        self.vault = Some(vault);
    }

    pub(crate) fn vault(&mut self) -> &mut Vault {
        self.vault.as_mut().expect("the vault is open")
    }
}
