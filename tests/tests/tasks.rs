//! What is to be done: made at the office, seen and ticked off on a phone without a network, the same for everybody
//! afterwards; and never anything that the records do not say.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests may be blunt: a panic there is the report"
)]

use std::collections::{BTreeMap, BTreeSet};

use cairn_core::form::field::{field, next_row_id, row, split};
use cairn_core::form::{Answer, Missing, Part};
use cairn_core::vault::{CircleTerms, TaskCount, TaskQuery};
use cairn_core::view::RecordView;
use cairn_core::wire::id::RecordId;
use cairn_core::wire::roster::Role;
use cairn_core::{Error, Vault};
use cairn_tests::dice::{Dice, size};
use cairn_tests::ground::Ground;
use cairn_tests::sample;

const TODAY: &str = "2026-11-23";

type Edits = BTreeMap<String, Option<Answer>>;

/// A task as a test compares it: record, key, what, due, who, done.
type Seen = (RecordId, String, String, Option<String>, Option<String>, bool);

/// Every task that a vault lists, in its order, page by page.
fn listed(vault: &Vault, done: bool, before: Option<&str>) -> Vec<Seen> {
    let mut query = TaskQuery { done, before: before.map(str::to_owned), most: 3, ..TaskQuery::default() };
    let mut all = Vec::new();
    loop {
        let page = vault.tasks(&query).unwrap();
        query.after = page.last().map(cairn_core::store::TaskRow::place);
        let is_last = page.len() < 3;
        all.extend(page.into_iter().map(|row| {
            let task = row.task;
            (row.record, task.key, task.what, task.due, task.who, task.is_done)
        }));
        if is_last {
            return all;
        }
    }
}

/// The same, made from every document.
fn worked_out(vault: &Vault) -> BTreeSet<Seen> {
    let mut all = BTreeSet::new();
    let each = |view: RecordView| {
        all.extend(tasks_of(&view));
        Ok(())
    };
    vault.every_record(each, |record, error| panic!("{record}: {error}")).unwrap();
    all
}

fn tasks_of(view: &RecordView) -> Vec<Seen> {
    let text = |name: &str, id: &str| match view.answers.get(&field(name, &[id])) {
        Some(Answer::Text(text)) if !text.is_empty() => Some(text.clone()),
        _ => None,
    };
    let rivals = |key: &str| {
        let conflict = view.conflicts.iter().find(|conflict| conflict.field == key);
        conflict.map(|one| one.values.iter().map(|(answer, _)| answer.clone()).collect::<Vec<_>>())
    };
    let rows = view.answers.keys().map(|key| split(key)).filter(|key| key.is_row && key.name == "to_do");
    let task = |place: cairn_core::form::field::Field<'_>| {
        let id = place.rows[0];
        let key = field("done", &[id]);
        let days = rivals(&field("due", &[id])).unwrap_or_default().into_iter().flatten();
        let days = days.filter_map(|day| if let Answer::Text(day) = day { Some(day) } else { None });
        let due = days.chain(text("due", id)).min();
        let told = rivals(&field("what", &[id])).unwrap_or_default().into_iter().flatten();
        let told = told.filter_map(|what| if let Answer::Text(what) = what { Some(what) } else { None });
        let what = text("what", id).or(told.into_iter().find(|what| !what.is_empty()));
        let is_done = text("done", id).as_deref() == Some("yes") && rivals(&key).is_none();
        (what.is_some() || due.is_some())
            .then(|| (view.id, key, what.unwrap_or_default(), due, text("by", id), is_done))
    };
    rows.filter_map(task).collect()
}

/// What is listed is what the documents say, neither more nor less, in the order of days, and counted right.
fn agrees(vault: &Vault, about: &str) -> usize {
    let (open, done) = (listed(vault, false, None), listed(vault, true, None));
    let all: BTreeSet<Seen> = open.iter().chain(&done).cloned().collect();
    assert_eq!(all.len(), open.len() + done.len(), "{about}: none twice");
    assert_eq!(all, worked_out(vault), "{about}");
    for list in [&open, &done] {
        let days: Vec<_> = list.iter().map(|task| (task.3.is_none(), task.3.clone())).collect();
        assert!(days.is_sorted(), "{about}: {days:?}");
    }
    let overdue: Vec<Seen> =
        open.iter().filter(|task| task.3.as_deref().is_some_and(|due| due < TODAY)).cloned().collect();
    assert_eq!(listed(vault, false, Some(TODAY)), overdue, "{about}");
    let count = TaskCount { open: open.len() as u64, overdue: overdue.len() as u64 };
    assert_eq!(vault.count_tasks(TODAY).unwrap(), count, "{about}");
    all.len()
}

