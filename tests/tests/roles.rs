//! Roles that read nothing. G5: a device that only hands in keeps nothing of what the server has, and could open
//! none of it with everything that is on it. G15: neither it nor a courier gets anything counted that its role
//! does not allow. G23: nothing is lost on the way.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests may be blunt: a panic there is the report"
)]

use std::cell::Cell;
use std::fs;

use cairn_core::change::{About, Stamp, first, strip};
use cairn_core::clock::{Clock, SystemClock};
use cairn_core::form::{Answer, Part};
use cairn_core::segment::{Batch, ChangeEntry, FormEntry, Handout, Label, ShareEntry, Verdict};
use cairn_core::store::AlarmKind;
use cairn_core::sync::roster_question;
use cairn_core::transport::{Reply, Transport, TransportError};
use cairn_core::vault::{Carried, CircleTerms, Query};
use cairn_core::wire::id::{ChainId, CircleId, DocumentId, RecordId};
use cairn_core::wire::path;
use cairn_core::wire::refusal::SegmentRefusal;
use cairn_core::wire::roster::{Body, Entry, HPKE_PUBLIC, Role};
use cairn_core::wire::segment::Kind;
use cairn_core::wire::sync::RosterPost;
use cairn_core::{Error, Vault};
use cairn_tests::canary::Search;
use cairn_tests::dice::Dice;
use cairn_tests::fork::smuggle;
use cairn_tests::ground::Ground;
use cairn_tests::hand::Hand;
use cairn_tests::level::shown;
use cairn_tests::sample;

/// A word that stands in every record of these tests, and nowhere else.
const CANARY: &str = "Zq7Handed";

struct Scene {
    ground: Ground,
    office: Vault,
    hotline: Vault,
    field: Vault,
    dice: Dice,
}

impl Scene {
    /// An office, a device that only hands in, and one in the field.
    fn new(seed: u64) -> Self {
        let ground = Ground::new();
        let mut office = ground.office("office");
        office.publish_form(&sample::parted()).unwrap();
        ground.sync(&mut office);
        let mut hotline = ground.member(&mut office, "hotline", Role::SubmitOnly);
        hand_out(&office, &mut hotline);
        let field = ground.member(&mut office, "field", Role::Field);
        let mut scene = Self { ground, office, hotline, field, dice: Dice::new(seed) };
        scene.ground.sync(&mut scene.office);
        scene
    }

    fn answers(&mut self, number: u64) -> cairn_core::form::Answers {
        let mut answers = sample::answers(&format!("{CANARY} {number}"), &mut self.dice);
        answers.insert("diagnosis".to_owned(), sample::text(&format!("{CANARY} diagnosis")));
        answers
    }

    fn revoke(&mut self) {
        let device = self.hotline.device();
        self.office.revoke(&self.ground.transport(), &device, None).unwrap();
    }

    fn renew(&mut self) {
        self.office.renew_keys(&self.ground.transport()).unwrap();
    }
}

fn hand_out(office: &Vault, to: &mut Vault) {
    let handout = office.make_handout(&to.device()).unwrap();
    to.take_handout(&handout).unwrap();
}

fn titles(vault: &Vault) -> Vec<String> {
    let all = Query { most: 1000, ..Query::default() };
    let mut titles: Vec<_> = vault.list(&all).unwrap().into_iter().map(|line| line.title).collect();
    titles.sort();
    titles
}

/// Every page of a vault's database as its key opens it, free ones among them. The write-ahead log must be empty:
/// it would hold older pages, which the same key opens.
fn everything(ground: &Ground, name: &str, vault: &mut Vault) -> Vec<u8> {
    if vault.hands_in_only() {
        let log = fs::metadata(ground.folder(name).join("vault.db-wal")).map_or(0, |about| about.len());
        assert_eq!(log, 0, "older pages lie in the log");
    }
    vault.rehearse_pages().unwrap()
}

fn circle_of(ground: &Ground) -> CircleId {
    let log = rusqlite::Connection::open(ground.data().join("log.db")).unwrap();
    CircleId(log.query_row("SELECT circle FROM circle", [], |row| row.get(0)).unwrap())
}

