//! Several phones and a server, through the calls of another language.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::scene::{PASSPHRASE, Scene, code, record, text};
use cairn_core::transport::{Https, Reply, Transport};
use cairn_core::wire::codec::unhex;
use cairn_core::wire::digest::VerifyingKey;
use cairn_ffi::{
    AnswerValue, InviteTerms, OpenVault, RecordQuery, Road, RoadError, RoadReply, Role, Standing,
    SyncProgress, SyncWatcher, outbox_file,
};

fn terms(role: Role, compare: bool) -> InviteTerms {
    InviteTerms { role, hours: 24, compare, circles: Vec::new() }
}

/// A phone that has joined the office's workspace.
pub(crate) fn member(scene: &Scene, office: &OpenVault, name: &str, role: Role) -> OpenVault {
    let phone = scene.phone(name);
    let invitation = office.invite(terms(role, false)).unwrap();
    assert_eq!(phone.join(&invitation.text, name, None).unwrap().standing, Standing::Waiting);
    assert_eq!(office.sync(None).unwrap().admitted, 1);
    phone.sync(None).unwrap();
    phone
}

fn all() -> RecordQuery {
    RecordQuery { text: String::new(), form: None, choices: Vec::new(), after: None, limit: 2 }
}

#[test]
fn a_workspace_begins_and_a_newcomer_is_let_in_once_words_are_compared() {
    let scene = Scene::new();
    let office = scene.phone("office");
    assert_eq!(office.membership().unwrap().standing, Standing::Alone);
    let found = |url: &str, pin: &str, proxy: Option<&str>| {
        office.found(url, pin, None, "office", proxy.map(str::to_owned))
    };
    assert_eq!(code(found(&scene.url(), "12", None)), "bad_pin");
    assert_eq!(code(found("http://a", &scene.pin(), None)), "bad_address");
    assert_eq!(code(found(&scene.url(), &scene.pin(), Some("a:1"))), "bad_proxy");
    assert_eq!(code(found(&scene.url(), &"0".repeat(64), None)), "not_the_pinned_server");
    assert_eq!(office.membership().unwrap().standing, Standing::Alone, "nothing is begun at a stranger's");
    let own = found(&scene.url(), &scene.pin(), None).unwrap();
    assert_eq!(
        (own.standing, own.role, own.name.as_deref()),
        (Standing::Belongs, Some(Role::Coordinator), Some("office"))
    );
    assert_eq!(found(&scene.url(), &scene.pin(), None).unwrap(), own, "and once more changes nothing");
    let state = office.state().unwrap();
    assert!(state.last_sync.is_some());
    assert_eq!((state.clock_offset, state.is_unswept), (0, false));

    let phone = scene.phone("phone");
    assert_eq!(code(phone.sync(None)), "no_workspace");
    assert_eq!(code(phone.join("nothing", "phone", None)), "bad_invitation");
    let invitation = office.invite(terms(Role::Field, true)).unwrap();
    let waiting = phone.join(&invitation.text, "phone", None).unwrap();
    assert_eq!((waiting.standing, waiting.role), (Standing::Waiting, None));
    assert_eq!(office.sync(None).unwrap().to_compare, 1);
    assert_eq!(office.state().unwrap().newcomers, 1);
    assert_eq!(office.newcomers().unwrap()[0].words, waiting.words.clone().unwrap());
    assert_eq!(code(office.confirm("four words of nobody")), "no_such_words");
    assert_eq!(office.confirm(&waiting.words.unwrap()).unwrap(), waiting.device);
    assert_eq!(office.sync(None).unwrap().admitted, 1);
    let belongs = phone.join(&invitation.text, "phone", None).unwrap();
    assert_eq!((belongs.standing, belongs.role), (Standing::Belongs, Some(Role::Field)));
    assert_eq!(code(phone.invite(terms(Role::Field, false))), "not_allowed");
    phone.sync(None).unwrap();
    office.sync(None).unwrap();
    let names: Vec<_> = office.devices().unwrap().into_iter().filter_map(|line| line.name).collect();
    assert_eq!(names, ["office", "phone"]);

    let refused = scene.phone("refused");
    let invitation = office.invite(terms(Role::Field, true)).unwrap();
    let words = refused.join(&invitation.text, "refused", None).unwrap().words.unwrap();
    office.sync(None).unwrap();
    office.turn_away(&words).unwrap();
    office.sync(None).unwrap();
    assert_eq!(code(refused.sync(None)), "waiting", "nobody let it in");
    assert!(office.newcomers().unwrap().is_empty());
}

