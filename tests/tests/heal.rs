//! A server that has lost something gets it back from any member, and nobody has lost or doubled anything.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests may be blunt: a panic there is the report"
)]

use std::fs;

use cairn_core::form::Answer;
use cairn_core::sync::Alarm;
use cairn_core::wire::refusal::Reason;
use cairn_core::wire::roster::Role;
use cairn_core::{Error, Vault};
use cairn_tests::dice::Dice;
use cairn_tests::fork::copy_folder;
use cairn_tests::ground::Ground;
use cairn_tests::level::{differences, level, shown};
use cairn_tests::sample;

struct Scene {
    ground: Ground,
    vaults: Vec<(String, Vault)>,
    dice: Dice,
    records: usize,
    ages: Vec<i64>,
}

impl Scene {
    /// Three devices, several epochs, all level.
    fn new(seed: u64) -> Self {
        let ground = Ground::new();
        let mut office = ground.office("office");
        office.publish_form(&sample::form()).unwrap();
        ground.sync(&mut office);
        let ana = ground.member(&mut office, "ana", Role::Field);
        let ben = ground.member(&mut office, "ben", Role::Field);
        let vaults = [("office", office), ("ana", ana), ("ben", ben)];
        let vaults = vaults.map(|(name, vault)| (name.to_owned(), vault)).into();
        let mut scene = Self { ground, vaults, dice: Dice::new(seed), records: 0, ages: Vec::new() };
        scene.work(&[0, 1, 2]);
        scene.level();
        scene
    }

    /// Everybody named saves and edits something, and syncs; the office gives a new key in between.
    fn work(&mut self, who: &[usize]) {
        for round in 0..2 {
            for index in who {
                self.save(*index);
                self.ground.sync(&mut self.vaults[*index].1);
            }
            if round == 0 && who.contains(&0) {
                self.vaults[0].1.renew_keys(&self.ground.transport()).unwrap();
            }
        }
    }

    fn save(&mut self, who: usize) {
        let vault = &mut self.vaults[who].1;
        self.records += 1;
        let age = 1000 + self.records as i64;
        vault.new_record("sample", sample::answers(&format!("Sample {age}"), &mut self.dice)).unwrap();
        let known: Vec<_> = shown(vault).into_keys().collect();
        let record = *self.dice.pick(&known);
        vault.edit_record(&record, &sample::edit("age", Answer::Integer(age))).unwrap();
        self.ages.push(age);
    }

    fn level(&mut self) {
        level(&self.ground, &mut self.vaults).unwrap();
    }

    /// Keeps the server's folder as it is now.
    fn back_up(&mut self) {
        self.ground.stop();
        copy_folder(&self.ground.data(), &self.ground.path().join("backup"));
        self.ground.start();
    }

    fn put_back(&mut self) {
        self.ground.stop();
        fs::remove_dir_all(self.ground.data()).unwrap();
        copy_folder(&self.ground.path().join("backup"), &self.ground.data());
        self.ground.start();
    }

    /// The log is gone; the key is kept.
    fn wipe(&mut self) {
        self.ground.wipe();
    }

    /// Everybody syncs on, a newcomer joins, and all have everything.
    fn whole(mut self) {
        self.level();
        self.vaults[0].1.renew_keys(&self.ground.transport()).unwrap();
        let newcomer = self.ground.member(&mut self.vaults[0].1, "newcomer", Role::Field);
        self.vaults.push(("newcomer".to_owned(), newcomer));
        for who in 0..self.vaults.len() {
            self.save(who);
        }
        self.level();
        let findings: Vec<String> =
            differences(&self.vaults).into_iter().filter(|finding| !finding.contains("alarm")).collect();
        assert_eq!(findings, Vec::<String>::new());
        for (name, vault) in &self.vaults {
            let views = shown(vault);
            assert_eq!(views.len(), self.records, "{name} has every record once");
            let past = views.keys().flat_map(|record| vault.history(record, Some("age")).unwrap());
            let past: Vec<_> = past.filter_map(|past| past.answer).collect();
            for age in &self.ages {
                assert!(past.contains(&Answer::Integer(*age)), "{name} misses {age}");
            }
        }
        self.ground.stop();
        let report = cairn_server::doctor::examine(&self.ground.data()).unwrap();
        assert_eq!(report.problems, Vec::<String>::new());
        assert_eq!(report.frozen_chains, 0);
    }
}

