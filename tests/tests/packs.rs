//! Packs: a newcomer begins with one, the server lets go of what one covers once two devices stand for it,
//! and whoever slept through that loses nothing. A pack that says something else than the log is found.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests may be blunt: a panic there is the report"
)]

use std::cell::RefCell;
use std::fs;
use std::sync::Arc;

use cairn_core::clock::{Clock, SystemClock};
use cairn_core::form::Answer;
use cairn_core::store::AlarmKind;
use cairn_core::sync::signed;
use cairn_core::transport::{Reply, Transport, TransportError};
use cairn_core::vault::{Agreement, Healed, InviteTerms, Machine, SyncReport};
use cairn_core::wire::digest::sha256;
use cairn_core::wire::hello::Purpose;
use cairn_core::wire::id::DeviceId;
use cairn_core::wire::pack::{Attestation, ChainHead, Manifest, PackBack, PackPost, Pieces};
use cairn_core::wire::path;
use cairn_core::wire::refusal::{Reason, Refusal};
use cairn_core::wire::roster::Role;
use cairn_core::{Error, Vault};
use cairn_tests::dice::Dice;
use cairn_tests::fork::copy_folder;
use cairn_tests::ground::{Ground, PASSPHRASE};
use cairn_tests::hand::Hand;
use cairn_tests::level::{differences, level, shown};
use cairn_tests::sample;
use cairn_tests::stage::Unmarked;

const DAY: i64 = 24 * 3600;

struct Scene {
    ground: Ground,
    vaults: Vec<(String, Vault)>,
    dice: Dice,
}

impl Scene {
    /// An office and a field device that have written `rounds` segments each.
    fn new(seed: u64, rounds: usize) -> Self {
        let ground = Ground::new();
        let mut office = ground.office("office");
        office.publish_form(&sample::form()).unwrap();
        ground.sync(&mut office);
        let ana = ground.member(&mut office, "ana", Role::Field);
        let vaults = [("office", office), ("ana", ana)].map(|(name, vault)| (name.to_owned(), vault)).into();
        let mut scene = Self { ground, vaults, dice: Dice::new(seed) };
        for round in 0..rounds {
            scene.work(round % 2);
            scene.work((round + 1) % 2);
        }
        scene.level();
        scene
    }

    /// One device saves a record, edits another, and syncs: one segment.
    fn work(&mut self, who: usize) {
        self.save(who);
        self.ground.sync(&mut self.vaults[who].1);
    }

    fn save(&mut self, who: usize) {
        let vault = &mut self.vaults[who].1;
        vault.new_record("sample", sample::answers("Sample", &mut self.dice)).unwrap();
        let known: Vec<_> = shown(vault).into_keys().collect();
        let record = *self.dice.pick(&known);
        let age = self.dice.below(90) as i64;
        vault.edit_record(&record, &sample::edit("age", Answer::Integer(age))).unwrap();
    }

    fn level(&mut self) {
        level(&self.ground, &mut self.vaults).unwrap();
    }

    /// The office makes a pack, and `others` vouch for it.
    fn pack(&mut self, others: &[usize]) {
        let made = self.vaults[0].1.make_packs(&self.ground.transport(), |_| {}).unwrap();
        assert_eq!(made.len(), 1);
        assert_eq!(made[0].documents as usize, shown(&self.vaults[0].1).len());
        for other in others {
            self.ground.sync(&mut self.vaults[*other].1);
        }
    }

    /// Who vouches for the newest pack, as the office sees it.
    fn vouched_by(&mut self) -> Vec<DeviceId> {
        let views = self.vaults[0].1.packs(&self.ground.transport()).unwrap();
        assert_eq!(views[0].agreement, Agreement::Same);
        views[0].vouched_by.clone()
    }

    fn join(&mut self, name: &str) -> Vault {
        self.ground.member(&mut self.vaults[0].1, name, Role::Field)
    }

    /// A device that has been let in and has fetched nothing yet.
    fn invited(&mut self, name: &str) -> Vault {
        let mut vault = self.ground.vault(name, 0);
        let terms = InviteTerms { role: Role::Field, hours: 24 };
        let invitation = self.vaults[0].1.invite(&terms).unwrap();
        vault.accept(&invitation.to_text(), name).unwrap();
        assert!(matches!(vault.sync(&self.ground.transport(), |_| {}), Err(Error::Waiting)));
        self.ground.sync(&mut self.vaults[0].1);
        vault
    }

