use std::sync::mpsc;

use super::*;
use crate::store::StoreError;
use crate::vault::Machine;

const PASSPHRASE: &str = "seven blue boats at noon";

fn kept(folder: &std::path::Path, lapses: Lapses) -> Keeper {
    let mut vault = Vault::create_on(folder, PASSPHRASE, &Machine::default()).unwrap();
    vault.set_lapses(lapses).unwrap();
    Keeper::new(vault).unwrap()
}

/// Until somebody else may open it: the folder's lock is held as long as the vault is open.
fn opens_again(folder: &std::path::Path) -> Vault {
    loop {
        match Vault::open(folder, PASSPHRASE) {
            Err(Error::InUse) => thread::yield_now(),
            opened => return opened.unwrap(),
        }
    }
}

#[test]
fn out_of_sight_it_closes_by_itself() {
    let dir = tempfile::tempdir().unwrap();
    let at_once = Lapses { background: Duration::ZERO, ..Lapses::default() };
    let keeper = kept(dir.path(), at_once);
    keeper.with(|vault| vault.counts().map(drop)).unwrap();
    keeper.to_background();
    // Nobody asks it anything: its own thread has closed it.
    assert_eq!(opens_again(dir.path()).lapses().unwrap(), at_once, "and the lapses are remembered");
    assert!(matches!(keeper.with(|vault| vault.counts()), Err(Error::Locked)));
    assert!(matches!(keeper.to_front(), Err(Error::Locked)));
    keeper.lock().unwrap();
}

#[test]
fn touched_it_stays_open() {
    let dir = tempfile::tempdir().unwrap();
    let keeper = kept(dir.path(), Lapses::default());
    keeper.to_background();
    keeper.to_front().unwrap();
    keeper.touch();
    assert!(matches!(Vault::open(dir.path(), PASSPHRASE), Err(Error::InUse)));
    drop(keeper);
    Vault::open(dir.path(), PASSPHRASE).expect("whoever lets go of it closes it");
}

#[test]
fn panic_closes_at_once_or_as_soon_as_what_goes_on_ends() {
    let dir = tempfile::tempdir().unwrap();
    let keeper = kept(dir.path(), Lapses::default());
    let (begun, has_begun) = mpsc::channel();
    let (end, may_end) = mpsc::channel::<()>();
    thread::scope(|scope| {
        let working = &keeper;
        let works = scope.spawn(move || {
            working.with(|vault| {
                begun.send(()).unwrap();
                may_end.recv().unwrap();
                vault.counts()
            })
        });
        has_begun.recv().unwrap();
        assert!(!keeper.panic(), "something goes on");
        assert!(matches!(keeper.with(|vault| vault.counts()), Err(Error::Locked)), "nothing new begins");
        struct Nowhere;
        impl Transport for Nowhere {
            fn post(&self, _: &str, _: Vec<u8>) -> Result<Reply, TransportError> {
                Err(TransportError::Offline)
            }
        }
        let stopped = keeper.road(&Nowhere).post("", Vec::new());
        assert_eq!(stopped, Err(TransportError::Stopped));
        end.send(()).unwrap();
        works.join().unwrap().expect("what was begun ends well");
    });
    drop(opens_again(dir.path()));
    let keeper = Keeper::new(Vault::open(dir.path(), PASSPHRASE).unwrap()).unwrap();
    assert!(keeper.panic());
    drop(Vault::open(dir.path(), PASSPHRASE).unwrap());
}

#[test]
fn after_a_disk_has_failed_the_vault_is_opened_anew() {
    let dir = tempfile::tempdir().unwrap();
    let keeper = kept(dir.path(), Lapses::default());
    let other = keeper.with(|_| Err::<(), _>(Error::WrongPassphrase));
    assert!(matches!(other, Err(Error::WrongPassphrase)) && keeper.is_open(), "control");
    let source = || std::io::Error::other("a disk that fails");
    for elsewhere in [
        Error::Disk { what: "the backup", source: source() },
        Error::Disk { what: "the file that was brought", source: source() },
        Error::Damaged { what: "what the device left here".to_owned() },
        StoreError::Unreadable("departure").into(),
    ] {
        let told = elsewhere.to_string();
        keeper.with(|_| Err::<(), _>(elsewhere)).unwrap_err();
        assert!(keeper.is_open(), "{told} is not of the vault's database");
    }
    keeper.with_nobody(|vault| vault.counts()).expect("control: it reads on");
    drop(keeper);
    for failing in [StoreError::File(source()), StoreError::Damaged] {
        let keeper = Keeper::new(Vault::open(dir.path(), PASSPHRASE).unwrap()).unwrap();
        let told = keeper.with(|_| Err::<(), _>(failing.into()));
        assert!(matches!(told, Err(Error::Disk { .. } | Error::Damaged { .. })), "{told:?}");
        assert!(!keeper.is_open());
    }
    Vault::open(dir.path(), PASSPHRASE).unwrap();
}

#[test]
fn what_a_person_waits_for_is_not_cut_off_for_being_idle() {
    let dir = tempfile::tempdir().unwrap();
    let keeper = kept(dir.path(), Lapses::default());
    let long = || held(&keeper.kept.moments).age(Duration::from_secs(3000));
    let is_over = || held(&keeper.kept.moments).is_over(Now::read());
    keeper
        .with(|vault| {
            long();
            assert!(!is_over(), "it takes long");
            vault.counts()
        })
        .unwrap();
    assert!(keeper.is_open() && !is_over(), "and when it has ended the person is there");
    keeper
        .with_nobody(|vault| {
            long();
            assert!(is_over(), "control: nobody waits for what nobody is aware of");
            vault.counts()
        })
        .unwrap();
    assert!(matches!(keeper.with(|vault| vault.counts()), Err(Error::Locked)), "a wish that comes too late");
}

#[test]
fn a_lapse_of_more_than_an_hour_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let keeper = kept(dir.path(), Lapses::default());
    let long = Lapses { idle: Duration::from_secs(3601), ..Lapses::default() };
    assert!(matches!(keeper.set_lapses(long), Err(Error::IdleTooLong(3600))));
    let hour = Lapses { idle: Duration::from_secs(3600), ..Lapses::default() };
    keeper.set_lapses(hour).unwrap();
    assert_eq!(keeper.with(|vault| vault.lapses()).unwrap(), hour);
}
