//! Need to know: a part of a record lives in the circle that holds it, and reaches nobody else.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a panic in a test is its report"
)]

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

use cairn_core::change::Lower;
use cairn_core::form::field::{field, next_row_id};
use cairn_core::form::{Answer, Answers, Entry, Kind, Part, Question, Rule};
use cairn_core::vault::{Anchor, CircleTerms, InviteTerms, Machine, Query};
use cairn_core::view::export::{Exporter, Format, Options};
use cairn_core::wire::id::{CircleId, RecordId};
use cairn_core::wire::roster::Role;
use cairn_core::{Error, Vault};
use cairn_tests::canary::Search;
use cairn_tests::dice::Dice;
use cairn_tests::fork::copy_folder;
use cairn_tests::ground::{Ground, PASSPHRASE};
use cairn_tests::level::{differences, level};
use cairn_tests::sample::{self, text};

/// An office and two field devices; the clinician is in the circle that holds health and legal.
struct People {
    ground: Ground,
    office: Vault,
    clinician: Vault,
    field: Vault,
    clinic: CircleId,
    dice: Dice,
}

fn terms(name: &str, parts: &[Part], team: &str) -> CircleTerms {
    CircleTerms {
        name: name.to_owned(),
        parts: parts.iter().copied().collect(),
        team: team.to_owned(),
        sharing: false,
        sealed: false,
    }
}

impl People {
    fn new(seed: u64) -> Self {
        let ground = Ground::new();
        let mut office = ground.office("office");
        office.publish_form(&sample::parted()).unwrap();
        let clinic = terms("clinic", &[Part::Health, Part::Legal], "");
        let clinic = office.new_circle(&ground.transport(), &clinic).unwrap();
        let mut clinician = ground.member(&mut office, "clinician", Role::Field);
        let field = ground.member(&mut office, "field", Role::Field);
        assert!(office.grant(&ground.transport(), &clinician.device(), &clinic).unwrap());
        assert!(!office.grant(&ground.transport(), &clinician.device(), &clinic).unwrap(), "only once");
        ground.sync(&mut clinician);
        Self { ground, office, clinician, field, clinic, dice: Dice::new(seed) }
    }

    fn sync(&mut self) {
        for _ in 0..2 {
            for vault in [&mut self.office, &mut self.clinician, &mut self.field] {
                self.ground.sync(vault);
            }
        }
    }
}

fn health(vault: &Vault, record: &RecordId) -> Option<Answer> {
    vault.record(record).unwrap().answers.get("diagnosis").cloned()
}

fn with(mut answers: Answers, more: &[(&str, Answer)]) -> Answers {
    answers.extend(more.iter().map(|(name, answer)| ((*name).to_owned(), answer.clone())));
    answers
}

fn exported(vault: &Vault) -> Vec<u8> {
    let form = sample::parted();
    let mut all = Vec::new();
    for format in [Format::Csv, Format::Jsonl] {
        let out = std::io::Cursor::new(Vec::new());
        let mut exporter = Exporter::new(format, &form, &Options::default(), out).unwrap();
        let each = |view| {
            exporter.record(&view).unwrap();
            Ok(())
        };
        vault.every_record(each, |_, _| ()).unwrap();
        all.extend(exporter.finish().unwrap().into_inner());
    }
    all
}

fn listed(vault: &Vault, words: &str) -> usize {
    vault.list(&Query { words: words.to_owned(), most: 10, ..Query::default() }).unwrap().len()
}