/// How many of the segments that the server holds the vault's keys open.
fn could_read(ground: &Ground, vault: &Vault) -> usize {
    let circle = circle_of(ground);
    let log = rusqlite::Connection::open(ground.data().join("log.db")).unwrap();
    let mut statement = log.prepare("SELECT bytes FROM segment ORDER BY seq").unwrap();
    let segments: Vec<Vec<u8>> =
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let mut statement = log.prepare("SELECT hash FROM roster_entry ORDER BY seq").unwrap();
    let heads: Vec<[u8; 32]> =
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    segments.iter().filter(|segment| vault.could_read(&circle, segment, &heads).unwrap()).count()
}

/// G5. The control does the same with a device in the field.
#[test]
fn what_was_handed_in_cannot_be_read_with_everything_on_the_device() {
    let mut scene = Scene::new(1);
    let search = Search::new([CANARY]);
    for number in 0..60 {
        let answers = scene.answers(number);
        let record = scene.hotline.new_record("parted", answers).unwrap();
        let edit = sample::edit("story", Answer::Narrative(format!("Told to {CANARY} twice")));
        scene.hotline.edit_record(&record, &edit).unwrap();
        let answers = scene.answers(number);
        scene.field.new_record("parted", answers).unwrap();
    }
    assert_eq!((titles(&scene.hotline).len(), scene.hotline.handed_in().unwrap()), (60, Some(0)));
    assert!(
        !search.octets(&scene.hotline.rehearse_pages().unwrap()).is_empty(),
        "control: it is there before"
    );
    // When it was that it synced is another second by then, and is written down too.
    std::thread::sleep(std::time::Duration::from_millis(1_100));
    let report = scene.ground.sync(&mut scene.hotline);
    assert_eq!((report.left, report.confirmed_by), (0, None));
    scene.ground.sync(&mut scene.field);
    let found = search.octets(&everything(&scene.ground, "field", &mut scene.field));
    assert!(!found.is_empty(), "control: the same search finds it where it may be read");
    let left = search.octets(&everything(&scene.ground, "hotline", &mut scene.hotline));
    assert_eq!(left, [].into());
    assert_eq!((titles(&scene.hotline).len(), scene.hotline.handed_in().unwrap()), (0, Some(60)));
    assert_eq!(could_read(&scene.ground, &scene.hotline), 0, "no key on it opens anything");
    assert!(could_read(&scene.ground, &scene.field) >= 4, "control: what it handed in among it");
    scene.ground.sync(&mut scene.office);
    scene.ground.sync(&mut scene.field);
    for vault in [&scene.office, &scene.field] {
        assert_eq!(titles(vault).len(), 120);
        assert_eq!(vault.examine().unwrap().findings, [""; 0]);
    }
    let name =
        scene.office.devices().unwrap().into_iter().find(|line| line.role == Role::SubmitOnly).unwrap();
    assert_eq!(name.name.as_deref(), Some("hotline"));
    // Control: deleting the field device's records one by one leaves their words in its search index.
    for record in shown(&scene.field).into_keys() {
        scene.field.rehearse_loss(&record).unwrap();
    }
    let left = search.octets(&everything(&scene.ground, "field", &mut scene.field));
    assert!(titles(&scene.field).is_empty() && !left.is_empty(), "control: the search finds remains");
    // It asks again and again, and nothing comes.
    assert_eq!(scene.ground.sync(&mut scene.hotline).segments_down, 0);
    assert_eq!(scene.hotline.examine().unwrap().findings, [""; 0]);
    let words = Query { words: CANARY.to_owned(), most: 9, ..Query::default() };
    assert!(matches!(scene.hotline.list(&words), Err(Error::HandsInOnly)));
    assert!(matches!(scene.hotline.find_record("0000-1"), Err(Error::HandsInOnly)));
}

/// A road on which requests of one kind arrive and their answers do not, so many times.
struct NoAnswer<'a> {
    inner: &'a dyn Transport,
    times: Cell<usize>,
    arrives: bool,
}

impl Transport for NoAnswer<'_> {
    fn post(&self, path: &str, body: Vec<u8>) -> Result<Reply, TransportError> {
        let carries = path == path::SYNC && body.len() > 1000 && self.times.get() > 0;
        if carries {
            self.times.set(self.times.get() - 1);
            if self.arrives {
                self.inner.post(path, body)?;
            }
            return Err(TransportError::Offline);
        }
        self.inner.post(path, body)
    }
}

