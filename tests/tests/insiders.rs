//! G15: a true signature without the right. What a member signs and may not say is refused by the honest
//! server; a server that lets it into its log all the same gets it into nobody's records, and everything
//! else goes on. G21: of a thousand entries the one that is bad is kept aside, and 999 count.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests may be blunt: a panic there is the report"
)]

use cairn_core::change::{About, Stamp, first, strip};
use cairn_core::form::Answer;
use cairn_core::roster::admit;
use cairn_core::segment::{Batch, CarriedEntry, ChangeEntry, FormEntry, Verdict};
use cairn_core::store::AlarmKind;
use cairn_core::sync::roster_question;
use cairn_core::transport::{Reply, Transport, TransportError};
use cairn_core::wire::id::{ChainId, DocumentId, InviteId, RecordId};
use cairn_core::wire::path;
use cairn_core::wire::refusal::{Reason, Refusal, SegmentRefusal};
use cairn_core::wire::roster::Role;
use cairn_core::wire::sync::SyncResponse;
use cairn_core::{Error, Vault};
use cairn_tests::dice::Dice;
use cairn_tests::fork::smuggle;
use cairn_tests::ground::Ground;
use cairn_tests::hand::Hand;
use cairn_tests::level::differences;
use cairn_tests::sample;

struct Scene {
    ground: Ground,
    office: Vault,
    field: Vault,
    hand: Hand,
}

impl Scene {
    /// An office, somebody in the field, and a member made by hand with this role.
    fn new(role: Role) -> Self {
        let ground = Ground::new();
        let mut office = ground.office("office");
        office.publish_form(&sample::form()).unwrap();
        ground.sync(&mut office);
        let field = ground.member(&mut office, "field", Role::Field);
        let hand = Hand::join(&ground, &mut office, role);
        Self { ground, office, field, hand }
    }

    /// Both work and sync after something happened; gives what is different between them.
    fn go_on(&mut self) -> Vec<String> {
        for (number, vault) in [&mut self.office, &mut self.field].into_iter().enumerate() {
            vault.new_record("sample", sample::answers("Goes on", &mut Dice::new(number as u64))).unwrap();
            self.ground.sync(vault);
        }
        self.ground.sync(&mut self.office);
        for vault in [&self.office, &self.field] {
            assert!(vault.list(&all()).unwrap().iter().filter(|line| line.title == "Goes on").count() == 2);
        }
        let copies = [("office", &self.office), ("field", &self.field)];
        let views = copies.map(|(_, vault)| cairn_tests::level::shown(vault));
        if views[0] == views[1] { Vec::new() } else { vec!["they show different records".to_owned()] }
    }

    fn titles(&self) -> Vec<String> {
        let mut titles: Vec<_> =
            self.field.list(&all()).unwrap().into_iter().map(|line| line.title).collect();
        titles.sort();
        titles
    }
}

fn all() -> cairn_core::vault::Query {
    cairn_core::vault::Query { most: 100_000, ..Default::default() }
}

/// The first change of a record of this name, in a chain's name.
fn record(chain: ChainId, counter: u64, name: &str) -> ChangeEntry {
    let document = DocumentId::of(chain, counter);
    let about = About { record: RecordId(document.0), part: "case" };
    let answers = sample::answers(name, &mut Dice::new(counter));
    let written = first(&sample::form(), &about, &answers, &Stamp { chain, time: 1 }).unwrap();
    ChangeEntry { document, change: strip(&written.change).unwrap().to_vec() }
}

fn of_changes(changes: Vec<ChangeEntry>) -> Batch {
    Batch { changes, ..Batch::default() }
}

fn other_form() -> FormEntry {
    let mut form = sample::form();
    form.version = "2".to_owned();
    FormEntry { form: form.encode(), dictionary: Vec::new() }
}

#[test]
fn a_reader_s_record_is_refused_by_the_server_and_by_everybody_a_bad_server_gives_it_to() {
    let mut scene = Scene::new(Role::Reader);
    let segment = scene.hand.seal(&of_changes(vec![record(scene.hand.chain, 1, "Smuggled")]), None);
    let answer = scene.hand.push(&scene.ground.transport(), vec![segment.clone()]);
    assert_eq!(answer.refused, [(0, SegmentRefusal::NotEntitled)], "the honest server");
    smuggle(&mut scene.ground, &segment, scene.hand.device.id());
    assert_eq!(scene.go_on(), Vec::<String>::new());
    for vault in [&scene.office, &scene.field] {
        assert_eq!(vault.counts().unwrap().refused, 1, "kept, and never taken in");
        let findings = vault.examine().unwrap().findings;
        let author = scene.hand.device.id().short();
        assert!(findings.iter().any(|finding| finding.contains(&author)), "{findings:#?}");
        assert!(vault.alarms().unwrap().is_empty());
    }
    assert_eq!(scene.titles(), ["Goes on", "Goes on"]);
}

