//! What lies in the boxes of sealed records. G15: who only hands in to a circle gets nothing else counted there, and is
//! given nothing of it. G20, G21: boxes that hold much are opened one by one, and one that does not open holds up
//! nothing else.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests may be blunt: a panic there is the report"
)]

use cairn_core::change::{About, Stamp, first, strip};
use cairn_core::form::Answer;
use cairn_core::segment::{Batch, CarriedEntry, ChangeEntry, Dictionary, FormEntry, Label, SealedEntry};
use cairn_core::vault::Carried;
use cairn_core::wire::id::{ChainId, DocumentId, RecordId};
use cairn_core::wire::limits;
use cairn_core::wire::refusal::SegmentRefusal;
use cairn_core::wire::roster::Role;
use cairn_core::wire::segment::Kind;
use cairn_tests::dice::Dice;
use cairn_tests::fork::smuggle_into;
use cairn_tests::hand::Hand;
use cairn_tests::sample;
use cairn_tests::sealed::{CANARY, Scene, sealed_titles};

/// A sealed record in a chain of its own, of a hand.
fn boxed(hand: &Hand, chain: u8, record: Option<DocumentId>) -> SealedEntry {
    let origin = ChainId([chain; 16]);
    let document = record.unwrap_or(DocumentId::of(origin, 1));
    let about = About { record: RecordId(document.0), part: "case" };
    let answers = sample::answers(CANARY, &mut Dice::new(9));
    let written = first(&sample::sealed(), &about, &answers, &Stamp { chain: origin, time: 1 }).unwrap();
    let entry = ChangeEntry { document, change: strip(&written.change).unwrap().to_vec() };
    let inside = Batch { carried: vec![CarriedEntry { origin, entry }], ..Batch::default() };
    hand.sealed(&inside, document)
}

/// G15. What a device says in a circle beside what it may hand in counts nowhere; its sealed record is the control.
#[test]
fn who_hands_in_to_a_circle_gets_nothing_else_counted_there() {
    let mut scene = Scene::new(10);
    let lent = Hand::join(&scene.ground, &mut scene.office, Role::Field);
    let insider = Hand::join(&scene.ground, &mut scene.office, Role::Field);
    assert!(insider.roster.only_hands_in(&insider.device.id(), &scene.circle), "control: it was let in");
    // Of the circle's log it is told nothing; of the one it is in, how long it is.
    let first = *insider.roster.circles().keys().find(|id| **id != scene.circle).unwrap();
    let told = |hand: &Hand| {
        let answer = hand.push(&scene.ground.transport(), Vec::new());
        (answer.head.circles[0].seq, answer.steps[0].len())
    };
    let insider = insider.anew(first, ChainId([0x76; 16]), Kind::Batch);
    assert!(told(&insider).0 > 0, "control");
    let insider = insider.anew(scene.circle, ChainId([0x77; 16]), Kind::Batch);
    assert_eq!(told(&insider), (0, 0));
    // Sealed as a member would, with any secret: the server refuses it, and so does everybody.
    let mut unruly = insider.anew(scene.circle, ChainId([0x77; 16]), Kind::Batch);
    unruly.secrets = lent.secrets.clone();
    let batch = Batch { names: vec!["by the back door".to_owned()], ..Batch::default() };
    let bytes = unruly.seal(&batch, None);
    let answer = unruly.push(&scene.ground.transport(), vec![bytes.clone()]);
    assert_eq!(answer.refused, [(0, SegmentRefusal::NotEntitled)]);
    smuggle_into(&mut scene.ground, scene.circle, &bytes, unruly.device.id());
    // Handed in as it may, with things inside that it may not say.
    let mut insider = unruly.anew(scene.circle, ChainId([0x78; 16]), Kind::Submitted);
    let label = Label {
        since: 1,
        name: "mine".to_owned(),
        parts: std::collections::BTreeSet::new(),
        team: String::new(),
        sharing: true,
        sealed: false,
    };
    let mut other_form = sample::sealed();
    other_form.version = "2".to_owned();
    let record = boxed(&insider, 0x31, None);
    let mut moved = boxed(&insider, 0x32, None);
    moved.document = DocumentId::of(ChainId([0x33; 16]), 1);
    let mut spoilt = boxed(&insider, 0x34, None);
    spoilt.bytes[1200] ^= 1;
    // A box of another device, taken over, and one for a document that is another's.
    let foreign = scene.phone.new_record("sealed", sample::answers(CANARY, &mut scene.dice)).unwrap();
    let stolen = scene.phone.rehearse_boxes().unwrap().remove(0).1;
    scene.ground.sync(&mut scene.phone);
    let rival = boxed(&insider, 0x35, Some(DocumentId(foreign.0)));
    let batches = [
        Batch { labels: vec![label], ..Batch::default() },
        Batch {
            forms: vec![FormEntry { form: other_form.encode(), dictionary: Vec::new() }],
            ..Batch::default()
        },
        Batch { sealed: vec![moved, spoilt, stolen, rival], ..Batch::default() },
        Batch { sealed: vec![record.clone(), record.clone()], ..Batch::default() },
    ];
    for batch in batches {
        let bytes = insider.seal(&batch, None);
        assert!(
            insider.push(&scene.ground.transport(), vec![bytes]).refused.is_empty(),
            "the server cannot tell"
        );
    }
    scene.ground.sync(&mut scene.office);
    let counts = scene.office.counts().unwrap();
    assert_eq!((counts.quarantined, counts.refused), (6, 1), "{:#?}", scene.office.quarantine());
    let shown = [RecordId(record.document.0), foreign].map(|record| scene.office.record(&record).is_ok());
    assert_eq!((shown, sealed_titles(&scene.office).len()), ([true; 2], 2), "control: its own counts, once");
}