/// G23. What the server has not acknowledged stays, whether or not it has arrived, and over a new start.
#[test]
fn until_it_is_acknowledged_nothing_is_let_go_and_nothing_comes_twice() {
    for arrives in [true, false] {
        let Scene { ground, mut office, mut hotline, mut dice, .. } = Scene::new(2);
        let record = hotline.new_record("parted", sample::answers(CANARY, &mut dice)).unwrap();
        drop(hotline);
        let mut hotline = ground.reopen("hotline");
        assert_eq!(titles(&hotline), [CANARY], "{arrives}: saved, and not sent");
        let transport = ground.transport();
        let road = NoAnswer { inner: &transport, times: Cell::new(1), arrives };
        assert!(matches!(hotline.sync(&road, |_| {}), Err(Error::Offline)));
        assert_eq!(road.times.get(), 0, "it did leave");
        drop(hotline);
        let mut hotline = ground.reopen("hotline");
        assert_eq!((titles(&hotline), hotline.handed_in().unwrap()), (vec![CANARY.to_owned()], Some(0)));
        // Its own record may still be corrected, and the keys be renewed meanwhile.
        hotline.edit_record(&record, &sample::edit("age", Answer::Integer(7))).unwrap();
        office.renew_keys(&transport).unwrap();
        let report = ground.sync(&mut hotline);
        assert_eq!(
            (titles(&hotline), hotline.handed_in().unwrap(), report.left),
            (vec![], Some(1), 0),
            "{arrives}"
        );
        ground.sync(&mut office);
        assert_eq!(titles(&office), [CANARY], "{arrives}");
        let whole = office.record(&record).unwrap();
        assert_eq!((&whole.answers["age"], whole.conflicts.len()), (&Answer::Integer(7), 0));
        assert_eq!(office.examine().unwrap().findings, [""; 0]);
    }
}

#[test]
fn what_was_typed_before_a_rotation_leaves_under_the_new_key() {
    let mut scene = Scene::new(3);
    let answers = scene.answers(1);
    scene.hotline.new_record("parted", answers).unwrap();
    scene.renew();
    let report = scene.ground.sync(&mut scene.hotline);
    assert!(report.late > 0, "control: it had to be sealed again");
    assert_eq!((report.left, scene.hotline.handed_in().unwrap()), (0, Some(1)));
    scene.ground.sync(&mut scene.office);
    assert_eq!(titles(&scene.office).len(), 1);
    assert_eq!(scene.office.examine().unwrap().findings, [""; 0]);
}

#[test]
fn a_copied_vault_that_only_hands_in_loses_nothing_and_doubles_nothing() {
    let mut scene = Scene::new(4);
    let answers = scene.answers(1);
    scene.hotline.new_record("parted", answers).unwrap();
    // Sealed, and kept from leaving.
    let transport = scene.ground.transport();
    let road = NoAnswer { inner: &transport, times: Cell::new(1), arrives: false };
    assert!(scene.hotline.sync(&road, |_| {}).is_err());
    let Scene { ground, mut office, mut hotline, .. } = scene;
    let answers = sample::answers(&format!("{CANARY} 2"), &mut Dice::new(9));
    hotline.new_record("parted", answers).unwrap();
    hotline.lock().unwrap();
    cairn_tests::fork::copy_folder(&ground.folder("hotline"), &ground.folder("copy"));
    let mut both = [ground.reopen("copy"), ground.reopen("hotline")];
    for vault in &mut both {
        assert_eq!(titles(vault).len(), 2);
        ground.sync(vault);
        assert_eq!((titles(vault).len(), vault.handed_in().unwrap()), (0, Some(2)));
    }
    ground.sync(&mut office);
    assert_eq!(titles(&office).len(), 2);
    assert_eq!(office.counts().unwrap().quarantined, 0);
}

