//! Whatever is wrong is said in one way, to whoever can mend it, and changes nothing.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests may be blunt: a panic there is the report"
)]

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use cairn_core::clock::{Clock, ShiftedClock, SystemClock};
use cairn_core::form::Answer;
use cairn_core::transport::{Https, Reply, Transport, TransportError};
use cairn_core::vault::InviteTerms;
use cairn_core::wire::digest::VerifyingKey;
use cairn_core::wire::refusal::Reason;
use cairn_core::wire::roster::Role;
use cairn_core::{Error, Vault};
use cairn_tests::canary::files;
use cairn_tests::dice::{Dice, size};
use cairn_tests::ground::{Ground, PASSPHRASE};
use cairn_tests::{level, sample};

const YEARS_10: i64 = 10 * 365 * 24 * 3600;

fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    files(folder).into_iter().map(|file| (file.clone(), fs::read(&file).unwrap())).collect()
}

/// A ground with an office, a field device and a form, all level.
fn begun(ground: &Ground) -> (Vault, Vault) {
    let (mut office, field) = ground.office_and_field();
    ground.sync(&mut office);
    (office, field)
}

fn record(vault: &mut Vault, name: &str) -> cairn_core::wire::id::RecordId {
    vault.new_record("sample", sample::answers(name, &mut Dice::new(1))).unwrap()
}

fn invite(office: &mut Vault, hours: u64) -> String {
    office.invite(&InviteTerms { role: Role::Field, hours }).unwrap().to_text()
}

#[test]
fn a_wrong_passphrase_is_said_to_be_wrong_and_changes_no_file() {
    let ground = Ground::new();
    let (_, field) = begun(&ground);
    field.lock().unwrap();
    let folder = ground.folder("field");
    // But for the count of wrong ones.
    let contents = |folder: &Path| {
        let mut contents = contents(folder);
        contents.retain(|path, _| !path.ends_with("tries"));
        contents
    };
    let before = contents(&folder);
    for wrong in ["correct horse battery stapl", "", "Correct horse battery staple"] {
        assert!(matches!(Vault::open(&folder, wrong), Err(Error::WrongPassphrase)), "{wrong:?}");
        assert!(contents(&folder) == before, "{wrong:?} has changed a file");
    }
    assert!(ground.reopen("field").counts().is_ok(), "control: the right one opens it");
}

#[test]
fn another_key_than_the_pinned_one_is_an_alarm() {
    let (ground, other) = (Ground::new(), Ground::new());
    let (_, mut field) = begun(&ground);
    record(&mut field, "Sample");
    // Somebody who answers at the right address with another key.
    let stranger = Https::new(&other.address().url, ground.address().key, None).unwrap();
    let told = field.sync(&stranger, |_| {}).unwrap_err();
    assert!(matches!(told, Error::NotThePinnedServer), "{told}");
    let nobody = Https::new(&ground.address().url, VerifyingKey([7; 32]), None).unwrap();
    assert!(matches!(field.sync(&nobody, |_| {}), Err(Error::NotThePinnedServer)));
    assert_eq!(ground.sync(&mut field).records_up, 1, "control: the right server takes it");
}

