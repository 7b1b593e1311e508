//! Sealed records: when a record of a sealed form is finished on a device that only hands in where such records
//! go, it is put into a box there and then. From that moment nothing on the device opens it.
//!
//! The box waits in the outbox like anything else, and goes into whatever segment is sealed next: a key that was
//! renewed meanwhile, a vault that was copied or a device that was taken out change nothing about it.

use cairn_wire::codec::Writer;
use cairn_wire::id::{ChainId, CircleId, DeviceId, DocumentId, RecordId};
use cairn_wire::refusal::Reason;
use cairn_wire::roster::{HPKE_PUBLIC, Role, Roster};
use cairn_wire::segment::Kind;
use cairn_wire::sync::RosterPost;

use super::outgoing::must_fit;
use super::records::Parted;
use super::shelves::Shelves;
use super::sync::Tally;
use super::{KnownForm, Vault};
use crate::change::{self, About, Stamp};
use crate::crypto::{EpochSecret, generate};
use crate::error::Error;
use crate::form::Part;
use crate::roster::{also_hand_in, let_hand_in};
use crate::segment::{
    Batch, CarriedEntry, ChangeEntry, Effort, SealedEntry, SealedPlace, SegmentError, pack,
};
pub use crate::store::FinishedRow;
use crate::store::{OutboxKind, OutboxRow, Rows};
use crate::transport::Transport;

/// Another coordinator may change the roster at the same time; so often it is tried.
const TRIES: usize = 5;

/// With what a record is sealed, and for whom.
pub(super) struct Seal {
    place: SealedPlace,
    epoch: u64,
    key: Box<[u8; HPKE_PUBLIC]>,
}

impl Vault {
    /// The records that were sealed here when they were finished, the newest first: when, of which form, and
    /// whether they have left. What they say nothing here can tell.
    ///
    /// # Errors
    /// What the disk says.
    pub fn finished(&self) -> Result<Vec<FinishedRow>, Error> {
        Ok(self.store.rows().finished()?)
    }

    /// Whether this device hands in to a circle of which it reads nothing, by its role or because it was let in
    /// so; also once it has been taken out.
    pub(super) fn hands_in_to(&self, circle: &CircleId) -> bool {
        let known = self.roster.as_ref().and_then(|roster| roster.circles().get(circle));
        let stay = known.and_then(|known| known.newest_stay(&self.device.id()));
        self.hands_in_only() || stay.is_some_and(|stay| stay.hands_in)
    }

    /// Whether there is a circle to which this device hands in and of which it reads nothing.
    pub(super) fn hands_in_somewhere(&self) -> bool {
        let circles = self.roster.as_ref().map(|roster| roster.circles().keys());
        self.hands_in_only() || circles.is_some_and(|mut ids| ids.any(|id| self.hands_in_to(id)))
    }

    /// Where records of sealed forms go.
    pub(super) fn sealed_home(&self, shelves: &Shelves) -> Result<CircleId, Error> {
        shelves.sealed().ok_or(Error::NoSealedCircle)
    }

    /// With what a record of a sealed form is sealed that goes to this circle; none where it is kept like any
    /// other, because this device may read there.
    pub(super) fn seal_for(&self, circle: &CircleId) -> Result<Option<Seal>, Error> {
        if !self.hands_in_to(circle) {
            return Ok(None);
        }
        let roster = self.roster()?;
        let epoch = roster.epoch_at(circle, roster.seq()).ok_or(Error::NoSealedCircle)?;
        let key = roster.submit_key(circle, epoch).ok_or(Error::NoSealedCircle)?;
        // Should this device ever have been in the circle, its key must have been renewed since.
        if self.store.rows().epoch(circle, epoch)?.is_some() {
            return Err(Error::NoSealedCircle);
        }
        let place = SealedPlace { workspace: roster.workspace(), circle: *circle, author: self.device.id() };
        Ok(Some(Seal { place, epoch, key: Box::new(*key) }))
    }

    /// After a record was sealed: no page that held it may stay in the write-ahead log. What was saved is saved
    /// whatever comes of this; on a full disk, say, it is done again at the next saving, sync, closing and opening.
    pub(super) fn sweep_sealed(&mut self) {
        self.unswept = self.sweep().is_err();
    }

    /// Whether answers of a record that was sealed may still lie in the write-ahead log, because the disk would not let
    /// it be emptied: whoever opens this vault could find them. Ask after each finishing of a sealed record.
    pub fn is_unswept(&self) -> bool {
        self.unswept
    }

    /// Sweeps what could not be swept before.
    pub(super) fn sweep_again(&mut self) {
        if self.unswept {
            self.sweep_sealed();
        }
    }

    /// The same at opening, in case the program was ended between the two.
    pub(super) fn sweep_after_seal(&mut self) -> Result<(), Error> {
        if !self.store.rows().finished()?.is_empty() {
            self.sweep_sealed();
        }
        Ok(())
    }

    /// Why a record is not here, if that is because it was sealed.
    pub(super) fn sealed_away(&self, record: &RecordId) -> Result<bool, Error> {
        Ok(self.store.rows().finished()?.iter().any(|row| row.record == *record))
    }