/// The first change of a document in a chain's name.
fn begun(chain: ChainId, record: Option<RecordId>, part: &str) -> ChangeEntry {
    let document = DocumentId::of(chain, 1);
    let about = About { record: record.unwrap_or(RecordId(document.0)), part };
    let answers = sample::parted().of_part(Part::from_name(part).unwrap(), &{
        let mut answers = sample::answers("By hand", &mut Dice::new(1));
        answers.insert("diagnosis".to_owned(), sample::text("By hand"));
        answers
    });
    let written = first(&sample::parted(), &about, &answers, &Stamp { chain, time: 1 }).unwrap();
    ChangeEntry { document, change: strip(&written.change).unwrap().to_vec() }
}

/// G15. Each with what it may say beside it, which counts.
#[test]
fn a_device_that_only_hands_in_says_nothing_but_records_of_its_own() {
    let mut scene = Scene::new(5);
    let theirs = scene.field.new_record("parted", sample::answers("Theirs", &mut scene.dice)).unwrap();
    scene.ground.sync(&mut scene.field);
    let mut other_form = sample::parted();
    other_form.version = "2".to_owned();
    let label = Label {
        since: 1,
        name: "mine".to_owned(),
        parts: [Part::Intel].into(),
        team: String::new(),
        sharing: false,
        sealed: false,
    };
    let share = ShareEntry { record: theirs, copy: RecordId([7; 16]), circle: CircleId([8; 16]) };
    let bad = [
        Batch {
            forms: vec![FormEntry { form: other_form.encode(), dictionary: Vec::new() }],
            ..Batch::default()
        },
        Batch { labels: vec![label], ..Batch::default() },
        Batch { shares: vec![share], ..Batch::default() },
        Batch { verdicts: vec![Verdict::Refused { letter: [1; 16] }], ..Batch::default() },
    ];
    let mut insider = Hand::join(&scene.ground, &mut scene.office, Role::SubmitOnly);
    let mut aside = 0;
    for (number, batch) in (1..).zip(bad) {
        let bytes = insider.seal(&batch, None);
        assert!(
            insider.push(&scene.ground.transport(), vec![bytes]).refused.is_empty(),
            "the server cannot tell"
        );
        aside = number;
    }
    let batch = Batch { changes: vec![begun(insider.chain, None, "case")], ..Batch::default() };
    let bytes = insider.seal(&batch, None);
    insider.push(&scene.ground.transport(), vec![bytes]);
    // A part under the name of somebody else's record; and the same under its own, which is the control.
    for (record, counts) in [(theirs, false), (RecordId(DocumentId::of(insider.chain, 1).0), true)] {
        let mut part = begun(insider.chain, Some(record), "health");
        part.document = DocumentId::of(insider.chain, 2 + u64::from(counts));
        let batch = Batch { changes: vec![part], ..Batch::default() };
        let bytes = insider.seal(&batch, None);
        insider.push(&scene.ground.transport(), vec![bytes]);
        aside += u64::from(!counts);
    }
    // In a document whose name is another chain's.
    let chains = cairn_tests::fork::chains(&scene.ground);
    let field = chains.iter().find(|(_, device)| *device == scene.field.device()).unwrap().0;
    let mut foreign = begun(insider.chain, None, "case");
    foreign.document = DocumentId::of(field, 1);
    let bytes = insider.seal(&Batch { changes: vec![foreign], ..Batch::default() }, None);
    insider.push(&scene.ground.transport(), vec![bytes]);
    aside += 1;
    for vault in [&mut scene.office, &mut scene.field] {
        scene.ground.sync(vault);
        let counts = vault.counts().unwrap();
        assert_eq!(
            (counts.quarantined, counts.refused, counts.forms),
            (aside, 0, 1),
            "{:#?}",
            vault.quarantine()
        );
        let titles = titles(vault);
        assert!(titles.len() == 2 && titles[0].starts_with("By hand"), "control: its own record counts");
        assert!(!vault.record(&theirs).unwrap().answers.contains_key("diagnosis"));
    }
    assert_eq!(shown(&scene.office), shown(&scene.field));
}

