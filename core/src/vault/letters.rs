//! Late letters: what a device wrote after it had lost the right to, kept aside until a coordinator decides.

use std::collections::BTreeSet;
use std::sync::Arc;

use cairn_wire::codec::Writer;
use cairn_wire::digest::{half, sha256};
use cairn_wire::id::{DeviceId, RecordId};
use cairn_wire::letter::{Letters, LettersAsk, read_notice};
use cairn_wire::path;
use cairn_wire::segment::parse;

use super::boxes::open_boxes;
use super::merge::{Held, Taking};
use super::outgoing::must_fit;
use super::sync::{Tally, refused, send};
use super::{ServerAddress, Vault};
use crate::error::Error;
use crate::segment::{Batch, Dictionary, Verdict, verify_late};
use crate::store::{LetterRow, LetterState, OutboxKind, OutboxRow};
use crate::sync::letters_question;
use crate::transport::Transport;

/// Octets of letters asked for in one answer.
const DOWN: u64 = 1 << 20;
/// An honest server never needs so many answers.
const MOST_ANSWERS: usize = 10_000;

/// A late letter, as a coordinator sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LetterView {
    /// Its number.
    pub number: u64,
    /// Who wrote it.
    pub device: DeviceId,
    /// What that device is called.
    pub name: Option<String>,
    /// What was decided.
    pub state: LetterState,
    /// The author's clock when it was sealed, seconds since 1970: shown, never trusted.
    pub time: u64,
    /// The records it begins or changes.
    pub records: Vec<RecordId>,
    /// How many changes it holds.
    pub changes: u64,
    /// How many changes of others wait in quarantine to be added to the same documents: some may build on it.
    pub awaited: u64,
    /// Why it cannot be opened, if it cannot.
    pub problem: Option<String>,
}

impl Vault {
    /// Fetches the late letters that a server's answer announces.
    pub(super) fn fetch_letters(
        &mut self,
        transport: &dyn Transport,
        server: &ServerAddress,
        notices: &[Vec<u8>],
        tally: &mut Tally<'_>,
    ) -> Result<(), Error> {
        let Some(newest) = notices.iter().find_map(|bytes| read_notice(bytes)) else { return Ok(()) };
        let workspace = self.stored_workspace()?;
        // A server that was put back: what it has is asked for again, and what is here counts once.
        if newest < self.letters_seen()? {
            self.store.gesture(|rows| rows.forget_fact(super::fact::LETTERS))?;
        }
        for _ in 0..MOST_ANSWERS {
            let after = self.letters_seen()?;
            if after >= newest || !self.is_coordinator() {
                break;
            }
            let ask = LettersAsk { after, budget: DOWN };
            let question = letters_question(&self.device, workspace, &server.key, self.time()?, &ask)?;
            let reply = send(transport, path::LETTERS, question.bytes, tally)?;
            if reply.status != 200 {
                return Err(refused(&reply));
            }
            let malformed = |_| Error::Refused { reason: cairn_wire::refusal::Reason::Malformed };
            let Letters(letters) = Letters::decode(&reply.body).map_err(malformed)?;
            // None after this one in the circles of this device.
            let seen = letters.last().map_or(newest, |letter| letter.number);
            let kept = self.store.gesture(|rows| {
                let mut kept = 0;
                for letter in letters.into_iter().filter(|letter| letter.number > after) {
                    kept += u64::from(rows.put_letter(&letter.circle, &letter.device, &letter.bytes)?);
                }
                rows.put_fact(super::fact::LETTERS, &seen.max(after + 1).to_be_bytes())?;
                Ok::<_, Error>(kept)
            })?;
            tally.report.letters += kept;
        }
        Ok(())
    }

    fn letters_seen(&self) -> Result<u64, Error> {
        let seen = self.store.rows().fact(super::fact::LETTERS)?;
        Ok(seen.and_then(|bytes| bytes.try_into().ok()).map_or(0, u64::from_be_bytes))
    }

