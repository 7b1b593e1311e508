//! G3: what is rescued and may not be what was written last says so, and one lost page takes nothing else with it.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests may be blunt: a panic there is the report"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use cairn_core::Vault;
use cairn_core::form::{Answer, Apart, Form, Kind, Question, Sheet};
use cairn_core::vault::{Machine, Rescued};
use cairn_core::wire::id::RecordId;
use cairn_tests::dice::Dice;
use cairn_tests::fork::copy_folder;
use cairn_tests::ground::{Ground, PASSPHRASE};
use cairn_tests::sample;

const PAGE: usize = 4096;
const FRAME: usize = 24 + PAGE;
const TABLE_LEAF: u8 = 0x0d;
const RECORDS: u64 = 24;

/// Does something with what is rescued of the folder.
fn rescued<T>(folder: &Path, and: impl FnOnce(&Rescued) -> T) -> T {
    let work = tempfile::tempdir().unwrap();
    let rescued = Vault::rescue(folder, PASSPHRASE, &Machine::default(), work.path()).unwrap();
    and(&rescued)
}

/// What stands in the field `name` of each record.
fn names(rescued: &Rescued) -> BTreeMap<RecordId, String> {
    let mut names = BTreeMap::new();
    let each = |view: cairn_core::view::RecordView| {
        let Some(Answer::Text(name)) = view.answers.get("name") else { panic!("{view:?}") };
        assert!(names.insert(view.id, name.clone()).is_none(), "a record comes once");
        Ok(())
    };
    rescued.vault.every_record(each, |_, _| {}).unwrap();
    names
}

/// Fills with zeros each page of the database that `is_it` of its plain octets says.
fn lose(folder: &Path, plain: &[u8], is_it: impl Fn(&[u8]) -> bool) -> usize {
    let path = folder.join("vault.db");
    let mut bytes = fs::read(&path).unwrap();
    let mut lost = 0;
    for (page, plain) in bytes.chunks_mut(PAGE).zip(plain.chunks(PAGE)).skip(1) {
        if is_it(plain) {
            page.fill(0);
            lost += 1;
        }
    }
    fs::write(&path, bytes).unwrap();
    lost
}

fn holds(page: &[u8], what: &[u8]) -> bool {
    page.windows(what.len()).any(|window| window == what)
}

/// Every record is changed after the vault was opened, so that what it says now lies in the log only.
#[test]
fn an_older_answer_never_stands_unmarked_when_the_log_is_damaged() {
    let ground = Ground::new();
    let mut office = ground.office("office");
    office.publish_form(&sample::form()).unwrap();
    let mut ids = Vec::new();
    for number in 0..RECORDS {
        let answers = sample::answers(&format!("Before {number}"), &mut Dice::new(number));
        ids.push(office.new_record("sample", answers).unwrap());
    }
    office.lock().unwrap();
    let mut office = ground.reopen("office");
    for (number, id) in ids.iter().enumerate() {
        office.edit_record(id, &sample::edit("name", sample::text(&format!("After {number}")))).unwrap();
    }
    let whole = tempfile::tempdir().unwrap();
    copy_folder(&ground.folder("office"), whole.path());
    let log = fs::read(whole.path().join("vault.db-wal")).unwrap();
    rescued(whole.path(), |rescued| {
        let names = names(rescued);
        assert_eq!(names.len(), ids.len());
        assert!(names.values().all(|name| name.starts_with("After")), "control: a whole log says the newest");
        assert!(rescued.rescue.older_records.is_empty(), "control: nothing is marked without a reason");
    });
    let (seed, mut dice) = Dice::from_env(72);
    let number = |frame: usize| &log[32 + frame * FRAME..][..4];
    let frames = (log.len() - 32) / FRAME;
    // Damage behind which the same page comes once more does no harm. The very last frame, if nothing of it is left,
    // cannot be told from one that a power cut kept from being written.
    let newest = (0..frames - 1).filter(|one| (one + 1..frames).all(|later| number(later) != number(*one)));
    let cases: Vec<(usize, usize)> = newest.flat_map(|frame| (0..4).map(move |how| (frame, how))).collect();
    let (mut old, mut new) = (0, 0);
    for (case, how) in &cases {
        let mut bytes = log.clone();
        let frame = 32 + case * FRAME;
        match how {
            // In the page.
            0 => bytes[frame + 24 + dice.below(PAGE)] ^= 1 << dice.below(8),
            // In the number of the page, which can be found again.
            1 => bytes[frame + dice.below(4)] ^= 1 << dice.below(8),
            // In what says that the frame is of this log, and in the page.
            2 => {
                bytes[frame + 8 + dice.below(8)] ^= 1 << dice.below(8);
                bytes[frame + 24 + dice.below(PAGE)] ^= 1;
            }
            _ => bytes[frame..frame + FRAME].fill(0),
        }
        let folder = tempfile::tempdir().unwrap();
        copy_folder(whole.path(), folder.path());
        fs::write(folder.path().join("vault.db-wal"), bytes).unwrap();
        rescued(folder.path(), |rescued| {
            for (id, name) in names(rescued) {
                let at = ids.iter().position(|one| *one == id).unwrap();
                if name == format!("Before {at}") {
                    old += 1;
                    let marked = rescued.rescue.older_records.contains(&id);
                    assert!(
                        marked && *how != 1,
                        "seed {seed} case {case} {how}: {name} stands as if it were the newest"
                    );
                } else {
                    assert_eq!(name, format!("After {at}"), "seed {seed} case {case} {how}: never another's");
                    new += 1;
                }
            }
        });
    }
    println!("{} cases, {frames} frames: older and marked {old}, newest {new}", cases.len());
    assert!(old > 0 && new > 0, "control: there were both: {old}, {new}");
}

