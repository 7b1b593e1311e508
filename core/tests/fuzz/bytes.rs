//! Octets that other devices send: forms, tables, batches; and a slot file that somebody has changed.

use std::collections::BTreeMap;

use cairn_core::crypto::{Cost, SEALED_RELEASE, Slots};
use cairn_core::form::{Apart, Choice, Form, Kind, Part, Question, Sheet, Table};
use cairn_core::segment::{
    Batch, CarriedEntry, ChangeEntry, DepartureEntry, Effort, ErasureEntry, FormEntry, Label, Left, Packed,
    SealedEntry, ShareEntry, Verdict, Witness, pack, unpack,
};
use cairn_core::wire::codec::{Malformed, Reader};
use cairn_core::wire::id::{ChainId, CircleId, DeviceId, DocumentId, RecordId};

use super::dice::Dice;

const WORDS: [&str; 12] = [
    "null",
    "{}",
    "[]",
    "\"\"",
    "1e999",
    "-1",
    "\"kind\":\"range\"",
    "\"apart\":{\"t\":{}}",
    "\"parent\":0",
    "\\u0000",
    "\"list\":true",
    "\u{202e}",
];

/// One of each kind of octets, spoilt.
pub(crate) fn case(dice: &mut Dice) -> bool {
    match dice.below(5) {
        0 => form(dice),
        1 => sheet(dice),
        2 => batch(dice),
        3 => slots(dice),
        _ => packed(dice),
    }
}

/// A slot file: what can be read is what was written, and asks for no more work than the bounds allow.
fn slots(dice: &mut Dice) -> bool {
    let mut octets = Slots::new(Cost::FLOOR).unwrap().to_bytes().unwrap();
    if dice.below(4) > 0 {
        dice.spoil(&mut octets, &[]);
    }
    let Ok(read) = Slots::from_bytes(&octets) else { return false };
    assert_eq!(read.cost(), Cost::FLOOR);
    assert_eq!(read.to_bytes().unwrap(), octets);
    true
}

fn sound() -> Form {
    let mut form = Form::new("f", "1");
    let town = |name: &str| Choice {
        columns: BTreeMap::from([("land".into(), "tj".into())]),
        ..Choice::new(name, name)
    };
    form.lists.insert("l".into(), ["a", "b"].map(town).into());
    form.tables.insert("t".into(), Table { columns: vec!["a".into()], rows: vec![vec!["1".into()]] });
    form.questions = vec![Question::new("q", Kind::SelectOne("l".into())), Question::new("n", Kind::Integer)];
    form
}

fn form(dice: &mut Dice) -> bool {
    let mut form = sound();
    match dice.below(4) {
        0 => {
            form.tables.clear();
            form.lists.insert("l".into(), vec![Choice::new("a", "A")]);
        }
        1 => form.questions[1].part = Part::Health,
        2 => {
            form.questions[1].logic.calculation = Some("count(instance('l')/root/item) + ${q}".into());
        }
        _ => drop(form.apart.insert("large".into(), Apart::new(a_sheet(dice), true).unwrap())),
    }
    let mut octets = form.encode();
    assert_eq!(Form::decode(&octets).as_ref(), Ok(&form));
    dice.spoil(&mut octets, &WORDS);
    drop(Form::from_file(octets.get(1..).unwrap_or_default()));
    let Ok(read) = Form::decode(&octets) else { return false };
    assert_eq!(read.is_sound(), Ok(()));
    assert_eq!(Form::decode(&read.encode()), Ok(read));
    true
}

fn a_sheet(dice: &mut Dice) -> Sheet {
    let rows = dice.below(20);
    let cells: Vec<String> =
        (0..rows * 2).map(|cell| format!("e\u{301}{}{cell}", "x".repeat(dice.below(9)))).collect();
    let columns = ["name", "label"].map(str::to_owned).to_vec();
    Sheet::new(columns, rows, |row, column| &cells[row * 2 + column]).unwrap()
}