    /// Late letters, oldest first.
    ///
    /// # Errors
    /// [`Error::NotAllowed`] unless this device is a coordinator's.
    pub fn letters(&self) -> Result<Vec<LetterView>, Error> {
        self.need_coordinator()?;
        let rows = self.store.rows();
        let mut views = Vec::new();
        for row in rows.letters()? {
            let opened = self.open_letter(&row)?;
            let mut view = LetterView {
                number: row.number,
                device: row.device,
                name: rows.name(&row.device)?,
                state: row.state,
                time: 0,
                records: Vec::new(),
                changes: 0,
                awaited: 0,
                problem: None,
            };
            match opened {
                Ok(batch) => {
                    let documents: BTreeSet<_> = batch.changes.iter().map(|entry| entry.document).collect();
                    view.time = batch.time;
                    view.changes = batch.changes.len() as u64;
                    let mut records = BTreeSet::new();
                    for id in documents {
                        view.awaited += rows.waiting(&row.circle, &id)?.len() as u64;
                        records.insert(rows.record_of(&id)?.unwrap_or(RecordId(id.0)));
                    }
                    view.records = records.into_iter().collect();
                }
                Err(problem) => view.problem = Some(problem),
            }
            views.push(view);
        }
        Ok(views)
    }

    /// Takes in a late letter, or leaves it aside, for everybody in its circle. What was accepted stays in,
    /// whatever another coordinator decides. `false` if that was decided before.
    ///
    /// # Errors
    /// [`Error::NotAllowed`] unless this device is a coordinator's that can open it, [`Error::NotFound`],
    /// [`Error::TooLarge`].
    pub fn decide_letter(&mut self, number: u64, accept: bool) -> Result<bool, Error> {
        self.need_coordinator()?;
        let missing = || Error::NotFound { what: "late letter", name: number.to_string() };
        let row = self.store.rows().letter(number)?.ok_or_else(missing)?;
        match (row.state, accept) {
            (LetterState::Accepted, _) | (LetterState::Refused, false) => return Ok(false),
            _ => {}
        }
        if accept && self.open_letter(&row)?.is_err() {
            return Err(Error::NotAllowed { need: "coordinator who can open the letter" });
        }
        let hash = half(&sha256(&[&row.bytes]));
        let verdict = if accept {
            Verdict::Accepted { device: row.device, letter: row.bytes }
        } else {
            Verdict::Refused { letter: hash }
        };
        let mut writer = Writer::new();
        verdict.write(&mut writer);
        let out = OutboxRow {
            number: 0,
            kind: OutboxKind::Verdict,
            document: None,
            form: 0,
            bytes: writer.finish(),
            extra: Vec::new(),
        };
        must_fit(&out)?;
        let (roster, forms, own) = (self.roster()?.clone(), self.forms.clone(), self.device.id());
        let shelves = self.shelves()?;
        let mut watch = |_| {};
        let mut tally = Tally::new(&mut watch);
        self.store.gesture(|rows| {
            rows.put_outbox(&row.circle, &out)?;
            let (circle, roster) = (&row.circle, &roster);
            let mut take = Taking::begin(rows, roster, circle, own, (forms, shelves), &mut tally);
            take.verdict(&verdict, 0).map_err(Held::into_error)?;
            take.merge_all()?;
            take.empty_segments()
        })?;
        Ok(true)
    }

    /// Verifies and opens a letter; `Ok(Err(_))` says in words why it cannot be.
    pub(super) fn open_letter(&self, row: &LetterRow) -> Result<Result<Batch, String>, Error> {
        let roster = self.roster()?;
        let rows = self.store.rows();
        let Ok(parsed) = parse(&row.bytes) else { return Ok(Err("it is not a segment".to_owned())) };
        let epoch = parsed.header.epoch;
        let verified = match verify_late(parsed, roster, row.circle, row.device) {
            Ok(verified) => verified,
            Err(error) => return Ok(Err(error.to_string())),
        };
        let Some(secret) = rows.epoch(&row.circle, epoch)? else {
            return Ok(Err("its key is not on this device".to_owned()));
        };
        let dictionary = |id: &_| {
            let bytes = rows.dictionary(id).ok().flatten()?;
            Dictionary::new(bytes).map(Arc::new)
        };
        let opened = verified.open(&secret, dictionary);
        let mut batch = match opened {
            Ok(batch) => batch,
            Err(error) => return Ok(Err(error.to_string())),
        };
        // What stays shut is kept aside when the letter is taken in.
        open_boxes(&rows, &verified, &mut batch)?;
        Ok(Ok(batch))
    }
}