/// A row with one task.
fn task(id: &str, what: &str, due: Option<&str>) -> Edits {
    let mut edits = Edits::from([(row("to_do", &[id]), Some(Answer::Row))]);
    edits.insert(field("what", &[id]), Some(sample::text(what)));
    edits.extend(due.map(|due| (field("due", &[id]), Some(sample::text(due)))));
    edits
}

fn id(number: u64) -> String {
    next_row_id(None, number << 16)
}

struct Scene {
    ground: Ground,
    office: Vault,
    phone: Vault,
    dice: Dice,
}

impl Scene {
    fn new(part: Part) -> Self {
        let ground = Ground::new();
        let mut office = ground.office("office");
        office.publish_form(&sample::tasks(part)).unwrap();
        ground.sync(&mut office);
        let phone = ground.member(&mut office, "phone", Role::Field);
        Self { ground, office, phone, dice: Dice::new(7) }
    }

    /// A record of the office with these tasks.
    fn record(&mut self, tasks: &[(u64, &str, Option<&str>)]) -> RecordId {
        let record = self.office.new_record("tasks", sample::answers("Mira", &mut self.dice)).unwrap();
        for (number, what, due) in tasks {
            self.office.edit_record(&record, &task(&id(*number), what, *due)).unwrap();
        }
        record
    }

    fn level(&mut self) {
        for _ in 0..2 {
            self.ground.sync(&mut self.office);
            self.ground.sync(&mut self.phone);
        }
        agrees(&self.office, "office");
        agrees(&self.phone, "phone");
        // Of one day, each lists those of the records first that it had first.
        assert_eq!(worked_out(&self.office), worked_out(&self.phone));
    }
}

fn whats(vault: &Vault, done: bool) -> Vec<String> {
    listed(vault, done, None).into_iter().map(|task| task.2).collect()
}

#[test]
fn what_the_office_asks_for_is_seen_on_the_phone_and_ticked_off_without_a_network() {
    let mut scene = Scene::new(Part::Case);
    let record = scene.record(&[
        (1, "Fetch the papers", None),
        (2, "See a doctor", Some("2026-12-01")),
        (3, "Call her back", Some("2026-11-20")),
    ]);
    scene.level();
    assert_eq!(whats(&scene.phone, false), ["Call her back", "See a doctor", "Fetch the papers"]);
    assert_eq!(scene.phone.count_tasks(TODAY).unwrap(), TaskCount { open: 3, overdue: 1 });
    assert_eq!(scene.phone.count_tasks("2026-11-20").unwrap().overdue, 0, "on its day it is not overdue");
    let key = field("done", &[&id(3)]);
    scene.ground.stop();
    assert!(scene.phone.finish_task(&record, &key).unwrap());
    assert!(!scene.phone.finish_task(&record, &key).unwrap(), "once");
    assert_eq!(whats(&scene.phone, true), ["Call her back"]);
    assert_eq!(scene.phone.count_tasks(TODAY).unwrap(), TaskCount { open: 2, overdue: 0 });
    scene.ground.start();
    scene.level();
    assert_eq!(whats(&scene.office, false), ["See a doctor", "Fetch the papers"]);
    // A mistake is taken back like any other.
    scene.office.undo(&record, &key, cairn_core::change::Lower::Refused).unwrap();
    scene.level();
    assert_eq!(scene.phone.count_tasks(TODAY).unwrap(), TaskCount { open: 3, overdue: 1 });
}

#[test]
fn a_tick_and_an_edit_at_the_same_time_both_count_and_two_opinions_leave_it_open() {
    let mut scene = Scene::new(Part::Case);
    let record = scene.record(&[(1, "Call her back", Some("2026-11-20")), (2, "See a doctor", None)]);
    scene.level();
    let [one, two] = [1, 2].map(|number| field("done", &[&id(number)]));
    scene.phone.finish_task(&record, &one).unwrap();
    scene.phone.finish_task(&record, &two).unwrap();
    let moved = sample::edit(&field("due", &[&id(1)]), sample::text("2026-11-30"));
    scene.office.edit_record(&record, &moved).unwrap();
    scene.office.edit_record(&record, &sample::edit(&two, sample::text("no"))).unwrap();
    scene.level();
    let done = listed(&scene.office, true, None);
    assert_eq!(done.len(), 1);
    assert_eq!((done[0].2.as_str(), done[0].3.as_deref()), ("Call her back", Some("2026-11-30")));
    assert_eq!(whats(&scene.phone, false), ["See a doctor"], "done and not done is not done");
    // Ticking it off again is a third opinion that knows both.
    assert!(scene.phone.finish_task(&record, &two).unwrap());
    scene.level();
    assert_eq!(whats(&scene.office, false), [""; 0]);
    // Of two days the earlier counts until somebody settles it.
    for (vault, day) in [(&mut scene.office, "2026-12-05"), (&mut scene.phone, "2026-11-21")] {
        let mut edits = sample::edit(&field("due", &[&id(1)]), sample::text(day));
        edits.insert(one.clone(), Some(Answer::Missing(Missing::Unknown)));
        vault.edit_record(&record, &edits).unwrap();
    }
    scene.level();
    let open = listed(&scene.phone, false, None);
    assert_eq!((open.len(), open[0].3.as_deref()), (1, Some("2026-11-21")));
}

