//! Travel mode the whole way: a device departs, nobody opens it, a coordinator readmits it, everything is there.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may be blunt: a panic there is the report"
)]

use std::cell::Cell;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

use cairn_core::crypto::{Which, generate, mac};
use cairn_core::form::Answers;
use cairn_core::transport::{Reply, Transport, TransportError};
use cairn_core::vault::{DeviceKey, DeviceKeyError, Machine, ReturnCode};
use cairn_core::wire::id::DeviceId;
use cairn_core::wire::roster::Role;
use cairn_core::{Error, Vault};
use cairn_tests::dice::Dice;
use cairn_tests::fork::copy_folder;
use cairn_tests::ground::{Ground, PASSPHRASE};
use cairn_tests::level::shown;
use cairn_tests::sample;

/// Stands for secure hardware: keys that no copy of a folder carries along.
#[derive(Default)]
struct Hardware(Mutex<[[u8; 32]; 2]>);

impl DeviceKey for Hardware {
    fn mac(&self, which: Which, message: &[u8; 32]) -> Result<[u8; 32], DeviceKeyError> {
        Ok(mac(&self.0.lock().unwrap()[which as usize], message))
    }

    fn renew(&self, which: Which) -> Result<(), DeviceKeyError> {
        self.0.lock().unwrap()[which as usize] = generate().unwrap();
        Ok(())
    }

    fn erases_for_certain(&self) -> bool {
        true
    }
}

/// The same, which lets no key be renewed while it is told so.
#[derive(Default)]
struct Stubborn {
    keys: Hardware,
    refuses: AtomicBool,
}

impl DeviceKey for Stubborn {
    fn mac(&self, which: Which, message: &[u8; 32]) -> Result<[u8; 32], DeviceKeyError> {
        self.keys.mac(which, message)
    }

    fn renew(&self, which: Which) -> Result<(), DeviceKeyError> {
        if self.refuses.load(SeqCst) { Err(DeviceKeyError::Refused) } else { self.keys.renew(which) }
    }

    fn erases_for_certain(&self) -> bool {
        true
    }
}

fn hardware() -> Machine {
    Machine::default().with_device_key(Arc::new(Hardware::default()))
}

fn answers(name: &str) -> Answers {
    sample::answers(name, &mut Dice::new(7))
}

struct Scene {
    ground: Ground,
    office: Vault,
    field: Vault,
    machine: Machine,
}

impl Scene {
    /// An office, and a worker with one record of each that is at the office too.
    fn new(machine: Machine) -> Self {
        let ground = Ground::new();
        let mut office = ground.office("office");
        office.publish_form(&sample::parted()).unwrap();
        ground.sync(&mut office);
        let mut field = Vault::create_on(&ground.folder("field"), PASSPHRASE, &machine).unwrap();
        ground.join(&mut office, &mut field, "field", Role::Field);
        office.new_record("parted", answers("At the office")).unwrap();
        ground.sync(&mut office);
        field.new_record("parted", answers("In the field")).unwrap();
        Self { ground, office, field, machine }
    }

    fn image(&self, name: &str) -> std::path::PathBuf {
        let to = self.ground.folder(name);
        copy_folder(&self.ground.folder("field"), &to);
        to
    }

    fn open(&self, folder: &Path) -> Result<Vault, Error> {
        Vault::open_on(folder, PASSPHRASE, &self.machine)
    }

    /// The field device departs and is shut.
    fn depart(mut self) -> (Away, Result<cairn_core::vault::Departed, Error>) {
        let gone = self.field.depart(&self.ground.transport(), PASSPHRASE, |_| {});
        let device = self.field.device();
        self.field.lock().unwrap();
        (Away { ground: self.ground, office: self.office, device, machine: self.machine }, gone)
    }
}

struct Away {
    ground: Ground,
    office: Vault,
    device: DeviceId,
    machine: Machine,
}

impl Away {
    fn open(&self, folder: &Path) -> Result<(), Error> {
        Vault::open_on(folder, PASSPHRASE, &self.machine).map(drop)
    }

    fn come_back(&self, folder: &Path, code: &ReturnCode) -> Result<Vault, Error> {
        Vault::come_back(folder, PASSPHRASE, code, &self.machine)
    }

    fn code(&mut self) -> ReturnCode {
        self.ground.sync(&mut self.office);
        let code = self.office.readmit(&self.device).unwrap().code;
        self.ground.sync(&mut self.office);
        code
    }
}