#[test]
fn invitations_that_expired_were_used_or_were_tampered_with_let_nobody_in() {
    let ground = Ground::new();
    let (mut office, mut field) = begun(&ground);
    // Expired: made by a coordinator whose clock is behind by a day.
    let transport = ground.transport();
    let expired = {
        let mut invitation = office.invite(&InviteTerms { role: Role::Field, hours: 1 }).unwrap();
        invitation.expiry -= 24 * 3600;
        invitation.to_text()
    };
    let mut late = ground.vault("late", 0);
    late.accept(&expired, "late").unwrap();
    assert!(matches!(late.sync(&transport, |_| {}), Err(Error::InvitationExpired)));
    // An expiry that the newcomer moved is not the one that the coordinator gave.
    let mut invitation = office.invite(&InviteTerms { role: Role::Field, hours: 1 }).unwrap();
    invitation.expiry += 24 * 3600;
    late.accept(&invitation.to_text(), "late").unwrap();
    assert!(matches!(late.sync(&transport, |_| {}), Err(Error::Waiting)));
    assert_eq!(ground.sync(&mut office).admitted, 0);
    assert!(matches!(late.sync(&transport, |_| {}), Err(Error::Waiting)));
    // Used by another device, both before and after that one was admitted.
    let text = invite(&mut office, 1);
    let (mut first, mut second) = (ground.vault("first", 0), ground.vault("second", 0));
    first.accept(&text, "first").unwrap();
    second.accept(&text, "second").unwrap();
    assert!(matches!(first.sync(&transport, |_| {}), Err(Error::Waiting)));
    assert!(matches!(second.sync(&transport, |_| {}), Err(Error::InvitationUsed)));
    assert_eq!(ground.sync(&mut office).admitted, 1, "control: the first comes in");
    ground.sync(&mut first);
    assert!(matches!(second.sync(&transport, |_| {}), Err(Error::InvitationUsed)));
    // For a device that belongs already.
    let text = invite(&mut office, 1);
    assert!(matches!(field.accept(&text, "field"), Err(Error::HasWorkspace)));
    assert!(matches!(office.accept(&text, "office"), Err(Error::HasWorkspace)));
}

#[test]
fn an_invitation_with_any_letter_changed_lets_nobody_in() {
    let ground = Ground::new();
    let mut office = ground.office("office");
    let text = invite(&mut office, 1);
    let transport = ground.transport();
    let (seed, mut dice) = Dice::from_env(50);
    let mut stranger = ground.vault("stranger", 0);
    let (mut refused, mut asked) = (0, 0);
    for _ in 0..size("CAIRN_MUTATIONS", 60) {
        let mut letters = text.clone().into_bytes();
        let at = dice.below(letters.len());
        let other = *dice.pick(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");
        if letters[at] == other {
            continue;
        }
        letters[at] = other;
        let changed = String::from_utf8(letters).unwrap();
        if stranger.accept(&changed, "stranger").is_err() {
            refused += 1;
            continue;
        }
        asked += 1;
        // It goes to the real server, whatever address the invitation now names.
        let _ = stranger.sync(&transport, |_| {});
        let _ = office.sync(&transport, |_| {});
        let synced = stranger.sync(&transport, |_| {});
        assert!(synced.is_err() || is_harmless(&text, &changed), "seed {seed}, letter {at}: {synced:?}");
        if synced.is_ok() {
            // Only the address was changed, which the pin makes harmless.
            break;
        }
    }
    println!("{refused} could not be read, {asked} asked in vain");
    assert!(asked > 0, "control: some could be read");
}

/// Whether only the address differs.
fn is_harmless(one: &str, other: &str) -> bool {
    let read = |text: &str| cairn_core::wire::invitation::Invitation::from_text(text).unwrap();
    let mut changed = read(other);
    changed.url = read(one).url;
    changed == read(one)
}

#[test]
fn answers_the_form_does_not_allow_are_named_and_not_saved() {
    let ground = Ground::new();
    let (_, mut field) = begun(&ground);
    let good = sample::answers("Sample", &mut Dice::new(1));
    let saved = record(&mut field, "Before");
    let before = (field.counts().unwrap(), field.record(&saved).unwrap());
    for (name, answer) in [
        ("nobody asked", sample::text("x")),
        ("age", sample::text("twelve")),
        ("sex", sample::text("neither")),
        ("day", sample::text("2026-02-30")),
        ("story", sample::text("text, not a narrative")),
        ("needs", Answer::Integer(1)),
        ("name", sample::text("  ")),
    ] {
        let mut answers = good.clone();
        answers.insert(name.to_owned(), answer.clone());
        let told = field.new_record("sample", answers).unwrap_err();
        let Error::Invalid(faults) = told else { panic!("{name}: {told}") };
        assert!(faults.iter().any(|fault| fault.field == name), "{name}: {faults:?}");
        let told = field.edit_record(&saved, &sample::edit(name, answer)).unwrap_err();
        assert!(matches!(told, Error::Invalid(_)), "{name}: {told}");
    }
    assert!(matches!(field.new_record("no form", good.clone()), Err(Error::NotFound { .. })));
    assert_eq!((field.counts().unwrap(), field.record(&saved).unwrap()), before);
    field.new_record("sample", good).unwrap();
}

/// Goes away after so many requests.
struct Gone<'a> {
    inner: &'a dyn Transport,
    left: Cell<usize>,
}