/// G15. The control of each is the same by somebody whose role seals so.
#[test]
fn who_seals_in_another_way_than_its_role_may_is_refused_by_the_server_and_by_everybody() {
    let mut scene = Scene::new(6);
    let secrets = Hand::join(&scene.ground, &mut scene.office, Role::Field).secrets;
    let (mut refused, mut counted) = (0, 0);
    for role in [Role::SubmitOnly, Role::Field, Role::Courier, Role::Reader] {
        for kind in [Kind::Batch, Kind::Submitted] {
            let mut hand = Hand::join(&scene.ground, &mut scene.office, role);
            assert_eq!(hand.secrets.is_empty(), !role.reads(), "{role:?}: no secret is wrapped for it");
            // Somebody in the circle lends it the secrets.
            (hand.secrets, hand.seals) = (secrets.clone(), kind);
            let changes = vec![begun(hand.chain, None, "case")];
            let bytes = hand.seal(&Batch { changes, ..Batch::default() }, None);
            let answer = hand.push(&scene.ground.transport(), vec![bytes.clone()]);
            if role.seals() == Some(kind) {
                assert!(answer.refused.is_empty(), "control: {role:?} {kind:?}");
                counted += 1;
            } else {
                assert_eq!(answer.refused, [(0, SegmentRefusal::NotEntitled)], "{role:?} {kind:?}");
                smuggle(&mut scene.ground, &bytes, hand.device.id());
                refused += 1;
            }
        }
    }
    assert_eq!((refused, counted), (6, 2));
    for vault in [&mut scene.office, &mut scene.field] {
        scene.ground.sync(vault);
        assert_eq!((titles(vault).len(), vault.counts().unwrap().refused), (counted, refused));
    }
}

#[test]
fn what_a_device_had_not_handed_in_when_it_was_taken_out_comes_as_a_late_letter() {
    let mut scene = Scene::new(7);
    let answers = scene.answers(1);
    scene.hotline.new_record("parted", answers).unwrap();
    scene.ground.sync(&mut scene.hotline);
    let answers = scene.answers(2);
    scene.hotline.new_record("parted", answers).unwrap();
    scene.revoke();
    let refused = scene.hotline.sync(&scene.ground.transport(), |_| {});
    assert!(matches!(refused, Err(Error::NoLongerMember { left: 0 })), "{refused:?}");
    let search = Search::new([CANARY]);
    assert_eq!(search.octets(&everything(&scene.ground, "hotline", &mut scene.hotline)), [].into());
    for vault in [&mut scene.office, &mut scene.field] {
        scene.ground.sync(vault);
        assert_eq!(titles(vault).len(), 1, "control: not before somebody has decided");
    }
    let letters = scene.office.letters().unwrap();
    assert_eq!((letters.len(), letters[0].problem.as_deref(), letters[0].changes), (1, None, 2));
    assert!(scene.office.decide_letter(letters[0].number, true).unwrap());
    scene.ground.sync(&mut scene.office);
    scene.ground.sync(&mut scene.field);
    for vault in [&scene.office, &scene.field] {
        assert_eq!(titles(vault).len(), 2);
    }
    let circle = circle_of(&scene.ground);
    assert_eq!(
        scene.office.circles().unwrap().into_iter().find(|view| view.id == circle).unwrap().devices.len(),
        2
    );
}

fn clinic() -> CircleTerms {
    let (name, parts) = ("clinic".to_owned(), [Part::Health].into());
    CircleTerms { name, parts, ..CircleTerms::default() }
}

/// A handout says which circle holds what; a device that has not been told begins nothing.
#[test]
fn a_device_that_only_hands_in_puts_each_part_into_its_circle_and_asks_when_circles_were_added() {
    let mut scene = Scene::new(8);
    let transport = scene.ground.transport();
    let clinic = scene.office.new_circle(&transport, &clinic()).unwrap();
    assert!(scene.office.grant(&transport, &scene.hotline.device(), &clinic).unwrap());
    scene.ground.sync(&mut scene.hotline);
    let answers = scene.answers(1);
    let unsure = scene.hotline.new_record("parted", answers.clone());
    assert!(matches!(unsure, Err(Error::NeedsHandout)), "{unsure:?}");
    hand_out(&scene.office, &mut scene.hotline);
    let record = scene.hotline.new_record("parted", answers).unwrap();
    scene.ground.sync(&mut scene.hotline);
    assert_eq!((titles(&scene.hotline).len(), scene.hotline.handed_in().unwrap()), (0, Some(1)));
    scene.ground.sync(&mut scene.office);
    scene.ground.sync(&mut scene.field);
    assert!(scene.office.record(&record).unwrap().answers.contains_key("diagnosis"));
    assert!(
        !scene.field.record(&record).unwrap().answers.contains_key("diagnosis"),
        "it is not in the clinic"
    );
    assert_eq!(scene.office.counts().unwrap().quarantined + scene.field.counts().unwrap().quarantined, 0);
}

