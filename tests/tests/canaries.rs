//! G1, G11: what people write is in no file, in no guise, at no moment: neither on the device nor on the
//! server, which keeps no member's name, no address and no user agent either.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests may be blunt: a panic there is the report"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use cairn_core::change::Lower;
use cairn_core::clock::SystemClock;
use cairn_core::form::{Answer, Answers, Choice, Form, Group, Kind, Question, TaskRole, Translations};
use cairn_core::vault::{InviteTerms, Machine, NewFile, Query, Reader};
use cairn_core::wire::roster::Role;
use cairn_core::{Error, Vault};
use cairn_tests::canary::{GUISES, Guise, Search, base64, files};
use cairn_tests::ground::Ground;
use cairn_tests::sample;
use rusqlite::Connection;

const PASSPHRASE: &str = "Zq7 Passphrase Canary Xw";
const OFFICE: &str = "Zq7OfficeNameXw";
const FIELD: &str = "Zq7FieldNameXw";

/// One canary for each kind of answer that can hold one, by the question's name (a canary itself).
fn answers() -> Answers {
    let text = |text: &str| Answer::Text(text.to_owned());
    let choices = BTreeSet::from(["zq7pickmanyonexw".to_owned(), "zq7pickmanytwoxw".to_owned()]);
    Answers::from([
        ("Zq7AskTextXw".to_owned(), text("Zq7 Short Text Xw")),
        ("Zq7AskNarrativeXw".to_owned(), Answer::Narrative("Zq7LongStoryXw and Zq7LastWordXw".to_owned())),
        ("Zq7AskIntegerXw".to_owned(), Answer::Integer(739_182_645_918_273)),
        ("Zq7AskDecimalXw".to_owned(), Answer::Decimal(7_391.826_459_182)),
        ("Zq7AskDateXw".to_owned(), text("1871-11-23")),
        ("Zq7AskTimeXw".to_owned(), text("23:47:51.387")),
        ("Zq7AskDateTimeXw".to_owned(), text("1872-10-24T22:46:52.386Z")),
        ("Zq7AskOneXw".to_owned(), text("zq7pickonexw")),
        ("Zq7AskManyXw".to_owned(), Answer::Choices(choices)),
        ("Zq7AskPlaceXw".to_owned(), text("-47.381926 163.927415 0 0")),
        ("Zq7AskBarcodeXw".to_owned(), text("Zq7BarcodeXw")),
    ])
}

fn form() -> Form {
    let label = |text: &str| Translations::from([(String::new(), text.to_owned())]);
    let kinds = [
        ("Zq7AskTextXw", Kind::Text),
        ("Zq7AskNarrativeXw", Kind::Narrative),
        ("Zq7AskIntegerXw", Kind::Integer),
        ("Zq7AskDecimalXw", Kind::Decimal),
        ("Zq7AskDateXw", Kind::Date),
        ("Zq7AskTimeXw", Kind::Time),
        ("Zq7AskDateTimeXw", Kind::DateTime),
        ("Zq7AskOneXw", Kind::SelectOne("zq7listonexw".to_owned())),
        ("Zq7AskManyXw", Kind::SelectMultiple("zq7listmanyxw".to_owned())),
        ("Zq7AskPlaceXw", Kind::Geopoint),
        ("Zq7AskBarcodeXw", Kind::Barcode),
        ("Zq7AskPhotoXw", Kind::Image),
        ("Zq7AskNothingXw", Kind::Note),
        ("Zq7AskConstantXw", Kind::Calculate),
    ];
    let tasks =
        [("Zq7AskTextXw", TaskRole::What), ("Zq7AskDateXw", TaskRole::Due), ("Zq7AskOneXw", TaskRole::Done)];
    let questions = kinds.into_iter().map(|(name, kind)| Question {
        constant: (kind == Kind::Calculate).then(|| "Zq7ConstantXw".to_owned()),
        label: label(&format!("{name}LabelXw")),
        hint: label("Zq7HintXw"),
        group: Some(0),
        task: tasks.iter().find(|(says, _)| *says == name).map(|(_, role)| *role),
        ..Question::new(name, kind)
    });
    let list = |names: &[&str]| -> Vec<Choice> {
        names.iter().map(|name| Choice::new(name, &format!("{name}LabelXw"))).collect()
    };
    Form {
        title: label("Zq7 Form Title Xw"),
        groups: vec![Group { label: label("Zq7GroupLabelXw"), ..Group::new("Zq7GroupXw") }],
        questions: questions.collect(),
        lists: BTreeMap::from([
            ("zq7listonexw".to_owned(), list(&["zq7pickonexw", "zq7pickotherxw", "yes"])),
            ("zq7listmanyxw".to_owned(), list(&["zq7pickmanyonexw", "zq7pickmanytwoxw"])),
        ]),
        ..Form::new("zq7formxw", "1")
    }
}