fn sheet(dice: &mut Dice) -> bool {
    let mut octets = a_sheet(dice).encode();
    dice.spoil(&mut octets, &[]);
    let Ok(read) = Sheet::decode(&octets) else { return false };
    assert_eq!(read.encode(), octets, "one sheet, one encoding");
    assert_eq!(read.cell(read.rows(), 0), None);
    read.named("x");
    true
}

fn whole_batch() -> Batch {
    let entry =
        |counter| ChangeEntry { document: DocumentId::of(ChainId([7; 16]), counter), change: vec![1, 2, 3] };
    let erasure = ErasureEntry {
        record: RecordId([1; 16]),
        salt: [2; 32],
        documents: vec![DocumentId([1; 16])],
        reason: "asked".to_owned(),
    };
    Batch {
        time: 1_800_000_000,
        clock_offset: -3,
        witness: Some(Witness { seq: 3, root: [4; 16] }),
        names: vec!["Ana".to_owned()],
        forms: vec![FormEntry { form: sound().encode(), dictionary: vec![1] }],
        changes: vec![entry(1), entry(2)],
        carried: vec![CarriedEntry { origin: ChainId([8; 16]), entry: entry(3) }],
        verdicts: vec![Verdict::Accepted { device: DeviceId([5; 16]), letter: vec![1; 9] }],
        labels: vec![Label {
            since: 1,
            name: "clinic".to_owned(),
            parts: [Part::Health].into(),
            team: String::new(),
            sharing: false,
            sealed: false,
        }],
        shares: vec![ShareEntry {
            record: RecordId([1; 16]),
            copy: RecordId([2; 16]),
            circle: CircleId([3; 16]),
        }],
        erasures: vec![erasure],
        confirmed: vec![[9; 16]],
        pieces: vec![vec![1; 30], vec![2]],
        departures: vec![
            DepartureEntry::Left(Left {
                departure: [1; 16],
                number: 2,
                sealed: vec![(DeviceId([5; 16]), vec![6; SEALED_RELEASE])],
            }),
            DepartureEntry::Readmitted([1; 16]),
            DepartureEntry::Back([1; 16]),
        ],
        sealed: vec![SealedEntry { document: DocumentId([6; 16]), epoch: 2, bytes: vec![7; 40] }],
    }
}

fn a_batch(dice: &mut Dice) -> Batch {
    let mut batch = whole_batch();
    let mut less = |clear: fn(&mut Batch)| {
        if dice.once_in(2) {
            clear(&mut batch)
        }
    };
    less(|batch| batch.sealed.clear());
    less(|batch| batch.departures.clear());
    less(|batch| batch.pieces.clear());
    less(|batch| batch.erasures.clear());
    less(|batch| batch.labels.clear());
    less(|batch| batch.verdicts.clear());
    less(|batch| batch.carried.clear());
    less(|batch| batch.forms.clear());
    batch
}

fn spoilt_batch(dice: &mut Dice) -> Vec<u8> {
    let mut octets = a_batch(dice).encode();
    dice.spoil(&mut octets, &WORDS);
    octets
}

fn batch(dice: &mut Dice) -> bool {
    let octets = spoilt_batch(dice);
    let Ok(read) = Batch::decode(&octets) else { return false };
    assert_eq!(Batch::decode(&read.encode()), Ok(read));
    true
}

fn packed(dice: &mut Dice) -> bool {
    let packed = pack(&a_batch(dice), None, Effort::Bulk).unwrap();
    let mut octets = packed.as_bytes().to_vec();
    dice.spoil(&mut octets, &[]);
    unpack(&Packed::from_bytes(octets), |_| None).is_ok()
}

/// Control: a reader that believes how many there are.
pub(crate) fn believes_a_count(dice: &mut Dice) -> bool {
    let octets = spoilt_batch(dice);
    let read = || -> Result<u64, Malformed> {
        let mut reader = Reader::new(&octets);
        reader.octet("version")?;
        reader.int("time")?;
        reader.int("offset")?;
        if reader.octet("witness")? == 1 {
            reader.int("place")?;
            reader.array::<16>("root")?;
        }
        reader.int("names")
    };
    assert!(read().unwrap_or_default() < 100, "so many names");
    true
}