/// Whichever of the two wins.
#[test]
fn a_task_that_one_empties_while_another_rewrites_it_stays_open_until_that_is_settled() {
    let mut scene = Scene::new(Part::Case);
    let record = scene.record(&[(1, "Call her back", None), (2, "See a doctor", None)]);
    scene.level();
    let [one, two] = [1, 2].map(|number| field("what", &[&id(number)]));
    let emptied = |key: &String| Edits::from([(key.clone(), None)]);
    scene.office.edit_record(&record, &emptied(&one)).unwrap();
    scene.office.edit_record(&record, &sample::edit(&two, sample::text("See a dentist"))).unwrap();
    scene.phone.edit_record(&record, &sample::edit(&one, sample::text("Call her mother"))).unwrap();
    scene.phone.edit_record(&record, &emptied(&two)).unwrap();
    scene.level();
    let shown = scene.office.record(&record).unwrap().answers;
    let empty = [&one, &two].into_iter().filter(|key| !shown.contains_key(*key)).count();
    assert_eq!(empty, 1, "control: what is shown is empty in one of them");
    for vault in [&scene.office, &scene.phone] {
        let open: BTreeSet<String> = whats(vault, false).into_iter().collect();
        assert_eq!(open, ["Call her mother", "See a dentist"].map(str::to_owned).into());
    }
    scene.office.settle(&record, &one, None).unwrap();
    scene.level();
    assert_eq!(whats(&scene.phone, false), ["See a dentist"], "who settles it takes it away");
}

#[test]
fn what_is_gone_is_no_task_and_cannot_be_ticked_off() {
    let mut scene = Scene::new(Part::Case);
    let record = scene.record(&[(1, "Call her back", None), (2, "See a doctor", None)]);
    let other = scene.record(&[(3, "Fetch the papers", None)]);
    scene.level();
    let keys = [1, 2, 3].map(|number| field("done", &[&id(number)]));
    let gone = BTreeMap::from([(row("to_do", &[&id(1)]), None)]);
    scene.office.edit_record(&record, &gone).unwrap();
    let missing =
        |tried: Result<bool, Error>| assert!(matches!(tried, Err(Error::NotFound { .. })), "{tried:?}");
    missing(scene.office.finish_task(&record, &keys[0]));
    missing(scene.office.finish_task(&record, &keys[2]));
    missing(scene.office.finish_task(&record, &field("what", &[&id(2)])));
    missing(scene.office.finish_task(&record, "name"));
    assert!(matches!(scene.office.count_tasks("tomorrow"), Err(Error::Invalid(_))));
    scene.level();
    assert_eq!(whats(&scene.phone, false), ["See a doctor", "Fetch the papers"]);
    scene.office.erase_records(&scene.ground.transport(), &[record], "Consent withdrawn", |_| {}).unwrap();
    scene.level();
    assert_eq!(whats(&scene.phone, false), ["Fetch the papers"]);
    missing(scene.phone.finish_task(&record, &keys[1]));
    assert!(scene.phone.finish_task(&other, &keys[2]).unwrap(), "control");
}

#[test]
fn who_may_not_see_a_part_has_none_of_its_tasks_and_who_only_reads_ticks_nothing_off() {
    let mut scene = Scene::new(Part::Health);
    let terms =
        CircleTerms { name: "clinic".to_owned(), parts: [Part::Health].into(), ..CircleTerms::default() };
    let clinic = scene.office.new_circle(&scene.ground.transport(), &terms).unwrap();
    let mut reader = scene.ground.member(&mut scene.office, "reader", Role::Reader);
    assert!(scene.office.grant(&scene.ground.transport(), &reader.device(), &clinic).unwrap());
    scene.ground.sync(&mut scene.phone);
    let record = scene.record(&[(1, "See a doctor", Some("2026-11-20"))]);
    for vault in [&mut scene.office, &mut scene.phone, &mut reader] {
        scene.ground.sync(vault);
    }
    let key = field("done", &[&id(1)]);
    assert!(scene.phone.record(&record).is_ok(), "control: the phone has the case");
    assert_eq!(agrees(&scene.phone, "phone"), 0);
    assert!(matches!(scene.phone.finish_task(&record, &key), Err(Error::NotFound { .. })));
    assert_eq!(whats(&reader, false), ["See a doctor"]);
    assert!(matches!(reader.finish_task(&record, &key), Err(Error::NotAllowed { .. })));
    assert_eq!(agrees(&reader, "reader"), 1);
    assert!(scene.office.finish_task(&record, &key).unwrap(), "control");
}