impl Transport for Gone<'_> {
    fn post(&self, path: &str, body: Vec<u8>) -> Result<Reply, TransportError> {
        let left = self.left.get().checked_sub(1).ok_or(TransportError::Offline)?;
        self.left.set(left);
        self.inner.post(path, body)
    }
}

#[test]
fn a_server_that_is_gone_is_offline_and_later_all_is_well() {
    let mut ground = Ground::new();
    let (mut office, mut field) = begun(&ground);
    record(&mut field, "One");
    ground.sync(&mut field);
    office.renew_keys(&ground.transport()).unwrap();
    record(&mut field, "Two");
    // This sync takes two exchanges; the server goes after the first.
    let transport = ground.transport();
    let gone = Gone { inner: &transport, left: Cell::new(1) };
    assert!(matches!(field.sync(&gone, |_| {}), Err(Error::Offline)));
    drop(transport);
    let old = ground.transport();
    ground.stop();
    assert!(matches!(field.sync(&old, |_| {}), Err(Error::Offline)));
    record(&mut field, "Three");
    ground.start();
    ground.sync(&mut field);
    ground.sync(&mut office);
    assert_eq!(office.counts().unwrap().records, 3);
    let vaults = [("office".to_owned(), office), ("field".to_owned(), field)];
    assert_eq!(level::differences(&vaults), Vec::<String>::new());
}

/// What devices show after concurrent edits by clocks that are so far off.
fn merged_by_clocks(offsets: [i64; 2]) -> (Vec<Answer>, usize) {
    let ground = Ground::new();
    let mut office = ground.office("office");
    office.publish_form(&sample::form()).unwrap();
    ground.sync(&mut office);
    let mut fields = Vec::new();
    for (number, offset) in offsets.into_iter().enumerate() {
        let name = format!("field{number}");
        let mut field = ground.vault(&name, offset);
        ground.join(&mut office, &mut field, &name, Role::Field);
        fields.push((name, field));
    }
    let (_, first) = &mut fields[0];
    let id = record(first, "Sample");
    let report = ground.sync(first);
    assert!(report.round_trips <= 2, "at most one retry: {report:?}");
    let (_, second) = &mut fields[1];
    ground.sync(second);
    // The second edits what the first wrote; then both edit at once.
    second.edit_record(&id, &sample::edit("age", Answer::Integer(41))).unwrap();
    ground.sync(second);
    ground.sync(&mut fields[0].1);
    fields[0].1.edit_record(&id, &sample::edit("age", Answer::Integer(42))).unwrap();
    for (number, (_, field)) in fields.iter_mut().enumerate() {
        field.edit_record(&id, &sample::edit("name", sample::text(&format!("Name {number}")))).unwrap();
    }
    fields.push(("office".to_owned(), office));
    level::level(&ground, &mut fields).unwrap();
    assert_eq!(level::differences(&fields), Vec::<String>::new());
    let view = fields[0].1.record(&id).unwrap();
    assert_eq!(view.conflicts.len(), 1);
    assert_eq!(view.conflicts[0].field, "name");
    let offset = fields[0].1.examine().unwrap().clock_offset;
    assert!((offset + offsets[0]).abs() < 300, "the server's time is known: {offset}");
    (vec![view.answers["age"].clone()], view.conflicts[0].values.len())
}

#[test]
fn devices_whose_clocks_are_ten_years_off_sync_after_one_retry_and_merge_the_same() {
    let honest = merged_by_clocks([0, 0]);
    assert_eq!(honest, (vec![Answer::Integer(42)], 2), "what was written later in fact stands alone");
    for offsets in [[YEARS_10, -YEARS_10], [-YEARS_10, YEARS_10], [-YEARS_10, -YEARS_10]] {
        assert_eq!(merged_by_clocks(offsets), honest, "{offsets:?}");
    }
}

