//! G13: devices tell each other what the server showed them; a server that shows two histories is found out.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests may be blunt: a panic there is the report"
)]

use cairn_core::store::AlarmKind;
use cairn_core::wire::roster::Role;
use cairn_core::{Error, Vault};
use cairn_tests::dice::Dice;
use cairn_tests::fork::OtherFace;
use cairn_tests::ground::Ground;
use cairn_tests::sample;

struct Scene {
    ground: Ground,
    office: Vault,
    ana: Vault,
    ben: Vault,
    next: u64,
}

impl Scene {
    /// Three devices that have seen the same.
    fn new() -> Self {
        let ground = Ground::new();
        let mut office = ground.office("office");
        office.publish_form(&sample::form()).unwrap();
        let mut ana = ground.member(&mut office, "ana", Role::Field);
        let mut ben = ground.member(&mut office, "ben", Role::Field);
        for _ in 0..2 {
            for vault in [&mut office, &mut ana, &mut ben] {
                ground.sync(vault);
            }
        }
        Self { ground, office, ana, ben, next: 0 }
    }
}

fn save(vault: &mut Vault, next: &mut u64) {
    *next += 1;
    vault.new_record("sample", sample::answers(&format!("Sample {next}"), &mut Dice::new(*next))).unwrap();
}

#[test]
fn two_devices_that_were_shown_different_logs_find_out_at_their_first_exchange() {
    let Scene { mut ground, ana: mut one, ben: mut other, mut next, .. } = Scene::new();
    let mut face = OtherFace::of(&mut ground);
    save(&mut one, &mut next);
    ground.sync(&mut one);
    save(&mut other, &mut next);
    other.sync(&face.transport(), |_| {}).unwrap();
    let before = other.counts().unwrap().records;
    assert!(
        one.alarms().unwrap().is_empty() && other.alarms().unwrap().is_empty(),
        "each alone sees nothing"
    );
    // What Ana wrote after the fork reaches Ben, whose server goes on lying.
    save(&mut one, &mut next);
    ground.sync(&mut one);
    assert_eq!(face.pass_on(&mut ground, &one.device()), 2);
    let report = other.sync(&face.transport(), |_| {}).unwrap();
    assert_eq!(report.alarms, 1);
    let alarms = other.alarms().unwrap();
    assert_eq!(alarms.len(), 1);
    let (alarm, name) = (&alarms[0].alarm, &alarms[0].name);
    assert_eq!(alarm.kind, AlarmKind::TwoHistories);
    assert_eq!(alarm.device, Some(one.device()));
    assert_eq!(name.as_deref(), Some("ana"));
    assert!(alarm.circle.is_some() && alarm.seq > 0 && alarm.ours != alarm.theirs);
    assert_eq!(other.counts().unwrap().records, before + 2, "and taking in goes on");
    // It stays, and is not noted again without cause.
    assert_eq!(other.sync(&face.transport(), |_| {}).unwrap().alarms, 0);
    other.lock().unwrap();
    let other = ground.reopen("ben");
    assert_eq!(other.alarms().unwrap(), alarms);
    assert_eq!(other.examine().unwrap().alarms, alarms);
}

#[test]
fn what_was_seen_further_on_is_compared_when_that_place_is_reached() {
    let Scene { mut ground, ana: mut one, ben: mut other, office: mut third, mut next } = Scene::new();
    let mut face = OtherFace::of(&mut ground);
    for _ in 0..3 {
        save(&mut third, &mut next);
        ground.sync(&mut third);
    }
    ground.sync(&mut one);
    save(&mut one, &mut next);
    ground.sync(&mut one);
    // Of the third device's segments nothing is shown here.
    assert_eq!(face.pass_on(&mut ground, &one.device()), 1);
    assert_eq!(other.sync(&face.transport(), |_| {}).unwrap().alarms, 0, "that place lies ahead");
    for _ in 0..2 {
        save(&mut other, &mut next);
        other.sync(&face.transport(), |_| {}).unwrap();
    }
    let alarms = other.alarms().unwrap();
    assert_eq!(alarms.len(), 1, "reached");
    assert_eq!(alarms[0].alarm.device, Some(one.device()));
}

#[test]
fn control_an_honest_server_raises_no_alarm_and_others_confirm_what_was_sent() {
    let Scene { ground, mut office, ana: mut one, ben: mut other, mut next } = Scene::new();
    save(&mut one, &mut next);
    assert_eq!(ground.sync(&mut one).confirmed_by, Some(0), "nobody has shown it yet");
    for confirmed in 1..=2 {
        let vault = if confirmed == 1 { &mut other } else { &mut office };
        ground.sync(vault);
        assert_eq!(ground.sync(&mut one).confirmed_by, Some(confirmed - 1), "fetching alone shows nothing");
        save(vault, &mut next);
        ground.sync(vault);
        assert_eq!(ground.sync(&mut one).confirmed_by, Some(confirmed));
    }
    for vault in [&mut office, &mut one, &mut other] {
        ground.sync(vault);
        assert!(vault.alarms().unwrap().is_empty());
    }
}

#[test]
fn a_server_that_was_rolled_back_is_noted_with_circle_and_place() {
    let Scene { mut ground, ana: mut one, mut next, .. } = Scene::new();
    let face = OtherFace::of(&mut ground);
    save(&mut one, &mut next);
    ground.sync(&mut one);
    for times in 1..=2 {
        let synced = one.sync(&face.transport(), |_| {});
        assert!(matches!(synced, Err(Error::Tampered(_))), "{synced:?}");
        let alarms = one.alarms().unwrap();
        assert_eq!(alarms.len(), 1, "noted once");
        let alarm = &alarms[0].alarm;
        assert_eq!((alarm.kind, alarm.times), (AlarmKind::RolledBack, times));
        assert!(alarm.circle.is_some() && alarm.seq > 0);
    }
}