/// Every word that must be found nowhere.
fn canaries() -> Vec<String> {
    let mut words: Vec<String> = [
        PASSPHRASE,
        OFFICE,
        FIELD,
        "zq7formxw",
        "Zq7 Form Title Xw",
        "Zq7HintXw",
        "Zq7GroupXw",
        "Zq7GroupLabelXw",
        "Zq7ConstantXw",
        "Zq7AskNothingXw",
        "Zq7AskTextXwLabelXw",
        "zq7pickonexwLabelXw",
        "zq7listonexw",
        "zq7listmanyxw",
        "Zq7LongStoryXw",
        "Zq7LastWordXw",
        "Zq7EditedXw",
        "Zq7OtherEditXw",
        "Zq7DraftedXw",
        "Zq7DraftedAnewXw",
        "Zq7AskPhotoXw",
        "Zq7PhotoNameXw",
        "Zq7InThePhotoXw",
        // What an index makes of answers of several words.
        "Record 7-",
        "Synthetic story",
    ]
    .map(str::to_owned)
    .to_vec();
    for (question, answer) in answers() {
        words.push(question);
        match answer {
            Answer::Text(text) => words.push(text),
            Answer::Narrative(_) => {}
            Answer::Integer(number) => words.push(number.to_string()),
            Answer::Decimal(number) => words.push(number.to_string()),
            Answer::Choices(chosen) => words.extend(chosen),
            Answer::Log(entries) => words.extend(entries.into_iter().map(|entry| entry.text)),
            Answer::Missing(_) | Answer::File(_) | Answer::Row => {}
        }
    }
    words
}

/// Numbers also as the eight octets a machine would store.
fn binary_numbers() -> Vec<Vec<u8>> {
    let (integer, decimal) = (739_182_645_918_273_i64, 7_391.826_459_182_f64);
    vec![
        integer.to_le_bytes().to_vec(),
        integer.to_be_bytes().to_vec(),
        decimal.to_le_bytes().to_vec(),
        decimal.to_be_bytes().to_vec(),
    ]
}

struct Watch {
    search: Search,
}

impl Watch {
    fn new() -> Self {
        Self { search: Search::new(canaries().iter().map(String::as_str)) }
    }

    fn nothing_in(&self, folder: &Path, moment: &str) {
        let found = self.search.folder(folder);
        assert!(found.is_empty(), "{moment}: {found:#?}");
        for file in files(folder) {
            let bytes = fs::read(&file).unwrap_or_default();
            for number in binary_numbers() {
                let seen = bytes.windows(number.len()).any(|window| window == number);
                assert!(!seen, "{moment}: a number in {}", file.display());
            }
        }
    }
}