    /// Lets a device that writes elsewhere into a circle to hand in only. `false` if it is in it already.
    ///
    /// # Errors
    /// [`Error::NotAllowed`] unless this device is a coordinator's that is in the circle,
    /// [`Error::BadCircle`] for a device that writes nothing or everything so, [`Error::NotFound`] unless it
    /// belongs, and as [`Vault::sync`].
    pub fn grant_hand_in(
        &mut self,
        transport: &dyn Transport,
        device: &DeviceId,
        circle: &CircleId,
    ) -> Result<bool, Error> {
        let roster = self.roster()?;
        let missing = || Error::NotFound { what: "device", name: device.short() };
        let member = roster.member(device).filter(|member| member.belongs()).ok_or_else(missing)?;
        if member.role.seals() != Some(Kind::Batch) {
            let problem = "only a device that reads and writes elsewhere can be let in to hand in";
            return Err(Error::BadCircle { problem });
        }
        Ok(self.let_hand_in(transport, |_| vec![*device], circle)? > 0)
    }

    /// Lets every device hand in to a circle that writes elsewhere and is not in it.
    pub(super) fn all_hand_in(&mut self, transport: &dyn Transport, circle: &CircleId) -> Result<u64, Error> {
        let writers = |roster: &Roster| {
            let members = roster.members().iter();
            let writing = members.filter(|(_, one)| one.belongs() && one.role.seals() == Some(Kind::Batch));
            writing.map(|(device, _)| *device).collect()
        };
        self.let_hand_in(transport, writers, circle)
    }

    fn let_hand_in(
        &mut self,
        transport: &dyn Transport,
        whom: impl Fn(&Roster) -> Vec<DeviceId>,
        circle: &CircleId,
    ) -> Result<u64, Error> {
        self.need_in(circle)?;
        let server = self.server()?.ok_or(Error::NoWorkspace)?;
        for _ in 0..TRIES {
            self.sync(transport, |_| {})?;
            self.need_in(circle)?;
            let roster = self.roster()?;
            let mut whom = whom(roster);
            whom.retain(|device| !roster.is_in(device, circle));
            if whom.is_empty() {
                return Ok(0);
            }
            let need = Error::NotAllowed { need: "coordinator who holds the circle's key" };
            let newest = self.newest_secret(circle)?.ok_or(need)?;
            let post = let_hand_in(roster, &self.device, self.time()?, &whom, *circle, Some(&newest))?;
            let mut watch = |_| {};
            let mut tally = Tally::new(&mut watch);
            if self.post_roster(transport, &server, &post, &mut tally)? {
                return Ok(whom.len() as u64);
            }
        }
        Err(Error::Refused { reason: Reason::RosterMoved })
    }

    fn newest_secret(&self, circle: &CircleId) -> Result<Option<EpochSecret>, Error> {
        let newest = self.newest_secrets()?.into_iter().find(|(id, ..)| id == circle);
        Ok(newest.map(|(.., secret)| secret))
    }

    /// Adds to the post that admits a newcomer that it hands in where sealed records go, if it is to write here
    /// and not only to see what is shared.
    pub(super) fn newcomer_hands_in(
        &self,
        post: &mut RosterPost,
        newcomer: DeviceId,
        role: Role,
        into: &[CircleId],
    ) -> Result<(), Error> {
        let (roster, shelves) = (self.roster()?, self.shelves()?);
        let Some(sealed) = shelves.sealed_in(roster) else { return Ok(()) };
        let works = into.iter().any(|circle| !shelves.is_sharing(circle));
        if role.seals() != Some(Kind::Batch) || !works || into.contains(&sealed) {
            return Ok(());
        }
        let newest = self.newest_secret(&sealed)?;
        let circles = [(sealed, newest)];
        Ok(also_hand_in(post, roster, &self.device, self.time()?, newcomer, &circles)?)
    }
}

impl Seal {
    /// Seals a finished record and notes that it was; nothing else of it is kept.
    pub(super) fn record(
        &self,
        rows: &Rows<'_>,
        known: &KnownForm,
        parted: &Parted,
        now: u64,
    ) -> Result<RecordId, Error> {
        // A chain of its own: no copy of this vault can have used it for anything else.
        let origin = ChainId(generate()?);
        // The number is random too: people tell records by it and the beginning of the chain.
        let number = u64::from(u16::from_be_bytes(generate()?));
        let document = DocumentId::of(origin, number);
        let record = RecordId(document.0);
        let stamp = Stamp { chain: origin, time: now.try_into().unwrap_or(i64::MAX) };
        let about = About { record, part: Part::Case.name() };
        let written = change::first(&known.form, &about, &parted.answers, &stamp)?;
        let stripped = change::strip(&written.change).map(<[u8]>::to_vec);
        let change = stripped.ok_or_else(|| Error::Bug("a change cannot be stripped".to_owned()))?;
        let entry = ChangeEntry { document, change };
        let inside = Batch { time: now, carried: vec![CarriedEntry { origin, entry }], ..Batch::default() };
        let packed = match pack(&inside, known.dictionary.as_deref(), Effort::Thin) {
            Err(SegmentError::TooLarge) => return Err(Error::TooLarge("the record")),
            packed => packed.map_err(|error| Error::Bug(error.to_string()))?,
        };
        let sealed = SealedEntry::seal(&packed, &self.place, document, self.epoch, &self.key)?;
        let row = outgoing(&sealed);
        must_fit(&row)?;
        rows.put_outbox(&self.place.circle, &row)?;
        let (form, version) = (known.form.id.clone(), known.form.version.clone());
        rows.put_finished(&FinishedRow { record, form, version, time: now, gone: None })?;
        Ok(record)
    }
}

/// A sealed record as it waits to leave.
pub(super) fn outgoing(sealed: &SealedEntry) -> OutboxRow {
    let mut writer = Writer::new();
    sealed.write(&mut writer);
    let (kind, document, bytes) = (OutboxKind::Sealed, Some(sealed.document), writer.finish());
    OutboxRow { number: 0, kind, document, form: 0, bytes, extra: Vec::new() }
}