#[test]
fn what_was_begun_before_parts_moved_counts_where_it_was_begun() {
    let mut scene = Scene::new(12);
    let mut records = Vec::new();
    let answers = scene.answers(1);
    records.push(scene.hotline.new_record("parted", answers).unwrap());
    let transport = scene.ground.transport();
    let road = NoAnswer { inner: &transport, times: Cell::new(1), arrives: false };
    assert!(scene.hotline.sync(&road, |_| {}).is_err(), "sealed, and in doubt");
    let answers = scene.answers(2);
    records.push(scene.hotline.new_record("parted", answers).unwrap());
    scene.office.new_circle(&transport, &clinic()).unwrap();
    // It first learns of the new circle, and then seals the second.
    assert_eq!(scene.ground.sync(&mut scene.hotline).left, 0);
    for vault in [&mut scene.office, &mut scene.field] {
        scene.ground.sync(vault);
        assert_eq!(vault.counts().unwrap().quarantined, 0);
        for record in &records {
            assert!(vault.record(record).unwrap().answers.contains_key("diagnosis"));
        }
    }
}

#[test]
fn a_handout_is_taken_by_its_device_alone_and_only_from_a_coordinator() {
    let mut scene = Scene::new(9);
    let mut second = scene.ground.member(&mut scene.office, "second", Role::SubmitOnly);
    let handout = scene.office.make_handout(&second.device()).unwrap();
    let problem = |taken: Result<_, Error>| matches!(taken, Err(Error::BadHandout { .. }));
    assert!(problem(scene.hotline.take_handout(&handout)), "for another device");
    assert!(problem(scene.field.take_handout(&handout)), "for one that reads");
    assert!(scene.office.make_handout(&scene.field.device()).is_err());
    assert!(matches!(scene.field.make_handout(&second.device()), Err(Error::NotAllowed { .. })));
    for index in (0..handout.len()).step_by(97) {
        let mut bad = handout.clone();
        bad[index] ^= 1;
        assert!(second.take_handout(&bad).is_err(), "octet {index}");
        assert!(second.take_handout(&handout[..index]).is_err(), "cut at {index}");
    }
    // A true signature of somebody who is no coordinator.
    let worker = Hand::join(&scene.ground, &mut scene.office, Role::Field);
    let keys = worker.roster.member(&second.device()).unwrap().keys.clone();
    let circles = [(worker.circle, Batch::default())];
    let forged = Handout::seal(&circles, &worker.roster, &worker.device, &keys).unwrap();
    scene.ground.sync(&mut second);
    assert!(problem(second.take_handout(&forged)));
    assert_eq!(second.forms().len(), 0);
    assert_eq!(second.take_handout(&handout).unwrap().forms, 1, "control");
}

