//! Lists and tables that are too large to travel inside their form: they come in pieces, in any order, once; until
//! the last is here the form and the records under it wait, and nothing else does.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests may be blunt: a panic there is the report"
)]

use std::fmt::Write;

use cairn_core::change::{About, Stamp, first, strip};
use cairn_core::form::apart::pieces;
use cairn_core::form::{Answers, Apart, Form, Kind, Question, Sheet, xlsform};
use cairn_core::segment::{Batch, ChangeEntry, FormEntry};
use cairn_core::vault::{CircleTerms, InviteTerms};
use cairn_core::wire::id::{ChainId, DocumentId, RecordId};
use cairn_core::wire::roster::Role;
use cairn_core::{Error, Vault};
use cairn_tests::dice::Dice;
use cairn_tests::ground::Ground;
use cairn_tests::hand::Hand;
use cairn_tests::sample::{self, text};

/// A form that asks for one of a hundred thousand towns, read from a folder of text tables.
fn towns(version: &str, seed: u64) -> Form {
    let mut csv = "name,label,land\n".to_owned();
    let mut dice = Dice::new(seed);
    for row in 0..100_000 {
        writeln!(csv, "t{row},Town {:x},l{}", dice.below(1 << 24), row % 97).unwrap();
    }
    let survey = "type,name,label,choice_filter\ntext,land,Land\n\
                  select_one_from_file towns.csv,town,Town,land = ${land}\n";
    let file = |name: &str| match name {
        "survey.csv" => Some(survey.as_bytes().to_vec()),
        "settings.csv" => Some(format!("form_id,version\ntowns,{version}\n").into_bytes()),
        "towns.csv" => Some(csv.clone().into_bytes()),
        _ => None,
    };
    xlsform::read_tables("towns", &file).unwrap().form
}

/// A form whose list has so many pieces, of which no two are alike.
fn cut(version: &str, parts: usize, seed: u64) -> Form {
    let mut dice = Dice::new(seed);
    let mut word = || (0..40).map(|_| char::from(b'a' + dice.below(26) as u8)).collect::<String>();
    let rows = (parts * 128 - 64) * 1024 / 82;
    let cells: Vec<[String; 2]> =
        (0..rows).map(|row| [format!("{row:06}{}", &word()[6..]), word()]).collect();
    let columns = ["name", "label"].map(str::to_owned).to_vec();
    let sheet = Sheet::new(columns, rows, |row, column| &cells[row][column]).unwrap();
    let mut form = Form::new("cut", version);
    form.questions = vec![Question::new("town", Kind::SelectOne("towns".to_owned()))];
    form.apart.insert("towns".to_owned(), Apart::new(sheet, true).unwrap());
    assert_eq!(form.apart["towns"].pieces.len(), parts);
    form
}

fn octets(form: &Form) -> Vec<Vec<u8>> {
    let sheets = form.apart.values().map(|apart| apart.sheet().unwrap().encode());
    sheets.flat_map(|octets| pieces(&octets).map(<[u8]>::to_vec).collect::<Vec<_>>()).collect()
}

fn lives_in(town: &str) -> Answers {
    Answers::from([("land".to_owned(), text("l7")), ("town".to_owned(), text(town))])
}

fn of_pieces(pieces: &[Vec<u8>]) -> Batch {
    Batch { pieces: pieces.to_vec(), ..Batch::default() }
}

fn of_form(form: &Form) -> Batch {
    Batch { forms: vec![FormEntry { form: form.encode(), dictionary: Vec::new() }], ..Batch::default() }
}

/// A record under a form, by hand.
fn of_record(form: &Form, chain: ChainId, counter: u64) -> Batch {
    let document = DocumentId::of(chain, counter);
    let about = About { record: RecordId(document.0), part: "case" };
    let choice = form.choices(&form.questions[0]).get(3).unwrap().name.to_owned();
    let answers = Answers::from([("town".to_owned(), text(&choice))]);
    let written = first(form, &about, &answers, &Stamp { chain, time: 1 }).unwrap();
    let change = strip(&written.change).unwrap().to_vec();
    Batch { changes: vec![ChangeEntry { document, change }], ..Batch::default() }
}