/// One thing that somebody does at random.
fn act(vault: &mut Vault, records: &mut Vec<RecordId>, rows: &mut Vec<(RecordId, String)>, dice: &mut Dice) {
    let days = [None, Some("2026-11-20"), Some("2026-11-23"), Some("2026-12-24")];
    if records.is_empty() || dice.once_in(8) {
        records.push(vault.new_record("tasks", sample::answers("Mira", dice)).unwrap());
    }
    let record = *dice.pick(records);
    if vault.record(&record).is_err() {
        return;
    }
    let place = (!rows.is_empty()).then(|| dice.pick(rows).clone());
    let (record, id) = match place {
        Some(place) if !dice.once_in(3) => place,
        _ => {
            let id = next_row_id(None, dice.bits());
            rows.push((record, id.clone()));
            (record, id)
        }
    };
    let key = |name: &str| field(name, &[&id]);
    let answer = |name: &str, answer: Option<Answer>| Edits::from([(key(name), answer)]);
    // What was meanwhile erased, taken away or never arrived is refused; that is no failure here.
    let _ = match dice.below(9) {
        0 => vault.edit_record(&record, &Edits::from([(row("to_do", &[&id]), None)])),
        1 => vault.edit_record(&record, &answer("due", dice.pick(&days).map(sample::text))),
        2 => vault.edit_record(&record, &answer("done", Some(Answer::Missing(Missing::Declined)))),
        3 => vault.edit_record(&record, &answer("done", Some(sample::text("no")))),
        4 => vault.undo(&record, &key("done"), cairn_core::change::Lower::Refused).map(|done| done.is_some()),
        5 => vault.conflicts(1).and_then(|all| match all.first() {
            Some(one) => vault.settle(&one.record, &one.field, one.values[0].0.clone()).map(|()| true),
            None => Ok(false),
        }),
        6 => vault.finish_task(&record, &key("done")),
        _ => vault.edit_record(&record, &task(&id, &format!("Task {}", dice.below(100)), *dice.pick(&days))),
    };
}

#[test]
fn whatever_happens_the_list_is_what_the_documents_say() {
    let (seed, mut dice) = Dice::from_env(3);
    let mut scene = Scene::new(Part::Case);
    let (mut records, mut rows, mut most) = (Vec::new(), Vec::new(), 0);
    for step in 0..size("CAIRN_STEPS", 60) {
        let about = format!("seed {seed} step {step}");
        let office = dice.once_in(2);
        let vault = if office { &mut scene.office } else { &mut scene.phone };
        match dice.below(12) {
            0 | 1 => drop(scene.ground.sync(vault)),
            2 if office && !records.is_empty() => {
                let record = *dice.pick(&records);
                // One that is still on the phone only is not erased.
                let _ = vault.erase_records(&scene.ground.transport(), &[record], "asked for it", |_| {});
            }
            _ => act(vault, &mut records, &mut rows, &mut dice),
        }
        most = most.max(agrees(vault, &about));
    }
    scene.level();
    assert!(most > 2, "control: much was to be done: {most}");
    let record = scene.record(&[(1, "Call her back", None)]);
    scene.level();
    let key = field("done", &[&id(1)]);
    scene.office.edit_record(&record, &sample::edit(&key, sample::text("no"))).unwrap();
    scene.phone.finish_task(&record, &key).unwrap();
    scene.level();
    let unsettled = scene.phone.conflicts(100).unwrap();
    assert!(unsettled.iter().any(|one| one.field == key), "control: people disagree about some of it");
    // Who comes later gets it from a pack.
    scene.office.make_packs(&scene.ground.transport(), |_| {}).unwrap();
    scene.ground.sync(&mut scene.phone);
    let mut newcomer = scene.ground.member(&mut scene.office, "newcomer", Role::Field);
    scene.ground.sync(&mut newcomer);
    assert_eq!(agrees(&newcomer, "newcomer"), agrees(&scene.office, "office"));
}