/// G16. Whoever holds the secret sees that a published key is not the one; a new epoch mends it.
#[test]
fn a_coordinator_who_publishes_a_false_submit_key_is_noticed() {
    let ground = Ground::new();
    let mut office = ground.office("office");
    let liar = Hand::join(&ground, &mut office, Role::Coordinator);
    let hotline = Hand::join(&ground, &mut office, Role::SubmitOnly);
    assert_eq!(office.alarms().unwrap().len(), 0, "control: the true key is no alarm");
    // A new epoch without a key, and a key that is nobody's.
    let (circle, mut roster) = (hotline.circle, hotline.roster.clone());
    let secret = &liar.secrets[&1];
    let (post, _) = cairn_core::roster::renew(&roster, &liar.device, 1, circle, secret).unwrap();
    let mut entries = vec![post.entries[0].clone()];
    roster.append(&entries[0]).unwrap();
    let body = Body::SubmitKey { circle, epoch: 2, key: Box::new([9; HPKE_PUBLIC]) };
    let (seq, prev, author) = (roster.seq() + 1, roster.head(), liar.device.id());
    let mut entry = Entry { seq, prev, time: 1, author, body, signature: [0; 64] };
    entry.signature = liar.device.sign(&entry.signed_bytes(roster.workspace()));
    entries.push(entry.encode());
    let post = RosterPost { expected_seq: post.expected_seq, entries, wraps: post.wraps };
    let key = ground.address().key;
    let asked = roster_question(&liar.device, roster.workspace(), &key, SystemClock.now(), &post).unwrap();
    assert_eq!(ground.transport().post(path::ROSTER, asked.bytes).unwrap().status, 200);
    ground.sync(&mut office);
    let alarms = office.alarms().unwrap();
    assert_eq!(alarms.len(), 1);
    assert_eq!((alarms[0].alarm.kind, alarms[0].alarm.device), (AlarmKind::OtherSubmitKey, Some(author)));
    office.renew_keys(&ground.transport()).unwrap();
    ground.sync(&mut office);
    assert_eq!(office.alarms().unwrap().len(), 1, "the next key is true");
}

/// G15, G11. What a reader does is the control.
#[test]
fn a_courier_heals_a_wiped_server_and_can_open_nothing_of_what_it_carries() {
    let mut scene = Scene::new(10);
    let mut courier = scene.ground.member(&mut scene.office, "courier", Role::Courier);
    let mut reader = scene.ground.member(&mut scene.office, "reader", Role::Reader);
    for number in 0..6 {
        for index in 0..2 {
            let answers = scene.answers(number);
            let vault = if index == 0 { &mut scene.hotline } else { &mut scene.field };
            vault.new_record("parted", answers).unwrap();
            scene.ground.sync(vault);
        }
        if number == 2 {
            scene.renew();
            scene.ground.sync(&mut scene.hotline);
        }
    }
    let everybody = [&mut scene.office, &mut scene.field, &mut reader, &mut courier];
    let mut all = 0;
    for vault in everybody {
        scene.ground.sync(vault);
        all = all.max(could_read(&scene.ground, vault));
    }
    assert!(all >= 12, "control: who reads opens all of it");
    let counts = courier.counts().unwrap();
    assert_eq!((counts.records, counts.waiting, counts.refused, counts.quarantined), (0, 0, 0, 0));
    let mut held = everything(&scene.ground, "courier", &mut courier);
    let search = Search::new([CANARY, "hotline", "diagnosis"]);
    assert_eq!(search.octets(&held), [].into());
    assert!(held.len() > 50_000, "control: it holds the log");
    held = everything(&scene.ground, "reader", &mut reader);
    assert!(search.octets(&held).len() >= 3, "control: whoever reads has it");
    assert_eq!(could_read(&scene.ground, &courier), 0);
    for tried in [
        courier.list(&Query { most: 9, ..Query::default() }).err(),
        courier.new_record("parted", sample::answers("None", &mut scene.dice)).err(),
    ] {
        assert!(matches!(tried, Some(Error::CarriesOnly | Error::NotFound { .. })), "{tried:?}");
    }
    let before = log_of(&scene.ground);
    scene.ground.wipe();
    assert!(scene.field.sync(&scene.ground.transport(), |_| {}).is_err(), "control: it has lost everything");
    let healed = courier.heal(&scene.ground.transport(), b"", |_| {}).unwrap();
    assert_eq!((healed.given_back, healed.refused), (before.len() as u64, 0));
    assert_eq!(log_of(&scene.ground), before);
    for vault in [&mut scene.office, &mut scene.field, &mut reader, &mut courier] {
        scene.ground.sync(vault);
        assert_eq!(
            vault.alarms().unwrap().iter().filter(|view| view.alarm.kind == AlarmKind::OtherHistory).count(),
            0
        );
    }
    assert_eq!(shown(&scene.office), shown(&scene.field));
    assert_eq!(titles(&scene.office).len(), 12);
    // Whoever only hands in cannot heal anything, and goes on when others have.
    let answers = scene.answers(7);
    scene.hotline.new_record("parted", answers).unwrap();
    assert_eq!(scene.ground.sync(&mut scene.hotline).left, 0);
    scene.ground.sync(&mut scene.office);
    assert_eq!((titles(&scene.office).len(), scene.hotline.handed_in().unwrap()), (13, Some(7)));
}