/// G5 (an insider's device is limited to its circles), G11: words of a part reach neither a device without
/// its circle nor the server.
#[test]
fn words_of_a_part_never_reach_a_device_without_its_circle_or_the_server() {
    let mut people = People::new(1);
    let canaries = ["zorblatt-pneumonia", "quindle-hearing", "vexmoor-therapy"];
    let answers = with(
        sample::answers("Mira", &mut people.dice),
        &[
            ("diagnosis", text(canaries[0])),
            ("court", text(canaries[1])),
            ("course", Answer::Narrative(canaries[2].to_owned())),
        ],
    );
    let record = people.office.new_record("parted", answers).unwrap();
    people.sync();
    let view = people.field.record(&record).unwrap();
    assert_eq!(view.title, "Mira", "the rest of the record is there");
    assert_eq!(view.elsewhere, [Part::Health, Part::Legal].into());
    assert_eq!(health(&people.field, &record), None);
    assert_eq!(health(&people.clinician, &record), Some(text(canaries[0])), "control: who was granted reads");
    assert_eq!(people.clinician.record(&record).unwrap().elsewhere, BTreeSet::new());
    assert_eq!((listed(&people.field, "zorblatt"), listed(&people.clinician, "zorblatt")), (0, 1));
    assert_eq!((listed(&people.field, "mira"), listed(&people.clinician, "mira")), (1, 1));
    let search = Search::new(canaries);
    assert_eq!(search.octets(&exported(&people.field)), BTreeSet::new());
    assert!(!search.octets(&exported(&people.clinician)).is_empty(), "control: an export with the circle");
    for one in people.field.history(&record, None).unwrap() {
        assert!(!["diagnosis", "court", "course"].contains(&one.field.as_str()));
    }
    // Whatever the device's own keys open of all that the server has: nothing of the clinic.
    let clinic = people.clinic;
    let opens = |vault: &Vault| readable(&people.ground, vault, clinic);
    assert_eq!(opens(&people.field), 0);
    assert!(opens(&people.clinician) > 0, "control");
    people.ground.stop();
    assert_eq!(search.folder(&people.ground.data()), []);
    assert_eq!(search.folder(people.field.folder()), []);
    let names = Search::new(["clinic", "health", "everything"]);
    assert_eq!(names.folder(&people.ground.data()), [], "nor does the server learn what circles hold");
}