#[test]
fn no_canary_is_found_on_the_device_or_on_the_server() {
    let watch = Watch::new();
    let mut ground = Ground::new();
    let new =
        |name: &str| Vault::create_with(&ground.folder(name), PASSPHRASE, Arc::new(SystemClock)).unwrap();
    let (mut office, mut field) = (new("office"), new("field"));
    watch.nothing_in(ground.path(), "new");
    let planted = ground.folder("field").join("second").join("planted");
    fs::write(&planted, FIELD).unwrap();
    let found = watch.search.folder(ground.path());
    assert!(found.iter().any(|(_, _, guise)| *guise == Guise::Raw), "control: every folder is searched");
    fs::remove_file(planted).unwrap();
    office.found(&ground.address(), OFFICE).unwrap();
    ground.sync(&mut office);
    office.publish_form(&form()).unwrap();
    office.publish_form(&sample::form()).unwrap();
    let invitation = office.invite(&InviteTerms { role: Role::Field, hours: 1 }).unwrap();
    field.accept(&invitation.to_text(), FIELD).unwrap();
    assert!(matches!(field.sync(&ground.transport(), |_| {}), Err(Error::Waiting)));
    ground.sync(&mut office);
    ground.sync(&mut field);
    let edit = |word: &str| sample::edit("Zq7AskTextXw", sample::text(word));
    let record = field.new_record("zq7formxw", answers()).unwrap();
    let draft = field.begin_draft("zq7formxw", None).unwrap();
    field.answer_draft(draft, &edit("Zq7DraftedXw")).unwrap();
    field.answer_draft(draft, &edit("Zq7DraftedAnewXw")).unwrap();
    let photo = |vault: &mut Vault, draft| {
        let content = "Zq7InThePhotoXw ".repeat(6_000).into_bytes();
        let file = NewFile { name: "Zq7PhotoNameXw.jpg", media_type: "image/jpeg", content: &content };
        let reader = Reader { language: String::new(), offset: 0, begun: true };
        vault.attach(draft, &reader, "Zq7AskPhotoXw", &file, |_, _| Ok(())).unwrap();
    };
    photo(&mut field, draft);
    let change = field.begin_draft_of(&record).unwrap();
    photo(&mut field, change);
    field.finish_draft(change, Lower::Refused).unwrap();
    watch.nothing_in(ground.path(), "open, saved, not sent, and a draft with a photo");
    ground.sync(&mut field);
    ground.sync(&mut office);
    office.edit_record(&record, &edit("Zq7EditedXw")).unwrap();
    field.edit_record(&record, &edit("Zq7OtherEditXw")).unwrap();
    for _ in 0..2 {
        ground.sync(&mut office);
        ground.sync(&mut field);
    }
    let file = office.file_of(&record, "Zq7AskPhotoXw").unwrap();
    office.fetch_attachment(&ground.transport(), &file, |_| {}).unwrap();
    assert!(office.read_attachment(&file).unwrap().starts_with(b"Zq7InThePhotoXw"), "control: it travelled");
    assert_eq!(field.conflicts(10).unwrap().len(), 1, "a conflict rests there too");
    assert_eq!(field.drafts().unwrap().len(), 1, "and a draft");
    let found =
        field.list(&Query { words: "zq7longstory".to_owned(), most: 10, ..Query::default() }).unwrap();
    assert_eq!(found.len(), 1, "control: the index works");
    assert_eq!(field.count_tasks("2026-11-23").unwrap().overdue, 1, "control: a task is listed");
    watch.nothing_in(ground.path(), "open and level");

    // A full disk.
    field.limit_pages(1).unwrap();
    let full = (0..200).find_map(|_| field.new_record("zq7formxw", answers()).err());
    assert!(matches!(full, Some(Error::Full)), "{full:?}");
    watch.nothing_in(ground.path(), "after a full disk");
    field.lock().unwrap();
    office.lock().unwrap();
    watch.nothing_in(ground.path(), "closed");

    // Killed in the middle of work, with a folder of its own for temporary files.
    let temporary = ground.path().join("tmp");
    fs::create_dir(&temporary).unwrap();
    let mut worker = Command::new(env!("CARGO_BIN_EXE_worker"))
        .arg(ground.folder("field"))
        .args([PASSPHRASE, "honest", "7"])
        .env("TMPDIR", &temporary)
        .env("SQLITE_TMPDIR", &temporary)
        .stderr(fs::File::create(ground.path().join("complaints")).unwrap())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(worker.stdout.take().unwrap()).lines();
    let told: Vec<String> = lines.take(25).map(Result::unwrap).collect();
    watch.nothing_in(ground.path(), "while another program works");
    worker.kill().unwrap();
    worker.wait().unwrap();
    assert!(told[0].starts_with("Record 7-"), "control: it worked with canaries");
    watch.nothing_in(ground.path(), "after it was killed");
    assert!(files(&temporary).is_empty(), "nothing is left among temporary files");

    ground.stop();
    let log = fs::metadata(ground.data().join("log.db")).unwrap().len();
    assert!(log > 10_000, "control: the server kept something");
    watch.nothing_in(ground.path(), "when everything has stopped");
    // Every device came from here, over this library.
    let strangers = Search::new(["127.0.0.1", "reqwest", "hyper/", "user-agent"]);
    assert_eq!(strangers.folder(&ground.data()), [], "no address and no user agent");
    fs::write(temporary.join("noted"), "from 127.0.0.1 by reqwest").unwrap();
    let noted: BTreeSet<_> = strangers.folder(&temporary).into_iter().map(|(_, word, _)| word).collect();
    assert_eq!(noted.len(), 2, "control: the search finds them");
    fs::remove_file(temporary.join("noted")).unwrap();
    // What a rescue lays aside while it works.
    let work = ground.path().join("work");
    fs::create_dir(&work).unwrap();
    let rescued = Vault::rescue(&ground.folder("field"), PASSPHRASE, &Machine::default(), &work).unwrap();
    watch.nothing_in(ground.path(), "while it is rescued");
    assert!(rescued.vault.record(&record).is_ok(), "control: it was read");
    drop(rescued);
    let mut vault = Vault::open(&ground.folder("field"), PASSPHRASE).unwrap();
    assert_eq!(vault.record(&record).unwrap().answers["Zq7AskBarcodeXw"], sample::text("Zq7BarcodeXw"));
    vault.new_record("zq7formxw", answers()).unwrap();
}

#[test]
fn control_the_same_search_finds_every_canary_in_a_plain_database() {
    let folder = tempfile::tempdir().unwrap();
    let database = Connection::open(folder.path().join("plain.db")).unwrap();
    database.execute_batch("CREATE TABLE plain (word, guise BLOB)").unwrap();
    for canary in canaries() {
        for guise in GUISES {
            // Base64 of the word in the midst of others, not the pattern that is searched for.
            let octets = match guise {
                Guise::Base64(at) => {
                    let before = &b"xyz"[..at];
                    base64(&[before, canary.as_bytes(), b"and more"].concat())
                }
                other => other.octets(&canary),
            };
            database.execute("INSERT INTO plain VALUES (1, ?1)", [octets]).unwrap();
        }
    }
    database.close().unwrap();
    let search = Search::new(canaries().iter().map(String::as_str));
    let found: BTreeSet<_> =
        search.folder(folder.path()).into_iter().map(|(_, canary, guise)| (canary, guise)).collect();
    for canary in canaries() {
        for guise in GUISES {
            assert!(found.contains(&(canary.clone(), guise)), "{canary} as {guise:?} is not found");
        }
    }
}