    /// The same, and what its first fetching cost.
    fn newcomer(&mut self, name: &str, road: &Counting) -> (Vault, SyncReport) {
        let mut vault = self.invited(name);
        let report = vault.sync(road, |_| {}).unwrap();
        (vault, report)
    }

    /// So many days later. Devices notice by the server's answer.
    fn days_later(&mut self, days: i64) {
        self.ground.restart_with(move |config| config.clock_offset = days * DAY);
    }

    fn segments_held(&mut self) -> u64 {
        self.ground.stop();
        let report = cairn_server::doctor::examine(&self.ground.data()).unwrap();
        self.ground.start();
        assert!(report.is_sound(), "{report}");
        report.segments
    }

    fn whole(mut self) {
        for who in 0..self.vaults.len() {
            self.save(who);
        }
        self.level();
        assert_eq!(differences(&self.vaults), Vec::<String>::new());
        self.segments_held();
    }
}

#[test]
fn a_newcomer_begins_with_a_pack_that_two_devices_stand_for() {
    let mut scene = Scene::new(1, 20);
    scene.pack(&[]);
    assert_eq!(scene.vouched_by(), [], "only its author stands for it");
    // Control: then a newcomer takes the whole log; and can vouch for the pack itself.
    let (alone, report) = scene.newcomer("alone", &Counting::new(&scene.ground));
    assert!(report.segments_down >= 40, "{}", report.segments_down);
    assert_eq!(scene.vouched_by(), [alone.device()]);
    scene.work(1);
    let counting = Counting::new(&scene.ground);
    let (late, report) = scene.newcomer("late", &counting);
    assert!(report.segments_down < 10, "the log behind the pack only: {}", report.segments_down);
    assert_eq!(counting.asked(path::PIECES), 1);
    assert!(report.round_trips <= 4, "{:?}", counting.asked.borrow());
    assert!(!scene.vouched_by().contains(&late.device()), "who has it from the pack cannot say");
    scene.vaults.push(("late".to_owned(), late));
    scene.vaults.push(("alone".to_owned(), alone));
    scene.whole();
}

#[test]
fn what_two_devices_stand_for_is_let_go_after_the_grace_time_and_sleepers_lose_nothing() {
    let mut scene = Scene::new(2, 6);
    let mut sleeper = scene.join("sleeper");
    let copied = scene.ground.path().join("copy");
    for _ in 0..3 {
        sleeper.new_record("sample", sample::answers("Asleep", &mut scene.dice)).unwrap();
    }
    let known: Vec<_> = shown(&sleeper).into_keys().collect();
    sleeper.edit_record(&known[0], &sample::edit("age", Answer::Integer(901))).unwrap();
    // Sent, and the answer lost: what it sent stands in the log that is let go.
    let cut = Counting { lose: path::SYNC, ..Counting::new(&scene.ground) };
    assert!(sleeper.sync(&cut, |_| {}).is_err());
    sleeper.edit_record(&known[1], &sample::edit("age", Answer::Integer(902))).unwrap();
    for _ in 0..4 {
        scene.work(0);
        scene.work(1);
    }
    scene.level();
    let before = scene.segments_held();
    scene.pack(&[1]);
    assert_eq!(scene.segments_held(), before, "control: the grace time is not over");
    scene.days_later(31);
    wait_for(&scene, 0);
    scene.work(1);
    sleeper.lock().unwrap();
    copy_folder(&scene.ground.folder("sleeper"), &copied);
    let mut sleeper = scene.ground.reopen("sleeper");
    let report = scene.ground.sync(&mut sleeper);
    assert_eq!((report.quarantined, report.left), (0, 0));
    let views = shown(&sleeper);
    for (record, age) in [(known[0], 901), (known[1], 902)] {
        let said = sleeper.history(&record, Some("age")).unwrap();
        assert!(said.iter().any(|past| format!("{past:?}").contains(&age.to_string())), "{age} is lost");
    }
    assert!(views.len() >= 12 + 3 + 8);
    scene.vaults.push(("sleeper".to_owned(), sleeper));
    scene.ground.sync(&mut scene.vaults[0].1);
    let newcomer = scene.join("newcomer");
    scene.vaults.push(("newcomer".to_owned(), newcomer));
    // A copy of the sleeper from before: a clone that also slept.
    let mut clone = Vault::open(&copied, PASSPHRASE).unwrap();
    scene.ground.sync(&mut clone);
    scene.vaults.push(("clone".to_owned(), clone));
    scene.whole();
}

