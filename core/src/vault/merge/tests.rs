//! What a member with a changed program can try, and what every receiver makes of it.

use cairn_wire::digest::VerifyingKey;
use cairn_wire::id::{InviteId, RecordId};

use super::*;
use crate::change::{About, Stamp, first};
use crate::crypto::{DeviceSecret, Release};
use crate::form::{Answer, Answers, Kind, Part, Question};
use crate::roster::admit;
use crate::segment::{ChangeEntry, DepartureEntry, Effort, Label, Left, Next, Place, pack, seal};
use crate::store::DepartureRow;
use crate::vault::ServerAddress;

/// A coordinator's vault without a network, and a field device that can seal whatever it likes.
struct Scene {
    vault: Vault,
    _dir: tempfile::TempDir,
    insider: DeviceSecret,
    circle: CircleId,
    place: u64,
    sealed: u64,
    link: [u8; 16],
}

const CHAIN: ChainId = ChainId([7; 16]);

fn form() -> Form {
    let question = |name: &str, part| Question { part, ..Question::new(name, Kind::Text) };
    Form {
        questions: vec![
            question("name", Part::Case),
            question("pain", Part::Health),
            question("court", Part::Legal),
        ],
        ..Form::new("f", "1")
    }
}

impl Scene {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut vault = Vault::create(dir.path(), "correct horse battery staple").unwrap();
        let key = VerifyingKey([9; 32]);
        vault.found(&ServerAddress { url: "https://a:1".to_owned(), key, proxy: None }, "office").unwrap();
        vault.publish_form(&form()).unwrap();
        let circle = vault.store.rows().circles().unwrap().remove(0).circle;
        let insider = DeviceSecret::generate().unwrap();
        let secrets = vault.newest_secrets().unwrap();
        let (roster, invite) = (vault.roster().unwrap(), InviteId([1; 16]));
        let post = admit(roster, &vault.device, 0, insider.keys(), Role::Field, invite, &secrets).unwrap();
        let mut roster = roster.clone();
        for entry in &post.entries {
            roster.append(entry).unwrap();
        }
        vault.roster = Some(roster);
        let link = insider.id().0;
        Self { vault, _dir: dir, insider, circle, place: 0, sealed: 0, link }
    }

    /// The coordinator says that the circle holds everything but health, from `since` on.
    fn label(&mut self, since: u64) {
        self.place += 1;
        let parts = Part::ALL.into_iter().filter(|part| *part != Part::Health).collect();
        let name = "everything".to_owned();
        let label = Label { since, name, parts, team: String::new(), sharing: false, sealed: false };
        let row = LabelRow { circle: self.circle, seq: self.place, bytes: written(&label) };
        self.vault.store.gesture(|rows| rows.put_label(&row)).unwrap();
    }

    /// The insider seals a batch, believing `roster_seq` to be the newest entry; it arrives.
    fn arrives(&mut self, batch: &Batch, roster_seq: u64) {
        let roster = self.vault.roster().unwrap().clone();
        let place = Place {
            workspace: roster.workspace(),
            circle: self.circle,
            epoch: 1,
            roster_seq,
            roster_head: roster.head_at(roster_seq).unwrap(),
        };
        let next = Next { chain: CHAIN, seq: self.sealed + 1, prev: self.link };
        let secret = self.vault.store.rows().epoch(&self.circle, 1).unwrap().unwrap();
        let sealed =
            seal(pack(batch, None, Effort::Thin).unwrap(), &place, &next, &secret, &self.insider).unwrap();
        self.link = cairn_wire::digest::half(&sealed.hash);
        (self.sealed, self.place) = (self.sealed + 1, self.place + 1);
        let at = self.place;
        let circle = self.circle;
        self.vault
            .store
            .gesture(|rows| rows.put_segment(&circle, at, SegmentState::New, &[1; 32], &sealed.bytes))
            .unwrap();
        let mut watch = |_| {};
        self.vault.take_in(&mut Tally::new(&mut watch)).unwrap();
    }

    /// A document that begins `part` of `record`, as the insider's number `counter`.
    fn begins(&mut self, counter: u64, record: RecordId, part: &str, field: &str, roster_seq: u64) {
        let answers = Answers::from([(field.to_owned(), Answer::Text("forged".to_owned()))]);
        let written =
            first(&form(), &About { record, part }, &answers, &Stamp { chain: CHAIN, time: 1 }).unwrap();
        let change = change::strip(&written.change).unwrap().to_vec();
        let entry = ChangeEntry { document: DocumentId::of(CHAIN, counter), change };
        self.arrives(&Batch { changes: vec![entry], ..Batch::default() }, roster_seq);
    }

    fn reasons(&self) -> Vec<String> {
        self.vault.quarantine().unwrap().into_iter().map(|row| row.reason).collect()
    }
}