#[test]
fn a_server_whose_clock_is_ten_years_off_is_synced_with_all_the_same() {
    for offset in [YEARS_10, -YEARS_10] {
        let ground = Ground::with_clock(offset);
        let (mut office, mut field) = begun(&ground);
        record(&mut field, "Sample");
        assert_eq!(ground.sync(&mut field).round_trips, 1, "the offset is remembered");
        ground.sync(&mut office);
        assert_eq!(office.counts().unwrap().records, 1);
    }
}

#[test]
fn a_clock_that_jumps_between_syncs_costs_one_retry_each_time() {
    let ground = Ground::new();
    let (mut office, field) = begun(&ground);
    field.lock().unwrap();
    for offset in [YEARS_10, -YEARS_10, 3600, -3600, 0] {
        let clock: Arc<dyn Clock> = Arc::new(ShiftedClock(offset));
        let mut field = Vault::open_with(&ground.folder("field"), PASSPHRASE, clock).unwrap();
        record(&mut field, "Sample");
        assert_eq!(ground.sync(&mut field).round_trips, 2, "offset {offset}");
        field.lock().unwrap();
    }
    ground.sync(&mut office);
    assert_eq!(office.counts().unwrap().records, 5);
}

#[test]
fn a_torn_or_flipped_slot_file_is_damaged_and_stays_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    Vault::create(folder.path(), PASSPHRASE).unwrap().lock().unwrap();
    let path = folder.path().join("slots");
    let good = fs::read(&path).unwrap();
    let flips = (0..good.len() * 8).step_by(37).map(|bit| {
        let mut bytes = good.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        bytes
    });
    let torn = (0..good.len()).step_by(29).map(|len| good[..len].to_vec());
    let longer = [good.clone(), good.clone()].concat();
    let huge = vec![0; 1 << 20];
    for bytes in flips.chain(torn).chain([longer, huge, vec![0; good.len()]]) {
        fs::write(&path, &bytes).unwrap();
        let opened = Vault::open(folder.path(), PASSPHRASE);
        assert!(matches!(opened, Err(Error::Damaged { .. })), "{:?}", opened.map(drop));
        assert_eq!(fs::read(&path).unwrap(), bytes);
    }
    fs::write(&path, &good).unwrap();
    Vault::open(folder.path(), PASSPHRASE).unwrap();
}

/// G20: whatever of up to 16 MiB lies where a small file of the vault should, it is refused or ignored at once, and the
/// vault opens again when the file is back.
#[test]
fn a_huge_file_in_the_place_of_a_small_one_brings_nothing_down() {
    let folder = tempfile::tempdir().unwrap();
    Vault::create(folder.path(), PASSPHRASE).unwrap().lock().unwrap();
    let mut dice = Dice::new(51);
    let random: Vec<u8> = (0..16 << 20).map(|_| dice.below(256) as u8).collect();
    for name in ["slots", "device", "tries", "mark", "keys", "vault.db-salt"] {
        let path = folder.path().join(name);
        let good = fs::read(&path).ok();
        for bytes in [&random[..], &[0; 1 << 20][..], &random[..17], &[]] {
            fs::write(&path, bytes).unwrap();
            match Vault::open(folder.path(), PASSPHRASE) {
                Ok(vault) => {
                    assert_ne!(name, "slots");
                    vault.lock().unwrap();
                }
                Err(
                    Error::Damaged { .. }
                    | Error::WrongPassphrase
                    | Error::Disk { .. }
                    | Error::TooManyTries { .. },
                ) => {}
                Err(other) => panic!("{name}: {other}"),
            }
        }
        match good {
            Some(good) => fs::write(&path, good).unwrap(),
            // Some are put away at an opening that succeeds.
            None => _ = fs::remove_file(&path),
        }
        _ = fs::remove_file(folder.path().join("tries"));
        Vault::open(folder.path(), PASSPHRASE).unwrap().lock().unwrap();
    }
}