#[test]
fn control_the_same_record_by_somebody_who_may_write_reaches_everybody() {
    let mut scene = Scene::new(Role::Field);
    let segment = scene.hand.seal(&of_changes(vec![record(scene.hand.chain, 1, "Smuggled")]), None);
    assert_eq!(scene.hand.push(&scene.ground.transport(), vec![segment]).refused, []);
    assert_eq!(scene.go_on(), Vec::<String>::new());
    assert_eq!(scene.titles(), ["Goes on", "Goes on", "Smuggled"]);
}

#[test]
fn a_form_or_a_verdict_by_a_field_device_is_kept_aside_and_what_it_may_say_counts() {
    for role in [Role::Field, Role::Coordinator] {
        let mut scene = Scene::new(role);
        let batch = Batch {
            forms: vec![other_form()],
            verdicts: vec![Verdict::Refused { letter: [3; 16] }],
            ..of_changes(vec![record(scene.hand.chain, 1, "Honest part")])
        };
        let segment = scene.hand.seal(&batch, None);
        assert_eq!(scene.hand.push(&scene.ground.transport(), vec![segment]).refused, []);
        assert_eq!(scene.go_on(), Vec::<String>::new());
        assert_eq!(scene.titles(), ["Goes on", "Goes on", "Honest part"]);
        for vault in [&scene.office, &scene.field] {
            let (forms, aside) = (vault.forms().len(), vault.quarantine().unwrap());
            if role == Role::Coordinator {
                assert_eq!((forms, aside.len()), (2, 0), "control: a coordinator's form and verdict count");
                continue;
            }
            assert_eq!((forms, aside.len()), (1, 2));
            assert!(aside.iter().all(|row| row.reason.contains("coordinator")), "{aside:#?}");
            assert!(aside.iter().all(|row| row.chain == scene.hand.chain), "whose it is");
        }
    }
}

#[test]
fn a_roster_entry_by_a_field_device_is_refused_by_the_server_and_is_an_alarm_from_a_bad_one() {
    for role in [Role::Field, Role::Coordinator] {
        let mut scene = Scene::new(role);
        let friend = cairn_core::crypto::DeviceSecret::generate().unwrap();
        let (roster, invite) = (&scene.hand.roster, InviteId([4; 16]));
        // Signed by its true key; made by the rules of a roster in which it may.
        let post = match admit(roster, &scene.hand.device, 1, friend.keys(), Role::Coordinator, invite, &[]) {
            Ok(post) => post,
            Err(_) => scene.hand.unruly(friend.keys().clone(), invite),
        };
        let (workspace, server) = (roster.workspace(), scene.ground.address().key);
        let now = cairn_core::clock::Clock::now(&cairn_core::clock::SystemClock);
        let asked = roster_question(&scene.hand.device, workspace, &server, now, &post).unwrap();
        let reply = scene.ground.transport().post(path::ROSTER, asked.bytes).unwrap();
        if role == Role::Coordinator {
            assert_eq!(reply.status, 200, "control: a coordinator's entry counts");
            assert_eq!(scene.go_on(), Vec::<String>::new());
            assert_eq!(scene.field.devices().unwrap().len(), 4);
            continue;
        }
        assert_eq!(Refusal::decode(&reply.body).unwrap().reason, Reason::RosterRefused);
        let road = scene.ground.transport();
        let told = scene.field.sync(&Adding { inner: &road, entry: &post.entries[0] }, |_| {});
        assert!(matches!(told, Err(Error::Tampered(_))), "{told:?}");
        let alarms = scene.field.alarms().unwrap();
        assert_eq!(alarms[0].alarm.kind, AlarmKind::OtherRoster);
        let coordinators = |vault: &Vault| {
            vault.devices().unwrap().iter().filter(|line| line.role == Role::Coordinator).count()
        };
        assert_eq!(coordinators(&scene.field), 1, "nobody was let in");
        assert_eq!(scene.go_on(), Vec::<String>::new());
        assert_eq!(coordinators(&scene.field), 1);
    }
}