fn send(ground: &Ground, hand: &mut Hand, batch: &Batch) {
    let segment = hand.seal(batch, None);
    assert_eq!(hand.push(&ground.transport(), vec![segment]).refused, []);
}

fn knows(vault: &Vault, version: &str) -> bool {
    vault.forms().iter().any(|known| known.form.version == version)
}

fn is_unread(vault: &Vault) -> bool {
    vault.forms().iter().all(|known| known.form.apart.values().all(|apart| !apart.is_read()))
}

#[test]
fn a_hundred_thousand_choices_reach_a_device_by_the_log_a_pack_and_a_handout() {
    let ground = Ground::new();
    let mut office = ground.office("office");
    let mut field = ground.member(&mut office, "field", Role::Field);
    office.publish_form(&towns("1", 1)).unwrap();
    let sent = ground.sync(&mut office);
    assert!(sent.bytes_up > 250 << 10 && sent.segments_up > 8, "{sent:?}");
    ground.sync(&mut field);
    assert!(knows(&field, "1") && is_unread(&field), "it is here, and nobody has looked at it");
    let record = field.new_record("towns", lives_in("t99432")).unwrap();
    assert!(!is_unread(&field), "control: who answers looks");
    assert!(matches!(field.new_record("towns", lives_in("t100000")), Err(Error::Invalid(_))));
    ground.sync(&mut field);
    ground.sync(&mut office);
    assert_eq!(office.record(&record).unwrap().answers["town"], text("t99432"));
    drop(field);
    let mut field = ground.reopen("field");
    assert!(is_unread(&field), "opening the vault reads no table");

    // An edition that shares the list sends the form alone.
    office.publish_form(&towns("2", 1)).unwrap();
    assert!(ground.sync(&mut office).bytes_up < 32 << 10);
    ground.sync(&mut field);
    field.new_record("towns", lives_in("t99432")).unwrap();
    assert!(knows(&field, "2"));
    office.publish_form(&towns("3", 2)).unwrap();
    assert!(ground.sync(&mut office).bytes_up > 250 << 10, "control: another list travels");
    ground.sync(&mut field);

    let made = office.make_packs(&ground.transport(), |_| {}).unwrap();
    assert_eq!(made.len(), 1);
    ground.sync(&mut field);
    let mut fresh = ground.vault("fresh", 0);
    let terms = InviteTerms { role: Role::Field, hours: 1 };
    fresh.accept(&office.invite(&terms).unwrap().to_text(), "fresh").unwrap();
    assert!(matches!(fresh.sync(&ground.transport(), |_| {}), Err(Error::Waiting)));
    ground.sync(&mut office);
    let report = ground.sync(&mut fresh);
    assert!(report.segments_down < 4, "it begins with the pack: {report:?}");
    fresh.new_record("towns", lives_in("t99432")).unwrap();

    let mut hotline = ground.member(&mut office, "hotline", Role::SubmitOnly);
    let handout = office.make_handout(&hotline.device()).unwrap();
    assert_eq!(hotline.take_handout(&handout).unwrap().forms, 3);
    hotline.new_record("towns", lives_in("t99432")).unwrap();
    for vault in [&mut field, &mut fresh, &mut hotline, &mut office] {
        ground.sync(vault);
    }
    assert_eq!(office.counts().unwrap().records, 4);
    assert_eq!(office.counts().unwrap().quarantined, 0);
}

