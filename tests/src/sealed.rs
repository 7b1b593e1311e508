//! A scene for sealed records: an office with a circle for them, and a worker who can only hand in there.

use std::collections::BTreeMap;

use cairn_core::Vault;
use cairn_core::change::Lower;
use cairn_core::form::Answer;
use cairn_core::vault::{CircleTerms, Query};
use cairn_core::wire::id::{CircleId, RecordId};
use cairn_core::wire::roster::Role;

use crate::dice::Dice;
use crate::ground::Ground;
use crate::sample;

/// A word that stands in every sealed record of the tests, and nowhere else.
pub const CANARY: &str = "Zq9Sealed";

/// An office, a worker, and the circle between them.
pub struct Scene {
    /// Where both are.
    pub ground: Ground,
    /// It reads what is sealed.
    pub office: Vault,
    /// It does not.
    pub phone: Vault,
    /// Where sealed records go.
    pub circle: CircleId,
    /// For answers.
    pub dice: Dice,
}

impl Scene {
    /// An office with a circle for sealed records, and a worker who was there before it and hands in there.
    pub fn new(seed: u64) -> Self {
        let ground = Ground::new();
        let mut office = ground.office("office");
        office.publish_form(&sample::form()).unwrap();
        office.publish_form(&sample::sealed()).unwrap();
        ground.sync(&mut office);
        let mut phone = ground.member(&mut office, "phone", Role::Field);
        let circle = office.new_circle(&ground.transport(), &vault_circle()).unwrap();
        ground.sync(&mut phone);
        Self { ground, office, phone, circle, dice: Dice::new(seed) }
    }

    /// Fills a draft and finishes it.
    pub fn seal(&mut self, word: &str) -> RecordId {
        let mut answers = sample::answers(word, &mut self.dice);
        // Long enough for pages of its own.
        answers.insert("story".to_owned(), Answer::Narrative(format!("{word} was seen. ").repeat(400)));
        let draft = self.phone.begin_draft("sealed", None).unwrap();
        for (field, answer) in answers {
            self.phone.answer_draft(draft, &BTreeMap::from([(field, Some(answer))])).unwrap();
        }
        self.phone.finish_draft(draft, Lower::Refused).unwrap()
    }

    /// How many sealed records have not left the phone.
    pub fn waits(&self) -> usize {
        self.phone.finished().unwrap().iter().filter(|row| row.gone.is_none()).count()
    }

    /// The phone sends, the office fetches: every sealed record is read there, and nothing is aside.
    pub fn arrives(&mut self, records: &[RecordId]) {
        assert_eq!(self.ground.sync(&mut self.phone).left, 0);
        assert_eq!(self.waits(), 0, "all have left");
        self.read_at_office(records);
    }

    /// The office fetches and reads these and no other sealed records.
    pub fn read_at_office(&mut self, records: &[RecordId]) {
        self.ground.sync(&mut self.office);
        assert_eq!(self.office.examine().unwrap().findings, [""; 0]);
        assert_eq!(sealed_titles(&self.office).len(), records.len());
        for record in records {
            let view = self.office.record(record).unwrap();
            assert_eq!((view.form.as_str(), view.conflicts.len()), ("sealed", 0));
            assert!(view.title.starts_with(CANARY), "{}", view.title);
        }
    }
}

/// A circle for sealed records.
pub fn vault_circle() -> CircleTerms {
    CircleTerms { name: "vault".to_owned(), sealed: true, ..CircleTerms::default() }
}

/// The titles of the sealed records that a vault can read.
pub fn sealed_titles(vault: &Vault) -> Vec<String> {
    let query = Query { form: Some("sealed".to_owned()), most: 1000, ..Query::default() };
    vault.list(&query).unwrap().into_iter().map(|line| line.title).collect()
}
