//! G12: whatever a server says of attachments or gives for them, nobody is shown other octets, nothing that was
//! attached is lost, and once an honest server is back everything arrives.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests may be blunt: a panic there is the report"
)]

use std::collections::BTreeMap;

use cairn_core::change::Lower;
use cairn_core::form::{FileAnswer, Form, Kind, Question};
use cairn_core::vault::{NewFile, Presence, Reader};
use cairn_core::wire::id::RecordId;
use cairn_core::wire::roster::Role;
use cairn_core::{Error, Vault};
use cairn_tests::dice::Dice;
use cairn_tests::ground::Ground;
use cairn_tests::liar::{FileLiar, FileLie, key_of};
use cairn_tests::sample;

/// Octets of a photo: several pieces.
const OCTETS: usize = 300_000;
/// Trials of each lie.
const TRIALS: u64 = 3;

fn form() -> Form {
    let mut form = Form { id: "photographed".to_owned(), ..sample::form() };
    form.questions.push(Question::new("photo", Kind::Image));
    form
}

fn picture(dice: &mut Dice) -> Vec<u8> {
    (0..OCTETS / 8).flat_map(|_| dice.bits().to_le_bytes()).collect()
}

fn photographed(vault: &mut Vault, content: &[u8]) -> (RecordId, FileAnswer) {
    let draft = vault.begin_draft("photographed", None).unwrap();
    let name = BTreeMap::from([("name".to_owned(), Some(sample::text("Sample")))]);
    vault.answer_draft(draft, &name).unwrap();
    let reader = Reader { language: String::new(), offset: 0, begun: false };
    let file = NewFile { name: "photo.jpg", media_type: "image/jpeg", content };
    vault.attach(draft, &reader, "photo", &file, |_, _| Ok(())).unwrap();
    let record = vault.finish_draft(draft, Lower::Refused).unwrap();
    let file = vault.file_of(&record, "photo").unwrap();
    (record, file)
}

/// The pieces of a file as the server holds them.
fn pieces(ground: &Ground, file: &FileAnswer) -> Vec<Vec<u8>> {
    let log = rusqlite::Connection::open(ground.data().join("log.db")).unwrap();
    let sql = "SELECT bytes FROM attachment_piece WHERE attachment = ?1 ORDER BY number";
    let mut statement = log.prepare(sql).unwrap();
    statement.query_map([file.reference.id.0], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

#[test]
fn no_lie_about_attachments_shows_other_octets_or_loses_any() {
    let ground = Ground::new();
    let mut office = ground.office("office");
    office.publish_form(&form()).unwrap();
    ground.sync(&mut office);
    let mut field = ground.member(&mut office, "field", Role::Field);
    ground.sync(&mut field);
    let (key, road) = (key_of(&ground.data()), ground.transport());
    let mut dice = Dice::new(12);
    let (_, other) = photographed(&mut field, &picture(&mut dice));
    ground.sync(&mut field);
    let others = pieces(&ground, &other);
    assert!(others.len() > 3, "control: a photo has several pieces");
    for lie in FileLie::ALL {
        let (mut told, mut found_out) = (0, 0);
        for _ in 0..TRIALS {
            let content = picture(&mut dice);
            let (_, file) = photographed(&mut field, &content);
            let liar = FileLiar::new(&road, &key, *lie, others.clone(), dice.bits());
            let mut noticed = Vec::new();
            for _ in 0..2 {
                noticed.extend(field.sync(&liar, |_| {}).err().map(|error| error.to_string()));
            }
            assert_eq!(field.read_attachment(&file).unwrap(), content, "{lie:?}: its author keeps it");
            ground.sync(&mut office);
            for _ in 0..2 {
                match office.fetch_attachment(&liar, &file, |_| {}) {
                    Ok(_) => assert_eq!(office.read_attachment(&file).unwrap(), content, "{lie:?}"),
                    Err(Error::Bug(bug)) => panic!("{lie:?}: {bug}"),
                    Err(error) => {
                        noticed.push(error.to_string());
                        assert!(office.presence(&file).unwrap() != Presence::Here, "{lie:?}");
                    }
                }
            }
            told += usize::from(liar.has_lied());
            found_out += usize::from(!noticed.is_empty());
            // The honest server is back.
            let _ = field.sync(&road, |_| {});
            if office.fetch_attachment(&road, &file, |_| {}).is_err() {
                let said_so = *lie == FileLie::AcknowledgesWhatItThrowsAway;
                assert!(said_so, "{lie:?}: only what it claimed to hold must be healed");
                field.heal(&road, &[], |_| {}).unwrap();
                office.fetch_attachment(&road, &file, |_| {}).unwrap();
            }
            assert_eq!(office.read_attachment(&file).unwrap(), content, "{lie:?}");
            assert_eq!(field.attachments_waiting().unwrap(), 0, "{lie:?}");
        }
        println!("{:<30} {told:>6} {found_out:>6}", format!("{lie:?}"));
        assert_eq!(told == 0, *lie == FileLie::Nothing, "control: {lie:?} is told");
        assert!(*lie != FileLie::Nothing || found_out == 0, "control: an honest server is believed");
        let is_noticed = *lie != FileLie::SignsWithAnotherKey || found_out == told;
        assert!(is_noticed, "what another key has signed is never taken for the server's word");
    }
}
