//! People who attach photos, and roads that break while those are sent.

use std::cell::Cell;
use std::collections::BTreeMap;

use cairn_core::change::Lower;
use cairn_core::form::{FileAnswer, Form, Kind, Part, Question};
use cairn_core::transport::{Reply, Transport, TransportError};
use cairn_core::vault::{NewFile, Reader, SyncReport};
use cairn_core::wire::id::RecordId;
use cairn_core::wire::path;
use cairn_core::wire::roster::Role;
use cairn_core::{Error, Vault};

use crate::ground::Ground;
use crate::sample;

/// The sample form with a photo that everybody sees and a scan that the clinic sees.
pub fn form() -> Form {
    let mut form = Form { id: "photographed".to_owned(), ..sample::form() };
    form.questions.push(Question::new("photo", Kind::Image));
    form.questions.push(Question { part: Part::Health, ..Question::new("scan", Kind::File) });
    form
}

/// Whoever reads a form, in its own language.
pub fn reader() -> Reader {
    Reader { language: String::new(), offset: 0, begun: false }
}

/// A picture that nothing compresses, of so many octets.
pub fn picture(octets: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 24) as u8
    };
    (0..octets).map(|_| next()).collect()
}

/// Attaches content to a question of a draft.
pub fn attach(vault: &mut Vault, draft: u64, field: &str, name: &str, content: &[u8]) -> Result<(), Error> {
    let file = NewFile { name, media_type: "image/jpeg", content };
    vault.attach(draft, &reader(), field, &file, |_, _| Ok(()))
}

/// A draft with a name in it.
pub fn named(vault: &mut Vault) -> u64 {
    let draft = vault.begin_draft("photographed", None).unwrap();
    let name = BTreeMap::from([("name".to_owned(), Some(sample::text("Sample")))]);
    vault.answer_draft(draft, &name).unwrap();
    draft
}

/// A finished record with a photo.
pub fn photographed(vault: &mut Vault, content: &[u8]) -> RecordId {
    let draft = named(vault);
    attach(vault, draft, "photo", "photo.jpg", content).unwrap();
    vault.finish_draft(draft, Lower::Refused).unwrap()
}

/// The photo of a record.
pub fn photo(vault: &Vault, record: &RecordId) -> FileAnswer {
    vault.file_of(record, "photo").unwrap()
}

/// An office and a field worker who photographs.
pub struct People {
    /// Where they are.
    pub ground: Ground,
    /// The coordinator.
    pub office: Vault,
    /// The worker.
    pub field: Vault,
}

impl Default for People {
    fn default() -> Self {
        Self::new()
    }
}

impl People {
    /// Both in one workspace, with the form.
    pub fn new() -> Self {
        let ground = Ground::new();
        let mut office = ground.office("office");
        office.publish_form(&form()).unwrap();
        ground.sync(&mut office);
        let field = ground.member(&mut office, "field", Role::Field);
        Self { ground, office, field }
    }

    /// Until both have what the other has.
    pub fn sync(&mut self) {
        for _ in 0..2 {
            self.ground.sync(&mut self.field);
            self.ground.sync(&mut self.office);
        }
    }
}

/// Fetches a file.
pub fn fetch(ground: &Ground, vault: &mut Vault, file: &FileAnswer) -> Result<SyncReport, Error> {
    vault.fetch_attachment(&ground.transport(), file, |_| {})
}

/// Cuts each request about attachments that holds pieces after so many octets, until told otherwise; counts what
/// left.
pub struct Cutting<'a> {
    /// The road that is cut.
    pub road: &'a dyn Transport,
    /// After how many octets it cuts next; never where there is none.
    pub after: Cell<Option<usize>>,
    /// How many octets have left.
    pub sent: Cell<usize>,
}

impl Transport for Cutting<'_> {
    fn post(&self, path: &str, body: Vec<u8>) -> Result<Reply, TransportError> {
        if path != path::ATTACHMENTS || body.len() < 1000 {
            return self.road.post(path, body);
        }
        let Some(after) = self.after.take().filter(|after| *after < body.len()) else {
            self.sent.set(self.sent.get() + body.len());
            return self.road.post(path, body);
        };
        self.sent.set(self.sent.get() + after);
        // The server has the front, and nobody hears its answer.
        let _ = self.road.post(path, body[..after].to_vec());
        self.after.set(Some(0));
        Err(TransportError::Offline)
    }
}