/// Whoever cannot read stands for no pack, and a courier goes on behind one.
#[test]
fn only_readers_stand_for_a_pack_and_a_courier_goes_on_behind_it() {
    let mut scene = Scene::new(11);
    let mut early = scene.ground.member(&mut scene.office, "early", Role::Courier);
    for number in 0..5 {
        let answers = scene.answers(number);
        scene.hotline.new_record("parted", answers).unwrap();
        scene.ground.sync(&mut scene.hotline);
    }
    let made = scene.office.make_packs(&scene.ground.transport(), |_| {}).unwrap();
    assert_eq!(made.len(), 1);
    scene.ground.restart_with(|config| config.clock_offset = 60 * 24 * 60 * 60);
    for vault in [&mut scene.hotline, &mut early] {
        scene.ground.sync(vault);
    }
    let vouched = |scene: &mut Scene| {
        scene.ground.sync(&mut scene.office);
        let packs = scene.office.packs(&scene.ground.transport()).unwrap();
        packs[0].vouched_by.clone()
    };
    assert_eq!((vouched(&mut scene), log_of(&scene.ground).is_empty()), (vec![], false));
    scene.ground.sync(&mut scene.field);
    assert_eq!(vouched(&mut scene), [scene.field.device()], "control: who reads does");
    assert!(log_of(&scene.ground).is_empty(), "the server has let go of the log");
    let mut late = scene.ground.member(&mut scene.office, "late", Role::Courier);
    let answers = scene.answers(6);
    scene.hotline.new_record("parted", answers).unwrap();
    scene.ground.sync(&mut scene.hotline);
    for vault in [&mut early, &mut late, &mut scene.office, &mut scene.field] {
        scene.ground.sync(vault);
        assert_eq!(vault.alarms().unwrap(), []);
    }
    let held = log_of(&scene.ground).len() as u64;
    assert_eq!((late.carried().unwrap(), titles(&scene.field).len()), (Some(held), 6));
    assert!(early.carried().unwrap() > Some(held), "control: this one has what the server let go of");
}

/// A courier cannot tell which of its segments hold something of an erased record: it lets go of all from before.
#[test]
fn a_courier_lets_go_of_what_was_erased() {
    let mut scene = Scene::new(14);
    let mut courier = scene.ground.member(&mut scene.office, "courier", Role::Courier);
    let answers = scene.answers(1);
    scene.hotline.new_record("parted", answers).unwrap();
    scene.ground.sync(&mut scene.hotline);
    for vault in [&mut scene.office, &mut scene.field, &mut courier] {
        scene.ground.sync(vault);
    }
    let record = shown(&scene.office).into_keys().next().unwrap();
    let road = scene.ground.transport();
    scene.office.erase_records(&road, &[record], "Consent withdrawn", |_| {}).unwrap();
    scene.ground.sync(&mut courier);
    let before = courier.carried().unwrap();
    assert!(before > Some(2), "control: nobody stands for the pack yet, and it carries all");
    scene.ground.sync(&mut scene.field);
    for vault in [&mut courier, &mut scene.hotline, &mut scene.office] {
        scene.ground.sync(vault);
    }
    scene.ground.sync(&mut courier);
    let held = log_of(&scene.ground).len() as u64;
    assert_eq!((courier.carried().unwrap(), courier.alarms().unwrap()), (Some(held), Vec::new()));
    assert!(before > Some(held));
    let view = scene.office.erasures().unwrap().remove(0);
    assert!(view.left_server && view.devices.iter().any(|(.., carried)| *carried == Carried::Carries));
    assert!(!view.devices.iter().any(|(id, ..)| *id == scene.hotline.device()), "it has nothing to erase");
}

/// Every segment the server holds.
fn log_of(ground: &Ground) -> Vec<Vec<u8>> {
    let log = rusqlite::Connection::open(ground.data().join("log.db")).unwrap();
    let mut statement = log.prepare("SELECT bytes FROM segment ORDER BY circle, seq").unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}