#[test]
fn a_full_disk_is_said_to_be_full_and_what_was_saved_is_safe() {
    let ground = Ground::new();
    let (mut office, mut field) = begun(&ground);
    for room in 0..size("CAIRN_SIZES", 12) as u32 {
        record(&mut field, "Before");
        let before = level::shown(&field);
        // So much room from here on.
        let path = ground.folder("field").join("vault.db");
        let pages = u32::try_from(fs::metadata(path).unwrap().len() / 4096).unwrap();
        field.limit_pages(pages + room).unwrap();
        let mut saved = 0;
        let told = loop {
            match field.new_record("sample", sample::answers("Until full", &mut Dice::new(2))) {
                Ok(_) => saved += 1,
                Err(error) => break error,
            }
            assert!(saved < 2_000, "it never becomes full");
        };
        assert!(matches!(told, Error::Full), "{told}");
        let now = level::shown(&field);
        assert_eq!(now.len(), before.len() + saved);
        assert!(before.iter().all(|(id, view)| now.get(id) == Some(view)));
        // Syncing may need room too; it says so and loses nothing.
        if let Err(error) = field.sync(&ground.transport(), |_| {}) {
            assert!(matches!(error, Error::Full), "{error}");
        }
        field.limit_pages(u32::MAX - 1).unwrap();
        record(&mut field, "After");
        ground.sync(&mut field);
    }
    ground.sync(&mut office);
    let vaults = [("office".to_owned(), office), ("field".to_owned(), field)];
    assert_eq!(level::differences(&vaults), Vec::<String>::new());
}

/// A file system of its own that is really small; unmounted in the end.
struct Small(PathBuf);

impl Small {
    fn new(folder: &Path, size: &str) -> Option<Self> {
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"])
            .arg(folder)
            .output();
        match mounted {
            Ok(output) if output.status.success() => Some(Self(folder.to_owned())),
            Ok(output) => {
                println!("skipped: {}", String::from_utf8_lossy(&output.stderr).trim());
                None
            }
            Err(error) => {
                println!("skipped: {error}");
                None
            }
        }
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).output();
    }
}

#[test]
fn a_file_system_that_is_really_full_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let Some(small) = Small::new(folder.path(), "3m") else { return };
    let ground = Ground::new();
    let mut office = Vault::create(&small.0.join("office"), PASSPHRASE).unwrap();
    office.found(&ground.address(), "office").unwrap();
    office.publish_form(&sample::form()).unwrap();
    ground.sync(&mut office);
    // Something else fills the disk, up to the last page.
    let filler = small.0.join("filler");
    let mut saved = 0;
    for size in [256_000, 64_000, 4_096] {
        let mut filled = fs::metadata(&filler).map_or(0, |metadata| metadata.len());
        loop {
            filled += size;
            if fs::write(&filler, vec![7; filled as usize]).is_err() {
                fs::write(&filler, vec![7; (filled - size) as usize]).unwrap();
                break;
            }
        }
        let told = loop {
            match office.new_record("sample", sample::answers("Sample", &mut Dice::new(1))) {
                Ok(_) => saved += 1,
                Err(error) => break error,
            }
        };
        assert!(matches!(told, Error::Full), "{told}");
        assert_eq!(office.counts().unwrap().records, saved);
    }
    // Ended by force with the disk still full, and opened again when there is room.
    drop(office);
    fs::remove_file(&filler).unwrap();
    let mut office = Vault::open(&small.0.join("office"), PASSPHRASE).unwrap();
    assert_eq!(office.counts().unwrap().records, saved);
    record(&mut office, "After");
    assert_eq!(ground.sync(&mut office).records_up, saved + 1);
    assert_eq!(office.examine().unwrap().findings, Vec::<String>::new());
    drop(office);
}