/// A form with a list that rests apart.
fn towns() -> Form {
    let rows = 3000;
    let cell = |row: usize, column: usize| format!("{}{row:06}", ["t", "Town "][column]);
    let cells: Vec<[String; 2]> = (0..rows).map(|row| [cell(row, 0), cell(row, 1)]).collect();
    let columns = ["name", "label"].map(str::to_owned).to_vec();
    let sheet = Sheet::new(columns, rows, |row, column| &cells[row][column]).unwrap();
    let mut form = Form::new("towns", "1");
    form.questions =
        vec![Question::new("name", Kind::Text), Question::new("town", Kind::SelectOne("towns".to_owned()))];
    form.apart.insert("towns".to_owned(), Apart::new(sheet, true).unwrap());
    form
}

#[test]
fn a_lost_list_of_a_form_takes_no_record_and_no_draft_with_it() {
    let ground = Ground::new();
    let mut office = ground.office("office");
    let form = towns();
    office.publish_form(&form).unwrap();
    let answers = BTreeMap::from([
        ("name".to_owned(), sample::text("Zq7Resident")),
        ("town".to_owned(), sample::text("t000007")),
    ]);
    office.new_record("towns", answers.clone()).unwrap();
    let draft = office.begin_draft("towns", None).unwrap();
    office.answer_draft(draft, &sample::edit("name", sample::text("A draft"))).unwrap();
    office.lock().unwrap();
    let mut office = ground.reopen("office");
    let plain = office.rehearse_pages().unwrap();
    office.lock().unwrap();
    let piece = form.pieces().next().unwrap();
    let folder = ground.folder("office");
    rescued(&folder, |rescued| assert!(rescued.rescue.lists_lost.is_empty(), "control: nothing is lost"));
    let lost = lose(&folder, &plain, |page| page[0] == TABLE_LEAF && holds(page, &piece.0));
    assert!(lost > 0, "control: the list was there");
    rescued(&folder, |rescued| {
        let rescue = &rescued.rescue;
        assert_eq!(rescue.lists_lost, [("towns".to_owned(), "1".to_owned())]);
        assert_eq!(names(rescued).into_values().collect::<Vec<_>>(), ["Zq7Resident"]);
        let form = &rescued.vault.form("towns").unwrap().form;
        assert!(form.apart["towns"].sheet().is_none(), "nothing is said to be the list that is not");
        assert_eq!((rescued.drafts.len(), rescued.loose.len()), (1, 0));
        assert_eq!(rescued.drafts[0].given["name"], Some(sample::text("A draft")));
    });
}

#[test]
fn answers_of_a_draft_that_is_lost_are_rescued_all_the_same() {
    let ground = Ground::new();
    let mut office = ground.office("office");
    office.publish_form(&sample::form()).unwrap();
    office.lock().unwrap();
    let mut office = ground.reopen("office");
    let before = office.rehearse_pages().unwrap();
    let draft = office.begin_draft("sample", None).unwrap();
    office.answer_draft(draft, &sample::edit("name", sample::text("Zq7Begun"))).unwrap();
    office.lock().unwrap();
    let mut office = ground.reopen("office");
    let plain = office.rehearse_pages().unwrap();
    office.lock().unwrap();
    let folder = ground.folder("office");
    rescued(&folder, |rescued| assert_eq!((rescued.drafts.len(), rescued.loose.len()), (1, 0), "control"));
    // The page of the draft itself: it names the form and was not so before.
    let old: Vec<&[u8]> = before.chunks(PAGE).collect();
    let lost = lose(&folder, &plain, |page| {
        page[0] == TABLE_LEAF && page.len() == PAGE && holds(page, b"sample1") && !old.contains(&page)
    });
    assert_eq!(lost, 1, "control: there is one such page");
    rescued(&folder, |rescued| {
        assert_eq!((rescued.drafts.len(), rescued.loose.len()), (0, 1), "{:?}", rescued.rescue);
        let loose = &rescued.loose[0];
        assert_eq!((loose.number, &loose.given["name"]), (draft, &Some(sample::text("Zq7Begun"))));
        assert!(rescued.rescue.damaged > 0);
    });
}