/// A server that puts an entry behind the roster it gives.
struct Adding<'a> {
    inner: &'a dyn Transport,
    entry: &'a [u8],
}

impl Transport for Adding<'_> {
    fn post(&self, path: &str, body: Vec<u8>) -> Result<Reply, TransportError> {
        let mut reply = self.inner.post(path, body)?;
        let mut answer = SyncResponse::decode(&reply.body, 1).unwrap();
        answer.roster.push(self.entry.to_vec());
        reply.body = answer.encode();
        Ok(reply)
    }
}

/// What is bad about the one entry among a thousand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bad {
    Garbage,
    AnothersName,
    AnothersDocument,
    Nothing,
}

#[test]
fn of_a_thousand_entries_one_bad_one_is_kept_aside_and_the_others_count() {
    let mut scene = Scene::new(Role::Field);
    let (chain, mut counter, mut shown, mut aside) = (scene.hand.chain, 0, 0, 0);
    for bad in [Bad::Garbage, Bad::AnothersName, Bad::AnothersDocument, Bad::Nothing] {
        let mut entries = Vec::new();
        for _ in 0..1000 {
            counter += 1;
            entries.push(record(chain, counter, &format!("Entry {counter}")));
        }
        let place = Dice::new(counter).below(1000);
        match bad {
            Bad::Garbage => entries[place].change = vec![0x5a; 90],
            Bad::AnothersName => entries[place].change = record(ChainId([9; 16]), 1, "Not its own").change,
            Bad::AnothersDocument => entries[place].document = DocumentId::of(ChainId([9; 16]), 1),
            Bad::Nothing => {}
        }
        let segment = scene.hand.seal(&of_changes(entries), None);
        assert_eq!(scene.hand.push(&scene.ground.transport(), vec![segment]).refused, []);
        shown += if bad == Bad::Nothing { 1000 } else { 999 };
        aside += u64::from(bad != Bad::Nothing);
        for vault in [&mut scene.office, &mut scene.field] {
            scene.ground.sync(vault);
            let counts = vault.counts().unwrap();
            assert_eq!((counts.records, counts.quarantined), (shown, aside), "{bad:?}");
            assert_eq!((counts.refused, counts.waiting), (0, 0), "{bad:?}: the segment itself counts");
        }
    }
    let reasons = scene.field.quarantine().unwrap();
    assert!(reasons.iter().all(|row| !row.reason.is_empty() && !row.bytes.is_empty()));
    assert_eq!(scene.go_on(), Vec::<String>::new());
    assert_eq!(shown, 3997, "control: without a bad entry all thousand count");
}

#[test]
fn what_is_carried_from_another_s_chain_is_kept_aside() {
    let mut scene = Scene::new(Role::Field);
    let record_id = scene.field.new_record("sample", sample::answers("Sample", &mut Dice::new(1))).unwrap();
    scene.ground.sync(&mut scene.field);
    scene.ground.sync(&mut scene.office);
    // In the name of the field device's own chain, which begins the record's name.
    let chains = cairn_tests::fork::chains(&scene.ground);
    let theirs = chains.iter().find(|(_, device)| *device == scene.field.device()).unwrap().0;
    let entry = record(theirs, 77, "Put into its mouth");
    let carried = vec![CarriedEntry { origin: theirs, entry }];
    let segment = scene.hand.seal(&Batch { carried, ..Batch::default() }, None);
    assert_eq!(scene.hand.push(&scene.ground.transport(), vec![segment]).refused, []);
    assert_eq!(scene.go_on(), Vec::<String>::new());
    assert_eq!(scene.titles(), ["Goes on", "Goes on", "Sample"]);
    assert_eq!(scene.office.counts().unwrap().quarantined, 1);
    scene.office.edit_record(&record_id, &sample::edit("age", Answer::Integer(5))).unwrap();
}

#[test]
fn control_devices_that_differ_are_told_apart() {
    let Scene { office, mut field, .. } = Scene::new(Role::Field);
    field.new_record("sample", sample::answers("Alone", &mut Dice::new(1))).unwrap();
    let vaults = [("office".to_owned(), office), ("field".to_owned(), field)];
    assert!(!differences(&vaults).is_empty());
}