/// One sealed record with a story of so many letters, in a chain of its own.
fn story(hand: &Hand, chain: u8, letters: usize, dictionary: Option<&Dictionary>) -> SealedEntry {
    let origin = ChainId([chain; 16]);
    let document = DocumentId::of(origin, 1);
    let about = About { record: RecordId(document.0), part: "case" };
    let mut answers = sample::answers(CANARY, &mut Dice::new(u64::from(chain)));
    answers.insert("story".to_owned(), Answer::Narrative("a".repeat(letters)));
    let written = first(&sample::sealed(), &about, &answers, &Stamp { chain: origin, time: 1 }).unwrap();
    let entry = ChangeEntry { document, change: strip(&written.change).unwrap().to_vec() };
    let inside = Batch { carried: vec![CarriedEntry { origin, entry }], ..Batch::default() };
    hand.sealed_with(&inside, document, dictionary)
}

/// G20. However much the boxes of one segment hold, it is opened a little at a time; and all of it arrives. One box
/// that is repeated is opened once.
#[test]
fn boxes_that_hold_much_are_opened_one_by_one_and_none_is_lost() {
    const LETTERS: usize = 250 << 10;
    let mut scene = Scene::new(12);
    let insider = Hand::join(&scene.ground, &mut scene.office, Role::Field);
    let mut insider = insider.anew(scene.circle, ChainId([0x79; 16]), Kind::Submitted);
    let boxes: Vec<SealedEntry> = (0x40..0x54).map(|chain| story(&insider, chain, LETTERS, None)).collect();
    assert!(boxes.len() * LETTERS > limits::OPENED, "control: together they are too much");
    let again = vec![boxes[0].clone(); 400];
    for sealed in [boxes, again] {
        let bytes = insider.seal(&Batch { sealed, ..Batch::default() }, None);
        assert!(insider.push(&scene.ground.transport(), vec![bytes]).refused.is_empty());
    }
    let report = scene.ground.sync(&mut scene.office);
    assert!((1..=4).contains(&report.quarantined), "the last few had to wait: {}", report.quarantined);
    assert_eq!(scene.office.quarantine().unwrap(), [], "and came in the same sync");
    assert_eq!(scene.office.examine().unwrap().findings, [""; 0]);
    assert_eq!(sealed_titles(&scene.office).len(), 20);
}