/// G7.
#[test]
fn after_departing_neither_image_opens_without_the_hardware_key_and_the_code() {
    let scene = Scene::new(hardware());
    let before = scene.image("before");
    let again = scene.image("again");
    assert!(scene.open(&again).is_ok(), "control: before, an image opens on the device");
    let mine = shown(&scene.field);
    let (mut away, gone) = scene.depart();
    let gone = gone.unwrap();
    assert_eq!((gone.coordinators.len(), gone.paper_only, gone.drafts), (1, false, 0));
    assert_eq!(gone.coordinators[0], (away.office.device(), Some("office".to_owned())));
    assert_eq!((gone.erases_for_certain, gone.cut_off), (true, None));
    let folder = away.ground.folder("field");
    let after = away.ground.folder("after");
    copy_folder(&folder, &after);
    assert!(matches!(away.open(&before), Err(Error::WrongPassphrase)));
    assert!(matches!(away.open(&after), Err(Error::Departed)));
    assert!(matches!(away.open(&folder), Err(Error::Departed)));
    let listed = away.office.departures().unwrap();
    assert!(listed.is_empty(), "control: the office has not synced yet");

    let code = away.code();
    let [listed] = &away.office.departures().unwrap()[..] else { panic!("one is away") };
    assert_eq!((listed.device, listed.is_ours, listed.belongs), (away.device, true, true));
    assert_eq!(listed.readmitted.len(), 1);
    for image in [&before, &after] {
        // The images, passphrase and code in other hands, without the device.
        let elsewhere = Vault::come_back(image, PASSPHRASE, &code, &hardware()).map(drop);
        assert!(matches!(elsewhere, Err(Error::WrongPassphrase)), "{elsewhere:?}");
    }
    assert!(matches!(away.come_back(&before, &code).map(drop), Err(Error::WrongPassphrase)));

    let mut field = away.come_back(&folder, &code).unwrap();
    assert_eq!(shown(&field).len(), mine.len() + 1, "what the office had written came with the last sync");
    for image in [&before, &after] {
        assert!(
            matches!(away.come_back(image, &code).map(drop), Err(Error::WrongPassphrase)),
            "both are void"
        );
    }
    away.ground.sync(&mut field);
    away.ground.sync(&mut away.office);
    assert_eq!(shown(&field), shown(&away.office));
    assert_eq!(away.office.departures().unwrap(), [], "it has said that it is back");
    assert!(matches!(away.office.readmit(&away.device), Err(Error::NotAway)));
    field.lock().unwrap();
    Vault::open_on(&folder, PASSPHRASE, &away.machine).unwrap();
}

/// G7, the limit: what the program says of a device without secure hardware is true.
#[test]
fn where_the_key_lies_in_a_file_an_earlier_image_opens_and_a_later_one_does_not() {
    let scene = Scene::new(Machine::default());
    let before = scene.image("before");
    let (away, gone) = scene.depart();
    assert!(!gone.unwrap().erases_for_certain, "and it is said");
    let after = away.ground.folder("after");
    copy_folder(&away.ground.folder("field"), &after);
    assert!(away.open(&before).is_ok());
    assert!(matches!(away.open(&after), Err(Error::Departed)));
}