#[test]
fn pieces_form_and_records_come_in_any_order_and_twice() {
    let ground = Ground::new();
    let mut office = ground.office("office");
    let mut hand = Hand::join(&ground, &mut office, Role::Coordinator);
    let mut field = ground.member(&mut office, "field", Role::Field);
    for seed in 0..6 {
        let mut dice = Dice::new(seed);
        let version = format!("v{seed}");
        let form = cut(&version, 3, 100 + seed);
        let all = octets(&form);
        let record = of_record(&form, hand.chain, seed + 1);
        let mut batches: Vec<Batch> =
            all.iter().map(|piece| of_pieces(std::slice::from_ref(piece))).collect();
        batches.extend([of_pieces(&all[..2]), of_form(&form), of_form(&form), record]);
        for at in (1..batches.len()).rev() {
            batches.swap(at, dice.below(at + 1));
        }
        for (count, batch) in batches.iter().enumerate() {
            send(&ground, &mut hand, batch);
            if dice.once_in(2) {
                ground.sync(&mut field);
                let so_far = &batches[..=count];
                let whole = all.iter().all(|piece| so_far.iter().any(|batch| batch.pieces.contains(piece)));
                let named = so_far.iter().any(|batch| !batch.forms.is_empty());
                assert_eq!(knows(&field, &version), whole && named, "seed {seed}, after {}", count + 1);
            }
        }
        ground.sync(&mut field);
        ground.sync(&mut office);
        for vault in [&field, &office] {
            assert!(knows(vault, &version), "seed {seed}");
            let counts = vault.counts().unwrap();
            assert_eq!((counts.records, counts.quarantined, counts.refused), (seed + 1, 0, 0), "seed {seed}");
        }
    }
}

#[test]
fn a_form_waits_for_a_piece_that_is_missing_and_an_altered_one_is_not_it() {
    let ground = Ground::new();
    let mut office = ground.office("office");
    let mut hand = Hand::join(&ground, &mut office, Role::Coordinator);
    let mut insider = Hand::join(&ground, &mut office, Role::Field);
    office.publish_form(&sample::form()).unwrap();
    ground.sync(&mut office);
    let mut field = ground.member(&mut office, "field", Role::Field);
    let form = cut("1", 3, 1);
    let all = octets(&form);
    let mut altered = all[1].clone();
    *altered.last_mut().unwrap() ^= 1;
    let record = of_record(&form, hand.chain, 1);
    for batch in [of_form(&form), of_pieces(&all[..1]), of_pieces(&[altered]), of_pieces(&all[2..]), record] {
        send(&ground, &mut hand, &batch);
    }
    // The right piece, by somebody who publishes nothing.
    send(&ground, &mut insider, &of_pieces(&all[1..2]));
    for vault in [&mut office, &mut field] {
        ground.sync(vault);
        let counts = vault.counts().unwrap();
        assert_eq!((counts.forms, counts.records, counts.refused), (1, 0, 0));
        assert_eq!(vault.forms_waiting().unwrap(), 1);
        let aside = vault.quarantine().unwrap();
        assert!(aside.iter().any(|row| row.reason.contains("only a coordinator") && row.bytes == all[1]));
        assert_eq!(aside.iter().filter(|row| row.waits).count(), 1, "the record");
    }
    let goes_on = field.new_record("sample", sample::answers("Goes on", &mut Dice::new(1))).unwrap();
    ground.sync(&mut field);
    ground.sync(&mut office);
    assert!(office.record(&goes_on).is_ok(), "nothing else waits");
    send(&ground, &mut hand, &of_pieces(&all[1..2]));
    for vault in [&mut office, &mut field] {
        ground.sync(vault);
        let counts = vault.counts().unwrap();
        assert_eq!((counts.forms, counts.records), (2, 2), "control: with the right piece all goes on");
        assert_eq!(vault.forms_waiting().unwrap(), 0);
        assert!(vault.quarantine().unwrap().iter().all(|row| !row.waits));
    }
}