#[test]
fn a_backup_for_which_there_is_no_room_says_so_and_leaves_nothing_there() {
    let folder = tempfile::tempdir().unwrap();
    let Some(small) = Small::new(folder.path(), "8k") else { return };
    let ground = Ground::new();
    let (mut office, _) = begun(&ground);
    office.make_recovery(&ground.transport(), 2, 3).unwrap();
    let told = office.back_up(&ground.transport(), &small.0.join("backup"), false, |_| {});
    assert!(matches!(told, Err(Error::Full)), "{told:?}");
    assert_eq!(files(&small.0), [""; 0].map(PathBuf::from), "nothing half-written");
    let elsewhere = ground.path().join("backup");
    office.back_up(&ground.transport(), &elsewhere, false, |_| {}).unwrap();
    assert!(fs::metadata(elsewhere).unwrap().len() > 8192, "control: it would not have fitted");
}

/// G20: whatever lies where a backup is expected, it is said and no vault is made.
#[test]
fn what_is_no_backup_is_said_to_be_none_and_makes_no_vault() {
    let ground = Ground::new();
    let (mut office, _) = begun(&ground);
    let shares = office.make_recovery(&ground.transport(), 2, 3).unwrap();
    let good = ground.path().join("good");
    office.back_up(&ground.transport(), &good, false, |_| {}).unwrap();
    let good = fs::read(good).unwrap();
    let front = 8 + 3 + 4 * 1168 + 32;
    let at = |place: usize, octets: &[u8]| {
        let mut bytes = good.clone();
        bytes[place..place + octets.len()].copy_from_slice(octets);
        bytes
    };
    let lies = [
        Vec::new(),
        b"cairnbnd".to_vec(),
        vec![0; 1 << 20],
        good[..front].to_vec(),
        good[..front + 100].to_vec(),
        at(8, &[2]),
        at(9, &[1]),
        at(10, &[255]),
        at(front, &u32::MAX.to_be_bytes()),
        at(front, &[0, 0, 0, 0]),
        at(front + 50, &[1, 2, 3]),
    ];
    let (file, folder) = (ground.path().join("lie"), ground.folder("nobody"));
    let restore = || {
        let machine = cairn_core::vault::Machine::default();
        Vault::restore_from_backup(&folder, PASSPHRASE, &machine, &shares[1..], &file, None, |_| {}).map(drop)
    };
    for (number, lie) in lies.iter().enumerate() {
        fs::write(&file, lie).unwrap();
        let told = restore().unwrap_err();
        assert!(matches!(told, Error::BadBackup { .. } | Error::TooNew { .. }), "lie {number}: {told}");
        assert!(!Vault::exists(&folder), "lie {number}");
    }
    fs::write(&file, &good).unwrap();
    restore().unwrap();
}

#[test]
fn a_second_program_on_one_vault_is_told_that_it_is_in_use() {
    let folder = tempfile::tempdir().unwrap();
    let vault = Vault::create(folder.path(), PASSPHRASE).unwrap();
    assert!(matches!(Vault::open(folder.path(), PASSPHRASE), Err(Error::InUse)));
    assert!(matches!(Vault::open(folder.path(), "a wrong passphrase"), Err(Error::InUse)));
    let again = Vault::create_with(folder.path(), PASSPHRASE, Arc::new(SystemClock));
    assert!(matches!(again, Err(Error::InUse | Error::VaultExists)));
    vault.lock().unwrap();
    Vault::open(folder.path(), PASSPHRASE).unwrap();
}

#[test]
fn a_full_server_refuses_what_comes_and_still_gives_what_it_has() {
    let mut ground = Ground::new();
    let (mut office, mut field) = begun(&ground);
    record(&mut office, "From the office");
    ground.sync(&mut office);
    // From here on the workspace may not grow by a single octet.
    ground.restart_with(|config| config.store.quota = 1);
    record(&mut field, "From the field");
    let told = field.sync(&ground.transport(), |_| {}).unwrap_err();
    assert!(matches!(told, Error::Refused { reason: Reason::Full }), "{told}");
    assert_eq!(field.counts().unwrap().records, 2, "what the office wrote has arrived all the same");
    assert_eq!(field.counts().unwrap().unacknowledged, 1, "what could not leave is kept");
    ground.restart_with(|_| ());
    ground.sync(&mut field);
    ground.sync(&mut office);
    assert_eq!(office.counts().unwrap().records, 2);
}