/// Waits until the server, which looks by itself now and then, holds so many segments.
fn wait_for(scene: &Scene, segments: i64) {
    let log = rusqlite::Connection::open(scene.ground.data().join("log.db")).unwrap();
    let held = || -> i64 { log.query_row("SELECT count(*) FROM segment", [], |row| row.get(0)).unwrap() };
    for _ in 0..1000 {
        if held() == segments {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    panic!("the server still holds {} segments", held());
}

#[test]
fn a_pack_that_lacks_a_record_is_an_alarm_and_nobody_vouches_for_it() {
    let mut scene = Scene::new(3, 4);
    let known: Vec<_> = shown(&scene.vaults[0].1).into_keys().collect();
    scene.vaults[0].1.rehearse_loss(&known[2]).unwrap();
    scene.pack(&[1]);
    let ana = &mut scene.vaults[1].1;
    let alarms = ana.alarms().unwrap();
    assert_eq!(alarms.len(), 1);
    assert_eq!(alarms[0].alarm.kind, AlarmKind::OtherPack);
    assert_eq!(alarms[0].name.as_deref(), Some("office"), "it names who made the pack");
    let views = ana.packs(&scene.ground.transport()).unwrap();
    assert_eq!((views[0].vouched_by.len(), views[0].agreement), (0, Agreement::Differs));
    let newcomer = scene.join("newcomer");
    scene.days_later(90);
    scene.ground.sync(&mut scene.vaults[1].1);
    assert!(scene.segments_held() > 0, "nothing was let go");
    assert!(shown(&newcomer).contains_key(&known[2]), "the log still tells all");
}

#[test]
fn a_piece_that_is_not_the_manifest_s_is_an_alarm_and_nothing_of_it_is_taken_in() {
    let mut scene = Scene::new(4, 20);
    scene.pack(&[1]);
    let mut late = scene.invited("late");
    let spoilt = Counting { spoil: true, ..Counting::new(&scene.ground) };
    assert!(matches!(late.sync(&spoilt, |_| {}), Err(Error::Tampered(_))));
    assert_eq!(late.counts().unwrap().records, 0);
    assert_eq!(late.alarms().unwrap()[0].alarm.kind, AlarmKind::OtherPack);
    let report = scene.ground.sync(&mut late);
    assert!(report.segments_down < 5, "control: an honest server's pack is taken");
    assert!(late.counts().unwrap().records >= 40);
}

#[test]
fn a_cut_costs_one_answer_of_pieces() {
    let mut scene = Scene::new(5, 1);
    for number in 0..60 {
        let text: String = (0..1500).map(|_| format!("{:05x} ", scene.dice.below(1 << 20))).collect();
        let vault = &mut scene.vaults[number % 2].1;
        let record = vault.new_record("sample", sample::answers("Long", &mut scene.dice)).unwrap();
        vault.edit_record(&record, &sample::edit("story", Answer::Narrative(text))).unwrap();
        scene.ground.sync(&mut scene.vaults[number % 2].1);
    }
    scene.level();
    scene.pack(&[1]);
    let mut late = scene.invited("late");
    // Each answer brings one piece, and every other one is lost.
    let thin = Counting { thin: true, lose_every_other: path::PIECES, ..Counting::new(&scene.ground) };
    let mut cuts = 0;
    while late.sync(&thin, |_| {}).is_err() {
        cuts += 1;
        assert!(cuts < 20, "it gets there");
    }
    assert!(cuts >= 1, "control: something was lost on the way");
    let asked = thin.asked(path::PIECES);
    let pieces = asked - cuts;
    assert!(pieces >= 2, "more than one piece: {pieces}");
    assert_eq!(shown(&late), shown(&scene.vaults[0].1));
}

/// What a copy of a vault carried before a pack, and its original sent after it, was in the log before: nobody
/// takes the pack for another one because of that.
#[test]
fn a_change_that_a_copy_carried_before_its_original_sent_it_is_in_the_pack() {
    let mut scene = Scene::new(10, 2);
    scene.save(1);
    scene.vaults.pop().unwrap().1.lock().unwrap();
    let copied = scene.ground.path().join("copy");
    copy_folder(&scene.ground.folder("ana"), &copied);
    scene.vaults.push(("ana".to_owned(), scene.ground.reopen("ana")));
    let mut copy = Vault::open(&copied, PASSPHRASE).unwrap();
    let report = scene.ground.sync(&mut copy);
    assert_eq!((report.segments_up, report.new_chains), (1, 1), "control: it is a copy, and carries");
    let made = scene.vaults[0].1.make_packs(&scene.ground.transport(), |_| {}).unwrap();
    let held = made[0].documents;
    let report = scene.ground.sync(&mut scene.vaults[1].1);
    assert_eq!((report.segments_up, report.alarms), (1, 0), "the original says it again, after the pack");
    assert_eq!(scene.vouched_by(), [scene.vaults[1].1.device()]);
    assert_eq!(shown(&scene.vaults[1].1).len() as u64, held, "control: it brought no record that was new");
    scene.vaults.push(("copy".to_owned(), copy));
    scene.whole();
}

/// G14, G17: a vault that is put back without noticing finds what it had sent meanwhile in the pack. It says none of
/// that again, and keeps what others have built on it.
#[test]
fn what_a_vault_that_was_put_back_had_sent_is_found_in_the_pack() {
    let mut scene = Scene::new(11, 4);
    scene.ground.restart_with(|config| config.store.pack_grace_days = 0);
    let folder = scene.ground.folder("ana");
    let open =
        || Vault::open_on(&folder, PASSPHRASE, &Machine::default().with_anchor(Arc::new(Unmarked))).unwrap();
    scene.vaults.pop().unwrap().1.lock().unwrap();
    let mut ana = open();
    scene.ground.sync(&mut ana);
    let record = *shown(&ana).keys().next().unwrap();
    ana.edit_record(&record, &sample::edit("age", Answer::Integer(901))).unwrap();
    let fresh = ana.new_record("sample", sample::answers("Fresh", &mut scene.dice)).unwrap();
    let kept = scene.ground.path().join("kept");
    copy_folder(&folder, &kept);
    scene.ground.sync(&mut ana);
    let mut second = scene.join("second");
    scene.pack(&[]);
    scene.ground.sync(&mut second);
    let held = shown(&second);
    for (record, age) in [(record, 902), (fresh, 903)] {
        second.edit_record(&record, &sample::edit("age", Answer::Integer(age))).unwrap();
    }
    assert!(scene.segments_held() < 3, "control: what it had sent is only in the pack");
    drop(ana);
    fs::remove_dir_all(&folder).unwrap();
    copy_folder(&kept, &folder);
    let mut ana = open();
    let report = scene.ground.sync(&mut ana);
    assert_eq!(report.new_chains, 1, "control: only the server's word told it");
    assert_eq!((report.quarantined, report.left), (0, 0));
    assert_eq!(shown(&ana), held);
    scene.vaults.push(("ana".to_owned(), ana));
    scene.vaults.push(("second".to_owned(), second));
    scene.whole();
}

/// The same for a newcomer that is put back to when it had been let in and had fetched nothing: its very first
/// chain is in the pack that it begins with.
#[test]
fn a_newcomer_that_was_put_back_to_its_first_moment_begins_again() {
    let mut scene = Scene::new(12, 6);
    scene.ground.restart_with(|config| config.store.pack_grace_days = 0);
    drop(scene.invited("bo"));
    let folder = scene.ground.folder("bo");
    let open =
        || Vault::open_on(&folder, PASSPHRASE, &Machine::default().with_anchor(Arc::new(Unmarked))).unwrap();
    let mut bo = open();
    let road = Counting { lose: path::PACKS, ..Counting::new(&scene.ground) };
    assert!(matches!(bo.sync(&road, |_| {}), Err(Error::Offline)));
    let kept = scene.ground.path().join("kept");
    copy_folder(&folder, &kept);
    scene.ground.sync(&mut bo);
    let said = bo.new_record("sample", sample::answers("Said before", &mut scene.dice)).unwrap();
    scene.ground.sync(&mut bo);
    scene.pack(&[1]);
    scene.level();
    assert!(scene.segments_held() < 3, "control: what it had sent is only in the pack");
    drop(bo);
    fs::remove_dir_all(&folder).unwrap();
    copy_folder(&kept, &folder);
    let mut bo = open();
    let report = scene.ground.sync(&mut bo);
    assert_eq!((report.new_chains, report.left), (1, 0), "control: only the pack told it");
    assert!(bo.record(&said).is_ok());
    scene.vaults.push(("bo".to_owned(), bo));
    scene.whole();
}

/// A scene in which the server has let go of what the pack covers, and a device that began with the pack.
fn let_go(seed: u64) -> Scene {
    let mut scene = Scene::new(seed, 6);
    scene.ground.restart_with(|config| config.store.pack_grace_days = 0);
    scene.pack(&[1]);
    scene.work(1);
    scene.level();
    assert!(scene.segments_held() < 3, "control: the server has let go of what came before");
    let (late, report) = scene.newcomer("late", &Counting::new(&scene.ground));
    assert!(report.segments_down < 5, "control: it began with the pack");
    scene.vaults.push(("late".to_owned(), late));
    scene.work(2);
    scene.work(0);
    scene.level();
    scene
}

impl Scene {
    fn heal(&mut self, who: usize) -> Result<Healed, Error> {
        self.vaults[who].1.heal(&self.ground.transport(), &[], |_| {})
    }

    fn back_up(&mut self) {
        let kept = self.ground.path().join("backup");
        self.ground.meanwhile(|data| copy_folder(data, &kept));
    }

    fn put_back(&mut self) {
        let kept = self.ground.path().join("backup");
        self.ground.meanwhile(|data| {
            fs::remove_dir_all(data).unwrap();
            copy_folder(&kept, data);
        });
    }

    /// Everybody goes on, a newcomer has all of it, and what was noted on the way is the loss itself.
    fn whole_after_loss(mut self) {
        self.vaults[0].1.renew_keys(&self.ground.transport()).unwrap();
        self.level();
        let (newcomer, _) = self.newcomer("newcomer", &Counting::new(&self.ground));
        self.vaults.push(("newcomer".to_owned(), newcomer));
        for who in 0..self.vaults.len() {
            self.save(who);
        }
        self.level();
        let noted: Vec<usize> = self.vaults.iter().map(|(_, vault)| vault.alarms().unwrap().len()).collect();
        self.level();
        let again: Vec<usize> = self.vaults.iter().map(|(_, vault)| vault.alarms().unwrap().len()).collect();
        assert_eq!(noted, again, "nobody is alarmed for ever");
        let findings = differences(&self.vaults).into_iter().filter(|finding| !finding.contains("alarm"));
        assert_eq!(findings.collect::<Vec<_>>(), Vec::<String>::new());
        self.segments_held();
    }
}

/// G23: what the server has let go of and then loses comes back with the pack that stood for it.
#[test]
fn whoever_began_with_a_pack_heals_a_wiped_server_with_it() {
    let mut scene = let_go(6);
    scene.vaults.pop().unwrap().1.lock().unwrap();
    let copied = scene.ground.path().join("copy");
    copy_folder(&scene.ground.folder("late"), &copied);
    scene.vaults.push(("late".to_owned(), scene.ground.reopen("late")));
    scene.ground.wipe();
    let mut without = Vault::open(&copied, PASSPHRASE).unwrap();
    without.rehearse_no_packs().unwrap();
    let refused = without.heal(&scene.ground.transport(), &[], |_| {});
    assert!(matches!(refused, Err(Error::CannotHeal)), "control: without the pack it cannot: {refused:?}");
    scene.ground.wipe();
    let healed = scene.heal(2).unwrap();
    assert_eq!((healed.packs, healed.refused, healed.reordered), (1, 0, 0));
    assert!(healed.given_back > 0, "and what came after it");
    for who in 0..3 {
        scene.ground.sync(&mut scene.vaults[who].1);
        let alarms = scene.vaults[who].1.alarms().unwrap();
        assert!(alarms.is_empty(), "everybody sees the same history again: {alarms:?}");
    }
    let again = scene.heal(0).unwrap();
    assert_eq!((again.packs, again.given_back, again.reordered), (0, 0, 0), "nothing is missing now");
    scene.whole_after_loss();
}

/// G23: a backup from after the pack is healed as ever; one from before it by whoever holds all of the log,
/// and with a pack only once the operator has begun with an empty log: healing never shortens a log.
#[test]
fn a_server_put_back_to_before_a_pack_is_healed_and_never_shortened() {
    let mut scene = let_go(7);
    scene.back_up();
    scene.work(1);
    scene.work(2);
    scene.level();
    scene.put_back();
    let healed = scene.heal(2).unwrap();
    assert_eq!((healed.packs, healed.refused, healed.reordered), (0, 0, 0));
    assert!(healed.given_back > 0, "the backup had the pack");
    scene.whole_after_loss();

    let mut scene = Scene::new(8, 6);
    scene.back_up();
    let before = scene.segments_held();
    scene.ground.restart_with(|config| config.store.pack_grace_days = 0);
    scene.work(0);
    scene.pack(&[1]);
    scene.level();
    let (late, _) = scene.newcomer("late", &Counting::new(&scene.ground));
    scene.vaults.push(("late".to_owned(), late));
    scene.work(2);
    scene.put_back();
    let refused = scene.heal(2);
    assert!(matches!(refused, Err(Error::CannotHeal)), "{refused:?}");
    assert_eq!(scene.segments_held(), before, "its log is as long as it was");
    // The office has all of the log.
    let healed = scene.heal(0).unwrap();
    assert_eq!((healed.packs, healed.refused, healed.reordered), (0, 0, 0));
    scene.heal(2).unwrap();
    scene.whole_after_loss();
}

/// G23: whoever knew less was first, and wrote; the pack still comes back, and nothing of either is lost.
#[test]
fn a_pack_comes_back_to_a_server_that_a_sleeper_has_healed_first() {
    let mut scene = Scene::new(9, 2);
    let sleeper = scene.join("sleeper");
    scene.ground.restart_with(|config| config.store.pack_grace_days = 0);
    for _ in 0..3 {
        scene.work(0);
        scene.work(1);
    }
    scene.level();
    scene.pack(&[1]);
    assert_eq!(scene.segments_held(), 0, "control: it has let go of all that the sleeper lacks");
    let (late, _) = scene.newcomer("late", &Counting::new(&scene.ground));
    scene.vaults.push(("late".to_owned(), late));
    scene.work(2);
    scene.vaults.push(("sleeper".to_owned(), sleeper));
    // Nobody but the newcomer and the sleeper is left.
    scene.ground.wipe();
    scene.heal(3).unwrap();
    for _ in 0..12 {
        scene.work(3);
    }
    let healed = scene.heal(2).unwrap();
    assert_eq!((healed.packs, healed.refused), (1, 0));
    let told = scene.vaults[3].1.sync(&scene.ground.transport(), |_| {});
    assert!(matches!(told, Err(Error::Tampered(_))), "control: the sleeper is told {told:?}");
    for who in [3, 0, 1] {
        scene.heal(who).unwrap();
    }
    scene.whole_after_loss();
}

/// A pack of one piece that stands for a log nobody ever had.
fn forged(author: &Hand) -> (Vec<u8>, Vec<u8>) {
    let (place, device, piece) = (author.place(), author.device.id(), vec![7; 300]);
    let manifest = Manifest {
        circle: place.circle,
        device,
        seq: 1000,
        root: [7; 32],
        epoch: place.epoch,
        roster_seq: place.roster_seq,
        time: 1,
        state: [7; 32],
        salt: [7; 24],
        chains: vec![ChainHead { chain: author.chain, device, height: 1000, link: [7; 16] }],
        pieces: vec![sha256(&[&piece])],
    };
    let signature = author.device.sign(&manifest.signed_bytes(place.workspace, &place.roster_head));
    (manifest.encode(&signature), piece)
}

/// G12: one dishonest coordinator cannot make a server forget, not even one that was wiped; and a server that
/// has lost nothing takes no pack for its beginning, whoever stands for it.
#[test]
fn a_server_that_lost_its_log_begins_with_no_pack_that_one_device_stands_for() {
    let mut ground = Ground::new();
    let mut office = ground.office("office");
    let friend = Hand::join(&ground, &mut office, Role::Field);
    let liar = Hand::join(&ground, &mut office, Role::Coordinator);
    let (workspace, circle) = (liar.roster.workspace(), liar.circle);
    let (manifest, piece) = forged(&liar);
    let vouch = |hand: &Hand| {
        let attestation = Attestation { circle, pack: sha256(&[&manifest]), device: hand.device.id() };
        attestation.encode(&hand.device.sign(&attestation.signed_bytes(workspace)))
    };
    let give = |ground: &Ground, attestations: Vec<Vec<u8>>| {
        let post = PackPost { manifest: manifest.clone(), first: 0, pieces: vec![piece.clone()] };
        let body = PackBack { attestations, post }.encode();
        let (key, now) = (ground.address().key, SystemClock.now());
        let asked = signed(&liar.device, workspace, &key, now, Purpose::HealPack, Vec::new(), &body).unwrap();
        let reply = ground.transport().post(path::HEAL_PACK, asked.bytes).unwrap();
        if reply.status == 200 { Ok(()) } else { Err(Refusal::decode(&reply.body).unwrap().reason) }
    };
    let both = || vec![vouch(&liar), vouch(&friend)];
    assert_eq!(give(&ground, both()), Err(Reason::RosterRefused), "it has lost nothing");
    let report = ground.sync(&mut office);
    assert_eq!((report.alarms, report.left), (0, 0));
    ground.wipe();
    office.heal(&ground.transport(), &[], |_| {}).unwrap();
    assert_eq!(give(&ground, vec![vouch(&liar), vouch(&liar)]), Err(Reason::RosterRefused));
    let mut damaged = vouch(&friend);
    damaged[100] ^= 1;
    assert_eq!(give(&ground, vec![damaged]), Err(Reason::RosterRefused));
    ground.sync(&mut office);
    assert!(office.alarms().unwrap().is_empty());
    assert_eq!(give(&ground, both()), Ok(()), "control: two together can, and everybody else is told");
    assert!(matches!(office.sync(&ground.transport(), |_| {}), Err(Error::Tampered(_))));
}

/// A road that counts requests, and may lose or change some answers.
struct Counting {
    inner: cairn_core::transport::Https,
    asked: RefCell<Vec<String>>,
    /// The answer to the second request of this path is lost.
    lose: &'static str,
    /// Every second answer of this path is lost.
    lose_every_other: &'static str,
    /// Pieces arrive changed.
    spoil: bool,
    /// One piece an answer.
    thin: bool,
}

impl Counting {
    fn new(ground: &Ground) -> Self {
        let inner = ground.transport();
        let asked = RefCell::new(Vec::new());
        Self { inner, asked, lose: "", lose_every_other: "", spoil: false, thin: false }
    }

    fn asked(&self, path: &str) -> usize {
        self.asked.borrow().iter().filter(|asked| *asked == path).count()
    }
}

impl Transport for Counting {
    fn post(&self, path: &str, body: Vec<u8>) -> Result<Reply, TransportError> {
        self.asked.borrow_mut().push(path.to_owned());
        let mut reply = self.inner.post(path, body)?;
        if path == self.lose || (path == self.lose_every_other && self.asked(path) % 2 == 1) {
            return Err(TransportError::Offline);
        }
        if path == path::PIECES && (self.spoil || self.thin) {
            let mut pieces = Pieces::decode(&reply.body).unwrap();
            if self.spoil {
                pieces.0[0][100] ^= 1;
            }
            if self.thin {
                pieces.0.truncate(1);
            }
            reply.body = pieces.encode();
        }
        Ok(reply)
    }
}