#[test]
fn a_form_that_names_what_is_no_table_is_put_aside_and_its_pieces_are_believed_by_nobody() {
    let ground = Ground::new();
    let mut office = ground.office("office");
    let mut hand = Hand::join(&ground, &mut office, Role::Coordinator);
    let form = cut("1", 2, 1);
    let mut all = octets(&form);
    // Every name is right, and the rows are not as many as it says.
    let mut lying = form.clone();
    lying.apart.get_mut("towns").unwrap().rows -= 1;
    for batch in [of_form(&lying), of_pieces(&all)] {
        send(&ground, &mut hand, &batch);
    }
    ground.sync(&mut office);
    assert_eq!(office.counts().unwrap().forms, 0);
    let aside = office.quarantine().unwrap();
    assert_eq!(aside.len(), 1);
    assert!(aside[0].reason.contains("its tables are not what it says"), "{}", aside[0].reason);
    send(&ground, &mut hand, &of_form(&form));
    ground.sync(&mut office);
    assert!(knows(&office, "1"), "control: the same pieces under a form that tells the truth");
    // A form of that version with another list, from elsewhere.
    let other = cut("1", 1, 2);
    all = octets(&other);
    for batch in [of_form(&other), of_pieces(&all)] {
        send(&ground, &mut hand, &batch);
    }
    ground.sync(&mut office);
    assert_eq!((office.counts().unwrap().forms, office.quarantine().unwrap().len()), (1, 2));
    assert_eq!(office.forms()[0].form.apart["towns"].pieces, form.apart["towns"].pieces);
}

#[test]
fn pieces_that_no_form_names_are_bounded_and_wait_in_their_segments() {
    let ground = Ground::new();
    let mut office = ground.office("office");
    let mut hand = Hand::join(&ground, &mut office, Role::Coordinator);
    let piece = |number: u32| {
        let mut piece = vec![0; 128 << 10];
        piece[..4].copy_from_slice(&number.to_be_bytes());
        piece
    };
    let size = |vault: Vault| {
        vault.lock().unwrap();
        std::fs::metadata(ground.folder("office").join("vault.db")).unwrap().len()
    };
    // Four MiB in each segment, of which 64 MiB are let in.
    for segment in 0..20 {
        let batch = of_pieces(&(segment * 31..segment * 31 + 31).map(piece).collect::<Vec<_>>());
        send(&ground, &mut hand, &batch);
    }
    ground.sync(&mut office);
    let waits = |vault: &Vault| vault.counts().unwrap().waiting;
    assert!(waits(&office) > 0);
    // What waits stops nothing, and comes in when its form does.
    let form = cut("1", 2, 1);
    for batch in [of_form(&form), of_pieces(&octets(&form))] {
        send(&ground, &mut hand, &batch);
    }
    ground.sync(&mut office);
    assert!(knows(&office, "1"), "pieces that a form names are let in");
    assert!(size(office) < 24 << 20);
}

#[test]
fn a_copy_of_a_vault_and_a_new_circle_take_the_tables_along() {
    let mut ground = Ground::new();
    let mut office = ground.office("office");
    office.publish_form(&cut("1", 2, 1)).unwrap();
    let transport = ground.transport();
    ground.stop();
    assert!(office.sync(&transport, |_| {}).is_err(), "sealed, and not arrived");
    ground.start();
    office.lock().unwrap();
    cairn_tests::fork::copy_folder(&ground.folder("office"), &ground.folder("copy"));
    // The copy begins new chains; what had not left goes under their names.
    let mut copy = ground.reopen("copy");
    ground.sync(&mut copy);
    let mut field = ground.member(&mut copy, "field", Role::Field);
    ground.sync(&mut field);
    assert!(knows(&field, "1"));
    let terms = CircleTerms {
        name: "clinic".to_owned(),
        parts: [cairn_core::form::Part::Health].into(),
        team: String::new(),
        sharing: false,
        sealed: false,
    };
    let circle = copy.new_circle(&ground.transport(), &terms).unwrap();
    let invited = InviteTerms { role: Role::Field, hours: 1 };
    let invitation = copy.invite_into(&invited, &[circle], false).unwrap();
    let mut clinic = ground.vault("clinic", 0);
    clinic.accept(&invitation.to_text(), "clinic").unwrap();
    assert!(matches!(clinic.sync(&ground.transport(), |_| {}), Err(Error::Waiting)));
    ground.sync(&mut copy);
    ground.sync(&mut clinic);
    assert!(knows(&clinic, "1"), "whoever is in the new circle only has them from there");
}