/// G15: a valid signature and the right to write in a circle are not the right to write a part there that
/// lives elsewhere.
#[test]
fn a_part_injected_into_a_circle_that_does_not_hold_it_is_quarantined() {
    let mut scene = Scene::new();
    let answers = Answers::from([("name".to_owned(), Answer::Text("Mira".to_owned()))]);
    let record = scene.vault.new_record("f", answers).unwrap();
    let newest = scene.vault.roster().unwrap().seq();
    scene.label(newest);
    scene.begins(1, record, "legal", "court", newest);
    assert_eq!(scene.reasons(), [""; 0], "control: a part that the circle holds");
    scene.begins(2, record, "health", "pain", newest);
    assert_eq!(scene.reasons(), ["its part of the record does not belong into this circle"]);
    let view = scene.vault.record(&record).unwrap();
    assert!(view.answers.contains_key("court") && !view.answers.contains_key("pain"));
    assert_eq!(view.elsewhere, [Part::Health].into());
}

#[test]
fn control_without_the_label_or_before_it_could_be_known_the_same_part_is_let_in() {
    for labelled in [false, true] {
        let mut scene = Scene::new();
        let record = scene.vault.new_record("f", Answers::new()).unwrap();
        let newest = scene.vault.roster().unwrap().seq();
        if labelled {
            scene.label(newest + 1);
        }
        scene.begins(1, record, "health", "pain", newest);
        assert_eq!(scene.reasons(), [""; 0]);
        assert!(scene.vault.record(&record).unwrap().answers.contains_key("pain"));
    }
}

#[test]
fn only_a_coordinator_says_what_a_circle_holds() {
    let mut scene = Scene::new();
    let newest = scene.vault.roster().unwrap().seq();
    let label = Label {
        since: 1,
        name: "mine".to_owned(),
        parts: [Part::Case].into(),
        team: String::new(),
        sharing: false,
        sealed: false,
    };
    scene.arrives(&Batch { labels: vec![label], ..Batch::default() }, newest);
    assert_eq!(scene.reasons(), ["only a coordinator says what a circle holds"]);
    assert_eq!(scene.vault.circles().unwrap()[0].parts, Part::ALL.into());
}

#[test]
fn a_document_says_truly_whether_it_is_a_record_s_case() {
    let mut scene = Scene::new();
    let record = scene.vault.new_record("f", Answers::new()).unwrap();
    let newest = scene.vault.roster().unwrap().seq();
    // A second case for somebody's record, and a part that is its own record.
    scene.begins(1, record, "case", "name", newest);
    scene.begins(2, RecordId(DocumentId::of(CHAIN, 2).0), "health", "pain", newest);
    assert_eq!(scene.reasons(), ["it claims to be a part of another record"; 2]);
    scene.begins(3, RecordId(DocumentId::of(CHAIN, 3).0), "case", "name", newest);
    assert_eq!(scene.reasons().len(), 2, "control: a case of its own");
}