#[test]
fn what_two_people_answered_differently_is_shown_and_settled() {
    let scene = Scene::new();
    let office = scene.office();
    let phone = member(&scene, &office, "phone", Role::Field);
    let id = record(&phone, "Sample");
    let sent = phone.sync(None).unwrap();
    assert_eq!((sent.records_sent, sent.waiting), (1, 0));
    assert_eq!(office.sync(None).unwrap().records_received, 1);
    for (vault, age) in [(&office, "40"), (&phone, "50")] {
        let filling = vault.edit(&id, "en").unwrap();
        filling.answer("age", text(age)).unwrap();
        filling.finish(false).unwrap();
    }
    phone.sync(None).unwrap();
    office.sync(None).unwrap();
    let conflicts = office.conflicts(10, "ru").unwrap();
    let keys: Vec<_> = conflicts.iter().map(|one| one.key.as_str()).collect();
    assert_eq!(keys, ["age", "twice"], "and what is worked out from it");
    let conflict = &conflicts[0];
    assert_eq!(conflict.label, "Возраст");
    let mut stands: Vec<_> =
        conflict.values.iter().map(|one| (one.said.as_str(), one.who.as_str())).collect();
    stands.sort_unstable();
    assert_eq!(stands, [("40", "office"), ("50", "phone")]);
    let page = office.record(&id, "en").unwrap();
    assert_eq!(page.conflicts, office.conflicts(10, "en").unwrap());
    assert!(page.lines.iter().any(|line| line.key == "age" && line.is_unsettled));
    let picked = conflict.values.iter().find(|one| one.who == "phone").unwrap().answer.clone();
    assert_eq!(code(office.settle(&id, "name", text("x"))), "not_found");
    assert_eq!(code(office.settle(&id, "age", text("x"))), "invalid");
    office.settle(&conflict.handle, "age", picked).unwrap();
    assert!(office.conflicts(10, "en").unwrap().is_empty(), "what is worked out from it is settled with it");
    let twice = office.record(&id, "en").unwrap().lines.into_iter().find(|line| line.key == "twice").unwrap();
    assert_eq!(twice.said, "100");
    office.sync(None).unwrap();
    phone.sync(None).unwrap();
    let age = phone.record(&id, "en").unwrap().lines.into_iter().find(|line| line.key == "age").unwrap();
    assert_eq!((age.answer, age.is_unsettled), (AnswerValue::Integer { number: 50 }, false));
}

#[test]
fn records_come_page_by_page_and_are_found_by_words() {
    let scene = Scene::new();
    let office = scene.office();
    let ids: Vec<String> = (0..5).map(|number| record(&office, &format!("Sample Number{number}"))).collect();
    let (mut found, mut query) = (Vec::new(), all());
    loop {
        let page = office.records(query.clone(), "en").unwrap();
        found.extend(page.rows.into_iter().map(|row| row.record));
        let Some(next) = page.next else { break };
        query.after = Some(next);
    }
    assert_eq!(found, ids.iter().rev().cloned().collect::<Vec<_>>(), "newest first, each once");
    let page = office.records(RecordQuery { text: "numb sample number3".to_owned(), ..all() }, "en").unwrap();
    assert_eq!(page.rows.iter().map(|row| &row.record).collect::<Vec<_>>(), [&ids[3]]);
    assert_eq!((page.rows[0].form_title.as_str(), page.next), ("Visit", None));
    assert_eq!(office.record(&page.rows[0].handle, "en").unwrap().record, ids[3]);
    assert_eq!(code(office.records(RecordQuery { form: Some("no".to_owned()), ..all() }, "en")), "not_found");
}

#[test]
fn whoever_is_taken_out_gets_nothing_more() {
    let scene = Scene::new();
    let office = scene.office();
    let phone = member(&scene, &office, "phone", Role::Field);
    let device = phone.membership().unwrap().device;
    assert_eq!(code(office.revoke("nobody")), "not_found");
    assert_eq!(code(phone.revoke(&device)), "not_allowed");
    let done = office.revoke(&device).unwrap();
    assert_eq!((done.device, done.renewed), (device.clone(), 1));
    record(&office, "Sample");
    office.sync(None).unwrap();
    assert_eq!(code(phone.sync(None)), "no_longer_member");
    assert_eq!(phone.counts().unwrap().records, 0);
    assert!(!office.devices().unwrap().into_iter().find(|line| line.device == device).unwrap().belongs);
}

/// Watches, and stops after so many questions.
struct Impatient {
    left: AtomicU64,
    told: AtomicU64,
}

impl SyncWatcher for Impatient {
    fn progress(&self, _: SyncProgress) {
        self.told.fetch_add(1, Ordering::SeqCst);
    }

    fn go_on(&self) -> bool {
        self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok()
    }
}

