//! The log in one embedded SQLite file, `DATA/log.db`.
//!
//! One thread writes, in groups with one sync each ([`writer`]); any number of read-only connections
//! see consistent moments of it ([`readers`]). Everything inside is sealed or public, so the file
//! itself is not encrypted.

use std::path::Path;
use std::time::SystemTime;

use cairn_wire::attachment::{Fetched, State};
use cairn_wire::digest::Hash;
use cairn_wire::id::{AttachmentId, ChainId, CircleId, DeviceId, WorkspaceId};
use cairn_wire::letter::Letter;
use cairn_wire::pack::Offer;
use rusqlite::{Connection, ErrorCode, ffi};

use super::{
    AttachmentEntry, AttachmentPiece, Beginning, Chain, Creation, HeldPack, JoinEntry, JoinOutcome, Log,
    LogError, PackEntry, PackOutcome, PieceOutcome, Pull, PullAsk, Queued, Reply, RosterAppend,
    RosterOutcome, SegmentEntry, SegmentOutcome,
};

pub(crate) mod attachments;
mod joins;
mod letters;
mod lost;
pub(crate) mod packs;
mod pull;
mod readers;
mod roster;
pub(crate) mod schema;
mod segments;
mod writer;

use readers::Readers;
use writer::Writer;

#[cfg(test)]
mod tests;

/// The name of the database in the data folder.
pub(crate) const FILE: &str = "log.db";

/// How much the log may hold, in octets.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Room {
    /// Per workspace, attachments aside.
    pub(crate) quota: u64,
    /// Attachments per workspace.
    pub(crate) attachments: u64,
    /// All of the file; 0 for no limit but the disk's.
    pub(crate) store: u64,
}

/// The log in one SQLite file.
pub(crate) struct Sqlite {
    generation: [u8; 8],
    quota: u64,
    attachments_quota: u64,
    /// Letters that come from now on have higher numbers.
    letters_after: u64,
    writer: Writer,
    readers: Readers,
}

impl Sqlite {
    /// Opens the log of a data folder, making or migrating it as needed.
    pub(crate) fn open(folder: &Path, room: Room) -> Result<Self, LogError> {
        let path = folder.join(FILE);
        let mut connection = schema::open_writer(&path)?;
        schema::limit(&connection, room.store)?;
        let generation = schema::generation(&mut connection)?;
        let readers = Readers::open(&path)?;
        let writer = Writer::start(connection)?;
        let letters_after = letters::floor(SystemTime::now());
        let Room { quota, attachments: attachments_quota, .. } = room;
        Ok(Self { generation, quota, attachments_quota, letters_after, writer, readers })
    }
}

impl Log for Sqlite {
    fn generation(&self) -> [u8; 8] {
        self.generation
    }

