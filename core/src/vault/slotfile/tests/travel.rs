//! A vault that has departed, on its own device.

use super::*;
use crate::vault::ReturnCode;

const DEPARTURE: [u8; 16] = [5; 16];

fn code() -> ReturnCode {
    ReturnCode(Release::generate().unwrap())
}

impl Scene {
    fn depart(&self, code: &ReturnCode) -> Result<(), Error> {
        self.open(PASSPHRASE).unwrap().own(PASSPHRASE).depart(&code.0, DEPARTURE)
    }

    fn come_back(&self, passphrase: &str, code: &ReturnCode) -> Result<Vault, Error> {
        Vault::come_back(self.dir.path(), passphrase, code, &self.machine)
    }

    fn has_departed(&self) {
        let opened = self.open(PASSPHRASE).map(|_| ());
        assert!(matches!(opened, Err(Error::Departed)), "{opened:?}");
    }

    /// Whether the slots of an earlier day still open, put into their place for a moment.
    fn opens_with(&self, slots: &[u8]) -> bool {
        let now = std::fs::read(path(self.dir.path())).unwrap();
        std::fs::write(path(self.dir.path()), slots).unwrap();
        let opened = self.open(PASSPHRASE).map(|_| ());
        std::fs::write(path(self.dir.path()), now).unwrap();
        assert!(matches!(opened, Ok(()) | Err(Error::WrongPassphrase)), "{opened:?}");
        opened.is_ok()
    }

    fn slots(&self) -> Vec<u8> {
        std::fs::read(path(self.dir.path())).unwrap()
    }
}

/// G6, G7.
#[test]
fn a_departed_vault_opens_with_its_code_only_and_asking_it_is_the_same_work() {
    let scene = Scene::new();
    let (ours, earlier) = (code(), scene.slots());
    scene.device.told();
    assert!(scene.opens_with(&earlier), "control: the same slots open before");
    let normal = scene.device.told();
    scene.depart(&ours).unwrap();
    scene.device.told();
    scene.has_departed();
    assert_eq!(scene.device.told(), normal);
    assert!(!scene.opens_with(&earlier));
    let departed = scene.slots();
    let wrong = scene.come_back(PASSPHRASE, &code()).map(|_| ());
    assert!(matches!(wrong, Err(Error::WrongReturnCode)), "{wrong:?}");
    let wrong = scene.come_back(ANOTHER, &ours).map(|_| ());
    assert!(matches!(wrong, Err(Error::WrongPassphrase)), "only the passphrase is told: {wrong:?}");
    // The right one ends the waiting.
    scene.has_departed();
    let own = *scene.device.keys.lock().unwrap();
    scene.device.renew(Which::A).unwrap();
    assert!(matches!(scene.come_back(PASSPHRASE, &ours).map(|_| ()), Err(Error::WrongPassphrase)));
    *scene.device.keys.lock().unwrap() = own;
    scene.has_departed();
    assert_eq!(names(&scene.come_back(PASSPHRASE, &ours).unwrap()), ["true"]);
    assert_eq!(names(&scene.open(PASSPHRASE).unwrap()), ["true"], "its passphrase is enough again");
    assert!(matches!(scene.come_back(PASSPHRASE, &ours).map(|_| ()), Err(Error::NotDeparted)));
    assert!(!scene.opens_with(&departed) && !scene.opens_with(&earlier));
}

#[test]
fn a_departed_vault_is_changed_by_nobody_and_departs_once_more_after_it_was_back() {
    let scene = Scene::new();
    let (first, second) = (code(), code());
    let vault = scene.open(PASSPHRASE).unwrap();
    vault.own(PASSPHRASE).depart(&first.0, DEPARTURE).unwrap();
    // Whoever still has it open.
    for refused in [
        vault.change_passphrase(PASSPHRASE, ANOTHER),
        vault.set_duress(PASSPHRASE, DURESS, &form(), vec![]),
        vault.drop_duress(PASSPHRASE),
        vault.own(PASSPHRASE).depart(&second.0, DEPARTURE),
    ] {
        assert!(matches!(refused, Err(Error::Departed)), "{refused:?}");
    }
    drop(vault);
    drop(scene.come_back(PASSPHRASE, &first).unwrap());
    scene.depart(&second).unwrap();
    assert!(matches!(scene.come_back(PASSPHRASE, &first).map(|_| ()), Err(Error::WrongReturnCode)));
    assert_eq!(names(&scene.come_back(PASSPHRASE, &second).unwrap()), ["true"]);
}

/// G6, G7.
#[test]
fn under_duress_the_decoy_opens_while_away_and_no_code_helps_afterwards() {
    for by_return in [false, true] {
        let scene = Scene::new();
        scene.set_duress();
        let ours = code();
        scene.depart(&ours).unwrap();
        scene.device.told();
        scene.has_departed();
        let departed = scene.device.told();
        if by_return {
            // It says what it says of any device that is not away.
            assert!(matches!(scene.come_back(DURESS, &ours).map(|_| ()), Err(Error::NotDeparted)));
        } else {
            assert_eq!(names(&scene.open(DURESS).unwrap()), ["bread", "milk"]);
        }
        let mut duress = scene.device.told();
        assert_eq!(duress.pop().as_deref(), Some("renew A"));
        assert_eq!(duress, departed, "what comes before is the same work");
        scene.is_closed_to(PASSPHRASE);
        assert!(matches!(scene.come_back(PASSPHRASE, &ours).map(|_| ()), Err(Error::WrongPassphrase)));
        assert_eq!(names(&scene.open(DURESS).unwrap()), ["bread", "milk"]);
    }
}