#[test]
fn a_sync_is_watched_and_can_be_stopped_without_locking() {
    let scene = Scene::new();
    let office = scene.office();
    record(&office, "Sample");
    let stops = Arc::new(Impatient { left: AtomicU64::new(0), told: AtomicU64::new(0) });
    assert_eq!(code(office.sync(Some(Arc::clone(&stops) as Arc<dyn SyncWatcher>))), "cancelled");
    assert!(office.is_open());
    assert!(office.counts().unwrap().outbox > 0, "nothing is lost by it");
    let waits = Arc::new(Impatient { left: AtomicU64::new(1_000), told: AtomicU64::new(0) });
    let done = office.sync_unattended(Some(Arc::clone(&waits) as Arc<dyn SyncWatcher>)).unwrap();
    assert_eq!((done.records_sent, office.counts().unwrap().outbox), (1, 0));
    assert!(waits.told.load(Ordering::SeqCst) > 0);
    office.lock().unwrap();
    assert_eq!(code(office.sync(None)), "locked");
}

/// A road that is out, and counts who tried.
struct Out(AtomicU64, fn() -> RoadError);

impl Road for Out {
    fn post(&self, _: String, _: Vec<u8>) -> Result<RoadReply, RoadError> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Err((self.1)())
    }
}

/// A road that goes where the core's would, and counts octets.
struct Carrier(Https, AtomicU64);

impl Road for Carrier {
    fn post(&self, path: String, body: Vec<u8>) -> Result<RoadReply, RoadError> {
        let Reply { status, body, bytes_up, bytes_down } =
            self.0.post(&path, body).map_err(|_| RoadError::Offline)?;
        self.1.fetch_add(bytes_up, Ordering::SeqCst);
        Ok(RoadReply { status, body, bytes_up, bytes_down })
    }
}

#[test]
fn the_app_may_bring_its_own_road() {
    let scene = Scene::new();
    let office = scene.office();
    for (error, wanted) in [
        ((|| RoadError::Offline) as fn() -> RoadError, "offline"),
        (|| RoadError::NotTheServer, "not_the_pinned_server"),
    ] {
        let road = Arc::new(Out(AtomicU64::new(0), error));
        office.use_road(Some(Arc::clone(&road) as Arc<dyn Road>));
        assert_eq!(code(office.sync(None)), wanted);
        assert!(road.0.load(Ordering::SeqCst) > 0);
    }
    record(&office, "Sample");
    let https = Https::new(&scene.url(), VerifyingKey(unhex(&scene.pin()).unwrap()), None).unwrap();
    let carrier = Arc::new(Carrier(https, AtomicU64::new(0)));
    office.use_road(Some(Arc::clone(&carrier) as Arc<dyn Road>));
    let sent = office.sync(None).unwrap();
    assert_eq!((sent.records_sent, sent.waiting), (1, 0), "what it carries arrives");
    assert_eq!(carrier.1.load(Ordering::SeqCst), sent.bytes_sent, "and all of it went that way");
    office.use_road(None);
    record(&office, "Sample two");
    assert_eq!(office.sync(None).unwrap().records_sent, 1);
    assert_eq!(carrier.1.load(Ordering::SeqCst), sent.bytes_sent, "control: now nothing does");
}

#[test]
fn a_phone_that_has_departed_opens_only_with_a_coordinators_code() {
    let scene = Scene::new();
    let office = scene.office();
    let phone = member(&scene, &office, "phone", Role::Field);
    record(&phone, "Sample");
    assert_eq!(code(phone.depart("another passphrase", None)), "wrong_passphrase");
    let gone = phone.depart(PASSPHRASE, None).unwrap();
    assert_eq!(gone.coordinators[0].name.as_deref(), Some("office"));
    assert_eq!(gone.cut_off, None);
    assert!(!phone.is_open());
    let folder = scene.path("phone").display().to_string();
    assert_eq!(code(OpenVault::open(&folder, PASSPHRASE).map(drop)), "departed");
    office.sync(None).unwrap();
    let away = office.departures().unwrap();
    assert!(away[0].is_ours && away[0].readmitted.is_empty());
    let done = office.readmit(&away[0].device, "ru").unwrap();
    assert_eq!((done.words.len(), done.before.len()), (16, 0));
    assert_eq!(code(OpenVault::come_back(&folder, PASSPHRASE, "no code", None).map(drop)), "bad_return_code");
    let phone = OpenVault::come_back(&folder, PASSPHRASE, &done.words.join(" "), None).unwrap();
    assert_eq!(phone.counts().unwrap().records, 1);
    phone.sync(None).unwrap();
    office.sync(None).unwrap();
    assert!(office.departures().unwrap().is_empty());
}

#[test]
fn what_waits_can_be_carried_to_the_office_by_hand() {
    let scene = Scene::new();
    let office = scene.office();
    let phone = member(&scene, &office, "phone", Role::Field);
    record(&phone, "Sample");
    phone.lock().unwrap();
    let file = outbox_file(&scene.path("phone").display().to_string()).unwrap();
    let brought = office.take_outbox(&file, None).unwrap();
    assert_eq!((brought.given, brought.refused, brought.torn), (brought.segments, 0, false));
    assert_eq!(office.counts().unwrap().records, 1);
    assert_eq!(code(office.take_outbox("/nowhere", None)), "disk");
}