/// G7: what opens it is nowhere on the device.
#[test]
fn the_code_is_not_in_the_folder_in_any_of_its_shapes() {
    let (mut away, gone) = Scene::new(Machine::default()).depart();
    gone.unwrap();
    let code = away.code();
    let text = code.to_text().to_lowercase();
    let digits = text.split(':').nth(1).unwrap().to_owned();
    let octets: Vec<u8> =
        (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect();
    let shapes = [
        octets[..16].to_vec(),
        digits.as_bytes()[..32].to_vec(),
        digits.to_uppercase().as_bytes()[..32].to_vec(),
        code.to_words("en")[..3].join(" ").into_bytes(),
    ];
    let found = |folder: &Path| -> usize {
        let mut stack = vec![folder.to_owned()];
        let mut found = 0;
        while let Some(next) = stack.pop() {
            for entry in std::fs::read_dir(next).unwrap().map(|entry| entry.unwrap().path()) {
                if entry.is_dir() {
                    stack.push(entry);
                    continue;
                }
                let bytes = std::fs::read(entry).unwrap();
                let holds = |shape: &&Vec<u8>| bytes.windows(shape.len()).any(|part| part == &shape[..]);
                found += shapes.iter().filter(holds).count();
            }
        }
        found
    };
    let folder = away.ground.folder("field");
    assert_eq!(found(&folder), 0);
    // Nor in the database, as whoever opens it with the code would see it.
    let field = away.come_back(&folder, &code).unwrap();
    let plain = field.rehearse_seizure(&away.ground.folder("scratch")).unwrap();
    std::fs::remove_file(away.ground.folder("scratch")).unwrap();
    assert!(plain.windows(16).all(|part| part != &shapes[0][..]));
    let device = away.device.0;
    assert!(plain.windows(16).any(|part| part == device), "control: other octets of that length are found");
    std::fs::write(folder.join("note"), shapes.concat()).unwrap();
    assert_eq!(found(&folder), shapes.len(), "control: each shape would be found");
}

#[test]
fn who_is_kept_from_going_through_with_departing_is_told_that_it_has_departed() {
    let key = Arc::new(Stubborn::default());
    let scene = Scene::new(Machine::default().with_device_key(Arc::clone(&key) as Arc<dyn DeviceKey>));
    let before = scene.image("before");
    key.refuses.store(true, SeqCst);
    let (mut away, gone) = scene.depart();
    let gone = gone.unwrap();
    assert_eq!((gone.cut_off, gone.coordinators.len()), (Some("device_key_refused"), 1));
    assert!(!gone.erases_for_certain);
    let again = away.ground.folder("again");
    copy_folder(&before, &again);
    assert!(away.open(&again).is_ok(), "control: the key of the image from before is there still");
    key.refuses.store(false, SeqCst);
    let folder = away.ground.folder("field");
    assert!(matches!(away.open(&folder), Err(Error::Departed)));
    assert!(away.open(&before).is_err(), "typing the passphrase once more has ended it");
    let code = away.code();
    away.come_back(&folder, &code).unwrap();
}

#[test]
fn who_could_not_be_readmitted_or_has_nothing_to_lose_does_not_depart() {
    let ground = Ground::new();
    let mut office = ground.office("office");
    let depart = |vault: &mut Vault| vault.depart(&ground.transport(), PASSPHRASE, |_| {}).map(drop);
    assert!(matches!(depart(&mut office), Err(Error::NobodyReadmits)));
    assert!(matches!(
        office.depart(&ground.transport(), "another passphrase", |_| {}),
        Err(Error::WrongPassphrase)
    ));
    for (name, role) in [("reader", Role::Reader), ("tablet", Role::SubmitOnly), ("courier", Role::Courier)] {
        let mut vault = ground.member(&mut office, name, role);
        let refused = depart(&mut vault);
        let plainly = match role {
            Role::Reader => matches!(refused, Err(Error::NotAllowed { .. })),
            Role::SubmitOnly => matches!(refused, Err(Error::HandsInOnly)),
            _ => matches!(refused, Err(Error::CarriesOnly)),
        };
        assert!(plainly, "{name}: {refused:?}");
        vault.lock().unwrap();
        ground.reopen(name);
    }
    // The coordinator on paper counts, and it is said that it is the only one.
    let shares = office.make_recovery(&ground.transport(), 2, 3).unwrap();
    let gone = office.depart(&ground.transport(), PASSPHRASE, |_| {}).unwrap();
    assert!(gone.paper_only);
    let device = office.device();
    office.lock().unwrap();
    assert!(matches!(Vault::open(&ground.folder("office"), PASSPHRASE).map(drop), Err(Error::Departed)));
    let paper = Vault::restore_from_shares(
        &ground.folder("paper"),
        PASSPHRASE,
        &Machine::default(),
        &shares[..2],
        &ground.address(),
    );
    let mut paper = paper.unwrap();
    ground.sync(&mut paper);
    let code = paper.readmit(&device).unwrap().code;
    Vault::come_back(&ground.folder("office"), PASSPHRASE, &code, &Machine::default()).unwrap();
}

#[test]
fn every_coordinator_sees_who_readmitted_and_who_was_revoked_stays_out() {
    let Scene { ground, mut office, field, machine } = Scene::new(Machine::default());
    let mut second = ground.member(&mut office, "second", Role::Coordinator);
    let (mut away, gone) = Scene { ground, office, field, machine }.depart();
    assert_eq!(gone.unwrap().coordinators.len(), 2);
    assert!(matches!(away.office.readmit(&away.device), Err(Error::NotAway)), "control: not synced yet");
    let first = away.code();
    away.ground.sync(&mut second);
    let again = second.readmit(&away.device).unwrap();
    assert_eq!(*again.code.to_text(), *first.to_text());
    let [before] = &again.before[..] else { panic!("one before") };
    assert_eq!((before.by, before.name.as_deref()), (away.office.device(), Some("office")));
    // Who comes later sees it, from packs too, and cannot readmit.
    away.ground.sync(&mut second);
    away.ground.sync(&mut away.office);
    away.office.make_packs(&away.ground.transport(), |_| {}).unwrap();
    away.ground.sync(&mut second);
    for number in 0..9 {
        second.new_record("parted", answers(&format!("Later {number}"))).unwrap();
        away.ground.sync(&mut second);
    }
    let third = away.ground.member(&mut away.office, "third", Role::Coordinator);
    let [seen] = &third.departures().unwrap()[..] else { panic!("one is away") };
    assert_eq!((seen.device, seen.is_ours, seen.readmitted.len()), (away.device, false, 2));
    let mut third = third;
    assert!(matches!(third.readmit(&away.device), Err(Error::NotAllowed { .. })));
    assert!(matches!(third.readmit(&DeviceId([9; 16])), Err(Error::NotAway)));

    away.ground.sync(&mut away.office);
    away.office.revoke(&away.ground.transport(), &away.device, None).unwrap();
    assert!(matches!(away.office.readmit(&away.device), Err(Error::Revoked)));
}

#[test]
fn a_field_device_sees_nothing_of_it_and_readmits_nobody() {
    let scene = Scene::new(Machine::default());
    let Scene { ground, mut office, field, machine } = scene;
    let mut other = ground.member(&mut office, "other", Role::Field);
    let (away, gone) = Scene { ground, office, field, machine }.depart();
    gone.unwrap();
    away.ground.sync(&mut other);
    assert!(matches!(other.departures(), Err(Error::NotAllowed { .. })));
    assert!(matches!(other.readmit(&away.device), Err(Error::NotAllowed { .. })));
}

/// A road that ends after so many requests, some of which arrive although nobody hears of it.
struct Ends<'a> {
    inner: &'a dyn Transport,
    left: Cell<usize>,
    arrives: bool,
}