/// G21. A box that does not open, and may never, is kept aside by itself: the rest of its segment counts, and a pack
/// of the circle can be stood for.
#[test]
fn a_box_that_does_not_open_holds_up_nothing_else() {
    let mut scene = Scene::new(13);
    let insider = Hand::join(&scene.ground, &mut scene.office, Role::Field);
    let mut insider = insider.anew(scene.circle, ChainId([0x7a; 16]), Kind::Submitted);
    let of_epoch = |epoch, chain| SealedEntry { epoch, ..story(&insider, chain, 10, None) };
    let rival = story(&insider, 0x62, 11, None);
    let sealed = vec![
        of_epoch(1_000_000_000, 0x60),
        of_epoch(0, 0x61),
        story(&insider, 0x62, 10, None),
        rival,
        story(&insider, 0x63, 10, None),
    ];
    let bytes = insider.seal(&Batch { sealed, ..Batch::default() }, None);
    assert!(insider.push(&scene.ground.transport(), vec![bytes]).refused.is_empty());
    scene.ground.sync(&mut scene.office);
    let counts = scene.office.counts().unwrap();
    assert_eq!((sealed_titles(&scene.office).len(), counts.quarantined, counts.waiting), (2, 3, 0));
    let aside = scene.office.quarantine().unwrap();
    assert!(aside.iter().all(|row| !row.waits && !row.bytes.is_empty()), "kept, and nothing waits for them");
}

/// A box whose form has not arrived waits by itself, and is opened when the form has.
#[test]
fn a_box_waits_for_its_form_alone() {
    let mut scene = Scene::new(14);
    let coordinator = Hand::join(&scene.ground, &mut scene.office, Role::Coordinator);
    let first = *coordinator.roster.circles().keys().find(|id| **id != scene.circle).unwrap();
    let mut coordinator = coordinator.anew(first, ChainId([0x7c; 16]), Kind::Batch);
    let insider = Hand::join(&scene.ground, &mut scene.office, Role::Field);
    let mut insider = insider.anew(scene.circle, ChainId([0x7b; 16]), Kind::Submitted);
    let dictionary = Dictionary::new(b"synthetic dictionary for one form".to_vec()).unwrap();
    let waits = story(&insider, 0x70, 10, Some(&dictionary));
    let sealed = vec![waits.clone(), story(&insider, 0x71, 10, None)];
    let bytes = insider.seal(&Batch { sealed, ..Batch::default() }, None);
    assert!(insider.push(&scene.ground.transport(), vec![bytes]).refused.is_empty());
    scene.ground.sync(&mut scene.office);
    let aside = scene.office.quarantine().unwrap();
    assert_eq!((sealed_titles(&scene.office).len(), aside.len()), (1, 1));
    assert_eq!((aside[0].waits, aside[0].document), (true, waits.document));
    let mut form = sample::sealed();
    form.version = "2".to_owned();
    let entry = FormEntry { form: form.encode(), dictionary: dictionary.bytes().to_vec() };
    let bytes = coordinator.seal(&Batch { forms: vec![entry], ..Batch::default() }, None);
    assert!(coordinator.push(&scene.ground.transport(), vec![bytes]).refused.is_empty());
    scene.ground.sync(&mut scene.office);
    assert_eq!(scene.office.quarantine().unwrap(), []);
    assert_eq!(sealed_titles(&scene.office).len(), 2);
    assert_eq!(scene.office.examine().unwrap().findings, [""; 0]);
}

/// The server gives a device nothing of a circle to which it only hands in.
#[test]
fn who_hands_in_to_a_circle_is_given_nothing_of_it_and_vouches_for_nothing() {
    let mut scene = Scene::new(11);
    let record = scene.seal(CANARY);
    scene.arrives(&[record]);
    let report = scene.ground.sync(&mut scene.phone);
    assert_eq!(report.segments_down, 0);
    assert!(!scene.office.make_packs(&scene.ground.transport(), |_| {}).unwrap().is_empty());
    scene.ground.sync(&mut scene.phone);
    // Erased by the office: the phone neither confirms it nor is waited for.
    let road = scene.ground.transport();
    scene.office.erase_records(&road, &[record], "asked for it", |_| {}).unwrap();
    scene.ground.sync(&mut scene.phone);
    scene.ground.sync(&mut scene.office);
    let erasures = scene.office.erasures().unwrap();
    assert!(
        erasures[0]
            .devices
            .iter()
            .all(|(device, _, carried)| { *device == scene.office.device() && *carried == Carried::Author })
    );
    assert_eq!(scene.phone.examine().unwrap().findings, [""; 0]);
    // A server that has lost its log gets it back from the office, and the phone goes on.
    let mut scene = Scene::new(12);
    let before = scene.seal(CANARY);
    scene.arrives(&[before]);
    scene.ground.wipe();
    scene.office.heal(&scene.ground.transport(), &[], |_| {}).unwrap();
    let after = scene.seal(CANARY);
    assert_eq!(scene.ground.sync(&mut scene.phone).alarms, 0);
    scene.arrives(&[before, after]);
}