#[test]
fn any_member_heals_a_wiped_server() {
    for healer in 0..3 {
        let mut scene = Scene::new(healer as u64);
        scene.wipe();
        // What was not sent yet is no hindrance.
        scene.save(healer);
        let road = scene.ground.transport();
        for (name, vault) in &mut scene.vaults {
            let synced = vault.sync(&road, |_| {});
            let unknown = matches!(synced, Err(Error::Refused { reason: Reason::UnknownWorkspace }));
            assert!(unknown, "control: without healing {name} is told {synced:?}");
        }
        let healed = scene.vaults[healer].1.heal(&road, &[], |_| {}).unwrap();
        assert!(healed.given_back > 0);
        assert_eq!((healed.refused, healed.reordered), (0, 0));
        for (name, vault) in &mut scene.vaults {
            vault.sync(&road, |_| {}).unwrap_or_else(|error| panic!("{name} cannot sync: {error}"));
            assert!(vault.alarms().unwrap().is_empty(), "everybody sees the same history again");
        }
        scene.whole();
    }
}

#[test]
fn any_member_heals_a_server_that_was_put_back_from_a_backup() {
    for healer in 0..4 {
        let mut scene = Scene::new(10 + healer as u64);
        scene.back_up();
        // Somebody whom the backup does not know.
        let late = scene.ground.member(&mut scene.vaults[0].1, "late", Role::Field);
        scene.vaults.push(("late".to_owned(), late));
        scene.work(&[0, 1, 2, 3]);
        scene.level();
        scene.put_back();
        // Unsent work must not make the log go another way.
        (0..4).for_each(|who| scene.save(who));
        let road = scene.ground.transport();
        for (name, vault) in &mut scene.vaults {
            let synced = vault.sync(&road, |_| {});
            let told = matches!(
                synced,
                Err(Error::Tampered(Alarm::RolledBack(_) | Alarm::RosterRolledBack)
                    | Error::Refused { reason: Reason::NotMember })
            );
            assert!(told, "control: without healing {name} is told {synced:?}");
        }
        let healed = scene.vaults[healer].1.heal(&road, &[], |_| {}).unwrap();
        assert!(healed.given_back > 0);
        assert_eq!((healed.refused, healed.reordered), (0, 0));
        for (name, vault) in &mut scene.vaults {
            vault.sync(&road, |_| {}).unwrap_or_else(|error| panic!("{name} cannot sync: {error}"));
        }
        scene.whole();
    }
}

#[test]
fn what_others_wrote_to_a_server_that_was_put_back_stays_and_the_lost_comes_behind_it() {
    for (healer, next) in [(0, 1), (1, 0)] {
        let mut scene = Scene::new(20 + healer as u64);
        scene.back_up();
        // Ben is away while the others go on, and comes back to a server that has forgotten it.
        scene.work(&[1, 0, 1]);
        scene.put_back();
        scene.save(2);
        let road = scene.ground.transport();
        scene.ground.sync(&mut scene.vaults[2].1);
        scene.save(healer);
        let healed = scene.vaults[healer].1.heal(&road, &[], |_| {}).unwrap();
        assert!(healed.given_back > 0);
        assert_eq!((healed.refused, healed.reordered), (0, 1));
        // Whoever had seen what was lost follows the new order too; nothing is given back twice.
        let synced = scene.vaults[next].1.sync(&road, |_| {});
        assert!(matches!(synced, Err(Error::Tampered(_))), "control: {synced:?}");
        let again = scene.vaults[next].1.heal(&road, &[], |_| {}).unwrap();
        assert_eq!((again.refused, again.reordered), (0, 1));
        scene.whole();
    }
}

#[test]
fn healing_a_server_that_has_lost_nothing_does_nothing() {
    let mut scene = Scene::new(30);
    let road = scene.ground.transport();
    for (_, vault) in &mut scene.vaults {
        let healed = vault.heal(&road, &[], |_| {}).unwrap();
        assert_eq!((healed.given_back, healed.refused, healed.reordered), (0, 0, 0));
    }
    scene.whole();
}