impl Transport for Ends<'_> {
    fn post(&self, path: &str, body: Vec<u8>) -> Result<Reply, TransportError> {
        let Some(left) = self.left.get().checked_sub(1) else {
            if self.arrives {
                _ = self.inner.post(path, body);
            }
            return Err(TransportError::Offline);
        };
        self.left.set(left);
        self.inner.post(path, body)
    }
}

/// G7, G23: as long as it has not said done, the passphrase opens it, and the office learns that it is not away.
#[test]
fn a_road_that_ends_while_departing_leaves_a_device_that_opens() {
    let scene = Scene::new(Machine::default());
    let Scene { ground, mut office, mut field, machine } = scene;
    let device = field.device();
    let mut cuts = 0;
    'roads: for arrives in [false, true] {
        for requests in 0.. {
            assert!(requests < 50);
            field.new_record("parted", answers(&format!("Number {requests} {arrives}"))).unwrap();
            let transport = ground.transport();
            let road = Ends { inner: &transport, left: Cell::new(requests), arrives };
            let gone = field.depart(&road, PASSPHRASE, |_| {});
            field.lock().unwrap();
            if gone.is_ok() {
                ground.sync(&mut office);
                assert_eq!(office.departures().unwrap().len(), 1);
                let code = office.readmit(&device).unwrap().code;
                field = Vault::come_back(&ground.folder("field"), PASSPHRASE, &code, &machine).unwrap();
                continue 'roads;
            }
            cuts += 1;
            field = Vault::open_on(&ground.folder("field"), PASSPHRASE, &machine).unwrap();
            ground.sync(&mut field);
            ground.sync(&mut office);
            assert_eq!(office.departures().unwrap(), [], "after {requests} requests");
            assert_eq!(shown(&office), shown(&field));
        }
    }
    assert!(cuts >= 4, "control: {cuts} were cut");
}