    fn create_workspace(
        &self,
        workspace: WorkspaceId,
        append: RosterAppend,
        most: u64,
        today: u64,
    ) -> Reply<'_, Creation> {
        let quota = self.quota;
        let size = append.entries.iter().map(|(_, bytes)| bytes.len()).sum();
        self.writer
            .call(size, move |connection| roster::create(connection, workspace, &append, most, today, quota))
    }

    fn append_roster(&self, workspace: WorkspaceId, append: RosterAppend) -> Reply<'_, RosterOutcome> {
        let quota = self.quota;
        let size = append.entries.iter().map(|(_, bytes)| bytes.len()).sum();
        self.writer.call(size, move |connection| roster::append(connection, workspace, &append, quota))
    }

    fn roster_after(&self, workspace: WorkspaceId, seq: u64) -> Reply<'_, Option<Vec<Vec<u8>>>> {
        self.readers.call(move |connection| roster::after(connection, workspace, seq))
    }

    fn put_join(&self, workspace: WorkspaceId, join: JoinEntry, now: u64) -> Reply<'_, JoinOutcome> {
        self.writer.call(join.bytes.len(), move |connection| joins::put(connection, workspace, &join, now))
    }

    fn chain(&self, workspace: WorkspaceId, chain: ChainId) -> Reply<'_, Option<Chain>> {
        self.readers.call(move |connection| segments::chain(connection, workspace, chain))
    }

    fn segment_hash(&self, workspace: WorkspaceId, chain: ChainId, seq: u64) -> Reply<'_, Option<Hash>> {
        self.readers.call(move |connection| segments::hash(connection, workspace, chain, seq))
    }

    fn append_segment(&self, entry: SegmentEntry) -> Reply<'_, Queued> {
        let quota = self.quota;
        Box::pin(async move {
            let size = entry.bytes.len();
            let work = move |connection: &Connection| segments::append(connection, &entry, quota);
            self.writer.queue(size, work).await.map(Queued::new)
        })
    }

    fn put_letter(&self, entry: SegmentEntry) -> Reply<'_, SegmentOutcome> {
        let (quota, floor) = (self.quota, self.letters_after);
        self.writer.call(entry.bytes.len(), move |connection| letters::put(connection, &entry, floor, quota))
    }

    fn late_chain(&self, workspace: WorkspaceId, chain: ChainId) -> Reply<'_, Option<Chain>> {
        self.readers.call(move |connection| letters::chain(connection, workspace, chain))
    }

    fn letters(
        &self,
        workspace: WorkspaceId,
        circles: Vec<CircleId>,
        after: u64,
        budget: u64,
    ) -> Reply<'_, Vec<Letter>> {
        self.readers.call(move |connection| letters::after(connection, workspace, &circles, after, budget))
    }

    fn put_pack(&self, entry: PackEntry, first: u64, pieces: Vec<Vec<u8>>) -> Reply<'_, PackOutcome> {
        let quota = self.quota;
        let size = pieces.iter().map(Vec::len).sum::<usize>() + entry.manifest.len();
        self.writer.call(size, move |connection| packs::put(connection, &entry, first, &pieces, quota))
    }

    fn put_lost_pack(
        &self,
        entry: PackEntry,
        beginning: Beginning,
        first: u64,
        pieces: Vec<Vec<u8>>,
    ) -> Reply<'_, PackOutcome> {
        let quota = self.quota;
        let size = pieces.iter().map(Vec::len).sum::<usize>() + entry.manifest.len();
        self.writer
            .call(size, move |connection| lost::put(connection, &entry, &beginning, first, &pieces, quota))
    }

    fn packs(&self, workspace: WorkspaceId, circles: Vec<CircleId>) -> Reply<'_, Vec<Offer>> {
        self.readers.call(move |connection| packs::offers(connection, workspace, &circles))
    }

    fn pieces(
        &self,
        workspace: WorkspaceId,
        circles: Vec<CircleId>,
        pack: Hash,
        first: u64,
        budget: u64,
    ) -> Reply<'_, Vec<Vec<u8>>> {
        self.readers
            .call(move |connection| packs::pieces(connection, workspace, &circles, &pack, first, budget))
    }

    fn put_attestation(
        &self,
        workspace: WorkspaceId,
        circle: CircleId,
        pack: Hash,
        device: DeviceId,
        bytes: Vec<u8>,
    ) -> Reply<'_, bool> {
        self.writer.call(bytes.len(), move |connection| {
            packs::attest(connection, workspace, circle, &pack, device, &bytes)
        })
    }

    fn held_packs(&self, workspace: WorkspaceId) -> Reply<'_, Vec<HeldPack>> {
        self.readers.call(move |connection| packs::held(connection, workspace))
    }

    fn collect(&self, workspace: WorkspaceId, pack: Hash, keys_before: u64) -> Reply<'_, u64> {
        self.writer.call(0, move |connection| packs::collect(connection, workspace, &pack, keys_before))
    }

    fn begin_attachment(&self, entry: AttachmentEntry) -> Reply<'_, State> {
        let quota = self.attachments_quota;
        let size = entry.hashes.len() * size_of::<Hash>();
        self.writer.call(size, move |connection| attachments::begin(connection, &entry, quota))
    }

    fn put_attachment_piece(&self, piece: AttachmentPiece) -> Reply<'_, PieceOutcome> {
        let quota = self.attachments_quota;
        self.writer.call(piece.bytes.len(), move |connection| attachments::put(connection, &piece, quota))
    }

    fn attachment_states(
        &self,
        workspace: WorkspaceId,
        attachments: Vec<AttachmentId>,
    ) -> Reply<'_, Vec<State>> {
        self.readers.call(move |connection| attachments::states(connection, workspace, &attachments))
    }

    fn attachment_pieces(
        &self,
        workspace: WorkspaceId,
        attachment: AttachmentId,
        first: u64,
        budget: u64,
    ) -> Reply<'_, Fetched> {
        self.readers
            .call(move |connection| attachments::pieces(connection, workspace, attachment, first, budget))
    }

    fn drop_attachments(&self, workspace: WorkspaceId, attachments: Vec<AttachmentId>) -> Reply<'_, ()> {
        let quota = self.attachments_quota;
        self.writer.call(0, move |connection| attachments::drop(connection, workspace, &attachments, quota))
    }

    fn collect_attachments(&self, workspace: WorkspaceId, before: u64) -> Reply<'_, u64> {
        self.writer.call(0, move |connection| attachments::collect(connection, workspace, before))
    }

    fn workspaces(&self) -> Reply<'_, Vec<WorkspaceId>> {
        self.readers.call(packs::workspaces)
    }

    fn pull(&self, ask: PullAsk) -> Reply<'_, Pull> {
        self.readers.call(move |connection| pull::pull(connection, &ask))
    }

    fn check(&self) -> Reply<'_, ()> {
        self.readers.call(schema::check)
    }

    fn close(&self) -> Reply<'_, ()> {
        Box::pin(async move {
            self.readers.close().await;
            self.writer.close().await
        })
    }
}

impl From<rusqlite::Error> for LogError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error() {
            Some(e) if e.code == ErrorCode::DiskFull => Self::Full,
            // The shared-memory index of the write-ahead log could not grow.
            Some(e) if e.extended_code == ffi::SQLITE_IOERR_SHMSIZE => Self::Full,
            Some(e) if matches!(e.code, ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                Self::Damaged("database file")
            }
            _ => Self::Backend(Box::new(error)),
        }
    }
}

/// SQLite's integers are signed; nothing that is counted here comes near the limit.
pub(crate) fn int(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// Reads an integer that was stored by [`int`].
pub(crate) fn uint(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}

/// Adds to what a workspace stores, within its quota.
fn charge(connection: &Connection, workspace: WorkspaceId, octets: u64, quota: u64) -> Result<(), LogError> {
    let held: i64 = connection
        .prepare_cached("UPDATE workspace SET bytes = bytes + ?2 WHERE workspace = ?1 RETURNING bytes")?
        .query_row((&workspace.0, int(octets)), |row| row.get(0))?;
    if uint(held) > quota { Err(LogError::Quota) } else { Ok(()) }
}