/// How many segments of a circle that stand in the server's folder the vault's keys can open.
fn readable(ground: &Ground, vault: &Vault, circle: CircleId) -> usize {
    let log = rusqlite::Connection::open(ground.data().join("log.db")).unwrap();
    let mut statement = log.prepare("SELECT bytes FROM segment WHERE circle = ?1 ORDER BY seq").unwrap();
    let segments: Vec<Vec<u8>> =
        statement.query_map([circle.0], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let mut statement = log.prepare("SELECT hash FROM roster_entry ORDER BY seq").unwrap();
    let heads: Vec<[u8; 32]> =
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    segments.iter().filter(|segment| vault.could_read(&circle, segment, &heads).unwrap()).count()
}

#[test]
fn what_a_device_may_not_write_is_refused_with_who_can_help_and_nothing_is_saved() {
    let mut people = People::new(2);
    let record = people.office.new_record("parted", sample::answers("Mira", &mut people.dice)).unwrap();
    people.sync();
    let answers = with(sample::answers("Lost", &mut people.dice), &[("diagnosis", text("flu"))]);
    let refused = people.field.new_record("parted", answers);
    let Err(Error::OtherCircle { part: "health", fields }) = &refused else { panic!("{refused:?}") };
    assert_eq!(fields, &["diagnosis".to_owned()]);
    let refused = people.field.edit_record(&record, &sample::edit("court", text("Monday")));
    assert!(matches!(refused, Err(Error::OtherCircle { part: "legal", .. })), "{refused:?}");
    let counts = people.field.counts().unwrap();
    assert_eq!((counts.records, counts.outbox), (1, 0));
    let case = sample::answers("Kept", &mut people.dice);
    assert!(people.field.new_record("parted", case).is_ok(), "control: the case part");
    assert!(people.clinician.edit_record(&record, &sample::edit("court", text("Monday"))).unwrap());
}

#[test]
fn a_grant_gives_the_history_and_a_withdrawal_ends_what_comes() {
    let mut people = People::new(3);
    let transport = people.ground.transport();
    let answers = with(sample::answers("Mira", &mut people.dice), &[("diagnosis", text("flu"))]);
    let record = people.office.new_record("parted", answers).unwrap();
    people.sync();
    assert_eq!(health(&people.field, &record), None);
    let (field, clinic) = (people.field.device(), people.clinic);
    assert!(matches!(people.field.grant(&transport, &field, &clinic), Err(Error::NotAllowed { .. })));
    assert!(people.office.grant(&transport, &field, &clinic).unwrap());
    people.sync();
    assert_eq!(health(&people.field, &record), Some(text("flu")), "what was written before the grant");
    people.field.edit_record(&record, &sample::edit("diagnosis", text("cold"))).unwrap();
    people.sync();
    let before = readable(&people.ground, &people.field, clinic);
    let done = people.office.withdraw(&transport, &field, &clinic).unwrap();
    assert_eq!((done.renewed, done.left_open), (1, 0));
    people.sync();
    people.clinician.edit_record(&record, &sample::edit("diagnosis", text("cured"))).unwrap();
    people.sync();
    assert_eq!(health(&people.field, &record), Some(text("cold")), "what it holds it keeps");
    assert_eq!(readable(&people.ground, &people.field, clinic), before, "and nothing new opens");
    assert!(readable(&people.ground, &people.clinician, clinic) > before, "control");
    let refused = people.field.edit_record(&record, &sample::edit("diagnosis", text("worse")));
    assert!(matches!(refused, Err(Error::OtherCircle { .. })), "{refused:?}");
    assert_eq!(people.field.record(&record).unwrap().elsewhere, [Part::Health, Part::Legal].into());
    // Let in once more, it writes under a new chain; its old one was ended.
    assert!(people.office.grant(&transport, &field, &clinic).unwrap());
    people.sync();
    assert_eq!(health(&people.field, &record), Some(text("cured")));
    people.field.edit_record(&record, &sample::edit("diagnosis", text("well"))).unwrap();
    people.sync();
    for vault in [&people.office, &people.clinician, &people.field] {
        assert_eq!(health(vault, &record), Some(text("well")));
        assert_eq!(vault.examine().unwrap().findings, [""; 0]);
    }
}

#[test]
fn what_was_written_in_a_circle_before_its_withdrawal_is_known_comes_as_a_late_letter() {
    let mut people = People::new(4);
    let transport = people.ground.transport();
    let record = people.office.new_record("parted", sample::answers("Mira", &mut people.dice)).unwrap();
    people.sync();
    people.clinician.edit_record(&record, &sample::edit("diagnosis", text("late"))).unwrap();
    people.clinician.edit_record(&record, &sample::edit("age", Answer::Integer(44))).unwrap();
    let (device, clinic) = (people.clinician.device(), people.clinic);
    people.office.withdraw(&transport, &device, &clinic).unwrap();
    let report = people.ground.sync(&mut people.clinician);
    assert_eq!((report.handed_in, report.left), (1, 0));
    people.sync();
    assert_eq!(people.office.record(&record).unwrap().answers["age"], Answer::Integer(44));
    assert_eq!(health(&people.office, &record), None);
    let letters = people.office.letters().unwrap();
    assert_eq!(letters.len(), 1);
    assert!(people.office.decide_letter(letters[0].number, true).unwrap());
    assert_eq!(health(&people.office, &record), Some(text("late")));
}

/// Two devices begin the same part of a record, both without a network.
#[test]
fn a_part_begun_twice_is_one_part_with_a_conflict_where_the_two_differ() {
    let mut people = People::new(5);
    let record = people.office.new_record("parted", sample::answers("Mira", &mut people.dice)).unwrap();
    people.sync();
    let mut first = sample::edit("diagnosis", text("flu"));
    first.extend(sample::edit("court", text("Monday")));
    people.office.edit_record(&record, &first).unwrap();
    let mut second = sample::edit("diagnosis", text("cold"));
    second.extend(sample::edit("weight", Answer::Integer(50)));
    people.clinician.edit_record(&record, &second).unwrap();
    people.sync();
    let [ours, theirs] = [&people.office, &people.clinician].map(|vault| vault.record(&record).unwrap());
    assert_eq!(ours, theirs, "everybody in the circle sees the same");
    assert_eq!(ours.answers["weight"], Answer::Integer(50));
    assert_eq!(ours.answers["court"], text("Monday"));
    assert_eq!(ours.conflicts.len(), 1);
    let mut values: Vec<_> = ours.conflicts[0]
        .values
        .iter()
        .map(|(value, by)| (value.clone().unwrap(), by.name.clone()))
        .collect();
    values.sort_by_key(|(value, _)| format!("{value:?}"));
    let name = |name: &str| Some(name.to_owned());
    assert_eq!(values, [(text("cold"), name("clinician")), (text("flu"), name("office"))]);
    assert_eq!(people.clinician.conflicts(10).unwrap().len(), 1);
    people.clinician.settle(&record, "diagnosis", Some(text("flu"))).unwrap();
    people.sync();
    for vault in [&people.office, &people.clinician] {
        assert_eq!(health(vault, &record), Some(text("flu")));
        assert_eq!(vault.conflicts(10).unwrap(), []);
        assert_eq!(vault.record(&record).unwrap().conflicts, []);
    }
    // An emptied answer is empty, whichever document it stood in.
    people.office.edit_record(&record, &[("diagnosis".to_owned(), None)].into()).unwrap();
    people.office.edit_record(&record, &[("weight".to_owned(), None)].into()).unwrap();
    people.sync();
    let view = people.clinician.record(&record).unwrap();
    assert!(!view.answers.contains_key("diagnosis") && !view.answers.contains_key("weight"));
    let mut vaults = vec![("office".to_owned(), people.office), ("clinician".to_owned(), people.clinician)];
    level(&people.ground, &mut vaults).unwrap();
    assert_eq!(differences(&vaults), [""; 0]);
}

/// The same, for answers of which the worse stands, that are counted, that only grow, and for rows.
/// A sum of what lies in two parts.
#[test]
fn what_is_worked_out_from_a_part_that_is_not_seen_stays_in_conflict_until_somebody_settles_who_sees_it() {
    let mut people = People::new(21);
    let mut form = sample::parted();
    form.version = "2".to_owned();
    let mut sum = Question::new("sum", Kind::Calculate);
    sum.logic.calculation = Some("${age} + ${weight}".to_owned());
    form.questions.push(sum);
    people.office.publish_form(&form).unwrap();
    let given = [("age", Answer::Integer(1)), ("weight", Answer::Integer(1))];
    let answers = with(sample::answers("Sample", &mut people.dice), &given);
    let record = people.office.new_record("parted", answers).unwrap();
    people.sync();
    for (vault, field, number, name) in
        [(&mut people.office, "age", 10, "Ana"), (&mut people.clinician, "weight", 100, "Bea")]
    {
        let mut edits = sample::edit(field, Answer::Integer(number));
        edits.extend(sample::edit("name", text(name)));
        vault.edit_record(&record, &edits).unwrap();
    }
    people.sync();
    let fields = |vault: &Vault| -> Vec<String> {
        vault.conflicts(10).unwrap().into_iter().map(|conflict| conflict.field).collect()
    };
    assert_eq!(fields(&people.field), ["name", "sum"], "control");
    people.field.settle(&record, "name", Some(text("Ana"))).unwrap();
    people.sync();
    for vault in [&people.field, &people.clinician, &people.office] {
        assert_eq!(fields(vault), ["sum"], "who settled the name cannot know the sum");
    }
    people.clinician.settle(&record, "sum", Some(text("11"))).unwrap();
    people.sync();
    for vault in [&people.field, &people.clinician, &people.office] {
        assert_eq!(fields(vault), [""; 0]);
        assert_eq!(vault.record(&record).unwrap().answers["sum"], text("110"));
    }
}

#[test]
fn a_part_begun_twice_comes_together_as_its_questions_mean() {
    let mut people = People::new(6);
    people.office.publish_form(&sample::merging()).unwrap();
    let row = next_row_id(None, 7 << 16);
    let who = field("who", &[&row]);
    let given = Answers::from([("name".to_owned(), text("Mira")), (who.clone(), text("her brother"))]);
    let record = people.office.new_record("merging", given).unwrap();
    people.sync();
    let log = |text: &str| Answer::Log(vec![Entry::new(text)]);
    for (vault, danger, visits, call) in
        [(&mut people.office, "low", 2, "office called"), (&mut people.clinician, "high", 3, "clinic called")]
    {
        let edits = [
            ("danger".to_owned(), Some(text(danger))),
            ("visits".to_owned(), Some(Answer::Integer(visits))),
            ("calls".to_owned(), Some(log(call))),
            (field("injury", &[&row]), Some(text(call))),
        ];
        vault.edit_record(&record, &edits.into()).unwrap();
    }
    people.sync();
    let [ours, theirs] = [&people.office, &people.clinician].map(|vault| vault.record(&record).unwrap());
    assert_eq!(ours, theirs);
    assert_eq!((&ours.answers["danger"], &ours.answers["visits"]), (&text("high"), &Answer::Integer(5)));
    let Answer::Log(said) = &ours.answers["calls"] else { panic!("a log") };
    assert_eq!(said.len(), 2);
    let unsettled: Vec<_> = ours.conflicts.iter().map(|conflict| conflict.field.as_str()).collect();
    assert_eq!(unsettled, [field("injury", &[&row])]);
    // An edit of what both documents say is one edit to people.
    let lowers = people.office.edit_record(&record, &sample::edit("danger", text("none"))).unwrap_err();
    assert!(matches!(&lowers, Error::Invalid(faults) if faults[0].rule == Rule::Lowers));
    people.office.edit_record_with(&record, &sample::edit("danger", text("none")), Lower::Allowed).unwrap();
    people.office.edit_record(&record, &sample::edit("visits", Answer::Integer(6))).unwrap();
    people.office.edit_record(&record, &sample::edit("calls", log("called again"))).unwrap();
    people.sync();
    let view = people.clinician.record(&record).unwrap();
    assert_eq!((&view.answers["danger"], &view.answers["visits"]), (&text("none"), &Answer::Integer(6)));
    assert!(matches!(&view.answers["calls"], Answer::Log(said) if said.len() == 3));
    // A row is taken away and brought back in every part that speaks of it.
    let key = cairn_core::form::field::row("people", &[&row]);
    people.office.edit_record(&record, &[(key.clone(), None)].into()).unwrap();
    people.sync();
    let gone = people.clinician.record(&record).unwrap().answers;
    assert!(
        !gone.contains_key(&who) && !gone.contains_key(&field("injury", &[&row])) && !gone.contains_key(&key)
    );
    people.clinician.undo(&record, &key, Lower::Refused).unwrap().unwrap();
    people.sync();
    let back = people.office.record(&record).unwrap().answers;
    assert_eq!(back[&who], text("her brother"));
    assert!(back.contains_key(&field("injury", &[&row])));
    // Who is not in the circle of a part sees the row by what else stands in it.
    assert_eq!(people.field.record(&record).unwrap().answers[&who], text("her brother"));
    assert!(people.office.undo(&record, "calls", Lower::Refused).is_err());
    let mut vaults = vec![("office".to_owned(), people.office), ("clinician".to_owned(), people.clinician)];
    level(&people.ground, &mut vaults).unwrap();
    assert_eq!(differences(&vaults), [""; 0]);
}

/// Notices nothing: every copy looks like its original.
struct Blind;

impl Anchor for Blind {
    fn read(&self, _: &Path) -> io::Result<Option<[u8; 32]>> {
        Ok(Some([0; 32]))
    }

    fn renew(&self, _: &Path) -> io::Result<[u8; 32]> {
        Ok([0; 32])
    }
}

/// Two copies of one vault use the same names for different people; only the server tells them.
#[test]
fn no_copy_of_a_vault_ever_joins_one_person_s_health_to_another_s_case() {
    let people = People::new(12);
    let People { ground, mut office, clinician, mut dice, .. } = people;
    clinician.lock().unwrap();
    let open = |name: &str| {
        Vault::open_on(&ground.folder(name), PASSPHRASE, &Machine::default().with_anchor(Arc::new(Blind)))
            .unwrap()
    };
    open("clinician").lock().unwrap();
    copy_folder(&ground.folder("clinician"), &ground.folder("twin"));
    let mut twins = [("Mira", open("clinician")), ("Olga", open("twin"))];
    let mut named = Vec::new();
    for (name, twin) in &mut twins {
        let answers = with(sample::answers(name, &mut dice), &[("diagnosis", text(&format!("of {name}")))]);
        named.push(twin.new_record("parted", answers).unwrap());
    }
    assert_eq!(named[0], named[1], "control: without a remedy the two would be one record");
    for _ in 0..3 {
        for (_, twin) in &mut twins {
            ground.sync(twin);
        }
        ground.sync(&mut office);
    }
    for vault in [&office, &twins[0].1, &twins[1].1] {
        let mut found = Vec::new();
        let each = |view: cairn_core::view::RecordView| {
            found.push((view.answers["name"].clone(), view.answers["diagnosis"].clone()));
            Ok(())
        };
        vault.every_record(each, |_, _| panic!("a damaged record")).unwrap();
        found.sort_by_key(|pair| format!("{pair:?}"));
        let of = |name: &str| (text(name), text(&format!("of {name}")));
        assert_eq!(found, [of("Mira"), of("Olga")]);
        assert_eq!(vault.examine().unwrap().findings, [""; 0]);
    }
}

#[test]
fn a_device_with_the_clinic_alone_sees_health_and_not_the_case() {
    let mut people = People::new(6);
    let answers = with(sample::answers("Mira", &mut people.dice), &[("diagnosis", text("flu"))]);
    let record = people.office.new_record("parted", answers).unwrap();
    people.sync();
    let mut nurse = people.ground.vault("nurse", 0);
    let invitation = people
        .office
        .invite_into(&InviteTerms { role: Role::Field, hours: 1 }, &[people.clinic], false)
        .unwrap();
    nurse.accept(&invitation.to_text(), "nurse").unwrap();
    assert!(nurse.sync(&people.ground.transport(), |_| {}).is_err());
    people.ground.sync(&mut people.office);
    people.ground.sync(&mut nurse);
    let view = nurse.record(&record).unwrap();
    assert_eq!(view.answers.get("diagnosis"), Some(&text("flu")), "the form came through the clinic");
    assert!(!view.answers.contains_key("name"));
    let elsewhere: BTreeSet<Part> = [Part::Case, Part::Intel].into();
    assert_eq!(view.elsewhere, elsewhere);
    assert_eq!(nurse.find_record(&cairn_core::view::handle(&record)).unwrap(), record);
    assert!(nurse.edit_record(&record, &sample::edit("weight", Answer::Integer(48))).unwrap());
    let refused = nurse.new_record("parted", sample::answers("New", &mut people.dice));
    assert!(matches!(refused, Err(Error::OtherCircle { part: "case", .. })), "{refused:?}");
    people.ground.sync(&mut nurse);
    people.sync();
    let [office, clinician] = [&people.office, &people.clinician].map(|vault| vault.record(&record).unwrap());
    assert_eq!(office.answers["weight"], Answer::Integer(48));
    assert_eq!(office, clinician);
    let names = Search::new(["Mira"]);
    assert_eq!(names.folder(nurse.folder()), []);
    assert_eq!(listed(&nurse, "mira"), 0);
}

#[test]
fn a_part_written_before_its_circle_was_made_stays_where_it_was_and_new_answers_go_to_the_circle() {
    let ground = Ground::new();
    let mut office = ground.office("office");
    office.publish_form(&sample::parted()).unwrap();
    ground.sync(&mut office);
    let mut field = ground.member(&mut office, "field", Role::Field);
    let mut dice = Dice::new(7);
    let answers = with(sample::answers("Mira", &mut dice), &[("diagnosis", text("flu"))]);
    let record = field.new_record("parted", answers).unwrap();
    ground.sync(&mut field);
    ground.sync(&mut office);
    // The field device does not learn of the clinic before it writes.
    let answers = with(sample::answers("Omar", &mut dice), &[("diagnosis", text("cough"))]);
    let late = field.new_record("parted", answers).unwrap();
    office.new_circle(&ground.transport(), &terms("clinic", &[Part::Health], "")).unwrap();
    ground.sync(&mut field);
    ground.sync(&mut office);
    assert_eq!(health(&office, &late), Some(text("cough")), "who could not know better is heard");
    assert_eq!(office.counts().unwrap().quarantined, 0);
    let refused = field.edit_record(&record, &sample::edit("diagnosis", text("worse")));
    assert!(matches!(refused, Err(Error::OtherCircle { .. })), "{refused:?}");
    office.edit_record(&record, &sample::edit("diagnosis", text("canary-worse"))).unwrap();
    ground.sync(&mut office);
    ground.sync(&mut field);
    assert_eq!(health(&office, &record), Some(text("canary-worse")));
    assert_eq!(office.record(&record).unwrap().conflicts, []);
    assert_eq!(health(&field, &record), None, "the old answer is emptied where everybody read it");
    for vault in [&office, &field] {
        assert_eq!(vault.examine().unwrap().findings, [""; 0]);
    }
    assert_eq!(Search::new(["canary-worse"]).folder(field.folder()), []);
}

#[test]
fn a_team_keeps_its_records_in_its_own_circle() {
    let mut people = People::new(8);
    let transport = people.ground.transport();
    let north = people.office.new_circle(&transport, &terms("north", &[Part::Case], "north")).unwrap();
    let clinician = people.clinician.device();
    people.office.grant(&transport, &clinician, &north).unwrap();
    people.sync();
    let answers = sample::answers("Nadia", &mut people.dice);
    let unsaid = people.office.new_record("parted", answers.clone());
    assert!(matches!(unsaid, Err(Error::Ambiguous { what: "team", .. })), "{unsaid:?}");
    let wrong = people.office.new_record_for("parted", Some("south"), answers.clone());
    assert!(matches!(wrong, Err(Error::NotFound { what: "team", .. })), "{wrong:?}");
    let answers = with(answers, &[("diagnosis", text("flu"))]);
    let record = people.office.new_record_for("parted", Some("north"), answers).unwrap();
    let common =
        people.office.new_record_for("parted", Some(""), sample::answers("Olga", &mut people.dice)).unwrap();
    people.sync();
    assert!(people.field.record(&record).is_err() && people.field.record(&common).is_ok());
    let view = people.clinician.record(&record).unwrap();
    assert_eq!((view.title.as_str(), view.answers.get("diagnosis")), ("Nadia flu", Some(&text("flu"))));
}

#[test]
fn a_copy_for_outsiders_holds_the_chosen_parts_and_follows_nothing() {
    let mut people = People::new(9);
    let transport = people.ground.transport();
    let secrets = [("diagnosis", text("canary-flu")), ("court", text("Monday"))];
    let answers = with(sample::answers("Mira", &mut people.dice), &secrets);
    let record = people.office.new_record("parted", answers).unwrap();
    let other = people.office.new_record("parted", sample::answers("Canary-Omar", &mut people.dice)).unwrap();
    let sharing = CircleTerms { name: "court".to_owned(), sharing: true, ..CircleTerms::default() };
    let court = people.office.new_circle(&transport, &sharing).unwrap();
    let mut lawyer = people.ground.vault("lawyer", 0);
    let terms = InviteTerms { role: Role::Field, hours: 1 };
    let invitation = people.office.invite_into(&terms, &[court], false).unwrap();
    lawyer.accept(&invitation.to_text(), "lawyer").unwrap();
    assert!(lawyer.sync(&transport, |_| {}).is_err());
    people.ground.sync(&mut people.office);
    let wrong = people.office.share_record(&record, &people.clinic, &[Part::Case].into());
    assert!(matches!(wrong, Err(Error::BadCircle { .. })), "{wrong:?}");
    let done = people.office.share_record(&record, &court, &[Part::Case, Part::Legal].into()).unwrap();
    assert_eq!(done.left_out, [Part::Health].into());
    people.sync();
    people.ground.sync(&mut lawyer);
    let view = lawyer.record(&done.copy).unwrap();
    assert_eq!((view.title.as_str(), view.answers.get("court")), ("Mira Monday", Some(&text("Monday"))));
    assert!(!view.answers.contains_key("diagnosis"));
    assert!(lawyer.record(&record).is_err() && lawyer.record(&other).is_err());
    people.office.edit_record(&record, &sample::edit("court", text("canary-later"))).unwrap();
    lawyer.edit_record(&done.copy, &sample::edit("court", text("Tuesday"))).unwrap();
    people.sync();
    people.ground.sync(&mut lawyer);
    people.sync();
    assert_eq!(lawyer.record(&done.copy).unwrap().answers["court"], text("Tuesday"));
    assert_eq!(people.office.record(&done.copy).unwrap().answers["court"], text("Tuesday"));
    assert_eq!(people.office.record(&record).unwrap().answers["court"], text("canary-later"));
    // Colleagues see that it was shared, and not where unless they are there.
    let shared = people.field.record(&record).unwrap().shared;
    assert_eq!((shared[0].copy, &shared[0].circle), (done.copy, &None));
    assert_eq!(people.office.record(&record).unwrap().shared[0].circle.as_deref(), Some("court"));
    assert_eq!(lawyer.record(&done.copy).unwrap().shared, []);
    let search = Search::new(["canary-flu", "canary-later", "Canary-Omar"]);
    assert_eq!(search.folder(lawyer.folder()), []);
    assert_eq!(search.octets(&exported(&lawyer)), BTreeSet::new());
    assert!(!search.octets(&exported(&people.office)).is_empty(), "control");
}

#[test]
fn a_newcomer_is_let_into_the_first_circle_only_unless_others_are_named() {
    let mut people = People::new(10);
    let newcomer = people.ground.member(&mut people.office, "newcomer", Role::Coordinator);
    let views = newcomer.circles().unwrap();
    let held: Vec<_> = views.iter().filter(|view| view.held).map(|view| view.name.clone()).collect();
    assert_eq!(held, [Some("everything".to_owned())], "also a coordinator");
    assert!(views.iter().any(|view| !view.held && view.name.is_none() && view.parts.is_empty()));
    let terms = InviteTerms { role: Role::Field, hours: 1 };
    let mut newcomer = newcomer;
    let refused = newcomer.invite_into(&terms, &[people.clinic], false);
    assert!(matches!(refused, Err(Error::NotAllowed { .. })), "{refused:?}");
    let transport = people.ground.transport();
    let (clinician, clinic) = (people.clinician.device(), people.clinic);
    let refused = newcomer.withdraw(&transport, &clinician, &clinic);
    assert!(matches!(refused, Err(Error::NotAllowed { .. })), "{refused:?}");
    // What the clinician wrote in the clinic is nothing this coordinator can end.
    let record = people.office.new_record("parted", sample::answers("Mira", &mut people.dice)).unwrap();
    people.sync();
    people.clinician.edit_record(&record, &sample::edit("diagnosis", text("flu"))).unwrap();
    people.sync();
    let refused = newcomer.revoke(&transport, &clinician, None);
    let Err(Error::NotAllowed { need }) = &refused else { panic!("{refused:?}") };
    assert!(need.contains("every circle"), "{need}");
    assert!(people.office.revoke(&transport, &clinician, None).is_ok(), "control: who is in both can");
}

#[test]
fn a_circle_s_parts_names_and_the_workspace_s_folder_stay_sound_after_reopening() {
    let people = People::new(11);
    let circles = people.office.circles().unwrap();
    let People { ground, office, clinician, field, .. } = people;
    office.lock().unwrap();
    drop((clinician, field));
    assert_eq!(ground.reopen("office").circles().unwrap(), circles);
    let parts: Vec<_> = circles.iter().map(|view| (view.name.clone().unwrap(), view.parts.len())).collect();
    assert_eq!(parts, [("everything".to_owned(), 4), ("clinic".to_owned(), 2)]);
    assert!(fs::metadata(ground.folder("office")).is_ok());
}

/// A record goes to a later edition part by part, as far as each device may write; nobody's part stops another's.
#[test]
fn parts_of_a_record_may_stand_in_different_editions() {
    let mut people = People::new(41);
    let needs = |names: &[&str]| Answer::Choices(names.iter().map(|name| (*name).to_owned()).collect());
    let answers = with(
        sample::answers("Mira", &mut people.dice),
        &[("diagnosis", text("headache")), ("needs", needs(&["legal", "food"]))],
    );
    let record = people.office.new_record("parted", answers).unwrap();
    people.sync();
    let mut second = sample::parted();
    second.version = "2".to_owned();
    second.questions.retain(|question| question.name != "age" && question.name != "weight");
    second.lists.get_mut("needs").unwrap().retain(|choice| choice.name != "legal");
    people.office.publish_form(&second).unwrap();
    people.sync();
    // The field device is not in the clinic: only the case goes on.
    let moved = people.field.move_record(&record, None).unwrap().unwrap();
    assert!(moved.asks());
    // Meanwhile the clinician, who has not heard of it, answers what is no longer asked.
    people.clinician.edit_record(&record, &sample::edit("weight", Answer::Integer(52))).unwrap();
    people.sync();
    for vault in [&people.office, &people.clinician] {
        let view = vault.record(&record).unwrap();
        assert_eq!((view.version.as_str(), &view.answers["weight"]), ("2", &Answer::Integer(52)));
        let left: Vec<&str> = view.left.iter().map(|left| left.field.as_str()).collect();
        assert_eq!(left, ["age", "needs", "weight"]);
    }
    assert!(people.clinician.would_move(&record, None).unwrap().is_some_and(|planned| !planned.asks()));
    // The clinic's part follows with the next edit.
    assert!(people.clinician.edit_record(&record, &sample::edit("diagnosis", text("migraine"))).unwrap());
    people.sync();
    assert_eq!(people.office.would_move(&record, None).unwrap(), None, "all of it is there");
    assert_eq!(health(&people.office, &record), Some(text("migraine")));
    assert!(people.clinician.edit_record(&record, &sample::edit("weight", Answer::Integer(53))).is_err());
    assert_eq!(people.office.record(&record).unwrap(), people.clinician.record(&record).unwrap());
    // A copy begins with the edition the record has: what is left over stays with the record.
    let partner = CircleTerms { name: "partner".to_owned(), sharing: true, ..CircleTerms::default() };
    let partner = people.office.new_circle(&people.ground.transport(), &partner).unwrap();
    let shared = people.office.share_record(&record, &partner, &[Part::Case, Part::Health].into()).unwrap();
    let copy = people.office.record(&shared.copy).unwrap();
    assert_eq!(
        (copy.version.as_str(), &copy.answers["diagnosis"], copy.left.len()),
        ("2", &text("migraine"), 0)
    );
    assert_eq!((copy.answers.get("age"), &copy.answers["needs"]), (None, &needs(&["food"])));
}