#[test]
fn the_decoy_is_there_as_before_for_whoever_has_come_back() {
    let scene = Scene::new();
    scene.set_duress();
    let ours = code();
    scene.depart(&ours).unwrap();
    drop(scene.come_back(PASSPHRASE, &ours).unwrap());
    assert_eq!(names(&scene.open(PASSPHRASE).unwrap()), ["true"]);
    assert_eq!(names(&scene.open(DURESS).unwrap()), ["bread", "milk"]);
    scene.is_closed_to(PASSPHRASE);
}

#[test]
fn a_wrong_code_is_a_wrong_try() {
    let scene = Scene::new();
    scene.open(PASSPHRASE).unwrap().set_wipe_after(Some(5)).unwrap();
    let ours = code();
    scene.depart(&ours).unwrap();
    let mut scene = scene;
    let clock = Arc::new(Turned::default());
    scene.machine = scene.machine.clone().with_clock(Arc::clone(&clock) as Arc<dyn crate::clock::Clock>);
    let wrong = || scene.come_back(PASSPHRASE, &code()).map(|_| ());
    for _ in 0..4 {
        assert!(matches!(wrong(), Err(Error::WrongReturnCode)));
    }
    assert!(matches!(wrong(), Err(Error::TooManyTries { seconds: 5 })));
    clock.0.store(5, std::sync::atomic::Ordering::Relaxed);
    assert!(matches!(wrong(), Err(Error::WrongReturnCode)));
    assert!(!Vault::exists(scene.dir.path()), "as many as its owner said: everything is wiped");
}

/// G7: cut off after any write, the vault opens by its passphrase, or by passphrase and code.
#[test]
fn departing_and_coming_back_can_be_cut_off_after_every_write() {
    let (mut open, mut shut) = (0, 0);
    for writes in 0.. {
        let scene = Scene::new();
        let (ours, earlier) = (code(), scene.slots());
        let vault = scene.open(PASSPHRASE).unwrap();
        let done = cut_after(writes, || vault.own(PASSPHRASE).depart(&ours.0, DEPARTURE)).is_ok();
        drop(vault);
        if done {
            assert!(!scene.opens_with(&earlier), "when it says done, what was before is void");
        }
        match scene.open(PASSPHRASE) {
            Ok(vault) => {
                open += 1;
                assert!(!done);
                assert_eq!(names(&vault), ["true"]);
            }
            Err(Error::Departed) => {
                shut += 1;
                assert!(!scene.opens_with(&earlier), "after {writes} writes");
                assert_eq!(names(&scene.come_back(PASSPHRASE, &ours).unwrap()), ["true"]);
                assert_eq!(names(&scene.open(PASSPHRASE).unwrap()), ["true"]);
            }
            Err(error) => panic!("after {writes} writes: {error}"),
        }
        if done {
            break;
        }
    }
    assert!(open > 0 && shut > 2, "control: cuts fell on both sides ({open}, {shut})");
    for writes in 0.. {
        let scene = Scene::new();
        let ours = code();
        scene.depart(&ours).unwrap();
        let done = cut_after(writes, || scene.come_back(PASSPHRASE, &ours).map(drop)).is_ok();
        match scene.open(PASSPHRASE) {
            Ok(vault) => assert_eq!(names(&vault), ["true"]),
            Err(Error::Departed) => {
                assert!(!done);
                assert_eq!(names(&scene.come_back(PASSPHRASE, &ours).unwrap()), ["true"]);
            }
            Err(error) => panic!("after {writes} writes: {error}"),
        }
        if done {
            assert!(writes > 3, "control: it was cut off before");
            break;
        }
    }
}

#[test]
fn hardware_that_does_not_answer_leaves_a_departure_to_be_ended_at_the_next_try() {
    let scene = Scene::new();
    scene.set_duress();
    let (ours, earlier) = (code(), scene.slots());
    let refuse = |refuses| scene.device.refuses.store(refuses, std::sync::atomic::Ordering::Relaxed);
    refuse(true);
    assert!(matches!(scene.depart(&ours), Err(Error::DeviceKeyRefused)), "it does not say done");
    assert!(matches!(scene.open(PASSPHRASE).map(|_| ()), Err(Error::DeviceKeyRefused)));
    assert!(scene.opens_with(&earlier), "control: the old key is still there");
    refuse(false);
    let (slots, keys) = (scene.slots(), *scene.device.keys.lock().unwrap());
    let work = tempfile::tempdir().unwrap();
    let rescued = Vault::rescue(scene.dir.path(), PASSPHRASE, &scene.machine, work.path()).map(|_| ());
    assert!(matches!(rescued, Err(Error::Departed)), "{rescued:?}");
    assert!(slots == scene.slots() && keys == *scene.device.keys.lock().unwrap(), "a rescue leaves it so");
    scene.has_departed();
    assert!(slots != scene.slots(), "control: opening ends it");
    assert!(!scene.opens_with(&earlier));
    // And the slot rests under its own key again, which the duress passphrase destroys.
    assert_eq!(names(&scene.open(DURESS).unwrap()), ["bread", "milk"]);
    assert!(matches!(scene.come_back(PASSPHRASE, &ours).map(|_| ()), Err(Error::WrongPassphrase)));
}