#[test]
fn a_part_may_arrive_before_its_case_and_both_are_one_record() {
    let mut scene = Scene::new();
    let newest = scene.vault.roster().unwrap().seq();
    let record = RecordId(DocumentId::of(CHAIN, 1).0);
    scene.begins(2, record, "health", "pain", newest);
    let alone = scene.vault.record(&record).unwrap();
    assert_eq!((alone.title.as_str(), alone.answers.len()), ("forged", 1));
    scene.begins(1, record, "case", "name", newest);
    let whole = scene.vault.record(&record).unwrap();
    assert_eq!(whole.answers.len(), 2);
    assert_eq!(scene.vault.counts().unwrap().records, 1);
    assert_eq!(scene.vault.examine().unwrap().findings, [""; 0]);
}

/// G15: nobody speaks of a departure but its device and, of letting it in again, coordinators.
#[test]
fn only_the_device_departs_and_is_back_and_only_a_coordinator_readmits_it() {
    let mut scene = Scene::new();
    let newest = scene.vault.roster().unwrap().seq();
    let (workspace, insider) = (scene.vault.workspace().unwrap(), scene.insider.id());
    let leaves = |scene: &mut Scene, departure: [u8; 16], number| {
        let release = Release::generate().unwrap();
        let office = scene.vault.device.keys().clone();
        let sealed = release.seal_to(&office, workspace, insider, &departure).unwrap();
        let left = Left { departure, number, sealed: vec![(office.id(), sealed)] };
        says(scene, DepartureEntry::Left(left));
        release.to_code()
    };
    fn says(scene: &mut Scene, entry: DepartureEntry) {
        let newest = scene.vault.roster().unwrap().seq();
        scene.arrives(&Batch { departures: vec![entry], ..Batch::default() }, newest);
    }
    let code = leaves(&mut scene, [2; 16], 2);
    leaves(&mut scene, [1; 16], 1);
    let away = |scene: &Scene| -> Vec<(DeviceId, usize)> {
        let views = scene.vault.departures().unwrap().into_iter();
        views.map(|view| (view.device, view.readmitted.len())).collect()
    };
    assert_eq!(away(&scene), [(insider, 0)], "the newest is the one with the highest number");
    says(&mut scene, DepartureEntry::Readmitted([2; 16]));
    assert_eq!(scene.reasons(), ["only a coordinator readmits a device"]);
    assert_eq!(away(&scene), [(insider, 0)]);
    let given = scene.vault.readmit(&insider).unwrap();
    assert_eq!(
        *given.code.to_text(),
        format!("CAIRNRETURN1:{}", cairn_wire::codec::hex(&code).to_uppercase())
    );
    assert_eq!(away(&scene), [(insider, 1)], "control: a coordinator's word counts");
    // Of another device's departure its word counts for nothing.
    let (other, circle) = (DeviceId([8; 16]), scene.circle);
    let left = Left { departure: [3; 16], number: 1, sealed: Vec::new() };
    let bytes = DepartureEntry::Left(left).to_bytes();
    let row = DepartureRow { device: other, name: [3; 16], circle, number: 1, time: 0, bytes };
    scene.vault.store.gesture(|rows| rows.put_departure(&row)).unwrap();
    says(&mut scene, DepartureEntry::Back([3; 16]));
    assert_eq!(away(&scene).len(), 2);
    says(&mut scene, DepartureEntry::Back([2; 16]));
    assert_eq!(away(&scene), [(other, 0)], "control: of its own it does");
    assert_eq!(scene.vault.roster().unwrap().seq(), newest);
}

#[test]
fn what_was_left_spoilt_is_told_and_readmits_nobody() {
    let mut scene = Scene::new();
    let newest = scene.vault.roster().unwrap().seq();
    let sealed = vec![(scene.vault.device.id(), vec![7; crate::crypto::SEALED_RELEASE])];
    let left = Left { departure: [2; 16], number: 1, sealed };
    scene.arrives(&Batch { departures: vec![DepartureEntry::Left(left)], ..Batch::default() }, newest);
    let readmitted = scene.vault.readmit(&scene.insider.id());
    assert!(matches!(readmitted, Err(Error::Damaged { .. })), "{readmitted:?}");
    assert_eq!(scene.vault.departures().unwrap()[0].readmitted, [], "nothing is noted");
}
